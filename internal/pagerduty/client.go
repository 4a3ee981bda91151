// Package pagerduty is the small HTTPS client that asks PagerDuty's REST API v2. It
// sends a credential over TLS to one host, follows no redirect, reads a bounded
// answer inside a bounded time and returns facts: a decoded answer, or an *Error
// that says which of the known things went wrong. It words nothing for people and
// prints nothing by itself.
//
// A request passes through a file per step: client.go (the call and its attempts),
// retry.go, attempt.go, connect.go, answer.go, classify.go. What comes from outside
// leaves through redact.go.
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

// DefaultMaxRetries is the provider's default for Config.MaxRetries, whose zero value
// means no retries.
const DefaultMaxRetries = 2

// Config is what a Client is built from. Building sends nothing.
type Config struct {
	// BaseURL is the API's address: scheme https, a host, and optionally a path
	// prefix. See ParseBaseURL.
	BaseURL *url.URL
	// UserAgent is sent as it is.
	UserAgent string
	// ExtraCAs are certificates to trust in addition to the system's, as PEM; nil
	// for none.
	ExtraCAs []byte
	// Proxy gives the proxy for a URL, or nil for none. A nil Proxy means none.
	Proxy func(*url.URL) (*url.URL, error)
	// MaxRetries is how many times a transient failure is tried again.
	MaxRetries int
	// Timeout bounds what net/http does in the background, where a call's context
	// does not reach: dialing and handshakes. Zero means no bound of its own.
	Timeout time.Duration
	// Secrets are those of the configuration, asked with or not, which no message
	// repeats: a gateway can have seen each.
	Secrets []Secret
	// Log receives one line per request sent and answer received, for people who
	// follow a run with TF_LOG. It never receives a credential, a body or a header
	// other than the request ID. Nil drops the lines.
	Log func(ctx context.Context, message string, fields map[string]any)
}

// Client asks one PagerDuty host. It is safe for concurrent use: connections and
// what is known of each credential's rate limit are shared by all callers. Every error
// of a method that asks is an *Error.
type Client struct {
	cfg Config
	// transport is built at the first request, because Terraform starts a provider
	// three times for a plan and asks through it once.
	transport func() *http.Transport
	turn      chan struct{} // to open the first connection; closed once there is one
	turnWait  time.Duration
	sleep     func(context.Context, time.Duration) bool

	gatesMu sync.Mutex
	gates   map[Secret]gate
}

// ErrURLUser refuses an address that may hold a password.
var ErrURLUser = errors.New("it holds a user name or password")

// ParseBaseURL reads an API address as a user writes it: https only, a host, an
// optional path prefix and trailing slash, and nothing else. The error completes
// "cannot be used: " and does not repeat the value, which may hold a secret.
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
		return nil, errors.New("it names no host")
	case u.Port() != "" && !isPort(u.Port()):
		return nil, errors.New("its port is not between 1 and 65535")
	case u.User != nil:
		return nil, ErrURLUser
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("it has a query or fragment; only a host and a path prefix are possible")
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
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
	c := &Client{
		cfg:       cfg,
		transport: sync.OnceValue(func() *http.Transport { return newTransport(cfg) }),
		turn:      make(chan struct{}, 1),
		turnWait:  maxTurnWait,
		sleep:     sleep,
		gates:     map[Secret]gate{},
	}
	c.turn <- struct{}{}
	return c
}

// At returns a client for another host with the configuration and the transport of c.
// It remembers rate limits of its own.
func (c *Client) At(base *url.URL) *Client {
	cfg := c.cfg
	cfg.BaseURL = base
	other := NewClient(cfg)
	other.transport = c.transport
	return other
}

// Warm begins to read the system's certificates in the background, which takes
// longer than anything else before the first request. It sends nothing.
func (c *Client) Warm() {
	go func() {
		_, _ = x509.SystemCertPool() // which remembers them, and its error
		c.transport()
	}()
}

// Host is the host (and port, where one was given) that requests go to.
func (c *Client) Host() string { return c.cfg.BaseURL.Host }

// call is one thing to ask.
type call struct {
	auth   Authorization
	method string
	path   string
	query  url.Values
	body   []byte // nil for none
	// secrets are those in the body; auth's is known anyway.
	secrets []Secret
	// others are Config.Secrets.
	others []Secret
	// mint is set for the request for an access token, whose form and errors are those
	// of RFC 6749.
	mint bool

	started  time.Time
	attempts []Attempt
}

// credential is the secret that the call's rate limit is counted by: the token, or a
// mint's client secret.
func (r *call) credential() Secret {
	return cmp.Or(append([]Secret{r.auth.secret}, r.secrets...)...)
}

// redactor withholds what repeats a secret of the call.
func (r *call) redactor() redactor {
	redact := newRedactor(append([]Secret{r.auth.secret, r.auth.issuedFor}, r.secrets...)...)
	for _, other := range r.others {
		// Results may resemble it, and anything a short one, which is none.
		if s := strings.ToLower(other.Reveal()); len(s) >= minWithheld {
			redact.inText.add(s, leakInText)
		}
	}
	return redact
}

// do sends one call, again after a transient failure, and returns the answer whatever its
// status. The time limit is ctx's deadline: no wait is begun that would not fit it.
// At most MaxRetries+1 requests reach the wire. The error is always an *Error.
func (c *Client) do(ctx context.Context, r *call) (*answer, *Error) {
	r.started, r.others = time.Now(), c.cfg.Secrets
	for {
		if held, failure := c.passGate(ctx, r); held != nil || failure != nil {
			return held, failure
		}
		a, failure := c.attempt(ctx, r)
		if a != nil && a.status == http.StatusTooManyRequests && a.waitKnown {
			c.closeGate(r, a)
		}
		wait, again := c.retryWait(a, failure, len(r.attempts))
		if !again {
			return a, failure
		}
		if ctx.Err() != nil || !fits(ctx, wait) {
			return outOfTime(a, failure)
		}
		c.cfg.Log(ctx, "Trying again", map[string]any{
			"host": c.Host(), "path": r.path, "wait_ms": wait.Milliseconds(), "next_attempt": len(r.attempts) + 1,
		})
		if !c.sleep(ctx, wait) {
			if errors.Is(ctx.Err(), context.Canceled) {
				return nil, c.failed(r, &Error{Kind: KindCanceled})
			}
			return outOfTime(a, failure)
		}
	}
}

// outOfTime marks what another attempt would have followed, had there been the time.
func outOfTime(a *answer, failure *Error) (*answer, *Error) {
	if failure != nil {
		failure.OutOfTime = true
	} else {
		a.outOfTime = true
	}
	return a, failure
}

// cached is a 200 that a cache gave: PagerDuty judged another request than this.
func (c *Client) cached(r *call, a *answer) *Error {
	e := c.statusError(r, a)
	e.Kind = KindStatus
	return e
}

// failed completes a failure with what was asked and how often.
func (c *Client) failed(r *call, e *Error) *Error {
	e.Method, e.Host, e.Path = r.method, c.Host(), r.path
	e.Attempts, e.Elapsed = r.attempts, time.Since(r.started)
	return e
}
