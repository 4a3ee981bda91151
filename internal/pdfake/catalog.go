package pdfake

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// NamedFault is a fault that a person picks by its name.
type NamedFault struct {
	// Name is lower case with hyphens, such as "rate-limited".
	Name string
	// Description is one line without a full stop.
	Description string
	Behaviour   Behaviour
	// Option is set where the fault is no behavior but below HTTP, such as a certificate.
	Option Option
}

// Apply makes it an option. A behavior is in place of the answers that where matches.
func (n NamedFault) Apply(where Fault) Option {
	if n.Option != nil {
		return n.Option
	}
	where.Behaviour = n.Behaviour
	return WithFaults(where)
}

// Catalog lists all faults, in the order in which a person reads them.
func Catalog() []NamedFault {
	all := slices.Clone(catalog)
	for _, p := range BlockPages() {
		all = append(all, behaves(p.Name, fmt.Sprintf("%s (%d)", p.Description, p.Status), p.New(p.Status)))
	}
	for _, p := range Challenges() {
		all = append(all, behaves(p.Name, p.Description, p.New(p.Status)))
	}
	return all
}

func behaves(name, description string, b Behaviour) NamedFault {
	return NamedFault{Name: name, Description: description, Behaviour: b}
}

func option(name, description string, o Option) NamedFault {
	return NamedFault{Name: name, Description: description, Option: o}
}

// atMint has a behavior act at the identity host only.
func atMint(b Behaviour) Behaviour {
	return Behaviour{name: b.name, rawBytes: b.rawBytes, serve: func(c *call) bool {
		return c.listener == ListenerIdentity && b.serve(c)
	}}
}

