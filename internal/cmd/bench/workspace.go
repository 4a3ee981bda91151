package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// workspace is a directory in which Terraform plans.
type workspace struct {
	terraform, dir string
	env            []string
}

// workspace writes a configuration. The providers are development overrides, so
// that all are found in the same way and without an init.
func (b *bench) workspace(name, configuration string) (*workspace, error) {
	w := &workspace{terraform: b.terraform, dir: filepath.Join(b.dir, "work", name)}
	rc := filepath.Join(w.dir, "terraformrc")
	for _, e := range os.Environ() {
		variable, _, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "PAGERDUTY") && !strings.HasSuffix(strings.ToUpper(variable), "_PROXY") {
			w.env = append(w.env, e)
		}
	}
	w.env = append(w.env, "TF_CLI_CONFIG_FILE="+rc, "CHECKPOINT_DISABLE=1")
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		return nil, err
	}
	var overrides strings.Builder
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		for _, provider := range []string{ours, floor} {
			fmt.Fprintf(&overrides, "    \"%s/pagerdutyauth/%s\" = %q\n", host, provider, filepath.Dir(b.binary(provider)))
		}
	}
	for file, text := range map[string]string{
		rc:                              "provider_installation {\n  dev_overrides {\n" + overrides.String() + "  }\n  direct {}\n}\n",
		filepath.Join(w.dir, "main.tf"): configuration,
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// plan plans once and gives how long it took.
func (w *workspace) plan(ctx context.Context, variables ...string) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, w.terraform, "plan", "-input=false", "-lock=false", "-no-color")
	cmd.Dir, cmd.Env = w.dir, slices.Concat(w.env, variables)
	start := time.Now()
	output, err := cmd.CombinedOutput()
	took := time.Since(start)
	if err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", filepath.Base(w.dir), err, output)
	}
	return took, nil
}

// required names a provider's source.
func required(provider string) string {
	return fmt.Sprintf("terraform {\n  required_providers {\n    %s = { source = \"pagerdutyauth/%[1]s\" }\n  }\n}\n", provider)
}

// block is a provider block that points at the emulator.
func block(s *pdfake.Server, token string) string {
	return required(ours) + fmt.Sprintf("provider \"pagerdutyauth\" {\n  api_url_override = %q\n  ca_cert_pem = %q\n  token = %q\n  timeout = \"5m\"\n}\n", s.URL(), s.CAPEM(), token)
}

// The floor has a provider block too: Terraform validates one wherever it stands.
const (
	data      = "data \"pagerdutyauth_credential\" \"this\" {}\n"
	floorData = "provider \"floor\" {}\ndata \"floor_nothing\" \"this\" {}\n"
)
