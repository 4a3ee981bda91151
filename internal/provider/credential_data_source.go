package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
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

func (d *credentialDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_credential"
}

func (d *credentialDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := guardAttributes()
	maps.Copy(attributes, resultAttributes())
	attributes["on_failure"] = schema.StringAttribute{Optional: true, MarkdownDescription: onFailureDescription}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Checks one of the provider's PagerDuty credentials while Terraform plans: whether PagerDuty accepts it, whose it is and which account it belongs to. A credential that is not good is an error that says why.\n\nIt is read in each plan, and not again when a saved plan is applied. Its result, with the user's name and e-mail address, is stored in the state.",
		Attributes:          attributes,
	}
}

func (d *credentialDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.provider = fromProvider(req.ProviderData, &resp.Diagnostics)
}

func (d *credentialDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var m credentialDataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(m.validate()...)
	switch m.OnFailure.ValueString() {
	case "", onFailureError, onFailureWarning:
	default:
		resp.Diagnostics.Append(attributeError("on_failure", summaryOnFailure, `"on_failure" must be "error" or "warning".`))
	}
}

// The values of on_failure.
const (
	onFailureError   = "error"
	onFailureWarning = "warning"
)

func (d *credentialDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m credentialDataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	cred, diags := d.provider.credential(m.kind())
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	r, diags := d.provider.check(ctx, cred, m.checkModel, checkOptions{includeAbilities: m.IncludeAbilities.ValueBool(), asWarning: m.OnFailure.ValueString() == onFailureWarning})
	resp.Diagnostics.Append(diags...)
	if r == nil || diags.HasError() {
		return
	}
	m.resultModel = result(ctx, *r, d.provider.settings)
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}
