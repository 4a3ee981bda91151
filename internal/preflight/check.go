package preflight

import (
	"context"
	"slices"
	"strings"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// Checker checks credentials against one API. Equal checks that overlap or follow
// within 30 seconds share their requests. It is safe for concurrent use.
type Checker struct {
	Settings
	// Open returns a new conversation with the API.
	Open func() Conversation

	memo memo
}

// Check inspects a credential, asks PagerDuty about it within the time limit, and
// compares the result with the guards. It never fails: what went wrong is in the report.
func (c *Checker) Check(ctx context.Context, cred Credential, guards []GuardValue) Report {
	r := Report{
		Settings: c.Settings, Credential: cred, Preview: Preview(cred.Value.Reveal()),
		Facts: Facts{TokenType: TypeUnknown},
	}
	if r.Finding, r.FindingIn = cred.lint(); r.Finding != nil {
		r.Status = Malformed
		return r
	}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	q := question{
		credential: cred.Value, scopes: scopesToRequest(guards),
		previewSchedule: slices.ContainsFunc(guards, wantsWriteAccess),
	}
	if app := cred.App; app != nil {
		q.app = pagerduty.App{
			ClientID: app.ClientID, ClientSecret: cred.Value, Region: app.Region, Subdomain: app.Subdomain,
		}
	}
	facts, failure := c.learn(ctx, q)
	return r.conclude(facts, failure, guards)
}

// lint returns what is malformed about one of a credential's values, and which one.
func (cred Credential) lint() (*Finding, Argument) {
	argument := Argument(cred.Name) // a token's argument has the same name
	if cred.App != nil {
		if f := Lint(cred.App.ClientID); f != nil {
			return f, ArgumentClientID
		}
		argument = ArgumentClientSecret
	}
	if f := Lint(cred.Value.Reveal()); f != nil {
		return f, argument
	}
	return nil, ""
}

func wantsWriteAccess(v GuardValue) bool { return v.Name == GuardWriteAccess }

// DefaultScope is requested for an OAuth app unless required_scopes is set. GET /users,
// which names the account, needs it [D].
const DefaultScope = "users.read"

// scopesToRequest returns the scopes to request for an OAuth app, sorted and separated
// by spaces.
func scopesToRequest(guards []GuardValue) string {
	for _, v := range guards {
		if v.Name == GuardRequiredScopes {
			return strings.Join(slices.Compact(slices.Sorted(slices.Values(v.Values))), " ")
		}
	}
	return DefaultScope
}

// conclude sets the status, in this one place.
func (r Report) conclude(facts Facts, failure *pagerduty.Error, guards []GuardValue) Report {
	r.Facts, r.Failure = facts, failure
	if failure != nil {
		r.Status, r.RequestID = StatusOf(failure), failure.RequestID
		if failure.Kind != pagerduty.KindProxyStatus {
			r.HTTPStatus = failure.Status
		}
		if r.Credential.App == nil {
			r.Hint = HintFor(r.Credential.Value.Reveal())
		}
		return r
	}
	r.Status = Valid
	if r.Violations = r.violations(guards); len(r.Violations) > 0 {
		r.Status = NotAllowed
	}
	return r
}
