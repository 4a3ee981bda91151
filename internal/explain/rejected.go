package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// hintCauses are what an unusual value means once PagerDuty has rejected it.
var hintCauses = map[preflight.Hint]string{
	preflight.HintEvents:     `the value has 32 characters, as an Events API key has`,
	preflight.HintOAuth:      `the value looks like an OAuth access token (pdus+ or pdeu+)`,
	preflight.HintOldOAuth:   `the value has 64 hexadecimal digits, as OAuth access tokens had`,
	preflight.HintOtherToken: `the value looks like a token of another service`,
	preflight.HintBase64:     `the value looks base64-encoded, as in a Kubernetes Secret`,
	preflight.HintInnerSpace: `the value contains a space, which no API token does`,
	preflight.HintAlphabet:   `the value has characters other than letters, digits and _-+/=`,
	preflight.HintShort:      `the value has fewer than 20 characters: part of it may be missing`,
	preflight.HintLong:       `the value has more than 20 characters: too much may have been copied`,
}

// hintRemedies are for values of which another copy would not do. They end with
// "create", which the kinds of API tokens follow.
var hintRemedies = map[preflight.Hint]string{
	preflight.HintEvents:     `An Events API key is for sending events; for the REST API, create`,
	preflight.HintOAuth:      appInstead,
	preflight.HintOldOAuth:   appInstead,
	preflight.HintOtherToken: `For PagerDuty, create`,
	preflight.HintBase64:     `If it is encoded, decode it (base64decode() in Terraform); otherwise create`,
}

const appInstead = `If it is one, configure its OAuth app in "use_app_oauth_scoped_token" and check that with
	credential = "app_oauth"; otherwise create`

func explainUnauthorized(t *text, r *preflight.Report) {
	t.summary = SummaryAccessToken
	explainRest := explainRejectedAccessToken
	switch {
	case r.Credential.Kind != preflight.KindAppOAuth:
		t.summary, explainRest = SummaryUnauthorized, explainRejectedToken
	case r.Minting:
		t.summary, explainRest = SummaryUnauthorizedApp, explainRejectedApp
	}
	// The other codes leave a rejection causes of its own.
	if r.Failure.Body.Code == codeOnlyHTTPS && explainNamed(t, r) {
		return
	}
	explainRest(t, r)
}

func explainRejectedToken(t *text, r *preflight.Report) {
	c := &r.Credential
	t.paragraph(answered(r.Failure), overridden(r))
	state, remedy := accountState(r.Failure), ""
	var first []string
	if state != "" {
		first = append(first, state)
	}
	for _, hint := range r.Hints {
		first = append(first, hintCauses[hint])
		remedy = cmp.Or(remedy, hintRemedies[hint])
	}
	revoked := `the token was revoked, disabled or mistyped, or its user deactivated`
	if len(first) > 1 {
		first, revoked = first[:2], `the token was revoked or disabled, or its user deactivated`
	}
	elsewhere, check := otherAPI(r)
	t.causes(append(first, revoked, elsewhere, licenseExpired)...)
	switch {
	case state != "":
		t.say(`Ask the Account Owner whether the account is active. If it is, create %s, then set %s to it.`,
			create(c), set(c))
	case remedy != "":
		t.paragraph(Prose(remedy), Prose(`%s, then set %s to it.`, create(c), set(c)))
	default:
		t.say(`Copy the token again, or create %s, then set %s to it.`, create(c), set(c))
	}
	t.paragraph(check)
}

const (
	licenseExpired = `the PagerDuty license of the account has expired`
	lacksAbility   = `the account's plan lacks an ability that the request needs`
)

// accountState is the cause that PagerDuty's own error code names, "" for none.
func accountState(f *pagerduty.Error) string {
	if f.Sender == pagerduty.SenderGateway {
		return ""
	}
	return map[int]string{codeExpired: licenseExpired, codeLocked: `the PagerDuty account is locked`}[f.Body.Code]
}

