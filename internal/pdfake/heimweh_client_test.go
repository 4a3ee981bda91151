package pdfake_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/heimweh/go-pagerduty/pagerduty"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// providersClient is the one that PagerDuty's Terraform provider uses, which no one here wrote.
func providersClient(t *testing.T, s *pdfake.Server, token string) *pagerduty.Client {
	t.Helper()
	c, err := pagerduty.NewClient(&pagerduty.Config{BaseURL: s.URL(), Token: token, HTTPClient: newClient(t, s)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestProvidersClient_teams(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed()...)
	c := providersClient(t, s, accountToken)
	if err := c.ValidateAuth(); err != nil {
		t.Error(err)
	}
	created, _, err := c.Teams.Create(&pagerduty.Team{Name: "Platform", Description: "Runs it"})
	if err != nil || created.ID == "" || created.Name != "Platform" || created.Description != "Runs it" {
		t.Fatalf("created %v, %v", created, err)
	}
	list, _, err := c.Teams.List(&pagerduty.ListTeamsOptions{Query: "plat"})
	if err != nil || len(list.Teams) != 1 || list.Teams[0].ID != created.ID {
		t.Fatalf("found %v, %v", list, err)
	}
	got, _, err := c.Teams.Get(created.ID)
	if err != nil || got.HTMLURL != "https://acme.pagerduty.com/teams/"+created.ID {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := c.Teams.Delete(created.ID); err != nil {
		t.Error(err)
	}
	_, _, err = c.Teams.Get(created.ID)
	wantProvidersError(t, err, http.StatusNotFound)
}

func TestProvidersClient_users(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, roles()...)
	c := providersClient(t, s, readOnlyToken)
	list, _, err := c.Users.List(&pagerduty.ListUsersOptions{Query: "alice@example.com"})
	if err != nil || len(list.Users) != 1 || list.Users[0].ID != "PALICE1" {
		t.Fatalf("found %v, %v", list, err)
	}
	u, _, err := c.Users.Get("PALICE1", &pagerduty.GetUserOptions{})
	if err != nil || u.Email != "alice@example.com" || u.Role != "admin" {
		t.Errorf("got %v, %v", u, err)
	}
	_, _, err = c.Teams.Create(&pagerduty.Team{Name: "Platform"})
	wantProvidersError(t, err, http.StatusForbidden)
	_, err = c.Teams.Delete("PTEAM01")
	wantProvidersError(t, err, http.StatusForbidden)
}

func wantProvidersError(t *testing.T, err error, status int) {
	t.Helper()
	var apiErr *pagerduty.Error
	if !errors.As(err, &apiErr) || apiErr.ErrorResponse.Response.StatusCode != status {
		t.Errorf("error is %T %v, want one with %d", err, err, status)
	}
}
