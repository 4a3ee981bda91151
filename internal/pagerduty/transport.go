package pagerduty

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"
)

// maxHeader limits a response's header block, in bytes. Go's own limit is 10 MiB.
const maxHeader = 64 << 10

// ErrProxyURL is the error of Config.Proxy if the proxy's URL is invalid.
var ErrProxyURL = errors.New("the proxy's URL is invalid")

// proxyRefusal is a proxy's response to CONNECT other than 200.
type proxyRefusal struct {
	status  int
	schemes []string // the authentication schemes that the proxy offers
}

func (*proxyRefusal) Error() string { return "the proxy refused the tunnel" }

// errNoStatus reports a status code that is not three digits; net/http accepts those.
// Its text is net/http's for other invalid codes.
var errNoStatus = errors.New("malformed HTTP status code")

func isStatus(status int) bool { return status >= 100 && status <= 999 }

// roots returns a pool with the system's certificates and the extra ones. It returns
// nil without extra ones: crypto/tls then uses the system's, and reads them during the
// handshake.
func roots(extraCAs []byte) *x509.CertPool {
	if len(extraCAs) == 0 {
		return nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a system without certificates can still trust the extra ones
	}
	pool.AppendCertsFromPEM(extraCAs)
	return pool
}

// newTransport returns a session's transport. It speaks HTTP/1.1 only.
func newTransport(cfg Config, roots func() *x509.CertPool) *http.Transport {
	t := &http.Transport{
		Proxy:                  func(r *http.Request) (*url.URL, error) { return cfg.Proxy(r.URL) },
		DialContext:            (&net.Dialer{Timeout: cfg.Timeout, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots()},
		TLSHandshakeTimeout:    cfg.Timeout,
		Protocols:              new(http.Protocols),
		DisableCompression:     true, // response.go tells a damaged body from a lost connection
		MaxResponseHeaderBytes: maxHeader,
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, r *http.Response) error {
			switch {
			case r.StatusCode == http.StatusOK:
				return nil
			case !isStatus(r.StatusCode):
				return errNoStatus
			}
			return &proxyRefusal{r.StatusCode, schemes(r.Header.Values("Proxy-Authenticate"))}
		},
	}
	t.Protocols.SetHTTP1(true)
	return t
}
