package explain

import (
	"slices"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

const (
	pagerDutyStatus = `PagerDuty lists incidents at https://status.pagerduty.com.`
	waitThenRun     = `Wait {wait}, then run Terraform again. Or raise "timeout" above {long wait}.`
)

// responseRules are for responses that say nothing about the credential.
var responseRules = []rule{
	{name: "rate_limited", status: preflight.RateLimited, sender: pagerduty.SenderPagerDuty,
		summary: `PagerDuty rate limit exceeded`,
		causes:  []string{`other clients are using {sharing}`},
		remedy:  waitThenRun},
	{name: "rate_limited_gateway", status: preflight.RateLimited, sender: pagerduty.SenderGateway, help: helpSender,
		summary: `A gateway's rate limit was exceeded`,
		causes:  []string{`the proxy or gateway limits the number of requests`},
		remedy:  waitThenRun + ` Check {override}.`},
	{name: "rate_limited_unknown", status: preflight.RateLimited,
		summary: `Rate limit exceeded`,
		causes:  []string{`other clients are using {sharing}`, `a proxy or gateway limits the number of requests`},
		remedy:  waitThenRun},
	{name: "not_implemented", status: preflight.ServerError, http: []int{501, 505}, help: helpSender,
		summary: `The server does not support the request`,
		causes:  []string{overrideElsewhere, `a proxy or gateway does not support the request`},
		remedy:  checkAddress},
	{name: "server_error", status: preflight.ServerError, sender: pagerduty.SenderPagerDuty,
		summary: `PagerDuty returned a server error`,
		remedy:  tryLater + ` ` + pagerDutyStatus},
	{name: "server_error_gateway", status: preflight.ServerError, sender: pagerduty.SenderGateway, help: helpSender,
		summary: `A gateway returned a server error`,
		causes:  []string{overrideElsewhere, `the proxy or gateway blocks the request, or cannot reach PagerDuty`},
		remedy:  tryLater + ` If the error remains, ask your network administrator to allow {host}.`},
	{name: "server_error_unknown", status: preflight.ServerError, help: helpSender,
		summary: `Server error from PagerDuty or a gateway`,
		remedy:  tryLater + ` ` + pagerDutyStatus + ` If there is none, ask your network administrator about {host}.`},
	{name: "redirect", kind: pagerduty.KindRedirect, help: helpSender,
		summary:  `Unexpected redirect`,
		happened: `{request} {returned}, a redirect to {redirect}. It was not followed.`,
		causes:   []string{`{override} has a wrong host or path`, `a login page or gateway redirects the request`},
		remedy:   checkAddress},
	{name: "cached", when: isCached, help: helpSender,
		summary:  `The response came from a cache`,
		happened: `{request} {returned} from a cache, so PagerDuty did not check this request.`,
		remedy:   `Check {override}. Ask your network administrator to exclude {host} from caching.`},
	{name: "unusable", when: isUnusable, help: helpSender,
		summary:  `The response is not from the PagerDuty API`,
		happened: `{outcome}. ` + notPagerDuty,
		causes:   []string{overrideElsewhere, `a login page, web filter or gateway replaced the response`},
		remedy:   checkAddress},
	{name: "not_http", kind: pagerduty.KindNotHTTP, help: helpSender,
		summary:  `The response is not HTTP`,
		happened: `The response to {request} is not valid HTTP.`,
		causes:   []string{`{override} has a wrong host or port`, `a proxy or gateway responds instead of PagerDuty`},
		remedy:   checkAddress},
	{name: "echo", kind: pagerduty.KindEcho, help: helpSender,
		summary:  `The response repeats a secret`,
		happened: `{request} {returned} and a configured secret in the body. PagerDuty does not do this.`,
		causes:   []string{overrideElsewhere, `a debugging server or gateway responds instead of PagerDuty`},
		remedy:   checkAddress + ` If you do not trust it, revoke the {subject}.`},
	{name: "mismatch", kind: pagerduty.KindMismatch, help: helpAccount,
		summary:  `PagerDuty returned a different account`,
		happened: `The access token was requested for the account {app account}. {request} returned the account {account}.`,
		causes:   []string{overrideOtherAPI, `{subdomain place} or "service_region" does not match the app`},
		remedy:   `Check {override}. ` + checkAccount},
	{name: "not_found", http: []int{404}, help: helpSender,
		summary: `API path not found`,
		causes:  []string{`{override} has a wrong host or path`, `a proxy or gateway changed the path of the request`},
		remedy:  checkAddress},
	{name: "gateway_login", http: []int{401}, sender: pagerduty.SenderGateway, help: helpSender,
		summary: `A gateway requires a login`,
		happened: `{request} {returned}. It appears to come from {product}, not PagerDuty, so the {subject} may be
			valid.`,
		causes: []string{overrideElsewhere, `the proxy or gateway requires a separate login`},
		remedy: `Check {override}. Ask your network administrator to allow {host} without a login.`},
	{name: "gateway_blocked", status: preflight.UnexpectedResponse, sender: pagerduty.SenderGateway,
		help:    helpSender,
		summary: `A gateway blocked the request`,
		causes:  []string{overrideElsewhere, `a firewall or web filter does not allow {host}`},
		remedy:  `Check {override}. ` + askToAllow},
	{name: "unknown_unauthorized", http: []int{401}, sender: pagerduty.SenderUnknown, help: helpSender,
		summary: `Unauthorized, by PagerDuty or a gateway`,
		causes: []string{
			`PagerDuty does not accept the {subject}, or the account has expired`,
			overrideElsewhere,
			`a proxy or gateway requires a separate login`,
		},
		remedy: `Check {set}. If the {subject} is valid, ask your network administrator about {host}.`},
	{name: "unknown_payment_required", http: []int{402}, sender: pagerduty.SenderUnknown, help: helpSender,
		summary: `Payment required, by PagerDuty or a gateway`,
		causes: []string{
			`the account has expired, or its plan lacks an ability`,
			overrideElsewhere,
			`a proxy or gateway blocks the request`,
		},
		remedy: `Ask the Account Owner about the plan. If it is active, ask your network administrator about {host}.`},
	{name: "unknown_forbidden", http: []int{403}, sender: pagerduty.SenderUnknown, help: helpSender,
		summary: `Access denied by PagerDuty or a gateway`,
		causes: []string{
			`PagerDuty does not allow the request because of {permission}`,
			overrideElsewhere,
			`a firewall or web filter blocks the request`,
		},
		remedy: `Check {permission}. If that is not the cause, ask your network administrator to allow {host}.`},
	{name: "refused_request", status: preflight.UnexpectedResponse, sender: pagerduty.SenderPagerDuty,
		summary: `PagerDuty did not accept the request`,
		causes:  []string{`a proxy or gateway changed the request`},
		remedy:  checkAddress},
	{name: "unexpected_response", status: preflight.UnexpectedResponse, help: helpSender,
		summary: `Unexpected response from PagerDuty or a gateway`,
		causes:  []string{overrideElsewhere, `a proxy or gateway changed or rejected the request`},
		remedy:  checkAddress},
}

// Conditions.
func isCached(s *situation) bool {
	f := s.failure
	return f.Kind == pagerduty.KindCached || f.Status == 304 || f.Product == pagerduty.ProductCache
}

func isUnusable(s *situation) bool {
	return slices.Contains([]pagerduty.Kind{
		pagerduty.KindNotJSON, pagerduty.KindErrorObject, pagerduty.KindMissingObject, pagerduty.KindTooLarge,
	}, s.failure.Kind)
}
