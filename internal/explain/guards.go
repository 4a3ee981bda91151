package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

const (
	notChecked   = `PagerDuty {checked} could not be checked`
	couldNot     = `{guard} could not be checked: `
	permits      = `The {subject} {found}. {guard} permits only {permitted}.`
	writePreview = `PagerDuty refused POST /schedules/preview, which saves nothing.`
	dropGuard    = `If this guard is not needed, remove {guard}.`
)

// guardRules are for a guard that failed or could not be checked.
var guardRules = []rule{
	{name: "guard_unknown", when: isUnknownGuard,
		summary:  `Unknown guard`,
		happened: `The provider does not know the guard {guard}.`,
		remedy:   ReportDefect},
	{name: "guard_user_token", when: failed(isImplied),
		summary: `A user API token is required`,
		happened: `"user_token" {found}. The official provider needs a user API token for Slack connections. User API tokens
			need Advanced Permissions.`,
		remedy: `Set {set} to a user API token, or list {found value} in "allowed_token_types".`},
	{name: "guard_read_only_user", when: failed(isGuard(preflight.GuardWriteAccess), isUserToken),
		summary:  `The token's user may not write schedules`,
		happened: writePreview,
		causes:   []string{`the role of the user does not allow writing`},
		remedy:   `Ask an Admin or the Account Owner for a different role, or set {set} to a token with full access.`},
	{name: "guard_write_access", when: failed(isGuard(preflight.GuardWriteAccess)),
		summary:  `{failed guard}`,
		happened: writePreview,
		causes:   []string{`the token was created as a "Read-only API Key"`},
		remedy:   `Set {set} to a token with full access. An Admin creates one under Integrations > API Access Keys.`},
	{name: "guard_required_scopes", when: failed(isGuard(preflight.GuardRequiredScopes)),
		summary:  `{failed guard}`,
		happened: `PagerDuty granted an access token without all scopes in {guard}.`,
		remedy:   `Grant the missing scopes to the app under ` + registration + `, or remove them from {guard}.`},
	{name: "guard_forbidden_subdomains", when: failed(isForbidding), help: helpAccount,
		summary:  `{failed guard}`,
		happened: `The {subject} {found}. {guard} forbids this account.`,
		remedy:   `Set {account place} to {instead} of a different account, or remove {found value} from {guard}.`},
	{name: "guard_lookalike", when: failed(isLookalike),
		summary:  `{failed guard}`,
		happened: permits + ` They differ only in whitespace or characters outside ASCII.`,
		remedy:   `Correct the value in PagerDuty or in {guard}, so that both are equal.`},
	{name: "guard_allowed_subdomains", when: failed(isGuard(preflight.GuardSubdomains)), help: helpAccount,
		summary:  `{failed guard}`,
		happened: permits,
		remedy:   `Set {account place} to {instead} of a permitted account, or add {found value} to {guard}.`},
	{name: "guard_token_types", when: failed(isGuard(preflight.GuardTokenTypes)),
		summary:  `{failed guard}`,
		happened: permits,
		remedy:   `Check a credential of a permitted type instead, or add {found value} to {guard}.`},
	{name: "guard_user", when: failed(),
		summary:  `{failed guard}`,
		happened: permits,
		remedy:   `Set {set} to a token of a user with a permitted {checked}, or add {found value} to {guard}.`},
	{name: "unchecked_account", when: isAccountRefused,
		summary:  notChecked,
		happened: couldNot + `{gap}.`,
		remedy:   `Ask the Account Owner about the account, or ` + otherAccount + `.`},
	{name: "unchecked_no_user_app", when: unchecked(preflight.UncheckedNoUser, isApp),
		summary:  notChecked,
		happened: couldNot + `OAuth apps do not belong to a user.`,
		remedy:   `Check a user API token instead, or use "allowed_subdomains" instead of {guard}.`},
	{name: "unchecked_no_user", when: unchecked(preflight.UncheckedNoUser),
		summary:  notChecked,
		happened: couldNot + `PagerDuty named no user. Account API tokens do not belong to a user.`,
		remedy: `Set {set} to a user API token, or use "allowed_subdomains" instead of {guard}. User API tokens need Advanced
			Permissions.`},
	{name: "unchecked_region", when: unchecked(preflight.UncheckedRegion), help: helpAccount,
		summary: `The account is in a different service region`,
		happened: couldNot + `the account {account} is in the service region {account region}, not {region}. Both regions can
			have an account of this name.`,
		remedy: `Check {override}. Set "service_region" to {account region}, or set {set} to {instead} of an account
			in {region}.`},
	{name: "unchecked_scope", when: func(s *situation) bool { return s.gap.MissingScope != "" },
		summary:  notChecked,
		happened: couldNot + `{gap}.`,
		remedy:   `Grant the scope to the app under ` + registration + `.`},
	{name: "unchecked_several_accounts", when: func(s *situation) bool { return len(s.gap.Accounts) > 0 },
		summary:  notChecked,
		happened: couldNot + `{gap}.`,
		causes:   []string{overrideElsewhere, `a proxy or gateway mixes the responses for several accounts`},
		remedy:   `Run Terraform again. If the error remains, ask PagerDuty support about the request ID.`},
	{name: "unchecked_no_on_call_user", when: func(s *situation) bool { return s.gap.NoOnCallUser },
		summary:  notChecked,
		happened: couldNot + `{gap}.`,
		remedy:   `Add a user with a role other than stakeholder to the account. ` + dropGuard},
	{name: "unchecked_transient", when: isTransient,
		summary:  notChecked,
		happened: couldNot + `{gap}. ` + notPagerDuty,
		remedy:   tryLater},
	{name: "unchecked_denied", http: []int{403}, sender: pagerduty.SenderPagerDuty,
		summary:  notChecked,
		happened: couldNot + `{gap}.`,
		remedy:   `Check {permission}, or set {set} to {instead} with more access.`},
	{name: "unchecked_inconclusive", sender: pagerduty.SenderPagerDuty,
		summary:  notChecked,
		happened: couldNot + `{gap}. This response does not show the {checked}.`,
		remedy:   `Ask PagerDuty support about the request ID. ` + dropGuard},
	{name: "unchecked_failure", when: func(s *situation) bool { return s.gap.Failure != nil }, help: helpSender,
		summary:  notChecked,
		happened: couldNot + `{gap}. ` + notPagerDuty,
		remedy:   checkAddress},
	{name: "unchecked_not_given",
		summary:  notChecked,
		happened: couldNot + `{gap}.`,
		remedy:   `Run Terraform again. If the error remains, contact PagerDuty support or use a different guard.`},
}

