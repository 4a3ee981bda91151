package pagerduty_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// tcp is the address of a server whose connections serve gets.
func tcp(t *testing.T, serve func(net.Conn)) *url.URL {
	t.Helper()
	return &url.URL{Scheme: "https", Host: listenTCP(t, serve).Addr().String()}
}

// afterTLS is the same after a TLS handshake and one read.
func afterTLS(t *testing.T, config *tls.Config, serve func(*tls.Conn)) *url.URL {
	t.Helper()
	return &url.URL{Scheme: "https", Host: listenTLS(t, config, func(conn net.Conn) {
		secure, _ := conn.(*tls.Conn)
		_, _ = conn.Read(make([]byte, 4096))
		serve(secure)
		// A connection that is closed with something unread is reset, which can overtake an alert.
		_ = secure.NetConn().SetReadDeadline(time.Now().Add(time.Second))
		_, _ = io.Copy(io.Discard, secure.NetConn())
	}).Addr().String()}
}

// hang keeps a connection open until the other side closes it.
func hang(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// says responds to the first bytes of a connection with bytes of its own.
func says(response string) func(net.Conn) {
	return func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 4096))
		_, _ = io.WriteString(conn, response)
	}
}

func certificateWith(template x509.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{certificate(template)}}
}

// Each failure has its kind, and the phase in which it came.
func TestTransport_kinds(t *testing.T) {
	t.Parallel()
	noop := func(*tls.Conn) {}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := &url.URL{Scheme: "https", Host: closed.Addr().String()}
	_ = closed.Close()
	loopbackIP, now, hour := []net.IP{net.IPv4(127, 0, 0, 1)}, time.Now(), time.Hour
	trusted := authority()
	trustedWith := func(template x509.Certificate, serial byte) *url.URL {
		config := certificateWith(template)
		der := config.Certificates[0].Certificate[0]
		der[bytes.Index(der, []byte{0x7f, 0x01, 0x23, 0x45})] = serial
		trusted = append(trusted, pemOf(config.Certificates[0])...)
		return afterTLS(t, config, noop)
	}
	otherHost := trustedWith(x509.Certificate{DNSNames: []string{"x.example"}}, 0x7f)
	commonName := trustedWith(x509.Certificate{Subject: pkix.Name{CommonName: "127.0.0.1"}}, 0x7f)
	negative := trustedWith(x509.Certificate{IPAddresses: loopbackIP}, 0xff) // Go refuses such a serial number
	expired := trustedWith(x509.Certificate{
		IPAddresses: loopbackIP, NotBefore: now.Add(-2 * hour), NotAfter: now.Add(-hour),
	}, 0x7f)
	early := trustedWith(x509.Certificate{
		IPAddresses: loopbackIP, NotBefore: now.Add(hour), NotAfter: now.Add(2 * hour),
	}, 0x7f)
	wantsCertificate := func(version uint16) *url.URL {
		config := tlsConfig()
		config.MinVersion, config.MaxVersion, config.ClientAuth = version, version, tls.RequireAnyClientCert
		return afterTLS(t, config, noop)
	}
	old := tlsConfig()
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	wantsTLS12 := wantsCertificate(tls.VersionTLS12)
	oldTLS, long := afterTLS(t, old, noop), strings.Repeat("a", 70<<10)
	silent := func(conn *tls.Conn) { hang(conn) }
	reset := func(conn *tls.Conn) {
		tcp, _ := conn.NetConn().(*net.TCPConn)
		_ = tcp.SetLinger(0)
		_ = tcp.Close()
	}
	half := func(conn *tls.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")
		hang(conn)
	}
	garble := func(conn *tls.Conn) { _, _ = io.WriteString(conn.NetConn(), "garbage garbage") }
	raw := func(response string) *url.URL { return startServer(t, response).url }
	fine, plain := raw(http11("200 OK", "", userBody)), tcp(t, says("HTTP/1.1 400 Bad Request\r\n\r\n"))
	untrusted := func() *url.URL { return afterTLS(t, certificateWith(x509.Certificate{IPAddresses: loopbackIP}), noop) }
	proxy := func(scheme string, u *url.URL) *url.URL { return &url.URL{Scheme: scheme, Host: u.Host} }
	connect := func(response string) *url.URL { return proxy("http", tcp(t, says(response))) }
	login := func(schemes string) *url.URL {
		return connect("HTTP/1.1 407 Login\r\nProxy-Authenticate: " + schemes + "\r\n\r\n")
	}
	socks := func(replies ...string) *url.URL {
		return proxy("socks5", tcp(t, func(conn net.Conn) {
			for _, reply := range replies {
				says(reply)(conn)
			}
		}))
	}
	const (
		onConnect, atProxyTLS, atProxy = pagerduty.PhaseConnect, pagerduty.PhaseProxyTLS, pagerduty.PhaseProxy
		atTLS, onSend, onWait, onRead  = pagerduty.PhaseTLS, pagerduty.PhaseSend, pagerduty.PhaseWait, pagerduty.PhaseRead
		lost, badCertificate           = pagerduty.KindReset, pagerduty.KindCertificate
		status, notHTTP                = pagerduty.KindProxyStatus, pagerduty.KindNotHTTP
		kindTLS, timeout               = pagerduty.KindTLS, pagerduty.KindTimeout
	)
	for name, c := range map[string]struct {
		server, proxy *url.URL
		kind          pagerduty.Kind
		phase         pagerduty.Phase
		detail        string // status, alert, reason and schemes
	}{
		"refused":              {refused, nil, pagerduty.KindRefused, onConnect, ""},
		"closed":               {raw(""), nil, lost, onWait, ""},
		"reset":                {afterTLS(t, tlsConfig(), reset), nil, lost, onWait, ""},
		"closed before TLS":    {tcp(t, says("")), nil, lost, atTLS, ""},
		"no handshake":         {tcp(t, hang), nil, timeout, atTLS, ""},
		"no response":          {afterTLS(t, tlsConfig(), silent), nil, timeout, onWait, ""},
		"half a response":      {afterTLS(t, tlsConfig(), half), nil, timeout, onRead, ""},
		"an unknown CA":        {untrusted(), nil, badCertificate, atTLS, "unknown authority"},
		"another host":         {otherHost, nil, badCertificate, atTLS, "wrong host"},
		"a common name":        {commonName, nil, badCertificate, atTLS, "common name only"},
		"expired":              {expired, nil, badCertificate, atTLS, "expired"},
		"not yet valid":        {early, nil, badCertificate, atTLS, "not yet valid"},
		"a negative number":    {negative, nil, badCertificate, atTLS, "invalid"},
		"TLS 1.1":              {oldTLS, nil, pagerduty.KindTLSVersion, atTLS, "protocol version not supported"},
		"plain HTTP":           {plain, nil, pagerduty.KindNotTLS, atTLS, ""},
		"SSH":                  {tcp(t, says("SSH-2.0-OpenSSH_9.6\r\n")), nil, pagerduty.KindNotTLS, atTLS, ""},
		"certificate, TLS 1.2": {wantsTLS12, nil, kindTLS, atTLS, "handshake failure"},
		"certificate, TLS 1.3": {wantsCertificate(tls.VersionTLS13), nil, kindTLS, onSend, "certificate required"},
		"broken TLS":           {afterTLS(t, tlsConfig(), garble), nil, kindTLS, onWait, ""},
		"garbage":              {raw("garbage\r\n"), nil, notHTTP, onRead, ""},
		"two lengths":          {raw("HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\n"), nil, notHTTP, onRead, ""},
		"an unknown transfer":  {raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello!"), nil, notHTTP, onRead, ""},
		"no colon":             {raw("HTTP/1.1 200 OK\r\nno\r\n\r\n"), nil, notHTTP, onRead, ""},
		"large headers":        {raw(http11("200 OK", "X-A: "+long+"\r\n", "")), nil, pagerduty.KindTooLarge, onRead, ""},
		"no proxy":             {fine, proxy("http", refused), pagerduty.KindProxy, onConnect, ""},
		"a proxy that hangs":   {fine, proxy("http", tcp(t, hang)), timeout, atProxy, ""},
		"a proxy that closes":  {fine, connect(""), lost, atProxy, ""},
		"CONNECT, 403":         {fine, connect("HTTP/1.1 403 Forbidden\r\n\r\n"), status, atProxy, "403"},
		"CONNECT, 204":         {fine, connect("HTTP/1.1 204 No Content\r\n\r\n"), status, atProxy, "204"},
		"CONNECT, NTLM":        {fine, login("Kerberos, NTLM"), status, atProxy, "407 Kerberos or NTLM"},
		"CONNECT, Digest":      {fine, login("Digest a=\"1\", digest a=\"2\""), status, atProxy, "407 Digest"},
		"CONNECT, Basic":       {fine, login("NTLM, basic realm=\"x\""), status, atProxy, "407"},
		"CONNECT, 000":         {fine, connect("HTTP/1.1 000 None\r\n\r\n"), pagerduty.KindProxy, atProxy, ""},
		"CONNECT, TLS":         {fine, connect("\x15\x03\x01\x00\x02\x02\x46"), pagerduty.KindProxy, atProxy, ""},
		"CA, through a proxy":  {untrusted(), startTunnel(t, false).url, badCertificate, atTLS, "unknown authority"},
		"https proxy, CA":      {fine, proxy("https", untrusted()), badCertificate, atProxyTLS, "unknown authority"},
		"https proxy, no TLS":  {fine, proxy("https", plain), pagerduty.KindNotTLS, atProxyTLS, ""},
		"https proxy, alert":   {fine, proxy("https", wantsTLS12), kindTLS, atProxyTLS, "handshake failure"},
		"SOCKS, not allowed":   {fine, socks("\x05\x00", "\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00"), status, atProxy, ""},
		"SOCKS, a login":       {fine, socks("\x05\xff"), status, atProxy, ""},
		"SOCKS, closed":        {fine, socks(""), lost, atProxy, ""},
		"no SOCKS proxy":       {fine, proxy("socks5", refused), pagerduty.KindProxy, onConnect, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			limit := time.Minute
			if c.kind == pagerduty.KindTimeout {
				limit = 2 * time.Second
			}
			s := &server{url: c.server}
			_, err := s.open(t, through(c.proxy), func(cfg *pagerduty.Config) { cfg.ExtraCAs = trusted }).
				CurrentUser(within(t, limit), apiToken())
			e := must(t, failureOf(t, err))
			if c.phase == onSend && e.Phase == onWait {
				e.Phase = onSend // the alert can come before and after the end of sending
			}
			code := strings.TrimPrefix(strconv.Itoa(e.Status), "0")
			detail := strings.TrimSpace(code + " " + e.Alert + string(e.Certificate.Reason) + e.ProxySchemes)
			if e.Kind != c.kind || e.Phase != c.phase || detail != c.detail {
				t.Errorf("%s while %s, %q, want %s while %s, %q", e.Kind, e.Phase, detail, c.kind, c.phase, c.detail)
			}
			sent := slices.Contains([]pagerduty.Phase{onSend, onWait, onRead}, c.phase)
			if e.Sent() != sent || e.AtProxy != (c.phase == atProxyTLS) || (e.ProxyHost != "") != (c.proxy != nil) {
				t.Errorf("sent %t, at the proxy %t, proxy %q", e.Sent(), e.AtProxy, e.ProxyHost)
			}
		})
	}
}

