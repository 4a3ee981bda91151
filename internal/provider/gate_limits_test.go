package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// What docs/guides/choosing-a-check.md lists under "What no check stops": in each
// test the check passes during plan, or is left out, and would fail later.

// saved makes a plan with token.
func (tf *project) saved(token string, args ...string) {
	tf.t.Helper()
	tf.with(token).terraformRun(append([]string{"plan", "-json", "-input=false", "-out=plan"}, args...)...).passed(tf.t)
}

// applySaved applies the plan of saved with another token.
func (tf *project) applySaved(token string, args ...string) outcome {
	tf.t.Helper()
	return tf.with(token).terraformRun(append(append([]string{"apply", "-json", "-input=false"}, args...), "plan")...)
}

// checks counts the requests of a check.
func checks(s *pdfake.Server) int {
	n := 0
	for _, r := range s.Requests() {
		if r.Path == "/users/me" {
			n++
		}
	}
	return n
}

const (
	other  = "resource \"terraform_data\" \"other\" {\n  input = %q\n}\n"
	behind = "resource \"terraform_data\" \"behind\" {\n  count      = %d\n" +
		"  depends_on = [ephemeral.pagerdutyauth_credential.this]\n}\n"
)

// Terraform opens the check whenever it applies; OpenTofu only if something that the
// plan changes refers to it, so that the token that applies is not checked.
func TestAccGate_unreferenced(t *testing.T) {
	t.Parallel()
	byProvider := func(s *pdfake.Server) string {
		return official(s, "  token = ephemeral.pagerdutyauth_credential.this.token\n") + fmt.Sprintf(team, "")
	}
	byDependsOn := func(count int) func(*pdfake.Server) string {
		return func(*pdfake.Server) string { return fmt.Sprintf(behind, count) }
	}
	nothing := func(*pdfake.Server) string { return "" }
	for _, c := range []struct {
		name          string
		before, after func(*pdfake.Server) string
	}{
		{name: "nothing refers to it", before: nothing, after: nothing},
		{name: "a provider, nothing of which changes", before: byProvider, after: byProvider},
		{name: "a resource that does not change", before: byDependsOn(2), after: byDependsOn(2)},
		{name: "a resource with a smaller count", before: byDependsOn(2), after: byDependsOn(1)},
		{name: "a resource that is removed", before: byDependsOn(2), after: nothing},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := startEmulator(t)
			tf := gate(t, s, checked+c.before(s))
			tf.with(tokenAccount).apply().passed(t)
			tf.write("main.tf", checked+c.after(s)+fmt.Sprintf(other, "v1"))
			tf.saved(tokenAccount)
			s.ResetRequests()
			o := tf.applySaved(tokenRevoked)
			if !slices.Contains(tf.resources(), "terraform_data.other") {
				t.Error("what does not wait for the check was not created")
			}
			if !tf.isTofu() {
				o.stopped(t, summaryUnauthorized)
				return
			}
			o.passed(t)
			if n := len(s.Requests()); n != 0 {
				t.Errorf("%d requests during apply, OpenTofu was seen to send none", n)
			}
		})
	}
}

// In Terraform, terraform.applying is false while it applies a destroy plan, so that
// require_write_access is too, but not where single resources are destroyed. Tried up
// to Terraform 1.16 and on OpenTofu 1.12.
func TestAccGate_applying(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	writing := func(required string) string {
		return "ephemeral \"pagerdutyauth_credential\" \"this\" {\n  require_write_access = " + required + "\n}\n" +
			official(s, "  token = ephemeral.pagerdutyauth_credential.this.token\n")
	}
	tf := gate(t, s, writing("terraform.applying")+fmt.Sprintf(team, ""))
	tf.with(tokenAccount).apply().passed(t)
	tf.write("main.tf", writing("terraform.applying"))
	tf.saved(tokenReadOnly)
	tf.applySaved(tokenReadOnly).stopped(t, summaryNotAllowed)

	tf.write("main.tf", writing("terraform.applying")+fmt.Sprintf(team, ""))
	tf.saved(tokenReadOnly, "-destroy")
	s.ResetRequests()
	o := tf.applySaved(tokenReadOnly)
	switch got := fmt.Sprint(writes(s)); {
	case tf.has(0, 0, 1, 12) && got != "[POST]", !tf.has(1, 17, 1, 11) && got != "[DELETE]":
		t.Errorf("writes %s: Terraform did not ask for write access, OpenTofu stopped after it did", got)
	case !o.failed:
		t.Errorf("the read-only token destroyed the team:\n%s", o.output)
	}

	tf.write("main.tf", writing("true")+fmt.Sprintf(team, ""))
	tf.saved(tokenAccount, "-destroy")
	tf.applySaved(tokenReadOnly).stopped(t, summaryNotAllowed)
}

