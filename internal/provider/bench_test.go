package provider

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// What Terraform asks in a plan, through the protocol and in this process: the
// framework's work is in the numbers, gRPC, Terraform and the cold code of a new
// process are not. The read goes to the emulator, once; what is measured after
// that is remembered, so that the emulator's own allocations do not count.
func BenchmarkProtocol(b *testing.B) {
	s, err := pdfake.New(tfrun.Seed()...)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	newServer := func() tfprotov6.ProviderServer { return providerserver.NewProtocol6(New("bench")())() }
	schemas, err := newServer().GetProviderSchema(b.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		b.Fatal(err)
	}
	const typeName = "pagerdutyauth_credential"
	configuration := dynamic(b, schemas.Provider, map[string]tftypes.Value{
		"token": word(tokenAda), "api_url_override": word(s.URL()), "ca_cert_pem": word(s.CAPEM()),
	})
	empty := dynamic(b, schemas.DataSourceSchemas[typeName], nil)

	type diagnostics = []*tfprotov6.Diagnostic
	validateProvider := &tfprotov6.ValidateProviderConfigRequest{Config: configuration}
	validateData := &tfprotov6.ValidateDataResourceConfigRequest{TypeName: typeName, Config: empty}
	configure := &tfprotov6.ConfigureProviderRequest{Config: configuration}
	read := &tfprotov6.ReadDataSourceRequest{TypeName: typeName, Config: empty}
	for _, c := range []struct {
		name string
		call func(context.Context, tfprotov6.ProviderServer) (diagnostics, error)
	}{
		{"schema", func(ctx context.Context, _ tfprotov6.ProviderServer) (diagnostics, error) {
			resp, err := newServer().GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
			return resp.Diagnostics, err
		}},
		{"validate_provider", func(ctx context.Context, server tfprotov6.ProviderServer) (diagnostics, error) {
			resp, err := server.ValidateProviderConfig(ctx, validateProvider)
			return resp.Diagnostics, err
		}},
		{"validate_data_source", func(ctx context.Context, server tfprotov6.ProviderServer) (diagnostics, error) {
			resp, err := server.ValidateDataResourceConfig(ctx, validateData)
			return resp.Diagnostics, err
		}},
		{"configure", func(ctx context.Context, server tfprotov6.ProviderServer) (diagnostics, error) {
			resp, err := server.ConfigureProvider(ctx, configure)
			return resp.Diagnostics, err
		}},
		{"read,remembered", func(ctx context.Context, server tfprotov6.ProviderServer) (diagnostics, error) {
			resp, err := server.ReadDataSource(ctx, read)
			return resp.Diagnostics, err
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			server := newServer()
			if _, err := server.ConfigureProvider(b.Context(), configure); err != nil {
				b.Fatal(err)
			}
			call := func() {
				if diags, err := c.call(b.Context(), server); err != nil || len(diags) > 0 {
					b.Fatal(err, diags)
				}
			}
			call()
			b.ReportAllocs()
			for b.Loop() {
				call()
			}
		})
	}
}
