package provider

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/explain"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// The summaries of errors in the configuration. Those of reports are in
// internal/explain.
const (
	summaryRegion    = "Invalid service region"
	summaryURL       = "Invalid URL"
	summaryCA        = "Invalid CA certificates"
	summaryTimeout   = "Invalid timeout"
	summaryRetries   = "Invalid number of retries"
	summarySubdomain = "Invalid pd_subdomain"

	summaryGuard      = "Invalid guard"
	summaryOnFailure  = "Invalid on_failure"
	summaryCredential = "Invalid credential"
	summaryTwoTokens  = "Two credentials for one check"

	summaryNoToken         = "No PagerDuty API token is configured"
	summaryNoUserToken     = "No PagerDuty user API token is configured"
	summaryNoApp           = "No PagerDuty OAuth app is configured"
	summaryHalfApp         = "The PagerDuty OAuth app is incomplete"
	summaryNoAccount       = "The OAuth app's account is not known"
	summaryUnknownToken    = "The PagerDuty credential is not known yet"
	summaryUnknown         = "The provider configuration is not known yet"
	summaryUnknownArgument = "An argument of the check is not known yet"

	summaryStatus   = "Unexpected status"
	summaryInternal = "Unexpected provider data"
)

// createFirst is the remedy for a value that is known after apply.
const createFirst = `First create the resource that it comes from (terraform apply -target=...), or use a variable`

// configError returns an error about no single argument. explain.Prose formats it.
func configError(summary, format string, args ...any) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summary, explain.Prose(format, args...))
}

func attributeError(name, summary, format string, args ...any) diag.Diagnostic {
	return diag.WithPath(path.Root(name), configError(summary, format, args...))
}

// at points to the argument, unless the value comes from the environment.
func (o origin) at(p path.Path, d diag.Diagnostic) diag.Diagnostic {
	if o.source != explain.FromConfiguration {
		return d
	}
	return diag.WithPath(p, d)
}

// place returns the argument or variable that sets the value.
func (o origin) place() string {
	if o.source == explain.FromConfiguration {
		return strconv.Quote(o.argument)
	}
	return o.source
}

func invalidRegion(s setting) diag.Diagnostic {
	found := `This service region`
	// A longer value is not a misspelled region. It can be a token in the wrong argument.
	if shown := fmt.Sprintf("%+q", s.value); len(s.value) <= 12 {
		found = `The service region ` + shown
	}
	return s.at(path.Root("service_region"), configError(summaryRegion, `
		%s does not exist. PagerDuty has the service regions "us" and "eu".

		Set %s to one of them, or leave it unset for "us".

		Service region: from %s`, found, s.place(), s.source))
}

func invalidSubdomain(s setting) diag.Diagnostic {
	return s.at(path.Root(appBlock).AtName("pd_subdomain"), configError(summarySubdomain, `
		"pd_subdomain" is not a subdomain. The subdomain of https://acme.pagerduty.com is "acme".

		Set %s to the subdomain only, without whitespace.

		Subdomain: from %s`, s.place(), s.source))
}

func invalidURL(name string, err error) diag.Diagnostic {
	d := configError(summaryURL, `
		%q cannot be used: %s.

		Write the URL as https://host or https://host/prefix, without a user name, password or query.`, name, err)
	if errors.Is(err, pagerduty.ErrURLUser) || errors.Is(err, errURLSecret) {
		return d // Terraform shows the line that an error points to
	}
	return diag.WithPath(path.Root(name), d)
}

