// Package provider is the only package that knows Terraform. It reads the
// configuration, runs checks with preflight, and returns state, and the messages of
// explain as diagnostics.
package provider

import (
	"context"
	"fmt"
	"runtime"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

var (
	_ provider.Provider                       = (*pagerdutyauthProvider)(nil)
	_ provider.ProviderWithValidateConfig     = (*pagerdutyauthProvider)(nil)
	_ provider.ProviderWithEphemeralResources = (*pagerdutyauthProvider)(nil)
	_ provider.ProviderWithActions            = (*pagerdutyauthProvider)(nil)
	_ provider.ProviderWithFunctions          = (*pagerdutyauthProvider)(nil)
)

// New returns the constructor of the provider in a version, such as "0.1.0".
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &pagerdutyauthProvider{version: version} }
}

type pagerdutyauthProvider struct{ version string }

func (p *pagerdutyauthProvider) Metadata(
	_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse,
) {
	resp.TypeName, resp.Version = "pagerdutyauth", p.version
}

func (p *pagerdutyauthProvider) ValidateConfig(
	ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse,
) {
	a, diags := readArguments(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	// The environment of `terraform validate` can differ from the run's, so only the
	// configuration is checked here.
	_, diags = readSettings(a, func(string) string { return "" })
	resp.Diagnostics.Append(diags...)
}

func (p *pagerdutyauthProvider) Configure(
	ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse,
) {
	a, diags := readArguments(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	s, diags := readSettings(a, environment)
	resp.Diagnostics.Append(diags...)
	if missing := s.app.missing(); s.app.block && len(missing) > 0 {
		resp.Diagnostics.Append(incompleteApp(missing))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	data := &providerData{settings: s}
	if s.baseURL != nil {
		data.checker = newChecker(s, fmt.Sprintf("terraform-provider-pagerdutyauth/%s (%s/%s)",
			p.version, runtime.GOOS, runtime.GOARCH))
	}
	resp.DataSourceData, resp.EphemeralResourceData, resp.ActionData = data, data, data
}

// newChecker returns the checker that all checks of one configuration share. It sends
// nothing.
func newChecker(s settings, userAgent string) *preflight.Checker {
	client := pagerduty.NewClient(pagerduty.Config{
		BaseURL: s.baseURL, IdentityURL: s.identity, UserAgent: userAgent, ExtraCAs: s.extraCAs,
		Proxy: proxyFromEnvironment(), MaxRetries: s.retries, Timeout: s.timeout, Secrets: s.secrets(),
		Log: func(ctx context.Context, message string, fields map[string]any) { tflog.Debug(ctx, message, fields) },
	})
	checker := &preflight.Checker{
		Settings: preflight.Settings{
			Host: s.baseURL.Host, Region: s.region.value, HostOverridden: s.hostOverridden,
			IdentityOverridden: s.identityOverridden, ExtraCAs: len(s.extraCAs) > 0, Timeout: s.timeout, Retries: s.retries,
		},
		Open: func() preflight.Conversation { return client.Open() },
	}
	if s.identity != nil {
		checker.IdentityHost = s.identity.Host
	}
	if len(s.unknown) == 0 {
		client.Warm() // a check most probably follows
	}
	return checker
}

func (p *pagerdutyauthProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{newCredentialDataSource}
}

func (p *pagerdutyauthProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{newCredentialEphemeralResource}
}

func (p *pagerdutyauthProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{newVerifyAction}
}

func (p *pagerdutyauthProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newAuthorizationHeaderFunction, newRequiredScopesFunction}
}

func (p *pagerdutyauthProvider) Resources(context.Context) []func() resource.Resource { return nil }
