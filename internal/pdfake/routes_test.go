package pdfake_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/PagerDuty/go-pagerduty"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

func send(t *testing.T, s *pdfake.Server, method, path, authorization, body string) *reply {
	t.Helper()
	req := newRequest(t, method, s.URL()+path, authorization)
	req.Body = io.NopCloser(strings.NewReader(body))
	return do(t, newClient(t, s), req)
}

// names of what a list holds.
func names(t *testing.T, r *reply, key string) []string {
	t.Helper()
	wantStatus(t, r, http.StatusOK)
	var out []string
	for _, item := range r.object(t)[key].([]any) {
		out = append(out, item.(object)["name"].(string))
	}
	return out
}

func TestTeams(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed(
		pdfake.WithAccount(pdfake.Account{Subdomain: "other"}),
		pdfake.WithUser(pdfake.User{
			Account: "acme", ID: "PBOB001",
			Teams: []pdfake.Team{{ID: "PTEAM01", Name: "Ops"}, {ID: "PTEAM02", Name: "Platform"}},
		}),
		pdfake.WithUser(pdfake.User{
			Account: "other", ID: "POTHER1", Teams: []pdfake.Team{{ID: "PTEAM03", Name: "Others"}},
		}))...)
	auth := "Token token=" + accountToken
	if got := names(t, get(t, s, "/teams", auth), "teams"); !slices.Equal(got, []string{"Ops", "Platform"}) {
		t.Errorf("teams are %q", got)
	}
	r := send(t, s, http.MethodPost, "/teams", auth, `{"team":{"type":"team","name":"New Ops"}}`)
	wantStatus(t, r, http.StatusCreated)
	team := r.object(t)["team"].(object)
	id, _ := team["id"].(string)
	if len(id) != 14 || team["type"] != "team" || team["summary"] != "New Ops" || team["description"] != nil {
		t.Errorf("created %v", team)
	}
	if got := names(t, get(t, s, "/teams?query=OPS", auth), "teams"); !slices.Equal(got, []string{"Ops", "New Ops"}) {
		t.Errorf("found %q", got)
	}
	wantStatus(t, get(t, s, "/teams/"+id, auth), http.StatusOK)
	wantStatus(t, get(t, s, "/teams/PTEAM03", auth), http.StatusNotFound) // another account's
	for _, body := range []string{"", "{}", `{"team":{}}`, `{"team":{"name":"ops"}}`, `{"team":{"name":1}}`} {
		wantStatus(t, send(t, s, http.MethodPost, "/teams", auth, body), http.StatusBadRequest)
	}
	wantStatus(t, send(t, s, http.MethodDelete, "/teams/PTEAM03", auth, ""), http.StatusNotFound)
	wantStatus(t, send(t, s, http.MethodDelete, "/teams/PTEAM01", auth, ""), http.StatusNoContent)
	wantStatus(t, get(t, s, "/teams/PTEAM01", auth), http.StatusNotFound)
	user := get(t, s, "/users/PALICE1", auth).object(t)["user"].(object)
	if teams := user["teams"].([]any); len(teams) != 0 {
		t.Errorf("a user is in a deleted team: %v", teams)
	}
}

func TestTeams_whoMay(t *testing.T) {
	t.Parallel()
	token := func(scope string) pdfake.Option {
		return pdfake.WithUserOAuthToken(pdfake.UserOAuthToken{Token: scope, User: "admin", Scopes: []string{scope}})
	}
	s := pdfake.Start(t, append(roles(), token("users.read"), token("teams.read"), token("teams.write"))...)
	for _, tc := range []struct {
		auth                string
		list, write, remove int
	}{
		{auth: "Token token=" + readOnlyToken, list: 200, write: 403, remove: 403},
		{auth: "Token token=observer", list: 200, write: 403, remove: 403},
		{auth: "Token token=user", list: 200, write: 201, remove: 204},
		{auth: "Bearer users.read", list: 403, write: 403, remove: 403},
		{auth: "Bearer teams.read", list: 200, write: 403, remove: 403},
		{auth: "Bearer teams.write", list: 403, write: 201, remove: 404},
	} {
		wantStatus(t, get(t, s, "/teams", tc.auth), tc.list)
		body := fmt.Sprintf(`{"team":{"name":%q}}`, tc.auth)
		wantStatus(t, send(t, s, http.MethodPost, "/teams", tc.auth, body), tc.write)
		wantStatus(t, send(t, s, http.MethodDelete, "/teams/PTEAM01", tc.auth, ""), tc.remove)
	}
}

func TestReadOnlyToken_methods(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed()...)
	for _, method := range []string{
		http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
	} {
		for _, path := range []string{"/users", "/users/PALICE1", "/teams/PTEAM01", "/services", "/schedules/preview"} {
			r := send(t, s, method, path, "Token token="+readOnlyToken, "")
			wantStatus(t, r, http.StatusForbidden)
			if r.text != `{"error":{"message":"Access Denied","code":2010}}` {
				t.Errorf("%s %s: %s", method, path, r.text)
			}
		}
	}
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		wantStatus(t, send(t, s, method, "/users", "Token token="+readOnlyToken, ""), http.StatusOK)
	}
}

