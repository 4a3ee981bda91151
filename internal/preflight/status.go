// Package preflight is the domain: what a credential looks like, what is known
// of it after asking PagerDuty, what was expected of it, and the verdict. It
// knows nothing of HTTP or of Terraform.
package preflight

import (
	"strings"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// Status is the verdict on a credential.
type Status string

// The verdicts. Only Malformed and Unauthorized call a credential bad; the
// others below them did not judge it, and say why.
const (
	Valid              Status = "valid"
	Malformed          Status = "malformed"
	Unauthorized       Status = "unauthorized"
	Forbidden          Status = "forbidden"
	PaymentRequired    Status = "payment_required"
	RateLimited        Status = "rate_limited"
	Unreachable        Status = "unreachable"
	ServerError        Status = "server_error"
	UnexpectedResponse Status = "unexpected_response"
	NotAllowed         Status = "not_allowed"
	Unverified         Status = "unverified"
)

// Statuses are all verdicts.
var Statuses = []Status{
	Valid, Malformed, Unauthorized, Forbidden, PaymentRequired, RateLimited,
	Unreachable, ServerError, UnexpectedResponse, NotAllowed, Unverified,
}

// Judged tells whether the verdict says anything about the credential itself,
// and what: a bad one, a good one, or, with judged false, nothing.
func (s Status) Judged() (good, judged bool) {
	switch s {
	case Valid:
		return true, true
	case Malformed, Unauthorized:
		return false, true
	default:
		return false, false
	}
}

// StatusOf is the verdict on a request that brought no usable answer.
func StatusOf(e *pagerduty.Error) Status {
	switch e.Kind {
	case pagerduty.KindStatus:
		return statusOfHTTP(e.Status)
	case pagerduty.KindForeignAuth, pagerduty.KindRedirect, pagerduty.KindNotJSON, pagerduty.KindMissingObject,
		pagerduty.KindTooLarge, pagerduty.KindNotHTTP, pagerduty.KindEcho:
		return UnexpectedResponse
	default:
		return Unreachable
	}
}

// StatusOfMint is the verdict on a request for an OAuth app's token that brought
// none. Error codes are those of RFC 6749, section 5.2 [I]; "Invalid scope" is
// PagerDuty's text [S].
func StatusOfMint(e *pagerduty.Error) Status {
	if e.Kind != pagerduty.KindStatus || e.Status >= 500 {
		return StatusOf(e)
	}
	switch e.Body.OAuthError {
	case "invalid_client":
		return Unauthorized
	case "invalid_scope", "invalid_request", "unauthorized_client", "access_denied":
		return Forbidden
	}
	if e.Status == 400 && strings.Contains(strings.ToLower(e.Body.Message), "scope") {
		return Forbidden
	}
	return StatusOf(e)
}

func statusOfHTTP(status int) Status {
	switch {
	case status == 401:
		return Unauthorized
	case status == 402:
		return PaymentRequired
	case status == 403:
		return Forbidden
	case status == 429:
		return RateLimited
	case status == 408, status == 407, status == 511:
		// A time-out, a proxy's login and a captive portal's: nothing that
		// PagerDuty's API said about the credential.
		return Unreachable
	case status >= 500 && status <= 599:
		return ServerError
	default:
		return UnexpectedResponse
	}
}
