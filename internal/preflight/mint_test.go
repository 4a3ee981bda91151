package preflight

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// identityHost mints tokens that live for a time, and refuses scopes.
type identityHost struct {
	mu      sync.Mutex
	asked   []string
	lives   time.Duration
	refuses string
}

func (*identityHost) Host() string { return "identity.example" }

func (h *identityHost) Mint(_ context.Context, _ pagerduty.App, scopes []string) (pagerduty.Grant, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = append(h.asked, strings.Join(scopes, " "))
	if slices.Contains(scopes, h.refuses) {
		return pagerduty.Grant{}, &pagerduty.Error{Kind: pagerduty.KindStatus, Status: 400, Body: pagerduty.ErrorBody{OAuthError: "invalid_scope"}}
	}
	return pagerduty.Grant{Auth: pagerduty.BearerToken("t"), AccessToken: "t", Scopes: scopes, ExpiresAt: time.Now().Add(h.lives)}, nil
}

// api is an API that accepts every token.
type api struct{ located int }

func (*api) Host() string { return "api.example" }

func (*api) CurrentUser(context.Context, pagerduty.Authorization) (pagerduty.Identity, error) {
	return pagerduty.Identity{}, nil
}

func (a *api) AccountSubdomain(context.Context, pagerduty.Authorization) (string, error) {
	a.located++
	return "acme", nil
}

func (*api) Abilities(context.Context, pagerduty.Authorization) ([]string, error) {
	return []string{"sso"}, nil
}

var appCredential = Credential{Kind: KindAppOAuth, Value: "client-secret-0123456789", Source: "test", OAuth: &OAuthApp{ClientID: "client-id-0123456789", Region: "us", Subdomain: "acme"}}

func TestMint(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		host   *identityHost
		checks []Expectations
		pause  time.Duration
		asked  []string
		status Status // of the last check
	}{
		"once for all checks": {&identityHost{lives: time.Hour}, make([]Expectations, 5), 0, []string{"users.read"}, Valid},
		"once for the same scopes in any order": {&identityHost{lives: time.Hour}, []Expectations{{RequiredScopes: []string{"b", "a"}}, {RequiredScopes: []string{"a", "b", "a"}}}, 0,
			[]string{"a b users.read"}, Valid},
		"own scopes that are wanted":           {&identityHost{lives: time.Hour}, []Expectations{{IncludeAbilities: true}}, 0, []string{"abilities.read users.read"}, Valid},
		"own scope required too":               {&identityHost{lives: time.Hour}, []Expectations{{RequiredScopes: []string{"users.read"}}}, 0, []string{"users.read"}, Valid},
		"still good":                           {&identityHost{lives: time.Hour}, make([]Expectations, 2), 59 * time.Minute, []string{"users.read"}, Valid},
		"minted again before it expires":       {&identityHost{lives: time.Hour}, make([]Expectations, 2), time.Hour - 10*time.Second, []string{"users.read", "users.read"}, Valid},
		"minted again for min_ttl":             {&identityHost{lives: time.Hour}, []Expectations{{}, {MinTTL: time.Hour}}, time.Minute, []string{"users.read", "users.read"}, Valid},
		"a token that lives exactly long":      {&identityHost{lives: time.Hour}, []Expectations{{MinTTL: time.Hour}}, 0, []string{"users.read"}, Valid},
		"a new one would not live longer":      {&identityHost{lives: time.Hour}, []Expectations{{}, {MinTTL: 2 * time.Hour}}, time.Minute, []string{"users.read"}, NotAllowed},
		"short lives are not minted endlessly": {&identityHost{lives: 5 * time.Second}, make([]Expectations, 3), 0, []string{"users.read"}, Valid},
		"own scope refused":                    {&identityHost{lives: time.Hour, refuses: "users.read"}, []Expectations{{RequiredScopes: []string{"a"}}}, 0, []string{"a users.read", "a"}, Valid},
		"required scope refused":               {&identityHost{lives: time.Hour, refuses: "a"}, []Expectations{{RequiredScopes: []string{"a"}}}, 0, []string{"a users.read", "a"}, Forbidden},
		"refused, nothing to leave out":        {&identityHost{lives: time.Hour, refuses: "users.read"}, []Expectations{{RequiredScopes: []string{"users.read"}}}, 0, []string{"users.read"}, Forbidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				checker := &Checker{API: &api{}, Identity: c.host, Timeout: DefaultTimeout}
				var last Report
				for _, e := range c.checks {
					last = checker.Check(t.Context(), appCredential, e)
					time.Sleep(c.pause)
				}
				if !slices.Equal(c.host.asked, c.asked) {
					t.Errorf("asked for %q, want %q", c.host.asked, c.asked)
				}
				if last.Status != c.status {
					t.Errorf("status %s, want %s", last.Status, c.status)
				}
			})
		})
	}
}

