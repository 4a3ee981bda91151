package pagerduty_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// users returns the body of /users with users of these accounts.
func users(accounts ...string) string {
	var all []string
	for _, account := range accounts {
		all = append(all, `{"id":"P1","type":"user","html_url":"https://`+account+`.pagerduty.com/users/P1"}`)
	}
	return `{"users":[` + strings.Join(all, ",") + `]}`
}

func zipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}

// A 200 counts only if it is PagerDuty's object, whole and alone.
func TestCurrentUser_accepted(t *testing.T) {
	t.Parallel()
	const zip, chunked = "Content-Encoding: gzip\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n"
	whole, rest := zipped(userBody), fmt.Sprintf("\r\n%x\r\n%s\r\n0\r\n\r\n", len(userBody)-8, userBody[8:])
	ok := func(header, body string) string { return http11("200 OK", header, body) }
	with := func(old, replacement string) string { return ok("", strings.Replace(userBody, old, replacement, 1)) }
	s := startServer(t)
	for want, responses := range map[pagerduty.Kind][]string{
		"": { // a user
			ok("", userBody), "HTTP/1.1 100 Continue\r\n\r\n" + ok("", userBody), with(`"user"`, `"\u0075ser"`),
			with(`{"user"`, `{"Locale":1,"locale":[1e99],"errors":[],"error":null,"user"`), ok(zip, whole),
			chunked + userBody[:8] + rest,
		},
		pagerduty.KindMissingObject: {
			with(`"type":"user",`, ``), with(`"type":"user"`, `"type":"user_reference"`), with(`"id":"P1"`, `"login":"ada"`),
			with(`"id":"P1"`, `"id":" \u00a0"`), with(`"id":"P1"`, `"id":7`), with(`"id":"P1"`, `"id":["P1"]`),
			with(`"user"`, `"User"`), with(`"id"`, `"ID"`), with(`"type"`, `"Type"`), with(`{"user"`, "{\"u\u017fer\""),
			ok("", `{"user":[]}`), ok("", `{"user":null}`), ok("", `{}`),
		},
		pagerduty.KindErrorObject: {
			with(`{"user"`, `{"error":{"message":"no"},"user"`), with(`{"user"`, `{"errors":["no"],"user"`),
			with(`{"user"`, `{"errors":{},"user"`), ok("", deniedBody),
		},
		pagerduty.KindNotJSON: {
			ok("", ""), ok("", "<html>"), ok("", "["+userBody+"]"), ok("", userBody+"{}"), ok("", "\ufeff"+userBody),
			ok(zip, userBody), ok(zip, whole[:60]), ok(zip, whole[:60]+"\xff\xff"+whole[62:]),
			ok("Content-Encoding: br\r\n", userBody), chunked[:len(chunked)-3] + "zz\r\n" + userBody,
		},
		pagerduty.KindTooLarge: {
			ok("", userBody+strings.Repeat(" ", 1<<20)), ok(zip, zipped(strings.Repeat(" ", 64<<20))),
		},
		pagerduty.KindReset: {
			"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + userBody, chunked + userBody[:8] + "\r\n",
		},
		pagerduty.KindStatus: {
			http11("201 Created", "", userBody), "HTTP/1.1 204 No Content\r\n\r\n", http11("206 Part", "", userBody),
			keep + "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", // left open
		},
		pagerduty.KindNotHTTP: {http11("000 None", "", userBody)},
	} {
		for _, response := range responses {
			s.respond(response)
			user, e := currentUser(t, s)
			if kindOf(e) != want || (user != nil) != (want == "") || e != nil && e.Sender != pagerduty.SenderUnknown {
				t.Errorf("%.300q: %q and %v, want %q", response, kindOf(e), user, want)
			}
		}
	}
}

// The calendar URLs of a user are credentials and stay behind.
func TestCurrentUser_fields(t *testing.T) {
	t.Parallel()
	s := startServer(t, http11("200 OK", hexID, `{"user":{"id":"P1","type":"user","name":"Ada","email":"a@b.example",`+
		`"role":"read_only_user","html_url":null,"http_cal_url":"https://x","web_cal_url":"webcal://x",`+
		`"created_via_sso":"no","teams":[{"id":"T1","type":"team_reference","summary":"Ops"},`+
		`{"id":"T2","name":"Dev","summary":"x"},{"name":"no ID"},7]}}`))
	identity, err := s.open(t).CurrentUser(within(t, time.Minute), apiToken())
	want := &pagerduty.User{
		ID: "P1", Name: "Ada", Email: "a@b.example", Role: "read_only_user",
		Teams: []pagerduty.Team{{ID: "T1", Name: "Ops"}, {ID: "T2", Name: "Dev"}},
	}
	if err != nil || !reflect.DeepEqual(identity.User, want) || want.CanBeOnCall() || len(identity.RequestID) != 32 {
		t.Errorf("%+v, %v, want %+v", identity, err, want)
	}
}

