package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	dschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

var (
	_ action.ActionWithConfigure      = (*verifyAction)(nil)
	_ action.ActionWithValidateConfig = (*verifyAction)(nil)
)

func newVerifyAction() action.Action { return &verifyAction{} }

// verifyAction is the check as a step of its own: it changes nothing, in
// PagerDuty or in the state, and fails where the data source would.
type verifyAction struct{ provider *providerData }

func (a *verifyAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_verify"
}

func (a *verifyAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Checks one of the provider's PagerDuty credentials when it is invoked, by hand or before a resource is changed, and tells who it is. It changes nothing, and stores nothing in the state.\n\nNeeds Terraform 1.14; OpenTofu has no actions.",
		Attributes:          actionAttributes(guardAttributes()),
	}
}

// actionAttributes are the data source's arguments as the action's: the
// framework has a type of its own for each.
func actionAttributes(attributes map[string]dschema.Attribute) map[string]schema.Attribute {
	converted := make(map[string]schema.Attribute, len(attributes))
	for name, attribute := range attributes {
		switch a := attribute.(type) {
		case dschema.StringAttribute:
			converted[name] = schema.StringAttribute{Optional: a.Optional, MarkdownDescription: a.MarkdownDescription}
		case dschema.BoolAttribute:
			converted[name] = schema.BoolAttribute{Optional: a.Optional, MarkdownDescription: a.MarkdownDescription}
		case dschema.SetAttribute:
			converted[name] = schema.SetAttribute{Optional: a.Optional, ElementType: a.ElementType, MarkdownDescription: a.MarkdownDescription}
		default:
			// Reached by any test that reads the schema, never by a user.
			panic(fmt.Sprintf("attribute %q has the type %T, which has no counterpart in an action here", name, attribute))
		}
	}
	return converted
}

func (a *verifyAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.provider = fromProvider(req.ProviderData, &resp.Diagnostics)
}

func (a *verifyAction) ValidateConfig(ctx context.Context, req action.ValidateConfigRequest, resp *action.ValidateConfigResponse) {
	var m checkModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(m.validate()...)
	}
}

func (a *verifyAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var m checkModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	cred, diags := a.provider.credential(m.kind())
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	tell := func(message string) { resp.SendProgress(action.InvokeProgressEvent{Message: message}) }
	if a.provider.checker != nil && !a.provider.skip {
		tell(progressAsking(cred, a.provider.checker.API.Host()))
	}
	r, diags := a.provider.check(ctx, cred, m, checkOptions{})
	resp.Diagnostics.Append(diags...)
	if r != nil && !diags.HasError() {
		tell(progressKnown(*r, a.provider.settings))
	}
}
