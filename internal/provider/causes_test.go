package provider

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// Each row of shared/failure-causes.md: what a person met, and what has to be
// said. The row's number starts the name.
func TestAccCauses(t *testing.T) {
	t.Parallel()
	fault := func(b pdfake.Behaviour) []pdfake.Option {
		return []pdfake.Option{pdfake.WithFaults(pdfake.Fault{Behaviour: b})}
	}
	for name, c := range map[string]struct {
		token    string
		options  []pdfake.Option
		summary  string
		needed   []string
		requests int
	}{
		"01 pasted with its prefix":          {"Token token=" + keyAda, nil, summaryMalformed, []string{"prefix", "only the key"}, 0},
		"02 OAuth access token":              {"pdus+_0XBPWQQ_4c51d6e5-0000-0000-0000-1234567890ab", nil, summaryUnauthorized, []string{"OAuth access token", "Bearer"}, 1},
		"03 Events key":                      {"0123456789abcdef0123456789abcdef", nil, summaryUnauthorized, []string{"32 characters", "REST API key", "Integrations > API Access Keys"}, 1},
		"05 deactivated owner":               {keyGone, nil, summaryUnauthorized, []string{"revoked, disabled", "deactivated", "service user"}, 1},
		"06 licence expired":                 {keyLicence, nil, summaryUnauthorized, []string{"licence has expired"}, 1},
		"07 key of the other region":         {keyEU, nil, summaryUnauthorized, []string{`service region than "us"`, `"service_region"`}, 1},
		"08 where the token came from":       {keyRevoked, nil, summaryUnauthorized, []string{"(from PAGERDUTY_TOKEN)"}, 1},
		"09 newline":                         {keyAda + "\n", nil, summaryMalformed, []string{"line break", "position 21", "Nothing was sent"}, 0},
		"10 spaces":                          {" " + keyAda, nil, summaryMalformed, []string{"white space at position 1"}, 0},
		"10 quotes":                          {`"` + keyAda + `"`, nil, summaryMalformed, []string{"quotation mark at position 1"}, 0},
		"10 missing characters":              {keyAda[:17], nil, summaryUnauthorized, []string{"shorter than the 20 characters"}, 1},
		"12 role too low":                    {keyObserver, fault(pdfake.AnswerJSON(403, `{"error":{"message":"Access Denied","code":2010}}`)), summaryForbidden, []string{"token is good", "role"}, 1},
		"13 scope missing":                   {keyAda, fault(pdfake.AnswerJSON(403, `{"error":{"message":"x","required_scopes":"users.read","token_scopes":"abilities.read"}}`)), summaryForbidden, []string{"Required scopes: users.read", "Token's scopes: abilities.read"}, 1},
		"14 account expired":                 {keyExpired, nil, summaryPayment, []string{"expired"}, 1},
		"14 ability missing":                 {keyAda, fault(pdfake.AnswerJSON(402, `{"error":{"message":"x","code":2014}}`)), summaryPayment, []string{"lacks the ability"}, 1},
		"15 rate limit":                      {keyAda, fault(pdfake.RateLimited(50)), summaryRateLimited, []string{"Wait 50s", "not judged"}, 1},
		"16 refused":                         {keyAda, nil, summaryUnreachable, []string{"refused", "not judged", "firewall", "HTTPS_PROXY"}, 0},
		"17 intercepted TLS":                 {keyAda, []pdfake.Option{pdfake.WithCertificate(pdfake.CertUnknownAuthority)}, summaryTLS, []string{"x509", `"ca_cert_file"`, "intercepts TLS"}, 0},
		"22 nothing set":                     {"", nil, summaryNoToken, []string{`"token"`, "PAGERDUTY_TOKEN"}, 0},
		"not listed: unexpanded variable":    {"${PAGERDUTY_TOKEN}", nil, summaryMalformed, []string{"did not replace the variable"}, 0},
		"not listed: base64 of a Secret":     {"dStBYkNkRWZHaElqS2xNbk9wMTI=", nil, summaryUnauthorized, []string{"base64"}, 1},
		"not listed: another service's":      {"ghp_0123456789abcdefghijABCDEFGHIJ012345", nil, summaryUnauthorized, []string{"another service"}, 1},
		"not listed: zero-width space":       {keyAda + "\u200b", nil, summaryMalformed, []string{"outside ASCII at position 21"}, 0},
		"not listed: masked by a CI system":  {"********************", nil, summaryMalformed, []string{"masks secrets"}, 0},
		"not listed: path of a secret store": {"op://vault/pagerduty/token", nil, summaryMalformed, []string{"where the key is stored"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := world(t, c.options...)
			address := s.URL()
			if strings.HasSuffix(name, "refused") {
				address = "https://127.0.0.1:1"
			}
			b := newBench(t, blockAt(address, s.CAPEM(), "")+"data \"pagerdutyauth_credential\" \"this\" {}\n")
			b.setenv("PAGERDUTY_TOKEN", c.token)
			o := b.plan()
			if !o.failed {
				t.Fatal("Terraform did not fail")
			}
			d := o.one(t)
			if d.Severity != "error" || d.Summary != c.summary {
				t.Errorf("%s %q, want an error %q", d.Severity, d.Summary, c.summary)
			}
			for _, needed := range c.needed {
				if !strings.Contains(flat(d.Detail), needed) {
					t.Errorf("the detail lacks %q:\n%s", needed, d.Detail)
				}
			}
			if n := len(s.Requests()); n != c.requests {
				t.Errorf("%d requests, want %d", n, c.requests)
			}
			if strings.Contains(o.output, keyAda[2:]) || len(c.token) > 8 && strings.Contains(o.output, c.token) {
				t.Error("the output holds the token")
			}
		})
	}
}

