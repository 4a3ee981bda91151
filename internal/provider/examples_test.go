package provider

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// example returns a project with the files of an example, an override file that points
// the provider at the emulator, and stand-ins for other providers.
func example(t *testing.T, name string, s *pdfake.Server) *project {
	t.Helper()
	terraform(t)
	dir, err := tfrun.Standins()
	if err != nil {
		t.Fatal(err)
	}
	tf := emptyProject(t, map[string]string{"pagerduty/pagerduty": dir, "hashicorp/http": dir})
	if err := os.CopyFS(tf.dir, os.DirFS(filepath.Join("..", "..", "examples", name))); err != nil {
		t.Fatal(err)
	}
	tf.write("emulator_override.tf", block(s, ""))
	return tf
}

// with returns the project with a different token in the environment.
func (tf *project) with(token string) *project {
	other := *tf
	other.env = append(slices.Clone(tf.env), "PAGERDUTY_TOKEN="+token)
	return &other
}

func (o outcome) stopped(t *testing.T, summary string) {
	t.Helper()
	is := func(d jsonDiagnostic) bool { return d.Severity == "error" && d.Summary == summary }
	if !o.failed || !slices.ContainsFunc(o.diagnostics, is) {
		t.Errorf("it was not stopped with %q:\n%s", summary, o.output)
	}
}

// ended checks that the run failed with an error that names status.
func (o outcome) ended(t *testing.T, status string) {
	t.Helper()
	has := func(d jsonDiagnostic) bool {
		return d.Severity == "error" && strings.Contains(d.Detail, "Status: "+status)
	}
	if !o.failed || !slices.ContainsFunc(o.diagnostics, has) {
		t.Errorf("it did not fail with the status %s:\n%s", status, o.output)
	}
}

func (o outcome) passed(t *testing.T) {
	t.Helper()
	if o.failed {
		t.Errorf("it failed:\n%s", o.output)
	}
}

func TestAccExamples_gateOfficialProvider(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := example(t, "gate-official-provider", s)
	tf.needs(1, 10, 1, 11)
	tf.with(tokenAda).plan().passed(t)
	tf.with(tokenSandbox).plan().ended(t, "not_allowed")
	tf.with(tokenRevoked).apply().ended(t, "unauthorized")
	if created := tf.resources(); len(created) > 0 {
		t.Errorf("created %q behind the failed check", created)
	}
	tf.with(tokenAda).apply().passed(t)
}

func TestAccExamples_accountGuard(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := example(t, "account-guard", s)
	tf.with(tokenAccount).plan().passed(t)
	tf.with(tokenSandbox).plan().ended(t, "not_allowed")
	tf.terraformRun("workspace", "new", "sandbox").passed(t)
	tf.with(tokenSandbox).plan().passed(t)
	tf.with(tokenAccount).plan().ended(t, "not_allowed")
	// A workspace that is missing from the map is an error and not a missing guard.
	tf.terraformRun("workspace", "new", "typo").passed(t)
	tf.with(tokenAccount).plan().stopped(t, "Invalid index")
}

// officialExample returns an example with ephemeral resources, and more arguments for this
// provider.
func officialExample(t *testing.T, name string, s *pdfake.Server, arguments string) *project {
	t.Helper()
	tf := example(t, name, s)
	tf.needsFeature(tfrun.EphemeralResources)
	tf.write("emulator_override.tf", block(s, arguments))
	return tf
}

// A read-only token is enough for the plan. An apply job that uses it stops before it
// changes anything.
func TestAccExamples_writeAccessInApply(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := officialExample(t, "write-access-in-apply", s, "")
	plan := func() { tf.with(tokenReadOnly).terraformRun("plan", "-json", "-input=false", "-out=plan").passed(t) }
	apply := func(token string) outcome {
		return tf.with(token).terraformRun("apply", "-json", "-input=false", "plan")
	}
	plan()
	if got := writes(s); len(got) != 0 {
		t.Errorf("writes during plan: %q", got)
	}
	o := apply(tokenReadOnly)
	o.ended(t, "not_allowed")
	if created := tf.resources(); len(created) > 0 || len(writes(s)) != 1 {
		t.Errorf("with the read-only token: created %q, writes %q, want the preview alone", created, writes(s))
	}
	plan()
	apply(tokenAccount).passed(t)
	if created := tf.resources(); len(created) != 1 {
		t.Errorf("with full access: created %q", created)
	}
}

