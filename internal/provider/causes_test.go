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

// Causes that people reported in public issues of PagerDuty's provider, clients and
// tools. The message of a check has to name them.
func TestCauses(t *testing.T) {
	t.Parallel()
	const (
		denied = `{"error":{"message":"Access Denied","code":2010}}`
		scopes = `{"error":{"message":"x","required_scopes":"users.read","token_scopes":"abilities.read"}}`
	)
	response := func(status int, body string) []pdfake.Option {
		return []pdfake.Option{faultAt("", pdfake.AnswerJSON(status, body))}
	}
	limited := []pdfake.Option{faultAt("", pdfake.RateLimited(50))}
	url := func(override string) given { return given{"api_url_override": str(override)} }
	type words []string // words of the message
	untrusted := []pdfake.Option{pdfake.WithCertificate(pdfake.CertUnknownAuthority)}
	for name, c := range map[string]struct {
		token, status string
		named         words
		options       []pdfake.Option
		provider      given
	}{
		"pasted with its prefix":  {"Token token=" + tokenAda, "malformed", words{"prefix"}, nil, nil},
		"line break at the end":   {tokenAda + "\n", "malformed", words{"line break", "character 21 of 21"}, nil, nil},
		"whitespace":              {" " + tokenAda, "malformed", words{"whitespace"}, nil, nil},
		"quotes":                  {`"` + tokenAda + `"`, "malformed", words{"quotation mark"}, nil, nil},
		"unexpanded variable":     {"${PAGERDUTY_TOKEN}", "malformed", words{"variable"}, nil, nil},
		"null of a shell or jq":   {"null", "malformed", words{"jq"}, nil, nil},
		"zero-width space":        {tokenAda + "\u200b", "malformed", words{"invisible"}, nil, nil},
		"masked by a CI system":   {"********************", "malformed", words{"masked"}, nil, nil},
		"path of a secret store":  {"op://vault/pagerduty/token", "malformed", words{"reference"}, nil, nil},
		"OAuth access token":      {userOAuthToken, "unauthorized", words{"OAuth access token"}, nil, nil},
		"Events API key":          {"0123456789abcdef0123456789abcdef", "unauthorized", words{"Events"}, nil, nil},
		"missing characters":      {tokenAda[:17], "unauthorized", words{"20 characters"}, nil, nil},
		"base64 of a Secret":      {"dStBYkNkRWZHaElqS2xNbk9wMTI=", "unauthorized", words{"base64"}, nil, nil},
		"other service's token":   {"ghp_0123456789abcdefghijABCDEFGHIJ012345", "unauthorized", words{"different"}, nil, nil},
		"deactivated user":        {tokenGone, "unauthorized", words{"revoked", "deactivated"}, nil, nil},
		"account expired, 401":    {tokenUnlicensed, "unauthorized", words{"expired"}, nil, nil},
		"account expired, 402":    {tokenExpired, "payment_required", words{"expired", "Account Owner"}, nil, nil},
		"where it comes from":     {tokenRevoked, "unauthorized", words{"****0004", "provider configuration"}, nil, nil},
		"API of a different host": {tokenRevoked, "unauthorized", words{`"api_url_override"`}, nil, nil},
		"role too low":            {tokenObserver, "forbidden", words{"role"}, response(403, denied), nil},
		"scope missing":           {tokenAda, "forbidden", words{"users.read"}, response(403, scopes), nil},
		"rate limit":              {tokenAda, "rate_limited", words{"50s"}, limited, nil},
		"intercepted TLS":         {tokenAda, "unreachable", words{`"ca_cert_pem"`}, untrusted, nil},
		"nothing listens":         {tokenAda, "unreachable", words{"refused"}, nil, url("https://127.0.0.1:1")},
		// ".invalid" never exists (RFC 2606).
		"unknown host name": {tokenAda, "unreachable", words{"a.invalid"}, nil, url("https://a.invalid")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startEmulator(t, c.options...)
			r := run(t, dataSourceCheck, at(s, withToken(c.token).with(c.provider)), nil)
			detail := flat(r.ends(t, c.status, ""))
			for _, named := range c.named {
				if !strings.Contains(detail, named) {
					t.Errorf("the message does not name %q:%s", named, r)
				}
			}
			if n := len(s.Requests()); c.status == "malformed" && n > 0 {
				t.Errorf("%d requests", n)
			}
			if strings.Contains(detail, tokenAda[2:]) || len(c.token) > 8 && strings.Contains(detail, c.token) {
				t.Error("the message contains the token")
			}
		})
	}
}

// The message names a variable that the provider block overrides.
func TestAccCauses_overriddenVariable(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	o := newProject(t, block(s, tokenArgument(tokenRevoked))+dataBlock).with(tokenAda).plan()
	o.ended(t, "unauthorized")
	if d := o.one(t); !strings.Contains(flat(d.Detail), "overrides a different value in PAGERDUTY_TOKEN") {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
}

// Without an override, requests go to the host of the service region. A token of the
// other region is rejected, and the message names the argument.
func TestAccCauses_serviceRegion(t *testing.T) {
	t.Parallel()
	for region, host := range map[string]string{"us": "api.pagerduty.com:443", "eu": "api.eu.pagerduty.com:443"} {
		t.Run(region, func(t *testing.T) {
			t.Parallel()
			s := startEmulator(t)
			p := pdfake.StartProxy(t, pdfake.ProxyRoute(host, s.Addr(region)))
			tf := newProject(t, fmt.Sprintf("provider \"pagerdutyauth\" {\n  ca_cert_pem = %q\n}\n", s.CAPEM())+dataBlock)
			tf.setenv("HTTPS_PROXY", p.URL())
			tf.setenv("PAGERDUTY_SERVICE_REGION", region)
			right, wrong := tokenAccount, tokenEU
			if region == "eu" {
				right, wrong = wrong, right
			}
			tf.with(right).plan().passed(t)
			o := tf.with(wrong).plan()
			o.ended(t, "unauthorized")
			if detail := flat(o.one(t).Detail); !strings.Contains(detail, "is not in the service region \""+region) {
				t.Errorf("the message does not name the region: %s", detail)
			}
		})
	}
}

// An interrupt ends a check that waits for a response.
func TestAccCancel(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot interrupt a process")
	}
	s := startEmulator(t, faultAt("", pdfake.NeverAnswer()))
	tf := newProject(t, block(s, tokenArgument(tokenAda)+"  timeout = \"5m\"\n")+dataBlock)
	tf.needs(1, 1, 1, 6) // Terraform 1.0 does not pass the interrupt to its child process
	cmd := exec.Command(tf.terraform, "plan", "-no-color", "-input=false")
	cmd.Dir, cmd.Env = tf.dir, tf.env
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(60 * time.Second); len(s.Requests()) == 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("no request came")
		}
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