// The resolver of the test says which name does not exist and which it cannot resolve.
//
//nolint:paralleltest // it replaces the resolver of the process
func TestTransport_resolver(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	before := net.DefaultResolver
	t.Cleanup(func() { net.DefaultResolver, _ = before, conn.Close() })
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
	go func() {
		for query := make([]byte, 512); ; {
			n, from, err := conn.ReadFrom(query)
			if err != nil {
				return
			}
			query[2], query[3] = query[2]|0x80, 3 // a response: NXDOMAIN
			if bytes.Contains(query[:n], []byte("broken")) {
				query[3] = 2 // SERVFAIL
			}
			_, _ = conn.WriteTo(query[:n], from)
		}
	}()
	for host, want := range map[string]pagerduty.Kind{
		"missing.invalid.": pagerduty.KindDNSNotFound, "broken.invalid.": pagerduty.KindDNS,
	} {
		s := &server{url: &url.URL{Scheme: "https", Host: host}}
		_, e := currentUser(t, s)
		if e.Kind != want || e.Phase != pagerduty.PhaseResolve || e.Sent() {
			t.Errorf("%s: %s while %s, want %s", host, e.Kind, e.Phase, want)
		}
		_, e = currentUser(t, startServer(t, ""), through(&url.URL{Scheme: "http", Host: host + ":3128"}))
		if e.Kind != pagerduty.KindProxy || e.ProxyHost != host+":3128" {
			t.Errorf("a proxy %s: %s", host, e.Kind)
		}
	}
}

