// Package pagerduty is a small HTTPS client for PagerDuty's REST API v2. It sends a
// credential over TLS to one host, follows no redirect, reads a bounded response in a
// bounded time and returns facts: a decoded response, or an *Error. It prints nothing
// and has no text for users.
//
// A request passes through one file per step: client.go (the request and its attempts),
// retry.go, attempt.go, transport.go, response.go, sender.go. Text from outside leaves
// the package through redact.go.
package pagerduty

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Config configures a Client.
type Config struct {
	// BaseURL is the API URL: scheme https, a host, and optionally a path prefix. See
	// ParseBaseURL.
	BaseURL *url.URL
	// IdentityURL is the same for the host that issues access tokens.
	IdentityURL *url.URL
	// UserAgent is sent unchanged.
	UserAgent string
	// ExtraCAs are certificates to trust in addition to the system's, as PEM, or nil.
	ExtraCAs []byte
	// Proxy returns the proxy for a URL, or nil. A nil Proxy means no proxy.
	Proxy func(*url.URL) (*url.URL, error)
	// MaxRetries is the maximum number of retries after a transient failure.
	MaxRetries int
	// Timeout limits dialing and handshakes, which net/http can continue in the
	// background after a request's context has ended. Zero means no limit.
	Timeout time.Duration
	// Secrets are all secrets of the configuration. No text that leaves the client
	// repeats one.
	Secrets []Secret
	// Log receives a line per attempt and per response, for TF_LOG. It never receives a
	// credential, a body, or a header other than the request ID. Nil drops the lines.
	Log func(ctx context.Context, message string, fields map[string]any)
}

// Client opens sessions with one PagerDuty API. It is safe for concurrent use.
type Client struct {
	cfg   Config
	roots func() *x509.CertPool
	sleep func(context.Context, time.Duration) bool
}

// Session sends the requests of one check, one after the other, over one HTTP/1.1
// connection per host. No connection is used by two sessions, so bytes that follow a
// response cannot reach the check of another credential. All errors of its methods
// that send a request are *Error.
type Session struct {
	*Client
	transport *http.Transport
}

// ErrURLUser reports a URL that may hold a password.
var ErrURLUser = errors.New("it has a user name or password")

// ParseBaseURL parses an API URL as a user writes it: https, a host, an optional path
// prefix and trailing slash. The error completes "cannot be used: " and does not repeat
// the value, which may hold a secret.
func ParseBaseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case Printable(raw, len(raw)) != raw:
		return nil, errors.New("it has whitespace or an invisible character in it")
	case err != nil:
		return nil, errors.New("it is not a URL")
	case u.Scheme == "http":
		return nil, errors.New("it starts with http://, and a credential is sent over https only")
	case u.Scheme != "https" || u.Opaque != "":
		return nil, errors.New("it does not start with https://")
	case u.Hostname() == "":
		return nil, errors.New("it has no host")
	case u.Port() != "" && !isPort(u.Port()):
		return nil, errors.New("its port is not between 1 and 65535")
	case u.User != nil:
		return nil, ErrURLUser
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("it has a query or fragment; only a host and a path prefix are possible")
	case u.RawPath != "":
		return nil, errors.New("its path has an escaped character that would change the path, such as %2F")
	}
	u.Path = strings.TrimRight(u.Path, "/")
	return u, nil
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

// NewClient returns a client for cfg. Nothing is sent, resolved or read.
func NewClient(cfg Config) *Client {
	if cfg.Proxy == nil {
		cfg.Proxy = func(*url.URL) (*url.URL, error) { return nil, nil }
	}
	if cfg.Log == nil {
		cfg.Log = func(context.Context, string, map[string]any) {}
	}
	return &Client{cfg: cfg, roots: sync.OnceValue(func() *x509.CertPool { return roots(cfg.ExtraCAs) }), sleep: sleep}
}

// Warm starts reading the system's certificates in the background, which takes longer
// than anything else before the first request. It sends nothing.
func (c *Client) Warm() {
	go func() {
		_, _ = x509.SystemCertPool() // caches them, and the error
		c.roots()
	}()
}

// Open returns a new session. Nothing is sent before its first request.
func (c *Client) Open() *Session {
	return &Session{Client: c, transport: newTransport(c.cfg, c.roots)}
}

// Close closes the session's connections.
func (s *Session) Close() { s.transport.CloseIdleConnections() }

// call is a request and its attempts so far.
type call struct {
	auth   Authorization
	method string
	path   string
	query  url.Values
	body   []byte // nil for none
	// mint marks the request for an access token, which goes to the identity host and
	// follows RFC 6749.
	mint bool
	// secrets are sent in the body.
	secrets []Secret

	base     *url.URL
	redact   redactor
	started  time.Time
	attempts []Attempt
}

// do sends a request, retries transient failures, and returns the response whatever its
// status. It makes at most MaxRetries+1 attempts, and starts no wait that would end after
// ctx's deadline. net/http itself may repeat a GET once, if the server had closed the
// session's idle connection.
func (s *Session) do(ctx context.Context, r *call) (*response, *Error) {
	r.started, r.base = time.Now(), s.cfg.BaseURL
	if r.mint {
		r.base = s.cfg.IdentityURL
	}
	r.redact = newRedactor(append(r.secrets, r.auth.secret), s.cfg.Secrets)
	for {
		res, failure := s.attempt(ctx, r)
		wait, again := s.retryWait(res, failure, len(r.attempts))
		if !again || ctx.Err() != nil || !fits(ctx, wait) {
			return res, failure
		}
		s.cfg.Log(ctx, "Trying again", map[string]any{
			"host": r.base.Host, "path": r.path, "wait_ms": wait.Milliseconds(), "next_attempt": len(r.attempts) + 1,
		})
		if !s.sleep(ctx, wait) {
			if errors.Is(ctx.Err(), context.Canceled) {
				return nil, r.failed(&Error{Kind: KindCanceled})
			}
			return res, failure
		}
	}
}

// failed completes an error with the facts of the request.
func (r *call) failed(e *Error) *Error {
	e.Method, e.Host, e.Path, e.Mint = r.method, r.base.Host, r.path, r.mint
	e.Attempts, e.Elapsed = r.attempts, time.Since(r.started)
	e.Sender = cmp.Or(e.Sender, SenderUnknown)
	return e
}
