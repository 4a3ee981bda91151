package pagerduty

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// acceptV2 pins the API's version; without it the version depends on the token [D].
const acceptV2 = "application/vnd.pagerduty+json;version=2"

// Text decodes a JSON string; any other JSON type leaves it empty. Field types have
// differed from the documentation before [S], and one odd field must not turn a valid
// token into an invalid one.
type Text string

// UnmarshalJSON implements json.Unmarshaler. It never fails.
func (t *Text) UnmarshalJSON(data []byte) error {
	var s string
	if json.Unmarshal(data, &s) == nil {
		*t = Text(s)
	}
	return nil
}

// User is the part of GET /users/me that may leave this package. The answer's
// http_cal_url and web_cal_url are bearer credentials [D] and have no field here.
type User struct {
	ID       Text  `json:"id"`
	Name     Text  `json:"name"`
	Email    Text  `json:"email"`
	Role     Text  `json:"role"`
	JobTitle Text  `json:"job_title"`
	TimeZone Text  `json:"time_zone"`
	HTMLURL  Text  `json:"html_url"`
	Teams    Teams `json:"teams"`
}

func (u *User) texts() []string {
	if u == nil {
		return nil
	}
	all := []string{
		string(u.ID), string(u.Name), string(u.Email), string(u.Role), string(u.JobTitle), string(u.TimeZone),
		string(u.HTMLURL),
	}
	for _, t := range u.Teams {
		all = append(all, string(t.ID), string(t.Name))
	}
	return all
}

// CanBeOnCall reports whether a schedule can name the user: stakeholders cannot be
// on call [I].
func (u *User) CanBeOnCall() bool {
	return u.ID != "" && !strings.HasPrefix(string(u.Role), "read_only_")
}

// Team is a team that a user belongs to.
type Team struct {
	ID   Text `json:"id"`
	Name Text `json:"name"`
	// Summary stands for the name in references [D].
	Summary Text `json:"summary"`
}

// Teams decodes a JSON list; any other JSON type leaves it empty, as with Text.
type Teams []Team

// UnmarshalJSON implements json.Unmarshaler. It never fails.
func (t *Teams) UnmarshalJSON(data []byte) error {
	var raw []json.RawMessage
	_ = json.Unmarshal(data, &raw) // another type than a list leaves it empty
	for _, item := range raw {
		var team Team
		if json.Unmarshal(item, &team) == nil && team.ID != "" {
			if team.Name == "" {
				team.Name = team.Summary
			}
			*t = append(*t, team)
		}
	}
	return nil
}

// Identity is what GET /users/me says about a credential.
type Identity struct {
	// User is nil where the answer was a 400 in JSON: the credential is tied to no
	// user, or the request was not accepted. Another request has to decide.
	User *User
	// AccountToken reports whether the 400 says that the API token is an account's.
	AccountToken bool
	// RequestID is PagerDuty's x-request-id.
	RequestID string
}

// CurrentUser asks GET /users/me whose credential this is. A 400 in JSON is an
// Identity without a User; it proves nothing about the credential.
func (c *Client) CurrentUser(ctx context.Context, auth Authorization) (Identity, error) {
	var body struct {
		User *User `json:"user"`
	}
	r := &call{auth: auth, method: http.MethodGet, path: "/users/me"}
	a, err := c.ask(ctx, r, &body, func() ([]string, bool) {
		return body.User.texts(), body.User != nil && strings.TrimSpace(string(body.User.ID)) != ""
	})
	if err != nil {
		if err.Kind == KindStatus && err.Status == http.StatusBadRequest &&
			err.Sender != SenderGateway && err.Body.Form == FormJSON {
			return Identity{AccountToken: isAccountToken(a.body), RequestID: err.RequestID}, nil
		}
		return Identity{}, err
	}
	return Identity{User: body.User, RequestID: a.requestID}, nil
}

// isAccountToken reports whether a 400 of /users/me says that the token is an
// account's: {"error": "Because this request was made using an account-level access
// token, ..."} [D].
func isAccountToken(body []byte) bool {
	var e struct {
		Error any `json:"error"`
	}
	if json.Unmarshal(body, &e) != nil {
		return false
	}
	text, _ := e.Error.(string)
	if object, ok := e.Error.(map[string]any); ok {
		text, _ = object["message"].(string)
	}
	return strings.Contains(strings.ToLower(text), "account-level access token")
}

// Directory is what GET /users says about an account.
type Directory struct {
	// Subdomain and Region ("us", "eu") are the account's, "" where no user's
	// html_url names them, or where two name different ones.
	Subdomain, Region string
	// Mixed reports whether two users' html_url name different accounts.
	Mixed bool
	// OnCall is the ID of a user who can be on call, "" where there is none among
	// those asked for.
	OnCall    string
	RequestID string
}

// Users asks GET /users for up to limit users (1 to 100) of the account, which every
// kind of credential may. Of these users only what a Directory holds is returned.
func (c *Client) Users(ctx context.Context, auth Authorization, limit int) (Directory, error) {
	var body struct {
		Users []User `json:"users"`
	}
	query := url.Values{"limit": {strconv.Itoa(limit)}}
	r := &call{auth: auth, method: http.MethodGet, path: "/users", query: query}
	a, err := c.ask(ctx, r, &body, func() (texts []string, found bool) {
		found = body.Users != nil
		for _, u := range body.Users {
			texts = append(texts, string(u.ID), string(u.HTMLURL))
			found = found && u.ID != ""
		}
		return texts, found
	})
	if err != nil {
		return Directory{}, err
	}
	d := Directory{RequestID: a.requestID}
	accounts := map[[2]string]bool{}
	for _, u := range body.Users {
		if subdomain, region := AccountOf(string(u.HTMLURL)); subdomain != "" {
			accounts[[2]string{subdomain, region}] = true
			d.Subdomain, d.Region = subdomain, region
		}
		if d.OnCall == "" && u.CanBeOnCall() {
			d.OnCall = string(u.ID)
		}
	}
	if d.Mixed = len(accounts) > 1; d.Mixed {
		d.Subdomain, d.Region = "", ""
	}
	return d, nil
}

