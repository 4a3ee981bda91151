package provider

import (
	"crypto/x509"
	"net/url"
	"os"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/net/http/httpproxy"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// The environment variables that are read; the official provider's names.
const (
	envToken         = "PAGERDUTY_TOKEN"
	envUserToken     = "PAGERDUTY_USER_TOKEN"
	envClientID      = "PAGERDUTY_CLIENT_ID"
	envClientSecret  = "PAGERDUTY_CLIENT_SECRET"
	envSubdomain     = "PAGERDUTY_SUBDOMAIN"
	envServiceRegion = "PAGERDUTY_SERVICE_REGION"
)

// appBlock is the block of an OAuth app; the official provider's name.
const appBlock = "use_app_oauth_scoped_token"

// sourceConfiguration is the source of a value of the provider block.
const sourceConfiguration = "provider configuration"

// strayVariables are names that other tools use for a PagerDuty token. They are
// never read for their value; that one is set is worth telling somebody whose
// token is missing.
var strayVariables = []string{"PAGERDUTY_API_TOKEN", "PAGERDUTY_API_KEY", "PAGERDUTY_KEY", "PD_TOKEN", "PD_API_KEY", "PAGERDUTY_USER_TOKEN", "TF_VAR_pagerduty_token"}

// setting is one argument's value and where it came from.
type setting struct {
	value  string
	source string // sourceConfiguration, a variable's name, "default", or "" where nothing is set
	// unknown is a value that Terraform learns only at apply. It is not unset:
	// nothing may stand in for it.
	unknown bool
	// overridden is the variable that also had a value, another one.
	overridden string
}

// resolve decides an argument: configuration, then environment, then default.
// An empty string counts as unset, an unknown value as set.
func resolve(configured types.String, variable, fallback string, getenv func(string) string) setting {
	var fromEnv string
	if variable != "" {
		fromEnv = getenv(variable)
	}
	switch {
	case configured.IsUnknown():
		return setting{source: sourceConfiguration, unknown: true}
	case configured.ValueString() != "":
		s := setting{value: configured.ValueString(), source: sourceConfiguration}
		if fromEnv != "" && fromEnv != s.value {
			s.overridden = variable
		}
		return s
	case fromEnv != "":
		return setting{value: fromEnv, source: variable}
	case fallback != "":
		return setting{value: fallback, source: "default"}
	default:
		return setting{}
	}
}

// baseURLs are the API's hosts by service region; no others are known [D].
var baseURLs = map[string]string{"us": "https://api.pagerduty.com", "eu": "https://api.eu.pagerduty.com"}

const (
	// identityBaseURL mints the tokens of both regions [D].
	identityBaseURL = "https://identity.pagerduty.com"

	defaultRegion = "us"
	maxTimeout    = time.Hour
	maxRetriesCap = 10
)

// settings is the provider's configuration, decided.
type settings struct {
	token     setting
	userToken setting
	app       appSettings
	region    setting
	baseURL   *url.URL
	override  bool
	identity  *url.URL // nil while unknown
	extraCAs  []byte   // PEM
	timeout   time.Duration
	retries   int
	skip      bool
	// unknown are the arguments, credentials and the identity host's address
	// excepted, that are unknown: nothing can be sent without them.
	unknown []string
	// stray are variables that hold a token for other tools.
	stray []string
}

// appSettings are the values of an OAuth app.
type appSettings struct {
	id, secret, subdomain setting
	// block tells whether the configuration has the block. Without it the
	// environment alone can name an app.
	block bool
}

// values are the app's settings with the names of argument and variable.
func (a appSettings) values() []namedSetting {
	return []namedSetting{{"pd_client_id", envClientID, a.id}, {"pd_client_secret", envClientSecret, a.secret}, {"pd_subdomain", envSubdomain, a.subdomain}}
}

type namedSetting struct {
	argument, variable string
	setting
}

// missing are the values that are not set; an unknown one is.
func (a appSettings) missing() []namedSetting {
	return slices.DeleteFunc(a.values(), func(v namedSetting) bool { return v.value != "" || v.unknown })
}

// overriddenBy is a variable that has another value than what the configuration
// sets for a credential, "" for none.
func (s settings) overriddenBy(kind preflight.Kind) string {
	switch kind {
	case preflight.KindUserToken:
		return s.userToken.overridden
	case preflight.KindAppOAuth:
		for _, v := range s.app.values() {
			if v.overridden != "" {
				return v.overridden
			}
		}
		return ""
	default:
		return s.token.overridden
	}
}

// decide reads the provider block and the environment. It is called to validate
// and to configure: what is unknown while validating is decided later. Nothing
// is sent.
func decide(m providerModel, getenv func(string) string) (settings, diag.Diagnostics) {
	var diags diag.Diagnostics
	s := settings{
		token:     resolve(m.Token, envToken, "", getenv),
		userToken: resolve(m.UserToken, envUserToken, "", getenv),
		region:    resolve(m.ServiceRegion, envServiceRegion, defaultRegion, getenv),
	}
	s.decideApp(m, getenv, &diags)
	note := func(name string, unknown bool) {
		if unknown {
			s.unknown = append(s.unknown, name)
		}
	}
	note("service_region", s.region.unknown)
	if host, known := baseURLs[s.region.value]; known {
		s.baseURL, _ = url.Parse(host)
	} else if !s.region.unknown {
		diags.Append(invalidRegion(s.region))
	}

	override := resolve(m.APIURLOverride, "", "", getenv)
	note("api_url_override", override.unknown)
	if override.value != "" {
		u, err := pagerduty.ParseBaseURL(override.value)
		if err != nil {
			diags.Append(invalidURL("api_url_override", err))
		}
		s.baseURL, s.override = u, true
	}

	s.decideCA(m, getenv, &diags, note)
	s.decideLimits(m, getenv, &diags, note)
	note("skip_credentials_validation", m.SkipCredentialsValidation.IsUnknown())
	s.skip = m.SkipCredentialsValidation.ValueBool()
	if s.token.value == "" && !s.token.unknown {
		for _, name := range strayVariables {
			if getenv(name) != "" {
				s.stray = append(s.stray, name)
			}
		}
	}
	return s, diags
}

func (s *settings) decideApp(m providerModel, getenv func(string) string, diags *diag.Diagnostics) {
	argument := func(name string) types.String {
		if m.AppOAuth.IsUnknown() {
			return types.StringUnknown()
		}
		value, _ := m.AppOAuth.Attributes()[name].(types.String)
		return value
	}
	s.app = appSettings{
		id:        resolve(argument("pd_client_id"), envClientID, "", getenv),
		secret:    resolve(argument("pd_client_secret"), envClientSecret, "", getenv),
		subdomain: resolve(argument("pd_subdomain"), envSubdomain, "", getenv),
		block:     !m.AppOAuth.IsNull(),
	}
	// A variable that nobody may use is judged when somebody does.
	if s.app.subdomain.source == sourceConfiguration && !s.app.subdomain.unknown && !pagerduty.ValidSubdomain(s.app.subdomain.value) {
		diags.Append(invalidSubdomain(s.app.subdomain))
	}
	identity := resolve(m.IdentityURLOverride, "", identityBaseURL, getenv)
	if !identity.unknown {
		u, err := pagerduty.ParseBaseURL(identity.value)
		if err != nil {
			diags.Append(invalidURL("identity_url_override", err))
		}
		s.identity = u
	}
}

func (s *settings) decideCA(m providerModel, getenv func(string) string, diags *diag.Diagnostics, note func(string, bool)) {
	file, pem := resolve(m.CACertFile, "", "", getenv), resolve(m.CACertPEM, "", "", getenv)
	note("ca_cert_file", file.unknown)
	note("ca_cert_pem", pem.unknown)
	name, certificates := "ca_cert_pem", []byte(pem.value)
	switch {
	case file.value != "" && pem.value != "":
		diags.Append(conflictingCA())
		return
	case file.value != "":
		name = "ca_cert_file"
		var err error
		if certificates, err = os.ReadFile(file.value); err != nil {
			diags.Append(unreadableCA(err))
			return
		}
	case pem.value == "":
		return
	}
	if !x509.NewCertPool().AppendCertsFromPEM(certificates) {
		diags.Append(invalidCA(name))
		return
	}
	s.extraCAs = certificates
}

func (s *settings) decideLimits(m providerModel, getenv func(string) string, diags *diag.Diagnostics, note func(string, bool)) {
	timeout := resolve(m.Timeout, "", preflight.DefaultTimeout.String(), getenv)
	note("timeout", timeout.unknown)
	if !timeout.unknown {
		d, err := time.ParseDuration(timeout.value)
		if err != nil || d <= 0 || d > maxTimeout {
			diags.Append(invalidTimeout())
		}
		s.timeout = d
	}
	note("max_retries", m.MaxRetries.IsUnknown())
	s.retries = pagerduty.DefaultMaxRetries
	if !m.MaxRetries.IsNull() && !m.MaxRetries.IsUnknown() {
		n := m.MaxRetries.ValueInt64()
		if n < 0 || n > maxRetriesCap {
			diags.Append(diag.NewAttributeErrorDiagnostic(path.Root("max_retries"), summaryRetries, detailRetries))
			return
		}
		s.retries = int(n)
	}
}

// proxyFromEnvironment reads HTTPS_PROXY and NO_PROXY as they are now; the
// standard library's own reader keeps what it saw first.
func proxyFromEnvironment() func(*url.URL) (*url.URL, error) {
	return httpproxy.FromEnvironment().ProxyFunc()
}

func environment(name string) string { return os.Getenv(name) }

// QuietLogs turns the provider's log off where nobody can see it: Terraform drops
// it unless TF_LOG or TF_LOG_PROVIDER asks for it, but only after the provider has
// written all of it as JSON, down to the traces of the framework, and Terraform has
// read that. It is 7 ms of a plan (DESIGN.md, Performance). A variable that is set
// is left alone.
func QuietLogs() {
	if os.Getenv("TF_LOG") != "" || os.Getenv("TF_LOG_PROVIDER") != "" {
		return
	}
	for _, level := range []string{"TF_LOG_SDK", "TF_LOG_PROVIDER_PAGERDUTYAUTH"} {
		if os.Getenv(level) == "" {
			// An error means that the log stays on, which costs time and nothing else.
			_ = os.Setenv(level, "off")
		}
	}
}
