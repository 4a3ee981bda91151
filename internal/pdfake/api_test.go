package pdfake_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/PagerDuty/go-pagerduty"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// PagerDuty's own client decodes a user, a list and an error of the emulator.
func TestOfficialClient(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed()...)
	client := func(token string) *pagerduty.Client {
		c := pagerduty.NewClient(token, pagerduty.WithAPIEndpoint(s.URL()))
		c.HTTPClient = newClient(t, s)
		return c
	}
	u, err := client(aliceToken).GetCurrentUserWithContext(t.Context(), pagerduty.GetCurrentUserOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if u.ID != "PALICE1" || u.Name != "Alice" || u.Email != "alice@example.com" || u.Role != "admin" ||
		u.HTMLURL != "https://acme.pagerduty.com/users/PALICE1" || len(u.Teams) != 1 || u.Teams[0].ID != "PTEAM01" {
		t.Errorf("user %+v", u)
	}
	list, err := client(accountToken).ListUsersWithContext(t.Context(), pagerduty.ListUsersOptions{Limit: 1})
	if err != nil || len(list.Users) != 1 || list.Users[0].ID != "PALICE1" || !list.More || list.Limit != 1 {
		t.Errorf("list %+v, %v", list, err)
	}
	var apiError pagerduty.APIError
	readOnly := client(readOnlyToken)
	err = readOnly.PreviewScheduleWithContext(t.Context(), pagerduty.Schedule{}, pagerduty.PreviewScheduleOptions{})
	if !errors.As(err, &apiError) || apiError.StatusCode != http.StatusForbidden ||
		apiError.APIError.ErrorObject.Code != 2010 {
		t.Errorf("error %v", err)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed(
		pdfake.WithAccount(pdfake.Account{Subdomain: "unpaid", State: pdfake.StateExpired}),
		pdfake.WithAccount(pdfake.Account{Subdomain: "lapsed", State: pdfake.StateLicenseExpired}),
		pdfake.WithAPIToken(pdfake.APIToken{Token: "unpaid", Kind: pdfake.AccountToken, Account: "unpaid"}),
		pdfake.WithAPIToken(pdfake.APIToken{Token: "lapsed", Kind: pdfake.AccountToken, Account: "lapsed"}),
	)...)
	for name, tc := range map[string]struct {
		region, header string
		status         int
	}{
		"user":                {"us", "Token token=" + aliceToken, 200},
		"account":             {"us", "Token token=" + accountToken, 400},
		"no header":           {"us", "", 401},
		"doubled prefix":      {"us", "Token token=Token token=" + aliceToken, 401},
		"quoted":              {"us", `Token token="` + aliceToken + `"`, 401},
		"API token as Bearer": {"us", "Bearer " + aliceToken, 401},
		"unknown":             {"us", "Token token=nosuchkey", 401},
		"revoked":             {"us", "Token token=" + revokedToken, 401},
		"deactivated user":    {"us", "Token token=" + goneToken, 401},
		"OAuth token":         {"us", "Bearer " + oauthToken, 200},
		"OAuth as API token":  {"us", "Token token=" + oauthToken, 401},
		"EU":                  {"eu", "Token token=" + euToken, 200},
		"EU at the US host":   {"us", "Token token=" + euToken, 401},
		"account expired":     {"us", "Token token=unpaid", 402},
		"license expired":     {"us", "Token token=lapsed", 401},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := send(t, newClient(t, s), http.MethodGet, s.RegionURL(tc.region)+"/users/me", tc.header, "")
			if err != nil || r.StatusCode != tc.status || r.Proto != "HTTP/1.1" {
				t.Fatalf("%+v, %v, want %d", r, err, tc.status)
			}
			if id := r.Header.Get("X-Request-Id"); !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(id) {
				t.Errorf("x-request-id %q", id)
			}
			if (r.text == "") != (tc.status == 401) {
				t.Errorf("body %q", r.text)
			}
			const because = `{"error":"Because this request was made using an account-level`
			if tc.status == 400 && !strings.HasPrefix(r.text, because) {
				t.Errorf("body %q", r.text)
			}
		})
	}
}

func TestUser(t *testing.T) {
	t.Parallel()
	for _, everywhere := range []bool{false, true} {
		options := seed(pdfake.WithPathPrefix("pd/v2/"), pdfake.WithUser(pdfake.User{
			Account: "acme", ID: "PX", Extra: map[string]any{"html_url": nil},
		}), pdfake.WithAPIToken(pdfake.APIToken{Token: "x", User: "PX"}))
		if everywhere {
			options = append(options, pdfake.WithCalendarURLsEverywhere())
		}
		s := pdfake.Start(t, options...)
		user, _ := get(t, s, "/users/me", "x", 200)["user"].(map[string]any)
		if page, there := user["html_url"]; !there || page != nil || !strings.HasSuffix(s.URL(), "/pd/v2") {
			t.Errorf("%s: user %v", s.URL(), user)
		}
		// The calendar addresses are bearer credentials.
		if !strings.Contains(fmt.Sprint(user["http_cal_url"], user["web_cal_url"]), pdfake.CalendarSecret) {
			t.Errorf("user %v", user)
		}
		list := fmt.Sprint(get(t, s, "/users?limit=100", accountToken, 200))
		if strings.Contains(list, pdfake.CalendarSecret) != everywhere || strings.Contains(list, "PGONE01") {
			t.Errorf("list %v", list)
		}
	}
}

