// Command demo shows the provider at work: Terraform plans with one API token after another against
// the emulator. It exits with 1 if a result is not the expected one. It does not touch the user's
// Terraform configuration.
//
// The provider sends its requests to api.pagerduty.com, as it does for a user. A proxy connects that
// name to the emulator, so nothing leaves the machine.
//
// With -pictures DIR, bin/freeze (tools/freeze) draws the output of Terraform. Two runs write the same
// bytes as long as the text is the same. With -live, the request goes to the real API with
// PAGERDUTY_TOKEN. With -mirror DIR, the provider is installed from that filesystem mirror.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
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
Every run ended as expected. Next steps:
  make install-local     install the provider for your own configuration
                         (for OpenTofu: PLUGIN_HOST=registry.opentofu.org)
  make emulator          run Terraform yourself against the emulator
  make preflight         check PAGERDUTY_TOKEN against the real API (reads only)
  docs/index.md          read the first page of the documentation
`

func main() {
	live := flag.Bool("live", false, "send the request to the real API, with PAGERDUTY_TOKEN")
	mirror := flag.String("mirror", "", "install the provider from this filesystem mirror")
	pictures := flag.String("pictures", "", "draw SVG files in this directory, and print nothing else")
	flag.Parse()
	if err := run(tfrun.UntilSignal(), *live, *mirror, *pictures); err != nil {
		fmt.Fprintln(os.Stderr, "demo: "+err.Error())
		os.Exit(1)
	}
}

// demo is the workspace of Terraform, its name and the directory of the pictures.
type demo struct {
	*tfrun.Workspace
	command  string // "terraform" or "tofu"
	pictures string
}

func run(ctx context.Context, live bool, mirror, pictures string) error {
	dir, err := os.MkdirTemp("", "pagerdutyauth-demo-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if mirror == "" {
		// A development override would print a warning.
		mirror = filepath.Join(dir, "mirror")
		if err := tfrun.BuildMirror(mirror); err != nil {
			return err
		}
	}
	w, err := tfrun.NewWorkspace(tfrun.Options{Dir: dir, Mirror: mirror, Live: live})
	if err != nil {
		return err
	}
	d := &demo{Workspace: w, command: "terraform", pictures: pictures}
	if w.Terraform.OpenTofu {
		d.command = "tofu"
	}
	if live {
		return d.live(ctx)
	}
	return d.emulated(ctx)
}

// emulated performs the acts against the emulator.
func (d *demo) emulated(ctx context.Context) error {
	server := pdfake.New(tfrun.Seed()...)
	defer server.Close()
	proxy := pdfake.NewProxy(pdfake.ProxyRoute("api.pagerduty.com:443", server.Addr(pdfake.RegionUS)))
	defer proxy.Close()
	d.Setenv("HTTPS_PROXY", proxy.URL())
	d.Setenv("TF_IN_AUTOMATION", "1") // no advice on the next command
	d.say("An emulator stands in for api.pagerduty.com. Nothing leaves this machine.\n" +
		"Each run checks a different API token with allowed_subdomains = [\"acme\"].\n")
	provider := fmt.Sprintf("provider \"pagerdutyauth\" {\n  ca_cert_pem = %q\n}\n", server.CAPEM())
	if err := d.init(ctx, provider); err != nil {
		return err
	}
	for _, a := range acts {
		if a.picture == "" && d.pictures != "" {
			continue
		}
		server.ResetRequests()
		err := d.configure(provider, "  allowed_subdomains = [\"acme\"]\n"+a.guard)
		if err == nil {
			err = d.perform(ctx, a)
		}
		if n := len(server.Requests()); err == nil && n != a.requests {
			err = fmt.Errorf("%d requests, want %d", n, a.requests)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", a.title, err)
		}
		d.say("-- as expected. Requests to the emulator: %d\n", a.requests)
	}
	d.say(next)
	return nil
}

func (d *demo) say(format string, args ...any) {
	if d.pictures == "" {
		fmt.Printf(format, args...)
	}
}

// act is one run of Terraform and the expected result.
type act struct {
	title    string
	picture  string // its file, if it has one
	token    string
	guard    string // an argument of the check, next to allowed_subdomains
	fails    bool
	wants    []string
	requests int
}

var acts = []act{
	{
		title: "A valid user API token", token: tfrun.TokenAda,
		wants: []string{`"Ada Lovelace"`, `"admin"`, `"acme"`, `"user"`}, requests: 1,
	},
	{
		title: "A valid account API token, which belongs to no user", token: tfrun.TokenAccount,
		wants: []string{`"account"`, `"acme"`}, requests: 2,
	},
	{
		title: "A revoked API token", token: tfrun.TokenRevoked, fails: true,
		wants: []string{"api.pagerduty.com", "401", "****0004 (from PAGERDUTY_TOKEN)", "Request ID:"}, requests: 1,
	},
	{
		title: "A valid API token of a different account", picture: "wrong-account.svg",
		token: tfrun.TokenSandbox, fails: true,
		wants: []string{"allowed_subdomains", `"acme-sandbox"`, "****0006"}, requests: 2,
	},
	{
		title: "A read-only API token, if the check requires write access", token: tfrun.TokenReadOnly,
		guard: "  require_write_access = true\n", fails: true, wants: []string{"read-only", "****0003"}, requests: 3,
	},
}

func (d *demo) perform(ctx context.Context, a act) error {
	d.say("\n== %s ==\n$ %s plan\n", a.title, d.command)
	d.Setenv("PAGERDUTY_TOKEN", a.token)
	o, err := d.Run(ctx, "plan", "-input=false")
	if err != nil {
		return err
	}
	if d.pictures == "" {
		o.Output = color.ReplaceAllString(o.Output, "")
	}
	d.say("%s", o.Output)
	if o.Failed != a.fails {
		return fmt.Errorf("%s failed: %t, want %t", d.command, o.Failed, a.fails)
	}
	for _, want := range a.wants {
		if !strings.Contains(flat(o.Output), want) {
			return fmt.Errorf("the output does not contain %q", want)
		}
	}
	if strings.Contains(o.Output, a.token) {
		return errors.New("the output contains the token")
	}
	if d.pictures != "" {
		return d.draw(ctx, o.Output, a.picture)
	}
	return nil
}

var (
	color     = regexp.MustCompile(`\x1b\[[0-9;]*m`)
	requestID = regexp.MustCompile(`\b[0-9a-f]{32}\b`)
	columns   = regexp.MustCompile(`((\x1b\[[0-9;]*m)*[^\x1b\n]){80}`)
)

// flat removes the colors, the frame of a diagnostic and line breaks.
func flat(output string) string {
	output = strings.ReplaceAll(color.ReplaceAllString(output, ""), "│", "")
	return strings.Join(strings.Fields(output), " ")
}

// draw draws the output with freeze. An embedded font would be a hundred times as large as the text, so
// the picture uses the reader's.
func (d *demo) draw(ctx context.Context, output, file string) error {
	output = requestID.ReplaceAllString(output, "444f0bcbd1fc02a3ab93e8833c9e3c4c") // each run has different ones
	output = columns.ReplaceAllString(output, "$0\n")                               // as a terminal of 80 columns
	svg := filepath.Join(d.pictures, file)
	cmd := exec.CommandContext(ctx, filepath.Join("bin", tfrun.Executable("freeze")), "--language", "ansi",
		"--font.family", "monospace", "--output", svg)
	cmd.Stdin = strings.NewReader("$ " + d.command + " plan\n" + output)
	if message, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("freeze: %w\n%s", err, message)
	}
	fmt.Println(svg)
	return nil
}

// configure writes the configuration with a provider block and the arguments of the check.
func (d *demo) configure(provider, arguments string) error {
	return d.Write("main.tf", tfrun.RequiredProviders+provider+fmt.Sprintf(configuration, arguments))
}

// init installs the provider for a configuration with this provider block.
func (d *demo) init(ctx context.Context, provider string) error {
	if err := d.configure(provider, ""); err != nil {
		return err
	}
	o, err := d.Run(ctx, "init", "-input=false", "-no-color")
	if err == nil && o.Failed {
		err = errors.New(d.command + " init failed:\n" + o.Output)
	}
	return err
}

// live checks PAGERDUTY_TOKEN against the real API.
func (d *demo) live(ctx context.Context) error {
	if os.Getenv("PAGERDUTY_TOKEN") == "" {
		return errors.New("set PAGERDUTY_TOKEN to the API token that make preflight is to check")
	}
	if err := d.init(ctx, "provider \"pagerdutyauth\" {}\n"); err != nil {
		return err
	}
	o, err := d.Run(ctx, "plan", "-input=false", "-no-color")
	fmt.Print(o.Output)
	if err == nil && o.Failed {
		err = errors.New("the check failed; the reason is above")
	}
	return err
}
