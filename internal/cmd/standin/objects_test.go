package main

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"testing"

	"github.com/PagerDuty/go-pagerduty"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// TestUser_Read finds a user by email. That there is none is an error, as in the official provider.
func TestUser_Read(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, tfrun.Seed()...)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(s.CAPEM()))
	client := pagerduty.NewClient(tfrun.TokenAda, pagerduty.WithAPIEndpoint(s.URL()))
	client.HTTPClient = transport{&http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
	}}
	u := &user{client}
	var schema datasource.SchemaResponse
	u.Schema(t.Context(), datasource.SchemaRequest{}, &schema)
	for email, found := range map[string]bool{"ada@acme.example": true, "nobody@acme.example": false} {
		config := tftypes.NewValue(schema.Schema.Type().TerraformType(t.Context()), map[string]tftypes.Value{
			"email": tftypes.NewValue(tftypes.String, email), "id": tftypes.NewValue(tftypes.String, nil),
		})
		resp := datasource.ReadResponse{State: tfsdk.State{Schema: schema.Schema}}
		u.Read(t.Context(), datasource.ReadRequest{Config: tfsdk.Config{Schema: schema.Schema, Raw: config}}, &resp)
		if resp.Diagnostics.HasError() == found {
			t.Errorf("%s: %v", email, resp.Diagnostics)
		}
	}
}
