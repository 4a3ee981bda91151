package provider

import (
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/explain"
)

// readTest reads a provider configuration without errors.
func readTest(t *testing.T, a arguments, env map[string]string) settings {
	t.Helper()
	s, diags := readSettings(a, func(name string) string { return env[name] })
	if diags.HasError() {
		t.Fatal(diags)
	}
	return s
}

// appArguments returns a provider block in which only one value of the OAuth app is set.
func appArguments(name string, value types.String) arguments {
	values := map[string]attr.Value{}
	typesOfApp := map[string]attr.Type{}
	for _, each := range []string{"pd_client_id", "pd_client_secret", "pd_subdomain"} {
		values[each], typesOfApp[each] = types.StringNull(), types.StringType
	}
	values[name] = value
	return arguments{appBlock: types.ObjectValueMust(typesOfApp, values)}
}

// variableSettings are the settings with an environment variable.
func variableSettings(s settings) map[string]setting {
	return map[string]setting{
		explain.EnvToken:         {s.token.origin, s.token.value.Reveal()},
		explain.EnvUserToken:     {s.userToken.origin, s.userToken.value.Reveal()},
		explain.EnvClientID:      s.app.id,
		explain.EnvClientSecret:  {s.app.secret.origin, s.app.secret.value.Reveal()},
		explain.EnvSubdomain:     s.app.subdomain,
		explain.EnvServiceRegion: s.region,
	}
}

// The configuration overrides the environment, an empty string counts as unset, and
// nothing replaces an unknown value.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	const one, two = "us", "eu" // valid for each setting
	configured := origin{source: explain.FromConfiguration}
	unknown := origin{source: explain.FromConfiguration, unknown: true}
	for variable, argument := range map[string]string{
		explain.EnvToken: "token", explain.EnvUserToken: "user_token", explain.EnvServiceRegion: "service_region",
		explain.EnvClientID: "pd_client_id", explain.EnvClientSecret: "pd_client_secret",
		explain.EnvSubdomain: "pd_subdomain",
	} {
		fallback := setting{}
		if argument == "service_region" {
			fallback.value = defaultRegion
		}
		fromEnvironment := setting{origin{source: variable}, two}
		for name, c := range map[string]struct {
			argument types.String
			env      string
			want     setting
		}{
			"argument":    {argument: types.StringValue(one), want: setting{configured, one}},
			"environment": {argument: types.StringNull(), env: two, want: fromEnvironment},
			"both": {
				argument: types.StringValue(one), env: two,
				want: setting{origin{source: explain.FromConfiguration, overridden: variable}, one},
			},
			"equal values":            {argument: types.StringValue(one), env: one, want: setting{configured, one}},
			"empty":                   {argument: types.StringValue(""), want: fallback},
			"empty and environment":   {argument: types.StringValue(""), env: two, want: fromEnvironment},
			"neither":                 {argument: types.StringNull(), want: fallback},
			"unknown":                 {argument: types.StringUnknown(), want: setting{origin: unknown}},
			"unknown and environment": {argument: types.StringUnknown(), env: two, want: setting{origin: unknown}},
		} {
			t.Run(argument+"/"+name, func(t *testing.T) {
				t.Parallel()
				a := arguments{argument: c.argument}
				if strings.HasPrefix(argument, "pd_") {
					a = appArguments(argument, c.argument)
				}
				s := readTest(t, a, map[string]string{variable: c.env})
				c.want.argument, c.want.variable = argument, variable
				if got := variableSettings(s)[variable]; got != c.want {
					t.Errorf("got %+v, want %+v", got, c.want)
				}
				for other, got := range variableSettings(s) {
					if other != variable && got.source != "" {
						t.Errorf("%s is set too: %+v", other, got)
					}
				}
			})
		}
	}
}

// An unknown block makes each value of the OAuth app unknown.
func TestReadSettings_unknownAppBlock(t *testing.T) {
	t.Parallel()
	block := types.ObjectUnknown(map[string]attr.Type{"pd_client_id": types.StringType})
	s := readTest(t, arguments{appBlock: block}, map[string]string{explain.EnvClientID: "x"})
	for _, o := range s.app.origins() {
		if !o.unknown {
			t.Errorf("%s is known", o.argument)
		}
	}
}

