package pagerduty

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// maxHeader bounds an answer's header block; Go's own bound is 10 MiB.
	maxHeader = 64 << 10
	// receiveBuffer bounds what HTTP/2 lets the server send ahead of reading; Go's
	// own bound is 4 MiB a stream.
	receiveBuffer = 256 << 10
	// maxTurnWait is how long a request waits for another one's first connection, to
	// share it, before it opens its own.
	maxTurnWait = time.Second
)

// ErrProxyURL is what Config.Proxy returns where a proxy is set and cannot be read.
var ErrProxyURL = errors.New("the proxy's address cannot be read")

// proxyRefusal is a proxy's answer other than 200 to CONNECT.
type proxyRefusal struct {
	status  int
	schemes []string // by which it takes a login
}

func (*proxyRefusal) Error() string { return "the proxy refused the tunnel" }

// errNoStatus is for a status that is none, which net/http takes. Its text is that of
// net/http for others.
var errNoStatus = errors.New("malformed HTTP status code")

// isStatus reports whether a status has three digits (RFC 9110, section 15).
func isStatus(status int) bool { return status >= 100 && status <= 999 }

// roots are the system's certificates and the extra ones, as one pool: a server
// that either vouches for is trusted. A system without certificates is no reason to
// distrust the ones that were named. Without extra ones it is nil: then crypto/tls
// takes the system's, and reads them while the handshake is under way.
func roots(extraCAs []byte) *x509.CertPool {
	if len(extraCAs) == 0 {
		return nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	pool.AppendCertsFromPEM(extraCAs)
	return pool
}

// newTransport makes a transport that asks once per HTTP/1.1 connection: what a gateway sends
// after an answer can be taken for the answer to the next request, and another credential's
// yes for this one's. HTTP/2 numbers its answers, and keeps its connection in a pool of its own.
func newTransport(cfg Config) *http.Transport {
	dialer := &net.Dialer{Timeout: cfg.Timeout, KeepAlive: 30 * time.Second}
	proxy, _ := cfg.Proxy(cfg.BaseURL)
	return &http.Transport{
		Proxy: func(r *http.Request) (*url.URL, error) { return cfg.Proxy(r.URL) },
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return &wireConn{Conn: conn}, nil
		},
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots(cfg.ExtraCAs)},
		TLSHandshakeTimeout: cfg.Timeout,
		// net/http offers an https:// proxy what it offers the host, and cannot say CONNECT
		// by HTTP/2 (Go 1.26).
		ForceAttemptHTTP2: proxy == nil || proxy.Scheme != "https",
		HTTP2: &http.HTTP2Config{
			MaxReceiveBufferPerStream: receiveBuffer, MaxReceiveBufferPerConnection: 4 * receiveBuffer,
		},
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConnsPerHost:    -1,
		MaxResponseHeaderBytes: maxHeader,
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, r *http.Response) error {
			switch {
			case r.StatusCode == http.StatusOK:
				return nil
			case !isStatus(r.StatusCode):
				return errNoStatus
			}
			return &proxyRefusal{r.StatusCode, challenges(r.Header.Values("Proxy-Authenticate"))}
		},
	}
}

// wireConn counts what is written to a connection, below TLS. It shows whether a
// request left: net/http calls one written that is still in its buffer.
type wireConn struct {
	net.Conn
	written atomic.Int64
}

func (c *wireConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.written.Add(int64(n))
	return n, err
}

// wireOf finds the counted connection below TLS, and below the TLS of a proxy.
func wireOf(conn net.Conn) *wireConn {
	for {
		if wire, ok := conn.(*wireConn); ok {
			return wire
		}
		layered, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			return nil
		}
		conn = layered.NetConn()
	}
}

// awaitTurn lets one request open the first connection while the others wait for it a
// moment, so that many checks at once share one HTTP/2 connection instead of dialing
// one each. It returns what to call when there is a connection (true) or the attempt
// is over (false); more calls do nothing.
func (c *Client) awaitTurn(ctx context.Context) func(connected bool) {
	timer := time.NewTimer(c.turnWait)
	defer timer.Stop()
	select {
	case _, mine := <-c.turn:
		if !mine {
			break
		}
		var once sync.Once
		return func(connected bool) {
			once.Do(func() {
				if connected {
					close(c.turn)
				} else {
					c.turn <- struct{}{}
				}
			})
		}
	case <-timer.C:
	case <-ctx.Done():
	}
	return func(bool) {}
}
