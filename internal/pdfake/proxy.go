package pdfake

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
)

// Proxy is an HTTP proxy on loopback that supports CONNECT only. It reaches only the targets that
// it has a route for, so that no test leaves the machine by mistake.
type Proxy struct {
	server       *httptest.Server
	cancel       context.CancelFunc
	routes       map[string]string
	refuseStatus int
	refuseBody   string

	seen     sync.Mutex
	requests []*http.Request
}

// ProxyOption configures a proxy.
type ProxyOption func(*Proxy)

// ProxyRefuse refuses every CONNECT with this response.
func ProxyRefuse(status int, body string) ProxyOption {
	return func(p *Proxy) { p.refuseStatus, p.refuseBody = status, body }
}

// ProxyRoute connects a target, such as "api.pagerduty.com:443", to an address, such as
// [Server.Addr]'s.
func ProxyRoute(hostport, addr string) ProxyOption {
	return func(p *Proxy) { p.routes[hostport] = addr }
}

// NewProxy starts a proxy. The caller closes it.
func NewProxy(opts ...ProxyOption) *Proxy {
	p := &Proxy{routes: make(map[string]string)}
	for _, o := range opts {
		o(p)
	}
	ctx, cancel := context.WithCancel(context.Background())
	p.server, p.cancel = httptest.NewUnstartedServer(http.HandlerFunc(p.handle)), cancel
	p.server.Config.BaseContext = func(net.Listener) context.Context { return ctx }
	p.server.Start()
	return p
}

// StartProxy is [NewProxy] for a test.
func StartProxy(tb TB, opts ...ProxyOption) *Proxy {
	tb.Helper()
	p := NewProxy(opts...)
	tb.Cleanup(p.Close)
	return p
}

// Close ends the tunnels and the proxy.
func (p *Proxy) Close() {
	p.cancel()
	p.server.CloseClientConnections()
	p.server.Close()
}

// URL returns the proxy's URL, for HTTPS_PROXY.
func (p *Proxy) URL() string { return p.server.URL }

// Requests returns the requests for a tunnel, in order. Their Host is the target.
func (p *Proxy) Requests() []*http.Request {
	p.seen.Lock()
	defer p.seen.Unlock()
	return slices.Clone(p.requests)
}

func (p *Proxy) handle(w http.ResponseWriter, r *http.Request) {
	p.seen.Lock()
	p.requests = append(p.requests, r.Clone(r.Context()))
	p.seen.Unlock()
	if p.refuseStatus != 0 {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(p.refuseStatus)
		_, _ = io.WriteString(w, p.refuseBody) // the client may have gone
		return
	}
	target, routed := p.routes[r.Host]
	if r.Method != http.MethodConnect || !routed {
		http.Error(w, "No route to this target", http.StatusBadGateway)
		return
	}
	up, err := new(net.Dialer).DialContext(r.Context(), "tcp", target)
	if err != nil {
		http.Error(w, "Cannot reach the target", http.StatusBadGateway)
		return
	}
	defer func() { _ = up.Close() }()
	down, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer func() { _ = down.Close() }()
	_, _ = io.WriteString(down, "HTTP/1.1 200 Connection established\r\n\r\n") // if it fails, the copying fails
	ended := make(chan struct{}, 2)
	pass := func(to io.Writer, from io.Reader) {
		_, _ = io.Copy(to, from)
		ended <- struct{}{}
	}
	go pass(up, buffered)
	go pass(down, up)
	// The end of either side ends both.
	select {
	case <-ended:
	case <-r.Context().Done():
	}
}
