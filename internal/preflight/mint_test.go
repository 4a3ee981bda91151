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
	g := pagerduty.Grant{AccessToken: pagerduty.NewSecret("minted-access-token"), ExpiresAt: time.Now().Add(h.lives)}
	switch {
	case h.silent:
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
}

func (*api) Host() string { return "api.example" }

func (a *api) called(ctx context.Context, path string) error {
	a.mu.Lock()
	a.asked = append(a.asked, path)
	err, blocks := a.fail[path], a.blocking[path]
	a.mu.Unlock()
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
	return pagerduty.Identity{User: a.user, Account: a.account}, a.called(ctx, "/users/me")
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

func requireScopes(scopes ...string) Expectations {
	return Expectations{Sets: map[string][]string{GuardRequiredScopes: scopes}}
}

func TestMint(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lives   time.Duration
		refuses string
		checks  []Expectations
		pause   time.Duration
		asked   []string
		status  Status // of the last check
	}{
		"once for all checks": {
			lives: time.Hour, checks: make([]Expectations, 5), asked: []string{"users.read"}, status: Valid,
		},
		"once for the same scopes in any order": {
			lives: time.Hour, checks: []Expectations{requireScopes("b", "a"), requireScopes("a", "b", "a")},
			asked: []string{"a b users.read"}, status: Valid,
		},
		"own scopes that are wanted": {
			lives: time.Hour, checks: []Expectations{{IncludeAbilities: true}},
			asked: []string{"abilities.read users.read"}, status: Valid,
		},
		"own scope required too": {
			lives: time.Hour, checks: []Expectations{requireScopes("users.read")}, asked: []string{"users.read"}, status: Valid,
		},
		"still valid long after the verdict is forgotten": {
			lives: time.Hour, checks: make([]Expectations, 2), pause: 59 * time.Minute,
			asked: []string{"users.read"}, status: Valid,
		},
		"minted again before it expires": {
			lives: time.Hour, checks: make([]Expectations, 2), pause: time.Hour - 10*time.Second,
			asked: []string{"users.read", "users.read"}, status: Valid,
		},
		"own scope refused": {
			lives: time.Hour, refuses: "users.read", checks: []Expectations{requireScopes("a")},
			asked: []string{"a users.read", "a"}, status: Valid,
		},
		"required scope refused": {
			lives: time.Hour, refuses: "a", checks: []Expectations{requireScopes("a")},
			asked: []string{"a users.read", "a"}, status: Forbidden,
		},
		"refused, nothing to leave out": {
			lives: time.Hour, refuses: "users.read", checks: []Expectations{requireScopes("users.read")},
			asked: []string{"users.read"}, status: Forbidden,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				host := &identityHost{lives: c.lives, refuses: c.refuses}
				checker := &Checker{API: &api{users: acme}, Identity: host, Region: "us", Timeout: DefaultTimeout}
				var last Report
				for _, e := range c.checks {
					last = checker.Check(t.Context(), appCredential(), e)
					time.Sleep(c.pause)
				}
				if !slices.Equal(host.asked, c.asked) {
					t.Errorf("asked for %q, want %q", host.asked, c.asked)
				}
				if last.Status != c.status {
					t.Errorf("status %s, want %s", last.Status, c.status)
				}
			})
		})
	}
}

// Checks that run at once share one access token.
func TestMint_atOnce(t *testing.T) {
	t.Parallel()
	host, asked := &identityHost{lives: time.Hour}, &api{users: acme}
	checker := &Checker{API: asked, Identity: host, Region: "us", Timeout: DefaultTimeout}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() { checker.Check(t.Context(), appCredential(), Expectations{}) })
	}
	all.Wait()
	if len(host.asked) != 1 || asked.count("/users") != 1 {
		t.Errorf("%d access tokens were minted, %d accounts asked for", len(host.asked), asked.count("/users"))
	}
}

