package provider

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// Every Summary a person can read. docs/guides/troubleshooting.md has a heading
// for each.
const (
	summaryRegion     = "Invalid service region"
	summaryURL        = "Invalid API URL"
	summaryCA         = "Invalid CA certificates"
	summaryTimeout    = "Invalid timeout"
	summaryRetries    = "Invalid number of retries"
	summaryGuard      = "Invalid guard"
	summaryOnFailure  = "Invalid on_failure"
	summaryCredential = "Invalid credential"
	summaryTwoTokens  = "Two credentials for one check"
	summarySubdomain  = "Invalid pd_subdomain"

	summaryNoToken      = "No PagerDuty API token is configured"
	summaryNoUserToken  = "No PagerDuty user token is configured"
	summaryNoApp        = "No PagerDuty OAuth app is configured"
	summaryHalfApp      = "The PagerDuty OAuth app is not completely configured"
	summaryUnknownToken = "The PagerDuty credential is not known yet"
	summaryUnknown      = "The provider configuration is not known yet"

	summaryMalformed    = "The PagerDuty API token is malformed"
	summaryMalformedApp = "The PagerDuty OAuth app's credentials are malformed"
	summaryUnauthorized = "PagerDuty rejected the API token"
	summaryRejectedApp  = "PagerDuty rejected the OAuth app"
	summaryForbidden    = "PagerDuty denied access to the API token"
	summaryDeniedApp    = "PagerDuty denied the OAuth app's request for a token"
	summaryPayment      = "PagerDuty requires payment for this account"
	summaryRateLimited  = "PagerDuty limited the rate of requests"
	summaryUnreachable  = "PagerDuty could not be reached"
	summaryTLS          = "The TLS connection to PagerDuty failed"
	summaryProxy        = "A proxy refused the connection to PagerDuty"
	summaryTimedOut     = "PagerDuty did not answer in time"
	summaryCanceled     = "The PagerDuty check was cancelled"
	summaryServerError  = "PagerDuty answered with a server error"
	summaryRedirect     = "A redirect was answered instead of PagerDuty's API"
	summaryUnexpected   = "The answer is not one of PagerDuty's API"
	summaryNotAllowed   = "The PagerDuty credential is not allowed here"
	summaryIncomplete   = "The PagerDuty credential is good, with gaps"

	summaryInternal = "Unexpected provider data"

	detailRetries = `"max_retries" must be from 0 to 10. It is how often a request is sent again after a failure that can pass.`
)

func attributeError(name, summary, detail string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root(name), summary, detail)
}

func invalidRegion(s setting) diag.Diagnostic {
	// A long value is no misspelt region; it can be a token in the wrong place.
	is := "another one"
	if len(s.value) <= 12 {
		is = fmt.Sprintf("%q", pagerduty.Printable(s.value, 12))
	}
	detail := fmt.Sprintf("The service region is %s, and only \"us\" and \"eu\" exist.\n\nSet \"service_region\" or PAGERDUTY_SERVICE_REGION to one of them, or to nothing for \"us\".\n\nService region: from %s", is, s.source)
	if s.source != sourceConfiguration {
		return diag.NewErrorDiagnostic(summaryRegion, detail)
	}
	return attributeError("service_region", summaryRegion, detail)
}

func invalidURL(name string, err error) diag.Diagnostic {
	return attributeError(name, summaryURL, fmt.Sprintf("%q cannot be used: %s.\n\nGive the address as https://host or https://host/prefix. A user name, password or query is not possible there.", name, err))
}

func conflictingCA() diag.Diagnostic {
	return attributeError("ca_cert_pem", summaryCA, `"ca_cert_file" and "ca_cert_pem" are both set, and only one can be used.`+"\n\n"+`Remove one of them. Either may hold several certificates.`)
}

func unreadableCA(err error) diag.Diagnostic {
	why := "it cannot be read"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		why = "no such file exists"
	case errors.Is(err, fs.ErrPermission):
		why = "reading it is not permitted"
	}
	return attributeError("ca_cert_file", summaryCA, fmt.Sprintf("The file that \"ca_cert_file\" names cannot be used: %s.\n\nCheck the path. A relative one starts at the directory Terraform runs in; \"${path.module}/ca.pem\" names a file of the module.", why))
}

func invalidCA(name string) diag.Diagnostic {
	return attributeError(name, summaryCA, fmt.Sprintf("%q holds no certificate in PEM form (-----BEGIN CERTIFICATE-----).\n\nExport the CA certificate as PEM (Base64), not as DER or PKCS #12.", name))
}

func invalidTimeout() diag.Diagnostic {
	return attributeError("timeout", summaryTimeout, `"timeout" must be a duration greater than zero and at most one hour, written as a number and a unit, such as "15s" or "1m30s".`)
}

func wrongProviderData() diag.Diagnostic {
	return diag.NewErrorDiagnostic(summaryInternal, "The provider handed itself something it does not know. This is a defect of terraform-provider-pagerdutyauth: please report it.")
}

func invalidCredential() diag.Diagnostic {
	return attributeError("credential", summaryCredential, `"credential" must be "token", "user_token" or "app_oauth".`)
}

func conflictingToken() diag.Diagnostic {
	return attributeError("token", summaryTwoTokens, `"token" gives the ephemeral resource a token of its own, and "credential" names one of the provider's.`+"\n\n"+`Remove one of them.`)
}

func invalidSubdomain(s setting) diag.Diagnostic {
	detail := fmt.Sprintf("\"pd_subdomain\" cannot be used: %s.\n\nSet \"pd_subdomain\" in %q or PAGERDUTY_SUBDOMAIN.\n\nSubdomain: from %s", badSubdomain(s.value), appBlock, s.source)
	if s.source != sourceConfiguration {
		return diag.NewErrorDiagnostic(summarySubdomain, detail)
	}
	return diag.NewAttributeErrorDiagnostic(path.Root(appBlock).AtName("pd_subdomain"), summarySubdomain, detail)
}

