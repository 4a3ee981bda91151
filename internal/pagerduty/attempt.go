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

// Phase is the part of an attempt that is in progress.
type Phase string

// The phases of an attempt, in order.
const (
	PhaseResolve  Phase = "resolving the host name"
	PhaseConnect  Phase = "connecting"
	PhaseProxyTLS Phase = "setting up TLS with the proxy"
	PhaseProxy    Phase = "waiting for the proxy to open a tunnel"
	PhaseTLS      Phase = "setting up TLS"
	PhaseSend     Phase = "sending the request"
	PhaseWait     Phase = "waiting for the response"
	PhaseRead     Phase = "reading the response"
)

// progress follows one attempt through net/http.
type progress struct {
	proxy *url.URL // nil for none

	mu        sync.Mutex
	phase     Phase
	proxyTLS  bool // the TLS connection to the proxy is set up
	connected bool // a connection to send the request on was established
}

func (p *progress) enter(phase Phase) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if phase != PhaseWait || p.phase != PhaseRead { // a response can overtake the end of sending
		p.phase = phase
	}
	p.connected = p.connected || phase == PhaseSend
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
		GotConn:              func(httptrace.GotConnInfo) { p.enter(PhaseSend) },
		WroteRequest:         func(httptrace.WroteRequestInfo) { p.enter(PhaseWait) },
		GotFirstResponseByte: func() { p.enter(PhaseRead) },
	}
}

// handshake returns the phase of the next TLS handshake. The one with an https:// proxy
// comes first.
func (p *progress) handshake() Phase {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.proxy != nil && p.proxy.Scheme == "https" && !p.proxyTLS {
		return PhaseProxyTLS
	}
	return PhaseTLS
}

// attempt sends a request once. It calls RoundTrip and not an http.Client, which could
// follow redirects and keep cookies.
func (s *Session) attempt(ctx context.Context, r *call) (*response, *Error) {
	target := *r.base
	target.Path += r.path
	target.RawQuery = r.query.Encode()
	proxy, _ := s.cfg.Proxy(&target) // the transport gets the same error
	p := &progress{proxy: proxy, phase: PhaseConnect}
	req, err := http.NewRequestWithContext(
		httptrace.WithClientTrace(ctx, p.trace()), r.method, target.String(), bytes.NewReader(r.body))
	if err != nil {
		return nil, r.lost(ctx, p, 0, err)
	}
	s.setHeader(req, r)
	fields := map[string]any{"method": r.method, "host": r.base.Host, "path": r.path, "attempt": len(r.attempts) + 1}
	s.cfg.Log(ctx, "Sending a request to PagerDuty", fields)
	start := time.Now()
	res, failure := s.exchange(ctx, r, p, req)
	fields["duration_ms"] = time.Since(start).Milliseconds()
	if failure != nil {
		fields["cause"], fields["phase"] = string(failure.Kind), string(failure.Phase)
		s.cfg.Log(ctx, "No response from PagerDuty", fields)
		return nil, failure
	}
	r.attempts = append(r.attempts, Attempt{Status: res.status, Sent: true})
	fields["status"], fields["request_id"] = res.status, res.requestID
	s.cfg.Log(ctx, "Received a response", fields)
	return res, nil
}

func (s *Session) exchange(ctx context.Context, r *call, p *progress, req *http.Request) (*response, *Error) {
	raw, err := s.transport.RoundTrip(req)
	if err != nil {
		return nil, r.lost(ctx, p, 0, err)
	}
	if !isStatus(raw.StatusCode) {
		_ = raw.Body.Close()
		return nil, r.lost(ctx, p, 0, errNoStatus)
	}
	res, err := readResponse(raw, r.redact)
	if err != nil && bodyDecides(res.status) {
		return nil, r.lost(ctx, p, res.status, err)
	}
	return res, nil
}

func (s *Session) setHeader(req *http.Request, r *call) {
	h := req.Header
	h.Set("Accept", acceptV2)
	h.Set("Accept-Encoding", "identity")
	// The response must be about this request, not an earlier one.
	h.Set("Cache-Control", "no-cache")
	h.Set("User-Agent", s.cfg.UserAgent)
	if r.body != nil {
		h.Set("Content-Type", "application/json")
	}
	if r.mint {
		h.Set("Accept", "application/json")
		h.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if !r.auth.secret.IsZero() {
		h.Set("Authorization", r.auth.prefix+r.auth.secret.Reveal())
	}
}

// lost returns the error of an attempt without a complete response. status is the
// status of an incomplete response, or 0.
func (r *call) lost(ctx context.Context, p *progress, status int, err error) *Error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if status != 0 {
		p.phase = PhaseRead
	}
	e := transportError(ctx, err, p, r.redact)
	r.attempts = append(r.attempts, Attempt{Kind: e.Kind, Status: status, Sent: p.connected})
	return r.failed(e)
}
