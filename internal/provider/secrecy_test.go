package provider

import (
	"encoding/pem"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// Secrets that the tests search for: an API token, and the client secret and the access
// token of an OAuth app.
const (
	marker            = "u+MARKERdoNOTsh0w9Zk"
	markerSecret      = "CLIENTsecretMARKER-8Hq2LmZxYv7RtPwN4s-abcdef"
	markerAccessToken = "pdus+_ACCESStokenMARKER_5Jk9QwErTyUiOp-7f3a"
)

func markerToken() pdfake.Option {
	return pdfake.WithAPIToken(pdfake.APIToken{Token: marker, Kind: pdfake.UserToken, Account: "acme", User: "PADA001"})
}

// searchLeaks fails if a text contains a part of a secret, or a calendar URL of a user.
func searchLeaks(t *testing.T, where, text string) {
	t.Helper()
	leaks := []string{pdfake.CalendarSecret, "http_cal_url", "web_cal_url"}
	for _, secret := range []string{marker, markerSecret, markerAccessToken} {
		for i := 0; i+8 <= len(secret); i++ {
			leaks = append(leaks, secret[i:i+8])
		}
	}
	for _, leak := range leaks {
		if strings.Contains(text, leak) {
			t.Errorf("%s contains a secret", where)
			return
		}
	}
}

// searchFiles searches everything that Terraform wrote to the directory.
func (tf *project) searchFiles(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(tf.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "main.tf" {
			return err
		}
		content, err := os.ReadFile(path)
		searchLeaks(t, "the file "+d.Name(), string(content))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// searchRuns plans and applies with trace logs, and searches the output and the files. The
// JSON of a plan repeats the configuration and its variables, so it is searched only if
// the secret comes from an environment variable of PagerDuty.
func (tf *project) searchRuns(t *testing.T, inConfiguration bool) (output string) {
	t.Helper()
	tf.setenv("TF_LOG", "TRACE")
	tf.setenv("TF_LOG_PROVIDER", "TRACE")
	output = tf.terraformRun("plan", "-no-color", "-input=false", "-out=plan").output
	if !inConfiguration {
		output += tf.terraformRun("show", "-json", "plan").output
	}
	output += tf.terraformRun("apply", "-no-color", "-input=false", "-auto-approve").output
	searchLeaks(t, "the output", output)
	tf.searchFiles(t)
	return output
}

const secrecyConfig = `
data "pagerdutyauth_credential" "this" {
  on_failure = "warning"
}
output "all" {
  value = data.pagerdutyauth_credential.this
}
`

// The token is in no output, log, plan or state, whatever the response is and wherever
// the token comes from.
func TestAccSecrecy(t *testing.T) {
	t.Parallel()
	const variable = "variable \"t\" {\n  sensitive = true\n}\n"
	readOnly := pdfake.WithAPIToken(pdfake.APIToken{Token: marker, Kind: pdfake.ReadOnlyAccountToken, Account: "acme"})
	fault := func(b pdfake.Behavior) []pdfake.Option { return []pdfake.Option{markerToken(), faultAt("", b)} }
	for name, c := range map[string]struct {
		options           []pdfake.Option
		before, arguments string
		sends             bool // requests are sent
	}{
		"valid":                  {options: []pdfake.Option{markerToken()}, sends: true},
		"valid, users of a list": {options: []pdfake.Option{readOnly}, sends: true},
		"rejected":               {sends: true},
		"repeated by a 200":      {options: fault(pdfake.EchoAuthorization(200)), sends: true},
		"repeated by a 403":      {options: fault(pdfake.EchoAuthorization(403)), sends: true},
		"repeated by a redirect": {options: fault(pdfake.Redirect(302, "https://x.example/?t="+marker)), sends: true},
		"connection lost":        {options: fault(pdfake.Reset()), sends: true},
		"written in the block":   {arguments: tokenArgument(marker), sends: true},
		"sensitive variable":     {before: variable, arguments: "  token = var.t\n", sends: true},
		"malformed":              {arguments: tokenArgument("Token token=" + marker)},
		"not ASCII":              {arguments: tokenArgument(marker + "\u200b")},
		"in the wrong argument":  {before: variable, arguments: "  service_region = var.t\n"},
		"as the URL":             {before: variable, arguments: "  identity_url_override = var.t\n"},
		"as a guard":             {before: variable, arguments: "  allowed_subdomains = [\"${var.t}\"]\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startEmulator(t, append(c.options, pdfake.WithCalendarURLsEverywhere())...)
			tf := newProject(t, c.before+block(s, "  timeout = \"5s\"\n  max_retries = 1\n"+c.arguments)+secrecyConfig)
			tf.setenv("PAGERDUTY_TOKEN", marker)
			tf.setenv("TF_VAR_t", marker)
			output := tf.searchRuns(t, c.arguments != "")
			if sent := len(s.Requests()) > 0; sent != c.sends {
				t.Errorf("requests were sent: %t", sent)
			}
			for _, logged := range []string{"method=GET", "path=/users/me", "host=" + s.Addr("us")} {
				if c.sends && !strings.Contains(output, logged) {
					t.Errorf("the log does not contain %s", logged)
				}
			}
		})
	}
}

// passedOn is an OAuth app that is checked and then configures a provider.
const passedOn = `
ephemeral "pagerdutyauth_credential" "app" {
  credential = "app_oauth"
}
provider "pagerdutyauth" {
  alias                 = "passed_on"
  api_url_override      = %q
  identity_url_override = %q
  ca_cert_pem           = %q
  use_app_oauth_scoped_token {
    pd_client_id     = ephemeral.pagerdutyauth_credential.app.client_id
    pd_client_secret = ephemeral.pagerdutyauth_credential.app.client_secret
    pd_subdomain     = ephemeral.pagerdutyauth_credential.app.subdomain
  }
}
data "pagerdutyauth_credential" "passed_on" {
  provider   = pagerdutyauth.passed_on
  credential = "app_oauth"
}
`

// Neither the client secret nor the access token of an OAuth app is in any output, log,
// plan or state, also if the app is passed on to another provider.
func TestAccSecrecy_app(t *testing.T) {
	t.Parallel()
	identity := func(status int, body string) pdfake.Option {
		return faultAt("/oauth/token", pdfake.AnswerJSON(status, body))
	}
	issued := func(scope string) pdfake.Option {
		return identity(200, `{"access_token":"`+markerAccessToken+`","token_type":"bearer","scope":"`+scope+`"}`)
	}
	for name, options := range map[string][]pdfake.Option{
		"valid":                  {issued("as_account-us.acme users.read")},
		"the secret in an error": {identity(400, `{"error":"invalid_scope","error_description":"`+markerSecret+`"}`)},
		"the secret as a scope":  {issued("as_account-us.acme users.read " + markerSecret)},
		"repeated by the API": {
			issued("as_account-us.acme users.read"), faultAt("/users", pdfake.EchoAuthorization(403)),
		},
		"access token without access": {issued("openid")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := append(options, pdfake.WithCalendarURLsEverywhere(), pdfake.WithAPIToken(pdfake.APIToken{
				Token: markerAccessToken, Kind: pdfake.UserOAuthToken, Account: "acme", User: "PADA001",
			}))
			s := startEmulator(t, options...)
			tf := newProject(t, block(s, fmt.Sprintf("  identity_url_override = %q\n  timeout = \"5s\"\n", s.IdentityURL()))+
				strings.Replace(secrecyConfig, "on_failure", "credential = \"app_oauth\"\n  on_failure", 1)+
				fmt.Sprintf(passedOn, s.URL(), s.IdentityURL(), s.CAPEM()))
			tf.needsFeature(tfrun.EphemeralResources)
			tf.setenv("PAGERDUTY_CLIENT_ID", appID)
			tf.setenv("PAGERDUTY_CLIENT_SECRET", markerSecret)
			tf.setenv("PAGERDUTY_SUBDOMAIN", "acme")
			tf.searchRuns(t, false)
			if _, err := os.Stat(filepath.Join(tf.dir, "terraform.tfstate")); name == "valid" && err != nil {
				t.Error("the app was not passed on")
			}
		})
	}
}

// A response that repeats a credential of the configuration fails the check, also if it is
// not the credential that is checked.
func TestSecrecy_otherCredential(t *testing.T) {
	t.Parallel()
	s := startEmulator(t, pdfake.WithAPIToken(pdfake.APIToken{Token: "u+Named0000000000001", User: "PNAMED1"}),
		pdfake.WithUser(pdfake.User{Account: "acme", ID: "PNAMED1", Name: "Named " + marker}))
	for _, check := range allChecks {
		r := run(t, check, at(s, withToken("u+Named0000000000001").with(withUserToken(marker))), nil)
		r.ends(t, "unexpected_response", "")
		searchLeaks(t, "the result", fmt.Sprint(r, r.progress))
	}
}

// Terraform shows the line of the configuration that an error points to. No error points
// to a line with a token.
func TestAccSecrecy_writtenToken(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	for name, argument := range map[string]string{
		"two credentials": "  credential = \"user_token\"\n", "rejected": "", "guard": "  allowed_roles = [\"owner\"]\n",
	} {
		tf := newProject(t, block(s, "")+"ephemeral \"pagerdutyauth_credential\" \"this\" {\n"+
			tokenArgument(marker)+argument+"}\n")
		tf.needsFeature(tfrun.EphemeralResources)
		o := tf.terraformRun("plan", "-no-color", "-input=false")
		if !o.failed {
			t.Errorf("%s: it passed:\n%s", name, o.output)
		}
		searchLeaks(t, name, o.output)
	}
}

// net/http logs nothing that comes over a connection, such as bytes after a response, and
// terraform-plugin-go writes no files with the configuration.
func TestAccSecrecy_libraries(t *testing.T) {
	t.Parallel()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		const body = `{"user":{"id":"PADA001","type":"user","html_url":"https://acme.pagerduty.com/users/PADA001"}}`
		_, _ = fmt.Fprintf(buffered, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"+
			"Authorization: %s\r\n", len(body), body, r.Header.Get("Authorization"))
		_ = buffered.Flush()
		_, _ = conn.Read(make([]byte, 1)) // until the provider closes the connection
	}))
	t.Cleanup(s.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	tf := newProject(t, tfrun.ProviderBlock(s.URL, string(ca), "")+dataBlock)
	files := t.TempDir()
	tf.setenv("TF_LOG", "DEBUG")
	tf.setenv("GODEBUG", "http2debug=2,http1debug=2")
	tf.setenv("TF_LOG_SDK_PROTO_DATA_DIR", files)
	o := tf.with(marker).terraformRun("plan", "-input=false", "-no-color")
	searchLeaks(t, "the output", o.output)
	if o.failed || !strings.Contains(o.output, "status=200") {
		t.Error("the check did not pass, or its log is missing")
	}
	if left := filesIn(t, files); len(left) > 0 {
		t.Errorf("files with the configuration: %q", left)
	}
}

// A run caches nothing in the home directory or the directory for temporary files.
func TestAccSecrecy_noCache(t *testing.T) {
	t.Parallel()
	s := startEmulator(t, withApp("users.read"))
	tf := newProject(t, "output \"x\" {\n  value = 1\n}\n")
	home, temporary := t.TempDir(), t.TempDir()
	for _, name := range []string{"HOME", "USERPROFILE", "APPDATA", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"} {
		tf.setenv(name, home)
	}
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		tf.setenv(name, temporary)
	}
	tf.apply().passed(t) // Terraform and OpenTofu can write files themselves
	before := filesIn(t, home, temporary)
	tf.write("main.tf", tfrun.RequiredProviders+block(s, goodApp(s)+tokenArgument(tokenAda))+dataBlock+appData)
	tf.apply().passed(t)
	if after := filesIn(t, home, temporary); !slices.Equal(before, after) {
		t.Errorf("before: %q\nafter: %q", before, after)
	}
}

// filesIn lists the files below the directories, with their sizes and times.
func filesIn(t *testing.T, dirs ...string) []string {
	t.Helper()
	var all []string
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			info, err := d.Info()
			if err == nil {
				all = append(all, fmt.Sprint(path, info.Size(), info.ModTime()))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}
