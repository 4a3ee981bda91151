package pagerduty

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kind says how a request failed.
type Kind string

// The kinds. Those up to KindMismatch describe a response. The rest mean that no
// complete response arrived.
const (
	KindStatus        Kind = "status"           // a status other than 200; see Error.Status and Error.Sender
	KindRedirect      Kind = "redirect"         // a 3xx with a Location; never followed
	KindCached        Kind = "cached"           // 200 from a cache: PagerDuty checked an earlier request
	KindNotJSON       Kind = "not_json"         // 200 with a body that is not a JSON object
	KindErrorObject   Kind = "error_object"     // 200 with an error in the body
	KindMissingObject Kind = "missing_object"   // 200 without the requested object in PagerDuty's form
	KindTooLarge      Kind = "too_large"        // a body over 1 MiB, or headers over 64 KiB
	KindNotHTTP       Kind = "not_http"         // bytes that are not HTTP
	KindEcho          Kind = "echo"             // 200 with a body that repeats a configured secret
	KindGrant         Kind = "grant"            // an access token for another account, or for no requested scope
	KindMismatch      Kind = "account_mismatch" // the API names an account other than the access token's
	KindDNSNotFound   Kind = "dns_not_found"    // the resolver says that the name does not exist
	KindDNS           Kind = "dns"              // the resolver failed or did not respond
	KindRefused       Kind = "refused"          // nothing listens on the port
	KindReset         Kind = "reset"            // the connection was reset or closed, or the body was cut off
	KindNoRoute       Kind = "no_route"         // no route to the host or network
	KindTimeout       Kind = "timeout"          // the time limit was reached
	KindCertificate   Kind = "tls_certificate"  // the server's certificate is not trusted; see Error.Certificate
	KindTLSVersion    Kind = "tls_version"      // no TLS version in common
	KindNotTLS        Kind = "not_tls"          // the server does not speak TLS
	KindTLS           Kind = "tls"              // another TLS failure; see Error.Alert
	KindProxyStatus   Kind = "proxy_status"     // the proxy refused the tunnel; Error.Status is the proxy's
	KindProxy         Kind = "proxy"            // the proxy could not be reached, or refused the connection
	KindProxyURL      Kind = "proxy_url"        // HTTPS_PROXY is invalid; nothing was sent
	KindCanceled      Kind = "canceled"         // the caller gave up
	KindTransport     Kind = "transport"        // none of the above
)

// Kinds lists all kinds in the order of their declaration.
var Kinds = []Kind{
	KindStatus, KindRedirect, KindCached, KindNotJSON, KindErrorObject, KindMissingObject, KindTooLarge, KindNotHTTP,
	KindEcho, KindGrant, KindMismatch, KindDNSNotFound, KindDNS, KindRefused, KindReset, KindNoRoute, KindTimeout,
	KindCertificate, KindTLSVersion, KindNotTLS, KindTLS, KindProxyStatus, KindProxy, KindProxyURL, KindCanceled,
	KindTransport,
}

// Sender says who sent a response.
type Sender string

// The senders. See senderOf.
const (
	SenderPagerDuty Sender = "pagerduty" // the response has PagerDuty's form
	SenderGateway   Sender = "gateway"   // the response has the mark of a proxy or gateway; see Error.Product
	SenderUnknown   Sender = "unknown"   // neither: PagerDuty, or a proxy or gateway
)

// PagerDuty's error codes [D] that messages and statuses depend on.
const (
	CodeAuthentication = 2006
	CodeNoAccount      = 2007
	CodeLocked         = 2008
	CodeOnlyHTTPS      = 2009
	CodeExpired        = 2012
	CodeNoUser         = 2013
	CodeAbility        = 2014
)

// ErrorBody holds what PagerDuty's error says. It is the zero value unless the
// response is PagerDuty's.
type ErrorBody struct {
	// Code is PagerDuty's error code, such as 2012, or 0.
	Code int
	// Message is PagerDuty's message, followed by its list of errors.
	Message string
	// RequiredScopes and TokenScopes come with a 403 for an access token [S].
	RequiredScopes, TokenScopes []string
	// OAuthError is an error code of RFC 6749, such as "invalid_scope", from the
	// identity host [I].
	OAuthError string
	// RefusesScope reports whether the identity host said "Invalid scope" [S].
	RefusesScope bool
}

// Attempt is the result of sending a request once.
type Attempt struct {
	// Kind is "" if a complete response arrived.
	Kind Kind
	// Status is the HTTP status, or 0 if no response arrived.
	Status int
	// Sent reports whether there was a connection to send the request on.
	Sent bool
}

// Error holds the facts of a failed request. Text from outside is printable, bounded
// and free of the configuration's secrets. Unless the response is PagerDuty's, the only
// such text is host names, authentication schemes and names in a certificate.
type Error struct {
	Kind               Kind
	Method, Host, Path string
	Mint               bool // the request was for an OAuth app's access token
	Status             int  // the HTTP status of the last attempt, or 0
	Sender             Sender
	Product            string // the product whose mark the response has, such as "Zscaler"
	RequestID          string // x-request-id, "" unless the response is PagerDuty's
	Body               ErrorBody
	Wait               time.Duration // how long the response asks to wait
	WaitKnown          bool
	RedirectHost       string // the host that a redirect points to, or ""
	RedirectPlain      bool   // the redirect points to http://
	Phase              Phase  // what was in progress when the attempt failed
	Certificate        CertificateProblem
	Alert              string // the TLS alert that was received, such as "handshake failure", or ""
	ProxyHost          string // the proxy that was used, or ""
	ProxyLogin         bool   // HTTPS_PROXY has a user name
	ProxySchemes       string // the proxy's authentication schemes if Basic is not among them, or ""
	AtProxy            bool   // the TLS connection that failed is the one to an https:// proxy
	// Attempts holds one entry per attempt. It is empty if the time ran out while
	// waiting for an equal check.
	Attempts []Attempt
	Elapsed  time.Duration
}

// CertificateReason says what is wrong with a certificate.
type CertificateReason string

// The reasons.
const (
	CertificateAuthority  CertificateReason = "unknown authority"
	CertificateNoSystem   CertificateReason = "no authorities" // the system has no CA certificates
	CertificateExpired    CertificateReason = "expired"
	CertificateEarly      CertificateReason = "not yet valid"
	CertificateHost       CertificateReason = "wrong host"
	CertificateCommonName CertificateReason = "common name only" // Go ignores the common name, as browsers do
	CertificateInvalid    CertificateReason = "invalid"
)

// CertificateProblem describes a certificate that was not trusted.
type CertificateProblem struct {
	Reason    CertificateReason
	Subject   string
	Issuer    string
	NotBefore time.Time
	NotAfter  time.Time
}

// Error returns a short text for programmers, without anything from outside.
func (e *Error) Error() string {
	text := e.Method + " " + e.Path + ": " + string(e.Kind)
	if e.Status != 0 {
		text += " " + http.StatusText(e.Status)
	}
	return text
}

// StatusText returns an HTTP status and its name, such as "404 Not Found".
func StatusText(status int) string {
	return strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
}

// Sent reports whether there was a connection to send the request on.
func (e *Error) Sent() bool {
	return slices.ContainsFunc(e.Attempts, func(a Attempt) bool { return a.Sent })
}

// Retried reports whether a failure is worth another attempt because it can pass within
// seconds. status is the response's or the proxy's, if there was one.
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
