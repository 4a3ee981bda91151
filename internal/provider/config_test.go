package provider

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/explain"
)

func TestResolve(t *testing.T) {
	t.Parallel()
	const argument, variable = "service_region", "VAR"
	configured := origin{source: explain.FromConfiguration}
	for name, c := range map[string]struct {
		configured types.String
		env        string
		fallback   string
		want       setting
	}{
		"nothing": {configured: types.StringNull(), want: setting{}},
		"default": {
			configured: types.StringNull(), fallback: "us",
			want: setting{value: "us", origin: origin{source: sourceDefault}},
		},
		"environment": {
			configured: types.StringNull(), env: "eu", fallback: "us",
			want: setting{value: "eu", origin: origin{source: variable}},
		},
		"argument": {
			configured: types.StringValue("eu"), fallback: "us", want: setting{value: "eu", origin: configured},
		},
		"both": {
			configured: types.StringValue("eu"), env: "us", fallback: "us",
			want: setting{value: "eu", origin: origin{source: explain.FromConfiguration, overridden: variable}},
		},
		"both, the same": {
			configured: types.StringValue("eu"), env: "eu", want: setting{value: "eu", origin: configured},
		},
		"empty argument": {
			configured: types.StringValue(""), env: "eu", fallback: "us",
			want: setting{value: "eu", origin: origin{source: variable}},
		},
		"both empty": {
			configured: types.StringValue(""), fallback: "us",
			want: setting{value: "us", origin: origin{source: sourceDefault}},
		},
		"unknown": {
			configured: types.StringUnknown(), fallback: "us",
			want: setting{origin: origin{source: explain.FromConfiguration, unknown: true}},
		},
		"unknown, environment": {
			configured: types.StringUnknown(), env: "eu", fallback: "us",
			want: setting{origin: origin{source: explain.FromConfiguration, unknown: true}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.want.argument, c.want.variable = argument, variable
			d := decision{getenv: func(string) string { return c.env }}
			if got := d.resolve(argument, c.configured, variable, c.fallback); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

var appTypes = map[string]attr.Type{
	"pd_client_id": types.StringType, "pd_client_secret": types.StringType, "pd_subdomain": types.StringType,
}

func appObject(values map[string]types.String) types.Object {
	return types.ObjectValueMust(appTypes, map[string]attr.Value{
		"pd_client_id": values["pd_client_id"], "pd_client_secret": values["pd_client_secret"],
		"pd_subdomain": values["pd_subdomain"],
	})
}

// credentialSetting is one of the values that credentials consist of.
type credentialSetting struct {
	name, variable string
	set            func(*providerModel, types.String)
	get            func(settings) (string, origin)
}

func credentialSettings() []credentialSetting {
	inBlock := func(name string) func(*providerModel, types.String) {
		return func(m *providerModel, v types.String) { m.AppOAuth = appObject(map[string]types.String{name: v}) }
	}
	return []credentialSetting{
		{
			name: "token", variable: explain.EnvToken, set: func(m *providerModel, v types.String) { m.Token = v },
			get: func(s settings) (string, origin) { return s.token.value.Reveal(), s.token.origin },
		},
		{
			name: "user_token", variable: explain.EnvUserToken, set: func(m *providerModel, v types.String) { m.UserToken = v },
			get: func(s settings) (string, origin) { return s.userToken.value.Reveal(), s.userToken.origin },
		},
		{
			name: "pd_client_id", variable: explain.EnvClientID, set: inBlock("pd_client_id"),
			get: func(s settings) (string, origin) { return s.app.id.value, s.app.id.origin },
		},
		{
			name: "pd_client_secret", variable: explain.EnvClientSecret, set: inBlock("pd_client_secret"),
			get: func(s settings) (string, origin) { return s.app.secret.value.Reveal(), s.app.secret.origin },
		},
		{
			name: "pd_subdomain", variable: explain.EnvSubdomain, set: inBlock("pd_subdomain"),
			get: func(s settings) (string, origin) { return s.app.subdomain.value, s.app.subdomain.origin },
		},
	}
}

// Every value of a credential: configuration wins over the environment, an empty
// string is unset, and nothing stands in for an unknown one.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	for _, c := range credentialSettings() {
		configured := origin{source: explain.FromConfiguration}
		unknown := origin{source: explain.FromConfiguration, unknown: true}
		for what, p := range map[string]struct {
			argument types.String
			env      string
			value    string
			origin   origin
		}{
			"argument":    {argument: types.StringValue("one"), value: "one", origin: configured},
			"environment": {argument: types.StringNull(), env: "two", value: "two", origin: origin{source: c.variable}},
			"both": {
				argument: types.StringValue("one"), env: "two",
				value: "one", origin: origin{source: explain.FromConfiguration, overridden: c.variable},
			},
			"both, the same": {argument: types.StringValue("one"), env: "one", value: "one", origin: configured},
			"empty":          {argument: types.StringValue("")},
			"empty, environment": {
				argument: types.StringValue(""), env: "two", value: "two", origin: origin{source: c.variable},
			},
			"neither":              {argument: types.StringNull()},
			"unknown":              {argument: types.StringUnknown(), origin: unknown},
			"unknown, environment": {argument: types.StringUnknown(), env: "two", origin: unknown},
		} {
			t.Run(c.name+"/"+what, func(t *testing.T) {
				t.Parallel()
				m := providerModel{AppOAuth: types.ObjectNull(appTypes)}
				c.set(&m, p.argument)
				s, diags := decide(m, func(variable string) string {
					if variable == c.variable {
						return p.env
					}
					return ""
				})
				if diags.HasError() {
					t.Fatal(diags)
				}
				for _, each := range credentialSettings() {
					value, from := each.get(s)
					wantValue, wantOrigin := "", origin{}
					if each.name == c.name {
						wantValue, wantOrigin = p.value, p.origin
					}
					wantOrigin.argument, wantOrigin.variable = each.name, each.variable
					if value != wantValue || from != wantOrigin {
						t.Errorf("%s is %q from %+v, want %q from %+v", each.name, value, from, wantValue, wantOrigin)
					}
				}
			})
		}
	}
}

// Whoever prints settings prints no credential.
func TestSettings_printed(t *testing.T) {
	t.Parallel()
	m := providerModel{
		Token: types.StringValue(marker), UserToken: types.StringValue(marker),
		AppOAuth: appObject(map[string]types.String{"pd_client_secret": types.StringValue(markerSecret)}),
	}
	s, diags := decide(m, func(string) string { return "" })
	if diags.HasError() {
		t.Fatal(diags)
	}
	encoded, err := json.Marshal(struct{ Settings, Token any }{s, s.token.value})
	if err != nil {
		t.Fatal(err)
	}
	searchLeaks(t, "JSON", string(encoded))
	data := &providerData{settings: s}
	cred, _ := data.credential("token")
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		for _, value := range []any{s, &s, s.token, s.app, *data, cred} {
			searchLeaks(t, format, fmt.Sprintf(format, value))
		}
	}
	if s.token.value.Reveal() != marker {
		t.Error("the token is lost")
	}
}

// What of a PEM text is used, and what is said of the rest.
func TestCertificates(t *testing.T) {
	t.Parallel()
	one, two := anotherCA(t), anotherCA(t)
	broken := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("no certificate")}))
	notBase64 := "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n"
	key := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("a key")}))
	for name, c := range map[string]struct {
		text       string
		used       string
		summary    string
		unreadable int
	}{
		"one":                  {text: one, used: one},
		"two, text around":     {text: "# first\n" + one + "# second\n" + two, used: one + two},
		"a key among them":     {text: key + one, used: one},
		"a byte order mark":    {text: "\ufeff" + one + two, used: one + two},
		"indented":             {text: "  " + strings.ReplaceAll(one, "\n", "\n  "), summary: summaryCA},
		"one cannot be read":   {text: one + broken + two, used: one + two, unreadable: 1},
		"two cannot be read":   {text: notBase64 + one + broken, used: one, unreadable: 2},
		"none can be read":     {text: broken + notBase64, summary: summaryCA},
		"no certificate":       {text: "hello", summary: summaryCA},
		"only a key":           {text: key, summary: summaryCA},
		"nothing":              {text: ""},
		"cut in the last line": {text: one + two[:len(two)/2], used: one, unreadable: 1},
	} {
		for _, argument := range []string{"ca_cert_pem", "ca_cert_file"} {
			t.Run(name+"/"+argument, func(t *testing.T) {
				t.Parallel()
				m := providerModel{CACertPEM: types.StringValue(c.text)}
				if argument == "ca_cert_file" {
					file := filepath.Join(t.TempDir(), "ca.pem")
					if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
						t.Fatal(err)
					}
					m = providerModel{CACertFile: types.StringValue(file)}
				}
				var d decision
				d.decideCertificates(m)
				summary := c.summary
				if c.text == "" && argument == "ca_cert_file" {
					summary = summaryCA
				}
				if summary != "" {
					if len(d.diags) != 1 || d.diags[0].Summary() != summary || !d.diags.HasError() {
						t.Errorf("diagnostics %v", d.diags)
					}
					return
				}
				if d.diags.HasError() || string(d.extraCAs) != c.used {
					t.Errorf("diagnostics %v, %d bytes of certificates, want %d", d.diags, len(d.extraCAs), len(c.used))
				}
				switch warnings := d.diags.Warnings(); {
				case c.unreadable == 0 && len(warnings) > 0:
					t.Errorf("warnings %v", warnings)
				case c.unreadable > 0 && (len(warnings) != 1 || warnings[0].Summary() != summaryCAPartly ||
					!strings.Contains(warnings[0].Detail(), fmt.Sprintf("Cannot be read: %d", c.unreadable))):
					t.Errorf("warnings %v, want one that counts %d", warnings, c.unreadable)
				}
			})
		}
	}
}

