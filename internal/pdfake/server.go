package pdfake

import (
	"context"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Server is a running emulator: the API of each region, and the identity host, each on a
// listener of its own.
type Server struct {
	conf      *config
	addresses map[string]string // by listener
	store
	journal
	faultSet
	limiter
	servers

	bytes       atomic.Int64
	connections atomic.Int64
	ahead       atomic.Int64 // nanoseconds, see Advance
}

// TB is what [Start] needs of testing.TB.
type TB interface {
	Helper()
	Cleanup(f func())
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// New starts a server. The caller closes it.
func New(opts ...Option) (*Server, error) {
	conf, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	s := &Server{
		conf: conf, addresses: make(map[string]string), limiter: limiter{windows: make(map[string]window)},
		servers: servers{done: make(chan struct{})},
	}
	if err := s.seed(conf); err != nil {
		return nil, fmt.Errorf("pdfake: %w", err)
	}
	s.SetFaults(conf.faults...)
	for _, name := range []string{RegionUS, RegionEU, ListenerIdentity} {
		if err := s.listen(name); err != nil {
			s.Close()
			return nil, err
		}
	}
	return s, nil
}

// Start is [New] for a test: it closes the server at the end, and fails the test for requests
// to routes the API does not have and for faults that no request met.
func Start(tb TB, opts ...Option) *Server {
	tb.Helper()
	s, err := New(opts...)
	if err != nil {
		tb.Fatalf("%v", err)
		return nil
	}
	tb.Cleanup(func() {
		s.Close()
		if !s.conf.allowUnknown {
			for _, u := range s.unknownRoutes() {
				tb.Errorf("pdfake: request to an unknown route: %s (see WithUnknownRoutes)", u)
			}
		}
		for _, f := range s.unused() {
			tb.Errorf("pdfake: no request met the fault %s (see Fault.Optional)", f)
		}
	})
	return s
}

func (s *Server) listen(name string) error {
	api := name != ListenerIdentity
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.handle(name, w, r) }),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			if api {
				s.connections.Add(1)
			}
			return connContext(ctx, c)
		},
		ErrorLog:          s.conf.serverLog,
		Protocols:         new(http.Protocols),
		ReadHeaderTimeout: headerTimeout,
	}
	server.Protocols.SetHTTP1(true)
	if !api || !s.conf.plainHTTP {
		server.Protocols.SetHTTP2(!s.conf.http1Only)
		var err error
		if server.TLSConfig, err = s.conf.tls(api); err != nil {
			return err
		}
	}
	var err error
	s.addresses[name], err = s.serve(server)
	return err
}

// URL is the US API's base URL, with the path prefix.
func (s *Server) URL() string { return s.RegionURL(RegionUS) }

// RegionURL is the base URL of a region's API, "us" or "eu", with the path prefix.
func (s *Server) RegionURL(region string) string {
	return "https://" + s.Addr(region) + s.conf.pathPrefix
}

// IdentityURL is the base URL of the identity host: tokens are minted at /oauth/token below it [D].
func (s *Server) IdentityURL() string {
	return "https://" + s.Addr(ListenerIdentity)
}

// Addr is the host and port of a listener: "us", "eu" or "identity".
func (s *Server) Addr(listener string) string { return s.addresses[listener] }

// CAPEM is the CA to trust, in PEM.
func (s *Server) CAPEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ownCA().cert.Raw}))
}

// Connections is the number of connections to the API's listeners since the start.
func (s *Server) Connections() int { return int(s.connections.Load()) }

// Bytes is the number of body bytes that handlers wrote, as compressed, of all answers.
func (s *Server) Bytes() int64 { return s.bytes.Load() }

// Advance moves the server's clock, which minted tokens expire by, and rate limits recover by.
func (s *Server) Advance(d time.Duration) { s.ahead.Add(int64(d)) }

func (s *Server) now() time.Time {
	return time.Now().Add(time.Duration(s.ahead.Load()))
}

// limiter counts requests in windows of a minute.
type limiter struct {
	mu      sync.Mutex
	windows map[string]window
}

type window struct {
	start time.Time
	count int
}

// take counts a request. It returns what remains (negative: over the limit) and the seconds
// until the window ends.
func (l *limiter) take(bucket string, limit int, now time.Time) (remaining, reset int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.windows[bucket]
	if now.Sub(w.start) >= time.Minute {
		w = window{start: now}
	}
	w.count++
	l.windows[bucket] = w
	left := time.Minute - now.Sub(w.start)
	return limit - w.count, int((left + time.Second - 1) / time.Second)
}

// limitHeaders are lower case on the wire, as PagerDuty's [S].
func limitHeaders(h http.Header, limit, remaining, reset int) {
	h["ratelimit-limit"] = []string{strconv.Itoa(limit)}
	h["ratelimit-remaining"] = []string{strconv.Itoa(max(remaining, 0))}
	h["ratelimit-reset"] = []string{strconv.Itoa(reset)}
}
