package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// scenario is a check of a credential with a guard.
type scenario struct {
	provider, args given
	options        []pdfake.Option
}

func (s scenario) run(t *testing.T, check string) result {
	t.Helper()
	return run(t, check, at(startEmulator(t, s.options...), s.provider), s.args)
}

// guardCase has scenarios in which a guard is met, fails and cannot be checked. The last
// has no arguments if that cannot happen.
type guardCase struct{ met, fails, unchecked scenario }

func guardCases() map[string]guardCase {
	token := func(guard, token string, values ...string) scenario {
		return scenario{provider: withToken(token), args: given{guard: list(values...)}}
	}
	scopes := func(scope string) scenario {
		return scenario{
			emulatedApp(), checkApp.with(given{"required_scopes": list(scope)}), []pdfake.Option{withApp("users.read")},
		}
	}
	write := func(token string, options ...pdfake.Option) scenario {
		return scenario{withToken(token), given{"require_write_access": boolean(true)}, options}
	}
	typeUnknown := token("allowed_token_types", tokenAda, "user")
	typeUnknown.options = []pdfake.Option{faultAt("/users/me", pdfake.AnswerJSON(400, `{"error":"Something else"}`))}
	notFound := faultAt("/schedules/preview", pdfake.AnswerJSON(404, `{"error":{"message":"Not Found","code":2100}}`))
	return map[string]guardCase{
		"allowed_token_types": {
			token("allowed_token_types", tokenAda, "account", "user"), token("allowed_token_types", tokenAda, "account"),
			typeUnknown,
		},
		"allowed_subdomains": {
			token("allowed_subdomains", tokenAda, "other", "ACME"), token("allowed_subdomains", tokenSandbox, "acme"),
			token("allowed_subdomains", tokenNoURL, "acme"),
		},
		"forbidden_subdomains": {
			token("forbidden_subdomains", tokenAda, "acme-prod"), token("forbidden_subdomains", tokenAda, "acme-prod", "ACME"),
			token("forbidden_subdomains", tokenNoURL, "acme-prod"),
		},
		"allowed_user_emails": {
			token("allowed_user_emails", tokenAda, "ADA@acme.example"),
			token("allowed_user_emails", tokenAda, "bob@acme.example"),
			token("allowed_user_emails", tokenAccount, "ada@acme.example"),
		},
		"allowed_roles": {
			token("allowed_roles", tokenAda, "admin", "owner"), token("allowed_roles", tokenObserver, "admin"),
			token("allowed_roles", tokenAccount, "admin"),
		},
		"required_scopes":      {met: scopes("users.read"), fails: scopes("schedules.read")},
		"require_write_access": {write(tokenAccount), write(tokenReadOnly), write(tokenAccount, notFound)},
	}
}

// forEachGuard runs a test for each guard of the table and each check.
func forEachGuard(t *testing.T, test func(t *testing.T, guard *preflight.Guard, c guardCase, check string)) {
	t.Helper()
	cases := guardCases()
	for _, guard := range preflight.Guards {
		c, found := cases[guard.Name]
		if !found {
			t.Errorf("no case for the guard %s", guard.Name)
			continue
		}
		for _, check := range allChecks {
			t.Run(guard.Name+"/"+check, func(t *testing.T) {
				t.Parallel()
				test(t, guard, c, check)
			})
		}
	}
}

// A guard that fails, or that could not be checked, is an error on its argument.
func TestGuards(t *testing.T) {
	t.Parallel()
	forEachGuard(t, func(t *testing.T, guard *preflight.Guard, c guardCase, check string) {
		t.Helper()
		c.met.run(t, check).passes(t)
		c.fails.run(t, check).fails(t, guard.Summary, guard.Name)
		if c.unchecked.args != nil {
			c.unchecked.run(t, check).ends(t, "not_allowed", guard.Name)
		}
	})
}

// An invalid value is an error during validation and again during the check, and an
// unknown one during the check. Nothing is sent.
func TestGuards_invalidValues(t *testing.T) {
	t.Parallel()
	forEachGuard(t, func(t *testing.T, guard *preflight.Guard, c guardCase, check string) {
		t.Helper()
		null := tftypes.NewValue(tftypes.String, nil)
		invalid := map[string]tftypes.Value{
			"empty": list(), "whitespace": list(" "), "token": list(marker + "\n"),
			"null element": tftypes.NewValue(listType, []tftypes.Value{null}),
		}
		unknowns := map[string]tftypes.Value{
			"unknown":         unknown(listType),
			"unknown element": tftypes.NewValue(listType, []tftypes.Value{str("user"), unknown(tftypes.String)}),
		}
		if guard.Bool {
			invalid, unknowns = nil, map[string]tftypes.Value{"unknown": unknown(tftypes.Bool)}
		}
		if guard.Name == "allowed_user_emails" {
			unknowns["unknown element"] = tftypes.NewValue(listType, []tftypes.Value{str("a@b"), unknown(tftypes.String)})
		}
		server := startEmulator(t)
		p := newProtocol(t)
		p.configure(at(server, c.met.provider)).passes(t)
		for _, value := range invalid {
			args := c.met.args.with(given{guard.Name: value})
			first := p.validate(check, args).fails(t, summaryGuard, guard.Name)
			searchLeaks(t, "the message", first)
			if last := p.check(check, args).fails(t, summaryGuard, guard.Name); first != last {
				t.Errorf("during validation %q, during the check %q", first, last)
			}
		}
		for _, value := range unknowns {
			args := c.met.args.with(given{guard.Name: value})
			p.validate(check, args).passes(t)
			p.check(check, args).fails(t, summaryUnknownArgument, guard.Name)
		}
		if n := len(server.Requests()); n != 0 {
			t.Errorf("%d requests", n)
		}
	})
}

