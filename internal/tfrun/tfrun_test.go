package tfrun

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseVersion(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		output string
		has    []Feature
		lacks  []Feature
	}{
		{
			output: "Terraform v1.0.11\non linux_amd64\n\nYour version is out of date\n",
			lacks:  []Feature{Functions, EphemeralResources, Actions},
		},
		{
			output: "Terraform v1.11.4\non linux_amd64\n",
			has:    []Feature{Functions, EphemeralResources},
			lacks:  []Feature{Actions, MockEphemeral},
		},
		{
			output: "Terraform v1.17.0-rc1\n",
			has:    []Feature{EphemeralResources, Actions, MockEphemeral},
		},
		{
			output: "OpenTofu v1.12.0\non linux_amd64\n",
			has:    []Feature{Functions, EphemeralResources},
			lacks:  []Feature{Actions, MockEphemeral},
		},
		{
			output: "Terraform v2.0.0\r\non windows_amd64\r\n",
			has:    []Feature{Functions, EphemeralResources, Actions, MockEphemeral},
		},
	} {
		terraform, err := parseVersion(c.output)
		if err != nil {
			t.Fatal(err)
		}
		if terraform.OpenTofu != strings.HasPrefix(c.output, "OpenTofu") {
			t.Errorf("%q: OpenTofu %t", c.output, terraform.OpenTofu)
		}
		for _, f := range c.has {
			if !terraform.Has(f) {
				t.Errorf("%s lacks a feature: it %s", terraform.Line, f.Needs())
			}
		}
		for _, f := range c.lacks {
			if terraform.Has(f) {
				t.Errorf("%s has a feature that %s", terraform.Line, f.Needs())
			}
		}
	}
	for _, output := range []string{"", "zsh: command not found", "Terraform dev"} {
		if _, err := parseVersion(output); err == nil {
			t.Errorf("%q is not a version, but was accepted", output)
		}
	}
}

func TestEnvironment(t *testing.T) {
	for _, name := range []string{"TF_LOG", "TF_CLI_ARGS", "PAGERDUTY_TOKEN", "PAGERDUTYAUTH_LIVE", "https_proxy"} {
		t.Setenv(name, "set")
	}
	names := func(live bool) (kept []string) {
		for _, variable := range environment(live) {
			name, _, _ := strings.Cut(variable, "=")
			kept = append(kept, name)
		}
		return kept
	}
	for _, name := range []string{"TF_LOG", "TF_CLI_ARGS", "PAGERDUTY_TOKEN", "PAGERDUTYAUTH_LIVE", "https_proxy"} {
		if slices.Contains(names(false), name) {
			t.Errorf("%s reaches Terraform", name)
		}
		live := !strings.HasPrefix(name, "TF_")
		if slices.Contains(names(true), name) != live {
			t.Errorf("%s reaches a live run: want %t", name, live)
		}
	}
	if !slices.Contains(names(false), "PATH") {
		t.Error("PATH does not reach Terraform")
	}
}

// TestRun_canceled has Terraform interrupted, not killed: only then it ends its providers.
func TestRun_canceled(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no interrupt that a process can send to another")
	}
	dir := t.TempDir()
	script := filepath.Join(dir, "terraform")
	text := "#!/bin/sh\ntrap 'echo 1 > interrupted; exit 1' INT\n: > started\nwhile :; do sleep 0.1; done\n"
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	w := &Workspace{Terraform: &Terraform{Path: script}, Dir: dir, Env: os.Environ()}
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("a signal")
	go func() {
		for {
			if _, err := w.Read("started"); err == nil || t.Context().Err() != nil {
				cancel(cause)
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	if _, err := w.Run(ctx, "plan"); !errors.Is(err, cause) {
		t.Errorf("the error is %v", err)
	}
	if _, err := w.Read("interrupted"); err != nil {
		t.Errorf("it was not interrupted: %v", err)
	}
}

func TestReadJSON(t *testing.T) {
	t.Parallel()
	o := Outcome{Outputs: map[string]any{}, Output: strings.Join([]string{
		`Terraform prints other lines too`,
		`{"diagnostic":{"severity":"warning","summary":"Provider development overrides are in effect"}}`,
		`{"diagnostic":{"severity":"error","summary":"No","detail":"Why","address":"data.x.y"}}`,
		`{"outputs":{"a":{"value":"b"}}}`,
	}, "\n")}
	o.readJSON()
	want := Diagnostic{Severity: "error", Summary: "No", Detail: "Why", Address: "data.x.y"}
	if len(o.Diagnostics) != 1 || o.Diagnostics[0] != want {
		t.Errorf("diagnostics %+v", o.Diagnostics)
	}
	if o.Outputs["a"] != "b" {
		t.Errorf("outputs %v", o.Outputs)
	}
}
