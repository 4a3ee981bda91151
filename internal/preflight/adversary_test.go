package preflight

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

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
			checker := &Checker{API: a, Identity: &identityHost{lives: time.Hour}, Region: "us", Timeout: DefaultTimeout}
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

// An access token that the API rejects is not used again.
func TestMint_rejectedAccessToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		host := &identityHost{lives: 24 * time.Hour}
		a := &api{users: acme}
		checker := &Checker{API: a, Identity: host, Region: "us", Timeout: DefaultTimeout}
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

// A name is compared without regard to case, but not with letters that only look alike.
func TestSameName(t *testing.T) {
	t.Parallel()
	for pair, want := range map[[2]string]bool{
		{"ada@acme.example", "ADA@Acme.example"}: true, {"jörg@acme.example", "JÖRG@acme.example"}: true,
		{"boss@acme.example", "bo\u017fs@acme.example"}: false, {"kim@acme.example", "\u212aim@acme.example"}: false,
		{"ada@acme.example", "ada@acme.example "}: false,
	} {
		if got := among([]string{"x", pair[0]}, pair[1]); got != want {
			t.Errorf("%q: %t", pair, got)
		}
	}
}

// Of texts, only PagerDuty's own about scopes denies an app: others have the word too.
func TestStatusOfMint_text(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]Status{
		"Invalid scope": Forbidden, "Blocked: out of the scope of the policy": UnexpectedResponse, "": UnexpectedResponse,
	} {
		e := &pagerduty.Error{Kind: pagerduty.KindStatus, Status: 400, Body: pagerduty.ErrorBody{Message: message}}
		if got := StatusOfMint(e); got != want {
			t.Errorf("%q: %s, want %s", message, got, want)
		}
	}
}

// The other service region leaves a guard undecided only where it would be met: what
// it rules out anyway is decided, so that "valid" is false.
func TestGuards_decidedInAnotherRegion(t *testing.T) {
	t.Parallel()
	r := Report{
		Subdomain: "acme", AccountRegion: "eu", Region: "us", TokenType: TypeAccount,
		Other: &Report{Subdomain: "acme", AccountRegion: "us", Region: "us"},
	}
	for _, c := range []struct {
		guard, asked string
		want         Undecided
	}{
		{guard: "allowed_subdomains", asked: "globex", want: UndecidedNot},
		{guard: "allowed_subdomains", asked: "acme", want: UndecidedRegion},
		{guard: "forbidden_subdomains", asked: "acme", want: UndecidedNot},
		{guard: "forbidden_subdomains", asked: "globex", want: UndecidedRegion},
		{guard: "allowed_service_regions", asked: "us", want: UndecidedNot},
		{guard: "allowed_service_regions", asked: "eu", want: UndecidedRegion},
	} {
		v := Expectations{Sets: map[string][]string{c.guard: {c.asked}}}.violations(&r)
		if len(v) != 1 || v[0].Undecided != c.want {
			t.Errorf("%s = %q: %+v, want %q", c.guard, c.asked, v, c.want)
		}
	}
	same := Expectations{SameAccountAs: &Credential{}}
	if v := same.violations(&r); len(v) != 1 || v[0].Undecided != UndecidedNot {
		t.Errorf("the account of the same name in the other region: %+v", v)
	}
	r.Other.AccountRegion, r.Other.Region = "eu", "eu"
	if v := same.violations(&r); len(v) != 1 || v[0].Undecided != UndecidedRegion {
		t.Errorf("the same account, asked in another region: %+v", v)
	}
}

// A check that waited in vain for another's request names the request that it was.
func TestCheck_awaitedRequest(t *testing.T) {
	t.Parallel()
	for path, cred := range map[string]Credential{"/users": appCredential(), "/users/me": tokenCredential(KindToken)} {
		synctest.Test(t, func(t *testing.T) {
			a := &api{user: adaUser("admin"), users: acme, blocking: map[string]bool{path: true}}
			checker := &Checker{API: a, Identity: &identityHost{lives: time.Hour}, Region: "us", Timeout: 10 * time.Second}
			go checker.Check(t.Context(), cred, Expectations{})
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			r := checker.Check(ctx, cred, Expectations{})
			if r.Failure == nil || r.Failure.Path != path || r.Failure.Kind != pagerduty.KindTimeout {
				t.Errorf("%+v, want %s", r.Failure, path)
			}
		})
	}
}
