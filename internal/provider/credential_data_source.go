package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var (
	_ datasource.DataSourceWithConfigure      = (*credentialDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*credentialDataSource)(nil)
)

func newCredentialDataSource() datasource.DataSource { return &credentialDataSource{} }

type credentialDataSource struct{ provider *providerData }

type credentialDataSourceModel struct {
	checkModel
	IncludeAbilities types.Bool   `tfsdk:"include_abilities"`
	OnFailure        types.String `tfsdk:"on_failure"`
	resultModel
}

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
			"accepts it, and which user and account it belongs to. A credential that is not valid is an error " +
			"that says why.\n\n" +
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
	var m credentialDataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(m.conflicts()...)
	}
}

func (d *credentialDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m credentialDataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r, unknown, diags := d.provider.check(ctx, m.checkModel, checkOptions{
		judged: onFailureChoice.judge(m.OnFailure, true), validatedAgain: true, includeAbilities: m.IncludeAbilities,
		asWarning: m.OnFailure.ValueString() == "warning",
	})
	if unknown && req.ClientCapabilities.DeferralAllowed {
		resp.Deferred = &datasource.Deferred{Reason: datasource.DeferredReasonProviderConfigUnknown}
		resp.State.Raw = tftypes.NewValue(resp.State.Schema.Type().TerraformType(ctx), tftypes.UnknownValue)
		return
	}
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	m.resultModel = result(*r)
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}
