package pagerduty

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const accountToken400 = `{"error": "Because this request was made using an account-level access token, ` +
	`we were unable to determine the user's identity. Please use a user-level token."}`

func TestChallenges(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lines []string
		want  []string
	}{
		"none":       {nil, nil},
		"empty":      {[]string{"", " , ,"}, nil},
		"one":        {[]string{`Basic realm="corp"`}, []string{"Basic"}},
		"alone":      {[]string{"NTLM"}, []string{"NTLM"}},
		"tab":        {[]string{"Basic\trealm=\"x\""}, []string{"Basic"}},
		"token68":    {[]string{"Negotiate YII=="}, []string{"Negotiate"}},
		"parameters": {[]string{`Digest realm="a", qop="auth,auth-int", nonce=x`}, []string{"Digest"}},
		"several in one line": {
			[]string{`Token realm="Application", Basic realm="x", charset="UTF-8"`},
			[]string{"Token", "Basic"},
		},
		"several lines":        {[]string{`Bearer realm="a"`, `Negotiate`}, []string{"Bearer", "Negotiate"}},
		"comma in quotes":      {[]string{`Bearer error_description="expired, Basic realm=x"`}, []string{"Bearer"}},
		"escaped quote":        {[]string{`Bearer realm="a\", Basic \"b", NTLM`}, []string{"Bearer", "NTLM"}},
		"spaces around equals": {[]string{`Token realm = "x"`}, []string{"Token"}},
		"not a challenge":      {[]string{`"quoted"`}, []string{"?"}},
		"parameter first":      {[]string{`realm="x"`}, []string{"realm"}},
		"unknown scheme":       {[]string{`AWS4-HMAC-SHA256 x=y`}, []string{"AWS4-HMAC-SHA256"}},
	} {
		if got := challenges(c.lines); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Only what PagerDuty is known to send counts as PagerDuty's.
func TestSenderOf(t *testing.T) {
	t.Parallel()
	header := func(pairs ...string) http.Header {
		h := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			h.Add(pairs[i], pairs[i+1])
		}
		return h
	}
	challenge := func(lines ...string) http.Header { return http.Header{"Www-Authenticate": lines} }
	const denied = `{"error":{"message":"Access Denied","code":2010}}`
	for name, c := range map[string]struct {
		status int
		header http.Header
		body   string
		mint   bool
		want   Sender
	}{
		"401 empty": {status: 401, want: SenderPagerDuty},
		"401 HTML": {
			status: 401, body: "<html><body>Unauthorized</body></html>", want: SenderPagerDuty,
		},
		"401 text": {status: 401, body: "HTTP Token: Access denied.", want: SenderPagerDuty},
		"401 JSON": {
			status: 401, body: `{"error":{"message":"x","code":2006}}`, want: SenderPagerDuty,
		},
		"401 Token": {
			status: 401, header: challenge(`Token realm="Application"`), want: SenderPagerDuty,
		},
		"401 Bearer": {
			status: 401, header: challenge(`bearer error="invalid_token"`), want: SenderPagerDuty,
		},
		"401 Basic":          {status: 401, header: challenge(`Basic realm="x"`), want: SenderGateway},
		"401 unknown scheme": {status: 401, header: challenge("SSO"), want: SenderGateway},
		"401 Token and Basic": {
			status: 401, header: challenge(`Token realm="a", Basic realm="b"`), want: SenderGateway,
		},
		"401 Token, Basic below": {status: 401, header: challenge("Token", "Basic"), want: SenderGateway},
		"401 with the proxy's challenge": {
			status: 401, header: header("Proxy-Authenticate", "Basic"), want: SenderGateway,
		},
		"401 of a cache":    {status: 401, header: header("Age", "7"), want: SenderGateway},
		"401 just made":     {status: 401, header: header("Age", "0"), want: SenderPagerDuty},
		"401 of Squid":      {status: 401, header: header("X-Squid-Error", "ERR 0"), want: SenderGateway},
		"401 Server: squid": {status: 401, header: header("Server", "squid/5.7"), want: SenderGateway},
		"401 Server: nginx": {status: 401, header: header("Server", "nginx"), want: SenderPagerDuty},
		"401 Zscaler":       {status: 401, body: "<html>Zscaler: blocked</html>", want: SenderGateway},
		"401 login form": {
			status: 401, body: `<form method="post" action="/login">`, want: SenderGateway,
		},
		"401 Envoy's JWT filter": {
			status: 401, header: challenge(`Bearer realm="x", error="invalid_token"`),
			body: "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections", want: SenderGateway,
		},
		"401 Azure Application Gateway": {
			status: 401, body: "<html><hr><center>Microsoft-Azure-Application-Gateway/v2</center>", want: SenderGateway,
		},
		"401 Azure": {status: 401, body: `{"statusCode":401,"message":"x"}`, want: SenderGateway},
		"401 Kong":  {status: 401, header: challenge(`Key realm="kong"`), want: SenderGateway},
		"402 PagerDuty": {
			status: 402, body: `{"error":{"message":"x","code":2012}}`, want: SenderPagerDuty,
		},
		"402 empty":             {status: 402, want: SenderUnknown},
		"403 PagerDuty":         {status: 403, body: denied, want: SenderPagerDuty},
		"403 code as a string":  {status: 403, body: `{"error":{"code":"2010"}}`, want: SenderPagerDuty},
		"403 code of 10 digits": {status: 403, body: `{"error":{"code":"9999999999"}}`, want: SenderPagerDuty},
		"403 code 0": {
			status: 403, body: `{"error":{"message":"no","code":0,"errors":["a"]}}`, want: SenderPagerDuty,
		},
		"403 errors a string": {
			status: 403, body: `{"error":{"message":"no","errors":"a"}}`, want: SenderPagerDuty,
		},
		"403 scopes": {
			status: 403, body: `{"error":{"message":"no","required_scopes":"a"}}`, want: SenderPagerDuty,
		},
		"403 scopes next to it": {
			status: 403, body: `{"error":{"message":"no"},"required_scopes":["a"]}`, want: SenderPagerDuty,
		},
		"403 message alone": {status: 403, body: `{"error":{"message":"Forbidden"}}`, want: SenderUnknown},
		"403 scopes empty": {
			status: 403, body: `{"error":{"message":"no","required_scopes":[]}}`, want: SenderUnknown,
		},
		"403 empty":          {status: 403, want: SenderUnknown},
		"403 HTML":           {status: 403, body: "<h1>403 Forbidden</h1>", want: SenderUnknown},
		"403 array":          {status: 403, body: `["Access Denied"]`, want: SenderUnknown},
		"403 error a string": {status: 403, body: `{"error":"Forbidden"}`, want: SenderUnknown},
		"403 AWS":            {status: 403, body: `{"message":"Forbidden"}`, want: SenderUnknown},
		"403 Spring": {
			status: 403, body: `{"timestamp":1,"status":403,"error":"Forbidden","path":"/"}`,
			want: SenderGateway,
		},
		"403 Google": {
			status: 403, body: `{"error":{"code":403,"message":"x","status":"PERMISSION_DENIED"}}`,
			want: SenderGateway,
		},
		"403 Azure Resource Manager": {
			status: 403, body: `{"error":{"code":"Forbidden","message":"x"}}`, want: SenderUnknown,
		},
		"403 errors are objects": {
			status: 403, body: `{"error":{"code":403,"message":"x","errors":[{"domain":"y"}]}}`,
			want: SenderUnknown,
		},
		"403 denied through Squid": {
			status: 403, body: denied, header: header("X-Squid-Error", "x"), want: SenderGateway,
		},
		"403 Envoy":      {status: 403, body: "RBAC: access denied", want: SenderGateway},
		"403 Cloudflare": {status: 403, header: header("Cf-Mitigated", "challenge"), want: SenderGateway},
		"429 PagerDuty": {
			status: 429, body: `{"error":{"message":"Rate Limit Exceeded","code":2020}}`,
			want: SenderPagerDuty,
		},
		"429 empty": {status: 429, want: SenderUnknown},
		"503 HTML":  {status: 503, body: "<html>", want: SenderUnknown},
		"mint 401 invalid_client": {
			status: 401, mint: true, header: challenge("Basic"), body: `{"error":"invalid_client"}`,
			want: SenderPagerDuty,
		},
		"mint 402 access_denied": {
			status: 402, mint: true, body: `{"error":"access_denied"}`, want: SenderUnknown,
		},
		"mint 401 Basic": {status: 401, mint: true, header: challenge("Basic"), want: SenderGateway},
		"mint 401 of Squid with a code": {
			status: 401, mint: true, header: header("X-Squid-Error", "x"), body: `{"error":"invalid_client"}`,
			want: SenderGateway,
		},
		"mint 401": {status: 401, mint: true, want: SenderPagerDuty},
		"mint 403 access_denied": {
			status: 403, mint: true, body: `{"error":"access_denied"}`, want: SenderPagerDuty,
		},
		"mint 400 Invalid scope": {
			status: 400, mint: true, body: `{"error":"Invalid scope"}`, want: SenderPagerDuty,
		},
		"mint 400":          {status: 400, mint: true, body: `{"error":"Invalid"}`, want: SenderUnknown},
		"400 Invalid scope": {status: 400, body: `{"error":"Invalid scope"}`, want: SenderUnknown},
		"mint 403 HTML":     {status: 403, mint: true, body: "<html>", want: SenderUnknown},
		"mint 429 with a code": {
			status: 429, mint: true, body: `{"error":"access_denied"}`, want: SenderUnknown,
		},
		"access_denied elsewhere": {status: 403, body: `{"error":"access_denied"}`, want: SenderUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := c.header
			if h == nil {
				h = http.Header{}
			}
			a := &answer{status: c.status, header: h, body: []byte(c.body)}
			sender, mark := senderOf(&call{mint: c.mint}, a, decodeErrorBody(a, redactor{}))
			if sender != c.want || (mark != "") != (c.want == SenderGateway) {
				t.Errorf("sender %q, mark %q, want %q", sender, mark, c.want)
			}
		})
	}
}

