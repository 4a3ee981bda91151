package provider

import (
	"fmt"
	"os"
	"path/filepath"
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

// -invoke checks nothing where an address names no instance, and says nothing of it.
// Terraform 1.16 says so where the key of a module is missing or wrong.
func TestAccVerify_instances(t *testing.T) {
	t.Parallel()
	emptyProject(t, nil).needsFeature(tfrun.Actions)
	action := func(count string) string {
		return "action \"pagerdutyauth_verify\" \"this\" {\n" + count + "  config {}\n}\n"
	}
	module := "module \"check\" {\n  source = \"./check\"\n  count  = %d\n}\n"
	const address = "action.pagerdutyauth_verify.this"
	for name, c := range map[string]struct {
		config, address string
		checks          bool
	}{
		"one":                   {config: action(""), address: address, checks: true},
		"all of two":            {config: action("  count = 2\n"), address: address, checks: true},
		"count = 0":             {config: action("  count = 0\n"), address: address},
		"for_each of nothing":   {config: action("  for_each = toset([])\n"), address: address},
		"module":                {config: fmt.Sprintf(module, 1), address: "module.check[0]." + address, checks: true},
		"module, no key":        {config: fmt.Sprintf(module, 1), address: "module.check." + address},
		"module, another's key": {config: fmt.Sprintf(module, 1), address: "module.check[1]." + address},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startEmulator(t)
			tf := newProject(t, block(s, "")+c.config)
			if err := os.Mkdir(filepath.Join(tf.dir, "check"), 0o700); err != nil {
				t.Fatal(err)
			}
			tf.write(filepath.Join("check", "main.tf"), tfrun.RequiredProviders+action(""))
			tf.terraformRun("get").passed(t)
			o := tf.with(tokenRevoked).terraformRun("apply", "-json", "-auto-approve", "-input=false", "-invoke="+c.address)
			checked := len(s.Requests()) > 0
			key := strings.Contains(name, "key")
			if key && tf.has(1, 17, 0, 0) {
				// Seen up to Terraform 1.16; a later one may know better.
				if checked && !o.failed {
					t.Errorf("the check did not stop it:\n%s", o.output)
				}
				return
			}
			fails := c.checks || key && tf.has(1, 16, 0, 0)
			if checked != c.checks || o.failed != fails {
				t.Errorf("checked %t, want %t; failed %t, want %t:\n%s", checked, c.checks, o.failed, fails, o.output)
			}
		})
	}
}

// A plan made with -invoke checks nothing; applying it does.
func TestAccVerify_savedPlan(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := newProject(t, block(s, "")+"action \"pagerdutyauth_verify\" \"this\" {\n  config {}\n}\n")
	tf.needsFeature(tfrun.Actions)
	tf.saved(tokenRevoked, "-invoke=action.pagerdutyauth_verify.this")
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests during plan", n)
	}
	if o := tf.applySaved(tokenRevoked); !o.failed || !o.says(summaryUnauthorized) {
		t.Errorf("it was not stopped:\n%s", o.output)
	}
}

// A guard that refers to a resource is evaluated with the value in the state.
func TestAccVerify_guardFromState(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	config := func(subdomain string) string {
		return tfrun.RequiredProviders + block(s, "") + "resource \"terraform_data\" \"allowed\" {\n  input = \"" +
			subdomain + "\"\n}\naction \"pagerdutyauth_verify\" \"this\" {\n  config {\n" +
			"    allowed_subdomains = [terraform_data.allowed.output]\n  }\n}\n"
	}
	tf := newProject(t, "")
	tf.needsFeature(tfrun.Actions)
	tf.write("main.tf", config("acme-sandbox"))
	tf.apply().passed(t)
	tf.write("main.tf", config("acme"))
	tf.with(tokenSandbox).terraformRun("apply", "-json", "-auto-approve", "-input=false",
		"-invoke=action.pagerdutyauth_verify.this").passed(t)
}

// In front of a resource that is replaced, the action runs before the old object is
// destroyed on Terraform 1.14 and 1.15. Later versions destroy it first.
func TestAccVerify_replaced(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := example(t, "action-trigger", s)
	tf.needsFeature(tfrun.Actions)
	tf.with(tokenAda).apply().passed(t)
	tf.saved(tokenAda, "-replace=terraform_data.guarded")
	if o := tf.applySaved(tokenRevoked); !o.failed || !o.says(summaryUnauthorized) {
		t.Errorf("it was not stopped:\n%s", o.output)
	}
	if kept := slices.Contains(tf.resources(), "terraform_data.guarded"); !kept && !tf.has(1, 16, 0, 0) {
		t.Error("the old object was destroyed before the check")
	}
}

// before_destroy, which Terraform has since 1.16, stops a replacement and a smaller
// count. A plan that destroys everything goes on with a warning, and a block that is
// removed takes its trigger along.
func TestAccVerify_beforeDestroy(t *testing.T) {
	t.Parallel()
	emptyProject(t, nil).needs(1, 16, 0, 0)
	guarded := func(count int) string {
		return fmt.Sprintf(`resource "terraform_data" "guarded" {
  count = %d
  lifecycle {
    action_trigger {
      events  = [before_create, before_update, before_destroy]
      actions = [action.pagerdutyauth_verify.this]
    }
  }
}
`, count)
	}
	for name, c := range map[string]struct {
		after, arg    string
		checks, stops bool
	}{
		"replaced":      {after: guarded(1), arg: "-replace=terraform_data.guarded[0]", checks: true, stops: true},
		"smaller count": {after: guarded(0), arg: "-refresh=true", checks: true, stops: true},
		"destroyed":     {after: guarded(1), arg: "-destroy", checks: true},
		"removed":       {arg: "-refresh=true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startEmulator(t)
			tf := newProject(t, "")
			action := tfrun.RequiredProviders + block(s, "") + "action \"pagerdutyauth_verify\" \"this\" {\n  config {}\n}\n"
			tf.write("main.tf", action+guarded(1))
			tf.with(tokenAda).apply().passed(t)
			tf.write("main.tf", action+c.after)
			s.ResetRequests()
			o := tf.with(tokenRevoked).terraformRun("apply", "-json", "-auto-approve", "-input=false", c.arg)
			checked := len(s.Requests()) > 0
			if checked && len(o.diagnostics) == 0 {
				t.Errorf("the check failed in silence:\n%s", o.output)
			}
			if tf.has(1, 17, 0, 0) {
				return // seen on Terraform 1.16; a later one may stop more, or less
			}
			if checked != c.checks {
				t.Errorf("checked %t, want %t:\n%s", checked, c.checks, o.output)
			}
			if kept := len(tf.resources()) == 1; kept != c.stops || o.failed != c.stops {
				t.Errorf("kept %t, failed %t, want %t:\n%s", kept, o.failed, c.stops, o.output)
			}
		})
	}
}

// says looks for an error's text. Terraform 1.14 and 1.15 wrap what an action reports
// into a diagnostic of their own.
func (o outcome) says(text string) bool {
	return slices.ContainsFunc(o.diagnostics, func(d tfrun.Diagnostic) bool {
		return d.Severity == "error" && strings.Contains(flat(d.Summary+" "+d.Detail), text)
	})
}
