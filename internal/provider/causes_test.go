package provider

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// What people met, from public issues of PagerDuty's provider, clients and tools, and
// what has to be said. The causes are numbered: 04 is
// TestAccCredentialDataSource_accountToken, 11 TestAccProvider_unknownToken, 18
// TestOAuth_18_revokedAccessToken, 21 TestAccSecrecy.
func TestCauses(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string) []pdfake.Option { return faultAt("", pdfake.AnswerJSON(status, body)) }
	const (
		denied = `{"error":{"message":"Access Denied","code":2010}}`
		scopes = `{"error":{"message":"x","required_scopes":"users.read","token_scopes":"abilities.read"}}`
	)
	for name, c := range map[string]struct {
		token    string
		options  []pdfake.Option
		provider arguments
		summary  string
		needed   []string
		requests int
	}{
		"01 pasted with its prefix": {
			token: "Token token=" + tokenAda, summary: summaryMalformed, needed: []string{"prefix"},
		},
		"02 OAuth access token": {
			token: flowToken, summary: summaryUnauthorized, needed: []string{"OAuth access token"}, requests: 1,
		},
		"03 Events key": {
			token: "0123456789abcdef0123456789abcdef", summary: summaryUnauthorized,
			needed: []string{"Events", "Integrations > API Access Keys"}, requests: 1,
		},
		"05 deactivated owner": {
			token: tokenGone, summary: summaryUnauthorized, needed: []string{"revoked", "deactivated"},
			requests: 1,
		},
		"06 license expired": {
			token: tokenUnlicensed, summary: summaryUnauthorized, needed: []string{"license"}, requests: 1,
		},
		"08 where the token comes from": {
			token:    tokenRevoked,
			summary:  summaryUnauthorized,
			needed:   []string{"****0004", "provider configuration"},
			requests: 1,
		},
		"09 newline": {
			token: tokenAda + "\n", summary: summaryMalformed,
			needed: []string{"ends with a line break (character 21 of 21)", "Nothing was sent"},
		},
		"10 spaces": {token: " " + tokenAda, summary: summaryMalformed, needed: []string{"whitespace"}},
		"10 quotes": {
			token: `"` + tokenAda + `"`, summary: summaryMalformed, needed: []string{"quotation mark"},
		},
		"10 missing characters": {
			token: tokenAda[:17], summary: summaryUnauthorized, needed: []string{"20 characters"}, requests: 1,
		},
		"12 role too low": {
			token: tokenObserver, options: answer(403, denied), summary: summaryForbidden, needed: []string{"role"}, requests: 1,
		},
		"13 scope missing": {
			token: tokenAda, options: answer(403, scopes), summary: summaryForbidden,
			needed: []string{"users.read", "abilities.read"}, requests: 1,
		},
		"14 account expired": {token: tokenExpired, summary: summaryPayment, needed: []string{"expired"}, requests: 1},
		"14 ability missing": {
			token: tokenAda, options: answer(402, `{"error":{"message":"x","code":2014}}`), summary: summaryPayment,
			needed: []string{"2014"}, requests: 1,
		},
		"15 rate limit": {
			token: tokenAda, options: faultAt("", pdfake.RateLimited(50)), summary: summaryRateLimited,
			needed: []string{"50s"}, requests: 1,
		},
		"16 refused": {
			token: tokenAda, provider: arguments{"api_url_override": word("https://127.0.0.1:1")}, summary: summaryUnreachable,
			needed: []string{"refused", "firewall"},
		},
		"17 intercepted TLS": {
			token: tokenAda, options: []pdfake.Option{pdfake.WithCertificate(pdfake.CertUnknownAuthority)}, summary: summaryTLS,
			needed: []string{`"ca_cert_file"`, "intercepts TLS"},
		},
		"22 nothing set": {summary: summaryNoToken, needed: []string{`"token"`, "PAGERDUTY_TOKEN"}},
		"not listed: unexpanded variable": {
			token: "${PAGERDUTY_TOKEN}", summary: summaryMalformed, needed: []string{"variable"},
		},
		"not listed: base64 of a Secret": {
			token: "dStBYkNkRWZHaElqS2xNbk9wMTI=", summary: summaryUnauthorized, needed: []string{"ase64"}, requests: 1,
		},
		"not listed: another service's": {
			token: "ghp_0123456789abcdefghijABCDEFGHIJ012345", summary: summaryUnauthorized,
			needed: []string{"another service"}, requests: 1,
		},
		"not listed: zero-width space": {
			token: tokenAda + "\u200b", summary: summaryMalformed, needed: []string{"ASCII"},
		},
		"not listed: masked by a CI system": {
			token: "********************", summary: summaryMalformed, needed: []string{"mask"},
		},
		"not listed: path of a secret store": {
			token: "op://vault/pagerduty/token", summary: summaryMalformed, needed: []string{"store"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startEmulator(t, c.options...)
			a := run(t, dataSurface, at(s, with(withToken(c.token), c.provider)), nil)
			detail := a.fails(t, c.summary, "")
			for _, needed := range c.needed {
				if !strings.Contains(detail, needed) {
					t.Errorf("the detail lacks %q:\n%s", needed, detail)
				}
			}
			if n := len(s.Requests()); n != c.requests {
				t.Errorf("%d requests, want %d", n, c.requests)
			}
			if strings.Contains(detail, tokenAda[2:]) || len(c.token) > 8 && strings.Contains(detail, c.token) {
				t.Error("the detail holds the token")
			}
		})
	}
}

