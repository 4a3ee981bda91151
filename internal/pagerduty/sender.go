package pagerduty

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A response is PagerDuty's if it has PagerDuty's form, never because it lacks the mark
// of something else. Lists of marks cannot be complete: a product that is missing here
// costs a name in a message, not a status.

// senderOf returns who sent a response that is not a 200, and the product whose mark it
// has, or "". PagerDuty's own has an x-request-id in PagerDuty's form, no challenge
// other than Token or Bearer, and PagerDuty's body:
//   - its JSON error, see pagerDutyError
//   - 401: also an empty body, text or HTML [S]
//   - from the identity host: also an error of RFC 6749, or "Invalid scope" [S]. An
//     invalid_client can come with any challenge (RFC 6749, section 5.2).
func senderOf(r *call, res *response) (sender Sender, product string) {
	if product := productOf(res); product != "" {
		return SenderGateway, product
	}
	if res.requestID == "" || res.tooLarge {
		return SenderUnknown, ""
	}
	if r.mint && oauthError(res) == "invalid_client" {
		return SenderPagerDuty, ""
	}
	for _, scheme := range schemes(res.header.Values("Www-Authenticate")) {
		if !strings.EqualFold(scheme, "token") && !strings.EqualFold(scheme, "bearer") {
			return SenderUnknown, ""
		}
	}
	_, isError := pagerDutyError(res.object)
	if isError || res.status == http.StatusUnauthorized && isText(res.body) ||
		r.mint && (oauthError(res) != "" || refusesScope(res)) {
		return SenderPagerDuty, ""
	}
	return SenderUnknown, ""
}

// isText reports whether a body is empty, text or HTML, but not JSON, XML or binary.
func isText(body []byte) bool {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	return !isJSON(body) && utf8.Valid(body) && !controls.Match(body) &&
		(!bytes.HasPrefix(body, []byte("<")) || htmlTag.Match(body))
}

// isJSON reports whether a body is JSON, or begins like it.
func isJSON(body []byte) bool {
	return len(body) > 0 && strings.ContainsRune("{[\"", rune(body[0])) || json.Valid(body)
}

var (
	controls = regexp.MustCompile(`[\x00-\x08\x0b\x0e-\x1f]`)
	htmlTag  = regexp.MustCompile(`(?i)<(!doctype html|html|head|title|body|div|center|h[1-6]|p|a)[\s>]`)
)

// pagerDutyError returns the error of a response in the form of PagerDuty's JSON errors:
// {"error": {"message": string, "code": number, "errors": [string]}} [D], with a numeric
// code or a string message, and no key that PagerDuty was not seen to send [S].
func pagerDutyError(outer object) (inner object, ok bool) {
	inner = outer.object("error")
	if inner == nil || !onlyKeys(outer, "error", "required_scopes", "token_scopes") ||
		!onlyKeys(inner, "message", "code", "errors", "required_scopes", "token_scopes") {
		return nil, false
	}
	message, hasMessage := inner["message"].(string)
	_, hasCode := codeOf(inner)
	if inner["message"] != nil && !hasMessage || inner["code"] != nil && !hasCode || len(inner.list("errors")) > 0 {
		return nil, false // Google's errors are objects
	}
	return inner, hasCode || strings.TrimSpace(message) != ""
}

func onlyKeys(o object, known ...string) bool {
	for key := range o {
		if !slices.Contains(known, key) {
			return false
		}
	}
	return true
}

// codeOf returns an error code: a number, or a string of digits [S].
func codeOf(inner object) (code int, ok bool) {
	switch v := inner["code"].(type) {
	case float64:
		return int(max(min(v, maxCode), 0)), true
	case string:
		n, err := strconv.Atoi(v)
		return max(min(n, maxCode), 0), err == nil
	}
	return 0, false
}

// maxCode limits an error code: a longer number can be a part of a secret.
const maxCode = 99_999

// oauthErrors are the error codes of RFC 6749 with their statuses [I].
var oauthErrors = map[string][]int{
	"invalid_request":           {400},
	"invalid_client":            {400, 401},
	"invalid_grant":             {400},
	"unauthorized_client":       {400, 403},
	"unsupported_grant_type":    {400},
	"invalid_scope":             {400},
	"access_denied":             {400, 403},
	"server_error":              {400, 500},
	"temporarily_unavailable":   {400, 503},
	"unsupported_response_type": {400},
}

// oauthError returns the error code of a response of the identity host, or "".
func oauthError(res *response) string {
	body := res.object
	code := body.text("error")
	if !slices.Contains(oauthErrors[code], res.status) ||
		!onlyKeys(body, "error", "error_description", "error_uri") {
		return ""
	}
	return code
}

// refusesScope reports whether a 400 of the identity host says "Invalid scope" [S], with
// no key that PagerDuty was not seen to send.
func refusesScope(res *response) bool {
	body := res.object
	text := strings.Join([]string{
		body.text("error"), body.text("error_description"), body.text("message"), body.object("error").text("message"),
	}, " ")
	if isText(res.body) {
		text = string(res.body)
	}
	return res.status == http.StatusBadRequest && strings.Contains(strings.ToLower(text), "invalid scope") &&
		onlyKeys(body, "error", "error_description", "error_uri", "message")
}

