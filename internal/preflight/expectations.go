package preflight

import (
	"slices"
	"strings"
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
	} {
		if len(g.Allowed) > 0 {
			g.Undecided = why
			all = append(all, g)
		}
	}
	return all
}

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
	if v := e.missingAbilities(r); v != nil {
		found = append(found, *v)
	}
	return found
}

func (e Expectations) missingAbilities(r *Report) *Violation {
	if len(e.RequiredAbilities) == 0 {
		return nil
	}
	v := Violation{Guard: "required_abilities", Allowed: e.RequiredAbilities}
	if r.Abilities == nil {
		v.Undecided = UndecidedNoAnswer
		return &v
	}
	for _, ability := range e.RequiredAbilities {
		if !slices.Contains(r.Abilities, ability) {
			v.Missing = append(v.Missing, ability)
		}
	}
	if v.Missing == nil {
		return nil
	}
	v.Found = r.Abilities
	return &v
}
