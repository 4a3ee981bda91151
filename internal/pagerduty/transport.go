package pagerduty

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// maxBody is the most that is read of an answer, after decompression.
	maxBody = 1 << 20
	// maxHeader bounds an answer's header block; Go's own bound is 10 MiB.
	maxHeader = 64 << 10
	// receiveBuffer bounds what HTTP/2 lets the server send ahead of reading;
	// Go's own bound is 4 MiB a stream.
	receiveBuffer = 256 << 10

	dialTimeout      = 5 * time.Second
	handshakeTimeout = 5 * time.Second
	// firstConnectionWait is how long a request waits for another one's first
	// connection, to share it, before it opens its own.
	firstConnectionWait = time.Second
)

// Phase is the part of a request that was under way.
type Phase string

// The phases of a request, in order.
const (
	PhaseResolve Phase = "resolving the host name"
	PhaseConnect Phase = "connecting"
	PhaseProxy   Phase = "waiting for the proxy to open a tunnel"
	PhaseTLS     Phase = "setting up TLS"
	PhaseSend    Phase = "sending the request"
	PhaseWait    Phase = "waiting for the answer"
	PhaseRead    Phase = "reading the answer"
)

// answer is an HTTP answer, whatever its status.
type answer struct {
	status    int
	header    http.Header
	body      []byte
	tooLarge  bool
	broken    error // why the body could not be read to its end
	requestID string
	wait      time.Duration
	waitKnown bool
	attempts  int
	elapsed   time.Duration
}

// transport is the only part that sees the Authorization header. It is built at
// the first request, because Terraform starts a provider three times for a plan
// and asks through it once.
type transport struct {
	extraCAs []byte // PEM
	proxy    func(*url.URL) (*url.URL, error)

	mu   sync.Mutex
	http *http.Transport
	// withSystem tells that the system's certificates are trusted, beside extraCAs.
	withSystem bool
}

// proxyRefusal is a proxy's answer other than 200 to CONNECT.
type proxyRefusal struct{ status int }

func (*proxyRefusal) Error() string { return "the proxy refused the tunnel" }

// RoundTrip asks with the extra certificates alone first, where there are any:
// reading the system's takes longer than a request on loopback, and who names
// certificates usually meets them. A handshake that fails for want of the
// system's has sent no request, and is done again with both.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	rt, widened := t.get(false)
	res, err := rt.RoundTrip(req)
	if unknown := (x509.UnknownAuthorityError{}); err == nil || widened || !errors.As(err, &unknown) {
		return res, err
	}
	if req.GetBody != nil {
		if req.Body, err = req.GetBody(); err != nil {
			return nil, err
		}
	}
	rt, _ = t.get(true)
	return rt.RoundTrip(req)
}

// get builds what is not built yet.
func (t *transport) get(withSystem bool) (rt *http.Transport, widened bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	withSystem = withSystem || t.withSystem || len(t.extraCAs) == 0
	if t.http == nil || withSystem != t.withSystem {
		t.http, t.withSystem = t.build(t.roots(withSystem)), withSystem
	}
	return t.http, t.withSystem
}

// roots is nil for the system's certificates alone.
func (t *transport) roots(withSystem bool) *x509.CertPool {
	if len(t.extraCAs) == 0 {
		return nil
	}
	pool := x509.NewCertPool()
	if withSystem {
		// A system without certificates is no reason to distrust the ones that
		// were named.
		if system, err := x509.SystemCertPool(); err == nil {
			pool = system
		}
	}
	pool.AppendCertsFromPEM(t.extraCAs)
	return pool
}

func (t *transport) build(roots *x509.CertPool) *http.Transport {
	rt := &http.Transport{
		DialContext:            (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		TLSHandshakeTimeout:    handshakeTimeout,
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{MaxReceiveBufferPerStream: receiveBuffer, MaxReceiveBufferPerConnection: 4 * receiveBuffer},
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConnsPerHost:    16,
		MaxResponseHeaderBytes: maxHeader,
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, r *http.Response) error {
			if r.StatusCode != http.StatusOK {
				return &proxyRefusal{r.StatusCode}
			}
			return nil
		},
	}
	if t.proxy != nil {
		rt.Proxy = func(r *http.Request) (*url.URL, error) { return t.proxy(r.URL) }
	}
	return rt
}

// firstConnection lets one request open the first connection while the others
// wait for it a moment, so that many checks at once share one HTTP/2 connection
// instead of dialling one each.
type firstConnection struct {
	open *atomic.Bool
	turn chan struct{}
}

func newFirstConnection() firstConnection {
	return firstConnection{open: new(atomic.Bool), turn: make(chan struct{}, 1)}
}

// enter waits for the caller's turn and returns what to call when a connection
// was had (true) or the attempt is over (false); more calls do nothing.
func (f *firstConnection) enter(ctx context.Context) func(connected bool) {
	if f.open.Load() {
		return func(bool) {}
	}
	timer := time.NewTimer(firstConnectionWait)
	defer timer.Stop()
	select {
	case f.turn <- struct{}{}:
	case <-timer.C:
		return func(bool) {}
	case <-ctx.Done():
		return func(bool) {}
	}
	var once sync.Once
	return func(connected bool) {
		once.Do(func() {
			if connected {
				f.open.Store(true)
			}
			<-f.turn
		})
	}
}

