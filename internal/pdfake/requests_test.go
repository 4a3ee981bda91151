package pdfake_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

func TestRequests(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed()...)
	c := newClient(t, s)
	for range 3 {
		do(t, c, newRequest(t, http.MethodGet, s.URL()+"/users?limit=1", "Token token="+accountToken))
	}
	do(t, c, newRequest(t, http.MethodGet, s.RegionURL("eu")+"/abilities", "Bearer abc"))
	all := s.Requests()
	if len(all) != 4 {
		t.Fatalf("%d requests", len(all))
	}
	first, last := all[0], all[3]
	if first.Listener != "us" || first.Method != http.MethodGet || first.Path != "/users" ||
		first.RawQuery != "limit=1" || first.Status != 200 || first.Proto != "HTTP/2.0" ||
		first.Host != s.Addr("us") || first.Time.IsZero() || len(first.RequestID) != 32 || first.Header.Get("Accept") == "" {
		t.Error("the first request is not recorded as it was")
	}
	if first.Token != accountToken || last.Token != "abc" || last.Listener != "eu" || last.Status != 401 {
		t.Error("tokens or listeners are not recorded as they were")
	}
	first.Header.Set("Accept", "changed")
	if s.Requests()[0].Header.Get("Accept") == "changed" {
		t.Error("Requests gives no copies")
	}
	if n := s.Connections(); n != 2 {
		t.Errorf("%d connections, want one per host", n)
	}
	if s.Bytes() == 0 {
		t.Error("no bytes counted")
	}
	s.ResetRequests()
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests after the reset", n)
	}
}

func TestRequests_identity(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed()...)
	for _, inHeader := range []bool{true, false} {
		req := newRequest(t, http.MethodPost, s.IdentityURL()+"/oauth/token", "")
		if inHeader {
			req.SetBasicAuth("the-client", "its-secret")
		} else {
			req.Body = io.NopCloser(strings.NewReader("client_id=the-client&client_secret=its-secret"))
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		do(t, newClient(t, s), req)
	}
	for _, r := range s.Requests() {
		if r.Token != "the-client" {
			t.Error("the client's ID is not recorded")
		}
	}
}

func TestPathPrefix(t *testing.T) {
	t.Parallel()
	for _, prefix := range []string{"/pd/v2", "pd/v2/"} {
		s := pdfake.Start(t, seed(pdfake.WithPathPrefix(prefix), pdfake.WithUnknownRoutes())...)
		if !strings.HasSuffix(s.URL(), "/pd/v2") {
			t.Fatalf("URL is %s", s.URL())
		}
		wantStatus(t, get(t, s, "/users/me", "Token token="+userToken), 200)
		root := strings.TrimSuffix(s.URL(), "/pd/v2")
		for _, path := range []string{"/users/me", "/pd/v2users/me", "/pd/v2//users/me"} {
			req := newRequest(t, http.MethodGet, root+path, "Token token="+userToken)
			wantStatus(t, do(t, newClient(t, s), req), 404)
		}
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed(pdfake.WithRateLimit(2))...)
	c := newClient(t, s)
	ask := func(token string) *reply {
		return do(t, c, newRequest(t, http.MethodGet, s.URL()+"/users", "Token token="+token))
	}
	// Both tokens are Alice's, and the limit is per user.
	r := ask(userToken)
	wantStatus(t, r, 200)
	if r.Header.Get("Ratelimit-Limit") != "2" || r.Header.Get("Ratelimit-Remaining") != "1" ||
		r.Header.Get("Ratelimit-Reset") == "" {
		t.Errorf("headers are %v", r.Header)
	}
	wantStatus(t, ask(secondToken), 200)
	r = ask(userToken)
	wantStatus(t, r, 429)
	if r.Header.Get("Ratelimit-Remaining") != "0" || r.object(t)["error"].(map[string]any)["code"] != 2020.0 {
		t.Errorf("429 is %v %s", r.Header, r.text)
	}
	wantStatus(t, ask(accountToken), 200)
	s.Advance(time.Minute)
	wantStatus(t, ask(userToken), 200)
}

func TestLatencyAndHTTP1(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed(pdfake.WithLatency(60*time.Millisecond), pdfake.WithHTTP1Only())...)
	start := time.Now()
	r := get(t, s, "/users/me", "Token token="+userToken)
	if d := time.Since(start); d < 60*time.Millisecond {
		t.Errorf("answered in %s", d)
	}
	if r.Proto != "HTTP/1.1" {
		t.Errorf("proto %s", r.Proto)
	}
	// On the wire the names are lower case, which HTTP/1.1 clients normalize.
	if r.Header.Get("X-Request-Id") == "" {
		t.Error("no x-request-id")
	}
}

func TestClose_twiceAndBusy(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]pdfake.Option{nil, {pdfake.WithHTTP1Only()}} {
		s, err := pdfake.New(seed(append(slices.Clone(opts),
			pdfake.WithFaults(pdfake.Fault{Behaviour: pdfake.NeverAnswer()}))...)...)
		if err != nil {
			t.Fatal(err)
		}
		c, req := newClient(t, s), newRequest(t, http.MethodGet, s.URL()+"/users/me", "")
		failed := make(chan error)
		go func() {
			_, err := try(c, req)
			failed <- err
		}()
		for len(s.Requests()) == 0 {
			time.Sleep(time.Millisecond)
		}
		s.Close()
		s.Close()
		if <-failed == nil {
			t.Error("the request was answered")
		}
	}
}
