package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// official is a block of the official provider, for which the stand-in stands.
func official(s *pdfake.Server, arguments string) string {
	return fmt.Sprintf("provider \"pagerduty\" {\n  api_url_override = %q\n  ca_cert_pem      = %q\n%s}\n",
		s.URL(), s.CAPEM(), arguments)
}

// gate is a project with the check and the official provider.
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

// writes are the requests since the last reset that change something.
func writes(s *pdfake.Server) []string {
	var all []string
	for _, r := range s.Requests() {
		if r.Method != http.MethodGet {
			all = append(all, r.Method)
		}
	}
	return all
}

// sentByOfficial counts the requests with a token that no check of ours sends.
func sentByOfficial(s *pdfake.Server, token string) int {
	n := 0
	for _, r := range s.Requests() {
		if r.Token == token && r.Path != "/users/me" {
			n++
		}
	}
	return n
}

const (
	checked = "ephemeral \"pagerdutyauth_credential\" \"this\" {\n  allowed_subdomains = [\"acme\"]\n}\n"
	team    = "resource \"pagerduty_team\" \"platform\" {\n  name = \"Checkout\"\n%s}\n"
)

// The check passes during plan and fails when the saved plan is applied. A resource
// that is to be replaced, removed or destroyed is safe behind the provider's token.
// Behind depends_on alone it is deleted: only what is created or changed waits.
func TestAccGate_deletes(t *testing.T) {
	t.Parallel()
	behindToken := func(s *pdfake.Server) (provider, resource string) {
		return official(s, "  token = ephemeral.pagerdutyauth_credential.this.token\n"), fmt.Sprintf(team, "")
	}
	behindDependsOn := func(s *pdfake.Server) (provider, resource string) {
		return official(s, tokenArgument(tokenAccount)),
			fmt.Sprintf(team, "  depends_on = [ephemeral.pagerdutyauth_credential.this]\n")
	}
	for _, c := range []struct {
		name   string
		behind func(*pdfake.Server) (provider, resource string)
		remove bool // the resource from the configuration
		plan   []string
		want   []string
	}{
		{name: "token, replaced", behind: behindToken, plan: []string{"-replace=pagerduty_team.platform"}},
		{name: "token, removed", behind: behindToken, remove: true},
		{name: "token, destroyed", behind: behindToken, plan: []string{"-destroy"}},
		{
			name: "depends_on, replaced", behind: behindDependsOn,
			plan: []string{"-replace=pagerduty_team.platform"}, want: []string{"DELETE"},
		},
		{name: "depends_on, removed", behind: behindDependsOn, remove: true, want: []string{"DELETE"}},
		{name: "depends_on, destroyed", behind: behindDependsOn, plan: []string{"-destroy"}, want: []string{"DELETE"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := startEmulator(t)
			provider, resource := c.behind(s)
			tf := gate(t, s, checked+provider+resource)
			tf.with(tokenAccount).apply().passed(t)
			if got := writes(s); fmt.Sprint(got) != "[POST]" {
				t.Fatalf("writes %q, want the team's creation", got)
			}
			if c.remove {
				tf.write("main.tf", checked+provider)
			}
			plan := append([]string{"plan", "-json", "-input=false", "-out=plan"}, c.plan...)
			tf.with(tokenAccount).terraformRun(plan...).passed(t)
			s.ResetRequests()
			o := tf.with(tokenRevoked).terraformRun("apply", "-json", "-input=false", "plan")
			if got := writes(s); fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("writes %q, want %q", got, c.want)
			}
			if c.want == nil {
				o.stopped(t, summaryUnauthorized)
			}
		})
	}
}