func missingUserToken() diag.Diagnostic {
	return diag.NewErrorDiagnostic(summaryNoUserToken, "Neither \"user_token\" in the provider configuration nor PAGERDUTY_USER_TOKEN in the environment has a value. An empty string counts as none. Nothing was sent, and no other token was used in its place.\n\n"+
		"Set \"user_token\" in the provider \"pagerdutyauth\" block, or export PAGERDUTY_USER_TOKEN where Terraform runs. A user creates a key in PagerDuty under My Profile > User Settings.")
}

func missingApp() diag.Diagnostic {
	return diag.NewErrorDiagnostic(summaryNoApp, fmt.Sprintf("Neither the block %q in the provider configuration nor PAGERDUTY_CLIENT_ID, PAGERDUTY_CLIENT_SECRET and PAGERDUTY_SUBDOMAIN in the environment have a value. Nothing was sent.\n\n"+
		"Set \"pd_client_id\", \"pd_client_secret\" and \"pd_subdomain\" in that block, or export the variables where Terraform runs. An app is registered in PagerDuty under Integrations > App Registration, with Scoped OAuth.", appBlock))
}

// incompleteApp names each value that an OAuth app lacks.
func incompleteApp(missing []namedSetting) diag.Diagnostic {
	lines := make([]string, len(missing))
	for i, v := range missing {
		lines[i] = fmt.Sprintf("\n  - %q, or %s in the environment", v.argument, v.variable)
	}
	return diag.NewAttributeErrorDiagnostic(path.Root(appBlock), summaryHalfApp, fmt.Sprintf("The OAuth app of %q has no value for:%s\n\nAn empty string counts as none. Nothing was sent.\n\nSet what is missing, or remove the rest.", appBlock, strings.Join(lines, "")))
}

// unknownToken is the error for a credential's value that is known only at apply.
func unknownToken(attribute string) diag.Diagnostic {
	variable := map[string]string{
		"user_token": envUserToken, "pd_client_id": envClientID, "pd_client_secret": envClientSecret, "pd_subdomain": envSubdomain,
	}[attribute]
	ephemeral := ""
	if variable == "" {
		variable, ephemeral = envToken, ", or use the ephemeral resource pagerdutyauth_credential with the argument \"token\", which Terraform opens once the value is known"
	}
	return diag.NewErrorDiagnostic(summaryUnknownToken, fmt.Sprintf("%q in the provider configuration depends on a value that Terraform knows only after apply. Nothing was sent, and no other token was used in its place.\n\n"+
		"Create the value's source first (terraform apply -target=...), or take the value from a variable or %s%s.", attribute, variable, ephemeral))
}

func unknownSettings(names []string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summaryUnknown, fmt.Sprintf("%s in the provider configuration: known only after apply. Nothing was sent, and no default was used in its place.\n\nTake the value from a variable, or create its source first (terraform apply -target=...).", quoted(names)))
}

func missingToken(s settings) diag.Diagnostic {
	var hint string
	if len(s.stray) > 0 {
		hint = fmt.Sprintf("%s is set, and this provider does not read it for \"token\".\n\n", strings.Join(s.stray, ", "))
	}
	for _, other := range []struct {
		kind preflight.Kind
		set  bool
	}{
		{preflight.KindUserToken, s.userToken.value != ""},
		{preflight.KindAppOAuth, len(s.app.missing()) == 0},
	} {
		if other.set {
			hint += fmt.Sprintf("The provider has another credential: the argument credential = %q checks it.\n\n", other.kind)
		}
	}
	return diag.NewErrorDiagnostic(summaryNoToken, "Neither \"token\" in the provider configuration nor PAGERDUTY_TOKEN in the environment has a value. An empty string counts as none. Nothing was sent.\n\n"+hint+
		"Set \"token\" in the provider \"pagerdutyauth\" block, or export PAGERDUTY_TOKEN where Terraform runs. In a remote run (HCP Terraform, Spacelift, Atlantis) the variable must be set there. A key is created in PagerDuty under Integrations > API Access Keys, or My Profile > User Settings.")
}

// message is a diagnostic in the making: paragraphs, then "Key: value" lines.
type message struct {
	summary    string
	paragraphs []string
	facts      [][2]string
}

func (m *message) say(format string, args ...any) {
	m.paragraphs = append(m.paragraphs, fmt.Sprintf(format, args...))
}

// causes states the likely causes, most likely first, at most three.
func (m *message) causes(causes ...string) {
	causes = slices.DeleteFunc(causes, func(s string) bool { return s == "" })
	if len(causes) == 1 {
		m.say("Likely cause: %s.", causes[0])
		return
	}
	m.say("Likely causes, most likely first:\n  - %s", strings.Join(causes[:min(3, len(causes))], "\n  - "))
}

func (m *message) fact(key, value string) {
	if value != "" {
		m.facts = append(m.facts, [2]string{key, value})
	}
}

func (m *message) detail() string {
	width := 0
	for _, f := range m.facts {
		width = max(width, len(f[0])+1)
	}
	lines := make([]string, 0, len(m.facts))
	for _, f := range m.facts {
		lines = append(lines, fmt.Sprintf("%-*s %s", width, f[0]+":", f[1]))
	}
	all := m.paragraphs
	if len(lines) > 0 {
		all = append(slices.Clone(all), strings.Join(lines, "\n"))
	}
	return strings.Join(all, "\n\n")
}

// names is how an error names the way to set a credential.
func names(r preflight.Report) string {
	switch {
	case r.Kind == preflight.KindUserToken:
		return `"user_token" or PAGERDUTY_USER_TOKEN`
	case r.Kind == preflight.KindAppOAuth && r.FindingIn == preflight.ArgumentClientID:
		return `"pd_client_id" or PAGERDUTY_CLIENT_ID`
	case r.Kind == preflight.KindAppOAuth && r.FindingIn == preflight.ArgumentClientSecret:
		return `"pd_client_secret" or PAGERDUTY_CLIENT_SECRET`
	case r.Kind == preflight.KindAppOAuth:
		return `"pd_client_id" and "pd_client_secret" (PAGERDUTY_CLIENT_ID and PAGERDUTY_CLIENT_SECRET)`
	default:
		return `"token" or PAGERDUTY_TOKEN`
	}
}

