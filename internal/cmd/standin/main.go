// Command standin stands in for providers that the tests cannot install. It sends no request. The
// name of its binary decides whether it is the http provider or the official PagerDuty provider.
//
// Like the official provider (v3), it treats a token that is unknown, null or empty as unset, and
// then uses PAGERDUTY_TOKEN. Without either it cannot be configured. It appends a line per operation
// to the file that STANDIN_JOURNAL names: the operation, the end of the credential that the official
// provider would send, and the team, such as "create ****0002 Checkout".
package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func main() {
	name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(os.Args[0]), "terraform-provider-"), ".exe")
	newStandin := func() provider.Provider { return standin{name} }
	err := providerserver.Serve(context.Background(), newStandin, providerserver.ServeOpts{
		Address: "registry.terraform.io/standin/" + name,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "standin:", err)
		os.Exit(1)
	}
}

type standin struct{ name string }

func (s standin) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = s.name
}

func (standin) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	optional := schema.StringAttribute{Optional: true}
	secret := schema.StringAttribute{Optional: true, Sensitive: true}
	resp.Schema = schema.Schema{
		Attributes: map[string]schema.Attribute{
			"token": secret, "user_token": secret, "service_region": optional, "api_url_override": optional,
			"insecure_tls":                schema.BoolAttribute{Optional: true},
			"skip_credentials_validation": schema.BoolAttribute{Optional: true},
		},
		Blocks: map[string]schema.Block{
			"use_app_oauth_scoped_token": schema.ListNestedBlock{
				NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
					"pd_client_id": optional, "pd_client_secret": secret, "pd_subdomain": optional,
				}},
			},
		},
	}
}

func (s standin) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	if s.name != "pagerduty" {
		return
	}
	// set returns an argument, or the environment's value if it is unknown, null or empty.
	set := func(argument path.Path, variable string) string {
		var value types.String
		resp.Diagnostics.Append(req.Config.GetAttribute(ctx, argument, &value)...)
		return cmp.Or(value.ValueString(), os.Getenv(variable))
	}
	used := cmp.Or(
		set(path.Root("use_app_oauth_scoped_token").AtListIndex(0).AtName("pd_client_id"), ""),
		set(path.Root("token"), "PAGERDUTY_TOKEN"),
		set(path.Root("user_token"), "PAGERDUTY_USER_TOKEN"),
	)
	if used == "" {
		resp.Diagnostics.AddError("The stand-in got no token",
			"Neither an argument nor the environment sets a credential of the official provider.")
		return
	}
	log := journal{credential: "****" + used[max(0, len(used)-4):]}
	resp.Diagnostics.Append(log.write("configure", "")...)
	resp.ResourceData = log
}

func (standin) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		func() datasource.DataSource { return httpRequest{} }, func() datasource.DataSource { return user{} },
	}
}

func (standin) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &team{} }}
}
