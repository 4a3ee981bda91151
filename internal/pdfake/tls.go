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
	ownCA        = sync.OnceValue(func() *authority { return newAuthority("pdfake test CA") })
	otherCA      = sync.OnceValue(func() *authority { return newAuthority("pdfake unknown CA") })
	certificates = func() map[CertKind]func() tls.Certificate {
		m := make(map[CertKind]func() tls.Certificate)
		for k := CertGood; k <= CertUnknownAuthority; k++ {
			m[k] = sync.OnceValue(func() tls.Certificate { return newLeaf(k) })
		}
		return m
	}()
)

// must is for what only a defect of this file makes fail: nothing here comes from outside.
func must[T any](v T, err error) T {
	if err != nil {
		panic("pdfake: " + err.Error())
	}
	return v
}

func newAuthority(name string) *authority {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	tmpl := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: name, Organization: []string{"pdfake"}},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	der := must(x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key))
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return &authority{cert: must(x509.ParseCertificate(der)), key: key, pem: string(text)}
}

func newLeaf(kind CertKind) tls.Certificate {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	now := time.Now()
	tmpl := &x509.Certificate{
		SerialNumber: must(rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))),
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
	ca := ownCA()
	switch kind {
	case CertExpired:
		tmpl.NotBefore, tmpl.NotAfter = now.Add(-48*time.Hour), now.Add(-24*time.Hour)
	case CertNotYetValid:
		tmpl.NotBefore, tmpl.NotAfter = now.Add(24*time.Hour), now.Add(48*time.Hour)
	case CertWrongHost:
		tmpl.DNSNames, tmpl.IPAddresses = []string{"wrong.example.com"}, nil
	case CertUnknownAuthority:
		ca = otherCA()
	case CertSelfSigned:
		ca = &authority{cert: tmpl, key: key}
	default:
		// CertGood: the template as it is.
	}
	der := must(x509.CreateCertificate(rand.Reader, tmpl, ca.cert, &key.PublicKey, ca.key))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// tls is the configuration of the API's listeners, or of the identity host's.
func (c *config) tls(api bool) (*tls.Config, error) {
	kind := c.identityCert
	if api {
		kind = c.cert
	}
	makeCert, ok := certificates[kind]
	if !ok {
		return nil, fmt.Errorf("pdfake: unknown certificate kind %d", kind)
	}
	conf := &tls.Config{
		Certificates: []tls.Certificate{makeCert()},
		MinVersion:   tls.VersionTLS12, // as PagerDuty's [D]
		NextProtos:   []string{"h2", "http/1.1"},
		// A ticket would be one more write of the handshake: see call.frame.
		SessionTicketsDisabled: true,
	}
	if c.http1Only {
		conf.NextProtos = []string{"http/1.1"}
	}
	if api && c.maxTLS != 0 {
		conf.MaxVersion = c.maxTLS
		conf.MinVersion = min(conf.MinVersion, c.maxTLS)
	}
	if api && c.clientCert {
		conf.ClientAuth = tls.RequireAnyClientCert
	}
	return conf, nil
}
