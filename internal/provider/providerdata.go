package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// providerData is what Configure hands to everything. The checker, and with it
// the connections and what was learned, is shared by all of one configuration.
type providerData struct {
	settings
	checker *preflight.Checker // nil while the API's address is unknown
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