// The guards of the provider block hold for every check, in addition to the check's own.
// The error points to no argument of the check.
func TestGuards_ofProvider(t *testing.T) {
	t.Parallel()
	const allowed, forbidden = "allowed_subdomains", "forbidden_subdomains"
	summary := func(guard string) string { return preflight.FindGuard(guard).Summary }
	null := tftypes.NewValue(listType, nil)
	partly := tftypes.NewValue(listType, []tftypes.Value{str("acme"), unknown(tftypes.String)})
	for name, c := range map[string]struct {
		provider, args    given
		summary, argument string
	}{
		"met":               {provider: given{allowed: list("acme"), forbidden: list("acme-prod")}},
		"both met":          {provider: given{allowed: list("acme", "x")}, args: given{allowed: list("acme", "y")}},
		"null":              {provider: given{allowed: null, forbidden: null}},
		"allowed fails":     {provider: given{allowed: list("x")}, summary: summary(allowed)},
		"forbidden fails":   {provider: given{forbidden: list("acme")}, summary: summary(forbidden)},
		"check is stricter": {given{allowed: list("acme")}, given{allowed: list("x")}, summary(allowed), allowed},
		"check is laxer":    {given{allowed: list("x")}, given{allowed: list("acme")}, summary(allowed), ""},
		"check is null":     {given{allowed: list("x")}, given{allowed: null}, summary(allowed), ""},
		"unknown":           {provider: given{allowed: unknown(listType)}, summary: summaryUnknown},
		"unknown element":   {provider: given{forbidden: partly}, summary: summaryUnknown},
	} {
		for _, check := range allChecks {
			t.Run(name+"/"+check, func(t *testing.T) {
				t.Parallel()
				server := startEmulator(t)
				r := run(t, check, at(server, withToken(tokenAda).with(c.provider)), c.args)
				if c.summary == "" {
					r.passes(t)
					return
				}
				r.fails(t, c.summary, c.argument)
				if n := len(server.Requests()); c.summary == summaryUnknown && n+len(r.progress) != 0 {
					t.Errorf("%d requests, progress %q", n, r.progress)
				}
			})
		}
	}
}

// A user_token must be a user API token, unless allowed_token_types says otherwise.
func TestGuards_userToken(t *testing.T) {
	t.Parallel()
	types := given{"allowed_token_types": list("account", "user")}
	for _, check := range allChecks {
		s := startEmulator(t)
		run(t, check, at(s, withUserToken(tokenAda)), checkUserToken).passes(t)
		run(t, check, at(s, withUserToken(tokenAccount)), checkUserToken).ends(t, "not_allowed", "credential")
		run(t, check, at(s, withUserToken(tokenAccount)), checkUserToken.with(types)).passes(t)
	}
}

// Every guard accepts thousands of values. Guards are lists: the framework compares the
// elements of a set with each other, which took seconds here.
func TestGuards_manyValues(t *testing.T) {
	t.Parallel()
	const count = 2000
	many := func(format string) []string {
		values := make([]string, count)
		for i := range values {
			values[i] = fmt.Sprintf(format, i)
		}
		return values
	}
	scopes := many("scope%04d.read")
	s := startEmulator(t, withApp(scopes...))
	args := given{
		"allowed_subdomains": list(many("acme-%04d")...), "forbidden_subdomains": list(many("acme-%04d")...),
		"allowed_user_emails": list(many("ada%04d@acme.example")...), "allowed_roles": list(many("role%04d")...),
	}
	provider := at(s, withToken(tokenAda).with(given{"forbidden_subdomains": list(many("x%04d")...)}))
	r := run(t, dataSourceCheck, provider, args)
	if len(r.errors()) != 3 {
		t.Errorf("want the errors of the three guards that fail:%s", r)
	}
	r = run(t, ephemeralCheck, at(s, emulatedApp()), checkApp.with(given{"required_scopes": list(scopes...)}))
	r.passes(t)
	if !r.values["scopes"].Equal(list(scopes...)) {
		t.Error("the scopes are not in the result")
	}
}

// Only require_write_access and the access token of an OAuth app need a POST.
func TestGuards_onlyWriteAccessWrites(t *testing.T) {
	t.Parallel()
	for name, c := range guardCases() {
		for token, provider := range map[string]given{"met": c.met.provider, "fails": c.fails.provider} {
			s := startEmulator(t, withApp("users.read"))
			run(t, dataSourceCheck, at(s, provider), c.met.args)
			writes := slices.DeleteFunc(paths(s), func(r string) bool {
				return strings.HasPrefix(r, "GET ") || r == "POST /oauth/token"
			})
			if want := name == "require_write_access"; (len(writes) == 1) != want || len(writes) > 1 {
				t.Errorf("%s with the token of %q: %q", name, token, writes)
			}
		}
	}
}

// write_access is known if require_write_access is set, and null otherwise.
func TestGuards_writeAccess(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]string{
		tokenAda: "true", tokenObserver: "false", tokenAccount: "true", tokenReadOnly: "false",
	} {
		s := startEmulator(t)
		report := given{"on_failure": str("warning"), "require_write_access": boolean(true)}
		if got := run(t, dataSourceCheck, at(s, withToken(token)), report).text(t, "write_access"); got != want {
			t.Errorf("write_access of %s is %s, want %s", preflight.Preview(token), got, want)
		}
		report["require_write_access"] = boolean(false)
		if got := run(t, dataSourceCheck, at(s, withToken(token)), report).text(t, "write_access"); got != "null" {
			t.Errorf("write_access of %s is %s without the guard", preflight.Preview(token), got)
		}
	}
}
