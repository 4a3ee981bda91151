// Command standin takes the place of the providers beside this one in the tests
// of the examples: they cannot be installed where the tests run. For the official
// PagerDuty provider it has the argument "token" and the resource pagerduty_team,
// for the http provider the data source http. It asks nobody anything.
package main

import (
	"context"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	dschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	pschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func main() {
	// The binary's name says for which of the two it stands.
	name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(os.Args[0]), "terraform-provider-"), ".exe")
	err := providerserver.Serve(context.Background(), func() provider.Provider { return standin{name} }, providerserver.ServeOpts{
		Address: "registry.terraform.io/standin/" + name,
	})
	if err != nil {
		log.Fatal(err)
	}
}

type standin struct{ name string }

func (s standin) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = s.name
}

func (standin) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = pschema.Schema{Attributes: map[string]pschema.Attribute{
		"token": pschema.StringAttribute{Optional: true, Sensitive: true},
	}}
}

// Configure demands a token, as the official provider does.
func (s standin) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var m struct {
		Token types.String `tfsdk:"token"`
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if s.name == "pagerduty" && !m.Token.IsUnknown() && m.Token.ValueString() == "" {
		resp.Diagnostics.AddError("The stand-in got no token", "The check's token did not reach the provider behind it.")
	}
}

func (standin) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{func() datasource.DataSource { return request{} }}
}

// request is the http provider's data source, without a request.
type request struct{}

func (request) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "http"
}

func (request) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = dschema.Schema{Attributes: map[string]dschema.Attribute{
		"url":             dschema.StringAttribute{Required: true},
		"request_headers": dschema.MapAttribute{Optional: true, ElementType: types.StringType},
	}}
}

// Read demands the header that PagerDuty's API takes a key in.
func (request) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m struct {
		URL            types.String      `tfsdk:"url"`
		RequestHeaders map[string]string `tfsdk:"request_headers"`
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if key, ok := strings.CutPrefix(m.RequestHeaders["Authorization"], "Token token="); !ok || key == "" {
		resp.Diagnostics.AddError("The stand-in got no header Authorization", "The function's result did not reach the provider beside it.")
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

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