// Slack connections need the token of a user with the role owner or admin.
func TestAccExamples_slackConnectionToken(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := officialExample(t, "slack-connection-token", s, "")
	run := func(userToken string) outcome {
		other := tf.with(tokenAccount)
		other.setenv("PAGERDUTY_USER_TOKEN", userToken)
		return other.plan()
	}
	run(tokenAda).passed(t)
	// An observer's token, an account API token, and a token of a different account.
	for _, token := range []string{tokenObserver, tokenReadOnly, tokenSandbox} {
		run(token).ended(t, "not_allowed")
	}
}

// The official provider gets the verified OAuth app from the check.
func TestAccExamples_gateOfficialProviderOAuthApp(t *testing.T) {
	t.Parallel()
	scopes := []string{"users.read", "schedules.read", "schedules.write", "teams.read", "teams.write", "abilities.read"}
	s := startEmulator(t, withApp(scopes...))
	tf := officialExample(t, "gate-official-provider-oauth-app", s,
		fmt.Sprintf("  identity_url_override = %q\n", s.IdentityURL()))
	tf.write("emulator_override.tf", block(s, fmt.Sprintf("  identity_url_override = %q\n", s.IdentityURL())))
	tf.setenv("PAGERDUTY_CLIENT_ID", appID)
	tf.setenv("PAGERDUTY_SUBDOMAIN", "acme")
	wrong := *tf
	wrong.env = append(slices.Clone(tf.env), "PAGERDUTY_CLIENT_SECRET=another-secret-0123456789-abcdef")
	wrong.plan().ended(t, "unauthorized")
	tf.setenv("PAGERDUTY_CLIENT_SECRET", appSecret)
	o := tf.apply()
	o.passed(t)
	searchLeaks(t, "the output", strings.ReplaceAll(o.output, appSecret, marker))
}

// A malformed token fails the validation, and Terraform does not show it.
func TestAccExamples_variableValidation(t *testing.T) {
	t.Parallel()
	s := startEmulator(t, pdfake.WithAPIToken(pdfake.APIToken{
		Token: marker, Kind: pdfake.UserToken, Account: "acme", User: "PADA001",
	}))
	tf := example(t, "variable-validation", s)
	tf.needsFeature(tfrun.EphemeralResources)
	tf.setenv("TF_VAR_pagerduty_token", "Token token="+marker)
	for _, args := range [][]string{{"plan", "-no-color", "-input=false"}, {"plan", "-json", "-input=false"}} {
		o := tf.terraformRun(args...)
		if !o.failed || !strings.Contains(o.output, "Invalid value for variable") {
			t.Errorf("the validation passed:\n%s", strings.ReplaceAll(o.output, marker, "(the token)"))
		}
		searchLeaks(t, "the output", o.output)
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests with a malformed token", n)
	}
	tf.setenv("TF_VAR_pagerduty_token", marker)
	tf.plan().passed(t)
}

func TestAccExamples_checkBlock(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := example(t, "check-block", s)
	tf.needs(1, 5, 1, 6)
	o := tf.with(tokenRevoked).apply()
	o.passed(t)
	if !strings.Contains(flat(o.output), "The PagerDuty credential's status is unauthorized.") {
		t.Errorf("the assertion is missing:\n%s", o.output)
	}
	if o := tf.with(tokenAda).apply(); len(o.diagnostics) != 0 {
		t.Errorf("a valid token warns:\n%s", o.output)
	}
	// The data source is read again during apply, so each plan has something to do.
	if o := tf.with(tokenAda).terraformRun("plan", "-json", "-input=false", "-detailed-exitcode"); !o.failed {
		t.Errorf("-detailed-exitcode ends with 0:\n%s", o.output)
	}
}

