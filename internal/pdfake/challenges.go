package pdfake

import "net/http"

// Challenges are answers with an empty body, as PagerDuty's own 401, that differ only in their
// challenge (RFC 9110, section 11.6.1) and, where they are not PagerDuty's, in the x-request-id.
func Challenges() []Page {
	pages := make([]Page, len(challenges))
	for i, c := range challenges {
		header := c.header.Clone()
		header.Set("Content-Type", "text/html")
		pages[i] = Page{
			Name: c.name, Description: c.description, Status: http.StatusUnauthorized, PagerDuty: c.pagerDuty,
			header: header,
		}
	}
	return pages
}

func wwwAuthenticate(lines ...string) http.Header { return http.Header{"Www-Authenticate": lines} }

const (
	challengeBasic     = `Basic realm="Corporate Proxy"`
	challengeAPI       = `Token realm="Application"`
	challengeOAuth     = `Bearer error="invalid_token", error_description="The access token is invalid"`
	challengeNegotiate = "Negotiate"
	challengeDigest    = `Digest realm="gateway", qop="auth, auth-int", nonce="dcd98b7102dd2f0e", opaque="5ccc069c"`
)

var challenges = []struct {
	name, description string
	header            http.Header
	pagerDuty         bool
}{
	{"challenge-none", "a 401 without a challenge", http.Header{}, true},
	{"challenge-token", "a 401 with the scheme Token", wwwAuthenticate(challengeAPI), true},
	{"challenge-bearer", "a 401 with the scheme Bearer", wwwAuthenticate(challengeOAuth), true},
	{"challenge-bearer-bare", "a 401 with a bare Bearer", wwwAuthenticate("Bearer"), true},
	{"challenge-lower-case", "a 401 with the schemes in lower case, in one line",
		wwwAuthenticate(`token realm="Application", bearer`), true},
	{"challenge-token-and-bearer", "a 401 with Token and Bearer, in two lines",
		wwwAuthenticate(challengeAPI, challengeOAuth), true},
	{"challenge-quoted-scheme", "a 401 with Bearer whose realm quotes a challenge",
		wwwAuthenticate(`Bearer realm="a, Basic realm=\"b\", c"`), true},
	{"challenge-basic", "a gateway's 401 with Basic", wwwAuthenticate(challengeBasic), false},
	{"challenge-digest", "a gateway's 401 with Digest", wwwAuthenticate(challengeDigest), false},
	{"challenge-ntlm", "a gateway's 401 with NTLM", wwwAuthenticate("NTLM"), false},
	{"challenge-negotiate", "a gateway's 401 with Negotiate", wwwAuthenticate(challengeNegotiate), false},
	{"challenge-sso", "a gateway's 401 with the scheme SSO", wwwAuthenticate(`SSO realm="corp"`), false},
	{"challenge-aws", "a gateway's 401 with the scheme AWS4-HMAC-SHA256",
		wwwAuthenticate(`AWS4-HMAC-SHA256 Credential="x", SignedHeaders="host"`), false},
	{"challenge-one-line", "a gateway's 401 with Bearer and Basic in one line",
		wwwAuthenticate(challengeOAuth + ", " + challengeBasic), false},
	{"challenge-one-line-bare", "a gateway's 401: empty elements, Token, Negotiate",
		wwwAuthenticate(", ,Token , Negotiate"), false},
	{"challenge-several-lines", "a gateway's 401: Bearer, Negotiate, NTLM in 3 lines",
		wwwAuthenticate("Bearer", challengeNegotiate, "NTLM"), false},
	{"challenge-tab", "a gateway's 401 with a tab after the scheme Basic",
		wwwAuthenticate("Basic\trealm=\"gateway\""), false},
	{"challenge-tab-list", "a gateway's 401, tabs around the comma before Basic",
		wwwAuthenticate("Token realm=\"Application\"\t,\tBasic\trealm=\"gateway\""), false},
	{"challenge-token68", "a gateway's 401 with a Negotiate token",
		wwwAuthenticate("Negotiate YIIBhwYGKwYBBQUCoIIBezCCAXegDTALBgkq=="), false},
	{"challenge-proxy", "a 401 with Proxy-Authenticate",
		http.Header{"Proxy-Authenticate": {challengeBasic}}, false},
	{"challenge-proxy-and-token", "a 401 with Token, and with Proxy-Authenticate",
		http.Header{"Www-Authenticate": {challengeAPI}, "Proxy-Authenticate": {challengeNegotiate}}, false},
}
