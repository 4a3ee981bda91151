package provider

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/explain"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// The Summaries of what never becomes a report. docs/guides/troubleshooting.md has
// a heading for each. Those of verdicts are in internal/explain.
const (
	summaryRegion    = "Invalid service region"
	summaryURL       = "Invalid API URL"
	summaryCA        = "Invalid CA certificates"
	summaryCAPartly  = "Some CA certificates cannot be read"
	summaryTimeout   = "Invalid timeout"
	summaryRetries   = "Invalid number of retries"
	summarySubdomain = "Invalid pd_subdomain"

	summaryGuard        = "Invalid guard"
	summaryRole         = "Unknown PagerDuty role"
	summaryArgument     = "Invalid argument"
	summaryOnFailure    = "Invalid on_failure"
	summaryCredential   = "Invalid credential"
	summaryTwoTokens    = "Two credentials for one check"
	summaryAccountGuard = "An account guard is required"

	summaryNoToken         = "No PagerDuty API token is configured"
	summaryNoUserToken     = "No PagerDuty user token is configured"
	summaryNoApp           = "No PagerDuty OAuth app is configured"
	summaryHalfApp         = "The PagerDuty OAuth app is not completely configured"
	summaryUnknownToken    = "The PagerDuty credential is not known yet"
	summaryUnknown         = "The provider configuration is not known yet"
	summaryUnknownArgument = "An argument of the check is not known yet"

	summaryVerdict  = "Unexpected verdict"
	summaryInternal = "Unexpected provider data"
)

// createFirst is what can be done about an unknown value, until an alternative.
const createFirst = `Create what the value comes from first (terraform apply -target=...), or take it from a variable`

// configError is an error about no single argument. explain.Prose lays the format out.
func configError(summary, format string, args ...any) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summary, explain.Prose(format, args...))
}

func attributeError(name, summary, format string, args ...any) diag.Diagnostic {
	return diag.WithPath(path.Root(name), configError(summary, format, args...))
}

func attributeWarning(name, summary, format string, args ...any) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root(name), summary, explain.Prose(format, args...))
}

// at names the argument that a value comes from, where it is not the environment's.
func (o origin) at(p path.Path, d diag.Diagnostic) diag.Diagnostic {
	if o.source != explain.FromConfiguration {
		return d
	}
	return diag.WithPath(p, d)
}

func invalidRegion(s setting) diag.Diagnostic {
	// A long value is no misspelt region: it can be a token in the wrong place.
	found := `The service region is not one that PagerDuty has: "us" or "eu".`
	switch shown := pagerduty.Printable(s.value, len(s.value)); {
	case shown != s.value:
		found = `The service region has whitespace or an invisible character in it, such as a line break. ` +
			`PagerDuty has only "us" and "eu".`
	case len(shown) <= 12:
		found = fmt.Sprintf(`The service region is %q, but PagerDuty has only "us" and "eu".`, shown)
	}
	return s.at(path.Root("service_region"), configError(summaryRegion, `
		%s

		Set "service_region" or PAGERDUTY_SERVICE_REGION to one of them, or leave both unset for "us".

		Service region: from %s`, found, s.source))
}

func invalidSubdomain(s setting) diag.Diagnostic {
	return s.at(path.Root(appBlock).AtName("pd_subdomain"), configError(summarySubdomain, `
		"pd_subdomain" cannot be used: write only the subdomain, without whitespace: "acme", not
		"https://acme.pagerduty.com" or "acme.pagerduty.com".

		Set "pd_subdomain" in %q or PAGERDUTY_SUBDOMAIN.

		Subdomain: from %s`, appBlock, s.source))
}

func invalidURL(name string, err error) diag.Diagnostic {
	d := configError(summaryURL, `
		%q cannot be used: %s.

		Write the address as https://host or https://host/prefix, without a user name, password or query.`, name, err)
	if errors.Is(err, pagerduty.ErrURLUser) || errors.Is(err, errURLCredential) {
		return d // Terraform shows the line that an error points to
	}
	return diag.WithPath(path.Root(name), d)
}

func unreadableCA(err error) diag.Diagnostic {
	why := "it cannot be read"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		why = "no such file exists"
	case errors.Is(err, fs.ErrPermission):
		why = "reading it is not permitted"
	case errors.Is(err, errNotRegular), errors.Is(err, errTooLarge):
		why = err.Error()
	}
	return attributeError("ca_cert_file", summaryCA, `
		The file that "ca_cert_file" names cannot be used: %s.

		Check the path. A relative path starts at the directory that Terraform runs in; "${path.module}/ca.pem" names a
		file of the module, and pathexpand("~/ca.pem") one of the home directory.`, why)
}

