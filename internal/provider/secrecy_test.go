package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// marker is an API token that stands nowhere else; markerSecret and markerMinted are
// an OAuth app's client secret and access token.
const (
	marker       = "u+MARKERdoNOTsh0w9Zk"
	markerSecret = "CLIENTsecretMARKER-8Hq2LmZxYv7RtPwN4s-abcdef"
	markerMinted = "pdus+_MINTEDtokenMARKER_5Jk9QwErTyUiOp-7f3a"
)

// calendarSecret is in the calendar URLs that the emulator gives each user.
const calendarSecret = "PDFAKECALSECRET"

// leaks are the parts of the markers, and of what the API answers, that nothing may
// print.
func leaks() []string {
	all := []string{calendarSecret, "http_cal_url", "web_cal_url"}
	for _, secret := range []string{marker, markerSecret, markerMinted} {
		for i := 0; i+8 <= len(secret); i++ {
			all = append(all, secret[i:i+8])
		}
	}
	return all
}

func searchLeaks(t *testing.T, where, text string) {
	t.Helper()
	for _, leak := range leaks() {
		if strings.Contains(text, leak) {
			t.Errorf("%s holds a secret", where)
			return
		}
	}
}

const secrecyConfig = `
data "pagerdutyauth_credential" "this" {
  on_failure = "warning"
}
output "all" {
  value = data.pagerdutyauth_credential.this
}
`

// The token never shows up in what Terraform and the provider print with TF_LOG=TRACE,
// in the state, in a plan file or in its JSON, whatever the answer and wherever the
// token comes from.
func TestAccSecrecy(t *testing.T) {
	t.Parallel()
	behaviours := map[string]*pdfake.Behaviour{"valid": nil, "valid, read-only": nil}
	for _, f := range faults() {
		if f.behaviour != nil && f.name != "huge body" && f.name != "gzip bomb" {
			behaviours[f.name] = f.behaviour
		}
	}
	for _, status := range []int{200, 302, 400, 401, 402, 403, 404, 429, 500} {
		behaviours[fmt.Sprintf("echo %d", status)] = on(pdfake.EchoAuthorization(status))
	}
	for name, behaviour := range behaviours {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := []pdfake.Option{pdfake.WithCalendarURLsEverywhere(), markerToken()}
			if name == "valid, read-only" { // its check reads a user from a list
				options[1] = pdfake.WithAPIToken(pdfake.APIToken{Token: marker, Kind: pdfake.ReadOnlyAccountToken, Account: "acme"})
			}
			if behaviour != nil {
				options = append(options, pdfake.WithFaults(pdfake.Fault{Behaviour: *behaviour}))
			}
			s := startEmulator(t, options...)
			tf := newProject(t, block(s, "  timeout = \"2s\"\n  max_retries = 1\n")+secrecyConfig)
			tf.setenv("PAGERDUTY_TOKEN", marker)
			tf.setenv("TF_LOG", "TRACE")
			tf.setenv("TF_LOG_PROVIDER", "TRACE")
			searchLeaks(t, "the output of plan", tf.terraformRun("plan", "-no-color", "-input=false", "-out=plan").output)
			searchLeaks(t, "the JSON of the plan", tf.terraformRun("show", "-json", "plan").output)
			searchLeaks(t, "the output of apply", tf.terraformRun("apply", "-no-color", "-input=false", "plan").output)
			tf.searchFiles(t)
		})
	}
}

func markerToken() pdfake.Option {
	return pdfake.WithAPIToken(pdfake.APIToken{Token: marker, Kind: pdfake.UserToken, Account: "acme", User: "PADA001"})
}

