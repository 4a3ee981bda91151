package explain

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// The anchors that messages link to.
const (
	helpRejected = "rejected-token"
	helpAccount  = "wrong-account-or-region"
	helpNetwork  = "proxy-and-tls"
	helpSender   = "not-from-pagerduty"
)

// HelpAnchors lists all anchors. The troubleshooting guide has a section for each.
var HelpAnchors = []string{helpRejected, helpAccount, helpNetwork, helpSender}

const guide = "https://registry.terraform.io/providers/pagerdutyauth/pagerdutyauth/latest/docs/guides/troubleshooting#"

// kindNames holds the names of kinds that differ from their value.
var kindNames = map[pagerduty.Kind]string{
	pagerduty.KindNotJSON:       "not JSON",
	pagerduty.KindErrorObject:   "error in the body",
	pagerduty.KindMissingObject: "requested object missing",
	pagerduty.KindNotHTTP:       "not HTTP",
	pagerduty.KindDNSNotFound:   "host name not found",
	pagerduty.KindDNS:           "DNS failure",
	pagerduty.KindRefused:       "connection refused",
	pagerduty.KindReset:         "connection reset",
	pagerduty.KindCertificate:   "certificate not trusted",
	pagerduty.KindTLSVersion:    "no common TLS version",
	pagerduty.KindNotTLS:        "not TLS",
	pagerduty.KindTLS:           "TLS failure",
	pagerduty.KindProxyStatus:   "refused by the proxy",
	pagerduty.KindProxyURL:      "invalid HTTPS_PROXY",
	pagerduty.KindTransport:     "network error",
}

// kindName returns a short name of a failure, such as "timeout".
func kindName(k pagerduty.Kind) string {
	return cmp.Or(kindNames[k], strings.ReplaceAll(string(k), "_", " "))
}

// facts returns the "Key: value" lines at the end of a message.
func (s *situation) facts(help string) []string {
	var lines []string
	add := func(key, value string) {
		if value != "" {
			lines = append(lines, key+": "+value)
		}
	}
	f := s.failure
	add("Status", withHTTP(s.Status, s.HTTPStatus))
	if f.Body.Code != 0 {
		add("Error code", strconv.Itoa(f.Body.Code))
	}
	add("Message", quote(f.Body.Message))
	add("OAuth error", f.Body.OAuthError)
	if refusesScopes(s) || f.Kind == pagerduty.KindGrant {
		add("Requested scopes", scopeList(s.RequestedScopes))
		add("Granted scopes", scopeList(s.GrantedScopes))
	}
	add("Required scopes", scopeList(f.Body.RequiredScopes))
	add("Token's scopes", scopeList(f.Body.TokenScopes))
	add("Missing scopes", scopeList(s.violation.Missing))
	add("Certificate", quote(f.Certificate.Subject))
	add("Issuer", quote(f.Certificate.Issuer))
	add("Proxy", f.ProxyHost)
	lines = append(lines, s.credentialFacts()...)
	add("Attempts", attempts(f))
	if id := s.requestID(); id != "" {
		add("Request ID", id+" (for PagerDuty support)")
	}
	if help != "" {
		add("Help", guide+help)
	}
	return lines
}

// requestID returns the ID that PagerDuty support asks for, or "". The response that
// accepted the credential matters only if it lacks something.
func (s *situation) requestID() string {
	if s.failure.Kind == "" && s.violation.Unchecked != "" {
		return s.RequestID
	}
	return s.failure.RequestID
}

// withHTTP returns the status, such as "unauthorized (HTTP 401)".
func withHTTP(status preflight.Status, code int) string {
	if code == 0 {
		return string(status)
	}
	return fmt.Sprintf("%s (HTTP %d)", status, code)
}

// credentialFacts identifies the credential. The client ID is not a secret, but the two
// values can be swapped.
func (s *situation) credentialFacts() []string {
	c, app := &s.Credential, s.app
	if !isApp(s) {
		return []string{"Token: " + from(s.Preview, c.Source)}
	}
	lines := []string{
		"Client ID: " + from(preflight.Preview(app.ClientID), app.ClientIDSource),
		"Client secret: " + from(s.Preview, c.Source),
	}
	if app.Subdomain != "" {
		lines = append(lines, "Subdomain: "+from(quote(app.Subdomain), app.SubdomainSource))
	}
	return lines
}

func from(value, source string) string { return fmt.Sprintf("%s (from %s)", value, source) }

// attempts returns the results of several attempts, or "" for a single one.
func attempts(f *pagerduty.Error) string {
	if len(f.Attempts) < 2 {
		return ""
	}
	results := make([]string, len(f.Attempts))
	for i, a := range f.Attempts {
		results[i] = kindName(a.Kind)
		if a.Status != 0 && (a.Kind == "" || a.Kind == pagerduty.KindStatus) {
			results[i] = strconv.Itoa(a.Status)
		}
	}
	return strings.Join(results, ", ")
}
