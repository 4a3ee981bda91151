package preflight

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// Conversation sends the requests of one check. *pagerduty.Session implements it. Every
// error is a *pagerduty.Error.
type Conversation interface {
	Mint(context.Context, pagerduty.App, []string) (pagerduty.Grant, error)
	CurrentUser(context.Context, pagerduty.Authorization) (pagerduty.Identity, error)
	Users(ctx context.Context, auth pagerduty.Authorization, limit int) (pagerduty.Directory, error)
	PreviewSchedule(ctx context.Context, auth pagerduty.Authorization, userID string) (bool, error)
	Close()
}

// question holds what a check asks PagerDuty. Checks with equal questions share an answer
// for 30 seconds.
type question struct {
	credential      Secret
	app             pagerduty.App // the zero value for an API token
	scopes          string        // to request for an OAuth app
	previewSchedule bool          // to learn about write access
}

// tokenType returns what is known about the token's type without a response.
func (q question) tokenType() TokenType {
	if q.app.ClientID != "" {
		return TypeApp
	}
	return TypeUnknown
}

// learn returns what PagerDuty reports about a credential, or the request that failed.
func (c *Checker) learn(ctx context.Context, q question) (Facts, *pagerduty.Error) {
	return c.memo.do(ctx, q, c.Settings, func() (Facts, *pagerduty.Error) {
		conversation := c.Open()
		defer conversation.Close()
		l := learner{ctx: ctx, Conversation: conversation, Facts: Facts{TokenType: TypeUnknown}, host: c.Host}
		var failure *pagerduty.Error
		if q.app.ClientID != "" {
			failure = l.askAsApp(q)
		} else {
			l.auth = pagerduty.APIToken(q.credential)
			failure = l.askAsToken()
		}
		if failure == nil && q.previewSchedule {
			failure = l.askWriteAccess()
		}
		if failure != nil && failure.Kind != pagerduty.KindMismatch {
			// A 401 from a later request overrides what an earlier one reported.
			l.Facts = Facts{
				TokenType: q.tokenType(), RequestedScopes: l.RequestedScopes, GrantedScopes: l.GrantedScopes,
			}
		}
		return l.Facts, failure
	})
}

// learner collects the facts of one check. Its requests follow each other in a fixed
// order.
type learner struct {
	ctx context.Context //nolint:containedctx // it lives as long as the check
	Conversation
	Facts
	auth   pagerduty.Authorization
	onCall string // the ID of a user who can be on call, or ""
	host   string // of the API
}

// askAsToken sends GET /users/me. A 200 names the user. After a 400, only the success of
// GET /users shows that the token is valid.
func (l *learner) askAsToken() *pagerduty.Error {
	me, err := l.CurrentUser(l.ctx, l.auth)
	if err != nil {
		return failure(err)
	}
	if me.User == nil {
		if me.AccountToken {
			l.TokenType = TypeAccount
		}
		return l.askAccount()
	}
	l.TokenType, l.User, l.HTTPStatus, l.RequestID = TypeUser, me.User, 200, me.RequestID
	l.Subdomain, l.AccountRegion = pagerduty.AccountOf(me.User.HTMLURL)
	if me.User.CanBeOnCall() {
		l.onCall = me.User.ID
	}
	if l.Subdomain == "" {
		l.Gaps = append(l.Gaps, Gap{Result: "subdomain"})
	}
	return nil
}

// askAccount sends GET /users, which names the account.
func (l *learner) askAccount() *pagerduty.Error {
	d, err := l.Users(l.ctx, l.auth, 1)
	if err != nil {
		return failure(err)
	}
	l.HTTPStatus, l.RequestID, l.onCall = 200, d.RequestID, d.OnCall
	switch {
	case d.Subdomain != "":
		l.Subdomain, l.AccountRegion = d.Subdomain, d.Region
	case len(d.Accounts) > 0:
		l.Subdomain, l.AccountRegion = "", ""
		l.Gaps = append(l.Gaps, Gap{Result: "subdomain", Accounts: d.Accounts})
	case l.Subdomain == "":
		l.Gaps = append(l.Gaps, Gap{Result: "subdomain"})
	}
	return nil
}