// searchFiles searches everything that the run left in its directory.
func (tf *project) searchFiles(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(tf.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if d.Name() != "main.tf" {
			searchLeaks(t, "the file "+d.Name(), string(content))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// handedOn is an OAuth app that is checked and then configures a provider, as the
// official one would be.
const handedOn = `
ephemeral "pagerdutyauth_credential" "app" {
  credential = "app_oauth"
}
provider "pagerdutyauth" {
  alias                 = "handed_on"
  api_url_override      = %q
  identity_url_override = %q
  ca_cert_pem           = %q
  use_app_oauth_scoped_token {
    pd_client_id     = ephemeral.pagerdutyauth_credential.app.client_id
    pd_client_secret = ephemeral.pagerdutyauth_credential.app.client_secret
    pd_subdomain     = ephemeral.pagerdutyauth_credential.app.subdomain
  }
}
data "pagerdutyauth_credential" "handed_on" {
  provider   = pagerdutyauth.handed_on
  credential = "app_oauth"
}
`

// The same for an OAuth app: its client secret, also where it is handed on, and the
// access token that it obtains.
func TestAccSecrecy_app(t *testing.T) {
	t.Parallel()
	identity := func(status int, body string) pdfake.Fault {
		return pdfake.Fault{Path: "/oauth/token", Behaviour: pdfake.AnswerJSON(status, body)}
	}
	minted := identity(200,
		`{"access_token":"`+markerMinted+`","token_type":"bearer","scope":"users.read","expires_in":60}`)
	for name, faults := range map[string][]pdfake.Fault{
		"valid": {minted},
		"the secret is repeated": {
			identity(401, `{"error":"invalid_client","error_description":"bad secret `+markerSecret+`"}`),
		},
		"the secret as a message": {identity(400, `{"error":"`+markerSecret+`"}`)},
		"the secret as a scope": {
			identity(200, `{"access_token":"`+markerMinted+`","token_type":"bearer","scope":"users.read `+markerSecret+`"}`),
		},
		"the token as a scope": {
			identity(200, `{"access_token":"`+markerMinted+`","token_type":"bearer","scope":"`+markerMinted+`"}`),
		},
		"the token of another type": {identity(200, `{"access_token":"`+markerMinted+`","token_type":"mac"}`)},
		"the token in an error":     {identity(200, `{"error":"server_error","access_token":"`+markerMinted+`"}`)},
		"the API repeats the token": {minted, {Path: "/users", Behaviour: pdfake.EchoAuthorization(403)}},
		"the API rejects the token": {minted, {Path: "/users", Behaviour: pdfake.EchoAuthorization(401)}},
		"the API redirects the token": {
			minted, {Path: "/users", Behaviour: pdfake.Redirect(302, "https://x.example/?t="+markerMinted)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startEmulator(t, withApp("users.read"), pdfake.WithFaults(faults...), pdfake.WithCalendarURLsEverywhere(),
				pdfake.WithUserOAuthToken(pdfake.UserOAuthToken{Token: markerMinted, Account: "acme", User: "PADA001"}))
			tf := newProject(t, block(s, fmt.Sprintf("  identity_url_override = %q\n  timeout = \"3s\"\n", s.IdentityURL()))+
				strings.Replace(secrecyConfig, "on_failure", "credential = \"app_oauth\"\n  on_failure", 1))
			if tf.has(1, 10, 1, 11) {
				tf.write("ephemeral.tf", fmt.Sprintf(handedOn, s.URL(), s.IdentityURL(), s.CAPEM()))
			}
			tf.setenv("PAGERDUTY_CLIENT_ID", appID)
			tf.setenv("PAGERDUTY_CLIENT_SECRET", markerSecret)
			tf.setenv("PAGERDUTY_SUBDOMAIN", "acme")
			tf.setenv("TF_LOG", "TRACE")
			tf.setenv("TF_LOG_PROVIDER", "TRACE")
			plan := tf.terraformRun("plan", "-no-color", "-input=false", "-out=plan").output
			searchLeaks(t, "the output of plan", plan)
			if !strings.Contains(plan, "/oauth/token") {
				t.Error("no token was asked for")
			}
			searchLeaks(t, "the JSON of the plan", tf.terraformRun("show", "-json", "plan").output)
			applied := tf.terraformRun("apply", "-no-color", "-input=false", "-auto-approve")
			searchLeaks(t, "the output of apply", applied.output)
			if name == "valid" && applied.failed {
				t.Error("the app was not handed on")
			}
			tf.searchFiles(t)
		})
	}
}

// The same for a token in the provider block, in a variable, and in values that are
// refused before they are sent.
func TestAccSecrecy_sources(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ arguments, before, env string }{
		"provider block": {arguments: "  token = \"" + marker + "\"\n"},
		"sensitive variable": {
			arguments: "  token = var.t\n", before: "variable \"t\" {\n  sensitive = true\n}\n", env: marker,
		},
		"malformed":      {arguments: "  token = \"Token token=" + marker + "\"\n"},
		"newline":        {arguments: "  token = \"" + marker + "\\n\"\n"},
		"quoted":         {arguments: "  token = \"'" + marker + "'\"\n"},
		"non-ASCII":      {arguments: "  token = \"" + marker + "\u200b\"\n"},
		"another region": {arguments: "  service_region = \"eu\"\n  token = \"" + marker + "\"\n"},
		"in the wrong argument": {
			arguments: "  service_region = var.t\n", before: "variable \"t\" {\n  sensitive = true\n}\n",
			env: marker,
		},
		"in the place of the URL": {
			arguments: "  identity_url_override = var.t\n", before: "variable \"t\" {\n  sensitive = true\n}\n",
			env: marker,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startEmulator(t, pdfake.WithCalendarURLsEverywhere())
			tf := newProject(t, c.before+block(s, c.arguments)+secrecyConfig)
			tf.setenv("TF_VAR_t", c.env)
			tf.setenv("TF_LOG", "TRACE")
			searchLeaks(t, "the output", tf.terraformRun("apply", "-no-color", "-input=false", "-auto-approve").output)
			state, err := os.ReadFile(filepath.Join(tf.dir, "terraform.tfstate"))
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			searchLeaks(t, "the state", string(state))
		})
	}
}

// A token that stands in a guard's place is not printed: the errors name the argument
// alone. In Terraform the variable is sensitive, so that Terraform does not print it.
func TestAccSecrecy_guards(t *testing.T) {
	t.Parallel()
	s := startEmulator(t, pdfake.WithCalendarURLsEverywhere())
	tf := newProject(t, block(s, tokenArgument(tokenAda))+"variable \"t\" {\n  sensitive = true\n}\n"+
		"data \"pagerdutyauth_credential\" \"this\" {\n  allowed_user_emails = [var.t]\n  allowed_roles = [var.t]\n}\n")
	tf.setenv("TF_VAR_t", marker)
	tf.setenv("TF_LOG", "TRACE")
	o := tf.terraformRun("plan", "-no-color", "-input=false")
	if !o.failed || !strings.Contains(o.output, summaryGuard) || !strings.Contains(o.output, summaryRole) {
		t.Errorf("it was not refused:\n%s", o.output)
	}
	searchLeaks(t, "the output", o.output)
}

// With TF_LOG=DEBUG a person can follow what was asked and answered, without the
// token.
func TestAccDebugLog(t *testing.T) {
	t.Parallel()
	s := startEmulator(t, pdfake.WithCalendarURLsEverywhere(), markerToken())
	tf := newProject(t, block(s, "")+dataBlock)
	tf.setenv("TF_LOG", "DEBUG")
	o := tf.with(marker).terraformRun("plan", "-no-color", "-input=false")
	for _, want := range []string{
		"Asking PagerDuty", "PagerDuty answered", "method=GET", "path=/users/me", "host=" + s.Addr("us"), "status=200",
		"duration_ms=", "request_id=",
	} {
		if !strings.Contains(o.output, want) {
			t.Errorf("the log lacks %s", want)
		}
	}
	searchLeaks(t, "the log", o.output)
}
