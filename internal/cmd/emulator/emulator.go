package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"text/template"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// credential is a token of the emulator and its description. It is not a secret.
type credential struct{ Kind, Value, About string }

var credentials = []credential{
	{"user API token", tfrun.TokenAda, "Ada Lovelace, admin"},
	{"user API token", tfrun.TokenObserver, "Otto Observer, observer, cannot write schedules"},
	{"account API token", tfrun.TokenAccount, "full access"},
	{"read-only token", tfrun.TokenReadOnly, "account API token, read-only access"},
	{"revoked token", tfrun.TokenRevoked, "a user API token that no longer works"},
	{"token of another account", tfrun.TokenSandbox, `account API token of the account "acme-sandbox"`},
	{"EU token", tfrun.TokenEU, `account API token of the EU account "acme-eu"`},
}

// The OAuth apps. A check with required_scopes fails if the second one lacks a scope.
var (
	app = pdfake.OAuthClient{ //nolint:gosec // an example, which is printed
		ID: "emulator-app-id-08", Secret: "emulator-app-secret-for-acme-09", Account: "acme",
		Scopes: []string{"abilities.read", "schedules.read", "schedules.write", "teams.read", "teams.write", "users.read"},
	}
	limitedApp = pdfake.OAuthClient{ //nolint:gosec // an example, which is printed
		ID: "limited-app-id-10", Secret: "limited-app-secret-for-acme-11", Account: "acme", Scopes: []string{"users.read"},
	}
)

// emulator is a running server and the directory with its files.
type emulator struct {
	server *pdfake.Server
	dir    string

	mu   sync.Mutex // requests overlap
	out  io.Writer
	stop context.CancelFunc // called if out cannot be written
}

// start starts the server, writes its files and prints the instructions.
func start(out io.Writer, stop context.CancelFunc, f fault) (*emulator, error) {
	e := &emulator{out: out, stop: stop}
	options := tfrun.Seed(pdfake.WithOAuthClient(app), pdfake.WithOAuthClient(limitedApp),
		pdfake.WithOnRequest(e.printRequest))
	if f.option != nil {
		options = append(options, f.option)
	}
	e.server = pdfake.New(options...)
	var err error
	if e.dir, err = os.MkdirTemp("", "pagerduty-emulator-"); err == nil {
		configuration := tfrun.RequiredProviders + "\n" + e.providerBlock() + check
		err = errors.Join(
			os.WriteFile(filepath.Join(e.dir, "ca.pem"), []byte(e.server.CAPEM()), 0o600),
			os.WriteFile(filepath.Join(e.dir, "main.tf"), []byte(configuration), 0o600),
			instructions.Execute(e, map[string]any{
				"Fault": f.name, "About": f.description, "Dir": e.dir, "ProviderBlock": e.providerBlock(),
				"EU": e.server.RegionURL(pdfake.RegionEU), "Credentials": credentials,
				"Apps": []pdfake.OAuthClient{app, limitedApp},
			}))
	}
	if err != nil {
		return nil, errors.Join(err, e.close())
	}
	return e, nil
}

// close stops the server and removes its directory, with the files that Terraform wrote there.
func (e *emulator) close() error {
	e.server.Close()
	if err := os.RemoveAll(e.dir); err != nil || e.dir == "" {
		return err
	}
	_, _ = fmt.Fprintf(e, "\nStopped. Removed %s\n", e.dir) // the terminal may have gone
	return nil
}

// Write writes to the output.
func (e *emulator) Write(text []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	n, err := e.out.Write(text)
	if err != nil {
		e.stop()
	}
	return n, err
}

// providerBlock points the provider at the emulator. The backslashes of a path on Windows are escaped.
func (e *emulator) providerBlock() string {
	return fmt.Sprintf(`provider "pagerdutyauth" {
  api_url_override      = %q
  identity_url_override = %q
  ca_cert_pem           = file(%q)
}
`, e.server.URL(), e.server.IdentityURL(), filepath.Join(e.dir, "ca.pem"))
}

const check = `
data "pagerdutyauth_credential" "this" {
  allowed_subdomains = ["acme"]
}

output "pagerduty" {
  value = data.pagerdutyauth_credential.this
}
`

// instructions have no comment on a line to paste: zsh, the shell of macOS, does not accept one.
var instructions = template.Must(template.New("").Funcs(template.FuncMap{"join": strings.Join}).Parse(
	`The emulator of PagerDuty's API is running. Nothing leaves this machine.
{{- with .Fault}}
It simulates the fault {{.}}: {{$.About}}.
{{- end}}

To check a token, run this in another terminal, after ` + "`make install-local`" + `:

cd '{{.Dir}}'
export PAGERDUTY_TOKEN='{{(index .Credentials 0).Value}}'
terraform init && terraform plan

For OpenTofu, run ` + "`make install-local PLUGIN_HOST=registry.opentofu.org`" + ` and ` + "`tofu`" + `.

To check your own configuration, use this provider block. Because it sets api_url_override, messages
name that argument as a possible cause.

{{.ProviderBlock}}
The account is "acme". These are the tokens:
{{range .Credentials}}
{{.Kind}}: {{.About}}
  export PAGERDUTY_TOKEN='{{.Value}}'
{{- end}}

For the EU token, set api_url_override = "{{.EU}}",
allowed_subdomains = ["acme-eu"], and:

export PAGERDUTY_SERVICE_REGION='eu'

A data source with credential = "app_oauth" uses an OAuth app:
{{range .Apps}}
Scopes: {{join .Scopes ", "}}
  export PAGERDUTY_CLIENT_ID='{{.ID}}'
  export PAGERDUTY_CLIENT_SECRET='{{.Secret}}'
  export PAGERDUTY_SUBDOMAIN='{{.Account}}'
{{end}}
With the second app, required_scopes = ["schedules.write"] fails.

Ctrl-C stops the emulator and removes {{.Dir}}.
Each request appears below: method, path, status and credential.

`))

// printRequest prints method, path, status and the last 4 characters of the credential.
func (e *emulator) printRequest(r pdfake.Request) {
	status, caller := "no response", "no credential"
	if r.Status != 0 {
		status = fmt.Sprint(r.Status)
	}
	if shown := 4; len(r.Token) >= 2*shown {
		caller = "****" + r.Token[len(r.Token)-shown:]
	}
	// The quotes keep text from a request from controlling the terminal.
	_, _ = fmt.Fprintf(e, "%-6s %-22q %-11s %q\n", r.Method, r.Path, status, caller)
}
