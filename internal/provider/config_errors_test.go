package provider

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/explain"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing them")

const goldenDir = "testdata/config"

// configErrors are all messages about what never becomes a report, by the name of
// their golden file.
func configErrors() map[string]diag.Diagnostic {
	region := func(value, source string) setting { return setting{value: value, origin: origin{source: source}} }
	_, userErr := pagerduty.ParseBaseURL("https://me:secret@gateway.example")
	_, urlErr := pagerduty.ParseBaseURL("http://api.pagerduty.com")
	user := secretSetting{value: pagerduty.NewSecret("x"), origin: origin{source: explain.EnvUserToken}}
	app := appSettings{id: region("x", explain.EnvClientID), secret: user, subdomain: region("acme", explain.EnvSubdomain)}
	onlyID := map[string]string{explain.EnvClientID: "x"}
	half, _ := decide(providerModel{}, func(name string) string { return onlyID[name] })
	all := map[string]diag.Diagnostic{
		"region":                   invalidRegion(region("zz", explain.FromConfiguration)),
		"region-from-environment":  invalidRegion(region("zz", explain.EnvServiceRegion)),
		"region-long":              invalidRegion(region(marker, explain.FromConfiguration)),
		"api-url":                  invalidURL("api_url_override", urlErr),
		"api-url-user":             invalidURL("api_url_override", userErr),
		"api-url-credential":       invalidURL("api_url_override", errURLCredential),
		"region-invisible":         invalidRegion(region("us\n", explain.EnvServiceRegion)),
		"identity-url":             invalidURL("identity_url_override", urlErr),
		"ca-conflict":              conflictingCA,
		"ca-file-missing":          unreadableCA(fs.ErrNotExist),
		"ca-file-permission":       unreadableCA(fs.ErrPermission),
		"ca-file-not-regular":      unreadableCA(errNotRegular),
		"ca-file-too-large":        unreadableCA(errTooLarge),
		"ca-file-unreadable":       unreadableCA(errors.New("input/output error")),
		"ca-none":                  noCA("ca_cert_pem", 0),
		"ca-none-readable":         noCA("ca_cert_file", 2),
		"ca-partly":                partlyReadableCA("ca_cert_file", 3, 1),
		"timeout":                  invalidTimeout,
		"retries":                  invalidRetries,
		"subdomain":                invalidSubdomain(region("acme.pagerduty.com", explain.FromConfiguration)),
		"subdomain-environment":    invalidSubdomain(region("acme.pagerduty.com", explain.EnvSubdomain)),
		"credential":               invalidCredential,
		"on-failure":               invalidOnFailure,
		"two-credentials":          conflictingToken,
		"account-guard":            missingAccountGuard,
		"unknown-argument":         unknownArgument("allowed_subdomains"),
		"unknown-token":            unknownCredential(half.token.origin),
		"unknown-user-token":       unknownCredential(half.userToken.origin),
		"unknown-client-secret":    unknownCredential(half.app.secret.origin),
		"unknown-own-token":        unknownOwnToken,
		"unknown-settings":         unknownSettings("service_region", "timeout"),
		"no-token":                 missingToken(settings{}),
		"no-token-stray":           missingToken(settings{stray: []string{"PD_TOKEN", "PD_API_KEY"}}),
		"no-token-others":          missingToken(settings{userToken: user, app: app}),
		"no-own-token":             emptyOwnToken,
		"no-user-token":            missingUserToken,
		"no-app":                   missingApp,
		"app-incomplete":           incompleteApp(half.app.missing()),
		"guard-empty-element":      guardValidator("allowed_roles").judge(setOf(""), true)[0],
		"guard-invisible":          guardValidator("allowed_roles").judge(setOf("owner "), true)[0],
		"guard-doubt":              doubtfulGuard("allowed_roles", guardOf("allowed_roles").Doubt("onwer")),
		"guard-not-implemented":    unknownGuard("forbidden_moons"),
		"verdict-without-message":  unexpectedVerdict("enchanted"),
		"provider-data":            wrongProviderData,
		"provider-not-configured":  notConfigured,
		"argument-write-access":    appConflict("include_write_access"),
		"guard-write-access":       appConflict("require_write_access"),
		"guard-scopes-of-token":    conflictOf(checkModel{RequiredScopes: setOf("users.read")}),
		"guard-same-account-token": conflictOf(checkModel{SameAccountAsToken: yes}),
	}
	for _, guard := range preflight.Guards {
		if !guard.Set() {
			continue
		}
		v := guardValidator(guard.Name)
		all["guard-empty-"+dashed(guard.Name)] = v.judge(setOf(), true)[0]
		if guard.Rule != nil {
			all["guard-value-"+dashed(guard.Name)] = v.judge(setOf("a \"b"), true)[0]
		}
	}
	return all
}

func dashed(name string) string { return strings.ReplaceAll(name, "_", "-") }

// Every message in full. `go test ./internal/provider -run ConfigErrors -update`
// writes the files.
func TestConfigErrors_golden(t *testing.T) {
	t.Parallel()
	all := configErrors()
	for name, d := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			searchLeaks(t, "the message", d.Summary()+d.Detail())
			got := fullText(d)
			file := filepath.Join(goldenDir, name+".txt")
			if *update {
				if err := os.MkdirAll(goldenDir, 0o750); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
	files, err := filepath.Glob(filepath.Join(goldenDir, "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if _, known := all[strings.TrimSuffix(filepath.Base(file), ".txt")]; !known {
			t.Errorf("%s belongs to no message", file)
		}
	}
}

// fullText is a diagnostic as a reader sees it, with the argument that it is about.
func fullText(d diag.Diagnostic) string {
	at := ""
	if withPath, ok := d.(diag.DiagnosticWithPath); ok {
		at = " (on " + withPath.Path().String() + ")"
	}
	return d.Severity().String() + at + ": " + d.Summary() + "\n\n" + d.Detail() + "\n"
}

// What every message has to be, whatever it is about.
func TestConfigErrors_form(t *testing.T) {
	t.Parallel()
	for name, d := range configErrors() {
		if s := d.Summary(); s == "" || len(s) > 60 || strings.HasSuffix(s, ".") {
			t.Errorf("%s: summary %q", name, s)
		}
		for line := range strings.Lines(d.Detail()) {
			if strings.HasPrefix(line, "  - ") && len(strings.TrimSpace(line)) >= 76 {
				t.Errorf("%s: a bullet of %d characters, which Terraform does not wrap", name, len(line))
			}
		}
		if strings.Contains(d.Detail(), "Value(") {
			t.Errorf("%s: a path of the framework is shown", name)
		}
	}
}
