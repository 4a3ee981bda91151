package provider

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
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

// Where credentials are made in PagerDuty's web app, and by whom.
const (
	whereTokens = `Create an account API token in PagerDuty under Integrations > API Access Keys (as an Admin or the ` +
		`Account Owner), or a user API token under My Profile > User Settings.`
	whereUserTokens = `The user creates the token in PagerDuty under My Profile > User Settings, which may need ` +
		`Advanced Permissions.`
	whereApps = `An app is registered in PagerDuty under Integrations > App Registration, with Scoped OAuth.`
)

// reportDefect ends the messages that no configuration should bring about.
const reportDefect = `This is a defect of terraform-provider-pagerdutyauth: please report it.`

// createFirst is what can be done about an unknown value, until an alternative.
const createFirst = `Create what the value comes from first (terraform apply -target=...), or take it from a variable`

func attributeError(name, summary, detail string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root(name), summary, detail)
}

// paragraphs puts an empty line between texts; an empty text is left out.
func paragraphs(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), "\n\n")
}

// quoted shows names, such as those of arguments, never foreign text.
func quoted(names []string) string {
	q := make([]string, len(names))
	for i, name := range names {
		q[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(q, ", ")
}

func invalidRegion(s setting) diag.Diagnostic {
	// A long value is no misspelt region: it can be a token in the wrong place.
	found := `The service region is not one that PagerDuty has: "us" or "eu".`
	if len(s.value) <= 12 {
		found = fmt.Sprintf(`The service region is %q, but PagerDuty has only "us" and "eu".`,
			pagerduty.Printable(s.value, 12))
	}
	detail := paragraphs(
		found,
		`Set "service_region" or PAGERDUTY_SERVICE_REGION to one of them, or leave both unset for "us".`,
		"Service region: from "+s.source)
	if s.source != explain.FromConfiguration {
		return diag.NewErrorDiagnostic(summaryRegion, detail)
	}
	return attributeError("service_region", summaryRegion, detail)
}

func invalidURL(name string, err error) diag.Diagnostic {
	return attributeError(name, summaryURL, paragraphs(
		fmt.Sprintf("%q cannot be used: %s.", name, err),
		`Write the address as https://host or https://host/prefix, without a user name, password or query.`))
}

func conflictingCA() diag.Diagnostic {
	return attributeError("ca_cert_pem", summaryCA, paragraphs(
		`"ca_cert_file" and "ca_cert_pem" are both set, but only one can be used.`,
		`Remove one of them. Either can hold several certificates.`))
}

func unreadableCA(err error) diag.Diagnostic {
	why := "it cannot be read"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		why = "no such file exists"
	case errors.Is(err, fs.ErrPermission):
		why = "reading it is not permitted"
	case errors.Is(err, errNotRegular):
		why = "it is not a regular file, but a directory, pipe or device"
	case errors.Is(err, errTooLarge):
		why = "it is larger than 16 MiB"
	}
	return attributeError("ca_cert_file", summaryCA, paragraphs(
		fmt.Sprintf(`The file that "ca_cert_file" names cannot be used: %s.`, why),
		`Check the path. A relative path starts at the directory that Terraform runs in; "${path.module}/ca.pem" `+
			`names a file of the module.`))
}

func noCA(name string, unreadable int) diag.Diagnostic {
	found := fmt.Sprintf(`%q holds no certificate in PEM form (-----BEGIN CERTIFICATE-----).`, name)
	if unreadable > 0 {
		found = fmt.Sprintf("%q holds no certificate that can be read (%d cannot be read).", name, unreadable)
	}
	return attributeError(name, summaryCA, paragraphs(found,
		`Export the CA certificate as PEM (Base64), not as DER or PKCS #12.`))
}

func partlyReadableCA(name string, readable, unreadable int) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root(name), summaryCAPartly, paragraphs(
		fmt.Sprintf(`%q holds certificates that cannot be read. They are ignored, and the others are trusted.`, name),
		`Export those certificates again as PEM (Base64), or remove them.`,
		fmt.Sprintf("Cannot be read: %d\nTrusted:        %d", unreadable, readable)))
}

func invalidTimeout() diag.Diagnostic {
	return attributeError("timeout", summaryTimeout,
		`"timeout" must be a duration greater than zero and at most one hour, written as a number and a unit, such as `+
			`"15s" or "1m30s".`)
}

