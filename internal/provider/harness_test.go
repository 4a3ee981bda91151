package provider

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// API tokens of the emulated accounts.
const (
	keyAda      = tfrun.TokenAda
	keyAccount  = tfrun.TokenAccount
	keyReadOnly = tfrun.TokenReadOnly
	keyRevoked  = tfrun.TokenRevoked
	keyObserver = tfrun.TokenObserver
	keyOther    = tfrun.TokenSandbox
	keyEU       = tfrun.TokenEU
	keyGone     = tfrun.TokenGone
	keyExpired  = tfrun.TokenLapsed
	keyLicence  = tfrun.TokenUnlicensed
	keyNoURL    = tfrun.TokenNoURL
)

var factories = map[string]func() (tfprotov6.ProviderServer, error){
	"pagerdutyauth": providerserver.NewProtocol6WithError(New("test")()),
}

// world is the seeded emulator. A test that is skipped after this call is not
// failed for faults that nothing met.
func world(t *testing.T, options ...pdfake.Option) *pdfake.Server {
	t.Helper()
	return pdfake.Start(skippable{t}, tfrun.Seed(options...)...)
}

type skippable struct{ *testing.T }

func (s skippable) Errorf(format string, args ...any) {
	s.Helper()
	if !s.Skipped() {
		s.T.Errorf(format, args...)
	}
}

// block is a provider block that points at the emulator.
func block(s *pdfake.Server, arguments string) string {
	return blockAt(s.URL(), s.CAPEM(), arguments)
}

func blockAt(url, ca, arguments string) string { return tfrun.ProviderBlock(url, ca, arguments) }

func tokenArgument(token string) string { return fmt.Sprintf("  token = %q\n", token) }

// terraform is the one that the tests run. Without TF_ACC it skips the test.
func terraform(t *testing.T) *tfrun.Terraform {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set: this test runs Terraform for real")
	}
	found, err := tfrun.Find()
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// bench is a directory with a configuration in which Terraform runs the built
// provider, as a person runs it.
type bench struct {
	t   *testing.T
	dir string
	// env is the environment of the runs, as NAME=value.
	env       []string
	terraform string
	workspace *tfrun.Workspace
}

// newBench writes config to a directory of its own.
func newBench(t *testing.T, config string) *bench {
	t.Helper()
	b := emptyBench(t, nil)
	b.write("main.tf", tfrun.RequiredProviders+config)
	return b
}

func emptyBench(t *testing.T, overrides map[string]string) *bench {
	t.Helper()
	terraform(t)
	w, err := tfrun.NewWorkspace(tfrun.Options{Dir: t.TempDir(), Overrides: overrides})
	if err != nil {
		t.Fatal(err)
	}
	return &bench{t: t, dir: w.Dir, env: w.Env, terraform: w.Terraform.Path, workspace: w}
}

func (b *bench) write(name, text string) {
	b.t.Helper()
	if err := b.workspace.Write(name, text); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) read(name string) string {
	b.t.Helper()
	text, err := b.workspace.Read(name)
	if err != nil {
		b.t.Fatal(err)
	}
	return text
}

func (b *bench) setenv(name, value string) { b.env = append(b.env, name+"="+value) }

// outcome is what a run of Terraform printed and how it ended.
type outcome struct {
	output      string
	failed      bool
	took        time.Duration
	diagnostics []jsonDiagnostic
	outputs     map[string]any
}

type jsonDiagnostic = tfrun.Diagnostic

// terraformRun runs Terraform with args and reads what -json printed.
func (b *bench) terraformRun(args ...string) outcome {
	b.t.Helper()
	w := *b.workspace
	w.Env = b.env
	o, err := w.Run(b.t.Context(), args...)
	if err != nil {
		b.t.Fatal(err)
	}
	return outcome{o.Output, o.Failed, o.Took, o.Diagnostics, o.Outputs}
}

// apply runs apply -json, which prints the outputs' values.
func (b *bench) apply() outcome {
	b.t.Helper()
	return b.terraformRun("apply", "-json", "-auto-approve", "-input=false")
}

func (b *bench) plan() outcome {
	b.t.Helper()
	return b.terraformRun("plan", "-json", "-input=false")
}

// resources are the addresses of the resource instances in the state.
func (b *bench) resources() []string {
	b.t.Helper()
	all, err := b.workspace.Resources(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

// flat folds whitespace, as Terraform wraps what it prints.
func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

// one is the only diagnostic of a run.
func (o outcome) one(t *testing.T) jsonDiagnostic {
	t.Helper()
	if len(o.diagnostics) != 1 {
		t.Fatalf("%d diagnostics, want 1: %v", len(o.diagnostics), o.diagnostics)
	}
	return o.diagnostics[0]
}

// installLocal puts the provider into a filesystem mirror, with the make target
// that a user calls.
func installLocal(t *testing.T, mirror string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the make target needs a POSIX shell")
	}
	host := os.Getenv("TF_ACC_PROVIDER_HOST")
	if host == "" {
		host = "registry.terraform.io"
	}
	install := exec.Command("make", "--no-print-directory", "-C", filepath.Join("..", ".."), "install-local",
		"PLUGIN_DIR="+mirror, "PLUGIN_HOST="+host)
	if output, err := install.CombinedOutput(); err != nil {
		t.Fatalf("make install-local: %v\n%s", err, output)
	}
}

// isTofu reports whether OpenTofu runs the tests.
func (b *bench) isTofu() bool { return b.workspace.Terraform.OpenTofu }

// has reports whether the Terraform or OpenTofu that runs the tests has a feature,
// by the first version of each that has it. A tofuMajor of 0 means that OpenTofu
// has it in no version.
func (b *bench) has(major, minor, tofuMajor, tofuMinor int) bool {
	return b.workspace.Terraform.Has(since(major, minor, tofuMajor, tofuMinor))
}

// needs skips the test where has says no.
func (b *bench) needs(major, minor, tofuMajor, tofuMinor int) {
	b.t.Helper()
	b.needsFeature(since(major, minor, tofuMajor, tofuMinor))
}

func (b *bench) needsFeature(f tfrun.Feature) {
	b.t.Helper()
	if !b.workspace.Terraform.Has(f) {
		b.t.Skip(f.Needs())
	}
}

func since(major, minor, tofuMajor, tofuMinor int) tfrun.Feature {
	return tfrun.Feature{
		Terraform: tfrun.Version{Major: major, Minor: minor},
		OpenTofu:  tfrun.Version{Major: tofuMajor, Minor: tofuMinor},
	}
}
