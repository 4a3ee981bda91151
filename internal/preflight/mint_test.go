package preflight

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

func requireScopes(scopes ...string) Expectations {
	return Expectations{Sets: map[string][]string{GuardRequiredScopes: scopes}}
}

func TestMint(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		refuses string
		checks  []Expectations
		pause   time.Duration
		asked   []string
		status  Status // of the last check
	}{
		"once for all checks": {
			checks: make([]Expectations, 5), asked: []string{"users.read"}, status: Valid,
		},
		"once for the same scopes in any order": {
			checks: []Expectations{requireScopes("b", "a"), requireScopes("a", "b", "a")},
			asked:  []string{"a b users.read"}, status: Valid,
		},
		"own scopes that are wanted": {
			checks: []Expectations{{IncludeAbilities: true}},
			asked:  []string{"abilities.read users.read"}, status: Valid,
		},
		"own scope required too": {
			checks: []Expectations{requireScopes("users.read")}, asked: []string{"users.read"}, status: Valid,
		},
		"still valid long after the verdict is forgotten": {
			checks: make([]Expectations, 2), pause: 59 * time.Minute,
			asked: []string{"users.read"}, status: Valid,
		},
		"minted again before it expires": {
			checks: make([]Expectations, 2), pause: time.Hour - 10*time.Second,
			asked: []string{"users.read", "users.read"}, status: Valid,
		},
		"own scope refused": {
			refuses: "users.read", checks: []Expectations{requireScopes("a")},
			asked: []string{"a users.read", "a"}, status: Valid,
		},
		"required scope refused": {
			refuses: "a", checks: []Expectations{requireScopes("a")},
			asked: []string{"a users.read", "a"}, status: Forbidden,
		},
		"own scope refused, and required by another check": {
			refuses: "users.read", checks: []Expectations{requireScopes("users.read"), {}},
			asked: []string{"users.read", "users.read", ""}, status: Valid,
		},
		"refused, nothing to leave out": {
			refuses: "users.read", checks: []Expectations{requireScopes("users.read")},
			asked: []string{"users.read"}, status: Forbidden,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				host := &identityHost{lives: time.Hour, refuses: c.refuses}
				checker := &Checker{API: &api{users: acme}, Minter: host, Region: "us", Timeout: DefaultTimeout}
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
				if required := len(c.checks[len(c.checks)-1].Sets) > 0; last.ScopesRequired != required {
					t.Errorf("scopes are required: %t, want %t", last.ScopesRequired, required)
				}
			})
		})
	}
}

// What the second request of a mint brought, without the check's own scopes, is what
// happened, unless it was refused as well.
func TestMint_secondRequest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fails  error
		status Status
		asked  string
	}{
		"503": {answered(503, pagerduty.SenderUnknown), ServerError, "as_account-us.acme"},
		"401": {answered(401, pagerduty.SenderPagerDuty), Unauthorized, "as_account-us.acme"},
		"refused too": {&pagerduty.Error{
			Kind: pagerduty.KindStatus, Status: 400, Body: pagerduty.ErrorBody{OAuthError: "invalid_scope"},
		}, Forbidden, "as_account-us.acme users.read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := &identityHost{refuses: "users.read", failsWithout: c.fails}
			checker := &Checker{API: &api{users: acme}, Minter: host, Region: "us", Timeout: DefaultTimeout}
			r := checker.Check(t.Context(), appCredential(), Expectations{})
			if asked := strings.Join(r.AskedScopes, " "); r.Status != c.status || asked != c.asked {
				t.Errorf("%s for the scopes %q, want %s for %q", r.Status, asked, c.status, c.asked)
			}
		})
	}
}

// An app that was granted nothing but the account has no scopes, which is known.
func TestApp_noScopes(t *testing.T) {
	t.Parallel()
	for _, silent := range []bool{false, true} {
		host := &identityHost{lives: time.Hour, refuses: "users.read", silent: silent}
		checker := &Checker{API: &api{users: acme}, Minter: host, Region: "us", Timeout: DefaultTimeout}
		r := checker.Check(t.Context(), appCredential(), Expectations{})
		if r.Status != Valid || r.Scopes == nil || len(r.Scopes) > 0 {
			t.Errorf("silent %t: %s with the scopes %#v", silent, r.Status, r.Scopes)
		}
	}
}

