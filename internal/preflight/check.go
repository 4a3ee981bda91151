package preflight

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// DefaultTimeout is the whole budget of one check, retries included.
const DefaultTimeout = 15 * time.Second

// API is what a check asks. *pagerduty.Client is one; every error is a
// *pagerduty.Error.
type API interface {
	CurrentUser(context.Context, pagerduty.Authorization) (pagerduty.Identity, error)
	AccountSubdomain(context.Context, pagerduty.Authorization) (string, error)
	Abilities(context.Context, pagerduty.Authorization) ([]string, error)
	Host() string
}

// Minter is what a check asks for an OAuth app's token. *pagerduty.Client is
// one; every error is a *pagerduty.Error.
type Minter interface {
	Mint(context.Context, pagerduty.App, []string) (pagerduty.Grant, error)
	Host() string
}

// Checker checks credentials against one API. What it learned of a credential
// it keeps for as long as it lives, so that many checks of one credential cost
// the requests of one. It is safe for concurrent use.
type Checker struct {
	API API
	// Identity mints OAuth apps' tokens.
	Identity Minter
	Timeout  time.Duration
	// Skip makes every check Unverified without a request.
	Skip bool

	identities memo[pagerduty.Authorization, identity]
	abilities  memo[pagerduty.Authorization, []string]
	grants     memo[grantKey, grant]
}

// identity is what the requests about a credential's identity brought.
type identity struct {
	pagerduty.Identity
	tokenType TokenType
	subdomain string
	gap       *Gap
}

// Check lints a credential, asks PagerDuty about it within the time limit and
// compares what was learned with what is expected. It never fails: what went
// wrong is in the report.
func (c *Checker) Check(ctx context.Context, cred Credential, e Expectations) Report {
	r := Report{
		Kind: cred.Kind, Source: cred.Source, Preview: Preview(string(cred.Value)),
		Host: c.API.Host(), TokenType: TypeUnknown, Timeout: c.Timeout, Status: Unverified,
	}
	if c.Skip {
		r.Violations = e.undecided(UndecidedSkipped)
		return r.concluded()
	}
	if r.Finding, r.FindingIn = cred.lint(); r.Finding != nil {
		r.Status = Malformed
		return r
	}

	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	other := c.checkOther(ctx, e.SameAccountAs)
	if cred.Kind == KindAppOAuth {
		c.askAsApp(ctx, cred, e, &r)
	} else {
		auth := pagerduty.APIKey(string(cred.Value))
		c.ask(ctx, auth, e.wantsAbilities(), &r, func(ctx context.Context) (identity, error) { return c.identify(ctx, auth) })
	}
	if r.Status != Valid && cred.Kind != KindAppOAuth {
		r.Hints = Shape(string(cred.Value))
	}
	r.Other = <-other
	if r.Status == Valid {
		r.Violations = e.violations(&r)
	}
	return r.concluded()
}

// lint finds what is malformed about any of a credential's values, and in which.
func (cred Credential) lint() (*Finding, Argument) {
	argument := ArgumentToken
	switch cred.Kind {
	case KindToken:
	case KindUserToken:
		argument = ArgumentUserToken
	case KindAppOAuth:
		if f := Lint(cred.OAuth.ClientID); f != nil {
			return f, ArgumentClientID
		}
		argument = ArgumentClientSecret
	}
	if f := Lint(string(cred.Value)); f != nil {
		return f, argument
	}
	return nil, ""
}

// concluded turns unmet expectations into the verdict.
func (r Report) concluded() Report {
	if len(r.Violations) > 0 {
		r.Status = NotAllowed
	}
	return r
}

// checkOther checks the credential to compare the account with, meanwhile. What
// is received is nil where there is none, or where it has no value.
func (c *Checker) checkOther(ctx context.Context, other *Credential) <-chan *Report {
	done := make(chan *Report, 1)
	if other == nil || other.Value == "" {
		done <- nil
		return done
	}
	go func() {
		r := c.Check(ctx, *other, Expectations{})
		done <- &r
	}()
	return done
}

