package provider

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/explain"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// example is a bench with an example's files as they are, an override file that
// points the provider at the emulator, and the stand-ins for other providers.
func example(t *testing.T, name string, s *pdfake.Server) *bench {
	t.Helper()
	terraform(t)
	dir, err := tfrun.Standins()
	if err != nil {
		t.Fatal(err)
	}
	b := emptyBench(t, map[string]string{"pagerduty/pagerduty": dir, "hashicorp/http": dir})
	if err := os.CopyFS(b.dir, os.DirFS(filepath.Join("..", "..", "examples", name))); err != nil {
		t.Fatal(err)
	}
	b.write("emulator_override.tf", block(s, ""))
	return b
}

// with is the bench with another token in the environment.
func (b *bench) with(token string) *bench {
	other := *b
	other.env = append(slices.Clone(b.env), "PAGERDUTY_TOKEN="+token)
	return &other
}

func (o outcome) stopped(t *testing.T, summary string) {
	t.Helper()
	is := func(d jsonDiagnostic) bool { return d.Severity == "error" && d.Summary == summary }
	if !o.failed || !slices.ContainsFunc(o.diagnostics, is) {
		t.Errorf("it was not stopped with %q:\n%s", summary, o.output)
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
	s := world(t)
	b := example(t, "gate-official-provider", s)
	b.needs(1, 10, 1, 11)
	b.with(keyAda).plan().passed(t)
	b.with(keyOther).plan().stopped(t, summaryNotAllowed)
	b.with(keyRevoked).apply().stopped(t, summaryUnauthorized)
	if created := b.resources(); len(created) > 0 {
		t.Errorf("behind the gate was created %q", created)
	}
	b.with(keyAda).apply().passed(t)
}

func TestAccExamples_planAndApplyTokens(t *testing.T) {
	t.Parallel()
	s := world(t)
	b := officialExample(t, "plan-and-apply-tokens", s, "")
	b.with(keyReadOnly).terraformRun("plan", "-json", "-input=false", "-out=plan").passed(t)
	b.with(keyRevoked).terraformRun("apply", "-json", "-input=false", "plan").stopped(t, summaryUnauthorized)
	b.with(keyReadOnly).terraformRun("plan", "-json", "-input=false", "-out=plan").passed(t)
	b.with(keyAccount).terraformRun("apply", "-json", "-input=false", "plan").passed(t)
}

func TestAccExamples_accountGuard(t *testing.T) {
	t.Parallel()
	s := world(t)
	b := example(t, "account-guard", s)
	b.with(keyAccount).plan().passed(t)
	b.with(keyOther).plan().stopped(t, summaryNotAllowed)
	b.terraformRun("workspace", "new", "sandbox").passed(t)
	b.with(keyOther).plan().passed(t)
	b.with(keyAccount).plan().stopped(t, summaryNotAllowed)
	// A workspace that is not in the map has no guard: it is an error, not a yes.
	b.terraformRun("workspace", "new", "typo").passed(t)
	b.with(keyAccount).plan().stopped(t, "Invalid index")
}

// officialExample is an example whose official provider asks the emulator too.
func officialExample(t *testing.T, name string, s *pdfake.Server, arguments string) *bench {
	t.Helper()
	b := example(t, name, s)
	b.needsFeature(tfrun.EphemeralResources)
	// The emulated account has a team "Platform", and PagerDuty takes no second one.
	other := "resource \"pagerduty_team\" \"platform\" {\n  name = \"Checkout\"\n}\n"
	b.write("emulator_override.tf", block(s, arguments)+official(s, "")+other)
	return b
}

// During plan a read-only token is enough; an apply job that was given it stops
// before it changes anything.
func TestAccExamples_writeAccessInApply(t *testing.T) {
	t.Parallel()
	s := world(t)
	b := officialExample(t, "write-access-in-apply", s, "")
	plan := func() { b.with(keyReadOnly).terraformRun("plan", "-json", "-input=false", "-out=plan").passed(t) }
	apply := func(token string) outcome {
		return b.with(token).terraformRun("apply", "-json", "-input=false", "plan")
	}
	plan()
	if got := writes(s); len(got) != 0 {
		t.Errorf("writes during plan: %q", got)
	}
	o := apply(keyReadOnly)
	o.stopped(t, explain.SummaryNotAllowed)
	if created := b.resources(); len(created) > 0 || len(writes(s)) != 1 {
		t.Errorf("with the read-only token: created %q, writes %q, want the preview alone", created, writes(s))
	}
	plan()
	apply(keyAccount).passed(t)
	if created := b.resources(); len(created) != 1 {
		t.Errorf("with full access: created %q", created)
	}
}

// Slack connections take the token of a user with the role owner or admin.
func TestAccExamples_slackConnectionToken(t *testing.T) {
	t.Parallel()
	s := world(t)
	b := officialExample(t, "slack-connection-token", s, "")
	run := func(userToken string) outcome {
		other := b.with(keyAccount)
		other.setenv("PAGERDUTY_USER_TOKEN", userToken)
		return other.plan()
	}
	run(keyAda).passed(t)
	for name, token := range map[string]string{
		"an observer's": keyObserver, "an account's": keyReadOnly, "of another account": keyOther,
	} {
		if o := run(token); !o.failed || !o.says(explain.SummaryNotAllowed) {
			t.Errorf("%s:\n%s", name, o.output)
		}
	}
}

// The official provider gets the verified OAuth app from the check.
func TestAccExamples_gateOfficialProviderOAuthApp(t *testing.T) {
	t.Parallel()
	scopes := []string{"users.read", "schedules.read", "schedules.write", "teams.read", "teams.write", "abilities.read"}
	s := world(t, withApp(scopes...))
	b := officialExample(t, "gate-official-provider-oauth-app", s,
		fmt.Sprintf("  identity_url_override = %q\n", s.IdentityURL()))
	b.write("emulator_override.tf", block(s, fmt.Sprintf("  identity_url_override = %q\n", s.IdentityURL())))
	b.setenv("PAGERDUTY_CLIENT_ID", appID)
	b.setenv("PAGERDUTY_SUBDOMAIN", "acme")
	wrong := *b
	wrong.env = append(slices.Clone(b.env), "PAGERDUTY_CLIENT_SECRET=another-secret-0123456789-abcdef")
	wrong.plan().stopped(t, explain.SummaryUnauthorizedApp)
	b.setenv("PAGERDUTY_CLIENT_SECRET", appSecret)
	o := b.apply()
	o.passed(t)
	searchLeaks(t, "the output", strings.ReplaceAll(o.output, appSecret, marker))
}

// A malformed token is refused before anything else, and Terraform does not show it.
func TestAccExamples_variableValidation(t *testing.T) {
	t.Parallel()
	s := world(t, pdfake.WithKey(pdfake.Key{Token: marker, Kind: pdfake.UserKey, Account: "acme", User: "PADA001"}))
	b := example(t, "variable-validation", s)
	b.needsFeature(tfrun.EphemeralResources)
	b.setenv("TF_VAR_pagerduty_token", "Token token="+marker)
	for _, args := range [][]string{{"plan", "-no-color", "-input=false"}, {"plan", "-json", "-input=false"}} {
		o := b.terraformRun(args...)
		if !o.failed || !strings.Contains(o.output, "Invalid value for variable") {
			t.Errorf("it was not refused:\n%s", strings.ReplaceAll(o.output, marker, "(the token)"))
		}
		searchLeaks(t, "the output", o.output)
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests with a malformed token", n)
	}
	b.setenv("TF_VAR_pagerduty_token", marker)
	b.plan().passed(t)
}

func TestAccExamples_checkBlock(t *testing.T) {
	t.Parallel()
	s := world(t)
	b := example(t, "check-block", s)
	b.needs(1, 5, 1, 6)
	o := b.with(keyRevoked).apply()
	o.passed(t)
	if !strings.Contains(flat(o.output), "The PagerDuty credential's status is unauthorized.") {
		t.Errorf("the assertion did not speak:\n%s", o.output)
	}
	if o := b.with(keyAda).apply(); len(o.diagnostics) != 0 {
		t.Errorf("a valid token warns:\n%s", o.output)
	}
}

func TestAccExamples_postcondition(t *testing.T) {
	t.Parallel()
	s := world(t,
		pdfake.WithUser(pdfake.User{
			Account: "acme", ID: "POUT001", Name: "Out", Email: "out@elsewhere.example", Role: "user",
		}),
		pdfake.WithKey(pdfake.Key{Token: marker, Kind: pdfake.UserKey, Account: "acme", User: "POUT001"}))
	b := example(t, "postcondition", s)
	b.needs(1, 3, 1, 6) // endswith
	b.with(keyAda).plan().passed(t)
	b.with(keyAccount).plan().passed(t)
	b.with(marker).plan().stopped(t, "Resource postcondition failed")
}

func TestAccExamples_auditManyTokens(t *testing.T) {
	t.Parallel()
	s := world(t)
	b := example(t, "audit-many-tokens", s)
	b.needs(1, 10, 1, 11)
	variables, err := json.Marshal(map[string]any{
		"teams":  []string{"ada", "gone", "sandbox"},
		"tokens": map[string]string{"ada": keyAda, "gone": keyGone, "sandbox": keyOther},
	})
	if err != nil {
		t.Fatal(err)
	}
	b.write("terraform.tfvars.json", string(variables))
	o := b.plan()
	o.stopped(t, summaryUnauthorized)
	o.stopped(t, summaryNotAllowed)
	if len(o.diagnostics) != 2 {
		t.Errorf("%d diagnostics, want one for each of the two tokens that fail", len(o.diagnostics))
	}
}

func TestAccExamples_terraformTest(t *testing.T) {
	t.Parallel()
	s := world(t)
	b := example(t, "terraform-test", s)
	b.needs(1, 7, 1, 8)
	// A test file's own provider block takes the place of the module's, so the
	// emulator's goes there.
	const file = "tests/real.tftest.hcl"
	b.write(file, strings.Replace(b.read(file), "provider \"pagerdutyauth\" {}", block(s, ""), 1))
	if err := os.Remove(filepath.Join(b.dir, "emulator_override.tf")); err != nil {
		t.Fatal(err)
	}
	o := b.with(keyAda).terraformRun("test", "-no-color")
	if o.failed || !strings.Contains(o.output, "2 passed, 0 failed") {
		t.Errorf("terraform test:\n%s", o.output)
	}
	if n := len(s.Requests()); n != 1 {
		t.Errorf("%d requests, want 1: the mock sends none", n)
	}
}

func TestAccExamples_terraformTestEphemeral(t *testing.T) {
	t.Parallel()
	s := world(t)
	b := example(t, "terraform-test-ephemeral", s)
	b.needsFeature(tfrun.MockEphemeral)
	o := b.terraformRun("test", "-no-color")
	if o.failed || !strings.Contains(o.output, "1 passed, 0 failed") {
		t.Errorf("terraform test:\n%s", o.output)
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests, want none", n)
	}
}

func TestAccExamples_unknownToken(t *testing.T) {
	t.Parallel()
	s := world(t)
	b := example(t, "unknown-token", s)
	b.needs(1, 10, 1, 11)
	b.setenv("TF_VAR_token", keyAda)
	b.with(keyAccount).plan().passed(t)
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests while planning", n)
	}
	b.with(keyAccount).apply().passed(t)
}

