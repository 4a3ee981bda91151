// Command standin takes the place of other providers in tests: they cannot be
// installed where the tests run. For the http provider it has the data source http,
// which asks nobody. For the official PagerDuty provider, as far as its source (v3)
// says how that one behaves:
//
//   - a token that is unknown, null or empty is unset, PAGERDUTY_TOKEN takes its
//     place, and without either it is an error;
//   - it asks GET /abilities first, unless skip_credentials_validation is set;
//   - the data source pagerduty_user asks GET /users?query=EMAIL, and the resource
//     pagerduty_team creates, reads and deletes at /teams.
//
// It asks with PagerDuty's own client. Its own argument ca_cert_pem makes it trust
// the emulator. Without api_url_override it asks nobody.
package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/PagerDuty/go-pagerduty"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func main() {
	// The binary's name says for which of the two it stands.
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

type settings struct {
	Token          types.String `tfsdk:"token"`
	UserToken      types.String `tfsdk:"user_token"`
	ServiceRegion  types.String `tfsdk:"service_region"`
	APIURLOverride types.String `tfsdk:"api_url_override"`
	CACertPEM      types.String `tfsdk:"ca_cert_pem"`
	Insecure       types.Bool   `tfsdk:"insecure_tls"`
	Skip           types.Bool   `tfsdk:"skip_credentials_validation"`
	App            []struct {
		ID        types.String `tfsdk:"pd_client_id"`
		Secret    types.String `tfsdk:"pd_client_secret"`
		Subdomain types.String `tfsdk:"pd_subdomain"`
	} `tfsdk:"use_app_oauth_scoped_token"`
}

func (s standin) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = s.name
}

func (standin) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	app := map[string]schema.Attribute{
		"pd_client_id":     schema.StringAttribute{Optional: true},
		"pd_client_secret": schema.StringAttribute{Optional: true, Sensitive: true},
		"pd_subdomain":     schema.StringAttribute{Optional: true},
	}
	resp.Schema = schema.Schema{
		Attributes: map[string]schema.Attribute{
			"token":                       schema.StringAttribute{Optional: true, Sensitive: true},
			"user_token":                  schema.StringAttribute{Optional: true, Sensitive: true},
			"service_region":              schema.StringAttribute{Optional: true},
			"api_url_override":            schema.StringAttribute{Optional: true},
			"ca_cert_pem":                 schema.StringAttribute{Optional: true},
			"insecure_tls":                schema.BoolAttribute{Optional: true},
			"skip_credentials_validation": schema.BoolAttribute{Optional: true},
		},
		Blocks: map[string]schema.Block{
			"use_app_oauth_scoped_token": schema.ListNestedBlock{
				NestedObject: schema.NestedBlockObject{Attributes: app},
			},
		},
	}
}

// set is a value, or the environment's where it is unknown, null or empty.
func set(value types.String, variable string) string {
	return cmp.Or(value.ValueString(), os.Getenv(variable))
}

func (s standin) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var m settings
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if s.name != "pagerduty" || resp.Diagnostics.HasError() {
		return
	}
	if len(m.App) > 0 {
		app := m.App[0]
		if set(app.ID, "PAGERDUTY_CLIENT_ID") == "" || set(app.Secret, "PAGERDUTY_CLIENT_SECRET") == "" ||
			set(app.Subdomain, "PAGERDUTY_SUBDOMAIN") == "" {
			resp.Diagnostics.AddError("The OAuth app is incomplete", "The stand-in needs ID, secret and subdomain.")
		}
		// The official provider asks identity.pagerduty.com, and has no argument for
		// another address: the stand-in asks nobody.
		return
	}
	token := set(m.Token, "PAGERDUTY_TOKEN")
	if token == "" && set(m.UserToken, "PAGERDUTY_USER_TOKEN") == "" {
		resp.Diagnostics.AddError("The stand-in got no token",
			"Neither an argument nor the environment sets the API token of the official provider.")
		return
	}
	if m.APIURLOverride.ValueString() == "" {
		return
	}
	client := pagerduty.NewClient(token, pagerduty.WithAPIEndpoint(m.APIURLOverride.ValueString()))
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(m.CACertPEM.ValueString()))
	client.HTTPClient = transport{&http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
	}}
	if !m.Skip.ValueBool() {
		if _, err := client.ListAbilitiesWithContext(ctx); err != nil {
			resp.Diagnostics.AddError("The stand-in could not be configured", err.Error())
		}
	}
	resp.ResourceData, resp.DataSourceData = client, client
}

// transport is what the client sends requests with.
type transport struct{ *http.Transport }

func (t transport) Do(r *http.Request) (*http.Response, error) { return t.RoundTrip(r) }

func (s standin) DataSources(context.Context) []func() datasource.DataSource {
	if s.name == "http" {
		return []func() datasource.DataSource{func() datasource.DataSource { return httpRequest{} }}
	}
	return []func() datasource.DataSource{func() datasource.DataSource { return &user{} }}
}

func (s standin) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &team{} }}
}
