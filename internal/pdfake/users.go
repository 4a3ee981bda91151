package pdfake

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// CalendarSecret is part of each user's calendar addresses, which are bearer credentials [D]:
// a test that finds it in what a program wrote has found a leak.
const CalendarSecret = "PDFAKECALSECRET"

// userView is how a user is shown.
type userView struct {
	include []string // linked objects that are shown whole
	// calendars shows the calendar addresses.
	calendars bool
	// teams are those of the account, by ID: a deleted one is in no user.
	teams map[string]*teamRecord
}

func (v userView) whole(what string) bool { return slices.Contains(v.include, what) }

// view is how users are shown to whoever asks. The calendar addresses are "not returned with
// account-level read-only keys" [D], and not on lists [I].
func (c *call) view(list bool) userView {
	teams := make(map[string]*teamRecord)
	for _, t := range c.s.store.teamsOf(c.cred.account.Subdomain) {
		teams[t.id] = t
	}
	return userView{
		include:   c.r.URL.Query()["include[]"],
		calendars: !list && !c.cred.readOnly,
		teams:     teams,
	}
}

// linkedJSON are the linked objects of a user: references, unless include[] asks for them whole [D].
func linkedJSON(u *User, a *Account, v userView) (teams []any, contact, rule map[string]any) {
	teams = make([]any, 0, len(u.Teams))
	for _, own := range u.Teams {
		switch t := v.teams[own.ID]; {
		case t == nil:
		case v.whole("teams"):
			teams = append(teams, t.json(a))
		default:
			teams = append(teams, t.reference(a))
		}
	}
	self := apiBase(a.Region) + "/users/" + u.ID
	contact = map[string]any{
		"id": u.ID + "CM", "type": "email_contact_method_reference", "summary": "Default",
		"self": self + "/contact_methods/" + u.ID + "CM", "html_url": nil,
	}
	if v.whole("contact_methods") {
		contact["type"], contact["label"], contact["address"] = "email_contact_method", "Default", u.Email
		contact["send_short_email"], contact["send_html_email"] = false, true
	}
	rule = map[string]any{
		"id": u.ID + "NR", "type": "assignment_notification_rule_reference",
		"summary": "0 minutes: channel " + u.ID + "CM",
		"self":    self + "/notification_rules/" + u.ID + "NR", "html_url": nil,
	}
	if v.whole("notification_rules") {
		rule["type"], rule["start_delay_in_minutes"] = "assignment_notification_rule", 0
		rule["urgency"], rule["contact_method"] = "high", contact
	}
	return teams, contact, rule
}

// userJSON is a user as the API's schema has it [D].
func userJSON(u *User, a *Account, v userView) map[string]any {
	web := webBase(a)
	teams, contact, rule := linkedJSON(u, a, v)
	m := reference("user", u.ID, u.Name, a)
	maps.Copy(m, map[string]any{
		"type": "user", "name": u.Name, "email": u.Email, "color": "purple",
		"role": cmp.Or(u.Role, "user"), "time_zone": cmp.Or(u.TimeZone, "America/New_York"),
		"avatar_url":  "https://secure.gravatar.com/avatar/0123456789abcdef.png?d=mm&r=PG",
		"description": nil, "invitation_sent": false, "job_title": u.JobTitle, "created_via_sso": false,
		"teams": teams, "contact_methods": []any{contact}, "notification_rules": []any{rule},
	})
	if v.calendars {
		m["http_cal_url"] = web + "/private/" + CalendarSecret + "http" + u.ID + "/feed"
		m["web_cal_url"] = "webcal" + strings.TrimPrefix(web, "https") + "/private/" + CalendarSecret + "web" +
			u.ID + "/feed"
	}
	if v.whole("subdomains") {
		m["subdomains"] = []string{a.Subdomain} // that it is a list of names is [I]
	}
	maps.Copy(m, u.Extra)
	maps.DeleteFunc(m, func(_ string, v any) bool { return v == Omit })
	return m
}

func (c *call) usersMe() {
	if c.cred.user == nil { // what an app's token gets is not known [?]
		c.json(http.StatusBadRequest, accountKeyUsersMe)
		return
	}
	c.object(map[string]any{"user": userJSON(c.cred.user, c.cred.account, c.view(false))})
}

func (c *call) user() {
	id := c.lastElement()
	for _, u := range c.s.store.listed(c.cred.account.Subdomain) {
		if u.ID == id {
			c.object(map[string]any{"user": userJSON(u, c.cred.account, c.view(false))})
			return
		}
	}
	c.notFound()
}

// users lists those whose name or email contains the query [D].
func (c *call) users() {
	query := c.r.URL.Query().Get("query")
	var found []*User
	for _, u := range c.s.store.listed(c.cred.account.Subdomain) {
		if contains(u.Name, query) || contains(u.Email, query) {
			found = append(found, u)
		}
	}
	view := c.view(true)
	sendPage(c, "users", found, func(u *User) any { return userJSON(u, c.cred.account, view) })
}

// contains ignores case, as PagerDuty's search does [I].
func contains(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// maxEnd is where classic pagination ends: offset and limit together may not exceed it [D].
const maxEnd = 10_000

// sendPage answers with a part of a list.
func sendPage[T any](c *call, key string, all []T, toJSON func(T) any) {
	q := c.r.URL.Query()
	limit, offset := limits(q.Get("limit"), q.Get("offset"))
	if offset+limit > maxEnd {
		c.invalid("Offset plus limit must be at most 10000.")
		return
	}
	part := all[min(offset, len(all)):min(offset+limit, len(all))]
	list := make([]any, 0, len(part))
	for _, item := range part {
		list = append(list, toJSON(item))
	}
	var total any // null unless asked for [D]
	if q.Get("total") == "true" {
		total = len(all)
	}
	c.object(map[string]any{
		key: list, "limit": limit, "offset": offset, "total": total, "more": offset+limit < len(all),
	})
}

// limits reads limit and offset as the API does: 25 by default, 100 at most [D]. The offset stays
// small enough to be added to.
func limits(limit, offset string) (size, start int) {
	size, err := strconv.Atoi(limit)
	if err != nil || size < 1 {
		size = 25
	}
	start, err = strconv.Atoi(offset)
	if err != nil || start < 0 {
		start = 0
	}
	return min(size, 100), min(start, maxEnd)
}
