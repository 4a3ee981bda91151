package provider

import (
	"context"
	"fmt"
	"maps"

	dschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
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

type credentialEphemeralModel struct {
	guardsModel
	Token types.String `tfsdk:"token"`
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
		MarkdownDescription: "The token to check, which may be ephemeral itself; the provider's if it is not set. As a result, the token that was checked, for the configuration of another provider.",
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
}

func (e *credentialEphemeralResource) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var m credentialEphemeralModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	cred := preflight.Credential{Kind: preflight.KindToken, Value: preflight.Secret(m.Token.ValueString()), Source: sourceEphemeral}
	switch {
	case m.Token.IsUnknown():
		// Terraform itself waits until the value is known before it opens an
		// ephemeral resource; another client that does not must not get the
		// provider's token in its place.
		resp.Diagnostics.Append(unknownToken("token"))
		return
	case m.Token.ValueString() == "":
		own, diags := e.provider.credential()
		resp.Diagnostics.Append(diags...)
		if diags.HasError() {
			return
		}
		cred = own
	}
	r, diags := e.provider.check(ctx, cred, m.guardsModel, false)
	resp.Diagnostics.Append(diags...)
	if r == nil || diags.HasError() {
		return
	}
	m.resultModel = result(ctx, *r, e.provider.settings)
	m.Token = optional(string(cred.Value))
	resp.Diagnostics.Append(resp.Result.Set(ctx, &m)...)
}