// What is no regular file is never opened: reading a pipe would not end.
func TestCertificates_file(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	large := filepath.Join(dir, "large.pem")
	if err := os.WriteFile(large, bytes.Repeat([]byte("x"), maxCertificates+1), 0o600); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{
		dir: "not a regular file", large: "larger than 16 MiB", filepath.Join(dir, "none"): "no such file",
	}
	if runtime.GOOS == "linux" {
		files["/dev/zero"] = "not a regular file"
		pipe := filepath.Join(dir, "pipe")
		makePipe(t, pipe)
		files[pipe] = "not a regular file"
	}
	for file, part := range files {
		_, diags := decide(providerModel{CACertFile: types.StringValue(file)}, func(string) string { return "" })
		if len(diags) != 1 || diags[0].Summary() != summaryCA || !strings.Contains(diags[0].Detail(), part) {
			t.Errorf("%s: %v, want %q", file, diags, part)
		}
	}
}

// Variables that other tools read are named only where the token is missing.
func TestStrayVariables(t *testing.T) {
	t.Parallel()
	env := map[string]string{"PD_TOKEN": marker, "PD_API_KEY": marker}
	getenv := func(name string) string { return env[name] }
	s, _ := decide(providerModel{}, getenv)
	if want := []string{"PD_TOKEN", "PD_API_KEY"}; !slices.Equal(s.stray, want) {
		t.Errorf("got %q, want %q", s.stray, want)
	}
	s, _ = decide(providerModel{Token: types.StringUnknown()}, getenv)
	if len(s.stray) > 0 {
		t.Errorf("got %q for an unknown token", s.stray)
	}
}