// quoted matches a quoted string of a header.
var quoted = regexp.MustCompile(`"(\\.|[^"\\])*"`)

// schemes returns the authentication schemes of WWW-Authenticate or Proxy-Authenticate
// (RFC 9110, section 11.6.1). An unreadable challenge has the scheme "?".
func schemes(lines []string) []string {
	var all []string
	for _, line := range lines {
		line = quoted.ReplaceAllString(line, "()")
		if strings.Contains(line, `"`) { // an unterminated string
			all = append(all, "?")
		}
		for element := range strings.SplitSeq(line, ",") {
			words := strings.Fields(element)
			switch {
			case len(words) == 0:
			case strings.Contains(words[0], "="), len(words) > 1 && strings.HasPrefix(words[1], "="):
				if len(all) == 0 { // not a parameter of a previous challenge
					all = append(all, "?")
				}
			case strings.ContainsFunc(words[0], notIn("!#$%&'*+-.^_`|~")):
				all = append(all, "?")
			default:
				all = append(all, words[0])
			}
		}
	}
	return all
}

// products lists marks of proxies, gateways and web filters. Their own responses have
// them, and responses that they forward do not. A mark is a header whose value contains
// the text, or the text in a body that is not JSON. All texts are in lower case. A login
// page is a mark too, because an API has none.
var products = []struct{ header, text, name string }{
	{"X-Squid-Error", "", "Squid"}, {"Server", "squid", "Squid"},
	{"", "generated by squid", "Squid"}, {"", "(squid", "Squid"}, {"", "squid/", "Squid"},
	{"", "err_access_denied", "Squid"}, {"", "cache administrator", "Squid"},
	{"Server", "zscaler", "Zscaler"}, {"", "zscaler", "Zscaler"},
	{"Server", "fortigate", "FortiGate"}, {"Server", "fortiweb", "FortiWeb"}, {"Server", "fortiproxy", "FortiProxy"},
	{"", "fortiguard", "FortiGuard"}, {"", "fortinet", "Fortinet"}, {"", "fortigate", "FortiGate"},
	{"X-Bluecoat-Via-Error", "", "Blue Coat"}, {"Server", "bluecoat", "Blue Coat"}, {"Server", "blue coat", "Blue Coat"},
	{"Server", "proxysg", "Blue Coat"}, {"", "blue coat", "Blue Coat"}, {"", "bluecoat", "Blue Coat"},
	{"", "symantec web", "Symantec"}, {"Server", "mcafee", "McAfee"}, {"", "mcafee", "McAfee"}, {"", "skyhigh", "Skyhigh"},
	{"Server", "websense", "Websense"}, {"", "websense", "Websense"},
	{"Server", "forcepoint", "Forcepoint"}, {"", "forcepoint", "Forcepoint"},
	{"Server", "netskope", "Netskope"}, {"", "netskope", "Netskope"},
	{"", "palo alto", "Palo Alto Networks"}, {"", "web page blocked", "Palo Alto Networks"},
	{"Server", "umbrella", "Cisco Umbrella"}, {"", "opendns", "Cisco Umbrella"}, {"", "cisco umbrella", "Cisco Umbrella"},
	{"Server", "ironport", "Cisco"}, {"Server", "cisco", "Cisco"}, {"", "ironport", "Cisco"},
	{"Server", "sophos", "Sophos"}, {"", "sophos", "Sophos"},
	{"Server", "barracuda", "Barracuda"}, {"", "barracuda", "Barracuda"},
	{"Server", "checkpoint", "Check Point"}, {"", "check point", "Check Point"},
	{"", "wandera", "Jamf"}, {"", "smoothwall", "Smoothwall"}, {"", "iboss", "iboss"}, {"", "watchguard", "WatchGuard"},
	{"", "sonicwall", "SonicWall"}, {"", "pfsense", "pfSense"}, {"", "mitmproxy", "mitmproxy"},
	{"Server", "mitmproxy", "mitmproxy"}, {"Server", "tinyproxy", "Tinyproxy"}, {"Server", "privoxy", "Privoxy"},
	{"Server", "burp", "Burp"}, {"", "burp suite", "Burp"},
	{"Cf-Mitigated", "", "Cloudflare"}, {"", "cloudflare", "Cloudflare"},
	{"Server", "imperva", "Imperva"}, {"", "incapsula", "Imperva"}, {"", "imperva", "Imperva"},
	{"X-Sucuri-Block", "", "Sucuri"}, {"", "sucuri", "Sucuri"},
	{"Server", "akamaighost", "Akamai"}, {"", "reference #", "Akamai"}, {"", "reference&#32;&#35;", "Akamai"},
	{"Server", "big-ip", "F5"}, {"Server", "bigip", "F5"}, {"", "the requested url was rejected", "F5"},
	{"", "your support id", "F5"}, {"", "mod_security", "ModSecurity"}, {"", "modsecurity", "ModSecurity"},
	{"X-Amzn-Waf-Action", "", "AWS WAF"}, {"X-Amzn-Errortype", "", "AWS API Gateway"},
	{"Server", "awselb", "AWS Elastic Load Balancing"},
	{"Server", "cloudfront", "CloudFront"}, {"", "generated by cloudfront", "CloudFront"},
	{"X-Goog-Iap-Generated-Response", "", "Google Identity-Aware Proxy"},
	{"", "identity-aware proxy", "Google Identity-Aware Proxy"},
	{"Server", "microsoft-azure-application-gateway", "Azure Application Gateway"},
	{"", "microsoft-azure-application-gateway", "Azure Application Gateway"},
	{"X-Kong-Response-Latency", "", "Kong"}, {"Server", "kong", "Kong"}, {"X-Generator", "tyk", "Tyk"},
	{"X-Vercel-Error", "", "Vercel"}, {"Server", "oauth2-proxy", "OAuth2 Proxy"},
	{"", "oauth2-proxy", "OAuth2 Proxy"}, {"", "oauth2 proxy", "OAuth2 Proxy"}, {"", "authelia", "Authelia"},
	{"X-Artifactory-Id", "", "Artifactory"},
	{"", "rbac: access denied", "Envoy"}, {"", "jwt is ", "Envoy"}, {"", "jwt issuer is not configured", "Envoy"},
	{"", "jwt verification fails", "Envoy"}, {"Server", "varnish", "Varnish"}, {"", "guru meditation", "Varnish"},
	{"Proxy-Authenticate", "", "a proxy"}, {"", "<form", "a login page"}, {"", "samlrequest", "a login page"},
	{"", "http-equiv=\"refresh\"", "a login page"}, {"", "http-equiv='refresh'", "a login page"},
	{"", "http-equiv=refresh", "a login page"},
}