// Errors that never vary.
var (
	invalidCA = attributeError("ca_cert_pem", summaryCA, `
		"ca_cert_pem" has no certificate in PEM form (-----BEGIN CERTIFICATE-----) that can be read.

		Export the CA certificate as PEM (Base64), not as DER or PKCS #12, and set "ca_cert_pem" to its text, for example
		with file("ca.pem").`)

	invalidTimeout = attributeError("timeout", summaryTimeout, `
		"timeout" must be a duration greater than zero and at most one hour, written as a number and a unit, such as "15s"
		or "1m30s".`)

	invalidRetries = attributeError("max_retries", summaryRetries, `
		"max_retries" must be a whole number from 0 to 10.`)

	invalidCredential = attributeError("credential", summaryCredential, `
		"credential" must be "token", "user_token" or "app_oauth".`)

	invalidOnFailure = attributeError("on_failure", summaryOnFailure, `"on_failure" must be "error" or "warning".`)

	// Terraform shows the line that an error points to. In the line of "token" the token
	// may be written out.
	conflictingToken = attributeError("credential", summaryTwoTokens, `
		"token" gives this ephemeral resource its own token, but "credential" selects one of the provider's.

		Remove one of the two arguments.`)

	unknownOwnToken = attributeError("token", summaryUnknownToken, `
		The ephemeral resource's "token" is known after apply. Nothing was sent, and no other token was used.

		%s.`, createFirst)

	emptyOwnToken = attributeError("token", summaryNoToken, `
		The ephemeral resource's "token" is empty. Nothing was sent, and the provider's token was not used.

		Set "token" to an API token, or to null for the provider's. Check the variable or secret that it comes from.`)

	missingUserToken = configError(summaryNoUserToken, `
		"user_token" and PAGERDUTY_USER_TOKEN are both unset or empty. Nothing was sent, and no other token was used.

		Set "user_token" in the provider block, or export PAGERDUTY_USER_TOKEN where Terraform runs. The user creates the
		token in PagerDuty under My Profile > User Settings, which needs Advanced Permissions.`)

	missingApp = configError(summaryNoApp, `
		The block "`+appBlock+`" is missing, and PAGERDUTY_CLIENT_ID, PAGERDUTY_CLIENT_SECRET and
		PAGERDUTY_SUBDOMAIN are unset or empty. Nothing was sent.

		Set "pd_client_id", "pd_client_secret" and "pd_subdomain" in that block, or export the variables where Terraform
		runs. Register an app in PagerDuty under Integrations > App Registration, with Scoped OAuth.`)

	// unknownAccount fails closed: the official provider needs the subdomain.
	unknownAccount = configError(summaryNoAccount, `
		PagerDuty accepted the OAuth app but did not name its account, so the app was not passed on.

		Grant the app the scope users.read in PagerDuty under Integrations > App Registration.`)

	notConfigured = configError(summaryInternal, `
		A check ran before the provider was configured. Nothing was sent. `+explain.ReportDefect)

	wrongProviderData = configError(summaryInternal, `
		The provider passed itself data of an unknown type. `+explain.ReportDefect)
)

// invalidGuard returns the error for a guard's argument. why follows "... cannot be
// used: ", has no full stop, and never repeats the value.
func invalidGuard(name, why string) diag.Diagnostic {
	return attributeError(name, summaryGuard, `%q cannot be used: %s.`, name, why)
}

// emptyGuard refuses an empty list, which is more often a value that got lost than one
// that was meant.
func emptyGuard(name string) diag.Diagnostic {
	return attributeError(name, summaryGuard, `
		%q is an empty list.

		Add a value, or set it to null for no guard. Check the expression that it comes from.`, name)
}

func unknownArgument(name string) diag.Diagnostic {
	return attributeError(name, summaryUnknownArgument, `
		%q, or an element of it, is known after apply. Nothing was sent.

		%s.`, name, createFirst)
}

// unknownCredential returns the error for a credential's value that is known after apply.
func unknownCredential(o origin) diag.Diagnostic {
	alternative := ""
	if o.argument == "token" {
		alternative = ` You can also set "token" of the ephemeral resource pagerdutyauth_credential, which Terraform opens ` +
			`once the value is known.`
	}
	return configError(summaryUnknownToken, `
		%q in the provider block is known after apply. Nothing was sent, and no other credential was used.

		%s.%s`, o.argument, createFirst, alternative)
}

func unknownSettings(names ...string) diag.Diagnostic {
	return configError(summaryUnknown, `
		Arguments of the provider block are known after apply: %s. Nothing was sent, and no default was used.

		%s.`, `"`+strings.Join(names, `", "`)+`"`, createFirst)
}

func missingToken(s settings) diag.Diagnostic {
	var others []string
	if !s.userToken.value.IsZero() {
		others = append(others, `"user_token"`)
	}
	if len(s.app.missing()) == 0 {
		others = append(others, `"app_oauth"`)
	}
	other, stray := "", ""
	if len(others) > 0 {
		other = `Another credential is configured. To check it, set "credential" to ` + strings.Join(others, " or ") + "."
	}
	if len(s.stray) > 0 {
		stray = "Set, but not read by this provider: " + strings.Join(s.stray, ", ")
	}
	return configError(summaryNoToken, `
		"token" and PAGERDUTY_TOKEN are both unset or empty. Nothing was sent.

		%s

		Set "token" in the provider block, or export PAGERDUTY_TOKEN where Terraform runs, for example in the workspace of
		HCP Terraform. An Admin or the Account Owner creates account API tokens in PagerDuty under Integrations > API
		Access Keys.

		%s`, other, stray)
}

// incompleteApp names the values that an OAuth app lacks.
func incompleteApp(missing []origin) diag.Diagnostic {
	lines := ""
	for _, o := range missing {
		lines += fmt.Sprintf("\n  - %q, or %s in the environment", o.argument, o.variable)
	}
	return attributeError(appBlock, summaryHalfApp, `
		The OAuth app lacks values, or they are empty. Nothing was sent. Missing:%s

		Set what is missing, or remove the others.`, lines)
}

// unexpectedStatus returns the error for a status without a message, which must not
// pass.
func unexpectedStatus(status preflight.Status) diag.Diagnostic {
	return configError(summaryStatus, `
		The check ended with the status %q, but this provider has no message for it. The check failed.

		`+explain.ReportDefect, status)
}
