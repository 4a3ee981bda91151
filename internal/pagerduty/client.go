// Package pagerduty is the small HTTPS client this provider asks PagerDuty's
// REST API v2 with. It sends a credential over TLS to one host, follows no
// redirect, reads a bounded answer inside a bounded time and returns facts: a
// decoded answer, or an *Error that says which of the known things went wrong.
// It words nothing for people and prints nothing by itself.
package pagerduty

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	// DefaultMaxRetries is how often a request that failed transiently is sent
	// again when Config.MaxRetries is not set by the user.
	DefaultMaxRetries = 2

	backoffBase = 250 * time.Millisecond
	backoffMax  = 2 * time.Second
)

// Config is what a Client is built from. Building sends nothing.
type Config struct {
	// BaseURL is the API's address: scheme https, a host, and optionally a
	// path prefix. See ParseBaseURL.
	BaseURL *url.URL
	// UserAgent is sent as it is.
	UserAgent string
	// ExtraCAs are certificates to trust beside the system's, as PEM; nil for
	// none.
	ExtraCAs []byte
	// Proxy gives the proxy for a URL, or nil for none. A nil Proxy means none.
	Proxy func(*url.URL) (*url.URL, error)
	// MaxRetries is how many times a transient failure is tried again.
	MaxRetries int
	// Log receives one line per request sent and answer received, for people
	// who follow a run with TF_LOG. It never receives a credential, a body or
	// a header other than the request ID. Nil drops the lines.
	Log func(ctx context.Context, message string, fields map[string]any)
}

// Client asks one PagerDuty host. It is safe for concurrent use: connections
// and what is known of each credential's rate limit are shared by all callers.
type Client struct {
	base       *url.URL
	userAgent  string
	maxRetries int
	log        func(context.Context, string, map[string]any)
	transport  *transport
	first      firstConnection

	gatesMu sync.Mutex
	gates   map[Authorization]gate
}

// gate is a 429 that a credential was answered with: until it has passed, no
// other request of that credential is worth sending.
type gate struct {
	until  time.Time
	answer *answer
}

// ParseBaseURL reads an API address as a user writes it: https only, a host, an
// optional path prefix and trailing slash, and nothing else. The error is one
// of ErrBaseURL's kinds and does not repeat the value, which may hold a secret.
func ParseBaseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, errors.New("it is not a URL")
	case u.Scheme == "http":
		return nil, errors.New("it starts with http://, and a credential is sent over https only")
	case u.Scheme != "https" || u.Opaque != "":
		return nil, errors.New("it does not start with https://")
	case u.Hostname() == "":
		return nil, errors.New("it names no host")
	case u.User != nil:
		return nil, errors.New("it holds a user name or password")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("it has a query or fragment; only a host and a path prefix are possible")
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	return u, nil
}

// NewClient returns a client for cfg. Nothing is sent, resolved or read.
func NewClient(cfg Config) *Client {
	log := cfg.Log
	if log == nil {
		log = func(context.Context, string, map[string]any) {}
	}
	return &Client{
		base:       cfg.BaseURL,
		userAgent:  cfg.UserAgent,
		maxRetries: max(cfg.MaxRetries, 0),
		log:        log,
		transport:  &transport{extraCAs: cfg.ExtraCAs, proxy: cfg.Proxy},
		first:      newFirstConnection(),
		gates:      map[Authorization]gate{},
	}
}

// At is a client for another host that shares what this one has: certificates,
// proxy, limits and log.
func (c *Client) At(base *url.URL) *Client {
	return &Client{
		base: base, userAgent: c.userAgent, maxRetries: c.maxRetries, log: c.log,
		transport: c.transport, first: newFirstConnection(), gates: map[Authorization]gate{},
	}
}

// Host is the host (and port, where one was given) that requests go to.
func (c *Client) Host() string { return c.base.Host }

// call is one thing to ask.
type call struct {
	auth   Authorization
	method string
	path   string
	query  string
	form   url.Values
	accept string
}

// do sends one call, again after what can pass, and returns the answer whatever
// its status. The time limit is ctx's deadline: no wait is begun that would not
// fit it. The error is always an *Error.
func (c *Client) do(ctx context.Context, r call) (*answer, *Error) {
	start := time.Now()
	for attempt := 1; ; attempt++ {
		if held, failure := c.passGate(ctx, r, start, attempt); held != nil || failure != nil {
			return held, failure
		}
		a, failure := c.send(ctx, r, attempt)
		if failure != nil {
			failure.Attempts, failure.Elapsed = attempt, time.Since(start)
		} else {
			a.attempts, a.elapsed = attempt, time.Since(start)
			if a.status == http.StatusTooManyRequests && a.waitKnown {
				c.closeGate(r.auth, a)
			}
		}
		wait, again := c.retryWait(ctx, a, failure, attempt)
		if !again {
			return a, failure
		}
		c.log(ctx, "Trying again", map[string]any{
			"host": c.base.Host, "path": r.path, "wait_ms": wait.Milliseconds(), "next_attempt": attempt + 1,
		})
		if !sleep(ctx, wait) && ctx.Err() != context.DeadlineExceeded {
			return nil, c.failed(r, &Error{Kind: KindCanceled, Attempts: attempt, Elapsed: time.Since(start)})
		}
	}
}

// retryWait decides whether a failed attempt is worth another and how long to
// wait before it. A wait PagerDuty asked for is honoured whole or not at all.
func (c *Client) retryWait(ctx context.Context, a *answer, failure *Error, attempt int) (time.Duration, bool) {
	if attempt > c.maxRetries || ctx.Err() != nil {
		return 0, false
	}
	if failure != nil && !failure.transient() || a != nil && !retryableStatus(a.status) {
		return 0, false
	}
	wait := min(backoffBase<<(attempt-1), backoffMax)
	wait = wait/2 + rand.N(wait/2)
	if a != nil && a.waitKnown {
		wait = max(a.wait, wait)
	}
	return wait, fits(ctx, wait)
}

// passGate holds a call back while its credential is rate limited. It returns
// the remembered 429 when the wait does not fit ctx.
func (c *Client) passGate(ctx context.Context, r call, start time.Time, attempt int) (*answer, *Error) {
	c.gatesMu.Lock()
	g, shut := c.gates[r.auth]
	c.gatesMu.Unlock()
	if !shut {
		return nil, nil
	}
	wait := time.Until(g.until)
	if wait <= 0 {
		return nil, nil
	}
	if !fits(ctx, wait) {
		held := *g.answer
		held.wait, held.attempts, held.elapsed = wait, attempt-1, time.Since(start)
		return &held, nil
	}
	if !sleep(ctx, wait) {
		return nil, c.failed(r, &Error{Kind: KindCanceled, Attempts: attempt - 1, Elapsed: time.Since(start)})
	}
	return nil, nil
}

func (c *Client) closeGate(auth Authorization, a *answer) {
	c.gatesMu.Lock()
	defer c.gatesMu.Unlock()
	c.gates[auth] = gate{until: time.Now().Add(a.wait), answer: a}
}

// failed completes a failure with what was asked.
func (c *Client) failed(r call, e *Error) *Error {
	e.Method, e.Host, e.Path = r.method, c.base.Host, r.path
	return e
}

// fits tells whether a wait ends early enough in ctx for a request to follow.
func fits(ctx context.Context, wait time.Duration) bool {
	deadline, limited := ctx.Deadline()
	return !limited || time.Until(deadline) > wait
}

// sleep waits, and tells whether the whole time passed before ctx ended.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