// A token that is unknown during plan is unset for the official provider, which
// takes PAGERDUTY_TOKEN, whether a check has seen it or not.
func TestAccGate_unknownToken(t *testing.T) {
	t.Parallel()
	config := func(s *pdfake.Server, token string) string {
		return "resource \"terraform_data\" \"token\" {\n  input = \"" + tokenAda + "\"\n}\n" +
			"ephemeral \"pagerdutyauth_credential\" \"this\" {\n  token = " + token + "\n}\n" +
			official(s, "  token = ephemeral.pagerdutyauth_credential.this.token\n") + fmt.Sprintf(team, "")
	}
	t.Run("let through", func(t *testing.T) {
		t.Parallel()
		s := startEmulator(t)
		tf := gate(t, s, config(s, "terraform_data.token.output"))
		tf.with(tokenSandbox).plan().passed(t)
		if sentByOfficial(s, tokenSandbox) == 0 {
			t.Error("the official provider did not send the environment's token")
		}
		s.ResetRequests()
		tf.with(tokenSandbox).apply().passed(t)
		for _, r := range s.Requests() {
			if r.Method != http.MethodGet && r.Token != tokenAda {
				t.Errorf("%s %s was sent with another token than the one that was checked", r.Method, r.Path)
			}
		}
	})
	t.Run("no PAGERDUTY_TOKEN", func(t *testing.T) {
		t.Parallel()
		s := startEmulator(t)
		tf := gate(t, s, config(s, "terraform_data.token.output"))
		tf.plan().stopped(t, "The stand-in got no token")
		if n := len(s.Requests()); n != 0 {
			t.Errorf("%d requests", n)
		}
	})
	t.Run("known during plan", func(t *testing.T) {
		t.Parallel()
		s := startEmulator(t)
		tf := gate(t, s, config(s, "\""+tokenAda+"\""))
		tf.with(tokenSandbox).plan().passed(t)
		if sentByOfficial(s, tokenAda) == 0 || sentByOfficial(s, tokenSandbox) != 0 {
			t.Error("the official provider did not send the token that was checked")
		}
	})
}

// A null token is unset too: an expression that can end in null lets the
// environment's through.
func TestAccGate_nullToken(t *testing.T) {
	t.Parallel()
	config := func(s *pdfake.Server) string {
		return "ephemeral \"pagerdutyauth_credential\" \"this\" {\n  token = \"" + tokenAda + "\"\n}\n" +
			"locals {\n  production = false\n}\n" +
			official(s, "  token = local.production ? ephemeral.pagerdutyauth_credential.this.token : null\n") +
			fmt.Sprintf(team, "")
	}
	t.Run("let through", func(t *testing.T) {
		t.Parallel()
		s := startEmulator(t)
		gate(t, s, config(s)).with(tokenSandbox).apply().passed(t)
		if got := writes(s); len(got) != 1 || sentByOfficial(s, tokenSandbox) < 2 {
			t.Errorf("writes %q, want one with the environment's token", got)
		}
	})
	t.Run("no PAGERDUTY_TOKEN", func(t *testing.T) {
		t.Parallel()
		s := startEmulator(t)
		gate(t, s, config(s)).apply().stopped(t, "The stand-in got no token")
		if got := writes(s); len(got) != 0 {
			t.Errorf("writes %q", got)
		}
	})
}

// What the official provider asks first reaches the emulator: a token that the
// check refuses is not sent by it.
func TestAccGate_firstRequests(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := gate(t, s, checked+official(s, "  token = ephemeral.pagerdutyauth_credential.this.token\n")+
		"data \"pagerduty_user\" \"ada\" {\n  email = \"ada@acme.example\"\n}\n")
	tf.with(tokenAccount).plan().passed(t)
	if got := strings.Join(paths(s), ", "); !strings.Contains(got, "GET /abilities, GET /users") {
		t.Errorf("requests %s", got)
	}
	s.ResetRequests()
	tf.with(tokenSandbox).plan().stopped(t, summaryNotAllowed)
	if got := strings.Join(paths(s), ", "); strings.Contains(got, "/abilities") {
		t.Errorf("the official provider sent the refused token: %s", got)
	}
}
