package explain

import (
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// A credential that was configured in the wrong place too is in no message.
func TestWithhold(t *testing.T) {
	t.Parallel()
	const misplaced = "yMisplaced0Token0001"
	asked := []string{"acme", misplaced, "https://" + misplaced}
	unknown := preflight.UndecidedNoSubdomain
	reports := map[string]preflight.Report{"asked scopes": mintReport()}
	for name, v := range map[string]preflight.Violation{
		"one of":    {Guard: "allowed_subdomains", Comparison: preflight.OneOf, Asked: asked, Found: []string{"other"}},
		"none of":   {Guard: "forbidden_subdomains", Comparison: preflight.NoneOf, Asked: asked, Found: []string{"acme"}},
		"all of":    {Guard: "required_abilities", Comparison: preflight.AllOf, Asked: asked, Missing: asked},
		"undecided": {Guard: "allowed_subdomains", Comparison: preflight.OneOf, Asked: asked, Undecided: unknown},
	} {
		r := tokenReport()
		r.Status, r.Violations = preflight.NotAllowed, []preflight.Violation{v}
		reports[name] = r
	}
	for name, r := range reports {
		r.Credential.Value = pagerduty.NewSecret(misplaced)
		if app := r.Credential.OAuth; app != nil {
			app.Subdomain = strings.ToLower(misplaced)
			r.AskedScopes = []string{"as_account-us." + app.Subdomain}
			r.Status = preflight.Forbidden
			r.Failure = &pagerduty.Error{Kind: pagerduty.KindStatus, Status: 400, Sender: pagerDuty}
			r.Failure.Body.OAuthError = "invalid_scope"
		}
		for _, d := range Diagnose(r) {
			if strings.Contains(strings.ToLower(d.Detail), strings.ToLower(misplaced[:6])) {
				t.Errorf("%s: a part of the credential is in the message", name)
			}
			if !strings.Contains(d.Detail, "[redacted]") {
				t.Errorf("%s: nothing says that a value was withheld", name)
			}
		}
	}
}
