package pagerduty

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// transportError classifies an error of net/http. It keeps only typed facts: the texts
// of net/http quote what the server sent.
func transportError(ctx context.Context, err error, p *progress, redact redactor) *Error {
	e := &Error{Kind: KindTransport, Phase: p.phase, AtProxy: p.phase == PhaseProxyTLS}
	if p.proxy != nil {
		e.ProxyHost, e.ProxyLogin = redact.host(ProxyHost(p.proxy)), p.proxy.User != nil
	}
	var (
		refusal *proxyRefusal
		dns     *net.DNSError
		netErr  net.Error
		record  tls.RecordHeaderError
		op      *net.OpError
		errno   syscall.Errno
	)
	text := err.Error()
	toProxy := p.proxy != nil && (p.phase == PhaseResolve || p.phase == PhaseConnect ||
		errors.As(err, &op) && op.Op == "proxyconnect" && p.phase != PhaseProxy && p.phase != PhaseProxyTLS)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e.Kind = KindCanceled
	case errors.Is(err, ErrProxyURL):
		e.Kind = KindProxyURL
	case errors.As(err, &refusal):
		e.Kind, e.Status, e.Phase = KindProxyStatus, refusal.status, PhaseProxy
		// net/http supports only Basic.
		if !slices.ContainsFunc(refusal.schemes, func(s string) bool { return strings.EqualFold(s, "basic") }) {
			// Digest comes once for each of its algorithms (RFC 7616, section 3.7).
			schemes := slices.CompactFunc(refusal.schemes, strings.EqualFold)
			e.ProxySchemes = redact.text(strings.Join(schemes, " or "), 40)
		}
	case errors.Is(err, http.ErrSchemeMismatch),
		errors.As(err, &record) && (p.phase == PhaseTLS || p.phase == PhaseProxyTLS):
		e.Kind = KindNotTLS
	case certificateError(err, &e.Certificate, redact):
		e.Kind = KindCertificate
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		e.Kind = KindTimeout
	case toProxy:
		e.Kind = KindProxy
	case errors.As(err, &dns):
		e.Kind, e.Phase = KindDNS, PhaseResolve
		if dns.IsNotFound {
			e.Kind = KindDNSNotFound
		}
	case errors.As(err, &netErr) && netErr.Timeout():
		e.Kind = KindTimeout
	case errors.As(err, &op) && op.Op == "socks connect" && !isLost(op.Err):
		e.Kind, e.Phase = KindProxyStatus, PhaseProxy // a SOCKS proxy has no HTTP status
	case errors.As(err, &errno) && errnoKinds[errno] != "":
		e.Kind = errnoKinds[errno]
	case strings.Contains(text, "remote error: tls:"), strings.HasPrefix(text, "tls:"), strings.Contains(text, ": tls: "):
		e.Kind, e.Alert = tlsKind(text)
	case p.proxy != nil && p.phase == PhaseProxy && strings.Contains(text, "malformed"):
		e.Kind = KindProxy // the other side does not speak HTTP
	case strings.Contains(text, "response headers exceeded"):
		e.Kind = KindTooLarge
	case strings.Contains(text, "malformed"), strings.Contains(text, "invalid header"):
		e.Kind = KindNotHTTP
	case isLost(err):
		e.Kind = KindReset
	case p.phase == PhaseRead:
		e.Kind = KindNotHTTP
	}
	return e
}

// ProxyHost returns the host and port of a proxy's URL, or "" if they may be a part of a
// password: an unescaped "/", "?" or "#" in one ends the host of a URL.
func ProxyHost(u *url.URL) string {
	if strings.Contains(u.Path+u.RawQuery+u.Fragment, "@") {
		return ""
	}
	return u.Host
}

// tlsKind classifies a TLS failure other than a certificate's.
func tlsKind(text string) (kind Kind, alert string) {
	if _, after, remote := strings.Cut(text, "remote error: tls: "); remote && isAlert(after) {
		alert = after
	}
	if alert == "protocol version not supported" || strings.Contains(text, "selected unsupported protocol version") ||
		strings.Contains(text, "no supported versions satisfy") {
		return KindTLSVersion, alert
	}
	return KindTLS, alert
}

