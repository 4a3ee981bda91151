package preflight

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// DefaultTimeout is the provider's default for Checker.Timeout.
const DefaultTimeout = 15 * time.Second

// API is what a check asks. *pagerduty.Client is one; every error is a
// *pagerduty.Error.
type API interface {
	CurrentUser(context.Context, pagerduty.Authorization) (pagerduty.Identity, error)
	Users(ctx context.Context, auth pagerduty.Authorization, limit int) (pagerduty.Directory, error)
	Abilities(context.Context, pagerduty.Authorization) ([]string, error)
	PreviewSchedule(ctx context.Context, auth pagerduty.Authorization, userID string) (bool, error)
	Host() string
}

// Minter is what a check asks for an OAuth app's access token. *pagerduty.Client is
// one; every error is a *pagerduty.Error.
type Minter interface {
	Mint(context.Context, pagerduty.App, []string) (pagerduty.Grant, error)
	Host() string
}

// Checker checks credentials against one API. Checks of one credential that overlap,
// or follow within 30 seconds, cost the requests of one. It is safe for concurrent
// use.
type Checker struct {
	API API
	// Minter is what OAuth apps are checked with; nil where none is.
	Minter Minter
	// Region is the service region that is configured, "us" or "eu".
	Region string
	// HostOverridden and IdentityOverridden report whether the hosts are others
	// than the region's own.
	HostOverridden, IdentityOverridden bool
	// ExtraCAs reports whether certificates are trusted in addition to the system's.
	ExtraCAs bool
	// Timeout is the whole budget of one check, retries included.
	Timeout time.Duration
	// Skip makes every check Unverified without a request.
	Skip bool
	// Secrets are those of the configuration, checked or not, which no message repeats.
	Secrets []Secret

	identities memo[identityKey, identity]
	abilities  memo[pagerduty.Authorization, []string]
	previews   memo[pagerduty.Authorization, bool]
	grants     memo[grantKey, grant]
}

// Check lints a credential, asks PagerDuty about it within the time limit and
// compares what was learned with what is expected. It never fails: what went wrong
// is in the report. When it returns, whatever it was still asking is canceled.
func (c *Checker) Check(ctx context.Context, cred Credential, e Expectations) Report {
	r := Report{
		Status: Unverified, Credential: cred, Preview: Preview(cred.Value.Reveal()), Host: c.API.Host(), Region: c.Region,
		HostOverridden: c.HostOverridden, IdentityOverridden: c.IdentityOverridden, Timeout: c.Timeout,
		ExtraCAs: c.ExtraCAs, Secrets: c.Secrets, Skipped: c.Skip, TokenType: TypeUnknown,
	}
	if c.Skip {
		return r.concluded(e)
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
		c.askAsToken(ctx, cred, e, &r)
	}
	if r.Status != Valid {
		if cred.Kind != KindAppOAuth {
			r.Hints = Shape(cred.Value.Reveal())
		}
		r = r.bounded()
		r.Gaps = nil // those are a valid credential's
		return r
	}
	r.Other = <-other
	return r.concluded(e).bounded()
}

// lint finds what is malformed about any of a credential's values, and in which.
func (cred Credential) lint() (*Finding, Argument) {
	argument := Argument(cred.Kind) // a token's has the name of its kind
	if cred.Kind == KindAppOAuth {
		if f := Lint(cred.OAuth.ClientID); f != nil {
			return f, ArgumentClientID
		}
		argument = ArgumentClientSecret
	}
	if f := Lint(cred.Value.Reveal()); f != nil {
		return f, argument
	}
	return nil, ""
}

// concluded turns unmet expectations into the verdict.
func (r Report) concluded(e Expectations) Report {
	r.Violations = e.violations(&r)
	if len(r.Violations) > 0 {
		r.Status = NotAllowed
	}
	return r
}

// checkOther checks the credential to compare the account with, at the same time.
// What is received is nil where there is none, or where it is unset.
func (c *Checker) checkOther(ctx context.Context, other *Credential) <-chan *Report {
	done := make(chan *Report, 1)
	if other == nil || other.Value.IsZero() {
		done <- nil
		return done
	}
	go func() {
		r := c.Check(ctx, *other, Expectations{})
		done <- &r
	}()
	return done
}

// identity is what the requests about a credential's identity brought.
type identity struct {
	user              *pagerduty.User
	tokenType         TokenType
	subdomain, region string
	onCall            string // the ID of a user who can be on call
	unread            error  // why the others were not read, nil where they were
	httpStatus        int
	requestID         string
	gap               *Gap
	lacks             []string // OAuth scopes for whose lack PagerDuty refused a request
}

type identityKey struct {
	auth pagerduty.Authorization
	wide bool // many users were asked for, to find one who can be on call
	// named reports whether an OAuth app's grant names the account. The same access token
	// can come with another grant that does not.
	named bool
}

// wideLimit is how many users are asked for where one who can be on call is needed.
const wideLimit = 100

// askAsToken brings the facts about an API token.
func (c *Checker) askAsToken(ctx context.Context, cred Credential, e Expectations, r *Report) {
	auth := pagerduty.APIToken(cred.Value)
	key := identityKey{auth: auth, wide: e.wantsWriteAccess()}
	who, ok := c.ask(ctx, key, e.wantsAbilities(), r, func(ctx context.Context) (identity, error) {
		return c.identify(ctx, key)
	})
	if ok && e.wantsWriteAccess() {
		c.askWriteAccess(ctx, auth, who, r)
	}
}

