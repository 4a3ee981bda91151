package provider

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// situation is a credential and what a guard asks of it.
type situation struct {
	provider arguments
	check    arguments
	options  []pdfake.Option
}

// guardCase is a guard that is met, not met and not decided. A guard that PagerDuty's
// answer always decides has no undecided.
type guardCase struct {
	guard                  string
	met, notMet, undecided situation
}

func withToken(value string) arguments { return arguments{"token": word(value)} }

func faultAt(path string, b pdfake.Behaviour) []pdfake.Option {
	return []pdfake.Option{pdfake.WithFaults(pdfake.Fault{Path: path, Behaviour: b})}
}

func guardCases() []guardCase {
	set := func(guard, key string, values ...string) situation {
		return situation{provider: withToken(key), check: arguments{guard: words(values...)}}
	}
	userToken := func(key string) situation {
		return situation{
			provider: arguments{"token": word(key), "user_token": word(keyAda)},
			check:    arguments{"credential": word("user_token"), "same_account_as_token": truth(true)},
		}
	}
	scopes := func(scope string) situation {
		return situation{
			provider: appProvider(), check: arguments{"credential": word("app_oauth"), "required_scopes": words(scope)},
			options: []pdfake.Option{withApp("users.read")},
		}
	}
	write := func(b pdfake.Behaviour) situation {
		return situation{
			provider: withToken(keyAccount), check: arguments{"require_write_access": truth(true)},
			options: faultAt("/schedules/preview", b),
		}
	}
	typeUnknown := set("allowed_token_types", keyAda, "user")
	typeUnknown.options = faultAt("/users/me", pdfake.AnswerJSON(400, `{"error":"Something else"}`))
	noAbilities := set("required_abilities", keyAda, "sso")
	noAbilities.options = faultAt("/abilities", pdfake.AnswerJSON(403, `{"error":{"message":"Access Denied","code":2010}}`))
	return []guardCase{
		{
			guard: "allowed_token_types", met: set("allowed_token_types", keyAda, "user", "app_oauth"),
			notMet: set("allowed_token_types", keyAda, "account"), undecided: typeUnknown,
		},
		{
			guard: "allowed_subdomains", met: set("allowed_subdomains", keyAda, "ACME", "acme-prod"),
			notMet:    set("allowed_subdomains", keyOther, "acme", "acme-prod"),
			undecided: set("allowed_subdomains", keyNoURL, "acme"),
		},
		{
			guard: "forbidden_subdomains", met: set("forbidden_subdomains", keyAda, "acme-prod"),
			notMet:    set("forbidden_subdomains", keyAda, "acme-prod", "ACME"),
			undecided: set("forbidden_subdomains", keyNoURL, "acme-prod"),
		},
		{
			guard: "allowed_service_regions", met: set("allowed_service_regions", keyAda, "us", "eu"),
			notMet:    set("allowed_service_regions", keyAda, "eu"),
			undecided: set("allowed_service_regions", keyNoURL, "us"),
		},
		{
			guard: "allowed_user_emails", met: set("allowed_user_emails", keyAda, "ADA@acme.example"),
			notMet:    set("allowed_user_emails", keyAda, "bob@acme.example"),
			undecided: set("allowed_user_emails", keyAccount, "ada@acme.example"),
		},
		{
			guard: "allowed_roles", met: set("allowed_roles", keyAda, "admin", "owner"),
			notMet:    set("allowed_roles", keyObserver, "admin"),
			undecided: set("allowed_roles", keyAccount, "admin"),
		},
		{
			guard: "required_abilities", met: set("required_abilities", keyAda, "sso", "teams"),
			notMet:    set("required_abilities", keyAda, "sso", "coordinated_responding"),
			undecided: noAbilities,
		},
		{guard: "required_scopes", met: scopes("users.read"), notMet: scopes("schedules.read")},
		{
			guard: "same_account_as_token", met: userToken(keyAccount), notMet: userToken(keyOther),
			undecided: userToken(keyRevoked),
		},
		{
			guard: "require_write_access", met: write(pdfake.AnswerJSON(200, `{"schedule":{"id":"P1"}}`)),
			notMet:    write(pdfake.AnswerJSON(403, `{"error":{"message":"Access Denied","code":2010}}`)),
			undecided: write(pdfake.AnswerJSON(404, `{"error":{"message":"Not Found","code":2100}}`)),
		},
	}
}

