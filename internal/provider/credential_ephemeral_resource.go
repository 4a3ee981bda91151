package provider

import (
	"context"
	"maps"
	"time"

	dschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

var (
	_ ephemeral.EphemeralResourceWithConfigure      = (*credentialEphemeralResource)(nil)
	_ ephemeral.EphemeralResourceWithValidateConfig = (*credentialEphemeralResource)(nil)
)

func newCredentialEphemeralResource() ephemeral.EphemeralResource {
	return &credentialEphemeralResource{}
}

type credentialEphemeralResource struct{ provider *providerData }

type credentialEphemeralModel struct {
	checkModel
	IncludeAbilities types.Bool   `tfsdk:"include_abilities"`
	Token            types.String `tfsdk:"token"`
	ClientID         types.String `tfsdk:"client_id"`
	ClientSecret     types.String `tfsdk:"client_secret"`
	AccessToken      types.String `tfsdk:"access_token"`
	ExpiresAt        types.String `tfsdk:"expires_at"`
	resultModel
}

func (e *credentialEphemeralResource) Metadata(
	_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_credential"
}

func (e *credentialEphemeralResource) Schema(
	_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse,
) {
	attributes := checkAttributes()
	maps.Copy(attributes, resultAttributes())
	maps.Copy(attributes, map[string]dschema.Attribute{
		"token": dschema.StringAttribute{
			Optional: true, Computed: true, Sensitive: true,
			MarkdownDescription: "The API token to check, which may be ephemeral itself; the provider's if null, " +
				"an error if empty. As a result, the token that was checked, for the configuration of another " +
				"provider; null for an OAuth app.",
		},
		"client_id": computed("The client ID of the OAuth app that was checked, for the configuration of another " +
			"provider; null for an API token."),
		"client_secret": dschema.StringAttribute{
			Computed: true, Sensitive: true,
			MarkdownDescription: "The client secret of the OAuth app that was checked, for the configuration of " +
				"another provider; null for an API token.",
		},
		"access_token": dschema.StringAttribute{
			Computed: true, Sensitive: true,
			MarkdownDescription: "The access token that the OAuth app obtained, to be sent as `Authorization: " +
				"Bearer`; null for an API token.",
		},
		"expires_at": computed("When `access_token` expires (RFC 3339, UTC); null for an API token, and where " +
			"PagerDuty's answer does not say."),
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "Checks a PagerDuty credential whenever Terraform opens it: during plan and again " +
			"during apply, also of a saved plan. Nothing of it is stored in the state or in a plan file. What " +
			"uses its `token`, or the `client_id`, `client_secret` and `subdomain` of an OAuth app, runs only if " +
			"the check passed.\n\n" +
			"Needs Terraform 1.10 or OpenTofu 1.11.",
		Attributes: ephemeralAttributes(attributes),
	}
}

func (e *credentialEphemeralResource) Configure(
	_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse,
) {
	e.provider = dataFrom(req.ProviderData, &resp.Diagnostics)
}

func (e *credentialEphemeralResource) ValidateConfig(
	ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse,
) {
	var m credentialEphemeralModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(m.conflicts()...)
		resp.Diagnostics.Append(m.judgeToken()...)
	}
}

// judgeToken judges the ephemeral resource's own token, as far as it is known.
func (m credentialEphemeralModel) judgeToken() diag.Diagnostics {
	switch {
	case m.Token.IsNull(), m.Token.IsUnknown():
	case m.Token.ValueString() == "":
		return diag.Diagnostics{emptyOwnToken}
	case !m.Credential.IsUnknown() && m.kind() != preflight.KindToken:
		return diag.Diagnostics{conflictingToken}
	}
	return nil
}

func (e *credentialEphemeralResource) Open(
	ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse,
) {
	var m credentialEphemeralModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r, unknown, diags := e.provider.check(ctx, m.checkModel, checkOptions{
		judged: m.judgeToken(), validatedAgain: true, own: m.Token, includeAbilities: m.IncludeAbilities, handOn: true,
	})
	if unknown && req.ClientCapabilities.DeferralAllowed {
		resp.Deferred = &ephemeral.Deferred{Reason: ephemeral.DeferredReasonProviderConfigUnknown}
		if m.Token.IsUnknown() && len(e.provider.unknown) == 0 {
			resp.Deferred.Reason = ephemeral.DeferredReasonEphemeralResourceConfigUnknown
		}
		resp.Result.Raw = tftypes.NewValue(resp.Result.Schema.Type().TerraformType(ctx), tftypes.UnknownValue)
		return
	}
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	m.resultModel = result(*r)
	m.handOn(*r)
	resp.Diagnostics.Append(resp.Result.Set(ctx, &m)...)
}

// handOn fills the results that other providers are configured with. An OAuth app
// has the subdomain that was verified; where nothing was asked, the configured one.
func (m *credentialEphemeralModel) handOn(r preflight.Report) {
	cred := r.Credential
	m.AccessToken = optional(r.AccessToken.Reveal())
	if !r.ExpiresAt.IsZero() {
		m.ExpiresAt = types.StringValue(r.ExpiresAt.UTC().Format(time.RFC3339))
	}
	if cred.Kind != preflight.KindAppOAuth {
		m.Token = optional(cred.Value.Reveal())
		return
	}
	m.ClientID, m.ClientSecret = optional(cred.OAuth.ClientID), optional(cred.Value.Reveal())
	if r.Skipped {
		m.Subdomain = optional(cred.OAuth.Subdomain)
	}
}
