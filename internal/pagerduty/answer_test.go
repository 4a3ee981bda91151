package pagerduty_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

const (
	saidUser  = `{"user":{"id":"P1","name":"Ada","role":"admin","html_url":"https://acme.pagerduty.com/users/P1"}}`
	saidUsers = `{"users":[{"id":"P1","html_url":"https://acme.pagerduty.com/users/P1"}]}`
	saidGrant = `{"access_token":"{MINTED}","token_type":"bearer","scope":"as_account-us.acme users.read"}`

	// accountToken400Text has as much of PagerDuty's text as is recognized.
	accountToken400Text = `{"error":"Because this request was made using an account-level access token, no."}`

	next = "\n---\n" // separates the answers of a script
)

// afterTalk is what a check reports after a server has said a script.
func afterTalk(t *testing.T, server *conversation, script string, app bool) preflight.Report {
	t.Helper()
	server.begin(script)
	base := &url.URL{Scheme: "https", Host: server.listener.Addr().String()}
	client := pagerduty.WithoutWaiting(pagerduty.NewClient(pagerduty.Config{
		BaseURL: base, UserAgent: "test", ExtraCAs: server.ca, MaxRetries: retries, Timeout: 5 * time.Second,
	}))
	checker := &preflight.Checker{
		API: client, Minter: pagerduty.WithoutWaiting(client.At(base)), Region: "us", Timeout: 5 * time.Second,
	}
	cred := preflight.Credential{Kind: preflight.KindToken, Value: pagerduty.NewSecret(saidToken)}
	if app {
		cred = preflight.Credential{
			Kind: preflight.KindAppOAuth, Value: pagerduty.NewSecret(saidSecret),
			OAuth: &preflight.OAuthApp{ClientID: "id-0123456789", Region: "us", Subdomain: "acme"},
		}
	}
	return checker.Check(t.Context(), cred, preflight.Expectations{})
}

// PagerDuty's names are written in one way and come once. encoding/json takes any case
// and the last of two.
func TestCheck_inexactJSON(t *testing.T) {
	server := startConversation(t)
	account := http11("400 Bad Request", "", accountToken400Text)
	for name, c := range map[string]struct {
		script string
		app    bool
	}{
		"User":              {script: http11("200 OK", "", strings.Replace(saidUser, `"user"`, `"User"`, 1))},
		"ID":                {script: http11("200 OK", "", strings.Replace(saidUser, `"id"`, `"ID"`, 1))},
		"long s":            {script: http11("200 OK", "", strings.Replace(saidUser, `"user"`, "\"u\u017fer\"", 1))},
		"escaped":           {script: http11("200 OK", "", strings.Replace(saidUser, `"user"`, `"\u0055ser"`, 1))},
		"two users":         {script: http11("200 OK", "", `{"user":null,`+saidUser[1:])},
		"two addresses":     {script: http11("200 OK", "", strings.Replace(saidUser, `"id"`, `"html_url":"","id"`, 1))},
		"an error and none": {script: http11("200 OK", "", `{"error":{"message":"no"},"error":null,`+saidUser[1:])},
		"errors":            {script: http11("200 OK", "", `{"errors":[{"message":"no"}],`+saidUser[1:])},
		"Users":             {script: account + next + http11("200 OK", "", strings.Replace(saidUsers, "users", "Users", 1))},
		"Access_Token": {
			script: http11("200 OK", "", strings.Replace(saidGrant, "access", "Access", 1)) + next +
				http11("200 OK", "", saidUsers),
			app: true,
		},
		"two scopes": {
			script: http11("200 OK", "", `{"scope":"as_account-us.other",`+saidGrant[1:]) + next +
				http11("200 OK", "", saidUsers),
			app: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := afterTalk(t, server, c.script, c.app)
			if r.Status != preflight.UnexpectedResponse || r.Failure.Kind != pagerduty.KindMissingObject {
				t.Errorf("%s (%+v), want %s", r.Status, r.Failure, preflight.UnexpectedResponse)
			}
		})
	}
	// Names that nobody reads are PagerDuty's business.
	for _, more := range []string{
		`"Locale":1,"locale":2,`, `"x":{"y":[1e999,-0]},`, `"errors":[],`, `"errors":null,"error":null,`,
	} {
		r := afterTalk(t, server, http11("200 OK", "", "{"+more+saidUser[1:]), false)
		if r.Status != preflight.Valid {
			t.Errorf("%s: %s (%+v)", more, r.Status, r.Failure)
		}
	}
}

