package pagerduty_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// serverWith speaks TLS with a certificate made from a template, changed afterwards, and
// gives a client for it that trusts the certificate.
func serverWith(
	t *testing.T, template x509.Certificate, change func(der []byte), config *tls.Config,
) *pagerduty.Client {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	template.IsCA, template.BasicConstraintsValid = true, true
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: bytes.Clone(der)}))
	change(der)
	config.Certificates = []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}
	l, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	accept(t, l, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1)) // which shakes hands
		if wire, ok := conn.(*tls.Conn); ok {
			// What is closed with something unread is reset, which can overtake an alert.
			_ = wire.NetConn().SetReadDeadline(time.Now().Add(time.Second))
			_, _ = io.Copy(io.Discard, wire.NetConn())
		}
	})
	return client(t, "https://"+l.Addr().String(), ca)
}

func unchanged([]byte) {}

// What is wrong with a certificate is said as it is.
func TestClient_wrongCertificates(t *testing.T) {
	t.Parallel()
	loopback := []net.IP{net.IPv4(127, 0, 0, 1)}
	for name, c := range map[string]struct {
		template x509.Certificate
		change   func([]byte)
		reason   pagerduty.CertificateReason
	}{
		"no alternative names": {
			template: x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"}},
			change:   unchanged,
			reason:   "common name only",
		},
		"another host": {
			template: x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"x.example"}},
			change:   unchanged,
			reason:   "wrong host",
		},
		// Go refuses what some proxies that intercept TLS make up.
		"negative serial number": {
			template: x509.Certificate{SerialNumber: big.NewInt(0x7f0123456789), IPAddresses: loopback},
			change:   func(der []byte) { der[bytes.Index(der, []byte{0x7f, 0x01, 0x23, 0x45})] = 0xff },
			reason:   "invalid",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := serverWith(t, c.template, c.change, &tls.Config{MinVersion: tls.VersionTLS12})
			_, err := api.CurrentUser(within(t, time.Minute), pagerduty.APIToken(token))
			e := asked(t, err)
			if e.Kind != pagerduty.KindCertificate || e.Certificate.Reason != c.reason || e.Sent() {
				t.Errorf("%s, %q, sent %t; want %q", e.Kind, e.Certificate.Reason, e.Sent(), c.reason)
			}
		})
	}
}

// A server that wants a certificate of the client says so after the handshake in TLS 1.3,
// and in it before.
func TestClient_clientCertificate(t *testing.T) {
	t.Parallel()
	template := x509.Certificate{SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	for _, c := range []struct {
		version uint16
		alert   string
		during  bool
	}{
		{tls.VersionTLS12, "handshake failure", true},
		{tls.VersionTLS13, "certificate required", false},
	} {
		api := serverWith(t, template, unchanged, &tls.Config{
			MinVersion: c.version, MaxVersion: c.version, ClientAuth: tls.RequireAnyClientCert,
		})
		_, err := api.CurrentUser(within(t, time.Minute), pagerduty.APIToken(token))
		e := asked(t, err)
		if e.Kind != pagerduty.KindTLS || e.Alert != c.alert || (e.Phase == pagerduty.PhaseTLS) != c.during {
			t.Errorf("%s, alert %q while %s; want %q, during the handshake %t", e.Kind, e.Alert, e.Phase, c.alert, c.during)
		}
	}
}

// Where the system has no certificates, nobody intercepts anything. Each case runs in a
// process of its own: a process reads the system's certificates once.
func TestClient_noSystemCertificates(t *testing.T) {
	t.Parallel()
	const variable = "PAGERDUTY_TEST_TLS_ADDRESS"
	if address := os.Getenv(variable); address != "" {
		_, err := client(t, address, "").CurrentUser(within(t, time.Minute), pagerduty.APIToken(token))
		fmt.Printf("reason %q\n", asked(t, err).Certificate.Reason)
		return
	}
	if runtime.GOOS != "linux" {
		t.Skip("only Linux takes the system's certificates from variables")
	}
	s := emulator(t, pdfake.WithCertificate(pdfake.CertUnknownAuthority))
	some := t.TempDir() + "/some.pem"
	if err := os.WriteFile(some, []byte(s.CAPEM()), 0o600); err != nil {
		t.Fatal(err)
	}
	for reason, file := range map[string]string{"no authorities": os.DevNull, "unknown authority": some} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestClient_noSystemCertificates$", "-test.v")
		cmd.Env = append(os.Environ(), variable+"="+s.URL(), "SSL_CERT_FILE="+file, "SSL_CERT_DIR="+t.TempDir())
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, bytes.ReplaceAll(out, []byte(tokenText), nil))
		}
		if !bytes.Contains(out, []byte("reason "+strconv.Quote(reason))) {
			t.Errorf("SSL_CERT_FILE=%s: %s, want %q", file, bytes.ReplaceAll(out, []byte(tokenText), nil), reason)
		}
	}
}
