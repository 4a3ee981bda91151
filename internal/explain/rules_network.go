package explain

import (
	"slices"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

const (
	checkProxy    = `Check HTTPS_PROXY, or add {host} to NO_PROXY if no proxy is needed.`
	checkNetwork  = `Check {override}. Check the network, firewall, HTTPS_PROXY and NO_PROXY.`
	proxyReturned = `The proxy {returned} for {host}.`
	raiseTimeout  = `If the network is slow, raise "timeout" ({timeout}).`
	wrongPort     = `{override} has a wrong host or port`
)

// networkRules are for requests without a complete response, and for the responses of
// proxies.
var networkRules = []rule{
	{name: "proxy_invalid", kind: pagerduty.KindProxyURL, help: helpNetwork,
		summary:  `Invalid HTTPS_PROXY`,
		happened: `{request} failed: HTTPS_PROXY is not the URL of a proxy. {unsent}.`,
		causes:   []string{`a special character in the password is not percent-encoded ("#" as "%23")`},
		remedy:   `Set HTTPS_PROXY to http://host:port or http://user:password@host:port, without quotation marks.`},
	{name: "proxy_not_http", kind: pagerduty.KindProxy, when: inPhase(pagerduty.PhaseProxy), help: helpNetwork,
		summary:  `The proxy does not speak HTTP`,
		happened: `{request} failed: the server in HTTPS_PROXY did not respond in HTTP. {unsent}.`,
		causes:   []string{`HTTPS_PROXY has http:// instead of https://, or a wrong port`},
		remedy:   checkProxy},
	{name: "proxy_unreachable", kind: pagerduty.KindProxy, help: helpNetwork,
		summary:  `The proxy could not be reached`,
		happened: `{request} failed: the proxy in HTTPS_PROXY could not be reached or refused the connection. {unsent}.`,
		causes:   []string{`HTTPS_PROXY has a wrong host or port, or the proxy is down`},
		remedy:   checkProxy},
	{name: "proxy_login_unsupported", kind: pagerduty.KindProxyStatus, http: []int{407}, when: hasProxySchemes,
		summary:  `The proxy requires an unsupported login`,
		happened: proxyReturned + ` It requires {proxy schemes}, but this provider supports only Basic.`,
		remedy: `Ask your network administrator to allow Basic, use a local proxy that logs in, or add {host} to NO_PROXY
			if no proxy is needed.`},
	{name: "proxy_login_rejected", kind: pagerduty.KindProxyStatus, http: []int{407}, when: hasProxyLogin,
		summary:  `The proxy rejected the login in HTTPS_PROXY`,
		happened: proxyReturned,
		causes:   []string{`the user name or password is wrong, or has characters that are not percent-encoded`},
		remedy:   `Correct HTTPS_PROXY, or add {host} to NO_PROXY if no proxy is needed.`},
	{name: "proxy_login_required", http: []int{407},
		summary:  `The proxy requires a login`,
		happened: `A proxy {returned} for {host}.`,
		remedy:   `Set HTTPS_PROXY to http://user:password@host:port, or add {host} to NO_PROXY if no proxy is needed.`},
	{name: "captive_portal", http: []int{511},
		summary:  `The network requires a login`,
		happened: `The request to {host} {returned}.`,
		causes:   []string{`a captive portal blocks traffic until you log in`},
		remedy:   `Log in to the network, then run Terraform again.`},
	{name: "proxy_failed", kind: pagerduty.KindProxyStatus, when: isTransient,
		summary:  `The proxy could not connect to PagerDuty`,
		happened: proxyReturned,
		causes:   []string{`the proxy is overloaded, or cannot reach {host}`},
		remedy:   tryLater + ` If the error remains, ask your network administrator about the proxy.`},
	{name: "proxy_refused", kind: pagerduty.KindProxyStatus, help: helpNetwork,
		summary:  `The proxy refused the connection to PagerDuty`,
		happened: proxyReturned,
		causes:   []string{`the proxy does not allow {host}`, `HTTPS_PROXY points to a server that is not a proxy`},
		remedy:   askToAllow + ` If no proxy is needed, add the host to NO_PROXY.`},
	{name: "certificate_authority", when: certificate(pagerduty.CertificateAuthority), help: helpNetwork,
		summary: `Certificate signed by an untrusted CA`,
		happened: `The certificate of {tls server} was issued by a CA that this machine does not trust. {unsent}.
			{extra cas} is set, but does not contain this CA.`,
		causes: []string{
			`{override} points to a server with a certificate from a private CA`,
			`the proxy in {proxy setting} has a certificate from a private CA`,
			`a proxy or firewall intercepts TLS connections to {direct host}`,
		},
		remedy: `Set "ca_cert_pem" to the certificate of this CA, in PEM form.`},
	{name: "certificate_no_cas", when: certificate(pagerduty.CertificateNoSystem),
		summary:  `No CA certificates on this machine`,
		happened: `This machine has no CA certificates to check the certificate of {tls server}. {unsent}.`,
		causes:   []string{`the container image lacks the package ca-certificates`},
		remedy:   `Install the package ca-certificates, or set "ca_cert_pem".`},
	{name: "certificate_expired", when: certificate(pagerduty.CertificateExpired),
		summary:  `Certificate expired`,
		happened: `The certificate of {tls server} expired on {expired on}. {unsent}.`,
		causes:   []string{`the clock of this machine is wrong`, `the server or an intercepting proxy has an old one`},
		remedy:   `Check the clock. If it is right, ask your network administrator to renew the certificate.`},
	{name: "certificate_early", when: certificate(pagerduty.CertificateEarly),
		summary:  `Certificate not yet valid`,
		happened: `The certificate of {tls server} is not valid before {valid from}. {unsent}.`,
		causes:   []string{`the clock of this machine is wrong`},
		remedy:   `Correct the clock, then run Terraform again.`},
	{name: "certificate_host", when: certificate(pagerduty.CertificateHost), help: helpNetwork,
		summary:  `Certificate issued for a different host`,
		happened: `The certificate of {tls server} is for a different host name. {unsent}.`,
		causes: []string{
			`{override} has a wrong host name`,
			`{proxy setting} names the proxy differently than its certificate does`,
			`DNS or a captive portal directs {direct host} to a different server`,
		},
		remedy: `Check {override}. Check {proxy setting}. Check the address that {direct host} resolves to.`},
	{name: "certificate_invalid", kind: pagerduty.KindCertificate,
		summary:  `Invalid certificate`,
		happened: `The certificate of {tls server} is not valid. It has no {common name}. {unsent}.`,
		causes:   []string{`the server or an intercepting proxy has an outdated or invalid certificate`},
		remedy:   `Ask your network administrator to replace the certificate.`},
	{name: "tls_version", kind: pagerduty.KindTLSVersion,
		summary:  `No TLS version in common`,
		happened: `The TLS connection failed: {tls server} does not support TLS 1.2 or later. {unsent}.`,
		causes:   []string{`a proxy or gateway is outdated`},
		remedy:   `Ask your network administrator to update the proxy or gateway.`},
	{name: "not_tls", kind: pagerduty.KindNotTLS, help: helpNetwork,
		summary:  `The server does not use TLS`,
		happened: `The TLS connection failed: {tls server} did not respond in TLS. {unsent}.`,
		causes: []string{
			`{proxy setting} has https:// instead of http://`,
			`{override} has the port of a plain HTTP server`,
			`a proxy or gateway responds instead of {direct host}`,
		},
		remedy: `Check {proxy setting}. ` + checkAddress},
	{name: "client_certificate", kind: pagerduty.KindTLS, when: wantsClientCertificate,
		summary:  `A client certificate is required`,
		happened: `The TLS connection to {tls server} failed: {alert}. This provider has no client certificate.`,
		causes:   []string{`a proxy or gateway requires a client certificate`},
		remedy:   `Ask your network administrator to accept connections to {host} without one.`},
	{name: "tls", kind: pagerduty.KindTLS, help: helpNetwork,
		summary:  `TLS connection failed`,
		happened: `The TLS connection to {tls server} failed. The alert was {alert}. {unsent}.`,
		causes:   []string{`a proxy or firewall intercepts TLS`},
		remedy:   `If your network intercepts TLS, set "ca_cert_pem" to the certificate of its CA.`},
	{name: "dns_not_found", kind: pagerduty.KindDNSNotFound,
		summary:  `Host name not found in DNS`,
		happened: `{request} failed: {host} does not exist in DNS.`,
		causes:   []string{`{override} has a mistyped host name`, `DNS on this machine does not resolve public host names`},
		remedy:   `Check {override}. Check DNS, or set HTTPS_PROXY if the network requires a proxy.`},
	{name: "dns", when: isDNS,
		summary:  `DNS lookup failed`,
		happened: `{request} failed: the DNS server did not respond or could not resolve {host}.`,
		remedy:   `Check DNS on this machine, or set HTTPS_PROXY if the network requires a proxy.`},
	{name: "refused", kind: pagerduty.KindRefused,
		summary:  `Connection refused`,
		happened: `{request} failed: the connection was refused.`,
		causes:   []string{wrongPort, `a firewall rejects connections to {host}`},
		remedy:   checkNetwork},
	{name: "reset", kind: pagerduty.KindReset,
		summary:  `Connection lost`,
		happened: `{request} failed: the connection was lost while {phase}.`,
		causes:   []string{`a firewall, proxy or the server closed the connection`},
		remedy:   checkNetwork},
	{name: "no_route", kind: pagerduty.KindNoRoute,
		summary:  `No route to the host`,
		happened: `{request} failed: the network has no route to {host}.`,
		causes:   []string{`this machine has no internet access, or only IPv4 or IPv6`},
		remedy:   checkNetwork},
	{name: "timeout_shared", kind: pagerduty.KindTimeout, when: noAttempt,
		summary:  `Timeout while waiting for an equal check`,
		happened: `A check of the same credential was in progress and did not end within {timeout}.`,
		remedy:   `Run Terraform again. ` + raiseTimeout},
	{name: "timeout_retry", kind: pagerduty.KindTimeout, when: endedBetweenAttempts,
		summary:  `Timeout before a retry`,
		happened: `{request} failed, and the time limit ({timeout}) was reached before the next attempt.`,
		remedy:   tryLater + ` To allow more attempts, raise "timeout".`},
	{name: "timeout_proxy", kind: pagerduty.KindTimeout, when: inPhase(pagerduty.PhaseProxy, pagerduty.PhaseProxyTLS),
		summary:  `The proxy did not respond in time`,
		happened: `{request} failed after {elapsed} while {phase}.`,
		causes:   []string{`the proxy is overloaded, or cannot reach {host}`},
		remedy:   checkProxy + ` ` + raiseTimeout},
	{name: "timeout_response", kind: pagerduty.KindTimeout, when: hasConnected,
		summary:  `No response within the time limit`,
		happened: `{request} failed after {elapsed} while {phase}.`,
		causes:   []string{`{override} points to a slow server`, `PagerDuty, or a proxy or gateway, is slow`},
		remedy:   `Run Terraform again, or raise "timeout" ({timeout}).`},
	{name: "timeout_connect", kind: pagerduty.KindTimeout,
		summary:  `Connection timed out`,
		happened: `{request} failed after {elapsed} while {phase}.`,
		causes:   []string{wrongPort, `a firewall drops connections to {host}`},
		remedy:   checkNetwork + ` ` + raiseTimeout},
	{name: "canceled", kind: pagerduty.KindCanceled,
		summary:  `The check was canceled`,
		happened: `Terraform was interrupted before {request} was complete.`,
		remedy:   `Run Terraform again.`},
	{name: "connection_failed", status: preflight.Unreachable,
		summary:  `Connection failed`,
		happened: `{outcome}.`,
		remedy:   checkNetwork},
}

// Conditions.
func hasProxySchemes(s *situation) bool        { return s.failure.ProxySchemes != "" }
func hasProxyLogin(s *situation) bool          { return s.failure.ProxyLogin }
func wantsClientCertificate(s *situation) bool { return s.failure.Alert == "certificate required" }
func noAttempt(s *situation) bool              { return len(s.failure.Attempts) == 0 }

func isDNS(s *situation) bool {
	f := s.failure
	return f.Kind == pagerduty.KindDNS || f.Kind == pagerduty.KindTimeout && f.Phase == pagerduty.PhaseResolve
}

func hasConnected(s *situation) bool {
	return inPhase(pagerduty.PhaseSend, pagerduty.PhaseWait, pagerduty.PhaseRead)(s)
}

func inPhase(phases ...pagerduty.Phase) func(*situation) bool {
	return func(s *situation) bool { return slices.Contains(phases, s.failure.Phase) }
}

func certificate(reason pagerduty.CertificateReason) func(*situation) bool {
	return func(s *situation) bool {
		return s.failure.Kind == pagerduty.KindCertificate && s.failure.Certificate.Reason == reason
	}
}

// endedBetweenAttempts reports whether the last attempt did not time out itself.
func endedBetweenAttempts(s *situation) bool {
	all := s.failure.Attempts
	return len(all) > 0 && all[len(all)-1].Kind != pagerduty.KindTimeout
}