// ask brings the facts that every credential has. The requests that do not need
// each other's answer run side by side; once the verdict is clear, nothing is
// waited for.
func (c *Checker) ask(
	ctx context.Context, key identityKey, wantsAbilities bool, r *Report, identify func(context.Context) (identity, error),
) (identity, bool) {
	type answer struct {
		abilities []string
		err       error
	}
	abilities, started := make(chan answer, 1), time.Now()
	if wantsAbilities {
		go func() {
			var a answer
			a.abilities, a.err = c.abilities.do(ctx, key.auth, shortly, func(ctx context.Context) ([]string, error) {
				return c.API.Abilities(ctx, key.auth)
			})
			abilities <- a
		}()
	} else {
		abilities <- answer{}
	}
	request := "GET /users/me"
	if r.Credential.Kind == KindAppOAuth {
		request = "GET /users"
	}
	who, err := c.identities.do(ctx, key, shortly, identify)
	if err != nil {
		r.fail(failure(err, request, c.API.Host(), time.Since(started)))
		r.Subdomain, r.AccountRegion = who.subdomain, who.region
		return identity{}, false
	}
	a := <-abilities
	unanswered := failure(a.err, "GET /abilities", c.API.Host(), time.Since(started))
	if c.rejected(unanswered, key.auth, r) {
		return identity{}, false
	}
	r.Status, r.HTTPStatus = Valid, who.httpStatus
	if who.requestID != "" {
		r.RequestID = who.requestID
	}
	r.User, r.TokenType = who.user, who.tokenType
	r.Subdomain, r.AccountRegion = who.subdomain, who.region
	if who.gap != nil {
		r.Gaps = append(r.Gaps, *who.gap)
	}
	r.Abilities = a.abilities
	if unanswered != nil {
		r.Gaps = append(r.Gaps, Gap{What: "abilities", Failure: unanswered})
	}
	return who, true
}

// rejected reports whether a further request was answered that the credential is not
// valid, and makes that the verdict: what accepted it before counts no more, for the
// checks that follow neither.
func (c *Checker) rejected(e *pagerduty.Error, auth pagerduty.Authorization, r *Report) bool {
	if e == nil || StatusOf(e) != Unauthorized {
		return false
	}
	c.identities.forget(func(key identityKey) bool { return key.auth == auth })
	r.User, r.Subdomain, r.AccountRegion, r.Abilities, r.Gaps = nil, "", "", nil, nil
	if r.Credential.Kind != KindAppOAuth {
		r.TokenType = TypeUnknown
	}
	r.fail(e)
	return true
}

// identify asks whose token this is: one request for a user's. Where the first
// answer is a 400, the second decides whether the token is valid, by success alone.
func (c *Checker) identify(ctx context.Context, key identityKey) (identity, error) {
	me, err := c.API.CurrentUser(ctx, key.auth)
	if err != nil {
		return identity{}, err
	}
	if u := me.User; u != nil {
		who := identity{user: u, tokenType: TypeUser, httpStatus: 200, requestID: me.RequestID}
		who.subdomain, who.region = pagerduty.AccountOf(string(u.HTMLURL))
		if u.CanBeOnCall() {
			who.onCall = string(u.ID)
		}
		return who.withGap(), nil
	}
	limit := 1
	if key.wide {
		limit = wideLimit
	}
	d, err := c.API.Users(ctx, key.auth, limit)
	var (
		failed *pagerduty.Error
		unread error
	)
	if key.wide && errors.As(err, &failed) && failed.Kind == pagerduty.KindTooLarge {
		// Users with many teams and rules: whether the token is valid needs only one.
		unread = err
		d, err = c.API.Users(ctx, key.auth, 1)
	}
	if err != nil {
		return identity{}, err
	}
	who := identity{
		tokenType: TypeUnknown, subdomain: d.Subdomain, region: d.Region, onCall: d.OnCall, httpStatus: 200,
		requestID: d.RequestID, unread: unread,
	}
	if me.AccountToken {
		who.tokenType = TypeAccount
	}
	return who.withGap(), nil
}

// withGap notes a gap where the account is not known.
func (who identity) withGap() identity {
	if who.subdomain == "" {
		who.gap = &Gap{What: "subdomain"}
	}
	return who
}

// askWriteAccess asks for a preview of a schedule, which changes nothing and shows
// whether methods that write are accepted.
func (c *Checker) askWriteAccess(ctx context.Context, auth pagerduty.Authorization, who identity, r *Report) {
	started := time.Now()
	allowed, err := c.previews.do(ctx, auth, shortly, func(ctx context.Context) (bool, error) {
		onCall := who.onCall
		if onCall == "" && who.user != nil {
			d, err := c.API.Users(ctx, auth, wideLimit)
			if err != nil {
				return false, err
			}
			onCall = d.OnCall
		}
		if onCall == "" {
			return false, cmp.Or(who.unread, errNoOnCallUser)
		}
		return c.API.PreviewSchedule(ctx, auth, onCall)
	})
	switch {
	case err == nil:
		r.WriteAccess = &allowed
	case errors.Is(err, errNoOnCallUser):
		r.Gaps = append(r.Gaps, Gap{What: "write_access", NoOnCallUser: true})
	default:
		f := failure(err, "POST /schedules/preview", c.API.Host(), time.Since(started))
		if !c.rejected(f, auth, r) {
			r.Gaps = append(r.Gaps, Gap{What: "write_access", Failure: f})
		}
	}
}

var errNoOnCallUser = errors.New("no user who can be on call")

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

// failure is err as a *pagerduty.Error, nil for nil. A check that waited for another one's
// request, such as "GET /users/me", brings its context's error instead of a
// request's.
func failure(err error, request, host string, waited time.Duration) *pagerduty.Error {
	var e *pagerduty.Error
	if err == nil || errors.As(err, &e) {
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
	return &pagerduty.Error{
		Kind: kind, Method: method, Host: host, Path: path, Phase: pagerduty.PhaseWait, Elapsed: waited,
	}
}
