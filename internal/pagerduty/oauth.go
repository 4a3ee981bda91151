package pagerduty

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// App is an OAuth app that acts for an account with client credentials.
type App struct {
	hidden
	ClientID     string
	ClientSecret Secret
	// Region ("us", "eu") and Subdomain name the account. Both go into the scope
	// "as_account-<region>.<subdomain>" [D].
	Region, Subdomain string
}

// accountScopePrefix begins the scope that names an account [D].
const accountScopePrefix = "as_account-"

// AccountScope returns the scope that names the account.
func (a App) AccountScope() string { return accountScopePrefix + a.Region + "." + a.Subdomain }

// Grant is an access token that PagerDuty issued. It stays in memory.
type Grant struct {
	AccessToken Secret
	// Scopes are the scopes that the response names, including the account's. They can be
	// fewer than requested, without an error [S]. Nil means that the response names none,
	// and that PagerDuty granted the requested ones (RFC 6749, section 5.1).
	Scopes []string
	// ExpiresAt is the zero time if the response does not say.
	ExpiresAt time.Time
	RequestID string
}

// maxAccessToken is the maximum length of an access token in bytes. Servers accept
// headers of 8 KiB and more.
const maxAccessToken = 8 << 10

// Mint obtains an access token with scopes: POST /oauth/token [D]. If the grant is for
// another account, or names neither the account nor a requested scope, Mint returns a
// KindGrant error and the Grant without its AccessToken.
func (s *Session) Mint(ctx context.Context, app App, scopes []string) (Grant, error) {
	r := &call{
		method: http.MethodPost, path: "/oauth/token", mint: true, secrets: []Secret{app.ClientSecret},
		body: []byte(url.Values{
			"grant_type": {"client_credentials"}, "client_id": {app.ClientID},
			"client_secret": {app.ClientSecret.Reveal()},
			"scope":         {strings.Join(append([]string{app.AccountScope()}, scopes...), " ")},
		}.Encode()),
	}
	var g Grant
	var granted []string
	res, failure := s.get(ctx, r, func(body object) ([]string, bool) {
		token, scope := body.text("access_token"), scopesOf(body["scope"])
		_, hasScope := body["scope"]
		if !strings.EqualFold(body.text("token_type"), "bearer") || !isHeaderValue(token) || hasScope && scope == nil {
			return nil, false
		}
		g.AccessToken, g.ExpiresAt = NewSecret(token), expiry(body["expires_in"])
		if hasScope {
			granted = scope
			// A scope can repeat the access token too.
			redact := newRedactor([]Secret{app.ClientSecret, g.AccessToken}, s.cfg.Secrets)
			g.Scopes = append([]string{}, redact.scopes(scope, 0)...)
		}
		// A server that repeats a configured secret as the access token did not issue one.
		return []string{token}, !slices.Contains(append([]Secret{app.ClientSecret}, s.cfg.Secrets...), g.AccessToken)
	})
	if failure != nil {
		return Grant{}, failure
	}
	g.RequestID = res.requestID
	if granted != nil && !grantsAny(granted, app.AccountScope(), scopes) {
		g.AccessToken = Secret{}
		failure = r.responseError(KindGrant, res)
		failure.Sender, failure.RequestID = SenderPagerDuty, res.requestID
		return g, failure
	}
	return g, nil
}

// grantsAny reports whether no granted scope names another account, and at least one
// names the account or was requested.
func grantsAny(granted []string, account string, requested []string) bool {
	some := false
	for _, scope := range granted {
		isAccount := IsAccountScope(scope)
		if isAccount && !strings.EqualFold(scope, account) {
			return false
		}
		some = some || isAccount || slices.Contains(requested, scope)
	}
	return some
}

// IsAccountScope reports whether a scope names an account, in upper or lower case.
func IsAccountScope(s string) bool {
	return strings.HasPrefix(strings.ToLower(s), accountScopePrefix)
}

// isHeaderValue reports whether an access token can be sent.
func isHeaderValue(s string) bool {
	unsendable := func(r rune) bool { return r <= ' ' || r > '~' }
	return s != "" && len(s) <= maxAccessToken && !strings.ContainsFunc(s, unsendable)
}

// expiry reads expires_in: seconds as a number or a string [S].
func expiry(v any) time.Time {
	seconds, isNumber := v.(float64)
	if text, isText := v.(string); isText {
		seconds, _ = strconv.ParseFloat(text, 64)
	} else if !isNumber {
		return time.Time{}
	}
	if !(seconds > 0) || seconds > (10*365*24*time.Hour).Seconds() {
		return time.Time{}
	}
	return time.Now().Add(time.Duration(seconds * float64(time.Second)))
}