// askAsApp obtains an access token and sends GET /users with it: only the API can accept
// it. A 200 does, and so does PagerDuty's own 403 that names the scopes it requires. The
// account is known from a granted scope, or from the response.
func (l *learner) askAsApp(q question) *pagerduty.Error {
	requested := strings.Fields(q.scopes)
	l.RequestedScopes = append([]string{q.app.AccountScope()}, requested...)
	grant, err := l.Mint(l.ctx, q.app, requested)
	l.GrantedScopes = grant.Scopes
	if err != nil {
		return failure(err)
	}
	l.TokenType, l.AccessToken, l.ExpiresAt = TypeApp, grant.AccessToken, grant.ExpiresAt
	granted := grant.Scopes
	if granted == nil {
		granted = requested
	}
	if slices.ContainsFunc(grant.Scopes, pagerduty.IsAccountScope) { // another account's is an error
		l.Subdomain, l.AccountRegion = q.app.Subdomain, q.app.Region
	}
	l.auth = pagerduty.BearerToken(grant.AccessToken)
	refused := l.askAccount()
	var lacking []string
	switch {
	case refused != nil && StatusOf(refused) == Forbidden && refused.Body.RefusesRights() &&
		len(refused.Body.RequiredScopes) > 0:
		lacking = slices.DeleteFunc(slices.Clone(refused.Body.RequiredScopes), func(s string) bool {
			return slices.Contains(refused.Body.TokenScopes, s)
		})
		l.HTTPStatus, l.RequestID = refused.Status, refused.RequestID
		if l.Subdomain == "" {
			l.Gaps = append(l.Gaps, Gap{Result: "subdomain", MissingScope: DefaultScope})
		}
	case refused != nil:
		return refused
	case l.Subdomain != "" && (l.Subdomain != q.app.Subdomain || l.AccountRegion != q.app.Region):
		return &pagerduty.Error{
			Kind: pagerduty.KindMismatch, Method: "GET", Host: l.host, Path: "/users", Status: 200, RequestID: l.RequestID,
			Sender: pagerduty.SenderPagerDuty, Attempts: []pagerduty.Attempt{{Status: 200, Sent: true}},
		}
	}
	// What the API says overrides what the grant says.
	l.Scopes = slices.DeleteFunc(slices.Sorted(slices.Values(granted)), func(s string) bool {
		return pagerduty.IsAccountScope(s) || slices.Contains(lacking, s)
	})
	if l.Scopes == nil {
		l.Scopes = []string{}
	}
	return nil
}

// askWriteAccess requests the preview of a schedule, which saves nothing. Only a 401
// fails the check; a gap stands for any other failure.
func (l *learner) askWriteAccess() *pagerduty.Error {
	gap := Gap{Result: "write_access"}
	if l.onCall == "" {
		d, err := l.Users(l.ctx, l.auth, 100)
		gap.Failure, l.onCall = failure(err), d.OnCall
		gap.NoOnCallUser = err == nil && d.OnCall == ""
	}
	if l.onCall != "" {
		allowed, err := l.PreviewSchedule(l.ctx, l.auth, l.onCall)
		if gap.Failure = failure(err); err == nil {
			l.WriteAccess = &allowed
			return nil
		}
	}
	if f := gap.Failure; f != nil && f.Status == 401 && StatusOf(f) == Unauthorized {
		return f
	}
	l.Gaps = append(l.Gaps, gap)
	return nil
}

// failure returns err as a *pagerduty.Error, or nil.
func failure(err error) *pagerduty.Error {
	var e *pagerduty.Error
	if err != nil && !errors.As(err, &e) {
		e = &pagerduty.Error{Kind: pagerduty.KindTransport}
	}
	return e
}
