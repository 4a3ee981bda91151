package pdfake_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

func withApps() []pdfake.Option {
	return seed(
		pdfake.WithOAuthClient(pdfake.OAuthClient{
			ID: "app", Secret: "app+secret/=", Account: "acme", Scopes: []string{"users.read", "abilities.read"},
		}),
		pdfake.WithOAuthClient(pdfake.OAuthClient{
			ID: "strict", Secret: "s", Account: "acme", Scopes: []string{"abilities.read"}, RejectUnknownScopes: true,
		}),
		pdfake.WithOAuthClient(pdfake.OAuthClient{
			ID: "euapp", Secret: "s", Account: "euro", Scopes: []string{"users.read"},
		}),
	)
}

func TestMint(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, withApps()...)
	c := newClient(t, s)
	for name, tc := range map[string]struct {
		id, secret, scope string
		status            int
		want              string // the error, or the granted scope
	}{
		"all": {
			id: "app", secret: "app+secret/=", scope: "as_account-us.acme users.read abilities.read",
			status: 200, want: "as_account-us.acme users.read abilities.read",
		},
		"less": {
			id: "app", secret: "app+secret/=", scope: "as_account-us.acme users.read teams.read",
			status: 200, want: "as_account-us.acme users.read",
		},
		"twice": {
			id: "app", secret: "app+secret/=", scope: "users.read users.read as_account-us.acme",
			status: 200, want: "as_account-us.acme users.read",
		},
		"none": {
			id: "app", secret: "app+secret/=", scope: "as_account-us.acme",
			status: 200, want: "as_account-us.acme",
		},
		"EU": {
			id: "euapp", secret: "s", scope: "as_account-eu.euro users.read",
			status: 200, want: "as_account-eu.euro users.read",
		},
		"rejected": {
			id: "strict", secret: "s", scope: "as_account-us.acme users.read",
			status: 400, want: "invalid_scope",
		},
		"wrong subdomain": {
			id: "app", secret: "app+secret/=", scope: "as_account-us.other users.read",
			status: 400, want: "invalid_scope",
		},
		"wrong region": {
			id: "app", secret: "app+secret/=", scope: "as_account-eu.acme users.read",
			status: 400, want: "invalid_scope",
		},
		"second account": {
			id: "app", secret: "app+secret/=", scope: "as_account-us.acme as_account-us.other",
			status: 400, want: "invalid_scope",
		},
		"no account": {
			id: "app", secret: "app+secret/=", scope: "users.read",
			status: 400, want: "invalid_scope",
		},
		"wrong secret": {
			id: "app", secret: "wrong", scope: "as_account-us.acme",
			status: 401, want: "invalid_client",
		},
		"unknown client": {
			id: "nosuch", secret: "s", scope: "as_account-us.acme",
			status: 401, want: "invalid_client",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := postForm(t.Context(), c, s.IdentityURL()+"/oauth/token", url.Values{
				"grant_type": {"client_credentials"}, "scope": {tc.scope},
				"client_id": {tc.id}, "client_secret": {tc.secret},
			})
			if err != nil {
				t.Fatal(err)
			}
			wantStatus(t, r, tc.status)
			m := r.object(t)
			if tc.status != 200 {
				if m["error"] != tc.want || m["error_description"] == "" {
					t.Errorf("error is %v", m)
				}
				return
			}
			token, _ := m["access_token"].(string)
			if len(token) != 64 || !strings.HasPrefix(token, "pdus+_0XBPWQQ_") {
				t.Error("the token has another shape")
			}
			if m["scope"] != tc.want || m["token_type"] != "bearer" {
				t.Errorf("granted %v as %v", m["scope"], m["token_type"])
			}
			if m["expires_in"] != 86400.0 {
				t.Errorf("expires in %v", m["expires_in"])
			}
		})
	}
	for name, tc := range map[string]struct {
		form url.Values
		want string
	}{
		"no form":     {nil, "invalid_request"},
		"other grant": {url.Values{"grant_type": {"password"}}, "unsupported_grant_type"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := postForm(t.Context(), c, s.IdentityURL()+"/oauth/token", tc.form)
			if err != nil {
				t.Fatal(err)
			}
			wantStatus(t, r, 400)
			if r.object(t)["error"] != tc.want {
				t.Errorf("error is %s", r.text)
			}
		})
	}
}

func TestMint_recordsFormAndMeetsFaults(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, append(withApps(), pdfake.WithFaults(
		pdfake.Fault{Path: "/oauth/token", Token: "app", Behaviour: pdfake.AnswerHTML(503, "down")}))...)
	r, err := postForm(t.Context(), newClient(t, s), s.IdentityURL()+"/oauth/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {"app"},
	})
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, r, 503)
	rec := s.Requests()[0]
	if rec.Listener != pdfake.ListenerIdentity || rec.Path != "/oauth/token" || rec.Form.Get("client_id") != "app" ||
		rec.Status != 503 || rec.Method != http.MethodPost {
		t.Error("not recorded as it was")
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, append(withApps(), pdfake.WithUserOAuthToken(
		pdfake.UserOAuthToken{Token: "pdus+narrow", User: "PALICE1", Scopes: []string{"abilities.read"}}))...)
	wantStatus(t, get(t, s, "/abilities", "Bearer pdus+narrow"), 200)
	r := get(t, s, "/users/me", "Bearer pdus+narrow")
	wantStatus(t, r, 403)
	e := r.object(t)["error"].(map[string]any)
	if e["required_scopes"] != "users.read" || e["token_scopes"] != "abilities.read" || e["code"] != 2010.0 {
		t.Errorf("error is %v", e)
	}
}
