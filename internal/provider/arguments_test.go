package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

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
			surfaces: all, check: arguments{"credential": word("user-token")}, summary: summaryCredential,
			argument: "credential",
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
		// terraform validate knows no variable's value, and this one may turn out to be null.
		"unknown scopes of a token": {
			surfaces: all, check: arguments{"required_scopes": unknown(setType)}, summary: summaryUnknownArgument,
			argument: "required_scopes", later: true,
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
			summary: summaryTwoTokens, argument: "credential",
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
				server := startEmulator(t)
				p := newProtocol(t)
				provider := with(appProvider(), arguments{"token": word(tokenAda), "user_token": word(tokenAda)})
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
	demand := with(withToken(tokenAda), arguments{"require_account_guard": truth(true)})
	for name, c := range map[string]struct {
		provider, check   arguments
		summary, argument string
	}{
		"unset": {provider: demand, summary: summaryAccountGuard, argument: "allowed_subdomains"},
		"another guard": {
			provider: demand, check: arguments{"forbidden_subdomains": words("acme-prod")},
			summary: summaryAccountGuard, argument: "allowed_subdomains",
		},
		"set":          {provider: demand, check: arguments{"allowed_subdomains": words("acme")}},
		"not demanded": {provider: with(demand, arguments{"require_account_guard": truth(false)})},
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
				server := startEmulator(t)
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
			server := startEmulator(t)
			p := newProtocol(t)
			if diags := p.configure(at(server, withToken(tokenAda))); len(diags) > 0 {
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
		token, status, valid, summary string
		check                         arguments
	}{
		"valid":     {token: tokenAda, status: "valid", valid: "true"},
		"rejected":  {token: tokenRevoked, status: "unauthorized", valid: "false", summary: summaryUnauthorized},
		"malformed": {token: tokenAda + "\n", status: "malformed", valid: "false", summary: summaryMalformed},
		"not met": {
			token: tokenSandbox, check: arguments{"allowed_subdomains": words("acme")},
			status: "not_allowed", valid: "false", summary: summaryNotAllowed,
		},
		"not decided": {
			token: tokenAccount, check: arguments{"allowed_roles": words("admin")},
			status: "not_allowed", valid: "null", summary: summaryUndecided,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := run(t, dataSurface, at(startEmulator(t), withToken(c.token)), with(c.check, asWarning))
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
		run(t, dataSurface, at(startEmulator(t), withToken("")), asWarning).fails(t, summaryNoToken, "")
	})
}

// A client that asks before it configures gets an error, not a panic.
func TestNotConfigured(t *testing.T) {
	t.Parallel()
	for _, surface := range surfaces {
		newProtocol(t).check(surface, nil).fails(t, summaryInternal, "")
	}
}