func TestAccExamples_postcondition(t *testing.T) {
	t.Parallel()
	s := startEmulator(t,
		pdfake.WithUser(pdfake.User{
			Account: "acme", ID: "POUT001", Name: "Out", Email: "out@elsewhere.example", Role: "user",
		}),
		pdfake.WithAPIToken(pdfake.APIToken{Token: marker, Kind: pdfake.UserToken, Account: "acme", User: "POUT001"}))
	tf := example(t, "postcondition", s)
	tf.needs(1, 3, 1, 6) // endswith
	tf.with(tokenAda).plan().passed(t)
	tf.with(tokenAccount).plan().passed(t)
	tf.with(marker).plan().stopped(t, "Resource postcondition failed")
}

func TestAccExamples_auditManyTokens(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := example(t, "audit-many-tokens", s)
	tf.needs(1, 10, 1, 11)
	variables, err := json.Marshal(map[string]any{
		"teams":  []string{"ada", "gone", "sandbox"},
		"tokens": map[string]string{"ada": tokenAda, "gone": tokenGone, "sandbox": tokenSandbox},
	})
	if err != nil {
		t.Fatal(err)
	}
	tf.write("terraform.tfvars.json", string(variables))
	o := tf.plan()
	o.ended(t, "unauthorized")
	o.ended(t, "not_allowed")
	if len(o.diagnostics) != 2 {
		t.Errorf("%d diagnostics, want one for each of the two invalid tokens", len(o.diagnostics))
	}
	tf.write("terraform.tfvars.json", `{"teams":["lost"],"tokens":{"lost":null}}`)
	if o = tf.with(tokenAda).plan(); !strings.Contains(flat(o.one(t).Detail), "A team's token is null.") {
		t.Errorf("the provider's token was used for a team: %s", o.output)
	}
}

func TestAccExamples_terraformTest(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := example(t, "terraform-test", s)
	tf.needs(1, 7, 1, 8)
	// The provider block of a test file replaces the module's.
	const file = "tests/real.tftest.hcl"
	tf.write(file, strings.Replace(tf.read(file), "provider \"pagerdutyauth\" {}", block(s, ""), 1))
	if err := os.Remove(filepath.Join(tf.dir, "emulator_override.tf")); err != nil {
		t.Fatal(err)
	}
	o := tf.with(tokenAda).terraformRun("test", "-no-color")
	if o.failed || !strings.Contains(o.output, "2 passed, 0 failed") {
		t.Errorf("terraform test:\n%s", o.output)
	}
	if n := len(s.Requests()); n != 1 {
		t.Errorf("%d requests, want 1: the mock sends none", n)
	}
}

func TestAccExamples_terraformTestEphemeral(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := example(t, "terraform-test-ephemeral", s)
	tf.needsFeature(tfrun.MockEphemeral)
	o := tf.terraformRun("test", "-no-color")
	if o.failed || !strings.Contains(o.output, "1 passed, 0 failed") {
		t.Errorf("terraform test:\n%s", o.output)
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests, want none", n)
	}
}

func TestAccExamples_unknownToken(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := example(t, "unknown-token", s)
	tf.needs(1, 10, 1, 11)
	tf.setenv("TF_VAR_token", tokenAda)
	tf.with(tokenAccount).plan().passed(t)
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests while planning", n)
	}
	tf.with(tokenAccount).apply().passed(t)
}

func TestAccExamples_oauthApp(t *testing.T) {
	t.Parallel()
	s := startEmulator(t, withApp("users.read", "schedules.read"))
	tf := example(t, "oauth-app", s)
	tf.write("emulator_override.tf", block(s, fmt.Sprintf("  identity_url_override = %q\n", s.IdentityURL())))
	tf.setenv("PAGERDUTY_CLIENT_SECRET", appSecret)
	o := tf.apply()
	o.passed(t)
	if got := fmt.Sprint(o.outputs["scopes"]); got != "[schedules.read users.read]" {
		t.Errorf("scopes %s", got)
	}
	tf.setenv("PAGERDUTY_CLIENT_SECRET", "another-secret-0123456789-abcdef")
	tf.plan().ended(t, "unauthorized")
}

