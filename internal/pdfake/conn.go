package pdfake

import (
	"context"
	"crypto/tls"
	"fmt"
	"math"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// trackedListener remembers its connections. [net/http.Server.Close] forgets hijacked ones, and
// a fault that resets a connection has to find the socket below TLS.
type trackedListener struct {
	net.Listener

	mu    sync.Mutex
	conns map[*trackedConn]struct{}
}

type trackedConn struct {
	net.Conn
	owner *trackedListener
	// requests counts those that came over it.
	requests atomic.Int64
	// writes counts calls of Write, handshake those of the TLS handshake.
	writes, handshake atomic.Int64
}

// Write is net.Conn's.
func (c *trackedConn) Write(b []byte) (int, error) {
	defer c.writes.Add(1)
	return c.Conn.Write(b) //nolint:wrapcheck // a net.Conn's errors stay as they are
}

// handshaken is called when the server of TLS 1.3 has written all of its handshake; with TLS 1.2
// one write follows.
func (c *trackedConn) handshaken(version uint16) {
	n := c.writes.Load()
	if version < tls.VersionTLS13 {
		n++
	}
	c.handshake.Store(n)
}

// begun reports whether the server has written anything after the handshake.
func (c *trackedConn) begun() bool { return c.writes.Load() > c.handshake.Load() }

func listenLoopback() (*trackedListener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("pdfake: listen: %w", err)
	}
	return &trackedListener{Listener: l, conns: make(map[*trackedConn]struct{})}, nil
}

// Accept is net.Listener's.
func (l *trackedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err //nolint:wrapcheck // net/http compares this error
	}
	t := &trackedConn{Conn: c, owner: l}
	l.mu.Lock()
	l.conns[t] = struct{}{}
	l.mu.Unlock()
	return t, nil
}

func (l *trackedListener) closeConns() {
	l.mu.Lock()
	conns := make([]*trackedConn, 0, len(l.conns))
	for c := range l.conns {
		conns = append(conns, c)
	}
	l.mu.Unlock()
	for _, c := range conns {
		_ = c.Close() // it may be closed already
	}
}

// Close is net.Conn's.
func (c *trackedConn) Close() error {
	c.owner.mu.Lock()
	delete(c.owner.conns, c)
	c.owner.mu.Unlock()
	return c.Conn.Close() //nolint:wrapcheck // a net.Conn's errors stay as they are
}

// resetConnection closes a request's connection with a TCP RST instead of a FIN.
func resetConnection(r *http.Request) {
	_, below := connOf(r.Context())
	if below == nil {
		return
	}
	if t, ok := below.Conn.(*net.TCPConn); ok {
		_ = t.SetLinger(0) // it may be closed already
	}
	_ = below.Close()
}

// lifetime is what a server needs to end, and to wait for its handlers then.
type lifetime struct {
	done   chan struct{}
	mu     sync.Mutex
	closed bool
	active sync.WaitGroup
}

// enter is false once the server closes. A handler that entered calls active.Done.
func (l *lifetime) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.active.Add(1)
	return true
}

func (l *lifetime) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.closed = true
		close(l.done)
	}
}

// forever is longer than any test.
const forever time.Duration = math.MaxInt64

// sleep is false where the client went away or the server closes.
func (l *lifetime) sleep(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
	case <-l.done:
	}
	return false
}

type connKey struct{}

// connContext lets a handler find its connection, with HTTP/2 as well.
func connContext(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

// connOf is a request's connection, with TLS where there is TLS, and the socket below.
func connOf(ctx context.Context) (net.Conn, *trackedConn) {
	c, ok := ctx.Value(connKey{}).(net.Conn)
	if !ok {
		return nil, nil
	}
	below := c
	if t, ok := c.(*tls.Conn); ok {
		below = t.NetConn()
	}
	t, ok := below.(*trackedConn)
	if !ok {
		return nil, nil
	}
	return c, t
}
