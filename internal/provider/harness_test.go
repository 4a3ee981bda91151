package provider

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// Keys of the emulated accounts: made up, in the documented shape.
const (
	keyAda      = "u+AdaUserKey00000001"
	keyAccount  = "e+AccountKey00000002"
	keyReadOnly = "e+ReadOnlyKey0000003"
	keyRevoked  = "u+RevokedKey00000004"
	keyObserver = "u+ObserverKey0000005"
	keyOther    = "e+OtherAcctKey000006"
	keyEU       = "e+EuropeKey000000007"
	keyGone     = "u+DeactivatedKey0008"
	keyExpired  = "e+ExpiredAcctKey0009"
	keyLicence  = "e+LicenceKey00000010"
	keyNoURL    = "u+NoHTMLURLKey000011"
)

var factories = map[string]func() (tfprotov6.ProviderServer, error){
	"pagerdutyauth": providerserver.NewProtocol6WithError(New("test")()),
}

// world is an emulator with two accounts in the US, one in the EU and two that
// have expired.
func world(t *testing.T, options ...pdfake.Option) *pdfake.Server {
	t.Helper()
	return pdfake.Start(t, append([]pdfake.Option{
		pdfake.WithAccount(pdfake.Account{Subdomain: "acme", Abilities: []string{"teams", "advanced_permissions", "sso"}}),
		pdfake.WithAccount(pdfake.Account{Subdomain: "acme-sandbox"}),
		pdfake.WithAccount(pdfake.Account{Subdomain: "acme-eu", Region: "eu"}),
		pdfake.WithAccount(pdfake.Account{Subdomain: "lapsed", State: "expired"}),
		pdfake.WithAccount(pdfake.Account{Subdomain: "unlicensed", State: "licence_expired"}),
		pdfake.WithUser(pdfake.User{
			Account: "acme", ID: "PADA001", Name: "Ada Lovelace", Email: "ada@acme.example", Role: "admin", JobTitle: "Engineer",
			TimeZone: "Europe/London", Teams: []pdfake.Team{{ID: "PTEAM01", Name: "Platform"}, {ID: "PTEAM02", Name: "Analysis"}},
		}),
		pdfake.WithUser(pdfake.User{Account: "acme", ID: "POBS001", Name: "Otto Observer", Email: "otto@acme.example", Role: "observer", TimeZone: "UTC"}),
		pdfake.WithUser(pdfake.User{Account: "acme", ID: "PGONE01", Name: "Gone", Email: "gone@acme.example", Role: "user", Deactivated: true}),
		pdfake.WithUser(pdfake.User{Account: "acme", ID: "PNOURL1", Name: "No Page", Email: "nopage@acme.example", Role: "user", NoHTMLURL: true}),
		pdfake.WithUser(pdfake.User{Account: "acme-sandbox", ID: "PSAND01", Name: "Sandy", Email: "sandy@acme.example", Role: "owner"}),
		pdfake.WithUser(pdfake.User{Account: "acme-eu", ID: "PEURO01", Name: "Europa", Email: "europa@acme.example", Role: "owner"}),
		pdfake.WithKey(pdfake.Key{Token: keyAda, Kind: pdfake.UserKey, Account: "acme", User: "PADA001"}),
		pdfake.WithKey(pdfake.Key{Token: keyObserver, Kind: pdfake.UserKey, Account: "acme", User: "POBS001"}),
		pdfake.WithKey(pdfake.Key{Token: keyGone, Kind: pdfake.UserKey, Account: "acme", User: "PGONE01"}),
		pdfake.WithKey(pdfake.Key{Token: keyNoURL, Kind: pdfake.UserKey, Account: "acme", User: "PNOURL1"}),
		pdfake.WithKey(pdfake.Key{Token: keyRevoked, Kind: pdfake.UserKey, Account: "acme", User: "PADA001", Revoked: true}),
		pdfake.WithKey(pdfake.Key{Token: keyAccount, Kind: pdfake.AccountKey, Account: "acme"}),
		pdfake.WithKey(pdfake.Key{Token: keyReadOnly, Kind: pdfake.ReadOnlyAccountKey, Account: "acme"}),
		pdfake.WithKey(pdfake.Key{Token: keyOther, Kind: pdfake.AccountKey, Account: "acme-sandbox"}),
		pdfake.WithKey(pdfake.Key{Token: keyEU, Kind: pdfake.AccountKey, Account: "acme-eu"}),
		pdfake.WithKey(pdfake.Key{Token: keyExpired, Kind: pdfake.AccountKey, Account: "lapsed"}),
		pdfake.WithKey(pdfake.Key{Token: keyLicence, Kind: pdfake.AccountKey, Account: "unlicensed"}),
	}, options...)...)
}

// block is a provider block that points at the emulator.
func block(s *pdfake.Server, arguments string) string {
	return blockAt(s.URL(), s.CAPEM(), arguments)
}

func blockAt(url, ca, arguments string) string {
	return fmt.Sprintf("provider \"pagerdutyauth\" {\n  api_url_override = %q\n  ca_cert_pem = %q\n%s\n}\n", url, ca, arguments)
}

func tokenArgument(token string) string { return fmt.Sprintf("  token = %q\n", token) }

// terraformPath is the Terraform that TF_ACC tests run, or skips the test.
func terraformPath(t *testing.T) string {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set: this test runs Terraform for real")
	}
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		return path
	}
	path, err := exec.LookPath("terraform")
	if err != nil {
		t.Fatal("terraform is not in PATH, and TF_ACC_TERRAFORM_PATH is not set")
	}
	return path
}