// ask brings the facts. The requests that do not need each other's answer run
// side by side.
func (c *Checker) ask(ctx context.Context, auth pagerduty.Authorization, wantsAbilities bool, r *Report, identify func(context.Context) (identity, error)) {
	var (
		abilities    []string
		abilitiesErr error
		done         = make(chan struct{})
	)
	if wantsAbilities {
		go func() {
			defer close(done)
			abilities, abilitiesErr = c.abilities.do(ctx, auth, func(ctx context.Context) ([]string, error) {
				return c.API.Abilities(ctx, auth)
			})
		}()
	} else {
		close(done)
	}
	who, err := c.identities.do(ctx, auth, identify)
	<-done

	if err != nil {
		r.fail(failure(err, "GET /users/me", c.API.Host(), c.Timeout))
		return
	}
	r.Status, r.HTTPStatus = Valid, 200
	if who.RequestID != "" {
		r.RequestID = who.RequestID
	}
	r.User, r.Subdomain, r.TokenType = who.User, who.subdomain, who.tokenType
	if who.gap != nil {
		r.Gaps = append(r.Gaps, *who.gap)
	}
	if abilitiesErr != nil {
		r.Gaps = append(r.Gaps, Gap{What: "abilities", Failure: failure(abilitiesErr, "GET /abilities", c.API.Host(), c.Timeout)})
	}
	r.Abilities = abilities
}

// identify asks whose key this is: one request for a user's, two for the
// account's, whose first answer names no account.
func (c *Checker) identify(ctx context.Context, auth pagerduty.Authorization) (identity, error) {
	me, err := c.API.CurrentUser(ctx, auth)
	if err != nil {
		return identity{}, err
	}
	who := identity{Identity: me, tokenType: TypeAccount}
	if me.User != nil {
		who.tokenType = TypeUser
		who.subdomain = pagerduty.Subdomain(string(me.User.HTMLURL))
		if who.subdomain == "" {
			who.gap = &Gap{What: "subdomain"}
		}
		return who, nil
	}
	// The second answer judges the key or its account; the first only
	// recognised its kind. What else goes wrong leaves a key that was accepted.
	err = c.locate(ctx, auth, &who, func(s Status) bool { return s != Unauthorized && s != PaymentRequired })
	return who, err
}

// locate asks for the account's subdomain. A failure whose verdict forgiven
// accepts leaves a gap.
func (c *Checker) locate(ctx context.Context, auth pagerduty.Authorization, who *identity, forgiven func(Status) bool) error {
	var err error
	who.subdomain, err = c.API.AccountSubdomain(ctx, auth)
	var asked *pagerduty.Error
	switch {
	case err == nil && who.subdomain == "":
		who.gap = &Gap{What: "subdomain"}
	case err == nil:
	case errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &asked) && !forgiven(StatusOf(asked)):
		return err
	default:
		who.gap = &Gap{What: "subdomain", Failure: asked}
	}
	return nil
}

// grantKey is what an OAuth app's token was asked with.
type grantKey struct {
	app    pagerduty.App
	scopes string // sorted, separated by spaces
}

// grant is an OAuth app's token and how long it lived when it was minted.
type grant struct {
	pagerduty.Grant
	life time.Duration
}

// left is how long it still lives, part of a second counting as a whole one.
func (g grant) left() time.Duration {
	return (time.Until(g.ExpiresAt) + time.Second - 1).Truncate(time.Second)
}

// shortestLife is what a remembered token must have left to be used again.
const shortestLife = 30 * time.Second

