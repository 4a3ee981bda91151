package pagerduty_test

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

func through(t *testing.T, s *pdfake.Server, proxy string) *pagerduty.Client {
	t.Helper()
	base, err := pagerduty.ParseBaseURL(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(proxy)
	if err != nil {
		t.Fatal(err)
	}
	return pagerduty.WithoutWaiting(pagerduty.NewClient(pagerduty.Config{
		BaseURL: base, UserAgent: "test", MaxRetries: 1, ExtraCAs: []byte(s.CAPEM()), Timeout: time.Minute,
		Proxy: func(*url.URL) (*url.URL, error) { return at, nil },
	}))
}

// A certificate, an alert or a refusal belongs to whoever sent it.
func TestClient_whoseTLS(t *testing.T) {
	t.Parallel()
	s := emulator(t)
	unknown := pdfake.Start(t, pdfake.WithCertificate(pdfake.CertUnknownAuthority))
	plain := pdfake.Start(t, pdfake.WithPlainHTTP())
	refusing := pdfake.StartProxy(t, pdfake.ProxyRefuse(403, "<html>"))
	alerting := pdfake.Start(t, pdfake.WithClientCertRequired(), pdfake.WithMaxTLSVersion(tls.VersionTLS12))
	old := pdfake.Start(t, pdfake.WithMaxTLSVersion(tls.VersionTLS11))
	for name, c := range map[string]struct {
		server  *pdfake.Server
		proxy   string
		kind    pagerduty.Kind
		atProxy bool
		alert   bool
	}{
		"an https proxy's certificate": {
			server: s, proxy: unknown.URL(),
			kind: pagerduty.KindCertificate, atProxy: true,
		},
		"an https proxy that speaks plain": {
			server: s, proxy: plain.URL(),
			kind: pagerduty.KindNotTLS, atProxy: true,
		},
		"an https proxy wants a certificate": {
			server: s, proxy: alerting.URL(),
			kind: pagerduty.KindTLS, atProxy: true, alert: true,
		},
		"a proxy that is not there":            {server: s, proxy: "http://127.0.0.1:1", kind: pagerduty.KindProxy},
		"a proxy that refuses":                 {server: s, proxy: refusing.URL(), kind: pagerduty.KindProxyStatus},
		"the server's certificate":             {server: unknown, kind: pagerduty.KindCertificate},
		"the server wants a certificate":       {server: alerting, kind: pagerduty.KindTLS, alert: true},
		"the server knows no version":          {server: old, kind: pagerduty.KindTLSVersion, alert: true},
		"the server speaks plain":              {server: plain, kind: pagerduty.KindNotTLS},
		"the server's certificate, by a proxy": {server: unknown, proxy: "tunnel", kind: pagerduty.KindCertificate},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := clientWith(t, c.server, 1)
			switch c.proxy {
			case "":
			case "tunnel":
				tunnel := pdfake.StartProxy(t, pdfake.ProxyRoute(c.server.Addr("us"), c.server.Addr("us")))
				client = through(t, c.server, tunnel.URL())
			default:
				client = through(t, c.server, c.proxy)
			}
			_, err := client.CurrentUser(within(t, time.Minute), pagerduty.APIToken(token))
			e := asked(t, err)
			if e.Kind != c.kind || e.AtProxy != c.atProxy || (e.Alert != "") != c.alert || e.Sent() {
				t.Errorf("%s, at the proxy %t, alert %q, sent %t", e.Kind, e.AtProxy, e.Alert, e.Sent())
			}
			if (e.ProxyHost != "") != (c.proxy != "") {
				t.Errorf("proxy host %q", e.ProxyHost)
			}
		})
	}
}

// A 503 over a connection that stood, and then one that does not: the token was
// sent once.
func TestClient_sentBefore(t *testing.T) {
	t.Parallel()
	once := pdfake.Fault{Times: 1, Behaviour: pdfake.AnswerJSON(503, "")}
	s := emulator(t, pdfake.WithHTTP1Only(), pdfake.WithFaults(once))
	c := clientWith(t, s, 1)
	if _, err := c.CurrentUser(within(t, time.Minute), pagerduty.APIToken(token)); err != nil {
		t.Fatal(err)
	}
	s.SetFaults(pdfake.Fault{Times: 1, Behaviour: pdfake.Reset()}, pdfake.Fault{Behaviour: pdfake.AnswerJSON(503, "")})
	_, err := c.CurrentUser(within(t, time.Minute), pagerduty.APIToken(token))
	e := asked(t, err)
	if !e.Sent() || len(e.Attempts) != 2 || e.Attempts[0].Kind != pagerduty.KindReset || e.Attempts[1].Status != 503 {
		t.Errorf("%+v", e.Attempts)
	}
}

// A proxy's password is in no message, not even one that nobody escaped.
func TestClient_proxyPassword(t *testing.T) {
	t.Parallel()
	s := emulator(t)
	for proxy, want := range map[string]string{
		"http://user:pass@127.0.0.1:1": "127.0.0.1:1", "http://127.0.0.1:1": "127.0.0.1:1",
		"http://127.0.0.1:1#word@proxy.example:3128": "", "http://127.0.0.1:1/word@proxy.example": "",
		"http://127.0.0.1:1?word@proxy.example": "",
	} {
		_, err := through(t, s, proxy).CurrentUser(within(t, time.Minute), pagerduty.APIToken(token))
		if e := asked(t, err); e.ProxyHost != want || e.Kind != pagerduty.KindProxy {
			t.Errorf("%s at the proxy %q, want %q", e.Kind, e.ProxyHost, want)
		}
	}
}