// send makes one attempt. RoundTrip instead of an http.Client: no redirect can
// be followed and no cookie kept where nothing exists that would.
func (c *Client) send(ctx context.Context, r call, attempt int) (*answer, *Error) {
	target := *c.base
	target.Path += r.path
	target.RawQuery = r.query

	var proxyHost string
	if c.transport.proxy != nil {
		if p, err := c.transport.proxy(&target); err == nil && p != nil {
			proxyHost = p.Host
		}
	}
	connected := c.first.enter(ctx)
	defer connected(false)
	var current atomic.Pointer[Phase]
	enter := func(p Phase) { current.Store(&p) }
	enter(PhaseConnect)
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart:     func(httptrace.DNSStartInfo) { enter(PhaseResolve) },
		ConnectStart: func(string, string) { enter(PhaseConnect) },
		ConnectDone: func(_, _ string, err error) {
			if err == nil && proxyHost != "" {
				enter(PhaseProxy)
			}
		},
		TLSHandshakeStart:    func() { enter(PhaseTLS) },
		GotConn:              func(httptrace.GotConnInfo) { enter(PhaseSend); connected(true) },
		WroteRequest:         func(httptrace.WroteRequestInfo) { enter(PhaseWait) },
		GotFirstResponseByte: func() { enter(PhaseRead) },
	})

	var body io.Reader
	if r.form != nil {
		body = strings.NewReader(r.form.Encode())
	}
	req, err := http.NewRequestWithContext(traced, r.method, target.String(), body)
	if err != nil {
		return nil, c.failed(r, &Error{Kind: KindTransport})
	}
	req.Header.Set("Accept", r.accept)
	req.Header.Set("User-Agent", c.userAgent)
	if r.form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if r.auth.secret != "" {
		req.Header.Set("Authorization", r.auth.scheme+r.auth.secret)
	}

	c.log(ctx, "Asking PagerDuty", map[string]any{
		"method": r.method, "host": c.base.Host, "path": target.Path, "attempt": attempt,
	})
	start := time.Now()
	res, err := c.transport.RoundTrip(req) //nolint:bodyclose // readAnswer closes it.
	if err != nil {
		failure := c.failed(r, transportError(ctx, err, *current.Load(), proxyHost))
		c.log(ctx, "No answer from PagerDuty", map[string]any{
			"method": r.method, "host": c.base.Host, "path": target.Path, "attempt": attempt,
			"duration_ms": time.Since(start).Milliseconds(), "cause": string(failure.Kind), "phase": string(failure.Phase),
		})
		return nil, failure
	}
	a := readAnswer(res, r)
	c.log(ctx, "PagerDuty answered", map[string]any{
		"method": r.method, "host": c.base.Host, "path": target.Path, "attempt": attempt, "status": a.status,
		"duration_ms": time.Since(start).Milliseconds(), "request_id": a.requestID, "protocol": res.Proto,
	})
	if a.broken != nil && (a.status == http.StatusOK || ctx.Err() != nil) {
		failure := c.failed(r, transportError(ctx, a.broken, PhaseRead, proxyHost))
		failure.Status, failure.RequestID = a.status, a.requestID
		// A judgement was already received in the status line; only the body is
		// missing, and the body never changes what a failure status means.
		if a.status != http.StatusOK && failure.Kind != KindCanceled {
			return a, nil
		}
		return nil, failure
	}
	return a, nil
}

// readAnswer reads at most maxBody of the body and closes it. What is wrong
// with the body never hides the status.
func readAnswer(res *http.Response, r call) *answer {
	defer func() { _ = res.Body.Close() }()
	body, err := readCapped(res.Body)
	a := &answer{status: res.StatusCode, header: res.Header, body: body, broken: err}
	if len(body) > maxBody {
		a.tooLarge, a.body = true, nil
	}
	a.requestID = requestID(res.Header.Get("X-Request-Id"), r)
	a.wait, a.waitKnown = askedWait(res.Header, time.Now())
	return a
}

// readCapped reads up to maxBody and one byte. It grows its buffer in few large
// steps: io.ReadAll's many small ones leave five times the body as garbage.
func readCapped(r io.Reader) ([]byte, error) {
	body := make([]byte, 0, 16<<10)
	for {
		n, err := r.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case err == io.EOF:
			return body, nil
		case err != nil || len(body) > maxBody:
			return body, err
		}
		if len(body) == cap(body) {
			grown := make([]byte, len(body), min(8*cap(body), maxBody+1))
			copy(grown, body)
			body = grown
		}
	}
}

// askedWait reads how long the server asks to wait: ratelimit-reset (seconds
// [D]) or Retry-After (seconds or a date; not documented by PagerDuty, sent by
// load balancers).
func askedWait(h http.Header, now time.Time) (time.Duration, bool) {
	for _, name := range []string{"Ratelimit-Reset", "Retry-After"} {
		value := strings.TrimSpace(h.Get(name))
		if seconds, err := strconv.ParseFloat(value, 64); err == nil {
			// A server's figure can be anything; a day is more than any rate
			// limit asks for, and the cap keeps the arithmetic from overflowing.
			if seconds >= 0 {
				return time.Duration(min(seconds, 86400) * float64(time.Second)), true
			}
			continue
		}
		if at, err := http.ParseTime(value); err == nil {
			return min(max(at.Sub(now), 0), 24*time.Hour), true
		}
	}
	return 0, false
}

// requestID keeps an x-request-id that is one: a server can put anything there.
func requestID(value string, r call) string {
	if len(value) > 128 {
		return ""
	}
	for _, b := range []byte(value) {
		if !(b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '-' || b == '_' || b == '.') {
			return ""
		}
	}
	if repeats(value, r.secrets()...) {
		return ""
	}
	return value
}

func (r call) secrets() []string {
	return []string{r.auth.secret, r.form.Get("client_secret")}
}
