package provider

import (
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// What a plan pays for three times is what is linked in. A module more is a
// decision that somebody takes in testdata/modules.txt; versions are not in it,
// so that an update needs none.
func TestLean_modules(t *testing.T) {
	t.Parallel()
	binary, err := built()
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
	text, err := os.ReadFile("testdata/modules.txt")
	if err != nil {
		t.Fatal(err)
	}
	known := strings.Fields(string(text))
	for _, m := range linked {
		if !slices.Contains(known, m) {
			t.Errorf("the provider gained the module %s. If it is worth its start-up, add it to internal/provider/testdata/modules.txt and say why in the commit", m)
		}
	}
	for _, m := range known {
		if runtime.GOOS == "linux" && !slices.Contains(linked, m) {
			t.Errorf("the provider lost the module %s: remove it from internal/provider/testdata/modules.txt, so that it stays lost", m)
		}
	}
}

// Packages that cost start-up or size and are not needed: what configuration
// languages, test helpers and the official provider's stack bring.
func TestLean_packages(t *testing.T) {
	t.Parallel()
	heavy := []string{
		"database/sql", "encoding/csv", "encoding/xml", "expvar", "go/parser", "image", "net/http/pprof",
		"github.com/PagerDuty/go-pagerduty", "github.com/hashicorp/go-retryablehttp", "github.com/hashicorp/hcl/v2",
		"github.com/hashicorp/terraform-json", "github.com/hashicorp/terraform-plugin-sdk/v2",
		"github.com/hashicorp/terraform-plugin-testing", "github.com/zclconf/go-cty/cty", "golang.org/x/oauth2/jwt",
	}
	output, err := exec.Command("go", "list", "-deps", "../..").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range strings.Fields(string(output)) {
		for _, h := range heavy {
			if p == h || strings.HasPrefix(p, h+"/") {
				t.Errorf("the provider imports %s", p)
			}
		}
	}
}

// Nothing of ours runs before main but what is cheap: patterns are compiled when
// they are used, and certificates read when they are needed. Allocations are
// counted, not time.
func TestLean_init(t *testing.T) {
	t.Parallel()
	binary, err := built()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "-help")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	output, err := cmd.CombinedOutput()
	if err != nil && !strings.Contains(string(output), "-debug") {
		t.Fatalf("%v: %s", err, output)
	}
	// init <package> @<when> ms, <clock> ms clock, <bytes> bytes, <n> allocs
	traced := 0
	for line := range strings.Lines(string(output)) {
		fields := strings.Fields(line)
		if len(fields) != 11 || fields[0] != "init" {
			continue
		}
		traced++
		if allocs := fields[9]; strings.Contains(fields[1], "pagerdutyauth") && len(allocs) > 2 {
			t.Errorf("%s allocates %s times before main runs", fields[1], allocs)
		}
	}
	if traced == 0 {
		t.Errorf("no trace was found in\n%s", output)
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
			s := world(t)
			b := newBench(t, block(s, tokenArgument(keyAda))+"data \"pagerdutyauth_credential\" \"this\" {}\n")
			binary, err := built()
			if err != nil {
				t.Fatal(err)
			}
			// It writes what the provider logs to a file, for Terraform to see nothing.
			log := filepath.Join(b.dir, "provider.log")
			script := fmt.Sprintf("#!/bin/sh\nexec %q 2>>%q\n", binary, log)
			if err := os.WriteFile(filepath.Join(b.dir, "terraform-provider-pagerdutyauth"), []byte(script), 0o700); err != nil {
				t.Fatal(err)
			}
			b.write("terraformrc", strings.Replace(b.read("terraformrc"), filepath.Dir(binary), b.dir, 1))
			b.setenv(c.variable, c.level)
			b.terraformRun("plan", "-input=false", "-no-color").passed(t)
			text, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			if written := strings.Contains(string(text), "Asking PagerDuty") && strings.Contains(string(text), `"@module":"sdk.`); written != c.written {
				t.Errorf("the provider's log was written: %v, want %v (%d bytes)", written, c.written, len(text))
			}
		})
	}
}