// The cases are those of the table, so that none is forgotten here.
func TestGuards_cases(t *testing.T) {
	t.Parallel()
	var cases, table []string
	for _, c := range guardCases() {
		cases = append(cases, c.guard)
	}
	for _, guard := range preflight.Guards {
		table = append(table, guard.Name)
	}
	slices.Sort(cases)
	slices.Sort(table)
	if !slices.Equal(cases, table) {
		t.Errorf("cases for %q, the table has %q", cases, table)
	}
}

// forEachGuard runs a test for every guard and surface, in parallel.
func forEachGuard(t *testing.T, test func(t *testing.T, c guardCase, surface string)) {
	t.Helper()
	for _, c := range guardCases() {
		for _, surface := range surfaces {
			t.Run(c.guard+"/"+surface, func(t *testing.T) {
				t.Parallel()
				test(t, c, surface)
			})
		}
	}
}

func (s situation) run(t *testing.T, surface string, more arguments) answer {
	t.Helper()
	server := world(t, s.options...)
	return run(t, surface, at(server, with(s.provider, more)), s.check)
}

func TestGuards_met(t *testing.T) {
	t.Parallel()
	forEachGuard(t, func(t *testing.T, c guardCase, surface string) {
		t.Helper()
		c.met.run(t, surface, nil).passes(t)
	})
}

func TestGuards_notMet(t *testing.T) {
	t.Parallel()
	forEachGuard(t, func(t *testing.T, c guardCase, surface string) {
		t.Helper()
		a := c.notMet.run(t, surface, nil)
		a.fails(t, summaryNotAllowed, c.guard)
		if a.values != nil {
			t.Error("there is a result")
		}
	})
}

// What cannot be decided fails.
func TestGuards_undecided(t *testing.T) {
	t.Parallel()
	forEachGuard(t, func(t *testing.T, c guardCase, surface string) {
		t.Helper()
		if c.undecided.check == nil {
			t.Skip("PagerDuty's answer always decides it")
		}
		c.undecided.run(t, surface, nil).fails(t, summaryUndecided, c.guard)
	})
}

// Where validation is skipped, nothing is sent and no guard is met.
func TestGuards_skipped(t *testing.T) {
	t.Parallel()
	forEachGuard(t, func(t *testing.T, c guardCase, surface string) {
		t.Helper()
		server := world(t, withApp("users.read"))
		more := arguments{"skip_credentials_validation": truth(true)}
		run(t, surface, at(server, with(c.met.provider, more)), c.met.check).fails(t, summaryUndecided, c.guard)
		if n := len(server.Requests()); n != 0 {
			t.Errorf("%d requests", n)
		}
	})
}

// Terraform validates while values are unknown. A check that is made with one all
// the same asks nothing and fails.
func TestGuards_unknown(t *testing.T) {
	t.Parallel()
	forEachGuard(t, func(t *testing.T, c guardCase, surface string) {
		t.Helper()
		values := map[string]tftypes.Value{"unknown": unknown(tftypes.Bool)}
		if guardOf(c.guard).Set() {
			values = map[string]tftypes.Value{
				"unknown set": unknown(setType),
				"unknown element": tftypes.NewValue(setType, []tftypes.Value{
					c.met.value(t, c.guard), unknown(tftypes.String),
				}),
			}
		}
		for what, value := range values {
			server := world(t)
			p := newProtocol(t)
			if diags := p.configure(at(server, c.met.provider)); len(diags) > 0 {
				t.Fatal(describe(diags))
			}
			check := with(c.met.check, arguments{c.guard: value})
			if diags := p.validate(surface, check); len(diags) > 0 {
				t.Errorf("%s, while validating: %s", what, describe(diags))
			}
			p.check(surface, check).fails(t, summaryUnknownArgument, c.guard)
			if n := len(server.Requests()); n != 0 {
				t.Errorf("%s: %d requests", what, n)
			}
		}
	})
}

// value is an element of a guard's set.
func (s situation) value(t *testing.T, guard string) tftypes.Value {
	t.Helper()
	var elements []tftypes.Value
	if err := s.check[guard].As(&elements); err != nil {
		t.Fatal(err)
	}
	return elements[0]
}

// An empty set is an error while validating, and again where Terraform did not know
// its value by then. So is a value that the rule refuses.
func TestGuards_invalidLater(t *testing.T) {
	t.Parallel()
	forEachGuard(t, func(t *testing.T, c guardCase, surface string) {
		t.Helper()
		if !guardOf(c.guard).Set() {
			t.Skip("a bool is never empty")
		}
		for what, value := range map[string]tftypes.Value{"empty": words(), "refused": words(" ")} {
			server := world(t)
			p := newProtocol(t)
			if diags := p.configure(at(server, c.met.provider)); len(diags) > 0 {
				t.Fatal(describe(diags))
			}
			check := with(c.met.check, arguments{c.guard: value})
			validated := answer{diagnostics: p.validate(surface, check)}
			checked := p.check(surface, check)
			if first, later := validated.fails(t, summaryGuard, c.guard), checked.fails(t, summaryGuard, c.guard); first != later {
				t.Errorf("%s: while validating %q, later %q", what, first, later)
			}
			if n := len(server.Requests()); n != 0 {
				t.Errorf("%s: %d requests", what, n)
			}
		}
	})
}

