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
	b := example(t, "plan-and-apply-tokens", s)
	b.needs(1, 10, 1, 11)
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
		t.Errorf("a good key warns:\n%s", o.output)
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

func TestAccExamples_auditManyKeys(t *testing.T) {
	t.Parallel()
	s := world(t)
	b := example(t, "audit-many-keys", s)
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
		t.Errorf("%d diagnostics, want one for each of the two bad keys", len(o.diagnostics))
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
		"account-guard", "action-trigger", "audit-many-keys", "check-block", "gate-official-provider", "oauth-app",
		"plan-and-apply-tokens", "postcondition", "terraform-test", "terraform-test-ephemeral",
		"unknown-token", "user-token",
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
