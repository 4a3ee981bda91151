package main

import (
	"context"
	"errors"
	"strings"

	"github.com/PagerDuty/go-pagerduty"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	dschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// httpRequest is the http provider's data source, without a request.
type httpRequest struct{}

func (httpRequest) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "http"
}

func (httpRequest) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = dschema.Schema{Attributes: map[string]dschema.Attribute{
		"url":             dschema.StringAttribute{Required: true},
		"request_headers": dschema.MapAttribute{Optional: true, ElementType: types.StringType},
	}}
}

// Read demands the header in which PagerDuty's API takes an API token.
func (httpRequest) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m struct {
		URL            types.String      `tfsdk:"url"`
		RequestHeaders map[string]string `tfsdk:"request_headers"`
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if token, ok := strings.CutPrefix(m.RequestHeaders["Authorization"], "Token token="); !ok || token == "" {
		resp.Diagnostics.AddError("The stand-in got no header Authorization",
			"The function's result did not reach the http provider.")
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// user is the official provider's data source pagerduty_user.
type user struct{ client *pagerduty.Client }

func (*user) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "pagerduty_user"
}

func (*user) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = dschema.Schema{Attributes: map[string]dschema.Attribute{
		"email": dschema.StringAttribute{Required: true},
		"id":    dschema.StringAttribute{Computed: true},
	}}
}

func (u *user) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	u.client, _ = req.ProviderData.(*pagerduty.Client)
}

func (u *user) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m struct {
		Email string       `tfsdk:"email"`
		ID    types.String `tfsdk:"id"`
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if u.client != nil {
		found, err := u.client.ListUsersWithContext(ctx, pagerduty.ListUsersOptions{Query: m.Email})
		if err != nil {
			resp.Diagnostics.AddError("The stand-in could not find the user", err.Error())
			return
		}
		for _, candidate := range found.Users {
			if candidate.Email == m.Email {
				m.ID = types.StringValue(candidate.ID)
			}
		}
		if m.ID.IsNull() {
			resp.Diagnostics.AddError("The stand-in found no such user", "No user has this email address: "+m.Email)
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// team is the official provider's resource pagerduty_team. Another name makes another team.
type team struct{ client *pagerduty.Client }

type teamModel struct {
	ID   types.String `tfsdk:"id"`
	Name string       `tfsdk:"name"`
}

func (*team) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "pagerduty_team"
}

func (*team) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	keep := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	replace := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":   schema.StringAttribute{Computed: true, PlanModifiers: keep},
		"name": schema.StringAttribute{Required: true, PlanModifiers: replace},
	}}
}

func (t *team) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	t.client, _ = req.ProviderData.(*pagerduty.Client)
}

func (t *team) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m teamModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	m.ID = types.StringValue("")
	if t.client != nil {
		created, err := t.client.CreateTeamWithContext(ctx, &pagerduty.Team{Name: m.Name})
		if err != nil {
			resp.Diagnostics.AddError("The stand-in could not create the team", err.Error())
			return
		}
		m.ID = types.StringValue(created.ID)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

func (t *team) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m teamModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if t.client == nil {
		return
	}
	switch found, err := t.client.GetTeamWithContext(ctx, m.ID.ValueString()); {
	case notFound(err):
		resp.State.RemoveResource(ctx)
	case err != nil:
		resp.Diagnostics.AddError("The stand-in could not read the team", err.Error())
	default:
		m.Name = found.Name
		resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
	}
}

func (*team) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}

func (t *team) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m teamModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if t.client == nil {
		return
	}
	if err := t.client.DeleteTeamWithContext(ctx, m.ID.ValueString()); err != nil && !notFound(err) {
		resp.Diagnostics.AddError("The stand-in could not delete the team", err.Error())
	}
}

func notFound(err error) bool {
	var e pagerduty.APIError
	return errors.As(err, &e) && e.NotFound()
}
