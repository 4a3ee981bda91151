package pagerduty

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// acceptV2 pins the API's version; without it the version depends on the key [D].
const acceptV2 = "application/vnd.pagerduty+json;version=2"

// Text is a string that another JSON type than a string leaves empty: field
// types have differed from the documentation before [S], and one odd field must
// not turn a good key into a bad one.
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

// Team is a team a user belongs to.
type Team struct {
	ID   Text `json:"id"`
	Name Text `json:"name"`
	// Summary stands for the name in references [D].
	Summary Text `json:"summary"`
}

// Teams is a list that another JSON type leaves empty, as with Text.
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

// Identity is what GET /users/me tells of a credential.
type Identity struct {
	// User is nil for a key of the account, which belongs to no user.
	User *User
	// RequestID is PagerDuty's x-request-id.
	RequestID string
	// Status is the HTTP status: 200 for a user, 400 for an account key.
	Status int
}

// CurrentUser asks GET /users/me whose credential this is. An account key's
// 400, recognised by its text [D], is an Identity without a User; any other 400
// proves nothing and is an *Error of KindStatus.
func (c *Client) CurrentUser(ctx context.Context, auth Authorization) (Identity, error) {
	var body struct {
		User *User `json:"user"`
	}
	r := call{auth: auth, method: http.MethodGet, path: "/users/me", accept: acceptV2}
	a, err := c.ask(ctx, r, &body)
	if err != nil {
		if err.Kind == KindStatus && err.Status == http.StatusBadRequest && isAccountKey(a.body) {
			return Identity{RequestID: err.RequestID, Status: err.Status}, nil
		}
		return Identity{}, err
	}
	if body.User == nil || body.User.ID == "" {
		return Identity{}, c.unusable(r, a, KindMissingObject)
	}
	return Identity{User: body.User, RequestID: a.requestID, Status: a.status}, nil
}

// isAccountKey tells whether a 400 of /users/me says that the key is the
// account's: {"error": "Because this request was made using an account-level
// access token, ..."} [D].
func isAccountKey(body []byte) bool {
	var e struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(body, &e) != nil {
		return false
	}
	var text Text
	_ = text.UnmarshalJSON(e.Error)
	if text == "" {
		var object struct {
			Message Text `json:"message"`
		}
		if json.Unmarshal(e.Error, &object) != nil {
			return false
		}
		text = object.Message
	}
	return strings.Contains(strings.ToLower(string(text)), "account-level")
}

// AccountSubdomain asks GET /users?limit=1, which any key may, for the
// subdomain of the account that a credential belongs to. It is "" where the
// answer has no user whose html_url tells it. Nothing of that user is returned.
func (c *Client) AccountSubdomain(ctx context.Context, auth Authorization) (string, error) {
	var body struct {
		Users []struct {
			HTMLURL Text `json:"html_url"`
		} `json:"users"`
	}
	r := call{auth: auth, method: http.MethodGet, path: "/users", query: "limit=1", accept: acceptV2}
	a, err := c.ask(ctx, r, &body)
	if err != nil {
		return "", err
	}
	if body.Users == nil {
		return "", c.unusable(r, a, KindMissingObject)
	}
	for _, u := range body.Users {
		if subdomain := Subdomain(string(u.HTMLURL)); subdomain != "" {
			return subdomain, nil
		}
	}
	return "", nil
}

// Abilities asks GET /abilities for the features of the account, sorted. They
// are not permissions of the key [D].
func (c *Client) Abilities(ctx context.Context, auth Authorization) ([]string, error) {
	var body struct {
		Abilities []Text `json:"abilities"`
	}
	r := call{auth: auth, method: http.MethodGet, path: "/abilities", accept: acceptV2}
	a, err := c.ask(ctx, r, &body)
	if err != nil {
		return nil, err
	}
	if body.Abilities == nil {
		return nil, c.unusable(r, a, KindMissingObject)
	}
	abilities := make([]string, 0, len(body.Abilities))
	for _, name := range body.Abilities {
		if name != "" {
			abilities = append(abilities, string(name))
		}
	}
	slices.Sort(abilities)
	return slices.Compact(abilities), nil
}

// ask does a call and decodes a 200 into v. The answer is returned beside an
// error too, where there was one.
func (c *Client) ask(ctx context.Context, r call, v any) (*answer, *Error) {
	a, err := c.do(ctx, r)
	switch {
	case err != nil:
		return nil, err
	case a.status != http.StatusOK:
		return a, c.statusError(r, a)
	case a.tooLarge:
		return a, c.unusable(r, a, KindTooLarge)
	}
	body := bytes.TrimSpace(a.body)
	if len(body) == 0 || body[0] != '{' || !json.Valid(body) {
		return a, c.unusable(r, a, KindNotJSON)
	}
	if json.Unmarshal(body, v) != nil {
		return a, c.unusable(r, a, KindMissingObject)
	}
	// What was decoded goes to state and to the screen, so it is what must not
	// repeat the credential; the rest of the body is dropped here.
	if decoded, err := json.Marshal(v); err != nil || holds(decoded, r.secrets()) {
		return a, c.unusable(r, a, KindEcho)
	}
	return a, nil
}

// holds is for decoded values that a person chose (names, titles): only a whole
// secret counts, a chance likeness of a few characters does not.
func holds(decoded []byte, secrets []string) bool {
	return slices.ContainsFunc(secrets, func(s string) bool { return len(s) >= leakLength && bytes.Contains(decoded, []byte(s)) })
}

// unusable is a 200 that does not hold what was asked for.
func (c *Client) unusable(r call, a *answer, kind Kind) *Error {
	e := c.statusError(r, a)
	e.Kind, e.Body = kind, ErrorBody{Form: e.Body.Form}
	return e
}

// notAccounts are names below pagerduty.com that are no account's.
var notAccounts = []string{"api", "app", "eu", "events", "identity", "www"}

// Subdomain reads an account's subdomain from a user's html_url:
// https://acme.pagerduty.com/users/P1 or https://acme.eu.pagerduty.com/users/P1,
// where ".eu" is the region and not part of it [D]. It is lower case, and "" for
// anything else.
func Subdomain(htmlURL string) string {
	u, err := url.Parse(htmlURL)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" {
		return ""
	}
	label, ok := strings.CutSuffix(strings.ToLower(u.Host), ".pagerduty.com")
	if !ok {
		return ""
	}
	label = strings.TrimSuffix(label, ".eu")
	if !ValidSubdomain(label) || slices.Contains(notAccounts, label) {
		return ""
	}
	return label
}

// ValidSubdomain tells whether s can be an account's subdomain: one DNS label
// of letters, digits and inner hyphens.
func ValidSubdomain(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
	}) < 0
}
