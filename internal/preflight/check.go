package preflight

import (
	"context"
	"errors"
	"slices"
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

// Checker checks credentials against one API. What it learned of a credential
// it keeps for as long as it lives, so that many checks of one credential cost
// the requests of one. It is safe for concurrent use.
type Checker struct {
	API     API
	Timeout time.Duration
	// Skip makes every check Unverified without a request.
	Skip bool

	identities memo[pagerduty.Authorization, identity]
	abilities  memo[pagerduty.Authorization, []string]
}

// identity is what the requests about a credential's identity brought.
type identity struct {
	pagerduty.Identity
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
	if r.Finding = Lint(string(cred.Value)); r.Finding != nil {
		r.Status = Malformed
		return r
	}
	r.Hints = Shape(string(cred.Value))

	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	c.ask(ctx, pagerduty.APIKey(string(cred.Value)), e, &r)
	if r.Status == Valid {
		r.Violations = e.violations(&r)
	}
	return r.concluded()
}

// concluded turns unmet expectations into the verdict.
func (r Report) concluded() Report {
	if len(r.Violations) > 0 {
		r.Status = NotAllowed
	}
	return r
}

// ask brings the facts. The requests that do not need each other's answer run
// side by side.
func (c *Checker) ask(ctx context.Context, auth pagerduty.Authorization, e Expectations, r *Report) {
	var (
		abilities    []string
		abilitiesErr error
		done         = make(chan struct{})
	)
	if e.wantsAbilities() {
		go func() {
			defer close(done)
			abilities, abilitiesErr = c.abilities.do(ctx, auth, func(ctx context.Context) ([]string, error) {
				return c.API.Abilities(ctx, auth)
			})
		}()
	} else {
		close(done)
	}
	who, err := c.identities.do(ctx, auth, func(ctx context.Context) (identity, error) { return c.identify(ctx, auth) })
	<-done

	if err != nil {
		r.fail(failure(err, c.API.Host(), c.Timeout))
		return
	}
	r.Status, r.HTTPStatus, r.RequestID = Valid, 200, who.RequestID
	r.User, r.Subdomain = who.User, who.subdomain
	r.TokenType = TypeAccount
	if who.User != nil {
		r.TokenType = TypeUser
	}
	if who.gap != nil {
		r.Gaps = append(r.Gaps, *who.gap)
	}
	if abilitiesErr != nil {
		r.Gaps = append(r.Gaps, Gap{What: "abilities", Failure: failure(abilitiesErr, c.API.Host(), c.Timeout)})
	}
	r.Abilities = abilities
}

// identify asks whose credential this is: one request for a user's, two for the
// account's, whose first answer names no account.
func (c *Checker) identify(ctx context.Context, auth pagerduty.Authorization) (identity, error) {
	me, err := c.API.CurrentUser(ctx, auth)
	if err != nil {
		return identity{}, err
	}
	who := identity{Identity: me}
	if me.User != nil {
		who.subdomain = pagerduty.Subdomain(string(me.User.HTMLURL))
		if who.subdomain == "" {
			who.gap = &Gap{What: "subdomain"}
		}
		return who, nil
	}
	who.subdomain, err = c.API.AccountSubdomain(ctx, auth)
	var asked *pagerduty.Error
	switch {
	case err == nil && who.subdomain == "":
		who.gap = &Gap{What: "subdomain"}
	case err == nil:
	case errors.Is(err, context.Canceled):
		return identity{}, err
	case errors.As(err, &asked) && slices.Contains([]Status{Unauthorized, PaymentRequired}, StatusOf(asked)):
		// The second answer judges the key or its account; the first only
		// recognised its kind.
		return identity{}, err
	default:
		who.gap = &Gap{What: "subdomain", Failure: asked}
	}
	return who, nil
}

// fail enters a failed request into the report.
func (r *Report) fail(e *pagerduty.Error) {
	r.Failure, r.Status, r.RequestID = e, StatusOf(e), e.RequestID
	if e.Kind != pagerduty.KindProxyStatus {
		r.HTTPStatus = e.Status
	}
}

// failure is err as a *pagerduty.Error. A check that waited for another one's
// request brings its context's error instead of a request's.
func failure(err error, host string, waited time.Duration) *pagerduty.Error {
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
	return &pagerduty.Error{Kind: kind, Method: "GET", Host: host, Path: "/users/me", Phase: pagerduty.PhaseWait, Elapsed: waited}
}
