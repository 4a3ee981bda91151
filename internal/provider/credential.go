package provider

import (
	"cmp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/explain"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// providerData is what Configure passes to data source, ephemeral resource and action.
// All of one configuration share the checker.
type providerData struct {
	settings
	checker *preflight.Checker // nil while the API URL is unknown
}

// dataFrom casts the value that the framework passes to Configure. It returns nil without
// an error if the provider is not configured yet, as during validation.
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

// unknowns returns the errors about values that a check needs and that are known after
// apply.
func (p *providerData) unknowns(name preflight.CredentialName, ownToken types.String) diag.Diagnostics {
	var diags diag.Diagnostics
	if len(p.unknown) > 0 {
		diags.Append(unknownSettings(p.unknown...))
	}
	var needed []origin
	switch {
	case name == preflight.CredentialUserToken:
		needed = []origin{p.userToken.origin}
	case name == preflight.CredentialApp:
		needed = p.app.origins()
	case ownToken.IsNull():
		needed = []origin{p.token.origin}
	}
	for _, o := range needed {
		if o.unknown {
			diags.Append(unknownCredential(o))
		}
	}
	if name == preflight.CredentialApp && p.identity == nil {
		diags.Append(unknownSettings("identity_url_override"))
	}
	if ownToken.IsUnknown() {
		// Terraform opens an ephemeral resource only once its values are known. Another
		// client must not get the provider's token instead.
		diags.Append(unknownOwnToken)
	}
	return diags
}

// credential returns one of the provider's credentials, or the error that it is missing.
// Call unknowns first.
func (p *providerData) credential(name preflight.CredentialName) (preflight.Credential, diag.Diagnostics) {
	switch {
	case name == preflight.CredentialApp:
		return p.appCredential()
	case name == preflight.CredentialToken && p.token.unset():
		return preflight.Credential{}, diag.Diagnostics{missingToken(p.settings)}
	case name == preflight.CredentialToken:
		return apiToken(name, p.token), nil
	case name == preflight.CredentialUserToken && p.userToken.unset():
		return preflight.Credential{}, diag.Diagnostics{missingUserToken}
	case name == preflight.CredentialUserToken:
		return apiToken(name, p.userToken), nil
	}
	// An invalid name must not select another credential.
	return preflight.Credential{}, diag.Diagnostics{invalidCredential}
}

func apiToken(name preflight.CredentialName, s secretSetting) preflight.Credential {
	return preflight.Credential{Name: name, Value: s.value, Source: s.source, OverriddenVariable: s.overridden}
}

// ownCredential returns an ephemeral resource's own token.
func ownCredential(token types.String) preflight.Credential {
	return preflight.Credential{
		Name: preflight.CredentialToken, Value: pagerduty.NewSecret(token.ValueString()),
		Source: explain.FromEphemeralResource,
	}
}

func (p *providerData) appCredential() (preflight.Credential, diag.Diagnostics) {
	missing := p.app.missing()
	switch {
	case len(missing) == len(p.app.origins()):
		return preflight.Credential{}, diag.Diagnostics{missingApp}
	case len(missing) > 0:
		return preflight.Credential{}, diag.Diagnostics{incompleteApp(missing)}
	case !pagerduty.ValidSubdomain(p.app.subdomain.value):
		return preflight.Credential{}, diag.Diagnostics{invalidSubdomain(p.app.subdomain)}
	}
	cred := preflight.Credential{
		Name: preflight.CredentialApp, Value: p.app.secret.value, Source: p.app.secret.source,
		App: &preflight.App{
			ClientID: p.app.id.value, ClientIDSource: p.app.id.source, Region: p.region.value,
			Subdomain: strings.ToLower(p.app.subdomain.value), SubdomainSource: p.app.subdomain.source,
		},
	}
	for _, o := range p.app.origins() {
		cred.OverriddenVariable = cmp.Or(cred.OverriddenVariable, o.overridden)
	}
	return cred, nil
}