func noCA(name string, unreadable int) diag.Diagnostic {
	found := `no certificate in PEM form (-----BEGIN CERTIFICATE-----)`
	fix := `Export the CA certificate as PEM (Base64), not as DER or PKCS #12.`
	if unreadable > 0 {
		found = fmt.Sprintf(`no certificate that can be read (%d cannot be read)`, unreadable)
		fix = readablePEM
	}
	return attributeError(name, summaryCA, `
		%q holds %s.

		%s`, name, found, fix)
}

// readablePEM is what can be done about a certificate in PEM form that cannot be read.
const readablePEM = `Check that each line is a line of its own and has no whitespace before it. If the text is cut ` +
	`or damaged, export the certificate as PEM (Base64) again.`

func partlyReadableCA(name string, readable, unreadable int) diag.Diagnostic {
	return attributeWarning(name, summaryCAPartly, `
		%q holds certificates that cannot be read. They are ignored, and the others are trusted.

		%s What is not needed can be removed.

		%s`, name, readablePEM, fmt.Sprintf("Cannot be read: %d\nTrusted:        %d", unreadable, readable))
}

// The errors that say the same each time.
var (
	conflictingCA = attributeError("ca_cert_pem", summaryCA, `
		"ca_cert_file" and "ca_cert_pem" are both set, but only one can be used.

		Remove one of them. Either can hold several certificates.`)

	invalidTimeout = attributeError("timeout", summaryTimeout, `
		"timeout" must be a duration greater than zero and at most one hour, written as a number and a unit, such as "15s"
		or "1m30s".`)

	invalidRetries = attributeError("max_retries", summaryRetries, `
		"max_retries" must be a whole number from 0 to 10. It is how often a request is sent again after a transient
		failure.`)

	invalidCredential = attributeError("credential", summaryCredential, `
		"credential" must be "token", "user_token" or "app_oauth".`)

	invalidOnFailure = attributeError("on_failure", summaryOnFailure, `"on_failure" must be "error" or "warning".`)

	// Terraform shows the line that an error points to, and in that of "token" the token may be
	// written out.
	conflictingToken = attributeError("credential", summaryTwoTokens, `
		"token" gives the ephemeral resource a token of its own, but "credential" names one of the provider's credentials.

		Remove one of the two arguments.`)

	missingAccountGuard = attributeError("allowed_subdomains", summaryAccountGuard, `
		"require_account_guard" is true in the provider configuration, but "allowed_subdomains" is null. Nothing was sent.

		Set "allowed_subdomains" to the subdomains of the accounts that may be used. If it comes from an expression, such
		as a lookup with the default null, give it a default that is a set.`)

	unknownOwnToken = attributeError("token", summaryUnknownToken, `
		The ephemeral resource's "token" depends on a value that Terraform knows only after apply. Nothing was sent, and
		no other token was used in its place.

		%s.`, createFirst)

	emptyOwnToken = attributeError("token", summaryNoToken, `
		The ephemeral resource's "token" is set, but empty. Nothing was sent, and the provider's token was not used in its
		place.

		Set "token" to an API token, or to null for the provider's. Check the variable or secret that it comes from.`)

	missingUserToken = configError(summaryNoUserToken, `
		Neither "user_token" in the provider configuration nor PAGERDUTY_USER_TOKEN in the environment is set. An empty
		string counts as unset. Nothing was sent, and no other token was used in its place.

		Set "user_token" in the provider "pagerdutyauth" block, or export PAGERDUTY_USER_TOKEN where Terraform runs.

		The user creates the token in PagerDuty under My Profile > User Settings, which may need Advanced Permissions.`)

	missingApp = configError(summaryNoApp, `
		Neither the block "`+appBlock+`" in the provider configuration nor PAGERDUTY_CLIENT_ID, PAGERDUTY_CLIENT_SECRET
		and PAGERDUTY_SUBDOMAIN in the environment are set. Nothing was sent.

		Set "pd_client_id", "pd_client_secret" and "pd_subdomain" in that block, or export the variables where Terraform
		runs.

		An app is registered in PagerDuty under Integrations > App Registration, with Scoped OAuth.`)

	// notConfigured is for a client that asks before it configures.
	notConfigured = configError(summaryInternal, `
		A check was asked for before the provider was configured. Nothing was sent. `+explain.ReportDefect)

	wrongProviderData = configError(summaryInternal, `
		The provider passed itself data of an unknown type. `+explain.ReportDefect)
)

