package pagerduty_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// response is a row of the tables: a status, headers and a body.
type response struct{ name, status, header, body string }

// bytes returns a response with the header of a request ID.
func (r response) bytes(id string) string {
	if r.header != "" {
		id += strings.ReplaceAll(r.header, "\n", "\r\n") + "\r\n"
	}
	return http11(r.status+" No", id, r.body)
}

// failed returns the error of a request to the API, or to the identity host if the row's
// name says so.
func (r response) failed(t *testing.T, s *server, id string) *pagerduty.Error {
	t.Helper()
	s.respond(r.bytes(id))
	if !strings.HasPrefix(r.name, "identity") {
		_, e := currentUser(t, s)
		return must(t, e)
	}
	_, err := s.open(t).Mint(within(t, time.Minute), app, nil)
	return must(t, failureOf(t, err))
}

// With a request ID in PagerDuty's form, these are PagerDuty's. Without one, nothing is:
// gateways send some of them, too.
func TestSender_pagerDuty(t *testing.T) {
	t.Parallel()
	const cdn = `<html><script src="https://cdnjs.cloudflare.com/a.js"></script><script src=//x.cloudflare.com/b.js>` +
		`</script><script src="/cdn-cgi/scripts/cloudflare-static/c.js"></script></html>`
	s := startServer(t)
	for _, r := range []response{
		{"KrakenD, Envoy", "401", "", ""}, {"Azure App Service", "401", "", "You do not have permission to view this."},
		{"nginx", "401", "Server: nginx", "<html><h1>401 Authorization Required</h1><hr><center>nginx</center>"},
		{"Authelia", "401", "", `<a href="https://a.example/">401</a>`}, {"Rails", "401", "", "HTTP Token: Access denied."},
		{"not ASCII", "401", "", "Unauthorized – réessayer"}, {"fragment", "401", "", "<h1>Unauthorized</h1>"},
		{"XHTML", "401", "", `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"></html>`},
		{"scripts of a CDN", "401", "Server: cloudflare", cdn}, {"just made", "401", "Age: 0", ""},
		{"Token", "401", `WWW-Authenticate: Token realm="Application"`, ""},
		{"bearer", "401", `www-authenticate: bearer error="invalid_token"`, ""},
		{"two", "401", `WWW-Authenticate: Bearer realm="x, Basic y", Token a="\"b"`, ""},
		{"JSON", "401", "", `{"error":{"message":"Unauthorized","code":2006}}`},
		{"expired", "402", "", `{"error":{"message":"Account Expired","code":2012}}`}, {"denied", "403", "", deniedBody},
		{"message", "403", "", `{"error":{"message":"Forbidden"}}`},
		{"number", "403", "", `{"error":{"code":2010,"message":null}}`}, {"digits", "403", "", `{"error":{"code":"2010"}}`},
		{"long digits", "403", "", `{"error":{"code":"9999999999"}}`},
		{"code 0", "403", "", `{"error":{"message":"no","code":0,"errors":["a"]}}`},
		{"errors, text", "403", "", `{"error":{"message":"no","errors":"a"}}`},
		{"errors, object", "403", "", `{"error":{"message":"no","errors":{"name":["is taken"]}}}`},
		{"scopes inside", "403", "", `{"error":{"message":"no","required_scopes":"a","token_scopes":["b"]}}`},
		{"scopes outside", "403", "", scopesNeeded}, {"limit", "429", "", `{"error":{"message":"Rate Limit","code":2020}}`},
		{"internal", "500", "", `{"error":{"message":"Internal","code":2000}}`},
		{"not found", "404", "", `{"error":{"message":"Not Found","code":2100}}`}, {"identity, empty", "401", "", ""},
		{"identity, scope", "400", "", `{"error":{"message":"Invalid scope"}}`},
		{"identity, text", "400", "", "Invalid scope"},
		{"identity, client", "401", "WWW-Authenticate: Basic", `{"error":"invalid_client"}`},
		{"identity, denied", "403", "", `{"error":"access_denied","error_description":"no"}`},
		{"identity, URI", "400", "", `{"error":"invalid_scope","error_uri":"https://x"}`},
		{"identity, JSON", "403", "", deniedBody},
	} {
		for id, want := range map[string]pagerduty.Sender{
			hexID: pagerduty.SenderPagerDuty, strings.ToUpper(hexID): pagerduty.SenderPagerDuty,
			uuid: pagerduty.SenderUnknown, "": pagerduty.SenderUnknown, "X-Request-Id: 3f2a9c71d0\r\n": pagerduty.SenderUnknown,
			hexID[:len(hexID)-3] + "g\r\n": pagerduty.SenderUnknown,
		} {
			e := r.failed(t, s, id)
			if e.Kind != pagerduty.KindStatus || e.Sender != want || e.Product != "" {
				t.Errorf("%s with %q: %s from %s (%q), want %s", r.name, id, e.Kind, e.Sender, e.Product, want)
			}
			if known := want == pagerduty.SenderPagerDuty; (e.RequestID != "") != known {
				t.Errorf("%s with %q: request ID %q", r.name, id, e.RequestID)
			}
		}
	}
}

