package pdfake_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

func ask(t *testing.T, s *pdfake.Server) (*reply, error) {
	t.Helper()
	return send(t, newClient(t, s), http.MethodGet, s.URL()+"/users/me", "Token token="+aliceToken, "")
}

func TestFaults_responses(t *testing.T) {
	t.Parallel()
	const auth = "Token token=" + aliceToken
	for name, tc := range map[string]struct {
		fault  pdfake.Behavior
		status int
		body   string
		header http.Header
	}{
		"Answer": {
			pdfake.Answer(418, http.Header{"X-Request-Id": {"mine"}}, []byte("tea")), 418, "tea",
			http.Header{"X-Request-Id": {"mine"}},
		},
		"no request ID": {
			pdfake.Answer(500, http.Header{"X-Request-Id": nil}, nil), 500, "", http.Header{"X-Request-Id": nil},
		},
		"AnswerHTML": {
			pdfake.AnswerHTML(503, "<p>"), 503, "<p>", http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		},
		"RateLimited": {
			pdfake.RateLimited(7), 429, `{"error":{"message":"Rate Limit Exceeded","code":2020}}`,
			http.Header{"Ratelimit-Limit": {"960"}, "Ratelimit-Remaining": {"0"}, "Ratelimit-Reset": {"7"}},
		},
		"RateLimited, bare": {pdfake.RateLimited(-1), 429, "", http.Header{"Ratelimit-Reset": nil}},
		"Redirect": {
			pdfake.Redirect(302, "https://127.0.0.1:1/x"), 302, "<html><body>You are being redirected.</body></html>",
			http.Header{"Location": {"https://127.0.0.1:1/x"}},
		},
		"GzipJSON": {pdfake.GzipJSON(200, `{"a":1}`), 200, `{"a":1}`, nil},
		"Raw":      {pdfake.Raw("HTTP/1.1 299 Odd\r\nX-Odd: 1\r\n\r\nbody"), 299, "body", http.Header{"X-Odd": {"1"}}},
		"EchoAuthorization": {
			pdfake.EchoAuthorization(403), 403,
			`{"error":{"code":2006,"errors":["` + auth + `"],"message":"You sent ` + auth + `"}}`,
			http.Header{"X-Echo": {auth}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := pdfake.Start(t, seed(pdfake.WithFaults(pdfake.Fault{Behavior: tc.fault}))...)
			r, err := ask(t, s)
			if err != nil || r.StatusCode != tc.status || r.text != tc.body || s.Requests()[0].Status != tc.status {
				t.Fatalf("%+v, %v", r, err)
			}
			for key, values := range tc.header {
				if got := r.Header.Values(key); !slices.Equal(got, values) {
					t.Errorf("%s is %q, want %q", key, got, values)
				}
			}
		})
	}
}

func TestFaults_broken(t *testing.T) {
	t.Parallel()
	is := func(targets ...error) func(error) bool {
		return func(err error) bool {
			return slices.ContainsFunc(targets, func(target error) bool { return errors.Is(err, target) })
		}
	}
	timedOut := is(context.DeadlineExceeded)
	for name, tc := range map[string]struct {
		fault pdfake.Behavior
		want  func(error) bool
	}{
		"Reset":         {pdfake.Reset(), is(syscall.ECONNRESET)},
		"CloseSilently": {pdfake.CloseSilently(), is(io.EOF)},
		"TruncatedBody": {pdfake.TruncatedBody(), is(io.ErrUnexpectedEOF)},
		"Garbage":       {pdfake.Garbage(), func(err error) bool { return strings.Contains(err.Error(), "malformed HTTP") }},
		"NeverAnswer":   {pdfake.NeverAnswer(), timedOut},
		"Drip, header":  {pdfake.Drip(time.Millisecond, true), timedOut},
		"Drip, body":    {pdfake.Drip(time.Millisecond, false), timedOut},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := pdfake.Start(t, seed(pdfake.WithFaults(pdfake.Fault{Behavior: tc.fault}))...)
			c := newClient(t, s)
			c.Timeout = time.Second
			_, err := send(t, c, http.MethodGet, s.URL()+"/users/me", "Token token="+aliceToken, "")
			if err == nil || !tc.want(err) {
				t.Errorf("error %v", err)
			}
			if requests := s.Requests(); len(requests) == 0 || requests[0].Token != aliceToken {
				t.Errorf("requests %v", requests)
			}
		})
	}
}

