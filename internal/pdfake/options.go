package pdfake

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"strings"
	"time"
)

// The service regions PagerDuty has, which are also the names of the API listeners [D].
const (
	RegionUS = "us"
	RegionEU = "eu"
	// ListenerIdentity names the identity host's listener in a [Request]: one host mints
	// the tokens of all regions [D].
	ListenerIdentity = "identity"
)

// The states an account can be in, apart from the empty one: all is well.
const (
	// StateExpired answers 402 with code 2012 [D].
	StateExpired = "expired"
	// StateLicenseExpired answers 401 with an empty body: that the license is the cause is
	// nowhere to be seen [S].
	StateLicenseExpired = "license_expired"
)

// Account is a PagerDuty account.
type Account struct {
	Subdomain string
	// Region is "us" where empty.
	Region    string
	Abilities []string
	// State is "", [StateExpired] or [StateLicenseExpired].
	State string
}

// Team is a team of a user.
type Team struct {
	ID, Name string
}

// User is a user of an account. Account may be left out where the server has only one.
type User struct {
	Account  string
	ID       string
	Name     string
	Email    string
	Role     string // "user" where empty
	JobTitle string
	TimeZone string // "America/New_York" where empty
	Teams    []Team
	// Extra is merged over the user's JSON, key by key; [Omit] as a value removes a key. An
	// html_url of another region or account than the one asked is made with it:
	// Extra: map[string]any{"html_url": "https://acme.eu.pagerduty.com/users/PXXXX"}.
	Extra map[string]any
	// Deactivated users are not listed, and their tokens answer 401 [S].
	Deactivated bool
}

type omitted struct{}

// Omit leaves a key out of the JSON, as a value of [User.Extra].
var Omit any = omitted{}

// TokenKind says what an API token may do.
type TokenKind int

// The kinds of API tokens [D].
const (
	UserToken TokenKind = iota
	AccountToken
	ReadOnlyAccountToken
)

// APIToken is an API token of the REST API. A user's names its User by ID. Account may be left
// out where the user names it, or the server has only one.
type APIToken struct {
	Token   string
	Kind    TokenKind
	Account string
	User    string
	Revoked bool
}

// OAuthClient is an OAuth app with client credentials. Account may be left out where the
// server has only one.
type OAuthClient struct {
	ID      string
	Secret  string
	Account string
	// Scopes are what the app may grant.
	Scopes []string
	// RejectUnknownScopes answers a request for other scopes with invalid_scope. Without it
	// they are left out of the grant without a word. Both were seen [S].
	RejectUnknownScopes bool
}

// UserOAuthToken is an access token of the user flow. It is good as Bearer only; sent as an
// API token it gets 401 [S].
type UserOAuthToken struct {
	Token   string
	Account string
	User    string
	// Scopes are not enforced where nil.
	Scopes []string
}

// Option configures a server. Options do not depend on their order.
type Option func(*config)

type config struct {
	accounts     []Account
	users        []User
	tokens       []tokenSeed
	clients      []OAuthClient
	pathPrefix   string
	latency      time.Duration
	http1Only    bool
	rateLimit    int
	faults       []Fault
	cert         CertKind
	identityCert CertKind
	maxTLS       uint16
	plainHTTP    bool
	clientCert   bool
	allowUnknown bool
	calendars    bool
	onRequest    func(Request)
	serverLog    *log.Logger
}

// WithAccount adds an account.
func WithAccount(a Account) Option { return func(c *config) { c.accounts = append(c.accounts, a) } }

// WithUser adds a user.
func WithUser(u User) Option { return func(c *config) { c.users = append(c.users, u) } }

// tokenSeed is an API token or, with the scheme of one, an access token.
type tokenSeed struct {
	APIToken
	scheme string
	scopes []string
}

// WithAPIToken adds an API token.
func WithAPIToken(t APIToken) Option {
	return func(c *config) { c.tokens = append(c.tokens, tokenSeed{APIToken: t, scheme: schemeToken}) }
}

// WithOAuthClient adds an OAuth app, whose tokens are minted at the identity host.
func WithOAuthClient(o OAuthClient) Option {
	return func(c *config) { c.clients = append(c.clients, o) }
}

