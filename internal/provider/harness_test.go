package provider

import (
	"fmt"
	"net/http"
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

// An OAuth app of the emulated account "acme".
const (
	appID     = "3f1c0000-aaaa-4bbb-8ccc-00000000a001"
	appSecret = "SECRETofTheApp-0123456789-zyxwvutsrqpo-W7qp"
)

func withApp(scopes ...string) pdfake.Option {
	return pdfake.WithOAuthClient(pdfake.OAuthClient{ID: appID, Secret: appSecret, Account: "acme", Scopes: scopes})
}

// faultAt replaces the responses to a path; "" is any.
func faultAt(path string, b pdfake.Behavior) pdfake.Option {
	return pdfake.WithFaults(pdfake.Fault{Path: path, Behavior: b})
}

var factories = map[string]func() (tfprotov6.ProviderServer, error){
	"pagerdutyauth": providerserver.NewProtocol6WithError(New("test")()),
}

// startEmulator starts the seeded emulator. If the test is skipped later, a fault that no
// request met is not an error.
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

// paths returns the requests that reached the emulator, in order.
func paths(s *pdfake.Server) []string {
	var all []string
	for _, r := range s.Requests() {
		path := r.Method + " " + r.Path
		if r.RawQuery != "" && r.Method == http.MethodGet {
			path += "?" + r.RawQuery
		}
		all = append(all, path)
	}
	return all
}

// block returns a provider block that points to the emulator.
func block(s *pdfake.Server, arguments string) string {
	return tfrun.ProviderBlock(s.URL(), s.CAPEM(), arguments)
}

func tokenArgument(token string) string { return fmt.Sprintf("  token = %q\n", token) }

// goodApp returns the arguments of a provider block with the emulated OAuth app.
func goodApp(s *pdfake.Server) string {
	return fmt.Sprintf("  identity_url_override = %q\n  use_app_oauth_scoped_token {\n    pd_client_id = %q\n"+
		"    pd_client_secret = %q\n    pd_subdomain = %q\n  }\n", s.IdentityURL(), appID, appSecret, "acme")
}

const (
	dataSource = "data.pagerdutyauth_credential.this"
	dataBlock  = "data \"pagerdutyauth_credential\" \"this\" {}\n"
	appData    = "data \"pagerdutyauth_credential\" \"app\" {\n  credential = \"app_oauth\"\n}\n"
)

// terraform returns the Terraform that the tests run. Without TF_ACC it skips the test.
func terraform(t *testing.T) *tfrun.Terraform {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set: this test runs Terraform")
	}
	found, err := tfrun.Find()
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// project is a directory with a configuration. Terraform runs there with the built
// provider.
type project struct {
	t   *testing.T
	dir string
	// env is the environment of the runs, as NAME=value.
	env       []string
	terraform string
	workspace *tfrun.Workspace
}

// newProject writes a configuration to a new directory.
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

// outcome holds what a run of Terraform printed, and whether it failed.
type outcome struct {
	output      string
	failed      bool
	diagnostics []jsonDiagnostic
	outputs     map[string]any
}

type jsonDiagnostic = tfrun.Diagnostic

// terraformRun runs Terraform and reads the output of -json.
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

func (tf *project) apply() outcome {
	tf.t.Helper()
	return tf.terraformRun("apply", "-json", "-auto-approve", "-input=false")
}

func (tf *project) plan() outcome {
	tf.t.Helper()
	return tf.terraformRun("plan", "-json", "-input=false")
}

// savePlan saves a plan with a token in the environment.
func (tf *project) savePlan(token string, args ...string) {
	tf.t.Helper()
	args = append([]string{"plan", "-json", "-input=false", "-out=plan"}, args...)
	tf.with(token).terraformRun(args...).passed(tf.t)
}

// applyPlan applies the saved plan with a token in the environment.
func (tf *project) applyPlan(token string) outcome {
	tf.t.Helper()
	return tf.with(token).terraformRun("apply", "-json", "-input=false", "plan")
}

// resources returns the addresses of the resource instances in the state.
func (tf *project) resources() []string {
	tf.t.Helper()
	all, err := tf.workspace.Resources(tf.t.Context())
	if err != nil {
		tf.t.Fatal(err)
	}
	return all
}

// flat joins the lines of a text, because Terraform wraps what it prints.
func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

// one returns the only diagnostic of a run.
func (o outcome) one(t *testing.T) jsonDiagnostic {
	t.Helper()
	if len(o.diagnostics) != 1 {
		t.Fatalf("%d diagnostics, want 1: %v\n%s", len(o.diagnostics), o.diagnostics, o.output)
	}
	return o.diagnostics[0]
}

// installLocal installs the provider into a filesystem mirror with the make target for
// users.
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

// needs skips the test if Terraform or OpenTofu is older. A tofuMajor of 0 means that no
// OpenTofu has the feature.
func (tf *project) needs(major, minor, tofuMajor, tofuMinor int) {
	tf.t.Helper()
	tf.needsFeature(tfrun.Feature{
		Terraform: tfrun.Version{Major: major, Minor: minor},
		OpenTofu:  tfrun.Version{Major: tofuMajor, Minor: tofuMinor},
	})
}

func (tf *project) needsFeature(f tfrun.Feature) {
	tf.t.Helper()
	if !tf.workspace.Terraform.Has(f) {
		tf.t.Skip(f.Needs())
	}
}