// built is the provider's binary, built once for all tests that run it.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "pagerdutyauth-test-")
	if err != nil {
		return "", err
	}
	builtIn = dir
	name := "terraform-provider-pagerdutyauth"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	binary := filepath.Join(dir, name)
	build := exec.Command("go", "build", "-o", binary, "../..")
	if output, err := build.CombinedOutput(); err != nil {
		return "", errors.New(string(output))
	}
	return binary, nil
})

// builtIn is where built put it, "" as long as no test asked.
var builtIn string

func TestMain(m *testing.M) {
	code := m.Run()
	if builtIn != "" {
		_ = os.RemoveAll(builtIn)
	}
	os.Exit(code)
}

// bench is a directory with a configuration in which Terraform runs the built
// provider, as a person runs it.
type bench struct {
	t         *testing.T
	terraform string
	dir       string
	env       []string
}

// newBench writes config to a directory of its own.
func newBench(t *testing.T, config string) *bench {
	t.Helper()
	b := &bench{t: t, terraform: terraformPath(t), dir: t.TempDir()}
	binary, err := built()
	if err != nil {
		t.Fatalf("building the provider: %v", err)
	}
	host := os.Getenv("TF_ACC_PROVIDER_HOST")
	if host == "" {
		host = "registry.terraform.io"
	}
	rc := filepath.Join(b.dir, "terraformrc")
	b.write("terraformrc", fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"%s/pagerdutyauth/pagerdutyauth\" = %q\n  }\n  direct {}\n}\n", host, filepath.Dir(binary)))
	b.write("main.tf", "terraform {\n  required_providers {\n    pagerdutyauth = { source = \"pagerdutyauth/pagerdutyauth\" }\n  }\n}\n"+config)
	for _, e := range os.Environ() {
		name, _, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(name, "TF_") && !strings.HasPrefix(name, "PAGERDUTY") && !strings.HasSuffix(strings.ToUpper(name), "_PROXY") {
			b.env = append(b.env, e)
		}
	}
	b.env = append(b.env, "TF_CLI_CONFIG_FILE="+rc, "CHECKPOINT_DISABLE=1")
	return b
}

func (b *bench) write(name, text string) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
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

type jsonDiagnostic struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Address  string `json:"address"`
}

// terraformRun runs Terraform with args and reads what -json printed.
func (b *bench) terraformRun(args ...string) outcome {
	b.t.Helper()
	cmd := exec.Command(b.terraform, args...)
	cmd.Dir, cmd.Env = b.dir, b.env
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		b.t.Fatalf("running Terraform: %v", err)
	}
	o := outcome{output: out.String(), failed: exit != nil, took: time.Since(start), outputs: map[string]any{}}
	lines := bufio.NewScanner(&out)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var line struct {
			Diagnostic *jsonDiagnostic `json:"diagnostic"`
			Outputs    map[string]struct {
				Value any `json:"value"`
			} `json:"outputs"`
		}
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			continue
		}
		if d := line.Diagnostic; d != nil && !strings.Contains(d.Summary, "development overrides") {
			o.diagnostics = append(o.diagnostics, *d)
		}
		for name, output := range line.Outputs {
			o.outputs[name] = output.Value
		}
	}
	return o
}

// apply runs apply -json, which tells the outputs' values.
func (b *bench) apply() outcome {
	b.t.Helper()
	return b.terraformRun("apply", "-json", "-auto-approve", "-input=false")
}

func (b *bench) plan() outcome {
	b.t.Helper()
	return b.terraformRun("plan", "-json", "-input=false")
}

// flat folds white space, as Terraform wraps what it prints.
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
	install := exec.Command("make", "--no-print-directory", "-C", "../..", "install-local", "PLUGIN_DIR="+mirror, "PLUGIN_HOST="+host)
	if output, err := install.CombinedOutput(); err != nil {
		t.Fatalf("make install-local: %v\n%s", err, output)
	}
}

// isTofu tells whether OpenTofu runs the tests. It has version numbers of its own.
func (b *bench) isTofu() bool {
	b.t.Helper()
	return strings.HasPrefix(b.terraformRun("version").output, "OpenTofu")
}

// has tells whether the Terraform or OpenTofu that runs the tests has a feature,
// by the first version of each that has it. A tofuMajor of 0 means that OpenTofu
// has it in no version.
func (b *bench) has(major, minor, tofuMajor, tofuMinor int) bool {
	b.t.Helper()
	var v struct {
		Terraform string `json:"terraform_version"`
	}
	if err := json.Unmarshal([]byte(b.terraformRun("version", "-json").output), &v); err != nil {
		b.t.Fatal(err)
	}
	if b.isTofu() {
		if major, minor = tofuMajor, tofuMinor; major == 0 {
			return false
		}
	}
	var haveMajor, haveMinor int
	if _, err := fmt.Sscanf(v.Terraform, "%d.%d", &haveMajor, &haveMinor); err != nil {
		b.t.Fatal(err)
	}
	return haveMajor > major || haveMajor == major && haveMinor >= minor
}

// needs skips the test where has says no.
func (b *bench) needs(major, minor, tofuMajor, tofuMinor int) {
	b.t.Helper()
	if b.has(major, minor, tofuMajor, tofuMinor) {
		return
	}
	if tofuMajor == 0 {
		b.t.Skipf("needs Terraform %d.%d; OpenTofu has nothing of the kind", major, minor)
	}
	b.t.Skipf("needs Terraform %d.%d or OpenTofu %d.%d", major, minor, tofuMajor, tofuMinor)
}
