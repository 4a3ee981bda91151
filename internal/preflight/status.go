// Package preflight is the domain: what a credential looks like, what is known of
// it after asking PagerDuty, what was asked of it, and the verdict. It knows no
// HTTP client and no Terraform.
package preflight

import (
	"slices"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// Status is the verdict on a credential.
type Status string

// The verdicts. Only Malformed and Unauthorized reject a credential; NotAllowed is
// a guard's, and the others say why PagerDuty did not judge it.
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

// Valid reports what was decided about the credential: that it is valid and met
// every guard, that it was rejected or did not meet one, or, with decided false,
// nothing.
func (r *Report) Valid() (valid, decided bool) {
	switch r.Status {
	case Valid:
		return true, true
	case Malformed, Unauthorized:
		return false, true
	case NotAllowed:
		return false, slices.ContainsFunc(r.Violations, func(v Violation) bool { return v.Undecided == UndecidedNot })
	default:
		return false, false
	}
}

// StatusOf is the verdict on a request that brought no usable answer.
func StatusOf(e *pagerduty.Error) Status {
	switch e.Kind {
	case pagerduty.KindStatus:
		// A gateway that forwards in plain HTTP is refused, whatever the credential. The body
		// of a 401 decides nothing [S].
		judges := e.Sender == pagerduty.SenderPagerDuty && (e.Status == 401 || e.Body.Code != pagerduty.CodeOnlyHTTPS)
		return statusOfHTTP(e.Status, judges)
	case pagerduty.KindGrant:
		return Forbidden
	case pagerduty.KindRedirect, pagerduty.KindNotJSON, pagerduty.KindMissingObject, pagerduty.KindTooLarge,
		pagerduty.KindNotHTTP, pagerduty.KindHTTP2, pagerduty.KindEcho, pagerduty.KindMismatch:
		return UnexpectedResponse
	default:
		return Unreachable
	}
}

// statusOfHTTP is the verdict on a status. Those that judge a credential or its
// account count only from PagerDuty itself; the others say the same whoever sent
// them: nothing was judged.
func statusOfHTTP(status int, judges bool) Status {
	switch {
	case status == 401 && judges:
		return Unauthorized
	case status == 402 && judges:
		return PaymentRequired
	case status == 403 && judges:
		return Forbidden
	case status == 429:
		return RateLimited
	case status == 408, status == 407, status == 511:
		// A timeout, a proxy's login and a captive portal's.
		return Unreachable
	case status >= 500 && status <= 599:
		return ServerError
	default:
		return UnexpectedResponse
	}
}

// StatusOfMint is the verdict on a request for an OAuth app's access token that
// brought none. Error codes are those of RFC 6749, section 5.2 [I]; they count only
// with the statuses that the RFC gives them, and on a 200 without a token. "Invalid
// scope" is PagerDuty's text [S].
func StatusOfMint(e *pagerduty.Error) Status {
	if e.Kind != pagerduty.KindStatus || e.Sender == pagerduty.SenderGateway ||
		!slices.Contains([]int{200, 400, 401, 403}, e.Status) {
		return StatusOf(e)
	}
	switch e.Body.OAuthError {
	case "invalid_client":
		return Unauthorized
	case "invalid_scope", "invalid_request", "unauthorized_client", "access_denied":
		return Forbidden
	}
	if e.Status == 400 && e.Body.RefusesScope() {
		return Forbidden
	}
	return StatusOf(e)
}
