package provider

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// API tokens of the emulated accounts.
const (
	tokenAda        = tfrun.TokenAda
	tokenAccount    = tfrun.TokenAccount
	tokenReadOnly   = tfrun.TokenReadOnly
	tokenRevoked    = tfrun.TokenRevoked
	tokenObserver   = tfrun.TokenObserver
	tokenSandbox    = tfrun.TokenSandbox
	tokenEU         = tfrun.TokenEU
	tokenGone       = tfrun.TokenGone
	tokenExpired    = tfrun.TokenLapsed
	tokenUnlicensed = tfrun.TokenUnlicensed
	tokenNoURL      = tfrun.TokenNoURL
)

var factories = map[string]func() (tfprotov6.ProviderServer, error){
	"pagerdutyauth": providerserver.NewProtocol6WithError(New("test")()),
}

// startEmulator starts the seeded emulator. A test that is skipped after this call
// does not fail because of faults that no request met.
func startEmulator(t *testing.T, options ...pdfake.Option) *pdfake.Server {
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

// project is a directory with a configuration in which Terraform runs the built
// provider, as a person runs it.
type project struct {
	t   *testing.T
	dir string
	// env is the environment of the runs, as NAME=value.
	env       []string
	terraform string
	workspace *tfrun.Workspace
}

// newProject writes config to a directory of its own.
func newProject(t *testing.T, config string) *project {
	t.Helper()
	tf := emptyProject(t, nil)
	tf.write("main.tf", tfrun.RequiredProviders+config)
	return tf
}

func emptyProject(t *testing.T, overrides map[string]string) *project {
	t.Helper()
	terraform(t)
	w, err := tfrun.NewWorkspace(tfrun.Options{Dir: t.TempDir(), Overrides: overrides})
	if err != nil {
		t.Fatal(err)
	}
	return &project{t: t, dir: w.Dir, env: w.Env, terraform: w.Terraform.Path, workspace: w}
}

func (tf *project) write(name, text string) {
	tf.t.Helper()
	if err := tf.workspace.Write(name, text); err != nil {
		tf.t.Fatal(err)
	}
}

func (tf *project) read(name string) string {
	tf.t.Helper()
	text, err := tf.workspace.Read(name)
	if err != nil {
		tf.t.Fatal(err)
	}
	return text
}

func (tf *project) setenv(name, value string) { tf.env = append(tf.env, name+"="+value) }

// outcome is what a run of Terraform printed and how it ended.
type outcome struct {
	output      string
	failed      bool
	diagnostics []jsonDiagnostic
	outputs     map[string]any
}

type jsonDiagnostic = tfrun.Diagnostic

// terraformRun runs Terraform with args and reads what -json printed.
func (tf *project) terraformRun(args ...string) outcome {
	tf.t.Helper()
	w := *tf.workspace
	w.Env = tf.env
	o, err := w.Run(tf.t.Context(), args...)
	if err != nil {
		tf.t.Fatal(err)
	}
	return outcome{output: o.Output, failed: o.Failed, diagnostics: o.Diagnostics, outputs: o.Outputs}
}

// apply runs apply -json, which prints the outputs' values.
func (tf *project) apply() outcome {
	tf.t.Helper()
	return tf.terraformRun("apply", "-json", "-auto-approve", "-input=false")
}

func (tf *project) plan() outcome {
	tf.t.Helper()
	return tf.terraformRun("plan", "-json", "-input=false")
}

// resources are the addresses of the resource instances in the state.
func (tf *project) resources() []string {
	tf.t.Helper()
	all, err := tf.workspace.Resources(tf.t.Context())
	if err != nil {
		tf.t.Fatal(err)
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
func (tf *project) isTofu() bool { return tf.workspace.Terraform.OpenTofu }

// has reports whether the Terraform or OpenTofu that runs the tests has a feature,
// by the first version of each that has it. A tofuMajor of 0 means that OpenTofu
// has it in no version.
func (tf *project) has(major, minor, tofuMajor, tofuMinor int) bool {
	return tf.workspace.Terraform.Has(since(major, minor, tofuMajor, tofuMinor))
}

// needs skips the test where has says no.
func (tf *project) needs(major, minor, tofuMajor, tofuMinor int) {
	tf.t.Helper()
	tf.needsFeature(since(major, minor, tofuMajor, tofuMinor))
}

func (tf *project) needsFeature(f tfrun.Feature) {
	tf.t.Helper()
	if !tf.workspace.Terraform.Has(f) {
		tf.t.Skip(f.Needs())
	}
}

func since(major, minor, tofuMajor, tofuMinor int) tfrun.Feature {
	return tfrun.Feature{
		Terraform: tfrun.Version{Major: major, Minor: minor},
		OpenTofu:  tfrun.Version{Major: tofuMajor, Minor: tofuMinor},
	}
}
