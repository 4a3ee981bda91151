package provider

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// providerData is what Configure hands to everything. The checker, and with it
// the connections and what was learned, is shared by all of one configuration.
type providerData struct {
	settings
	checker *preflight.Checker // nil while the API's address is unknown
}

// credential is one of the provider's own, or the reason why there is none to
// check.
func (p *providerData) credential(kind preflight.Kind) (preflight.Credential, diag.Diagnostics) {
	switch kind {
	case preflight.KindUserToken:
		return p.key(kind, p.userToken, missingUserToken())
	case preflight.KindAppOAuth:
		return p.appCredential()
	default:
		return p.key(preflight.KindToken, p.token, missingToken(p.settings))
	}
}

func (p *providerData) key(kind preflight.Kind, s setting, missing diag.Diagnostic) (preflight.Credential, diag.Diagnostics) {
	var diags diag.Diagnostics
	switch {
	case s.unknown:
		diags.Append(unknownToken(string(kind)))
	case s.value == "" && !p.skip:
		diags.Append(missing)
	}
	return preflight.Credential{Kind: kind, Value: preflight.Secret(s.value), Source: s.source}, diags
}

func (p *providerData) appCredential() (preflight.Credential, diag.Diagnostics) {
	var diags diag.Diagnostics
	for _, v := range p.app.values() {
		if v.unknown {
			diags.Append(unknownToken(v.argument))
		}
	}
	if p.identity == nil {
		diags.Append(unknownSettings([]string{"identity_url_override"}))
	}
	missing := p.app.missing()
	switch {
	case diags.HasError() || p.skip:
	case len(missing) == len(p.app.values()):
		diags.Append(missingApp())
	case len(missing) > 0:
		diags.Append(incompleteApp(missing))
	case !pagerduty.ValidSubdomain(p.app.subdomain.value):
		diags.Append(invalidSubdomain(p.app.subdomain))
	}
	return preflight.Credential{
		Kind: preflight.KindAppOAuth, Value: preflight.Secret(p.app.secret.value), Source: p.app.secret.source,
		OAuth: &preflight.OAuthApp{ClientID: p.app.id.value, Region: p.region.value, Subdomain: strings.ToLower(p.app.subdomain.value)},
	}, diags
}

// fromProvider casts what the framework hands to a Configure. It is nil, without
// an error, before the provider is configured, as while validating.
func fromProvider(data any, diags *diag.Diagnostics) *providerData {
	if data == nil {
		return nil
	}
	p, ok := data.(*providerData)
	if !ok {
		diags.Append(wrongProviderData())
	}
	return p
}