// mint gives an OAuth app's token, minted once for all checks that ask for the
// same scopes. Without the scopes that only the check itself needs it is tried
// again where PagerDuty refuses some: an app need not have them to be good.
func (c *Checker) mint(ctx context.Context, app pagerduty.App, e Expectations) (grant, error) {
	required := sorted(nil, e.RequiredScopes)
	all := sorted(e.ownScopes(), required)
	key := grantKey{app, strings.Join(all, " ")}
	run := func() (grant, error) {
		return c.grants.do(ctx, key, func(ctx context.Context) (grant, error) {
			g, err := c.mintOnce(ctx, app, all)
			var failed *pagerduty.Error
			if errors.As(err, &failed) && StatusOfMint(failed) == Forbidden && len(required) < len(all) {
				if less, lessErr := c.mintOnce(ctx, app, required); lessErr == nil {
					return less, nil
				}
			}
			return g, err
		})
	}
	g, err := run()
	needed := max(e.MinTTL, shortestLife)
	outlived := func(g grant) bool { return !g.ExpiresAt.IsZero() && g.life >= needed && g.left() < needed }
	if err == nil && outlived(g) {
		c.grants.forget(key, outlived)
		return run()
	}
	return g, err
}

func (c *Checker) mintOnce(ctx context.Context, app pagerduty.App, scopes []string) (grant, error) {
	minted, err := c.Identity.Mint(ctx, app, scopes)
	g := grant{Grant: minted}
	if err == nil {
		g.life = g.left()
	}
	return g, err
}

// sorted is both lists as one, each name once.
func sorted(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// askAsApp mints an OAuth app's token and asks with it what its scopes allow.
func (c *Checker) askAsApp(ctx context.Context, cred Credential, e Expectations, r *Report) {
	app := pagerduty.App{ClientID: cred.OAuth.ClientID, ClientSecret: string(cred.Value), Region: cred.OAuth.Region, Subdomain: cred.OAuth.Subdomain}
	r.Asked = append([]string{app.AccountScope()}, sorted(e.ownScopes(), e.RequiredScopes)...)
	g, err := c.mint(ctx, app, e)
	if err != nil {
		r.Minting = true
		r.fail(failure(err, "POST /oauth/token", c.Identity.Host(), c.Timeout))
		return
	}
	// Measured here: the requests that follow can take seconds.
	r.life = g.left()
	r.TokenType, r.RequestID = TypeAppOAuth, g.RequestID
	r.Scopes = append([]string{}, g.Scopes...)
	granted := func(scope string) bool { return slices.Contains(g.Scopes, scope) }
	c.ask(ctx, g.Auth, e.wantsAbilities() && granted(scopeAbilities), r, func(ctx context.Context) (identity, error) {
		who := identity{tokenType: TypeAppOAuth}
		if !granted(scopeUsers) {
			who.gap = &Gap{What: "subdomain", Scope: scopeUsers}
			return who, nil
		}
		// Only a 403 is forgiven: until it answers, the API has not accepted
		// the token that the identity host gave.
		err := c.locate(ctx, g.Auth, &who, func(s Status) bool { return s == Forbidden })
		return who, err
	})
	if r.Status != Valid {
		return
	}
	r.AccessToken, r.ExpiresAt = Secret(g.AccessToken), g.ExpiresAt
	if e.wantsAbilities() && !granted(scopeAbilities) {
		r.Gaps = append(r.Gaps, Gap{What: "abilities", Scope: scopeAbilities})
	}
}

// fail enters a failed request into the report.
func (r *Report) fail(e *pagerduty.Error) {
	r.Failure, r.RequestID = e, e.RequestID
	if r.Status = StatusOf(e); r.Minting {
		r.Status = StatusOfMint(e)
	}
	if e.Kind != pagerduty.KindProxyStatus {
		r.HTTPStatus = e.Status
	}
}

// failure is err as a *pagerduty.Error. A check that waited for another one's
// request, such as "GET /users/me", brings its context's error instead of a
// request's.
func failure(err error, request, host string, waited time.Duration) *pagerduty.Error {
	var e *pagerduty.Error
	if errors.As(err, &e) {
		return e
	}
	kind := pagerduty.KindTransport
	switch {
	case errors.Is(err, context.Canceled):
		kind = pagerduty.KindCanceled
	case errors.Is(err, context.DeadlineExceeded):
		kind = pagerduty.KindTimeout
	}
	method, path, _ := strings.Cut(request, " ")
	return &pagerduty.Error{Kind: kind, Method: method, Host: host, Path: path, Phase: pagerduty.PhaseWait, Elapsed: waited}
}
