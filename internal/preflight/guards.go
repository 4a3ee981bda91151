package preflight

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// Expectations are what a check asks of a valid credential. An empty one asks
// nothing. What cannot be decided counts as not met.
type Expectations struct {
	// Sets are the values that the guards of the table name, by the guard's name.
	// A guard that is not here asks nothing; a name that the table lacks is not met.
	Sets map[string][]string
	// SameAccountAs is a credential that must belong to the same account, nil for
	// none.
	SameAccountAs *Credential
	// RequireWriteAccess demands a credential that is proven to be able to write.
	RequireWriteAccess bool
	// RequireSubdomain demands an account that PagerDuty named: what is handed on
	// to another provider needs it.
	RequireSubdomain bool
	// IncludeAbilities and IncludeWriteAccess ask without demanding anything.
	IncludeAbilities, IncludeWriteAccess bool
}

// Comparison is how what a guard asks is compared with what was learned.
type Comparison string

// The comparisons.
const (
	OneOf  Comparison = "one_of"  // what was learned must be among what is asked
	NoneOf Comparison = "none_of" // it must not be
	AllOf  Comparison = "all_of"  // all of what is asked must have been learned
	IsTrue Comparison = "is_true" // it must have been learned to be true
	SameAs Comparison = "same_as" // it must be the other credential's
)

// Guard is an argument that constrains who a credential is, which account it
// belongs to or what it may do. The table Guards is the only list of them: the
// arguments' validators, the comparison, the skipped case and the documentation
// all follow it.
type Guard struct {
	// Name is the argument's.
	Name string
	// Comparison is IsTrue or SameAs for an argument that is a bool, else it takes
	// a set of strings.
	Comparison Comparison
	// Rule says what else is wrong about one value of the set, as Refusal does; nil
	// where nothing can be. It never repeats the value.
	Rule func(value string) string
	// Doubt says what is suspicious about a value that can be used; "" for nothing.
	Doubt func(value string) string
	// Account marks guards on the account. They fail where PagerDuty names another
	// service region than the one that was asked.
	Account bool
	// asked reports whether a bool guard is on.
	asked func(Expectations) bool
	// learned is what the guard looks at, or why that is not known.
	learned func(*Report) ([]string, Undecided)
}

// Refusal says why a value of the set cannot be used, to continue "... cannot be used: ";
// "" for one that can. What is invisible in a value comes first: a message that compares
// the value with what was found would show two that look the same.
func (g Guard) Refusal(value string) string {
	switch visible := pagerduty.Printable(value, len(value)); {
	case visible == "":
		return "one of its elements is null, empty or whitespace, which can never be met"
	case visible != value:
		return "one of its elements has whitespace where a name has none, or an invisible character such as a line break"
	case g.Rule != nil:
		return g.Rule(value)
	}
	return ""
}

// Set reports whether the argument takes a set of strings. The others take a bool.
func (g Guard) Set() bool { return g.Comparison != IsTrue && g.Comparison != SameAs }

// The names of guards that other code refers to.
const (
	GuardSameAccount    = "same_account_as_token"
	GuardWriteAccess    = "require_write_access"
	GuardRequiredScopes = "required_scopes"
	guardTokenTypes     = "allowed_token_types"
	guardAbilities      = "required_abilities"
)

