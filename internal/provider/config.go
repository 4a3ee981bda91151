package provider

import (
	"net/url"
	"os"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/net/http/httpproxy"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/explain"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// appBlock is the block of an OAuth app; the official provider's name.
const appBlock = "use_app_oauth_scoped_token"

// sourceDefault is the source of a value that nobody set.
const sourceDefault = "default"

// strayVariables are names that other tools use for a PagerDuty token. Their
// values are never read; that one is set helps somebody whose token is missing.
var strayVariables = []string{
	"PAGERDUTY_API_TOKEN", "PAGERDUTY_API_KEY", "PAGERDUTY_KEY", "PD_TOKEN", "PD_API_KEY", "TF_VAR_pagerduty_token",
}

// origin is where the value of an argument comes from.
type origin struct {
	argument, variable string // what can set it; variable is "" for none
	source             string // explain.FromConfiguration, variable, sourceDefault, or "" where nothing is set
	// unknown is a value that Terraform knows only after apply. It is not unset:
	// nothing may stand in for it.
	unknown bool
	// overridden is the variable if it is set too, to another value.
	overridden string
}

// missing reports whether nothing is set.
func (o origin) missing() bool { return o.source == "" }

// setting is one argument's value and where it comes from.
type setting struct {
	origin
	value string
}

// secretSetting is a setting that no printer shows.
type secretSetting struct {
	origin
	value preflight.Secret
}

// resolve decides an argument: configuration, then environment, then default.
// An empty string counts as unset, an unknown value as set.
func resolve(
	argument string, configured types.String, variable, fallback string, getenv func(string) string,
) setting {
	s := setting{origin: origin{argument: argument, variable: variable}, value: configured.ValueString()}
	fromEnv := getenv(variable)
	switch {
	case configured.IsUnknown():
		s.source, s.unknown = explain.FromConfiguration, true
	case s.value != "":
		s.source = explain.FromConfiguration
		if fromEnv != "" && fromEnv != s.value {
			s.overridden = variable
		}
	case fromEnv != "":
		s.source, s.value = variable, fromEnv
	case fallback != "":
		s.source, s.value = sourceDefault, fallback
	}
	return s
}

// resolveSecret is resolve for a credential, which has no default.
func resolveSecret(
	argument string, configured types.String, variable string, getenv func(string) string,
) secretSetting {
	s := resolve(argument, configured, variable, "", getenv)
	return secretSetting{origin: s.origin, value: pagerduty.NewSecret(s.value)}
}

// baseURLs are the API's hosts by service region; no others are known [D].
var baseURLs = map[string]string{"us": "https://api.pagerduty.com", "eu": "https://api.eu.pagerduty.com"}

const (
	// identityBaseURL mints the access tokens of both regions [D].
	identityBaseURL = "https://identity.pagerduty.com"

	defaultRegion = "us"
	maxTimeout    = time.Hour
	maxRetriesCap = 10
)

// settings is the provider's configuration, decided. Printing it shows no
// credential.
type settings struct {
	token     secretSetting
	userToken secretSetting
	app       appSettings
	region    setting
	baseURL   *url.URL // nil while unknown
	identity  *url.URL // nil while unknown
	// hostOverridden and identityOverridden report whether the addresses are set.
	hostOverridden, identityOverridden bool
	extraCAs                           []byte // PEM
	timeout                            time.Duration
	retries                            int
	skip                               bool
	requireAccountGuard                bool
	// unknown are the arguments that are unknown, without the credentials and
	// identity_url_override, which only an OAuth app needs: nothing can be sent
	// without them.
	unknown []string
	// stray are variables that hold a token for other tools.
	stray []string
	// warnings are about what works in part. Configure reports them, so that a plan
	// shows them once.
	warnings diag.Diagnostics
}

// appSettings are the values of an OAuth app.
type appSettings struct {
	id        setting
	secret    secretSetting
	subdomain setting
	// block reports whether the configuration has the block. Without it the
	// environment alone can name an app.
	block bool
}

// origins are those of the app's values.
func (a appSettings) origins() []origin {
	return []origin{a.id.origin, a.secret.origin, a.subdomain.origin}
}

// missing are the values that are not set.
func (a appSettings) missing() []origin {
	return slices.DeleteFunc(a.origins(), func(o origin) bool { return !o.missing() })
}

// note enters an argument into unknown if it is.
func (s *settings) note(argument string, unknown bool) {
	if unknown {
		s.unknown = append(s.unknown, argument)
	}
}

// decide reads the provider block and the environment. It is called to validate
// and to configure: what is unknown while validating is decided later. Nothing
// is sent.
func decide(m providerModel, getenv func(string) string) (settings, diag.Diagnostics) {
	s := settings{
		token:     resolveSecret("token", m.Token, explain.EnvToken, getenv),
		userToken: resolveSecret("user_token", m.UserToken, explain.EnvUserToken, getenv),
	}
	var diags diag.Diagnostics
	diags.Append(s.decideAddress(m, getenv)...)
	diags.Append(s.decideApp(m, getenv)...)
	diags.Append(s.decideCertificates(m)...)
	diags.Append(s.decideLimits(m)...)
	s.note("skip_credentials_validation", m.SkipCredentialsValidation.IsUnknown())
	s.skip = m.SkipCredentialsValidation.ValueBool()
	s.note("require_account_guard", m.RequireAccountGuard.IsUnknown())
	s.requireAccountGuard = m.RequireAccountGuard.ValueBool()
	if s.token.missing() {
		s.stray = slices.DeleteFunc(slices.Clone(strayVariables), func(name string) bool { return getenv(name) == "" })
	}
	return s, diags
}

// decideAddress decides whom to ask.
func (s *settings) decideAddress(m providerModel, getenv func(string) string) diag.Diagnostics {
	var diags diag.Diagnostics
	s.region = resolve("service_region", m.ServiceRegion, explain.EnvServiceRegion, defaultRegion, getenv)
	s.note("service_region", s.region.unknown)
	if host, known := baseURLs[s.region.value]; known {
		s.baseURL, _ = url.Parse(host)
	} else if !s.region.unknown {
		diags.Append(invalidRegion(s.region))
	}
	s.note("api_url_override", m.APIURLOverride.IsUnknown())
	if override := m.APIURLOverride.ValueString(); override != "" {
		u, err := pagerduty.ParseBaseURL(override)
		if err != nil {
			diags.Append(invalidURL("api_url_override", err))
		}
		s.baseURL, s.hostOverridden = u, true
	}
	return diags
}

func (s *settings) decideApp(m providerModel, getenv func(string) string) diag.Diagnostics {
	var diags diag.Diagnostics
	configured := func(name string) types.String {
		if m.AppOAuth.IsUnknown() {
			return types.StringUnknown()
		}
		value, _ := m.AppOAuth.Attributes()[name].(types.String)
		return value
	}
	s.app = appSettings{
		id:        resolve("pd_client_id", configured("pd_client_id"), explain.EnvClientID, "", getenv),
		secret:    resolveSecret("pd_client_secret", configured("pd_client_secret"), explain.EnvClientSecret, getenv),
		subdomain: resolve("pd_subdomain", configured("pd_subdomain"), explain.EnvSubdomain, "", getenv),
		block:     !m.AppOAuth.IsNull(),
	}
	// Environment values are validated only when used.
	subdomain := s.app.subdomain
	if subdomain.source == explain.FromConfiguration && !subdomain.unknown && !pagerduty.ValidSubdomain(subdomain.value) {
		diags.Append(invalidSubdomain(subdomain))
	}
	if m.IdentityURLOverride.IsUnknown() {
		return diags
	}
	identity := identityBaseURL
	if override := m.IdentityURLOverride.ValueString(); override != "" {
		identity, s.identityOverridden = override, true
	}
	u, err := pagerduty.ParseBaseURL(identity)
	if err != nil {
		diags.Append(invalidURL("identity_url_override", err))
	}
	s.identity = u
	return diags
}

func (s *settings) decideLimits(m providerModel) diag.Diagnostics {
	var diags diag.Diagnostics
	s.note("timeout", m.Timeout.IsUnknown())
	s.timeout = preflight.DefaultTimeout
	if raw := m.Timeout.ValueString(); raw != "" {
		d, err := time.ParseDuration(raw)
		if err != nil || d <= 0 || d > maxTimeout {
			diags.Append(invalidTimeout)
		}
		s.timeout = d
	}
	s.note("max_retries", m.MaxRetries.IsUnknown())
	s.retries = pagerduty.DefaultMaxRetries
	if !m.MaxRetries.IsNull() && !m.MaxRetries.IsUnknown() {
		n := m.MaxRetries.ValueInt64()
		if n < 0 || n > maxRetriesCap {
			diags.Append(invalidRetries)
			return diags
		}
		s.retries = int(n)
	}
	return diags
}

// proxyFromEnvironment reads HTTPS_PROXY and NO_PROXY as they are now; the
// standard library's own reader keeps what it saw first.
func proxyFromEnvironment() func(*url.URL) (*url.URL, error) {
	return httpproxy.FromEnvironment().ProxyFunc()
}

func environment(name string) string { return os.Getenv(name) }
