package explain

import (
	"fmt"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// Where a credential is made, and by whom [D].
const (
	underAPIAccessKeys = `an account API token under Integrations > API Access Keys (by an Admin or the Account Owner)`
	underUserSettings  = `a user API token under My Profile > User Settings (may need Advanced Permissions)`
	appRegistration    = `Integrations > App Registration`
)

// The environment variables of the provider's arguments; the official provider's names.
const (
	EnvToken         = "PAGERDUTY_TOKEN"
	EnvUserToken     = "PAGERDUTY_USER_TOKEN"
	EnvClientID      = "PAGERDUTY_CLIENT_ID"
	EnvClientSecret  = "PAGERDUTY_CLIENT_SECRET"
	EnvSubdomain     = "PAGERDUTY_SUBDOMAIN"
	EnvServiceRegion = "PAGERDUTY_SERVICE_REGION"
)

// FromConfiguration is the source of a value that the provider block sets. The others
// are the names of the environment variables.
const FromConfiguration = "provider configuration"

// create continues "Create ": what fits where this credential is configured.
func create(c *preflight.Credential) string {
	if c.Kind == preflight.KindUserToken {
		return underUserSettings
	}
	return underAPIAccessKeys + ", or " + underUserSettings
}

// set continues "set ": the argument or environment variable that this credential
// comes from first. Where the provider block sets it, a variable has no effect.
func set(c *preflight.Credential) string {
	switch {
	case c.Own:
		return `"token" of the ephemeral resource`
	case c.Kind == preflight.KindUserToken:
		return setting(c.Source, preflight.ArgumentUserToken)
	case c.Kind == preflight.KindAppOAuth:
		return `"pd_client_id" and "pd_client_secret" (PAGERDUTY_CLIENT_ID and PAGERDUTY_CLIENT_SECRET)`
	default:
		return setting(c.Source, preflight.ArgumentToken)
	}
}

func setting(source string, argument preflight.Argument) string {
	switch variable := arguments[argument].variable; source {
	case FromConfiguration:
		return fmt.Sprintf(`%q in the provider block (or %s in its place)`, argument, variable)
	case variable:
		return fmt.Sprintf(`%s or %q in the provider block`, variable, argument)
	default:
		return fmt.Sprintf(`%q in the provider block or %s`, argument, variable)
	}
}

// argument names a credential by where it is configured.
func argument(c *preflight.Credential) string {
	switch {
	case c.Own:
		return `the ephemeral resource's "token"`
	case c.Kind == preflight.KindUserToken:
		return `"user_token"`
	case c.Kind == preflight.KindAppOAuth:
		return `the OAuth app`
	default:
		return `"token"`
	}
}

// subject is what a request was about, to follow "the".
func subject(r *preflight.Report) string {
	switch {
	case r.Credential.Kind != preflight.KindAppOAuth:
		return "API token"
	case r.Minting:
		return "OAuth app"
	default:
		return "access token"
	}
}

// credentialName is what a credential is called, to follow "the".
func credentialName(r *preflight.Report) string {
	if r.Credential.Kind == preflight.KindAppOAuth {
		return "OAuth app"
	}
	return "API token"
}

// overridden says that another value was perhaps meant.
func overridden(r *preflight.Report) string {
	if r.Credential.OverriddenVariable == "" {
		return ""
	}
	return Prose(`Another value is set in %s, which the provider block overrides.`, r.Credential.OverriddenVariable)
}

// regionSetting names what sets the service region.
func regionSetting(r *preflight.Report) string {
	if r.Credential.Own {
		return `"service_region" in the provider block`
	}
	return `"service_region" or PAGERDUTY_SERVICE_REGION`
}

// addressOverride is the argument that moved the host that was asked, "" for none.
func addressOverride(r *preflight.Report) string {
	switch {
	case r.Minting && r.IdentityOverridden:
		return `"identity_url_override"`
	case !r.Minting && r.HostOverridden:
		return `"api_url_override"`
	default:
		return ""
	}
}

// credentialFacts say which of many credentials it was. A client ID is no secret,
// but where somebody swapped the two values it is.
func credentialFacts(r *preflight.Report) (facts lines) {
	switch c, app := &r.Credential, r.Credential.OAuth; {
	case c.Source == "":
	case c.Kind != preflight.KindAppOAuth:
		facts.add("Token", preview(r))
	case app == nil:
		facts.add("Client secret", preview(r))
	default:
		facts.add("Client ID", from(preflight.Preview(app.ClientID), app.ClientIDSource))
		facts.add("Client secret", preview(r))
		if app.Subdomain != "" {
			facts.add("Subdomain", from(quoted(app.Subdomain), app.SubdomainSource))
		}
	}
	return facts
}

// preview is what may be shown of a credential, and where it came from.
func preview(r *preflight.Report) string { return from(r.Preview, r.Credential.Source) }

func from(value, source string) string { return fmt.Sprintf("%s (from %s)", value, source) }

// notJudged says that a failure is not about the credential, as far as that is known.
func notJudged(r *preflight.Report) string {
	f := r.Failure
	cameBack := f.Status != 0 && f.Kind != pagerduty.KindProxyStatus
	switch {
	case cameBack && f.Sender == pagerduty.SenderUnknown:
		return Prose(`Whether the %s is valid is not known.`, subject(r))
	case !cameBack && !f.Sent():
		return Prose(`The request was not sent, so the %s was not judged.`, subject(r))
	default:
		return Prose(`The %s was not judged.`, subject(r))
	}
}
