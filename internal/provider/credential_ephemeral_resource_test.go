package provider

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// A token of its own is what is checked and handed on, and nothing stands in for it.
func TestEphemeral_ownToken(t *testing.T) {
	t.Parallel()
	skip := arguments{"skip_credentials_validation": truth(true)}
	for name, c := range map[string]struct {
		provider          arguments
		check             arguments
		sent, result      string
		summary, argument string
	}{
		"null":         {provider: withToken(tokenAccount), sent: tokenAccount, result: tokenAccount},
		"own":          {provider: withToken(tokenAccount), check: withToken(tokenAda), sent: tokenAda, result: tokenAda},
		"own, alone":   {check: withToken(tokenAda), sent: tokenAda, result: tokenAda},
		"own, skipped": {provider: with(withToken(tokenAccount), skip), check: withToken(tokenAda), result: tokenAda},
		"empty": {
			provider: withToken(tokenAccount), check: withToken(""), summary: summaryNoToken, argument: "token",
		},
		"empty, skipped": {
			provider: with(withToken(tokenAccount), skip), check: withToken(""), summary: summaryNoToken,
			argument: "token",
		},
		"null, none set":   {summary: summaryNoToken},
		"null, skipped":    {provider: skip, result: "null"},
		"null, and a user": {provider: arguments{"user_token": word(tokenAda)}, summary: summaryNoToken},
		"provider's unknown, own set": {
			provider: arguments{"token": unknown(tftypes.String)}, check: withToken(tokenAda), sent: tokenAda, result: tokenAda,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := startEmulator(t)
			a := run(t, ephemeralSurface, at(server, c.provider), c.check)
			if c.summary != "" {
				a.fails(t, c.summary, c.argument)
			} else {
				a.passes(t)
				if got := a.text(t, "token"); got != c.result {
					t.Error("the result is another token")
				}
			}
			if n := len(server.Requests()); c.sent == "" && n != 0 {
				t.Errorf("%d requests", n)
			}
			for _, r := range server.Requests() {
				if r.Token != c.sent {
					t.Error("another token was sent")
				}
			}
		})
	}
}

// A credential that was checked is handed on in the results that fit its kind.
func TestEphemeral_handedOn(t *testing.T) {
	t.Parallel()
	app := arguments{"credential": word("app_oauth")}
	skip := arguments{"skip_credentials_validation": truth(true)}
	expiring := func(scope string) []pdfake.Option {
		body := `{"access_token":"` + flowToken + `","token_type":"bearer","scope":"` + scope + `"}`
		return append(faultAt("/oauth/token", pdfake.AnswerJSON(200, body)),
			pdfake.WithUserOAuthToken(pdfake.UserOAuthToken{Token: flowToken, Account: "acme", User: "PADA001"}))
	}
	for name, c := range map[string]struct {
		provider, check arguments
		options         []pdfake.Option
		want            map[string]string // "set" is any value but null
	}{
		"token": {
			provider: withToken(tokenAda),
			want: map[string]string{
				"token": tokenAda, "client_id": "null", "client_secret": "null", "access_token": "null", "expires_at": "null",
				"subdomain": "acme", "valid": "true",
			},
		},
		"user token": {
			provider: arguments{"user_token": word(tokenAda)}, check: arguments{"credential": word("user_token")},
			want: map[string]string{"token": tokenAda, "client_id": "null", "client_secret": "null", "subdomain": "acme"},
		},
		"app": {
			provider: appProvider(), check: app,
			want: map[string]string{
				"token": "null", "client_id": appID, "client_secret": appSecret, "subdomain": "acme", "access_token": "set",
				"expires_at": "set", "valid": "true",
			},
		},
		"app, expiry not given": {
			provider: appProvider(), check: app, options: expiring("as_account-us.acme users.read"),
			want: map[string]string{"access_token": flowToken, "expires_at": "null", "subdomain": "acme"},
		},
		"app, skipped": {
			provider: with(appProvider(), skip), check: app,
			want: map[string]string{
				"token": "null", "client_id": appID, "client_secret": appSecret, "subdomain": "acme", "access_token": "null",
				"valid": "null", "status": "unverified",
			},
		},
		"token, skipped": {
			provider: with(withToken(tokenAda), skip),
			want:     map[string]string{"token": tokenAda, "client_id": "null", "client_secret": "null", "subdomain": "null"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := startEmulator(t, append(c.options, withApp("users.read"))...)
			a := run(t, ephemeralSurface, at(server, c.provider), c.check)
			a.passes(t)
			for result, want := range c.want {
				got := a.text(t, result)
				if want == "set" && got != "null" && got != "absent" {
					continue
				}
				if got != want {
					t.Errorf("%s is not what was expected (%d characters, want %d)", result, len(got), len(want))
				}
			}
		})
	}
}