// No request ID makes a response PagerDuty's that has another's body or challenge. The
// mark of a product names it.
func TestSender_foreign(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	for product, rows := range map[string][]response{
		"": {
			{"AWS HTTP API", "401", "", `{"message":"Unauthorized"}`},
			{"AWS S3", "401", "", `<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>`},
			{"Google API Gateway", "401", "WWW-Authenticate: Bearer", `{"message":"Jwt is missing","code":401}`},
			{"Google", "401", "", `{"error":{"code":401,"message":"x","status":"UNAUTHENTICATED"}}`},
			{"Google, old", "401", "", `{"error":{"errors":[{"domain":"global"}],"code":401,"message":"Invalid"}}`},
			{"Azure API Management", "401", `WWW-Authenticate: AzureApiManagementKey realm="x"`, ""},
			{"Azure Resource Manager", "403", "", `{"error":{"code":"Forbidden","message":"no"}}`},
			{"Gravitee", "401", "", `{"message":"Unauthorized","http_status_code":401}`},
			{"WSO2", "401", `WWW-Authenticate: OAuth2 realm="WSO2"`, `{"fault":{"code":900901,"message":"Invalid"}}`},
			{"WSO2 in XML", "401", "", `<ams:fault xmlns:ams="http://wso2.org/apimanager/security">no`},
			{"DataPower", "401", "", `{"httpCode":"401","httpMessage":"Unauthorized"}`},
			{"API Connect", "401", "", "<error><httpCode>401</httpCode></error>"},
			{"Spring in XML", "401", "", "<Map><status>401</status></Map>"},
			{"XML after a comment", "401", "", "<!-- x --><Error/>"},
			{"gRPC", "401", "", "\x08\x10\x12\x0funauthenticated"}, {"MessagePack", "401", "", "\x82\xa4code\xcd\x01\x91"},
			{"JSON in UTF-16", "401", "", "\xff\xfe{\x00}\x00"},
			{"Authelia", "401", `WWW-Authenticate: Basic realm="Authorization Required"`, ""},
			{"FastAPI", "401", "WWW-Authenticate: Bearer", `{"detail":"Not authenticated"}`},
			{"Django", "401", "WWW-Authenticate: Token", `{"detail":"Invalid token."}`},
			{"Spring", "401", "", `{"timestamp":"x","status":401,"error":"Unauthorized","path":"/users/me"}`},
			{"Kubernetes", "401", "", `{"kind":"Status","apiVersion":"v1","status":"Failure","code":401}`},
			{"Apigee", "401", "", `{"fault":{"faultstring":"Invalid ApiKey","detail":{"errorcode":"x"}}}`},
			{"APISIX", "401", "", `{"message":"Missing API key in request"}`}, {"Vault", "403", "", `{"errors":["denied"]}`},
			{"Oathkeeper", "401", "", `{"error":{"code":401,"status":"Unauthorized","message":"x"}}`},
			{"gRPC", "401", "", `{"code":16,"message":"unauthenticated","details":[]}`},
			{"problem+json", "401", "", `{"type":"about:blank","title":"Unauthorized","status":401}`},
			{"SOAP", "401", "", `<soapenv:Envelope><soapenv:Fault/></soapenv:Envelope>`},
			{"XML", "401", "", `<fault xmlns="http://gateway.example/">no</fault>`},
			{"a key next to it", "403", "", `{"error":{"message":"no","code":2010},"path":"/users"}`},
			{"a key inside", "403", "", `{"error":{"message":"no","code":2010,"request_id":"1"}}`},
			{"upper case", "403", "", `{"Error":{"Message":"no","Code":2010}}`},
			{"a message, number", "403", "", `{"error":{"message":7,"code":2010}}`},
			{"a code, text", "403", "", `{"error":{"message":"no","code":"denied"}}`},
			{"a blank message", "403", "", `{"error":{"message":" "}}`}, {"an error, text", "403", "", `{"error":"Forbidden"}`},
			{"an error, list", "403", "", `{"error":["no"]}`}, {"a list", "401", "", `["no"]`}, {"text", "401", "", `"no"`},
			{"null", "401", "", "null"}, {"broken JSON", "401", "", `{"error":`},
			{"BOM", "401", "", "\ufeff" + `{"detail":"no"}`},
			{"scopes of a gateway", "403", "", `{"message":"no","required_scopes":["users.read"]}`},
			{"empty", "402", "", ""}, {"empty", "403", "", ""}, {"empty", "429", "", ""}, {"page", "402", "", "<html>"},
			{"page", "403", "", "<html>"}, {"page", "429", "", "<html>"}, {"page", "503", "", "<html>"},
			{"too large", "403", "", deniedBody + strings.Repeat(" ", 1<<20)},
			{"no gzip", "401", "Content-Encoding: gzip", "no"},
			{"Brotli", "401", "Content-Encoding: br", "\x0b\x02\x80no\x03"},
			{"Token and Basic", "401", `WWW-Authenticate: Token realm="a", Basic realm="b"`, ""},
			{"Basic below Token", "401", "WWW-Authenticate: Token\nWWW-Authenticate: Basic", ""},
			{"unknown scheme", "401", "WWW-Authenticate: SSO", ""}, {"no scheme", "401", `WWW-Authenticate: realm="x"`, ""},
			{"open quote", "401", `WWW-Authenticate: Bearer realm="x, Basic y`, ""},
			{"Negotiate", "401", "WWW-Authenticate: Negotiate", deniedBody},
			{"identity, status", "402", "", `{"error":"access_denied"}`}, {"identity, 400", "400", "", ""},
			{"identity, key", "400", "", `{"error":"invalid_scope","status":400}`},
			{"identity, 429", "429", "", `{"error":"invalid_client"}`}, {"identity, code", "400", "", `{"error":"invalid_key"}`},
			{"identity, Basic", "401", "WWW-Authenticate: Basic", ""}, {"API, code", "403", "", `{"error":"access_denied"}`},
			{"API, Invalid scope", "403", "", "Invalid scope"}, {"a failure as 200", "200", "", deniedBody},
		},
		"AWS Elastic Load Balancing": {{"", "401", "Server: awselb/2.0", "<html>401 Authorization Required"}},
		"AWS API Gateway":            {{"", "403", "X-Amzn-ErrorType: ForbiddenException", `{"message":"Forbidden"}`}},
		"Google Identity-Aware Proxy": {
			{"", "401", "X-Goog-Iap-Generated-Response: true", "Invalid IAP credentials: empty token"},
		},
		"Azure Application Gateway": {{"", "401", "", "<html><hr>Microsoft-Azure-Application-Gateway/v2"}},
		"Tyk":                       {{"", "401", "X-Generator: tyk.io", `{"error":"Authorization field missing"}`}},
		"OAuth2 Proxy":              {{"", "401", "", "<html>Secured with OAuth2 Proxy"}},
		"Artifactory":               {{"", "401", "X-Artifactory-Id: 1", `{"errors":[{"status":401}]}`}},
		"Vercel":                    {{"", "401", "X-Vercel-Error: UNAUTHORIZED", ""}},
		"Envoy":                     {{"", "401", "", "Jwt is missing"}, {"", "403", "", "RBAC: access denied"}},
		"Kong":                      {{"", "401", "X-Kong-Response-Latency: 1", ""}},
		// Web filters, also with what looks like PagerDuty's.
		"Squid": {
			{"", "403", "X-Squid-Error: ERR 0", deniedBody}, {"", "401", "", "<p>Your cache administrator"},
			{"identity", "401", "Server: squid/6", `{"error":"invalid_client"}`},
		},
		"Zscaler":   {{"", "401", "", "<title>Zscaler"}, {"", "401", "", "<p>Zscaler" + strings.Repeat("<!-- -->", 1<<18)}},
		"Blue Coat": {{"", "401", "", "<!-- Blue Coat -->"}}, "McAfee": {{"", "401", "", "McAfee Web Gateway"}},
		"Forcepoint": {{"", "401", "Server: Forcepoint", ""}}, "Netskope": {{"", "401", "", "<title>Netskope"}},
		"Palo Alto Networks": {{"", "401", "", "<h1>Web Page Blocked"}}, "Sophos": {{"", "401", "", "Sophos Web Appliance"}},
		"Cisco Umbrella": {{"", "401", "Server: Cisco Umbrella", ""}}, "FortiGuard": {{"", "401", "", "FortiGuard Filter"}},
		"Barracuda":  {{"", "401", "", "Barracuda Web Security"}},
		"Cloudflare": {{"", "403", "Cf-Mitigated: challenge", deniedBody}, {"", "502", "", "<html>Cloudflare Ray ID"}},
		"Imperva":    {{"", "401", "", "<p>Incapsula incident"}}, "Akamai": {{"", "401", "", "Reference&#32;&#35;18.1"}},
		"F5":           {{"", "401", "", "The requested URL was rejected."}},
		"CloudFront":   {{"", "401", "", "Generated by cloudfront (CloudFront)"}},
		"a proxy":      {{"", "401", "Proxy-Authenticate: Basic", ""}},
		"a login page": {{"", "401", "", "<html><form action=/>"}, {"", "401", "", "<meta http-equiv='refresh'>"}},
		"a cache":      {{"", "401", "Age: 7", ""}, {"", "403", "X-Cache: HIT", deniedBody}},
	} {
		for _, r := range rows {
			for _, id := range []string{"", uuid, hexID} {
				e, want := r.failed(t, s, id), pagerduty.SenderGateway
				if product == "" {
					want = pagerduty.SenderUnknown
				}
				if e.Sender != want || e.Product != product {
					t.Errorf("%+v with %q: from %s (%q), want %s (%q)", r, id, e.Sender, e.Product, want, product)
				}
				if e.RequestID != "" || e.Body.Message != "" || e.Body.Code != 0 || e.Body.RequiredScopes != nil {
					t.Errorf("%+v with %q: its text comes out: %+v", r, id, e.Body)
				}
			}
		}
	}
}

