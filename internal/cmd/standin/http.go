package main

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// httpRequest is the data source of the http provider.
type httpRequest struct{}

func (httpRequest) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "http"
}

func (httpRequest) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"url":             schema.StringAttribute{Required: true},
		"request_headers": schema.MapAttribute{Optional: true, ElementType: types.StringType},
	}}
}

// Read requires the header in which PagerDuty's API expects an API token.
func (httpRequest) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m struct {
		URL            types.String      `tfsdk:"url"`
		RequestHeaders map[string]string `tfsdk:"request_headers"`
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if token, ok := strings.CutPrefix(m.RequestHeaders["Authorization"], "Token token="); !ok || token == "" {
		resp.Diagnostics.AddError("The stand-in got no Authorization header",
			"The result of the function did not reach the http provider.")
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}