// namedCause is the cause that PagerDuty's own error code names whatever the status, and
// what to do about it; "" for none.
func namedCause(r *preflight.Report) (cause, remedy string) {
	f := r.Failure
	isApp := r.Credential.Kind == preflight.KindAppOAuth
	if f.Sender != pagerduty.SenderPagerDuty || isApp && f.Body.Code == codeNoUser {
		return "", ""
	}
	another := Prose(`If another account is meant, set %s to its %s.`, set(&r.Credential), credentialName(r))
	switch f.Body.Code {
	case codeOnlyHTTPS:
		if override := addressOverride(r); override != "" {
			return override + ` names a gateway that forwards requests in plain HTTP`,
				`Ask whoever runs the gateway to forward them over HTTPS.`
		}
		return `a gateway on the way forwards the request in plain HTTP`, address(r)
	case codeLocked:
		return accountState(f), join(`Ask the Account Owner why the account is locked.`, another)
	case codeExpired:
		return accountState(f), join(`Ask the Account Owner about the account's plan and license.`, another)
	case codeNoAccount:
		_, check := otherAPI(r)
		return `PagerDuty does not find the account of the ` + subject(r), join(check, another)
	case codeNoUser:
		return `PagerDuty does not find the user of the ` + subject(r) + `, who may have been deleted`,
			Prose(`Set %s to the %s of another user.`, set(&r.Credential), credentialName(r))
	case codeAbility:
		return lacksAbility, join(`Ask the Account Owner about the account's plan and license.`, another)
	}
	return "", ""
}

// explainNamed words what namedCause knows. It reports whether there is anything.
func explainNamed(t *text, r *preflight.Report) bool {
	cause, remedy := namedCause(r)
	if cause != "" {
		undecided := ""
		if r.Status == preflight.UnexpectedResponse {
			undecided = notJudged(r)
		}
		t.paragraph(answered(r.Failure), undecided)
		t.causes(cause)
		t.paragraph(remedy)
	}
	return cause != ""
}

// otherAPI is the cause that another API or service region than the account's was
// asked, and what to check about it.
func otherAPI(r *preflight.Report) (cause, check string) {
	if r.HostOverridden {
		return `"api_url_override" names an API that does not know the credential`,
			`Check that "api_url_override" names the API of this account.`
	}
	return fmt.Sprintf(`the account is in another service region than %q`, r.Region),
		Prose(`Check that %s names the account's service region; %q was asked.`, regionSetting(r), r.Region)
}

func explainRejectedApp(t *text, r *preflight.Report) {
	t.paragraph(answered(r.Failure), overridden(r))
	another := ""
	if r.IdentityOverridden {
		another = `"identity_url_override" names a host that does not know the app`
	}
	t.causes(
		accountState(r.Failure),
		`the client ID or client secret is mistyped, or they are not of one app`,
		`the app was deleted, or its client secret was replaced`,
		another)
	t.say(`Copy both values again from %s in PagerDuty, then set %s.`, appRegistration, set(&r.Credential))
}

func explainRejectedAccessToken(t *text, r *preflight.Report) {
	t.say(`%s The identity host had issued the access token to the app.`, answered(r.Failure))
	elsewhere, check := otherAPI(r)
	t.causes(accountState(r.Failure), elsewhere, `the app or its access tokens were revoked`, licenseExpired)
	t.say(`%s Check the app under %s in PagerDuty, and "pd_subdomain" or PAGERDUTY_SUBDOMAIN. Then run Terraform again.`,
		check, appRegistration)
}

func explainForbidden(t *text, r *preflight.Report) {
	switch {
	case r.Failure.Kind == pagerduty.KindGrant:
		explainNoGrant(t, r)
	case r.Minting:
		explainNoAccessToken(t, r)
	default:
		explainDenied(t, r)
	}
}

