package pagerduty

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// App is an OAuth app that acts for an account by client credentials.
type App struct {
	hidden
	ClientID     string
	ClientSecret Secret
	// Region ("us", "eu") and Subdomain name the account; both go into the scope
	// "as_account-<region>.<subdomain>" [D].
	Region, Subdomain string
}

// accountScopePrefix begins the scope that names an account, and no other [D].
const accountScopePrefix = "as_account-"

// AccountScope is the scope that names the account.
func (a App) AccountScope() string { return accountScopePrefix + a.Region + "." + a.Subdomain }

// Grant is a minted access token. It lives in memory only.
type Grant struct {
	AccessToken Secret
	// Scopes are those that the answer names, the account's included, which can be
	// fewer than were asked for without any error [S]. It is nil where the answer
	// names none: then what was asked for was granted (RFC 6749, section 5.1).
	Scopes []string
	// ExpiresAt is the zero time where the answer does not say.
	ExpiresAt time.Time
	RequestID string
}

const (
	mintPath   = "/oauth/token"
	maxGranted = 10_000 // scopes
	// maxAccessToken is how long an access token can be, in bytes.
	maxAccessToken = 8 << 10
	// minWithheld is the length from which a client ID can be a client secret in the
	// wrong place: somebody may have swapped the two, and servers quote it.
	minWithheld = 12
	// hiddenAccount stands for a scope that names an account and cannot be shown.
	hiddenAccount = accountScopePrefix + "?"
)

// Mint asks the identity host that c is a client of for an access token with scopes,
// POST /oauth/token [D]. Every error is an *Error. A grant for another account, or
// without the account and any of scopes, is one of KindGrant: it comes with the Grant,
// whose AccessToken is zero.
func (c *Client) Mint(ctx context.Context, app App, scopes []string) (Grant, error) {
	r := &call{
		method: http.MethodPost, path: mintPath, mint: true, secrets: []Secret{app.ClientSecret},
		body: []byte(url.Values{
			"grant_type": {"client_credentials"}, "client_id": {app.ClientID},
			"client_secret": {app.ClientSecret.Reveal()},
			"scope":         {strings.Join(append([]string{app.AccountScope()}, scopes...), " ")},
		}.Encode()),
	}
	if len(app.ClientID) >= minWithheld {
		r.secrets = append(r.secrets, NewSecret(app.ClientID))
	}
	a, failure := c.do(ctx, r)
	if failure != nil {
		return Grant{}, failure
	}
	return c.granted(r, a, app, scopes)
}

// granted reads the answer to a request for an access token.
func (c *Client) granted(r *call, a *answer, app App, scopes []string) (Grant, error) {
	switch {
	case a.status != http.StatusOK:
		return Grant{}, c.statusError(r, a)
	case a.tooLarge:
		return Grant{}, c.unusable(r, a, KindTooLarge)
	case cacheMark(a.header) != "":
		return Grant{}, c.cached(r, a)
	}
	var body struct {
		AccessToken Text            `json:"access_token"`
		TokenType   Text            `json:"token_type"`
		ExpiresIn   json.RawMessage `json:"expires_in"`
		Scope       any             `json:"scope"`
	}
	if json.Unmarshal(a.body, &body) != nil || body.AccessToken == "" {
		return Grant{}, c.unmintable(r, a)
	}
	if namesError(a.body) || !exact(a.body) {
		return Grant{}, c.unusable(r, a, KindMissingObject)
	}
	secret := NewSecret(string(body.AccessToken))
	if !strings.EqualFold(string(body.TokenType), "bearer") || !isHeaderValue(string(body.AccessToken)) {
		return Grant{}, c.unusable(r, a, KindMissingObject)
	}
	r.secrets = append(r.secrets, secret)
	g := Grant{AccessToken: secret, ExpiresAt: expiry(body.ExpiresIn), RequestID: r.redactor().text(a.requestID, 128)}
	if body.Scope != nil {
		// What counts is what was granted, not what of it can be shown.
		granted := scopesOf(body.Scope)
		redact := newRedactor(app.ClientSecret, secret) // an ID can resemble the account's name
		g.Scopes = append([]string{}, redact.words(granted, maxGranted)...)
		if !grantsAny(granted, app.AccountScope(), scopes) {
			g.AccessToken = Secret{}
			if slices.ContainsFunc(granted, IsAccountScope) && !slices.ContainsFunc(g.Scopes, IsAccountScope) {
				g.Scopes = append(g.Scopes, hiddenAccount)
			}
			return g, c.unusable(r, a, KindGrant)
		}
	}
	return g, nil
}

// grantsAny reports whether the scopes of a grant are of use: none names another
// account, and one names the account or is among those asked for.
func grantsAny(granted []string, account string, asked []string) bool {
	some := false
	for _, scope := range granted {
		isAccount := IsAccountScope(scope)
		if isAccount && !strings.EqualFold(scope, account) {
			return false
		}
		some = some || isAccount || slices.Contains(asked, scope)
	}
	return some
}

// IsAccountScope reports whether a scope names an account, in upper or lower case.
func IsAccountScope(s string) bool {
	return strings.HasPrefix(strings.ToLower(s), accountScopePrefix)
}

// isHeaderValue reports whether a token can be sent as it is. Servers take headers of
// 8 KiB and more.
func isHeaderValue(s string) bool {
	return len(s) <= maxAccessToken && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// expiry reads expires_in, seconds as a number or a string [S].
func expiry(raw json.RawMessage) time.Time {
	seconds, err := strconv.ParseFloat(strings.Trim(string(raw), `"`), 64)
	if err != nil || !(seconds > 0) || seconds > (10*365*24*time.Hour).Seconds() {
		return time.Time{}
	}
	return time.Now().Add(time.Duration(seconds * float64(time.Second)))
}

// unmintable sorts a 200 without an access token: an error of RFC 6749 all the same,
// or something else's page.
func (c *Client) unmintable(r *call, a *answer) *Error {
	e := c.statusError(r, a)
	switch {
	case e.Body.OAuthError != "":
		e.Kind = KindStatus
	case e.Body.Form != FormJSON:
		e.Kind = KindNotJSON
	}
	return e
}
