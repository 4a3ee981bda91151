package pdfake_test

import (
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

func TestUsersMe_userKey(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed()...)
	r := get(t, s, "/users/me", "Token token="+userToken)
	wantStatus(t, r, http.StatusOK)
	if r.ProtoMajor != 2 {
		t.Errorf("proto %s, want HTTP/2", r.Proto)
	}
	if id := r.Header.Get("X-Request-Id"); !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(id) {
		t.Errorf("x-request-id %q", id)
	}
	user, ok := r.object(t)["user"].(map[string]any)
	if !ok {
		t.Fatal("no user")
	}
	for key, want := range map[string]any{
		"id": "PALICE1", "type": "user", "summary": "Alice", "name": "Alice", "email": "alice@example.com",
		"role": "admin", "job_title": "SRE", "time_zone": "Europe/Berlin", "description": nil,
		"created_via_sso": false, "invitation_sent": false,
		"self":     "https://api.pagerduty.com/users/PALICE1",
		"html_url": "https://acme.pagerduty.com/users/PALICE1",
	} {
		if got, there := user[key]; !there || got != want {
			t.Errorf("%s is %v, want %v", key, got, want)
		}
	}
	for _, key := range []string{"color", "avatar_url", "contact_methods", "notification_rules"} {
		if user[key] == nil {
			t.Errorf("no %s", key)
		}
	}
	for _, key := range []string{"http_cal_url", "web_cal_url"} {
		if v, _ := user[key].(string); !strings.Contains(v, pdfake.CalendarSecret) {
			t.Errorf("%s has no secret", key)
		}
	}
	team := user["teams"].([]any)[0].(map[string]any)
	if team["type"] != "team_reference" || team["summary"] != "Ops" || team["name"] != nil {
		t.Errorf("team reference is %v", team)
	}
	for key, want := range map[string]string{
		"contact_methods":    "email_contact_method_reference",
		"notification_rules": "assignment_notification_rule_reference",
	} {
		if linked := user[key].([]any)[0].(map[string]any); linked["type"] != want {
			t.Errorf("%s are %v", key, linked)
		}
	}

	r = get(t, s, "/users/me?include[]=teams&include[]=contact_methods&include[]=notification_rules",
		"Token token="+userToken)
	user = r.object(t)["user"].(map[string]any)
	team = user["teams"].([]any)[0].(map[string]any)
	if team["type"] != "team" || team["name"] != "Ops" {
		t.Errorf("whole team is %v", team)
	}
	if cm := user["contact_methods"].([]any)[0].(map[string]any); cm["address"] != "alice@example.com" {
		t.Errorf("whole contact method is %v", cm)
	}
	if rule := user["notification_rules"].([]any)[0].(map[string]any); rule["urgency"] != "high" {
		t.Errorf("whole notification rule is %v", rule)
	}
}

func TestUser_extraAndNulls(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t,
		pdfake.WithAccount(pdfake.Account{Subdomain: "acme"}),
		pdfake.WithUser(pdfake.User{ID: "PX", Name: "X", Extra: map[string]any{
			"html_url": nil, "created_via_sso": "false", "description": []int{1}, "email": pdfake.Omit,
		}}),
		pdfake.WithAPIToken(pdfake.APIToken{Token: userToken, User: "PX"}),
	)
	user := get(t, s, "/users/me", "Token token="+userToken).object(t)["user"].(map[string]any)
	if v, there := user["html_url"]; !there || v != nil {
		t.Errorf("html_url is %v", v)
	}
	if user["created_via_sso"] != "false" || !reflect.DeepEqual(user["description"], []any{1.0}) {
		t.Errorf("extra was not merged: %v", user)
	}
	if _, there := user["email"]; there {
		t.Error("email was not left out")
	}
}

func TestUsersMe_accountKey(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed()...)
	r := get(t, s, "/users/me", "Token token="+accountToken)
	wantStatus(t, r, http.StatusBadRequest)
	want := "Because this request was made using an account-level access token, we were unable to " +
		"determine the user's identity. Please use a user-level token."
	if got := r.object(t)["error"]; got != want {
		t.Errorf("error is %v", got)
	}
}

