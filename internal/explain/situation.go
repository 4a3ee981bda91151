package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// situation holds the facts that rules match and the values of their placeholders.
type situation struct {
	*preflight.Report
	// failure is the request that a message is about: the report's or a gap's. It is
	// empty if no request failed.
	failure *pagerduty.Error
	// violation and gap are empty unless the message is about a guard.
	violation *preflight.Violation
	gap       *preflight.Gap
	app       preflight.App
	values    map[string]string
}

func newSituation(r *preflight.Report, f *pagerduty.Error, v *preflight.Violation) *situation {
	s := &situation{
		Report: r, failure: &pagerduty.Error{}, violation: &preflight.Violation{}, gap: &preflight.Gap{},
	}
	if v != nil {
		s.violation = v
	}
	if s.violation.Gap != nil {
		s.gap = s.violation.Gap
		f = s.gap.Failure
	}
	if f != nil {
		s.failure = f
	}
	if r.Credential.App != nil {
		s.app = *r.Credential.App
	}
	s.values = s.placeholders()
	return s
}

// placeholders returns the values of the placeholders. A value is "" if it does not
// apply.
func (s *situation) placeholders() map[string]string {
	f, c := s.failure, &s.Credential
	onlyIf := func(condition bool, text string) string {
		if condition {
			return text
		}
		return ""
	}
	byCredential := func(token, userToken, app string) string {
		return map[preflight.CredentialName]string{
			preflight.CredentialToken: token, preflight.CredentialUserToken: userToken, preflight.CredentialApp: app,
		}[c.Name]
	}
	defaultScopes := len(s.RequestedScopes) <= 2 && slices.Contains(s.RequestedScopes, preflight.DefaultScope)
	hint := hints[s.Hint]
	request := fmt.Sprintf("%s %s on %s", f.Method, f.Path, f.Host)
	returned := "returned " + pagerduty.StatusText(f.Status)
	outcome := request + " " + returned
	switch {
	case f.Status == 0, f.Kind == pagerduty.KindProxyStatus:
		outcome = request + " failed (" + kindName(f.Kind) + ")"
	case f.Kind != pagerduty.KindStatus:
		outcome += " (" + kindName(f.Kind) + ")"
	case f.Sender == pagerduty.SenderUnknown:
		outcome += " (sender unknown)"
	}
	values := map[string]string{
		"request":        request,
		"returned":       returned,
		"outcome":        outcome,
		"host":           f.Host,
		"phase":          cmp.Or(string(f.Phase), "connecting"),
		"elapsed":        duration(f.Elapsed),
		"unsent":         onlyIf(!f.Sent(), "The request was not sent"),
		"alert":          quote(f.Alert),
		"redirect":       cmp.Or(f.RedirectHost, "a different URL") + onlyIf(f.RedirectPlain, " in plain HTTP"),
		"wait":           waiting(f),
		"long wait":      onlyIf(s.Retries > 0 && f.Wait >= s.Timeout, duration(f.Wait)),
		"product":        f.Product,
		"proxy schemes":  f.ProxySchemes,
		"tls server":     onlyIf(f.AtProxy, "the proxy") + onlyIf(!f.AtProxy, f.Host),
		"direct host":    onlyIf(!f.AtProxy, f.Host),
		"proxy setting":  onlyIf(f.AtProxy, "HTTPS_PROXY"),
		"expired on":     f.Certificate.NotAfter.UTC().Format(time.DateOnly),
		"valid from":     f.Certificate.NotBefore.UTC().Format(time.DateOnly),
		"common name":    onlyIf(f.Certificate.Reason == pagerduty.CertificateCommonName, "Subject Alternative Name"),
		"extra cas":      onlyIf(s.ExtraCAs, `"ca_cert_pem"`),
		"override":       s.override(),
		"timeout":        s.Timeout.String(),
		"region":         onlyIf(!s.HostOverridden || f.Mint || s.violation.Guard != nil, quote(s.Region)),
		"account":        quote(s.Subdomain),
		"account region": quote(s.AccountRegion),

		"subject":         s.subject(),
		"set":             s.place(),
		"overridden":      onlyIf(s.mayBeWrongCredential(), c.OverriddenVariable),
		"instead":         byCredential("a token", "a token", "the values of an app"),
		"valid value":     byCredential("a valid API token", "a valid user API token", "the values of one app"),
		"created under":   byCredential("Integrations > API Access Keys", "My Profile > User Settings", registration),
		"sharing":         byCredential("this token or another one of its user", "tokens of this user", "this OAuth app"),
		"permission":      byCredential("the role of the token's user", "the role of the user", "the app's scopes"),
		"hint":            hint.cause,
		"hint remedy":     hint.remedy,
		"subdomain place": onlyIf(isApp(s), setting("pd_subdomain", s.app.SubdomainSource)),
		"app account":     quote(s.app.Subdomain),
		"app region":      quote(s.app.Region),
		"required":        onlyIf(!defaultScopes, `"`+preflight.GuardRequiredScopes+`"`),
	}
	if s.Finding != nil {
		values["position"] = position(s.Finding)
	}
	s.addGuard(values)
	return values
}

