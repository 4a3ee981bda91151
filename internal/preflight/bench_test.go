package preflight_test

import (
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

const (
	benchUser    = "u+BenchUserKey000001"
	benchAccount = "e+BenchAccountKey002"
	benchUnknown = "u+BenchUnknownKey003"
	benchApp     = "3f1c0000-aaaa-4bbb-8ccc-00000000a001"
	benchSecret  = "SECRETofTheApp-0123456789-zyxwvutsrqpo-W7qp"
)

// The numbers include the emulator's own work and allocations: it answers in this
// process, over TLS. Each check is of a new Checker, which remembers nothing.
func BenchmarkCheck(b *testing.B) {
	s, err := pdfake.New(
		pdfake.WithAccount(pdfake.Account{Subdomain: "acme"}),
		pdfake.WithUser(pdfake.User{
			Account: "acme", ID: "PADA001", Name: "Ada Lovelace", Email: "ada@acme.example", Role: "admin", TimeZone: "UTC",
		}),
		pdfake.WithAPIToken(pdfake.APIToken{Token: benchUser, Kind: pdfake.UserToken, Account: "acme", User: "PADA001"}),
		pdfake.WithAPIToken(pdfake.APIToken{Token: benchAccount, Kind: pdfake.AccountToken, Account: "acme"}),
		pdfake.WithOAuthClient(pdfake.OAuthClient{
			ID: benchApp, Secret: benchSecret, Account: "acme", Scopes: []string{"users.read"},
		}),
	)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	newClient := func() *pagerduty.Client {
		base, err := pagerduty.ParseBaseURL(s.URL())
		if err != nil {
			b.Fatal(err)
		}
		return pagerduty.NewClient(pagerduty.Config{BaseURL: base, UserAgent: "bench", ExtraCAs: []byte(s.CAPEM())})
	}
	identity, err := pagerduty.ParseBaseURL(s.IdentityURL())
	if err != nil {
		b.Fatal(err)
	}
	warm := newClient()
	check := func(
		b *testing.B, client *pagerduty.Client, cred preflight.Credential, e preflight.Expectations, want preflight.Status,
	) {
		b.Helper()
		c := preflight.Checker{API: client, Region: "us", Minter: client.At(identity), Timeout: 15 * time.Second}
		if r := c.Check(b.Context(), cred, e); r.Status != want {
			b.Fatalf("status %s, want %s", r.Status, want)
		}
	}
	token := func(value string) preflight.Credential {
		return preflight.Credential{Kind: preflight.KindToken, Value: pagerduty.NewSecret(value), Source: "bench"}
	}
	app := preflight.Credential{
		Kind: preflight.KindAppOAuth, Value: pagerduty.NewSecret(benchSecret), Source: "bench",
		OAuth: &preflight.OAuthApp{ClientID: benchApp, Region: "us", Subdomain: "acme"},
	}
	for _, c := range []struct {
		name string
		cred preflight.Credential
		e    preflight.Expectations
		want preflight.Status
	}{
		{name: "user_token", cred: token(benchUser), want: preflight.Valid},
		{name: "account_token", cred: token(benchAccount), want: preflight.Valid},
		{name: "401", cred: token(benchUnknown), want: preflight.Unauthorized},
		{
			name: "guard_failure", cred: token(benchUser), want: preflight.NotAllowed,
			e: preflight.Expectations{Sets: map[string][]string{"allowed_subdomains": {"other"}}},
		},
		{name: "malformed", cred: token(benchUser + "\n"), want: preflight.Malformed},
		{name: "oauth_app", cred: app, want: preflight.Valid},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				check(b, warm, c.cred, c.e, c.want)
			}
		})
	}
	b.Run("user_token,first_connection", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			check(b, newClient(), token(benchUser), preflight.Expectations{}, preflight.Valid)
		}
	})
	b.Run("user_token,remembered", func(b *testing.B) {
		c := preflight.Checker{API: warm, Region: "us", Timeout: 15 * time.Second}
		b.ReportAllocs()
		for b.Loop() {
			c.Check(b.Context(), token(benchUser), preflight.Expectations{})
		}
	})
}

func BenchmarkLint(b *testing.B) {
	for name, value := range map[string]string{
		"valid": benchUser, "newline": benchUser + "\n", "prefix": "Token token=" + benchUser,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				preflight.Lint(value)
			}
		})
	}
}