// Only another request shows whether a token that belongs to no user is valid.
func TestCurrentUser_noUser(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	for body, account := range map[string]bool{
		accountBody: true, `{"error":{"message":"made using an Account-level access token"}}`: true,
		`{"error":"an account-level policy"}`: false, `{"message":"account-level access token"}`: false, `{}`: false,
	} {
		s.respond(http11("400 Bad Request", "", body))
		identity, err := s.open(t).CurrentUser(within(t, time.Minute), apiToken())
		if err != nil || identity.User != nil || identity.AccountToken != account {
			t.Errorf("%s: %+v, %v, want an account token %t", body, identity, err, account)
		}
	}
	for _, response := range []string{
		http11("400 No", "", ""), http11("400 No", "", "<html>account-level access token"), http11("400 No", "", "[]"),
		http11("400 No", "Age: 3\r\n", accountBody), http11("404 No", "", accountBody),
	} {
		s.respond(response)
		if _, e := currentUser(t, s); kindOf(e) != pagerduty.KindStatus {
			t.Errorf("%q: %q, want an error", response, kindOf(e))
		}
	}
}

// An account has an owner: a list without a user in PagerDuty's form is another API's.
func TestUsers(t *testing.T) {
	t.Parallel()
	const stakeholder = `{"id":"P9","type":"user","role":"read_only_limited_user"}`
	s := startServer(t)
	for body, want := range map[string]pagerduty.Directory{
		usersBody:             {Subdomain: "acme", Region: "us", Accounts: []string{"acme"}, OnCall: "P1"},
		users("ACME", "acme"): {Subdomain: "acme", Region: "us", Accounts: []string{"acme"}, OnCall: "P1"},
		users("acme.eu"):      {Subdomain: "acme", Region: "eu", Accounts: []string{"acme.eu"}, OnCall: "P1"},
		users("acme", "beta"): {Accounts: []string{"acme", "beta"}, OnCall: "P1"},
		users("api"):          {OnCall: "P1"},
		`{"users":[` + stakeholder + `,{"id":7},null,{"id":"P2","type":"user","html_url":null}]}`: {OnCall: "P2"},
		`{"users":[` + stakeholder + `]}`: {},
	} {
		s.respond(http11("200 OK", "", body))
		d, err := s.open(t).Users(within(t, time.Minute), apiToken(), 100)
		if err != nil || !reflect.DeepEqual(d, want) {
			t.Errorf("%s: %+v, %v, want %+v", body, d, err, want)
		}
	}
	for _, body := range []string{
		`{"users":[]}`, `{"users":null}`, `{}`, `{"users":{"id":"P1","type":"user"}}`, `{"users":[null,[]]}`,
		`{"users":[{"id":"P1"}]}`, `{"users":[{"id":7,"type":"user"}]}`, `{"users":[{"id":"1","type":"User"}]}`,
		`{"Users":[{"id":"P1","type":"user"}]}`, `{"users":[{"login":"root","type":"user"}]}`, userBody,
	} {
		s.respond(http11("200 OK", "", body))
		_, err := s.open(t).Users(within(t, time.Minute), apiToken(), 1)
		if kind := kindOf(failureOf(t, err)); kind != pagerduty.KindMissingObject {
			t.Errorf("%s: %q, want a missing object", body, kind)
		}
	}
}