func TestAuthorization(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed(
		pdfake.WithAccount(pdfake.Account{Subdomain: "unpaid", State: pdfake.StateExpired}),
		pdfake.WithAccount(pdfake.Account{Subdomain: "lapsed", State: pdfake.StateLicenseExpired}),
		pdfake.WithAPIToken(pdfake.APIToken{Token: "unpaid", Kind: pdfake.AccountToken, Account: "unpaid"}),
		pdfake.WithAPIToken(pdfake.APIToken{Token: "lapsed", Kind: pdfake.AccountToken, Account: "lapsed"}),
	)...)
	c := newClient(t, s)
	for name, tc := range map[string]struct {
		region, header string
		want           int
	}{
		"good":                {"us", "Token token=" + userToken, 200},
		"none":                {"us", "", 401},
		"raw":                 {"us", userToken, 401},
		"no token=":           {"us", "Token " + userToken, 401},
		"doubled":             {"us", "Token token=Token token=" + userToken, 401},
		"lower case":          {"us", "token token=" + userToken, 401},
		"quoted":              {"us", `Token token="` + userToken + `"`, 401},
		"token as bearer":     {"us", "Bearer " + userToken, 401},
		"unknown":             {"us", "Token token=nosuchkey", 401},
		"revoked":             {"us", "Token token=" + revokedToken, 401},
		"deactivated user":    {"us", "Token token=" + goneToken, 401},
		"user OAuth":          {"us", "Bearer " + oauthToken, 200},
		"user OAuth as token": {"us", "Token token=" + oauthToken, 401},
		"EU token":            {"eu", "Token token=" + euToken, 200},
		"EU token at US host": {"us", "Token token=" + euToken, 401},
		"US token at EU host": {"eu", "Token token=" + userToken, 401},
		"account expired":     {"us", "Token token=unpaid", 402},
		"license expired":     {"us", "Token token=lapsed", 401},
		"empty after prefix":  {"us", "Token token=", 401},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := do(t, c, newRequest(t, http.MethodGet, s.RegionURL(tc.region)+"/users/me", tc.header))
			wantStatus(t, r, tc.want)
			switch tc.want {
			case 401:
				if r.text != "" || r.Header.Get("Content-Type") != "text/html" {
					t.Errorf("401 is %q with %q", r.Header.Get("Content-Type"), r.text)
				}
			case 402:
				if e := r.object(t)["error"].(map[string]any); e["code"] != 2012.0 {
					t.Errorf("error is %v", e)
				}
			}
		})
	}
	t.Run("two headers", func(t *testing.T) {
		t.Parallel()
		req := newRequest(t, http.MethodGet, s.URL()+"/users/me", "Token token="+userToken)
		req.Header.Add("Authorization", "Token token="+userToken)
		wantStatus(t, do(t, c, req), 401)
	})
	t.Run("revoked now", func(t *testing.T) {
		t.Parallel()
		s.Revoke(secondToken)
		wantStatus(t, get(t, s, "/users/me", "Token token="+secondToken), 401)
	})
	t.Run("accept", func(t *testing.T) {
		t.Parallel()
		req := newRequest(t, http.MethodGet, s.URL()+"/users/me", "Token token="+userToken)
		req.Header.Set("Accept", "application/json")
		r := do(t, c, req)
		wantStatus(t, r, 400)
		if e := r.object(t)["error"].(map[string]any); e["code"] != 2001.0 {
			t.Errorf("error is %v", e)
		}
	})
}

func TestUsers(t *testing.T) {
	t.Parallel()
	opts := seed()
	for _, id := range []string{"PBOB001", "PCAROL1"} {
		opts = append(opts, pdfake.WithUser(pdfake.User{Account: "acme", ID: id, Name: id}))
	}
	opts = append(opts, pdfake.WithAccount(pdfake.Account{Subdomain: "empty"}),
		pdfake.WithAPIToken(pdfake.APIToken{Token: "empty", Kind: pdfake.AccountToken, Account: "empty"}))
	s := pdfake.Start(t, opts...)
	m := get(t, s, "/users?limit=1", "Token token="+accountToken).object(t)
	users := m["users"].([]any)
	if len(users) != 1 || m["limit"] != 1.0 || m["offset"] != 0.0 || m["total"] != nil || m["more"] != true {
		t.Errorf("envelope is %v", m)
	}
	if url := users[0].(map[string]any)["html_url"]; url != "https://acme.pagerduty.com/users/PALICE1" {
		t.Errorf("html_url is %v", url)
	}
	m = get(t, s, "/users?offset=2&total=true", "Token token="+readOnlyToken).object(t)
	if len(m["users"].([]any)) != 1 || m["limit"] != 25.0 || m["total"] != 3.0 || m["more"] != false {
		t.Errorf("last page is %v", m)
	}
	m = get(t, s, "/users?limit=1", "Token token=empty").object(t)
	if len(m["users"].([]any)) != 0 || m["more"] != false {
		t.Errorf("empty account lists %v", m)
	}
	eu := do(t, newClient(t, s), newRequest(t, http.MethodGet, s.RegionURL("eu")+"/users?limit=1",
		"Token token="+euToken)).object(t)["users"].([]any)[0].(map[string]any)
	if eu["html_url"] != "https://euro.eu.pagerduty.com/users/PERIKA1" ||
		eu["self"] != "https://api.eu.pagerduty.com/users/PERIKA1" {
		t.Errorf("EU user is %v, %v", eu["html_url"], eu["self"])
	}
}

func TestAbilities(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed()...)
	m := get(t, s, "/abilities", "Token token="+accountToken).object(t)
	if !reflect.DeepEqual(m, map[string]any{"abilities": []any{"teams", "sso"}}) {
		t.Errorf("abilities are %v", m)
	}
	for name, want := range map[string]int{"sso": 204, "urgencies": 402, "nosuch": 404} {
		wantStatus(t, get(t, s, "/abilities/"+name, "Token token="+userToken), want)
	}
}

