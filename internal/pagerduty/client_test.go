package pagerduty_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// net/http logs bytes that follow a response. The provider discards that log.
func TestMain(m *testing.M) {
	log.SetOutput(io.Discard)
	os.Exit(m.Run())
}

// These are all bytes that the client sends.
func TestClient_requestOnTheWire(t *testing.T) {
	t.Parallel()
	s := startServer(t, keep+http11("404 Not Found", "", ""))
	session := s.open(t, func(cfg *pagerduty.Config) { cfg.BaseURL = s.url.JoinPath("gw") })
	ctx, day := within(t, time.Minute), time.Now().UTC().Truncate(24*time.Hour)
	_, _ = session.CurrentUser(ctx, apiToken())
	_, _ = session.Users(ctx, pagerduty.BearerToken(pagerduty.NewSecret(minted)), 100)
	_, _ = session.PreviewSchedule(ctx, apiToken(), "P1")
	_, _ = session.Mint(ctx, app, []string{"users.read", "teams.read"})
	since, until := day.Format(time.RFC3339), day.Add(24*time.Hour).Format(time.RFC3339)
	schedule := `{"schedule":{"name":"Preview (nothing is saved)","schedule_layers":[{"name":"Layer 1",` +
		`"rotation_turn_length_seconds":86400,"rotation_virtual_start":"` + since + `","start":"` + since + `",` +
		`"users":[{"user":{"id":"P1","type":"user_reference"}}]}],"time_zone":"Etc/UTC","type":"schedule"}}`
	form := "client_id=the-client-id&client_secret=" + secret + "&grant_type=client_credentials" +
		"&scope=as_account-us.acme+users.read+teams.read"
	query := url.Values{"since": {since}, "until": {until}}.Encode()
	const v2 = "Accept: application/vnd.pagerduty+json;version=2\r\nAccept-Encoding: identity\r\n"
	const agent, fresh = "User-Agent: test/1.0\r\n", "Cache-Control: no-cache\r\n"
	length := func(body string) string { return "Content-Length: " + strconv.Itoa(len(body)) + "\r\n" }
	host := "Host: " + s.url.Host + "\r\n"
	want := []string{
		"GET /gw/users/me HTTP/1.1\r\n" + host + agent + v2 +
			"Authorization: Token token=" + token + "\r\n" + fresh + "\r\n",
		"GET /gw/users?limit=100 HTTP/1.1\r\n" + host + agent + v2 +
			"Authorization: Bearer " + minted + "\r\n" + fresh + "\r\n",
		"POST /gw/schedules/preview?" + query + " HTTP/1.1\r\n" + host + agent + length(schedule) + v2 +
			"Authorization: Token token=" + token + "\r\n" + fresh + "Content-Type: application/json\r\n\r\n" + schedule,
		"POST /oauth/token HTTP/1.1\r\n" + host + agent + length(form) + "Accept: application/json\r\n" +
			"Accept-Encoding: identity\r\n" + fresh + "Content-Type: application/x-www-form-urlencoded\r\n\r\n" + form,
	}
	if sent, _, _ := s.seen(); !slices.Equal(sent, want) {
		t.Errorf("sent %q,\nwant %q", sent, want)
	}
}

func TestParseBaseURL(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://api.pagerduty.com": "https://api.pagerduty.com", "HTTPS://gw.example/pd//": "https://gw.example/pd",
		"https://gw.example:8443": "https://gw.example:8443", "https://host:65535/": "https://host:65535",
		"https://[::1]:8443/a%20b": "https://[::1]:8443/a%20b",
		"http://api.pagerduty.com": "", "api.pagerduty.com": "", "ftp://host": "", "https://": "", "https:///x": "",
		"https:host": "", "://": "", "": "", "https://u:p@host": "", "https://p@host": "", "https://host:0": "",
		"https://host:65536": "", "https://host:x": "", "https://host?": "", "https://host?x": "", "https://host/#f": "",
		"https://host\n": "", " https://host": "", "https://ho\u200bst": "", "https://\u202ehost": "",
		"https://host\ufe0f": "", "https://gw/a%2Fb": "", "https://gw/%61": "", "https://gw/%zz": "",
	} {
		u, err := pagerduty.ParseBaseURL(in)
		if (err == nil) != (want != "") || err == nil && u.String() != want {
			t.Errorf("ParseBaseURL(%q) = %v, %v, want %q", in, u, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "u:p") {
			t.Errorf("%q: the error repeats the value", in)
		}
	}
}