// Only what PagerDuty computes proves write access, and only its own 403 denies it.
func TestPreviewSchedule(t *testing.T) {
	t.Parallel()
	denied := func(code string) string {
		return http11("403 Forbidden", hexID, `{"error":{"message":"no","code":`+code+`}}`)
	}
	schedule := func(inside string) string { return http11("200 OK", "", `{"schedule":{`+inside+`}}`) }
	s := startServer(t, http11("200 OK", "", previewBody))
	_, _ = s.open(t).PreviewSchedule(within(t, time.Minute), apiToken(), "P1")
	sent, _, _ := s.seen()
	_, echo, _ := strings.Cut(sent[0], "\r\n\r\n")
	for want, responses := range map[string][]string{
		"allowed": {
			http11("200 OK", "", previewBody), schedule(`"final_schedule":{"rendered_coverage_percentage":0}`),
			schedule(`"schedule_layers":[{"rendered_schedule_entries":[{"start":"x"}]}]`),
		},
		"denied": {
			denied("2010"), http11("403 Forbidden", hexID, `{"error":{"message":"Read-only API Key"}}`),
			http11("403 Forbidden", hexID, scopesNeeded),
		},
		"": {
			denied("2006"), denied("2007"), denied("2008"), denied("2009"), denied("2012"), denied("2013"), denied("2014"),
			http11("403 Forbidden", "", deniedBody), http11("403 Forbidden", hexID, `{"message":"Forbidden"}`),
			http11("403 Forbidden", hexID, "<html>"), http11("403 Forbidden", hexID+"X-Squid-Error: x\r\n", deniedBody),
			"HTTP/1.1 403 Forbidden\r\n" + hexID + "Content-Length: 99\r\n\r\n" + deniedBody,
			http11("401 No", hexID, deniedBody), http11("402 No", hexID, deniedBody), http11("400 No", hexID, deniedBody),
			http11("201 Created", "", previewBody), http11("200 OK", "X-Cache: HIT\r\n", previewBody),
			http11("200 OK", "", `{"error":"no",`+previewBody[1:]), http11("200 OK", "", `{"schedule":null}`),
			http11("200 OK", "", `{"schedule":[]}`), schedule(``), schedule(`"id":"S1","schedule_layers":[{"id":"L1"}]`),
			schedule(`"final_schedule":{"rendered_schedule_entries":[],"rendered_coverage_percentage":null}`),
			http11("200 OK", "", echo), // of a mock server
		},
	} {
		for _, response := range responses {
			s.respond(response)
			ok, err := s.open(t).PreviewSchedule(within(t, time.Minute), apiToken(), "P1")
			got := map[bool]string{true: "allowed", false: "denied"}[ok]
			if err != nil {
				got = ""
			}
			if got != want || err != nil && ok {
				t.Errorf("%q: %q (%v), want %q", response, got, err, want)
			}
		}
	}
}

func TestAccountOf(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][2]string{
		"https://acme.pagerduty.com/users/P1": {"acme", "us"}, "https://ACME.PagerDuty.com/users/P1": {"acme", "us"},
		"https://acme.eu.pagerduty.com/users/P1": {"acme", "eu"}, "https://acme-2.pagerduty.com": {"acme-2", "us"},
		"http://acme.pagerduty.com/users/P1": {}, "https://acme.pagerduty.com.evil.example": {},
		"https://evilpagerduty.com/users/P1": {}, "https://a.b.pagerduty.com/users/P1": {}, "https://pagerduty.com": {},
		"https://eu.pagerduty.com/users/P1": {}, "https://www.pagerduty.com/users/P1": {},
		"https://api.eu.pagerduty.com/users/P1": {}, "https://acme.pagerduty.com:443/users/P1": {},
		"https://u:p@acme.pagerduty.com/users/P1": {}, "https://-acme.pagerduty.com": {}, "https://a_b.pagerduty.com": {},
		// Lookalikes whose lower case is ASCII, or which fold to ASCII.
		"https://\u212aim.pagerduty.com/users/P1": {}, "https://bo\u017fs.pagerduty.com/users/P1": {},
		"https://" + strings.Repeat("a", 64) + ".pagerduty.com": {}, "": {}, "%": {}, "acme": {},
	} {
		if subdomain, region := pagerduty.AccountOf(in); [2]string{subdomain, region} != want {
			t.Errorf("AccountOf(%q) = %q, %q, want %q", in, subdomain, region, want)
		}
	}
	for s, want := range map[string]bool{
		"acme": true, "A-1": true, strings.Repeat("a", 63): true, strings.Repeat("a", 64): false, "": false, "-a": false,
		"a-": false, "a.b": false, "a b": false, "\u00e4": false, "acme\n": false,
	} {
		if pagerduty.ValidSubdomain(s) != want {
			t.Errorf("ValidSubdomain(%q) = %t", s, !want)
		}
	}
}

// Only the host of a redirect's target comes out.
func TestRedirect(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	const redirect = "redirect to "
	for status, want := range map[string]string{
		"302 No\r\nLocation: https://login.example/x?token=" + token: redirect + "login.example",
		"301 No\r\nLocation: //login.example/x":                      redirect + "login.example",
		"307 No\r\nLocation: http://login.example:8080":              redirect + "login.example:8080, plain",
		"303 No\r\nLocation: /login?next=" + token:                   redirect + s.url.Host,
		"308 No\r\nLocation: https://" + token[2:] + ".example/":     redirect,
		"302 No\r\nLocation: https://login.example%0a/":              redirect,
		"302 No\r\nLocation: mailto:it@example.com":                  redirect,
		"302 No": redirect, "304 No\r\nLocation: https://x.example": "status to ", "300 No\r\nLocation: /": "status to ",
	} {
		s.respond("HTTP/1.1 " + status + "\r\n\r\n")
		_, e := currentUser(t, s, retries(2))
		got := string(e.Kind) + " to " + e.RedirectHost + map[bool]string{true: ", plain"}[e.RedirectPlain]
		if got != want || len(e.Attempts) != 1 {
			t.Errorf("%q: %q after %d attempts, want %q", status, got, len(e.Attempts), want)
		}
	}
}