// A cache's answer was given to an earlier request, and judged that one's credential.
func TestCheck_cached(t *testing.T) {
	server := startConversation(t)
	for header, want := range map[string]preflight.Status{
		"Age: 30":                                  preflight.UnexpectedResponse,
		"Age: 99999999999999999999":                preflight.UnexpectedResponse,
		"Age: 30, 40":                              preflight.UnexpectedResponse,
		"Age: 0\r\nAge: 30":                        preflight.UnexpectedResponse,
		"Age: +30":                                 preflight.UnexpectedResponse,
		"Age: 0\r\nX-Cache-Status: HIT":            preflight.UnexpectedResponse,
		"X-Cache: HIT from proxy.example":          preflight.UnexpectedResponse,
		"X-Cache: MISS, HIT":                       preflight.UnexpectedResponse,
		"X-Cache: RefreshHit from cloudfront":      preflight.UnexpectedResponse,
		"Cache-Status: Origin; fwd=miss, Edge;hit": preflight.UnexpectedResponse,
		"X-Cache-Status: STALE":                    preflight.UnexpectedResponse,
		"Cf-Cache-Status: UPDATING":                preflight.UnexpectedResponse,
		"X-Nginx-Cache: REVALIDATED":               preflight.UnexpectedResponse,
		"X-Fastcgi-Cache: HIT":                     preflight.UnexpectedResponse,
		"X-Cache: TCP_REFRESH_FAIL_HIT; x":         preflight.UnexpectedResponse,
		"X-Cache-Lookup: HIT from squid:3128":      preflight.Valid,
		"X-Cache-Status: BYPASS":                   preflight.Valid,
		"Cache-Control: private, stale":            preflight.Valid,
		"Cdn-Cache-Control: stale-if-error=9":      preflight.Valid,
		"Age: 0":                                   preflight.Valid,
		"Age: ":                                    preflight.Valid,
		"Age: 00":                                  preflight.Valid,
		"X-Cache: MISS from hit.example":           preflight.Valid,
		"Cache-Status: Edge; fwd=uri-miss":         preflight.Valid,
		"Cache-Status: Edge; fwd=stale; stored":    preflight.Valid,
		"X-Rack-Cache: stale, invalid, store":      preflight.Valid,
		"Cf-Cache-Status: DYNAMIC":                 preflight.Valid,
	} {
		r := afterTalk(t, server, http11("200 OK", header+"\r\n", saidUser), false)
		if r.Status != want || want != preflight.Valid && (r.Failure.Sender != pagerduty.SenderGateway || !r.Failure.Cached) {
			t.Errorf("%q: %s (%+v), want %s", header, r.Status, r.Failure, want)
		}
	}
}

// The same holds for an access token, and one next to an error is none.
func TestMint_earnsNothing(t *testing.T) {
	server := startConversation(t)
	for name, answer := range map[string]string{
		"cached":           http11("200 OK", "Age: 30\r\n", saidGrant),
		"next to an error": http11("200 OK", "", `{"error":"invalid_client",`+saidGrant[1:]),
	} {
		r := afterTalk(t, server, answer+next+http11("200 OK", "", saidUsers), true)
		if r.Status != preflight.UnexpectedResponse || !r.Minting || len(server.said()) != 1 {
			t.Errorf("%s: %s after %d requests (%+v)", name, r.Status, len(server.said()), r.Failure)
		}
	}
	for _, more := range []string{`"error":null,`, `"errors":[],`} {
		r := afterTalk(t, server, http11("200 OK", "", "{"+more+saidGrant[1:])+next+http11("200 OK", "", saidUsers), true)
		if r.Status != preflight.Valid {
			t.Errorf("%s: %s (%+v)", more, r.Status, r.Failure)
		}
	}
}

