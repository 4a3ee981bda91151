package main

import (
	"errors"
	"strings"
	"text/template"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// credential is a token that the emulator knows, as the instructions name it.
type credential struct{ Kind, Value, About string }

// credentials are those of [tfrun.Seed] that show something of their own. None is a secret.
var credentials = []credential{
	{"user API token", tfrun.TokenAda, "Ada Lovelace, admin"},
	{"user API token", tfrun.TokenObserver, "Otto Observer, observer, cannot write schedules"},
	{"account API token", tfrun.TokenAccount, "full access"},
	{"read-only token", tfrun.TokenReadOnly, "account API token, read-only access"},
	{"revoked token", tfrun.TokenRevoked, "a user API token that no longer works"},
	{"other account's token", tfrun.TokenSandbox, `account API token of the account "acme-sandbox"`},
	{"EU account's token", tfrun.TokenEU, `account API token of the EU account "acme-eu"`},
}

var app = pdfake.OAuthClient{ //nolint:gosec // an example, which is printed
	ID: "emulator-app-id-08", Secret: "emulator-app-secret-for-acme-09", Account: "acme",
	Scopes: []string{"users.read", "abilities.read", "teams.read", "schedules.read", "schedules.write"},
}

// instructions are all that a person needs to have Terraform ask the emulator. A line to paste has no
// comment: zsh, the shell of macOS, takes none in a terminal, and waits for the end of an apostrophe in it.
var instructions = template.Must(template.New("").Funcs(template.FuncMap{"quoted": quoted}).Parse(
	`The emulator of PagerDuty's API is running. Nothing leaves this machine.
{{- with .Fault}}
It answers with the fault {{.Name}}: {{.Description}}.
{{- end}}

  US API         {{.US}}
  EU API         {{.EU}}
  Identity host  {{.Identity}}
  CA file        {{.CAFile}}

To check a token, run this in another terminal, after ` + "`make install-local`" + `:

cd {{quoted .Dir}}
export PAGERDUTY_TOKEN={{quoted (index .Credentials 0).Value}}
terraform init && terraform plan

With OpenTofu, after ` + "`make install-local PLUGIN_HOST=registry.opentofu.org`" + `:

tofu init && tofu plan

To check your own configuration, give it this provider block:

{{.ProviderBlock}}
The account is "acme". These are the tokens that the emulator knows:
{{range .Credentials}}
{{.Kind}}: {{.About}}
  export PAGERDUTY_TOKEN={{quoted .Value}}
{{- end}}

The EU account's token needs api_url_override = {{printf "%q" .EU}} and:

export PAGERDUTY_SERVICE_REGION='eu'

For a data source with credential = "user_token", a user API token as
PAGERDUTY_USER_TOKEN. For one with credential = "app_oauth", the OAuth app:

export PAGERDUTY_CLIENT_ID={{quoted .App.ID}}
export PAGERDUTY_CLIENT_SECRET={{quoted .App.Secret}}
export PAGERDUTY_SUBDOMAIN={{quoted .App.Account}}

Scopes: {{.Scopes}}

Ctrl-C ends the emulator and removes {{.Dir}}.
Each request appears below: method, path, status and credential.

`))

func (e *emulator) printInstructions(fault *pdfake.NamedFault) error {
	var b strings.Builder
	err := instructions.Execute(&b, map[string]any{
		"Fault": fault, "Dir": e.dir, "CAFile": e.caFile(), "ProviderBlock": e.providerBlock(),
		"US": e.server.URL(), "EU": e.server.RegionURL(pdfake.RegionEU), "Identity": e.server.IdentityURL(),
		"Credentials": credentials, "App": app, "Scopes": strings.Join(app.Scopes, ", "),
	})
	return errors.Join(err, e.say(b.String()))
}

// quoted quotes for a POSIX shell.
func quoted(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
