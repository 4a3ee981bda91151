package preflight

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// scripted is an API and an identity host that answer the same request always the same,
// after a time of its own.
type scripted struct {
	user     *pagerduty.User
	account  bool
	users    pagerduty.Directory
	writes   bool
	fail     map[string]error
	takes    map[string]time.Duration
	refuses  string // a scope that the identity host refuses
	drops    string // a scope that it leaves out of its answer
	silent   string // a scope with which its answer names none
	oneToken bool   // it gives the same access token for all scopes
}

func (*scripted) Host() string { return "api.example" }

func (s *scripted) answer(ctx context.Context, path string) error {
	select {
	case <-time.After(s.takes[path]):
		return s.fail[path]
	case <-ctx.Done():
		return &pagerduty.Error{Kind: pagerduty.KindCanceled, Path: path}
	}
}

func (s *scripted) CurrentUser(ctx context.Context, _ pagerduty.Authorization) (pagerduty.Identity, error) {
	return pagerduty.Identity{User: s.user, AccountToken: s.account}, s.answer(ctx, "/users/me")
}

func (s *scripted) Users(ctx context.Context, _ pagerduty.Authorization, limit int) (pagerduty.Directory, error) {
	return s.users, s.answer(ctx, fmt.Sprintf("/users?limit=%d", limit))
}

func (s *scripted) Abilities(ctx context.Context, _ pagerduty.Authorization) ([]string, error) {
	if err := s.answer(ctx, "/abilities"); err != nil {
		return nil, err
	}
	return []string{"sso"}, nil
}

func (s *scripted) PreviewSchedule(ctx context.Context, _ pagerduty.Authorization, _ string) (bool, error) {
	return s.writes, s.answer(ctx, "/schedules/preview")
}

func (s *scripted) Mint(ctx context.Context, app pagerduty.App, scopes []string) (pagerduty.Grant, error) {
	err := s.answer(ctx, "/oauth/token")
	if err == nil && slices.Contains(scopes, s.refuses) {
		err = &pagerduty.Error{
			Kind: pagerduty.KindStatus, Status: 400, Body: pagerduty.ErrorBody{OAuthError: "invalid_scope"},
		}
	}
	if err != nil {
		return pagerduty.Grant{}, err
	}
	g := pagerduty.Grant{AccessToken: pagerduty.NewSecret("minted"), ExpiresAt: time.Now().Add(time.Hour)}
	if !s.oneToken {
		g.AccessToken = pagerduty.NewSecret("minted for " + strings.Join(scopes, " "))
	}
	if !slices.Contains(scopes, s.silent) {
		g.Scopes = slices.DeleteFunc(append([]string{app.AccountScope()}, scopes...),
			func(scope string) bool { return scope == s.drops })
	}
	return g, nil
}