// An access token is always shown to the API, and only what PagerDuty named proves
// the account.
func TestApp_accepted(t *testing.T) {
	t.Parallel()
	lacksScope := &pagerduty.Error{
		Kind: pagerduty.KindStatus, Status: 403, Sender: pagerduty.SenderPagerDuty,
		Body: pagerduty.ErrorBody{PagerDuty: true, RequiredScopes: []string{"users.read"}},
	}
	denied := &pagerduty.Error{Kind: pagerduty.KindStatus, Status: 403, Sender: pagerduty.SenderPagerDuty}
	blocked := &pagerduty.Error{
		Kind: pagerduty.KindStatus, Status: 403, Body: pagerduty.ErrorBody{RequiredScopes: []string{"users.read"}},
	}
	account := "as_account-us.acme"
	for name, c := range map[string]struct {
		grants     []string
		silent     bool
		users      pagerduty.Directory
		err        error
		status     Status
		subdomain  string
		httpStatus int
	}{
		"200, scope names the account": {
			grants: []string{account, "users.read"}, users: acme,
			status: Valid, subdomain: "acme", httpStatus: 200,
		},
		"200, scope without the account": {
			grants: []string{"users.read"}, users: acme,
			status: Valid, subdomain: "acme", httpStatus: 200,
		},
		"200, no scope": {
			silent: true, users: acme,
			status: Valid, subdomain: "acme", httpStatus: 200,
		},
		"200 without a page, scope names": {
			grants: []string{account},
			status: Valid, subdomain: "acme", httpStatus: 200,
		},
		"200 without a page, no scope": {silent: true, status: Valid, httpStatus: 200},
		"403 with scopes, scope names": {
			grants: []string{account}, err: lacksScope,
			status: Valid, subdomain: "acme", httpStatus: 403,
		},
		"403 with scopes, no scope": {silent: true, err: lacksScope, status: Valid, httpStatus: 403},
		"403 without scopes": {
			grants: []string{account}, err: denied,
			status: Forbidden, httpStatus: 403,
		},
		"403 whose sender is not known": {
			grants: []string{account}, err: blocked,
			status: UnexpectedResponse, httpStatus: 403,
		},
		"the API names another account": {
			silent: true, users: pagerduty.Directory{Subdomain: "other", Region: "us"},
			status: UnexpectedResponse, subdomain: "other", httpStatus: 200,
		},
		"the API names another region": {
			grants: []string{account}, users: pagerduty.Directory{Subdomain: "acme", Region: "eu"},
			status: UnexpectedResponse, subdomain: "acme", httpStatus: 200,
		},
		"the API differs from the scope's": {
			grants: []string{account}, users: pagerduty.Directory{Subdomain: "acme2", Region: "us"},
			status: UnexpectedResponse, subdomain: "acme2", httpStatus: 200,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := &api{users: c.users, fail: map[string]error{"/users": c.err}}
			if c.err == nil {
				asked.fail = nil
			}
			checker := &Checker{
				API: asked, Identity: &identityHost{lives: time.Hour, grants: c.grants, silent: c.silent},
				Region: "us", Timeout: DefaultTimeout,
			}
			r := checker.Check(t.Context(), appCredential(), Expectations{})
			if r.Status != c.status || r.Subdomain != c.subdomain || r.HTTPStatus != c.httpStatus {
				t.Errorf("%s, subdomain %q, HTTP %d; want %s, %q, %d",
					r.Status, r.Subdomain, r.HTTPStatus, c.status, c.subdomain, c.httpStatus)
			}
			if asked.count("/users") != 1 {
				t.Errorf("the API was asked %d times", asked.count("/users"))
			}
			if (r.Status == Valid) == r.AccessToken.IsZero() {
				t.Error("the access token and the verdict disagree")
			}
		})
	}
}

func TestStatusOfMint(t *testing.T) {
	t.Parallel()
	oauth := func(status int, code string) pagerduty.Error {
		return pagerduty.Error{Kind: pagerduty.KindStatus, Status: status, Body: pagerduty.ErrorBody{OAuthError: code}}
	}
	pagerDuty := func(e pagerduty.Error) pagerduty.Error {
		e.Sender = pagerduty.SenderPagerDuty
		return e
	}
	gateway := func(e pagerduty.Error) pagerduty.Error {
		e.Sender = pagerduty.SenderGateway
		return e
	}
	text := func(s string) pagerduty.Error {
		return pagerduty.Error{Kind: pagerduty.KindStatus, Status: 400, Body: pagerduty.ErrorBody{Message: s}}
	}
	for name, c := range map[string]struct {
		failed pagerduty.Error
		want   Status
	}{
		"401":                          {pagerDuty(oauth(401, "")), Unauthorized},
		"401 of a gateway":             {gateway(oauth(401, "")), UnexpectedResponse},
		"401 of a gateway with a code": {gateway(oauth(401, "invalid_client")), UnexpectedResponse},
		"401 invalid_client":           {pagerDuty(oauth(401, "invalid_client")), Unauthorized},
		"400 invalid_client":           {oauth(400, "invalid_client"), Unauthorized},
		"400 invalid_scope":            {oauth(400, "invalid_scope"), Forbidden},
		"400 of PagerDuty's text":      {text("Invalid Scope"), Forbidden},
		"400 of another text":          {text("no"), UnexpectedResponse},
		"403":                          {pagerDuty(oauth(403, "")), Forbidden},
		"403 whose sender is unknown":  {oauth(403, ""), UnexpectedResponse},
		"403 access_denied":            {oauth(403, "access_denied"), Forbidden},
		"404 with an OAuth error":      {oauth(404, "invalid_client"), UnexpectedResponse},
		"407 with an OAuth error":      {oauth(407, "invalid_client"), Unreachable},
		"408 with an OAuth error":      {oauth(408, "invalid_client"), Unreachable},
		"429 with an OAuth error":      {oauth(429, "access_denied"), RateLimited},
		"429":                          {oauth(429, ""), RateLimited},
		"503 with an OAuth error":      {oauth(503, "invalid_client"), ServerError},
		"200 with an OAuth error":      {oauth(200, "invalid_scope"), Forbidden},
		"400 temporarily_unavailable":  {oauth(400, "temporarily_unavailable"), UnexpectedResponse},
		"a grant of nothing":           {pagerduty.Error{Kind: pagerduty.KindGrant, Status: 200}, Forbidden},
		"reset":                        {pagerduty.Error{Kind: pagerduty.KindReset}, Unreachable},
		"HTML":                         {pagerduty.Error{Kind: pagerduty.KindNotJSON, Status: 200}, UnexpectedResponse},
		"a redirect with an OAuth error": {
			pagerduty.Error{Kind: pagerduty.KindRedirect, Status: 302, Body: pagerduty.ErrorBody{OAuthError: "invalid_client"}},
			UnexpectedResponse,
		},
	} {
		if got := StatusOfMint(&c.failed); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
