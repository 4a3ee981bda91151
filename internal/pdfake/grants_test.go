package pdfake_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// TestGrants has what the mint says, and what the minted token then gets from the API.
func TestGrants(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault     pdfake.Behaviour
		scope     any // nil where the field is absent
		users     int // the status of GET /users
		subdomain string
	}{
		"openid only":   {fault: pdfake.Grant("openid"), scope: "openid", users: 403},
		"empty":         {fault: pdfake.Grant(""), scope: "", users: 403},
		"no account":    {fault: pdfake.Grant("users.read"), scope: "users.read", users: 200, subdomain: "acme"},
		"unknown other": {fault: pdfake.Grant("as_account-us.nosuch"), scope: "as_account-us.nosuch", users: 403},
		"other": {
			fault: pdfake.Grant("as_account-us.other users.read"), scope: "as_account-us.other users.read",
			users: 200, subdomain: "other",
		},
		"GrantOtherAccount": {
			fault: pdfake.GrantOtherAccount("us", "other"), scope: "as_account-us.other users.read abilities.read",
			users: 200, subdomain: "other",
		},
		"GrantOtherAccount unknown": {
			fault: pdfake.GrantOtherAccount("us", "nosuch"), scope: "as_account-us.nosuch users.read abilities.read",
			users: 200, subdomain: "acme",
		},
		"GrantWithoutAccount": {
			fault: pdfake.GrantWithoutAccount(), scope: "users.read abilities.read", users: 200, subdomain: "acme",
		},
		"GrantWithoutScope": {fault: pdfake.GrantWithoutScope(), users: 200, subdomain: "acme"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := pdfake.Start(t, append(withApps(),
				pdfake.WithAccount(pdfake.Account{Subdomain: "other"}),
				pdfake.WithUser(pdfake.User{Account: "other", ID: "POTHER1", Name: "Other"}),
				pdfake.WithFaults(pdfake.Fault{Behaviour: tc.fault}))...)
			r, err := postForm(t.Context(), newClient(t, s), s.IdentityURL()+"/oauth/token", appForm("app+secret/="))
			if err != nil {
				t.Fatal(err)
			}
			wantStatus(t, r, http.StatusOK)
			m := r.object(t)
			if scope := m["scope"]; scope != tc.scope {
				t.Errorf("scope is %v", scope)
			}
			token, _ := m["access_token"].(string)
			r = get(t, s, "/users?limit=1", "Bearer "+token)
			wantStatus(t, r, tc.users)
			want := "https://" + tc.subdomain + ".pagerduty.com/"
			if tc.users == 403 {
				want = `"required_scopes":"users.read"`
			}
			if !strings.Contains(r.text, want) {
				t.Errorf("no word of %s in %s", want, r.text)
			}
		})
	}
}

func TestGrant_refusedAsAlways(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, append(withApps(), pdfake.WithFaults(pdfake.Fault{Behaviour: pdfake.Grant("openid")}))...)
	r, err := postForm(t.Context(), newClient(t, s), s.IdentityURL()+"/oauth/token", appForm("wrong"))
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, r, http.StatusUnauthorized)
	wantStatus(t, get(t, s, "/users", "Token token="+userToken), http.StatusOK)
}

func appForm(secret string) url.Values {
	return url.Values{
		"grant_type": {"client_credentials"}, "client_id": {"app"}, "client_secret": {secret},
		"scope": {"as_account-us.acme users.read abilities.read"},
	}
}
