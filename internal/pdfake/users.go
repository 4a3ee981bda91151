package pdfake

import (
	"cmp"
	"maps"
	"net/http"
	"strconv"
)

// CalendarSecret is part of the calendar addresses of each user, which are bearer credentials [D].
// A test that finds it in the output of a program has found a leak.
const CalendarSecret = "PDFAKECALSECRET"

// userJSON returns a user in the form of the API's schema. The calendar addresses are "not returned
// with account-level read-only keys" [D], and not in lists [I].
func (c *call) userJSON(u *User, listed bool) map[string]any {
	a := c.cred.account
	teams := []any{}
	for _, t := range u.Teams {
		teams = append(teams, a.reference("team", t.ID, t.Name))
	}
	m := a.reference("user", u.ID, u.Name)
	maps.Copy(m, map[string]any{
		"type": "user", "name": u.Name, "email": u.Email, "role": cmp.Or(u.Role, "user"),
		"time_zone": "America/New_York", "color": "purple", "description": nil, "job_title": "",
		"avatar_url":      "https://secure.gravatar.com/avatar/0123456789abcdef.png?d=mm&r=PG",
		"invitation_sent": false, "created_via_sso": false,
		"teams": teams, "contact_methods": []any{}, "notification_rules": []any{},
	})
	if c.s.conf.calendars || !listed && !c.cred.readOnly {
		private := "://" + a.host(a.Subdomain) + "/private/" + CalendarSecret
		m["http_cal_url"] = "https" + private + "http" + u.ID + "/feed"
		m["web_cal_url"] = "webcal" + private + "web" + u.ID + "/feed"
	}
	maps.Copy(m, u.Extra)
	return m
}

func (c *call) usersMe() {
	if c.cred.user == nil { // the response to an app's access token is not known [?]
		c.json(http.StatusBadRequest, accountKeyUsersMe)
		return
	}
	c.object(map[string]any{"user": c.userJSON(c.cred.user, false)})
}

// users lists the first users of the account: 25 by default, 100 at most [D].
func (c *call) users() {
	limit, err := strconv.Atoi(c.r.URL.Query().Get("limit"))
	if err != nil || limit < 1 {
		limit = 25
	}
	limit = min(limit, 100)
	all := c.s.listed(c.cred.account.Subdomain)
	list := []any{}
	for _, u := range all[:min(limit, len(all))] {
		list = append(list, c.userJSON(u, true))
	}
	c.object(map[string]any{
		"users": list, "limit": limit, "offset": 0, "total": nil, "more": len(all) > limit,
	})
}