func invalidRetries() diag.Diagnostic {
	return attributeError("max_retries", summaryRetries,
		`"max_retries" must be from 0 to 10. It is how often a request is sent again after a transient failure.`)
}

func invalidSubdomain(s setting) diag.Diagnostic {
	detail := paragraphs(
		`"pd_subdomain" cannot be used: write only the subdomain, "acme", not "https://acme.pagerduty.com" or `+
			`"acme.pagerduty.com".`,
		fmt.Sprintf(`Set "pd_subdomain" in %q or PAGERDUTY_SUBDOMAIN.`, appBlock),
		"Subdomain: from "+s.source)
	if s.source != explain.FromConfiguration {
		return diag.NewErrorDiagnostic(summarySubdomain, detail)
	}
	return diag.NewAttributeErrorDiagnostic(path.Root(appBlock).AtName("pd_subdomain"), summarySubdomain, detail)
}

// invalidValue is the error for an argument of a check. why continues "... cannot
// be used: ", without a full stop, and never repeats the value.
func invalidValue(name, summary, why string) diag.Diagnostic {
	return attributeError(name, summary, fmt.Sprintf("%q cannot be used: %s.", name, why))
}

func invalidGuard(name, why string) diag.Diagnostic { return invalidValue(name, summaryGuard, why) }

// doubtfulGuard is the warning about a guard's value that can be used.
func doubtfulGuard(name, doubt string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root(name), summaryRole, paragraphs(
		fmt.Sprintf("%q names a role that no user may have: %s.", name, doubt),
		"Correct the value, or leave it if PagerDuty has added a role of that name."))
}

// unknownGuard is the error for a guard of the table that the model lacks.
func unknownGuard(name string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summaryInternal,
		fmt.Sprintf("The guard %q is not implemented. %s", name, reportDefect))
}

func invalidCredential() diag.Diagnostic {
	return attributeError("credential", summaryCredential, `"credential" must be "token", "user_token" or "app_oauth".`)
}

func invalidOnFailure() diag.Diagnostic {
	return attributeError("on_failure", summaryOnFailure, `"on_failure" must be "error" or "warning".`)
}

func conflictingToken() diag.Diagnostic {
	return attributeError("token", summaryTwoTokens, paragraphs(
		`"token" gives the ephemeral resource a token of its own, but "credential" names one of the provider's `+
			`credentials.`,
		`Remove one of the two arguments.`))
}

func missingAccountGuard() diag.Diagnostic {
	return attributeError("allowed_subdomains", summaryAccountGuard, paragraphs(
		`"require_account_guard" is true in the provider configuration, but "allowed_subdomains" is null. Nothing was `+
			`sent.`,
		`Set "allowed_subdomains" to the subdomains of the accounts that may be used. If it comes from an expression, `+
			`such as a lookup with the default null, give it a default that is a set.`))
}

func unknownArgument(name string) diag.Diagnostic {
	return attributeError(name, summaryUnknownArgument, paragraphs(
		fmt.Sprintf("%q, or an element of it, depends on a value that Terraform knows only after apply. Nothing was "+
			"sent.", name),
		createFirst+"."))
}

// unknownCredential is the error for a credential's value that is known only after
// apply.
func unknownCredential(o origin) diag.Diagnostic {
	alternative := ""
	if o.argument == "token" {
		alternative = `, or use the ephemeral resource pagerdutyauth_credential with the argument "token", which ` +
			`Terraform opens ` +
			`once the value is known`
	}
	return diag.NewErrorDiagnostic(summaryUnknownToken, paragraphs(
		fmt.Sprintf("%q in the provider configuration depends on a value that Terraform knows only after apply. "+
			"Nothing was sent, "+
			"and no other credential was used in its place.", o.argument),
		fmt.Sprintf("%s or %s%s.", createFirst, o.variable, alternative)))
}

// unknownOwnToken is the error for an ephemeral resource's own token.
func unknownOwnToken() diag.Diagnostic {
	return attributeError("token", summaryUnknownToken, paragraphs(
		`The ephemeral resource's "token" depends on a value that Terraform knows only after apply. Nothing was sent, `+
			`and no other `+
			`token was used in its place.`,
		createFirst+"."))
}