// isAlert reports whether a text is crypto/tls's name of an alert (RFC 8446, section 6).
func isAlert(text string) bool {
	for code := range 256 {
		if alert := tls.AlertError(code).Error(); alert == "tls: "+text {
			return !strings.Contains(text, "(") // an unknown one
		}
	}
	return false
}

// errnoKinds maps error numbers. On Windows, the numbers of Windows Sockets differ from
// those that Go's syscall package has under the POSIX names.
var errnoKinds = map[syscall.Errno]Kind{
	syscall.ECONNREFUSED: KindRefused,
	syscall.ENETUNREACH:  KindNoRoute,
	syscall.EHOSTUNREACH: KindNoRoute,
	syscall.ENETDOWN:     KindNoRoute,
	syscall.EHOSTDOWN:    KindNoRoute,
	syscall.ECONNRESET:   KindReset,
	syscall.ECONNABORTED: KindReset,
	syscall.EPIPE:        KindReset,
	syscall.ETIMEDOUT:    KindTimeout,

	10050: KindNoRoute, // WSAENETDOWN
	10051: KindNoRoute, // WSAENETUNREACH
	10052: KindReset,   // WSAENETRESET
	10053: KindReset,   // WSAECONNABORTED
	10054: KindReset,   // WSAECONNRESET
	10060: KindTimeout, // WSAETIMEDOUT
	10061: KindRefused, // WSAECONNREFUSED
	10064: KindNoRoute, // WSAEHOSTDOWN
	10065: KindNoRoute, // WSAEHOSTUNREACH
}

// isLost reports whether an established connection was lost or timed out.
func isLost(err error) bool {
	var netErr net.Error
	var errno syscall.Errno
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.As(err, &netErr) || errors.As(err, &errno) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		strings.Contains(err.Error(), "server closed idle connection")
}

// certificateError reports whether err is about a certificate, and describes the problem.
func certificateError(err error, p *CertificateProblem, redact redactor) bool {
	var (
		verify  *tls.CertificateVerificationError
		unknown x509.UnknownAuthorityError
		none    x509.SystemRootsError
		host    x509.HostnameError
		invalid x509.CertificateInvalidError
	)
	if strings.Contains(err.Error(), "failed to parse certificate from server") {
		p.Reason = CertificateInvalid
		return true
	}
	if !errors.As(err, &verify) {
		return false
	}
	p.Reason = CertificateInvalid
	cert := verify.UnverifiedCertificates[0]
	switch {
	case errors.As(err, &unknown):
		p.Reason = CertificateAuthority
		if system, err := x509.SystemCertPool(); err != nil || system.Equal(x509.NewCertPool()) {
			p.Reason = CertificateNoSystem
		}
	case errors.As(err, &none):
		p.Reason = CertificateNoSystem
	case errors.As(err, &host):
		p.Reason = CertificateHost
		if len(cert.DNSNames)+len(cert.IPAddresses)+len(cert.EmailAddresses)+len(cert.URIs) == 0 {
			p.Reason = CertificateCommonName
		}
	case errors.As(err, &invalid):
		cert = invalid.Cert // which may be an intermediate one
		if invalid.Reason == x509.Expired {
			p.Reason = CertificateExpired
			if time.Now().Before(cert.NotBefore) {
				p.Reason = CertificateEarly
			}
		}
	}
	p.NotBefore, p.NotAfter = cert.NotBefore, cert.NotAfter
	p.Issuer, p.Subject = redact.text(cert.Issuer.CommonName, 80), redact.text(cert.Subject.CommonName, 80)
	if p.Issuer == "" {
		p.Issuer = redact.text(strings.Join(cert.Issuer.Organization, ", "), 80)
	}
	if len(cert.DNSNames) > 0 {
		p.Subject = redact.text(strings.Join(cert.DNSNames[:min(3, len(cert.DNSNames))], ", "), 120)
	}
	return true
}
