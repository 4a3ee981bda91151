package pdfake_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/PagerDuty/go-pagerduty"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

type object = map[string]any

const (
	since = "2026-01-01T00:00:00Z"
	until = "2026-01-02T00:00:00Z"
)

// oneDay is a preview's body with one layer, changed by whoever asks.
func oneDay(user string, change ...func(schedule, layer object)) object {
	layer := object{
		"start": since, "rotation_virtual_start": since, "rotation_turn_length_seconds": 86400,
		"users": []object{{"user": object{"id": user, "type": "user_reference"}}},
	}
	schedule := object{"type": "schedule", "time_zone": "Etc/UTC", "schedule_layers": []object{layer}}
	for _, c := range change {
		c(schedule, layer)
	}
	return object{"schedule": schedule}
}

// roles is the account "acme" with a user and a user API token per role, named like it.
func roles() []pdfake.Option {
	opts := seed(pdfake.WithAccount(pdfake.Account{Subdomain: "other"}),
		pdfake.WithUser(pdfake.User{Account: "other", ID: "POTHER1", Name: "Other"}))
	for _, role := range []string{
		"owner", "admin", "user", "limited_user", "observer", "restricted_access", "read_only_user",
		"read_only_limited_user",
	} {
		opts = append(opts,
			pdfake.WithUser(pdfake.User{Account: "acme", ID: role, Name: role, Role: role}),
			pdfake.WithAPIToken(pdfake.APIToken{Token: role, User: role}))
	}
	return opts
}

func preview(t *testing.T, s *pdfake.Server, authorization, query string, body any) *reply {
	t.Helper()
	text, ok := body.(string)
	if !ok {
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		text = string(b)
	}
	req := newRequest(t, http.MethodPost, s.URL()+"/schedules/preview?"+query, authorization)
	req.Body = io.NopCloser(strings.NewReader(text))
	return do(t, newClient(t, s), req)
}

func day() string { return url.Values{"since": {since}, "until": {until}}.Encode() }

func TestPreview_whoMay(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, append(roles(),
		pdfake.WithUserOAuthToken(pdfake.UserOAuthToken{
			Token: "pdus+read", User: "admin", Scopes: []string{"schedules.read", "users.read"},
		}),
		pdfake.WithUserOAuthToken(pdfake.UserOAuthToken{
			Token: "pdus+write", User: "admin", Scopes: []string{"schedules.write"},
		}))...)
	for auth, want := range map[string]int{
		"Token token=" + accountToken:        200,
		"Token token=" + readOnlyToken:       403,
		"Token token=" + revokedToken:        401,
		"Token token=owner":                  200,
		"Token token=admin":                  200,
		"Token token=user":                   200,
		"Token token=limited_user":           403,
		"Token token=observer":               403,
		"Token token=restricted_access":      403,
		"Token token=read_only_user":         403,
		"Token token=read_only_limited_user": 403,
		"Bearer pdus+write":                  200,
		"Bearer pdus+read":                   403,
	} {
		r := preview(t, s, auth, day(), oneDay("PALICE1"))
		wantStatus(t, r, want)
		switch {
		case want == http.StatusOK:
			final := r.object(t)["schedule"].(object)["final_schedule"].(object)
			entry := final["rendered_schedule_entries"].([]any)[0].(object)
			if entry["start"] != since || entry["end"] != until || entry["user"].(object)["id"] != "PALICE1" {
				t.Errorf("entry is %v", entry)
			}
		case auth == "Bearer pdus+read":
			e := r.object(t)["error"].(object)
			if e["required_scopes"] != "schedules.write" || e["token_scopes"] != "schedules.read users.read" {
				t.Errorf("error is %v", e)
			}
		case want == http.StatusForbidden && r.text != `{"error":{"message":"Access Denied","code":2010}}`:
			t.Errorf("body is %s", r.text)
		}
	}
}

func TestPreview_badRequests(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, roles()...)
	change := func(in, key string, value any) object {
		return oneDay("PALICE1", func(schedule, layer object) {
			maps.Copy(map[string]object{"schedule": schedule, "layer": layer}[in], object{key: value})
		})
	}
	for name, tc := range map[string]struct {
		query string
		body  any
	}{
		"no times":        {query: "", body: oneDay("PALICE1")},
		"no since":        {query: "until=" + until, body: oneDay("PALICE1")},
		"no until":        {query: "since=" + since, body: oneDay("PALICE1")},
		"no ISO 8601":     {query: "since=yesterday&until=" + until, body: oneDay("PALICE1")},
		"other way round": {query: "since=" + until + "&until=" + since, body: oneDay("PALICE1")},
		"no time at all":  {query: "since=" + since + "&until=" + since, body: oneDay("PALICE1")},
		"no body":         {query: day(), body: ""},
		"no JSON":         {query: day(), body: "schedule=x"},
		"no schedule":     {query: day(), body: object{"name": "x"}},
		"array":           {query: day(), body: `{"schedule":[]}`},
		"no time zone":    {query: day(), body: change("schedule", "time_zone", "")},
		"time zone":       {query: day(), body: change("schedule", "time_zone", "Mars/Olympus")},
		"no layer":        {query: day(), body: change("schedule", "schedule_layers", []object{})},
		"no start":        {query: day(), body: change("layer", "start", "")},
		"virtual start":   {query: day(), body: change("layer", "rotation_virtual_start", nil)},
		"no turn":         {query: day(), body: change("layer", "rotation_turn_length_seconds", 0)},
		"long turn":       {query: day(), body: change("layer", "rotation_turn_length_seconds", int64(1<<40))},
		"no users":        {query: day(), body: change("layer", "users", []object{})},
		"unknown user":    {query: day(), body: oneDay("PNOBODY")},
		"another account": {query: day(), body: oneDay("POTHER1")},
		"deactivated":     {query: day(), body: oneDay("PGONE01")},
		"stakeholder":     {query: day(), body: oneDay("read_only_user")},
		"limited":         {query: day(), body: oneDay("read_only_limited_user")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := preview(t, s, "Token token="+accountToken, tc.query, tc.body)
			wantStatus(t, r, http.StatusBadRequest)
			if e := r.object(t)["error"].(object); e["code"] != 2001.0 || len(e["errors"].([]any)) != 1 {
				t.Errorf("error is %v", e)
			}
		})
	}
	// A read-only token is refused before its body is looked at [?].
	wantStatus(t, preview(t, s, "Token token="+readOnlyToken, "", ""), http.StatusForbidden)
}