// 04 and 21 of shared/failure-causes.md are TestAccCredentialDataSource_accountKey
// and TestAccSecrecy, 11 is TestAccProvider_unknownToken.

// 16, the name that does not exist: ".invalid" is reserved for that (RFC 2606).
func TestAccCauses_unknownHost(t *testing.T) {
	t.Parallel()
	b := newBench(t, "provider \"pagerdutyauth\" {\n  api_url_override = \"https://api.pagerduty.invalid\"\n  timeout = \"5s\"\n}\ndata \"pagerdutyauth_credential\" \"this\" {}\n")
	b.setenv("PAGERDUTY_TOKEN", keyAda)
	d := b.plan().one(t)
	if !strings.Contains(d.Detail, "not judged") || !strings.Contains(d.Detail, "api.pagerduty.invalid") {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
	if d.Summary != summaryUnreachable && d.Summary != summaryTimedOut {
		t.Errorf("summary %q", d.Summary)
	}
}

// An argument that hides another token in the environment is named.
func TestAccCauses_overriddenVariable(t *testing.T) {
	t.Parallel()
	s := world(t)
	b := newBench(t, block(s, tokenArgument(keyRevoked))+"data \"pagerdutyauth_credential\" \"this\" {}\n")
	b.setenv("PAGERDUTY_TOKEN", keyAda)
	if d := b.plan().one(t); !strings.Contains(d.Detail, "PAGERDUTY_TOKEN has another value") {
		t.Error(d.Detail)
	}
}

// An interrupt ends a check that waits for an answer.
func TestAccCancel(t *testing.T) {
	t.Parallel()
	// Terraform 1.0 runs itself as a child process, which an interrupt from a
	// terminal reaches, and one that is sent to the parent does not.
	newBench(t, "").needs(1, 1, 1, 6)
	s := world(t, pdfake.WithFaults(pdfake.Fault{Behaviour: pdfake.NeverAnswer()}))
	b := newBench(t, block(s, tokenArgument(keyAda)+"  timeout = \"5m\"\n")+"data \"pagerdutyauth_credential\" \"this\" {}\n")
	cmd := exec.Command(b.terraform, "plan", "-no-color", "-input=false")
	cmd.Dir, cmd.Env = b.dir, b.env
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(60 * time.Second)
	for len(s.Requests()) == 0 {
		if time.Now().After(deadline) {
			t.Fatal("no request came")
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Skip("this system cannot interrupt a process: " + err.Error())
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-ended:
	case <-time.After(60 * time.Second):
		_ = cmd.Process.Kill()
		t.Error("Terraform did not end")
	}
}