func TestFaults_huge(t *testing.T) {
	t.Parallel()
	for _, compressed := range []bool{false, true} {
		s := pdfake.Start(t, seed(pdfake.WithFaults(pdfake.Fault{Behavior: pdfake.Huge(4<<20, compressed)}))...)
		r, err := ask(t, s)
		if err != nil || len(r.text) < 4<<20 || r.Uncompressed != compressed || !strings.HasSuffix(r.text, `"}}`) {
			t.Errorf("%v: %v", compressed, err)
		}
	}
	s := pdfake.Start(t, seed(pdfake.WithFaults(pdfake.Fault{Behavior: pdfake.HugeHeader(300 << 10)}))...)
	c := newClient(t, s, func(tr *http.Transport) { tr.MaxResponseHeaderBytes = 256 << 10 })
	if _, err := send(t, c, http.MethodGet, s.URL(), "", ""); err == nil {
		t.Error("the header was not huge")
	}
	// A client that gives up ends the handler, or Close would wait for it.
	s = pdfake.Start(t, seed(pdfake.WithFaults(pdfake.Fault{Behavior: pdfake.Huge(1<<40, false)}))...)
	res, err := newClient(t, s).Get(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	s.Close()
}

func TestFaults_matching(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed(pdfake.WithPathPrefix("/p"), pdfake.WithFaults(
		pdfake.Fault{Path: "/users/me", Token: aliceToken, Times: 2, Behavior: pdfake.AnswerJSON(500, "")},
		pdfake.Fault{Path: "/users/me", Token: aliceToken, Times: 1, Behavior: pdfake.AnswerJSON(503, "")},
		pdfake.Fault{Listener: "eu", Behavior: pdfake.AnswerJSON(504, "")},
	))...)
	for i, status := range []int{500, 500, 503, 200, 200} {
		if got, err := ask(t, s); err != nil || got.StatusCode != status {
			t.Errorf("request %d: %+v, want %d", i, got, status)
		}
	}
	get(t, s, "/users/me", observerToken, 200)
	want(t, newClient(t, s), http.MethodGet, s.RegionURL("eu")+"/users", "", "", 504)
	s.SetFaults(pdfake.Fault{Path: "/users", Behavior: pdfake.AnswerJSON(502, "")})
	get(t, s, "/users", aliceToken, 502)
}

func TestRequests(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed(pdfake.WithFaults(pdfake.Fault{Path: "/users", Behavior: pdfake.CloseReused()}))...)
	c := newClient(t, s)
	for _, target := range []string{s.URL() + "/users/me", s.URL() + "/users/me", s.URL() + "/users?limit=1"} {
		want(t, c, http.MethodGet, target, "Token token="+aliceToken, "", 200)
	}
	want(t, c, http.MethodPost, s.IdentityURL()+"/oauth/token", "", "client_id=app", 400)
	var got []string
	for _, r := range s.Requests() {
		got = append(got, fmt.Sprintf("%d %s %s?%s %s %d", r.Connection, r.Listener, r.Path, r.RawQuery, r.Token, r.Status))
	}
	// The third request came twice: net/http repeats it on a new connection.
	if all := []string{
		"1 us /users/me? " + aliceToken + " 200",
		"1 us /users/me? " + aliceToken + " 200",
		"1 us /users?limit=1 " + aliceToken + " 0",
		"2 us /users?limit=1 " + aliceToken + " 200",
		"3 identity /oauth/token? app 400",
	}; !slices.Equal(got, all) {
		t.Errorf("requests %q, want %q", got, all)
	}
	if n := s.Connections(); n != 3 {
		t.Errorf("%d connections", n)
	}
	s.ResetRequests()
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests after the reset", n)
	}
}

func TestIdleTimeout(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed(pdfake.WithIdleTimeout(10*time.Millisecond), pdfake.WithLatency(time.Millisecond))...)
	c := newClient(t, s)
	for range 3 {
		want(t, c, http.MethodGet, s.URL()+"/users/me", "Token token="+aliceToken, "", 200)
		time.Sleep(100 * time.Millisecond)
	}
	if n := s.Connections(); n != 3 {
		t.Errorf("%d connections, want a new one after each pause", n)
	}
}

// fakeTB records what would have failed a test.
type fakeTB struct {
	testing.TB
	failures []string
	cleanups []func()
}

func (f *fakeTB) Helper()           {}
func (f *fakeTB) Cleanup(do func()) { f.cleanups = append(f.cleanups, do) }
func (f *fakeTB) Errorf(format string, args ...any) {
	f.failures = append(f.failures, fmt.Sprintf(format, args...))
}

