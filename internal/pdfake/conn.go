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
	// top is what HTTP writes to: the connection itself, or TLS over it.
	top net.Conn
	// requests counts those that came over it, writes the calls of Write.
	requests, writes atomic.Int64
}

// Write is net.Conn's.
func (c *trackedConn) Write(b []byte) (int, error) {
	defer c.writes.Add(1)
	return c.Conn.Write(b)
}

// Accept is net.Listener's.
func (l *trackedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	t := &trackedConn{Conn: c, owner: l}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns[t] = struct{}{}
	return t, nil
}

func (l *trackedListener) closeConns() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		_ = c.Conn.Close() // it may be closed already
	}
}

// Close is net.Conn's.
func (c *trackedConn) Close() error {
	c.owner.mu.Lock()
	delete(c.owner.conns, c)
	c.owner.mu.Unlock()
	return c.Conn.Close()
}

// reset closes the connection with a TCP RST instead of a FIN.
func (c *trackedConn) reset() {
	if t, ok := c.Conn.(*net.TCPConn); ok {
		_ = t.SetLinger(0) // it may be closed already
	}
	_ = c.Close()
}

type connKey struct{}

// connContext lets a handler find its connection, with HTTP/2 as well.
func connContext(ctx context.Context, c net.Conn) context.Context {
	below := c
	if t, ok := c.(*tls.Conn); ok {
		below = t.NetConn()
	}
	if t, ok := below.(*trackedConn); ok {
		t.top = c
		return context.WithValue(ctx, connKey{}, t)
	}
	return ctx
}

// servers are the HTTP servers of an emulator or a proxy, which end together.
type servers struct {
	done   chan struct{}
	mu     sync.Mutex
	closed bool
	active sync.WaitGroup
	stop   []func()
}

const headerTimeout = 30 * time.Second

// serve starts a server on loopback, with TLS if it has a configuration for it.
func (s *servers) serve(server *http.Server) (address string, err error) {
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("pdfake: listen: %w", err)
	}
	tracked := &trackedListener{Listener: l, conns: make(map[*trackedConn]struct{})}
	handler := server.Handler
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.enter() {
			panic(http.ErrAbortHandler)
		}
		defer s.active.Done()
		handler.ServeHTTP(w, r)
	})
	s.active.Go(func() {
		// The error is always the one of Close.
		if server.TLSConfig == nil {
			_ = server.Serve(tracked)
		} else {
			_ = server.ServeTLS(tracked, "", "")
		}
	})
	s.stop = append(s.stop, func() {
		_ = server.Close()
		_ = l.Close() // where Serve had not got to know it yet
		tracked.closeConns()
	})
	return l.Addr().String(), nil
}

// enter is false once the servers close: Wait must not meet a new handler.
func (s *servers) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.active.Add(1)
	return true
}

// Close ends all connections, and returns when no handler runs any more.
func (s *servers) Close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.done)
	}
	s.mu.Unlock()
	for _, stop := range s.stop {
		stop()
	}
	s.active.Wait()
}

// forever is longer than any test.
const forever time.Duration = math.MaxInt64

// sleep is false where the client went away or the servers close.
func (s *servers) sleep(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	select {
	case <-time.After(d):
		return true
	case <-r.Context().Done():
	case <-s.done:
	}
	return false
}
