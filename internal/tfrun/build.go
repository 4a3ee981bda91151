package tfrun

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
)

// buildFlags are the flags of GNUmakefile. Different ones would compile every package again.
var buildFlags = []string{"-trimpath", "-buildvcs=false", "-ldflags=-s -w"}

// providerName is the file name of the provider, without the suffix of Windows.
const providerName = "terraform-provider-pagerdutyauth"

// Executable returns the file name of a program on this system.
func Executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// build compiles a package of this module into bin/ and returns the path. It writes nothing
// if the program is up to date.
func build(name, pkg string) (string, error) {
	module, err := exec.CommandContext(context.Background(), "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOMOD: %w", err)
	}
	root := filepath.Dir(strings.TrimSpace(string(module)))
	binary := filepath.Join(root, "bin", Executable(name))
	args := append(append([]string{"build"}, buildFlags...), "-o", binary, pkg)
	cmd := exec.CommandContext(context.Background(), "go", args...)
	cmd.Dir = root
	// The race detector of a test must not reach the compiler.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", pkg, err, text)
	}
	return binary, nil
}

// Provider builds the provider, once per process, where `make build` does, and returns
// its path. The linker does nothing if it is up to date.
var Provider = sync.OnceValues(func() (string, error) {
	return build(providerName, ".")
})

// Standins returns the directory with the stand-ins for the official PagerDuty provider
// and the http provider.
var Standins = sync.OnceValues(func() (string, error) {
	_, err1 := build("standin/terraform-provider-pagerduty", "./internal/cmd/standin")
	binary, err2 := build("standin/terraform-provider-http", "./internal/cmd/standin")
	return filepath.Dir(binary), errors.Join(err1, err2)
})

// hosts are the registries of Terraform and OpenTofu.
var hosts = []string{"registry.terraform.io", "registry.opentofu.org"}

// mirrorVersion is the version of the provider in a mirror of [BuildMirror].
const mirrorVersion = "0.1.0"

// BuildMirror makes dir a filesystem mirror that holds the built provider.
func BuildMirror(dir string) error {
	binary, err := Provider()
	if err != nil {
		return err
	}
	program, err := os.ReadFile(binary)
	for _, host := range hosts {
		target := filepath.Join(dir, host, "pagerdutyauth", "pagerdutyauth", mirrorVersion, runtime.GOOS+"_"+runtime.GOARCH)
		file := filepath.Join(target, Executable(providerName+"_v"+mirrorVersion))
		err = errors.Join(err, os.MkdirAll(target, 0o700), os.WriteFile(file, program, 0o700))
	}
	return err
}
