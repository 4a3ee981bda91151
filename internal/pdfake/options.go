package pdfake

import (
	"strings"
	"time"
)

// The service regions of PagerDuty, which are also the names of the API's listeners [D].
const (
	RegionUS = "us"
	RegionEU = "eu"
	// ListenerIdentity names the listener of the identity host. It issues the access tokens
	// of all regions [D].
	ListenerIdentity = "identity"
)

// The states of an account, apart from the empty one: all is well.
const (
	// StateExpired returns 402 with code 2012 [D].
	StateExpired = "expired"
	// StateLicenseExpired returns 401 with an empty body, which does not name the cause [S].
	StateLicenseExpired = "license_expired"
)

// Account is a PagerDuty account.
type Account struct {
	Subdomain string
	// Region is "us" if empty.
	Region string
	// State is "", [StateExpired] or [StateLicenseExpired].
	State string
}

// Team is a team of a user.
type Team struct {
	ID, Name string
}

// User is a user of an account. Account may be empty if the server has only one.
type User struct {
	Account string
	ID      string
	Name    string
	Email   string
	Role    string // "user" if empty
	Teams   []Team
	// Extra is merged over the user's JSON, key by key. It can set an html_url of a different
	// region or account.
	Extra map[string]any
	// Deactivated users are not listed, and their tokens get 401 [S].
	Deactivated bool
}

// TokenKind says what a token may do.
type TokenKind int

// The kinds of tokens [D].
const (
	UserToken TokenKind = iota
	AccountToken
	ReadOnlyAccountToken
	// UserOAuthToken is an access token of the user flow. It is valid as Bearer only: sent as an
	// API token it gets 401 [S].
	UserOAuthToken
)

// APIToken is a token of the REST API. The token of a user names its User by ID. Account may be
// empty if the user names it, or if the server has only one.
type APIToken struct {
	Token   string
	Kind    TokenKind
	Account string
	User    string
	Revoked bool
}

// OAuthClient is an OAuth app with client credentials. Account may be empty if the server has
// only one.
type OAuthClient struct {
	ID      string
	Secret  string
	Account string
	// Scopes are the ones that the app was registered with. It is granted no others.
	Scopes []string
	// RejectUnknownScopes refuses a request for other scopes with invalid_scope. Otherwise the
	// grant leaves them out. Both were seen [S].
	RejectUnknownScopes bool
}

// Option configures a server. The order of options does not matter.
type Option func(*config)

type config struct {
	accounts     []Account
	users        []User
	tokens       []APIToken
	clients      []OAuthClient
	faults       []Fault
	pathPrefix   string
	latency      time.Duration
	idleTimeout  time.Duration
	cert         CertKind
	identityCert CertKind
	maxTLS       uint16
	plainHTTP    bool
	clientCert   bool
	calendars    bool
	onRequest    func(Request)
	onUnknown    func(route string)
}

// WithAccount adds an account.
func WithAccount(a Account) Option { return func(c *config) { c.accounts = append(c.accounts, a) } }

// WithUser adds a user.
func WithUser(u User) Option { return func(c *config) { c.users = append(c.users, u) } }

// WithAPIToken adds an API token, or an access token of the user flow.
func WithAPIToken(t APIToken) Option { return func(c *config) { c.tokens = append(c.tokens, t) } }

// WithOAuthClient adds an OAuth app. The identity host issues its access tokens.
func WithOAuthClient(o OAuthClient) Option {
	return func(c *config) { c.clients = append(c.clients, o) }
}

// WithFaults adds faults.
func WithFaults(f ...Fault) Option { return func(c *config) { c.faults = append(c.faults, f...) } }

// WithPathPrefix serves the API below a path, as a gateway in front of it would.
func WithPathPrefix(p string) Option {
	return func(c *config) { c.pathPrefix = "/" + strings.Trim(p, "/") }
}

// WithLatency delays each response.
func WithLatency(d time.Duration) Option { return func(c *config) { c.latency = d } }

// WithIdleTimeout closes a connection that no request used for this long.
func WithIdleTimeout(d time.Duration) Option { return func(c *config) { c.idleTimeout = d } }

// WithCalendarURLsEverywhere adds http_cal_url and web_cal_url to every user, also in lists and
// for read-only tokens, which PagerDuty does not do. It is for tests that look for leaks.
func WithCalendarURLsEverywhere() Option { return func(c *config) { c.calendars = true } }

// WithCertificate chooses the certificate of the API's listeners.
func WithCertificate(kind CertKind) Option { return func(c *config) { c.cert = kind } }

// WithIdentityCertificate chooses the certificate of the identity host.
func WithIdentityCertificate(kind CertKind) Option { return func(c *config) { c.identityCert = kind } }

// WithMaxTLSVersion limits the API's listeners to a version such as [tls.VersionTLS11].
func WithMaxTLSVersion(v uint16) Option { return func(c *config) { c.maxTLS = v } }

// WithPlainHTTP makes the API's listeners speak plain HTTP. Their URLs still say https.
func WithPlainHTTP() Option { return func(c *config) { c.plainHTTP = true } }

// WithClientCertRequired makes the API's listeners require a client certificate. With TLS 1.2 the
// handshake fails without one. With TLS 1.3 the alert comes after the client's handshake, and the
// end of the connection may overtake it: clients report different errors.
func WithClientCertRequired() Option { return func(c *config) { c.clientCert = true } }

// WithOnRequest calls f after each request of any listener, whether it got a response or not.
// Calls overlap.
func WithOnRequest(f func(Request)) Option { return func(c *config) { c.onRequest = f } }
