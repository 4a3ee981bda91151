package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
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

// A guard that is not in the table, and every one that cannot be decided, fails.
func TestGuards(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	user := Report{
		TokenType: TypeUser, Subdomain: "acme", AccountRegion: "us", Region: "us", User: adaUser("admin"),
		Abilities: []string{"sso"}, Scopes: []string{"users.read"}, WriteAccess: &yes,
		Other: &Report{Subdomain: "acme", AccountRegion: "us", Region: "us"},
	}
	unknown := Report{TokenType: TypeUnknown, Region: "us"}
	differs := Report{
		TokenType: TypeAccount, Subdomain: "other", AccountRegion: "us", Region: "us", User: adaUser("observer"),
		Abilities: []string{}, Scopes: []string{}, WriteAccess: &no,
		Other: &Report{Subdomain: "acme", AccountRegion: "us", Region: "us"},
	}
	differs.User.Email = "eve@acme.example"
	values := map[string][]string{
		"allowed_token_types": {"user"}, "allowed_subdomains": {"ACME"}, "forbidden_subdomains": {"other"},
		"allowed_service_regions": {"us"}, "allowed_user_emails": {"ADA@acme.example"}, "allowed_roles": {"admin"},
		"required_abilities": {"sso"}, "required_scopes": {"users.read"},
	}
	for _, g := range Guards {
		e := Expectations{Sets: map[string][]string{g.Name: values[g.Name]}}
		if !g.Set() {
			e = Expectations{RequireWriteAccess: g.Name == GuardWriteAccess}
			if g.Name == GuardSameAccount {
				e.SameAccountAs = &Credential{}
			}
		} else if values[g.Name] == nil {
			t.Fatalf("%s has no value in this test", g.Name)
		}
		if v := e.violations(&user); len(v) != 0 {
			t.Errorf("%s: not met: %+v", g.Name, v)
		}
		if g.Name != "allowed_service_regions" {
			v := e.violations(&differs)
			if len(v) != 1 || v[0].Undecided != UndecidedNot || len(v[0].Found)+len(v[0].Missing) == 0 {
				t.Errorf("%s lets another credential pass, or says not what was found: %+v", g.Name, v)
			}
		}
		if v := e.violations(&unknown); len(v) != 1 || v[0].Undecided == UndecidedNot {
			t.Errorf("%s is decided although nothing is known: %+v", g.Name, v)
		}
		if v := e.violations(&Report{Skipped: true}); len(v) != 1 || v[0].Undecided != UndecidedSkipped {
			t.Errorf("%s does not fail where validation is skipped: %+v", g.Name, v)
		}
		elsewhere := user
		elsewhere.Region = "eu"
		v := e.violations(&elsewhere)
		if g.Account != (len(v) == 1 && v[0].Undecided == UndecidedRegion) {
			t.Errorf("%s and an account of another region: %+v", g.Name, v)
		}
	}
	e := Expectations{Sets: map[string][]string{"allowed_names": {"Ada"}}}
	if v := e.violations(&user); len(v) != 1 || v[0].Undecided != UndecidedUnknown {
		t.Errorf("a guard that the table lacks passes: %+v", v)
	}
}

func TestGuards_otherRegion(t *testing.T) {
	t.Parallel()
	e := Expectations{Sets: map[string][]string{"allowed_service_regions": {"us"}}}
	r := Report{Subdomain: "acme", AccountRegion: "eu", Region: "eu"}
	if v := e.violations(&r); len(v) != 1 || !slices.Equal(v[0].Found, []string{"eu"}) {
		t.Errorf("an account of the EU: %+v", v)
	}
	same := Expectations{SameAccountAs: &Credential{}}
	r = Report{
		Subdomain: "acme", AccountRegion: "us", Region: "us",
		Other: &Report{Subdomain: "acme", AccountRegion: "eu", Region: "us"},
	}
	if v := same.violations(&r); len(v) != 1 || v[0].Undecided != UndecidedOther {
		t.Errorf("an account of the same name in the other region: %+v", v)
	}
}

