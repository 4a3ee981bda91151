package provider

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/explain"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// decided is what Configure makes of a provider block and an environment.
func decided(t *testing.T, m providerModel, env map[string]string) *providerData {
	t.Helper()
	s, diags := decide(m, func(name string) string { return env[name] })
	if diags.HasError() {
		t.Fatal(diags)
	}
	return &providerData{settings: s, checker: newChecker(s, "test")}
}

// A check is told where each value of its credential comes from, and which variable
// the configuration hides.
func TestCredential(t *testing.T) {
	t.Parallel()
	app := appObject(map[string]types.String{"pd_client_id": types.StringValue(appID)})
	p := decided(t, providerModel{
		Token: types.StringValue(marker), AppOAuth: app, ServiceRegion: types.StringValue("eu"),
	}, map[string]string{
		explain.EnvToken: "another", explain.EnvUserToken: marker,
		explain.EnvClientID: "another", explain.EnvClientSecret: markerSecret,
		explain.EnvSubdomain: "ACME",
	})
	for _, want := range []preflight.Credential{
		{
			Kind: preflight.KindToken, Value: pagerduty.NewSecret(marker), Source: explain.FromConfiguration,
			OverriddenVariable: explain.EnvToken,
		},
		{Kind: preflight.KindUserToken, Value: pagerduty.NewSecret(marker), Source: explain.EnvUserToken},
		{
			Kind: preflight.KindAppOAuth, Value: pagerduty.NewSecret(markerSecret), Source: explain.EnvClientSecret,
			OverriddenVariable: explain.EnvClientID,
			OAuth: &preflight.OAuthApp{
				ClientID: appID, ClientIDSource: explain.FromConfiguration, Region: "eu", Subdomain: "acme",
				SubdomainSource: explain.EnvSubdomain,
			},
		},
	} {
		got, diags := p.credential(want.Kind)
		if diags.HasError() || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v from %+v, want %+v from %+v %v", want.Kind, got, got.OAuth, want, want.OAuth, diags)
		}
	}
}

// The checker gets what reports and requests need of the provider block.
func TestNewChecker(t *testing.T) {
	t.Parallel()
	plain := decided(t, providerModel{}, map[string]string{explain.EnvServiceRegion: "eu"}).checker
	if plain.Region != "eu" || plain.HostOverridden || plain.IdentityOverridden || plain.Skip ||
		plain.Timeout != preflight.DefaultTimeout || plain.API.Host() != "api.eu.pagerduty.com" ||
		plain.Minter.Host() != "identity.pagerduty.com" {
		t.Errorf("without arguments: %+v", plain)
	}
	set := decided(t, providerModel{
		APIURLOverride: types.StringValue("https://gateway.example/pd"), Timeout: types.StringValue("3s"),
		IdentityURLOverride: types.StringValue("https://identity.example"), SkipCredentialsValidation: types.BoolValue(true),
	}, nil).checker
	if set.Region != "us" || !set.HostOverridden || !set.IdentityOverridden || !set.Skip ||
		set.Timeout != 3*time.Second || set.API.Host() != "gateway.example" || set.Minter.Host() != "identity.example" {
		t.Errorf("with arguments: %+v", set)
	}
	later := decided(t, providerModel{IdentityURLOverride: types.StringUnknown()}, nil).checker
	if later.Minter != nil {
		t.Error("an unknown identity host has a minter")
	}
}

// A remedy names where the token that was rejected is set: for one of the ephemeral
// resource's own, no environment variable has an effect.
func TestCredential_remedy(t *testing.T) {
	t.Parallel()
	provider := at(startEmulator(t), withToken(tokenRevoked))
	detail := run(t, dataSurface, provider, nil).fails(t, summaryUnauthorized, "")
	if !strings.Contains(detail, `"token" in the provider block`) || !strings.Contains(detail, `"api_url_override"`) {
		t.Errorf("the provider's token: %s", detail)
	}
	own := run(t, ephemeralSurface, provider, withToken(tokenGone)).fails(t, summaryUnauthorized, "")
	if !strings.Contains(own, "ephemeral resource") || strings.Contains(own, explain.EnvToken) {
		t.Errorf("a token of its own: %s", own)
	}
}