// An app whose account nothing proves is not handed on: its subdomain would be null.
func TestEphemeral_appWithoutSubdomain(t *testing.T) {
	t.Parallel()
	// The API accepts the access token, and does not say which account it is of.
	options := []pdfake.Option{
		pdfake.WithFaults(
			pdfake.Fault{Path: "/oauth/token", Behaviour: pdfake.AnswerJSON(200,
				`{"access_token":"`+flowToken+`","token_type":"bearer","scope":"schedules.read"}`)},
			pdfake.Fault{Path: "/users", Behaviour: pdfake.AnswerJSON(403,
				`{"error":{"message":"Token missing required scopes","required_scopes":"users.read"}}`)}),
	}
	check := arguments{"credential": word("app_oauth"), "required_scopes": words("schedules.read")}
	data := run(t, dataSurface, at(startEmulator(t, options...), appProvider()), check)
	if len(data.errors()) > 0 || data.text(t, "subdomain") != "null" {
		t.Errorf("the data source: %q%s", data.text(t, "subdomain"), describe(data.errors()))
	}
	a := run(t, ephemeralSurface, at(startEmulator(t, options...), appProvider()), check)
	a.fails(t, summaryUndecided, "")
	if a.values != nil {
		t.Error("there is a result")
	}
}

// 20: a token that is valid in the plan and not in the apply of the saved plan is
// stopped there, before the resource behind the check is created. Nothing of
// the check is in the plan file or the state.
func TestAccEphemeral_savedPlanWithRevokedToken(t *testing.T) {
	t.Parallel()
	s := startEmulator(t, pdfake.WithAPIToken(pdfake.APIToken{
		Token: marker, Kind: pdfake.UserToken, Account: "acme", User: "PADA001",
	}))
	tf := newProject(t, block(s, "")+`
ephemeral "pagerdutyauth_credential" "this" {
  allowed_subdomains = ["acme"]
}
resource "terraform_data" "standin" {
  input      = "created behind the check"
  depends_on = [ephemeral.pagerdutyauth_credential.this]
}
`)
	tf.needs(1, 10, 1, 11)
	environment := slices.Clone(tf.env)
	tf.setenv("PAGERDUTY_TOKEN", marker)
	if o := tf.terraformRun("plan", "-no-color", "-input=false", "-out=plan"); o.failed {
		t.Fatal(o.output)
	}
	shown := tf.terraformRun("show", "-json", "plan").output
	for _, part := range []string{"Ada Lovelace", "ada@acme.example", "****" + marker[len(marker)-4:]} {
		if strings.Contains(shown, part) {
			t.Errorf("the plan file holds %q", part)
		}
	}
	tf.searchFiles(t)

	tf.env = append(slices.Clone(environment), "PAGERDUTY_TOKEN="+tokenRevoked)
	o := tf.terraformRun("apply", "-no-color", "-input=false", "plan")
	if !o.failed || !strings.Contains(flat(o.output), summaryUnauthorized) {
		t.Errorf("the revoked token was not stopped:\n%s", o.output)
	}
	if created := tf.resources(); len(created) > 0 {
		t.Errorf("behind the check was created %q", created)
	}

	tf.env = append(slices.Clone(environment), "PAGERDUTY_TOKEN="+marker)
	if o := tf.terraformRun("apply", "-no-color", "-input=false", "-auto-approve"); o.failed {
		t.Fatal(o.output)
	}
	if created := tf.resources(); !slices.Equal(created, []string{"terraform_data.standin"}) {
		t.Errorf("the valid token created %q", created)
	}
	// The address of the check stands in the resource's dependencies; nothing
	// that the check learned stands anywhere.
	state := tf.read("terraform.tfstate")
	for _, part := range []string{"Ada Lovelace", "ada@acme.example", "PADA001", `"mode": "ephemeral"`} {
		if strings.Contains(state, part) {
			t.Errorf("the state holds %s", part)
		}
	}
	tf.searchFiles(t)
}

