package pdfake_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/PagerDuty/go-pagerduty"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// officialClient is PagerDuty's own, which no one here wrote: it judges the emulator.
func officialClient(
	t *testing.T, s *pdfake.Server, base, token string, opts ...pagerduty.ClientOptions,
) *pagerduty.Client {
	t.Helper()
	c := pagerduty.NewClient(token, append(opts, pagerduty.WithAPIEndpoint(base))...)
	c.HTTPClient = newClient(t, s)
	return c
}

func TestOfficialClient_userKey(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed()...)
	c := officialClient(t, s, s.URL(), userToken)
	u, err := c.GetCurrentUserWithContext(t.Context(), pagerduty.GetCurrentUserOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if u.ID != "PALICE1" || u.Name != "Alice" || u.Email != "alice@example.com" || u.Role != "admin" ||
		u.JobTitle != "SRE" || u.Timezone != "Europe/Berlin" || u.Type != "user" ||
		u.HTMLURL != "https://acme.pagerduty.com/users/PALICE1" {
		t.Errorf("user is %s %s %s %s %s", u.ID, u.Name, u.Role, u.Type, u.HTMLURL)
	}
	if len(u.Teams) != 1 || u.Teams[0].ID != "PTEAM01" || len(u.ContactMethods) != 1 || len(u.NotificationRules) != 1 {
		t.Errorf("%d teams, %d contact methods, %d notification rules",
			len(u.Teams), len(u.ContactMethods), len(u.NotificationRules))
	}
	a, err := c.ListAbilitiesWithContext(t.Context())
	if err != nil || !slices.Equal(a.Abilities, []string{"teams", "sso"}) {
		t.Errorf("abilities are %v, %v", a, err)
	}
	if err := c.TestAbilityWithContext(t.Context(), "sso"); err != nil {
		t.Error(err)
	}
	wantAPIError(t, c.TestAbilityWithContext(t.Context(), "urgencies"), http.StatusPaymentRequired)
	for _, r := range s.Requests() {
		if r.Token != userToken {
			t.Error("the token did not come through")
		}
	}
}

func TestOfficialClient_accountKey(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed()...)
	c := officialClient(t, s, s.URL(), accountToken)
	list, err := c.ListUsersWithContext(t.Context(), pagerduty.ListUsersOptions{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Users) != 1 || list.Users[0].ID != "PALICE1" || list.More || list.Limit != 1 {
		t.Errorf("list of %d, limit %d", len(list.Users), list.Limit)
	}
	// The error as a string is what the official client does not expect: the status remains.
	_, err = c.GetCurrentUserWithContext(t.Context(), pagerduty.GetCurrentUserOptions{})
	wantAPIError(t, err, http.StatusBadRequest)
}

func TestOfficialClient_refused(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed()...)
	for name, c := range map[string]*pagerduty.Client{
		"revoked":     officialClient(t, s, s.URL(), revokedToken),
		"unknown":     officialClient(t, s, s.URL(), "nosuchtoken"),
		"region":      officialClient(t, s, s.RegionURL("eu"), userToken),
		"as Bearer":   officialClient(t, s, s.URL(), userToken, pagerduty.WithOAuth()),
		"OAuth token": officialClient(t, s, s.URL(), oauthToken),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := c.GetCurrentUserWithContext(t.Context(), pagerduty.GetCurrentUserOptions{})
			wantAPIError(t, err, http.StatusUnauthorized)
		})
	}
}

func TestOfficialClient_others(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed(pdfake.WithFaults(
		pdfake.Fault{Path: "/abilities", Behaviour: pdfake.RateLimited(3)}))...)
	for name, c := range map[string]*pagerduty.Client{
		"eu":    officialClient(t, s, s.RegionURL("eu"), euToken),
		"OAuth": officialClient(t, s, s.URL(), oauthToken, pagerduty.WithOAuth()),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := c.GetCurrentUserWithContext(t.Context(), pagerduty.GetCurrentUserOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
	_, err := officialClient(t, s, s.URL(), userToken).ListAbilitiesWithContext(t.Context())
	var apiErr pagerduty.APIError
	if !errors.As(err, &apiErr) || !apiErr.RateLimited() {
		t.Errorf("error is %v", err)
	}
	_, err = officialClient(t, s, s.URL(), readOnlyToken).
		CreateTeamWithContext(t.Context(), &pagerduty.Team{Name: "x"})
	wantAPIError(t, err, http.StatusForbidden)
}

func wantAPIError(t *testing.T, err error, status int) {
	t.Helper()
	var apiErr pagerduty.APIError
	if !errors.As(err, &apiErr) || apiErr.StatusCode != status {
		t.Errorf("error is %T %v, want an APIError with %d", err, err, status)
	}
}
