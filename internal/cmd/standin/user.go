package main

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// user is the data source pagerduty_user of the official provider. Every user exists.
type user struct{}

func (user) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "pagerduty_user"
}

func (user) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"email": schema.StringAttribute{Required: true},
		"id":    schema.StringAttribute{Computed: true},
	}}
}

func (user) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m struct {
		Email string       `tfsdk:"email"`
		ID    types.String `tfsdk:"id"`
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	m.ID = types.StringValue("PUSER01")
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}