// links matches URLs and script tags in a page, which can name a content delivery network.
var links = regexp.MustCompile(`<script[^>]*>|(https?:)?//[^\s"'<>]+`)

// productOf returns the product whose mark a response has, or "".
func productOf(res *response) string {
	if isCached(res.header) {
		return ProductCache
	}
	text := ""
	if !isJSON(res.body) {
		text = links.ReplaceAllString(strings.ToLower(string(res.body)), "")
	}
	for _, p := range products {
		values, present := res.header[p.header]
		switch {
		case p.header == "" && strings.Contains(text, p.text),
			p.header != "" && present && strings.Contains(strings.ToLower(strings.Join(values, " ")), p.text):
			return p.name
		}
	}
	return ""
}

// cacheHits are the endings of words that caches use for a cached response (RFC 9211, and
// headers such as nginx's $upstream_cache_status).
var cacheHits = []string{"hit", "stale", "updating", "revalidated"}

// ProductCache is the product of a response that a cache sent.
const ProductCache = "a cache"

// isCached reports whether a cache says that it sent the response: PagerDuty then
// checked an earlier request.
func isCached(h http.Header) bool {
	for _, value := range h.Values("Age") {
		if strings.Trim(value, "0 \t") != "" {
			return true // RFC 9111, section 5.1
		}
	}
	for warning := range strings.SplitSeq(strings.Join(h.Values("Warning"), ","), ",") {
		if strings.HasPrefix(strings.TrimSpace(warning), "11") {
			return true // 110 to 113: a stale response (RFC 7234, section 5.5)
		}
	}
	for _, ids := range h.Values("X-Varnish") {
		if len(strings.Fields(ids)) > 1 {
			return true // this request's ID, and the ID of the request that filled the cache
		}
	}
	for _, value := range h.Values("Server-Timing") {
		for metric := range strings.SplitSeq(strings.ToLower(value), ",") {
			if strings.Contains(metric, "cache") && saysHit(metric) {
				return true
			}
		}
	}
	return slices.ContainsFunc(slices.Collect(maps.Keys(h)), func(name string) bool {
		lower := strings.ToLower(name)
		return strings.Contains(lower, "cache") && isCacheHeader(lower, strings.ToLower(strings.Join(h[name], ",")))
	})
}

// isCacheHeader reports whether a header with "cache" in its name reports a hit. Name and
// value are in lower case.
func isCacheHeader(name, value string) bool {
	switch {
	case strings.HasSuffix(name, "cache-control"):
		return false
	case name == "x-cache-lookup":
		return false // what Squid found, not what it sent; that is in X-Cache
	case strings.Contains(name, "hit"), strings.Contains(name, "from-cache"):
		return strings.ContainsFunc(value, func(r rune) bool { return r >= '1' && r <= '9' }) ||
			strings.Contains(value, "true") || strings.Contains(value, "yes") || saysHit(value)
	}
	return saysHit(value)
}

// saysHit reports whether a word of a value means a hit. "fwd=stale" is the reason why a
// cache forwarded the request (RFC 9211, section 2.2).
func saysHit(value string) bool {
	value = strings.ReplaceAll(value, "fwd=stale", "")
	words := strings.FieldsFunc(value, func(r rune) bool { return r < 'a' || r > 'z' })
	return slices.ContainsFunc(words, func(word string) bool {
		return slices.ContainsFunc(cacheHits, func(end string) bool { return strings.HasSuffix(word, end) })
	})
}
