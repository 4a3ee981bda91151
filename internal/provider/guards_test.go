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
	set := func(guard, token string, values ...string) situation {
		return situation{provider: withToken(token), check: arguments{guard: words(values...)}}
	}
	userToken := func(token string) situation {
		return situation{
			provider: arguments{"token": word(token), "user_token": word(tokenAda)},
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
			provider: withToken(tokenAccount), check: arguments{"require_write_access": truth(true)},
			options: faultAt("/schedules/preview", b),
		}
	}
	typeUnknown := set("allowed_token_types", tokenAda, "user")
	typeUnknown.options = faultAt("/users/me", pdfake.AnswerJSON(400, `{"error":"Something else"}`))
	noAbilities := set("required_abilities", tokenAda, "sso")
	const denied = `{"error":{"message":"Access Denied","code":2010}}`
	noAbilities.options = faultAt("/abilities", pdfake.AnswerJSON(403, denied))
	return []guardCase{
		{
			guard: "allowed_token_types", met: set("allowed_token_types", tokenAda, "user", "app_oauth"),
			notMet: set("allowed_token_types", tokenAda, "account"), undecided: typeUnknown,
		},
		{
			guard: "allowed_subdomains", met: set("allowed_subdomains", tokenAda, "ACME", "acme-prod"),
			notMet:    set("allowed_subdomains", tokenSandbox, "acme", "acme-prod"),
			undecided: set("allowed_subdomains", tokenNoURL, "acme"),
		},
		{
			guard: "forbidden_subdomains", met: set("forbidden_subdomains", tokenAda, "acme-prod"),
			notMet:    set("forbidden_subdomains", tokenAda, "acme-prod", "ACME"),
			undecided: set("forbidden_subdomains", tokenNoURL, "acme-prod"),
		},
		{
			guard: "allowed_service_regions", met: set("allowed_service_regions", tokenAda, "us", "eu"),
			notMet:    set("allowed_service_regions", tokenAda, "eu"),
			undecided: set("allowed_service_regions", tokenNoURL, "us"),
		},
		{
			guard: "allowed_user_emails", met: set("allowed_user_emails", tokenAda, "ADA@acme.example"),
			notMet:    set("allowed_user_emails", tokenAda, "bob@acme.example"),
			undecided: set("allowed_user_emails", tokenAccount, "ada@acme.example"),
		},
		{
			guard: "allowed_roles", met: set("allowed_roles", tokenAda, "admin", "owner"),
			notMet:    set("allowed_roles", tokenObserver, "admin"),
			undecided: set("allowed_roles", tokenAccount, "admin"),
		},
		{
			guard: "required_abilities", met: set("required_abilities", tokenAda, "sso", "teams"),
			notMet:    set("required_abilities", tokenAda, "sso", "coordinated_responding"),
			undecided: noAbilities,
		},
		{guard: "required_scopes", met: scopes("users.read"), notMet: scopes("schedules.read")},
		{
			guard: "same_account_as_token", met: userToken(tokenAccount), notMet: userToken(tokenSandbox),
			undecided: userToken(tokenRevoked),
		},
		{
			guard: "require_write_access", met: write(pdfake.AnswerJSON(200, `{"schedule":{"id":"P1"}}`)),
			notMet:    write(pdfake.AnswerJSON(403, denied)),
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
	forEachCase(t, guardCases(), test)
}

func forEachCase(t *testing.T, cases []guardCase, test func(t *testing.T, c guardCase, surface string)) {
	t.Helper()
	for _, c := range cases {
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
	server := startEmulator(t, s.options...)
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
	decided := func(c guardCase) bool { return c.undecided.check == nil }
	forEachCase(t, slices.DeleteFunc(guardCases(), decided), func(t *testing.T, c guardCase, surface string) {
		t.Helper()
		c.undecided.run(t, surface, nil).fails(t, summaryUndecided, c.guard)
	})
}

// Where validation is skipped, nothing is sent and no guard is met.
func TestGuards_skipped(t *testing.T) {
	t.Parallel()
	forEachGuard(t, func(t *testing.T, c guardCase, surface string) {
		t.Helper()
		server := startEmulator(t, withApp("users.read"))
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
			server := startEmulator(t)
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
	isBool := func(c guardCase) bool { return !guardOf(c.guard).Set() }
	forEachCase(t, slices.DeleteFunc(guardCases(), isBool), func(t *testing.T, c guardCase, surface string) {
		t.Helper()
		for what, value := range map[string]tftypes.Value{"empty": words(), "refused": words(" ")} {
			server := startEmulator(t)
			p := newProtocol(t)
			if diags := p.configure(at(server, c.met.provider)); len(diags) > 0 {
				t.Fatal(describe(diags))
			}
			check := with(c.met.check, arguments{c.guard: value})
			validated := answer{diagnostics: p.validate(surface, check)}
			checked := p.check(surface, check)
			first, later := validated.fails(t, summaryGuard, c.guard), checked.fails(t, summaryGuard, c.guard)
			if first != later {
				t.Errorf("%s: while validating %q, later %q", what, first, later)
			}
			if n := len(server.Requests()); n != 0 {
				t.Errorf("%s: %d requests", what, n)
			}
		}
	})
}