// A handshake alert says what it says, and no more.
func TestTLSKind(t *testing.T) {
	t.Parallel()
	for text, c := range map[string]struct {
		kind  Kind
		alert string
	}{
		"remote error: tls: handshake failure": {KindTLS, "handshake failure"},
		"remote error: tls: protocol version not supported": {
			KindTLSVersion, "protocol version not supported",
		},
		"remote error: tls: certificate required":                          {KindTLS, "certificate required"},
		"remote error: tls: unknown certificate authority":                 {KindTLS, "unknown certificate authority"},
		"remote error: tls: <b>something else</b>":                         {KindTLS, ""},
		"tls: server selected unsupported protocol version 301":            {KindTLSVersion, ""},
		"tls: server chose an unconfigured cipher suite":                   {KindTLS, ""},
		"proxyconnect tcp: remote error: tls: insufficient security level": {KindTLS, "insufficient security level"},
	} {
		if kind, alert := tlsKind(text); kind != c.kind || alert != c.alert {
			t.Errorf("%s: %s, %q; want %s, %q", text, kind, alert, c.kind, c.alert)
		}
	}
}

func TestErrnoKind(t *testing.T) {
	t.Parallel()
	for number, want := range map[syscall.Errno]Kind{
		10061: KindRefused, 10051: KindNoRoute, 10065: KindNoRoute, 10053: KindReset, 10054: KindReset,
		10060: KindTimeout, 10052: KindReset, 10064: KindNoRoute, 10050: KindNoRoute, 10013: "", 1: "",
	} {
		if got := errnoKinds[number]; got != want {
			t.Errorf("windows %d: %q, want %q", number, got, want)
		}
	}
	for number, want := range map[syscall.Errno]Kind{
		syscall.ECONNREFUSED: KindRefused, syscall.ENETUNREACH: KindNoRoute, syscall.EHOSTUNREACH: KindNoRoute,
		syscall.ECONNRESET: KindReset, syscall.EPIPE: KindReset, syscall.EACCES: "",
	} {
		if got := errnoKinds[number]; got != want {
			t.Errorf("linux %d: %q, want %q", number, got, want)
		}
	}
}

