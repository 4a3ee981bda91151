package preflight

import (
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// TestDesignTable has the kinds, HTTP statuses and codes. Here are the rules behind it.

func TestStatusOf_onlyPagerDutyRejectsOrRefuses(t *testing.T) {
	t.Parallel()
	bodies := []pagerduty.ErrorBody{
		{},
		{Code: pagerduty.CodeAuthentication},
		{Code: pagerduty.CodeExpired, Message: "Account expired"},
		{Code: 2010, RequiredScopes: []string{"users.read"}},
		{OAuthError: "invalid_client"},
		{OAuthError: "access_denied"},
		{RefusesScope: true},
	}
	for _, sender := range []pagerduty.Sender{pagerduty.SenderGateway, pagerduty.SenderUnknown, "", "another"} {
		for status := range 600 {
			for _, body := range bodies {
				switch got := StatusOf(from(sender, status, body)); got {
				case RateLimited, Unreachable, ServerError, UnexpectedResponse:
				default:
					t.Errorf("%d from %q with %+v: %s", status, sender, body, got)
				}
			}
		}
	}
}

func TestStatusOf_noFailureIsValid(t *testing.T) {
	t.Parallel()
	for _, kind := range append([]pagerduty.Kind{"", "another"}, pagerduty.Kinds...) {
		for _, status := range []int{0, 100, 200, 204, 304, 401, 999} {
			e := from(pagerduty.SenderPagerDuty, status, pagerduty.ErrorBody{})
			e.Kind = kind
			if got := StatusOf(e); got == Valid || got == NotAllowed || got == Malformed {
				t.Errorf("%q with %d: %s", kind, status, got)
			}
		}
	}
}

// The codes of TestDesignTable with other HTTP statuses.
func TestStatusOf_codeWithAnotherStatus(t *testing.T) {
	t.Parallel()
	code := func(n int) pagerduty.ErrorBody { return pagerduty.ErrorBody{Code: n} }
	for _, c := range []struct {
		status int
		body   pagerduty.ErrorBody
		want   Status
	}{
		{400, code(2006), UnexpectedResponse},
		{429, code(2006), RateLimited},
		{500, code(2006), ServerError},
		{429, code(2009), UnexpectedResponse},
		{500, code(2009), UnexpectedResponse},
		{401, code(2012), Unauthorized},
		{402, code(2012), PaymentRequired},
		{403, code(2010), Forbidden},
		{400, pagerduty.ErrorBody{Message: "Blocked: out of scope"}, UnexpectedResponse},
	} {
		if got := StatusOf(from(pagerduty.SenderPagerDuty, c.status, c.body)); got != c.want {
			t.Errorf("%d with %+v: %s, want %s", c.status, c.body, got, c.want)
		}
	}
}

// A null result must not read as false: a condition "valid == false" would reject a token
// that no one rejected.
func TestReport_Valid(t *testing.T) {
	t.Parallel()
	fails, unchecked := Violation{}, Violation{Unchecked: UncheckedGap}
	known := map[Status]bool{Valid: true, Malformed: false, Unauthorized: false}
	for _, status := range append([]Status{"", "another"}, Statuses...) {
		want, wantKnown := known[status]
		r := Report{Status: status}
		if valid, isKnown := r.Valid(); valid != want || isKnown != wantKnown {
			t.Errorf("%q: %t, %t", status, valid, isKnown)
		}
	}
	for _, c := range []struct {
		name       string
		violations []Violation
		known      bool
	}{
		{"a guard fails", []Violation{fails}, true},
		{"a guard could not be checked", []Violation{unchecked}, false},
		{"one of each", []Violation{unchecked, fails}, true},
	} {
		r := Report{Status: NotAllowed, Violations: c.violations}
		if valid, isKnown := r.Valid(); valid || isKnown != c.known {
			t.Errorf("%s: %t, %t", c.name, valid, isKnown)
		}
	}
}
