package main

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
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
	var headers map[string]string
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("request_headers"), &headers)...)
	if token, ok := strings.CutPrefix(headers["Authorization"], "Token token="); !ok || token == "" {
		resp.Diagnostics.AddError("The stand-in got no Authorization header",
			"The result of the function did not reach the http provider.")
	}
	resp.State.Raw = req.Config.Raw
}
