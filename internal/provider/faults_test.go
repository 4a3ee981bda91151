package provider

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// fault is one way a check can go wrong and what must be said of it.
type fault struct {
	name      string
	options   []pdfake.Option
	behaviour *pdfake.Behaviour // of GET /users/me
	timeout   string
	token     string // tokenAda if empty
	status    string
	summary   string
	orSummary string   // another that is as true, where timing decides
	parts     []string // of the Detail
	requests  int      // the most
}

func on(b pdfake.Behaviour) *pdfake.Behaviour { return &b }

func faults() []fault {
	all := answeredFaults()
	all = append(all, brokenFaults()...)
	return append(all, connectionFaults()...)
}

// answeredFaults are answers that came whole. Bodies of every form never hide the
// status, and a status counts as PagerDuty's only where the answer is.
func answeredFaults() []fault {
	json := func(status int, body string) *pdfake.Behaviour { return on(pdfake.AnswerJSON(status, body)) }
	html := func(status int, body string) *pdfake.Behaviour { return on(pdfake.AnswerHTML(status, body)) }
	raw := func(status int, body string) *pdfake.Behaviour {
		return on(pdfake.Answer(status, http.Header{"Content-Type": {"application/json"}}, []byte(body)))
	}
	challenged := func(challenge string) *pdfake.Behaviour {
		return on(pdfake.Answer(401, http.Header{"Www-Authenticate": {challenge}}, nil))
	}
	const (
		denied                   = `{"error":{"message":"Access Denied","code":2010}}`
		unexpected, unauthorized = "unexpected_response", "unauthorized"
	)
	return []fault{
		{name: "401 empty", behaviour: raw(401, ""), status: unauthorized, parts: []string{"401"}, requests: 1},
		{name: "401 HTML", behaviour: html(401, "<html><body>no</body></html>"), status: unauthorized, requests: 1},
		{name: "401 truncated JSON", behaviour: raw(401, `{"error":{"mess`), status: unauthorized, requests: 1},
		{
			name: "401 invalid UTF-8", behaviour: raw(401, "{\"error\":\"\xff\xfe\x00\"}"), status: unauthorized,
			requests: 1,
		},
		{
			name: "401 gzip", behaviour: on(pdfake.GzipJSON(401, `{"error":{"message":"nope","code":2006}}`)),
			status: unauthorized, requests: 1,
		},
		{
			name:      "401 terminal control",
			behaviour: json(401, `{"error":{"message":"\u001b[2J\u001b]0;owned\u0007gone","code":"2006"}}`),
			status:    unauthorized, parts: []string{"2006"}, requests: 1,
		},
		{
			name: "401 expired", behaviour: json(401, `{"error":{"message":"Account expired","code":2012}}`),
			status: unauthorized, parts: []string{"2012"}, requests: 1,
		},
		{name: "401 Token", behaviour: challenged(`Token realm="Application"`), status: unauthorized, requests: 1},
		{name: "401 Basic", behaviour: challenged(`Basic realm="corp"`), status: unexpected, requests: 1},
		{name: "401 of two senders", behaviour: challenged(`Token, Negotiate`), status: unexpected, requests: 1},
		{
			name: "402 ability", behaviour: json(402, `{"error":{"message":"Missing ability","code":2014}}`),
			status: "payment_required", parts: []string{"2014"}, requests: 1,
		},
		{name: "402 empty", behaviour: raw(402, ""), status: unexpected, requests: 1},
		{name: "402 HTML", behaviour: html(402, "<h1>Pay</h1>"), status: unexpected, requests: 1},
		{name: "403 JSON", behaviour: json(403, denied), status: "forbidden", parts: []string{"role"}, requests: 1},
		{name: "403 HTML", behaviour: html(403, "<h1>Blocked</h1>"), status: unexpected, requests: 1},
		{name: "403 array", behaviour: json(403, `["Access Denied"]`), status: unexpected, requests: 1},
		{name: "403 empty", behaviour: raw(403, ""), status: unexpected, requests: 1},
		{
			name: "404", behaviour: json(404, `{"error":{"message":"Not Found","code":2100}}`),
			status: unexpected, requests: 1,
		},
		{name: "407 in an answer", behaviour: raw(407, ""), status: "unreachable", requests: 1},
		{name: "418", behaviour: raw(418, ""), status: unexpected, requests: 1},
		{
			name: "429 with a long wait", behaviour: on(pdfake.RateLimited(600)), status: "rate_limited",
			summary: summaryRateLimited, parts: []string{"10m"}, requests: 1,
		},
		{name: "429 bare", behaviour: on(pdfake.RateLimited(-1)), status: "rate_limited", requests: 3},
		{
			name: "500 JSON", behaviour: json(500, `{"error":{"message":"Internal","code":2000}}`),
			status: "server_error", requests: 3,
		},
		{name: "501", behaviour: raw(501, ""), status: "server_error", requests: 1},
		{
			name: "503 maintenance page", behaviour: html(503, "<html>maintenance</html>"),
			status: "server_error", requests: 3,
		},
		{name: "503 with a long wait", behaviour: on(pdfake.RetryAfter(503, "600")), status: "server_error", requests: 1},
		{name: "511", behaviour: html(511, "<html>login</html>"), status: "unreachable", requests: 1},
		{name: "200 HTML", behaviour: html(200, "<!DOCTYPE html><title>Log in</title>"), status: unexpected, requests: 1},
		{name: "200 {}", behaviour: json(200, `{}`), status: unexpected, requests: 1},
		{name: "200 null user", behaviour: json(200, `{"user":null}`), status: unexpected, requests: 1},
		{name: "200 user of another type", behaviour: json(200, `{"user":"me"}`), status: unexpected, requests: 1},
		{name: "200 array", behaviour: json(200, `[]`), status: unexpected, requests: 1},
		{name: "200 empty", behaviour: raw(200, ""), status: unexpected, requests: 1},
		{name: "204", behaviour: raw(204, ""), status: unexpected, requests: 1},
		{
			name: "huge body", behaviour: on(pdfake.Huge(500<<20, false)), status: unexpected,
			parts: []string{"1 MiB"}, requests: 1,
		},
		{
			name: "gzip bomb", behaviour: on(pdfake.Huge(500<<20, true)), status: unexpected,
			parts: []string{"1 MiB"}, requests: 1,
		},
		{
			name: "an answer that repeats the header", behaviour: on(pdfake.EchoAuthorization(403)), status: "forbidden",
			requests: 1,
		},
		{
			name: "a newline", token: tokenAda + "\n", status: "malformed", summary: summaryMalformed,
			parts: []string{"line break"},
		},
	}
}

