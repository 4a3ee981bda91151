package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

var (
	_ datasource.DataSourceWithConfigure      = (*credentialDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*credentialDataSource)(nil)
)

func newCredentialDataSource() datasource.DataSource { return &credentialDataSource{} }

type credentialDataSource struct{ provider *providerData }

func (d *credentialDataSource) Metadata(
	_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_credential"
}

func (d *credentialDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := checkAttributes()
	maps.Copy(attributes, resultAttributes())
	attributes["on_failure"] = schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "How to report a failed check: `error` (default) or `warning`.",
		Validators:          []validator.String{onFailureChoice},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Checks one of the provider's PagerDuty credentials during plan: whether PagerDuty " +
			"accepts it, and which user and account it belongs to. An invalid credential is an error that says " +
			"why.\n\n" +
			"Terraform reads the data source during each plan, and not again when a saved plan is applied. Its " +
			"result, with the user's name and email address, is stored in the state.",
		Attributes: attributes,
	}
}

func (d *credentialDataSource) Configure(
	_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse,
) {
	d.provider = dataFrom(req.ProviderData, &resp.Diagnostics)
}

func (d *credentialDataSource) ValidateConfig(
	ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse,
) {
	a, diags := readArguments(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(a.conflicts()...)
}

func (d *credentialDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	a, diags := readArguments(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	onFailure := a.text("on_failure")
	r, diags := d.provider.check(ctx, a, checkOptions{
		invalid: onFailureChoice.check(onFailure, true), asWarning: onFailure.ValueString() == "warning",
	})
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	state, diags := a.withResults(resp.State.Schema.Type(), results(r))
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}
