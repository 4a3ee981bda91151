// Command pictures draws what Terraform prints with the provider: it runs
// `terraform plan` with a good key, a revoked one and one of another account, and
// writes each run's output, as it came, to an SVG in .github/pictures. The
// configuration is examples/data-sources/pagerdutyauth_credential.
//
// The provider asks api.pagerduty.com, as a user's does; a proxy leads that name
// to the emulator. Nothing leaves the machine. Two runs write the same bytes, as
// long as the provider's and Terraform's words are the same.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/cmd/internal/stage"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

const (
	example = "examples/data-sources/pagerdutyauth_credential/data-source.tf"
	// sandboxKey is a good key of another account than the example allows.
	sandboxKey = "u+DemoSandboxKey0004"
	// requestID stands in for the emulator's random one, which would make two
	// runs differ.
	requestID = "444f0bcbd1fc02a3ab93e8833c9e3c4c"
)

// provider is the part of the configuration that the pictures do not show: the
// CA that signed the emulator's certificate.
const provider = `terraform {
  required_providers {
    pagerdutyauth = { source = "pagerdutyauth/pagerdutyauth" }
  }
}

provider "pagerdutyauth" {
  ca_cert_file = "ca.pem"
}
`

// picture is one run and what it must show.
type picture struct {
	file     string
	label    string
	token    string
	fails    bool
	promises []string
}

var pictures = []picture{
	{
		"passing.svg", "terraform plan with a good PagerDuty key: the check passes and tells the user's name",
		stage.UserKey, false, []string{"Read complete", `"Ada Lovelace"`},
	},
	{
		"rejected.svg", "terraform plan with a revoked PagerDuty key: the plan stops, with the likely causes and what to do",
		stage.RevokedKey, true, []string{"PagerDuty rejected the API token", "on api.pagerduty.com answered 401", "****0003 (from PAGERDUTY_TOKEN)", requestID},
	},
	{
		"wrong-account.svg", "terraform plan with a good PagerDuty key of another account: the plan stops",
		sandboxKey, true, []string{"The PagerDuty credential is not allowed here", "allowed_subdomains", `"acme-sandbox"`, requestID},
	},
}

func main() {
	out := flag.String("out", filepath.Join(".github", "pictures"), "the directory to write to")
	flag.Parse()
	if err := run(context.Background(), *out); err != nil {
		fmt.Fprintln(os.Stderr, "pictures: "+err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context, out string) error {
	server, err := stage.Emulator(
		pdfake.WithAccount(pdfake.Account{Subdomain: "acme-sandbox"}),
		pdfake.WithUser(pdfake.User{Account: "acme-sandbox", ID: "PSAND01", Name: "Ada Lovelace", Email: "ada@acme.example", Role: "admin"}),
		pdfake.WithKey(pdfake.Key{Token: sandboxKey, Kind: pdfake.UserKey, Account: "acme-sandbox", User: "PSAND01"}),
	)
	if err != nil {
		return err
	}
	defer server.Close()
	proxy, err := pdfake.NewProxy(pdfake.ProxyRoute("api.pagerduty.com:443", server.Addr(pdfake.RegionUS)))
	if err != nil {
		return err
	}
	defer proxy.Close()
	s, err := prepared(ctx, server.CAPEM())
	if err != nil {
		return err
	}
	defer s.Close()

	for _, p := range pictures {
		if err := pin(ctx, server, p.token); err != nil {
			return fmt.Errorf("%s: %w", p.file, err)
		}
		output, failed, err := s.Run(ctx, []string{"HTTPS_PROXY=" + proxy.URL(), "PAGERDUTY_TOKEN=" + p.token, "TF_IN_AUTOMATION=1"}, "plan")
		if err != nil {
			return err
		}
		svg, err := p.draw(output, failed)
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", p.file, err, output)
		}
		if err := os.MkdirAll(out, 0o755); err != nil {
			return err
		}
		file := filepath.Join(out, p.file)
		if err := os.WriteFile(file, svg, 0o644); err != nil {
			return err
		}
		fmt.Println(file)
	}
	return nil
}

// draw is the picture of an output that shows what it must.
func (p picture) draw(output string, failed bool) ([]byte, error) {
	if failed != p.fails {
		return nil, fmt.Errorf("terraform failed: %t, want %t", failed, p.fails)
	}
	if strings.Contains(output, p.token) {
		return nil, errors.New("the output holds the token")
	}
	lines, err := parse(output)
	if err != nil {
		return nil, err
	}
	text := flat(lines)
	for _, want := range p.promises {
		if !strings.Contains(text, want) {
			return nil, fmt.Errorf("the output lacks %q", want)
		}
	}
	return draw(p.label, append([]line{{{text: "$ ", style: style{class: "p"}}, {text: "terraform plan"}}}, lines...)), nil
}

// prepared is a stage with the configuration and the provider installed, in an
// environment that has nothing of the user's.
func prepared(ctx context.Context, ca string) (*stage.Stage, error) {
	kept := []string{"PATH", "HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "SystemRoot"}
	s, err := stage.New(func(variable string) bool { return slices.Contains(kept, variable) })
	if err != nil {
		return nil, err
	}
	err = func() error {
		if err := s.UseOwnMirror(ctx); err != nil {
			return err
		}
		config, err := os.ReadFile(example)
		if err != nil {
			return err
		}
		for name, text := range map[string]string{"provider.tf": provider, "main.tf": string(config), "ca.pem": ca} {
			if err := s.Write(name, text); err != nil {
				return err
			}
		}
		output, failed, err := s.Run(ctx, nil, "init", "-no-color", "-input=false")
		if err == nil && failed {
			err = errors.New("terraform init failed:\n" + output)
		}
		return err
	}()
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// pin has the emulator give a token the answer it gives anyway, with the same
// request ID in each run.
func pin(ctx context.Context, server *pdfake.Server, token string) error {
	server.SetFaults()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(server.CAPEM())) {
		return errors.New("the emulator has no CA")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL()+"/users/me", http.NoBody)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Token token="+token)
	req.Header.Set("Accept", "application/vnd.pagerduty+json;version=2")
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	header := http.Header{"Content-Type": resp.Header["Content-Type"], "X-Request-Id": {requestID}}
	server.SetFaults(pdfake.Fault{Path: "/users/me", Token: token, Behaviour: pdfake.Answer(resp.StatusCode, header, bytes.TrimSpace(body))})
	return nil
}