// Printing the settings shows no credential.
func TestSettings_printed(t *testing.T) {
	t.Parallel()
	a := appArguments("pd_client_secret", types.StringValue(markerSecret))
	a["token"], a["user_token"] = types.StringValue(marker), types.StringValue(marker)
	s := readTest(t, a, nil)
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

// The certificates that Go can read are used, whatever else the text contains.
func TestReadSettings_certificates(t *testing.T) {
	t.Parallel()
	one, two := otherCA(t), otherCA(t)
	broken := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("not a certificate")}))
	notBase64 := "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n"
	key := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("a key")}))
	for name, c := range map[string]struct{ text, used string }{
		"unset":                {"", ""},
		"one":                  {one, one},
		"two with comments":    {"# first\n" + one + "# second\n" + two, one + two},
		"also a key":           {key + one, one},
		"byte order mark":      {"\ufeff" + one + two, one + two},
		"some unreadable":      {notBase64 + one + broken + two, one + two},
		"cut in the last line": {one + two[:len(two)/2], one},
		"indented":             {"  " + strings.ReplaceAll(one, "\n", "\n  "), "error"},
		"all unreadable":       {broken + notBase64, "error"},
		"not PEM":              {"hello", "error"},
		"only a key":           {key, "error"},
	} {
		s, diags := readSettings(arguments{"ca_cert_pem": types.StringValue(c.text)}, func(string) string { return "" })
		if c.used == "error" {
			if len(diags) != 1 || !diags[0].Equal(invalidCA) {
				t.Errorf("%s: diagnostics %v", name, diags)
			}
			continue
		}
		if len(diags) > 0 || string(s.extraCAs) != c.used {
			t.Errorf("%s: %v, %d bytes of certificates, want %d", name, diags, len(s.extraCAs), len(c.used))
		}
	}
}