func TestPreview_timesAndTurns(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, roles()...)
	body := oneDay("PALICE1", func(_, layer object) {
		layer["rotation_turn_length_seconds"] = 12 * 60 * 60
		layer["users"] = []object{{"user": object{"id": "PALICE1"}}, {"user": object{"id": "admin"}}}
	})
	for _, q := range []url.Values{
		{"since": {"2026-01-01"}, "until": {"2026-01-02"}},
		{"since": {"2026-01-01T00:00"}, "until": {"2026-01-02T00:00:00"}},
		{"since": {"2026-01-01T00:00Z"}, "until": {"2026-01-02T01:00:00+01:00"}},
	} {
		r := preview(t, s, "Token token="+accountToken, q.Encode(), body)
		wantStatus(t, r, http.StatusOK)
		entries := r.object(t)["schedule"].(object)["final_schedule"].(object)["rendered_schedule_entries"].([]any)
		if len(entries) != 2 || entries[1].(object)["user"].(object)["id"] != "admin" {
			t.Errorf("%v: %v", q, entries)
		}
	}
	r := preview(t, s, "Token token="+accountToken, day(), oneDay("PALICE1", func(_, layer object) {
		layer["rotation_turn_length_seconds"] = 1
	}))
	wantStatus(t, r, http.StatusOK)
	if len(r.text) > 1<<16 {
		t.Errorf("%d bytes for turns of a second", len(r.text))
	}
}

// TestPreview_storesNothing compares all that can be read before and after.
func TestPreview_storesNothing(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, append(roles(), pdfake.WithUnknownRoutes())...)
	read := func() (all []any) {
		for _, path := range []string{"/users?limit=100", "/abilities", "/schedules", "/schedules/preview"} {
			r := get(t, s, path, "Token token="+accountToken)
			all = append(all, r.StatusCode, r.text)
		}
		return all
	}
	before := read()
	for range 3 {
		wantStatus(t, preview(t, s, "Token token="+accountToken, day(), oneDay("PALICE1")), http.StatusOK)
	}
	if after := read(); !reflect.DeepEqual(before, after) {
		t.Error("something changed")
	}
	last := s.Requests()[len(before)/2]
	if last.Method != http.MethodPost || !strings.Contains(last.Body, "rotation_virtual_start") {
		t.Error("the journal does not have the body")
	}
}

func TestPreview_faults(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, append(roles(), pdfake.WithFaults(
		pdfake.Fault{Path: "/schedules/preview", Behaviour: pdfake.RateLimited(3)}))...)
	wantStatus(t, preview(t, s, "Token token="+accountToken, day(), oneDay("PALICE1")), http.StatusTooManyRequests)
}

func TestOfficialClient_preview(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, roles()...)
	schedule := pagerduty.Schedule{
		APIObject: pagerduty.APIObject{Type: "schedule"}, Name: "Preview", TimeZone: "Europe/Berlin",
		ScheduleLayers: []pagerduty.ScheduleLayer{{
			Start: since, RotationVirtualStart: since, RotationTurnLengthSeconds: 3600,
			Users: []pagerduty.UserReference{{User: pagerduty.APIObject{ID: "PALICE1", Type: "user_reference"}}},
		}},
	}
	opts := pagerduty.PreviewScheduleOptions{Since: since, Until: until}
	full := officialClient(t, s, s.URL(), accountToken)
	if err := full.PreviewScheduleWithContext(t.Context(), schedule, opts); err != nil {
		t.Error(err)
	}
	readOnly := officialClient(t, s, s.URL(), readOnlyToken)
	wantAPIError(t, readOnly.PreviewScheduleWithContext(t.Context(), schedule, opts), http.StatusForbidden)
	schedule.ScheduleLayers = nil
	wantAPIError(t, full.PreviewScheduleWithContext(t.Context(), schedule, opts), http.StatusBadRequest)
}