// brokenFaults are answers that did not come whole, or are none.
func brokenFaults() []fault {
	const unreachable = "unreachable"
	http1 := []pdfake.Option{pdfake.WithHTTP1Only()}
	return []fault{
		{
			name: "huge headers", behaviour: on(pdfake.HugeHeader(1 << 20)), options: http1,
			status: "unexpected_response", requests: 1,
		},
		{name: "not HTTP", behaviour: on(pdfake.Garbage()), status: "unexpected_response", requests: 1},
		{name: "truncated body", behaviour: on(pdfake.TruncatedBody()), status: unreachable, requests: 3},
		{name: "truncated chunk", behaviour: on(pdfake.TruncatedChunk()), status: unreachable, requests: 3},
		{name: "reset", behaviour: on(pdfake.Reset()), status: unreachable, summary: summaryUnreachable, requests: 3},
		{name: "reset in mid header", behaviour: on(pdfake.ResetMidHeader()), status: unreachable, requests: 3},
		{name: "closed silently", behaviour: on(pdfake.CloseSilently()), status: unreachable, requests: 3},
		{
			name: "never answers", behaviour: on(pdfake.NeverAnswer()), timeout: "1s",
			status: unreachable, summary: summaryTimedOut, parts: []string{"1s"}, requests: 1,
		},
		{
			name: "drips its body", behaviour: on(pdfake.Drip(time.Second, false)), timeout: "2s",
			status: unreachable, summary: summaryTimedOut, requests: 1,
		},
		{
			name: "drips its header", behaviour: on(pdfake.Drip(time.Second, true)), timeout: "2s",
			status: unreachable, summary: summaryTimedOut, requests: 1,
		},
	}
}

