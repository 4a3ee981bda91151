// Package provider is the only package that knows Terraform: it takes
// configuration, has it checked by preflight, and gives back state or
// diagnostics.
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
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
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

type providerModel struct {
	Token                     types.String `tfsdk:"token"`
	UserToken                 types.String `tfsdk:"user_token"`
	AppOAuth                  types.Object `tfsdk:"use_app_oauth_scoped_token"`
	IdentityURLOverride       types.String `tfsdk:"identity_url_override"`
	ServiceRegion             types.String `tfsdk:"service_region"`
	APIURLOverride            types.String `tfsdk:"api_url_override"`
	CACertFile                types.String `tfsdk:"ca_cert_file"`
	CACertPEM                 types.String `tfsdk:"ca_cert_pem"`
	Timeout                   types.String `tfsdk:"timeout"`
	MaxRetries                types.Int64  `tfsdk:"max_retries"`
	SkipCredentialsValidation types.Bool   `tfsdk:"skip_credentials_validation"`
}

func (p *pagerdutyauthProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName, resp.Version = "pagerdutyauth", p.version
}

func (p *pagerdutyauthProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Checks a PagerDuty credential before anything is changed: whether it is good, whose it is, which account it belongs to, and, when it is not good, why and what to do.",
		Attributes: map[string]schema.Attribute{
			"token": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "The PagerDuty REST API key to check, of a user or of the account: only the key, without `Token token=`. Environment variable: `PAGERDUTY_TOKEN`.",
			},
			"user_token": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "The key of a user that the official provider takes for Slack connections; checked where `credential` is `user_token`. Environment variable: `PAGERDUTY_USER_TOKEN`.",
			},
			"identity_url_override": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The address to ask for an OAuth app's token instead of `https://identity.pagerduty.com`. `https://` only.",
			},
			"service_region": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The service region of the account, `us` (default) or `eu`. Environment variable: `PAGERDUTY_SERVICE_REGION`.",
			},
			"api_url_override": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The address to send API requests to instead of the region's, such as a gateway's. `https://` only; a path prefix and a trailing slash are possible.",
			},
			"ca_cert_file": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Path of a PEM file with certificates to trust in addition to the system's, for a proxy that intercepts TLS. Conflicts with `ca_cert_pem`.",
			},
			"ca_cert_pem": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Certificates to trust in addition to the system's, as PEM text. Conflicts with `ca_cert_file`.",
			},
			"timeout": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The longest one check may take, retries included, as a duration such as `15s` (default) or `1m30s`; at most `1h`.",
			},
			"max_retries": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "How often a request is sent again after a failure that can pass (a lost connection, 408, 429, 5xx), within `timeout`. From 0 to 10, default 2.",
			},
			"skip_credentials_validation": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Send nothing: every check ends with the status `unverified`. Guards such as `allowed_subdomains` then fail, because they cannot be decided. Default `false`.",
			},
		},
		Blocks: map[string]schema.Block{
			appBlock: schema.SingleNestedBlock{
				MarkdownDescription: "An OAuth app, checked where `credential` is `app_oauth`. Each value can come from its environment variable; with all three there, the block can be left out.",
				Attributes: map[string]schema.Attribute{
					"pd_client_id": schema.StringAttribute{
						Optional:            true,
						MarkdownDescription: "The app's client ID. Environment variable: `PAGERDUTY_CLIENT_ID`.",
					},
					"pd_client_secret": schema.StringAttribute{
						Optional: true, Sensitive: true,
						MarkdownDescription: "The app's client secret. Environment variable: `PAGERDUTY_CLIENT_SECRET`.",
					},
					"pd_subdomain": schema.StringAttribute{
						Optional:            true,
						MarkdownDescription: "The subdomain of the account, such as `acme`. Environment variable: `PAGERDUTY_SUBDOMAIN`.",
					},
				},
			},
		},
	}
}

func (p *pagerdutyauthProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var m providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// The environment of `terraform validate` need not be that of the run, so
	// only what is written in the configuration is judged here.
	_, diags := decide(m, func(string) string { return "" })
	resp.Diagnostics.Append(diags...)
}

func (p *pagerdutyauthProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
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
		api := pagerduty.NewClient(pagerduty.Config{
			BaseURL: s.baseURL, UserAgent: userAgent(p.version, req.TerraformVersion),
			ExtraCAs: s.extraCAs, Proxy: proxyFromEnvironment(), MaxRetries: s.retries,
			Log: func(ctx context.Context, message string, fields map[string]any) { tflog.Debug(ctx, message, fields) },
		})
		data.checker = &preflight.Checker{API: api, Timeout: s.timeout, Skip: s.skip}
		if s.identity != nil {
			data.checker.Identity = api.At(s.identity)
		}
	}
	resp.DataSourceData, resp.EphemeralResourceData, resp.ActionData = data, data, data
}

// userAgent names the provider, Terraform and the platform, so that a request
// can be told apart in PagerDuty's logs.
func userAgent(version, terraform string) string {
	if terraform == "" {
		terraform = "unknown"
	}
	return fmt.Sprintf("terraform-provider-pagerdutyauth/%s Terraform/%s (%s/%s)", version, terraform, runtime.GOOS, runtime.GOARCH)
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
	return []func() function.Function{newAuthorizationHeaderFunction}
}

func (p *pagerdutyauthProvider) Resources(context.Context) []func() resource.Resource { return nil }
