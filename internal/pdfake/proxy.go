package pdfake

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Proxy is an HTTP proxy on loopback that knows CONNECT only. It reaches only what it has a
// route for, so that no test leaves the machine by mistake.
type Proxy struct {
	address      string
	routes       map[string]string
	refuseStatus int
	refuseBody   string
	servers

	seen     sync.Mutex
	requests []*http.Request
}

// ProxyOption configures a proxy.
type ProxyOption func(*Proxy)

// ProxyRefuse answers each CONNECT with this.
func ProxyRefuse(status int, body string) ProxyOption {
	return func(p *Proxy) { p.refuseStatus, p.refuseBody = status, body }
}

// ProxyRoute sends a target, such as "api.pagerduty.com:443", to an address, such as
// [Server.Addr]'s.
func ProxyRoute(hostport, addr string) ProxyOption {
	return func(p *Proxy) { p.routes[hostport] = addr }
}

// NewProxy starts a proxy. The caller closes it.
func NewProxy(opts ...ProxyOption) (*Proxy, error) {
	p := &Proxy{routes: make(map[string]string), servers: servers{done: make(chan struct{})}}
	for _, o := range opts {
		o(p)
	}
	var err error
	p.address, err = p.serve(&http.Server{
		Handler: http.HandlerFunc(p.handle), ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: headerTimeout,
	})
	return p, err
}

// StartProxy is [NewProxy] for a test.
func StartProxy(tb TB, opts ...ProxyOption) *Proxy {
	tb.Helper()
	p, err := NewProxy(opts...)
	if err != nil {
		tb.Fatalf("%v", err)
		return nil
	}
	tb.Cleanup(p.Close)
	return p
}

// URL is the proxy's, for HTTPS_PROXY.
func (p *Proxy) URL() string { return "http://" + p.address }

// Requests are those for a tunnel, in order: Host is the target.
func (p *Proxy) Requests() []*http.Request {
	p.seen.Lock()
	defer p.seen.Unlock()
	return slices.Clone(p.requests)
}

func (p *Proxy) handle(w http.ResponseWriter, r *http.Request) {
	p.seen.Lock()
	p.requests = append(p.requests, r.Clone(r.Context()))
	p.seen.Unlock()
	target, routed := p.routes[r.Host]
	switch {
	case p.refuseStatus != 0:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(p.refuseStatus)
		_, _ = io.WriteString(w, p.refuseBody) // the client may have gone
	case r.Method != http.MethodConnect, !routed:
		http.Error(w, "No route to this target", http.StatusBadGateway)
	default:
		p.tunnel(w, r, target)
	}
}

func (p *Proxy) tunnel(w http.ResponseWriter, r *http.Request, target string) {
	var d net.Dialer
	ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
	defer cancel()
	up, err := d.DialContext(ctx, "tcp", target)
	if err != nil {
		http.Error(w, "Cannot reach the target", http.StatusBadGateway)
		return
	}
	down, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = up.Close()
		panic(http.ErrAbortHandler)
	}
	// Where this fails, the copying below fails too.
	_, _ = io.WriteString(down, "HTTP/1.1 200 Connection established\r\n\r\n")
	// The end of either side ends both, by closing what the other one reads. Close closes the
	// client's side, and with that the tunnel.
	end := func() {
		_ = up.Close()
		_ = down.Close()
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(up, buffered)
		end()
	}()
	_, _ = io.Copy(down, up)
	end()
	<-ended
}
