package main

import (
	"fmt"
	"strings"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// credentials are the tokens that the emulator knows. None is a secret: each is in this file.
var credentials = []struct {
	kind, value, about string
	kindOf             pdfake.KeyKind
	account, user      string
	revoked            bool
}{
	{
		kind: "user API token", value: "u+EmulatorUser01ada1", about: "Ada Lovelace, admin",
		account: "acme", user: "PADA001",
	},
	{
		kind: "user API token", value: "u+EmulatorUser02obs2", about: "Grace Hopper, observer, cannot write schedules",
		account: "acme", user: "PGRACE1",
	},
	{
		kind: "account API token", value: "e+EmulatorFull03acc3", about: "full access",
		kindOf: pdfake.AccountKey, account: "acme",
	},
	{
		kind: "read-only token", value: "e+EmulatorRead04rdo4", about: "account API token, read-only access",
		kindOf: pdfake.ReadOnlyAccountKey, account: "acme",
	},
	{
		kind: "revoked token", value: "u+EmulatorGone05rev5", about: "a user API token that no longer works",
		account: "acme", user: "PADA001", revoked: true,
	},
	{
		kind: "other account's token", value: "e+EmulatorElse06oth6", about: `account API token of the account "other"`,
		kindOf: pdfake.AccountKey, account: "other",
	},
	{
		kind: "EU account's token", value: "e+EmulatorEuro07eur7", about: `account API token of the EU account "euro"`,
		kindOf: pdfake.AccountKey, account: "euro",
	},
}

var app = pdfake.OAuthClient{ //nolint:gosec // an example, which is printed
	ID: "emulator-app-id-08", Secret: "emulator-app-secret-for-acme-09", Account: "acme",
	Scopes: []string{"users.read", "abilities.read", "teams.read", "schedules.read"},
}

// seeds are the accounts, users and credentials.
func seeds() []pdfake.Option {
	options := []pdfake.Option{
		pdfake.WithAccount(pdfake.Account{
			Subdomain: "acme", Abilities: []string{"teams", "advanced_permissions", "read_only_users", "sso"},
		}),
		pdfake.WithAccount(pdfake.Account{Subdomain: "other", Abilities: []string{"teams"}}),
		pdfake.WithAccount(pdfake.Account{
			Subdomain: "euro", Region: pdfake.RegionEU, Abilities: []string{"teams"},
		}),
		pdfake.WithUser(pdfake.User{
			Account: "acme", ID: "PADA001", Name: "Ada Lovelace", Email: "ada@acme.example", Role: "admin",
			JobTitle: "Engineer", TimeZone: "Europe/London", Teams: []pdfake.Team{{ID: "PTEAM01", Name: "Platform"}},
		}),
		pdfake.WithUser(pdfake.User{
			Account: "acme", ID: "PGRACE1", Name: "Grace Hopper", Email: "grace@acme.example", Role: "observer",
		}),
		pdfake.WithUser(pdfake.User{
			Account: "other", ID: "POTHER1", Name: "Alan Turing", Email: "alan@other.example", Role: "owner",
		}),
		pdfake.WithUser(pdfake.User{
			Account: "euro", ID: "PEURO01", Name: "Emmy Noether", Email: "emmy@euro.example", Role: "owner",
		}),
		pdfake.WithOAuthClient(app),
	}
	for _, c := range credentials {
		options = append(options, pdfake.WithKey(pdfake.Key{
			Token: c.value, Kind: c.kindOf, Account: c.account, User: c.user, Revoked: c.revoked,
		}))
	}
	return options
}

// instructions are what a person needs to point Terraform at the emulator.
func (e *emulator) instructions(fault *pdfake.NamedFault) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("The emulator of PagerDuty's API is running. Nothing leaves this machine.")
	if fault != nil {
		line("It answers with the fault %s: %s.", fault.Name, fault.Description)
	}
	line("")
	line("  US API         %s", e.server.URL())
	line("  EU API         %s", e.server.RegionURL(pdfake.RegionEU))
	line("  Identity host  %s", e.server.IdentityURL())
	line("  CA file        %s", e.caFile())
	line("")
	line("To check a token, run this in another terminal, after `make install-local`:")
	line("")
	line("cd %s", quoted(e.dir))
	line("export PAGERDUTY_TOKEN=%s", quoted(credentials[0].value))
	line("terraform init && terraform plan")
	line("")
	line("To check your own configuration, give it this provider block:")
	line("")
	b.WriteString(e.providerBlock())
	line("")
	line("The account is \"acme\". These are the tokens that the emulator knows:")
	line("")
	for _, c := range credentials {
		line("export PAGERDUTY_TOKEN=%s  # %s: %s", quoted(c.value), c.kind, c.about)
	}
	line("")
	line("The EU account's token needs api_url_override = %q and:", e.server.RegionURL(pdfake.RegionEU))
	line("")
	line("export PAGERDUTY_SERVICE_REGION='eu'")
	line("")
	line("For a data source with credential = \"user_token\", any of them as PAGERDUTY_USER_TOKEN.")
	line("For one with credential = \"app_oauth\", the OAuth app:")
	line("")
	line("export PAGERDUTY_CLIENT_ID=%s PAGERDUTY_CLIENT_SECRET=%s PAGERDUTY_SUBDOMAIN=%s",
		quoted(app.ID), quoted(app.Secret), quoted(app.Account))
	line("")
	line("Ctrl-C ends the emulator and removes %s.", e.dir)
	line("Each request appears below: method, path, status and credential.")
	line("")
	return b.String()
}

// quoted quotes for a POSIX shell.
func quoted(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
