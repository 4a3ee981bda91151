package pagerduty

import (
	"bytes"
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"time"
)

// Phase is the part of a request that was under way.
type Phase string

// The phases of a request, in order.
const (
	PhaseResolve  Phase = "resolving the host name"
	PhaseConnect  Phase = "connecting"
	PhaseProxyTLS Phase = "setting up TLS with the proxy"
	PhaseProxy    Phase = "waiting for the proxy to open a tunnel"
	PhaseTLS      Phase = "setting up TLS"
	PhaseSend     Phase = "sending the request"
	PhaseWait     Phase = "waiting for the answer"
	PhaseRead     Phase = "reading the answer"
)

// progress follows one attempt through net/http.
type progress struct {
	proxy     *url.URL // nil for none
	connected func(bool)
	refuse    context.CancelFunc

	mu        sync.Mutex
	phase     Phase
	proxyTLS  bool      // the TLS connection to the proxy stands
	wire      *wireConn // of an HTTP/1.1 connection
	before    int64     // what was written to wire before this request
	headers   bool      // the headers were written to an HTTP/2 connection
	wasSent   bool      // on an earlier connection
	duplicate bool      // net/http was about to send the request once more
}

func (p *progress) enter(phase Phase) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.phase = phase
}

// sent reports whether any of the request reached the wire. The caller holds mu.
func (p *progress) sent() bool {
	return p.wasSent || p.headers || p.wire != nil && p.wire.written.Load() > p.before
}

func (p *progress) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart:     func(httptrace.DNSStartInfo) { p.enter(PhaseResolve) },
		ConnectStart: func(string, string) { p.enter(PhaseConnect) },
		ConnectDone: func(_, _ string, err error) {
			if err == nil && p.proxy != nil {
				p.enter(PhaseProxy)
			}
		},
		TLSHandshakeStart: func() { p.enter(p.handshake()) },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			if err == nil && p.handshake() == PhaseProxyTLS {
				p.mu.Lock()
				p.proxyTLS, p.phase = true, PhaseProxy
				p.mu.Unlock()
			}
		},
		GotConn:              p.gotConn,
		WroteHeaders:         p.wroteHeaders,
		WroteRequest:         func(httptrace.WroteRequestInfo) { p.enter(PhaseWait) },
		GotFirstResponseByte: func() { p.enter(PhaseRead) },
	}
}

// handshake is whose TLS handshake comes next: an https:// proxy's is the first.
func (p *progress) handshake() Phase {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.proxy != nil && p.proxy.Scheme == "https" && !p.proxyTLS {
		return PhaseProxyTLS
	}
	return PhaseTLS
}

// gotConn refuses a second sending: net/http repeats a request by itself when a
// server refuses its stream, says GOAWAY or closes a connection that was idle, and
// an HTTP/2 server can make it do so hundreds of times. How often a token is sent
// is for retry.go alone to say. A request that never left may get another
// connection.
func (p *progress) gotConn(info httptrace.GotConnInfo) {
	p.connected(true)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.phase = PhaseSend
	if p.sent() {
		p.wasSent, p.duplicate = true, true
		// HTTP/2 looks at the context before it writes; HTTP/1.1 does not, but has
		// the connection to itself.
		p.refuse()
		if !isHTTP2(info) {
			_ = info.Conn.Close()
		}
		return
	}
	p.wire = nil
	if !isHTTP2(info) {
		if p.wire = wireOf(info.Conn); p.wire != nil {
			p.before = p.wire.written.Load()
		}
	}
}

func isHTTP2(info httptrace.GotConnInfo) bool {
	conn, ok := info.Conn.(*tls.Conn)
	return ok && conn.ConnectionState().NegotiatedProtocol == "h2"
}

func (p *progress) wroteHeaders() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wire == nil {
		p.headers = true
	}
}

