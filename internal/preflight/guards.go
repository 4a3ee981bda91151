package preflight

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// Comparison says how a guard's values are compared with what PagerDuty reported.
type Comparison string

// The comparisons.
const (
	OneOf  Comparison = "one_of"  // the reported value must be one of the guard's
	NoneOf Comparison = "none_of" // it must not be one of them
	AllOf  Comparison = "all_of"  // all of the guard's values must be reported
)

// Guard is an argument that constrains whose a credential is, which account it
// belongs to or what it may do. The table Guards is the only list of them. Schemas,
// validators, comparisons, messages and documentation follow from it.
type Guard struct {
	// Name is the argument's name, and Description its documentation.
	Name, Description string
	// Bool reports whether the argument is a bool. The others are lists of strings.
	Bool bool
	// Provider reports whether the provider block has the argument too.
	Provider   bool
	Comparison Comparison
	// Rule returns why a value of the list cannot be used, or "". The text comes after
	// "... cannot be used: " and never repeats the value. Nil accepts everything.
	Rule func(value string) string
	// Credentials are the credentials that the guard can be used with; nil means all.
	Credentials []CredentialName
	// Instead says what to do with a different credential. It comes after "... cannot be
	// used: ".
	Instead string
	// Summary is the summary of the message if the guard fails, and Noun names what the
	// guard looks at.
	Summary, Noun string
	// Found is a format with one %s for what PagerDuty reported. It comes after "The API
	// token ".
	Found string
	// Result is the result that the guard looks at if it can be a Gap.
	Result string
	// learned returns what the guard looks at, or why it is not known.
	learned func(*Report) ([]string, Unchecked)
}

// The names of guards that other code refers to.
const (
	GuardTokenTypes     = "allowed_token_types"
	GuardSubdomains     = "allowed_subdomains"
	GuardWriteAccess    = "require_write_access"
	GuardRequiredScopes = "required_scopes"
)

// Guards lists all guards.
var Guards = []*Guard{
	{
		Name: GuardTokenTypes, Comparison: OneOf, Rule: ruleTokenType,
		Description: "Allowed token types: `user`, `account` and `app_oauth`.",
		Summary:     "PagerDuty token type not allowed", Noun: "token type", Found: "has the type %s",
		learned: func(r *Report) ([]string, Unchecked) {
			if r.TokenType == TypeUnknown {
				return nil, UncheckedNotGiven
			}
			return []string{string(r.TokenType)}, ""
		},
	},
	{
		Name: GuardSubdomains, Provider: true, Comparison: OneOf, Rule: ruleSubdomain, Result: "subdomain",
		Description: "Allowed account subdomains, such as `acme` for `https://acme.pagerduty.com`. Case is ignored. " +
			"An account in a different service region fails.",
		Summary: "PagerDuty account not allowed", Noun: "account", Found: "belongs to the account %s",
		learned: learnedSubdomain,
	},
	{
		Name: "forbidden_subdomains", Provider: true, Comparison: NoneOf, Rule: ruleSubdomain, Result: "subdomain",
		Description: "Forbidden account subdomains, such as a production account's. Case is ignored.",
		Summary:     "PagerDuty account forbidden", Noun: "account", Found: "belongs to the account %s",
		learned: learnedSubdomain,
	},
	{
		Name: "allowed_user_emails", Comparison: OneOf, Rule: ruleEmail,
		Description: "Allowed email addresses of the token's user. Case is ignored. Account API tokens and OAuth " +
			"apps do not belong to a user and fail.",
		Summary: "PagerDuty user not allowed", Noun: "email address", Found: "belongs to the user %s",
		learned: ofUser(func(u *pagerduty.User) string { return u.Email }),
	},
	{
		Name: "allowed_roles", Comparison: OneOf,
		Description: "Allowed base roles of the token's user: `owner`, `admin`, `user`, `limited_user`, `observer`, " +
			"`restricted_access`, `read_only_user` and `read_only_limited_user`. Account API tokens and OAuth apps " +
			"do not belong to a user and fail.",
		Summary: "PagerDuty role not allowed", Noun: "role", Found: "belongs to a user with the role %s",
		learned: ofUser(func(u *pagerduty.User) string { return u.Role }),
	},
	{
		Name: GuardRequiredScopes, Comparison: AllOf, Rule: ruleScope, Credentials: []CredentialName{CredentialApp},
		Description: "OAuth scopes that the app must be granted, such as `schedules.read`. Only with `credential = " +
			"\"app_oauth\"`.",
		Instead: `only an OAuth app has scopes. Set "credential" to "app_oauth", or remove the argument`,
		Summary: "The OAuth app lacks required scopes", Noun: "OAuth scopes",
		learned: func(r *Report) ([]string, Unchecked) { return r.Scopes, "" },
	},
	{
		Name: GuardWriteAccess, Bool: true, Comparison: OneOf, Result: "write_access",
		Credentials: []CredentialName{CredentialToken, CredentialUserToken},
		Description: "Require a token that may write. Sends one `POST /schedules/preview`, which PagerDuty documents " +
			"as computing a schedule without saving it. For an account API token, this tells full access from " +
			"read-only. For a user API token, it covers schedules only. Not with `credential = \"app_oauth\"`: use " +
			"`required_scopes`. Default `false`.",
		Instead: `what an OAuth app may do follows from its scopes. Use "required_scopes" instead, such as ` +
			`["schedules.write"]`,
		Summary: "The API token is read-only", Noun: "write access",
		learned: func(r *Report) ([]string, Unchecked) {
			if r.WriteAccess == nil {
				return nil, UncheckedGap
			}
			return []string{strconv.FormatBool(*r.WriteAccess)}, ""
		},
	},
}