// 16, the name that does not exist: ".invalid" is reserved for that (RFC 2606).
func TestCauses_unknownHost(t *testing.T) {
	t.Parallel()
	provider := arguments{
		"token": word(tokenAda), "api_url_override": word("https://api.pagerduty.invalid"), "timeout": word("5s"),
	}
	a := run(t, dataSurface, provider, nil)
	if len(a.errors()) != 1 {
		t.Fatal(describe(a.diagnostics))
	}
	d := a.errors()[0]
	named := strings.Contains(d.Detail, "api.pagerduty.invalid")
	if !named || d.Summary != summaryUnreachable && d.Summary != summaryTimedOut {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
}

// An argument that hides another token in the environment is named.
func TestAccCauses_overriddenVariable(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := newProject(t, block(s, tokenArgument(tokenRevoked))+dataBlock)
	tf.setenv("PAGERDUTY_TOKEN", tokenAda)
	d := tf.plan().one(t)
	if d.Summary != summaryUnauthorized || !strings.Contains(flat(d.Detail), "Another value is set in PAGERDUTY_TOKEN") {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
}

// 07: a token of the other service region.
func TestAccCauses_07_otherRegion(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	p := pdfake.StartProxy(t, pdfake.ProxyRoute("api.pagerduty.com:443", s.Addr("us")))
	tf := newProject(t, fmt.Sprintf("provider \"pagerdutyauth\" {\n  ca_cert_pem = %q\n}\n", s.CAPEM())+dataBlock)
	tf.setenv("HTTPS_PROXY", p.URL())
	d := tf.with(tokenEU).plan().one(t)
	if d.Summary != summaryUnauthorized {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
	for _, part := range []string{"service region", `"us"`, `"service_region"`, "PAGERDUTY_SERVICE_REGION"} {
		if !strings.Contains(flat(d.Detail), part) {
			t.Errorf("the detail lacks %q:\n%s", part, d.Detail)
		}
	}
}

// 22, in Terraform.
func TestAccCauses_nothingSet(t *testing.T) {
	t.Parallel()
	d := newProject(t, "provider \"pagerdutyauth\" {}\n"+dataBlock).plan().one(t)
	if d.Severity != "error" || d.Summary != summaryNoToken || d.Address != dataSource {
		t.Errorf("%s %s at %s: %s", d.Severity, d.Summary, d.Address, d.Detail)
	}
}

// An interrupt ends a check that waits for an answer.
func TestAccCancel(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot interrupt a process")
	}
	// Terraform 1.0 runs itself as a child process, which an interrupt from a
	// terminal reaches, and one that is sent to the parent does not.
	newProject(t, "").needs(1, 1, 1, 6)
	s := startEmulator(t, faultAt("", pdfake.NeverAnswer())...)
	tf := newProject(t, block(s, tokenArgument(tokenAda)+"  timeout = \"5m\"\n")+dataBlock)
	cmd := exec.Command(tf.terraform, "plan", "-no-color", "-input=false")
	cmd.Dir, cmd.Env = tf.dir, tf.env
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
		t.Fatal(err)
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