func TestAccExamples_sameAccount(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := example(t, "same-account", s)
	tf.setenv("PAGERDUTY_USER_TOKEN", tokenAda)
	tf.with(tokenAccount).plan().passed(t)
	tf.with(tokenSandbox).plan().ended(t, "not_allowed")
	tf.setenv("PAGERDUTY_USER_TOKEN", tokenReadOnly) // not a user API token
	tf.with(tokenAccount).plan().ended(t, "not_allowed")
}

func TestAccExamples_optionalCheck(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := example(t, "optional-check", s)
	tf.with(tokenSandbox).plan().ended(t, "not_allowed")
	s.ResetRequests()
	tf.terraformRun("plan", "-json", "-input=false", "-var=check_pagerduty=false").passed(t)
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests without a check", n)
	}
}

// The emulator's certificate is trusted only because of proxy-ca.pem.
func TestAccExamples_privateCA(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := example(t, "private-ca", s)
	tf.write("emulator_override.tf", fmt.Sprintf("provider \"pagerdutyauth\" {\n  api_url_override = %q\n}\n", s.URL()))
	tf.write("proxy-ca.pem", s.CAPEM())
	tf.with(tokenAda).plan().passed(t)
}

// Every directory of examples has a test above, or is a page's first example, which is
// applied here.
func TestAccExamples_all(t *testing.T) {
	t.Parallel()
	tested := []string{
		"account-guard", "action-trigger", "audit-many-tokens", "check-block", "gate-official-provider",
		"gate-official-provider-oauth-app", "oauth-app", "oauth-scopes", "optional-check", "postcondition",
		"preflight-step", "private-ca", "same-account", "slack-connection-token", "terraform-test",
		"terraform-test-ephemeral", "unknown-token", "variable-validation", "write-access-in-apply",
	}
	features := map[string]tfrun.Feature{
		"provider": {}, "data-sources": {}, "ephemeral-resources": tfrun.EphemeralResources,
		"functions": tfrun.Functions, "actions": tfrun.Actions,
	}
	directory := filepath.Join("..", "..", "examples")
	entries, err := os.ReadDir(directory)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if slices.Contains(tested, entry.Name()) {
			continue
		}
		feature, known := features[entry.Name()]
		files, err := filepath.Glob(filepath.Join(directory, entry.Name(), "*", "*.tf"))
		if err != nil || !known {
			t.Errorf("examples/%s has no test (%v)", entry.Name(), err)
			continue
		}
		if entry.Name() == "provider" {
			files = []string{filepath.Join(directory, "provider", "provider.tf")}
		}
		for _, file := range files {
			name, err := filepath.Rel(directory, filepath.Dir(file))
			if err != nil {
				t.Fatal(err)
			}
			t.Run(filepath.ToSlash(name), func(t *testing.T) {
				t.Parallel()
				applyExample(t, name, filepath.Base(file), feature)
			})
		}
	}
}

// applyExample applies an example that leaves out what all configurations have.
func applyExample(t *testing.T, name, file string, feature tfrun.Feature) {
	t.Helper()
	s := startEmulator(t, withApp("abilities.read", "services.read", "services.write", "teams.read", "teams.write"))
	tf := example(t, name, s)
	tf.write("emulator_override.tf", block(s, goodApp(s)))
	if feature != (tfrun.Feature{}) {
		tf.needsFeature(feature)
	}
	text := tf.read(file)
	if !strings.Contains(text, "required_providers") {
		tf.write("required.tf", tfrun.RequiredProviders)
	}
	if !strings.Contains(text, "provider \"pagerdutyauth\"") {
		tf.write("provider.tf", "provider \"pagerdutyauth\" {}\n")
	}
	tf.setenv("TF_VAR_pagerduty_token", tokenAda)
	tf.with(tokenAda).apply().passed(t)
}
