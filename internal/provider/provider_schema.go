package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// providerModel is the provider block. Its values are judged by decide, together
// with the environment's.
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
	MaxRetries                types.Number `tfsdk:"max_retries"`
	SkipCredentialsValidation types.Bool   `tfsdk:"skip_credentials_validation"`
	RequireAccountGuard       types.Bool   `tfsdk:"require_account_guard"`
}

func (p *pagerdutyauthProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Checks a PagerDuty credential before anything is changed: whether it is valid, " +
			"which user and account it belongs to, and, if it is not valid, why and what to do.",
		Attributes: map[string]schema.Attribute{
			"token": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "The PagerDuty API token to check: an account API token (General Access REST " +
					"API Key in the web app) or a user API token, without `Token token=`. Environment variable: " +
					"`PAGERDUTY_TOKEN`.",
			},
			"user_token": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "The user API token that the official provider takes for Slack connections. " +
					"Checked where `credential` is `user_token`. Environment variable: `PAGERDUTY_USER_TOKEN`.",
			},
			"identity_url_override": text("The address that an OAuth app obtains its access token from, instead " +
				"of `https://identity.pagerduty.com`. `https://` only."),
			"service_region": text("The service region of the account, `us` (default) or `eu`. Environment " +
				"variable: `PAGERDUTY_SERVICE_REGION`."),
			"api_url_override": text("The address that API requests are sent to, such as a gateway's, instead of " +
				"the service region's. `https://` only; a path prefix and a trailing slash are allowed."),
			"ca_cert_file": text("Path of a PEM file with certificates to trust in addition to the system's, for " +
				"a proxy that intercepts TLS. A regular file of at most 16 MiB. Conflicts with `ca_cert_pem`."),
			"ca_cert_pem": text("Certificates to trust in addition to the system's, as PEM text. Conflicts with " +
				"`ca_cert_file`."),
			"timeout": text("The longest that one check may take, retries included, as a duration such as `15s` " +
				"(default) or `1m30s`; at most `1h`."),
			// No Int64Attribute: the framework calls 1.5 an error in the provider.
			"max_retries": schema.NumberAttribute{
				Optional: true,
				MarkdownDescription: "How often a request is sent again after a transient failure (a lost " +
					"connection, 408, 429, 5xx), within `timeout`. From 0 to 10, default 2.",
			},
			"skip_credentials_validation": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Send nothing. A check ends with the status `unverified`, or `not_allowed` " +
					"where it has a guard, because a guard then cannot be decided. Default `false`.",
			},
			"require_account_guard": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Make a check without `allowed_subdomains` an error. A guard whose " +
					"expression is null is unset, as any argument in Terraform is; with this argument it fails " +
					"instead. Default `false`.",
			},
		},
		Blocks: map[string]schema.Block{
			appBlock: schema.SingleNestedBlock{
				MarkdownDescription: "An OAuth app (Scoped OAuth), checked where `credential` is `app_oauth`. " +
					"Each value can come from its environment variable; with all three set there, the block can " +
					"be left out.",
				Attributes: map[string]schema.Attribute{
					"pd_client_id": text("The app's client ID. Environment variable: `PAGERDUTY_CLIENT_ID`."),
					"pd_client_secret": schema.StringAttribute{
						Optional: true, Sensitive: true,
						MarkdownDescription: "The app's client secret. Environment variable: " +
							"`PAGERDUTY_CLIENT_SECRET`.",
					},
					"pd_subdomain": text("The subdomain of the account, such as `acme`. Environment variable: " +
						"`PAGERDUTY_SUBDOMAIN`."),
				},
			},
		},
	}
}