func TestReadOnlyToken_write(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed()...)
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
		r := do(t, newClient(t, s), newRequest(t, method, s.URL()+"/teams", "Token token="+readOnlyToken))
		wantStatus(t, r, 403)
		if r.text != `{"error":{"message":"Access Denied","code":2010}}` {
			t.Errorf("body is %s", r.text)
		}
	}
}

func TestStart_strict(t *testing.T) {
	t.Parallel()
	tb := &fakeTB{}
	s := pdfake.Start(tb, seed(pdfake.WithFaults(
		pdfake.Fault{Path: "/abilities", Token: userToken, Behaviour: pdfake.Reset()},
		pdfake.Fault{Path: "/users", Times: 1, Behaviour: pdfake.AnswerJSON(500, "{}")},
		pdfake.Fault{Path: "/x", Listener: "eu", Behaviour: pdfake.Garbage(), Optional: true},
	))...)
	auth := "Token token=" + userToken
	wantStatus(t, get(t, s, "/users", auth), 500)
	r := get(t, s, "/nosuch?secret="+userToken, auth)
	wantStatus(t, r, 404)
	if e := r.object(t)["error"].(map[string]any); e["code"] != 2100.0 {
		t.Errorf("error is %v", e)
	}
	wantStatus(t, do(t, newClient(t, s), newRequest(t, http.MethodPost, s.URL()+"/users", auth)), 404)
	wantStatus(t, do(t, newClient(t, s), newRequest(t, http.MethodGet, s.IdentityURL()+"/x", "")), 404)
	got := tb.end()
	for _, want := range []string{"us: GET /nosuch", "us: POST /users", "identity: GET /x", "Reset on /abilities"} {
		if !strings.Contains(got, want) {
			t.Errorf("no word of %q in:\n%s", want, got)
		}
	}
	if len(tb.failures) != 4 {
		t.Errorf("%d failures:\n%s", len(tb.failures), got)
	}
	if strings.Contains(got, userToken) {
		t.Error("the token is in a failure's text")
	}

	tb = &fakeTB{}
	s = pdfake.Start(tb, seed(pdfake.WithUnknownRoutes())...)
	wantStatus(t, get(t, s, "/nosuch", auth), 404)
	if got := tb.end(); got != "" {
		t.Errorf("failed with %q", got)
	}
}

func TestNew_badSeeds(t *testing.T) {
	t.Parallel()
	acme := pdfake.WithAccount(pdfake.Account{Subdomain: "acme"})
	for name, opts := range map[string][]pdfake.Option{
		"no account":       {pdfake.WithAPIToken(pdfake.APIToken{Token: userToken, Kind: pdfake.AccountToken})},
		"no user":          {acme, pdfake.WithAPIToken(pdfake.APIToken{Token: userToken, User: "PX"})},
		"user token alone": {acme, pdfake.WithAPIToken(pdfake.APIToken{Token: userToken})},
		"no token":         {acme, pdfake.WithAPIToken(pdfake.APIToken{Kind: pdfake.AccountToken})},
		"region":           {pdfake.WithAccount(pdfake.Account{Subdomain: "a", Region: "zz"})},
		"state":            {pdfake.WithAccount(pdfake.Account{Subdomain: "a", State: "zz"})},
		"subdomain":        {pdfake.WithAccount(pdfake.Account{})},
		"twice": {
			acme, pdfake.WithAPIToken(pdfake.APIToken{Token: userToken, Kind: pdfake.AccountToken}),
			pdfake.WithAPIToken(pdfake.APIToken{Token: userToken, Kind: pdfake.AccountToken}),
		},
		"user OAuth without user": {acme, pdfake.WithUserOAuthToken(pdfake.UserOAuthToken{Token: userToken})},
		"OAuth client":            {acme, pdfake.WithOAuthClient(pdfake.OAuthClient{ID: "x", Account: "other"})},
		"fault":                   {pdfake.WithFaults(pdfake.Fault{})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := pdfake.New(opts...)
			if err == nil {
				s.Close()
				t.Fatal("no error")
			}
			if strings.Contains(err.Error(), userToken) {
				t.Error("the token is in the error")
			}
		})
	}
}

// TestClose_underLoad closes a server that many clients ask at once: the race detector looks on, and
// no handler runs after Close.
func TestClose_underLoad(t *testing.T) {
	t.Parallel()
	var answered atomic.Int64
	s := pdfake.Start(t, seed(pdfake.WithOnRequest(func(pdfake.Request) { answered.Add(1) }))...)
	var clients sync.WaitGroup
	for range 50 {
		c := newClient(t, s)
		clients.Go(func() {
			for range 1000 {
				if _, err := try(c, newRequest(t, http.MethodGet, s.URL()+"/users/me", "Token token="+userToken)); err != nil {
					return // closed
				}
				s.Requests()
			}
		})
	}
	for answered.Load() < 100 {
		time.Sleep(time.Millisecond)
	}
	s.Close()
	before := answered.Load()
	clients.Wait()
	if after := answered.Load(); after != before {
		t.Errorf("%d requests after Close", after-before)
	}
}
