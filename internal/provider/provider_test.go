package provider

import (
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// Invalid arguments are errors at validate, on the argument, without a request.
func TestAccProvider_invalidArguments(t *testing.T) {
	t.Parallel()
	notPEM := filepath.Join(t.TempDir(), "ca.der")
	if err := os.WriteFile(notPEM, []byte("0\x82"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		arguments, summary, part string
	}{
		"region":            {`service_region = "zz"`, summaryRegion, `"us" and "eu"`},
		"http":              {`api_url_override = "http://api.pagerduty.com"`, summaryURL, "https only"},
		"no scheme":         {`api_url_override = "api.pagerduty.com"`, summaryURL, "https://"},
		"other scheme":      {`api_url_override = "ftp://api.pagerduty.com"`, summaryURL, "https://"},
		"no host":           {`api_url_override = "https:///users"`, summaryURL, "no host"},
		"userinfo":          {`api_url_override = "https://me:secret@api.pagerduty.com"`, summaryURL, "user name or password"},
		"query":             {`api_url_override = "https://api.pagerduty.com?x=1"`, summaryURL, "query"},
		"missing CA file":   {`ca_cert_file = "/nowhere/ca.pem"`, summaryCA, "no such file"},
		"CA file not PEM":   {`ca_cert_file = "` + filepath.ToSlash(notPEM) + `"`, summaryCA, "PEM"},
		"CA text not PEM":   {`ca_cert_pem = "hello"`, summaryCA, "PEM"},
		"both CA":           {"ca_cert_pem = \"x\"\nca_cert_file = \"y\"", summaryCA, "both"},
		"timeout":           {`timeout = "15"`, summaryTimeout, `"15s"`},
		"timeout zero":      {`timeout = "0s"`, summaryTimeout, `"15s"`},
		"timeout too long":  {`timeout = "2h"`, summaryTimeout, "one hour"},
		"retries too many":  {`max_retries = 11`, summaryRetries, "0 to 10"},
		"retries too few":   {`max_retries = -1`, summaryRetries, "0 to 10"},
		"empty is no value": {"service_region = \"\"\napi_url_override = \"\"\nca_cert_file = \"\"\nca_cert_pem = \"\"\ntimeout = \"\"", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, "provider \"pagerdutyauth\" {\n"+c.arguments+"\n}\ndata \"pagerdutyauth_credential\" \"this\" {}\n")
			o := b.terraformRun("validate", "-no-color")
			if c.summary == "" {
				if o.failed {
					t.Fatal(o.output)
				}
				return
			}
			argument, _, _ := strings.Cut(c.arguments, " ")
			for _, want := range []string{"Error: " + c.summary, c.part, argument} {
				if !strings.Contains(flat(strings.ReplaceAll(o.output, "│", "")), want) {
					t.Errorf("the output lacks %q:\n%s", want, o.output)
				}
			}
			if strings.Contains(o.output, "secret@") && name != "userinfo" {
				t.Error("the output holds a password")
			}
		})
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		configured       types.String
		env              string
		fallback         string
		want, wantSource string
		unknown          bool
		overridden       string
	}{
		"nothing":              {types.StringNull(), "", "", "", "", false, ""},
		"default":              {types.StringNull(), "", "us", "us", "default", false, ""},
		"environment":          {types.StringNull(), "eu", "us", "eu", "VAR", false, ""},
		"argument":             {types.StringValue("eu"), "", "us", "eu", sourceConfiguration, false, ""},
		"both":                 {types.StringValue("eu"), "us", "us", "eu", sourceConfiguration, false, "VAR"},
		"both, the same":       {types.StringValue("eu"), "eu", "us", "eu", sourceConfiguration, false, ""},
		"empty argument":       {types.StringValue(""), "eu", "us", "eu", "VAR", false, ""},
		"empty both":           {types.StringValue(""), "", "us", "us", "default", false, ""},
		"unknown":              {types.StringUnknown(), "", "us", "", sourceConfiguration, true, ""},
		"unknown, environment": {types.StringUnknown(), "eu", "us", "", sourceConfiguration, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := resolve(c.configured, "VAR", c.fallback, func(string) string { return c.env })
			if got != (setting{c.want, c.wantSource, c.unknown, c.overridden}) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestAccProvider_regionFromEnvironment(t *testing.T) {
	t.Parallel()
	b := newBench(t, "provider \"pagerdutyauth\" {}\ndata \"pagerdutyauth_credential\" \"this\" {}\n")
	b.setenv("PAGERDUTY_SERVICE_REGION", "zz")
	b.setenv("PAGERDUTY_TOKEN", keyAda)
	d := b.plan().one(t)
	if d.Summary != summaryRegion || !strings.Contains(d.Detail, "PAGERDUTY_SERVICE_REGION") {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
}

// A token that is known only at apply is not replaced by the environment's.
func TestAccProvider_unknownToken(t *testing.T) {
	t.Parallel()
	s := world(t)
	b := newBench(t, "resource \"terraform_data\" \"token\" {\n  input = \""+keyAda+"\"\n}\n"+
		block(s, "  token = terraform_data.token.output")+"data \"pagerdutyauth_credential\" \"this\" {}\n")
	b.needs(1, 4, 1, 6) // terraform_data
	b.setenv("PAGERDUTY_TOKEN", keyAccount)
	o := b.plan()
	if d := o.one(t); d.Summary != summaryUnknownToken || !strings.Contains(d.Detail, "no other token was used") {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestAccProvider_noToken(t *testing.T) {
	t.Parallel()
	s := world(t)
	b := newBench(t, block(s, "  token = \"\"")+"data \"pagerdutyauth_credential\" \"this\" {}\n")
	b.setenv("PAGERDUTY_TOKEN", "")
	b.setenv("PD_TOKEN", "x")
	d := b.plan().one(t)
	if d.Summary != summaryNoToken {
		t.Fatalf("%s: %s", d.Summary, d.Detail)
	}
	for _, want := range []string{`"token"`, "PAGERDUTY_TOKEN", "PD_TOKEN is set"} {
		if !strings.Contains(d.Detail, want) {
			t.Errorf("the detail lacks %s: %s", want, d.Detail)
		}
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// Certificates that are named are trusted beside the system's, which are read
// only when the named ones do not do.
func TestAccProvider_systemCertificates(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("SSL_CERT_FILE stands for the system's certificates on Linux")
	}
	other := anotherCA(t)
	for name, c := range map[string]struct {
		system, named func(*pdfake.Server) string
		good          bool
	}{
		"named":   {func(*pdfake.Server) string { return other }, (*pdfake.Server).CAPEM, true},
		"system":  {(*pdfake.Server).CAPEM, func(*pdfake.Server) string { return other }, true},
		"neither": {func(*pdfake.Server) string { return other }, func(*pdfake.Server) string { return other }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := world(t, withApp("users.read"))
			b := newBench(t, blockAt(s.URL(), c.named(s), goodApp(s)+tokenArgument(keyAda))+"data \"pagerdutyauth_credential\" \"token\" {}\n"+fmt.Sprintf(appData, ""))
			b.write("system.pem", c.system(s))
			b.setenv("SSL_CERT_FILE", filepath.Join(b.dir, "system.pem"))
			b.setenv("SSL_CERT_DIR", t.TempDir())
			o := b.plan()
			if !c.good {
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
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(nil, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
