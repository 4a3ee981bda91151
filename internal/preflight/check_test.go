package preflight

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// After a 400 of /users/me, the second request alone makes a token valid.
func TestCheck_account(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		account bool
		second  error
		status  Status
		kind    TokenType
	}{
		"account token": {account: true, status: Valid, kind: TypeAccount},
		"another 400":   {status: Valid, kind: TypeUnknown},
		"400, then 400": {
			account: true, second: answered(400, pagerduty.SenderPagerDuty), status: UnexpectedResponse,
		},
		"400, then 401": {
			account: true, second: answered(401, pagerduty.SenderPagerDuty), status: Unauthorized,
		},
		"400, then 402": {
			account: true, second: answered(402, pagerduty.SenderPagerDuty), status: PaymentRequired,
		},
		"400, then 403": {
			account: true, second: answered(403, pagerduty.SenderPagerDuty), status: Forbidden,
		},
		"400, then 403 of who knows": {
			account: true, second: answered(403, pagerduty.SenderUnknown), status: UnexpectedResponse,
		},
		"400, then 404": {
			account: true, second: answered(404, pagerduty.SenderPagerDuty), status: UnexpectedResponse,
		},
		"400, then 429": {
			account: true, second: answered(429, pagerduty.SenderPagerDuty), status: RateLimited,
		},
		"400, then 500": {
			account: true, second: answered(500, pagerduty.SenderPagerDuty), status: ServerError,
		},
		"400, then a lost connection": {
			account: true, second: &pagerduty.Error{Kind: pagerduty.KindReset}, status: Unreachable,
		},
		"400, then something not JSON": {
			account: true, second: &pagerduty.Error{Kind: pagerduty.KindNotJSON}, status: UnexpectedResponse,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &api{account: c.account, users: acme}
			if c.second != nil {
				a.fail = map[string]error{"/users": c.second}
			}
			checker := &Checker{API: a, Region: "us", Timeout: DefaultTimeout}
			r := checker.Check(t.Context(), tokenCredential(KindToken), Expectations{})
			if r.Status != c.status || c.kind != "" && r.TokenType != c.kind {
				t.Errorf("%s, %s; want %s, %s", r.Status, r.TokenType, c.status, c.kind)
			}
		})
	}
}

// user_token stands for a user, unless allowed_token_types says otherwise.
func TestCheck_userToken(t *testing.T) {
	t.Parallel()
	accountToo := Expectations{Sets: map[string][]string{"allowed_token_types": {"account"}}}
	for name, c := range map[string]struct {
		api    *api
		e      Expectations
		skip   bool
		status Status
	}{
		"a user's":           {api: &api{user: adaUser("admin")}, status: Valid},
		"an account's":       {api: &api{account: true, users: acme}, status: NotAllowed},
		"not known whose":    {api: &api{users: acme}, status: NotAllowed},
		"an account's, said": {api: &api{account: true, users: acme}, e: accountToo, status: Valid},
		"skipped":            {api: &api{}, skip: true, status: Unverified},
	} {
		checker := &Checker{API: c.api, Region: "us", Timeout: DefaultTimeout, Skip: c.skip}
		if r := checker.Check(t.Context(), tokenCredential(KindUserToken), c.e); r.Status != c.status {
			t.Errorf("%s: %s, want %s", name, r.Status, c.status)
		}
	}
}

// Once the verdict is clear, nothing that runs next to it is waited for.
func TestCheck_doesNotWaitForMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &api{
			fail:     map[string]error{"/users/me": answered(401, pagerduty.SenderPagerDuty)},
			blocking: map[string]bool{"/abilities": true},
		}
		checker := &Checker{API: a, Region: "us", Timeout: DefaultTimeout}
		start := time.Now()
		r := checker.Check(t.Context(), tokenCredential(KindToken), Expectations{IncludeAbilities: true})
		if r.Status != Unauthorized || time.Since(start) > 0 {
			t.Errorf("%s after %s", r.Status, time.Since(start))
		}
		synctest.Wait()
	})
}

// Write access is asked for only on request, with one more request, and decided only
// by an answer.
func TestCheck_writeAccess(t *testing.T) {
	t.Parallel()
	stakeholder := adaUser("read_only_user")
	for name, c := range map[string]struct {
		api    *api
		e      Expectations
		asked  []string
		access string
		status Status
	}{
		"not asked for": {
			api: &api{user: adaUser("admin")}, asked: []string{"/users/me"}, access: "null", status: Valid,
		},
		"a user's": {
			api: &api{user: adaUser("admin"), writes: true}, e: Expectations{IncludeWriteAccess: true},
			asked: []string{"/users/me", "/schedules/preview PADA"}, access: "true", status: Valid,
		},
		"an account's, full access": {
			api: &api{account: true, users: acme, writes: true}, e: Expectations{RequireWriteAccess: true},
			asked: []string{"/users/me", "/users (many)", "/schedules/preview P1"}, access: "true", status: Valid,
		},
		"an account's, read-only": {
			api: &api{account: true, users: acme}, e: Expectations{RequireWriteAccess: true},
			asked: []string{"/users/me", "/users (many)", "/schedules/preview P1"}, access: "false", status: NotAllowed,
		},
		"read-only, only asked for": {
			api: &api{account: true, users: acme}, e: Expectations{IncludeWriteAccess: true},
			asked: []string{"/users/me", "/users (many)", "/schedules/preview P1"}, access: "false", status: Valid,
		},
		"a stakeholder's": {
			api: &api{user: stakeholder, users: acme}, e: Expectations{RequireWriteAccess: true},
			asked: []string{"/users/me", "/users (many)", "/schedules/preview P1"}, access: "false", status: NotAllowed,
		},
		"nobody can be on call": {
			api:   &api{account: true, users: pagerduty.Directory{Subdomain: "acme", Region: "us"}},
			e:     Expectations{RequireWriteAccess: true},
			asked: []string{"/users/me", "/users (many)"}, access: "null", status: NotAllowed,
		},
		"undecided": {
			api: &api{user: adaUser("admin"), fail: map[string]error{
				"/schedules/preview PADA": answered(400, pagerduty.SenderPagerDuty),
			}},
			e:     Expectations{RequireWriteAccess: true},
			asked: []string{"/users/me", "/schedules/preview PADA"}, access: "null", status: NotAllowed,
		},
		"rejected": {
			api:   &api{fail: map[string]error{"/users/me": answered(401, pagerduty.SenderPagerDuty)}},
			e:     Expectations{RequireWriteAccess: true},
			asked: []string{"/users/me"}, access: "null", status: Unauthorized,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checker := &Checker{API: c.api, Region: "us", Timeout: DefaultTimeout}
			r := checker.Check(t.Context(), tokenCredential(KindToken), c.e)
			access := "null"
			if r.WriteAccess != nil {
				access = fmt.Sprint(*r.WriteAccess)
			}
			if r.Status != c.status || access != c.access || !slices.Equal(c.api.asked, c.asked) {
				t.Errorf("%s, write access %s, asked %q; want %s, %s, %q",
					r.Status, access, c.api.asked, c.status, c.access, c.asked)
			}
		})
	}
}