func TestAskedWait(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, c := range map[string]struct {
		header http.Header
		wait   time.Duration
		known  bool
	}{
		"none":                    {http.Header{}, 0, false},
		"seconds":                 {http.Header{"Ratelimit-Reset": {"30"}}, 30 * time.Second, true},
		"zero":                    {http.Header{"Ratelimit-Reset": {"0"}}, 0, true},
		"a point in time":         {http.Header{"Ratelimit-Reset": {"1767323045"}}, 0, false},
		"negative":                {http.Header{"Ratelimit-Reset": {"-1"}}, 0, false},
		"not a number":            {http.Header{"Ratelimit-Reset": {"NaN"}}, 0, false},
		"infinite":                {http.Header{"Ratelimit-Reset": {"Inf"}}, 0, false},
		"text":                    {http.Header{"Ratelimit-Reset": {"soon"}}, 0, false},
		"implausible, then other": {http.Header{"Ratelimit-Reset": {"1e9"}, "Retry-After": {"5"}}, 5 * time.Second, true},
		"a date": {
			http.Header{"Retry-After": {"Fri, 02 Jan 2026 03:04:35 GMT"}}, 30 * time.Second, true,
		},
		"the longer of two": {http.Header{"Ratelimit-Reset": {"0"}, "Retry-After": {"30"}}, 30 * time.Second, true},
		"a date by the server's clock": {
			http.Header{"Date": {"Fri, 02 Jan 2026 01:00:00 GMT"}, "Retry-After": {"Fri, 02 Jan 2026 01:00:30 GMT"}},
			30 * time.Second, true,
		},
		"a date that has passed": {http.Header{"Retry-After": {"Fri, 02 Jan 2026 03:04:00 GMT"}}, 0, true},
		"a date far away":        {http.Header{"Retry-After": {"Sat, 03 Jan 2026 03:04:00 GMT"}}, 0, false},
	} {
		if wait, known := askedWait(c.header, now); wait != c.wait || known != c.known {
			t.Errorf("%s: %s, %t; want %s, %t", name, wait, known, c.wait, c.known)
		}
	}
}