// gapRule is for a result that is not known although no guard needs it.
var gapRule = rule{
	summary:  `A result of the check is unknown`,
	happened: `PagerDuty accepted the {subject}. "subdomain" is null: {gap}.`,
	remedy:   `You can ignore this unless your configuration reads the null results.`,
}

// addGuard adds the placeholders for a guard and its gap.
func (s *situation) addGuard(values map[string]string) {
	v := s.violation
	values["gap"] = whyUnknown(s.gap, values["outcome"])
	if v.Guard == nil {
		return
	}
	values["guard"] = `"` + v.Guard.Name + `"`
	if v.InProvider {
		values["guard"] += inProviderBlock
	}
	values["checked"] = v.Guard.Noun
	values["failed guard"] = v.Guard.Summary
	values["found value"] = list(v.Found, ascii)
	values["found"] = fmt.Sprintf(cmp.Or(v.Guard.Found, "has %s"), values["found value"])
	values["permitted"] = cmp.Or(list(v.Values, ascii), "nothing")
	values["account place"] = join(", ", values["subdomain place"], values["set"])
}

// whyUnknown says why a result is not known.
func whyUnknown(g *preflight.Gap, outcome string) string {
	switch {
	case g.MissingScope != "":
		return `the OAuth scope ` + g.MissingScope + ` was not granted`
	case len(g.Accounts) > 0:
		return `PagerDuty's response names the accounts ` + list(g.Accounts, ascii)
	case g.NoOnCallUser:
		return `PagerDuty named no user who can be on call`
	case g.Failure != nil:
		return outcome
	}
	return `PagerDuty's response does not include it`
}

// isLookalike reports whether a permitted value has the same visible ASCII characters as
// the one that was found.
func isLookalike(s *situation) bool {
	v := s.violation
	if len(v.Found) != 1 || v.Guard.Comparison != preflight.OneOf {
		return false
	}
	visible := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r <= ' ' || r > '~' {
				return -1
			}
			return r
		}, s)
	}
	return slices.ContainsFunc(v.Values, func(permitted string) bool {
		return strings.EqualFold(visible(permitted), visible(v.Found[0]))
	})
}

// Conditions.
func isUnknownGuard(s *situation) bool { return s.violation.Guard.Noun == "" }
func isImplied(s *situation) bool      { return s.violation.Implied }
func isForbidding(s *situation) bool   { return s.violation.Guard.Comparison == preflight.NoneOf }
func isUserToken(s *situation) bool    { return s.TokenType == preflight.TypeUser }
func isTransient(s *situation) bool {
	return s.failure.Kind == pagerduty.KindCanceled || pagerduty.Retried(s.failure.Kind, s.failure.Status)
}
func isAccountRefused(s *situation) bool {
	return slices.Contains([]int{pagerduty.CodeExpired, pagerduty.CodeLocked}, s.failure.Body.Code)
}

func isGuard(name string) func(*situation) bool {
	return func(s *situation) bool { return s.violation.Guard.Name == name }
}

// failed returns a condition for a guard that was checked and failed.
func failed(conditions ...func(*situation) bool) func(*situation) bool {
	return unchecked("", conditions...)
}

// unchecked returns a condition for a guard that could not be checked for this reason.
func unchecked(reason preflight.Unchecked, conditions ...func(*situation) bool) func(*situation) bool {
	return func(s *situation) bool {
		fails := func(condition func(*situation) bool) bool { return !condition(s) }
		return s.violation.Unchecked == reason && !slices.ContainsFunc(conditions, fails)
	}
}
