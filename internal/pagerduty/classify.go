package pagerduty

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// statusError describes an answer whose status is not success, or whose body is unusable.
func (c *Client) statusError(r *call, a *answer) *Error {
	redact := r.redactor()
	e := c.failed(r, &Error{
		Kind: KindStatus, Status: a.status, RequestID: a.requestID, Wait: a.wait, WaitKnown: a.waitKnown,
		OutOfTime: a.outOfTime, Held: a.held,
		Body: decodeErrorBody(a, redact), Cached: cacheMark(a.header) != "",
	})
	e.Sender, e.Mark = senderOf(r, a, e.Body)
	e.Mark = redact.text(e.Mark, 80)
	switch {
	case slices.Contains(redirects, a.status):
		e.Kind = KindRedirect
		// Only the host is kept: the rest of a URL can repeat what was sent.
		location := a.header.Get("Location")
		if u, err := c.cfg.BaseURL.Parse(location); err == nil && location != "" {
			e.RedirectHost, e.RedirectPlain = redact.text(u.Host, 120), u.Scheme == "http"
		}
	case a.status >= 200 && a.status <= 299:
		e.Kind = KindMissingObject
	}
	return e
}

// redirects are the statuses that point elsewhere; 304 says that a cache has the answer.
var redirects = []int{301, 302, 303, 307, 308}

// senderOf decides who sent an error answer. Only PagerDuty can reject a token, so
// an answer counts as PagerDuty's by what PagerDuty is known to send, and never
// because it carries no mark of something else:
//   - 401: no challenge, or only challenges of the schemes Token and Bearer. Its
//     body is usually empty or HTML [S], so that it decides nothing.
//   - 401 of the identity host: the same, or the error code invalid_client, which
//     may come with any challenge (RFC 6749, section 5.2).
//   - everything else: the form of PagerDuty's JSON errors; at the identity host
//     also an error code of RFC 6749, and a 400 with the text "Invalid scope" [S].
//
// A mark of a gateway beats all of that. What is neither is not known.
func senderOf(r *call, a *answer, body ErrorBody) (sender Sender, mark string) {
	if mark = gatewayMark(a.header, a.body, body.Form); mark != "" {
		return SenderGateway, mark
	}
	if r.mint && (body.OAuthError != "" && slices.Contains([]int{400, 401, 403}, a.status) ||
		a.status == http.StatusBadRequest && body.RefusesScope()) {
		return SenderPagerDuty, ""
	}
	if a.status == http.StatusUnauthorized {
		for _, scheme := range challenges(a.header.Values("Www-Authenticate")) {
			if !strings.EqualFold(scheme, "token") && !strings.EqualFold(scheme, "bearer") {
				return SenderGateway, `a challenge of the scheme "` + Printable(scheme, 20) + `"`
			}
		}
		return SenderPagerDuty, ""
	}
	if body.PagerDuty {
		return SenderPagerDuty, ""
	}
	return SenderUnknown, ""
}

// quoted is a quoted string.
var quoted = regexp.MustCompile(`"(\\.|[^"\\])*"`)

// challenges are the schemes of WWW-Authenticate, as RFC 9110, section 11.6.1, has
// it: a list, in one line or several, of challenges that have lists of their own.
// Something that cannot be read gives the scheme "?", which nobody uses.
func challenges(lines []string) []string {
	var schemes []string
	for _, line := range lines {
		line = quoted.ReplaceAllString(line, "()")
		if strings.Contains(line, `"`) { // where it ends is anybody's guess
			schemes = append(schemes, "?")
		}
		for element := range strings.SplitSeq(line, ",") {
			element = strings.Trim(element, " \t")
			if element == "" {
				continue
			}
			end := strings.IndexFunc(element, notIn("!#$%&'*+-.^_`|~")) // RFC 9110's tchar
			if end < 0 {
				end = len(element)
			}
			word, rest := element[:end], strings.TrimLeft(element[end:], " \t")
			switch {
			case word == "":
				schemes = append(schemes, "?")
			case strings.HasPrefix(rest, "=") && len(schemes) > 0:
				// A parameter of the challenge before.
			default:
				schemes = append(schemes, word)
			}
		}
	}
	return schemes
}

// gatewayHeaders are sent by proxies, gateways and web filters with answers of
// their own, and not with those that they pass on.
var gatewayHeaders = []string{
	"X-Squid-Error", "Proxy-Authenticate", "Cf-Mitigated", "X-Sucuri-Block", "X-Amzn-Waf-Action", "X-Bluecoat-Via-Error",
	"X-Amzn-Errortype", "X-Kong-Response-Latency",
}

// gatewayServers begin the header Server of a proxy or web filter that answers
// itself.
var gatewayServers = []string{
	"squid", "zscaler", "bluecoat", "blue coat", "fortigate", "fortiweb", "fortiproxy", "mcafee", "websense", "forcepoint",
	"netskope", "cisco", "ironport", "sophos", "barracuda", "big-ip", "bigip", "mitmproxy", "oauth2-proxy", "imperva",
	"umbrella", "checkpoint", "proxysg", "tinyproxy", "privoxy", "burp", "kong",
}

