package provider

import (
	"cmp"
	"errors"
	"math/big"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
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
	argument, variable string // what can set it
	source             string // explain.FromConfiguration, variable, sourceDefault, or "" where nothing is set
	// unknown is a value that Terraform knows only after apply. It is not unset:
	// nothing may stand in for it.
	unknown bool
	// overridden is the variable if it is set too, to another value.
	overridden string
}

// unset reports whether nothing sets the argument.
func (o origin) unset() bool { return o.source == "" }

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

// decision is settings in the making.
type decision struct {
	settings
	getenv func(name string) string
	diags  diag.Diagnostics
}

// resolve decides an argument: configuration, then environment, then default.
// An empty string counts as unset, an unknown value as set.
func (d *decision) resolve(argument string, configured types.String, variable, fallback string) setting {
	s := setting{origin: origin{argument: argument, variable: variable}, value: configured.ValueString()}
	fromEnv := d.getenv(variable)
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
func (d *decision) resolveSecret(argument string, configured types.String, variable string) secretSetting {
	s := d.resolve(argument, configured, variable, "")
	return secretSetting{origin: s.origin, value: pagerduty.NewSecret(s.value)}
}

// baseURLs are the API's hosts by service region; no others are known [D].
var baseURLs = map[string]string{"us": "https://api.pagerduty.com", "eu": "https://api.eu.pagerduty.com"}

const (
	// identityBaseURL mints the access tokens of both regions [D].
	identityBaseURL = "https://identity.pagerduty.com"
	defaultRegion   = "us"
	maxTimeout      = time.Hour
	maxRetriesCap   = 10
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
	return slices.DeleteFunc(a.origins(), func(o origin) bool { return !o.unset() })
}

// decide reads the provider block and the environment. It is called to validate
// and to configure: what is unknown while validating is decided later. Nothing
// is sent.
func decide(m providerModel, getenv func(string) string) (settings, diag.Diagnostics) {
	d := decision{getenv: getenv}
	d.token = d.resolveSecret("token", m.Token, explain.EnvToken)
	d.userToken = d.resolveSecret("user_token", m.UserToken, explain.EnvUserToken)
	d.decideApp(m)
	d.decideAddress(m)
	d.decideCertificates(m)
	d.decideLimits(m)
	d.noteUnknown("skip_credentials_validation", m.SkipCredentialsValidation)
	d.skip = m.SkipCredentialsValidation.ValueBool()
	d.noteUnknown("require_account_guard", m.RequireAccountGuard)
	d.requireAccountGuard = m.RequireAccountGuard.ValueBool()
	if d.token.unset() {
		d.stray = slices.DeleteFunc(slices.Clone(strayVariables), func(name string) bool { return getenv(name) == "" })
	}
	return d.settings, d.diags
}

// noteUnknown remembers an argument without which nothing can be sent, if it is unknown.
func (d *decision) noteUnknown(argument string, value attr.Value) {
	if value.IsUnknown() {
		d.unknown = append(d.unknown, argument)
	}
}

// parseURL adds a diagnostic, and returns nil, for an address that cannot be used. An
// argument that is unset leaves the usual one.
func (d *decision) parseURL(argument, override, usual string) *url.URL {
	u, err := pagerduty.ParseBaseURL(cmp.Or(override, usual))
	// A credential in a host name would go to DNS, and into messages.
	if override != "" && pagerduty.Withhold([]string{override}, d.secrets()...)[0] != override {
		u, err = nil, errURLCredential
	}
	if err != nil {
		d.diags.Append(invalidURL(argument, err))
	}
	return u
}

var errURLCredential = errors.New("it holds a part of a configured credential")

// secrets are those of the configuration.
func (s settings) secrets() []preflight.Secret {
	return []preflight.Secret{s.token.value, s.userToken.value, s.app.secret.value}
}

// decideAddress decides the service region and the API's address, which follows from it
// unless api_url_override is set.
func (d *decision) decideAddress(m providerModel) {
	d.region = d.resolve("service_region", m.ServiceRegion, explain.EnvServiceRegion, defaultRegion)
	d.noteUnknown("service_region", m.ServiceRegion)
	d.noteUnknown("api_url_override", m.APIURLOverride)
	host, known := baseURLs[d.region.value]
	if !known && !d.region.unknown {
		d.diags.Append(invalidRegion(d.region))
	}
	override := m.APIURLOverride.ValueString()
	d.hostOverridden = override != ""
	if override != "" || host != "" {
		d.baseURL = d.parseURL("api_url_override", override, host)
	}
}

func (d *decision) decideApp(m providerModel) {
	configured := func(name string) types.String {
		if m.AppOAuth.IsUnknown() {
			return types.StringUnknown()
		}
		value, _ := m.AppOAuth.Attributes()[name].(types.String)
		return value
	}
	subdomain := d.resolve("pd_subdomain", configured("pd_subdomain"), explain.EnvSubdomain, "")
	d.app = appSettings{
		id:        d.resolve("pd_client_id", configured("pd_client_id"), explain.EnvClientID, ""),
		secret:    d.resolveSecret("pd_client_secret", configured("pd_client_secret"), explain.EnvClientSecret),
		subdomain: subdomain,
		block:     !m.AppOAuth.IsNull(),
	}
	// Environment values are validated only when used.
	if subdomain.source == explain.FromConfiguration && !subdomain.unknown && !pagerduty.ValidSubdomain(subdomain.value) {
		d.diags.Append(invalidSubdomain(subdomain))
	}
	if !m.IdentityURLOverride.IsUnknown() {
		override := m.IdentityURLOverride.ValueString()
		d.identityOverridden = override != ""
		d.identity = d.parseURL("identity_url_override", override, identityBaseURL)
	}
}

func (d *decision) decideLimits(m providerModel) {
	d.noteUnknown("timeout", m.Timeout)
	d.timeout = preflight.DefaultTimeout
	if raw := m.Timeout.ValueString(); raw != "" {
		timeout, err := time.ParseDuration(raw)
		if err != nil || timeout <= 0 || timeout > maxTimeout {
			d.diags.Append(invalidTimeout)
		}
		d.timeout = timeout
	}
	d.noteUnknown("max_retries", m.MaxRetries)
	d.retries = pagerduty.DefaultMaxRetries
	if !m.MaxRetries.IsNull() && !m.MaxRetries.IsUnknown() {
		n, rounded := m.MaxRetries.ValueBigFloat().Int64()
		if rounded != big.Exact || n < 0 || n > maxRetriesCap {
			d.diags.Append(invalidRetries)
			return
		}
		d.retries = int(n)
	}
}

// proxyFromEnvironment reads HTTPS_PROXY and NO_PROXY as they are now; the
// standard library's own reader keeps what it saw first. Both ignore an HTTPS_PROXY that
// they cannot read, and would ask PagerDuty without the proxy that was meant.
func proxyFromEnvironment() func(*url.URL) (*url.URL, error) {
	config := httpproxy.FromEnvironment()
	if isProxyURL(config.HTTPSProxy) {
		return config.ProxyFunc()
	}
	config.HTTPSProxy = "http://unreadable.invalid"
	needed := config.ProxyFunc()
	return func(u *url.URL) (*url.URL, error) {
		if proxy, err := needed(u); proxy == nil {
			return nil, err
		}
		return nil, pagerduty.ErrProxyURL
	}
}

// isProxyURL reports whether HTTPS_PROXY is unset or names a proxy.
func isProxyURL(raw string) bool {
	if raw == "" {
		return true
	}
	if !strings.Contains(raw, "://") {
		raw = "http://" + raw
	}
	u, err := url.Parse(raw)
	return err == nil && u.Hostname() != "" && pagerduty.ProxyHost(u) != "" &&
		slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme)
}

// environment is os.Getenv: the linter lets no other file read the environment.
func environment(name string) string { return os.Getenv(name) }
