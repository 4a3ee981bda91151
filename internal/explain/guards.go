package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// The violations that belong to no guard of the table.
const (
	guardCredential = "credential"
	guardSubdomain  = "subdomain"
)

// argumentOf is the argument that a violation is about, "" where it is none's.
func argumentOf(v preflight.Violation) string {
	if v.Undecided == preflight.UndecidedUnknown || v.Guard == guardSubdomain {
		return ""
	}
	return v.Guard
}

func explainViolation(v preflight.Violation, r *preflight.Report) Message {
	t := &text{summary: SummaryNotAllowed}
	if v.Undecided != preflight.UndecidedNot {
		t.summary = SummaryUndecided
	}
	switch {
	case v.Undecided == preflight.UndecidedOther:
		explainOther(t, v, r)
	case v.Undecided == preflight.UndecidedRegion:
		explainRegion(t, v, r)
	case v.Undecided != preflight.UndecidedNot:
		explainUndecided(t, v, r)
	case v.Guard == preflight.GuardSameAccount:
		explainOtherAccount(t, v, r)
	case v.Guard == preflight.GuardWriteAccess:
		explainReadOnly(t, r)
	case v.Guard == guardCredential:
		explainNotUser(t, v, r)
	case v.Comparison == preflight.AllOf:
		explainMissing(t, v, r)
	default:
		explainOneOf(t, v, r)
	}
	return t.message(r)
}

// guardWords are what a guard looks at, to follow "its", and the gap that it needs
// closed.
var guardWords = map[string]struct{ learned, gap string }{
	"allowed_token_types":         {learned: `type`},
	"allowed_subdomains":          {learned: `account`, gap: "subdomain"},
	"forbidden_subdomains":        {learned: `account`, gap: "subdomain"},
	"allowed_service_regions":     {learned: `account's service region`, gap: "subdomain"},
	"allowed_user_emails":         {learned: `user's email address`},
	"allowed_roles":               {learned: `user's role`},
	"required_abilities":          {gap: "abilities"},
	preflight.GuardRequiredScopes: {gap: "scopes"},
	preflight.GuardSameAccount:    {gap: "subdomain"},
	preflight.GuardWriteAccess:    {gap: "write_access"},
	guardSubdomain:                {gap: "subdomain"},
}

// explainOneOf words a guard that names what a credential may or may not be.
func explainOneOf(t *text, v preflight.Violation, r *preflight.Report) {
	is := "is not one of"
	if v.Comparison == preflight.NoneOf {
		is = "is one of"
	}
	c, words := &r.Credential, guardWords[v.Guard]
	seen := Prose(`PagerDuty accepted the %s, but it does not meet %q.`, credentialName(r), v.Guard)
	if words.learned != "" {
		seen = Prose(`PagerDuty accepted the %s, but its %s %s %q.`, credentialName(r), words.learned, is, v.Guard)
	}
	t.paragraph(seen, overridden(r))
	switch {
	case c.Kind == preflight.KindAppOAuth && words.gap == "subdomain":
		t.say(`Set "pd_subdomain" or PAGERDUTY_SUBDOMAIN to the account that is meant, and %s to an app with access to it, or
			change %q.`, set(c), v.Guard)
	case c.Kind == preflight.KindAppOAuth:
		t.say(`Use another credential than the OAuth app, or change %q.`, v.Guard)
	default:
		t.say(`Set %s to another API token, or change %q.`, set(c), v.Guard)
	}
	t.facts.add("Found", orNone(v.Found))
	t.asked(v)
}

func (t *text) asked(v preflight.Violation) {
	keys := map[preflight.Comparison]string{
		preflight.OneOf: "Allowed", preflight.NoneOf: "Forbidden", preflight.AllOf: "Required",
	}
	if key := keys[v.Comparison]; key != "" {
		t.facts.add(key, list(v.Asked))
	}
}

// explainMissing words a guard that requires several things at once.
func explainMissing(t *text, v preflight.Violation, r *preflight.Report) {
	t.facts.add("Missing", list(v.Missing))
	t.asked(v)
	if alike := spelledOtherwise(v); alike != nil {
		t.say(`PagerDuty accepted the %s, but spells the missing names differently. They are compared exactly.`,
			credentialName(r))
		t.say(`Correct %q.`, v.Guard)
		t.facts.add("Found", list(alike))
		return
	}
	if v.Guard == preflight.GuardRequiredScopes {
		t.say(`PagerDuty granted the OAuth app an access token without all scopes that %q names.`, v.Guard)
		t.say(`Grant them to the app under %s in PagerDuty, or change %q.`, appRegistration, v.Guard)
		t.facts.add("Granted", orNone(v.Found))
		return
	}
	t.say(`PagerDuty accepted the %s, but its account lacks what %q names.`, credentialName(r), v.Guard)
	t.say(`Ask the Account Owner about the account's plan and settings, use a credential of another account, or change
		%q.`, v.Guard)
}

