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
	"strings"
	"syscall"
	"time"
)

// Kind is what sort of failure an Error is.
type Kind string

// The kinds. Those up to KindEcho are about an answer that came; the rest mean
// that none came.
const (
	KindStatus        Kind = "status"          // a status that is not success; see Error.Status
	KindForeignAuth   Kind = "foreign_401"     // a 401 that asks for a login PagerDuty does not use, or names a proxy
	KindRedirect      Kind = "redirect"        // a 3xx; never followed
	KindNotJSON       Kind = "not_json"        // success, with a body that is no JSON object
	KindMissingObject Kind = "missing_object"  // success, without the object that was asked for
	KindTooLarge      Kind = "too_large"       // a body over 1 MiB, or headers over 64 KiB
	KindNotHTTP       Kind = "not_http"        // bytes that are not HTTP
	KindEcho          Kind = "echo"            // success, with a body that repeats the credential
	KindDNSNotFound   Kind = "dns_not_found"   // the resolver says the name does not exist
	KindDNS           Kind = "dns"             // the resolver did not answer, or failed
	KindRefused       Kind = "refused"         // nothing listens
	KindReset         Kind = "reset"           // the connection was reset or closed
	KindNoRoute       Kind = "no_route"        // no route to the host or network
	KindTimeout       Kind = "timeout"         // the time limit, or that of connecting, was reached
	KindCertificate   Kind = "tls_certificate" // the server's certificate is not trusted; see Error.Certificate
	KindTLSVersion    Kind = "tls_version"     // no TLS version or cipher in common
	KindNotTLS        Kind = "not_tls"         // the server does not speak TLS
	KindTLS           Kind = "tls"             // another TLS failure
	KindProxyStatus   Kind = "proxy_status"    // the proxy refused the tunnel; Error.Status is the proxy's
	KindProxy         Kind = "proxy"           // the proxy itself could not be reached
	KindCanceled      Kind = "canceled"        // the caller gave up
	KindTransport     Kind = "transport"       // none of the above
)

// Kinds are all kinds, in the order of their declaration.
var Kinds = []Kind{
	KindStatus, KindForeignAuth, KindRedirect, KindNotJSON, KindMissingObject, KindTooLarge, KindNotHTTP, KindEcho,
	KindDNSNotFound, KindDNS, KindRefused, KindReset, KindNoRoute, KindTimeout, KindCertificate, KindTLSVersion,
	KindNotTLS, KindTLS, KindProxyStatus, KindProxy, KindCanceled, KindTransport,
}

// Error says why a request brought no usable answer. It carries facts; a string
// in it that came from outside is cleaned of control characters, bounded, and
// free of the credential that was sent.
type Error struct {
	Kind               Kind
	Method, Host, Path string
	Status             int    // the HTTP status, 0 where none came
	RequestID          string // PagerDuty's x-request-id, "" where none came
	Body               ErrorBody
	Wait               time.Duration // how long the server asked to wait
	WaitKnown          bool
	RedirectHost       string // where a redirect pointed to, "" where unreadable
	RedirectPlain      bool   // it pointed to http://
	Phase              Phase  // what was under way when no answer came
	Certificate        CertificateProblem
	ProxyHost          string // the proxy that was used, "" for none
	Attempts           int    // requests sent
	Elapsed            time.Duration
}

// CertificateProblem is why a certificate was not trusted.
type CertificateProblem struct {
	Reason    string // "unknown authority", "expired", "not yet valid", "wrong host", "invalid"
	Subject   string // whom it names
	Issuer    string // who signed it
	NotBefore time.Time
	NotAfter  time.Time
}

// Error is a short text for programmers, without anything from outside.
func (e *Error) Error() string {
	if e.Status != 0 {
		return e.Method + " " + e.Path + ": " + string(e.Kind) + " " + http.StatusText(e.Status)
	}
	return e.Method + " " + e.Path + ": " + string(e.Kind)
}

// Is makes errors.Is(err, context.Canceled) and context.DeadlineExceeded work
// without handing out the cause, whose text may hold foreign bytes.
func (e *Error) Is(target error) bool {
	return e.Kind == KindCanceled && target == context.Canceled ||
		e.Kind == KindTimeout && target == context.DeadlineExceeded
}

// transient tells whether a failure may pass by itself within seconds. A status
// is judged by retryableStatus instead.
func (e *Error) transient() bool {
	switch e.Kind {
	case KindDNS, KindRefused, KindReset, KindNoRoute, KindTimeout, KindProxy:
		return true
	case KindProxyStatus:
		return retryableStatus(e.Status)
	default:
		return false
	}
}

// Retried tells whether failures of kind, with status where it is one of an
// answer, are tried again.
func Retried(kind Kind, status int) bool {
	if kind == KindStatus {
		return retryableStatus(status)
	}
	return (&Error{Kind: kind, Status: status}).transient()
}

func retryableStatus(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported, http.StatusNetworkAuthenticationRequired:
		return false
	}
	return status >= 500 && status <= 599
}