// Checks that run at once share one token.
func TestMint_atOnce(t *testing.T) {
	t.Parallel()
	host, asked := &identityHost{lives: time.Hour}, &api{}
	checker := &Checker{API: asked, Identity: host, Timeout: DefaultTimeout}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() { checker.Check(t.Context(), appCredential, Expectations{}) })
	}
	all.Wait()
	if len(host.asked) != 1 || asked.located != 1 {
		t.Errorf("%d tokens were minted, %d subdomains asked for", len(host.asked), asked.located)
	}
}

func TestStatusOfMint(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		failed pagerduty.Error
		want   Status
	}{
		"401":                        {pagerduty.Error{Kind: pagerduty.KindStatus, Status: 401}, Unauthorized},
		"401 of a gateway":           {pagerduty.Error{Kind: pagerduty.KindForeignAuth, Status: 401}, UnexpectedResponse},
		"400 invalid_client":         {pagerduty.Error{Kind: pagerduty.KindStatus, Status: 400, Body: pagerduty.ErrorBody{OAuthError: "invalid_client"}}, Unauthorized},
		"400 invalid_scope":          {pagerduty.Error{Kind: pagerduty.KindStatus, Status: 400, Body: pagerduty.ErrorBody{OAuthError: "invalid_scope"}}, Forbidden},
		"400 of PagerDuty's text":    {pagerduty.Error{Kind: pagerduty.KindStatus, Status: 400, Body: pagerduty.ErrorBody{Message: "Invalid Scope"}}, Forbidden},
		"400 of another text":        {pagerduty.Error{Kind: pagerduty.KindStatus, Status: 400, Body: pagerduty.ErrorBody{Message: "no"}}, UnexpectedResponse},
		"403":                        {pagerduty.Error{Kind: pagerduty.KindStatus, Status: 403}, Forbidden},
		"429":                        {pagerduty.Error{Kind: pagerduty.KindStatus, Status: 429}, RateLimited},
		"503 with an OAuth error":    {pagerduty.Error{Kind: pagerduty.KindStatus, Status: 503, Body: pagerduty.ErrorBody{OAuthError: "invalid_client"}}, ServerError},
		"200 with an OAuth error":    {pagerduty.Error{Kind: pagerduty.KindStatus, Status: 200, Body: pagerduty.ErrorBody{OAuthError: "invalid_scope"}}, Forbidden},
		"reset":                      {pagerduty.Error{Kind: pagerduty.KindReset}, Unreachable},
		"HTML":                       {pagerduty.Error{Kind: pagerduty.KindNotJSON, Status: 200}, UnexpectedResponse},
		"temporarily_unavailable":    {pagerduty.Error{Kind: pagerduty.KindStatus, Status: 400, Body: pagerduty.ErrorBody{OAuthError: "temporarily_unavailable"}}, UnexpectedResponse},
		"a redirect with that error": {pagerduty.Error{Kind: pagerduty.KindRedirect, Status: 302, Body: pagerduty.ErrorBody{OAuthError: "invalid_client"}}, UnexpectedResponse},
	} {
		if got := StatusOfMint(&c.failed); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
