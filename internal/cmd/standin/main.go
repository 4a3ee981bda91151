// Command standin takes the place of the official PagerDuty provider in the tests
// of the examples: that one cannot be installed where they run. It has the
// argument "token" and the resource pagerduty_team, and asks nobody anything.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	pschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func main() {
	err := providerserver.Serve(context.Background(), func() provider.Provider { return standin{} }, providerserver.ServeOpts{
		Address: "registry.terraform.io/pagerduty/pagerduty",
	})
	if err != nil {
		log.Fatal(err)
	}
}

type standin struct{}

func (standin) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "pagerduty"
}

func (standin) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = pschema.Schema{Attributes: map[string]pschema.Attribute{
		"token": pschema.StringAttribute{Optional: true, Sensitive: true},
	}}
}

// Configure demands a token, as the official provider does.
func (standin) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var m struct {
		Token types.String `tfsdk:"token"`
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if !m.Token.IsUnknown() && m.Token.ValueString() == "" {
		resp.Diagnostics.AddError("The stand-in got no token", "The check's token did not reach the provider behind it.")
	}
}

func (standin) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (standin) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return team{} }}
}

type team struct{}

type teamModel struct {
	Name types.String `tfsdk:"name"`
}

func (team) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "pagerduty_team"
}

func (team) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{"name": schema.StringAttribute{Required: true}}}
}

func (team) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m teamModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

func (team) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (team) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m teamModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

func (team) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