// FindGuard returns the guard of that name, or nil.
func FindGuard(name string) *Guard {
	for _, g := range Guards {
		if g.Name == name {
			return g
		}
	}
	return nil
}

// Refusal returns why a value of the list cannot be used, or "". The text comes after
// "... cannot be used: ".
func (g *Guard) Refusal(value string) string {
	switch visible := pagerduty.Printable(value, len(value)); {
	case visible == "":
		return "an element is null, empty or whitespace"
	case visible != value:
		return "an element has leading, trailing or doubled whitespace, or an invisible character such as a line break"
	case g.Rule != nil:
		return g.Rule(value)
	}
	return ""
}

// GuardValue is a guard that is set.
type GuardValue struct {
	// Name is the guard's name.
	Name string
	// Values are the argument's values; ["true"] for a bool.
	Values []string
	// InProvider reports whether the provider block sets the guard, not the check.
	InProvider bool
	// Implied reports whether credential = "user_token" implies the guard.
	Implied bool
}

func learnedSubdomain(r *Report) ([]string, Unchecked) {
	switch {
	case r.Subdomain == "":
		return nil, UncheckedGap
	case r.AccountRegion != r.Region:
		return []string{r.Subdomain}, UncheckedRegion
	}
	return []string{r.Subdomain}, ""
}

func ofUser(field func(*pagerduty.User) string) func(*Report) ([]string, Unchecked) {
	return func(r *Report) ([]string, Unchecked) {
		switch {
		case r.User == nil:
			return nil, UncheckedNoUser
		case field(r.User) == "":
			return nil, UncheckedNotGiven
		}
		return []string{field(r.User)}, ""
	}
}

// violations returns the guards that a valid credential does not meet.
func (r *Report) violations(guards []GuardValue) []Violation {
	if r.Credential.Name == CredentialUserToken && !slices.ContainsFunc(guards, isTokenTypes) {
		// The official provider uses user_token for Slack connections, which do not
		// accept an account API token.
		implied := GuardValue{Name: GuardTokenTypes, Values: []string{string(TypeUser)}, Implied: true}
		guards = append([]GuardValue{implied}, guards...)
	}
	var all []Violation
	for _, value := range guards {
		if v := r.violation(value); v != nil {
			all = append(all, *v)
		}
	}
	return all
}

func isTokenTypes(v GuardValue) bool { return v.Name == GuardTokenTypes }

// violation returns nil if the guard is met.
func (r *Report) violation(value GuardValue) *Violation {
	v := &Violation{Guard: FindGuard(value.Name), GuardValue: value}
	if v.Guard == nil {
		// Unreachable with the provider's schema. An unknown guard fails.
		v.Guard, v.Unchecked = &Guard{Name: value.Name, Summary: "Unknown guard"}, UncheckedNotGiven
		return v
	}
	found, why := v.Guard.learned(r)
	if why == UncheckedGap {
		v.Gap = r.gap(v.Guard.Result)
	}
	v.Found, v.Unchecked = found, why
	switch v.Guard.Comparison {
	case OneOf, NoneOf:
		allowed := v.Guard.Comparison == OneOf
		if len(found) == 1 && among(value.Values, found[0]) != allowed {
			v.Unchecked = ""
			return v
		}
	case AllOf:
		reported := map[string]bool{}
		for _, name := range found {
			reported[name] = true
		}
		for _, name := range value.Values {
			if !reported[name] {
				v.Missing = append(v.Missing, name)
			}
		}
		if v.Missing != nil {
			slices.Sort(v.Missing)
			v.Missing = slices.Compact(v.Missing) // a list can repeat a value
			return v
		}
	default:
		return v
	}
	if why != "" {
		return v
	}
	return nil
}

func among(values []string, value string) bool {
	return slices.ContainsFunc(values, func(v string) bool { return sameName(v, value) })
}

// sameName compares without regard to case. The Kelvin sign and the long s fold to an
// ASCII letter but have more bytes, so a lookalike is a different name.
func sameName(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }

func ruleSubdomain(s string) string {
	if pagerduty.ValidSubdomain(s) {
		return ""
	}
	return `use only the subdomain: "acme", not "https://acme.pagerduty.com" or "acme.pagerduty.com"`
}

func ruleTokenType(s string) string {
	if slices.Contains([]TokenType{TypeUser, TypeAccount, TypeApp}, TokenType(s)) {
		return ""
	}
	return `the token types are "user", "account" and "app_oauth"`
}

func ruleEmail(s string) string {
	if name, host, _ := strings.Cut(s, "@"); name != "" && host != "" && !strings.Contains(s, " ") {
		return ""
	}
	return "an element is not an email address"
}

// ruleScope rejects a value that cannot be one scope (RFC 6749, section 3.3), and the
// account's scope, which the provider adds itself.
func ruleScope(s string) string {
	switch {
	case pagerduty.IsAccountScope(s):
		return `the account's scope follows from "pd_subdomain" and "service_region"`
	case strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }):
		return `each element is one scope, such as "schedules.read"`
	}
	return ""
}
