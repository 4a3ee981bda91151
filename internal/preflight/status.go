// Package preflight checks a credential: it inspects the value, asks PagerDuty about
// it, compares the result with the guards and reports a status. It knows neither HTTP
// nor Terraform.
package preflight

import "github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"

// Status is the result of a check.
type Status string

// The statuses. Malformed and Unauthorized reject a credential, and NotAllowed
// reports a guard. The others say why PagerDuty did not accept or reject it.
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
)

// Statuses lists all statuses.
var Statuses = []Status{
	Valid, Malformed, Unauthorized, Forbidden, PaymentRequired, RateLimited, Unreachable, ServerError,
	UnexpectedResponse, NotAllowed,
}

// Valid reports whether the credential is valid and met every guard. known is false
// if that is not known: nothing accepted or rejected the credential, or a guard could
// not be checked.
func (r *Report) Valid() (valid, known bool) {
	switch r.Status {
	case Valid:
		return true, true
	case Malformed, Unauthorized:
		return false, true
	case NotAllowed:
		for _, v := range r.Violations {
			if v.Unchecked == "" {
				return false, true
			}
		}
		return false, false
	default:
		return false, false
	}
}

// StatusOf returns the status of a check whose request failed. Only PagerDuty's own
// response says anything about a credential or its account.
func StatusOf(e *pagerduty.Error) Status {
	switch e.Kind {
	case pagerduty.KindStatus:
		return statusOfResponse(e)
	case pagerduty.KindGrant:
		return Forbidden
	case pagerduty.KindRedirect, pagerduty.KindCached, pagerduty.KindNotJSON, pagerduty.KindErrorObject,
		pagerduty.KindMissingObject, pagerduty.KindTooLarge, pagerduty.KindNotHTTP, pagerduty.KindEcho,
		pagerduty.KindMismatch:
		return UnexpectedResponse
	default:
		return Unreachable
	}
}

func statusOfResponse(e *pagerduty.Error) Status {
	fromPagerDuty := e.Sender == pagerduty.SenderPagerDuty
	refusal := e.Status == 401 || e.Status == 402 || e.Status == 403
	switch {
	case fromPagerDuty && e.Body.Code == pagerduty.CodeOnlyHTTPS:
		// A gateway forwards the request in plain HTTP, whatever the credential.
		return UnexpectedResponse
	case fromPagerDuty && refusal && e.Body.Code == pagerduty.CodeAuthentication:
		return Unauthorized
	case fromPagerDuty && e.Body.OAuthError != "" && e.Status < 500:
		return statusOfOAuth(e)
	case fromPagerDuty && e.Body.RefusesScope:
		return Forbidden
	case fromPagerDuty && e.Status == 401:
		return Unauthorized
	case fromPagerDuty && e.Status == 402:
		return PaymentRequired
	case fromPagerDuty && e.Status == 403:
		return Forbidden
	case e.Status == 429:
		return RateLimited
	case e.Status == 407, e.Status == 408, e.Status == 511:
		// A proxy's login, a timeout and a captive portal's login.
		return Unreachable
	case e.Status >= 500 && e.Status <= 599:
		return ServerError
	default:
		return UnexpectedResponse
	}
}

// statusOfOAuth maps the error codes of RFC 6749, section 5.2 [I].
func statusOfOAuth(e *pagerduty.Error) Status {
	switch e.Body.OAuthError {
	case "invalid_client":
		return Unauthorized
	case "invalid_scope", "invalid_request", "unauthorized_client", "access_denied":
		return Forbidden
	default:
		return UnexpectedResponse
	}
}
