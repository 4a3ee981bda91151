package tfrun

import (
	"fmt"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// The API tokens of the emulated accounts, made up in the documented form.
const (
	TokenAda        = "u+AdaUserKey00000001"
	TokenAccount    = "e+AccountKey00000002"
	TokenReadOnly   = "e+ReadOnlyKey0000003"
	TokenRevoked    = "u+RevokedKey00000004"
	TokenObserver   = "u+ObserverKey0000005"
	TokenSandbox    = "e+OtherAcctKey000006"
	TokenEU         = "e+EuropeKey000000007"
	TokenGone       = "u+DeactivatedKey0008"
	TokenLapsed     = "e+ExpiredAcctKey0009"
	TokenUnlicensed = "e+LicenseKey00000010"
	TokenNoURL      = "u+NoHTMLURLKey000011"
)

// Seed returns the accounts acme and acme-sandbox in the US, acme-eu in the EU, and
// lapsed and unlicensed, which have expired, with their users and API tokens.
func Seed(more ...pdfake.Option) []pdfake.Option {
	apiToken := func(token string, kind pdfake.TokenKind, account, user string) pdfake.Option {
		return pdfake.WithAPIToken(pdfake.APIToken{Token: token, Kind: kind, Account: account, User: user})
	}
	return append([]pdfake.Option{
		pdfake.WithAccount(pdfake.Account{Subdomain: "acme"}),
		pdfake.WithAccount(pdfake.Account{Subdomain: "acme-sandbox"}),
		pdfake.WithAccount(pdfake.Account{Subdomain: "acme-eu", Region: "eu"}),
		pdfake.WithAccount(pdfake.Account{Subdomain: "lapsed", State: "expired"}),
		pdfake.WithAccount(pdfake.Account{Subdomain: "unlicensed", State: "license_expired"}),
		pdfake.WithUser(pdfake.User{
			Account: "acme", ID: "PADA001", Name: "Ada Lovelace", Email: "ada@acme.example",
			Role: "admin", Teams: []pdfake.Team{{ID: "PTEAM01", Name: "Platform"}, {ID: "PTEAM02", Name: "Analysis"}},
		}),
		pdfake.WithUser(pdfake.User{
			Account: "acme", ID: "POBS001", Name: "Otto Observer", Email: "otto@acme.example", Role: "observer",
		}),
		pdfake.WithUser(pdfake.User{
			Account: "acme", ID: "PGONE01", Name: "Gone", Email: "gone@acme.example", Deactivated: true,
		}),
		pdfake.WithUser(pdfake.User{
			Account: "acme", ID: "PNOURL1", Name: "No Page", Email: "nopage@acme.example",
			Extra: map[string]any{"html_url": nil},
		}),
		pdfake.WithUser(pdfake.User{
			Account: "acme-sandbox", ID: "PSAND01", Name: "Sandy", Email: "sandy@acme.example", Role: "owner",
		}),
		pdfake.WithUser(pdfake.User{
			Account: "acme-eu", ID: "PEURO01", Name: "Europa", Email: "europa@acme.example", Role: "owner",
		}),
		apiToken(TokenAda, pdfake.UserToken, "acme", "PADA001"),
		apiToken(TokenObserver, pdfake.UserToken, "acme", "POBS001"),
		apiToken(TokenGone, pdfake.UserToken, "acme", "PGONE01"),
		apiToken(TokenNoURL, pdfake.UserToken, "acme", "PNOURL1"),
		pdfake.WithAPIToken(pdfake.APIToken{
			Token: TokenRevoked, Kind: pdfake.UserToken, Account: "acme", User: "PADA001", Revoked: true,
		}),
		apiToken(TokenAccount, pdfake.AccountToken, "acme", ""),
		apiToken(TokenReadOnly, pdfake.ReadOnlyAccountToken, "acme", ""),
		apiToken(TokenSandbox, pdfake.AccountToken, "acme-sandbox", ""),
		apiToken(TokenEU, pdfake.AccountToken, "acme-eu", ""),
		apiToken(TokenLapsed, pdfake.AccountToken, "lapsed", ""),
		apiToken(TokenUnlicensed, pdfake.AccountToken, "unlicensed", ""),
	}, more...)
}

// RequiredProviders names the provider without a registry's host.
const RequiredProviders = `terraform {
  required_providers {
    pagerdutyauth = { source = "pagerdutyauth/pagerdutyauth" }
  }
}
`

// ProviderBlock returns a provider block for the API at url, with the CA in PEM.
func ProviderBlock(url, ca, arguments string) string {
	return fmt.Sprintf("provider \"pagerdutyauth\" {\n  api_url_override = %q\n  ca_cert_pem      = %q\n%s\n}\n",
		url, ca, arguments)
}
