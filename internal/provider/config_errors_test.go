package provider

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/explain"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing them")

const goldenDir = "testdata/config"

// configErrors returns each error in the configuration by the name of its golden file.
func configErrors(t *testing.T) map[string]diag.Diagnostic {
	t.Helper()
	region := func(source, value string) diag.Diagnostic {
		return invalidRegion(setting{origin{argument: "service_region", source: source}, value})
	}
	_, userErr := pagerduty.ParseBaseURL("https://me:secret@gateway.example")
	_, schemeErr := pagerduty.ParseBaseURL("http://api.pagerduty.com")
	userToken := secretSetting{origin{source: explain.EnvUserToken}, pagerduty.NewSecret("x")}
	unset := readTest(t, nil, nil)
	app := readTest(t, nil, map[string]string{explain.EnvClientID: "x"}).app
	token := guardValidator{preflight.FindGuard("allowed_token_types")}
	scopes := arguments{preflight.GuardRequiredScopes: listOf("users.read")}
	write := arguments{"credential": types.StringValue("app_oauth"), preflight.GuardWriteAccess: types.BoolValue(true)}
	return map[string]diag.Diagnostic{
		"region":                  region(explain.FromConfiguration, "zz"),
		"region-from-environment": region(explain.EnvServiceRegion, "us\n"),
		"region-long":             region(explain.FromConfiguration, marker),
		"url":                     invalidURL("api_url_override", schemeErr),
		"url-with-user":           invalidURL("api_url_override", userErr),
		"url-with-secret":         invalidURL("identity_url_override", errURLSecret),
		"ca":                      invalidCA,
		"timeout":                 invalidTimeout,
		"retries":                 invalidRetries,
		"subdomain":               invalidSubdomain(setting{origin{source: explain.EnvSubdomain}, "acme.pagerduty.com"}),
		"credential":              invalidCredential,
		"on-failure":              invalidOnFailure,
		"two-credentials":         conflictingToken,
		"guard-empty":             token.check(listOf(), true)[0],
		"guard-value":             token.check(listOf("admin"), true)[0],
		"guard-scopes-of-token":   scopes.conflicts()[0],
		"guard-write-of-app":      write.conflicts()[0],
		"unknown-argument":        unknownArgument("allowed_subdomains"),
		"unknown-token":           unknownCredential(unset.token.origin),
		"unknown-client-secret":   unknownCredential(unset.app.secret.origin),
		"unknown-own-token":       unknownOwnToken,
		"unknown-settings":        unknownSettings("service_region", "allowed_subdomains"),
		"no-token":                missingToken(settings{}),
		"no-token-but-others": missingToken(settings{
			userToken: userToken, stray: []string{"PD_TOKEN", "PD_API_KEY"},
			app: readTest(t, nil, map[string]string{
				explain.EnvClientID: "x", explain.EnvClientSecret: "x", explain.EnvSubdomain: "x",
			}).app,
		}),
		"no-own-token":        emptyOwnToken,
		"no-user-token":       missingUserToken,
		"no-app":              missingApp,
		"app-incomplete":      incompleteApp(app.missing()),
		"app-account":         unknownAccount,
		"unexpected-status":   unexpectedStatus("enchanted"),
		"not-configured":      notConfigured,
		"wrong-provider-data": wrongProviderData,
	}
}

func listOf(values ...string) types.List {
	elements := make([]attr.Value, len(values))
	for i, v := range values {
		elements[i] = types.StringValue(v)
	}
	return types.ListValueMust(types.StringType, elements)
}

// The texts are those of the golden files. To write them, run
// `go test ./internal/provider -run ConfigErrors -update`.
func TestConfigErrors_golden(t *testing.T) {
	t.Parallel()
	all := configErrors(t)
	for name, d := range all {
		got := describe(d)
		searchLeaks(t, name, got)
		file := filepath.Join(goldenDir, name+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s: got:\n%s\nwant:\n%s", name, got, want)
		}
	}
	files, err := filepath.Glob(filepath.Join(goldenDir, "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if _, known := all[strings.TrimSuffix(filepath.Base(file), ".txt")]; !known {
			t.Errorf("%s belongs to no error", file)
		}
	}
}

// describe returns a diagnostic with the argument that it points to.
func describe(d diag.Diagnostic) string {
	argument := ""
	if withPath, ok := d.(diag.DiagnosticWithPath); ok {
		argument = " (on " + withPath.Path().String() + ")"
	}
	return d.Severity().String() + argument + ": " + d.Summary() + "\n\n" + d.Detail() + "\n"
}

// Every text has the form of a message: at most 15 lines and 70 words before the lines
// of facts.
func TestConfigErrors_form(t *testing.T) {
	t.Parallel()
	for name, d := range configErrors(t) {
		if s := d.Summary(); s == "" || len(s) > 60 || strings.HasSuffix(s, ".") {
			t.Errorf("%s: summary %q", name, s)
		}
		text, _, _ := strings.Cut(d.Detail(), "\n\nSet, but not read by this provider: ")
		if lines, words := strings.Count(text, "\n")+1, len(strings.Fields(text)); lines > 15 || words > 70 {
			t.Errorf("%s: %d lines and %d words", name, lines, words)
		}
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "  - ") && len(strings.TrimSpace(line)) >= 76 {
				t.Errorf("%s: Terraform does not wrap the bullet of %d characters", name, len(line))
			}
		}
	}
}