// connectionFaults are those before anything was sent.
func connectionFaults() []fault {
	certificate := func(kind pdfake.CertKind) []pdfake.Option { return []pdfake.Option{pdfake.WithCertificate(kind)} }
	tls12 := []pdfake.Option{pdfake.WithClientCertRequired(), pdfake.WithMaxTLSVersion(tls.VersionTLS12)}
	all := []fault{
		{name: "expired certificate", options: certificate(pdfake.CertExpired), parts: []string{"expired", "clock"}},
		{name: "certificate not yet valid", options: certificate(pdfake.CertNotYetValid), parts: []string{"clock"}},
		{name: "self-signed certificate", options: certificate(pdfake.CertSelfSigned), parts: []string{`"ca_cert_file"`}},
		{
			name: "certificate of another host", options: certificate(pdfake.CertWrongHost),
			parts: []string{"another host"},
		},
		{name: "unknown authority", options: certificate(pdfake.CertUnknownAuthority), parts: []string{`"ca_cert_file"`}},
		{
			name: "TLS 1.1 only", options: []pdfake.Option{pdfake.WithMaxTLSVersion(tls.VersionTLS11)},
			parts: []string{"TLS 1.2"},
		},
		{name: "plain HTTP", options: []pdfake.Option{pdfake.WithPlainHTTP()}, parts: []string{"TLS"}},
		{name: "client certificate required", options: tls12},
		// With TLS 1.3 the handshake ends before the server has looked: its alert and
		// the end of the connection overtake each other.
		{
			name: "client certificate required, TLS 1.3", options: []pdfake.Option{pdfake.WithClientCertRequired()},
			orSummary: summaryUnreachable,
		},
	}
	for i := range all {
		all[i].status, all[i].summary = "unreachable", summaryTLS
	}
	return all
}

// Every fault is named by its true cause, within its requests, and without the token.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, f := range faults() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			options := f.options
			if f.behaviour != nil {
				options = append(options, pdfake.WithFaults(pdfake.Fault{Path: "/users/me", Behaviour: *f.behaviour}))
			}
			s := startEmulator(t, options...)
			provider := at(s, arguments{"token": word(tokenAda), "timeout": word("15s")})
			if f.token != "" {
				provider["token"] = word(f.token)
			}
			if f.timeout != "" {
				provider["timeout"] = word(f.timeout)
			}
			f.judge(t, s, run(t, dataSurface, provider, arguments{"on_failure": word("warning")}))
		})
	}
}

func (f fault) judge(t *testing.T, s *pdfake.Server, a answer) {
	t.Helper()
	if len(a.diagnostics) != 1 || a.diagnostics[0].Severity != tfprotov6.DiagnosticSeverityWarning {
		t.Fatalf("want one warning:%s", describe(a.diagnostics))
	}
	d := a.diagnostics[0]
	if f.summary != "" && d.Summary != f.summary && (f.orSummary == "" || d.Summary != f.orSummary) {
		t.Errorf("got %q, want %q\n%s", d.Summary, f.summary, d.Detail)
	}
	for _, part := range f.parts {
		if !strings.Contains(d.Detail, part) {
			t.Errorf("the detail lacks %q:\n%s", part, d.Detail)
		}
	}
	valid := "null"
	if f.status == "malformed" || f.status == "unauthorized" {
		valid = "false"
	}
	if got := a.text(t, "status") + " " + a.text(t, "valid"); got != f.status+" "+valid {
		t.Errorf("status and valid %s, want %s %s\n%s", got, f.status, valid, d.Detail)
	}
	if rejected := d.Summary == summaryUnauthorized; rejected != (f.status == "unauthorized") {
		t.Errorf("%q for the status %s", d.Summary, f.status)
	}
	if !strings.Contains(d.Detail, "\nStatus: "+f.status) {
		t.Errorf("the detail lacks the status:\n%s", d.Detail)
	}
	if n := len(s.Requests()); n > f.requests {
		t.Errorf("%d requests, at most %d are right", n, f.requests)
	}
	for _, secret := range []string{tokenAda, tokenAda[2:], "\x1b[2J"} {
		if strings.Contains(d.Summary+d.Detail, secret) {
			t.Error("the message holds what must not be shown")
		}
	}
}

