package preflight

import (
	"slices"
	"strings"
	"time"
)

// Expectations are what a check asks of a good credential. An empty one asks
// nothing. One that cannot be decided counts as not met.
type Expectations struct {
	AllowedSubdomains []string
	AllowedTokenTypes []string
	AllowedUserEmails []string
	AllowedRoles      []string
	// RequiredAbilities must all be among the account's.
	RequiredAbilities []string
	// IncludeAbilities asks for them without requiring any.
	IncludeAbilities bool
	// RequiredScopes must all be granted to an OAuth app's token.
	RequiredScopes []string
	// MinTTL is how long an OAuth app's token has to live at least.
	MinTTL time.Duration
	// SameAccountAs is a credential that must belong to the same account, nil
	// for none.
	SameAccountAs *Credential
}

// The scopes that a check itself needs [D].
const (
	scopeUsers     = "users.read"     // GET /users, for the subdomain
	scopeAbilities = "abilities.read" // GET /abilities
)

// ownScopes are those that the check needs to learn what is expected of it.
func (e Expectations) ownScopes() []string {
	if e.wantsAbilities() {
		return []string{scopeAbilities, scopeUsers}
	}
	return []string{scopeUsers}
}

func (e Expectations) wantsAbilities() bool {
	return e.IncludeAbilities || len(e.RequiredAbilities) > 0
}

// undecided is every expectation, failed for one reason.
func (e Expectations) undecided(why Undecided) []Violation {
	var all []Violation
	for _, g := range []Violation{
		{Guard: "allowed_token_types", Allowed: e.AllowedTokenTypes},
		{Guard: "allowed_subdomains", Allowed: e.AllowedSubdomains},
		{Guard: "allowed_user_emails", Allowed: e.AllowedUserEmails},
		{Guard: "allowed_roles", Allowed: e.AllowedRoles},
		{Guard: "required_abilities", Allowed: e.RequiredAbilities},
		{Guard: "required_scopes", Allowed: e.RequiredScopes},
	} {
		if len(g.Allowed) > 0 {
			g.Undecided = why
			all = append(all, g)
		}
	}
	if e.MinTTL > 0 {
		all = append(all, Violation{Guard: "min_ttl", Allowed: []string{e.MinTTL.String()}, Undecided: why})
	}
	if e.SameAccountAs != nil {
		all = append(all, Violation{Guard: guardSameAccount, Undecided: why})
	}
	return all
}

const guardSameAccount = "same_account_as_token"

// violations compares a valid credential's report with the expectations.
func (e Expectations) violations(r *Report) []Violation {
	var found []Violation
	oneOf := func(guard string, allowed []string, value string, why Undecided) {
		switch {
		case len(allowed) == 0:
		case value == "":
			found = append(found, Violation{Guard: guard, Allowed: allowed, Undecided: why})
		case !slices.ContainsFunc(allowed, func(a string) bool { return strings.EqualFold(a, value) }):
			found = append(found, Violation{Guard: guard, Allowed: allowed, Found: []string{value}})
		}
	}
	var email, role string
	noUser := UndecidedNoUser
	if r.User != nil {
		email, role, noUser = string(r.User.Email), string(r.User.Role), UndecidedNotTold
	}
	tokenType := string(r.TokenType)
	if r.TokenType == TypeUnknown {
		tokenType = ""
	}
	oneOf("allowed_token_types", e.AllowedTokenTypes, tokenType, UndecidedNotTold)
	oneOf("allowed_subdomains", e.AllowedSubdomains, r.Subdomain, UndecidedNoSubdomain)
	oneOf("allowed_user_emails", e.AllowedUserEmails, email, noUser)
	oneOf("allowed_roles", e.AllowedRoles, role, noUser)
	found = append(found, missing("required_abilities", e.RequiredAbilities, r.Abilities, UndecidedNoAnswer)...)
	found = append(found, missing("required_scopes", e.RequiredScopes, r.Scopes, UndecidedNotTold)...)
	found = append(found, e.shortLived(r)...)
	return append(found, e.otherAccount(r)...)
}

// missing compares what is required with what was learned, which is nil, for the
// reason why, where nothing was.
func missing(guard string, required, have []string, why Undecided) []Violation {
	v := Violation{Guard: guard, Allowed: required, Found: have}
	switch {
	case len(required) == 0:
		return nil
	case have == nil:
		v.Undecided = why
		return []Violation{v}
	}
	for _, name := range required {
		if !slices.Contains(have, name) {
			v.Missing = append(v.Missing, name)
		}
	}
	if v.Missing == nil {
		return nil
	}
	return []Violation{v}
}

// shortLived judges the life of a token that was just had. Part of a second
// counts as a whole one: a token for 3600 seconds lives an hour.
func (e Expectations) shortLived(r *Report) []Violation {
	if e.MinTTL <= 0 {
		return nil
	}
	v := Violation{Guard: "min_ttl", Allowed: []string{e.MinTTL.String()}}
	if r.ExpiresAt.IsZero() {
		v.Undecided = UndecidedNotTold
		return []Violation{v}
	}
	if r.life >= e.MinTTL {
		return nil
	}
	v.Found = []string{r.life.String()}
	return []Violation{v}
}

// otherAccount compares the account with the other credential's.
func (e Expectations) otherAccount(r *Report) []Violation {
	v := Violation{Guard: guardSameAccount}
	switch {
	case e.SameAccountAs == nil:
		return nil
	case r.Subdomain == "":
		v.Undecided = UndecidedNoSubdomain
	case r.Other == nil || r.Other.Subdomain == "":
		v.Undecided = UndecidedOther
	case r.Subdomain == r.Other.Subdomain:
		return nil
	default:
		v.Found, v.Allowed = []string{r.Subdomain}, []string{r.Other.Subdomain}
	}
	return []Violation{v}
}
