// Package provider is the only package that knows Terraform: it takes
// configuration, has it checked by preflight, and gives back state, and the words of
// explain as diagnostics.
package provider

import (
	"context"
	"fmt"
	"runtime"
	"strings"

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
	var m providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// The environment of `terraform validate` need not be that of the run, so
	// only what is written in the configuration is judged here. Configure warns, so
	// that a plan shows a warning once.
	_, diags := decide(m, func(string) string { return "" })
	resp.Diagnostics.Append(diags.Errors()...)
}

func (p *pagerdutyauthProvider) Configure(
	ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse,
) {
	var m providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	s, diags := decide(m, environment)
	resp.Diagnostics.Append(diags...)
	if missing := s.app.missing(); s.app.block && len(missing) > 0 {
		resp.Diagnostics.Append(incompleteApp(missing))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	data := &providerData{settings: s}
	if s.baseURL != nil {
		data.checker = newChecker(s, userAgent(p.version, req.TerraformVersion))
	}
	resp.DataSourceData, resp.EphemeralResourceData, resp.ActionData = data, data, data
}

// newChecker builds what all checks of one configuration share. It sends nothing.
func newChecker(s settings, agent string) *preflight.Checker {
	api := pagerduty.NewClient(pagerduty.Config{
		BaseURL: s.baseURL, UserAgent: agent, ExtraCAs: s.extraCAs, Proxy: proxyFromEnvironment(),
		MaxRetries: s.retries, Timeout: s.timeout, Secrets: s.secrets(),
		Log: func(ctx context.Context, message string, fields map[string]any) { tflog.Debug(ctx, message, fields) },
	})
	checker := &preflight.Checker{
		API: api, Region: s.region.value, HostOverridden: s.hostOverridden, IdentityOverridden: s.identityOverridden,
		ExtraCAs: len(s.extraCAs) > 0, Timeout: s.timeout, Skip: s.skip,
		Secrets: s.secrets(),
	}
	if s.identity != nil {
		checker.Minter = api.At(s.identity)
	}
	if !s.skip && len(s.unknown) == 0 {
		api.Warm() // a check most probably follows
	}
	return checker
}

// lastTerraform is the last patch release of Terraform's minor releases from
// OpenTofu's first, 1.6, to the last in which OpenTofu says its own version. No more
// of them come.
var lastTerraform = map[int]int{6: 6, 7: 5, 8: 5, 9: 8, 10: 5, 11: 4}

// userAgent names the provider, the platform and what the client says of itself, so
// that a request can be told apart in PagerDuty's logs.
//
// Terraform and OpenTofu start a provider alike: with the same handshake, the same
// environment and a version in Configure, which up to OpenTofu 1.11 is its own, and
// from 1.12 on that of a Terraform with about the same features (1.13.0). So a version
// before 1.6.0 is Terraform's, a patch release that Terraform never had is OpenTofu's,
// and of any other is known only what its sender is compatible with.
func userAgent(version, client string) string {
	agent := fmt.Sprintf("terraform-provider-pagerdutyauth/%s (%s/%s)", version, runtime.GOOS, runtime.GOARCH)
	var major, minor, patch int
	unprintable := strings.ContainsFunc(client, func(r rune) bool { return r <= ' ' || r > '~' })
	if n, _ := fmt.Sscanf(client, "%d.%d.%d", &major, &minor, &patch); n < 3 || unprintable {
		return agent
	}
	last, shared := lastTerraform[minor]
	switch {
	case major == 0, major == 1 && minor < 6:
		return agent + " Terraform/" + client
	case major == 1 && shared && patch > last:
		return agent + " OpenTofu/" + client
	default:
		return agent + " Terraform-compatible/" + client
	}
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