// unchanged says that the credential is not what has to change.
func unchanged(r preflight.Report) string {
	switch r.Kind {
	case preflight.KindUserToken:
		return `Neither "user_token" nor PAGERDUTY_USER_TOKEN has to change.`
	case preflight.KindAppOAuth:
		return `Neither "pd_client_secret" nor PAGERDUTY_CLIENT_SECRET has to change.`
	default:
		return `Neither "token" nor PAGERDUTY_TOKEN has to change.`
	}
}

// subject is what was, or was not, judged.
func subject(r preflight.Report) string {
	if r.Minting {
		return "OAuth app"
	}
	return "token"
}

func unjudged(r preflight.Report) string { return "The " + subject(r) + " was not judged" }

// override is the argument that moves the host that was asked.
func override(r preflight.Report) string {
	if r.Minting {
		return `"identity_url_override"`
	}
	return `"api_url_override"`
}

// explain words a report that is not valid. It is empty for one that is.
func explain(r preflight.Report, s settings) message {
	m := message{}
	switch r.Status {
	case preflight.Valid, preflight.Unverified, preflight.NotAllowed:
		return m
	case preflight.Malformed:
		explainMalformed(&m, r)
	case preflight.Unauthorized:
		explainUnauthorized(&m, r, s)
	case preflight.Forbidden:
		explainForbidden(&m, r, s)
	case preflight.PaymentRequired:
		explainPayment(&m, r)
	case preflight.RateLimited:
		explainRateLimited(&m, r)
	case preflight.ServerError:
		m.summary = summaryServerError
		m.say("%s", answered(r.Failure))
		m.causes("PagerDuty, or a gateway before it, has a passing fault. " + unjudged(r))
		m.say("Try again later; https://status.pagerduty.com tells of incidents.")
	case preflight.Unreachable:
		explainUnreachable(&m, r)
	case preflight.UnexpectedResponse:
		explainUnexpected(&m, r, s)
	}
	if f := r.Failure; f != nil && f.Body.Message != "" {
		m.fact("Message", fmt.Sprintf("%q", f.Body.Message))
	}
	if f := r.Failure; f != nil && f.Body.Code != 0 {
		m.fact("Error code", errorCode(f.Body.Code))
	}
	identityFacts(&m, r)
	return m
}

func identityFacts(m *message, r preflight.Report) {
	if r.Source != "" {
		key := "Token"
		if r.Kind == preflight.KindAppOAuth {
			key = "Client secret"
		}
		m.fact(key, fmt.Sprintf("%s (from %s)", r.Preview, r.Source))
	}
	m.fact("Request ID", r.RequestID)
}

// answered says what was asked and what came back.
func answered(f *pagerduty.Error) string {
	text := http.StatusText(f.Status)
	if text != "" {
		text = " " + text
	}
	again := ""
	if f.Attempts > 1 {
		again = fmt.Sprintf(", %d times in %s", f.Attempts, seconds(f.Elapsed))
	}
	return fmt.Sprintf("%s on %s answered %d%s%s.", asked(f), f.Host, f.Status, text, again)
}

func asked(f *pagerduty.Error) string { return f.Method + " " + f.Path }

