// Package explain puts a report into words: what happened, what likely caused it and
// what to do. It knows neither Terraform nor HTTP, and never says more than the
// report proves.
package explain

import (
	"slices"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// The summaries of all messages. The troubleshooting guide has a row for each.
const (
	SummaryMalformed        = "The PagerDuty API token is malformed"
	SummaryMalformedApp     = "The PagerDuty OAuth app's credentials are malformed"
	SummaryUnauthorized     = "PagerDuty rejected the API token"
	SummaryUnauthorizedApp  = "PagerDuty rejected the OAuth app"
	SummaryAccessToken      = "PagerDuty rejected the OAuth app's access token"
	SummaryForbidden        = "PagerDuty denied access to the API token"
	SummaryForbiddenApp     = "PagerDuty denied access to the OAuth app"
	SummaryNoAccessToken    = "PagerDuty denied the OAuth app an access token"
	SummaryNoGrant          = "PagerDuty granted the OAuth app no access"
	SummaryPaymentRequired  = "PagerDuty requires payment for this account"
	SummaryRateLimited      = "PagerDuty rate limit exceeded"
	SummaryGatewayLimited   = "A gateway's rate limit was exceeded"
	SummaryUnreachable      = "PagerDuty could not be reached"
	SummaryTimeout          = "PagerDuty did not answer in time"
	SummaryCanceled         = "The PagerDuty check was canceled"
	SummaryTLS              = "The TLS connection to PagerDuty failed"
	SummaryProxyTLS         = "The TLS connection to the proxy failed"
	SummaryProxyRefused     = "A proxy refused the connection to PagerDuty"
	SummaryProxyUnreachable = "The proxy could not be reached"
	SummaryNetworkLogin     = "The network requires a login"
	SummaryServerError      = "The API address returned a server error"
	SummaryIdentityError    = "The identity address returned a server error"
	SummaryRedirect         = "The API address returned a redirect"
	SummaryIdentityRedirect = "The identity address returned a redirect"
	SummaryForeign          = "The response did not come from the PagerDuty API"
	SummaryUnexpected       = "Unexpected response to a PagerDuty API request"
	SummaryMismatch         = "PagerDuty answered for another account"
	SummaryNotAllowed       = "The PagerDuty credential is not allowed here"
	SummaryUndecided        = "A guard on the PagerDuty credential could not be decided"
	SummaryGaps             = "The credential is valid, but some details are unavailable"
	SummaryGapsNotAllowed   = "Some details of the credential are unavailable"
)

// Message is what a person reads.
type Message struct {
	// Summary is one of the constants above.
	Summary string
	// Detail is paragraphs, separated by empty lines. The last one holds lines of
	// the form "Key: value", the first of which is the status.
	Detail string
}

// Diagnosis is a message and where it belongs.
type Diagnosis struct {
	Message
	// Argument is the one that a message is about, "" for none.
	Argument string
	// Warning is set for what does not change the verdict.
	Warning bool
}

// explanations word the verdicts. A nil function is for a verdict that needs no
// words of its own: NotAllowed has those of its violations.
var explanations = map[preflight.Status]func(*text, *preflight.Report){
	preflight.Valid:              nil,
	preflight.Malformed:          explainMalformed,
	preflight.Unauthorized:       explainUnauthorized,
	preflight.Forbidden:          explainForbidden,
	preflight.PaymentRequired:    explainPaymentRequired,
	preflight.RateLimited:        explainRateLimited,
	preflight.Unreachable:        explainUnreachable,
	preflight.ServerError:        explainServerError,
	preflight.UnexpectedResponse: explainUnexpected,
	preflight.NotAllowed:         nil,
	preflight.Unverified:         nil,
}

// Diagnose puts a report into words: the verdict or each violation as an error, then
// at most one warning about what is not known. It is empty for a valid credential of
// which everything is known, and for an unverified one that no guard stopped.
func Diagnose(r preflight.Report) []Diagnosis {
	var all []Diagnosis
	withhold(&r)
	if t := explained(&r); t.summary != "" {
		all = append(all, Diagnosis{Message: t.message(&r)})
	}
	for _, v := range r.Violations {
		all = append(all, Diagnosis{Message: explainViolation(v, &r), Argument: argumentOf(v)})
	}
	if m, ok := explainGaps(&r); ok {
		all = append(all, Diagnosis{Message: m, Warning: true})
	}
	return all
}

// withhold takes from a report what was configured next to a credential and repeats
// it: a token among the allowed subdomains, a client secret as the subdomain.
func withhold(r *preflight.Report) {
	secrets := append([]preflight.Secret{r.Credential.Value, r.AccessToken}, r.Secrets...)
	if r.Other != nil {
		secrets = append(secrets, r.Other.Credential.Value)
	}
	r.AskedScopes = pagerduty.Withhold(r.AskedScopes, secrets...)
	r.Violations = slices.Clone(r.Violations)
	for i := range r.Violations {
		v := &r.Violations[i]
		v.Asked, v.Missing = pagerduty.Withhold(v.Asked, secrets...), pagerduty.Withhold(v.Missing, secrets...)
	}
	if r.Credential.OAuth != nil {
		app := *r.Credential.OAuth
		app.Subdomain = pagerduty.Withhold([]string{app.Subdomain}, secrets...)[0]
		r.Credential.OAuth = &app
	}
}

// explained is the explanation of a verdict, empty where it needs none.
func explained(r *preflight.Report) *text {
	t := &text{}
	if explanation := explanations[r.Status]; explanation != nil {
		explanation(t, r)
	}
	return t
}

// errorCodes are PagerDuty's own [D].
var errorCodes = map[int]string{
	2000: "internal error", 2001: "invalid input", 2002: "arguments caused an error", 2003: "missing arguments",
	codeAuthentication: "authentication failed", codeNoAccount: "account not found", codeLocked: "account locked",
	codeOnlyHTTPS: "only HTTPS allowed", 2010: "access denied", 2011: "requester_id required",
	codeExpired: "account expired", codeNoUser: "user not found", codeAbility: "missing account ability",
	2015: "invalid operation", 2016: "took too long", 2020: "rate limit", 2100: "not found",
}

const (
	codeAuthentication = pagerduty.CodeAuthentication
	codeNoAccount      = pagerduty.CodeNoAccount
	codeLocked         = pagerduty.CodeLocked
	codeOnlyHTTPS      = pagerduty.CodeOnlyHTTPS
	codeExpired        = pagerduty.CodeExpired
	codeNoUser         = pagerduty.CodeNoUser
	codeAbility        = pagerduty.CodeAbility
)

// senderWords says whose an answer is: a sentence to follow the one that names the
// status, "" where it is PagerDuty's.
func senderWords(f *pagerduty.Error) string {
	switch {
	case f.Sender == pagerduty.SenderPagerDuty:
		return ""
	case f.Sender == pagerduty.SenderGateway && f.Mark != "":
		return "The response carries " + f.Mark + ": a proxy or gateway sent it, not PagerDuty."
	case f.Sender == pagerduty.SenderGateway:
		return "A proxy or gateway sent the response, not PagerDuty."
	default:
		return "The response does not show whether PagerDuty sent it or something between here and PagerDuty."
	}
}
