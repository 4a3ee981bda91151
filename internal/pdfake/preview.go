package pdfake

import (
	"encoding/json"
	"net/http"
	"slices"
)

// The roles that matter for schedules [I]. The roles in a team, which may give more rights than these
// base roles [D], are not emulated.
var (
	rolesWithoutWriting = []string{
		"limited_user", "observer", "restricted_access", "read_only_user", "read_only_limited_user",
	}
	// rolesNeverOnCall are the stakeholders.
	rolesNeverOnCall = []string{"read_only_user", "read_only_limited_user"}
)

// previewSchedule returns a schedule as PagerDuty computes it from layers, without saving it [D]:
// its shape, not the real turns. The texts of its errors are not known [?].
func (c *call) previewSchedule() {
	if c.cred.readOnly || c.cred.user != nil && slices.Contains(rolesWithoutWriting, c.cred.user.Role) {
		c.json(http.StatusForbidden, accessDenied)
		return
	}
	var request struct {
		Schedule struct {
			Name     string `json:"name"`
			TimeZone string `json:"time_zone"`
			Layers   []struct {
				Users []struct {
					User struct {
						ID string `json:"id"`
					} `json:"user"`
				} `json:"users"`
			} `json:"schedule_layers"`
		} `json:"schedule"`
	}
	since, until := c.r.URL.Query().Get("since"), c.r.URL.Query().Get("until")
	switch err := json.Unmarshal(c.body, &request); {
	case err != nil || request.Schedule.TimeZone == "":
		c.invalid("Schedule is missing or incomplete.")
		return
	case since == "" || until == "":
		c.invalid("Since and until can't be blank.")
		return
	case len(request.Schedule.Layers) == 0 || len(request.Schedule.Layers[0].Users) == 0:
		c.invalid("Users can't be empty.")
		return
	}
	id := request.Schedule.Layers[0].Users[0].User.ID
	users := c.s.listed(c.cred.account.Subdomain)
	i := slices.IndexFunc(users, func(u *User) bool { return u.ID == id && !slices.Contains(rolesNeverOnCall, u.Role) })
	if i < 0 {
		c.invalid("User was not found or can't be on call.")
		return
	}
	entries := []any{map[string]any{
		"start": since, "end": until, "user": c.cred.account.reference("user", id, users[i].Name),
	}}
	c.object(map[string]any{"schedule": map[string]any{
		"id": nil, "type": "schedule", "summary": request.Schedule.Name, "self": nil, "html_url": nil,
		"name": request.Schedule.Name, "time_zone": request.Schedule.TimeZone, "description": nil,
		"final_schedule": map[string]any{
			"name": "Final Schedule", "rendered_schedule_entries": entries, "rendered_coverage_percentage": 100.0,
		},
	}})
}
