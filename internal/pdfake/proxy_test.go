package pdfake_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

const realHost = "https://api.pagerduty.com/users/me"

func through(t *testing.T, s *pdfake.Server, proxy string) *http.Client {
	t.Helper()
	u, err := url.Parse(proxy)
	if err != nil {
		t.Fatal(err)
	}
	return newClient(t, s, func(tr *http.Transport) { tr.Proxy = http.ProxyURL(u) })
}

func TestProxy_route(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed()...)
	p := pdfake.StartProxy(t, pdfake.ProxyRoute("api.pagerduty.com:443", s.Addr("us")))
	c := through(t, s, p.URL())
	r := do(t, c, newRequest(t, http.MethodGet, realHost, "Token token="+userToken))
	wantStatus(t, r, 200)
	if r.ProtoMajor != 2 || s.Requests()[0].Host != "api.pagerduty.com" {
		t.Errorf("%s, host %s", r.Proto, s.Requests()[0].Host)
	}
	got := p.Requests()
	if len(got) != 1 || got[0].Host != "api.pagerduty.com:443" {
		t.Errorf("%d requests", len(got))
	}
	if got[0].Header.Get("Authorization") != "" {
		t.Error("the proxy saw the API's header")
	}
	// What has no route stays on the machine.
	_, err := try(c, newRequest(t, http.MethodGet, "https://api.eu.pagerduty.com/users/me", ""))
	if err == nil || !strings.Contains(err.Error(), "Bad Gateway") {
		t.Errorf("unrouted: %v", err)
	}
	_, err = try(c, newRequest(t, http.MethodGet, "http://api.pagerduty.com/users/me", ""))
	if err != nil || len(p.Requests()) != 3 {
		t.Errorf("plain HTTP: %v", err)
	}
}

func TestProxy_tunnelEndsWithProxy(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed(pdfake.WithFaults(pdfake.Fault{Behaviour: pdfake.NeverAnswer()}))...)
	p := pdfake.StartProxy(t, pdfake.ProxyRoute("api.pagerduty.com:443", s.Addr("us")))
	c, req := through(t, s, p.URL()), newRequest(t, http.MethodGet, realHost, "")
	failed := make(chan error)
	go func() {
		_, err := try(c, req)
		failed <- err
	}()
	for len(s.Requests()) == 0 {
		time.Sleep(time.Millisecond)
	}
	p.Close()
	if <-failed == nil {
		t.Error("the request was answered")
	}
}

func TestProxy_refusals(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed()...)
	// A port that was just closed could be another test's by now.
	const dead = "127.0.0.1:1"
	for name, tc := range map[string]struct {
		opts []pdfake.ProxyOption
		want string // in the error; "" is success
	}{
		"refuse":         {[]pdfake.ProxyOption{pdfake.ProxyRefuse(403, "<p>no")}, "Forbidden"},
		"dead target":    {[]pdfake.ProxyOption{pdfake.ProxyRoute("api.pagerduty.com:443", dead)}, "Bad Gateway"},
		"nothing routed": {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := append([]pdfake.ProxyOption{pdfake.ProxyRoute("api.pagerduty.com:443", s.Addr("us"))}, tc.opts...)
			p := pdfake.StartProxy(t, opts...)
			r, err := try(through(t, s, p.URL()), newRequest(t, http.MethodGet, realHost, "Token token="+userToken))
			switch {
			case tc.want == "" && err != nil:
				t.Error(err)
			case tc.want == "":
				wantStatus(t, r, 200)
			case err == nil || !strings.Contains(err.Error(), tc.want):
				t.Errorf("error is %v", err)
			}
		})
	}
}
