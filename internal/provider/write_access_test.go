package provider

import (
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// preview is the request that asks for write access.
const preview = "POST /schedules/preview"

// What require_write_access and include_write_access make of every kind of
// credential, on every surface.
func TestWriteAccess(t *testing.T) {
	t.Parallel()
	undecidable := faultAt("/schedules/preview", pdfake.AnswerJSON(500, `{"error":{"message":"Internal","code":2000}}`))
	userToken := func(value string) arguments { return arguments{"user_token": word(value)} }
	asUser := arguments{"credential": word("user_token")}
	for name, c := range map[string]struct {
		provider, check arguments
		options         []pdfake.Option
		access          string // of the result write_access
		summary         string // of require_write_access; "" where it is met
	}{
		"account token, full access": {provider: withToken(tokenAccount), access: "true"},
		"account token, read-only":   {provider: withToken(tokenReadOnly), access: "false", summary: summaryNotAllowed},
		"account token, undecidable": {
			provider: withToken(tokenAccount), options: undecidable, access: "null", summary: summaryUndecided,
		},
		"user's token, may":     {provider: withToken(tokenAda), access: "true"},
		"user's token, may not": {provider: withToken(tokenObserver), access: "false", summary: summaryNotAllowed},
		"user's token, undecidable": {
			provider: withToken(tokenAda), options: undecidable, access: "null", summary: summaryUndecided,
		},
		"user_token, may": {provider: userToken(tokenAda), check: asUser, access: "true"},
		"user_token, may not": {
			provider: userToken(tokenObserver), check: asUser, access: "false", summary: summaryNotAllowed,
		},
		"user_token, undecidable": {
			provider: userToken(tokenAda), check: asUser, options: undecidable, access: "null", summary: summaryUndecided,
		},
	} {
		for _, surface := range surfaces {
			t.Run(name+"/"+surface, func(t *testing.T) {
				t.Parallel()
				s := startEmulator(t, c.options...)
				required := run(t, surface, at(s, c.provider), with(c.check, arguments{"require_write_access": truth(true)}))
				if c.summary == "" {
					required.passes(t)
				} else {
					required.fails(t, c.summary, preflight.GuardWriteAccess)
				}
				s.ResetRequests()
				included := run(t, surface, at(s, c.provider), with(c.check, arguments{"include_write_access": truth(true)}))
				if len(included.errors()) > 0 || (len(included.warnings()) > 0) != (c.access == "null") {
					t.Errorf("write access is %s:%s", c.access, describe(included.diagnostics))
				}
				if surface != actionSurface && included.text(t, "write_access") != c.access {
					t.Errorf("write_access is %s, want %s", included.text(t, "write_access"), c.access)
				}
				sent := slices.DeleteFunc(paths(s), func(r string) bool { return !strings.HasPrefix(r, preview) })
				if len(sent) == 0 || c.access != "null" && len(sent) > 1 {
					t.Errorf("requests %q, want one preview", paths(s))
				}
			})
		}
	}
}

// What an OAuth app may do follows from its scopes: both arguments are errors that
// say so, with or without a scope that lets it write.
func TestWriteAccess_app(t *testing.T) {
	t.Parallel()
	for argument, summary := range map[string]string{
		"require_write_access": summaryGuard, "include_write_access": summaryArgument,
	} {
		for _, surface := range surfaces {
			s := startEmulator(t, withApp("users.read", "schedules.write"))
			a := run(t, surface, at(s, appProvider()), anApp(arguments{argument: truth(true)}))
			if detail := a.fails(t, summary, argument); !strings.Contains(detail, `"required_scopes"`) {
				t.Errorf("%s: %s", surface, detail)
			}
			if n := len(s.Requests()); n != 0 {
				t.Errorf("%d requests", n)
			}
			// false asks for nothing.
			run(t, surface, at(s, appProvider()), anApp(arguments{argument: truth(false)})).passes(t)
		}
	}
}

// Nothing else ever writes: without those two arguments, only GET goes out, and an
// OAuth app's request for its access token.
func TestNothingElseWrites(t *testing.T) {
	t.Parallel()
	bools := []string{"same_account_as_token", "include_abilities"}
	values := map[string]tftypes.Value{
		"allowed_subdomains": words("acme"), "forbidden_subdomains": words("acme-prod"),
		"allowed_service_regions": words("us"), "allowed_token_types": words("user", "account", "app_oauth"),
		"allowed_user_emails": words("ada@acme.example"), "allowed_roles": words("admin"), "required_abilities": words("sso"),
		"required_scopes": words("users.read"), "on_failure": word("warning"), "token": word(tokenAccount),
		"require_write_access": truth(false), "include_write_access": truth(false),
	}
	for _, name := range bools {
		values[name] = truth(true)
	}
	provider := with(appProvider(), arguments{"token": word(tokenAda), "user_token": word(tokenAda)})
	for surface, attributes := range attributesOf(t) {
		for _, name := range slices.Sorted(maps.Keys(attributes)) {
			value, known := values[name]
			if !known {
				continue
			}
			for _, kind := range preflight.Kinds {
				t.Run(surface+"/"+name+"/"+string(kind), func(t *testing.T) {
					t.Parallel()
					s := startEmulator(t, withApp("users.read", "abilities.read", "schedules.write"))
					run(t, surface, at(s, provider), arguments{"credential": word(string(kind)), name: value})
					for _, r := range s.Requests() {
						if r.Method != http.MethodGet && (r.Method != http.MethodPost || r.Path != "/oauth/token") {
							t.Errorf("%s %s was sent", r.Method, r.Path)
						}
					}
				})
			}
		}
	}
	// No argument is missing above but the one that is always set.
	for name, attribute := range attributesOf(t)[ephemeralSurface] {
		_, known := values[name]
		if optional := reflect.ValueOf(attribute).FieldByName("Optional").Bool(); optional && !known && name != "credential" {
			t.Errorf("%s is not tried", name)
		}
	}
}
