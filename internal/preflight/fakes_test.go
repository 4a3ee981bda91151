package preflight

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

func tokenCredential(kind Kind) Credential {
	return Credential{Kind: kind, Value: pagerduty.NewSecret("u+SomeApiToken000001"), Source: "test"}
}

func adaUser(role string) *pagerduty.User {
	return &pagerduty.User{
		ID: "PADA", Name: "Ada", Email: "ada@acme.example", Role: pagerduty.Text(role),
		HTMLURL: "https://acme.pagerduty.com/users/PADA",
	}
}

func answered(status int, sender pagerduty.Sender) error {
	return &pagerduty.Error{Kind: pagerduty.KindStatus, Status: status, Sender: sender}
}

// identityHost mints access tokens that live for a time, and refuses scopes.
type identityHost struct {
	mu      sync.Mutex
	asked   []string
	lives   time.Duration
	refuses string
	// grants replaces the scopes that the answer names; nil names what was asked
	// for and the account.
	grants []string
	silent bool // the answer names no scopes
	// silentFor is a scope with which it names none.
	silentFor string
	// failsWithout is the answer where no scope is refused; nil for a grant.
	failsWithout error
}

func (*identityHost) Host() string { return "identity.example" }

func (h *identityHost) Mint(_ context.Context, app pagerduty.App, scopes []string) (pagerduty.Grant, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = append(h.asked, strings.Join(scopes, " "))
	if slices.Contains(scopes, h.refuses) {
		return pagerduty.Grant{}, &pagerduty.Error{
			Kind: pagerduty.KindStatus, Status: 400, Body: pagerduty.ErrorBody{OAuthError: "invalid_scope"},
		}
	}
	if h.failsWithout != nil {
		return pagerduty.Grant{}, h.failsWithout
	}
	g := pagerduty.Grant{AccessToken: pagerduty.NewSecret("minted-access-token"), ExpiresAt: time.Now().Add(h.lives)}
	switch {
	case h.silent, slices.Contains(scopes, h.silentFor):
	case h.grants != nil:
		g.Scopes = h.grants
	default:
		g.Scopes = append([]string{app.AccountScope()}, scopes...)
	}
	return g, nil
}

// api is an API that accepts every credential, unless fail says otherwise.
type api struct {
	mu       sync.Mutex
	asked    []string
	user     *pagerduty.User
	account  bool // the 400 of /users/me says that the token is an account's
	users    pagerduty.Directory
	writes   bool
	many     []string // abilities
	fail     map[string]error
	blocking map[string]bool // waits until the caller gives up
	slow     map[string]time.Duration
}

func (*api) Host() string { return "api.example" }

func (a *api) called(ctx context.Context, path string) error {
	a.mu.Lock()
	a.asked = append(a.asked, path)
	err, blocks, slow := a.fail[path], a.blocking[path], a.slow[path]
	a.mu.Unlock()
	time.Sleep(slow)
	if blocks {
		<-ctx.Done()
		kind := pagerduty.KindCanceled
		if ctx.Err() == context.DeadlineExceeded {
			kind = pagerduty.KindTimeout
		}
		return &pagerduty.Error{Kind: kind, Path: path}
	}
	return err
}

func (a *api) count(path string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, p := range a.asked {
		if p == path {
			n++
		}
	}
	return n
}

func (a *api) CurrentUser(ctx context.Context, _ pagerduty.Authorization) (pagerduty.Identity, error) {
	return pagerduty.Identity{User: a.user, AccountToken: a.account}, a.called(ctx, "/users/me")
}

func (a *api) Users(ctx context.Context, _ pagerduty.Authorization, limit int) (pagerduty.Directory, error) {
	path := "/users"
	if limit > 1 {
		path = "/users (many)"
	}
	return a.users, a.called(ctx, path)
}

func (a *api) Abilities(ctx context.Context, _ pagerduty.Authorization) ([]string, error) {
	if err := a.called(ctx, "/abilities"); err != nil {
		return nil, err
	}
	return append([]string{"sso"}, a.many...), nil
}

func (a *api) PreviewSchedule(ctx context.Context, _ pagerduty.Authorization, userID string) (bool, error) {
	return a.writes, a.called(ctx, "/schedules/preview "+userID)
}

var acme = pagerduty.Directory{Subdomain: "acme", Region: "us", OnCall: "P1"}

func appCredential() Credential {
	return Credential{
		Kind: KindAppOAuth, Value: pagerduty.NewSecret("client-secret-0123456789"), Source: "test",
		OAuth: &OAuthApp{ClientID: "client-id-0123456789", Region: "us", Subdomain: "acme"},
	}
}
