// Command demo shows the provider at work: Terraform plans with one API token after
// the other against the emulator, in text and in JSON. It exits with 1 if anything
// differs from what it promises. Nothing of the user's Terraform configuration is
// touched.
//
// With -live it asks the real API with PAGERDUTY_TOKEN instead. With -mirror DIR
// it installs the provider from that filesystem mirror and shows terraform init.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

const configuration = `
data "pagerdutyauth_credential" "this" {
%s}

output "pagerduty" {
  value = {
    status     = data.pagerdutyauth_credential.this.status
    token_type = data.pagerdutyauth_credential.this.token_type
    subdomain  = data.pagerdutyauth_credential.this.subdomain
    user       = try(data.pagerdutyauth_credential.this.user.name, null)
    role       = try(data.pagerdutyauth_credential.this.user.role, null)
  }
}
`

const next = `
Everything was as promised. What to do next:
  make emulator          try your own configuration against the emulator
  make preflight         check PAGERDUTY_TOKEN against the real API (reads only)
  docs/index.md          the first page of the documentation
`

func main() {
	live := flag.Bool("live", false, "ask the real API with PAGERDUTY_TOKEN")
	mirror := flag.String("mirror", "", "install the provider from this filesystem mirror")
	flag.Parse()
	if err := run(context.Background(), *live, *mirror); err != nil {
		fmt.Fprintln(os.Stderr, "demo: "+err.Error())
		os.Exit(1)
	}
}

// demo is where Terraform runs, and the options that decide its colors.
type demo struct {
	*tfrun.Workspace
	colors []string
}

