package pdfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// The roles that matter for schedules. A team's role may give more rights than these base roles
// [D]: that is not emulated.
var (
	// rolesWithoutWriting may not write schedules and teams [I].
	rolesWithoutWriting = []string{
		"limited_user", "observer", "restricted_access", "read_only_user", "read_only_limited_user",
	}
	// rolesNeverOnCall are stakeholders, who cannot be on call [I].
	rolesNeverOnCall = []string{"read_only_user", "read_only_limited_user"}
)

// previewRequest is the documented body, as far as it is judged [D].
type previewRequest struct {
	Schedule *struct {
		Name     string         `json:"name"`
		TimeZone string         `json:"time_zone"`
		Layers   []previewLayer `json:"schedule_layers"`
	} `json:"schedule"`
}

type previewLayer struct {
	Name         string `json:"name"`
	Start        string `json:"start"`
	VirtualStart string `json:"rotation_virtual_start"`
	TurnSeconds  int64  `json:"rotation_turn_length_seconds"`
	Users        []struct {
		User struct {
			ID string `json:"id"`
		} `json:"user"`
	} `json:"users"`
}

// yearSeconds is the longest turn of a layer [D].
const yearSeconds = 365 * 24 * 60 * 60

// previewSchedule answers what a schedule would look like. It stores nothing, as documented [D].
// The order of its checks, and the texts of its errors, are not known [?].
func (c *call) previewSchedule() {
	q := c.r.URL.Query()
	since, okSince := parseTime(q.Get("since"))
	until, okUntil := parseTime(q.Get("until"))
	var req previewRequest
	err := json.Unmarshal(c.body, &req)
	schedule := req.Schedule
	problem := ""
	switch {
	case !okSince:
		problem = "Since is missing or no date and time in ISO 8601."
	case !okUntil:
		problem = "Until is missing or no date and time in ISO 8601."
	case !since.Before(until):
		problem = "Until must be after since."
	case err != nil || schedule == nil:
		problem = "The body has no schedule."
	case !isTimeZone(schedule.TimeZone):
		problem = "Time zone is missing or unknown."
	case len(schedule.Layers) == 0:
		problem = "Schedule layers must have at least one layer."
	}
	if problem != "" {
		c.invalid(problem)
		return
	}
	layers := make([]any, 0, len(schedule.Layers))
	final := []any{}
	for i, l := range schedule.Layers {
		users, problem := c.layerUsers(l)
		if problem != "" {
			c.invalid(fmt.Sprintf("Layer %d: %s", i+1, problem))
			return
		}
		entries := renderEntries(l, users, c.cred.account, since, until)
		layers = append(layers, layerJSON(l, users, c.cred.account, entries))
		final = entries // the last layer is on top [D]
	}
	c.object(map[string]any{"schedule": map[string]any{
		"id": nil, "type": "schedule", "summary": schedule.Name, "self": nil, "html_url": nil,
		"name": schedule.Name, "time_zone": schedule.TimeZone, "description": nil,
		"escalation_policies": []any{}, "users": []any{}, "teams": []any{}, "schedule_layers": layers,
		"overrides_subschedule": map[string]any{"name": "Overrides", "rendered_schedule_entries": []any{}},
		"final_schedule": map[string]any{
			"name": "Final Schedule", "rendered_schedule_entries": final, "rendered_coverage_percentage": 100.0,
		},
	}})
}

func isTimeZone(name string) bool {
	_, err := time.LoadLocation(name)
	return err == nil && name != ""
}

// layerUsers finds a layer's users, or says what is wrong with the layer.
func (c *call) layerUsers(l previewLayer) (users []*User, problem string) {
	_, okStart := parseTime(l.Start)
	_, okVirtual := parseTime(l.VirtualStart)
	switch {
	case !okStart:
		return nil, "Start is missing or no date and time in ISO 8601."
	case !okVirtual:
		return nil, "Rotation virtual start is missing or no date and time in ISO 8601."
	case l.TurnSeconds < 1 || l.TurnSeconds > yearSeconds:
		return nil, "Rotation turn length seconds must be between one second and a year."
	case len(l.Users) == 0:
		return nil, "Users can't be empty."
	}
	listed := c.s.listed(c.cred.account.Subdomain)
	for _, ref := range l.Users {
		i := slices.IndexFunc(listed, func(u *User) bool { return u.ID == ref.User.ID })
		if i < 0 {
			return nil, "User was not found."
		}
		if slices.Contains(rolesNeverOnCall, listed[i].Role) {
			return nil, "User can't be on call."
		}
		users = append(users, listed[i])
	}
	return users, ""
}

func layerJSON(l previewLayer, users []*User, a *Account, entries []any) map[string]any {
	members := make([]any, 0, len(users))
	for _, u := range users {
		members = append(members, map[string]any{"user": reference("user", u.ID, u.Name, a)})
	}
	return map[string]any{
		"id": nil, "name": l.Name, "start": l.Start, "end": nil,
		"rotation_virtual_start": l.VirtualStart, "rotation_turn_length_seconds": l.TurnSeconds,
		"users": members, "restrictions": []any{},
		"rendered_schedule_entries": entries, "rendered_coverage_percentage": 100.0,
	}
}

// maxEntries bounds an answer: a turn may be a second long, and a preview years.
const maxEntries = 100

// renderEntries are the turns of a layer between two times.
func renderEntries(l previewLayer, users []*User, a *Account, since, until time.Time) []any {
	turn := time.Duration(l.TurnSeconds) * time.Second
	entries := []any{}
	for i := 0; since.Before(until) && i < maxEntries; i++ {
		end := since.Add(turn)
		if end.After(until) {
			end = until
		}
		u := users[i%len(users)]
		entries = append(entries, map[string]any{
			"start": since.Format(time.RFC3339), "end": end.Format(time.RFC3339),
			"user": reference("user", u.ID, u.Name, a),
		})
		since = end
	}
	return entries
}

// parseTime reads the forms of ISO 8601 that PagerDuty documents. Without an offset the time
// would be in the schedule's time zone: here UTC, as nothing depends on it.
func parseTime(s string) (time.Time, bool) {
	for _, layout := range []string{
		time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly,
	} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// invalid is a 400 in the documented form [D].
func (c *call) invalid(problem string) {
	c.marshal(http.StatusBadRequest, map[string]any{"error": map[string]any{
		"message": "Invalid Input Provided", "code": 2001, "errors": []string{problem},
	}})
}
