package main

import (
	"context"
	"errors"
	"net/url"
	"strings"

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
type user struct{ api *api }

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
	u.api, _ = req.ProviderData.(*api)
}

func (u *user) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m struct {
		Email types.String `tfsdk:"email"`
		ID    types.String `tfsdk:"id"`
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	var found struct {
		Users []struct{ ID, Email string }
	}
	if err := u.api.call(ctx, "GET", "/users?query="+url.QueryEscape(m.Email.ValueString()), nil, &found); err != nil {
		resp.Diagnostics.AddError("The stand-in could not find the user", err.Error())
		return
	}
	for _, candidate := range found.Users {
		if candidate.Email == m.Email.ValueString() {
			m.ID = types.StringValue(candidate.ID)
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// team is the official provider's resource pagerduty_team.
type team struct{ api *api }

type teamModel struct {
	ID   types.String `tfsdk:"id"`
	Name types.String `tfsdk:"name"`
}

// teamJSON is a team in a request and in an answer.
type teamJSON struct {
	Team struct {
		ID   string `json:"id,omitempty"`
		Type string `json:"type"`
		Name string `json:"name"`
	} `json:"team"`
}

func (*team) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "pagerduty_team"
}

func (*team) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	keep := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":   schema.StringAttribute{Computed: true, PlanModifiers: keep},
		"name": schema.StringAttribute{Required: true},
	}}
}

func (t *team) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	t.api, _ = req.ProviderData.(*api)
}

func (t *team) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m teamModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	body := newTeam(m)
	if err := t.api.call(ctx, "POST", "/teams", body, body); err != nil {
		resp.Diagnostics.AddError("The stand-in could not create the team", err.Error())
		return
	}
	m.ID = types.StringValue(body.Team.ID)
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

func newTeam(m teamModel) *teamJSON {
	body := &teamJSON{}
	body.Team.Type, body.Team.Name = "team", m.Name.ValueString()
	return body
}

func (t *team) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m teamModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	body := newTeam(m)
	switch err := t.api.call(ctx, "GET", "/teams/"+m.ID.ValueString(), nil, body); {
	case errors.Is(err, errNotFound):
		resp.State.RemoveResource(ctx)
	case err != nil:
		resp.Diagnostics.AddError("The stand-in could not read the team", err.Error())
	default:
		m.Name = types.StringValue(body.Team.Name)
		resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
	}
}

func (t *team) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m teamModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	if err := t.api.call(ctx, "PUT", "/teams/"+m.ID.ValueString(), newTeam(m), nil); err != nil {
		resp.Diagnostics.AddError("The stand-in could not change the team", err.Error())
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

func (t *team) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m teamModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	err := t.api.call(ctx, "DELETE", "/teams/"+m.ID.ValueString(), nil, nil)
	if err != nil && !errors.Is(err, errNotFound) {
		resp.Diagnostics.AddError("The stand-in could not delete the team", err.Error())
	}
}