func TestAccExamples_oauthApp(t *testing.T) {
	t.Parallel()
	s := world(t, withApp("users.read", "schedules.read"))
	b := example(t, "oauth-app", s)
	b.write("emulator_override.tf", block(s, fmt.Sprintf("  identity_url_override = %q\n", s.IdentityURL())))
	b.setenv("PAGERDUTY_CLIENT_SECRET", appSecret)
	o := b.apply()
	o.passed(t)
	if got := fmt.Sprint(o.outputs["scopes"]); got != "[schedules.read users.read]" {
		t.Errorf("scopes %s", got)
	}
	b.setenv("PAGERDUTY_CLIENT_SECRET", "another-secret-0123456789-abcdef")
	b.plan().stopped(t, summaryRejectedApp)
}

func TestAccExamples_userToken(t *testing.T) {
	t.Parallel()
	s := world(t)
	b := example(t, "user-token", s)
	b.setenv("PAGERDUTY_USER_TOKEN", keyAda)
	b.with(keyAccount).plan().passed(t)
	b.with(keyOther).plan().stopped(t, summaryNotAllowed)
	b.setenv("PAGERDUTY_USER_TOKEN", keyReadOnly)
	b.with(keyAccount).plan().stopped(t, summaryNotAllowed)
}

// Every example has a test above, and those of the documentation run too.
func TestAccExamples_all(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	tested := []string{
		"account-guard", "action-trigger", "audit-many-tokens", "check-block", "gate-official-provider",
		"gate-official-provider-oauth-app", "oauth-app", "plan-and-apply-tokens", "postcondition", "preflight-step",
		"slack-connection-token", "terraform-test", "terraform-test-ephemeral", "unknown-token", "user-token",
		"variable-validation", "write-access-in-apply",
	}
	for _, e := range entries {
		switch e.Name() {
		case "provider", "data-sources", "ephemeral-resources", "functions", "actions", "README.md":
		default:
			if !slices.Contains(tested, e.Name()) {
				t.Errorf("examples/%s has no test", e.Name())
			}
		}
	}
	s := world(t)
	for name, needs := range map[string][4]int{
		"provider": {}, "data-sources/pagerdutyauth_credential": {},
		"ephemeral-resources/pagerdutyauth_credential": {1, 10, 1, 11},
		"functions/authorization_header":               {1, 8, 1, 7},
		"actions/pagerdutyauth_verify":                 {1, 14, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := example(t, name, s)
			if needs != [4]int{} {
				b.needs(needs[0], needs[1], needs[2], needs[3])
			}
			b.setenv("TF_VAR_pagerduty_token", keyAda)
			if name != "provider" {
				b.write("required.tf", tfrun.RequiredProviders+"provider \"pagerdutyauth\" {}\n")
			}
			b.with(keyAda).apply().passed(t)
		})
	}
}