func TestPreview(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed()...)
	body := func(user string) string {
		return fmt.Sprintf(`{"schedule":{"time_zone":"Etc/UTC","schedule_layers":[{"users":[{"user":{"id":%q}}]}]}}`, user)
	}
	const day = "?since=2026-01-01T00:00:00Z&until=2026-01-02T00:00:00Z"
	for name, tc := range map[string]struct {
		token, query, body string
		status             int
	}{
		"account token":   {accountToken, day, body("PALICE1"), 200},
		"admin":           {aliceToken, day, body("PALICE1"), 200},
		"read-only token": {readOnlyToken, day, body("PALICE1"), 403},
		"observer":        {observerToken, day, body("PALICE1"), 403},
		"revoked token":   {revokedToken, day, body("PALICE1"), 401},
		"stakeholder":     {accountToken, day, body("PSTAKE1"), 400},
		"unknown user":    {accountToken, day, body("PNOSUCH"), 400},
		"no times":        {accountToken, "", body("PALICE1"), 400},
		"no layer":        {accountToken, day, `{"schedule":{"time_zone":"Etc/UTC"}}`, 400},
		"not JSON":        {accountToken, day, "{", 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := s.URL() + "/schedules/preview" + tc.query
			got := want(t, newClient(t, s), http.MethodPost, target, "Token token="+tc.token, tc.body, tc.status)
			schedule, _ := got["schedule"].(map[string]any)
			final, _ := schedule["final_schedule"].(map[string]any)
			computed := final["rendered_schedule_entries"] != nil && final["rendered_coverage_percentage"] == 100.0
			if computed != (tc.status == 200) {
				t.Errorf("response %v", got)
			}
		})
	}
}

// An app is granted the scopes that it was registered with and no others, and the API enforces them.
func TestOAuth(t *testing.T) {
	t.Parallel()
	app := pdfake.OAuthClient{ID: "app", Secret: "secret", Account: "acme", Scopes: []string{"users.read", "teams.read"}}
	strict := app
	strict.ID, strict.RejectUnknownScopes = "strict", true
	s := pdfake.Start(t, seed(pdfake.WithOAuthClient(app), pdfake.WithOAuthClient(strict))...)
	c := newClient(t, s)
	for name, tc := range map[string]struct {
		id, secret, scope string
		status            int
		granted           string
	}{
		"granted": {"app", "secret", "as_account-us.acme users.read", 200, "as_account-us.acme users.read"},
		"not all": {
			"app", "secret", "as_account-us.acme users.read incidents.read", 200, "as_account-us.acme users.read",
		},
		"none":          {"app", "secret", "as_account-us.acme incidents.read", 200, "as_account-us.acme"},
		"strict":        {"strict", "secret", "as_account-us.acme users.read incidents.read", 400, "invalid_scope"},
		"other account": {"app", "secret", "as_account-us.euro users.read", 400, "invalid_scope"},
		"other region":  {"app", "secret", "as_account-eu.acme users.read", 400, "invalid_scope"},
		"no account":    {"app", "secret", "users.read", 400, "invalid_scope"},
		"wrong secret":  {"app", "wrong", "as_account-us.acme", 401, "invalid_client"},
		"unknown app":   {"nosuch", "secret", "as_account-us.acme", 401, "invalid_client"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := want(t, c, http.MethodPost, s.IdentityURL()+"/oauth/token", "", url.Values{
				"grant_type": {"client_credentials"}, "client_id": {tc.id}, "client_secret": {tc.secret}, "scope": {tc.scope},
			}.Encode(), tc.status)
			if tc.status != 200 {
				if got["error"] != tc.granted {
					t.Errorf("response %v", got)
				}
				return
			}
			token := fmt.Sprint(got["access_token"])
			if got["scope"] != tc.granted || got["token_type"] != "bearer" || !strings.HasPrefix(token, "pdus+") {
				t.Errorf("response %v", got)
			}
			if strings.Contains(tc.granted, "users.read") {
				want(t, c, http.MethodGet, s.URL()+"/users?limit=1", "Bearer "+token, "", 200)
				return
			}
			refused := want(t, c, http.MethodGet, s.URL()+"/users?limit=1", "Bearer "+token, "", 403)
			e, _ := refused["error"].(map[string]any)
			if e["required_scopes"] != "users.read" || e["token_scopes"] != tc.granted || e["code"] != 2010.0 {
				t.Errorf("response %v", refused)
			}
		})
	}
}