func run(ctx context.Context, live bool, mirror string) error {
	shown := mirror != ""
	if !shown {
		// An installed provider brings no warning about development overrides.
		dir, err := os.MkdirTemp("", "pagerdutyauth-demo-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		mirror = filepath.Join(dir, "mirror")
		if err := tfrun.BuildMirror(mirror); err != nil {
			return err
		}
	}
	w, err := tfrun.NewWorkspace(tfrun.Options{Mirror: mirror, Live: live})
	if err != nil {
		return err
	}
	defer w.Close()
	d := &demo{Workspace: w}
	if info, err := os.Stdout.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 || os.Getenv("NO_COLOR") != "" {
		d.colors = []string{"-no-color"}
	}
	if live {
		return d.live(ctx)
	}
	server, err := pdfake.New(tfrun.Seed()...)
	if err != nil {
		return err
	}
	defer server.Close()
	fmt.Printf("An emulator of PagerDuty's API answers at %s. Nothing leaves this machine.\n", server.URL())
	provider := tfrun.ProviderBlock(server.URL(), server.CAPEM(), "")
	if err := d.configure(provider, "  allowed_subdomains = [\"acme\"]\n"); err != nil {
		return err
	}
	if err := d.init(ctx, shown); err != nil {
		return err
	}
	if err := d.acts(ctx, server); err != nil {
		return err
	}
	fmt.Print(next)
	return nil
}

// act is one Terraform run of the demo and what it promises.
type act struct {
	title    string
	token    string
	json     bool
	fails    bool
	promises []string
	requests int
}

var acts = []act{
	{
		title: "A valid user API token", token: tfrun.TokenAda,
		promises: []string{`"Ada Lovelace"`, `"admin"`, `"acme"`, `"user"`}, requests: 1,
	},
	{
		title: "A valid account API token, which is tied to no user", token: tfrun.TokenAccount,
		promises: []string{`"account"`, `"acme"`}, requests: 2,
	},
	{
		title: "A revoked API token", token: tfrun.TokenRevoked, fails: true,
		promises: []string{"401", "****0004 (from PAGERDUTY_TOKEN)", "Request ID:"}, requests: 1,
	},
	{
		title: "A valid API token of another account", token: tfrun.TokenSandbox, fails: true,
		promises: []string{"allowed_subdomains", `"acme-sandbox"`, "****0006"}, requests: 2,
	},
	{
		title: "The revoked API token once more: the diagnostic that a script reads", token: tfrun.TokenRevoked,
		json: true, fails: true, promises: []string{`"severity": "error"`, "****0004"}, requests: 1,
	},
}

func (d *demo) acts(ctx context.Context, server *pdfake.Server) error {
	for _, a := range acts {
		server.ResetRequests()
		if err := d.perform(ctx, a); err != nil {
			return fmt.Errorf("%s: %w", a.title, err)
		}
		if n := len(server.Requests()); n != a.requests {
			return fmt.Errorf("%s: %d requests, promised: %d", a.title, n, a.requests)
		}
		fmt.Printf("-- as promised; requests to PagerDuty: %d\n", a.requests)
	}
	return nil
}

func (d *demo) perform(ctx context.Context, a act) error {
	args := append([]string{"plan", "-input=false"}, d.colors...)
	if a.json {
		args = []string{"plan", "-input=false", "-json"}
	}
	fmt.Printf("\n== %s ==\n$ terraform %s\n", a.title, strings.Join(args, " "))
	o, err := d.With("PAGERDUTY_TOKEN="+a.token).Run(ctx, args...)
	if err != nil {
		return err
	}
	if a.json {
		if o.Output, err = diagnostics(o.Output); err != nil {
			return err
		}
	}
	fmt.Print(o.Output)
	if o.Failed != a.fails {
		return fmt.Errorf("terraform failed: %t, promised: %t", o.Failed, a.fails)
	}
	for _, want := range a.promises {
		if !strings.Contains(flat(o.Output), want) {
			return fmt.Errorf("the output lacks %q", want)
		}
	}
	if strings.Contains(o.Output, a.token) {
		return errors.New("the output holds the token")
	}
	return nil
}

// diagnostics are those of -json, indented, without what else it prints.
func diagnostics(output string) (string, error) {
	var all bytes.Buffer
	for line := range strings.Lines(output) {
		var message struct {
			Diagnostic json.RawMessage `json:"diagnostic"`
		}
		if json.Unmarshal([]byte(line), &message) != nil || message.Diagnostic == nil {
			continue
		}
		if err := json.Indent(&all, message.Diagnostic, "", "  "); err != nil {
			return "", err
		}
		all.WriteByte('\n')
	}
	return all.String(), nil
}

var color = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// flat is the output without colors, the frame of a diagnostic and line breaks.
func flat(output string) string {
	output = strings.ReplaceAll(color.ReplaceAllString(output, ""), "│", "")
	return strings.Join(strings.Fields(output), " ")
}

// configure writes the configuration with a provider block and the arguments of
// the check.
func (d *demo) configure(provider, arguments string) error {
	return d.Write("main.tf", tfrun.RequiredProviders+provider+fmt.Sprintf(configuration, arguments))
}

// init installs the provider, and shows how if shown.
func (d *demo) init(ctx context.Context, shown bool) error {
	o, err := d.Run(ctx, append([]string{"init", "-input=false"}, d.colors...)...)
	if err != nil {
		return err
	}
	if shown || o.Failed {
		fmt.Print("\n$ terraform init\n" + o.Output)
	}
	if o.Failed {
		return errors.New("terraform init failed")
	}
	lock, err := d.Read(".terraform.lock.hcl")
	if err == nil && !strings.Contains(lock, "/pagerdutyauth/pagerdutyauth\"") {
		err = errors.New("the lock file does not name the provider")
	}
	return err
}

// live asks the real API, with what the environment says.
func (d *demo) live(ctx context.Context) error {
	if os.Getenv("PAGERDUTY_TOKEN") == "" {
		return errors.New("PAGERDUTY_TOKEN is not set: it is the API token that make preflight checks")
	}
	if err := d.configure("provider \"pagerdutyauth\" {}\n", ""); err != nil {
		return err
	}
	if err := d.init(ctx, false); err != nil {
		return err
	}
	o, err := d.Run(ctx, append([]string{"plan", "-input=false"}, d.colors...)...)
	if err != nil {
		return err
	}
	fmt.Print(o.Output)
	if o.Failed {
		return errors.New("the check failed; the reason is above")
	}
	return nil
}