// A redirect is never followed, and nothing is sent to where it points.
func TestFaults_redirect(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			target := pdfake.Start(t, pdfake.WithPlainHTTP())
			host := target.Addr(pdfake.RegionUS)
			s := startEmulator(t, faultAt("", pdfake.Redirect(status, "http://"+host+"/users/me"))...)
			f := fault{status: "unexpected_response", summary: summaryRedirect, parts: []string{host}, requests: 1}
			f.judge(t, s, run(t, dataSurface, at(s, withToken(tokenAda)), arguments{"on_failure": word("warning")}))
			if target.Connections() != 0 {
				t.Error("the redirect's target was connected to")
			}
		})
	}
}

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
locals {
  code = data.pagerdutyauth_credential.this.http_status_code
}
output "code" {
  value = local.code == null ? 0 : local.code
}
`

// The same in Terraform, for one fault of each kind.
func TestAccFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options []pdfake.Option
		outputs map[string]any
	}{
		"rejected": {
			options: faultAt("/users/me", pdfake.AnswerHTML(401, "")),
			outputs: map[string]any{"status": "unauthorized", "valid": "false", "code": 401.0},
		},
		"forbidden": {
			options: faultAt("/users/me", pdfake.AnswerJSON(403, `{"error":{"message":"Access Denied","code":2010}}`)),
			outputs: map[string]any{"status": "forbidden", "valid": "null", "code": 403.0},
		},
		"no answer": {
			options: []pdfake.Option{pdfake.WithCertificate(pdfake.CertExpired)},
			outputs: map[string]any{"status": "unreachable", "valid": "null", "code": 0.0},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startEmulator(t, c.options...)
			o := newProject(t, block(s, tokenArgument(tokenAda))+judging).apply()
			o.passed(t)
			if d := o.one(t); d.Severity != "warning" {
				t.Errorf("%s: %s", d.Severity, d.Summary)
			}
			for output, want := range c.outputs {
				if o.outputs[output] != want {
					t.Errorf("%s is %v, want %v", output, o.outputs[output], want)
				}
			}
		})
	}
}

// A proxy's refusals are the proxy's, whatever the token.
func TestAccFaults_proxy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options []pdfake.ProxyOption
		part    string
	}{
		"407":      {options: []pdfake.ProxyOption{pdfake.ProxyRefuse(407, "who are you")}, part: "407"},
		"403":      {options: []pdfake.ProxyOption{pdfake.ProxyRefuse(403, "blocked by policy")}, part: "403"},
		"unrouted": {part: "502"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := pdfake.StartProxy(t, c.options...)
			tf := newProject(t, "provider \"pagerdutyauth\" {\n"+tokenArgument(tokenAda)+"}\n"+judging)
			tf.setenv("HTTPS_PROXY", p.URL())
			o := tf.apply()
			o.passed(t)
			d := o.one(t)
			if d.Summary != summaryProxy || o.outputs["status"] != "unreachable" || o.outputs["valid"] != "null" {
				t.Errorf("%s, %v", d.Summary, o.outputs)
			}
			for _, part := range []string{c.part, "api.pagerduty.com"} {
				if !strings.Contains(flat(d.Detail), part) {
					t.Errorf("the detail lacks %q:\n%s", part, d.Detail)
				}
			}
			for _, r := range p.Requests() {
				if r.Header.Get("Authorization") != "" {
					t.Error("the proxy was sent the credential")
				}
			}
		})
	}
}

// Without an override the region's host is asked, through the proxy.
func TestAccServiceRegion(t *testing.T) {
	t.Parallel()
	for region, c := range map[string]struct{ host, token, subdomain string }{
		"us": {host: "api.pagerduty.com:443", token: tokenAccount, subdomain: "acme"},
		"eu": {host: "api.eu.pagerduty.com:443", token: tokenEU, subdomain: "acme-eu"},
	} {
		t.Run(region, func(t *testing.T) {
			t.Parallel()
			s := startEmulator(t)
			p := pdfake.StartProxy(t, pdfake.ProxyRoute(c.host, s.Addr(region)))
			tf := newProject(t, fmt.Sprintf("provider \"pagerdutyauth\" {\n  ca_cert_pem = %q\n}\n", s.CAPEM())+
				"data \"pagerdutyauth_credential\" \"this\" {\n  allowed_service_regions = [\""+region+"\"]\n}\n"+
				"output \"subdomain\" {\n  value = data.pagerdutyauth_credential.this.subdomain\n}\n")
			tf.setenv("HTTPS_PROXY", p.URL())
			tf.setenv("PAGERDUTY_TOKEN", c.token)
			tf.setenv("PAGERDUTY_SERVICE_REGION", region)
			o := tf.apply()
			if o.failed || o.outputs["subdomain"] != c.subdomain {
				t.Fatalf("outputs %v\n%s", o.outputs, o.output)
			}
		})
	}
}
