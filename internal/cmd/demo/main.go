// Command demo shows the provider at work: it builds it, starts the emulator,
// and has Terraform plan with a good user key, a key of the account and a
// revoked key, in text and in JSON. It exits with 1 where anything differs from
// what it promises. Nothing of the user's Terraform configuration is touched.
//
// With -live it asks the real API with PAGERDUTY_TOKEN instead. With -mirror DIR
// it takes the provider from a filesystem mirror, through terraform init.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// The emulator's keys: made up, in the documented shape.
const (
	userKey    = "u+DemoUserKey00ada01"
	accountKey = "u+DemoAccountKey0002"
	revokedKey = "u+DemoRevokedKey0003"
)

const address = "registry.terraform.io/pagerdutyauth/pagerdutyauth"

const configuration = `terraform {
  required_providers {
    pagerdutyauth = { source = "pagerdutyauth/pagerdutyauth" }
  }
}

provider "pagerdutyauth" {
%s}

data "pagerdutyauth_credential" "this" {}

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

func main() {
	live := flag.Bool("live", false, "ask the real API with PAGERDUTY_TOKEN")
	mirror := flag.String("mirror", "", "take the provider from this filesystem mirror, through terraform init")
	flag.Parse()
	if err := run(context.Background(), *live, *mirror); err != nil {
		fmt.Fprintln(os.Stderr, "demo: "+err.Error())
		os.Exit(1)
	}
}

// stage is the place the demo plays in: a directory and a Terraform.
type stage struct {
	dir, terraform, mirror string
}

func run(ctx context.Context, live bool, mirror string) error {
	dir, err := os.MkdirTemp("", "pagerdutyauth-demo-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	s := &stage{dir: dir, terraform: os.Getenv("TERRAFORM"), mirror: mirror}
	if s.terraform == "" {
		s.terraform = "terraform"
	}
	if err := s.install(ctx); err != nil {
		return err
	}
	if live {
		return s.live(ctx)
	}
	server, err := pdfake.New( //nolint:contextcheck // The emulator lives until it is closed.
		pdfake.WithAccount(pdfake.Account{Subdomain: "acme"}),
		pdfake.WithUser(pdfake.User{
			Account: "acme", ID: "PADA001", Name: "Ada Lovelace", Email: "ada@acme.example", Role: "admin", JobTitle: "Engineer",
			TimeZone: "Europe/London", Teams: []pdfake.Team{{ID: "PTEAM01", Name: "Platform"}},
		}),
		pdfake.WithKey(pdfake.Key{Token: userKey, Kind: pdfake.UserKey, Account: "acme", User: "PADA001"}),
		pdfake.WithKey(pdfake.Key{Token: accountKey, Kind: pdfake.AccountKey, Account: "acme"}),
		pdfake.WithKey(pdfake.Key{Token: revokedKey, Kind: pdfake.UserKey, Account: "acme", User: "PADA001", Revoked: true}),
	)
	if err != nil {
		return err
	}
	defer server.Close()
	fmt.Printf("An emulator of PagerDuty's API answers at %s. Nothing leaves this machine.\n", server.URL())
	if err := s.write(ctx, fmt.Sprintf("  api_url_override = %q\n  ca_cert_pem      = %q\n", server.URL(), server.CAPEM())); err != nil {
		return err
	}
	return s.acts(ctx, server)
}

// act is one Terraform run of the demo and what it promises.
type act struct {
	title    string
	token    string
	args     []string
	fails    bool
	promises []string
	requests int
}

func (s *stage) acts(ctx context.Context, server *pdfake.Server) error {
	plan := []string{"plan", "-no-color", "-input=false"}
	acts := []act{
		{"A good key of a user", userKey, plan, false, []string{`"Ada Lovelace"`, `"admin"`, `"acme"`, `"user"`}, 1},
		{"A good key of the account: valid, and nobody's", accountKey, plan, false, []string{`"account"`, `"acme"`}, 2},
		{"A revoked key", revokedKey, plan, true, []string{"PagerDuty rejected the API token", "401 Unauthorized", "****0003 (from PAGERDUTY_TOKEN)", "Request ID:"}, 1},
		{"The revoked key in -json, for a program to read", revokedKey, []string{"plan", "-json", "-input=false"}, true, []string{`"@level":"error"`, `PagerDuty rejected the API token`, "****0003"}, 1},
	}
	if s.mirror != "" {
		acts = acts[:1]
	}
	for _, a := range acts {
		server.ResetRequests()
		fmt.Printf("\n== %s ==\n$ terraform %s\n", a.title, strings.Join(a.args, " "))
		output, failed, err := s.terraformRun(ctx, a.token, a.args...)
		if err != nil {
			return err
		}
		fmt.Print(output)
		if err := a.kept(output, failed, len(server.Requests())); err != nil {
			return fmt.Errorf("%s: %w", a.title, err)
		}
		fmt.Printf("-- as promised; requests to PagerDuty: %d\n", a.requests)
	}
	fmt.Println("\nEverything was as promised.")
	return nil
}

func (a act) kept(output string, failed bool, requests int) error {
	if failed != a.fails {
		return fmt.Errorf("terraform failed: %t, promised: %t", failed, a.fails)
	}
	if requests != a.requests {
		return fmt.Errorf("%d requests, promised: %d", requests, a.requests)
	}
	for _, want := range a.promises {
		if !strings.Contains(output, want) {
			return fmt.Errorf("the output lacks %q", want)
		}
	}
	if strings.Contains(output, a.token) {
		return errors.New("the output holds the token")
	}
	return nil
}

// install makes the provider known to Terraform by a CLI configuration of its own.
func (s *stage) install(ctx context.Context) error {
	work := filepath.Join(s.dir, "work")
	if err := os.Mkdir(work, 0o700); err != nil {
		return err
	}
	cli := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", s.mirror)
	if s.mirror == "" {
		binary := filepath.Join(s.dir, "terraform-provider-pagerdutyauth"+exeSuffix)
		build := exec.CommandContext(ctx, "go", "build", "-o", binary, ".")
		build.Stdout, build.Stderr = os.Stderr, os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("building the provider: %w", err)
		}
		cli = fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n  direct {}\n}\n", address, s.dir)
	}
	return os.WriteFile(filepath.Join(s.dir, "terraformrc"), []byte(cli), 0o600)
}

// write writes the configuration, with the provider block's arguments, and
// initialises the directory where the provider comes from a mirror.
func (s *stage) write(ctx context.Context, arguments string) error {
	err := os.WriteFile(filepath.Join(s.dir, "work", "main.tf"), fmt.Appendf(nil, configuration, arguments), 0o600)
	if err != nil || s.mirror == "" {
		return err
	}
	fmt.Println("\n$ terraform init")
	output, failed, err := s.terraformRun(ctx, "", "init", "-no-color", "-input=false")
	if err != nil {
		return err
	}
	fmt.Print(output)
	if failed {
		return errors.New("terraform init failed")
	}
	lock, err := os.ReadFile(filepath.Join(s.dir, "work", ".terraform.lock.hcl"))
	if err != nil {
		return err
	}
	if !bytes.Contains(lock, []byte(address)) {
		return errors.New("the lock file does not name the provider")
	}
	return nil
}

// live asks the real API, with what the environment says.
func (s *stage) live(ctx context.Context) error {
	token := os.Getenv("PAGERDUTY_TOKEN")
	if token == "" {
		return errors.New("PAGERDUTY_TOKEN is not set; it is the key that make preflight checks against the real API")
	}
	if err := s.write(ctx, ""); err != nil {
		return err
	}
	output, failed, err := s.terraformRun(ctx, token, "plan", "-no-color", "-input=false")
	if err != nil {
		return err
	}
	fmt.Print(output)
	if failed {
		return errors.New("the check failed; the reason is above")
	}
	return nil
}

// terraformRun runs Terraform with a token in the environment and gives what it
// printed, the notice about dev_overrides removed.
func (s *stage) terraformRun(ctx context.Context, token string, args ...string) (output string, failed bool, err error) {
	cmd := exec.CommandContext(ctx, s.terraform, args...)
	cmd.Dir = filepath.Join(s.dir, "work")
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "TF_") && !strings.HasPrefix(e, "PAGERDUTY_TOKEN=") {
			cmd.Env = append(cmd.Env, e)
		}
	}
	cmd.Env = append(cmd.Env, "TF_CLI_CONFIG_FILE="+filepath.Join(s.dir, "terraformrc"), "CHECKPOINT_DISABLE=1", "PAGERDUTY_TOKEN="+token)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	runErr := cmd.Run()
	var exit *exec.ExitError
	if runErr != nil && !errors.As(runErr, &exit) {
		return "", false, fmt.Errorf("running Terraform: %w", runErr)
	}
	return withoutOverrideNotice(out.String()), exit != nil, nil
}

// withoutOverrideNotice drops the warning that dev_overrides are in force: it is
// about how the demo is built and not about what it shows.
func withoutOverrideNotice(output string) string {
	const first, last = "Warning: Provider development overrides are in effect", "\nreleases.\n"
	before, rest, found := strings.Cut(output, first)
	if !found {
		return output
	}
	_, after, found := strings.Cut(rest, last)
	if !found {
		return output
	}
	if i := strings.LastIndex(before, "╷"); i >= 0 {
		before = before[:i]
	}
	after = strings.TrimPrefix(strings.TrimLeft(after, "\n"), "╵")
	return strings.TrimLeft(before+strings.TrimLeft(after, "\n"), "\n")
}
