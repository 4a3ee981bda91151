package provider

import (
	"context"
	"fmt"
	"maps"
	"time"

	dschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
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

type credentialEphemeralModel struct {
	checkModel
	IncludeAbilities types.Bool   `tfsdk:"include_abilities"`
	Token            types.String `tfsdk:"token"`
	MinTTL           types.String `tfsdk:"min_ttl"`
	AccessToken      types.String `tfsdk:"access_token"`
	ExpiresAt        types.String `tfsdk:"expires_at"`
	resultModel
}

// sourceEphemeral is the source of a token of the ephemeral resource's own.
const sourceEphemeral = `the ephemeral resource's "token"`

func (e *credentialEphemeralResource) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_credential"
}

func (e *credentialEphemeralResource) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	attributes := guardAttributes()
	maps.Copy(attributes, resultAttributes())
	resp.Schema = schema.Schema{
		MarkdownDescription: "Checks a PagerDuty credential whenever Terraform opens it: while planning and again while applying, a saved plan too. Nothing of it is stored in the state or in a plan file. What uses its `token` runs only if the check passed.\n\nNeeds Terraform 1.10 or OpenTofu 1.11.",
		Attributes:          ephemeralAttributes(attributes),
	}
	resp.Schema.Attributes["token"] = schema.StringAttribute{
		Optional: true, Computed: true, Sensitive: true,
		MarkdownDescription: "The token to check, which may be ephemeral itself; the provider's if it is not set. As a result, the token that was checked, for the configuration of another provider; null for an OAuth app.",
	}
	resp.Schema.Attributes["min_ttl"] = schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "How long an OAuth app's access token must live from now on at least, as a duration such as `1h`. Only where `credential` is `app_oauth`.",
	}
	resp.Schema.Attributes["access_token"] = schema.StringAttribute{
		Computed: true, Sensitive: true,
		MarkdownDescription: "The access token that was minted for the OAuth app, to be sent as `Authorization: Bearer`; null for keys.",
	}
	resp.Schema.Attributes["expires_at"] = schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: "When `access_token` expires (RFC 3339, UTC); null for keys, and where PagerDuty did not tell.",
	}
}

// ephemeralAttributes are the data source's attributes as the ephemeral
// resource's: the framework has a type of its own for each.
func ephemeralAttributes(attributes map[string]dschema.Attribute) map[string]schema.Attribute {
	converted := make(map[string]schema.Attribute, len(attributes))
	for name, attribute := range attributes {
		switch a := attribute.(type) {
		case dschema.StringAttribute:
			converted[name] = schema.StringAttribute{Optional: a.Optional, Computed: a.Computed, MarkdownDescription: a.MarkdownDescription}
		case dschema.BoolAttribute:
			converted[name] = schema.BoolAttribute{Optional: a.Optional, Computed: a.Computed, MarkdownDescription: a.MarkdownDescription}
		case dschema.Int64Attribute:
			converted[name] = schema.Int64Attribute{Optional: a.Optional, Computed: a.Computed, MarkdownDescription: a.MarkdownDescription}
		case dschema.SetAttribute:
			converted[name] = schema.SetAttribute{Optional: a.Optional, Computed: a.Computed, ElementType: a.ElementType, MarkdownDescription: a.MarkdownDescription}
		case dschema.SingleNestedAttribute:
			converted[name] = schema.SingleNestedAttribute{Computed: a.Computed, MarkdownDescription: a.MarkdownDescription, Attributes: ephemeralAttributes(a.Attributes)}
		case dschema.ListNestedAttribute:
			converted[name] = schema.ListNestedAttribute{
				Computed: a.Computed, MarkdownDescription: a.MarkdownDescription,
				NestedObject: schema.NestedAttributeObject{Attributes: ephemeralAttributes(a.NestedObject.Attributes)},
			}
		default:
			// Reached by any test that reads the schema, never by a user.
			panic(fmt.Sprintf("attribute %q has the type %T, which has no ephemeral counterpart here", name, attribute))
		}
	}
	return converted
}

func (e *credentialEphemeralResource) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	e.provider = fromProvider(req.ProviderData, &resp.Diagnostics)
}

func (e *credentialEphemeralResource) ValidateConfig(ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse) {
	var m credentialEphemeralModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(m.validate()...)
	if m.Credential.IsUnknown() {
		return
	}
	if m.kind() != preflight.KindToken && m.Token.ValueString() != "" {
		resp.Diagnostics.Append(conflictingToken())
	}
	switch ttl, ok := m.minTTL(); {
	case m.MinTTL.ValueString() == "":
	case !ok || ttl <= 0:
		resp.Diagnostics.Append(invalidGuard(path.Root("min_ttl"), `it must be a duration greater than zero, written as a number and a unit, such as "1h" or "90m"`))
	case m.kind() != preflight.KindAppOAuth:
		resp.Diagnostics.Append(invalidGuard(path.Root("min_ttl"), "a key does not expire. Set \"credential\" to \"app_oauth\", or remove the argument"))
	}
}

// minTTL is the argument as a duration, zero where it is not set.
func (m credentialEphemeralModel) minTTL() (ttl time.Duration, ok bool) {
	if m.MinTTL.ValueString() == "" {
		return 0, true
	}
	ttl, err := time.ParseDuration(m.MinTTL.ValueString())
	return ttl, err == nil
}

func (e *credentialEphemeralResource) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var m credentialEphemeralModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	cred, diags := e.credential(m)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ttl, _ := m.minTTL()
	r, diags := e.provider.check(ctx, cred, m.checkModel, checkOptions{includeAbilities: m.IncludeAbilities.ValueBool(), minTTL: ttl})
	resp.Diagnostics.Append(diags...)
	if r == nil || diags.HasError() {
		return
	}
	m.resultModel = result(ctx, *r, e.provider.settings)
	m.AccessToken, m.ExpiresAt = optional(string(r.AccessToken)), types.StringNull()
	if !r.ExpiresAt.IsZero() {
		m.ExpiresAt = types.StringValue(r.ExpiresAt.UTC().Format(time.RFC3339))
	}
	m.Token = types.StringNull()
	if cred.Kind != preflight.KindAppOAuth {
		m.Token = optional(string(cred.Value))
	}
	resp.Diagnostics.Append(resp.Result.Set(ctx, &m)...)
}

// credential is the ephemeral resource's own token, or one of the provider's.
func (e *credentialEphemeralResource) credential(m credentialEphemeralModel) (preflight.Credential, diag.Diagnostics) {
	switch {
	case m.Token.IsUnknown():
		// Terraform itself waits until the value is known before it opens an
		// ephemeral resource; another client that does not must not get the
		// provider's token in its place.
		return preflight.Credential{}, diag.Diagnostics{unknownToken("token")}
	case m.kind() == preflight.KindToken && m.Token.ValueString() != "":
		return preflight.Credential{Kind: preflight.KindToken, Value: preflight.Secret(m.Token.ValueString()), Source: sourceEphemeral}, nil
	default:
		return e.provider.credential(m.kind())
	}
}