func TestGuards_rules(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ valid, invalid []string }{
		"allowed_token_types": {[]string{"user", "account", "app_oauth"}, []string{"", "unknown", "User"}},
		"allowed_subdomains": {
			[]string{"acme", "ACME-2"}, []string{"", "acme.pagerduty.com", "https://acme", "-a", "a b"},
		},
		"forbidden_subdomains":    {[]string{"acme"}, []string{"", "acme."}},
		"allowed_service_regions": {[]string{"us", "eu"}, []string{"", "US", "de"}},
		"allowed_user_emails":     {[]string{"a@b"}, []string{"", "a", "@b", "a@", "a b@c"}},
		"allowed_roles":           {[]string{"admin", "chief"}, []string{"", " "}},
		"required_abilities":      {[]string{"sso"}, []string{"", "\t"}},
		"required_scopes":         {[]string{"users.read"}, []string{"", "as_account-us.acme", "a b", `a"`}},
	} {
		i := slices.IndexFunc(Guards, func(g Guard) bool { return g.Name == name })
		for _, v := range c.valid {
			if why := Guards[i].Rule(v); why != "" {
				t.Errorf("%s refuses %q: %s", name, v, why)
			}
		}
		for _, v := range c.invalid {
			if Guards[i].Rule(v) == "" {
				t.Errorf("%s takes %q", name, v)
			}
		}
	}
	for value, nearest := range map[string]string{
		"admn": "admin", "Global Admin": "admin", "manager": "user", "Responder": "limited_user", "owners": "owner",
		"stakeholder": "read_only_user", "limited-stakeholder": "read_only_limited_user", "observers": "observer",
		"cto": "user",
	} {
		if doubt := doubtRole(value); !strings.HasSuffix(doubt, fmt.Sprintf("the nearest is %q", nearest)) {
			t.Errorf("%q: %s", value, doubt)
		}
	}
	for _, role := range Roles {
		if doubtRole(role) != "" || doubtRole(strings.ToUpper(role)) != "" {
			t.Errorf("%s is doubted", role)
		}
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

func TestReport_valid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		report         Report
		valid, decided bool
	}{
		"valid":        {Report{Status: Valid}, true, true},
		"malformed":    {Report{Status: Malformed}, false, true},
		"unauthorized": {Report{Status: Unauthorized}, false, true},
		"forbidden":    {Report{Status: Forbidden}, false, false},
		"unreachable":  {Report{Status: Unreachable}, false, false},
		"unverified":   {Report{Status: Unverified}, false, false},
		"a guard said no": {Report{Status: NotAllowed, Violations: []Violation{
			{Undecided: UndecidedNoUser}, {Guard: "allowed_subdomains"},
		}}, false, true},
		"no guard was decided": {
			Report{Status: NotAllowed, Violations: []Violation{{Undecided: UndecidedNoUser}}}, false, false,
		},
	} {
		if valid, decided := c.report.Valid(); valid != c.valid || decided != c.decided {
			t.Errorf("%s: %t, %t", name, valid, decided)
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

// A verdict is shared by checks that overlap, reused for 30 seconds and no longer,
// the failures too.
func TestCheck_reuse(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]error{
		"valid": nil, "401": answered(401, pagerduty.SenderPagerDuty), "429": answered(429, pagerduty.SenderUnknown),
		"500": answered(500, pagerduty.SenderUnknown), "refused": &pagerduty.Error{Kind: pagerduty.KindRefused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := &api{user: adaUser("admin")}
				if failure != nil {
					a.fail = map[string]error{"/users/me": failure}
				}
				checker := &Checker{API: a, Region: "us", Timeout: DefaultTimeout}
				for i, c := range []struct {
					pause time.Duration
					asked int
				}{{0, 1}, {29 * time.Second, 1}, {2 * time.Second, 2}, {time.Hour, 3}} {
					time.Sleep(c.pause)
					checker.Check(t.Context(), tokenCredential(KindToken), Expectations{})
					if n := a.count("/users/me"); n != c.asked {
						t.Errorf("check %d: asked %d times, want %d", i, n, c.asked)
					}
				}
			})
		})
	}
}