func explainDenied(t *text, r *preflight.Report) {
	f, c := r.Failure, &r.Credential
	t.summary = SummaryForbidden
	if c.Kind == preflight.KindAppOAuth {
		t.summary = SummaryForbiddenApp
	}
	switch {
	case explainNamed(t, r):
		return
	case f.Body.Code == codeAuthentication && c.Kind == preflight.KindAppOAuth:
		explainRejectedAccessToken(t, r)
		return
	case f.Body.Code == codeAuthentication:
		t.paragraph(answered(f))
		t.causes(`PagerDuty does not know the ` + subject(r) + `: it was revoked, disabled or mistyped`)
		t.say(`Copy it again from PagerDuty, then set %s.`, set(c))
		return
	}
	t.say(`%s PagerDuty accepted the %s, but not for this request.`, answered(f), subject(r))
	const allowList = `an IP allow list of the account, where it has one, blocks this host`
	remedy := Prose(`Grant the scopes to the OAuth app under %s in PagerDuty, then run Terraform again.`, appRegistration)
	ask := Prose(`Ask an Admin or the Account Owner for a role that allows it, or set %s to another API token.`, set(c))
	switch {
	case len(f.Body.RequiredScopes) > 0:
		t.causes(`the token lacks an OAuth scope`)
		t.facts.add("Required scopes", list(f.Body.RequiredScopes))
		t.facts.add("Token's scopes", list(f.Body.TokenScopes))
	case c.Kind == preflight.KindAppOAuth:
		t.causes(`the app lacks an OAuth scope that the request needs`, allowList)
	case c.Kind == preflight.KindToken:
		t.causes(`the role of its user, if it is a user API token, does not allow it`, allowList)
		remedy = ask
	default:
		t.causes(`the role of the token's user does not allow the request`, allowList)
		remedy = ask
	}
	t.paragraph(remedy)
}

// explainNoAccessToken words a refusal at the identity host that is not about who
// the app is.
func explainNoAccessToken(t *text, r *preflight.Report) {
	t.summary = SummaryNoAccessToken
	if explainNamed(t, r) {
		return
	}
	t.say(`%s No access token was issued.`, answered(r.Failure))
	if r.Failure.Body.OAuthError == "unauthorized_client" {
		t.causes(`the app does not use Scoped OAuth, or is public: neither has client credentials`)
		t.say(`Register an app with Scoped OAuth under %s in PagerDuty, then set %s.`, appRegistration, set(&r.Credential))
	} else {
		scope := `a scope that was asked for is not among the app's`
		account := `the app has no access to the account of that subdomain`
		region := fmt.Sprintf(`the account is not in the service region %q`, r.Region)
		if r.ScopesRequired {
			t.causes(scope, account, region)
			t.say(`Grant the scopes to the app under %s in PagerDuty, or shorten "required_scopes". %s`,
				appRegistration, checkAccount(r))
		} else { // asked once more, for the account alone, and refused again
			t.causes(account, region, scope)
			t.paragraph(checkAccount(r), Prose(`Grant the scopes to the app under %s in PagerDuty.`, appRegistration))
		}
	}
	t.facts.add("Scopes requested", list(r.AskedScopes))
}

// checkAccount is what to check where the account may not be the one that is meant.
func checkAccount(r *preflight.Report) string {
	return Prose(`Check "pd_subdomain" or PAGERDUTY_SUBDOMAIN, and "service_region" or PAGERDUTY_SERVICE_REGION (%q).`,
		r.Region)
}

// explainNoGrant words an access token that is good for nothing here.
func explainNoGrant(t *text, r *preflight.Report) {
	t.summary = SummaryNoGrant
	if grantedOtherAccount(r) {
		t.say(`%s The access token is for another account than the one requested, so it was not used.`, answered(r.Failure))
		t.causes(`the app belongs to another account than "pd_subdomain" names`)
		t.paragraph(checkAccount(r))
	} else {
		t.say(`%s The access token is neither for the account nor for any scope requested, so it was not used.`,
			answered(r.Failure))
		t.causes(
			`the app has none of the scopes requested`,
			`the app has no access to the account of that subdomain`)
		t.say(`Grant the scopes to the app under %s in PagerDuty. %s`, appRegistration, checkAccount(r))
	}
	t.facts.add("Scopes requested", list(r.AskedScopes))
	t.facts.add("Scopes granted", orNone(r.GrantedScopes))
}

// grantedOtherAccount reports whether a scope names another account than was asked for.
func grantedOtherAccount(r *preflight.Report) bool {
	return slices.ContainsFunc(r.GrantedScopes, func(scope string) bool {
		asked := slices.ContainsFunc(r.AskedScopes, func(s string) bool { return strings.EqualFold(s, scope) })
		return pagerduty.IsAccountScope(scope) && !asked
	})
}

func explainPaymentRequired(t *text, r *preflight.Report) {
	t.summary = SummaryPaymentRequired
	if explainNamed(t, r) {
		return
	}
	t.paragraph(answered(r.Failure))
	t.causes(lacksAbility, licenseExpired)
	t.say(`Ask the Account Owner about the account's plan and license. If another account is meant, set %s to its %s.`,
		set(&r.Credential), credentialName(r))
}
