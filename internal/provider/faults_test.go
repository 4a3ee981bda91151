package provider

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// judging is a configuration that turns the verdict into outputs.
const judging = `
data "pagerdutyauth_credential" "this" {
  on_failure = "warning"
}
output "status" {
  value = data.pagerdutyauth_credential.this.status
}
output "valid" {
  value = data.pagerdutyauth_credential.this.valid == null ? "null" : tostring(data.pagerdutyauth_credential.this.valid)
}
output "code" {
  value = data.pagerdutyauth_credential.this.http_status_code == null ? 0 : data.pagerdutyauth_credential.this.http_status_code
}
`

// fault is one way a check can go wrong and what must be said of it.
type fault struct {
	name      string
	options   []pdfake.Option
	behaviour *pdfake.Behaviour
	arguments string
	token     string
	status    string
	summary   string
	orSummary string   // another that is as true, where timing decides
	parts     []string // of the detail
	requests  int      // the most
	longest   time.Duration
}

func on(b pdfake.Behaviour) *pdfake.Behaviour { return &b }

func faults() []fault {
	const quick, patient = 5 * time.Second, 12 * time.Second
	json := func(status int, body string) *pdfake.Behaviour { return on(pdfake.AnswerJSON(status, body)) }
	html := func(status int, body string) *pdfake.Behaviour { return on(pdfake.AnswerHTML(status, body)) }
	raw := func(status int, body string) *pdfake.Behaviour {
		return on(pdfake.Answer(status, http.Header{"Content-Type": {"application/json"}}, []byte(body)))
	}
	basic := pdfake.Answer(401, http.Header{"Www-Authenticate": {`Basic realm="corp"`}}, nil)
	return []fault{
		// Bodies of every form never hide the status.
		{name: "401 empty", behaviour: raw(401, ""), status: "unauthorized", summary: summaryUnauthorized, parts: []string{"401 Unauthorized"}, requests: 1, longest: quick},
		{name: "401 HTML", behaviour: html(401, "<html><body>no</body></html>"), status: "unauthorized", summary: summaryUnauthorized, requests: 1, longest: quick},
		{name: "401 truncated JSON", behaviour: raw(401, `{"error":{"mess`), status: "unauthorized", summary: summaryUnauthorized, requests: 1, longest: quick},
		{name: "401 invalid UTF-8", behaviour: raw(401, "{\"error\":\"\xff\xfe\x00\"}"), status: "unauthorized", summary: summaryUnauthorized, requests: 1, longest: quick},
		{name: "401 gzip", behaviour: on(pdfake.GzipJSON(401, `{"error":{"message":"nope","code":2006}}`)), status: "unauthorized", summary: summaryUnauthorized, requests: 1, longest: quick},
		{name: "401 terminal control", behaviour: json(401, `{"error":{"message":"\u001b[2J\u001b]0;owned\u0007gone","code":"2006"}}`), status: "unauthorized", summary: summaryUnauthorized, parts: []string{"2006 (authentication failed)"}, requests: 1, longest: quick},
		{name: "401 expired", behaviour: json(401, `{"error":{"message":"Account expired","code":2012}}`), status: "unauthorized", summary: summaryUnauthorized, parts: []string{"expired"}, requests: 1, longest: quick},
		{name: "402 ability", behaviour: json(402, `{"error":{"message":"Missing ability","code":2014}}`), status: "payment_required", summary: summaryPayment, parts: []string{"lacks the ability", "2014"}, requests: 1, longest: quick},
		{name: "402 empty", behaviour: raw(402, ""), status: "payment_required", summary: summaryPayment, requests: 1, longest: quick},
		{name: "403 JSON", behaviour: json(403, `{"error":{"message":"Access Denied","code":2010}}`), status: "forbidden", summary: summaryForbidden, parts: []string{"role"}, requests: 1, longest: quick},
		{name: "403 HTML", behaviour: html(403, "<h1>Blocked</h1>"), status: "forbidden", summary: summaryForbidden, parts: []string{"proxy or firewall"}, requests: 1, longest: quick},
		{name: "403 array", behaviour: json(403, `["Access Denied"]`), status: "forbidden", summary: summaryForbidden, requests: 1, longest: quick},
		{name: "400 other", behaviour: json(400, `{"error":{"message":"Invalid Input Provided","code":2001,"errors":"x"}}`), status: "unexpected_response", summary: summaryUnexpected, parts: []string{"not judged"}, requests: 1, longest: quick},
		{name: "404", behaviour: json(404, `{"error":{"message":"Not Found","code":2100}}`), status: "unexpected_response", summary: summaryUnexpected, parts: []string{"api_url_override"}, requests: 1, longest: quick},
		{name: "407 in an answer", behaviour: raw(407, ""), status: "unreachable", summary: summaryProxy, parts: []string{"HTTPS_PROXY"}, requests: 1, longest: quick},
		{name: "418", behaviour: raw(418, ""), status: "unexpected_response", summary: summaryUnexpected, requests: 1, longest: quick},
		{name: "429 with a long wait", behaviour: on(pdfake.RateLimited(3600)), status: "rate_limited", summary: summaryRateLimited, parts: []string{"Wait 1h0m0s", "not judged"}, requests: 1, longest: quick},
		{name: "429 bare", behaviour: on(pdfake.RateLimited(-1)), status: "rate_limited", summary: summaryRateLimited, parts: []string{"did not say how long"}, requests: 3, longest: patient},
		{name: "500 JSON", behaviour: json(500, `{"error":{"message":"Internal","code":2000}}`), status: "server_error", summary: summaryServerError, parts: []string{"not judged"}, requests: 3, longest: patient},
		{name: "501", behaviour: raw(501, ""), status: "server_error", summary: summaryServerError, requests: 1, longest: quick},
		{name: "503 maintenance page", behaviour: html(503, "<html>maintenance</html>"), status: "server_error", summary: summaryServerError, requests: 3, longest: patient},
		{name: "503 with a long wait", behaviour: on(pdfake.RetryAfter(503, "600")), status: "server_error", summary: summaryServerError, requests: 1, longest: quick},
		{name: "511", behaviour: html(511, "<html>login</html>"), status: "unreachable", summary: summaryUnreachable, parts: []string{"captive portal"}, requests: 1, longest: quick},
		{name: "a gateway's 401", behaviour: on(basic), status: "unexpected_response", summary: summaryUnexpected, parts: []string{"gateway", "not judged"}, requests: 1, longest: quick},
		{name: "200 HTML", behaviour: html(200, "<!DOCTYPE html><title>Log in</title>"), status: "unexpected_response", summary: summaryUnexpected, parts: []string{"HTML"}, requests: 1, longest: quick},
		{name: "200 {}", behaviour: json(200, `{}`), status: "unexpected_response", summary: summaryUnexpected, requests: 1, longest: quick},
		{name: "200 null user", behaviour: json(200, `{"user":null}`), status: "unexpected_response", summary: summaryUnexpected, requests: 1, longest: quick},
		{name: "200 user of another type", behaviour: json(200, `{"user":"me"}`), status: "unexpected_response", summary: summaryUnexpected, requests: 1, longest: quick},
		{name: "200 array", behaviour: json(200, `[]`), status: "unexpected_response", summary: summaryUnexpected, requests: 1, longest: quick},
		{name: "200 empty", behaviour: raw(200, ""), status: "unexpected_response", summary: summaryUnexpected, requests: 1, longest: quick},
		{name: "204", behaviour: raw(204, ""), status: "unexpected_response", summary: summaryUnexpected, requests: 1, longest: quick},
		{name: "huge body", behaviour: on(pdfake.Huge(500<<20, false)), status: "unexpected_response", summary: summaryUnexpected, parts: []string{"1 MiB"}, requests: 1, longest: quick},
		{name: "gzip bomb", behaviour: on(pdfake.Huge(500<<20, true)), status: "unexpected_response", summary: summaryUnexpected, parts: []string{"1 MiB"}, requests: 1, longest: quick},
		{name: "huge headers", behaviour: on(pdfake.HugeHeader(1 << 20)), options: []pdfake.Option{pdfake.WithHTTP1Only()}, status: "unexpected_response", summary: summaryUnexpected, requests: 1, longest: quick},
		{name: "truncated body", behaviour: on(pdfake.TruncatedBody()), status: "unreachable", summary: summaryUnreachable, requests: 3, longest: patient},
		{name: "truncated chunk", behaviour: on(pdfake.TruncatedChunk()), status: "unreachable", summary: summaryUnreachable, requests: 3, longest: patient},
		{name: "reset", behaviour: on(pdfake.Reset()), status: "unreachable", summary: summaryUnreachable, parts: []string{"reset or closed"}, requests: 3, longest: patient},
		{name: "reset in mid header", behaviour: on(pdfake.ResetMidHeader()), status: "unreachable", summary: summaryUnreachable, requests: 3, longest: patient},
		{name: "closed silently", behaviour: on(pdfake.CloseSilently()), status: "unreachable", summary: summaryUnreachable, requests: 3, longest: patient},
		{name: "not HTTP", behaviour: on(pdfake.Garbage()), status: "unexpected_response", summary: summaryUnexpected, requests: 1, longest: quick},
		{name: "never answers", behaviour: on(pdfake.NeverAnswer()), arguments: `timeout = "1s"`, status: "unreachable", summary: summaryTimedOut, parts: []string{"within 1s", "waiting for the answer"}, requests: 1, longest: quick},
		{name: "drips its body", behaviour: on(pdfake.Drip(time.Second, false)), arguments: `timeout = "2s"`, status: "unreachable", summary: summaryTimedOut, parts: []string{"reading the answer"}, requests: 1, longest: quick},
		{name: "drips its header", behaviour: on(pdfake.Drip(time.Second, true)), arguments: `timeout = "2s"`, status: "unreachable", summary: summaryTimedOut, requests: 1, longest: quick},
		{name: "expired certificate", options: []pdfake.Option{pdfake.WithCertificate(pdfake.CertExpired)}, status: "unreachable", summary: summaryTLS, parts: []string{"expired on", "clock"}, longest: quick},
		{name: "certificate not yet valid", options: []pdfake.Option{pdfake.WithCertificate(pdfake.CertNotYetValid)}, status: "unreachable", summary: summaryTLS, parts: []string{"valid only from"}, longest: quick},
		{name: "self-signed certificate", options: []pdfake.Option{pdfake.WithCertificate(pdfake.CertSelfSigned)}, status: "unreachable", summary: summaryTLS, parts: []string{`"ca_cert_file"`}, longest: quick},
		{name: "certificate of another host", options: []pdfake.Option{pdfake.WithCertificate(pdfake.CertWrongHost)}, status: "unreachable", summary: summaryTLS, parts: []string{"another host"}, longest: quick},
		{name: "unknown authority", options: []pdfake.Option{pdfake.WithCertificate(pdfake.CertUnknownAuthority)}, status: "unreachable", summary: summaryTLS, parts: []string{"authority that is not trusted", `"ca_cert_file"`}, longest: quick},
		{name: "TLS 1.1 only", options: []pdfake.Option{pdfake.WithMaxTLSVersion(tls.VersionTLS11)}, status: "unreachable", summary: summaryTLS, parts: []string{"TLS 1.2"}, longest: quick},
		{name: "plain HTTP", options: []pdfake.Option{pdfake.WithPlainHTTP()}, status: "unreachable", summary: summaryTLS, parts: []string{"does not speak TLS"}, longest: quick},
		{name: "client certificate required", options: []pdfake.Option{pdfake.WithClientCertRequired(), pdfake.WithMaxTLSVersion(tls.VersionTLS12)}, status: "unreachable", summary: summaryTLS, longest: quick},
		// With TLS 1.3 the handshake ends before the server has looked: its alert and
		// the end of the connection overtake each other.
		{name: "client certificate required, TLS 1.3", options: []pdfake.Option{pdfake.WithClientCertRequired()}, status: "unreachable", summary: summaryTLS, orSummary: summaryUnreachable, longest: quick},
		{name: "an answer that repeats the header", behaviour: on(pdfake.EchoAuthorization(403)), status: "forbidden", summary: summaryForbidden, requests: 1, longest: quick},
		{name: "a newline", token: keyAda + "\\n", status: "malformed", summary: summaryMalformed, parts: []string{"a line break at position 21, its end", "Nothing was sent"}, longest: quick},
	}
}