func pick[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

func randomScript(r *rand.Rand) *scripted {
	account := appCredential().OAuth
	s := &scripted{
		user:    pick(r, nil, nil, adaUser("admin"), adaUser("read_only_user"), adaUser("")),
		account: pick(r, true, true, false), writes: pick(r, true, false), oneToken: pick(r, true, false),
		users: pick(r, acme, pagerduty.Directory{}, pagerduty.Directory{Mixed: true},
			pagerduty.Directory{Subdomain: "other", Region: "us"}, pagerduty.Directory{Subdomain: "acme", Region: "eu"}),
		refuses: pick(r, "-", "-", scopeUsers, scopeAbilities, "a"), silent: pick(r, "-", "-", scopeAbilities, "a"),
		drops: pick(r, "-", "-", scopeUsers, scopeAbilities, "a", "as_account-us."+account.Subdomain),
		fail:  map[string]error{}, takes: map[string]time.Duration{},
	}
	lacks := func(scope string) error {
		return &pagerduty.Error{
			Kind: pagerduty.KindStatus, Status: 403, Sender: pagerduty.SenderPagerDuty,
			Body: pagerduty.ErrorBody{RequiredScopes: []string{scope}},
		}
	}
	for _, path := range []string{
		"/oauth/token", "/users/me", "/users?limit=1", "/users?limit=100", "/abilities", "/schedules/preview",
	} {
		s.takes[path] = pick(r, 0, time.Second, 2*time.Second)
		s.fail[path] = pick[error](r, nil, nil, nil, nil, nil, nil,
			answered(401, pagerduty.SenderPagerDuty), answered(402, pagerduty.SenderPagerDuty),
			answered(403, pagerduty.SenderPagerDuty), answered(429, pagerduty.SenderUnknown),
			answered(500, pagerduty.SenderUnknown),
			lacks(scopeUsers), lacks(scopeAbilities),
			&pagerduty.Error{Kind: pagerduty.KindTooLarge, Status: 200}, &pagerduty.Error{Kind: pagerduty.KindRefused})
	}
	return s
}

func randomCheck(r *rand.Rand, app bool) (Credential, Expectations) {
	cred := pick(r, tokenCredential(KindToken), tokenCredential(KindUserToken))
	if app {
		cred = appCredential()
	}
	e := Expectations{Sets: map[string][]string{}, IncludeAbilities: r.IntN(3) == 0}
	set := func(name string, values ...string) {
		if r.IntN(4) == 0 {
			e.Sets[name] = []string{pick(r, values...)}
		}
	}
	set("allowed_subdomains", "acme")
	set("forbidden_subdomains", "acme")
	set("allowed_service_regions", "us", "eu")
	set("allowed_roles", "admin")
	set(guardTokenTypes, "user", "account")
	set(guardAbilities, "sso", "teams")
	if cred.Kind == KindAppOAuth {
		set(GuardRequiredScopes, scopeUsers, scopeAbilities, "a")
		e.RequireSubdomain = r.IntN(3) == 0
	} else {
		e.IncludeWriteAccess, e.RequireWriteAccess = r.IntN(3) == 0, r.IntN(3) == 0
	}
	if other := tokenCredential(KindToken); cred.Kind != KindToken && r.IntN(4) == 0 {
		e.SameAccountAs = &other
	}
	return cred, e
}

// seen is what a report says, without the time that it took.
func seen(r *Report) string {
	if r == nil {
		return ""
	}
	gaps, writes := "", "null"
	for _, g := range r.Gaps {
		gaps += fmt.Sprintf("%s (%v, %q, %t) ", g.What, g.Failure, g.Scope, g.NoOnCallUser)
	}
	if r.WriteAccess != nil {
		writes = fmt.Sprint(*r.WriteAccess)
	}
	return fmt.Sprintf("%s %d %s %s.%s scopes %#v abilities %v user %v writes %s gaps %s violations %+v failure %v "+
		"asked %v granted %v token %t, other: %s", r.Status, r.HTTPStatus, r.TokenType, r.AccountRegion, r.Subdomain,
		r.Scopes, r.Abilities, r.User, writes, gaps, r.Violations, r.Failure, r.AskedScopes, r.GrantedScopes,
		r.AccessToken.IsZero(), seen(r.Other))
}

// What checks share never changes what one of them says: each says, one after the other
// and at once, what it says alone.
func TestCheck_order(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2_000) {
		r := rand.New(rand.NewPCG(seed, 0))
		host, app := randomScript(r), seed%2 == 0
		synctest.Test(t, func(t *testing.T) {
			checker := func() *Checker { return &Checker{API: host, Minter: host, Region: "us", Timeout: time.Minute} }
			inTurn, atOnce := checker(), checker()
			var (
				all    sync.WaitGroup
				checks []func()
			)
			for range 3 {
				cred, e := randomCheck(r, app)
				alone := checker().Check(t.Context(), cred, e)
				judge := func(how string, shared Report) {
					if got, want := seen(&shared), seen(&alone); got != want {
						t.Errorf("seed %d, %s: %s\nalone: %s", seed, how, got, want)
					}
				}
				judge("in turn", inTurn.Check(t.Context(), cred, e))
				checks = append(checks, func() { judge("at once", atOnce.Check(t.Context(), cred, e)) })
			}
			for _, check := range checks {
				all.Go(check)
			}
			all.Wait()
		})
	}
}
