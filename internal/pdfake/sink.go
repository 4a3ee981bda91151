package pdfake

import (
	"bytes"
	"net"
	"slices"
	"sync"
)

// Sink is a TCP listener on loopback that answers nothing and keeps every byte: the proof that
// nothing was sent to where a redirect points.
type Sink struct {
	net    *trackedListener
	active sync.WaitGroup

	mu       sync.Mutex
	conns    int
	received bytes.Buffer
}

// NewSink starts a sink, which closes with the test.
func NewSink(tb TB) *Sink {
	tb.Helper()
	l, err := listenLoopback()
	if err != nil {
		tb.Fatalf("%v", err)
		return nil
	}
	s := &Sink{net: l}
	s.active.Add(1)
	go s.accept()
	tb.Cleanup(s.Close)
	return s
}

func (s *Sink) accept() {
	defer s.active.Done()
	for {
		c, err := s.net.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns++
		s.mu.Unlock()
		s.active.Add(1)
		go s.read(c)
	}
}

func (s *Sink) read(c net.Conn) {
	defer s.active.Done()
	buf := make([]byte, 4096)
	for {
		n, err := c.Read(buf)
		s.mu.Lock()
		s.received.Write(buf[:n])
		s.mu.Unlock()
		if err != nil {
			_ = c.Close()
			return
		}
	}
}

// Close ends the listener and its connections.
func (s *Sink) Close() {
	_ = s.net.Close()
	s.net.closeConns()
	s.active.Wait()
}

// Addr is host:port.
func (s *Sink) Addr() string { return s.net.Addr().String() }

// Received is every byte of all connections.
func (s *Sink) Received() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.received.Bytes())
}

// Conns is the number of connections.
func (s *Sink) Conns() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns
}
