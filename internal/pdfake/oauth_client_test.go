package pdfake_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// credentials are minted with x/oauth2, which no one here wrote.
func credentials(
	t *testing.T, s *pdfake.Server, id, secret string, scopes ...string,
) (*clientcredentials.Config, context.Context) {
	t.Helper()
	return &clientcredentials.Config{
		ClientID: id, ClientSecret: secret, TokenURL: s.IdentityURL() + "/oauth/token", Scopes: scopes,
	}, context.WithValue(t.Context(), oauth2.HTTPClient, newClient(t, s))
}

func TestClientCredentials(t *testing.T) {
	t.Parallel()
	for name, style := range map[string]oauth2.AuthStyle{
		"detect": oauth2.AuthStyleAutoDetect, "params": oauth2.AuthStyleInParams, "basic": oauth2.AuthStyleInHeader,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := pdfake.Start(t, withApps()...)
			conf, ctx := credentials(t, s, "app", "app+secret/=", "as_account-us.acme", "users.read", "teams.read")
			conf.AuthStyle = style
			token, err := conf.Token(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if token.Type() != "Bearer" || token.Extra("scope") != "as_account-us.acme users.read" {
				t.Errorf("%s with %v", token.Type(), token.Extra("scope"))
			}
			if left := time.Until(token.Expiry); left < 23*time.Hour || left > 24*time.Hour {
				t.Errorf("expires in %s", left)
			}
			auth := "Bearer " + token.AccessToken
			wantStatus(t, get(t, s, "/users?limit=1", auth), 200)
			r := get(t, s, "/abilities", auth)
			wantStatus(t, r, 403)
			e := r.object(t)["error"].(map[string]any)
			if e["required_scopes"] != "abilities.read" || e["token_scopes"] != "as_account-us.acme users.read" {
				t.Errorf("error is %v", e)
			}
			wantStatus(t, get(t, s, "/users/me", auth), 400)
			wantStatus(t, get(t, s, "/users", "Token token="+token.AccessToken), 401)
			eu := newRequest(t, http.MethodGet, s.RegionURL("eu")+"/users", auth)
			wantStatus(t, do(t, newClient(t, s), eu), 401)

			s.Revoke(token.AccessToken)
			wantStatus(t, get(t, s, "/users", auth), 401)
		})
	}
}

func TestClientCredentials_client(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, withApps()...)
	conf, ctx := credentials(t, s, "euapp", "s", "as_account-eu.euro", "users.read")
	r := do(t, conf.Client(ctx), newRequest(t, http.MethodGet, s.RegionURL("eu")+"/users", ""))
	wantStatus(t, r, 200)
}

func TestClientCredentials_expiry(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, withApps()...)
	conf, ctx := credentials(t, s, "app", "app+secret/=", "as_account-us.acme", "users.read")
	token, err := conf.Token(ctx)
	if err != nil {
		t.Fatal(err)
	}
	auth := "Bearer " + token.AccessToken
	s.Advance(24*time.Hour - time.Minute)
	wantStatus(t, get(t, s, "/users", auth), 200)
	s.Advance(time.Minute)
	wantStatus(t, get(t, s, "/users", auth), 401)
}

func TestClientCredentials_errors(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, withApps()...)
	for name, tc := range map[string]struct {
		id, secret string
		scopes     []string
		status     int
		code, desc string
	}{
		"scope":  {"strict", "s", []string{"as_account-us.acme", "users.read"}, 400, "invalid_scope", "Invalid scope"},
		"region": {"app", "app+secret/=", []string{"as_account-eu.acme"}, 400, "invalid_scope", "Invalid scope"},
		"secret": {"app", "wrong", []string{"as_account-us.acme"}, 401, "invalid_client", "Client authentication failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conf, ctx := credentials(t, s, tc.id, tc.secret, tc.scopes...)
			_, err := conf.Token(ctx)
			var e *oauth2.RetrieveError
			if !errors.As(err, &e) {
				t.Fatalf("error is %v", err)
			}
			if e.Response.StatusCode != tc.status || e.ErrorCode != tc.code || e.ErrorDescription != tc.desc {
				t.Errorf("%d %s %s", e.Response.StatusCode, e.ErrorCode, e.ErrorDescription)
			}
		})
	}
}
