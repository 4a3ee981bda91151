package pdfake

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"
)

// Server is a running emulator. The API of each region and the identity host have a listener each.
type Server struct {
	store
	journal
	faultSet

	conf        *config
	listeners   map[string]*httptest.Server
	context     context.Context // ends when the server closes
	cancel      context.CancelFunc
	connections atomic.Int64
}

// TB is the part of testing.TB that [Start] needs.
type TB interface {
	Helper()
	Cleanup(f func())
	Errorf(format string, args ...any)
}

// New starts a server. The caller closes it. It panics if the seeds contradict each other.
func New(opts ...Option) *Server {
	s := &Server{conf: &config{}, listeners: make(map[string]*httptest.Server)}
	for _, o := range opts {
		o(s.conf)
	}
	s.seed(s.conf)
	s.SetFaults(s.conf.faults...)
	s.context, s.cancel = context.WithCancel(context.Background())
	for _, name := range []string{RegionUS, RegionEU, ListenerIdentity} {
		s.listen(name)
	}
	return s
}

// Start is [New] for a test. It closes the server at the end of the test. It fails the test for
// requests to unknown routes, and for faults that no request met.
func Start(tb TB, opts ...Option) *Server {
	tb.Helper()
	s := New(append(opts, func(c *config) {
		c.onUnknown = func(route string) { tb.Errorf("pdfake: request to an unknown route: %s", route) }
	})...)
	tb.Cleanup(func() {
		s.Close()
		for _, f := range s.unused() {
			tb.Errorf("pdfake: no request met the fault %s", f)
		}
	})
	return s
}

func (s *Server) listen(name string) {
	api := name != ListenerIdentity
	l := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.handle(name, w, r)
	}))
	s.listeners[name] = l
	l.Config.BaseContext = func(net.Listener) context.Context { return s.context }
	l.Config.ConnContext = s.connContext
	l.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes fail on purpose
	l.Config.IdleTimeout = s.conf.idleTimeout
	if api && s.conf.plainHTTP {
		l.Start()
		return
	}
	l.TLS = s.conf.tls(api)
	l.StartTLS()
}

// Close ends all connections. The server starts no handler afterwards.
func (s *Server) Close() {
	s.cancel()
	for _, l := range s.listeners {
		l.CloseClientConnections()
		l.Close()
	}
}

// connection is the state of a client's connection.
type connection struct {
	net.Conn // of TLS, or the socket itself without TLS
	number   int
	requests int
}

type connKey struct{}

func (s *Server) connContext(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, &connection{Conn: c, number: int(s.connections.Add(1))})
}

// reset closes the connection with a TCP RST instead of a FIN.
func (c *connection) reset() {
	socket := c.Conn
	if t, ok := socket.(*tls.Conn); ok {
		socket = t.NetConn()
	}
	if t, ok := socket.(*net.TCPConn); ok {
		_ = t.SetLinger(0) // it may be closed already
	}
	_ = socket.Close()
}

// URL returns the base URL of the US API, with the path prefix.
func (s *Server) URL() string { return s.RegionURL(RegionUS) }

// RegionURL returns the base URL of a region's API, "us" or "eu", with the path prefix.
func (s *Server) RegionURL(region string) string {
	return "https://" + s.Addr(region) + s.conf.pathPrefix
}

// IdentityURL returns the base URL of the identity host. Access tokens are issued at /oauth/token
// below it [D].
func (s *Server) IdentityURL() string { return "https://" + s.Addr(ListenerIdentity) }

// Addr returns the host and port of a listener: "us", "eu" or "identity".
func (s *Server) Addr(listener string) string { return s.listeners[listener].Listener.Addr().String() }

// CAPEM returns the CA to trust, in PEM.
func (s *Server) CAPEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ownCA().cert.Raw}))
}

// Connections returns the number of connections to all listeners since the start.
func (s *Server) Connections() int { return int(s.connections.Load()) }

// sleep reports false if the client went away or the server closes before the time is over.
func sleep(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	select {
	case <-time.After(d):
		return true
	case <-r.Context().Done():
		return false
	}
}