// Windows has separate numbers, and no test can make a network unreachable.
func TestTransport_errorNumbers(t *testing.T) {
	t.Parallel()
	for number, want := range map[syscall.Errno]pagerduty.Kind{
		10051: pagerduty.KindNoRoute, 10054: pagerduty.KindReset, 10060: pagerduty.KindTimeout, 10061: pagerduty.KindRefused,
		syscall.ENETUNREACH: pagerduty.KindNoRoute, syscall.EHOSTUNREACH: pagerduty.KindNoRoute, syscall.EACCES: "",
	} {
		if got := pagerduty.ErrnoKinds[number]; got != want {
			t.Errorf("%d: %q, want %q", number, got, want)
		}
	}
}

// A system without certificates is not a sign of interception. Each case runs in a
// process of its own: a process reads the system's certificates once.
func TestTransport_noSystemCertificates(t *testing.T) {
	t.Parallel()
	const variable = "PAGERDUTY_TEST_TLS_ADDRESS"
	if host := os.Getenv(variable); host != "" {
		s := &server{url: &url.URL{Scheme: "https", Host: host}}
		_, e := currentUser(t, s, func(cfg *pagerduty.Config) { cfg.ExtraCAs = nil })
		t.Logf("reason %q", e.Certificate.Reason)
		return
	}
	if runtime.GOOS != "linux" {
		t.Skip("only Linux reads the system's certificates from variables")
	}
	some := t.TempDir() + "/some.pem"
	unrelated := certificate(x509.Certificate{DNSNames: []string{"x.example"}, Subject: pkix.Name{CommonName: "Other"}})
	if err := os.WriteFile(some, pemOf(unrelated), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startServer(t, "")
	for file, want := range map[string]string{os.DevNull: `reason "no authorities"`, some: `reason "unknown authority"`} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestTransport_noSystemCertificates$", "-test.v")
		cmd.Env = append(os.Environ(), variable+"="+s.url.Host, "SSL_CERT_FILE="+file, "SSL_CERT_DIR="+t.TempDir())
		if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte(want)) {
			t.Errorf("SSL_CERT_FILE=%s: %v, %s, want %s", file, err, out, want)
		}
	}
}