// Guards are all guards, in the order in which they are judged.
var Guards = []Guard{
	{Name: guardTokenTypes, Comparison: OneOf, Rule: ruleTokenType, learned: func(r *Report) ([]string, Undecided) {
		if r.TokenType == TypeUnknown {
			return nil, UndecidedNotGiven
		}
		return []string{string(r.TokenType)}, UndecidedNot
	}},
	{Name: "allowed_subdomains", Comparison: OneOf, Rule: ruleSubdomain, Account: true, learned: learnedSubdomain},
	{Name: "forbidden_subdomains", Comparison: NoneOf, Rule: ruleSubdomain, Account: true, learned: learnedSubdomain},
	{Name: "allowed_service_regions", Comparison: OneOf, Rule: ruleRegion, Account: true,
		learned: func(r *Report) ([]string, Undecided) { return one(r.AccountRegion, UndecidedNoSubdomain) }},
	{Name: "allowed_user_emails", Comparison: OneOf, Rule: ruleEmail,
		learned: ofUser(func(u *pagerduty.User) string { return string(u.Email) })},
	{Name: "allowed_roles", Comparison: OneOf, Doubt: doubtRole,
		learned: ofUser(func(u *pagerduty.User) string { return string(u.Role) })},
	{Name: guardAbilities, Comparison: AllOf, learned: func(r *Report) ([]string, Undecided) {
		return some(r.Abilities, UndecidedNoAnswer)
	}},
	{Name: GuardRequiredScopes, Comparison: AllOf, Rule: ruleScope, learned: func(r *Report) ([]string, Undecided) {
		return some(r.Scopes, UndecidedNotGiven)
	}},
	{Name: GuardSameAccount, Comparison: SameAs, Account: true, learned: learnedSubdomain,
		asked: func(e Expectations) bool { return e.SameAccountAs != nil }},
	{Name: GuardWriteAccess, Comparison: IsTrue,
		asked: func(e Expectations) bool { return e.RequireWriteAccess },
		learned: func(r *Report) ([]string, Undecided) {
			if r.WriteAccess == nil {
				return nil, UndecidedNoAnswer
			}
			return []string{strconv.FormatBool(*r.WriteAccess)}, UndecidedNot
		}},
}

func one(value string, why Undecided) ([]string, Undecided) {
	if value == "" {
		return nil, why
	}
	return []string{value}, UndecidedNot
}

func some(values []string, why Undecided) ([]string, Undecided) {
	if values == nil {
		return nil, why
	}
	return values, UndecidedNot
}

func learnedSubdomain(r *Report) ([]string, Undecided) { return one(r.Subdomain, UndecidedNoSubdomain) }

func ofUser(field func(*pagerduty.User) string) func(*Report) ([]string, Undecided) {
	return func(r *Report) ([]string, Undecided) {
		if r.User == nil {
			return nil, UndecidedNoUser
		}
		return one(field(r.User), UndecidedNotGiven)
	}
}

// violations compares a valid credential's report with the expectations.
func (e Expectations) violations(r *Report) []Violation {
	all := e.ownViolations(r)
	for _, g := range Guards {
		asked := e.Sets[g.Name]
		if len(asked) == 0 && (g.asked == nil || !g.asked(e)) {
			continue
		}
		if v := g.judge(asked, r); v != nil {
			all = append(all, *v)
		}
	}
	return all
}

// ownViolations are those of guards that no argument of the table sets.
func (e Expectations) ownViolations(r *Report) []Violation {
	var all []Violation
	for name, asked := range e.Sets {
		if !slices.ContainsFunc(Guards, func(g Guard) bool { return g.Name == name }) {
			all = append(all, Violation{Guard: name, Asked: asked, Undecided: UndecidedUnknown})
		}
	}
	// A user_token stands for a user where the official provider needs one:
	// Slack connections do not take an account API token.
	if r.Credential.Kind == KindUserToken && len(e.Sets[guardTokenTypes]) == 0 && !r.Skipped && r.TokenType != TypeUser {
		v := Violation{Guard: "credential", Comparison: OneOf, Asked: []string{string(TypeUser)}}
		if r.TokenType == TypeUnknown {
			v.Undecided = UndecidedNotGiven
		} else {
			v.Found = []string{string(r.TokenType)}
		}
		all = append(all, v)
	}
	if e.RequireSubdomain && r.Subdomain == "" && !r.Skipped {
		all = append(all, Violation{Guard: "subdomain", Comparison: IsTrue, Undecided: UndecidedNoSubdomain})
	}
	return all
}

// judge returns nil where the guard is met.
func (g Guard) judge(asked []string, r *Report) *Violation {
	v := &Violation{Guard: g.Name, Comparison: g.Comparison, Asked: asked}
	if r.Skipped {
		v.Undecided = UndecidedSkipped
		return v
	}
	if v.Found, v.Undecided = g.learned(r); v.Undecided != UndecidedNot || !v.met(r) {
		return v
	}
	if g.Account && r.AccountRegion != "" && r.AccountRegion != r.Region {
		v.Found, v.Undecided = nil, UndecidedRegion
		return v
	}
	return nil
}