// Every fault is named by its true cause, within its time and requests, and
// without the token. The provider's binary runs in Terraform.
func TestAccFaults(t *testing.T) {
	t.Parallel()
	for _, f := range faults() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			options := f.options
			if f.behaviour != nil {
				options = append(options, pdfake.WithFaults(pdfake.Fault{Path: "/users/me", Behaviour: *f.behaviour}))
			}
			s := world(t, options...)
			token := f.token
			if token == "" {
				token = keyAda
			}
			// Quoted by hand: the token of the newline case holds an escape.
			b := newBench(t, block(s, "token = \""+token+"\"\n"+f.arguments+"\n")+judging)
			o := b.apply()
			f.judge(t, s, o)
		})
	}
}

func (f fault) judge(t *testing.T, s *pdfake.Server, o outcome) {
	t.Helper()
	if o.failed {
		t.Fatalf("a warning was asked for, and Terraform failed:\n%s", o.output)
	}
	d := o.one(t)
	if d.Severity != "warning" || d.Summary != f.summary && (f.orSummary == "" || d.Summary != f.orSummary) {
		t.Errorf("%s %q, want a warning %q\n%s", d.Severity, d.Summary, f.summary, d.Detail)
	}
	for _, part := range f.parts {
		if !strings.Contains(flat(d.Detail), part) {
			t.Errorf("the detail lacks %q:\n%s", part, d.Detail)
		}
	}
	if o.outputs["status"] != f.status {
		t.Errorf("status %v, want %s", o.outputs["status"], f.status)
	}
	valid := "null"
	if f.status == "malformed" || f.status == "unauthorized" {
		valid = "false"
	}
	if o.outputs["valid"] != valid {
		t.Errorf("valid is %v, want %s", o.outputs["valid"], valid)
	}
	requests := s.Requests()
	if len(requests) > f.requests {
		t.Errorf("%d requests, at most %d are right", len(requests), f.requests)
	}
	if len(requests) > 0 {
		if took := time.Since(requests[0].Time); took > f.longest+20*time.Second {
			t.Errorf("it ended %s after the first request", took)
		}
	}
	for _, secret := range []string{keyAda, keyAda[2:], "\x1b[2J"} {
		if strings.Contains(o.output, secret) {
			t.Error("the output holds what must not be shown")
		}
	}
}