// spelledOtherwise are the names that were found in place of the missing ones, nil unless
// each of these differs from one in case and separators alone.
func spelledOtherwise(v preflight.Violation) []string {
	plain := func(s string) string {
		return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(s))
	}
	var alike []string
	for _, missing := range v.Missing {
		i := slices.IndexFunc(v.Found, func(found string) bool { return plain(found) == plain(missing) })
		if i < 0 {
			return nil
		}
		alike = append(alike, v.Found[i])
	}
	return alike
}

// explainReadOnly words a token that is proven not to write. For a user's it was
// seen for schedules alone.
func explainReadOnly(t *text, r *preflight.Report) {
	c := &r.Credential
	const refused = `PagerDuty refused POST /schedules/preview, which saves nothing.`
	switch r.TokenType {
	case preflight.TypeAccount:
		t.say(`PagerDuty accepted the account API token, but it is read-only: %s`, refused)
		t.say(`Create %s without "Read-only API Key", then set %s to it.`, underAPIAccessKeys, set(c))
	case preflight.TypeUser:
		t.say(`PagerDuty accepted the user API token, but its user may not write schedules: %s`, refused)
		t.say(`Set %s to the API token of a user whose role may write schedules, or ask an Admin or the Account Owner for
			such a role.`, set(c))
	default:
		t.say(`PagerDuty accepted the API token, but it may not write schedules: %s`, refused)
		t.say(`Set %s to an API token with full access, or of a user whose role may write schedules.`, set(c))
	}
	t.facts.add("Found", "no write access")
}

// explainNotUser words an account's token where a user's is meant.
func explainNotUser(t *text, v preflight.Violation, r *preflight.Report) {
	t.say(`PagerDuty accepted "user_token", but it is not a user API token. The official provider needs one for Slack
		connections, which do not accept an account API token.`)
	t.paragraph(userTokenInstead(&r.Credential))
	t.facts.add("Found", orNone(v.Found))
	t.asked(v)
}

// undecidedReasons are why a guard could not be decided, to follow a colon.
var undecidedReasons = map[preflight.Undecided]string{
	preflight.UndecidedSkipped:     `"skip_credentials_validation" is true, so nothing was sent`,
	preflight.UndecidedNoUser:      `PagerDuty named no user for the credential`,
	preflight.UndecidedNoSubdomain: `PagerDuty did not name the account`,
	preflight.UndecidedNoAnswer:    `the request for it brought no usable answer`,
	preflight.UndecidedNotGiven:    `PagerDuty's answer does not say`,
	preflight.UndecidedOther:       `the account of the provider's "token" is not known`,
	preflight.UndecidedRegion:      `the account is in another service region than the one that was asked`,
	preflight.UndecidedUnknown:     `the provider does not know this guard`,
}

// ReportDefect ends the messages that no configuration should bring about.
const ReportDefect = `This is a defect of terraform-provider-pagerdutyauth: please report it.`

const cannotDecide = `A guard that cannot be decided fails.`

func explainUndecided(t *text, v preflight.Violation, r *preflight.Report) {
	g := gapFor(r, v.Guard)
	switch {
	case v.Guard == guardSubdomain:
		t.paragraph(`PagerDuty accepted the OAuth app, but did not name its account, so the app cannot be handed on to `+
			`another provider.`, gapWords(g))
	case v.Guard == guardCredential:
		t.say(`PagerDuty accepted "user_token", but its answer does not say whether it is a user API token. The official
			provider needs one for Slack connections.`)
	default:
		why := undecidedReasons[v.Undecided]
		if g != nil && g.Scope != "" {
			why = fmt.Sprintf(`the OAuth scope %q was not granted`, g.Scope)
		} else if g != nil && g.NoOnCallUser {
			why = `no user was found who can be on call, which the check needs`
		}
		t.paragraph(Prose(`%q could not be decided: %s.`, v.Guard, why), gapWords(g), cannotDecide)
	}
	t.paragraph(undecidedRemedy(v, r))
	t.asked(v)
	if g != nil && g.Failure != nil {
		t.facts.add("Error code", errorCode(g.Failure))
	}
}

