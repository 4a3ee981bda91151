package provider

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/explain"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// An HTTPS_PROXY that cannot be read is not ignored: the request would leave without the
// proxy that was meant.
func TestProxyFromEnvironment(t *testing.T) {
	asked := &url.URL{Scheme: "https", Host: "api.pagerduty.com", Path: "/users/me"}
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
		proxy, err := proxyFromEnvironment()(asked)
		got := ""
		switch {
		case errors.Is(err, pagerduty.ErrProxyURL):
			got = "error"
		case err != nil:
			got = "another error"
		case proxy != nil:
			got = proxy.Host
		}
		if got != want {
			t.Errorf("HTTPS_PROXY=%q: %q, want %q", value, got, want)
		}
		t.Setenv("NO_PROXY", "pagerduty.com")
		if proxy, err := proxyFromEnvironment()(asked); proxy != nil || err != nil {
			t.Errorf("HTTPS_PROXY=%q, NO_PROXY: %v, %v", value, proxy, err)
		}
	}
}

// It is said once, at once, and without the password.
func TestUnreadableProxy(t *testing.T) {
	const password = "qW3#rTy/uIo"
	t.Setenv("HTTPS_PROXY", "http://user:"+password+"@proxy.example:3128")
	t.Setenv("NO_PROXY", "")
	detail := run(t, dataSurface, arguments{"token": word(tokenAda)}, nil).fails(t, explain.SummaryProxyUnreachable, "")
	if !strings.Contains(detail, "HTTPS_PROXY cannot be read") || strings.Contains(detail, "attempts") {
		t.Error(detail)
	}
	noPart(t, "the proxy's password", password, detail)
}
