package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// workspace is a directory of its own with a configuration.
func (b *bench) workspace(configuration string) (*tfrun.Workspace, error) {
	dir, err := os.MkdirTemp(b.dir, "work-")
	if err != nil {
		return nil, err
	}
	w, err := tfrun.NewWorkspace(tfrun.Options{Dir: dir, Overrides: map[string]string{
		"pagerdutyauth/pagerdutyauth": filepath.Dir(b.binary(ours)),
		"pagerdutyauth/floor":         filepath.Dir(b.binary(floor)),
	}})
	if err != nil {
		return nil, err
	}
	if b.bundle != "" {
		w.Setenv("SSL_CERT_FILE", b.bundle)
	}
	err = w.Write("main.tf", configuration)
	return w, err
}

const (
	check = "data \"pagerdutyauth_credential\" \"this\" {}\n"
	// The floor has a provider block too: Terraform validates one wherever it stands.
	nothing = `terraform {
  required_providers {
    floor = { source = "pagerdutyauth/floor" }
  }
}
provider "floor" {}
data "floor_nothing" "this" {}
`
	roundTrip = 50 * time.Millisecond
)

// ask is a configuration that asks at url. Without ca the system's certificates
// are trusted.
func ask(url, ca, arguments string) string {
	trust := ""
	if ca != "" {
		trust = fmt.Sprintf("  ca_cert_pem = %q\n", ca)
	}
	return tfrun.RequiredProviders + fmt.Sprintf("provider \"pagerdutyauth\" {\n  api_url_override = %q\n%s%s}\n",
		url, trust, arguments)
}

// plans compares a plan with one data source, on loopback and through the relay,
// with the system's certificates and with a CA in the configuration.
func (b *bench) plans(ctx context.Context) error {
	s, err := pdfake.New(tfrun.Seed()...)
	if err != nil {
		return err
	}
	defer s.Close()
	relay, err := newRelay(s.Addr(pdfake.RegionUS), roundTrip/2)
	if err != nil {
		return err
	}
	defer func() { _ = relay.Close() }()
	if b.bundle, err = b.certificates(s.CAPEM()); err != nil {
		return err
	}
	cases := []struct{ name, ca string }{{"system's certificates", ""}, {"ca_cert_pem", s.CAPEM()}}
	if b.bundle == "" {
		fmt.Println("No file with the system's certificates was found: only ca_cert_pem is measured.")
		cases = cases[1:]
	}
	for _, c := range cases {
		token := fmt.Sprintf("  token = %q\n", tfrun.TokenAda)
		var workspaces []*tfrun.Workspace
		for _, config := range []string{
			nothing, ask(s.URL(), c.ca, token) + check, ask("https://"+relay.Addr().String(), c.ca, token) + check,
		} {
			w, err := b.workspace(config)
			if err != nil {
				return err
			}
			workspaces = append(workspaces, w)
		}
		medians, err := b.medians(ctx, b.runs, workspaces...)
		if err != nil {
			return err
		}
		least, near, far := medians[0], medians[1], medians[2]
		report("plan on loopback, "+c.name, float64(near)/float64(least), "x the floor", 1.06,
			fmt.Sprintf("%s, the floor %s", milliseconds(near), milliseconds(least)))
		// TLS and one request; TCP's handshake is not delayed.
		report(fmt.Sprintf("plan at %s, %s", roundTrip, c.name), float64(far-least)/float64(roundTrip),
			" round trips", 2.2, milliseconds(far-least)+" more than the floor")
	}
	return nil
}

// certificates is a file with the system's certificates and ca, "" if the system
// has no such file. SSL_CERT_FILE has an effect on Unix systems other than macOS.
func (b *bench) certificates(ca string) (string, error) {
	for _, file := range []string{
		"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
		"/etc/ssl/cert.pem",
	} {
		system, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		bundle := filepath.Join(b.dir, "certificates.pem")
		return bundle, os.WriteFile(bundle, append(append(system, '\n'), ca...), 0o600)
	}
	return "", nil
}

// instances measures many ephemeral instances, each with a token of its own.
func (b *bench) instances(ctx context.Context, counts ...int) error {
	most := counts[len(counts)-1]
	var tokens []pdfake.Option
	for i := range most {
		token := fmt.Sprintf("u+Bench%013d", i)
		tokens = append(tokens, pdfake.WithAPIToken(pdfake.APIToken{
			Token: token, Kind: pdfake.UserToken, Account: "acme", User: "PADA001",
		}))
	}
	s, err := pdfake.New(tfrun.Seed(tokens...)...)
	if err != nil {
		return err
	}
	defer s.Close()
	fmt.Printf("\n%-20s %12s %14s\n", "ephemeral instances", "plan", "per instance")
	perInstance := map[int]time.Duration{}
	for _, n := range counts {
		var workspaces []*tfrun.Workspace
		for _, count := range []int{0, n} {
			w, err := b.workspace(ask(s.URL(), s.CAPEM(), "  timeout = \"5m\"\n") + fmt.Sprintf(
				"ephemeral \"pagerdutyauth_credential\" \"this\" {\n  count = %d\n"+
					"  token = format(\"u+Bench%%013d\", count.index)\n}\n", count))
			if err != nil {
				return err
			}
			workspaces = append(workspaces, w)
		}
		runs := b.runs
		if n > 100 {
			runs = min(runs, 3)
		}
		medians, err := b.medians(ctx, runs, workspaces...)
		if err != nil {
			return err
		}
		perInstance[n] = (medians[1] - medians[0]) / time.Duration(n)
		fmt.Printf("%-20d %12s %14s\n", n, milliseconds(medians[1]), milliseconds(perInstance[n]))
	}
	report(fmt.Sprintf("one of %d instances", most), float64(perInstance[most])/float64(perInstance[counts[0]]),
		fmt.Sprintf("x one of %d", counts[0]), 1.1, "")
	return nil
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}
