package provider

import (
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
		"token": word(keyAda), "api_url_override": word(s.URL()), "ca_cert_pem": word(s.CAPEM()),
	})
	empty := dynamic(b, schemas.DataSourceSchemas[typeName], nil)

	b.Run("schema", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := newServer().GetProviderSchema(b.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("validate_provider", func(b *testing.B) {
		server := newServer()
		b.ReportAllocs()
		for b.Loop() {
			req := &tfprotov6.ValidateProviderConfigRequest{Config: configuration}
			resp, err := server.ValidateProviderConfig(b.Context(), req)
			if err != nil || len(resp.Diagnostics) > 0 {
				b.Fatal(err, resp)
			}
		}
	})
	b.Run("validate_data_source", func(b *testing.B) {
		server := newServer()
		b.ReportAllocs()
		for b.Loop() {
			req := &tfprotov6.ValidateDataResourceConfigRequest{TypeName: typeName, Config: empty}
			resp, err := server.ValidateDataResourceConfig(b.Context(), req)
			if err != nil || len(resp.Diagnostics) > 0 {
				b.Fatal(err, resp)
			}
		}
	})
	configure := func(b *testing.B, server tfprotov6.ProviderServer) {
		b.Helper()
		resp, err := server.ConfigureProvider(b.Context(), &tfprotov6.ConfigureProviderRequest{Config: configuration})
		if err != nil || len(resp.Diagnostics) > 0 {
			b.Fatal(err, resp)
		}
	}
	b.Run("configure", func(b *testing.B) {
		server := newServer()
		b.ReportAllocs()
		for b.Loop() {
			configure(b, server)
		}
	})
	b.Run("read,remembered", func(b *testing.B) {
		server := newServer()
		configure(b, server)
		read := func() {
			req := &tfprotov6.ReadDataSourceRequest{TypeName: typeName, Config: empty}
			resp, err := server.ReadDataSource(b.Context(), req)
			if err != nil || len(resp.Diagnostics) > 0 {
				b.Fatal(err, resp)
			}
		}
		read()
		b.ReportAllocs()
		for b.Loop() {
			read()
		}
	})
}
