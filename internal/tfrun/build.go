package tfrun

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
)

// buildFlags are those of GNUmakefile. Flags that differ anywhere would compile
// every package once more.
var buildFlags = []string{"-trimpath", "-buildvcs=false", "-ldflags=-s -w"}

// providerName is the file name of the provider, without the system's suffix.
const providerName = "terraform-provider-pagerdutyauth"

// Executable is the file name of a program on this system.
func Executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// Root is the directory of this module: the nearest one above the working
// directory with a go.mod.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod in this directory or above it")
		}
		dir = parent
	}
}

// Build compiles a package of this module, such as "./internal/cmd/floor". It
// writes nothing if output is up to date.
func Build(ctx context.Context, pkg, output string) error {
	root, err := Root()
	if err != nil {
		return err
	}
	args := append(append([]string{"build"}, buildFlags...), "-o", output, pkg)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = root
	// Terraform's and the race detector's settings do not reach the compiler.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", pkg, err, text)
	}
	return nil
}

// Provider is the path of the provider's binary, built once per process, where
// `make build` puts it: what did not change is not linked again.
var Provider = sync.OnceValues(func() (string, error) {
	return inBin(providerName, ".")
})

// Standins is the directory with the binaries that take the place of the official
// PagerDuty provider and of the http provider.
var Standins = sync.OnceValues(func() (string, error) {
	binary := ""
	for _, name := range []string{"pagerduty", "http"} {
		var err error
		if binary, err = inBin(filepath.Join("standin", "terraform-provider-"+name), "./internal/cmd/standin"); err != nil {
			return "", err
		}
	}
	return filepath.Dir(binary), nil
})

func inBin(name, pkg string) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(root, "bin", Executable(name))
	return binary, Build(context.Background(), pkg, binary)
}

// hosts are the registries whose providers a configuration names without a host.
var hosts = []string{"registry.terraform.io", "registry.opentofu.org"}

// mirrorVersion is what the provider in a mirror of [BuildMirror] calls itself.
const mirrorVersion = "0.1.0"

// BuildMirror makes dir a filesystem mirror that holds the built provider.
func BuildMirror(dir string) error {
	binary, err := Provider()
	if err != nil {
		return err
	}
	for _, host := range hosts {
		target := filepath.Join(dir, host, "pagerdutyauth", "pagerdutyauth", mirrorVersion,
			runtime.GOOS+"_"+runtime.GOARCH)
		if err := CopyFile(binary, filepath.Join(target, Executable(providerName+"_v"+mirrorVersion))); err != nil {
			return err
		}
	}
	return nil
}

// CopyFile copies a program. The copy is a new file, not one whose bytes change.
func CopyFile(from, to string) error {
	program, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	if err := os.Remove(to); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.WriteFile(to, program, 0o700)
}