// A proxy whose URL is invalid gets nothing, and neither does PagerDuty.
func TestProxy_invalidURL(t *testing.T) {
	t.Parallel()
	s := startServer(t, http11("200 OK", "", userBody))
	_, e := currentUser(t, s, func(cfg *pagerduty.Config) {
		cfg.Proxy = func(*url.URL) (*url.URL, error) { return nil, pagerduty.ErrProxyURL }
	})
	if sent, _, _ := s.seen(); e.Kind != pagerduty.KindProxyURL || len(sent) != 0 || e.Sent() {
		t.Errorf("%s after %d requests", e.Kind, len(sent))
	}
}

// A password that was not escaped can end up in the host of a URL.
func TestProxy_password(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"http://user:pass@127.0.0.1:1": "127.0.0.1:1", "http://proxy.example:3128": "proxy.example:3128",
		"http://127.0.0.1:1#word@proxy.example": "", "http://word/x@proxy.example": "", "http://word?x@proxy.example": "",
	} {
		u, err := url.Parse(raw)
		if err != nil || pagerduty.ProxyHost(u) != want {
			t.Errorf("%s: %v, want %q", raw, err, want)
		}
	}
	refusing := tcp(t, says("HTTP/1.1 407 Login\r\n\r\n"))
	refusing.Scheme, refusing.User = "http", url.UserPassword("user", "wrong")
	if _, e := currentUser(t, startServer(t, ""), through(refusing)); !e.ProxyLogin || e.ProxyHost != refusing.Host {
		t.Errorf("login %t at %q", e.ProxyLogin, e.ProxyHost)
	}
}

// An https:// proxy works for both hosts, and also if NO_PROXY names one of them.
func TestProxy_overTLS(t *testing.T) {
	t.Parallel()
	api := startServer(t, keep+http11("200 OK", "", usersBody))
	identity := startServer(t, keep+http11("200 OK", "", grantBody))
	for name, direct := range map[string]string{
		"both": "", "identity direct": identity.url.Host, "API direct": api.url.Host,
	} {
		proxy := startTunnel(t, true)
		session := api.open(t, func(cfg *pagerduty.Config) {
			cfg.IdentityURL = identity.url
			cfg.Proxy = func(u *url.URL) (*url.URL, error) {
				if u.Host == direct {
					return nil, nil
				}
				return proxy.url, nil
			}
		})
		ctx := within(t, time.Minute)
		grant, err1 := session.Mint(ctx, app, nil)
		_, err2 := session.Users(ctx, pagerduty.BearerToken(grant.AccessToken), 1)
		_, err3 := session.Users(ctx, pagerduty.BearerToken(grant.AccessToken), 1)
		if err := errors.Join(err1, err2, err3); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		want := []string{"CONNECT " + identity.url.Host, "CONNECT " + api.url.Host}
		want = slices.DeleteFunc(want, func(target string) bool { return target == "CONNECT "+direct })
		if !slices.Equal(proxy.targets, want) {
			t.Errorf("%s: %q, want %q", name, proxy.targets, want)
		}
	}
}

// net/http can report the first byte of a response before the end of sending.
func TestTransport_earlyResponse(t *testing.T) {
	t.Parallel()
	got := pagerduty.PhaseAfter(pagerduty.PhaseSend, pagerduty.PhaseRead, pagerduty.PhaseWait)
	if got != pagerduty.PhaseRead || pagerduty.PhaseAfter(got, pagerduty.PhaseSend) != pagerduty.PhaseSend {
		t.Errorf("%q", got)
	}
}
