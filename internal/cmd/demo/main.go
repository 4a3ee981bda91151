// Command demo shows the provider at work: Terraform plans with one API token after
// the other against the emulator, in text and in JSON. It exits with 1 if anything
// differs from what is expected. It leaves the user's Terraform configuration alone.
//
// The provider sends its requests to api.pagerduty.com, as it does for a user. A proxy
// leads that name to the emulator, so nothing leaves the machine.
//
// With -pictures DIR it has bin/freeze (tools/freeze) draw what Terraform printed;
// two runs write the same bytes as long as the words are the same. With -live it
// asks the real API with PAGERDUTY_TOKEN instead. With -mirror DIR it installs the
// provider from that filesystem mirror and shows terraform init.
package main

import (
	"bytes"
	"context"
	"encoding/json"
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

// next is what to do after the demo. OpenTofu looks for the provider under its own registry's name.
func next(openTofu bool) string {
	host := ""
	if openTofu {
		host = " PLUGIN_HOST=registry.opentofu.org"
	}
	return `
Every run ended as expected. Next steps:
  make install-local` + host + `
                         install the provider for your own configuration
  make emulator          check your own configuration against the emulator
  make preflight         check PAGERDUTY_TOKEN against the real API (reads only)
  docs/index.md          read the first page of the documentation
`
}

func main() {
	live := flag.Bool("live", false, "ask the real API with PAGERDUTY_TOKEN")
	mirror := flag.String("mirror", "", "install the provider from this filesystem mirror")
	pictures := flag.String("pictures", "", "draw SVG files in this directory, and print nothing else")
	flag.Parse()
	if err := run(tfrun.UntilSignal(), *live, *mirror, *pictures); err != nil {
		fmt.Fprintln(os.Stderr, "demo: "+err.Error())
		os.Exit(1)
	}
}

// demo is the workspace where Terraform runs, the options that control its colors,
// and the directory of the pictures, "" for none.
type demo struct {
	*tfrun.Workspace
	colors   []string
	pictures string
}

func run(ctx context.Context, live bool, mirror, pictures string) error {
	dir, err := os.MkdirTemp("", "pagerdutyauth-demo-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	shown := mirror != ""
	if !shown {
		// An installed provider brings no warning about development overrides.
		mirror = filepath.Join(dir, "mirror")
		if err := tfrun.BuildMirror(mirror); err != nil {
			return err
		}
	}
	w, err := tfrun.NewWorkspace(tfrun.Options{Dir: dir, Mirror: mirror, Live: live})
	if err != nil {
		return err
	}
	d := &demo{Workspace: w, pictures: pictures}
	if info, err := os.Stdout.Stat(); pictures == "" &&
		(err != nil || info.Mode()&os.ModeCharDevice == 0 || os.Getenv("NO_COLOR") != "") {
		d.colors = []string{"-no-color"}
	}
	if live {
		return d.live(ctx)
	}
	return d.emulated(ctx, shown)
}

// emulated performs the acts against the emulator.
func (d *demo) emulated(ctx context.Context, showInit bool) error {
	server, err := pdfake.New(tfrun.Seed()...)
	if err != nil {
		return err
	}
	defer server.Close()
	proxy, err := pdfake.NewProxy(pdfake.ProxyRoute("api.pagerduty.com:443", server.Addr(pdfake.RegionUS)))
	if err != nil {
		return err
	}
	defer proxy.Close()
	d.Setenv("HTTPS_PROXY", proxy.URL())
	d.Setenv("TF_IN_AUTOMATION", "1") // no advice on what to run next
	d.say("An emulator answers in place of api.pagerduty.com. Nothing leaves this machine.\n")
	provider := fmt.Sprintf("provider \"pagerdutyauth\" {\n  ca_cert_pem = %q\n}\n", server.CAPEM())
	if err := d.configure(provider, ""); err != nil {
		return err
	}
	if err := d.init(ctx, showInit); err != nil {
		return err
	}
	for _, a := range acts {
		if a.picture == "" && d.pictures != "" {
			continue
		}
		server.ResetRequests()
		if err := d.configure(provider, "  allowed_subdomains = [\"acme\"]\n"+a.guard); err != nil {
			return err
		}
		if err := d.perform(ctx, a); err != nil {
			return fmt.Errorf("%s: %w", a.title, err)
		}
		if n := len(server.Requests()); n != a.requests {
			return fmt.Errorf("%s: %d requests, want %d", a.title, n, a.requests)
		}
		d.say("-- as expected, with %s\n", count(a.requests))
	}
	d.say("%s", next(d.Terraform.OpenTofu))
	return nil
}

// command is the one that a user would type.
func (d *demo) command() string {
	if d.Terraform.OpenTofu {
		return "tofu"
	}
	return "terraform"
}

func (d *demo) say(format string, args ...any) {
	if d.pictures == "" {
		fmt.Printf(format, args...)
	}
}

// count is a number of requests in words.
func count(requests int) string {
	if requests == 1 {
		return "1 request to PagerDuty"
	}
	return fmt.Sprintf("%d requests to PagerDuty", requests)
}

// act is one Terraform run of the demo and what is expected of it.
type act struct {
	title    string
	picture  string // its file, if there is one
	token    string
	guard    string // an argument of the check, next to allowed_subdomains
	json     bool
	fails    bool
	wants    []string
	requests int
}

var acts = []act{
	{
		title: "A valid user API token", picture: "passing.svg", token: tfrun.TokenAda,
		wants: []string{`"Ada Lovelace"`, `"admin"`, `"acme"`, `"user"`}, requests: 1,
	},
	{
		title: "A valid account API token, which is tied to no user", token: tfrun.TokenAccount,
		wants: []string{`"account"`, `"acme"`}, requests: 2,
	},
	{
		title: "A revoked API token", picture: "rejected.svg", token: tfrun.TokenRevoked, fails: true,
		wants: []string{"api.pagerduty.com", "401", "****0004 (from PAGERDUTY_TOKEN)", "Request ID:"}, requests: 1,
	},
	{
		title: "A valid API token of another account", picture: "wrong-account.svg",
		token: tfrun.TokenSandbox, fails: true,
		wants: []string{"allowed_subdomains", `"acme-sandbox"`, "****0006"}, requests: 2,
	},
	{
		title: "A read-only API token where the check asks for write access", token: tfrun.TokenReadOnly,
		guard: "  require_write_access = true\n", fails: true,
		wants: []string{"require_write_access", "****0003"}, requests: 3,
	},
	{
		title: "The revoked API token again, as a script reads it: the diagnostic in JSON", token: tfrun.TokenRevoked,
		json: true, fails: true, wants: []string{`"severity": "error"`, "****0004"}, requests: 1,
	},
}

func (d *demo) perform(ctx context.Context, a act) error {
	args := append([]string{"plan", "-input=false"}, d.colors...)
	if a.json {
		args = []string{"plan", "-input=false", "-json"}
	}
	d.say("\n== %s ==\n$ %s %s\n", a.title, d.command(), strings.Join(args, " "))
	d.Setenv("PAGERDUTY_TOKEN", a.token)
	o, err := d.Run(ctx, args...)
	if err != nil {
		return err
	}
	if a.json {
		if o.Output, err = diagnostics(o.Output); err != nil {
			return err
		}
	}
	d.say("%s", o.Output)
	if o.Failed != a.fails {
		return fmt.Errorf("%s failed: %t, want %t", d.command(), o.Failed, a.fails)
	}
	for _, want := range a.wants {
		if !strings.Contains(flat(o.Output), want) {
			return fmt.Errorf("the output lacks %q", want)
		}
	}
	if strings.Contains(o.Output, a.token) {
		return errors.New("the output holds the token")
	}
	if d.pictures != "" {
		return d.draw(ctx, o.Output, a.picture)
	}
	return nil
}

// requestID is the emulator's, which changes with each run.
var requestID = regexp.MustCompile(`\b[0-9a-f]{32}\b`)

// draw has freeze draw the output. Without a font of its own, which would be a
// hundred times the text, the picture takes the reader's.
func (d *demo) draw(ctx context.Context, output, file string) error {
	output = requestID.ReplaceAllString(output, "444f0bcbd1fc02a3ab93e8833c9e3c4c")
	if err := d.Write("output.txt", "$ "+d.command()+" plan\n"+output); err != nil {
		return err
	}
	svg := filepath.Join(d.pictures, file)
	cmd := exec.CommandContext(ctx, filepath.Join("bin", tfrun.Executable("freeze")), filepath.Join(d.Dir, "output.txt"),
		"--language", "ansi", "--font.family", "monospace", "--output", svg)
	if message, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("freeze: %w\n%s", err, message)
	}
	fmt.Println(svg)
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
		fmt.Print("\n$ " + d.command() + " init\n" + o.Output)
	}
	if o.Failed {
		return errors.New(d.command() + " init failed")
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
