package provider

import (
	"cmp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// providerData is what Configure hands to every surface. The checker, and with it
// the connections and what was learned, is shared by all of one configuration.
type providerData struct {
	settings
	checker *preflight.Checker // nil while the API's address is unknown
}

// dataFrom casts what the framework hands to a surface's Configure. It is nil,
// without an error, before the provider is configured, as while validating.
func dataFrom(data any, diags *diag.Diagnostics) *providerData {
	if data == nil {
		return nil
	}
	p, ok := data.(*providerData)
	if !ok {
		diags.Append(wrongProviderData)
	}
	return p
}

// unknowns are the errors for what a check needs of the provider
// configuration, or has as a token of its own, and is known only after apply.
func (p *providerData) unknowns(m checkModel, own types.String) diag.Diagnostics {
	var diags diag.Diagnostics
	if len(p.unknown) > 0 {
		diags.Append(unknownSettings(p.unknown...))
	}
	var needed []origin
	if m.SameAccountAsToken.ValueBool() {
		needed = append(needed, p.token.origin)
	}
	switch kind := m.kind(); {
	case kind == preflight.KindUserToken:
		needed = append(needed, p.userToken.origin)
	case kind == preflight.KindAppOAuth:
		needed = append(needed, p.app.origins()...)
	case own.IsNull():
		needed = append(needed, p.token.origin)
	}
	for _, o := range needed {
		if o.unknown {
			diags.Append(unknownCredential(o))
		}
	}
	if m.kind() == preflight.KindAppOAuth && p.identity == nil {
		diags.Append(unknownSettings("identity_url_override"))
	}
	if own.IsUnknown() {
		// Terraform itself waits until the value is known before it opens an
		// ephemeral resource; another client that does not must not get the
		// provider's token in its place.
		diags.Append(unknownOwnToken)
	}
	return diags
}

// credential is one of the provider's own, or the reason why there is none to
// check. Where validation is skipped it may be empty. unknowns comes first.
func (p *providerData) credential(kind preflight.Kind) (preflight.Credential, diag.Diagnostics) {
	switch {
	case kind == preflight.KindAppOAuth:
		return p.appCredential()
	case kind == preflight.KindToken && p.token.unset() && !p.skip:
		return preflight.Credential{}, diag.Diagnostics{missingToken(p.settings)}
	case kind == preflight.KindToken:
		return apiToken(kind, p.token), nil
	case kind == preflight.KindUserToken && p.userToken.unset() && !p.skip:
		return preflight.Credential{}, diag.Diagnostics{missingUserToken}
	case kind == preflight.KindUserToken:
		return apiToken(kind, p.userToken), nil
	}
	// No other kind stands for one of these.
	return preflight.Credential{}, diag.Diagnostics{invalidCredential}
}

func apiToken(kind preflight.Kind, s secretSetting) preflight.Credential {
	return preflight.Credential{Kind: kind, Value: s.value, Source: s.source, OverriddenVariable: s.overridden}
}

// ownCredential is a token of the ephemeral resource's own.
func ownCredential(token types.String) preflight.Credential {
	return preflight.Credential{
		Kind: preflight.KindToken, Own: true,
		Value: pagerduty.NewSecret(token.ValueString()), Source: `the ephemeral resource's "token"`,
	}
}

func (p *providerData) appCredential() (preflight.Credential, diag.Diagnostics) {
	missing := p.app.missing()
	switch {
	case p.skip:
	case len(missing) == len(p.app.origins()):
		return preflight.Credential{}, diag.Diagnostics{missingApp}
	case len(missing) > 0:
		return preflight.Credential{}, diag.Diagnostics{incompleteApp(missing)}
	case !pagerduty.ValidSubdomain(p.app.subdomain.value):
		return preflight.Credential{}, diag.Diagnostics{invalidSubdomain(p.app.subdomain)}
	}
	cred := preflight.Credential{
		Kind: preflight.KindAppOAuth, Value: p.app.secret.value, Source: p.app.secret.source,
		OAuth: &preflight.OAuthApp{
			ClientID: p.app.id.value, ClientIDSource: p.app.id.source,
			Region: p.region.value, Subdomain: strings.ToLower(p.app.subdomain.value), SubdomainSource: p.app.subdomain.source,
		},
	}
	for _, o := range p.app.origins() {
		cred.OverriddenVariable = cmp.Or(cred.OverriddenVariable, o.overridden)
	}
	return cred, nil
}