func TestUsers_query(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, roles()...)
	for query, want := range map[string][]string{
		"ALICE":             {"Alice"},
		"alice@example.com": {"Alice"},
		"read_only":         {"read_only_user", "read_only_limited_user"},
		"gone":              nil, // deactivated
		"other":             nil, // of another account
	} {
		got := names(t, get(t, s, "/users?query="+query, "Token token="+accountToken), "users")
		if !slices.Equal(got, want) {
			t.Errorf("%q finds %q", query, got)
		}
	}
}

func TestUser_byID(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, roles()...)
	user := get(t, s, "/users/PALICE1", "Token token="+accountToken).object(t)["user"].(object)
	if user["email"] != "alice@example.com" || user["subdomains"] != nil || user["coordinated_incidents"] != nil {
		t.Errorf("user is %v", user["id"])
	}
	for _, id := range []string{"PNOBODY", "PGONE01", "POTHER1"} {
		wantStatus(t, get(t, s, "/users/"+id, "Token token="+accountToken), http.StatusNotFound)
	}
	user = get(t, s, "/users/me?include[]=subdomains", "Token token="+userToken).object(t)["user"].(object)
	if fmt.Sprint(user["subdomains"]) != "[acme]" {
		t.Errorf("subdomains are %v", user["subdomains"])
	}
}

func TestLists_bounds(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed()...)
	for query, want := range map[string]int{
		"limit=1&offset=9999":                 200,
		"limit=100&offset=9900":               200,
		"limit=1000&offset=9900":              200, // a limit is 100 at most
		"limit=2&offset=9999":                 400,
		"offset=9976":                         400, // the limit is 25
		"limit=1&offset=10000":                400,
		"limit=1&offset=9223372036854775807":  400,
		"limit=1&offset=-1":                   200,
		"limit=1&offset=99999999999999999999": 400, // larger than any int
		"limit=x&offset=y":                    200, // no numbers
	} {
		for _, path := range []string{"/users", "/teams"} {
			r := get(t, s, path+"?"+query, "Token token="+accountToken)
			wantStatus(t, r, want)
			if want == 400 && r.object(t)["error"].(object)["code"] != 2001.0 {
				t.Errorf("%s: %s", query, r.text)
			}
		}
	}
}

func TestHead(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed()...)
	for path, want := range map[string]int{
		"/users?limit=1": 200, "/users/me": 400, "/abilities/sso": 204, "/teams/x": 404,
	} {
		r := send(t, s, http.MethodHead, path, "Token token="+accountToken, "")
		wantStatus(t, r, want)
		if r.text != "" || r.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s: %q", path, r.text)
		}
	}
}

func TestCalendarURLs(t *testing.T) {
	t.Parallel()
	usual := pdfake.Start(t, seed()...)
	everywhere := pdfake.Start(t, seed(pdfake.WithCalendarURLsEverywhere())...)
	for _, tc := range []struct {
		path, token string
		want        bool
	}{
		{path: "/users/me", token: userToken, want: true},
		{path: "/users/PALICE1", token: accountToken, want: true},
		{path: "/users/PALICE1", token: readOnlyToken},
		{path: "/users", token: userToken},
		{path: "/users?include[]=calendar_urls", token: accountToken},
		{path: "/users", token: readOnlyToken},
	} {
		for _, s := range []*pdfake.Server{usual, everywhere} {
			r := get(t, s, tc.path, "Token token="+tc.token)
			wantStatus(t, r, http.StatusOK)
			for _, part := range []string{`"http_cal_url"`, `"web_cal_url"`, pdfake.CalendarSecret} {
				if got := strings.Contains(r.text, part); got != (tc.want || s == everywhere) {
					t.Errorf("%s: %s is there: %t", tc.path, part, got)
				}
			}
		}
	}
}

func TestOfficialClient_teamsAndUsers(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, roles()...)
	ctx := t.Context()
	c := officialClient(t, s, s.URL(), accountToken)
	created, err := c.CreateTeamWithContext(ctx, &pagerduty.Team{Name: "Platform", Description: "Runs it"})
	if err != nil || created.ID == "" || created.Description != "Runs it" {
		t.Fatalf("created %v, %v", created, err)
	}
	teams, err := c.ListTeamsWithContext(ctx, pagerduty.ListTeamOptions{Query: "plat"})
	if err != nil || len(teams.Teams) != 1 || teams.Teams[0].ID != created.ID {
		t.Fatalf("found %v, %v", teams, err)
	}
	if got, err := c.GetTeamWithContext(ctx, created.ID); err != nil || got.Name != "Platform" {
		t.Errorf("got %v, %v", got, err)
	}
	users, err := c.ListUsersWithContext(ctx, pagerduty.ListUsersOptions{Query: "alice@example.com"})
	if err != nil || len(users.Users) != 1 || users.Users[0].ID != "PALICE1" {
		t.Errorf("found %d users, %v", len(users.Users), err)
	}
	if u, err := c.GetUserWithContext(ctx, "PALICE1", pagerduty.GetUserOptions{}); err != nil || u.Name != "Alice" {
		t.Errorf("got %v", err)
	}
	readOnly := officialClient(t, s, s.URL(), readOnlyToken)
	wantAPIError(t, readOnly.DeleteTeamWithContext(ctx, created.ID), http.StatusForbidden)
	if err := c.DeleteTeamWithContext(ctx, created.ID); err != nil {
		t.Error(err)
	}
	_, err = c.GetTeamWithContext(ctx, created.ID)
	wantAPIError(t, err, http.StatusNotFound)
}
