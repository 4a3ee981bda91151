// Command bench measures the cost of a check during plan: this provider with a user API token and with
// an account API token, next to the floor, a provider that sends no request (internal/cmd/standin). The
// emulator responds on loopback, and its CA is one of the system's certificates. Runs are interleaved,
// and the medians count. Compare ratios: another machine has other milliseconds.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

const floor = `provider "http" {}
data "http" "this" {
  url             = "https://example.com"
  request_headers = { Authorization = "Token token=x" }
}
`

const check = tfrun.RequiredProviders + `provider "pagerdutyauth" {
  api_url_override = %q
  token            = %q
}
data "pagerdutyauth_credential" "this" {}
`

func main() {
	rounds := flag.Int("runs", 15, "number of measured runs of each plan")
	flag.Parse()
	if err := run(tfrun.UntilSignal(), *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "bench: "+err.Error())
		os.Exit(1)
	}
}

// plan is a workspace and the durations of its runs.
type plan struct {
	name string
	*tfrun.Workspace
	took []time.Duration
}

func run(ctx context.Context, rounds int) error {
	dir, err := os.MkdirTemp("", "pagerdutyauth-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	server := pdfake.New(tfrun.Seed()...)
	defer server.Close()
	certificates, err := bundle(dir, server.CAPEM())
	if err != nil {
		return err
	}
	standins, err := tfrun.Standins()
	if err != nil {
		return err
	}
	var plans []*plan
	for _, c := range []struct{ name, config string }{
		{"floor", floor},
		{"user API token", fmt.Sprintf(check, server.URL(), tfrun.TokenAda)},
		{"account API token", fmt.Sprintf(check, server.URL(), tfrun.TokenAccount)},
	} {
		work, err := os.MkdirTemp(dir, "work-")
		if err != nil {
			return err
		}
		w, err := tfrun.NewWorkspace(tfrun.Options{Dir: work, Overrides: map[string]string{"hashicorp/http": standins}})
		if err != nil {
			return err
		}
		w.Setenv("SSL_CERT_FILE", certificates)
		if err := w.Write("main.tf", c.config); err != nil {
			return err
		}
		plans = append(plans, &plan{name: c.name, Workspace: w})
	}
	for round := range rounds + 1 {
		for turn := range plans {
			p := plans[(turn+round)%len(plans)]
			o, err := p.Run(ctx, "plan", "-input=false", "-lock=false", "-no-color")
			if err != nil || o.Failed {
				return errors.Join(err, errors.New("the plan failed: "+p.name), errors.New(o.Output))
			}
			if round > 0 { // the first round warms the caches
				p.took = append(p.took, o.Took)
			}
		}
	}
	fmt.Printf("%s, medians of %d interleaved runs\n", plans[0].Terraform.Line, rounds)
	least := plans[0].median()
	for _, p := range plans {
		m := p.median()
		fmt.Printf("%-18s %7.1f ms  %.2f x the floor\n", p.name, m.Seconds()*1000, float64(m)/float64(least))
	}
	return nil
}

// bundle writes a file with the system's certificates and ca.
func bundle(dir, ca string) (string, error) {
	for _, name := range []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"} {
		if system, err := os.ReadFile(name); err == nil {
			file := filepath.Join(dir, "certificates.pem")
			return file, os.WriteFile(file, append(append(system, '\n'), ca...), 0o600)
		}
	}
	return "", errors.New("no file with the system's certificates was found: run this on Linux")
}

func (p *plan) median() time.Duration { return slices.Sorted(slices.Values(p.took))[len(p.took)/2] }