// blockPages are texts of the pages with which products block a request, in lower
// case. Their pages for errors and logins have them too.
var blockPages = []struct{ text, product string }{
	{"zscaler", "Zscaler"}, {"fortiguard", "FortiGuard"}, {"fortinet", "Fortinet"}, {"fortigate", "FortiGate"},
	{"blue coat", "Blue Coat"}, {"bluecoat", "Blue Coat"}, {"symantec web", "Symantec"}, {"websense", "Websense"},
	{"forcepoint", "Forcepoint"}, {"palo alto", "Palo Alto Networks"}, {"web page blocked", "Palo Alto Networks"},
	{"opendns", "Cisco Umbrella"}, {"cisco umbrella", "Cisco Umbrella"}, {"ironport", "Cisco"}, {"netskope", "Netskope"},
	{"sophos", "Sophos"}, {"barracuda", "Barracuda"}, {"mcafee", "McAfee"}, {"skyhigh", "Skyhigh"},
	{"generated by squid", "Squid"}, {"(squid", "Squid"}, {"squid/", "Squid"}, {"err_access_denied", "Squid"},
	{"cache administrator", "Squid"},
	{"cloudflare", "Cloudflare"}, {"incapsula", "Imperva"}, {"imperva", "Imperva"}, {"sucuri", "Sucuri"},
	{"errors.edgesuite.net", "Akamai"}, {"reference #", "Akamai"}, {"reference&#32;&#35;", "Akamai"},
	{"the requested url was rejected", "F5"}, {"your support id", "F5"}, {"mod_security", "ModSecurity"},
	{"modsecurity", "ModSecurity"}, {"check point", "Check Point"}, {"wandera", "Jamf"}, {"smoothwall", "Smoothwall"},
	{"iboss", "iboss"}, {"watchguard", "WatchGuard"},
	{"sonicwall", "SonicWall"}, {"pfsense", "pfSense"}, {"rbac: access denied", "Envoy"},
	{"jwt is ", "Envoy"}, {"jwt issuer is not configured", "Envoy"}, {"jwt verification fails", "Envoy"},
	{"microsoft-azure-application-gateway", "Azure Application Gateway"},
	{"oauth2-proxy", "OAuth2 Proxy"}, {"oauth2 proxy", "OAuth2 Proxy"},
}

// loginForms are what the pages of logins and captive portals have. An API has none.
var loginForms = []string{"<form", "samlrequest", `http-equiv="refresh"`, `http-equiv='refresh'`, `http-equiv=refresh`}

// gatewayMark is what shows that something between here and PagerDuty sent an
// answer itself, to continue "It carries "; "" for nothing.
func gatewayMark(h http.Header, body []byte, form BodyForm) string {
	if mark := cacheMark(h); mark != "" {
		return mark
	}
	for _, name := range gatewayHeaders {
		if h.Get(name) != "" {
			return "the header " + name
		}
	}
	server := strings.ToLower(h.Get("Server"))
	if slices.ContainsFunc(gatewayServers, func(name string) bool { return strings.HasPrefix(server, name) }) {
		return "the name of a proxy or web filter in the header Server"
	}
	switch form {
	case FormJSON:
		return foreignJSON(body)
	case FormEmpty:
		return ""
	case FormHTML, FormOther:
	}
	text := strings.ToLower(string(body[:min(len(body), maxPage)]))
	for _, page := range blockPages {
		if strings.Contains(text, page.text) {
			return "a page of " + page.product
		}
	}
	if slices.ContainsFunc(loginForms, func(s string) bool { return strings.Contains(text, s) }) {
		return "a login page"
	}
	return ""
}

// cacheWords end the words by which caches say that they had the answer: RFC 9211's Cache-Status
// and the headers that others have, such as nginx's $upstream_cache_status under any name. A
// word after "=" is why a cache had no answer to give, as in RFC 9211's fwd=stale.
var cacheWords = []string{"hit", "stale", "updating", "revalidated"}

func isCacheWord(word string) bool {
	return !strings.Contains(word, "=") &&
		slices.ContainsFunc(cacheWords, func(end string) bool { return strings.HasSuffix(word, end) })
}

// notCaches are headers that have such words and say nothing of a cache's answer.
var notCaches = []string{
	"Cache-Control",
	"X-Cache-Lookup", // what Squid had, whether or not it could use that
	"X-Rack-Cache",   // the application's own, for which "stale, invalid" is a miss
}

// cacheMark is what shows that an answer is a cache's, "" for nothing: PagerDuty gave it
// to an earlier request, and judged that one's credential. Age is not zero then (RFC
// 9111, section 5.1), whatever else it is.
func cacheMark(h http.Header) string {
	for _, value := range h.Values("Age") {
		if strings.Trim(value, "0 \t") != "" {
			return "the header Age, which only caches send"
		}
	}
	for _, name := range slices.Sorted(maps.Keys(h)) {
		if !strings.Contains(name, "Cache") || slices.Contains(notCaches, name) {
			continue
		}
		words := strings.FieldsFunc(strings.ToLower(strings.Join(h.Values(name), ",")), func(r rune) bool {
			return strings.ContainsRune(" \t,;", r)
		})
		if slices.ContainsFunc(words, isCacheWord) {
			return "a cache hit in the header " + name
		}
	}
	return ""
}

// foreignJSON names whose error a JSON body is by keys that PagerDuty's never have.
func foreignJSON(body []byte) string {
	var o map[string]json.RawMessage
	if json.Unmarshal(body, &o) != nil {
		return ""
	}
	var inner struct {
		Status string `json:"status"`
	}
	switch {
	case o["statusCode"] != nil:
		return "the form of a gateway's JSON errors (statusCode)"
	case o["fault"] != nil:
		return "the form of a gateway's JSON errors (fault)" // Apigee, WSO2
	case o["title"] != nil && o["status"] != nil:
		return "the form of another server's JSON errors (title, status)" // RFC 9457
	case o["apiVersion"] != nil && o["kind"] != nil:
		return "the form of another server's JSON errors (apiVersion, kind)" // Kubernetes
	case o["timestamp"] != nil && o["path"] != nil:
		return "the form of another server's JSON errors (timestamp, path)"
	case json.Unmarshal(o["error"], &inner) == nil && inner.Status != "":
		return "the form of a gateway's JSON errors (error.status)"
	}
	return ""
}
