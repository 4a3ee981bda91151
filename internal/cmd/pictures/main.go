// Command pictures draws what Terraform prints with the provider: it runs
// `terraform plan` with a valid API token, a revoked one and one of another account,
// and has bin/freeze (tools/freeze) write each run's output as an SVG to
// .github/pictures. The configuration is
// examples/data-sources/pagerdutyauth_credential.
//
// The provider asks api.pagerduty.com, as a user's does; a proxy leads that name
// to the emulator. Nothing leaves the machine. Two runs write the same bytes, as
// long as the words of the provider and of Terraform are the same.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

const example = "examples/data-sources/pagerdutyauth_credential/data-source.tf"

// provider is the part of the configuration that the pictures do not show: the
// CA that signed the emulator's certificate.
const provider = "provider \"pagerdutyauth\" {\n  ca_cert_file = \"ca.pem\"\n}\n"

// picture is one run and what it must show.
type picture struct {
	file     string
	token    string
	fails    bool
	promises []string
}

var pictures = []picture{
	{
		file: "passing.svg", token: tfrun.TokenAda,
		promises: []string{"Read complete", `"Ada Lovelace"`},
	},
	{
		file: "rejected.svg", token: tfrun.TokenRevoked, fails: true,
		promises: []string{"api.pagerduty.com", "401", "****0004", requestID},
	},
	{
		file: "wrong-account.svg", token: tfrun.TokenSandbox, fails: true,
		promises: []string{"allowed_subdomains", `"acme-sandbox"`, requestID},
	},
}

// requestID stands for the emulator's, which is another one in each run.
const requestID = "444f0bcbd1fc02a3ab93e8833c9e3c4c"

var anyRequestID = regexp.MustCompile(`\b[0-9a-f]{32}\b`)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "pictures: "+err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
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
	dir, err := os.MkdirTemp("", "pagerdutyauth-pictures-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	w, err := prepare(ctx, dir, server.CAPEM())
	if err != nil {
		return err
	}
	defer w.Close()
	w.Setenv("HTTPS_PROXY", proxy.URL())
	for _, p := range pictures {
		o, err := w.With("PAGERDUTY_TOKEN="+p.token, "TF_IN_AUTOMATION=1").Run(ctx, "plan")
		if err != nil {
			return err
		}
		output := anyRequestID.ReplaceAllString(o.Output, requestID)
		if err := p.check(output, o.Failed); err != nil {
			return fmt.Errorf("%s: %w\n%s", p.file, err, output)
		}
		if err := draw(ctx, dir, output, filepath.Join(".github", "pictures", p.file)); err != nil {
			return err
		}
	}
	return nil
}

// prepare installs the provider from a mirror, so that no warning about a
// development override is in a picture.
func prepare(ctx context.Context, dir, ca string) (*tfrun.Workspace, error) {
	mirror := filepath.Join(dir, "mirror")
	if err := tfrun.BuildMirror(mirror); err != nil {
		return nil, err
	}
	config, err := os.ReadFile(example)
	if err != nil {
		return nil, err
	}
	w, err := tfrun.NewWorkspace(tfrun.Options{Mirror: mirror})
	if err != nil {
		return nil, err
	}
	err = errors.Join(
		w.Write("provider.tf", tfrun.RequiredProviders+provider),
		w.Write("main.tf", string(config)),
		w.Write("ca.pem", ca),
	)
	if err == nil {
		var o tfrun.Outcome
		if o, err = w.Run(ctx, "init", "-input=false"); err == nil && o.Failed {
			err = errors.New("terraform init failed:\n" + o.Output)
		}
	}
	if err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

// check is why an output must not become the picture.
func (p picture) check(output string, failed bool) error {
	if failed != p.fails {
		return fmt.Errorf("terraform failed: %t, want %t", failed, p.fails)
	}
	if strings.Contains(output, p.token) {
		return errors.New("the output holds the token")
	}
	for _, want := range p.promises {
		if !strings.Contains(output, want) {
			return fmt.Errorf("the output lacks %q", want)
		}
	}
	return nil
}

// draw has freeze write the picture. Without a font of its own, which would be a
// hundred times the text, it takes the reader's.
func draw(ctx context.Context, dir, output, svg string) error {
	text := filepath.Join(dir, "output.txt")
	if err := os.WriteFile(text, []byte("$ terraform plan\n"+output), 0o600); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, filepath.Join("bin", tfrun.Executable("freeze")), text,
		"--language", "ansi", "--font.family", "monospace", "--output", svg)
	if message, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("freeze: %w\n%s", err, message)
	}
	fmt.Println(svg)
	return nil
}