func must(t *testing.T, e *pagerduty.Error) *pagerduty.Error {
	t.Helper()
	if e == nil {
		t.Fatal("the request succeeded")
	}
	return e
}

// The codes of RFC 6749 count with their statuses.
func TestSender_oauthErrors(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	for code, statuses := range map[string][]string{
		"invalid_request": {"400"}, "invalid_client": {"400", "401"}, "invalid_grant": {"400"},
		"unauthorized_client": {"400", "403"}, "unsupported_grant_type": {"400"}, "invalid_scope": {"400"},
		"access_denied": {"400", "403"}, "server_error": {"400", "500"}, "temporarily_unavailable": {"400", "503"},
	} {
		for _, status := range []string{"400", "401", "402", "403", "404", "500", "503"} {
			e := response{"identity", status, "", `{"error":"` + code + `"}`}.failed(t, s, hexID)
			known := slices.Contains(statuses, status)
			if (e.Sender == pagerduty.SenderPagerDuty) != known || (e.Body.OAuthError == code) != known {
				t.Errorf("%s with %s: from %s, code %q", code, status, e.Sender, e.Body.OAuthError)
			}
		}
	}
}

func TestSchemes(t *testing.T) {
	t.Parallel()
	for lines, want := range map[string]string{
		"": "", "\n , ,": "", `Basic realm="corp"`: "Basic", "NTLM": "NTLM", "Basic\trealm=\"x\"": "Basic",
		"Negotiate YII==": "Negotiate", `Digest realm="a", qop="auth,auth-int", nonce=x`: "Digest",
		`Token realm="Application", Basic realm="x", charset="UTF-8"`: "Token Basic", "Bearer realm=a\nNTLM": "Bearer NTLM",
		`Bearer error_description="expired, Basic realm=x"`: "Bearer", `Bearer realm="a\", Basic \"b", NTLM`: "Bearer NTLM",
		`Token realm = "x"`: "Token", "AWS4-HMAC-SHA256 x=y": "AWS4-HMAC-SHA256", `"quoted"`: "?",
		`Basic realm="x`: "? Basic",
		`realm="x"`:      "?", "Token\nrealm=x": "Token",
	} {
		if got := strings.Join(pagerduty.Schemes(strings.Split(lines, "\n")), " "); got != want {
			t.Errorf("%q: %q, want %q", lines, got, want)
		}
	}
}