func undecidedRemedy(v preflight.Violation, r *preflight.Report) string {
	c, g := &r.Credential, gapFor(r, v.Guard)
	or := fmt.Sprintf(`, or remove %q`, v.Guard)
	if v.Guard == guardSubdomain {
		or = "" // it is no argument
	}
	switch {
	case v.Undecided == preflight.UndecidedUnknown:
		return ReportDefect
	case v.Undecided == preflight.UndecidedSkipped:
		return Prose(`Remove "skip_credentials_validation", or remove %q.`, v.Guard)
	case v.Guard == guardCredential:
		return userTokenInstead(c)
	case v.Undecided == preflight.UndecidedNoUser && c.Kind == preflight.KindAppOAuth:
		return Prose(`Remove %q: an OAuth app has no user.`, v.Guard)
	case v.Undecided == preflight.UndecidedNoUser:
		return Prose(`Create %s, then set %s to it, or remove %q.`, underUserSettings, set(c), v.Guard)
	case g != nil && g.Scope != "":
		return Prose(`Grant %q to the app under %s in PagerDuty%s.`, g.Scope, appRegistration, or)
	case g != nil && g.NoOnCallUser:
		return Prose(`Add a user to the account whose role is not a stakeholder's, or remove %q.`, v.Guard)
	case g != nil && g.Failure != nil && g.Failure.Kind == pagerduty.KindCanceled:
		return `Run Terraform again.`
	case g != nil && g.Failure != nil && pagerduty.Retried(g.Failure.Kind, g.Failure.Status):
		return Prose(`Run Terraform again later%s.`, or)
	case g != nil && g.Failure != nil && g.Failure.Kind != pagerduty.KindTooLarge &&
		g.Failure.Sender != pagerduty.SenderPagerDuty:
		return Prose(`Ask whoever runs the network about %s%s.`, g.Failure.Host, or)
	case v.Guard == guardSubdomain:
		return `PagerDuty names the account in the web addresses of its users. Check that the app may read them.`
	default:
		return Prose(`Remove %q: it cannot be decided here.`, v.Guard)
	}
}

// userTokenInstead is what to do about a "user_token" that is, or may be, no user's.
func userTokenInstead(c *preflight.Credential) string {
	return Prose(`Create %s, then set %s to it. If another type is meant, name it in "allowed_token_types".`,
		underUserSettings, set(c))
}

// explainRegion words an account whose web address names another service region
// than the one that was asked.
func explainRegion(t *text, v preflight.Violation, r *preflight.Report) {
	t.say(`%q could not be decided: PagerDuty names the account's service region as %q, but %q was asked. An account of the
		same name can exist in each.`, v.Guard, r.AccountRegion, r.Region)
	if r.HostOverridden {
		t.say(`Check "api_url_override", and set %s to the service region of that address.`, regionSetting(r))
	} else {
		t.say(`Set %s to %q if this account is meant, or use a credential of an account in %q.`,
			regionSetting(r), r.AccountRegion, r.Region)
	}
	t.facts.add("Found", accountFact(r.Subdomain, r.AccountRegion))
	t.asked(v)
}

func explainOtherAccount(t *text, v preflight.Violation, r *preflight.Report) {
	c, o := &r.Credential, cmp.Or(r.Other, &preflight.Report{})
	t.say(`PagerDuty accepted both %s and the provider's "token", but they belong to different accounts.`, argument(c))
	t.say(`Set both to credentials of the same account: %s, and %s.`, set(c), set(&o.Credential))
	t.facts.add("Account of "+argument(c), accountFact(strings.Join(v.Found, ""), r.AccountRegion))
	t.facts.add(`Account of the provider's "token"`, accountFact(strings.Join(v.Asked, ""), o.AccountRegion))
	compared(t, r.Other)
}

// explainOther words a comparison of accounts that failed because nothing is known
// of the other credential's.
func explainOther(t *text, v preflight.Violation, r *preflight.Report) {
	o := r.Other
	switch {
	case o == nil:
		t.say(`%q could not be decided: neither "token" in the provider block nor PAGERDUTY_TOKEN is set. %s`,
			v.Guard, cannotDecide)
		t.say(`Set "token" or PAGERDUTY_TOKEN, or remove %q.`, v.Guard)
	case o.Subdomain != "":
		t.say(`%q could not be decided: the account of the provider's "token" is in the service region %q, but %q was asked.
			A guard that cannot be decided fails.`, v.Guard, o.AccountRegion, o.Region)
		t.say(`Set %s to an API token of an account in %q, or change %s.`, set(&o.Credential), o.Region, regionSetting(r))
	case o.Status == preflight.Valid:
		t.say(`%q could not be decided: PagerDuty did not name the account of the provider's "token". %s`, v.Guard,
			join(gapWords(gapFor(o, v.Guard)), cannotDecide))
		t.say(`Set %s to another API token of the account, or remove %q.`, set(&o.Credential), v.Guard)
	default:
		t.say(`%q could not be decided: the check of the provider's "token" ended with the status %q. What follows is about
			that token.`, v.Guard, o.Status)
		t.paragraphs = append(t.paragraphs, explained(o).paragraphs...)
		if o.Failure != nil {
			t.facts.add("Message about the provider's \"token\"", quoted(o.Failure.Body.Message))
		}
	}
	t.facts.add("Account of "+argument(&r.Credential), accountFact(r.Subdomain, r.AccountRegion))
	compared(t, o)
}

// compared adds the lines on the other credential, labeled as such.
func compared(t *text, o *preflight.Report) {
	if o == nil {
		return
	}
	t.about.add("Compared with", `"token" `+preview(o))
	t.about.add("Its status", statusFact(o))
	if o.Failure != nil {
		t.about.add("Its earlier attempts", earlierFact(o.Failure))
	}
	t.about.add("Its request ID", requestID(o.RequestID))
}
