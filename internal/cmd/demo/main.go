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
	"strings"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/cmd/internal/stage"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

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

// demo is the stage and where its provider comes from.
type demo struct {
	*stage.Stage
	mirror string
}

func run(ctx context.Context, live bool, mirror string) error {
	s, err := stage.New(func(variable string) bool { return variable != "PAGERDUTY_TOKEN" })
	if err != nil {
		return err
	}
	defer s.Close()
	d := &demo{Stage: s, mirror: mirror}
	if mirror != "" {
		err = s.UseMirror(mirror)
	} else {
		err = s.UseBuild(ctx)
	}
	if err != nil {
		return err
	}
	if live {
		return d.live(ctx)
	}
	server, err := stage.Emulator()
	if err != nil {
		return err
	}
	defer server.Close()
	fmt.Printf("An emulator of PagerDuty's API answers at %s. Nothing leaves this machine.\n", server.URL())
	if err := d.write(ctx, fmt.Sprintf("  api_url_override = %q\n  ca_cert_pem      = %q\n", server.URL(), server.CAPEM())); err != nil {
		return err
	}
	return d.acts(ctx, server)
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

func (d *demo) acts(ctx context.Context, server *pdfake.Server) error {
	plan := []string{"plan", "-no-color", "-input=false"}
	acts := []act{
		{"A good key of a user", stage.UserKey, plan, false, []string{`"Ada Lovelace"`, `"admin"`, `"acme"`, `"user"`}, 1},
		{"A good key of the account: valid, and nobody's", stage.AccountKey, plan, false, []string{`"account"`, `"acme"`}, 2},
		{"A revoked key", stage.RevokedKey, plan, true, []string{"PagerDuty rejected the API token", "401 Unauthorized", "****0003 (from PAGERDUTY_TOKEN)", "Request ID:"}, 1},
		{"The revoked key in -json, for a program to read", stage.RevokedKey, []string{"plan", "-json", "-input=false"}, true, []string{`"@level":"error"`, `PagerDuty rejected the API token`, "****0003"}, 1},
	}
	if d.mirror != "" {
		acts = acts[:1]
	}
	for _, a := range acts {
		server.ResetRequests()
		fmt.Printf("\n== %s ==\n$ terraform %s\n", a.title, strings.Join(a.args, " "))
		output, failed, err := d.terraformRun(ctx, a.token, a.args...)
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

// write writes the configuration, with the provider block's arguments, and
// initialises the directory where the provider comes from a mirror.
func (d *demo) write(ctx context.Context, arguments string) error {
	err := d.Write("main.tf", fmt.Sprintf(configuration, arguments))
	if err != nil || d.mirror == "" {
		return err
	}
	fmt.Println("\n$ terraform init")
	output, failed, err := d.terraformRun(ctx, "", "init", "-no-color", "-input=false")
	if err != nil {
		return err
	}
	fmt.Print(output)
	if failed {
		return errors.New("terraform init failed")
	}
	lock, err := d.Read(".terraform.lock.hcl")
	if err != nil {
		return err
	}
	if !bytes.Contains(lock, []byte(stage.Address)) {
		return errors.New("the lock file does not name the provider")
	}
	return nil
}

// live asks the real API, with what the environment says.
func (d *demo) live(ctx context.Context) error {
	token := os.Getenv("PAGERDUTY_TOKEN")
	if token == "" {
		return errors.New("PAGERDUTY_TOKEN is not set; it is the key that make preflight checks against the real API")
	}
	if err := d.write(ctx, ""); err != nil {
		return err
	}
	output, failed, err := d.terraformRun(ctx, token, "plan", "-no-color", "-input=false")
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
func (d *demo) terraformRun(ctx context.Context, token string, args ...string) (output string, failed bool, err error) {
	output, failed, err = d.Run(ctx, []string{"PAGERDUTY_TOKEN=" + token}, args...)
	return withoutOverrideNotice(output), failed, err
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
