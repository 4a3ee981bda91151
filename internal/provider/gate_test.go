package provider

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// gate returns a project with the check and the stand-in for the official provider.
func gate(t *testing.T, s *pdfake.Server, config string) *project {
	t.Helper()
	terraform(t)
	dir, err := tfrun.Standins()
	if err != nil {
		t.Fatal(err)
	}
	tf := emptyProject(t, map[string]string{"pagerduty/pagerduty": dir})
	tf.needsFeature(tfrun.EphemeralResources)
	tf.write("providers.tf", `terraform {
  required_providers {
    pagerduty     = { source = "PagerDuty/pagerduty" }
    pagerdutyauth = { source = "pagerdutyauth/pagerdutyauth" }
  }
}
`+block(s, ""))
	tf.write("main.tf", config)
	return tf
}

// official returns a block of the official provider.
func official(token string) string { return "provider \"pagerduty\" {\n  token = " + token + "\n}\n" }

// writes returns the methods of the requests that are not a GET.
func writes(s *pdfake.Server) []string {
	var all []string
	for _, r := range s.Requests() {
		if r.Method != http.MethodGet {
			all = append(all, r.Method)
		}
	}
	return all
}

// standinWrites returns the operations of the stand-in that change something.
func (tf *project) standinWrites() []string {
	return slices.DeleteFunc(tf.workspace.Standin(), func(operation string) bool {
		return strings.HasPrefix(operation, "configure ")
	})
}

const (
	checkedToken = "ephemeral.pagerdutyauth_credential.this.token"
	checked      = "ephemeral \"pagerdutyauth_credential\" \"this\" {\n  allowed_subdomains = [\"acme\"]\n}\n"
	team         = "resource \"pagerduty_team\" \"platform\" {\n  name = \"Checkout\"\n%s}\n"
)

// The check passes during plan and fails when the saved plan is applied. Behind the token
// of the official provider, nothing is replaced, removed or destroyed. Behind depends_on,
// only creating and changing waits for the check.
func TestAccGate_savedPlan(t *testing.T) {
	t.Parallel()
	behindToken := official(checkedToken) + fmt.Sprintf(team, "")
	behindDependsOn := official(`"`+tokenAccount+`"`) +
		fmt.Sprintf(team, "  depends_on = [ephemeral.pagerdutyauth_credential.this]\n")
	for name, c := range map[string]struct {
		config, after string // before the plan, and in it
		plan          string
		deletes       bool
	}{
		"token, created":       {after: behindToken},
		"token, replaced":      {config: behindToken, after: behindToken, plan: "-replace=pagerduty_team.platform"},
		"token, removed":       {config: behindToken, after: official(checkedToken)},
		"token, destroyed":     {config: behindToken, after: behindToken, plan: "-destroy"},
		"depends_on, created":  {after: behindDependsOn},
		"depends_on, replaced": {behindDependsOn, behindDependsOn, "-replace=pagerduty_team.platform", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tf := gate(t, startEmulator(t), checked+c.config)
			if c.config != "" {
				tf.with(tokenAccount).apply().passed(t)
			}
			before := tf.standinWrites()
			tf.write("main.tf", checked+c.after)
			tf.savePlan(tokenAccount, slices.DeleteFunc([]string{c.plan}, func(s string) bool { return s == "" })...)
			tf.applyPlan(tokenRevoked).ended(t, "unauthorized")
			after := tf.standinWrites()[len(before):]
			want := map[bool]string{true: "[delete ****0002 Checkout]", false: "[]"}[c.deletes]
			if fmt.Sprint(after) != want {
				t.Errorf("the official provider did %q, want %s", after, want)
			}
		})
	}
}

// The official provider gets the token that was checked, not the environment's, and is
// not configured if the check fails.
func TestAccGate_token(t *testing.T) {
	t.Parallel()
	own := strings.Replace(checked, "{\n", "{\n  token = \""+tokenAda+"\"\n", 1)
	tf := gate(t, startEmulator(t), own+official(checkedToken)+fmt.Sprintf(team, ""))
	tf.with(tokenSandbox).apply().passed(t)
	for _, operation := range tf.workspace.Standin() {
		if !strings.Contains(operation, tokenAda[len(tokenAda)-4:]) {
			t.Errorf("the official provider used a different token: %s", operation)
		}
	}
	tf = gate(t, startEmulator(t), checked+official(checkedToken)+fmt.Sprintf(team, ""))
	tf.with(tokenSandbox).plan().ended(t, "not_allowed")
	if got := tf.workspace.Standin(); len(got) > 0 {
		t.Errorf("the official provider got the refused token: %q", got)
	}
}