// A transient failure is tried again, at most MaxRetries times, and anything else never.
func TestClient_retries(t *testing.T) {
	t.Parallel()
	ok := http11("200 OK", "", userBody)
	broken := "HTTP/1.1 403 Forbidden\r\n" + hexID + "Content-Length: 99\r\n\r\n" + deniedBody
	status := func(codes ...int) (all []pagerduty.Attempt) {
		for _, code := range codes {
			all = append(all, pagerduty.Attempt{Status: code, Sent: true})
		}
		return all
	}
	lost := pagerduty.Attempt{Kind: pagerduty.KindReset, Sent: true}
	for name, c := range map[string]struct {
		responses []string
		retries   int
		attempts  []pagerduty.Attempt // nil for a success
		requests  int
	}{
		"503, then a user":     {[]string{http11("503 No", "", ""), ok}, 2, nil, 2},
		"429, then a user":     {[]string{http11("429 No", "Ratelimit-Reset: 0\r\n", ""), ok}, 1, nil, 2},
		"408, then a user":     {[]string{http11("408 No", "", ""), ok}, 1, nil, 2},
		"closed, then a user":  {[]string{"", ok}, 1, nil, 2},
		"cut off, then a user": {[]string{ok[:len(ok)-9], ok}, 1, nil, 2},
		"503 for good":         {[]string{http11("503 No", "", "")}, 2, status(503, 503, 503), 3},
		"503, no retries":      {[]string{http11("503 No", "", "")}, 0, status(503), 1},
		"closed, no retries":   {[]string{""}, 0, []pagerduty.Attempt{lost}, 1},
		"500, closed, 401": {
			[]string{http11("500 No", "", ""), "", http11("401 No", "", "")}, 3,
			[]pagerduty.Attempt{{Status: 500, Sent: true}, lost, {Status: 401, Sent: true}}, 3,
		},
		"a 403 that breaks off": {[]string{broken}, 1, []pagerduty.Attempt{
			{Kind: pagerduty.KindReset, Status: 403, Sent: true}, {Kind: pagerduty.KindReset, Status: 403, Sent: true},
		}, 2},
		"a 404 that breaks off": {[]string{strings.Replace(broken, "403", "404", 1)}, 1, status(404), 1},
		"401":                   {[]string{http11("401 No", hexID, "")}, 2, status(401), 1},
		"403":                   {[]string{http11("403 No", hexID, deniedBody)}, 2, status(403), 1},
		"404":                   {[]string{http11("404 No", "", "")}, 2, status(404), 1},
		"501":                   {[]string{http11("501 No", "", "")}, 2, status(501), 1},
		"505":                   {[]string{http11("505 No", "", "")}, 2, status(505), 1},
		"511":                   {[]string{http11("511 No", "", "")}, 2, status(511), 1},
		"302":                   {[]string{http11("302 No", "Location: /x\r\n", "")}, 2, status(302), 1},
		"no JSON":               {[]string{http11("200 OK", "", "<html>")}, 2, status(200), 1},
		"not gzip":              {[]string{http11("200 OK", "Content-Encoding: gzip\r\n", "no")}, 2, status(200), 1},
		"an invalid chunk": {
			[]string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}, 2, status(200), 1,
		},
		"not HTTP": {[]string{"garbage\r\n"}, 2, []pagerduty.Attempt{{Kind: pagerduty.KindNotHTTP, Sent: true}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t, c.responses...)
			user, e := currentUser(t, s, retries(c.retries))
			if sent, _, _ := s.seen(); len(sent) != c.requests || (user != nil) != (c.attempts == nil) {
				t.Errorf("%d requests and %v, want %d", len(sent), user, c.requests)
			}
			if c.attempts != nil && (!slices.Equal(e.Attempts, c.attempts) || !e.Sent()) {
				t.Errorf("attempts %+v, want %+v", e.Attempts, c.attempts)
			}
		})
	}
}