// PagerDuty's list of errors follows its message, within one bound.
func TestErrorBody(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	for body, want := range map[string]pagerduty.ErrorBody{
		`{"message":"Invalid Input Provided.","code":2001,"errors":["Name is taken","","Name is taken"]}`: {
			Code: 2001, Message: "Invalid Input Provided: Name is taken",
		},
		`{"code":"2012","errors":["a","b"]}`:                  {Code: 2012, Message: "a: b"},
		`{"message":"no","errors":"why"}`:                     {Message: "no: why"},
		`{"message":"no","errors":{"b":["y"],"a":"x"}}`:       {Message: "no: x; y"},
		`{"message":"a\u0000\u202e\n b","code":9999999}`:      {Code: 99_999, Message: "a b"},
		`{"message":"` + strings.Repeat("\u00e9", 300) + `"}`: {Message: strings.Repeat("\u00e9", 200) + "..."},
		`{"message":"no","required_scopes":["users.read","a b","<b>"],"token_scopes":"x.read"}`: {
			Message: "no", RequiredScopes: []string{"users.read", "a", "b"}, TokenScopes: []string{"x.read"},
		},
	} {
		s.respond(http11("403 Forbidden", hexID, `{"error":`+body+`}`))
		if _, e := currentUser(t, s); !reflect.DeepEqual(e.Body, want) {
			t.Errorf("%s: %+v, want %+v", body, e.Body, want)
		}
	}
}

// A grant counts if its token can be sent, and its scopes are for this account.
func TestMint(t *testing.T) {
	t.Parallel()
	granted := func(scope string) string {
		return `{"access_token":"` + minted + `","token_type":"bearer","scope":` + scope + `}`
	}
	with := func(old, replacement string) string { return strings.Replace(grantBody, old, replacement, 1) }
	access := func(value string) string { return with(`"`+minted+`"`, value) }
	s := startServer(t)
	mint := func(app pagerduty.App, body string) (pagerduty.Grant, pagerduty.Kind) {
		s.respond(http11("200 OK", hexID, body))
		g, err := s.open(t).Mint(within(t, time.Minute), app, []string{"users.read"})
		e := failureOf(t, err)
		if g.AccessToken.IsZero() != (e != nil) || kindOf(e) == pagerduty.KindGrant && e.Sender != pagerduty.SenderPagerDuty {
			t.Errorf("%.300s: %v with the access token %q", body, err, g.AccessToken.Reveal())
		}
		return g, kindOf(e)
	}
	for body, want := range map[string]string{
		grantBody: "as_account-us.acme users.read", granted(`"as_account-us.acme"`): "as_account-us.acme",
		granted(`"AS_ACCOUNT-us.ACME"`): "AS_ACCOUNT-us.ACME", granted(`"users.read openid"`): "users.read openid",
		granted(`"as_account-us.acme\tusers.read,x\n"`):           "as_account-us.acme users.read x",
		granted(`["as_account-us.acme","users.read"]`):            "as_account-us.acme users.read",
		granted(`"users.read ` + other + " " + minted[5:] + `"`):  "users.read",
		access(`"` + strings.Repeat("t", 8<<10) + `"`):            "as_account-us.acme users.read",
		`{"access_token":"` + minted + `","token_type":"Bearer"}`: "",
	} {
		g, kind := mint(app, body)
		if kind != "" || strings.Join(g.Scopes, " ") != want || (g.Scopes == nil) != (want == "") {
			t.Errorf("%.300s: %q, scopes %q, want %q", body, kind, g.Scopes, want)
		}
	}
	for want, bodies := range map[pagerduty.Kind][]string{
		pagerduty.KindGrant: {
			granted(`""`), granted(`[]`), granted(`"openid"`), granted(`"as_account-us.other users.read"`),
			granted(`"as_account-us.acme as_account-us.other"`), granted(`["users.read","As_account-eu.acme"]`),
			granted(`"users.read as_account-us.acme\u200b"`),
			granted(`"` + strings.Repeat("users.read ", 5000) + `as_account-us.other"`),
		},
		pagerduty.KindMissingObject: {
			granted(`null`), granted(`7`), granted(`["users.read",7]`), granted(`{"users.read":true}`),
			with("token_type", "type"), with("bearer", "mac"), with("access_token", "Access_Token"), access(`7`), access(`""`),
			access(`"a\r\nb"`), access(`"a b"`), access(`"\u00e9"`), access(`"` + strings.Repeat("t", 8<<10+1) + `"`),
		},
		pagerduty.KindEcho:        {access(`"` + secret + `"`), access(`"` + other + `"`), access(`"x` + secret[5:20] + `"`)},
		pagerduty.KindErrorObject: {`{"error":"invalid_client",` + grantBody[1:]},
		pagerduty.KindNotJSON:     {"access_token=" + minted + "&token_type=bearer"},
	} {
		for _, body := range bodies {
			if _, kind := mint(app, body); kind != want {
				t.Errorf("%.300s: %q, want %q", body, kind, want)
			}
		}
	}
	short := pagerduty.App{ClientID: "id", ClientSecret: pagerduty.NewSecret("s3crt"), Region: "us", Subdomain: "acme"}
	if _, kind := mint(short, access(`"s3crt"`)); kind != pagerduty.KindMissingObject {
		t.Errorf("a short client secret as the access token: %q", kind)
	}
}

