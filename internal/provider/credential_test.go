package provider

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/explain"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// A credential comes with the source of each value and the variable that it overrides.
func TestCredential(t *testing.T) {
	t.Parallel()
	a := appArguments("pd_client_id", types.StringValue(appID))
	a["token"], a["service_region"] = types.StringValue(marker), types.StringValue("eu")
	p := &providerData{settings: readTest(t, a, map[string]string{
		explain.EnvToken: "other", explain.EnvUserToken: marker, explain.EnvClientID: "other",
		explain.EnvClientSecret: markerSecret, explain.EnvSubdomain: "ACME",
	})}
	for _, want := range []preflight.Credential{
		{
			Name: preflight.CredentialToken, Value: pagerduty.NewSecret(marker), Source: explain.FromConfiguration,
			OverriddenVariable: explain.EnvToken,
		},
		{Name: preflight.CredentialUserToken, Value: pagerduty.NewSecret(marker), Source: explain.EnvUserToken},
		{
			Name: preflight.CredentialApp, Value: pagerduty.NewSecret(markerSecret), Source: explain.EnvClientSecret,
			OverriddenVariable: explain.EnvClientID,
			App: &preflight.App{
				ClientID: appID, ClientIDSource: explain.FromConfiguration, Region: "eu", Subdomain: "acme",
				SubdomainSource: explain.EnvSubdomain,
			},
		},
	} {
		got, diags := p.credential(want.Name)
		if diags.HasError() || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v %v", want.Name, got, want, diags)
		}
	}
	own := preflight.Credential{
		Name: preflight.CredentialToken, Value: pagerduty.NewSecret(marker),
		Source: explain.FromEphemeralResource,
	}
	if got := ownCredential(types.StringValue(marker)); !reflect.DeepEqual(got, own) {
		t.Errorf("got %+v, want %+v", got, own)
	}
	for _, name := range []preflight.CredentialName{"", "user-token", "Token"} {
		if cred, diags := p.credential(name); !diags.HasError() || !cred.Value.IsZero() {
			t.Errorf("%q selects a credential", name)
		}
	}
}

// sent returns the credentials that reached the emulator: API tokens and client IDs.
func sent(s *pdfake.Server) []string {
	var all []string
	for _, r := range s.Requests() {
		if strings.HasPrefix(r.Header.Get("Authorization"), "Token ") || r.Listener == pdfake.ListenerIdentity {
			all = append(all, r.Token)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Each check sends the credential that it selects. No other replaces one that is missing,
// incomplete or unknown: nothing is sent then.
func TestCredential_selected(t *testing.T) {
	t.Parallel()
	text, null := unknown(tftypes.String), tftypes.NewValue(tftypes.String, nil)
	everything := emulatedApp().with(withToken(tokenAccount)).with(withUserToken(tokenAda))
	without := func(name string) given {
		g := everything.with(nil)
		delete(g, name)
		return g
	}
	app := func(id, secret, subdomain tftypes.Value) given {
		return everything.with(withAppBlock(id, secret, subdomain))
	}
	ephemeral := []string{ephemeralCheck}
	for name, c := range map[string]struct {
		provider, args    given
		sent              string // or else
		summary, argument string
		checks            []string
	}{
		"token":            {provider: everything, sent: tokenAccount},
		"user token":       {provider: everything, args: checkUserToken, sent: tokenAda},
		"app":              {provider: everything, args: checkApp, sent: appID},
		"own token":        {provider: everything, args: withToken(tokenObserver), sent: tokenObserver, checks: ephemeral},
		"only own token":   {args: withToken(tokenObserver), sent: tokenObserver, checks: ephemeral},
		"null own token":   {provider: everything, args: given{"token": null}, sent: tokenAccount, checks: ephemeral},
		"empty own token":  {everything, withToken(""), "", summaryNoToken, "token", ephemeral},
		"no token":         {provider: without("token"), summary: summaryNoToken},
		"empty token":      {provider: everything.with(withToken("")), summary: summaryNoToken},
		"no user token":    {provider: without("user_token"), args: checkUserToken, summary: summaryNoUserToken},
		"no app":           {provider: without(appBlock), args: checkApp, summary: summaryNoApp},
		"no client ID":     {provider: app(null, str(appSecret), str("acme")), summary: summaryHalfApp, argument: appBlock},
		"no client secret": {provider: app(str(appID), str(""), str("acme")), summary: summaryHalfApp, argument: appBlock},
		"no subdomain":     {provider: app(str(appID), str(appSecret), null), summary: summaryHalfApp, argument: appBlock},

		"unknown token": {provider: everything.with(given{"token": text}), summary: summaryUnknownToken},
		"unknown user token": {
			provider: everything.with(given{"user_token": text}), args: checkUserToken, summary: summaryUnknownToken,
		},
		"unknown client secret": {provider: app(str(appID), text, str("acme")), args: checkApp, summary: summaryUnknownToken},
		"unknown subdomain":     {app(str(appID), str(appSecret), text), checkApp, "", summaryUnknownToken, "", nil},
		"unknown identity host": {
			provider: everything.with(given{"identity_url_override": text}), args: checkApp, summary: summaryUnknown,
		},
		"unknown region":       {provider: everything.with(given{"service_region": text}), summary: summaryUnknown},
		"unknown URL":          {provider: everything.with(given{"api_url_override": text}), summary: summaryUnknown},
		"unknown certificates": {provider: everything.with(given{"ca_cert_pem": text}), summary: summaryUnknown},
		"unknown timeout":      {provider: everything.with(given{"timeout": text}), summary: summaryUnknown},
		"unknown retries": {
			provider: everything.with(given{"max_retries": unknown(tftypes.Number)}), summary: summaryUnknown,
		},

		"unknown token not needed": {provider: everything.with(given{"token": text}), args: checkUserToken, sent: tokenAda},
		"unknown token but own": {
			everything.with(given{"token": text}), withToken(tokenObserver), tokenObserver, "", "", ephemeral,
		},
		"unknown app not needed": {
			provider: app(text, text, text).with(given{"identity_url_override": text}), sent: tokenAccount,
		},
	} {
		if c.checks == nil {
			c.checks = allChecks
		}
		for _, check := range c.checks {
			t.Run(name+"/"+check, func(t *testing.T) {
				t.Parallel()
				s := startEmulator(t, withApp("users.read"))
				r := run(t, check, at(s, c.provider), c.args)
				if c.summary != "" {
					r.fails(t, c.summary, c.argument)
					if n := len(s.Requests()); n+len(r.progress) > 0 {
						t.Errorf("%d requests, progress %q", n, r.progress)
					}
					return
				}
				r.passes(t)
				if !slices.Equal(sent(s), []string{c.sent}) {
					t.Errorf("sent %q, want %q", sent(s), c.sent)
				}
			})
		}
	}
}