// A wait that the response asks for is kept, unless it does not fit the deadline: then
// it is not begun.
func TestClient_waits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		header   string
		deadline time.Duration
		least    []time.Duration // the shortest possible waits
		most     []time.Duration
	}{
		"backoff": {
			"", time.Minute, []time.Duration{125 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond},
			[]time.Duration{250 * time.Millisecond, 500 * time.Millisecond, time.Second},
		},
		"requested": {
			"Ratelimit-Reset: 7\r\n", time.Minute, []time.Duration{7 * time.Second, 7 * time.Second, 7 * time.Second},
			[]time.Duration{7 * time.Second, 7 * time.Second, 7 * time.Second},
		},
		"too long": {"Retry-After: 40\r\n", 30 * time.Second, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t, http11("429 Slow", c.header, ""))
			var waits []time.Duration
			client := pagerduty.WithSleep(s.client(retries(3)), func(d time.Duration) { waits = append(waits, d) })
			session := client.Open()
			defer session.Close()
			_, err := session.CurrentUser(within(t, c.deadline), apiToken())
			e := failureOf(t, err)
			fits := func(i int) bool { return waits[i] >= c.least[i] && waits[i] <= c.most[i] }
			if len(waits) != len(c.least) || len(waits) > 0 && !(fits(0) && fits(1) && fits(2)) {
				t.Errorf("waited %s, want %s to %s", waits, c.least, c.most)
			}
			if e == nil || e.Status != 429 || len(e.Attempts) != len(c.least)+1 {
				t.Errorf("%+v", e)
			}
		})
	}
}

