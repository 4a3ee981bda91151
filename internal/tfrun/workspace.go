// Package tfrun is the one way to run Terraform with the provider built from this
// tree, without the user's environment, and with a seeded emulator of PagerDuty's API.
// Acceptance tests, demo, benchmark and pictures use it. It is never shipped.
package tfrun

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Options say how a workspace finds its providers, and which part of the environment
// it keeps. Tests need only a directory.
type Options struct {
	// Dir is the working directory. The caller removes it.
	Dir string
	// Mirror is a filesystem mirror to install from with `terraform init`. Without
	// one, the built provider is a development override, which needs no init.
	Mirror string
	// Overrides are more development overrides: the directory of a provider's binary
	// by its source without the host, such as "hashicorp/http".
	Overrides map[string]string
	// Live keeps the environment variables of PagerDuty and of proxies.
	Live bool
}

// Workspace is a directory in which Terraform runs without the user's configuration.
type Workspace struct {
	Terraform *Terraform
	Dir       string
	// Env is the environment of the runs, as NAME=value.
	Env []string
}

// NewWorkspace makes a workspace without a configuration.
func NewWorkspace(o Options) (*Workspace, error) {
	terraform, err := Find()
	if err != nil {
		return nil, err
	}
	installation := fmt.Sprintf("filesystem_mirror {\n    path = %q\n  }", o.Mirror)
	if o.Mirror == "" {
		if installation, err = overrides(o.Overrides); err != nil {
			return nil, err
		}
	}
	w := &Workspace{Terraform: terraform, Dir: o.Dir, Env: environment(o.Live)}
	w.Setenv("TF_CLI_CONFIG_FILE", filepath.Join(w.Dir, cliConfig))
	w.Setenv("CHECKPOINT_DISABLE", "1")
	w.Setenv("STANDIN_JOURNAL", filepath.Join(w.Dir, journal))
	err = w.Write(cliConfig, "provider_installation {\n  "+installation+"\n}\n")
	return w, err
}

// The files that a workspace adds to the configuration.
const (
	cliConfig = "terraformrc"
	journal   = "standin.journal"
)

// Standin returns the operations so far of the stand-in for the official provider, such as
// "configure ****0002" and "create ****0002 Checkout".
func (w *Workspace) Standin() []string {
	text, err := w.Read(journal)
	if err != nil {
		return nil // it was not started
	}
	return strings.Split(strings.TrimSpace(text), "\n")
}

// overrides returns the CLI configuration for the built provider and others, on the
// hosts of both registries.
func overrides(others map[string]string) (string, error) {
	binary, err := Provider()
	if err != nil {
		return "", err
	}
	all := map[string]string{"pagerdutyauth/pagerdutyauth": filepath.Dir(binary)}
	maps.Copy(all, others)
	var text strings.Builder
	text.WriteString("dev_overrides {\n")
	for _, host := range hosts {
		for source, dir := range all {
			fmt.Fprintf(&text, "    \"%s/%s\" = %q\n", host, source, dir)
		}
	}
	return text.String() + "  }\n  direct {}", nil
}

// environment returns this process's environment without Terraform's own variables and,
// unless a run is live, without the variables of PagerDuty and of proxies.
func environment(live bool) []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		name = strings.ToUpper(name)
		return strings.HasPrefix(name, "TF_") ||
			!live && (strings.HasPrefix(name, "PAGERDUTY") || strings.HasSuffix(name, "_PROXY"))
	})
}

// Setenv sets an environment variable for later runs.
func (w *Workspace) Setenv(name, value string) { w.Env = append(w.Env, name+"="+value) }

// Write writes a file of the directory.
func (w *Workspace) Write(name, text string) error {
	return os.WriteFile(filepath.Join(w.Dir, name), []byte(text), 0o600)
}

// Read reads a file of the directory.
func (w *Workspace) Read(name string) (string, error) {
	text, err := os.ReadFile(filepath.Join(w.Dir, name))
	return string(text), err
}

// Outcome is the result of a run of Terraform.
type Outcome struct {
	// Output holds stdout and stderr.
	Output string
	// Failed reports an exit code other than 0.
	Failed bool
	Took   time.Duration
	// Diagnostics and Outputs are set if Terraform printed JSON.
	Diagnostics []Diagnostic
	Outputs     map[string]any
}

// Diagnostic is an error or a warning, as -json prints it.
type Diagnostic struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Address  string `json:"address"`
}

// Run runs Terraform. An exit code other than 0 is not an error.
func (w *Workspace) Run(ctx context.Context, args ...string) (Outcome, error) {
	cmd := exec.CommandContext(ctx, w.Terraform.Path, args...)
	cmd.Dir, cmd.Env = w.Dir, w.Env
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	// If Terraform were killed, its providers would keep running.
	cmd.Cancel, cmd.WaitDelay = func() error { return cmd.Process.Signal(os.Interrupt) }, 10*time.Second
	start := time.Now()
	err := cmd.Run()
	var exit *exec.ExitError
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil && !errors.As(err, &exit) {
		return Outcome{}, fmt.Errorf("running Terraform: %w", err)
	}
	o := Outcome{Output: out.String(), Failed: exit != nil, Took: time.Since(start), Outputs: map[string]any{}}
	o.readJSON()
	return o, nil
}

// UntilSignal returns a context that ends with a signal, so that the program can remove its files.
// A second signal ends the program at once.
func UntilSignal() context.Context {
	signal.Ignore(syscall.SIGPIPE) // Write then returns an error if the reader has gone
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop)
	return ctx
}

// readJSON reads the lines of -json.
func (o *Outcome) readJSON() {
	for text := range strings.Lines(o.Output) {
		var line struct {
			Diagnostic *Diagnostic `json:"diagnostic"`
			Outputs    map[string]struct {
				Value any `json:"value"`
			} `json:"outputs"`
		}
		if json.Unmarshal([]byte(text), &line) != nil {
			continue
		}
		// The installation of a provider does not belong to the result.
		if d := line.Diagnostic; d != nil && !strings.Contains(d.Summary, "development overrides") {
			o.Diagnostics = append(o.Diagnostics, *d)
		}
		for name, output := range line.Outputs {
			o.Outputs[name] = output.Value
		}
	}
}

// Resources returns the addresses of the resource instances in the state. It runs
// `terraform state list`, because a state file may name a resource without instances.
func (w *Workspace) Resources(ctx context.Context) ([]string, error) {
	o, err := w.Run(ctx, "state", "list")
	if err != nil || o.Failed && strings.Contains(o.Output, "No state file was found") {
		return nil, err
	}
	if o.Failed {
		return nil, errors.New(o.Output)
	}
	return strings.Fields(o.Output), nil
}