// Five statuses point elsewhere, and a path alone points to the host that was asked.
func TestCheck_redirect(t *testing.T) {
	server := startConversation(t)
	redirect, status := pagerduty.KindRedirect, pagerduty.KindStatus
	here := server.listener.Addr().String()
	for answer, want := range map[string]struct {
		kind  pagerduty.Kind
		to    string
		plain bool
	}{
		http11("302 Found", "Location: https://login.example/x\r\n", ""):      {redirect, "login.example", false},
		http11("301 Moved", "Location: //login.example/x\r\n", ""):            {redirect, "login.example", false},
		http11("307 Temporary", "Location: http://login.example\r\n", ""):     {redirect, "login.example", true},
		http11("303 See Other", "Location: /login?next={TOKEN}\r\n", ""):      {redirect, here, false},
		http11("308 Permanent", "Location: https://{TOKEN}.example/\r\n", ""): {redirect, "", false},
		http11("302 Found", "", ""):                                           {redirect, "", false},
		http11("302 Found", "Location: mailto:it@example.com\r\n", ""):        {redirect, "", false},
		http11("304 Not Modified", "", ""):                                    {status, "", false},
		http11("300 Multiple Choices", "", ""):                                {status, "", false},
		http11("305 Use Proxy", "Location: https://p.example\r\n", ""):        {status, "", false},
	} {
		r := afterTalk(t, server, answer, false)
		f := r.Failure
		if r.Status != preflight.UnexpectedResponse || f.Kind != want.kind || f.RedirectHost != want.to ||
			f.RedirectPlain != want.plain || len(server.said()) != 1 {
			t.Errorf("%q: %s, %s to %q, plain %t", answer, r.Status, f.Kind, f.RedirectHost, f.RedirectPlain)
		}
	}
}

// A body that cannot be decoded is no lost connection and no other protocol than HTTP: the
// status and the headers were read.
func TestCheck_garbled(t *testing.T) {
	server := startConversation(t)
	const unexpected, gzipped = preflight.UnexpectedResponse, "Content-Encoding: gzip\r\n"
	chunked := func(status, body string) string {
		return "HTTP/1.1 " + status + "\r\nTransfer-Encoding: chunked\r\n\r\n" + body
	}
	var compressed strings.Builder
	w := gzip.NewWriter(&compressed)
	_, _ = w.Write([]byte(saidUser))
	_ = w.Close()
	whole := compressed.String()
	for name, c := range map[string]struct {
		script     string
		status     preflight.Status
		httpStatus int
		kind       pagerduty.Kind
	}{
		"whole": {script: http11("200 OK", gzipped, whole), status: preflight.Valid, httpStatus: 200},
		"not compressed": {
			script: http11("200 OK", gzipped, saidUser),
			status: unexpected, httpStatus: 200, kind: pagerduty.KindNotJSON,
		},
		"wrong checksum": {
			script: http11("200 OK", gzipped, whole[:len(whole)-4]+"1234"),
			status: unexpected, httpStatus: 200, kind: pagerduty.KindNotJSON,
		},
		"corrupt": {
			script: http11("200 OK", gzipped, whole[:10]+"\xff\xff"+whole[12:]),
			status: unexpected, httpStatus: 200, kind: pagerduty.KindNotJSON,
		},
		"no chunk": {
			script: chunked("200 OK", "zz\r\n"+saidUser),
			status: unexpected, httpStatus: 200, kind: pagerduty.KindNotJSON,
		},
		"403": {
			script: http11("403 Forbidden", gzipped, "<html>no</html>"),
			status: unexpected, httpStatus: 403, kind: pagerduty.KindStatus,
		},
		"403 in no chunk": {
			script: chunked("403 Forbidden", "zz\r\n"),
			status: unexpected, httpStatus: 403, kind: pagerduty.KindStatus,
		},
		"401": {
			script: http11("401 Unauthorized", gzipped, "no"),
			status: preflight.Unauthorized, httpStatus: 401, kind: pagerduty.KindStatus,
		},
		"two lengths": {
			script: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
			status: unexpected, kind: pagerduty.KindNotHTTP,
		},
		"no length": {
			script: "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nhello!",
			status: unexpected, kind: pagerduty.KindNotHTTP,
		},
		"unknown transfer": {
			script: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello!",
			status: unexpected, kind: pagerduty.KindNotHTTP,
		},
		"no status": {script: http11("000 None", "", saidUser), status: unexpected, kind: pagerduty.KindNotHTTP},
		"broken off": {
			script: "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + saidUser,
			status: preflight.Unreachable, kind: pagerduty.KindReset,
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := afterTalk(t, server, c.script, false)
			var kind pagerduty.Kind
			if r.Failure != nil {
				kind = r.Failure.Kind
			}
			if r.Status != c.status || r.HTTPStatus != c.httpStatus || kind != c.kind {
				t.Errorf("%s (%d, %s), want %s (%d, %s)", r.Status, r.HTTPStatus, kind, c.status, c.httpStatus, c.kind)
			}
		})
	}
}

