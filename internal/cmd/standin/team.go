package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// team is the resource pagerduty_team of the official provider. Its teams exist in the state only.
type team struct{ journal }

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
	t.journal, _ = req.ProviderData.(journal)
}

func (t *team) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m teamModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	resp.Diagnostics.Append(t.write("create", m.Name)...)
	m.ID = types.StringValue("PTEAM01")
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

func (*team) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (*team) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}

func (t *team) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m teamModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	resp.Diagnostics.Append(t.write("delete", m.Name)...)
}

// journal writes the operations with a credential.
type journal struct{ credential string }

func (j journal) write(operation, team string) (diags diag.Diagnostics) {
	file, err := os.OpenFile(os.Getenv("STANDIN_JOURNAL"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = fmt.Fprintln(file, strings.TrimSpace(operation+" "+j.credential+" "+team))
		_ = file.Close()
	}
	if err != nil {
		diags.AddError("The stand-in could not write its journal", err.Error())
	}
	return diags
}
