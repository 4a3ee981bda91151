package explain

import (
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

const (
	askForRole   = `Ask an Admin or the Account Owner for a role that allows it, or set {set} to a different API token.`
	checkAccount = `Check {subdomain place} and "service_region" ({app region}).`
)

// credentialRules are for the responses in which PagerDuty refuses a credential or its
// account.
var credentialRules = []rule{
	{name: "account_expired", code: pagerduty.CodeExpired,
		summary:  `PagerDuty account expired`,
		happened: `{request} {returned}: the account has expired.`,
		remedy:   `Ask the Account Owner to renew the plan, or ` + otherAccount + `.`},
	{name: "account_locked", code: pagerduty.CodeLocked,
		summary:  `PagerDuty account locked`,
		happened: `{request} {returned}: the account is locked.`,
		remedy:   `Ask the Account Owner why the account is locked, or ` + otherAccount + `.`},
	{name: "account_not_found", code: pagerduty.CodeNoAccount, help: helpAccount,
		summary:  `PagerDuty account not found`,
		happened: `{request} {returned}: PagerDuty does not find the account of the {subject}.`,
		causes:   []string{overrideOtherAPI, otherRegion},
		remedy: `Check {override}. Check that "service_region" ({region}) is the account's. If the account was deleted, ` +
			otherAccount + `.`},
	{name: "user_not_found", code: pagerduty.CodeNoUser, when: isToken,
		summary:  `PagerDuty user not found`,
		happened: `{request} {returned}: PagerDuty does not find the user of the API token.`,
		causes:   []string{`the user was deleted`},
		remedy:   `Set {set} to a token of a different user.`},
	{name: "missing_ability", code: pagerduty.CodeAbility,
		summary:  `The account's plan lacks an ability`,
		happened: `{request} {returned}: the request needs an ability that the plan does not include.`,
		remedy:   `Ask the Account Owner about the plan, or ` + otherAccount + `.`},
	{name: "plain_http", code: pagerduty.CodeOnlyHTTPS, help: helpSender,
		summary:  `A gateway forwards requests in plain HTTP`,
		happened: `{request} {returned}: it reached PagerDuty in plain HTTP.`,
		causes:   []string{`{override} points to a gateway that forwards plain HTTP`},
		remedy:   `Ask your network administrator to forward requests to PagerDuty over HTTPS.`},
	{name: "token_rejected", status: preflight.Unauthorized, when: isToken, help: helpRejected,
		summary: `PagerDuty rejected the API token`,
		causes: []string{
			`{override} points to an API that does not know the token`,
			`{hint}`,
			`the token was revoked or mistyped, or its user was deactivated`,
			otherRegion,
			`the account has expired`,
		},
		remedy: `Check {override}. {hint remedy}. Set {set} to {valid value}. If it is lost, create a new one under
			{created under}.`},
	{name: "app_rejected", status: preflight.Unauthorized, when: isMint,
		summary: `PagerDuty rejected the OAuth app`,
		causes: []string{
			`{override} points to a host other than PagerDuty's`,
			`the client ID or secret is mistyped or belongs to a different app`,
			`the app was deleted, or its client secret was replaced`,
		},
		remedy: `Set {set} to {valid value}. If the secret is lost, create a
			new one under {created under}.`},
	{name: "access_token_rejected", status: preflight.Unauthorized, help: helpAccount,
		summary:  `PagerDuty rejected the OAuth app's access token`,
		happened: `{request} {returned} for a new access token.`,
		causes:   []string{overrideOtherAPI, otherRegion, `the app was revoked`, `the account has expired`},
		remedy:   checkAccount + ` Check the app under ` + registration + `.`},
	{name: "grant_other_account", kind: pagerduty.KindGrant, when: grantsOtherAccount,
		summary:  `PagerDuty granted access to a different account`,
		happened: `{request} returned an access token for an account other than {app account}. It was not used.`,
		remedy:   `Set {subdomain place} to the app's account, or {set} to the values of an app of {app account}.`},
	{name: "grant_no_scope", kind: pagerduty.KindGrant,
		summary:  `PagerDuty granted none of the requested scopes`,
		happened: `{request} returned an access token without the requested scopes. It was not used.`,
		causes:   []string{`the app does not have these scopes`, noAccess},
		remedy:   `Grant the scopes to the app under ` + registration + `. ` + checkAccount},
	{name: "scopes_refused", when: refusesScopes,
		summary: `PagerDuty refused the OAuth app's scopes or account`,
		causes: []string{
			`the app does not have all scopes in {required}`,
			noAccess,
			`the account is not in the service region {app region}`,
			`the app does not have the scope ` + preflight.DefaultScope,
		},
		remedy: `Check the app's scopes under ` + registration + `. ` + checkAccount},
	{name: "client_credentials_refused", when: oauthError("unauthorized_client"),
		summary: `The OAuth app cannot use client credentials`,
		causes:  []string{`the app does not use Scoped OAuth, or is a public app`},
		remedy:  `Register an app with Scoped OAuth under ` + registration + `, then set {set} to its values.`},
	{name: "access_token_denied", status: preflight.Forbidden, when: isMint,
		summary: `PagerDuty denied the OAuth app an access token`,
		causes:  []string{noAccess},
		remedy:  checkAccount + ` Check the app under ` + registration + `.`},
	{name: "oauth_error", status: preflight.UnexpectedResponse, when: hasOAuthError,
		summary: `PagerDuty returned an OAuth error`,
		remedy: `Check that the app under ` + registration + ` uses Scoped OAuth. If it does, ask PagerDuty support about
			the request ID.`},
	{name: "app_denied", status: preflight.Forbidden, when: isApp,
		summary: `PagerDuty denied access to the OAuth app`,
		causes:  []string{`the app does not have a scope that the request needs`},
		remedy:  `Grant the scope ` + preflight.DefaultScope + ` to the app under ` + registration + `.`},
	{name: "token_scopes", status: preflight.Forbidden, when: lacksScopes,
		summary:  `The token lacks an OAuth scope`,
		happened: `{request} {returned}: the request needs a scope that the token does not have.`,
		causes:   []string{`the value is an OAuth access token, not an API token`},
		remedy:   `Set {set} to {valid value}, or grant the scope to the app that issued the token.`},
	{name: "token_denied", status: preflight.Forbidden,
		summary: `PagerDuty denied access to the API token`,
		causes:  []string{`the token belongs to a user whose role does not allow the request`},
		remedy:  askForRole},
	{name: "payment_required", status: preflight.PaymentRequired,
		summary: `The account has expired or lacks an ability`,
		causes:  []string{`the account has expired`, `its plan lacks an ability`},
		remedy:  `Ask the Account Owner about the plan, or ` + otherAccount + `.`},
}

const (
	otherRegion = `the account is not in the service region {region}`
	noAccess    = `the app has no access to the account {app account}`
)