// 11: a token that is unknown during plan is deferred by Terraform to apply, and the
// environment's is not used in its place.
func TestAccEphemeral_unknownTokenIsDeferred(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := newProject(t, "resource \"terraform_data\" \"token\" {\n  input = \""+tokenAda+"\"\n}\n"+block(s, "")+`
ephemeral "pagerdutyauth_credential" "this" {
  token = terraform_data.token.output
}
# OpenTofu does not open during apply what nothing refers to.
resource "terraform_data" "guarded" {
  depends_on = [ephemeral.pagerdutyauth_credential.this]
}
`)
	tf.needs(1, 10, 1, 11)
	tf.setenv("PAGERDUTY_TOKEN", tokenAccount)
	if o := tf.plan(); o.failed {
		t.Fatal(o.output)
	}
	if n := len(s.Requests()); n != 0 {
		t.Fatalf("%d requests while planning", n)
	}
	if o := tf.apply(); o.failed {
		t.Fatal(o.output)
	}
	requests := s.Requests()
	if len(requests) == 0 {
		t.Error("no request while applying")
	}
	for _, r := range requests {
		if r.Token != tokenAda {
			t.Error("another token was sent")
		}
	}
}

// 200 tokens, one revoked in the middle: each judged by its own instance, over one
// connection a process, with one request a token.
func TestAccEphemeral_manyTokens(t *testing.T) {
	t.Parallel()
	const count, revoked = 200, 101
	var options []pdfake.Option
	tokens := map[string]string{}
	for i := range count {
		token := fmt.Sprintf("u+ManyKeys000000%04d", i)
		tokens[fmt.Sprintf("team-%03d", i)] = token
		options = append(options, pdfake.WithAPIToken(pdfake.APIToken{
			Token: token, Kind: pdfake.UserToken, Account: "acme", User: "PADA001", Revoked: i == revoked,
		}))
	}
	s := startEmulator(t, options...)
	tf := newProject(t, `
variable "tokens" {
  type      = map(string)
  ephemeral = true
}
variable "names" {
  type = set(string)
}
ephemeral "pagerdutyauth_credential" "each" {
  for_each = var.names
  token    = var.tokens[each.key]
}
`+block(s, ""))
	tf.needs(1, 10, 1, 11)
	names := make([]string, 0, count)
	for name := range tokens {
		names = append(names, name)
	}
	variables, err := json.Marshal(map[string]any{"tokens": tokens, "names": names})
	if err != nil {
		t.Fatal(err)
	}
	tf.write("terraform.tfvars.json", string(variables))
	o := tf.plan()
	if d := o.one(t); d.Summary != summaryUnauthorized || !strings.Contains(d.Address, fmt.Sprintf("team-%03d", revoked)) {
		t.Errorf("%s at %s", d.Summary, d.Address)
	}
	asked := map[string]int{}
	for _, r := range s.Requests() {
		asked[r.Token]++
	}
	if len(asked) != count || len(s.Requests()) != count {
		t.Errorf("%d requests for %d keys, want %d", len(s.Requests()), len(asked), count)
	}
	if n := s.Connections(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}
