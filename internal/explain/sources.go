package explain

import (
	"fmt"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// The environment variables of the provider's arguments. The official provider reads
// the same ones.
const (
	EnvToken         = "PAGERDUTY_TOKEN"
	EnvUserToken     = "PAGERDUTY_USER_TOKEN"
	EnvClientID      = "PAGERDUTY_CLIENT_ID"
	EnvClientSecret  = "PAGERDUTY_CLIENT_SECRET"
	EnvSubdomain     = "PAGERDUTY_SUBDOMAIN"
	EnvServiceRegion = "PAGERDUTY_SERVICE_REGION"
)

// The sources of a value that are not the name of an environment variable.
const (
	FromConfiguration     = "provider configuration"
	FromEphemeralResource = `the ephemeral resource's "token"`
)

const inProviderBlock = " in the provider block"

// place returns the setting of the value that a message is about: the malformed
// one, or the whole credential.
func (s *situation) place() string {
	c := &s.Credential
	id := setting(preflight.ArgumentClientID, s.app.ClientIDSource)
	secret := setting(preflight.ArgumentClientSecret, c.Source)
	switch {
	case c.Source == FromEphemeralResource:
		return `"token" of the ephemeral resource`
	case !isApp(s):
		return setting(preflight.Argument(c.Name), c.Source)
	case s.FindingIn == preflight.ArgumentClientID:
		return id
	case s.FindingIn == preflight.ArgumentClientSecret:
		return secret
	}
	return id + " and " + secret
}

// setting returns the argument that sets a value, or else the environment variable. A
// variable has no effect if the argument is set.
func setting(argument preflight.Argument, source string) string {
	switch {
	case source != FromConfiguration:
		return source
	case argument == preflight.ArgumentToken:
		return `"token"` + inProviderBlock
	}
	return fmt.Sprintf("%q", string(argument))
}
