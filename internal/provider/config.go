package provider

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"encoding/pem"
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

// strayVariables are names that other tools use for a PagerDuty token. Their values are
// never used. If a token is missing, the message names those that are set.
var strayVariables = []string{
	"PAGERDUTY_API_TOKEN", "PAGERDUTY_API_KEY", "PAGERDUTY_KEY", "PD_TOKEN", "PD_API_KEY", "TF_VAR_pagerduty_token",
}

// baseURLs are the API URLs by service region; no others are known [D].
var baseURLs = map[string]string{"us": "https://api.pagerduty.com", "eu": "https://api.eu.pagerduty.com"}

const (
	// identityURL issues the access tokens of both regions [D].
	identityURL    = "https://identity.pagerduty.com"
	defaultRegion  = "us"
	defaultTimeout = 15 * time.Second
	maxTimeout     = time.Hour
	defaultRetries = 2
	maxRetries     = 10
)

// arguments are the values of a configuration by the names of its attributes.
type arguments map[string]attr.Value

func (a arguments) text(name string) types.String {
	value, _ := a[name].(types.String)
	return value
}

// origin is the source of an argument's value.
type origin struct {
	argument, variable string // what can set it
	source             string // explain.FromConfiguration, variable, or "" if unset
	// unknown marks a value that is known after apply. It is not unset: nothing
	// replaces it.
	unknown bool
	// overridden is the variable if it holds another value.
	overridden string
}

func (o origin) unset() bool { return o.source == "" }

// setting is an argument's value and its source.
type setting struct {
	origin
	value string
}

// secretSetting is a setting whose value is a secret.
type secretSetting struct {
	origin
	value preflight.Secret
}

// settings holds the provider's configuration, with the environment and defaults applied.
// Printing it shows no credential.
type settings struct {
	token     secretSetting
	userToken secretSetting
	app       appSettings
	region    setting
	baseURL   *url.URL // nil while unknown
	identity  *url.URL // nil while unknown
	// hostOverridden and identityOverridden report whether the URLs are set.
	hostOverridden, identityOverridden bool
	extraCAs                           []byte // PEM
	timeout                            time.Duration
	retries                            int
	// guards hold for every check.
	guards []preflight.GuardValue
	// unknown lists the arguments that every check needs and that are known after apply.
	// Credentials and identity_url_override are not among them.
	unknown []string
	// stray are variables that hold a token for other tools.
	stray []string
}

// appSettings are the values of an OAuth app.
type appSettings struct {
	id        setting
	secret    secretSetting
	subdomain setting
	// block reports whether the configuration has the block. Without it, the
	// environment alone can name an app.
	block bool
}

func (a appSettings) origins() []origin {
	return []origin{a.id.origin, a.secret.origin, a.subdomain.origin}
}

// missing returns the values that are not set.
func (a appSettings) missing() []origin {
	return slices.DeleteFunc(a.origins(), func(o origin) bool { return !o.unset() })
}

// secrets returns the secrets of the configuration. A client ID is among them, because the
// two values of an app can be swapped.
func (s settings) secrets() []preflight.Secret {
	return []preflight.Secret{
		s.token.value, s.userToken.value, s.app.secret.value, pagerduty.NewSecret(s.app.id.value),
	}
}

// reader reads a provider configuration into settings.
type reader struct {
	settings
	arguments
	getenv func(name string) string
	diags  diag.Diagnostics
}

// readSettings reads the provider block and the environment. It runs to validate and to
// configure; values that are unknown while validating are read later. It sends nothing.
func readSettings(a arguments, getenv func(string) string) (settings, diag.Diagnostics) {
	r := reader{arguments: a, getenv: getenv}
	r.token = r.secret("token", a.text("token"), explain.EnvToken)
	r.userToken = r.secret("user_token", a.text("user_token"), explain.EnvUserToken)
	r.readApp()
	r.readRegion()
	r.readCertificates()
	r.readLimits()
	r.readGuards()
	for _, name := range []string{"service_region", "api_url_override", "ca_cert_pem", "timeout", "max_retries"} {
		if value := a[name]; value != nil && value.IsUnknown() {
			r.unknown = append(r.unknown, name)
		}
	}
	if r.token.unset() {
		r.stray = slices.DeleteFunc(slices.Clone(strayVariables), func(name string) bool { return getenv(name) == "" })
	}
	return r.settings, r.diags
}

// resolve reads an argument: configuration, then environment. An empty string counts as
// unset, an unknown value as set.
func (r *reader) resolve(argument string, configured types.String, variable string) setting {
	s := setting{origin: origin{argument: argument, variable: variable}, value: configured.ValueString()}
	fromEnv := r.getenv(variable)
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
	}
	return s
}