// A redirect is never followed, and nothing is sent to where it points.
func TestAccFaults_redirect(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			sink := pdfake.NewSink(t)
			s := world(t, pdfake.WithFaults(pdfake.Fault{Behaviour: pdfake.Redirect(status, "http://"+sink.Addr()+"/users/me")}))
			b := newBench(t, block(s, tokenArgument(keyAda))+judging)
			f := fault{status: "unexpected_response", summary: summaryRedirect, parts: []string{sink.Addr(), "plain HTTP", "was not followed"}, requests: 1, longest: 5 * time.Second}
			f.judge(t, s, b.apply())
			if sink.Conns() != 0 {
				t.Error("the redirect's target was connected to")
			}
		})
	}
}

// A proxy's refusals are the proxy's, whatever the token.
func TestAccFaults_proxy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options []pdfake.ProxyOption
		status  string
		summary string
		parts   []string
	}{
		"407":      {[]pdfake.ProxyOption{pdfake.ProxyRequireAuth("u", "p")}, "unreachable", summaryProxy, []string{"407", "user name and password"}},
		"403":      {[]pdfake.ProxyOption{pdfake.ProxyRefuse(403, "blocked by policy")}, "unreachable", summaryProxy, []string{"403 Forbidden", "does not allow this host"}},
		"unrouted": {nil, "unreachable", summaryProxy, []string{"502"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := world(t)
			p := pdfake.StartProxy(t, c.options...)
			b := newBench(t, "provider \"pagerdutyauth\" {\n"+tokenArgument(keyAda)+"}\n"+judging)
			b.setenv("HTTPS_PROXY", p.URL())
			f := fault{status: c.status, summary: c.summary, parts: append(c.parts, "api.pagerduty.com", "not judged"), longest: 12 * time.Second}
			f.judge(t, s, b.apply())
			for _, h := range p.Headers() {
				if h.Get("Authorization") != "" {
					t.Error("the proxy was sent the credential")
				}
			}
		})
	}
}