// met compares what was found with what is asked, and enters what differs.
func (v *Violation) met(r *Report) bool {
	switch v.Comparison {
	case OneOf:
		return among(v.Asked, v.Found[0])
	case NoneOf:
		return !among(v.Asked, v.Found[0])
	case AllOf:
		for _, name := range v.Asked {
			if !slices.Contains(v.Found, name) {
				v.Missing = append(v.Missing, name)
			}
		}
		return v.Missing == nil
	case IsTrue:
		return v.Found[0] == "true"
	case SameAs:
		switch o := r.Other; {
		case o == nil || o.Subdomain == "" || o.AccountRegion != "" && o.AccountRegion != o.Region:
			v.Found, v.Undecided = nil, UndecidedOther
		case o.Subdomain == r.Subdomain && o.AccountRegion == r.AccountRegion:
			return true
		default:
			v.Asked = []string{o.Subdomain}
		}
	}
	return false
}

func among(allowed []string, value string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool { return sameName(a, value) })
}

// sameName compares without regard to case. The letters of Unicode that fold to an
// ASCII letter, the Kelvin sign and the long s, have more bytes: what only looks like
// a name is another.
func sameName(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }

// rule takes the values that fit, and says why of the others.
func rule(why string, fits func(string) bool) func(string) string {
	return func(s string) string {
		if fits(s) {
			return ""
		}
		return why
	}
}

var (
	ruleSubdomain = rule(
		`only the subdomain is meant: "acme", not "https://acme.pagerduty.com" or "acme.pagerduty.com"`,
		pagerduty.ValidSubdomain)
	ruleTokenType = rule(`the token types are "user", "account" and "app_oauth"`, func(s string) bool {
		return slices.Contains([]TokenType{TypeUser, TypeAccount, TypeAppOAuth}, TokenType(s))
	})
	ruleRegion = rule(`the service regions are "us" and "eu"`, func(s string) bool { return s == "us" || s == "eu" })
	ruleEmail  = rule("it is not an email address", func(s string) bool {
		name, host, _ := strings.Cut(s, "@")
		return name != "" && host != "" && !strings.ContainsAny(s, " \t\n")
	})
)

// ruleScope refuses what RFC 6749, section 3.3, cannot carry as one scope, and the
// account's, which the provider adds itself.
func ruleScope(s string) string {
	switch {
	case pagerduty.IsAccountScope(s):
		return `the account's scope follows from "pd_subdomain" and "service_region"`
	case strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }):
		return `a scope has no spaces or quotation marks, such as "schedules.read"; name each one separately`
	}
	return ""
}

// Roles are the base roles that PagerDuty has [D].
var Roles = []string{
	"owner", "admin", "user", "limited_user", "observer", "restricted_access", "read_only_user", "read_only_limited_user",
}

// roleNames are the names of roles in the web app, which people write instead [D].
var roleNames = map[string]string{
	"account owner": "owner", "global admin": "admin", "manager": "user", "responder": "limited_user",
	"stakeholder": "read_only_user", "limited stakeholder": "read_only_limited_user",
	"restricted access": "restricted_access",
}

// doubtRole names the nearest role to one that PagerDuty is not known to have. It
// is no error: roles can be added.
func doubtRole(s string) string {
	if slices.Contains(Roles, strings.ToLower(s)) {
		return ""
	}
	lower := strings.ToLower(strings.TrimSpace(s))
	nearest := roleNames[strings.NewReplacer("_", " ", "-", " ").Replace(lower)]
	if nearest == "" {
		nearest = slices.MinFunc(Roles, func(a, b string) int { return distance(lower, a) - distance(lower, b) })
	}
	return `it is not one of PagerDuty's roles (` + strings.Join(Roles, ", ") + `); the nearest is "` + nearest + `"`
}

// distance is the number of edits between two short texts (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
