package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// The action reports the credential and the host before it sends anything, and the owner
// afterwards. The texts are internal/explain's.
func TestVerify_progress(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		provider, args given
		progress       []string // a part of each message
		status         string
	}{
		"user token":    {withToken(tokenAda), nil, []string{"****0001", "Ada Lovelace"}, "valid"},
		"account token": {withToken(tokenAccount), nil, []string{"****0002", "acme"}, "valid"},
		"full access": {
			withToken(tokenAccount), given{"require_write_access": boolean(true)}, []string{"****0002", "full access"}, "valid",
		},
		"app":         {emulatedApp(), checkApp, []string{"****W7qp", "users.read"}, "valid"},
		"rejected":    {withToken(tokenRevoked), nil, []string{"****0004"}, "unauthorized"},
		"not allowed": {withToken(tokenSandbox), given{"allowed_roles": list("admin")}, []string{"****0006"}, "not_allowed"},
		"malformed":   {withToken(tokenAda + "\n"), nil, []string{"****"}, "malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startEmulator(t, withApp("users.read"))
			r := run(t, actionCheck, at(s, c.provider), c.args)
			switch {
			case c.status == "valid":
				r.passes(t)
			case c.args != nil:
				r.ends(t, c.status, "allowed_roles")
			default:
				r.ends(t, c.status, "")
			}
			if len(r.progress) != len(c.progress) {
				t.Fatalf("progress %q", r.progress)
			}
			for i, part := range c.progress {
				if !strings.Contains(r.progress[i], part) {
					t.Errorf("progress %q, want %q in message %d", r.progress, part, i)
				}
			}
			host := s.Addr("us")
			if name == "app" {
				host = s.Addr("identity")
			}
			if !strings.Contains(r.progress[0], host) {
				t.Errorf("progress %q does not name the host %s", r.progress, host)
			}
		})
	}
}

// -invoke runs the check. The guards come from variables, which are unknown while
// Terraform validates.
func TestAccVerify_invoke(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := newProject(t, block(s, "")+`variable "allowed" {
  type = list(string)
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
	tf.needsFeature(tfrun.Actions)
	for _, c := range []struct{ token, allowed, which, want string }{
		{tokenAda, `["acme"]`, "token", "Ada Lovelace"},
		{tokenRevoked, `["acme"]`, "token", "Status: unauthorized"},
		{tokenSandbox, `["acme"]`, "token", "Status: not_allowed"},
		{tokenAda, `[]`, "token", summaryGuard},
		{tokenAda, `["acme"]`, "user-token", summaryCredential},
	} {
		o := tf.with(c.token).terraformRun("apply", "-json", "-auto-approve", "-input=false",
			"-invoke=action.pagerdutyauth_verify.this", "-var=allowed="+c.allowed, "-var=which="+c.which)
		text := o.output
		for _, d := range o.diagnostics {
			text += d.Summary + flat(d.Detail)
		}
		if !strings.Contains(text, c.want) || o.failed == (c.want == "Ada Lovelace") {
			t.Errorf("failed %t, want %q:\n%s", o.failed, c.want, o.output)
		}
	}
}

// A trigger that fails stops its own resource.
func TestAccVerify_trigger(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := example(t, "action-trigger", s)
	tf.needsFeature(tfrun.Actions)
	if o := tf.with(tokenRevoked).apply(); !o.failed || !strings.Contains(o.output, "Status: unauthorized") {
		t.Errorf("it was not stopped:\n%s", o.output)
	}
	if created := tf.resources(); !slices.Equal(created, []string{"terraform_data.other"}) {
		t.Errorf("created %q", created)
	}
	tf.with(tokenAda).apply().passed(t)
	if got := paths(s); !slices.Equal(got, []string{"GET /users/me", "GET /users/me"}) {
		t.Errorf("requests %q, want one for each apply", got)
	}
}
