package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

func (p *pagerdutyauthProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Checks a PagerDuty credential before anything changes: whether it is valid, which user " +
			"and account it belongs to, and, if it is not valid, why and what to do.",
		Attributes: map[string]schema.Attribute{
			"token": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "The API token to check: an account API token (General Access REST API Key in the web " +
					"app) or a user API token, without `Token token=`. Environment variable: `PAGERDUTY_TOKEN`.",
			},
			"user_token": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "The user API token that the official provider uses for Slack connections. Checked if " +
					"`credential` is `user_token`. Environment variable: `PAGERDUTY_USER_TOKEN`.",
			},
			"service_region": text("The service region of the account, `us` (default) or `eu`. Environment variable: " +
				"`PAGERDUTY_SERVICE_REGION`."),
			"api_url_override": text("The URL to send API requests to, such as a gateway's, instead of the service " +
				"region's. `https://` only. A path prefix and a trailing slash are allowed."),
			"identity_url_override": text("The URL of the host that issues access tokens to an OAuth app, instead of " +
				"`https://identity.pagerduty.com`. `https://` only."),
			"ca_cert_pem": text("Certificates to trust in addition to the system's, as PEM text, such as " +
				"`file(\"ca.pem\")`: for a proxy that intercepts TLS."),
			"timeout": text("Time limit of one check, retries included, as a duration such as `15s` (default) or `1m30s`. " +
				"At most `1h`."),
			// Not an Int64Attribute: the framework reports 1.5 as an error in the provider.
			"max_retries": schema.NumberAttribute{
				Optional: true,
				MarkdownDescription: "Maximum number of retries after a transient failure (a lost connection, 408, 429, " +
					"5xx), within `timeout`. From 0 to 10, default 2.",
			},
		},
		Blocks: map[string]schema.Block{
			appBlock: schema.SingleNestedBlock{
				MarkdownDescription: "An OAuth app (Scoped OAuth). Checked if `credential` is `app_oauth`. Each value can " +
					"come from its environment variable. If all three do, leave out the block.",
				Attributes: map[string]schema.Attribute{
					"pd_client_id": text("The app's client ID. Environment variable: `PAGERDUTY_CLIENT_ID`."),
					"pd_client_secret": schema.StringAttribute{
						Optional: true, Sensitive: true,
						MarkdownDescription: "The app's client secret. Environment variable: `PAGERDUTY_CLIENT_SECRET`.",
					},
					"pd_subdomain": text("The subdomain of the account, such as `acme`. Environment variable: " +
						"`PAGERDUTY_SUBDOMAIN`."),
				},
			},
		},
	}
	for _, g := range preflight.Guards {
		if g.Provider {
			resp.Schema.Attributes[g.Name] = schema.ListAttribute{
				Optional: true, ElementType: types.StringType, Validators: []validator.List{guardValidator{g}},
				MarkdownDescription: g.Description + " Holds for every check, in addition to the check's own.",
			}
		}
	}
}