// attempt sends a call once. RoundTrip instead of an http.Client: no redirect can be
// followed and no cookie kept where nothing exists that would.
func (c *Client) attempt(ctx context.Context, r *call) (*answer, *Error) {
	target := *c.cfg.BaseURL
	target.Path += r.path
	target.RawQuery = r.query.Encode()

	connected := c.awaitTurn(ctx)
	defer connected(false)
	attemptCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	proxy, _ := c.cfg.Proxy(&target) // the transport meets the same error
	p := &progress{proxy: proxy, connected: connected, refuse: cancel, phase: PhaseConnect}
	req, err := c.request(httptrace.WithClientTrace(attemptCtx, p.trace()), r, &target)
	if err != nil {
		return nil, c.lost(ctx, r, p, nil, err)
	}
	fields := map[string]any{"method": r.method, "host": c.Host(), "path": r.path, "attempt": len(r.attempts) + 1}
	c.cfg.Log(ctx, "Asking PagerDuty", fields)
	start := time.Now()
	a, err := c.exchange(ctx, r, req, cancel)
	fields["duration_ms"] = time.Since(start).Milliseconds()
	if err != nil {
		failure := c.lost(ctx, r, p, a, err)
		fields["cause"], fields["phase"] = string(failure.Kind), string(failure.Phase)
		c.cfg.Log(ctx, "No answer from PagerDuty", fields)
		return nil, failure
	}
	r.attempts = append(r.attempts, Attempt{Status: a.status, Sent: true})
	fields["status"], fields["request_id"], fields["protocol"] = a.status, a.requestID, a.protocol
	c.cfg.Log(ctx, "PagerDuty answered", fields)
	return a, nil
}

// lastWords is how long after a call's end net/http may take to say what happened.
const lastWords = 500 * time.Millisecond

// exchange sends a request and reads the answer. It ends soon after ctx does, whatever
// becomes of net/http: its HTTP/2 locks a mutex twice, and waits for ever, where a
// server lets a stream's window overflow (Go 1.26). What waits is left behind.
func (c *Client) exchange(
	ctx context.Context, r *call, req *http.Request, cancel context.CancelFunc,
) (*answer, error) {
	var (
		a   *answer
		err error
	)
	done := make(chan struct{})
	go func() {
		defer close(done)
		a, err = c.roundTrip(r, req, cancel)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		select {
		case <-done:
		case <-time.After(lastWords):
			return nil, ctx.Err()
		}
	}
	return a, err
}

func (c *Client) roundTrip(r *call, req *http.Request, cancel context.CancelFunc) (*answer, error) {
	res, err := c.transport().RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if !isStatus(res.StatusCode) {
		_ = res.Body.Close()
		return nil, errNoStatus
	}
	if !r.bodyDecides(res.StatusCode) {
		defer time.AfterFunc(bodyPatience, cancel).Stop()
	}
	a := readAnswer(res, r)
	if r.bodyDecides(a.status) {
		err = a.broken
	}
	if err != nil && garbled(err) {
		err, a.body = nil, nil
	}
	return a, err
}

func (c *Client) request(ctx context.Context, r *call, target *url.URL) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, target.String(), bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	accept, contentType := acceptV2, "application/json"
	if r.mint {
		accept, contentType = "application/json", "application/x-www-form-urlencoded"
	}
	req.Header.Set("Accept", accept)
	req.Header.Set("User-Agent", c.cfg.UserAgent)
	if r.body != nil {
		req.Header.Set("Content-Type", contentType)
	}
	if !r.auth.secret.IsZero() {
		req.Header.Set("Authorization", r.auth.prefix+r.auth.secret.Reveal())
	}
	return req, nil
}

// lost is an attempt that brought no usable answer: none at all, or one whose body
// broke off where the body decides.
func (c *Client) lost(ctx context.Context, r *call, p *progress, a *answer, err error) *Error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if a != nil {
		p.phase = PhaseRead
	}
	e := transportError(ctx, err, p, r.redactor())
	last := Attempt{Kind: e.Kind, Sent: p.sent()}
	if a != nil {
		last.Status, e.RequestID = a.status, a.requestID
	}
	r.attempts = append(r.attempts, last)
	return c.failed(r, e)
}