// seconds shows a duration as a person reads one.
func seconds(d time.Duration) string {
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

func quoted(values []string) string {
	q := make([]string, len(values))
	for i, v := range values {
		q[i] = fmt.Sprintf("%q", pagerduty.Printable(v, 120))
	}
	return strings.Join(q, ", ")
}

// errorCodes are PagerDuty's own [D].
var errorCodes = map[int]string{
	2000: "internal error", 2001: "invalid input", 2002: "arguments caused an error", 2003: "missing arguments",
	2006: "authentication failed", 2007: "account not found", 2008: "account locked", 2009: "only HTTPS allowed",
	2010: "access denied", 2011: "requester_id required", 2012: "account expired", 2013: "user not found",
	2014: "missing account ability", 2015: "invalid operation", 2016: "took too long", 2020: "rate limit", 2100: "not found",
}

func errorCode(code int) string {
	if meaning := errorCodes[code]; meaning != "" {
		return fmt.Sprintf("%d (%s)", code, meaning)
	}
	return fmt.Sprint(code)
}

func explainMalformed(m *message, r preflight.Report) {
	m.summary = summaryMalformed
	value, only := "The value", "only the key"
	if r.Kind == preflight.KindAppOAuth {
		m.summary = summaryMalformedApp
		value, only = fmt.Sprintf("The value of %q", r.FindingIn), "only that value"
	}
	m.say("%s %s. Nothing was sent.", value, found(*r.Finding))
	cause, fix := malformed(r.Finding.Oddity)
	m.causes(cause)
	m.say("%s, then set %s to %s.", fix, names(r), only)
}

// found continues a sentence that begins with the value's name.
func found(f preflight.Finding) string {
	switch {
	case f.Position == 0:
		return fmt.Sprintf("is %s (length %d)", f.Oddity, f.Length)
	case f.AtEnd():
		return fmt.Sprintf("has %s at position %d, its end (length %d)", f.Oddity, f.Position, f.Length)
	default:
		return fmt.Sprintf("has %s at position %d (length %d)", f.Oddity, f.Position, f.Length)
	}
}

// refusal is why the function authorization_header gives no header for a value:
// what Terraform shows after "Invalid value for "token" parameter:", with a full
// stop of its own at the end.
func refusal(value string, f *preflight.Finding) string {
	if value == "" {
		return "the token is empty. Set the variable or the expression that it comes from to a PagerDuty API key, as in \"token\" or PAGERDUTY_TOKEN"
	}
	cause, fix := malformed(f.Oddity)
	return fmt.Sprintf("the value %s. Likely cause: %s. %s, and give only the key, as in \"token\" or PAGERDUTY_TOKEN", found(*f), cause, fix)
}

// progressAsking and progressKnown are what the action tells while it runs.
func progressAsking(cred preflight.Credential, host string) string {
	what := fmt.Sprintf("%s, %s (from %s)", cred.Kind, preflight.Preview(string(cred.Value)), cred.Source)
	return fmt.Sprintf("Checking the PagerDuty credential %s, on %s.", what, host)
}

// progressKnown says who a credential is that passed, and what was not learned.
func progressKnown(r preflight.Report, s settings) string {
	if r.Status == preflight.Unverified {
		return "Nothing was asked: \"skip_credentials_validation\" is true. The credential is unverified."
	}
	account := "an account whose subdomain PagerDuty did not tell"
	if r.Subdomain != "" {
		account = fmt.Sprintf("the account %q", pagerduty.Printable(r.Subdomain, 120))
	}
	account += fmt.Sprintf(" in the service region %q", s.region.value)
	switch {
	case r.User != nil:
		u := r.User
		return fmt.Sprintf("PagerDuty accepted the credential: a key of the user %s (%s, role %s), %s, of %s.",
			shown(u.Name), shown(u.Email), shown(u.Role), shown(u.ID), account)
	case r.TokenType == preflight.TypeAppOAuth:
		return fmt.Sprintf("PagerDuty accepted the credential: an OAuth app with the scopes %s, of %s.", quoted(r.Scopes), account)
	default:
		return fmt.Sprintf("PagerDuty accepted the credential: a key of %s, tied to no user.", account)
	}
}

// shown is what PagerDuty told of a user, or that it did not.
func shown[S ~string](value S) string {
	if value == "" {
		return "(not told)"
	}
	return pagerduty.Printable(string(value), 120)
}

// malformed gives the cause of an oddity and what to do, without a full stop.
func malformed(o preflight.Oddity) (cause, fix string) {
	switch o {
	case preflight.OddLineBreak:
		return "a newline was kept when the value was read from a file or a command", "Remove the newline (printf instead of echo, or trimspace() in Terraform)"
	case preflight.OddControl:
		return "an invisible character was pasted with the value", "Copy the key again"
	case preflight.OddNonASCII, preflight.OddByteOrder:
		return "the value was copied from a formatted document or saved with a byte-order mark; a key has ASCII characters only", "Copy the key again from PagerDuty"
	case preflight.OddSpace:
		return "white space was pasted with the value", "Remove the white space"
	case preflight.OddQuote:
		return "the quotation marks of a shell, YAML or .env file became part of the value", "Remove the quotation marks"
	case preflight.OddPrefix:
		return "the value was pasted with the prefix of its header (\"Token token=\" or \"Bearer\"), which the provider adds itself", "Remove the prefix"
	case preflight.OddAssignment:
		return "a whole assignment was pasted, the variable's name included", "Remove the name and the sign after it"
	case preflight.OddVariable:
		return "the shell, CI system or template did not replace the variable", "Check that the variable exists there and is written as that system expects it"
	case preflight.OddPlaceholder:
		return "an example's placeholder was never replaced", "Create or copy a key in PagerDuty (Integrations > API Access Keys, or My Profile > User Settings)"
	case preflight.OddMasked:
		return "the value was copied from a place that masks secrets", "Copy the key from where it is stored; PagerDuty shows a key only when it is created"
	case preflight.OddEscape:
		return "an escape sequence was kept literally at the end of the value", "Remove it"
	case preflight.OddURL:
		return "the value is where the key is stored, not the key", "Read the secret first (the secret store's own provider, or the CI system's secret injection)"
	default:
		return "a whole document was given where one field of it was meant", "Extract the key (jsondecode() in Terraform)"
	}
}

// hintCauses words what a strange shape means once PagerDuty has said 401.
var hintCauses = map[preflight.Oddity]string{
	preflight.HintEvents:     "the value has 32 characters, as an Events API (integration) key has; the REST API needs a REST API key, created under Integrations > API Access Keys or My Profile > User Settings",
	preflight.HintOAuth:      "the value is an OAuth access token (it starts with pdus+ or pdeu+), which goes out as Bearer; \"token\" is sent as an API key, by the official provider too",
	preflight.HintOldOAuth:   "the value has 64 hexadecimal digits, as older OAuth access tokens have; \"token\" is sent as an API key",
	preflight.HintOtherToken: "the value looks like a token of another service",
	preflight.HintBase64:     "the value looks base64-encoded, as in a Kubernetes Secret: decode it",
	preflight.HintInnerSpace: "the value has a space inside, which no key has",
	preflight.HintAlphabet:   "the value has characters that keys do not have (they consist of letters, digits and _-+/=)",
	preflight.HintShort:      "the value is shorter than the 20 characters of a REST API key: part of it may be missing",
	preflight.HintLong:       "the value is longer than the 20 characters of a REST API key: more than the key may have been pasted",
}

func explainUnauthorized(m *message, r preflight.Report, s settings) {
	if r.Kind == preflight.KindAppOAuth {
		explainRejectedApp(m, r, s)
		return
	}
	m.summary = summaryUnauthorized
	m.say("%s", answered(r.Failure))
	var causes []string
	for _, h := range r.Hints {
		causes = append(causes, hintCauses[h])
	}
	if variable := s.overriddenBy(r.Kind); variable != "" && r.Source == sourceConfiguration {
		causes = append(causes, fmt.Sprintf("it is not the token that was meant: %s has another value, and %q in the provider configuration wins over it", variable, r.Kind))
	}
	if r.Failure.Body.Code == 2012 || r.Failure.Body.Code == 2008 {
		causes = append(causes, "the PagerDuty account has expired or is locked: ask the account's owner")
	}
	causes = append(causes,
		"the key was revoked, disabled or mistyped, or its user was deactivated",
		fmt.Sprintf("the key belongs to an account of another service region than %q", s.region.value),
		"the PagerDuty account's licence has expired")
	if len(causes) > 3 {
		// The account's state is the last thing to look at, and must still be
		// named when the value itself explains the refusal.
		causes = append(causes[:2], "the key was revoked, disabled or mistyped, its user deactivated, the account's licence expired, or the account is of another region")
	}
	m.causes(causes...)
	m.say("Create or copy the key again in PagerDuty (Integrations > API Access Keys, or My Profile > User Settings), then set %s. A service user's key outlives people. Check that \"service_region\" or PAGERDUTY_SERVICE_REGION (%q) is this account's; a Global Admin or the account's owner can tell whether the user and the account are active.", names(r), s.region.value)
}

// explainRejectedApp words a 401 on the way of an OAuth app: at the identity
// host for the client, at the API for the token that was just minted.
func explainRejectedApp(m *message, r preflight.Report, s settings) {
	m.summary = summaryRejectedApp
	m.say("%s", answered(r.Failure))
	if !r.Minting {
		m.say("The identity host had just given the access token that was sent.")
		m.causes(
			fmt.Sprintf("the account %q is of another service region than %q", s.app.subdomain.value, s.region.value),
			"the app or its tokens were revoked just now",
			"the PagerDuty account's licence has expired")
		m.say("Check \"service_region\" or PAGERDUTY_SERVICE_REGION and \"pd_subdomain\" or PAGERDUTY_SUBDOMAIN, then run Terraform again: a token is minted anew in each run.")
		appFacts(m, s)
		return
	}
	var overridden string
	if variable := s.overriddenBy(r.Kind); variable != "" {
		overridden = fmt.Sprintf("it is not the app that was meant: %s has another value, and the provider configuration wins over it", variable)
	}
	m.causes(overridden,
		"the client ID or the client secret is mistyped, or the two belong to different apps",
		"the app was deleted, or its client secret was replaced")
	m.say("Copy both again from PagerDuty (Integrations > App Registration), then set %s.", names(r))
	appFacts(m, s)
}

// appFacts tells which app of many it is. The ID is no secret, but where somebody
// swapped the two values it is.
func appFacts(m *message, s settings) {
	m.fact("Client ID", fmt.Sprintf("%s (from %s)", preflight.Preview(s.app.id.value), s.app.id.source))
	m.fact("Subdomain", fmt.Sprintf("%s (from %s)", pagerduty.Printable(s.app.subdomain.value, 63), s.app.subdomain.source))
}

// explainDeniedApp words a refusal to mint that is not about who the app is.
func explainDeniedApp(m *message, r preflight.Report, s settings) {
	m.summary = summaryDeniedApp
	m.say("%s No token was minted.", answered(r.Failure))
	if r.Failure.Body.OAuthError == "unauthorized_client" {
		m.causes("the app is not one with Scoped OAuth, which alone has client credentials")
	} else {
		m.causes(
			"a scope that was asked for is not among the app's",
			fmt.Sprintf("%q is not the subdomain of an account that the app may act for", s.app.subdomain.value),
			fmt.Sprintf("the account is of another service region than %q", s.region.value))
	}
	m.say("Grant the scopes to the app in PagerDuty (Integrations > App Registration), or shorten \"required_scopes\". Check \"pd_subdomain\" or PAGERDUTY_SUBDOMAIN, and \"service_region\" or PAGERDUTY_SERVICE_REGION (%q).", s.region.value)
	m.fact("Scopes asked for", strings.Join(r.Asked, ", "))
	m.fact("OAuth error", r.Failure.Body.OAuthError)
	appFacts(m, s)
}

func explainForbidden(m *message, r preflight.Report, s settings) {
	if r.Minting {
		explainDeniedApp(m, r, s)
		return
	}
	m.summary = summaryForbidden
	f := r.Failure
	m.say("%s", answered(f))
	switch {
	case len(f.Body.RequiredScopes) > 0:
		m.causes("the token is good and lacks an OAuth scope")
		m.say("Grant the scopes to the OAuth app in PagerDuty (Integrations > App Registration), then set %s.", names(r))
		m.fact("Required scopes", strings.Join(f.Body.RequiredScopes, ", "))
		have := strings.Join(f.Body.TokenScopes, ", ")
		if have == "" {
			have = "(not told)"
		}
		m.fact("Token's scopes", have)
	case f.Body.Form == "json":
		m.causes("the token is good, and the role of its user does not allow this request (an observer or a stakeholder, say)", "the account restricts API access for this user")
		m.say("Ask a Global Admin for a higher role, or set %s to the key of a user who has one.", names(r))
	default:
		m.causes("the token is good, and the role of its user does not allow this request", "a proxy or firewall before PagerDuty blocked the request: the answer's body is not PagerDuty's JSON")
		m.say("Ask a Global Admin for a higher role or set %s to another user's key; ask whoever runs the network whether %s is blocked.", names(r), f.Host)
	}
}

func explainPayment(m *message, r preflight.Report) {
	m.summary = summaryPayment
	m.say("%s", answered(r.Failure))
	switch r.Failure.Body.Code {
	case 2012:
		m.causes("the PagerDuty account has expired. The token itself was not rejected")
	case 2014:
		m.causes("the account's plan lacks the ability that the request needs. The token itself was not rejected")
	default:
		m.causes("the account's plan lacks the ability that the request needs, or the account has expired. The token itself was not rejected")
	}
	m.say("Ask the account's owner about its plan and subscription, or set %s to a key of another account.", names(r))
}

func explainRateLimited(m *message, r preflight.Report) {
	m.summary = summaryRateLimited
	f := r.Failure
	if f.Attempts == 0 {
		m.say("%s on %s was not sent: an answer 429 Too Many Requests to the same %s still holds.", asked(f), f.Host, subject(r))
	} else {
		m.say("%s", answered(f))
	}
	m.causes("other programs use the same key or the same user's keys; PagerDuty counts 960 requests a minute per account key, or per user. " + unjudged(r))
	if f.WaitKnown {
		m.say("Wait %s and run Terraform again. That wait does not fit \"timeout\" (%s), or was not enough.", seconds(f.Wait), r.Timeout)
	} else {
		m.say("Wait a minute and run Terraform again: PagerDuty did not say how long. A key of its own for this pipeline, in %s, keeps others from using up its limit.", names(r))
	}
}

func explainUnreachable(m *message, r preflight.Report) {
	f := r.Failure
	m.summary = summaryUnreachable
	noAnswer := fmt.Sprintf("%s on %s got no answer", asked(f), f.Host)
	if f.Attempts > 1 {
		noAnswer += fmt.Sprintf(" in %d attempts (%s)", f.Attempts, seconds(f.Elapsed))
	}
	network := "Check the network from where Terraform runs, its firewall, and HTTPS_PROXY and NO_PROXY. The API's host follows from \"service_region\" (PAGERDUTY_SERVICE_REGION) or \"api_url_override\"."
	if r.Minting {
		network = "Check the network from where Terraform runs, its firewall, and HTTPS_PROXY and NO_PROXY. OAuth apps need the identity host beside the API's; \"identity_url_override\" names another one."
	}
	unjudged := unjudged(r)
	if f.ProxyHost != "" {
		noAnswer += fmt.Sprintf(" through the proxy %s", pagerduty.Printable(f.ProxyHost, 120))
	}
	switch f.Kind {
	case pagerduty.KindDNSNotFound:
		m.say("%s: the host name does not exist in DNS.", noAnswer)
		m.causes("the machine's DNS does not resolve outside names, or the host name is mistyped. " + unjudged)
	case pagerduty.KindDNS:
		m.say("%s: its name could not be resolved (DNS).", noAnswer)
		m.causes("the DNS resolver failed or cannot be reached. " + unjudged)
	case pagerduty.KindRefused:
		m.say("%s: the connection was refused.", noAnswer)
		m.causes("nothing listens at that address and port, or a firewall refuses the connection. " + unjudged)
	case pagerduty.KindReset:
		m.say("%s: the connection was reset or closed while %s.", noAnswer, f.Phase)
		m.causes("a firewall or proxy cut the connection, or the server closed it. " + unjudged)
	case pagerduty.KindNoRoute:
		m.say("%s: there is no route to it.", noAnswer)
		m.causes("the machine has no way to the internet, or only one of IPv4 and IPv6. " + unjudged)
	case pagerduty.KindTimeout:
		m.summary = summaryTimedOut
		m.say("%s within %s, while %s.", noAnswer, seconds(f.Elapsed), f.Phase)
		m.causes("a firewall drops the packets, the network is slow, or the server hangs. " + unjudged)
		network += fmt.Sprintf(" A longer \"timeout\" (now %s) helps a slow network only.", r.Timeout)
	case pagerduty.KindProxyStatus:
		m.summary = summaryProxy
		m.say("%s: it refused to open a tunnel with %d %s.", noAnswer, f.Status, http.StatusText(f.Status))
		if f.Status == http.StatusProxyAuthRequired {
			m.causes("the proxy wants a user name and password. " + unjudged)
		} else {
			m.causes("the proxy does not allow this host. " + unjudged)
		}
		network = fmt.Sprintf("Ask whoever runs the proxy to allow %s, put the proxy's user and password into HTTPS_PROXY, or name the host in NO_PROXY. %s", f.Host, unchanged(r))
	case pagerduty.KindProxy:
		m.summary = summaryProxy
		m.say("%s: the proxy itself could not be reached.", noAnswer)
		m.causes("HTTPS_PROXY names a proxy that does not exist or is down. " + unjudged)
		network = "Correct HTTPS_PROXY, or name the host in NO_PROXY."
	case pagerduty.KindCertificate, pagerduty.KindTLSVersion, pagerduty.KindNotTLS, pagerduty.KindTLS:
		network = explainTLS(m, r, noAnswer)
	case pagerduty.KindCanceled:
		m.summary = summaryCanceled
		m.say("%s: Terraform was interrupted.", noAnswer)
		network = unjudged + ". Run Terraform again."
	case pagerduty.KindStatus:
		network = explainUnreachableStatus(m, f, unjudged, network)
	default:
		m.say("%s: the connection failed while %s.", noAnswer, f.Phase)
		m.causes("a fault of the network or of a proxy. " + unjudged)
	}
	m.say("%s", network)
}

// explainUnreachableStatus words the statuses that were not PagerDuty's word on
// the token: 407, 408 and 511. It returns what to do.
func explainUnreachableStatus(m *message, f *pagerduty.Error, unjudged, network string) string {
	m.say("%s", answered(f))
	switch f.Status {
	case http.StatusProxyAuthRequired:
		m.summary = summaryProxy
		m.causes("a proxy before PagerDuty wants a user name and password. " + unjudged)
		return "Put the proxy's user and password into HTTPS_PROXY, or name the host in NO_PROXY."
	case http.StatusNetworkAuthenticationRequired:
		m.causes("a captive portal wants a login before it lets traffic through. " + unjudged)
		return "Log in to the network first."
	default:
		m.summary = summaryTimedOut
		m.causes("PagerDuty, or a gateway before it, gave up waiting. " + unjudged)
		return network
	}
}

func explainTLS(m *message, r preflight.Report, noAnswer string) string {
	m.summary = summaryTLS
	f, c, unjudged := r.Failure, r.Failure.Certificate, unjudged(r)
	day := func(t time.Time) string { return t.UTC().Format("2006-01-02") }
	defer func() {
		if f.Kind == pagerduty.KindCertificate {
			m.fact("Certificate for", c.Subject)
			m.fact("Issued by", c.Issuer)
		}
	}()
	switch {
	case f.Kind == pagerduty.KindCertificate && c.Reason == "unknown authority":
		m.say("%s: the certificate (x509) it showed is signed by an authority that is not trusted here.", noAnswer)
		m.causes("a proxy or security gateway intercepts TLS and signs with a CA of its own. " + unjudged + " and nothing was sent")
		return "Save that CA's certificate as PEM and name the file in \"ca_cert_file\" (or give its text in \"ca_cert_pem\"). SSL_CERT_FILE works too, for the whole process."
	case f.Kind == pagerduty.KindCertificate && c.Reason == "expired":
		m.say("%s: the certificate (x509) it showed expired on %s.", noAnswer, day(c.NotAfter))
		m.causes("the clock of this machine is wrong", "an intercepting proxy shows an expired certificate. "+unjudged+" and nothing was sent")
		return "Check the date and time of this machine; then ask whoever runs the proxy. \"ca_cert_file\" cannot make an expired certificate good."
	case f.Kind == pagerduty.KindCertificate && c.Reason == "not yet valid":
		m.say("%s: the certificate (x509) it showed is valid only from %s.", noAnswer, day(c.NotBefore))
		m.causes("the clock of this machine is wrong. " + unjudged + " and nothing was sent")
		return "Set the date and time of this machine. \"ca_cert_file\" cannot change this."
	case f.Kind == pagerduty.KindCertificate && c.Reason == "wrong host":
		m.say("%s: the certificate (x509) it showed is for another host.", noAnswer)
		m.causes(override(r) + " or DNS leads to another server, or a captive portal answers. " + unjudged + " and nothing was sent")
		return "Check " + override(r) + " and what the host name resolves to. \"ca_cert_file\" cannot change this."
	case f.Kind == pagerduty.KindCertificate:
		m.say("%s: the certificate (x509) it showed is not valid.", noAnswer)
		m.causes("an intercepting proxy shows a certificate that does not follow the rules. " + unjudged + " and nothing was sent")
		return "Ask whoever runs the proxy; if its CA is only unknown here, name it in \"ca_cert_file\"."
	case f.Kind == pagerduty.KindNotTLS:
		m.say("%s: what answered does not speak TLS.", noAnswer)
		m.causes(override(r) + " names the port of a plain HTTP server, or a proxy answers in plain text. " + unjudged + " and nothing was sent")
		return "Correct " + override(r) + " or HTTPS_PROXY. Credentials are sent over TLS only."
	case f.Kind == pagerduty.KindTLSVersion:
		m.say("%s: no TLS version or cipher is common to both sides; TLS 1.2 or later is needed.", noAnswer)
		m.causes("an old proxy or gateway speaks only TLS 1.0 or 1.1. " + unjudged + " and nothing was sent")
		return "Update the proxy, or go around it with NO_PROXY."
	default:
		m.say("%s: the TLS handshake was broken off.", noAnswer)
		m.causes("a proxy or gateway demands something else, such as a client certificate. " + unjudged)
		return "Ask whoever runs the proxy; if it signs with a CA of its own, name it in \"ca_cert_file\"."
	}
}

func explainUnexpected(m *message, r preflight.Report, s settings) {
	f := r.Failure
	m.summary = summaryUnexpected
	unjudged := unjudged(r)
	where := "Check HTTPS_PROXY and NO_PROXY, and that \"service_region\" (PAGERDUTY_SERVICE_REGION) is right."
	switch {
	case r.Minting:
		where = "Check HTTPS_PROXY and NO_PROXY, and \"identity_url_override\" if it is set: it must be the address below which PagerDuty's /oauth/token is found."
	case s.override:
		where = "Check \"api_url_override\": it must be the address below which PagerDuty's /users/me is found."
	}
	switch f.Kind {
	case pagerduty.KindRedirect:
		m.summary = summaryRedirect
		m.say("%s", answered(f))
		to := "a place that could not be read"
		if f.RedirectHost != "" {
			to = "the host " + f.RedirectHost
			if f.RedirectPlain {
				to += " in plain HTTP"
			}
		}
		m.say("It pointed to %s. It was not followed, and nothing was sent there.", to)
		m.causes("a login page or gateway answers in PagerDuty's place; its API does not redirect. " + unjudged)
	case pagerduty.KindForeignAuth:
		m.say("%s It asks for a login that PagerDuty's API does not have.", answered(f))
		m.causes("a gateway or proxy before PagerDuty wants its own credentials. " + unjudged)
	case pagerduty.KindNotJSON:
		m.say("%s The body is not a JSON object%s.", answered(f), map[bool]string{true: " but an HTML page", false: ""}[f.Body.Form == "html"])
		m.causes("a login page, captive portal or gateway answers in PagerDuty's place. " + unjudged)
	case pagerduty.KindMissingObject:
		m.say("%s It does not hold what was asked for.", answered(f))
		m.causes("another API than PagerDuty's answers at this address. " + unjudged)
	case pagerduty.KindTooLarge:
		if f.Status == 0 {
			m.say("%s on %s got an answer whose headers are larger than 64 KiB.", asked(f), f.Host)
		} else {
			m.say("%s The body is larger than 1 MiB; reading stopped there.", answered(f))
		}
		m.causes("another server than PagerDuty's API answers at this address. " + unjudged)
	case pagerduty.KindNotHTTP:
		m.say("%s on %s got an answer that is not HTTP.", asked(f), f.Host)
		m.causes("another service listens at this address and port. " + unjudged)
	case pagerduty.KindEcho:
		m.say("%s The body repeats the credential, so it was dropped.", answered(f))
		m.causes("a debugging server or gateway answers in PagerDuty's place. " + unjudged)
	default:
		m.say("%s", answered(f))
		switch {
		case f.Status == http.StatusNotFound:
			m.causes("the API's address is wrong: PagerDuty has this path. " + unjudged)
		case f.Body.Code == 2009:
			m.causes("a gateway before PagerDuty forwards the request in plain HTTP. " + unjudged)
		default:
			m.causes("something between here and PagerDuty changed the request, or PagerDuty answers in a way this provider does not know. " + unjudged)
		}
	}
	m.say("%s %s", where, unchanged(r))
}

// gapWarning words what could not be learned of a good credential.
func gapWarning(r preflight.Report) (message, bool) {
	if len(r.Gaps) == 0 {
		return message{}, false
	}
	m := message{summary: summaryIncomplete}
	m.say("PagerDuty accepted the credential. What could not be learned is null:")
	for _, g := range r.Gaps {
		m.paragraphs[0] += fmt.Sprintf("\n  - %s: %s", g.What, whyGap(g))
	}
	m.say("A guard that needs it fails. Otherwise nothing has to be done.")
	identityFacts(&m, r)
	return m, true
}

// whyGap says why something was not learned, without a full stop.
func whyGap(g preflight.Gap) string {
	switch f := g.Failure; {
	case g.Scope != "":
		return fmt.Sprintf("the OAuth scope %q was not granted", g.Scope)
	case f == nil:
		return "PagerDuty's answer does not tell it"
	case len(f.Body.RequiredScopes) > 0:
		return fmt.Sprintf("%s It requires the OAuth scopes %s", unanswered(f), quoted(f.Body.RequiredScopes))
	default:
		return strings.TrimSuffix(unanswered(f), ".")
	}
}

// unanswered says shortly why a request brought nothing.
func unanswered(f *pagerduty.Error) string {
	if f.Status != 0 {
		return answered(f)
	}
	return fmt.Sprintf("%s on %s got no answer (%s)", asked(f), f.Host, strings.ReplaceAll(string(f.Kind), "_", " "))
}

// undecidedReasons words why a guard could not be decided.
var undecidedReasons = map[preflight.Undecided]string{
	preflight.UndecidedSkipped:     "\"skip_credentials_validation\" is true, so nothing was asked",
	preflight.UndecidedNoUser:      "the credential is the account's and belongs to no user",
	preflight.UndecidedNoSubdomain: "PagerDuty did not tell the account's subdomain",
	preflight.UndecidedNoAnswer:    "the account's abilities could not be read",
	preflight.UndecidedNotTold:     "PagerDuty's answer does not tell it",
}

// explainViolation words one guard that was not met.
func explainViolation(v preflight.Violation, r preflight.Report, s settings) message {
	m := message{summary: summaryNotAllowed}
	switch {
	case v.Undecided == preflight.UndecidedOther:
		explainOther(&m, v, r, s)
		return m
	case v.Undecided != preflight.UndecidedNot:
		m.say("%q could not be decided: %s. A guard that cannot be decided fails.", v.Guard, undecidedReasons[v.Undecided])
		for _, g := range r.Gaps {
			if g.Failure != nil || g.Scope != "" {
				m.say("%s: %s.", g.What, whyGap(g))
			}
		}
	case v.Guard == "same_account_as_token":
		m.say("PagerDuty accepted both %q and \"token\", and they belong to different accounts.", r.Kind)
		m.say("Set %s, or \"token\" or PAGERDUTY_TOKEN, to a credential of the account that is meant.", names(r))
		m.fact("Account of "+string(r.Kind), quoted(v.Found))
		m.fact("Account of token", quoted(v.Allowed))
		identityFacts(&m, r)
		return m
	case v.Guard == "required_scopes":
		m.say("PagerDuty minted a token for the OAuth app, without all of the scopes that %q asks for.", v.Guard)
		m.say("Grant them to the app in PagerDuty (Integrations > App Registration), or change %q.", v.Guard)
		m.fact("Missing", quoted(v.Missing))
		m.fact("Granted", quoted(v.Found))
		appFacts(&m, s)
		identityFacts(&m, r)
		return m
	case v.Guard == "min_ttl":
		m.say("PagerDuty minted a token for the OAuth app that lives shorter than %q asks for.", v.Guard)
		m.say("Shorten \"min_ttl\": how long a token lives is PagerDuty's choice.")
		m.fact("Lives", strings.Join(v.Found, ""))
		m.fact("Asked for", strings.Join(v.Allowed, ""))
		identityFacts(&m, r)
		return m
	case v.Missing != nil:
		m.say("PagerDuty accepted the credential, and its account lacks what %q asks for.", v.Guard)
	default:
		m.say("PagerDuty accepted the credential, and it is not one that %q allows.", v.Guard)
	}
	m.say("Set %s to a credential that meets it, or change %q.", names(r), v.Guard)
	if v.Missing != nil {
		m.fact("Missing", quoted(v.Missing))
		m.fact("Required", quoted(v.Allowed))
	} else {
		found := quoted(v.Found)
		if found == "" {
			found = "(unknown)"
		}
		m.fact("Found", found)
		m.fact("Allowed", quoted(v.Allowed))
	}
	identityFacts(&m, r)
	return m
}

// explainOther words a comparison of accounts that failed because nothing is
// known of the other credential's.
func explainOther(m *message, v preflight.Violation, r preflight.Report, s settings) {
	why := `neither "token" nor PAGERDUTY_TOKEN has a value`
	if o := r.Other; o != nil {
		why = fmt.Sprintf("the check of \"token\" ended with the status %q, and did not tell its account", o.Status)
	}
	m.say("%q could not be decided: %s. A guard that cannot be decided fails.", v.Guard, why)
	if o := r.Other; o != nil {
		if other := explain(*o, s); other.summary != "" {
			m.say("%s:", other.summary)
			m.paragraphs = append(m.paragraphs, other.paragraphs...)
		}
		m.say("Set %s to a good credential of the same account, or remove %q.", names(*o), v.Guard)
	} else {
		m.say("Set \"token\" or PAGERDUTY_TOKEN, or remove %q.", v.Guard)
	}
	m.fact("Account of "+string(r.Kind), quoted([]string{r.Subdomain}))
	identityFacts(m, r)
}
