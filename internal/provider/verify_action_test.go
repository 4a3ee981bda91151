package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// What the action reports while it runs, in order, and that it says the same as the
// diagnostics. The words are internal/explain's.
func TestVerify_progress(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		provider, check arguments
		progress        []string // parts of the messages
		messages        int
		summary         string
		warning         bool
		requests        int
	}{
		"user token": {
			provider: withToken(tokenAda), check: arguments{"allowed_subdomains": words("acme")},
			progress: []string{"****0001", "Ada Lovelace", "ada@acme.example", "acme"}, messages: 2, requests: 1,
		},
		"account token": {
			provider: withToken(tokenAccount), progress: []string{"****0002", "acme"}, messages: 2, requests: 2,
		},
		"full access": {
			provider: withToken(tokenAccount), check: arguments{"include_write_access": truth(true)},
			progress: []string{"****0002", "full access"}, messages: 2, requests: 3,
		},
		"read-only": {
			provider: withToken(tokenReadOnly), check: arguments{"include_write_access": truth(true)},
			progress: []string{"****0003", "read-only"}, messages: 2, requests: 3,
		},
		"user_token": {
			provider: arguments{"user_token": word(tokenAda)}, check: arguments{"credential": word("user_token")},
			progress: []string{"****0001", "Ada Lovelace"}, messages: 2, requests: 1,
		},
		"OAuth app": {
			provider: appProvider(), check: arguments{"credential": word("app_oauth"), "required_scopes": words("users.read")},
			progress: []string{"****W7qp", "users.read", "acme"}, messages: 2, requests: 2,
		},
		"user without a page": {
			provider: withToken(tokenNoURL), progress: []string{"****0011", "No Page"}, messages: 2,
			summary: summaryGaps, warning: true, requests: 1,
		},
		"not verified": {
			provider: with(withToken(tokenAda), arguments{"skip_credentials_validation": truth(true)}),
			progress: []string{"skip_credentials_validation"}, messages: 1,
		},
		"rejected": {
			provider: withToken(tokenRevoked), progress: []string{"****0004"}, messages: 1,
			summary: summaryUnauthorized, requests: 1,
		},
		"not allowed": {
			provider: withToken(tokenSandbox),
			check:    arguments{"allowed_subdomains": words("acme")},
			progress: []string{"****0006"},
			messages: 1, summary: summaryNotAllowed, requests: 2,
		},
		"malformed":     {provider: withToken(tokenAda + "\n"), messages: 1, summary: summaryMalformed},
		"no token":      {summary: summaryNoToken},
		"unknown token": {provider: arguments{"token": unknown(tftypes.String)}, summary: summaryUnknownToken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := startEmulator(t, withApp("users.read"))
			a := run(t, actionSurface, at(server, c.provider), c.check)
			rest := strings.Join(a.progress, "\n")
			if len(a.progress) != c.messages {
				t.Errorf("%d messages, want %d:\n%s", len(a.progress), c.messages, rest)
			}
			for _, part := range c.progress {
				_, after, found := strings.Cut(rest, part)
				if !found {
					t.Errorf("the messages lack %q:\n%s", part, strings.Join(a.progress, "\n"))
				}
				rest = after
			}
			found := a.errors()
			if c.warning {
				found = a.warnings()
			}
			if c.summary == "" {
				a.passes(t)
			} else if len(a.diagnostics) != 1 || len(found) != 1 || found[0].Summary != c.summary {
				t.Errorf("want only %q:%s", c.summary, describe(a.diagnostics))
			}
			if n := len(server.Requests()); n != c.requests {
				t.Errorf("%d requests, want %d", n, c.requests)
			}
			for _, secret := range []string{tokenAda, tokenAccount, tokenSandbox, tokenRevoked, appSecret} {
				if strings.Contains(strings.Join(a.progress, "\n"), secret) {
					t.Error("a message holds the credential")
				}
			}
		})
	}
}

// The action invoked by hand: it reports whose the token is, or fails with the data
// source's words. The guard comes from a variable, which Terraform does not know when
// it validates.
func TestAccVerify_invoke(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := newProject(t, block(s, "")+`variable "allowed" {
  type = set(string)
}
variable "which" {
  default = "token"
}
action "pagerdutyauth_verify" "this" {
  config {
    allowed_subdomains = var.allowed
    credential         = var.which
  }
}
`)
	tf.needs(1, 14, 0, 0)
	invoke := func(token string, variables ...string) outcome {
		args := []string{"apply", "-json", "-auto-approve", "-input=false", "-invoke=action.pagerdutyauth_verify.this"}
		for _, v := range variables {
			args = append(args, "-var="+v)
		}
		return tf.with(token).terraformRun(args...)
	}
	o := invoke(tokenAda, `allowed=["acme"]`)
	o.passed(t)
	if !strings.Contains(o.output, "Ada Lovelace") {
		t.Errorf("it does not report the token's user:\n%s", o.output)
	}
	for _, c := range []struct {
		token, summary string
		variables      []string
	}{
		{token: tokenRevoked, summary: summaryUnauthorized, variables: []string{`allowed=["acme"]`}},
		{token: tokenSandbox, summary: summaryNotAllowed, variables: []string{`allowed=["acme"]`}},
		{token: tokenAda, summary: summaryGuard, variables: []string{`allowed=[]`}},
		{token: tokenAda, summary: summaryCredential, variables: []string{`allowed=["acme"]`, "which=user-token"}},
	} {
		if o := invoke(c.token, c.variables...); !o.failed || !o.says(c.summary) {
			t.Errorf("%q: it was not stopped with %q:\n%s", c.variables, c.summary, o.output)
		}
	}
}

// A trigger that fails blocks its own resource, and what depends on it.
func TestAccVerify_trigger(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := example(t, "action-trigger", s)
	tf.needs(1, 14, 0, 0)
	o := tf.with(tokenRevoked).apply()
	if !o.failed || !o.says(summaryUnauthorized) {
		t.Errorf("it was not stopped:\n%s", o.output)
	}
	if created := tf.resources(); !slices.Equal(created, []string{"terraform_data.other"}) {
		t.Errorf("not only the guarded resource was blocked: %q was created", created)
	}
	tf.with(tokenAda).apply().passed(t)
	if created := tf.resources(); !slices.Contains(created, "terraform_data.guarded") {
		t.Errorf("the guarded resource was not created, but %q", created)
	}
	if got := paths(s); !slices.Equal(got, []string{"GET /users/me", "GET /users/me"}) {
		t.Errorf("requests %q, want one for each apply", got)
	}
}

// says looks for an error's text. Terraform wraps what an action reports into a
// diagnostic of its own.
func (o outcome) says(text string) bool {
	return slices.ContainsFunc(o.diagnostics, func(d tfrun.Diagnostic) bool {
		return d.Severity == "error" && strings.Contains(flat(d.Summary+" "+d.Detail), text)
	})
}