var catalog = []NamedFault{
	behaves("unauthorized", "401 with an empty body, as PagerDuty rejects a token",
		AnswerHTML(http.StatusUnauthorized, "")),
	behaves("payment-required", "402: the account has expired", AnswerJSON(http.StatusPaymentRequired, expired)),
	behaves("forbidden", "403 in the form of PagerDuty's errors", AnswerJSON(http.StatusForbidden, accessDenied)),
	behaves("not-found", "404 in the form of PagerDuty's errors", AnswerJSON(http.StatusNotFound, notFound)),
	behaves("account-level-block", "400 whose text resembles an account API token's",
		AnswerJSON(http.StatusBadRequest, `{"error":"Request blocked by an account-level security policy"}`)),
	behaves("request-timeout", "408 with an empty body", Answer(http.StatusRequestTimeout, nil, nil)),
	behaves("rate-limited", "429 with PagerDuty's headers: wait 30 seconds", RateLimited(30)),
	behaves("rate-limited-bare", "429 with neither a body nor a rate limit's headers", RateLimited(-1)),
	behaves("internal-error", "500 in the form of PagerDuty's errors",
		AnswerJSON(http.StatusInternalServerError, `{"error":{"message":"Internal Server Error","code":2000}}`)),
	behaves("bad-gateway", "502 with an HTML page", AnswerHTML(http.StatusBadGateway, "<h1>502 Bad Gateway</h1>")),
	behaves("maintenance", "503 with an HTML page",
		AnswerHTML(http.StatusServiceUnavailable, "<html><body><h1>We'll be back soon</h1></body></html>")),
	behaves("retry-after", "503 with Retry-After: 2", RetryAfter(http.StatusServiceUnavailable, "2")),
	behaves("gateway-timeout", "504 with an empty body", Answer(http.StatusGatewayTimeout, nil, nil)),
	behaves("redirect", "302 to a login page", Redirect(http.StatusFound, "https://login.example.com/")),
	behaves("gzip", "401 with a compressed body",
		GzipJSON(http.StatusUnauthorized, `{"error":{"message":"Authentication Failed","code":2006}}`)),
	behaves("echo-authorization", "401 that repeats the Authorization header everywhere",
		EchoAuthorization(http.StatusUnauthorized)),
	behaves("challenge", "401 with challenges Basic and Bearer, in two lines",
		Answer(http.StatusUnauthorized, http.Header{
			"Content-Type": {"text/html"}, "Www-Authenticate": {challengeBasic, challengeOAuth},
		}, nil)),
	behaves("reset", "the connection is reset before the answer", Reset()),
	behaves("close-silently", "the connection is closed without an answer", CloseSilently()),
	behaves("reset-mid-header", "the connection is reset in the middle of the header", ResetMidHeader()),
	behaves("truncated-chunk", "the connection ends in the middle of a chunk", TruncatedChunk()),
	behaves("truncated-body", "the connection ends before the announced length", TruncatedBody()),
	behaves("truncated-answer", "a 403 whose body breaks off",
		TruncatedAnswer(http.StatusForbidden, jsonType, accessDenied, 20)),
	behaves("truncated-gzip", "a 403 whose compressed body breaks off",
		TruncatedGzip(http.StatusForbidden, jsonType, accessDenied, 20)),
	behaves("incomplete-gzip", "a 403 whose compressed body was cut before sending",
		IncompleteGzip(http.StatusForbidden, jsonType, accessDenied, 20)),
	behaves("garbage", "an answer that is not HTTP", Garbage()),
	behaves("huge", "an answer of a gibibyte", Huge(1<<30, false)),
	behaves("huge-gzip", "an answer of a gibibyte, compressed", Huge(1<<30, true)),
	behaves("huge-header", "two mebibytes of header", HugeHeader(2<<20)),
	behaves("trailing-bytes", "bytes after a whole 401, on the same connection",
		TrailingBytes(http.StatusUnauthorized, "text/html", "", "<html>left over</html>")),
	behaves("trailing-authorization", "the request's Authorization header after a whole 401",
		TrailingAuthorization(http.StatusUnauthorized, "text/html", "")),
	behaves("short-content-length", "the normal answer with a Content-Length of 9", ShortContentLength(9)),
	behaves("close-reused", "a reused connection is closed without an answer", CloseReused()),
	behaves("go-away", "HTTP/2 GOAWAY as the answer to each request", GoAway()),
	behaves("refuse-stream", "HTTP/2 REFUSED_STREAM as the answer to each request", RefuseStream()),
	behaves("grant-openid", `an OAuth app is granted the scope "openid" only`, Grant("openid")),
	behaves("grant-empty", "an OAuth app is granted an empty scope", Grant("")),
	behaves("grant-other-account", "an OAuth app is granted another account", GrantOtherAccount(RegionUS, "other")),
	behaves("grant-without-account", "an OAuth app's granted scope names no account", GrantWithoutAccount()),
	behaves("grant-without-scope", "an OAuth app's grant has no scope field", GrantWithoutScope()),
	behaves("mint-invalid-client", "an OAuth app is rejected: 401, Basic, invalid_client",
		atMint(Answer(http.StatusUnauthorized, http.Header{
			"Content-Type": {jsonType}, "Www-Authenticate": {`Basic realm="oauth"`},
		}, []byte(`{"error":"invalid_client","error_description":"Client authentication failed"}`)))),
	behaves("mint-down", "an OAuth app gets 503 in place of an access token",
		atMint(AnswerHTML(http.StatusServiceUnavailable, "<h1>503</h1>"))),
	option("cert-expired", "the API's certificate has expired", WithCertificate(CertExpired)),
	option("cert-not-yet-valid", "the API's certificate is not valid yet", WithCertificate(CertNotYetValid)),
	option("cert-self-signed", "the API's certificate is self-signed", WithCertificate(CertSelfSigned)),
	option("cert-wrong-host", "the API's certificate is for another host", WithCertificate(CertWrongHost)),
	option("cert-unknown-authority", "the API's certificate is of an unknown authority",
		WithCertificate(CertUnknownAuthority)),
	option("identity-cert-expired", "the identity host's certificate has expired",
		WithIdentityCertificate(CertExpired)),
	option("old-tls", "the API speaks TLS 1.1 at most", WithMaxTLSVersion(tls.VersionTLS11)),
	option("plain-http", "the API speaks plain HTTP where TLS is expected", WithPlainHTTP()),
	option("client-certificate", "the API demands a client certificate", WithClientCertRequired()),
	behaves("never-answer", "no answer, while the connection stays open", NeverAnswer()),
	behaves("delay", "the normal answer after two seconds", Delay(2*time.Second)),
	behaves("slow-answer", "a 403 whose body stops half way, without an end",
		SlowAnswer(http.StatusForbidden, jsonType, accessDenied, 20, -1)),
	behaves("drip-header", "a byte of the header per second, without end", Drip(time.Second, true)),
	behaves("drip-body", "a byte of the body per second, without end", Drip(time.Second, false)),
	option("rate-limit", "normal answers, but no more than two a minute", WithRateLimit(2)),
	option("latency", "normal answers, a second late", WithLatency(time.Second)),
	option("http1", "normal answers over HTTP/1.1 only", WithHTTP1Only()),
}
