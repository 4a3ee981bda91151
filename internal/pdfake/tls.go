package pdfake

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
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

// keyPair is a certificate with its key.
type keyPair struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// The CAs and certificates are made once per process: hundreds of servers start in one test
// run, and none of them needs a key of its own.
var (
	ownCA        = sync.OnceValue(func() keyPair { return newCA("pdfake test CA") })
	otherCA      = sync.OnceValue(func() keyPair { return newCA("pdfake unknown CA") })
	certificates = func() map[CertKind]func() keyPair {
		m := make(map[CertKind]func() keyPair)
		for k := CertGood; k <= CertUnknownAuthority; k++ {
			m[k] = sync.OnceValue(func() keyPair { return newLeaf(k) })
		}
		return m
	}()
)

// must is for what only a defect of this package makes fail: nothing here comes from outside.
func must[T any](v T, err error) T {
	if err != nil {
		panic("pdfake: " + err.Error())
	}
	return v
}

// sign makes a certificate of a template, signed by ca or, where that is nil, by itself.
func sign(tmpl *x509.Certificate, ca *keyPair) keyPair {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	if ca == nil {
		ca = &keyPair{cert: tmpl, key: key}
	}
	der := must(x509.CreateCertificate(rand.Reader, tmpl, ca.cert, &key.PublicKey, ca.key))
	return keyPair{cert: must(x509.ParseCertificate(der)), key: key}
}

// validToday is the template of a certificate.
func validToday(name string) *x509.Certificate {
	return &x509.Certificate{
		Subject:   pkix.Name{CommonName: name, Organization: []string{"pdfake"}},
		NotBefore: time.Now().Add(-time.Hour),
		NotAfter:  time.Now().AddDate(0, 1, 0), // an emulator may run for days
	}
}

func newCA(name string) keyPair {
	tmpl := validToday(name)
	tmpl.SerialNumber, tmpl.KeyUsage = big.NewInt(1), x509.KeyUsageCertSign|x509.KeyUsageCRLSign
	tmpl.BasicConstraintsValid, tmpl.IsCA = true, true
	return sign(tmpl, nil)
}

func newLeaf(kind CertKind) keyPair {
	tmpl, ca := validToday("pdfake"), ownCA()
	tmpl.SerialNumber = must(rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)))
	tmpl.KeyUsage = x509.KeyUsageDigitalSignature
	tmpl.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	tmpl.DNSNames = []string{"localhost", "api.pagerduty.com", "api.eu.pagerduty.com", "identity.pagerduty.com"}
	tmpl.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	switch kind {
	case CertExpired:
		tmpl.NotBefore, tmpl.NotAfter = tmpl.NotBefore.AddDate(0, 0, -2), tmpl.NotBefore
	case CertNotYetValid:
		tmpl.NotBefore, tmpl.NotAfter = tmpl.NotBefore.AddDate(0, 0, 2), tmpl.NotAfter.AddDate(0, 0, 2)
	case CertWrongHost:
		tmpl.DNSNames, tmpl.IPAddresses = []string{"wrong.example.com"}, nil
	case CertUnknownAuthority:
		ca = otherCA()
	case CertSelfSigned:
		return sign(tmpl, nil)
	default:
		// CertGood: the template as it is.
	}
	return sign(tmpl, &ca)
}

// tls is the configuration of the API's listeners, or of the identity host's.
func (c *config) tls(api bool) (*tls.Config, error) {
	kind := c.identityCert
	if api {
		kind = c.cert
	}
	certificate, ok := certificates[kind]
	if !ok {
		return nil, fmt.Errorf("pdfake: unknown certificate kind %d", kind)
	}
	own := certificate()
	conf := &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{own.cert.Raw}, PrivateKey: own.key}},
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
