package preflight

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

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

// The client gives a 429 again for 30 seconds. That is not a new verdict, to be reused
// for another 30. Nor is the 429 itself, whose wait the client counts down.
func TestCheck_heldAnswer(t *testing.T) {
	t.Parallel()
	for _, limited := range []pagerduty.Error{{Held: true}, {OutOfTime: true, Wait: 40 * time.Second, WaitKnown: true}} {
		synctest.Test(t, func(t *testing.T) {
			limited.Kind, limited.Status = pagerduty.KindStatus, 429
			a := &api{user: adaUser("admin"), fail: map[string]error{"/users/me": &limited}}
			checker := &Checker{API: a, Region: "us", Timeout: DefaultTimeout}
			for want := 1; want <= 2; want++ {
				r := checker.Check(t.Context(), tokenCredential(KindToken), Expectations{})
				if n := a.count("/users/me"); n != want || r.Status != RateLimited {
					t.Errorf("held %t: %s, asked %d times, want %d", limited.Held, r.Status, n, want)
				}
			}
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

// The same holds for an answer that was not asked for again because that would not have
// fitted the time of the check that asked.
func TestCheck_outOfTime(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]pagerduty.Error{
		"503":                  {Kind: pagerduty.KindStatus, Status: 503, OutOfTime: true},
		"429":                  {Kind: pagerduty.KindStatus, Status: 429, OutOfTime: true},
		"429 that still holds": {Kind: pagerduty.KindStatus, Status: 429, Held: true},
		"refused":              {Kind: pagerduty.KindRefused, OutOfTime: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := &api{
					user: adaUser("admin"), fail: map[string]error{"/users/me": &failure},
					slow: map[string]time.Duration{"/users/me": 4 * time.Second},
				}
				checker := &Checker{API: a, Region: "us", Timeout: 10 * time.Second}
				var all sync.WaitGroup
				all.Go(func() {
					if r := checker.Check(t.Context(), tokenCredential(KindToken), Expectations{}); r.Status == Valid {
						t.Error("the first is valid")
					}
				})
				time.Sleep(2 * time.Second)
				all.Go(func() {
					if r := checker.Check(t.Context(), tokenCredential(KindToken), Expectations{}); r.Status != Valid {
						t.Errorf("the second has 8 seconds left: %s", r.Status)
					}
				})
				time.Sleep(time.Second)
				a.mu.Lock()
				a.fail = nil
				a.mu.Unlock()
				all.Wait()
			})
		})
	}
}

// A wait that a 503 asks for, and that fits no check's time, is nobody's reason to ask again.
func TestCheck_longWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &api{
			fail: map[string]error{"/users/me": &pagerduty.Error{
				Kind: pagerduty.KindStatus, Status: 503, Wait: 40 * time.Second, WaitKnown: true, OutOfTime: true,
			}},
			slow: map[string]time.Duration{"/users/me": time.Second},
		}
		checker := &Checker{API: a, Region: "us", Timeout: DefaultTimeout}
		for i, c := range []struct {
			pause time.Duration
			asked int
		}{{0, 1}, {20 * time.Second, 1}, {8 * time.Second, 2}} {
			time.Sleep(c.pause)
			var all sync.WaitGroup
			for range 10 {
				all.Go(func() { checker.Check(t.Context(), tokenCredential(KindToken), Expectations{}) })
			}
			all.Wait()
			if n := a.count("/users/me"); n != c.asked {
				t.Errorf("checks %d: asked %d times, want %d", i, n, c.asked)
			}
		}
	})
}

// A check that waited in vain for another's request names the request that it was.
func TestCheck_awaitedRequest(t *testing.T) {
	t.Parallel()
	for path, cred := range map[string]Credential{"/users": appCredential(), "/users/me": tokenCredential(KindToken)} {
		synctest.Test(t, func(t *testing.T) {
			a := &api{user: adaUser("admin"), users: acme, blocking: map[string]bool{path: true}}
			checker := &Checker{API: a, Minter: &identityHost{lives: time.Hour}, Region: "us", Timeout: 10 * time.Second}
			go checker.Check(t.Context(), cred, Expectations{})
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			r := checker.Check(ctx, cred, Expectations{})
			if r.Failure == nil || r.Failure.Path != path || r.Failure.Kind != pagerduty.KindTimeout ||
				r.Failure.Elapsed != 5*time.Second {
				t.Errorf("%+v, want %s", r.Failure, path)
			}
		})
	}
}
