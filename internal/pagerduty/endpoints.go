package pagerduty

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// acceptV2 selects the API's version. Without it the version depends on the token [D].
const acceptV2 = "application/vnd.pagerduty+json;version=2"

// User is the part of a user object that may leave this package. http_cal_url and
// web_cal_url are bearer credentials [D] and are never read.
type User struct {
	ID, Name, Email, Role, HTMLURL string
	Teams                          []Team
}

// Team is a team that a user belongs to.
type Team struct{ ID, Name string }

// userFrom returns the user that an object describes, or nil unless it has the type
// "user" and an ID.
func userFrom(o object) *User {
	if o.text("type") != "user" || strings.TrimSpace(o.text("id")) == "" {
		return nil
	}
	u := &User{
		ID: o.text("id"), Name: o.text("name"), Email: o.text("email"), Role: o.text("role"), HTMLURL: o.text("html_url"),
		Teams: []Team{},
	}
	for _, t := range o.list("teams") {
		team := Team{ID: t.text("id"), Name: t.text("name")}
		if team.Name == "" {
			team.Name = t.text("summary") // a reference has no name [D]
		}
		if team.ID != "" {
			u.Teams = append(u.Teams, team)
		}
	}
	return u
}

func (u *User) texts() []string {
	all := []string{u.ID, u.Name, u.Email, u.Role, u.HTMLURL}
	for _, t := range u.Teams {
		all = append(all, t.ID, t.Name)
	}
	return all
}

// CanBeOnCall reports whether a schedule can name the user. Stakeholders cannot be on
// call [I].
func (u *User) CanBeOnCall() bool { return !strings.HasPrefix(u.Role, "read_only_") }

// Identity is the result of GET /users/me.
type Identity struct {
	// User is nil if the response was a 400 in JSON: the credential does not belong to a
	// user, or the request was not accepted. Only another request can tell.
	User *User
	// AccountToken reports whether the 400 says that the API token is an account's.
	AccountToken bool
	RequestID    string
}

// CurrentUser sends GET /users/me. A 400 in JSON is an Identity without a User, which
// proves nothing about the credential.
func (s *Session) CurrentUser(ctx context.Context, auth Authorization) (Identity, error) {
	var user *User
	r := &call{auth: auth, method: http.MethodGet, path: "/users/me"}
	res, err := s.get(ctx, r, func(body object) ([]string, bool) {
		if user = userFrom(body.object("user")); user == nil {
			return nil, false
		}
		return user.texts(), true
	})
	switch {
	case err == nil:
		return Identity{User: user, RequestID: res.requestID}, nil
	case err.Kind == KindStatus && err.Status == http.StatusBadRequest && err.Sender != SenderGateway &&
		res.object != nil:
		return Identity{AccountToken: isAccountToken(res.object), RequestID: res.requestID}, nil
	}
	return Identity{}, err
}

// isAccountToken reports whether a 400 of /users/me says that the token is an account's:
// {"error": "Because this request was made using an account-level access token, ..."} [D].
func isAccountToken(body object) bool {
	text := strings.ToLower(body.text("error") + body.object("error").text("message"))
	return strings.Contains(text, "account-level access token")
}

// Directory is the result of GET /users.
type Directory struct {
	// Subdomain and Region ("us", "eu") name the account. Both are "" if no user's
	// html_url does, or if they name several accounts.
	Subdomain, Region string
	// Accounts are the subdomains that the html_urls name, with ".eu" in the region "eu".
	Accounts []string
	// OnCall is the ID of a user who can be on call, or "".
	OnCall    string
	RequestID string
}

