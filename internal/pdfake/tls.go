package pdfake

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"sync"
	"time"
)

// CertKind is a server certificate, good or bad in one way.
type CertKind int

// The certificates a listener can show.
const (
	CertGood CertKind = iota
	CertExpired
	CertNotYetValid
	CertSelfSigned
	CertWrongHost
	// CertUnknownAuthority is signed by another CA than [Server.CAPEM].
	CertUnknownAuthority
)

// authority is a CA in memory.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  string
}

// The CAs and certificates are made once per process: hundreds of servers start in one test
// run, and none of them needs a key of its own.
var (
	ownCA = sync.OnceValues(func() (*authority, error) {
		return newAuthority("pdfake test CA")
	})
	otherCA = sync.OnceValues(func() (*authority, error) {
		return newAuthority("pdfake unknown CA")
	})
	certificates = func() map[CertKind]func() (tls.Certificate, error) {
		m := make(map[CertKind]func() (tls.Certificate, error))
		for k := CertGood; k <= CertUnknownAuthority; k++ {
			m[k] = sync.OnceValues(func() (tls.Certificate, error) { return newLeaf(k) })
		}
		return m
	}()
)

func newAuthority(name string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("pdfake: CA key: %w", err)
	}
	tmpl := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: name, Organization: []string{"pdfake"}},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("pdfake: CA certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("pdfake: CA certificate: %w", err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return &authority{cert: cert, key: key, pem: string(text)}, nil
}

func newLeaf(kind CertKind) (tls.Certificate, error) {
	var none tls.Certificate
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return none, fmt.Errorf("pdfake: server key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return none, fmt.Errorf("pdfake: serial number: %w", err)
	}
	now := time.Now()
	tmpl := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "pdfake", Organization: []string{"pdfake"}},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(24 * time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{
			"localhost", "api.pagerduty.com", "api.eu.pagerduty.com", "identity.pagerduty.com",
		},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	ca, err := ownCA()
	if err != nil {
		return none, err
	}
	switch kind {
	case CertExpired:
		tmpl.NotBefore, tmpl.NotAfter = now.Add(-48*time.Hour), now.Add(-24*time.Hour)
	case CertNotYetValid:
		tmpl.NotBefore, tmpl.NotAfter = now.Add(24*time.Hour), now.Add(48*time.Hour)
	case CertWrongHost:
		tmpl.DNSNames, tmpl.IPAddresses = []string{"wrong.example.com"}, nil
	case CertUnknownAuthority:
		if ca, err = otherCA(); err != nil {
			return none, err
		}
	case CertSelfSigned:
		ca = &authority{cert: tmpl, key: key}
	default:
		// CertGood: the template as it is.
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, ca.cert, &key.PublicKey, ca.key)
	if err != nil {
		return none, fmt.Errorf("pdfake: server certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// tlsConfig is that of the API's listeners, which counts handshakes, or of the identity host's.
func (s *Server) tlsConfig(api bool) (*tls.Config, error) {
	c, kind := s.conf, s.conf.identityCert
	if api {
		kind = c.cert
	}
	makeCert, ok := certificates[kind]
	if !ok {
		return nil, fmt.Errorf("pdfake: unknown certificate kind %d", kind)
	}
	cert, err := makeCert()
	if err != nil {
		return nil, err
	}
	conf := &tls.Config{
		Certificates: []tls.Certificate{cert},
		MinVersion:   tls.VersionTLS12, // as PagerDuty's [D]
		NextProtos:   []string{"h2", "http/1.1"},
	}
	if c.http1Only {
		conf.NextProtos = []string{"http/1.1"}
	}
	if api {
		if c.maxTLS != 0 {
			conf.MaxVersion = c.maxTLS
			conf.MinVersion = min(conf.MinVersion, c.maxTLS)
		}
		if c.clientCert {
			conf.ClientAuth = tls.RequireAnyClientCert
		}
	}
	conf.GetConfigForClient = func(client *tls.ClientHelloInfo) (*tls.Config, error) {
		if api {
			s.connections.Add(1)
		}
		own := conf.Clone()
		own.VerifyConnection = func(state tls.ConnectionState) error {
			if t, ok := client.Conn.(*trackedConn); ok {
				t.handshaken(state.Version)
			}
			return nil
		}
		return own, nil
	}
	return conf, nil
}