// secret is resolve for a credential.
func (r *reader) secret(argument string, configured types.String, variable string) secretSetting {
	s := r.resolve(argument, configured, variable)
	return secretSetting{origin: s.origin, value: pagerduty.NewSecret(s.value)}
}

func (r *reader) readApp() {
	block, _ := r.arguments[appBlock].(types.Object)
	configured := func(name string) types.String {
		if block.IsUnknown() {
			return types.StringUnknown()
		}
		return arguments(block.Attributes()).text(name)
	}
	subdomain := r.resolve("pd_subdomain", configured("pd_subdomain"), explain.EnvSubdomain)
	r.app = appSettings{
		id:        r.resolve("pd_client_id", configured("pd_client_id"), explain.EnvClientID),
		secret:    r.secret("pd_client_secret", configured("pd_client_secret"), explain.EnvClientSecret),
		subdomain: subdomain,
		block:     !block.IsNull(),
	}
	// Values from the environment are validated only when they are used.
	if subdomain.source == explain.FromConfiguration && !subdomain.unknown && !pagerduty.ValidSubdomain(subdomain.value) {
		r.diags.Append(invalidSubdomain(subdomain))
	}
	if override := r.text("identity_url_override"); !override.IsUnknown() {
		r.identityOverridden = override.ValueString() != ""
		r.identity = r.parseURL("identity_url_override", override.ValueString(), identityURL)
	}
}

// readRegion reads the service region and the API URL, which follows from it unless
// api_url_override is set.
func (r *reader) readRegion() {
	r.region = r.resolve("service_region", r.text("service_region"), explain.EnvServiceRegion)
	if r.region.unset() {
		r.region.value = defaultRegion
	}
	host, known := baseURLs[r.region.value]
	if !known && !r.region.unknown {
		r.diags.Append(invalidRegion(r.region))
	}
	override := r.text("api_url_override").ValueString()
	r.hostOverridden = override != ""
	if override != "" || host != "" {
		r.baseURL = r.parseURL("api_url_override", override, host)
	}
}

var errURLSecret = errors.New("it contains a part of a configured credential")

// parseURL returns nil and adds a diagnostic if a URL cannot be used. An unset override
// means the usual URL.
func (r *reader) parseURL(argument, override, usual string) *url.URL {
	u, err := pagerduty.ParseBaseURL(cmp.Or(override, usual))
	if pagerduty.RepeatsSecret(override, r.secrets()...) {
		u, err = nil, errURLSecret // a credential in a host name would be sent to DNS
	}
	if err != nil {
		r.diags.Append(invalidURL(argument, err))
	}
	return u
}

// readCertificates keeps the certificates of ca_cert_pem that Go can read. A bundle can
// hold others.
func (r *reader) readCertificates() {
	text := r.text("ca_cert_pem").ValueString()
	if text == "" {
		return
	}
	rest := bytes.TrimPrefix([]byte(text), []byte("\ufeff")) // an editor's byte order mark
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if _, err := x509.ParseCertificate(block.Bytes); err == nil && block.Type == "CERTIFICATE" {
			r.extraCAs = append(r.extraCAs, pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes})...)
		}
	}
	if r.extraCAs == nil {
		r.diags.Append(invalidCA)
	}
}

func (r *reader) readLimits() {
	r.timeout, r.retries = defaultTimeout, defaultRetries
	if raw := r.text("timeout").ValueString(); raw != "" {
		timeout, err := time.ParseDuration(raw)
		if err != nil || timeout <= 0 || timeout > maxTimeout {
			r.diags.Append(invalidTimeout)
		}
		r.timeout = timeout
	}
	if number, _ := r.arguments["max_retries"].(types.Number); !number.IsNull() && !number.IsUnknown() {
		n, rounded := number.ValueBigFloat().Int64()
		if rounded != big.Exact || n < 0 || n > maxRetries {
			r.diags.Append(invalidRetries)
			return
		}
		r.retries = int(n)
	}
}

func (r *reader) readGuards() {
	for _, g := range preflight.Guards {
		if !g.Provider {
			continue
		}
		r.diags.Append(guardValidator{g}.check(r.arguments[g.Name], false)...)
		value, known := guardValue(g, r.arguments[g.Name])
		if !known {
			r.unknown = append(r.unknown, g.Name)
		}
		if value != nil {
			value.InProvider = true
			r.guards = append(r.guards, *value)
		}
	}
}

// proxyFromEnvironment returns a function that applies HTTPS_PROXY and NO_PROXY.
// http.ProxyFromEnvironment would keep the values of its first call. Both it and httpproxy
// ignore an invalid HTTPS_PROXY, and would send requests without the proxy.
func proxyFromEnvironment() func(*url.URL) (*url.URL, error) {
	config := httpproxy.FromEnvironment()
	if isProxyURL(config.HTTPSProxy) {
		return config.ProxyFunc()
	}
	config.HTTPSProxy = "http://invalid.invalid"
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