// hints holds the causes that the shape of a rejected value suggests.
var hints = map[preflight.Hint]struct{ cause, remedy string }{
	preflight.HintEvents: {`the value has 32 characters, like an Events API key`,
		`Events API keys do not work here`},
	preflight.HintOAuth: {`the value looks like an OAuth access token`,
		`For an OAuth app, set credential = "app_oauth"`},
	preflight.HintOtherToken: {cause: `the value looks like a token for a different service`},
	preflight.HintBase64: {`the value looks base64-encoded, as in a Kubernetes Secret`,
		`If it is, decode it first`},
	preflight.HintAlphabet: {cause: `the value has a character that API tokens do not have`},
	preflight.HintLength:   {cause: `the value does not have 20 characters, as API tokens have`},
}

// waiting says how long to wait after a 429.
func waiting(f *pagerduty.Error) string {
	switch {
	case !f.WaitKnown:
		return "a minute"
	case f.Wait <= 0:
		return "a moment"
	}
	return duration(f.Wait)
}

// subject names what a message is about.
func (s *situation) subject() string {
	switch {
	case s.FindingIn == preflight.ArgumentClientID:
		return "client ID"
	case s.FindingIn == preflight.ArgumentClientSecret:
		return "client secret"
	case !isApp(s):
		return "API token"
	case s.failure.Mint, s.Status == preflight.NotAllowed, s.Status == preflight.Valid:
		return "OAuth app"
	}
	return "access token"
}

// override returns the argument that sets the host of the failed request, or "".
func (s *situation) override() string {
	switch f := s.failure; {
	case f.AtProxy:
	case f.Mint && s.IdentityOverridden:
		return `"identity_url_override"`
	case !f.Mint && s.HostOverridden:
		return `"api_url_override"`
	}
	return ""
}

// mayBeWrongCredential reports whether a different credential can explain the result.
func (s *situation) mayBeWrongCredential() bool {
	switch s.Status {
	case preflight.Unauthorized, preflight.Forbidden, preflight.PaymentRequired:
		return true
	case preflight.NotAllowed:
		return s.violation.Guard != nil && s.violation.Gap == nil
	case preflight.UnexpectedResponse:
		return s.failure.Sender == pagerduty.SenderUnknown && s.failure.Status >= 401 && s.failure.Status <= 403
	default:
		return false
	}
}

// Conditions.
func isApp(s *situation) bool   { return s.Credential.Name == preflight.CredentialApp }
func isToken(s *situation) bool { return !isApp(s) }
func isMint(s *situation) bool  { return s.failure.Mint }

func lacksScopes(s *situation) bool { return isToken(s) && len(s.failure.Body.RequiredScopes) > 0 }

func oauthError(codes ...string) func(*situation) bool {
	return func(s *situation) bool { return slices.Contains(codes, s.failure.Body.OAuthError) }
}

func hasOAuthError(s *situation) bool { return s.failure.Body.OAuthError != "" }

// refusesScopes reports whether PagerDuty refused the requested scopes. It says
// "invalid_request" or "Invalid scope" for an account too [S].
func refusesScopes(s *situation) bool {
	return s.failure.Body.RefusesScope || oauthError("invalid_scope", "invalid_request")(s)
}

// grantsOtherAccount reports whether the granted scopes name an account that was not
// requested.
func grantsOtherAccount(s *situation) bool {
	return slices.ContainsFunc(s.GrantedScopes, func(granted string) bool {
		requested := func(scope string) bool { return strings.EqualFold(scope, granted) }
		return pagerduty.IsAccountScope(granted) && !slices.ContainsFunc(s.RequestedScopes, requested)
	})
}