// A client ID is the secret where somebody swapped the two, and servers quote it.
func TestMint_quotedClientID(t *testing.T) {
	server := startConversation(t)
	const (
		quoting  = `{"error":"invalid_client","error_description":"no client `
		quotedID = "wrongly-placed-qzxkv"
	)
	base := &url.URL{Scheme: "https", Host: server.listener.Addr().String()}
	client := pagerduty.NewClient(pagerduty.Config{
		BaseURL: base, UserAgent: "test", ExtraCAs: server.ca,
		Log: func(_ context.Context, _ string, fields map[string]any) {
			if strings.Contains(fmt.Sprint(fields), quotedID) {
				t.Error("the client ID is in a line of the log")
			}
		},
	})
	const header = "X-Request-Id: " + quotedID + "\r\n"
	for name, script := range map[string]string{
		"message":      http11("401 Unauthorized", "", quoting+quotedID+`"}`),
		"request ID":   http11("401 Unauthorized", header, quoting+`"}`),
		"broken off":   "HTTP/1.1 401 Unauthorized\r\n" + header + "Content-Length: 99\r\n\r\n" + quoting,
		"no grant":     http11("200 OK", header, `{"access_token":"{MINTED}","token_type":"bearer","scope":"openid"}`),
		"no token":     http11("200 OK", header, `{"access_token":"{MINTED}","token_type":"mac"}`),
		"cache header": http11("200 OK", "X-Cache-"+quotedID+": hit\r\n", strings.Repeat(" ", 1<<20+1)),
	} {
		t.Run(name, func(t *testing.T) {
			server.begin(script)
			_, err := client.Mint(t.Context(), pagerduty.App{
				ClientID: quotedID, ClientSecret: pagerduty.NewSecret(saidSecret), Region: "us", Subdomain: "acme",
			}, nil)
			e := asked(t, err)
			if strings.Contains(strings.ToLower(fmt.Sprintf("%+v", *e)), quotedID) {
				t.Errorf("the client ID is in an error of the kind %s", e.Kind)
			}
		})
	}
}

// A 401 is not PagerDuty's word where its body has the form of another's errors, or where
// a challenge cannot be read.
func TestCheck_foreign401(t *testing.T) {
	server := startConversation(t)
	const no, yes = preflight.UnexpectedResponse, preflight.Unauthorized
	for answer, want := range map[string]preflight.Status{
		http11("401 Unauthorized", "", `{"fault":{"faultstring":"Invalid ApiKey"}}`):                       no,
		http11("401 Unauthorized", "", `{"type":"about:blank","title":"Unauthorized","status":401}`):       no,
		http11("401 Unauthorized", "", `{"kind":"Status","apiVersion":"v1","code":401}`):                   no,
		http11("401 Unauthorized", "", `<meta http-equiv='refresh' content='0;url=http://portal'>`):        no,
		http11("401 No", "WWW-Authenticate: Bearer realm=\"x, Basic realm=\"y\"\r\n", ""):                  no,
		http11("401 No", "WWW-Authenticate: Bearer realm=\"x\r\nWWW-Authenticate: Negotiate\r\n", ""):      no,
		http11("401 No", "WWW-Authenticate: Bearer realm=\"x\", Token realm=\"a, \\\"Basic\\\"\"\r\n", ""): yes,
		http11("401 Unauthorized", "", `{"error":"title","status":"no"}`):                                  yes,
		http11("401 Unauthorized", "", `{"error":{"message":"fault","code":2006}}`):                        yes,
	} {
		if r := afterTalk(t, server, answer, false); r.Status != want {
			t.Errorf("%q: %s, want %s", answer, r.Status, want)
		}
	}
}

// A gateway that says more than its Content-Length does not answer the next request with the
// rest. Over one connection it did, once in thousands of checks.
func TestCheck_desync(t *testing.T) {
	log.SetOutput(io.Discard) // net/http quotes the rest there, as main's discarded logger
	server := startConversation(t)
	for _, rest := range []string{"", http11("200 OK", "", saidUsers)} {
		before := server.connections.Load()
		r := afterTalk(t, server, "K"+http11("400 Bad Request", "", accountToken400Text)+rest+next+
			http11("401 Unauthorized", "", ""), false)
		if n := server.connections.Load() - before; r.Status != preflight.Unauthorized || n != 2 {
			t.Errorf("%s over %d connections", r.Status, n)
		}
	}
}
