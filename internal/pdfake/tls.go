package pdfake

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"sync"
	"time"
)

// CertKind is a kind of server certificate.
type CertKind int

// The certificates of a listener.
const (
	CertGood CertKind = iota
	CertExpired
	CertNotYetValid
	CertSelfSigned
	CertWrongHost
	// CertUnknownAuthority is signed by a different CA than [Server.CAPEM].
	CertUnknownAuthority
)

// keyPair is a certificate with its key.
type keyPair struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// The CAs and certificates are made once per process, because a test run starts hundreds of servers.
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

// must is for calls that fail only because of a defect in this package.
func must[T any](v T, err error) T {
	if err != nil {
		panic("pdfake: " + err.Error())
	}
	return v
}

// sign makes a certificate from a template. It is signed by ca or, if that is nil, by itself.
func sign(tmpl *x509.Certificate, ca *keyPair) keyPair {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	if ca == nil {
		ca = &keyPair{cert: tmpl, key: key}
	}
	der := must(x509.CreateCertificate(rand.Reader, tmpl, ca.cert, &key.PublicKey, ca.key))
	return keyPair{cert: must(x509.ParseCertificate(der)), key: key}
}

// validToday returns the template of a certificate.
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
	case CertGood:
	}
	return sign(tmpl, &ca)
}

// tls returns the configuration of the API's listeners, or of the identity host's.
func (c *config) tls(api bool) *tls.Config {
	conf := &tls.Config{MinVersion: tls.VersionTLS12} // as PagerDuty's [D]
	kind := c.identityCert
	if api {
		kind = c.cert
		if c.maxTLS != 0 {
			conf.MinVersion, conf.MaxVersion = min(conf.MinVersion, c.maxTLS), c.maxTLS
		}
		if c.clientCert {
			conf.ClientAuth = tls.RequireAnyClientCert
		}
	}
	leaf := certificates[kind]()
	conf.Certificates = []tls.Certificate{{Certificate: [][]byte{leaf.cert.Raw}, PrivateKey: leaf.key}}
	return conf
}