func TestMint_expiry(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	for value, want := range map[string]time.Duration{
		`86400`: 24 * time.Hour, `"3600"`: time.Hour, `0`: 0, `-1`: 0, `1e99`: 0, `"soon"`: 0, `"NaN"`: 0, `[1]`: 0,
	} {
		s.respond(http11("200 OK", "", `{"expires_in":`+value+`,`+grantBody[1:]))
		g, err := s.open(t).Mint(within(t, time.Minute), app, nil)
		left := time.Until(g.ExpiresAt)
		if err != nil || (want == 0) != g.ExpiresAt.IsZero() || want > 0 && (left > want || left < want-time.Minute) {
			t.Errorf("%s: expires in %s, %v", value, left, err)
		}
	}
}

// A response that is cut off is a lost connection if its meaning depends on its body. A cut
// 401 would otherwise look like PagerDuty's, whose 401 can have an empty body.
func TestResponse_cutOff(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	for status, want := range map[string]pagerduty.Kind{
		"200": pagerduty.KindReset, "400": pagerduty.KindReset, "401": pagerduty.KindReset, "402": pagerduty.KindReset,
		"403": pagerduty.KindReset, "404": pagerduty.KindStatus, "429": pagerduty.KindStatus, "503": pagerduty.KindStatus,
	} {
		s.respond("HTTP/1.1 " + status + " No\r\n" + hexID + "Content-Length: 99\r\n\r\n")
		if _, e := currentUser(t, s); kindOf(e) != want {
			t.Errorf("a %s that is cut off: %q, want %q", status, kindOf(e), want)
		}
	}
}

// A body without an end is read up to its limit.
func TestResponse_endless(t *testing.T) {
	t.Parallel()
	written := make(chan int, 1)
	s := startServer(t)
	s.listener = listenTLS(t, tlsConfig(), func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 4096))
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		total := 0
		for total < 1<<30 {
			n, err := conn.Write(make([]byte, 1<<16))
			total += n
			if err != nil {
				break
			}
		}
		written <- total
	})
	s.url.Host = s.listener.Addr().String()
	if _, e := currentUser(t, s); kindOf(e) != pagerduty.KindTooLarge {
		t.Errorf("%q, want too large", kindOf(e))
	}
	if n := <-written; n > 64<<20 { // the rest is in the sockets' buffers
		t.Errorf("%d bytes were sent", n)
	}
}

// The body of a 101 is the bare connection, which no time limit closes. It is not read.
func TestResponse_upgrade(t *testing.T) {
	t.Parallel()
	closed := make(chan error, 1)
	s := startServer(t)
	s.listener = listenTLS(t, tlsConfig(), func(conn net.Conn) {
		says("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")(conn)
		_ = conn.SetDeadline(time.Now().Add(3 * time.Second))
		_, err := io.Copy(io.Discard, conn)
		closed <- err
	})
	s.url.Host = s.listener.Addr().String()
	if _, e := currentUser(t, s); kindOf(e) != pagerduty.KindStatus || e.Status != 101 {
		t.Errorf("%v, want the status 101", e)
	}
	if err := <-closed; err != nil {
		t.Errorf("the client did not close the connection: %v", err)
	}
}