// A proxy that asks for a login says something else where one was sent.
func TestClient_proxyLogin(t *testing.T) {
	t.Parallel()
	s := emulator(t)
	proxy := pdfake.StartProxy(t, pdfake.ProxyRefuse(407, ""))
	for login, want := range map[string]bool{"": false, "user:wrong@": true} {
		_, err := through(t, s, "http://"+login+strings.TrimPrefix(proxy.URL(), "http://")).
			CurrentUser(within(t, time.Minute), pagerduty.APIToken(token))
		if e := asked(t, err); e.Kind != pagerduty.KindProxyStatus || e.Status != 407 || e.ProxyLogin != want {
			t.Errorf("%q: %s %d, login %t", login, e.Kind, e.Status, e.ProxyLogin)
		}
	}
}

// An https:// proxy that could speak HTTP/2 is not made to: net/http says CONNECT by
// HTTP/1.1 alone, whatever it has agreed on.
func TestClient_http2Proxy(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, saidUser)
	}))
	t.Cleanup(server.Close)
	proxy := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", r.Host)
		if err != nil {
			return
		}
		from, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(from, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(to, from) }()
		_, _ = io.Copy(from, to)
	}))
	proxy.EnableHTTP2, proxy.Config.ErrorLog = true, log.New(io.Discard, "", 0)
	proxy.StartTLS()
	t.Cleanup(proxy.Close)
	at := &url.URL{Scheme: "https", Host: proxy.Listener.Addr().String()}
	client := pagerduty.NewClient(pagerduty.Config{
		BaseURL:   &url.URL{Scheme: "https", Host: server.Listener.Addr().String()},
		UserAgent: "test",
		ExtraCAs:  []byte(certificateOf(server)),
		Proxy:     func(*url.URL) (*url.URL, error) { return at, nil },
	})
	if _, err := client.CurrentUser(within(t, time.Minute), pagerduty.APIToken(token)); err != nil {
		t.Error(err)
	}
}

// Of the schemes that a proxy takes a login by, net/http has only Basic.
func TestClient_proxySchemes(t *testing.T) {
	t.Parallel()
	s := emulator(t)
	for header, want := range map[string]string{
		"Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n":            "Negotiate or NTLM",
		"Proxy-Authenticate: NTLM\r\nProxy-Authenticate: basic realm=\"corp\"\r\n": "",
		"Proxy-Authenticate: Digest a=\"1\", digest a=\"2\", Negotiate\r\n":        "Digest or Negotiate",
		"": "",
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		accept(t, l, func(conn net.Conn) {
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = conn.Write([]byte("HTTP/1.1 407 Login\r\n" + header + "\r\n"))
		})
		_, err = through(t, s, "http://user:pass@"+l.Addr().String()).
			CurrentUser(within(t, time.Minute), pagerduty.APIToken(token))
		if e := asked(t, err); e.Status != 407 || e.ProxySchemes != want {
			t.Errorf("%q: %d, %q, want %q", header, e.Status, e.ProxySchemes, want)
		}
	}
}

// What answers in a proxy's place is not said to answer in PagerDuty's.
func TestClient_notAProxy(t *testing.T) {
	t.Parallel()
	s := emulator(t)
	for _, answer := range []string{"\x15\x03\x01\x00\x02\x02\x46" /* a TLS alert */, "HTTP/1.1 000 None\r\n\r\n"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		accept(t, l, func(conn net.Conn) {
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = conn.Write([]byte(answer))
		})
		_, err = through(t, s, "http://"+l.Addr().String()).CurrentUser(within(t, time.Minute), pagerduty.APIToken(token))
		if e := asked(t, err); e.Kind != pagerduty.KindProxy || e.Phase != pagerduty.PhaseProxy || e.Sent() {
			t.Errorf("%q: %s while %s, sent %t", answer, e.Kind, e.Phase, e.Sent())
		}
	}
}

// Where TLS stood, it is not said that the other side does not speak it, nor that the
// handshake failed.
func TestClient_brokenTLS(t *testing.T) {
	t.Parallel()
	for name, garbage := range map[string]string{
		"no record": "garbage garbage", "a wrong record": "\x17\x03\x03\x00\x14" + strings.Repeat("x", 20),
	} {
		s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			_, _ = conn.(*tls.Conn).NetConn().Write([]byte(garbage))
			_ = conn.Close()
		}))
		t.Cleanup(s.Close)
		_, err := client(t, s.URL, certificateOf(s)).CurrentUser(within(t, time.Minute), pagerduty.APIToken(token))
		if e := asked(t, err); e.Kind != pagerduty.KindTLS || e.Phase != pagerduty.PhaseWait || !e.Sent() {
			t.Errorf("%s: %s while %s, sent %t", name, e.Kind, e.Phase, e.Sent())
		}
	}
}