// WithUserOAuthToken adds an access token of the user flow.
func WithUserOAuthToken(t UserOAuthToken) Option {
	seed := tokenSeed{APIToken{Token: t.Token, Account: t.Account, User: t.User}, schemeBearer, t.Scopes}
	return func(c *config) { c.tokens = append(c.tokens, seed) }
}

// WithPathPrefix serves the API below a path, as a gateway in front of it would.
func WithPathPrefix(p string) Option {
	return func(c *config) {
		c.pathPrefix = strings.TrimRight("/"+strings.TrimLeft(p, "/"), "/")
	}
}

// WithLatency delays each request.
func WithLatency(d time.Duration) Option { return func(c *config) { c.latency = d } }

// WithHTTP1Only offers no HTTP/2.
func WithHTTP1Only() Option { return func(c *config) { c.http1Only = true } }

// WithRateLimit answers 429 above so many requests a minute per account API token, or per user over
// all of its tokens [D], and says what remains on each answer.
func WithRateLimit(perMinute int) Option { return func(c *config) { c.rateLimit = perMinute } }

// WithCalendarURLsEverywhere has http_cal_url and web_cal_url in each user that is shown, also on
// lists and to read-only tokens, which PagerDuty does not do: for tests that look for leaks.
func WithCalendarURLsEverywhere() Option { return func(c *config) { c.calendars = true } }

// WithOnRequest has f called with each request of all listeners once it was answered, or given up.
// Calls overlap.
func WithOnRequest(f func(Request)) Option {
	return func(c *config) { c.onRequest = f }
}

// WithServerLog has net/http's servers report there what never becomes a request, such as a
// handshake that the client broke off. Without it that is discarded.
func WithServerLog(l *log.Logger) Option { return func(c *config) { c.serverLog = l } }

// WithFaults adds faults.
func WithFaults(f ...Fault) Option { return func(c *config) { c.faults = append(c.faults, f...) } }

// WithCertificate chooses the certificate of the API's listeners.
func WithCertificate(kind CertKind) Option { return func(c *config) { c.cert = kind } }

// WithIdentityCertificate chooses the certificate of the identity host.
func WithIdentityCertificate(kind CertKind) Option { return func(c *config) { c.identityCert = kind } }

// WithMaxTLSVersion lets the API's listeners speak no later version, such as [tls.VersionTLS11].
func WithMaxTLSVersion(v uint16) Option { return func(c *config) { c.maxTLS = v } }

// WithPlainHTTP has the API's listeners speak plain HTTP where TLS is expected. Their URLs
// still say https.
func WithPlainHTTP() Option { return func(c *config) { c.plainHTTP = true } }

// WithClientCertRequired has the API's listeners ask for a client certificate. With TLS 1.2 the
// handshake fails without one. With TLS 1.3 the alert comes after the client's handshake, and
// may be overtaken by the connection's end: what the client sees varies.
func WithClientCertRequired() Option { return func(c *config) { c.clientCert = true } }

// WithUnknownRoutes does not fail the test for requests to unknown routes: for tests whose
// subject is a wrong base URL.
func WithUnknownRoutes() Option { return func(c *config) { c.allowUnknown = true } }

func newConfig(opts []Option) (*config, error) {
	c := &config{
		// Failed handshakes and aborted handlers are what is asked for here.
		serverLog: log.New(io.Discard, "", 0),
	}
	for _, o := range opts {
		o(c)
	}
	for _, f := range c.faults {
		if f.Behaviour.serve == nil {
			return nil, errors.New("pdfake: a fault without a behaviour")
		}
		// Such faults are made of HTTP/1.1's bytes: with HTTP/2 there is but an equivalent.
		if f.Behaviour.rawBytes {
			c.http1Only = true
		}
	}
	if c.maxTLS != 0 && c.maxTLS < tls.VersionTLS10 {
		return nil, fmt.Errorf("pdfake: TLS version %#x is not supported", c.maxTLS)
	}
	if c.maxTLS != 0 && c.maxTLS < tls.VersionTLS12 {
		c.http1Only = true // HTTP/2 does not go with less than TLS 1.2 (RFC 9113 9.2)
	}
	return c, nil
}
