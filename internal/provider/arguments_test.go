package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// An argument that is invalid, or that does not go with the credential, is an error
// during validation and again during the check. Nothing is sent.
func TestArguments_invalid(t *testing.T) {
	t.Parallel()
	data, ephemeral := []string{dataSourceCheck}, []string{ephemeralCheck}
	const onlyLater = true // the value is unknown during validation
	for name, c := range map[string]struct {
		checks            []string
		args              given
		summary, argument string
		onlyLater         bool
	}{
		"credential":       {allChecks, given{"credential": str("user-token")}, summaryCredential, "credential", false},
		"capitals":         {allChecks, given{"credential": str("Token")}, summaryCredential, "credential", false},
		"empty credential": {allChecks, given{"credential": str("")}, summaryCredential, "credential", false},
		"unknown credential": {
			allChecks, given{"credential": unknown(tftypes.String)}, summaryUnknownArgument, "credential", onlyLater,
		},
		"on_failure": {data, given{"on_failure": str("ignore")}, summaryOnFailure, "on_failure", false},
		"unknown on_failure": {
			data, given{"on_failure": unknown(tftypes.String)}, summaryUnknownArgument, "on_failure", onlyLater,
		},
		"scopes of a token": {
			allChecks, given{"required_scopes": list("users.read")}, summaryGuard, "required_scopes", false,
		},
		"unknown scopes of a token": {
			allChecks, given{"required_scopes": unknown(listType)}, summaryUnknownArgument, "required_scopes", onlyLater,
		},
		"write access of an app": {
			allChecks, checkApp.with(given{"require_write_access": boolean(true)}), summaryGuard, "require_write_access", false,
		},
		"two credentials": {ephemeral, checkApp.with(withToken(marker)), summaryTwoTokens, "credential", false},
		"empty own token": {ephemeral, withToken(""), summaryNoToken, "token", false},
		"unknown own token": {
			ephemeral, given{"token": unknown(tftypes.String)}, summaryUnknownToken, "token", onlyLater,
		},
	} {
		for _, check := range c.checks {
			t.Run(name+"/"+check, func(t *testing.T) {
				t.Parallel()
				server := startEmulator(t)
				p := newProtocol(t)
				p.configure(at(server, emulatedApp().with(withToken(tokenAda)).with(withUserToken(tokenAda)))).passes(t)
				if r := p.validate(check, c.args); c.onlyLater {
					r.passes(t)
				} else {
					r.fails(t, c.summary, c.argument)
				}
				p.check(check, c.args).fails(t, c.summary, c.argument)
				if n := len(server.Requests()); n != 0 {
					t.Errorf("%d requests", n)
				}
			})
		}
	}
	t.Run("no write access of an app", func(t *testing.T) {
		t.Parallel()
		s := startEmulator(t, withApp("users.read"))
		run(t, dataSourceCheck, at(s, emulatedApp()), checkApp.with(given{"require_write_access": boolean(false)})).passes(t)
	})
}

// on_failure turns the errors of a report into warnings, with a result. An invalid
// configuration is still an error.
func TestArguments_onFailure(t *testing.T) {
	t.Parallel()
	asWarning := given{"on_failure": str("warning")}
	for name, c := range map[string]struct {
		token, status, valid string
		args                 given
	}{
		"valid":         {tokenAda, "valid", "true", nil},
		"rejected":      {tokenRevoked, "unauthorized", "false", nil},
		"malformed":     {tokenAda + "\n", "malformed", "false", nil},
		"guard fails":   {tokenSandbox, "not_allowed", "false", given{"allowed_subdomains": list("acme")}},
		"not checkable": {tokenAccount, "not_allowed", "null", given{"allowed_roles": list("admin")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := run(t, dataSourceCheck, at(startEmulator(t), withToken(c.token)), asWarning.with(c.args))
			if got := r.text(t, "status") + " " + r.text(t, "valid"); got != c.status+" "+c.valid {
				t.Errorf("got %s, want %s %s%s", got, c.status, c.valid, r)
			}
			if len(r.errors()) > 0 || (len(r.warnings()) == 1) == (c.status == "valid") {
				t.Errorf("want only warnings:%s", r)
			}
		})
	}
	t.Run("no token", func(t *testing.T) {
		t.Parallel()
		run(t, dataSourceCheck, at(startEmulator(t), nil), asWarning).fails(t, summaryNoToken, "")
	})
	t.Run("two guards", func(t *testing.T) {
		t.Parallel()
		r := run(t, dataSourceCheck, at(startEmulator(t), withToken(tokenSandbox)),
			given{"allowed_subdomains": list("acme"), "allowed_token_types": list("user")})
		var summaries []string
		for _, d := range r.errors() {
			summaries = append(summaries, d.Summary)
		}
		if len(summaries) != 2 || summaries[0] != preflight.FindGuard("allowed_token_types").Summary {
			t.Errorf("want one error for each guard:%s", r)
		}
	})
}

// A client that checks before it configures gets an error.
func TestArguments_notConfigured(t *testing.T) {
	t.Parallel()
	for _, check := range allChecks {
		newProtocol(t).check(check, nil).fails(t, summaryInternal, "")
	}
}
