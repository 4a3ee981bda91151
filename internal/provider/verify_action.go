package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/explain"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
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
		MarkdownDescription: "Checks one of the provider's PagerDuty credentials when it is invoked, by hand or " +
			"before a resource is changed, and reports which user and account it belongs to. It changes nothing, " +
			"and stores nothing in the state.\n\n" +
			"Needs Terraform 1.14; OpenTofu has no actions.",
		Attributes: actionAttributes(checkAttributes()),
	}
}

func (a *verifyAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.provider = dataFrom(req.ProviderData, &resp.Diagnostics)
}

func (a *verifyAction) ValidateConfig(
	ctx context.Context, req action.ValidateConfigRequest, resp *action.ValidateConfigResponse,
) {
	var m checkModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(m.conflicts()...)
	}
}

// Terraform validates an action's configuration while variables are unknown, and
// never again with their values, so the warnings are due here.
func (a *verifyAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var m checkModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	report := func(message string) { resp.SendProgress(action.InvokeProgressEvent{Message: message}) }
	r, _, diags := a.provider.check(ctx, m, checkOptions{start: func(cred preflight.Credential) {
		report(explain.ProgressStart(cred, a.provider.checker.API.Host()))
	}})
	resp.Diagnostics.Append(diags...)
	if !resp.Diagnostics.HasError() {
		report(explain.ProgressDone(*r))
	}
}
