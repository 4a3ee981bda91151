package provider

import (
	"errors"
	"net/url"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// An invalid HTTPS_PROXY is an error. Without it, requests would be sent without the
// proxy.
func TestProxyFromEnvironment(t *testing.T) {
	target := &url.URL{Scheme: "https", Host: "api.pagerduty.com", Path: "/users/me"}
	for value, want := range map[string]string{
		"":                                "",
		"http://proxy.example:3128":       "proxy.example:3128",
		"proxy.example:3128":              "proxy.example:3128",
		"proxy.example":                   "proxy.example",
		"user:word@proxy.example:3128":    "proxy.example:3128",
		"https://user:p%23@proxy.example": "proxy.example",
		"HTTP://proxy.example/":           "proxy.example",
		"socks5://proxy.example:1080":     "proxy.example:1080",
		"http://user:p%zz@proxy.example":  "error",
		"http://user:p#x@proxy.example":   "error",
		"http://user:p/x@proxy.example":   "error",
		"http://user:12/x@proxy.example":  "error",
		"http://user:12?x@proxy.example":  "error",
		"http://user:a b@proxy.example":   "error",
		"http://proxy.example:http":       "error",
		"http://:3128":                    "error",
		"'http://proxy.example:3128'":     "error",
		"ftp://proxy.example":             "error",
	} {
		t.Setenv("HTTPS_PROXY", value)
		t.Setenv("NO_PROXY", "")
		proxy, err := proxyFromEnvironment()(target)
		got := ""
		switch {
		case errors.Is(err, pagerduty.ErrProxyURL):
			got = "error"
		case err != nil:
			got = err.Error()
		case proxy != nil:
			got = proxy.Host
		}
		if got != want {
			t.Errorf("HTTPS_PROXY=%q: %q, want %q", value, got, want)
		}
		t.Setenv("NO_PROXY", "pagerduty.com")
		if proxy, err := proxyFromEnvironment()(target); proxy != nil || err != nil {
			t.Errorf("HTTPS_PROXY=%q with NO_PROXY: %v, %v", value, proxy, err)
		}
	}
}

// The message about an invalid HTTPS_PROXY does not repeat it.
func TestInvalidProxy(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://user:"+marker+"#x@proxy.example:3128")
	t.Setenv("NO_PROXY", "")
	detail := run(t, dataSourceCheck, withToken(tokenAda), nil).ends(t, "unreachable", "")
	if !strings.Contains(detail, "HTTPS_PROXY") {
		t.Error(detail)
	}
	searchLeaks(t, "the message", detail)
}

// A proxy that refuses the connection is not a rejected token, and gets no token.
func TestAccProxy_refuses(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]pdfake.ProxyOption{
		"407": {pdfake.ProxyRefuse(407, "who are you")}, "403": {pdfake.ProxyRefuse(403, "blocked")}, "502": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := pdfake.StartProxy(t, options...)
			tf := newProject(t, "provider \"pagerdutyauth\" {\n"+tokenArgument(tokenAda)+"}\n"+dataBlock)
			tf.setenv("https_proxy", p.URL())
			o := tf.plan()
			o.ended(t, "unreachable")
			if detail := flat(o.one(t).Detail); !strings.Contains(detail, name) {
				t.Errorf("the message does not name %s: %s", name, detail)
			}
			for _, r := range p.Requests() {
				if r.Header.Get("Authorization") != "" {
					t.Error("the proxy got the token")
				}
			}
		})
	}
}

// The certificates of ca_cert_pem are trusted in addition to the system's.
func TestAccProvider_systemCertificates(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("SSL_CERT_FILE replaces the system's certificates on Linux only")
	}
	other := otherCA(t)
	unrelated := func(*pdfake.Server) string { return other }
	for name, c := range map[string]struct {
		system, argument func(*pdfake.Server) string
		trusted          bool
	}{
		"argument": {unrelated, (*pdfake.Server).CAPEM, true},
		"system":   {(*pdfake.Server).CAPEM, unrelated, true},
		"neither":  {unrelated, unrelated, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startEmulator(t, withApp("users.read"))
			arguments := goodApp(s) + tokenArgument(tokenAda)
			tf := newProject(t, tfrun.ProviderBlock(s.URL(), c.argument(s), arguments)+dataBlock+appData)
			tf.write("system.pem", c.system(s))
			tf.setenv("SSL_CERT_FILE", filepath.Join(tf.dir, "system.pem"))
			tf.setenv("SSL_CERT_DIR", t.TempDir())
			o := tf.plan()
			if !c.trusted {
				o.ended(t, "unreachable")
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