func unknownSettings(names []string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summaryUnknown, paragraphs(
		fmt.Sprintf("Arguments of the provider configuration depend on values that Terraform knows only after apply: %s. "+
			"Nothing was sent, and no default was used in their place.", quoted(names)),
		createFirst+"."))
}

func missingToken(s settings) diag.Diagnostic {
	stray := ""
	if len(s.stray) > 0 {
		stray = "Set, but not read by this provider: " + strings.Join(s.stray, ", ")
	}
	return diag.NewErrorDiagnostic(summaryNoToken, paragraphs(
		`Neither "token" in the provider configuration nor PAGERDUTY_TOKEN in the environment is set. An empty string `+
			`counts as `+
			`unset. Nothing was sent.`,
		otherCredentials(s),
		`Set "token" in the provider "pagerdutyauth" block, or export PAGERDUTY_TOKEN where Terraform runs. For a `+
			`remote run `+
			`(HCP Terraform, Spacelift, Atlantis), set the variable there.`,
		whereTokens, stray))
}

// otherCredentials names a credential that is set and was not asked for.
func otherCredentials(s settings) string {
	var other []string
	if !s.userToken.value.IsZero() {
		other = append(other, `"user_token"`)
	}
	if len(s.app.missing()) == 0 {
		other = append(other, `"app_oauth"`)
	}
	if len(other) == 0 {
		return ""
	}
	return `Another credential is configured. To check it, set "credential" to ` + strings.Join(other, " or ") + "."
}

// emptyOwnToken is the error for an ephemeral resource's own token that is empty.
func emptyOwnToken() diag.Diagnostic {
	return attributeError("token", summaryNoToken, paragraphs(
		`The ephemeral resource's "token" is set, but empty. Nothing was sent, and the provider's token was not used `+
			`in its place.`,
		`Set "token" to an API token, or to null for the provider's. Check the variable or secret that it comes from.`))
}

func missingUserToken() diag.Diagnostic {
	return diag.NewErrorDiagnostic(summaryNoUserToken, paragraphs(
		`Neither "user_token" in the provider configuration nor PAGERDUTY_USER_TOKEN in the environment is set. An `+
			`empty string `+
			`counts as unset. Nothing was sent, and no other token was used in its place.`,
		`Set "user_token" in the provider "pagerdutyauth" block, or export PAGERDUTY_USER_TOKEN where Terraform runs.`,
		whereUserTokens))
}

func missingApp() diag.Diagnostic {
	return diag.NewErrorDiagnostic(summaryNoApp, paragraphs(
		fmt.Sprintf(`Neither the block %q in the provider configuration nor PAGERDUTY_CLIENT_ID, `+
			`PAGERDUTY_CLIENT_SECRET and `+
			`PAGERDUTY_SUBDOMAIN in the environment are set. Nothing was sent.`, appBlock),
		`Set "pd_client_id", "pd_client_secret" and "pd_subdomain" in that block, or export the variables where `+
			`Terraform runs.`,
		whereApps))
}

// incompleteApp names each value that an OAuth app lacks.
func incompleteApp(missing []origin) diag.Diagnostic {
	lines := make([]string, len(missing))
	for i, o := range missing {
		lines[i] = fmt.Sprintf("\n  - %q, or %s in the environment", o.argument, o.variable)
	}
	return diag.NewAttributeErrorDiagnostic(path.Root(appBlock), summaryHalfApp, paragraphs(
		fmt.Sprintf("The OAuth app of %q lacks:%s", appBlock, strings.Join(lines, "")),
		"An empty string counts as unset. Nothing was sent.",
		"Set what is missing, or remove the rest."))
}

// unexpectedVerdict is the error for a verdict that nothing words: it must not pass
// in silence.
func unexpectedVerdict(status preflight.Status) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summaryVerdict, paragraphs(
		fmt.Sprintf("The check ended with the status %q, for which this provider has no message. The credential is "+
			"not accepted.", status),
		reportDefect))
}

// notConfigured is the error for a client that asks before it configures.
func notConfigured() diag.Diagnostic {
	return diag.NewErrorDiagnostic(summaryInternal,
		"A check was asked for before the provider was configured. Nothing was sent. "+reportDefect)
}

func wrongProviderData() diag.Diagnostic {
	return diag.NewErrorDiagnostic(summaryInternal, "The provider passed itself data of an unknown type. "+reportDefect)
}