// A check that waited for another one's request, which ran out of time, has its own
// time, and a canceled run is nobody's answer.
func TestCheck_ownDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &api{user: adaUser("admin"), blocking: map[string]bool{"/users/me": true}}
		checker := &Checker{API: a, Region: "us", Timeout: 10 * time.Second}
		var all sync.WaitGroup
		all.Go(func() {
			r := checker.Check(t.Context(), tokenCredential(KindToken), Expectations{})
			if r.Failure.Kind != pagerduty.KindTimeout {
				t.Errorf("the first: %s", r.Failure.Kind)
			}
		})
		time.Sleep(6 * time.Second)
		all.Go(func() {
			if r := checker.Check(t.Context(), tokenCredential(KindToken), Expectations{}); r.Status != Valid {
				t.Errorf("the second has 6 seconds left: %s", r.Status)
			}
		})
		time.Sleep(3 * time.Second)
		a.mu.Lock()
		a.blocking = nil
		a.mu.Unlock()
		all.Wait()
		if n := a.count("/users/me"); n != 2 {
			t.Errorf("asked %d times, want 2", n)
		}
	})
}

func TestCheck_canceledRunIsForgotten(t *testing.T) {
	t.Parallel()
	a := &api{user: adaUser("admin"), blocking: map[string]bool{"/users/me": true}}
	checker := &Checker{API: a, Region: "us", Timeout: time.Minute}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	r := checker.Check(canceled, tokenCredential(KindToken), Expectations{})
	if r.Failure == nil || r.Failure.Kind != pagerduty.KindCanceled {
		t.Fatalf("the canceled check: %s", r.Status)
	}
	a.blocking = nil
	r = checker.Check(t.Context(), tokenCredential(KindToken), Expectations{})
	if r.Status != Valid || a.count("/users/me") != 2 {
		t.Errorf("the next caller: %s, after %d requests", r.Status, a.count("/users/me"))
	}
	key := identityKey{auth: pagerduty.APIToken(tokenCredential(KindToken).Value)}
	if e := checker.identities.entries[key]; e.err != nil {
		t.Error("the canceled run is remembered")
	}
}

// A run that was cut short is not even fresh for those who come next.
func TestMemo_cutShort(t *testing.T) {
	t.Parallel()
	var m memo[string, int]
	runs := 0
	for range 3 {
		_, _ = m.do(t.Context(), "k", shortly, func(context.Context) (int, error) {
			runs++
			return 0, context.DeadlineExceeded
		})
	}
	if runs != 3 || !m.entries["k"].until.IsZero() {
		t.Errorf("%d runs, fresh until %s", runs, m.entries["k"].until)
	}
}

// Results are bounded; guards compare everything.
func TestCheck_bounds(t *testing.T) {
	t.Parallel()
	user := adaUser("admin")
	user.Name = pagerduty.Text(strings.Repeat("n", maxText+1))
	user.Teams = make(pagerduty.Teams, maxList+1)
	a := &api{user: user, many: make([]string, 10_000)}
	for i := range a.many {
		a.many[i] = fmt.Sprintf("ability-%05d", i)
	}
	checker := &Checker{API: a, Region: "us", Timeout: DefaultTimeout}
	e := Expectations{Sets: map[string][]string{"required_abilities": {"ability-09999"}}}
	r := checker.Check(t.Context(), tokenCredential(KindToken), e)
	if r.Status != Valid || r.Abilities != nil || r.User.Teams != nil || r.User.Name != "" {
		t.Errorf("%s, %d abilities, %d teams, a name of %d", r.Status, len(r.Abilities), len(r.User.Teams), len(r.User.Name))
	}
	var gaps []string
	for _, g := range r.Gaps {
		gaps = append(gaps, fmt.Sprintf("%s %d", g.What, g.Size))
	}
	if want := []string{"abilities 10001", "user.name 1025", "user.teams 1001"}; !slices.Equal(gaps, want) {
		t.Errorf("gaps %q, want %q", gaps, want)
	}
	name := strings.Repeat("b", maxText+1)
	long := Report{Abilities: []string{"a", name}, Scopes: []string{name}}
	if r := long.bounded(); r.Abilities != nil || r.Scopes != nil || len(r.Gaps) != 2 {
		t.Errorf("long names: %d abilities, %d scopes, gaps %v", len(r.Abilities), len(r.Scopes), r.Gaps)
	}
	if user.Name == "" {
		t.Error("the remembered user was changed")
	}
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
