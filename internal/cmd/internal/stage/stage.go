// Package stage is the place that the development commands play in: a temporary
// directory, the provider built from this tree, a Terraform that reads nothing of
// the user's configuration, and an emulator of PagerDuty's API to ask.
package stage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// The emulator's keys: made up, in the documented shape.
const (
	UserKey    = "u+DemoUserKey00ada01"
	AccountKey = "u+DemoAccountKey0002"
	RevokedKey = "u+DemoRevokedKey0003"
)

// Address is the provider's in Terraform's registry.
const Address = "registry.terraform.io/pagerdutyauth/pagerdutyauth"

const version = "0.1.0"

// Emulator starts the account "acme" with the user Ada Lovelace and the keys
// above, and whatever options add. The caller closes it.
func Emulator(options ...pdfake.Option) (*pdfake.Server, error) {
	return pdfake.New(append([]pdfake.Option{
		pdfake.WithAccount(pdfake.Account{Subdomain: "acme"}),
		pdfake.WithUser(pdfake.User{
			Account: "acme", ID: "PADA001", Name: "Ada Lovelace", Email: "ada@acme.example", Role: "admin", JobTitle: "Engineer",
			TimeZone: "Europe/London", Teams: []pdfake.Team{{ID: "PTEAM01", Name: "Platform"}},
		}),
		pdfake.WithKey(pdfake.Key{Token: UserKey, Kind: pdfake.UserKey, Account: "acme", User: "PADA001"}),
		pdfake.WithKey(pdfake.Key{Token: AccountKey, Kind: pdfake.AccountKey, Account: "acme"}),
		pdfake.WithKey(pdfake.Key{Token: RevokedKey, Kind: pdfake.UserKey, Account: "acme", User: "PADA001", Revoked: true}),
	}, options...)...)
}

// Stage is a directory, a Terraform and how that one finds the provider.
type Stage struct {
	dir, terraform string
	env            []string
}

// New makes a stage. Terraform runs with those variables of the environment that
// keep wants, TF_* never. The program is the one that TERRAFORM names, else the
// one in PATH. The caller closes it.
func New(keep func(variable string) bool) (*Stage, error) {
	dir, err := os.MkdirTemp("", "pagerdutyauth-stage-")
	if err != nil {
		return nil, err
	}
	s := &Stage{dir: dir, terraform: os.Getenv("TERRAFORM")}
	if s.terraform == "" {
		s.terraform = "terraform"
	}
	for _, e := range os.Environ() {
		if name, _, _ := strings.Cut(e, "="); !strings.HasPrefix(name, "TF_") && keep(name) {
			s.env = append(s.env, e)
		}
	}
	s.env = append(s.env, "TF_CLI_CONFIG_FILE="+filepath.Join(dir, "terraformrc"), "CHECKPOINT_DISABLE=1")
	if err := os.Mkdir(s.path(), 0o700); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Close removes the directory.
func (s *Stage) Close() { _ = os.RemoveAll(s.dir) }

// path is that of a file in the directory Terraform runs in.
func (s *Stage) path(name ...string) string {
	return filepath.Join(append([]string{s.dir, "work"}, name...)...)
}

// UseBuild builds the provider and has Terraform take it without an init.
func (s *Stage) UseBuild(ctx context.Context) error {
	if err := build(ctx, filepath.Join(s.dir, "terraform-provider-pagerdutyauth"+ExeSuffix)); err != nil {
		return err
	}
	return s.configure(fmt.Sprintf("dev_overrides {\n    %q = %q\n  }\n  direct {}", Address, s.dir))
}

// UseMirror has Terraform install the provider from a filesystem mirror.
func (s *Stage) UseMirror(path string) error {
	return s.configure(fmt.Sprintf("filesystem_mirror {\n    path = %q\n  }", path))
}

// UseOwnMirror builds the provider into a filesystem mirror and has Terraform
// install it from there, which it does without a word about an override.
func (s *Stage) UseOwnMirror(ctx context.Context) error {
	mirror := filepath.Join(s.dir, "mirror")
	target := filepath.Join(mirror, filepath.FromSlash(Address), version, runtime.GOOS+"_"+runtime.GOARCH)
	if err := build(ctx, filepath.Join(target, "terraform-provider-pagerdutyauth_v"+version+ExeSuffix)); err != nil {
		return err
	}
	return s.UseMirror(mirror)
}

func build(ctx context.Context, binary string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", binary, ".")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("building the provider: %w", err)
	}
	return nil
}

// configure writes Terraform's CLI configuration.
func (s *Stage) configure(installation string) error {
	text := fmt.Sprintf("provider_installation {\n  %s\n}\n", installation)
	return os.WriteFile(filepath.Join(s.dir, "terraformrc"), []byte(text), 0o600)
}

// Write writes a file into the directory that Terraform runs in.
func (s *Stage) Write(name, text string) error {
	return os.WriteFile(s.path(name), []byte(text), 0o600)
}

// Read reads a file of that directory.
func (s *Stage) Read(name string) ([]byte, error) { return os.ReadFile(s.path(name)) }

// Run runs Terraform with more variables, as NAME=value, and gives what it
// printed.
func (s *Stage) Run(ctx context.Context, variables []string, args ...string) (output string, failed bool, err error) {
	cmd := exec.CommandContext(ctx, s.terraform, args...)
	cmd.Dir, cmd.Env = s.path(), slices.Concat(s.env, variables)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	runErr := cmd.Run()
	var exit *exec.ExitError
	if runErr != nil && !errors.As(runErr, &exit) {
		return "", false, fmt.Errorf("running Terraform: %w", runErr)
	}
	return out.String(), exit != nil, nil
}