// otherCA returns a CA certificate in PEM that did not sign the emulator's certificates.
func otherCA(t *testing.T) string {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Other CA"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(nil, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// Variables of other tools are named only if the token is missing.
func TestReadSettings_strayVariables(t *testing.T) {
	t.Parallel()
	env := map[string]string{"PD_TOKEN": marker, "PD_API_KEY": marker}
	if s := readTest(t, nil, env); !slices.Equal(s.stray, []string{"PD_TOKEN", "PD_API_KEY"}) {
		t.Errorf("got %q", s.stray)
	}
	if s := readTest(t, arguments{"token": types.StringUnknown()}, env); len(s.stray) > 0 {
		t.Errorf("got %q for an unknown token", s.stray)
	}
}

// The checker gets the settings that its requests and messages need.
func TestNewChecker(t *testing.T) {
	t.Parallel()
	plain := newChecker(readTest(t, nil, map[string]string{explain.EnvServiceRegion: "eu"}), "test").Settings
	if plain.Region != "eu" || plain.HostOverridden || plain.IdentityOverridden || plain.ExtraCAs ||
		plain.Timeout != defaultTimeout || plain.Retries != 2 || plain.Host != "api.eu.pagerduty.com" ||
		plain.IdentityHost != "identity.pagerduty.com" {
		t.Errorf("without arguments: %+v", plain)
	}
	set := newChecker(readTest(t, arguments{
		"api_url_override": types.StringValue("https://gateway.example/pd"), "timeout": types.StringValue("3s"),
		"identity_url_override": types.StringValue("https://identity.example"), "ca_cert_pem": types.StringValue(otherCA(t)),
		"max_retries": types.NumberValue(big.NewFloat(0)),
	}, nil), "test").Settings
	if set.Region != "us" || !set.HostOverridden || !set.IdentityOverridden || !set.ExtraCAs ||
		set.Timeout != 3*time.Second || set.Retries != 0 || set.Host != "gateway.example" ||
		set.IdentityHost != "identity.example" {
		t.Errorf("with arguments: %+v", set)
	}
}

// An invalid argument of the provider block is an error during validation, and again when
// the provider is configured. The error points to the argument, unless Terraform would show a line with a secret.
func TestProvider_invalidArguments(t *testing.T) {
	t.Parallel()
	url := func(s string) given { return given{"api_url_override": str(s)} }
	retries := func(n float64) given { return given{"max_retries": number(n)} }
	guard := func(name string, value tftypes.Value) given { return given{name: value} }
	empty := str("")
	for name, c := range map[string]struct {
		provider          given
		summary, argument string
	}{
		"region":                 {given{"service_region": str("zz")}, summaryRegion, "service_region"},
		"region with whitespace": {given{"service_region": str(" us")}, summaryRegion, "service_region"},
		"token as the region":    {given{"service_region": str(marker)}, summaryRegion, "service_region"},
		"http":                   {url("http://a.example"), summaryURL, "api_url_override"},
		"without a scheme":       {url("a.example"), summaryURL, "api_url_override"},
		"without a host":         {url("https:///users"), summaryURL, "api_url_override"},
		"whitespace":             {url("https://a.example\n"), summaryURL, "api_url_override"},
		"query":                  {url("https://a.example?x=1"), summaryURL, "api_url_override"},
		"escaped slash":          {url("https://a.example/a%2Fb"), summaryURL, "api_url_override"},
		"token as the URL":       {url(marker), summaryURL, "api_url_override"},
		"password":               {url("https://me:" + marker + "@a.example"), summaryURL, ""},
		"token in the host":      {url("https://" + marker + ".example").with(withToken(marker)), summaryURL, ""},
		"client secret in the query": {
			withAppBlock(str(appID), str(markerSecret), str("acme")).with(
				given{"identity_url_override": str("https://a.example/?" + markerSecret)}), summaryURL, "",
		},
		"identity host in HTTP": {
			given{"identity_url_override": str("http://a.example")}, summaryURL, "identity_url_override",
		},
		"no certificate":   {given{"ca_cert_pem": str(marker)}, summaryCA, "ca_cert_pem"},
		"no unit":          {given{"timeout": str("15")}, summaryTimeout, "timeout"},
		"no time":          {given{"timeout": str("0s")}, summaryTimeout, "timeout"},
		"negative time":    {given{"timeout": str("-1s")}, summaryTimeout, "timeout"},
		"too much time":    {given{"timeout": str("2h")}, summaryTimeout, "timeout"},
		"too many retries": {retries(11), summaryRetries, "max_retries"},
		"negative retries": {retries(-1), summaryRetries, "max_retries"},
		"half a retry":     {retries(1.5), summaryRetries, "max_retries"},
		"endless retries":  {retries(1e300), summaryRetries, "max_retries"},
		"URL as the subdomain": {
			withAppBlock(str("a"), str("b"), str("https://acme.pagerduty.com")), summarySubdomain, appBlock,
		},
		"empty guard":     {guard("allowed_subdomains", list()), summaryGuard, "allowed_subdomains"},
		"empty forbidden": {guard("forbidden_subdomains", list()), summaryGuard, "forbidden_subdomains"},
		"empty element":   {guard("forbidden_subdomains", list("acme", "")), summaryGuard, "forbidden_subdomains"},
		"URL in a guard":  {guard("allowed_subdomains", list("acme.pagerduty.com")), summaryGuard, "allowed_subdomains"},
		"empty strings": {provider: given{
			"service_region": empty, "api_url_override": empty, "ca_cert_pem": empty, "timeout": empty,
			"identity_url_override": empty, "token": empty, "user_token": empty,
		}},
		"unknown values": {provider: given{
			"service_region": unknown(tftypes.String), "api_url_override": unknown(tftypes.String),
			"ca_cert_pem": unknown(tftypes.String), "timeout": unknown(tftypes.String), "max_retries": unknown(tftypes.Number),
			"allowed_subdomains": unknown(listType),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProtocol(t)
			r := p.validateProvider(c.provider)
			if c.summary == "" {
				r.passes(t)
				p.configure(c.provider).passes(t)
				return
			}
			searchLeaks(t, "the message", r.fails(t, c.summary, c.argument))
			p.configure(c.provider).fails(t, c.summary, c.argument)
		})
	}
}

// A value of the environment is validated only during a run, and only if it is used.
func TestAccProvider_environment(t *testing.T) {
	t.Parallel()
	s := startEmulator(t, withApp("users.read"))
	identity := fmt.Sprintf("  identity_url_override = %q\n", s.IdentityURL())
	tf := newProject(t, block(s, identity)+"variable \"which\" {\n  default = \"app_oauth\"\n}\n"+
		"data \"pagerdutyauth_credential\" \"this\" {\n  credential = var.which\n}\n")
	fails := func(summary, variable string) {
		t.Helper()
		if d := tf.plan().one(t); d.Summary != summary || !strings.Contains(flat(d.Detail), variable) {
			t.Errorf("%s: %s, want %q and %s", d.Summary, d.Detail, summary, variable)
		}
	}
	tf.setenv("PAGERDUTY_SERVICE_REGION", "zz")
	tf.terraformRun("validate", "-no-color").passed(t)
	fails(summaryRegion, "PAGERDUTY_SERVICE_REGION")
	tf.setenv("PAGERDUTY_SERVICE_REGION", "us")
	fails(summaryNoApp, "PAGERDUTY_CLIENT_ID")
	tf.setenv("PD_TOKEN", "x")
	tf.setenv("TF_VAR_which", "token")
	fails(summaryNoToken, "PD_TOKEN")
	tf.setenv("TF_VAR_which", "app_oauth")
	tf.setenv("PAGERDUTY_CLIENT_ID", appID)
	tf.setenv("PAGERDUTY_CLIENT_SECRET", appSecret)
	fails(summaryHalfApp, "PAGERDUTY_SUBDOMAIN")
	tf.setenv("PAGERDUTY_SUBDOMAIN", "acme.pagerduty.com")
	fails(summarySubdomain, "PAGERDUTY_SUBDOMAIN")
	tf.with(tokenAda).terraformRun("plan", "-json", "-input=false", "-var=which=token").passed(t)
	if got := paths(s); !slices.Equal(got, []string{"GET /users/me"}) {
		t.Errorf("requests %q", got)
	}
	tf.setenv("PAGERDUTY_SUBDOMAIN", "ACME")
	tf.plan().passed(t)
}