// Arguments that are no guards are judged again too.
func TestArguments_invalidLater(t *testing.T) {
	t.Parallel()
	all := surfaces
	for name, c := range map[string]struct {
		surfaces []string
		check    arguments
		summary  string
		argument string
		later    bool // it cannot be judged while validating
	}{
		"a kind that does not exist": {
			surfaces: all, check: arguments{"credential": word("user-token")}, summary: summaryCredential, argument: "credential",
		},
		"an empty kind": {
			surfaces: all, check: arguments{"credential": word("")}, summary: summaryCredential, argument: "credential",
		},
		"an unknown kind": {
			surfaces: all, check: arguments{"credential": unknown(tftypes.String)}, summary: summaryUnknownArgument,
			argument: "credential", later: true,
		},
		"unknown include_write_access": {
			surfaces: all, check: arguments{"include_write_access": unknown(tftypes.Bool)}, summary: summaryUnknownArgument,
			argument: "include_write_access", later: true,
		},
		"unknown include_abilities": {
			surfaces: []string{dataSurface, ephemeralSurface}, check: arguments{"include_abilities": unknown(tftypes.Bool)},
			summary: summaryUnknownArgument, argument: "include_abilities", later: true,
		},
		"another on_failure": {
			surfaces: []string{dataSurface}, check: arguments{"on_failure": word("ignore")}, summary: summaryOnFailure,
			argument: "on_failure",
		},
		"an empty on_failure": {
			surfaces: []string{dataSurface}, check: arguments{"on_failure": word("")}, summary: summaryOnFailure,
			argument: "on_failure",
		},
		"unknown on_failure": {
			surfaces: []string{dataSurface}, check: arguments{"on_failure": unknown(tftypes.String)},
			summary: summaryUnknownArgument, argument: "on_failure", later: true,
		},
		"scopes of a token": {
			surfaces: all, check: arguments{"required_scopes": words("users.read")}, summary: summaryGuard,
			argument: "required_scopes",
		},
		"the same account as itself": {
			surfaces: all, check: arguments{"same_account_as_token": truth(true)}, summary: summaryGuard,
			argument: "same_account_as_token",
		},
		"write access of an app": {
			surfaces: all, check: arguments{"credential": word("app_oauth"), "require_write_access": truth(true)},
			summary: summaryGuard, argument: "require_write_access",
		},
		"included write access of an app": {
			surfaces: all, check: arguments{"credential": word("app_oauth"), "include_write_access": truth(true)},
			summary: summaryArgument, argument: "include_write_access",
		},
		"a token of its own and another credential": {
			surfaces: []string{ephemeralSurface}, check: arguments{"credential": word("app_oauth"), "token": word(marker)},
			summary: summaryTwoTokens, argument: "token",
		},
		"an empty token of its own": {
			surfaces: []string{ephemeralSurface}, check: withToken(""), summary: summaryNoToken, argument: "token",
		},
		"an unknown token of its own": {
			surfaces: []string{ephemeralSurface}, check: arguments{"token": unknown(tftypes.String)},
			summary: summaryUnknownToken, argument: "token", later: true,
		},
	} {
		for _, surface := range c.surfaces {
			t.Run(name+"/"+surface, func(t *testing.T) {
				t.Parallel()
				server := world(t)
				p := newProtocol(t)
				provider := with(appProvider(), arguments{"token": word(keyAda), "user_token": word(keyAda)})
				if diags := p.configure(at(server, provider)); len(diags) > 0 {
					t.Fatal(describe(diags))
				}
				validated := answer{diagnostics: p.validate(surface, c.check)}
				if c.later {
					validated.passes(t)
				} else {
					validated.fails(t, c.summary, c.argument)
				}
				p.check(surface, c.check).fails(t, c.summary, c.argument)
				if n := len(server.Requests()); n != 0 {
					t.Errorf("%d requests", n)
				}
			})
		}
	}
}