// A destroy plan without a refresh reads no data source, and opens an ephemeral
// resource only for a provider. Applying any destroy plan opens it only for that.
func TestAccGate_destroyPlan(t *testing.T) {
	t.Parallel()
	data := "data \"pagerdutyauth_credential\" \"this\" {}\n"
	for name, c := range map[string]struct {
		provider, resource string
		waits              bool
	}{
		"depends_on": {tokenArgument(tokenAccount), "  depends_on = [ephemeral.pagerdutyauth_credential.this]\n", false},
		"provider":   {"  token = ephemeral.pagerdutyauth_credential.this.token\n", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startEmulator(t)
			tf := gate(t, s, checked+data+official(s, c.provider)+fmt.Sprintf(team, c.resource))
			tf.with(tokenAccount).apply().passed(t)
			judge := func(o outcome) {
				t.Helper()
				if c.waits {
					o.stopped(t, summaryUnauthorized)
					return
				}
				o.passed(t)
				if n := checks(s); n != 0 {
					t.Errorf("%d checks", n)
				}
			}
			plan := func(args ...string) outcome {
				s.ResetRequests()
				return tf.with(tokenRevoked).terraformRun(append([]string{"plan", "-json", "-input=false"}, args...)...)
			}
			plan("-refresh=false").stopped(t, summaryUnauthorized)
			plan("-destroy").stopped(t, summaryUnauthorized)
			judge(plan("-destroy", "-refresh=false"))
			tf.saved(tokenAccount, "-destroy")
			s.ResetRequests()
			judge(tf.applySaved(tokenRevoked))
		})
	}
}

// -target leaves a check out unless the target refers to it; OpenTofu's -exclude
// leaves out what refers to it too.
func TestAccGate_targets(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := gate(t, s, checked+official(s, "  token = ephemeral.pagerdutyauth_credential.this.token\n")+
		fmt.Sprintf(team, "")+fmt.Sprintf(other, "v1"))
	plan := func(arg string) outcome {
		return tf.with(tokenRevoked).terraformRun("plan", "-json", "-input=false", "-out=plan", arg)
	}
	plan("-target=pagerduty_team.platform").stopped(t, summaryUnauthorized)
	s.ResetRequests()
	plan("-target=terraform_data.other").passed(t)
	if tf.isTofu() {
		plan("-exclude=ephemeral.pagerdutyauth_credential.this").passed(t)
		tf.applySaved(tokenRevoked).passed(t)
		if created := tf.resources(); !slices.Equal(created, []string{"terraform_data.other"}) {
			t.Errorf("created %q", created)
		}
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
	if tf.isTofu() {
		plan("-exclude=terraform_data.other").stopped(t, summaryUnauthorized)
	}
}

// guardFromVariable is a check whose guard comes from a variable.
func guardFromVariable(declaration string) string {
	return "variable \"subdomain\" {\n" + declaration + "}\n" +
		"ephemeral \"pagerdutyauth_credential\" \"this\" {\n  allowed_subdomains = [var.subdomain]\n}\n" +
		fmt.Sprintf(behind, 1)
}

// OpenTofu takes another value for a variable that was at its default when the plan
// was made, and with it another guard. One that was set then cannot be changed.
func TestAccGate_changedVariable(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := gate(t, s, guardFromVariable("  default = \"acme\"\n"))
	changed := tf.with(tokenSandbox)
	changed.setenv("TF_VAR_subdomain", "acme-sandbox")

	tf.saved(tokenAccount, "-var=subdomain=acme")
	if o := changed.applySaved(tokenSandbox); !o.failed {
		t.Errorf("a variable that was set was changed:\n%s", o.output)
	}
	tf.saved(tokenAccount)
	if !tf.isTofu() {
		if o := tf.applySaved(tokenSandbox, "-var=subdomain=acme-sandbox"); !o.failed {
			t.Errorf("a variable was changed:\n%s", o.output)
		}
		if o := changed.applySaved(tokenSandbox); !o.failed {
			t.Errorf("a variable was changed:\n%s", o.output)
		}
		return
	}
	changed.applySaved(tokenSandbox).passed(t)
}

// An ephemeral variable may have another value during apply.
func TestAccGate_ephemeralVariable(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := gate(t, s, guardFromVariable("  type      = string\n  ephemeral = true\n"))
	tf.saved(tokenAccount, "-var=subdomain=acme")
	tf.applySaved(tokenSandbox, "-var=subdomain=acme-sandbox").passed(t)
}

// Expressions that end in null where the check did not run, and what fails instead.
func TestAccGate_nullExpressions(t *testing.T) {
	t.Parallel()
	const none, disabled = "  count = 0\n", "  lifecycle {\n    enabled = false\n  }\n"
	for _, c := range []struct {
		instances, token, fails string
		tofu                    bool
	}{
		{instances: none, token: "one(ephemeral.pagerdutyauth_credential.this[*].token)"},
		{instances: none, token: "try(ephemeral.pagerdutyauth_credential.this[0].token, null)"},
		{instances: none, token: "ephemeral.pagerdutyauth_credential.this[0].token", fails: "Invalid index"},
		{instances: disabled, token: "try(ephemeral.pagerdutyauth_credential.this.token, null)", tofu: true},
		{
			instances: disabled, token: "ephemeral.pagerdutyauth_credential.this.token",
			fails: "Attempt to get attribute from null value", tofu: true,
		},
	} {
		t.Run(c.token, func(t *testing.T) {
			t.Parallel()
			s := startEmulator(t)
			tf := gate(t, s, "ephemeral \"pagerdutyauth_credential\" \"this\" {\n"+c.instances+"}\n"+
				official(s, "  token = "+c.token+"\n")+fmt.Sprintf(team, ""))
			if c.tofu {
				tf.needsFeature(tfrun.Enabled)
			}
			o := tf.with(tokenSandbox).plan()
			if c.fails != "" {
				o.stopped(t, c.fails)
				return
			}
			o.passed(t)
			if got := strings.Join(paths(s), ", "); got != "GET /abilities" {
				t.Errorf("requests %q, want only the official provider's", got)
			}
		})
	}
}
