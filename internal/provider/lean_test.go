package provider

import (
	"debug/buildinfo"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// Terraform starts the provider three times in a plan, and pays for what is linked
// in each time. One more module is a decision that somebody takes in
// testdata/modules.txt; versions are not in it, so that an update needs none.
func TestLean_modules(t *testing.T) {
	t.Parallel()
	binary, err := tfrun.Provider()
	if err != nil {
		t.Fatal(err)
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	var linked []string
	for _, m := range info.Deps {
		linked = append(linked, m.Path)
	}
	const list = "testdata/modules.txt"
	text, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	known := strings.Fields(string(text))
	for _, m := range linked {
		if !slices.Contains(known, m) {
			t.Errorf("the provider gained the module %s: if it is worth that, add it to %s and say why in the commit", m, list)
		}
	}
	for _, m := range known {
		if runtime.GOOS == "linux" && !slices.Contains(linked, m) {
			t.Errorf("the provider lost the module %s: remove it from %s, so that it stays lost", m, list)
		}
	}
}

// Where no log was asked for, the provider writes none for Terraform to drop.
func TestAccLean_log(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("what stands before the provider is a shell script")
	}
	for name, c := range map[string]struct {
		variable, level string
		written         bool
	}{
		"nothing asked for": {"TF_LOG", "", false},
		"only Terraform's":  {"TF_LOG_CORE", "TRACE", false},
		"all":               {"TF_LOG", "DEBUG", true},
		"only providers'":   {"TF_LOG_PROVIDER", "TRACE", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startEmulator(t)
			tf := newProject(t, block(s, tokenArgument(tokenAda))+"data \"pagerdutyauth_credential\" \"this\" {}\n")
			binary, err := tfrun.Provider()
			if err != nil {
				t.Fatal(err)
			}
			// It writes what the provider logs to a file, for Terraform to see nothing.
			log := filepath.Join(tf.dir, "provider.log")
			script := fmt.Sprintf("#!/bin/sh\nexec %q 2>>%q\n", binary, log)
			wrapper := filepath.Join(tf.dir, "terraform-provider-pagerdutyauth")
			if err := os.WriteFile(wrapper, []byte(script), 0o700); err != nil {
				t.Fatal(err)
			}
			tf.write("terraformrc", strings.ReplaceAll(tf.read("terraformrc"), filepath.Dir(binary), tf.dir))
			tf.setenv(c.variable, c.level)
			tf.terraformRun("plan", "-input=false", "-no-color").passed(t)
			text, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			ours := strings.Contains(string(text), "Asking PagerDuty")
			frameworks := strings.Contains(string(text), `"@module":"sdk.`)
			if written := ours && frameworks; written != c.written {
				t.Errorf("the provider's log was written: %v, want %v (%d bytes)", written, c.written, len(text))
			}
		})
	}
}