func TestStart_strict(t *testing.T) {
	t.Parallel()
	tb := &fakeTB{}
	s := pdfake.Start(tb, seed(pdfake.WithFaults(
		pdfake.Fault{Path: "/x", Token: aliceToken, Behavior: pdfake.Reset()},
		pdfake.Fault{Path: "/users", Times: 1, Behavior: pdfake.AnswerJSON(500, "{}")},
	))...)
	get(t, s, "/users", aliceToken, 500)
	get(t, s, "/nosuch?secret="+aliceToken, aliceToken, 404)
	for _, do := range tb.cleanups {
		do()
	}
	if got := strings.Join(tb.failures, "\n"); got != "pdfake: request to an unknown route: us: GET /nosuch\n"+
		"pdfake: no request met the fault Reset on /x" {
		t.Errorf("failures %q", got)
	}
}

// Close ends the requests that wait for a response, and can be called twice.
func TestClose(t *testing.T) {
	t.Parallel()
	s := pdfake.New(seed(pdfake.WithFaults(pdfake.Fault{Behavior: pdfake.NeverAnswer()}))...)
	failed := make(chan error)
	go func() {
		_, err := ask(t, s)
		failed <- err
	}()
	for len(s.Requests()) == 0 {
		time.Sleep(time.Millisecond)
	}
	s.Close()
	s.Close()
	if <-failed == nil {
		t.Error("the request got a response")
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	works := func(err error) bool { return err == nil }
	unknown := func(err error) bool { var e x509.UnknownAuthorityError; return errors.As(err, &e) }
	contains := func(text string) func(error) bool {
		return func(err error) bool { return err != nil && strings.Contains(err.Error(), text) }
	}
	for name, tc := range map[string]struct {
		option pdfake.Option
		want   func(error) bool
	}{
		"good":              {pdfake.WithCertificate(pdfake.CertGood), works},
		"expired":           {pdfake.WithCertificate(pdfake.CertExpired), contains("expired or is not yet valid")},
		"not yet valid":     {pdfake.WithCertificate(pdfake.CertNotYetValid), contains("expired or is not yet valid")},
		"self-signed":       {pdfake.WithCertificate(pdfake.CertSelfSigned), unknown},
		"wrong host":        {pdfake.WithCertificate(pdfake.CertWrongHost), contains("doesn't contain any IP SANs")},
		"unknown authority": {pdfake.WithCertificate(pdfake.CertUnknownAuthority), unknown},
		"identity host":     {pdfake.WithIdentityCertificate(pdfake.CertExpired), works},
		"TLS 1.1":           {pdfake.WithMaxTLSVersion(tls.VersionTLS11), contains("protocol version")},
		"plain HTTP":        {pdfake.WithPlainHTTP(), contains("HTTP response to HTTPS client")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := pdfake.Start(t, seed(tc.option)...)
			if _, err := ask(t, s); !tc.want(err) {
				t.Errorf("error %v", err)
			}
			_, err := send(t, newClient(t, s), http.MethodPost, s.IdentityURL()+"/oauth/token", "", "")
			if (err != nil) != (name == "identity host") {
				t.Errorf("identity host: %v", err)
			}
		})
	}
	s := pdfake.Start(t, seed(pdfake.WithClientCertRequired(), pdfake.WithMaxTLSVersion(tls.VersionTLS12))...)
	if _, err := ask(t, s); !contains("remote error: tls")(err) {
		t.Errorf("client certificate: %v", err)
	}
}

func TestProxy(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed()...)
	const target = "https://api.pagerduty.com/users/me"
	through := func(options ...pdfake.ProxyOption) (*pdfake.Proxy, *http.Client) {
		p := pdfake.StartProxy(t, options...)
		u, err := url.Parse(p.URL())
		if err != nil {
			t.Fatal(err)
		}
		return p, newClient(t, s, func(tr *http.Transport) { tr.Proxy = http.ProxyURL(u) })
	}
	route := pdfake.ProxyRoute("api.pagerduty.com:443", s.Addr("us"))
	p, c := through(route)
	want(t, c, http.MethodGet, target, "Token token="+aliceToken, "", 200)
	got := p.Requests()
	if len(got) != 1 || got[0].Host != "api.pagerduty.com:443" || got[0].Header.Get("Authorization") != "" {
		t.Errorf("requests %v", got)
	}
	for text, options := range map[string][]pdfake.ProxyOption{
		"Bad Gateway": nil, "Forbidden": {route, pdfake.ProxyRefuse(403, "<p>no")},
	} {
		_, c := through(options...)
		if _, err := send(t, c, http.MethodGet, target, "", ""); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("error %v, want %q", err, text)
		}
	}
	// The proxy's end is the tunnel's.
	s.SetFaults(pdfake.Fault{Path: "/users/me", Behavior: pdfake.NeverAnswer()})
	p, c = through(route)
	go func() {
		for len(s.Requests()) < 2 {
			time.Sleep(time.Millisecond)
		}
		p.Close()
	}()
	if _, err := send(t, c, http.MethodGet, target, "", ""); err == nil {
		t.Error("the request got a response")
	}
}