// Without an override the region's host is asked, through the proxy.
func TestAccServiceRegion(t *testing.T) {
	t.Parallel()
	for region, c := range map[string]struct{ host, key, subdomain string }{
		"us": {"api.pagerduty.com:443", keyAccount, "acme"},
		"eu": {"api.eu.pagerduty.com:443", keyEU, "acme-eu"},
	} {
		t.Run(region, func(t *testing.T) {
			t.Parallel()
			s := world(t)
			p := pdfake.StartProxy(t, pdfake.ProxyRoute(c.host, s.Addr(region)))
			b := newBench(t, fmt.Sprintf("provider \"pagerdutyauth\" {\n  ca_cert_pem = %q\n}\n", s.CAPEM())+
				"data \"pagerdutyauth_credential\" \"this\" {}\noutput \"subdomain\" {\n  value = data.pagerdutyauth_credential.this.subdomain\n}\n")
			b.setenv("HTTPS_PROXY", p.URL())
			b.setenv("PAGERDUTY_TOKEN", c.key)
			b.setenv("PAGERDUTY_SERVICE_REGION", region)
			o := b.apply()
			if o.failed || o.outputs["subdomain"] != c.subdomain {
				t.Fatalf("outputs %v\n%s", o.outputs, o.output)
			}
		})
	}
}
