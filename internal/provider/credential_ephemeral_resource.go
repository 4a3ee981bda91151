package provider

import (
	"context"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	dschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

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
			MarkdownDescription: "The API token to check, which can be ephemeral itself. The provider's if null. As a " +
				"result: the token that was checked, for the configuration of another provider. Null for an OAuth app.",
		},
		"client_id": computed("The client ID of the OAuth app that was checked, for the configuration of another " +
			"provider. Null for an API token."),
		"client_secret": sensitive("The client secret of the OAuth app that was checked, for the configuration of " +
			"another provider. Null for an API token."),
		"access_token": sensitive("The access token that the OAuth app obtained, to send as `Authorization: Bearer`. " +
			"Null for an API token."),
		"expires_at": computed("When `access_token` expires (RFC 3339, UTC). Null for an API token, and if PagerDuty's " +
			"response does not say."),
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "Checks a PagerDuty credential whenever Terraform opens it: during plan and again during " +
			"apply, also of a saved plan. Nothing is stored in the state or in a plan file. A configuration that uses " +
			"its `token`, or the `client_id`, `client_secret` and `subdomain` of an OAuth app, gets them only if the " +
			"check passed.\n\n" +
			"Requires Terraform 1.10 or OpenTofu 1.11.",
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
	a, diags := readArguments(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(a.conflicts()...)
	resp.Diagnostics.Append(a.checkOwnToken()...)
}

// checkOwnToken validates the ephemeral resource's token as far as it is known.
func (a arguments) checkOwnToken() diag.Diagnostics {
	switch token := a.text("token"); {
	case token.IsNull(), token.IsUnknown():
	case token.ValueString() == "":
		return diag.Diagnostics{emptyOwnToken}
	case !a.text("credential").IsUnknown() && a.credentialName() != preflight.CredentialToken:
		return diag.Diagnostics{conflictingToken}
	}
	return nil
}

func (e *credentialEphemeralResource) Open(
	ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse,
) {
	a, diags := readArguments(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	r, diags := e.provider.check(ctx, a, checkOptions{invalid: a.checkOwnToken(), ownToken: a.text("token")})
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	if r.Credential.App != nil && r.Subdomain == "" {
		resp.Diagnostics.Append(unknownAccount)
		return
	}
	values := results(r)
	maps.Copy(values, credentialResults(r))
	result, diags := a.withResults(resp.Result.Schema.Type(), values)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.Result.Set(ctx, result)...)
}

// credentialResults returns the results that other providers are configured with.
func credentialResults(r *preflight.Report) map[string]attr.Value {
	values := map[string]attr.Value{
		"token": types.StringNull(), "client_id": types.StringNull(), "client_secret": types.StringNull(),
		"access_token": optional(r.AccessToken.Reveal()), "expires_at": types.StringNull(),
	}
	if !r.ExpiresAt.IsZero() {
		values["expires_at"] = types.StringValue(r.ExpiresAt.UTC().Format(time.RFC3339))
	}
	if app := r.Credential.App; app != nil {
		values["client_id"], values["client_secret"] = optional(app.ClientID), optional(r.Credential.Value.Reveal())
	} else {
		values["token"] = optional(r.Credential.Value.Reveal())
	}
	return values
}