// What is bounded is so where the API then rejects the access token, too.
func TestApp_boundedFailure(t *testing.T) {
	t.Parallel()
	host := &identityHost{lives: time.Hour, grants: make([]string, 5_000)}
	for i := range host.grants {
		host.grants[i] = fmt.Sprintf("s%d.read", i)
	}
	for _, status := range []int{401, 500} {
		a := &api{fail: map[string]error{"/users": answered(status, pagerduty.SenderPagerDuty)}}
		checker := &Checker{API: a, Minter: host, Region: "us", Timeout: DefaultTimeout}
		r := checker.Check(t.Context(), appCredential(), Expectations{})
		if len(r.Scopes) > maxSet || len(r.Gaps) > 0 || r.Status == Valid {
			t.Errorf("%s: %d scopes, gaps %v", r.Status, len(r.Scopes), r.Gaps)
		}
	}
}

// A scope that names the account proves it to the check whose grant has it, not to one
// that was given the same access token without it.
func TestApp_oneTokenTwoGrants(t *testing.T) {
	t.Parallel()
	host := &identityHost{lives: time.Hour, silentFor: scopeAbilities}
	checker := &Checker{API: &api{}, Minter: host, Region: "us", Timeout: DefaultTimeout}
	for _, c := range []struct {
		expects   Expectations
		subdomain string
	}{{Expectations{}, "acme"}, {Expectations{IncludeAbilities: true}, ""}, {Expectations{}, "acme"}} {
		if r := checker.Check(t.Context(), appCredential(), c.expects); r.Subdomain != c.subdomain {
			t.Errorf("abilities %t: subdomain %q, want %q", c.expects.IncludeAbilities, r.Subdomain, c.subdomain)
		}
	}
}

// Checks that run at once share one access token.
func TestMint_atOnce(t *testing.T) {
	t.Parallel()
	host, asked := &identityHost{lives: time.Hour}, &api{users: acme}
	checker := &Checker{API: asked, Minter: host, Region: "us", Timeout: DefaultTimeout}
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
		"200 for two accounts, scope names": {
			grants: []string{account}, users: pagerduty.Directory{Mixed: true},
			status: Valid, httpStatus: 200,
		},
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
				API: asked, Minter: &identityHost{lives: time.Hour, grants: c.grants, silent: c.silent},
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

// A scope for whose lack the API refuses a request was not granted, whatever the grant
// says or leaves out.
func TestApp_refusedScope(t *testing.T) {
	t.Parallel()
	lacks := func(scope string) error {
		return &pagerduty.Error{
			Kind: pagerduty.KindStatus, Status: 403, Sender: pagerduty.SenderPagerDuty,
			Body: pagerduty.ErrorBody{
				PagerDuty: true, RequiredScopes: []string{scope, "services.read"}, TokenScopes: []string{"services.read"},
			},
		}
	}
	for path, scope := range map[string]string{"/users": "users.read", "/abilities": "abilities.read"} {
		for _, silent := range []bool{false, true} {
			host := &identityHost{lives: time.Hour, silent: silent}
			if !silent {
				host.grants = []string{"as_account-us.acme", "users.read", "abilities.read", "services.read"}
			}
			a := &api{users: acme, fail: map[string]error{path: lacks(scope)}}
			checker := &Checker{API: a, Minter: host, Region: "us", Timeout: DefaultTimeout}
			e := requireScopes(scope, "services.read")
			e.IncludeAbilities = true
			r := checker.Check(t.Context(), appCredential(), e)
			if r.Status != NotAllowed || len(r.Violations) != 1 || !slices.Equal(r.Violations[0].Missing, []string{scope}) {
				t.Errorf("%s refused, silent %t: %s, %+v", path, silent, r.Status, r.Violations)
			}
		}
	}
}

// An access token that the API rejects is not used again.
func TestMint_rejectedAccessToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		host := &identityHost{lives: 24 * time.Hour}
		a := &api{users: acme}
		checker := &Checker{API: a, Minter: host, Region: "us", Timeout: DefaultTimeout}
		for _, c := range []struct {
			fails  error
			status Status
			mints  int
		}{
			{status: Valid, mints: 1},
			{fails: answered(401, pagerduty.SenderPagerDuty), status: Unauthorized, mints: 1},
			{status: Valid, mints: 2},
		} {
			time.Sleep(time.Minute)
			a.fail = map[string]error{"/users": c.fails}
			r := checker.Check(t.Context(), appCredential(), Expectations{})
			if r.Status != c.status || len(host.asked) != c.mints {
				t.Errorf("%s after %d grants, want %s after %d", r.Status, len(host.asked), c.status, c.mints)
			}
		}
	})
}