// Abilities asks GET /abilities for the features of the account, sorted. They are
// not permissions of the credential [D].
func (c *Client) Abilities(ctx context.Context, auth Authorization) ([]string, error) {
	var body struct {
		Abilities []Text `json:"abilities"`
	}
	r := &call{auth: auth, method: http.MethodGet, path: "/abilities"}
	abilities := []string{}
	_, err := c.ask(ctx, r, &body, func() ([]string, bool) {
		for _, name := range body.Abilities {
			abilities = append(abilities, string(name))
		}
		return abilities, body.Abilities != nil && !slices.Contains(abilities, "")
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(abilities)
	return slices.Compact(abilities), nil
}

// PreviewSchedule asks POST /schedules/preview for a day's schedule of a user, which
// PagerDuty computes "without saving it" [D]. It reports whether a credential may
// write schedules: true for a 200 with a computed schedule, false for PagerDuty's own 403.
// Whatever else comes decides nothing and is an *Error.
func (c *Client) PreviewSchedule(ctx context.Context, auth Authorization, userID string) (bool, error) {
	day := time.Now().UTC().Truncate(24 * time.Hour)
	since, until := day.Format(time.RFC3339), day.Add(24*time.Hour).Format(time.RFC3339)
	type object = map[string]any
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
	var body struct {
		Schedule object `json:"schedule"`
	}
	_, err := c.ask(ctx, r, &body, func() ([]string, bool) {
		// What only repeats the request was not computed: a mock server does that.
		answered, _ := json.Marshal(object{"schedule": body.Schedule})
		return nil, body.Schedule != nil && !bytes.Equal(answered, request)
	})
	switch {
	case err == nil:
		return true, nil
	case err.Kind == KindStatus && err.Status == http.StatusForbidden && err.Sender == SenderPagerDuty &&
		err.Body.refusesRights():
		return false, nil
	}
	return false, err
}

// ask does a call and decodes a 200 into v. It then calls content, which returns the
// texts of v that leave the client, for the state and the screen, so that they must not
// repeat the credential, and whether v holds what was asked for. An answer that came is
// returned next to an error too.
func (c *Client) ask(
	ctx context.Context, r *call, v any, content func() (texts []string, found bool),
) (*answer, *Error) {
	a, err := c.do(ctx, r)
	switch {
	case err != nil:
		return nil, err
	case a.status != http.StatusOK:
		return a, c.statusError(r, a)
	case a.tooLarge:
		return a, c.unusable(r, a, KindTooLarge)
	case cacheMark(a.header) != "":
		return a, c.cached(r, a)
	}
	body := bytes.TrimSpace(a.body)
	if !bytes.HasPrefix(body, []byte("{")) || !json.Valid(body) {
		return a, c.unusable(r, a, KindNotJSON)
	}
	// What says that something failed earns nothing, whatever else it holds.
	if json.Unmarshal(body, v) != nil || namesError(body) || !exact(body) {
		return a, c.unusable(r, a, KindMissingObject)
	}
	texts, found := content()
	if r.redactor().echoed(texts...) {
		return a, c.unusable(r, a, KindEcho)
	}
	if !found {
		return a, c.unusable(r, a, KindMissingObject)
	}
	return a, nil
}

// namesError reports whether an object says that something failed, whatever else it
// holds.
func namesError(body []byte) bool {
	var object struct {
		Error  json.RawMessage `json:"error"`
		Errors json.RawMessage `json:"errors"`
	}
	if json.Unmarshal(body, &object) != nil {
		return true
	}
	failed := len(object.Error) > 0 && string(object.Error) != "null"
	return failed || !slices.Contains([]string{"", "null", "[]"}, string(object.Errors))
}

// unusable is a 200 that does not hold what was asked for.
func (c *Client) unusable(r *call, a *answer, kind Kind) *Error {
	e := c.statusError(r, a)
	e.Kind, e.Body = kind, ErrorBody{Form: e.Body.Form}
	return e
}

// notAccounts are names below pagerduty.com that are no account's.
var notAccounts = []string{"api", "app", "eu", "events", "identity", "www"}

// AccountOf reads an account's subdomain and service region from a user's html_url:
// https://acme.pagerduty.com/users/P1 or https://acme.eu.pagerduty.com/users/P1,
// where ".eu" is the region and not part of the subdomain [D]. Both are lower case,
// and "" for anything else.
func AccountOf(htmlURL string) (subdomain, region string) {
	u, err := url.Parse(htmlURL)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" {
		return "", ""
	}
	label, ok := strings.CutSuffix(strings.ToLower(u.Host), ".pagerduty.com")
	// The Kelvin sign is no k, but its lower case is.
	if !ok || strings.ContainsFunc(u.Host, func(r rune) bool { return r > unicode.MaxASCII }) {
		return "", ""
	}
	region = "us"
	if inEU, ok := strings.CutSuffix(label, ".eu"); ok {
		label, region = inEU, "eu"
	}
	if !ValidSubdomain(label) || slices.Contains(notAccounts, label) {
		return "", ""
	}
	return label, region
}

// ValidSubdomain reports whether s can be an account's subdomain: one DNS label of
// letters, digits and inner hyphens.
func ValidSubdomain(s string) bool {
	return s != "" && len(s) <= 63 && strings.Trim(s, "-") == s && !strings.ContainsFunc(s, notIn("-"))
}
