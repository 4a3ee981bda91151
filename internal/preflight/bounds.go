package preflight

import (
	"unicode/utf8"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// What a result may hold. Terraform's framework compares sets element by element
// with each other, which takes 11 seconds for 2,000; no real account comes near
// these numbers. Guards compare everything; only results are bounded.
const (
	maxSet  = 250   // elements of a set
	maxList = 1_000 // elements of a list
	maxText = 1_024 // characters
)

// bounded replaces what is over its bound by nothing, and notes a gap.
func (r Report) bounded() Report {
	over := func(what string, size, bound int) bool {
		if size > bound {
			r.Gaps = append(r.Gaps, Gap{What: what, Size: size})
		}
		return size > bound
	}
	if over("abilities", len(r.Abilities), maxSet) || over("abilities", longest(r.Abilities), maxText) {
		r.Abilities = nil
	}
	if over("scopes", len(r.Scopes), maxSet) || over("scopes", longest(r.Scopes), maxText) {
		r.Scopes = nil
	}
	if r.User == nil {
		return r
	}
	u := *r.User // the memo's is shared
	r.User = &u
	text := func(what string, value *pagerduty.Text) {
		if over(what, utf8.RuneCountInString(string(*value)), maxText) {
			*value = ""
		}
	}
	text("user.id", &u.ID)
	text("user.name", &u.Name)
	text("user.email", &u.Email)
	text("user.role", &u.Role)
	text("user.job_title", &u.JobTitle)
	text("user.time_zone", &u.TimeZone)
	text("user.html_url", &u.HTMLURL)
	var names []string
	for _, team := range u.Teams {
		names = append(names, string(team.Name), string(team.ID))
	}
	switch {
	case over("user.teams", len(u.Teams), maxList), over("user.teams", longest(names), maxText):
		u.Teams = nil // null, in contrast to an empty list
	case u.Teams == nil:
		u.Teams = pagerduty.Teams{}
	}
	return r
}

// longest is how many characters the longest text has.
func longest(texts []string) int {
	n := 0
	for _, s := range texts {
		n = max(n, utf8.RuneCountInString(s))
	}
	return n
}
