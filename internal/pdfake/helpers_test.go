package pdfake_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

const (
	aliceToken    = "u+userKeyOfAlice0001"
	accountToken  = "accountKeyOfAcme0001"
	readOnlyToken = "readOnlyKeyOfAcme001"
	revokedToken  = "u+revokedKeyAlice001"
	observerToken = "u+userKeyOfOtto00001"
	euToken       = "e+userKeyOfErika0001"
	goneToken     = "u+userKeyOfGone00001"
	oauthToken    = "pdus+_0XBPWQQ_userFlowTokenOfAlice"
)

// seed is what most tests start the emulator with.
func seed(extra ...pdfake.Option) []pdfake.Option {
	token := func(token string, kind pdfake.TokenKind, account, user string) pdfake.Option {
		return pdfake.WithAPIToken(pdfake.APIToken{Token: token, Kind: kind, Account: account, User: user})
	}
	return append([]pdfake.Option{
		pdfake.WithAccount(pdfake.Account{Subdomain: "acme"}),
		pdfake.WithAccount(pdfake.Account{Subdomain: "euro", Region: pdfake.RegionEU}),
		pdfake.WithUser(pdfake.User{
			Account: "acme", ID: "PALICE1", Name: "Alice", Email: "alice@example.com", Role: "admin",
			Teams: []pdfake.Team{{ID: "PTEAM01", Name: "Ops"}},
		}),
		pdfake.WithUser(pdfake.User{Account: "acme", ID: "POTTO01", Name: "Otto", Role: "observer"}),
		pdfake.WithUser(pdfake.User{Account: "acme", ID: "PSTAKE1", Name: "Stan", Role: "read_only_user"}),
		pdfake.WithUser(pdfake.User{Account: "acme", ID: "PGONE01", Name: "Gone", Deactivated: true}),
		pdfake.WithUser(pdfake.User{Account: "euro", ID: "PERIKA1", Name: "Erika"}),
		token(aliceToken, pdfake.UserToken, "", "PALICE1"),
		token(observerToken, pdfake.UserToken, "", "POTTO01"),
		token(euToken, pdfake.UserToken, "", "PERIKA1"),
		token(goneToken, pdfake.UserToken, "", "PGONE01"),
		token(accountToken, pdfake.AccountToken, "acme", ""),
		token(readOnlyToken, pdfake.ReadOnlyAccountToken, "acme", ""),
		token(oauthToken, pdfake.UserOAuthToken, "", "PALICE1"),
		pdfake.WithAPIToken(pdfake.APIToken{Token: revokedToken, User: "PALICE1", Revoked: true}),
	}, extra...)
}

// newClient trusts the server's CA, and follows no redirect.
func newClient(t *testing.T, s *pdfake.Server, change ...func(*http.Transport)) *http.Client {
	t.Helper()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(s.CAPEM())) {
		t.Fatal("CAPEM is not a certificate")
	}
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
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

type reply struct {
	*http.Response
	text string
}

// send sends a request and reads the whole response. The body of a POST is JSON or a form.
func send(t *testing.T, c *http.Client, method, target, authorization, body string) (*reply, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/vnd.pagerduty+json;version=2")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	res, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return &reply{res, string(text)}, err
}

// get requests a path of the US API with an API token, and wants a status.
func get(t *testing.T, s *pdfake.Server, path, token string, status int) map[string]any {
	t.Helper()
	return want(t, newClient(t, s), http.MethodGet, s.URL()+path, "Token token="+token, "", status)
}

func want(t *testing.T, c *http.Client, method, target, authorization, body string, status int) map[string]any {
	t.Helper()
	r, err := send(t, c, method, target, authorization, body)
	if err != nil {
		t.Fatal(err)
	}
	if r.StatusCode != status {
		t.Fatalf("%s %s: status %d, want %d; body %.300q", method, target, r.StatusCode, status, r.text)
	}
	var object map[string]any
	if err := json.Unmarshal([]byte(r.text), &object); err != nil && r.text != "" {
		t.Fatalf("not a JSON object (%v): %.200q", err, r.text)
	}
	return object
}