// Without allowed_subdomains, null being unset, no check is made where the provider
// block demands the guard.
func TestRequireAccountGuard(t *testing.T) {
	t.Parallel()
	demand := with(withToken(keyAda), arguments{"require_account_guard": truth(true)})
	for name, c := range map[string]struct {
		provider, check   arguments
		summary, argument string
	}{
		"unset":         {provider: demand, summary: summaryAccountGuard, argument: "allowed_subdomains"},
		"another guard": {provider: demand, check: arguments{"forbidden_subdomains": words("acme-prod")}, summary: summaryAccountGuard, argument: "allowed_subdomains"},
		"set":           {provider: demand, check: arguments{"allowed_subdomains": words("acme")}},
		"not demanded":  {provider: with(demand, arguments{"require_account_guard": truth(false)})},
		"skipped": {
			provider: with(demand, arguments{"skip_credentials_validation": truth(true)}),
			summary:  summaryAccountGuard, argument: "allowed_subdomains",
		},
		"unknown": {
			provider: with(demand, arguments{"require_account_guard": unknown(tftypes.Bool)}),
			check:    arguments{"allowed_subdomains": words("acme")}, summary: summaryUnknown,
		},
	} {
		for _, surface := range surfaces {
			t.Run(name+"/"+surface, func(t *testing.T) {
				t.Parallel()
				server := world(t)
				a := run(t, surface, at(server, c.provider), c.check)
				if c.summary == "" {
					a.passes(t)
					return
				}
				a.fails(t, c.summary, c.argument)
				if n := len(server.Requests()) + len(a.progress); n != 0 {
					t.Errorf("%d requests and messages", n)
				}
			})
		}
	}
}

// A role that PagerDuty does not have is a warning, once for each time that Terraform
// asks about the value: it validates again before it reads or opens, but not before it
// invokes.
func TestRoleDoubt(t *testing.T) {
	t.Parallel()
	for _, surface := range surfaces {
		t.Run(surface, func(t *testing.T) {
			t.Parallel()
			server := world(t)
			p := newProtocol(t)
			if diags := p.configure(at(server, withToken(keyAda))); len(diags) > 0 {
				t.Fatal(describe(diags))
			}
			check := arguments{"allowed_roles": words("admin", "onwer")}
			warned := func(a answer) int {
				if len(a.errors()) > 0 {
					t.Error(describe(a.diagnostics))
				}
				for _, d := range a.warnings() {
					if d.Summary != summaryRole || rootOf(d) != "allowed_roles" {
						t.Errorf("%s on %q", d.Summary, rootOf(d))
					}
				}
				return len(a.warnings())
			}
			if n := warned(answer{diagnostics: p.validate(surface, check)}); n != 1 {
				t.Errorf("%d warnings while validating", n)
			}
			want := 0
			if surface == actionSurface {
				want = 1
			}
			if n := warned(p.check(surface, check)); n != want {
				t.Errorf("%d warnings later, want %d", n, want)
			}
		})
	}
}

// on_failure turns the verdict into a warning, with a result, and nothing else: an
// invalid configuration stays an error.
func TestOnFailure(t *testing.T) {
	t.Parallel()
	asWarning := arguments{"on_failure": word("warning")}
	for name, c := range map[string]struct {
		key, status, valid, summary string
		check                       arguments
	}{
		"valid":     {key: keyAda, status: "valid", valid: "true"},
		"rejected":  {key: keyRevoked, status: "unauthorized", valid: "false", summary: summaryUnauthorized},
		"malformed": {key: keyAda + "\n", status: "malformed", valid: "false", summary: summaryMalformed},
		"not met": {
			key: keyOther, check: arguments{"allowed_subdomains": words("acme")},
			status: "not_allowed", valid: "false", summary: summaryNotAllowed,
		},
		"not decided": {
			key: keyAccount, check: arguments{"allowed_roles": words("admin")},
			status: "not_allowed", valid: "null", summary: summaryUndecided,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := run(t, dataSurface, at(world(t), withToken(c.key)), with(c.check, asWarning))
			if got := a.text(t, "status") + " " + a.text(t, "valid"); got != c.status+" "+c.valid || len(a.errors()) > 0 {
				t.Errorf("got %s, want %s %s%s", got, c.status, c.valid, describe(a.errors()))
			}
			if all := a.warnings(); c.summary != "" && (len(all) == 0 || all[0].Summary != c.summary) {
				t.Errorf("want a warning %q:%s", c.summary, describe(all))
			}
		})
	}
	t.Run("no token", func(t *testing.T) {
		t.Parallel()
		run(t, dataSurface, at(world(t), withToken("")), asWarning).fails(t, summaryNoToken, "")
	})
}
