package preflight

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// The scopes that a check itself needs [D].
const (
	scopeUsers     = "users.read"     // GET /users, for the account
	scopeAbilities = "abilities.read" // GET /abilities
)

// ownScopes are those that the check needs to learn what is expected of it.
func (e Expectations) ownScopes() []string {
	if e.wantsAbilities() {
		return []string{scopeAbilities, scopeUsers}
	}
	return []string{scopeUsers}
}

func (e Expectations) wantsAbilities() bool {
	return e.IncludeAbilities || len(e.Sets[guardAbilities]) > 0
}

func (e Expectations) wantsWriteAccess() bool { return e.IncludeWriteAccess || e.RequireWriteAccess }

// grantKey is what an OAuth app's access token was asked for with. Which of the scopes
// are required matters: the others are left out where they are refused.
type grantKey struct {
	app           pagerduty.App
	own, required string // sorted, separated by spaces
}

func (e Expectations) grantKey(app pagerduty.App) grantKey {
	return grantKey{app, strings.Join(e.ownScopes(), " "), strings.Join(sorted(nil, e.Sets[GuardRequiredScopes]), " ")}
}

// grant is an OAuth app's access token and the scopes that it was asked for with.
type grant struct {
	pagerduty.Grant
	asked []string
}

// names reports whether a scope of the grant names the app's account.
func (g grant) names(app pagerduty.App) bool {
	return slices.ContainsFunc(g.Scopes, func(s string) bool { return strings.EqualFold(s, app.AccountScope()) })
}

// expiryMargin is what a remembered access token must have left to be used again.
const expiryMargin = 30 * time.Second

// freshUntil is until when an access token is used again: shortly before it expires.
func (g grant) freshUntil() time.Time {
	if g.ExpiresAt.IsZero() {
		return shortly(g)
	}
	return g.ExpiresAt.Add(-expiryMargin)
}

// mint gives an OAuth app's access token, one for all checks that ask for the same
// scopes. Where PagerDuty refuses some, it asks once more without the scopes that
// only the check itself needs: an app can be valid without them. Only where that is
// refused too, the first refusal is the result.
func (c *Checker) mint(ctx context.Context, app pagerduty.App, e Expectations) (grant, error) {
	required := sorted(nil, e.Sets[GuardRequiredScopes])
	all := sorted(e.ownScopes(), required)
	return c.grants.do(ctx, e.grantKey(app), grant.freshUntil, func(ctx context.Context) (grant, error) {
		g, err := c.Minter.Mint(ctx, app, all)
		var failed, again *pagerduty.Error
		if errors.As(err, &failed) && failed.Kind == pagerduty.KindStatus && StatusOfMint(failed) == Forbidden &&
			len(required) < len(all) {
			less, lessErr := c.Minter.Mint(ctx, app, required)
			if !errors.As(lessErr, &again) || StatusOfMint(again) != Forbidden {
				return grant{less, required}, lessErr
			}
		}
		return grant{g, all}, err
	})
}

// sorted is both lists as one, each name once.
func sorted(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// askAsApp mints an OAuth app's access token and shows it to the API, which alone
// can accept it.
func (c *Checker) askAsApp(ctx context.Context, cred Credential, e Expectations, r *Report) {
	app := pagerduty.App{
		ClientID: cred.OAuth.ClientID, ClientSecret: cred.Value, Region: cred.OAuth.Region, Subdomain: cred.OAuth.Subdomain,
	}
	started := time.Now()
	g, err := c.mint(ctx, app, e)
	r.AskedScopes = append([]string{app.AccountScope()}, g.asked...)
	r.GrantedScopes, r.ScopesRequired = g.Scopes, len(e.Sets[GuardRequiredScopes]) > 0
	if err != nil {
		r.Minting = true
		r.fail(failure(err, "POST /oauth/token", c.Minter.Host(), time.Since(started)))
		return
	}
	r.TokenType, r.RequestID = TypeAppOAuth, g.RequestID
	// Somebody may have required a credential in the place of a scope.
	granted := pagerduty.Withhold(g.asked, c.Secrets...)
	if g.Scopes != nil {
		granted = g.Scopes
	}
	r.Scopes = slices.DeleteFunc(append([]string{}, granted...), pagerduty.IsAccountScope)
	abilities := e.wantsAbilities() && slices.Contains(r.Scopes, scopeAbilities)
	key := identityKey{auth: pagerduty.BearerToken(g.AccessToken, app.ClientSecret), named: g.names(app)}
	who, ok := c.ask(ctx, key, abilities, r, func(ctx context.Context) (identity, error) {
		return c.identifyApp(ctx, key, app)
	})
	if r.Status == Unauthorized {
		// The access token was revoked; another may be granted.
		c.grants.forget(func(key grantKey) bool { return key == e.grantKey(app) })
	}
	if !ok {
		return
	}
	// What the API says outweighs what a grant says, or leaves out.
	lacks := slices.Clone(who.lacks) // the memo's is shared
	for _, gap := range r.Gaps {
		lacks = append(lacks, lacking(gap.Failure)...)
	}
	r.Scopes = slices.DeleteFunc(r.Scopes, func(s string) bool { return slices.Contains(lacks, s) })
	r.AccessToken, r.ExpiresAt = g.AccessToken, g.ExpiresAt
	if e.wantsAbilities() && !abilities {
		r.Gaps = append(r.Gaps, Gap{What: "abilities", Scope: scopeAbilities})
	}
}

// lacking are the scopes for whose lack PagerDuty refused a request.
func lacking(e *pagerduty.Error) []string {
	if e == nil || StatusOf(e) != Forbidden {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(e.Body.RequiredScopes), func(s string) bool {
		return slices.Contains(e.Body.TokenScopes, s)
	})
}

// identifyApp asks GET /users with an app's access token. A 200 accepts it, and so
// does PagerDuty's own 403 that names the scopes it requires. The account is known
// from a scope that names it, or from the answer; what was only asked for proves
// nothing.
func (c *Checker) identifyApp(ctx context.Context, key identityKey, app pagerduty.App) (identity, error) {
	who := identity{tokenType: TypeAppOAuth, httpStatus: 200}
	if key.named {
		who.subdomain, who.region = app.Subdomain, app.Region
	}
	d, err := c.API.Users(ctx, key.auth, 1)
	var failed *pagerduty.Error
	switch {
	case errors.As(err, &failed) && StatusOf(failed) == Forbidden && len(failed.Body.RequiredScopes) > 0:
		who.httpStatus, who.requestID, who.lacks = failed.Status, failed.RequestID, lacking(failed)
		if who.subdomain == "" {
			who.gap = &Gap{What: "subdomain", Scope: scopeUsers}
		}
		return who, nil
	case err != nil:
		return identity{}, err
	}
	who.requestID = d.RequestID
	if d.Mixed {
		who.subdomain, who.region = "", ""
	}
	if d.Subdomain != "" {
		who.subdomain, who.region = d.Subdomain, d.Region
		if d.Subdomain != app.Subdomain || d.Region != app.Region {
			return who, &pagerduty.Error{
				Kind: pagerduty.KindMismatch, Method: "GET", Host: c.API.Host(), Path: "/users", Status: 200,
				RequestID: d.RequestID, Sender: pagerduty.SenderPagerDuty,
			}
		}
	}
	return who.withGap(), nil
}
