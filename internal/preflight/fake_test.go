package preflight

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// The requests as fake logs them.
const (
	mint     = "POST /oauth/token as_account-us.acme users.read"
	me       = "GET /users/me"
	oneUser  = "GET /users?limit=1"
	users    = "GET /users?limit=100"
	preview  = "POST /schedules/preview PADA"
	closed   = "close"
	validFor = 15 * time.Second // the time limit of the checks
)

// fake is a scripted API. It accepts every credential unless the script says otherwise.
type fake struct {
	user    *pagerduty.User // of GET /users/me; nil for its 400
	account bool            // the 400 says that the token is an account's
	one     pagerduty.Directory
	many    pagerduty.Directory
	writes  bool
	grant   pagerduty.Grant
	fail    map[string]error         // the failed requests
	slow    map[string]time.Duration // how long a request takes; 0 for no time
	hang    string                   // the request without a response

	mu  sync.Mutex
	log []string // the requests of all conversations
}

// conversation is one conversation with a fake. It logs "misuse" for a request that
// overlaps with another, follows the end, or has an unexpected credential.
type conversation struct {
	*fake
	auth         pagerduty.Authorization
	busy, closed bool
}

func (f *fake) send(ctx context.Context, c *conversation, request string, auth pagerduty.Authorization) error {
	f.mu.Lock()
	if c.busy || c.closed || c.auth != auth {
		f.log = append(f.log, "misuse")
	}
	f.log, c.busy = append(f.log, request), true
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		c.busy = false
	}()
	wait := time.After(f.slow[request])
	if request == f.hang {
		wait = nil
	}
	select {
	case <-wait:
	case <-ctx.Done():
	}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return &pagerduty.Error{Kind: pagerduty.KindCanceled}
	case ctx.Err() != nil:
		return &pagerduty.Error{Kind: pagerduty.KindTimeout}
	}
	return f.fail[request]
}

func (c *conversation) Mint(ctx context.Context, app pagerduty.App, scopes []string) (pagerduty.Grant, error) {
	request := strings.TrimSpace("POST /oauth/token " + app.AccountScope() + " " + strings.Join(scopes, " "))
	err := c.send(ctx, c, request, c.auth)
	if err != nil {
		return pagerduty.Grant{Scopes: c.grant.Scopes}, err
	}
	g := c.grant
	g.AccessToken = accessToken
	c.auth = pagerduty.BearerToken(accessToken)
	return g, nil
}

func (c *conversation) CurrentUser(ctx context.Context, auth pagerduty.Authorization) (pagerduty.Identity, error) {
	if err := c.send(ctx, c, me, auth); err != nil {
		return pagerduty.Identity{}, err
	}
	return pagerduty.Identity{User: c.user, AccountToken: c.account, RequestID: "me"}, nil
}

func (c *conversation) Users(
	ctx context.Context, auth pagerduty.Authorization, limit int,
) (pagerduty.Directory, error) {
	if err := c.send(ctx, c, fmt.Sprint("GET /users?limit=", limit), auth); err != nil {
		return pagerduty.Directory{}, err
	}
	if limit == 1 {
		return c.one, nil
	}
	return c.many, nil
}

func (c *conversation) PreviewSchedule(ctx context.Context, auth pagerduty.Authorization, id string) (bool, error) {
	err := c.send(ctx, c, "POST /schedules/preview "+id, auth)
	return c.writes && err == nil, err
}

func (c *conversation) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.log = append(c.log, closed)
}

// checker returns a checker of a new process with a fake.
func (f *fake) checker() *Checker {
	return &Checker{
		Settings: Settings{
			Host: "api.pagerduty.com", IdentityHost: "identity.pagerduty.com", Region: "us", Timeout: validFor,
		},
		Open: func() Conversation { return &conversation{fake: f, auth: pagerduty.APIToken(tokenValue)} },
	}
}

// check runs one check with a new checker and returns its report and requests.
func (f *fake) check(t *testing.T, cred Credential, guards ...GuardValue) (r Report, requests []string) {
	t.Helper()
	r = f.checker().Check(t.Context(), cred, guards)
	return r, f.requests(t)
}

// requests returns the log without the ends of conversations. The last entry has to be
// one.
func (f *fake) requests(t *testing.T) []string {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.log) > 0 && f.log[len(f.log)-1] != closed {
		t.Errorf("the conversation was not closed: %q", f.log)
	}
	return slices.DeleteFunc(slices.Clone(f.log), func(s string) bool { return s == closed })
}

var (
	tokenValue  = pagerduty.NewSecret("u+AbCdEfGhIjKlMnOp12")
	accessToken = pagerduty.NewSecret("pdus+access-token-0123456789")
	token       = Credential{Name: CredentialToken, Value: tokenValue, Source: "PAGERDUTY_TOKEN"}
	userToken   = Credential{Name: CredentialUserToken, Value: tokenValue, Source: "PAGERDUTY_USER_TOKEN"}
	app         = Credential{
		Name: CredentialApp, Value: pagerduty.NewSecret("client-secret-0123456789"), Source: "PAGERDUTY_CLIENT_SECRET",
		App: &App{ClientID: "client-id-0123456789", Region: "us", Subdomain: "acme"},
	}
	acme     = pagerduty.Directory{Subdomain: "acme", Region: "us", OnCall: "PADA", RequestID: "users"}
	nobody   = pagerduty.Directory{Subdomain: "acme", Region: "us", RequestID: "users"}
	mayWrite = GuardValue{Name: GuardWriteAccess, Values: []string{"true"}}
)

// ada returns a user of the account acme.
func ada(role string) *pagerduty.User {
	return &pagerduty.User{
		ID: "PADA", Name: "Ada", Email: "ada@acme.example", Role: role, HTMLURL: "https://acme.pagerduty.com/users/PADA",
	}
}

// from returns a failure with an HTTP status.
func from(sender pagerduty.Sender, status int, body pagerduty.ErrorBody) *pagerduty.Error {
	return &pagerduty.Error{
		Kind: pagerduty.KindStatus, Status: status, Sender: sender, Body: body, RequestID: fmt.Sprint("id of ", status),
	}
}

// refused returns a failure with an HTTP status from PagerDuty.
func refused(status int) *pagerduty.Error {
	return from(pagerduty.SenderPagerDuty, status, pagerduty.ErrorBody{})
}

func failed(kind pagerduty.Kind) *pagerduty.Error { return &pagerduty.Error{Kind: kind} }