// A cache checked an earlier request, not this credential.
func TestCached(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	for cached, headers := range map[bool][]string{
		true: {
			"Age: 30", "Age: 99999999999999999999", "Age: 30, 40", "Age: 0\r\nAge: 30", "age: +30", "x-cache: Hit",
			"X-Cache: HIT from proxy.example", "X-Cache: MISS, HIT", "X-Cache: RefreshHit from cloudfront",
			"X-Cache: TCP_REFRESH_FAIL_HIT; x", "X-Cache: MISS\r\nX-Cache: HIT", "X-CACHE-STATUS: STALE",
			"CF-Cache-Status: UPDATING", "X-Nginx-Cache: REVALIDATED", "x_fastcgi_cache: hit", "X-Drupal-Cache: HIT",
			"Cache-Status: Origin; fwd=miss, Edge;hit;ttl=9", "X-Rack-Cache: stale, valid", "X-Cache-Hits: 3",
			"X-Cache-Hits: 0, 1", "X-Cache-Hit: true", "X-From-Cache: 1", "Server-Timing: cdn-cache; desc=HIT, edge; dur=1",
			"Server-Timing: db;dur=2, cfCacheStatus;desc=\"STALE\"", "X-Varnish: 5 3", "X-Varnish: 7\r\nX-Varnish: 5 3",
			"Warning: 110 - \"Response is Stale\"", "Warning: 214 proxy \"x\", 110 proxy \"stale\"",
		},
		false: {
			"Age: 0", "Age: ", "Age: 00", "Aged: 30", "X-Cache: Miss from cloudfront", "X-Cache-Status: BYPASS",
			"CF-Cache-Status: DYNAMIC", "Cache-Status: Edge; fwd=uri-miss", "Cache-Status: Edge; fwd=stale; stored",
			"X-Cache-Lookup: HIT from squid:3128", "X-Cache-Key: white", "Cache-Control: private, stale-if-error=9",
			"CDN-Cache-Control: stale-while-revalidate=9", "X-Cache-Hits: 0", "X-Cache-Hit: false", "X-Varnish: 5",
			"Server-Timing: cdn-cache; desc=MISS", "Server-Timing: hits;dur=3", "Warning: 199 - \"x\"",
			"Warning: 299 - \"see 110\"",
		},
	} {
		for _, header := range headers {
			s.respond(http11("200 OK", header+"\r\n", userBody))
			_, e := currentUser(t, s)
			if (kindOf(e) == pagerduty.KindCached) != cached || e != nil && e.Product != "a cache" {
				t.Errorf("%q: %+v, want cached %t", header, e, cached)
			}
		}
	}
}