// The user agent says Terraform or OpenTofu only where the other cannot be meant.
func TestUserAgent(t *testing.T) {
	t.Parallel()
	base := fmt.Sprintf("terraform-provider-pagerdutyauth/0.1.0 (%s/%s)", runtime.GOOS, runtime.GOARCH)
	for client, want := range map[string]string{
		"0.12.31":            " Terraform/0.12.31",
		"1.0.11":             " Terraform/1.0.11",
		"1.5.7":              " Terraform/1.5.7",
		"1.6.0":              " Terraform-compatible/1.6.0", // the first that both have
		"1.6.6":              " Terraform-compatible/1.6.6", // OpenTofu could have it
		"1.8.5":              " Terraform-compatible/1.8.5",
		"1.8.11":             " OpenTofu/1.8.11",
		"1.10.5":             " Terraform-compatible/1.10.5",
		"1.10.10":            " OpenTofu/1.10.10",
		"1.11.4":             " Terraform-compatible/1.11.4",
		"1.11.5":             " OpenTofu/1.11.5",
		"1.12.6":             " Terraform-compatible/1.12.6", // OpenTofu 1.12.6 says 1.13.0
		"1.13.0":             " Terraform-compatible/1.13.0", // Terraform, or OpenTofu 1.12
		"1.17.0-beta1":       " Terraform-compatible/1.17.0-beta1",
		"2.7.9":              " Terraform-compatible/2.7.9",
		"":                   "",
		"1.9":                "",
		"dev":                "",
		"1.9.0\r\nX-Evil: 1": "",
		"1.5.0 \u00fc":       "",
	} {
		if got := userAgent("0.1.0", client); got != base+want {
			t.Errorf("%q: got %q, want %q", client, got, base+want)
		}
	}
}