// transportError sorts an error of net/http by what happened. Only typed facts
// are kept: the texts of net/http quote what the server sent.
func transportError(ctx context.Context, err error, phase Phase, proxyHost string) *Error {
	e := &Error{Kind: KindTransport, Phase: phase, ProxyHost: proxyHost}
	var (
		refusal *proxyRefusal
		dns     *net.DNSError
		netErr  net.Error
		alert   tls.AlertError
		record  tls.RecordHeaderError
		op      *net.OpError
	)
	text := err.Error()
	viaProxy := proxyHost != "" && (phase == PhaseResolve || phase == PhaseConnect || errors.As(err, &op) && op.Op == "proxyconnect")
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e.Kind = KindCanceled
	case errors.As(err, &refusal):
		e.Kind, e.Status, e.Phase = KindProxyStatus, refusal.status, PhaseProxy
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &record):
		e.Kind = KindNotTLS
	case certificateError(err, &e.Certificate):
		e.Kind = KindCertificate
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		e.Kind = KindTimeout
	case viaProxy && phase != PhaseProxy:
		e.Kind = KindProxy
	case errors.As(err, &dns):
		e.Kind, e.Phase = KindDNS, PhaseResolve
		if dns.IsNotFound {
			e.Kind = KindDNSNotFound
		}
	case errors.As(err, &netErr) && netErr.Timeout():
		e.Kind = KindTimeout
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Kind = KindRefused
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		e.Kind = KindNoRoute
	case errors.As(err, &alert), strings.Contains(text, "remote error: tls:"), strings.HasPrefix(text, "tls:"):
		e.Kind = KindTLS
		if strings.Contains(text, "protocol version") || strings.Contains(text, "handshake failure") {
			e.Kind = KindTLSVersion
		}
	case strings.Contains(text, "response headers exceeded"), strings.Contains(text, "header list"):
		e.Kind = KindTooLarge
	case strings.Contains(text, "malformed"), strings.Contains(text, "invalid header"):
		e.Kind = KindNotHTTP
	case broken(err, text):
		e.Kind = KindReset
	}
	return e
}

// broken tells whether a connection that stood was lost. net/http's own bundled
// HTTP/2 errors are not exported, so their texts decide.
func broken(err error, text string) bool {
	if errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNABORTED) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return true
	}
	for _, part := range []string{"stream error", "GOAWAY", "connection lost", "server closed", "broken pipe", "connection reset", "forcibly closed", "EOF"} {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// certificateError fills in what is wrong with the server's certificate.
func certificateError(err error, p *CertificateProblem) bool {
	var (
		unknown x509.UnknownAuthorityError
		invalid x509.CertificateInvalidError
		host    x509.HostnameError
		verify  *tls.CertificateVerificationError
		cert    *x509.Certificate
	)
	switch {
	case errors.As(err, &unknown):
		p.Reason, cert = "unknown authority", unknown.Cert
	case errors.As(err, &host):
		p.Reason, cert = "wrong host", host.Certificate
	case errors.As(err, &invalid):
		p.Reason, cert = "invalid", invalid.Cert
		if invalid.Reason == x509.Expired && cert != nil {
			p.Reason = "expired"
			if time.Now().Before(cert.NotBefore) {
				p.Reason = "not yet valid"
			}
		}
	case errors.As(err, &verify):
		p.Reason = "invalid"
	default:
		return false
	}
	if cert != nil {
		p.NotBefore, p.NotAfter = cert.NotBefore, cert.NotAfter
		p.Issuer, p.Subject = Printable(cert.Issuer.CommonName, 80), Printable(cert.Subject.CommonName, 80)
		if p.Issuer == "" {
			p.Issuer = Printable(strings.Join(cert.Issuer.Organization, ", "), 80)
		}
		if len(cert.DNSNames) > 0 {
			p.Subject = Printable(strings.Join(cert.DNSNames[:min(3, len(cert.DNSNames))], ", "), 120)
		}
	}
	return true
}

// statusError sorts an answer whose status is not success.
func (c *Client) statusError(r call, a *answer) *Error {
	e := c.failed(r, &Error{
		Kind: KindStatus, Status: a.status, RequestID: a.requestID, Wait: a.wait, WaitKnown: a.waitKnown,
		Attempts: a.attempts, Elapsed: a.elapsed, Body: decodeErrorBody(a, r.secrets()...),
	})
	switch {
	case a.status >= 300 && a.status <= 399:
		e.Kind = KindRedirect
		// Only the host is kept: the rest of a URL can repeat what was sent.
		if u, err := url.Parse(a.header.Get("Location")); err == nil && !repeats(u.Host, r.secrets()...) {
			e.RedirectHost, e.RedirectPlain = Printable(u.Host, 120), u.Scheme == "http"
		}
	case a.status == http.StatusUnauthorized && foreignChallenge(a.header):
		e.Kind = KindForeignAuth
	case a.status >= 200 && a.status <= 299:
		e.Kind = KindMissingObject
	}
	return e
}

// foreignChallenge tells whether a 401 asks for a login that PagerDuty's API
// does not have, or was made by a caching proxy: then a gateway or login wall
// between here and PagerDuty said no, and PagerDuty judged nothing.
func foreignChallenge(h http.Header) bool {
	for _, challenge := range h.Values("Www-Authenticate") {
		scheme, _, _ := strings.Cut(strings.TrimSpace(challenge), " ")
		switch strings.ToLower(scheme) {
		case "basic", "digest", "ntlm", "negotiate", "kerberos":
			return true
		}
	}
	return h.Get("X-Squid-Error") != ""
}