// invalidValue is the error for an argument of a check. why continues "... cannot
// be used: ", without a full stop, and never repeats the value.
func invalidValue(name, summary, why string) diag.Diagnostic {
	return attributeError(name, summary, `%q cannot be used: %s.`, name, why)
}

func invalidGuard(name, why string) diag.Diagnostic { return invalidValue(name, summaryGuard, why) }

// doubtfulGuard is the warning about a guard's value that can be used.
func doubtfulGuard(name, doubt string) diag.Diagnostic {
	return attributeWarning(name, summaryRole, `
		%q names an unknown role: %s.

		Correct the value, or leave it if PagerDuty has added a role of that name.`, name, doubt)
}

// unknownGuard is the error for a guard of the table that the model lacks.
func unknownGuard(name string) diag.Diagnostic {
	return configError(summaryInternal, `The guard %q is not implemented. `+explain.ReportDefect, name)
}

func unknownArgument(name string) diag.Diagnostic {
	return attributeError(name, summaryUnknownArgument, `
		%q, or an element of it, depends on a value that Terraform knows only after apply. Nothing was sent.

		%s.`, name, createFirst)
}

// unknownCredential is the error for a credential's value that is known only after
// apply.
func unknownCredential(o origin) diag.Diagnostic {
	alternative := ""
	if o.argument == "token" {
		alternative = `, or use the ephemeral resource pagerdutyauth_credential with the argument "token", which ` +
			`Terraform opens once the value is known`
	}
	return configError(summaryUnknownToken, `
		%q in the provider configuration depends on a value that Terraform knows only after apply. Nothing was sent, and
		no other credential was used in its place.

		%s or %s%s.`, o.argument, createFirst, o.variable, alternative)
}

func unknownSettings(names ...string) diag.Diagnostic {
	return configError(summaryUnknown, `
		Arguments of the provider configuration depend on values that Terraform knows only after apply: %s. Nothing was
		sent, and no default was used in their place.

		%s.`, `"`+strings.Join(names, `", "`)+`"`, createFirst)
}

func missingToken(s settings) diag.Diagnostic {
	var kinds []string
	if !s.userToken.value.IsZero() {
		kinds = append(kinds, `"user_token"`)
	}
	if len(s.app.missing()) == 0 {
		kinds = append(kinds, `"app_oauth"`)
	}
	other, stray := "", ""
	if len(kinds) > 0 {
		other = `Another credential is configured. To check it, set "credential" to ` + strings.Join(kinds, " or ") + "."
	}
	if len(s.stray) > 0 {
		stray = "Set, but not read by this provider: " + strings.Join(s.stray, ", ")
	}
	return configError(summaryNoToken, `
		Neither "token" in the provider configuration nor PAGERDUTY_TOKEN in the environment is set. An empty string
		counts as unset. Nothing was sent.

		%s

		Set "token" in the provider "pagerdutyauth" block, or export PAGERDUTY_TOKEN where Terraform runs. For a remote
		run (HCP Terraform, Spacelift, Atlantis), set the variable there.

		Create an account API token in PagerDuty under Integrations > API Access Keys (as an Admin or the Account Owner),
		or a user API token under My Profile > User Settings (may need Advanced Permissions).

		%s`, other, stray)
}

// incompleteApp names each value that an OAuth app lacks.
func incompleteApp(missing []origin) diag.Diagnostic {
	lines := ""
	for _, o := range missing {
		lines += fmt.Sprintf("\n  - %q, or %s in the environment", o.argument, o.variable)
	}
	return attributeError(appBlock, summaryHalfApp, `
		The OAuth app of %q lacks:%s

		An empty string counts as unset. Nothing was sent.

		Set what is missing, or remove the rest.`, appBlock, lines)
}

// unexpectedVerdict is the error for a verdict that nothing words: it must not pass
// in silence.
func unexpectedVerdict(status preflight.Status) diag.Diagnostic {
	return configError(summaryVerdict, `
		The check ended with the status %q, for which this provider has no message. The credential is not accepted.

		`+explain.ReportDefect, status)
}
