package provider

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// preflightStep is the example of the pipeline guide, whose scripts find Terraform
// in PATH.
func preflightStep(t *testing.T, s *pdfake.Server) *project {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the scripts need a POSIX shell")
	}
	tf := example(t, "preflight-step", s)
	tf.write("emulator_override.tf", block(s, "  max_retries = 0\n"))
	bin := t.TempDir()
	if err := os.Symlink(tf.terraform, filepath.Join(bin, "terraform")); err != nil {
		t.Fatal(err)
	}
	tf.setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	return tf
}

func (tf *project) script(name, token string) (output string, code int) {
	tf.t.Helper()
	cmd := exec.CommandContext(tf.t.Context(), "sh", name)
	cmd.Dir, cmd.Env = tf.dir, append(slices.Clone(tf.env), "PAGERDUTY_TOKEN="+token)
	text, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		tf.t.Fatal(err)
	}
	searchLeaks(tf.t, "the output", string(text))
	return string(text), cmd.ProcessState.ExitCode()
}

// status.sh exits with 75 where a retry may help, and with 1 where somebody must act.
func TestAccExamples_preflightStepStatus(t *testing.T) {
	t.Parallel()
	terraform(t)
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip("jq is not in PATH: status.sh needs it")
	}
	s := startEmulator(t, pdfake.WithFaults(
		pdfake.Fault{Token: tokenObserver, Behaviour: pdfake.AnswerJSON(503, ""), Path: "/users/me"},
		pdfake.Fault{Token: tokenEU, Behaviour: pdfake.RateLimited(300), Path: "/users/me"},
	))
	tf := preflightStep(t, s)
	for name, c := range map[string]struct {
		token string
		code  int
	}{
		"valid":           {tokenAda, 0},
		"rejected":        {tokenRevoked, 1},
		"another account": {tokenSandbox, 1},
		"none":            {"", 1},
		"server error":    {tokenObserver, 75},
		"rate limit":      {tokenEU, 75},
	} {
		if output, code := tf.script("status.sh", c.token); code != c.code {
			t.Errorf("%s: exit code %d, want %d:\n%s", name, code, c.code, output)
		}
	}
}

// check.sh installs the provider that the lock file names, and plans.
func TestAccExamples_preflightStepCheck(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := preflightStep(t, s)
	mirror := t.TempDir()
	if err := tfrun.BuildMirror(mirror); err != nil {
		t.Fatal(err)
	}
	tf.write("terraformrc", fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror))
	tf.terraformRun("init", "-input=false").passed(t) // writes the lock file, which is committed
	if output, code := tf.script("check.sh", tokenAccount); code != 0 {
		t.Errorf("a valid token: exit code %d:\n%s", code, output)
	}
	output, code := tf.script("check.sh", tokenSandbox)
	if code != 1 || !strings.Contains(output, "Status: not_allowed") {
		t.Errorf("a token of another account: exit code %d:\n%s", code, output)
	}
}
