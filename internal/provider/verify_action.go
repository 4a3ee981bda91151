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

// verifyAction runs a check as a separate step. It changes nothing, and fails whenever
// the data source would.
type verifyAction struct{ provider *providerData }

func (a *verifyAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_verify"
}

func (a *verifyAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Checks one of the provider's PagerDuty credentials when it is invoked, by hand or before " +
			"a resource changes, and reports which user and account it belongs to. It changes nothing and stores " +
			"nothing in the state.\n\n" +
			"Requires Terraform 1.14. OpenTofu has no actions.",
		Attributes: actionAttributes(checkAttributes()),
	}
}

func (a *verifyAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.provider = dataFrom(req.ProviderData, &resp.Diagnostics)
}

func (a *verifyAction) ValidateConfig(
	ctx context.Context, req action.ValidateConfigRequest, resp *action.ValidateConfigResponse,
) {
	values, diags := readArguments(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(values.conflicts()...)
}

func (a *verifyAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	values, diags := readArguments(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	report := func(message string) { resp.SendProgress(action.InvokeProgressEvent{Message: message}) }
	r, diags := a.provider.check(ctx, values, checkOptions{start: func(cred preflight.Credential) {
		host := a.provider.baseURL.Host
		if cred.App != nil {
			host = a.provider.identity.Host
		}
		report(explain.ProgressStart(cred, host))
	}})
	resp.Diagnostics.Append(diags...)
	if !diags.HasError() {
		report(explain.ProgressDone(*r))
	}
}
