package pagerduty_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

const (
	token  = "u+ClGhQeZsTzKrTvn001"
	secret = "Zq8vXw2LkNc7RtYp-bMfJ5hGdSa3Ue9iOo1K"
	minted = "pdus+_0XBPWQQ_7c2kzGvHyRtLqNbWxD"
	other  = "y_NbVtRqWzKxHjLpGmDs" // another credential of the configuration

	// hexID has the form of PagerDuty's request IDs. A UUID with dashes has not.
	hexID = "X-Request-Id: 3f2a9c71d0b84e6fa1c2d3e4f5061728\r\n"
	uuid  = "X-Request-Id: 3f2a9c71-d0b8-4e6f-a1c2-d3e4f5061728\r\n"

	userBody = `{"user":{"id":"P1","type":"user","name":"Ada","email":"ada@acme.example","role":"admin",` +
		`"html_url":"https://acme.pagerduty.com/users/P1"}}`
	usersBody = `{"users":[{"id":"P1","type":"user","html_url":"https://acme.pagerduty.com/users/P1"}]}`
	// accountBody is the response of /users/me to an account API token.
	accountBody  = `{"error":"Because this request was made using an account-level access token, no."}`
	grantBody    = `{"access_token":"` + minted + `","token_type":"bearer","scope":"as_account-us.acme users.read"}`
	previewBody  = `{"schedule":{"final_schedule":{"rendered_coverage_percentage":100}}}`
	deniedBody   = `{"error":{"message":"Access Denied","code":2010}}`
	scopesNeeded = `{"error":{"message":"Access Denied","code":2010},"required_scopes":"users.read"}`
)

var app = pagerduty.App{
	ClientID: "the-client-id", ClientSecret: pagerduty.NewSecret(secret), Region: "us", Subdomain: "acme",
}

func apiToken() pagerduty.Authorization { return pagerduty.APIToken(pagerduty.NewSecret(token)) }

// http11 returns the bytes of a response.
func http11(status, headers, body string) string {
	return "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}

// keep before a response leaves the connection open after it.
const keep = "K"

// server responds to requests over TLS with scripted bytes, one response per request. The
// last response is repeated. It closes the connection after a response without keep.
type server struct {
	listener net.Listener
	url      *url.URL
	patience time.Duration // until it closes an idle connection

	mu          sync.Mutex
	responses   []string
	given       []string
	requests    []string // their bytes
	connections int
}

func startServer(tb testing.TB, responses ...string) *server {
	tb.Helper()
	s := &server{responses: responses, patience: time.Minute}
	s.listener = listenTLS(tb, tlsConfig(), s.serve)
	s.url = &url.URL{Scheme: "https", Host: s.listener.Addr().String()}
	return s
}

// respond replaces the script.
func (s *server) respond(responses ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.responses, s.given, s.requests, s.connections = responses, nil, nil, 0
}

func (s *server) serve(conn net.Conn) {
	s.mu.Lock()
	s.connections++
	s.mu.Unlock()
	var bytes strings.Builder
	in := bufio.NewReader(io.TeeReader(conn, &bytes))
	for {
		bytes.Reset()
		request, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, request.Body)
		response, kept := strings.CutPrefix(s.next(bytes.String()), keep)
		if _, err := io.WriteString(conn, response); err != nil || !kept {
			return
		}
		_ = conn.SetDeadline(time.Now().Add(s.patience))
	}
}

func (s *server) next(request string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	response := s.responses[min(len(s.given), len(s.responses)-1)]
	s.given, s.requests = append(s.given, response), append(s.requests, request)
	return response
}

// seen returns the requests, the responses and the number of connections so far.
func (s *server) seen() (requests, given []string, connections int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.requests...), append([]string{}, s.given...), s.connections
}

// client returns a client for the server. It makes one attempt and does not wait.
func (s *server) client(change ...func(*pagerduty.Config)) *pagerduty.Client {
	cfg := pagerduty.Config{
		BaseURL: s.url, IdentityURL: s.url, UserAgent: "test/1.0", ExtraCAs: authority(), Timeout: time.Minute,
		Secrets: []pagerduty.Secret{
			pagerduty.NewSecret(token), pagerduty.NewSecret(secret), pagerduty.NewSecret(other),
		},
	}
	for _, f := range change {
		f(&cfg)
	}
	return pagerduty.WithSleep(pagerduty.NewClient(cfg), func(time.Duration) {})
}

// open returns a session of such a client.
func (s *server) open(tb testing.TB, change ...func(*pagerduty.Config)) *pagerduty.Session {
	tb.Helper()
	session := s.client(change...).Open()
	tb.Cleanup(session.Close)
	return session
}

func retries(n int) func(*pagerduty.Config) {
	return func(cfg *pagerduty.Config) { cfg.MaxRetries = n }
}

// through makes a client use a proxy.
func through(proxy *url.URL) func(*pagerduty.Config) {
	return func(cfg *pagerduty.Config) {
		cfg.Proxy = func(*url.URL) (*url.URL, error) { return proxy, nil }
	}
}

// currentUser sends GET /users/me in a new session.
func currentUser(tb testing.TB, s *server, change ...func(*pagerduty.Config)) (*pagerduty.User, *pagerduty.Error) {
	tb.Helper()
	identity, err := s.open(tb, change...).CurrentUser(within(tb, time.Minute), apiToken())
	return identity.User, failureOf(tb, err)
}

// failureOf returns err as the *pagerduty.Error that it is, or nil.
func failureOf(tb testing.TB, err error) *pagerduty.Error {
	tb.Helper()
	var e *pagerduty.Error
	if err != nil && !errors.As(err, &e) {
		tb.Fatalf("%T is not a *pagerduty.Error", err)
	}
	return e
}

func kindOf(e *pagerduty.Error) pagerduty.Kind {
	if e == nil {
		return ""
	}
	return e.Kind
}

func within(tb testing.TB, d time.Duration) context.Context {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), d)
	tb.Cleanup(cancel)
	return ctx
}

// listen accepts connections, and closes each one after serve.
func listen(tb testing.TB, l net.Listener, serve func(net.Conn)) net.Listener {
	tb.Helper()
	tb.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				serve(conn)
			}()
		}
	}()
	return l
}

func listenTCP(tb testing.TB, serve func(net.Conn)) net.Listener {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	return listen(tb, l, serve)
}

func listenTLS(tb testing.TB, config *tls.Config, serve func(net.Conn)) net.Listener {
	tb.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		tb.Fatal(err)
	}
	return listen(tb, l, serve)
}

// loopback returns the certificate of the servers. authority returns it as PEM.
var (
	loopback = sync.OnceValue(func() tls.Certificate {
		return certificate(x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	})
	authority = sync.OnceValue(func() []byte { return pemOf(loopback()) })
)

func pemOf(c tls.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]})
}

// certificate returns a self-signed certificate that is made from a template.
func certificate(template x509.Certificate) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template.SerialNumber, template.IsCA, template.BasicConstraintsValid = big.NewInt(0x7f0123456789), true, true
	if template.Subject.String() == "" {
		template.Subject = pkix.Name{CommonName: "Test CA"}
	}
	if template.NotAfter.IsZero() {
		template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func tlsConfig() *tls.Config { return &tls.Config{Certificates: []tls.Certificate{loopback()}} }
