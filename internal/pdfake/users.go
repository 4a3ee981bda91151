package pdfake

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// CalendarSecret is part of each user's calendar addresses, which are bearer credentials [D]:
// a test that finds it in what a program wrote has found a leak.
const CalendarSecret = "PDFAKECALSECRET"

// includes reports whether include[] names what else to show.
func (c *call) includes(what string) bool { return slices.Contains(c.r.URL.Query()["include[]"], what) }

// userJSON is a user as the API's schema has it: linked objects are references, unless include[]
// names them [D]. The calendar addresses are "not returned with account-level read-only keys" [D],
// and not on lists [I].
func (c *call) userJSON(u *User, listed bool) map[string]any {
	a := c.cred.account
	teams := []any{}
	for _, own := range u.Teams {
		switch t := c.s.team(a.Subdomain, own.ID); {
		case t == nil: // a deleted one is in no user
		case c.includes("teams"):
			teams = append(teams, t.json(a))
		default:
			teams = append(teams, t.reference(a))
		}
	}
	m := reference("user", u.ID, u.Name, a)
	contact := map[string]any{
		"id": u.ID + "CM", "type": "email_contact_method_reference", "summary": "Default",
		"self": fmt.Sprintf("%s/contact_methods/%sCM", m["self"], u.ID), "html_url": nil,
	}
	if c.includes("contact_methods") {
		contact["type"], contact["label"], contact["address"] = "email_contact_method", "Default", u.Email
		contact["send_short_email"], contact["send_html_email"] = false, true
	}
	rule := map[string]any{
		"id": u.ID + "NR", "type": "assignment_notification_rule_reference",
		"summary": "0 minutes: channel " + u.ID + "CM",
		"self":    fmt.Sprintf("%s/notification_rules/%sNR", m["self"], u.ID), "html_url": nil,
	}
	if c.includes("notification_rules") {
		rule["type"], rule["start_delay_in_minutes"] = "assignment_notification_rule", 0
		rule["urgency"], rule["contact_method"] = "high", contact
	}
	maps.Copy(m, map[string]any{
		"type": "user", "name": u.Name, "email": u.Email, "color": "purple",
		"role": cmp.Or(u.Role, "user"), "time_zone": cmp.Or(u.TimeZone, "America/New_York"),
		"avatar_url":  "https://secure.gravatar.com/avatar/0123456789abcdef.png?d=mm&r=PG",
		"description": nil, "invitation_sent": false, "job_title": u.JobTitle, "created_via_sso": false,
		"teams": teams, "contact_methods": []any{contact}, "notification_rules": []any{rule},
	})
	if c.s.conf.calendars || !listed && !c.cred.readOnly {
		private := "://" + a.host(a.Subdomain) + "/private/" + CalendarSecret
		m["http_cal_url"] = "https" + private + "http" + u.ID + "/feed"
		m["web_cal_url"] = "webcal" + private + "web" + u.ID + "/feed"
	}
	if c.includes("subdomains") {
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
	c.object(map[string]any{"user": c.userJSON(c.cred.user, false)})
}

func (c *call) user() {
	id := c.lastElement()
	for _, u := range c.s.listed(c.cred.account.Subdomain) {
		if u.ID == id {
			c.object(map[string]any{"user": c.userJSON(u, false)})
			return
		}
	}
	c.notFound()
}

// users lists those whose name or email contains the query [D].
func (c *call) users() {
	query := c.r.URL.Query().Get("query")
	var found []*User
	for _, u := range c.s.listed(c.cred.account.Subdomain) {
		if contains(u.Name, query) || contains(u.Email, query) {
			found = append(found, u)
		}
	}
	sendPage(c, "users", found, func(u *User) any { return c.userJSON(u, true) })
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
	size, _ = strconv.Atoi(limit) // 0 where it is no number, the largest where it is too large
	if size < 1 {
		size = 25
	}
	start, _ = strconv.Atoi(offset)
	return min(size, 100), min(max(start, 0), maxEnd)
}
