package provider

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// oauthScopesExample is the example with the emulated app in the block of this provider only. Without it, the
// stand-in for the official provider reports an error when it is configured.
func oauthScopesExample(t *testing.T, s *pdfake.Server) *project {
	t.Helper()
	tf := example(t, "oauth-scopes", s)
	tf.needsFeature(tfrun.EphemeralResources)
	tf.write("emulator_override.tf", block(s, goodApp(s)))
	return tf
}

func TestAccExamples_oauthScopes(t *testing.T) {
	t.Parallel()
	s := startEmulator(t, withApp("abilities.read", "teams.read", "teams.write", "users.read"))
	tf := oauthScopesExample(t, s)
	tf.apply().passed(t)
	if created := tf.resources(); len(created) != 2 {
		t.Errorf("state %q, want the user and the team", created)
	}
}

// The message about the scope is the only one: the official provider is not configured.
func TestAccExamples_oauthScopesMissing(t *testing.T) {
	t.Parallel()
	s := startEmulator(t, withApp("abilities.read", "teams.read", "users.read"))
	tf := oauthScopesExample(t, s)
	for _, o := range []outcome{tf.plan(), tf.apply()} {
		o.ended(t, "not_allowed")
		if d := o.one(t); !strings.Contains(d.Detail, "teams.write") {
			t.Errorf("the message does not name the scope: %s", d.Detail)
		}
	}
	if created := tf.resources(); len(created) > 0 {
		t.Errorf("created %q", created)
	}
}

// typesOf returns what the example's script prints for a plan of this configuration.
func (tf *project) typesOf(main string) string {
	tf.t.Helper()
	tf.write("main.tf", main)
	tf.terraformRun("get").passed(tf.t)
	tf.terraformRun("plan", "-input=false", "-out=plan.tfplan").passed(tf.t)
	cmd := exec.CommandContext(tf.t.Context(), "sh", "types.sh")
	cmd.Dir, cmd.Env = tf.dir, tf.env
	output, err := cmd.Output()
	if err != nil {
		tf.t.Fatalf("types.sh: %v\n%s", err, output)
	}
	return strings.TrimSpace(string(output))
}

// types.sh prints the types of data sources, of resources in modules, and of resources to be destroyed, as a list
// that the function accepts.
func TestAccExamples_oauthScopesTypes(t *testing.T) {
	t.Parallel()
	terraform(t)
	if runtime.GOOS == "windows" {
		t.Skip("the script needs a POSIX shell")
	}
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip("jq is not in PATH: types.sh needs it")
	}
	s := startEmulator(t)
	tf := example(t, "oauth-scopes", s)
	tf.needsFeature(tfrun.Functions)
	bin := t.TempDir()
	if err := os.Symlink(tf.terraform, filepath.Join(bin, "terraform")); err != nil {
		t.Fatal(err)
	}
	tf.setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	tf.setenv("PAGERDUTY_TOKEN", tokenAda)
	const required = `terraform {
  required_providers {
    pagerduty     = { source = "PagerDuty/pagerduty" }
    pagerdutyauth = { source = "pagerdutyauth/pagerdutyauth" }
  }
}
`
	for module, text := range map[string]string{
		"outer": "module \"inner\" {\n  source = \"../inner\"\n}\n",
		"inner": "resource \"pagerduty_team\" \"platform\" {\n  name = \"Platform\"\n}\n",
	} {
		if err := os.Mkdir(filepath.Join(tf.dir, module), 0o700); err != nil {
			t.Fatal(err)
		}
		tf.write(filepath.Join(module, "main.tf"), required+text)
	}
	root := required + "provider \"pagerdutyauth\" {}\nprovider \"pagerduty\" {}\n"
	list := tf.typesOf(root + `
data "pagerduty_user" "ada" {
  email = "ada@acme.example"
}
data "pagerdutyauth_credential" "this" {}
resource "terraform_data" "other" {
  input = { mode = "managed", type = 1 }
}
module "outer" {
  source = "./outer"
}
output "scopes" {
  value = "unset"
}
`)
	if want := `["data.pagerduty_user","pagerduty_team"]`; list != want {
		t.Errorf("got %s, want %s", list, want)
	}
	tf.terraformRun("apply", "-input=false", "plan.tfplan").passed(t)
	output := "output \"scopes\" {\n  value = provider::pagerdutyauth::required_scopes(\"apply\", " + list + ")\n}\n"
	if got := tf.typesOf(root + output); !strings.Contains(got, `"pagerduty_team"`) {
		t.Errorf("the team is to be destroyed: %s", got)
	}
	o := tf.apply()
	o.passed(t)
	if got, want := fmt.Sprint(o.outputs["scopes"]), "[abilities.read teams.read teams.write users.read]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
