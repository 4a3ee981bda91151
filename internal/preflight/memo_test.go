package preflight

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

func TestCheck_thousandEqualChecksCostOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{account: true, one: acme, writes: true, slow: map[string]time.Duration{me: time.Second}}
		checker := f.checker()
		var wg sync.WaitGroup
		for i := range 1000 {
			wg.Go(func() {
				// The guards differ, but not the requests that they need.
				allowed := GuardValue{Name: GuardSubdomains, Values: []string{"acme", fmt.Sprint("other", i)}}
				if r := checker.Check(t.Context(), token, []GuardValue{allowed, mayWrite}); r.Status != Valid {
					t.Errorf("check %d: %s", i, r.Status)
				}
			})
		}
		wg.Wait()
		if got, want := f.requests(t), []string{me, oneUser, preview}; !slices.Equal(got, want) {
			t.Errorf("requests %q, want %q", got, want)
		}
	})
}

// A reused result does not extend its own life.
func TestCheck_reuseEnds(t *testing.T) {
	t.Parallel()
	const s = time.Second
	for _, c := range []struct {
		name    string
		cred    Credential
		fake    *fake
		expires time.Duration // of the access token
		ends    time.Duration // of the reuse, after the end of the first check
	}{
		{"user token", token, &fake{user: ada("admin")}, 0, 30 * s},
		{"rate limit", token, &fake{fail: map[string]error{me: refused(429)}}, 0, 30 * s},
		{"server error", token, &fake{fail: map[string]error{me: refused(503)}}, 0, 30 * s},
		{"network", token, &fake{fail: map[string]error{me: failed(pagerduty.KindRefused)}}, 0, 30 * s},
		{"app", app, &fake{one: acme}, time.Hour, 30 * s},
		{"app with a short life", app, &fake{one: acme}, 12 * s, 10 * s},
		{"app that has expired", app, &fake{one: acme}, s, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c.fake.slow = map[string]time.Duration{me: 2 * s, mint: 2 * s}
				if c.expires != 0 {
					c.fake.grant.ExpiresAt = time.Now().Add(c.expires)
				}
				checker := c.fake.checker()
				first := checker.Check(t.Context(), c.cred, nil)
				cost := len(c.fake.requests(t))
				if c.ends > 0 {
					time.Sleep(c.ends - time.Nanosecond)
					again := checker.Check(t.Context(), c.cred, nil)
					if n := len(c.fake.requests(t)); n != cost || summary(again) != summary(first) {
						t.Errorf("before the end: %s after %d requests, want %s after %d", summary(again), n, summary(first), cost)
					}
					time.Sleep(time.Nanosecond)
				}
				checker.Check(t.Context(), c.cred, nil)
				if n := len(c.fake.requests(t)); n != 2*cost {
					t.Errorf("at the end: %d requests, want %d", n, 2*cost)
				}
			})
		})
	}
}

// A check whose caller gave up says nothing about the checks that waited for it.
func TestCheck_canceledRunIsNotShared(t *testing.T) {
	t.Parallel()
	for _, request := range []string{me, oneUser, users, preview} {
		t.Run(request, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := &fake{one: nobody, many: acme, writes: true, slow: map[string]time.Duration{request: 2 * time.Second}}
				checker := f.checker()
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				go checker.Check(ctx, token, []GuardValue{mayWrite})
				synctest.Wait()
				var wg sync.WaitGroup
				for range 10 {
					wg.Go(func() {
						if r := checker.Check(t.Context(), token, []GuardValue{mayWrite}); r.Status != Valid {
							t.Errorf("%s, gaps %+v", r.Status, r.Gaps)
						}
					})
				}
				wg.Wait()
				// One check of the ten repeated the requests.
				if n := count(f.requests(t), me); n != 2 {
					t.Errorf("%d runs, want 2", n)
				}
			})
		})
	}
}

func count(all []string, s string) int {
	return len(slices.DeleteFunc(slices.Clone(all), func(other string) bool { return other != s }))
}

// A check that runs out of time while it waits sends nothing and says which request was
// in progress.
func TestCheck_givesUpWaiting(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cred       Credential
		request    string
		method     string
		path, host string
		tokenType  TokenType
	}{
		{token, me, "GET", "/users/me", "api.pagerduty.com", TypeUnknown},
		{app, mint, "POST", "/oauth/token", "identity.pagerduty.com", TypeApp},
	} {
		for _, kind := range []pagerduty.Kind{pagerduty.KindCanceled, pagerduty.KindTimeout} {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{user: ada("admin"), one: acme, slow: map[string]time.Duration{c.request: 10 * time.Second}}
				checker := f.checker()
				go checker.Check(t.Context(), c.cred, nil)
				synctest.Wait()
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if kind == pagerduty.KindCanceled {
					ctx, cancel = context.WithCancel(t.Context())
					time.AfterFunc(time.Second, cancel)
				}
				r := checker.Check(ctx, c.cred, nil)
				e := r.Failure
				if r.Status != Unreachable || e.Kind != kind || len(e.Attempts) != 0 || e.Elapsed != time.Second {
					t.Errorf("%s: %s, %+v, want %s", c.path, r.Status, e, kind)
				}
				if e.Method != c.method || e.Path != c.path || e.Host != c.host || r.TokenType != c.tokenType {
					t.Errorf("%s %s on %s, token type %s", e.Method, e.Path, e.Host, r.TokenType)
				}
				time.Sleep(10 * time.Second)
				if n := count(f.requests(t), c.request); n != 1 {
					t.Errorf("%s was sent %d times", c.request, n)
				}
			})
		}
	}
}

