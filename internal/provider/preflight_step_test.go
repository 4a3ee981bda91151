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

// preflightStep returns the example of the pipelines page, with Terraform in PATH.
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

// run runs a program in the project and returns what it printed and its exit code.
func (tf *project) run(token string, command ...string) (output string, code int) {
	tf.t.Helper()
	cmd := exec.CommandContext(tf.t.Context(), command[0], command[1:]...)
	cmd.Dir, cmd.Env = tf.dir, append(slices.Clone(tf.env), "PAGERDUTY_TOKEN="+token)
	text, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		tf.t.Fatal(err)
	}
	searchLeaks(tf.t, "the output", string(text))
	return string(text), cmd.ProcessState.ExitCode()
}

// retryable.sh shows what Terraform prints, passes its exit code on, and exits with 75
// if a retry may help.
func TestAccExamples_preflightStepRetryable(t *testing.T) {
	t.Parallel()
	terraform(t)
	for _, shell := range []string{"sh", "bash", "zsh"} {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(shell); err != nil {
				t.Skipf("%s is not in PATH", shell)
			}
			s := startEmulator(t, pdfake.WithFaults(
				pdfake.Fault{Token: tokenObserver, Behavior: pdfake.AnswerJSON(503, ""), Path: "/users/me"},
				pdfake.Fault{Token: tokenEU, Behavior: pdfake.RateLimited(300), Path: "/users/me"},
			))
			tf := preflightStep(t, s)
			tf.write("report.tf", "data \"pagerdutyauth_credential\" \"report\" {\n"+
				"  allowed_roles = [\"owner\"]\n  on_failure    = \"warning\"\n}\n"+
				"output \"account\" {\n  value = data.pagerdutyauth_credential.this.subdomain\n}\n")
			for name, c := range map[string]struct {
				token  string
				code   int
				output []string
			}{
				"valid":           {tokenAda, 2, []string{"Warning: ", "Status: not_allowed", "Changes to Outputs"}},
				"rejected":        {tokenRevoked, 1, []string{"Error: ", "Status: unauthorized"}},
				"another account": {tokenSandbox, 1, []string{"Error: ", "Status: not_allowed"}},
				"no token":        {"", 1, []string{"Error: "}},
				"server error":    {tokenObserver, 75, []string{"Error: ", "Status: server_error"}},
				"rate limit":      {tokenEU, 75, []string{"Error: ", "Status: rate_limited"}},
			} {
				output, code := tf.run(c.token, shell, "retryable.sh", "plan", "-no-color", "-detailed-exitcode")
				if code != c.code {
					t.Errorf("%s: exit code %d, want %d:\n%s", name, code, c.code, output)
				}
				for _, want := range c.output {
					if !strings.Contains(output, want) {
						t.Errorf("%s: the output lacks %q:\n%s", name, want, output)
					}
				}
			}
			if output, code := tf.run(tokenAda, shell, "retryable.sh", "plan", "-out=tfplan"); code != 0 {
				t.Errorf("plan: exit code %d:\n%s", code, output)
			}
			if output, code := tf.run(tokenAda, shell, "retryable.sh", "apply", "tfplan"); code != 0 {
				t.Errorf("apply: exit code %d:\n%s", code, output)
			}
		})
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
	if output, code := tf.run(tokenAccount, "./check.sh"); code != 0 {
		t.Errorf("a valid token: exit code %d:\n%s", code, output)
	}
	output, code := tf.run(tokenSandbox, "./check.sh")
	if code != 1 || !strings.Contains(output, "Status: not_allowed") {
		t.Errorf("a token of another account: exit code %d:\n%s", code, output)
	}
}