// A caller who gives up learns that, whatever is in progress.
func TestClient_canceled(t *testing.T) {
	t.Parallel()
	s := startServer(t, http11("503 No", "", ""))
	ctx, cancel := context.WithCancel(t.Context())
	session := pagerduty.WithSleep(s.client(retries(2)), func(time.Duration) { cancel() }).Open()
	defer session.Close()
	_, err := session.CurrentUser(ctx, apiToken())
	if e := failureOf(t, err); kindOf(e) != pagerduty.KindCanceled || len(e.Attempts) != 1 {
		t.Errorf("while waiting: %v", err)
	}
	s.respond(keep) // no response
	ctx, cancel = context.WithCancel(t.Context())
	go func() {
		for sent, _, _ := s.seen(); len(sent) == 0; sent, _, _ = s.seen() {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	_, err = s.open(t, retries(2)).CurrentUser(ctx, apiToken())
	if kindOf(failureOf(t, err)) != pagerduty.KindCanceled {
		t.Errorf("while sending: %v", err)
	}
}

// One log line for an attempt and one for its result hold no byte of a credential, and
// of an address only the host: a path prefix can hold a gateway's key.
func TestClient_logLines(t *testing.T) {
	t.Parallel()
	echo := http11("401 Unauthorized", "X-Request-Id: "+token+"\r\nLocation: /"+token+"\r\n", "you sent "+token)
	s := startServer(t)
	ok := http11("200 OK", hexID, userBody)
	for _, response := range []string{echo, http11("503 No", "", token), "", "garbage " + token, ok} {
		s.respond(response)
		var lines []string
		_, _ = currentUser(t, s, retries(1), func(cfg *pagerduty.Config) {
			cfg.BaseURL = s.url.JoinPath("key-of-the-gateway")
			cfg.Log = func(_ context.Context, message string, fields map[string]any) {
				lines = append(lines, fmt.Sprint(message, fields))
			}
		})
		all := strings.Join(lines, "\n")
		if sent, _, _ := s.seen(); len(lines) != 3*len(sent)-1 || !strings.Contains(all, "/users/me") {
			t.Errorf("%q: %d lines", response, len(lines))
		}
		if repeats(all, token, 6) || strings.Contains(all, "key-of-the-gateway") {
			t.Errorf("%q is logged with a secret", response)
		}
	}
}

// repeats reports whether a text has n consecutive characters of a secret, in any case.
func repeats(text, secret string, n int) bool {
	text, secret = strings.ToLower(text), strings.ToLower(secret)
	for i := range len(secret) - n + 1 {
		if strings.Contains(text, secret[i:i+n]) {
			return true
		}
	}
	return false
}

// The requests of a session share one connection. Two sessions never do.
func TestSession_oneConnection(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	client := s.client()
	for i := range 3 {
		s.respond(keep+http11("400 No", "", accountBody), keep+http11("200 OK", "", usersBody),
			keep+http11("404 No", "", "<html>"), keep+http11("200 OK", "", grantBody), keep+http11("200 OK", "", previewBody))
		session, ctx := client.Open(), within(t, time.Minute)
		_, err1 := session.CurrentUser(ctx, apiToken())
		_, err2 := session.Users(ctx, apiToken(), 1)
		_, _ = session.Users(ctx, apiToken(), 100)
		_, err3 := session.Mint(ctx, app, nil)
		_, err4 := session.PreviewSchedule(ctx, apiToken(), "P1")
		if err := errors.Join(err1, err2, err3, err4); err != nil {
			t.Fatal(err)
		}
		if sent, _, connections := s.seen(); len(sent) != 5 || connections != 1 {
			t.Errorf("session %d: %d requests on %d connections, want 5 on 1", i, len(sent), connections)
		}
		if i != 1 { // one session stays open
			session.Close()
		}
	}
}

// Bytes that follow a response reach no other session.
func TestSession_bytesAfterAResponse(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	client := s.client()
	for range 20 {
		s.respond(keep+http11("200 OK", "", userBody)+http11("200 OK", "", userBody), http11("401 No", hexID, ""))
		first, second := client.Open(), client.Open()
		_, err := first.CurrentUser(within(t, time.Minute), apiToken())
		_, rejected := second.CurrentUser(within(t, time.Minute), pagerduty.APIToken(pagerduty.NewSecret(other)))
		if e := failureOf(t, rejected); err != nil || e == nil || e.Status != 401 {
			t.Fatalf("%v, then %v, want a 401", err, rejected)
		}
		first.Close()
		second.Close()
	}
}

// A server or proxy that drops a connection once it is idle fails no check: net/http
// repeats a GET once, and no connection outlives its session.
func TestSession_idleConnectionsAreDropped(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	proxy := startTunnel(t, false)
	for name, change := range map[string]func(*pagerduty.Config){"direct": retries(0), "proxy": through(proxy.url)} {
		client := s.client(change)
		for i := range 40 {
			// Nothing tells the client that the connection is about to be closed.
			s.respond(http11("400 No", "", accountBody), http11("200 OK", "", usersBody))
			session := client.Open()
			_, err1 := session.CurrentUser(within(t, time.Minute), apiToken())
			_, err2 := session.Users(within(t, time.Minute), apiToken(), 1)
			session.Close()
			if err := errors.Join(err1, err2); err != nil {
				t.Errorf("%s, check %d: %v", name, i, err)
			}
		}
	}
}

// The bound on requests has this one exception.
func TestSession_repeatedByNetHTTP(t *testing.T) {
	t.Parallel()
	s := startServer(t, keep+http11("400 No", "", accountBody), "", http11("200 OK", "", usersBody))
	session := s.open(t)
	_, _ = session.CurrentUser(within(t, time.Minute), apiToken())
	_, err := session.Users(within(t, time.Minute), apiToken(), 1)
	if sent, _, connections := s.seen(); err != nil || len(sent) != 3 || connections != 2 {
		t.Errorf("a reused connection: %d requests on %d connections, %v, want 3 on 2", len(sent), connections, err)
	}
	s.respond(keep+http11("400 No", "", accountBody), "")
	_, _ = session.CurrentUser(within(t, time.Minute), apiToken())
	_, err = session.Users(within(t, time.Minute), apiToken(), 1)
	if sent, _, _ := s.seen(); kindOf(failureOf(t, err)) != pagerduty.KindReset || len(sent) != 3 {
		t.Errorf("a server that closes each connection: %d requests, %v, want 3", len(sent), err)
	}
	// A POST is not repeated once it was sent.
	s.respond(keep+http11("400 No", "", accountBody), "", http11("200 OK", "", previewBody))
	session = s.open(t)
	_, _ = session.CurrentUser(within(t, time.Minute), apiToken())
	_, err = session.PreviewSchedule(within(t, time.Minute), apiToken(), "P1")
	if sent, _, _ := s.seen(); kindOf(failureOf(t, err)) != pagerduty.KindReset || len(sent) != 2 {
		t.Errorf("a POST: %d requests, %v, want 2", len(sent), err)
	}
}

// tunnel is a proxy that opens tunnels and remembers their targets.
type tunnel struct {
	url *url.URL

	mu      sync.Mutex
	targets []string
}

// startTunnel starts an http:// or https:// proxy.
func startTunnel(t *testing.T, secure bool) *tunnel {
	t.Helper()
	p := &tunnel{url: &url.URL{Scheme: "http"}}
	if secure {
		p.url.Scheme, p.url.Host = "https", listenTLS(t, tlsConfig(), p.serve).Addr().String()
	} else {
		p.url.Host = listenTCP(t, p.serve).Addr().String()
	}
	return p
}

func (p *tunnel) serve(client net.Conn) {
	in := bufio.NewReader(client)
	request, err := http.ReadRequest(in)
	if err != nil {
		return
	}
	p.mu.Lock()
	p.targets = append(p.targets, request.Method+" "+request.Host)
	p.mu.Unlock()
	target, err := net.Dial("tcp", request.Host)
	if err != nil {
		return
	}
	_, _ = io.WriteString(client, "HTTP/1.1 200 OK\r\n\r\n")
	go func() {
		_, _ = io.Copy(target, in)
		_ = target.Close()
	}()
	_, _ = io.Copy(client, target)
}
