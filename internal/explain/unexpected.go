package explain

import (
	"cmp"
	"fmt"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// unusableAnswers are the answers that vary by their kind only.
var unusableAnswers = map[pagerduty.Kind]struct{ summary, is, cause string }{
	pagerduty.KindNotJSON: {
		summary: SummaryForeign,
		is:      `The body is not a JSON object.`,
		cause:   `a login page, captive portal, web filter or gateway answers in PagerDuty's place`,
	},
	pagerduty.KindMissingObject: {
		summary: SummaryUnexpected,
		is:      `The body lacks what was asked for, names it twice, or names an error next to it.`,
		cause:   `another API than PagerDuty's answers at this address`,
	},
	pagerduty.KindTooLarge: {
		summary: SummaryUnexpected,
		is:      `The body is larger than 1 MiB; reading stopped there.`,
		cause:   `another server than PagerDuty's API answers at this address`,
	},
	pagerduty.KindNotHTTP: {
		summary: SummaryForeign,
		cause:   `another service listens at this address and port`,
	},
	pagerduty.KindHTTP2: {
		summary: SummaryUnexpected,
		cause:   `a proxy or gateway answers in PagerDuty's place, or changes its answers`,
	},
	pagerduty.KindEcho: {
		summary: SummaryForeign,
		is:      `The body repeats the credential, so it was dropped.`,
		cause:   `a debugging server or gateway answers in PagerDuty's place`,
	},
}

func explainUnexpected(t *text, r *preflight.Report) {
	switch r.Failure.Kind {
	case pagerduty.KindRedirect:
		explainRedirect(t, r)
	case pagerduty.KindMismatch:
		explainMismatch(t, r)
	case pagerduty.KindStatus, pagerduty.KindGrant:
		explainUnexpectedStatus(t, r)
	default:
		explainUnusable(t, r)
	}
}

func explainUnusable(t *text, r *preflight.Report) {
	f, known := r.Failure, unusableAnswers[r.Failure.Kind]
	if f.Kind == pagerduty.KindMissingObject && f.Status != 200 {
		known.is = `PagerDuty's API reports success with 200 OK.`
		known.cause = `another API than PagerDuty's answers at this address, or a proxy changes responses`
	}
	t.summary = known.summary
	var seen string
	switch {
	case f.Status != 0:
		seen = join(answered(f), known.is)
	case f.Kind == pagerduty.KindTooLarge:
		seen = noAnswer(f, `the headers that came back are larger than 64 KiB`)
	case f.Kind == pagerduty.KindHTTP2:
		seen = noAnswer(f, `what came back breaks the rules of HTTP/2, or has headers larger than 64 KiB`)
	default:
		seen = join(noAnswer(f, `what came back is not valid HTTP`), known.is)
	}
	sender := ""
	if f.Sender == pagerduty.SenderGateway {
		t.summary, sender = SummaryForeign, senderWords(f)
	}
	t.paragraph(seen, sender, notJudged(r))
	t.causes(known.cause)
	t.paragraph(address(r))
}

// address is where to look when something else than PagerDuty seems to answer.
func address(r *preflight.Report) string {
	network := `HTTPS_PROXY and NO_PROXY, and ask whoever runs the network about ` + r.Failure.Host + `.`
	override := addressOverride(r)
	if override == "" {
		return `Check ` + network
	}
	path := Prose(`Check %s: PagerDuty's %s must be below it.`, override, r.Failure.Path)
	if r.Failure.Sender == pagerduty.SenderPagerDuty {
		return path
	}
	return join(path, `If it is, check `+network)
}

func explainRedirect(t *text, r *preflight.Report) {
	f := r.Failure
	t.summary = SummaryRedirect
	if r.Minting {
		t.summary = SummaryIdentityRedirect
	}
	to := `no address that could be read`
	if f.RedirectHost != "" {
		to = `the host ` + f.RedirectHost
		if f.RedirectPlain {
			to += ` in plain HTTP`
		}
	}
	t.say(`%s It points to %s. It was not followed, and nothing was sent there. The %s was not judged.`,
		answered(f), to, subject(r))
	t.causes(`a login page or gateway answers in PagerDuty's place: its API does not redirect`)
	t.paragraph(address(r))
}

func explainMismatch(t *text, r *preflight.Report) {
	t.summary = SummaryMismatch
	t.say(`%s The account in the response is not the one that the access token was requested for.`, answered(r.Failure))
	if r.HostOverridden {
		t.causes(`"api_url_override" names the API of another account or service region`)
		t.say(`Check "api_url_override", and "pd_subdomain" or PAGERDUTY_SUBDOMAIN.`)
	} else {
		t.causes(`"pd_subdomain" or "service_region" is not that of the app's account`)
		t.paragraph(checkAccount(r))
	}
	t.facts.add("Account found", accountFact(r.Subdomain, r.AccountRegion))
	if app := r.Credential.OAuth; app != nil {
		t.facts.add("Account requested", accountFact(app.Subdomain, app.Region))
	}
}

// accountFact is an account and its service region, as far as known.
func accountFact(subdomain, region string) string {
	s := quoted(subdomain)
	if s != "" && region != "" {
		s += ` (service region ` + quoted(region) + `)`
	}
	return s
}

// statusCauses are what a status means that judges nothing, or nothing that can be relied
// on, as far as that is known.
var statusCauses = map[int]struct {
	gateway   string // the cause where a gateway sent it
	pagerDuty string // the cause where PagerDuty may have sent it
	remedy    string // what to do in that case, next to a look at the network
}{
	200: {gateway: `a cache answers in PagerDuty's place`},
	304: {gateway: `a cache answers in PagerDuty's place`},
	401: {gateway: `a proxy or gateway requires a login of its own`},
	402: {
		gateway:   `a proxy or gateway does not let the request pass`,
		pagerDuty: `PagerDuty refused it: the account's plan or its license`,
		remedy:    `If PagerDuty sent it, ask the Account Owner about the account's plan and license.`,
	},
	403: {
		gateway:   `a proxy, firewall or web filter blocks the request`,
		pagerDuty: `PagerDuty refused it: the role of the token's user, or an IP allow list`,
		remedy:    `If PagerDuty sent it, ask an Admin or the Account Owner about the role of the token's user.`,
	},
	404: {
		gateway:   `a proxy or gateway does not know the address`,
		pagerDuty: `PagerDuty does not know the path at this address`,
	},
	431: {gateway: `a proxy or gateway does not take a header as long as the request's`},
}

func explainUnexpectedStatus(t *text, r *preflight.Report) {
	f, causes, override := r.Failure, statusCauses[r.Failure.Status], addressOverride(r)
	if f.Sender == pagerduty.SenderPagerDuty && f.Body.OAuthError != "" {
		explainOAuthError(t, r)
		return
	}
	if f.Status == 403 && r.Credential.Kind == preflight.KindAppOAuth {
		causes.pagerDuty = `PagerDuty refused it: the app's scopes, or an IP allow list`
		causes.remedy = `If PagerDuty sent it, check the app's scopes under ` + appRegistration + ` in PagerDuty.`
	}
	gateway := cmp.Or(causes.gateway, `a proxy or gateway does not accept the request`)
	if f.Cached {
		gateway = statusCauses[200].gateway
	}
	t.summary = SummaryUnexpected
	if explainNamed(t, r) {
		return
	}
	t.paragraph(answered(f), senderWords(f), notJudged(r))
	switch {
	case f.Sender == pagerduty.SenderGateway:
		t.summary = SummaryForeign
		t.causes(gateway)
	case f.Sender == pagerduty.SenderPagerDuty:
		t.causes(pagerDutyCause(r))
	case f.Status == 404 && override != "":
		t.causes(override+` has a wrong host or path`, gateway)
	case f.Status == 304: // nothing that was asked has this answer
		t.causes(gateway)
	default:
		t.causes(gateway, cmp.Or(causes.pagerDuty, `PagerDuty does not accept the request in this form`))
	}
	t.paragraph(address(r))
	if f.Sender == pagerduty.SenderUnknown && causes.remedy != "" {
		t.paragraph(causes.remedy)
	}
}

// explainOAuthError words an error of the identity host that is about neither the client nor
// its scopes (RFC 6749, section 5.2).
func explainOAuthError(t *text, r *preflight.Report) {
	t.summary = SummaryUnexpected
	t.paragraph(answered(r.Failure), notJudged(r))
	switch r.Failure.Body.OAuthError {
	case "server_error", "temporarily_unavailable":
		t.causes(`PagerDuty has a temporary problem`)
		t.say(`Run Terraform again later. PagerDuty lists incidents at https://status.pagerduty.com.`)
	default:
		t.causes(`the app may not obtain access tokens with client credentials`)
		t.say(`Check that the app under %s in PagerDuty uses Scoped OAuth.`, appRegistration)
	}
}

// pagerDutyCause is why PagerDuty itself answers with such a status.
func pagerDutyCause(r *preflight.Report) string {
	switch f := r.Failure; {
	case f.Status == 404 && addressOverride(r) != "":
		return addressOverride(r) + ` has a wrong path: PagerDuty does not know the one asked for`
	case f.Status == 404:
		return `a proxy or gateway changed the address of the request`
	default:
		return `a proxy or gateway changed the request`
	}
}

func explainServerError(t *text, r *preflight.Report) {
	f := r.Failure
	t.summary = SummaryServerError
	if r.Minting {
		t.summary = SummaryIdentityError
	}
	t.paragraph(answered(f), senderWords(f), notJudged(r))
	if !pagerduty.Retried(pagerduty.KindStatus, f.Status) { // 501, 505: it will be the same later
		t.causes(`a proxy or gateway on the way does not support the request`)
		t.paragraph(address(r))
		return
	}
	switch f.Sender {
	case pagerduty.SenderGateway:
		t.causes(`the proxy or gateway has a temporary problem, or cannot reach PagerDuty`,
			`it blocks the request, as a firewall or web filter does`)
		t.paragraph(address(r), `Then run Terraform again.`)
		return
	case pagerduty.SenderPagerDuty:
		t.causes(`PagerDuty has a temporary problem`)
	default:
		t.causes(`PagerDuty, or a gateway on the way, has a temporary problem`)
	}
	t.say(`Run Terraform again later. PagerDuty lists incidents at https://status.pagerduty.com.`)
}

func explainRateLimited(t *text, r *preflight.Report) {
	f := r.Failure
	t.summary = SummaryRateLimited
	if f.Sender == pagerduty.SenderGateway {
		t.summary = SummaryGatewayLimited
	}
	t.paragraph(cmp.Or(heldBack(f, subject(r)), answered(f)), senderWords(f), notJudged(r))
	const gatewayLimits = `a proxy or gateway limits how many requests it lets pass`
	cause, allowed := rateLimit(r)
	switch f.Sender {
	case pagerduty.SenderGateway:
		allowed = ""
		t.causes(gatewayLimits)
	case pagerduty.SenderPagerDuty:
		t.causes(cause)
	default:
		t.causes(cause, gatewayLimits)
	}
	t.paragraph(wait(r), allowed)
}

// rateLimit is who else uses up a rate limit, and what PagerDuty allows [D].
func rateLimit(r *preflight.Report) (cause, allowed string) {
	switch kind := r.Credential.Kind; {
	case kind == preflight.KindAppOAuth && r.Minting:
		return `too many access tokens were requested for the same OAuth app`, ""
	case kind == preflight.KindAppOAuth:
		return `other programs use the same OAuth app`, ""
	case kind == preflight.KindUserToken:
		return `other programs use API tokens of the same user`,
			`PagerDuty allows each user 960 requests a minute.`
	default:
		return `other programs use the same API token, or another of the same user`,
			`PagerDuty allows 960 requests a minute for each account API token, and for all tokens of a user together.`
	}
}

// wait is how long to wait, as far as the response says.
func wait(r *preflight.Report) string {
	f := r.Failure
	switch {
	case f.WaitKnown && f.Wait == 0:
		return `Run Terraform again: the response asks for no wait.`
	case !f.WaitKnown:
		return `Wait a minute, then run Terraform again; the response does not say how long to wait.`
	}
	s := Prose(`Wait %s, then run Terraform again.`, duration(f.Wait))
	if f.Wait >= r.Timeout {
		s += fmt.Sprintf(` "timeout" (%s) is too short for that wait.`, r.Timeout)
	}
	return s
}