func TestIsAccountToken(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		accountToken400: true,
		`{"error":{"message":"... made using an account-level access token ..."}}`: true,
		`{"error":"Request blocked by an account-level security policy"}`:          false,
		`{"error":{"message":"Invalid Input"}}`:                                    false,
		`{"message":"account-level access token"}`:                                 false,
		`[]`: false, ``: false, `<html>account-level access token</html>`: false,
	} {
		if got := isAccountToken([]byte(body)); got != want {
			t.Errorf("%s: %t", strings.ReplaceAll(body, "\n", ""), got)
		}
	}
}

func TestGrantsAny(t *testing.T) {
	t.Parallel()
	const account = "as_account-us.acme"
	for name, c := range map[string]struct {
		granted []string
		want    bool
	}{
		"account and scope":     {[]string{account, "users.read"}, true},
		"account alone":         {[]string{account}, true},
		"account, other case":   {[]string{"as_account-us.ACME"}, true},
		"scope alone":           {[]string{"users.read"}, true},
		"something else":        {[]string{"openid"}, false},
		"nothing":               {nil, false},
		"another account":       {[]string{"as_account-us.other", "users.read"}, false},
		"another account too":   {[]string{account, "as_account-us.other"}, false},
		"another region":        {[]string{"as_account-eu.acme", "users.read"}, false},
		"another account alone": {[]string{"AS_ACCOUNT-us.other"}, false},
	} {
		if got := grantsAny(c.granted, account, []string{"users.read"}); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// What a grant names is judged as it came: what cannot be shown counts too.
func TestGranted(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 63)
	for name, c := range map[string]struct {
		subdomain string
		scope     string // as JSON
		token     string
		want      Kind
	}{
		"the account":            {scope: `"as_account-us.acme users.read"`},
		"separated by tabs":      {scope: `"as_account-us.acme\tusers.read\n"`},
		"a long subdomain":       {subdomain: long, scope: `"as_account-us.` + long + `"`},
		"another account":        {scope: `"users.read as_account-us.other"`, want: KindGrant},
		"another, after a tab":   {scope: `"users.read\tas_account-us.other"`, want: KindGrant},
		"another, not printable": {scope: `"users.read as_account-us.other\u200b"`, want: KindGrant},
		"another, with a path":   {scope: `"users.read as_account-us.other/x"`, want: KindGrant},
		"another, after many": {
			scope: `"` + strings.Repeat("users.read ", maxGranted) + `as_account-us.other"`, want: KindGrant,
		},
		"a list":                   {scope: `["as_account-us.acme", "users.read"]`},
		"a list with another":      {scope: `["users.read", "as_account-eu.acme"]`, want: KindGrant},
		"empty":                    {scope: `""`, want: KindGrant},
		"a number":                 {scope: `7`, want: KindGrant},
		"a token no header takes":  {scope: `"users.read"`, token: strings.Repeat("t", 1<<16), want: KindMissingObject},
		"a token with a line feed": {scope: `"users.read"`, token: `a\nb`, want: KindMissingObject},
	} {
		if c.subdomain == "" {
			c.subdomain = "acme"
		}
		if c.token == "" {
			c.token = "minted-0123456789"
		}
		app := App{ClientID: "id", ClientSecret: NewSecret("client-secret-0123"), Region: "us", Subdomain: c.subdomain}
		r := &call{method: http.MethodPost, path: mintPath, mint: true, secrets: []Secret{app.ClientSecret}}
		body := `{"access_token":"` + c.token + `","token_type":"bearer","scope":` + c.scope + `}`
		client := NewClient(Config{BaseURL: &url.URL{Scheme: "https", Host: "identity.example"}})
		a := &answer{status: 200, body: []byte(body), header: http.Header{}}
		g, err := client.granted(r, a, app, []string{"users.read"})
		var failed *Error
		switch {
		case errors.As(err, &failed):
			if failed.Kind != c.want || !g.AccessToken.IsZero() {
				t.Errorf("%s: %s, want %q", name, failed.Kind, c.want)
			}
			if strings.HasPrefix(name, "another") && !slices.ContainsFunc(g.Scopes, IsAccountScope) {
				t.Errorf("%s: the scopes do not say so: %q", name, g.Scopes[:min(len(g.Scopes), 5)])
			}
		case c.want != "":
			t.Errorf("%s: granted, want %s", name, c.want)
		}
	}
}
