package pagerduty

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kind is what sort of failure an Error is.
type Kind string

// The kinds. Those up to KindMismatch are about an answer that came; the rest mean
// that no usable one did.
const (
	KindStatus        Kind = "status"           // a status that is not success; see Error.Status and Error.Sender
	KindRedirect      Kind = "redirect"         // a 3xx; never followed
	KindNotJSON       Kind = "not_json"         // success, with a body that is no JSON object
	KindMissingObject Kind = "missing_object"   // success, without the object that was asked for
	KindTooLarge      Kind = "too_large"        // a body over 1 MiB, or headers over 64 KiB
	KindNotHTTP       Kind = "not_http"         // bytes that are not HTTP
	KindHTTP2         Kind = "http2"            // HTTP/2 that breaks its rules, or with headers far too large
	KindEcho          Kind = "echo"             // success, with a body that repeats the credential
	KindGrant         Kind = "grant"            // an access token for another account, or for nothing that was asked for
	KindMismatch      Kind = "account_mismatch" // the API answers for another account than the access token was minted for
	KindDNSNotFound   Kind = "dns_not_found"    // the resolver says that the name does not exist
	KindDNS           Kind = "dns"              // the resolver did not answer, or failed
	KindRefused       Kind = "refused"          // nothing listens
	KindReset         Kind = "reset"            // the connection was reset or closed
	KindNoRoute       Kind = "no_route"         // no route to the host or network
	KindTimeout       Kind = "timeout"          // the time limit was reached
	KindCertificate   Kind = "tls_certificate"  // the server's certificate is not trusted; see Error.Certificate
	KindTLSVersion    Kind = "tls_version"      // no TLS version in common
	KindNotTLS        Kind = "not_tls"          // the server does not speak TLS
	KindTLS           Kind = "tls"              // another TLS failure; see Error.Alert
	KindProxyStatus   Kind = "proxy_status"     // the proxy refused the tunnel; Error.Status is the proxy's
	KindProxy         Kind = "proxy"            // the proxy itself could not be reached
	KindProxyURL      Kind = "proxy_url"        // the proxy's address cannot be read; nothing was tried
	KindCanceled      Kind = "canceled"         // the caller gave up
	KindTransport     Kind = "transport"        // none of the above
)

// Kinds are all kinds, in the order of their declaration.
var Kinds = []Kind{
	KindStatus, KindRedirect, KindNotJSON, KindMissingObject, KindTooLarge, KindNotHTTP, KindHTTP2, KindEcho, KindGrant,
	KindMismatch, KindDNSNotFound, KindDNS, KindRefused, KindReset, KindNoRoute, KindTimeout, KindCertificate,
	KindTLSVersion, KindNotTLS, KindTLS, KindProxyStatus, KindProxy, KindProxyURL, KindCanceled, KindTransport,
}

// Sender is who sent an answer, as far as the answer itself shows it.
type Sender string

// The senders. What decides is in classify.go.
const (
	SenderUnknown   Sender = ""          // PagerDuty, or something on the way to it
	SenderPagerDuty Sender = "pagerduty" // it has the form of PagerDuty's own answer
	SenderGateway   Sender = "gateway"   // it carries the mark of a proxy, gateway or web filter; see Error.Mark
)

// Attempt is what sending a request once brought.
type Attempt struct {
	// Kind is "" for an answer with a usable status and body.
	Kind Kind
	// Status is the HTTP status, 0 where no answer came.
	Status int
	// Sent reports whether any of the request reached the connection.
	Sent bool
}

// Error says why a request brought no usable answer. It carries facts; a string in
// it that came from outside is cleaned of control characters, bounded, and free of
// the credential that was sent.
type Error struct {
	Kind               Kind
	Method, Host, Path string
	Status             int    // the HTTP status of the last attempt, 0 where no whole answer came
	Sender             Sender // who sent the answer
	Mark               string // what shows that a gateway sent it, such as "a page of Zscaler"; "" for none
	Cached             bool   // it is a cache's answer, given to an earlier request
	RequestID          string // PagerDuty's x-request-id, "" where none came
	Body               ErrorBody
	Wait               time.Duration // how long the server asked to wait
	WaitKnown          bool
	OutOfTime          bool   // another attempt was left, but not the time for it
	Held               bool   // an earlier 429 that still holds, given again: nothing was asked
	RedirectHost       string // where a redirect pointed to, "" where unreadable
	RedirectPlain      bool   // it pointed to http://
	Phase              Phase  // what was under way when no answer came
	Certificate        CertificateProblem
	Alert              string // the TLS alert that was received, such as "handshake failure"; "" for none
	ProxyHost          string // the proxy that was used, "" for none
	ProxyLogin         bool   // a user name for the proxy is set
	ProxySchemes       string // by which the proxy takes a login, where Basic is not among them; "" for none
	AtProxy            bool   // the failure is that of the TLS connection to an https:// proxy
	// Attempts are those of this request, the last one being the one that this
	// Error is about. It is empty where nothing was sent because an earlier 429
	// for the same credential still holds, or because another check's request was
	// awaited.
	Attempts []Attempt
	Elapsed  time.Duration
}

// CertificateReason is what is wrong with a certificate.
type CertificateReason string

// The reasons.
const (
	CertificateAuthority  CertificateReason = "unknown authority"
	CertificateNoSystem   CertificateReason = "no authorities" // the system has no certificates
	CertificateExpired    CertificateReason = "expired"
	CertificateEarly      CertificateReason = "not yet valid"
	CertificateHost       CertificateReason = "wrong host"
	CertificateCommonName CertificateReason = "common name only" // which Go, as browsers, ignores
	CertificateInvalid    CertificateReason = "invalid"
)

// CertificateProblem is why a certificate was not trusted.
type CertificateProblem struct {
	Reason    CertificateReason
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

// StatusText returns an HTTP status and its name, such as "404 Not Found".
func StatusText(status int) string {
	return strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
}

// Is makes errors.Is(err, context.Canceled) and context.DeadlineExceeded work
// without handing out the cause, whose text may hold foreign bytes.
func (e *Error) Is(target error) bool {
	return e.Kind == KindCanceled && target == context.Canceled ||
		e.Kind == KindTimeout && target == context.DeadlineExceeded
}

// Sent reports whether any attempt's request reached a connection.
func (e *Error) Sent() bool {
	return slices.ContainsFunc(e.Attempts, func(a Attempt) bool { return a.Sent })
}

// Retried reports whether failures of kind, with status where it is one of an
// answer, are tried again: those that can be over within seconds.
func Retried(kind Kind, status int) bool {
	switch kind {
	case KindDNS, KindRefused, KindReset, KindNoRoute, KindTimeout, KindProxy:
		return true
	case KindStatus, KindProxyStatus:
	default:
		return false
	}
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported, http.StatusNetworkAuthenticationRequired:
		return false
	}
	return status >= 500 && status <= 599
}
