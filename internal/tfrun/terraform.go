package tfrun

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
)

// Terraform is a Terraform or an OpenTofu.
type Terraform struct {
	Path     string
	OpenTofu bool
	Version  Version
	// Line is the first line of `terraform version`, such as "Terraform v1.11.4".
	Line string
}

// Version is a minor version, such as 1.11.
type Version struct{ Major, Minor int }

func (v Version) String() string { return fmt.Sprintf("%d.%d", v.Major, v.Minor) }

// Feature holds the first versions that have a feature. A zero version means that none
// has it so far.
type Feature struct{ Terraform, OpenTofu Version }

// The features that tests depend on, by the release notes of HashiCorp and OpenTofu.
var (
	Functions          = Feature{Version{1, 8}, Version{1, 7}}
	EphemeralResources = Feature{Version{1, 10}, Version{1, 11}}
	Actions            = Feature{Version{1, 14}, Version{}}
	MockEphemeral      = Feature{Version{1, 17}, Version{}}
	Enabled            = Feature{Version{}, Version{1, 11}}
)

// Find returns the program that TF_ACC_TERRAFORM_PATH or TERRAFORM names, or else the
// terraform in PATH.
var Find = sync.OnceValues(func() (*Terraform, error) {
	name := "terraform"
	for _, variable := range []string{"TERRAFORM", "TF_ACC_TERRAFORM_PATH"} {
		if value := os.Getenv(variable); value != "" {
			name = value
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, fmt.Errorf("no Terraform to run: %w", err)
	}
	cmd := exec.CommandContext(context.Background(), path, "version")
	cmd.Env = append(environment(false), "TF_CLI_CONFIG_FILE="+os.DevNull, "CHECKPOINT_DISABLE=1")
	output, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s version: %w", path, err)
	}
	t, err := parseVersion(string(output))
	if err != nil {
		return nil, err
	}
	t.Path = path
	return t, nil
})

// parseVersion reads output that starts with "Terraform v1.17.0-rc1" or "OpenTofu v1.12.0".
func parseVersion(output string) (*Terraform, error) {
	line, _, _ := strings.Cut(output, "\n")
	t := &Terraform{Line: strings.TrimSpace(line)}
	var name string
	if _, err := fmt.Sscanf(line, "%s v%d.%d", &name, &t.Version.Major, &t.Version.Minor); err != nil {
		return nil, fmt.Errorf("%q is not a version of Terraform: %w", line, err)
	}
	t.OpenTofu = name == "OpenTofu"
	return t, nil
}

// Has reports whether this version has a feature.
func (t *Terraform) Has(f Feature) bool {
	since := f.Terraform
	if t.OpenTofu {
		since = f.OpenTofu
	}
	if since == (Version{}) {
		return false
	}
	return t.Version.Major > since.Major || t.Version.Major == since.Major && t.Version.Minor >= since.Minor
}

// Needs returns the reason to skip a test of the feature.
func (f Feature) Needs() string {
	switch {
	case f.OpenTofu == (Version{}):
		return fmt.Sprintf("needs Terraform %s; OpenTofu does not have it", f.Terraform)
	case f.Terraform == (Version{}):
		return fmt.Sprintf("needs OpenTofu %s; Terraform does not have it", f.OpenTofu)
	}
	return fmt.Sprintf("needs Terraform %s or OpenTofu %s", f.Terraform, f.OpenTofu)
}
