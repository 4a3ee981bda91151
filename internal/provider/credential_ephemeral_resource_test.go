package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// userOAuthToken is made up, in the form of an access token of the user flow [S].
const userOAuthToken = "pdus+_0XBPWQQ_4c51d6e5-0000-0000-0000-1234567890ab"

// issues makes the identity host issue userOAuthToken, which the API accepts.
func issues(scope string) []pdfake.Option {
	body := `{"access_token":"` + userOAuthToken + `","token_type":"bearer","scope":"` + scope + `"}`
	return []pdfake.Option{
		faultAt("/oauth/token", pdfake.AnswerJSON(200, body)),
		pdfake.WithAPIToken(pdfake.APIToken{
			Token: userOAuthToken, Kind: pdfake.UserOAuthToken, Account: "acme", User: "PADA001",
		}),
	}
}

// The results have the values with which another provider is configured.
func TestEphemeral_credentialResults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		provider, args given
		options        []pdfake.Option
		// The results; "any" is any value but null. The results that are not here are null.
		want map[string]string
	}{
		"token":      {provider: withToken(tokenAda), want: map[string]string{"token": tokenAda}},
		"user token": {withUserToken(tokenAda), checkUserToken, nil, map[string]string{"token": tokenAda}},
		"own token":  {withToken(tokenAccount), withToken(tokenAda), nil, map[string]string{"token": tokenAda}},
		"app": {emulatedApp(), checkApp, nil, map[string]string{
			"client_id": appID, "client_secret": appSecret, "access_token": "any", "expires_at": "any",
		}},
		"app without an expiry": {
			emulatedApp(), checkApp, issues("as_account-us.acme users.read"),
			map[string]string{"client_id": appID, "client_secret": appSecret, "access_token": userOAuthToken},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startEmulator(t, append(c.options, withApp("users.read"))...)
			r := run(t, ephemeralCheck, at(s, c.provider), c.args)
			r.passes(t)
			for _, name := range []string{"token", "client_id", "client_secret", "access_token", "expires_at"} {
				got, want := r.text(t, name), c.want[name]
				if want == "" && got != "null" || want == "any" && got == "null" || want != "" && want != "any" && got != want {
					t.Errorf("%s has %d characters, want %q", name, len(got), want)
				}
			}
			if got := r.text(t, "subdomain"); got != "acme" {
				t.Errorf("subdomain %s", got)
			}
		})
	}
}

// An OAuth app is not passed on if its account is not known: the subdomain would be null,
// and the official provider would use the environment's. The data source only warns.
func TestEphemeral_appWithoutAccount(t *testing.T) {
	t.Parallel()
	options := append(issues("schedules.read"), faultAt("/users", pdfake.AnswerJSON(403,
		`{"error":{"message":"Token missing required scopes","code":2010,"required_scopes":"users.read"}}`)))
	args := checkApp.with(given{"required_scopes": list("schedules.read")})
	r := run(t, dataSourceCheck, at(startEmulator(t, options...), emulatedApp()), args)
	if len(r.errors()) > 0 || len(r.warnings()) != 1 || r.text(t, "subdomain") != "null" || r.text(t, "valid") != "true" {
		t.Errorf("the data source: subdomain %s, valid %s%s", r.text(t, "subdomain"), r.text(t, "valid"), r)
	}
	run(t, ephemeralCheck, at(startEmulator(t, options...), emulatedApp()), args).fails(t, summaryNoAccount, "")
}

// A token that is revoked between plan and apply of the saved plan stops the resource
// behind the check. The plan and the state contain nothing of the check.
func TestAccEphemeral_tokenRevokedAfterPlan(t *testing.T) {
	t.Parallel()
	s := startEmulator(t, markerToken())
	tf := newProject(t, block(s, "")+`
ephemeral "pagerdutyauth_credential" "this" {
  allowed_subdomains = ["acme"]
}
resource "terraform_data" "guarded" {
  input      = "created"
  depends_on = [ephemeral.pagerdutyauth_credential.this]
}
`)
	tf.needsFeature(tfrun.EphemeralResources)
	tf.savePlan(marker)
	tf.searchFiles(t)
	shown := tf.terraformRun("show", "-json", "plan").output
	tf.applyPlan(tokenRevoked).ended(t, "unauthorized")
	if created := tf.resources(); len(created) > 0 {
		t.Errorf("created %q", created)
	}
	tf.with(marker).apply().passed(t)
	tf.searchFiles(t)
	for _, part := range []string{"Ada Lovelace", "ada@acme.example", "PADA001", "****" + marker[len(marker)-4:]} {
		if strings.Contains(shown, part) || strings.Contains(tf.read("terraform.tfstate"), part) {
			t.Errorf("the plan or the state contains %s", part)
		}
	}
}

// If the resource's own token is unknown during plan, Terraform opens the resource during
// apply. The environment's token is not used.
func TestAccEphemeral_unknownToken(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := newProject(t, "resource \"terraform_data\" \"token\" {\n  input = \""+tokenAda+"\"\n}\n"+block(s, "")+`
ephemeral "pagerdutyauth_credential" "this" {
  token = terraform_data.token.output
}
# OpenTofu opens only a resource that something refers to.
resource "terraform_data" "guarded" {
  depends_on = [ephemeral.pagerdutyauth_credential.this]
}
`).with(tokenAccount)
	tf.needsFeature(tfrun.EphemeralResources)
	tf.plan().passed(t)
	if n := len(s.Requests()); n != 0 {
		t.Fatalf("%d requests during plan", n)
	}
	tf.apply().passed(t)
	if !slices.Equal(sent(s), []string{tokenAda}) {
		t.Error("not only the resource's own token was sent")
	}
}

// A provider's token that is unknown during plan is an error. The environment's token is
// not used.
func TestAccProvider_unknownToken(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := newProject(t, "resource \"terraform_data\" \"token\" {\n  input = \""+tokenAda+"\"\n}\n"+
		block(s, "  token = terraform_data.token.output")+dataBlock)
	tf.needs(1, 4, 1, 6) // terraform_data
	tf.with(tokenAccount).plan().stopped(t, summaryUnknownToken)
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}