// A credential that PagerDuty rejects in any request is not valid, whatever an earlier
// request was answered, and the checks that follow ask again.
func TestCheck_rejectedLater(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path string
		kind Kind
		e    Expectations
	}{
		"the abilities":        {path: "/abilities", kind: KindToken, e: Expectations{IncludeAbilities: true}},
		"an app's abilities":   {path: "/abilities", kind: KindAppOAuth, e: Expectations{IncludeAbilities: true}},
		"the preview":          {path: "/schedules/preview PADA", kind: KindToken, e: Expectations{IncludeWriteAccess: true}},
		"the preview, guarded": {path: "/schedules/preview PADA", kind: KindToken, e: Expectations{RequireWriteAccess: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &api{
				user: adaUser("admin"), users: acme,
				fail: map[string]error{c.path: answered(401, pagerduty.SenderPagerDuty)},
			}
			checker := &Checker{API: a, Minter: &identityHost{lives: time.Hour}, Region: "us", Timeout: DefaultTimeout}
			cred, first := tokenCredential(c.kind), "/users/me"
			if c.kind == KindAppOAuth {
				cred, first = appCredential(), "/users"
			}
			r := checker.Check(t.Context(), cred, c.e)
			if r.Status != Unauthorized || r.HTTPStatus != 401 || r.User != nil || r.Subdomain != "" || len(r.Gaps) > 0 {
				t.Errorf("%s (%d), user %v, subdomain %q, gaps %v", r.Status, r.HTTPStatus, r.User, r.Subdomain, r.Gaps)
			}
			if r.WriteAccess != nil || r.Abilities != nil || len(r.Violations) > 0 {
				t.Errorf("write access %v, abilities %q, violations %v", r.WriteAccess, r.Abilities, r.Violations)
			}
			checker.Check(t.Context(), cred, Expectations{})
			if n := a.count(first); n != 2 {
				t.Errorf("%s was asked %d times, want 2", first, n)
			}
		})
	}
}

// Where many users are too large to be read, and the one that is known cannot be on call,
// the answer's size is why write access is not known.
func TestCheck_unreadUsers(t *testing.T) {
	t.Parallel()
	tooLarge := &pagerduty.Error{Kind: pagerduty.KindTooLarge, Status: 200}
	for _, user := range []*pagerduty.User{nil, adaUser("read_only_user")} {
		a := &api{
			account: true, user: user, users: pagerduty.Directory{Subdomain: "acme", Region: "us"},
			fail: map[string]error{"/users (many)": tooLarge},
		}
		checker := &Checker{API: a, Region: "us", Timeout: DefaultTimeout}
		r := checker.Check(t.Context(), tokenCredential(KindToken), Expectations{IncludeWriteAccess: true})
		if r.Status != Valid || len(r.Gaps) != 1 || r.Gaps[0].Failure != tooLarge {
			t.Errorf("user %v: %s, %+v", user, r.Status, r.Gaps)
		}
	}
}

// A hundred users with many teams can be more than is read of an answer. One of them says
// whether the token is valid.
func TestCheck_manyLargeUsers(t *testing.T) {
	t.Parallel()
	a := &api{account: true, users: acme, writes: true, fail: map[string]error{
		"/users (many)": &pagerduty.Error{Kind: pagerduty.KindTooLarge, Status: 200},
	}}
	c := &Checker{API: a, Region: "us", Timeout: DefaultTimeout}
	r := c.Check(t.Context(), tokenCredential(KindToken), Expectations{RequireWriteAccess: true})
	if r.Status != Valid || r.WriteAccess == nil || !*r.WriteAccess || a.count("/users") != 1 {
		t.Errorf("%s (%+v) after %q", r.Status, r.Failure, a.asked)
	}
}

// A proxy's answer to CONNECT is no status of the API's.
func TestCheck_proxyStatus(t *testing.T) {
	t.Parallel()
	a := &api{fail: map[string]error{
		"/users/me": &pagerduty.Error{Kind: pagerduty.KindProxyStatus, Status: 403, Path: "/users/me"},
	}}
	checker := &Checker{API: a, Region: "us", Timeout: DefaultTimeout}
	r := checker.Check(t.Context(), tokenCredential(KindToken), Expectations{})
	if r.Status != Unreachable || r.HTTPStatus != 0 {
		t.Errorf("%s, HTTP status %d", r.Status, r.HTTPStatus)
	}
}