func TestRequestedWait(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	const unknown = -1
	for lines, want := range map[string]int{
		"": unknown, "Ratelimit-Reset: 30": 30, "Ratelimit-Reset: 0": 0, "Retry-After: 1.5": 1,
		"Ratelimit-Reset: -1":         unknown,
		"Ratelimit-Reset: 1767323045": unknown, "Ratelimit-Reset: NaN": unknown, "Ratelimit-Reset: Inf": unknown,
		"Ratelimit-Reset: soon": unknown, "Ratelimit-Reset: 1e9\nRetry-After: 5": 5, "Ratelimit-Reset: 0\nRetry-After: 9": 9,
		"Retry-After: Fri, 02 Jan 2026 03:04:35 GMT": 30, "Retry-After: Fri, 02 Jan 2026 03:04:00 GMT": 0,
		"Retry-After: Sat, 03 Jan 2026 03:04:00 GMT": unknown,
		// By the server's clock.
		"Date: Fri, 02 Jan 2026 01:00:00 GMT\nRetry-After: Fri, 02 Jan 2026 01:00:30 GMT": 30,
	} {
		header := http.Header{}
		for line := range strings.SplitSeq(lines, "\n") {
			name, value, _ := strings.Cut(line, ": ")
			header.Set(name, value)
		}
		wait, known := pagerduty.RequestedWait(header, now)
		if known != (want != unknown) || known && int(wait.Seconds()) != want {
			t.Errorf("%q: %s, %t, want %d s", lines, wait, known, want)
		}
	}
}