// Users sends GET /users for up to limit users (1 to 100), which every kind of
// credential may [D].
func (s *Session) Users(ctx context.Context, auth Authorization, limit int) (Directory, error) {
	var users []*User
	query := url.Values{"limit": {strconv.Itoa(limit)}}
	r := &call{auth: auth, method: http.MethodGet, path: "/users", query: query}
	res, err := s.get(ctx, r, func(body object) (texts []string, found bool) {
		for _, o := range body.list("users") {
			if u := userFrom(o); u != nil {
				users = append(users, u)
				texts = append(texts, u.ID, u.HTMLURL)
			}
		}
		return texts, len(users) > 0 // an account has an owner
	})
	if err != nil {
		return Directory{}, err
	}
	d := Directory{RequestID: res.requestID}
	for _, u := range users {
		subdomain, region := AccountOf(u.HTMLURL)
		name := subdomain
		if region == "eu" {
			name += ".eu"
		}
		if subdomain != "" && !slices.Contains(d.Accounts, name) {
			d.Subdomain, d.Region = subdomain, region
			d.Accounts = append(d.Accounts, name)
		}
		if d.OnCall == "" && u.CanBeOnCall() {
			d.OnCall = u.ID
		}
	}
	if len(d.Accounts) > 1 {
		d.Subdomain, d.Region = "", ""
	}
	return d, nil
}

// PreviewSchedule sends POST /schedules/preview for one day of a user, which PagerDuty
// computes "without saving it" [D]. It reports whether the credential may write
// schedules: true for a 200 with a computed schedule, false for PagerDuty's own 403.
// Every other response is an *Error.
func (s *Session) PreviewSchedule(ctx context.Context, auth Authorization, userID string) (bool, error) {
	day := time.Now().UTC().Truncate(24 * time.Hour)
	since, until := day.Format(time.RFC3339), day.Add(24*time.Hour).Format(time.RFC3339)
	request, _ := json.Marshal(object{"schedule": object{
		"type": "schedule", "name": "Preview (nothing is saved)", "time_zone": "Etc/UTC",
		"schedule_layers": []object{{
			"name": "Layer 1", "start": since, "rotation_virtual_start": since, "rotation_turn_length_seconds": 86400,
			"users": []object{{"user": object{"id": userID, "type": "user_reference"}}},
		}},
	}})
	r := &call{
		auth: auth, method: http.MethodPost, path: "/schedules/preview",
		query: url.Values{"since": {since}, "until": {until}}, body: request,
	}
	_, err := s.get(ctx, r, func(body object) ([]string, bool) {
		return nil, isComputed(body.object("schedule"))
	})
	switch {
	case err == nil:
		return true, nil
	case err.Kind == KindStatus && err.Status == http.StatusForbidden && err.Sender == SenderPagerDuty &&
		err.Body.RefusesRights():
		return false, nil
	}
	return false, err
}

// isComputed reports whether a schedule has what only PagerDuty computes: rendered
// entries or their coverage. A mock server that repeats the request has neither.
func isComputed(schedule object) bool {
	for _, layer := range append(schedule.list("schedule_layers"), schedule.object("final_schedule")) {
		_, covered := layer["rendered_coverage_percentage"].(float64)
		if covered || len(layer.list("rendered_schedule_entries")) > 0 {
			return true
		}
	}
	return false
}

// RefusesRights reports whether a 403 can be about the credential's rights. The other
// codes are about who it is, its account or a gateway.
func (b *ErrorBody) RefusesRights() bool {
	switch b.Code {
	case CodeAuthentication, CodeNoAccount, CodeLocked, CodeOnlyHTTPS, CodeExpired, CodeNoUser, CodeAbility:
		return false
	}
	return true
}

// get sends a request and reads the object of a 200. content returns the texts of the
// object that leave the client, and whether the object is what was requested. A response
// is returned next to an error too.
func (s *Session) get(ctx context.Context, r *call, content func(object) ([]string, bool)) (*response, *Error) {
	res, err := s.do(ctx, r)
	switch {
	case err != nil:
		return nil, err
	case res.status != http.StatusOK:
		return res, r.statusError(res)
	case res.tooLarge:
		return res, r.responseError(KindTooLarge, res)
	case isCached(res.header):
		return res, r.responseError(KindCached, res)
	}
	if res.object == nil {
		return res, r.responseError(KindNotJSON, res)
	}
	if res.object.hasError() {
		return res, r.responseError(KindErrorObject, res)
	}
	texts, found := content(res.object)
	switch {
	case r.redact.inResults(texts...):
		return res, r.responseError(KindEcho, res)
	case !found:
		return res, r.responseError(KindMissingObject, res)
	}
	return res, nil
}
