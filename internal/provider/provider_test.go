package provider

import (
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// Invalid arguments of the provider block are errors while validating, on the
// argument, without a request.
func TestProvider_invalidArguments(t *testing.T) {
	t.Parallel()
	retries := func(n float64) tftypes.Value { return tftypes.NewValue(tftypes.Number, n) }
	empty := word("")
	for name, c := range map[string]struct {
		provider      arguments
		summary, part string
		argument      string
		unplaced      bool // on no argument: Terraform would show a line that holds a secret
	}{
		"region": {
			provider: arguments{"service_region": word("zz")}, summary: summaryRegion, part: `"us" and "eu"`,
		},
		"region with whitespace": {
			provider: arguments{"service_region": word(" us")}, summary: summaryRegion, part: "whitespace or an invisible",
		},
		"http": {
			provider: arguments{"api_url_override": word("http://a.example")}, summary: summaryURL,
			part: "https",
		},
		"no scheme": {
			provider: arguments{"api_url_override": word("a.example")}, summary: summaryURL, part: "https://",
		},
		"other scheme": {
			provider: arguments{"api_url_override": word("ftp://a.example")}, summary: summaryURL,
			part: "https://",
		},
		"no host": {
			provider: arguments{"api_url_override": word("https:///users")}, summary: summaryURL,
			part: "no host",
		},
		"user": {
			provider: arguments{"api_url_override": word("https://me:" + marker + "@a.example")},
			summary:  summaryURL, part: "user name or password", unplaced: true,
		},
		"token as host": {
			provider: arguments{"token": word(marker), "api_url_override": word("https://" + marker + ".example")},
			summary:  summaryURL, part: "a configured credential", unplaced: true,
		},
		"client secret in the query": {
			provider: arguments{
				appBlock:                appBlockValue(word(appID), word(markerSecret), word("acme")),
				"identity_url_override": word("https://a.example/?" + markerSecret),
			},
			summary: summaryURL, part: "a configured credential", unplaced: true,
		},
		"whitespace": {
			provider: arguments{"api_url_override": word("https://a.example\n")}, summary: summaryURL, part: "whitespace",
		},
		"query": {
			provider: arguments{"api_url_override": word("https://a.example?x=1")}, summary: summaryURL,
			part: "query",
		},
		"identity host in HTTP": {
			provider: arguments{"identity_url_override": word("http://a.example")}, summary: summaryURL, part: "https",
		},
		"no CA file": {
			provider: arguments{"ca_cert_file": word("/nowhere/ca.pem")}, summary: summaryCA,
			part: "no such file",
		},
		"CA text not PEM": {provider: arguments{"ca_cert_pem": word("hello")}, summary: summaryCA, part: "PEM"},
		"both CA": {
			provider: arguments{"ca_cert_pem": word("x"), "ca_cert_file": word("y")}, summary: summaryCA,
			part: "both",
		},
		"timeout":          {provider: arguments{"timeout": word("15")}, summary: summaryTimeout, part: `"15s"`},
		"timeout zero":     {provider: arguments{"timeout": word("0s")}, summary: summaryTimeout, part: `"15s"`},
		"timeout too long": {provider: arguments{"timeout": word("2h")}, summary: summaryTimeout, part: "one hour"},
		"retries too many": {provider: arguments{"max_retries": retries(11)}, summary: summaryRetries, part: "0 to 10"},
		"retries too few":  {provider: arguments{"max_retries": retries(-1)}, summary: summaryRetries, part: "0 to 10"},
		"retries in part":  {provider: arguments{"max_retries": retries(1.5)}, summary: summaryRetries, part: "whole number"},
		"retries endless":  {provider: arguments{"max_retries": retries(1e300)}, summary: summaryRetries, part: "0 to 10"},
		"subdomain as URL": {
			provider: arguments{appBlock: appBlockValue(word("a"), word("b"), word("https://acme.pagerduty.com"))},
			summary:  summarySubdomain, part: `"acme", not`, argument: appBlock,
		},
		"empty is unset": {provider: arguments{
			"service_region": empty, "api_url_override": empty, "ca_cert_file": empty, "ca_cert_pem": empty, "timeout": empty,
			"identity_url_override": empty, "token": empty, "user_token": empty,
		}},
		"unknown is decided later": {provider: arguments{
			"service_region": unknown(tftypes.String), "api_url_override": unknown(tftypes.String),
			"ca_cert_file": unknown(tftypes.String), "timeout": unknown(tftypes.String), "max_retries": unknown(tftypes.Number),
			"require_account_guard": unknown(tftypes.Bool),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := answer{diagnostics: newProtocol(t).configure(c.provider)}
			if c.summary == "" {
				a.passes(t)
				return
			}
			if len(a.diagnostics) == 0 {
				t.Fatal("it is accepted")
			}
			argument := rootOf(a.diagnostics[0])
			_, known := c.provider[argument]
			detail := a.fails(t, c.summary, argument)
			named := c.argument != "" || c.unplaced || strings.Contains(detail, `"`+argument+`"`)
			if known == c.unplaced || !named || !strings.Contains(detail, c.part) {
				t.Errorf("on %q, want the argument and %q:\n%s", argument, c.part, detail)
			}
			searchLeaks(t, "the message", detail)
		})
	}
}

// Environment values are validated only when used, and not while validating.
func TestAccProvider_regionFromEnvironment(t *testing.T) {
	t.Parallel()
	tf := newProject(t, "provider \"pagerdutyauth\" {}\n"+dataBlock)
	tf.setenv("PAGERDUTY_SERVICE_REGION", "zz")
	tf.setenv("PAGERDUTY_TOKEN", tokenAda)
	tf.terraformRun("validate", "-no-color").passed(t)
	d := tf.plan().one(t)
	if d.Summary != summaryRegion || !strings.Contains(d.Detail, "PAGERDUTY_SERVICE_REGION") {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
}

// 11: a token that is known only after apply is not replaced by the environment's.
func TestAccProvider_unknownToken(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := newProject(t, "resource \"terraform_data\" \"token\" {\n  input = \""+tokenAda+"\"\n}\n"+
		block(s, "  token = terraform_data.token.output")+dataBlock)
	tf.needs(1, 4, 1, 6) // terraform_data
	tf.setenv("PAGERDUTY_TOKEN", tokenAccount)
	o := tf.plan()
	if d := o.one(t); d.Summary != summaryUnknownToken || !strings.Contains(d.Detail, "no other credential was used") {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestAccProvider_noToken(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := newProject(t, block(s, "  token = \"\"")+dataBlock)
	tf.setenv("PAGERDUTY_TOKEN", "")
	tf.setenv("PD_TOKEN", "x")
	d := tf.plan().one(t)
	if d.Summary != summaryNoToken {
		t.Fatalf("%s: %s", d.Summary, d.Detail)
	}
	for _, want := range []string{`"token"`, "PAGERDUTY_TOKEN", "Set, but not read by this provider: PD_TOKEN"} {
		if !strings.Contains(flat(d.Detail), want) {
			t.Errorf("the detail lacks %s: %s", want, d.Detail)
		}
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// Certificates of which some cannot be read work, with one warning in a whole plan.
func TestAccProvider_partlyReadableCertificates(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	broken := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("no certificate")}))
	tf := newProject(t, blockAt(s.URL(), broken+s.CAPEM(), tokenArgument(tokenAda))+dataBlock)
	o := tf.plan()
	o.passed(t)
	if d := o.one(t); d.Severity != "warning" || d.Summary != summaryCAPartly {
		t.Errorf("%s %s: %s", d.Severity, d.Summary, d.Detail)
	}
}

// Certificates that are named are trusted in addition to the system's.
func TestAccProvider_systemCertificates(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("SSL_CERT_FILE stands for the system's certificates on Linux")
	}
	other := anotherCA(t)
	unrelated := func(*pdfake.Server) string { return other }
	for name, c := range map[string]struct {
		system, named func(*pdfake.Server) string
		trusted       bool
	}{
		"named":   {system: unrelated, named: (*pdfake.Server).CAPEM, trusted: true},
		"system":  {system: (*pdfake.Server).CAPEM, named: unrelated, trusted: true},
		"neither": {system: unrelated, named: unrelated},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startEmulator(t, withApp("users.read"))
			tf := newProject(t, blockAt(s.URL(), c.named(s), goodApp(s)+tokenArgument(tokenAda))+
				"data \"pagerdutyauth_credential\" \"token\" {}\n"+fmt.Sprintf(appData, ""))
			tf.write("system.pem", c.system(s))
			tf.setenv("SSL_CERT_FILE", filepath.Join(tf.dir, "system.pem"))
			tf.setenv("SSL_CERT_DIR", t.TempDir())
			o := tf.plan()
			if !c.trusted {
				o.stopped(t, summaryTLS)
				return
			}
			o.passed(t)
			got := paths(s)
			slices.Sort(got)
			if want := []string{"GET /users/me", "GET /users?limit=1", "POST /oauth/token"}; !slices.Equal(got, want) {
				t.Errorf("requests %q, want %q", got, want)
			}
		})
	}
}

// anotherCA is a certificate, as PEM, that has signed nothing of the emulator's.
func anotherCA(t *testing.T) string {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Another CA"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(nil, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
