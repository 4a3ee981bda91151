package pdfake_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

const (
	userToken     = "u+userKeyOfAlice0001"
	secondToken   = "u+userKeyOfAlice0002"
	accountToken  = "accountKeyOfAcme0001"
	readOnlyToken = "readOnlyKeyOfAcme001"
	revokedToken  = "u+revokedKeyAlice001"
	euToken       = "e+userKeyOfErika0001"
	goneToken     = "u+userKeyOfGone00001"
	oauthToken    = "pdus+_0XBPWQQ_userFlowTokenOfAlice"
)

// seed is what most tests start the emulator with: accounts, users and API tokens.
func seed(extra ...pdfake.Option) []pdfake.Option {
	return append([]pdfake.Option{
		pdfake.WithAccount(pdfake.Account{Subdomain: "acme", Abilities: []string{"teams", "sso"}}),
		pdfake.WithAccount(pdfake.Account{Subdomain: "euro", Region: pdfake.RegionEU}),
		pdfake.WithUser(pdfake.User{
			Account: "acme", ID: "PALICE1", Name: "Alice", Email: "alice@example.com", Role: "admin",
			JobTitle: "SRE", TimeZone: "Europe/Berlin", Teams: []pdfake.Team{{ID: "PTEAM01", Name: "Ops"}},
		}),
		pdfake.WithUser(pdfake.User{Account: "acme", ID: "PGONE01", Name: "Gone", Deactivated: true}),
		pdfake.WithUser(pdfake.User{Account: "euro", ID: "PERIKA1", Name: "Erika"}),
		pdfake.WithAPIToken(pdfake.APIToken{Token: userToken, User: "PALICE1"}),
		pdfake.WithAPIToken(pdfake.APIToken{Token: secondToken, User: "PALICE1"}),
		pdfake.WithAPIToken(pdfake.APIToken{Token: accountToken, Kind: pdfake.AccountToken, Account: "acme"}),
		pdfake.WithAPIToken(pdfake.APIToken{Token: readOnlyToken, Kind: pdfake.ReadOnlyAccountToken, Account: "acme"}),
		pdfake.WithAPIToken(pdfake.APIToken{Token: revokedToken, User: "PALICE1", Revoked: true}),
		pdfake.WithAPIToken(pdfake.APIToken{Token: euToken, User: "PERIKA1"}),
		pdfake.WithAPIToken(pdfake.APIToken{Token: goneToken, User: "PGONE01"}),
		pdfake.WithUserOAuthToken(pdfake.UserOAuthToken{Token: oauthToken, User: "PALICE1"}),
	}, extra...)
}

// newClient trusts the server's CA, and follows no redirect.
func newClient(t *testing.T, s *pdfake.Server, change ...func(*http.Transport)) *http.Client {
	t.Helper()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(s.CAPEM())) {
		t.Fatal("CAPEM is no certificate")
	}
	tr := &http.Transport{
		TLSClientConfig:   &tls.Config{RootCAs: pool},
		ForceAttemptHTTP2: true,
	}
	for _, c := range change {
		c(tr)
	}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{
		Transport:     tr,
		Timeout:       20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func newRequest(t *testing.T, method, target, authorization string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, target, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/vnd.pagerduty+json;version=2")
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	return req
}

type reply struct {
	*http.Response
	text string
}

func (r *reply) object(t *testing.T) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(r.text), &m); err != nil {
		t.Fatalf("not a JSON object (%v): %.200q", err, r.text)
	}
	return m
}

// try does a request and reads the whole answer.
func try(c *http.Client, req *http.Request) (*reply, error) {
	res, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return &reply{res, string(body)}, err
}

func do(t *testing.T, c *http.Client, req *http.Request) *reply {
	t.Helper()
	r, err := try(c, req)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func get(t *testing.T, s *pdfake.Server, path, authorization string) *reply {
	t.Helper()
	return do(t, newClient(t, s), newRequest(t, http.MethodGet, s.URL()+path, authorization))
}

func wantStatus(t *testing.T, r *reply, status int) {
	t.Helper()
	if r.StatusCode != status {
		t.Fatalf("status %d, want %d; body %.300q", r.StatusCode, status, r.text)
	}
}

// fakeTB notes what would have failed a test.
type fakeTB struct {
	mu       sync.Mutex
	failures []string
	cleanups []func()
}

func (f *fakeTB) Helper()           {}
func (f *fakeTB) Cleanup(do func()) { f.cleanups = append(f.cleanups, do) }
func (f *fakeTB) Errorf(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failures = append(f.failures, fmt.Sprintf(format, args...))
}
func (f *fakeTB) Fatalf(format string, args ...any) { f.Errorf(format, args...) }
func (f *fakeTB) end() string {
	for i := len(f.cleanups) - 1; i >= 0; i-- {
		f.cleanups[i]()
	}
	return strings.Join(f.failures, "\n")
}

func postForm(ctx context.Context, c *http.Client, target string, form url.Values) (*reply, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return try(c, req)
}