func TestCheck_differentQuestionsAreSeparate(t *testing.T) {
	t.Parallel()
	scopes := func(values ...string) GuardValue { return GuardValue{Name: GuardRequiredScopes, Values: values} }
	variant := func(change func(*Credential)) Credential {
		cred := app
		copied := *app.App
		cred.App = &copied
		change(&cred)
		return cred
	}
	for _, c := range []struct {
		name   string
		cred   Credential
		guards []GuardValue
		same   bool
		base   Credential
	}{
		{"write access", token, []GuardValue{mayWrite}, false, token},
		{"user_token with the same value", userToken, nil, true, token},
		{"the check's own scope", app, []GuardValue{scopes("users.read")}, true, app},
		{"other scopes", app, []GuardValue{scopes("teams.read", "users.read")}, false, app},
		{"another subdomain", variant(func(c *Credential) { c.App.Subdomain = "globex" }), nil, false, app},
		{"another region", variant(func(c *Credential) { c.App.Region = "eu" }), nil, false, app},
		{"another client ID", variant(func(c *Credential) { c.App.ClientID = "client-id-1" }), nil, false, app},
		{"another secret", variant(func(c *Credential) { c.Value = tokenValue }), nil, false, app},
	} {
		f := &fake{user: ada("admin"), one: pagerduty.Directory{}}
		checker := f.checker()
		checker.Check(t.Context(), c.base, nil)
		before := len(f.requests(t))
		checker.Check(t.Context(), c.cred, c.guards)
		if same := len(f.requests(t)) == before; same != c.same {
			t.Errorf("%s: shared %t, want %t", c.name, same, c.same)
		}
	}
}

// Whatever the order and the overlap, each check has the status that it has alone.
func TestCheck_noResultDependsOnTheOrder(t *testing.T) {
	t.Parallel()
	checks := []struct {
		cred   Credential
		guards []GuardValue
	}{
		{token, nil},
		{token, []GuardValue{mayWrite}},
		{token, []GuardValue{{Name: GuardSubdomains, Values: []string{"globex"}}}},
		{userToken, nil},
		{app, nil},
		{app, []GuardValue{{Name: GuardRequiredScopes, Values: []string{"teams.read"}}}},
	}
	scripts := []fake{
		{user: ada("admin"), one: acme, writes: true},
		{account: true, one: nobody, many: acme},
		{account: true, one: acme, fail: map[string]error{preview: refused(401)}},
		{user: ada("read_only_user"), fail: map[string]error{users: refused(503), mint: refused(429)}},
		{fail: map[string]error{me: refused(401), oneUser: failed(pagerduty.KindReset)}},
	}
	result := func(r Report) string {
		return fmt.Sprint(summary(r), " ", r.WriteAccess != nil, " ", r.Scopes, " ", len(r.Violations))
	}
	slow := map[string]time.Duration{me: 3, oneUser: 2, preview: 4, mint: 1, users: 2}
	random := rand.New(rand.NewPCG(1, 2)) // a fixed seed repeats the orders
	for i := range 100 {
		script := &scripts[i%len(scripts)]
		fresh := func() *Checker {
			return (&fake{
				user: script.user, account: script.account, one: script.one, many: script.many, writes: script.writes,
				fail: script.fail, slow: slow,
			}).checker()
		}
		synctest.Test(t, func(t *testing.T) {
			var alone []string
			for _, c := range checks {
				alone = append(alone, result(fresh().Check(t.Context(), c.cred, c.guards)))
			}
			shared := fresh()
			var wg sync.WaitGroup
			for range 12 {
				n, delay, patience := random.IntN(len(checks)), random.IntN(12), random.IntN(20)
				wg.Go(func() {
					time.Sleep(time.Duration(delay))
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(patience))
					defer cancel()
					if patience > 12 { // longer than any check takes; the others may give up
						ctx = t.Context()
					}
					got := result(shared.Check(ctx, checks[n].cred, checks[n].guards))
					if ctx.Err() == nil && got != alone[n] {
						t.Errorf("order %d, check %d: %s, alone %s", i, n, got, alone[n])
					}
				})
			}
			wg.Wait()
		})
	}
}
