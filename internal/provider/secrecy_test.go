package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// marker is a key that stands nowhere else.
const marker = "u+MARKERdoNOTsh0w9Zk"

// calendarSecret is in the calendar URLs that the emulator gives each user.
const calendarSecret = "PDFAKECALSECRET"

// leaks are the parts of the marker, and of what the API answers, that nothing
// may print.
func leaks() []string {
	all := []string{calendarSecret, "http_cal_url", "web_cal_url"}
	for i := 0; i+8 <= len(marker); i++ {
		all = append(all, marker[i:i+8])
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

// The token never shows up in what Terraform and the provider print at their
// most talkative, in the state, in a plan file or in its JSON, whatever the
// answer and wherever the token came from.
func TestAccSecrecy(t *testing.T) {
	t.Parallel()
	behaviours := map[string]*pdfake.Behaviour{"good": nil}
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
			options := []pdfake.Option{pdfake.WithKey(pdfake.Key{Token: marker, Kind: pdfake.UserKey, Account: "acme", User: "PADA001"})}
			if behaviour != nil {
				options = append(options, pdfake.WithFaults(pdfake.Fault{Behaviour: *behaviour}))
			}
			s := world(t, options...)
			b := newBench(t, block(s, "  timeout = \"2s\"\n  max_retries = 1\n")+secrecyConfig)
			b.setenv("PAGERDUTY_TOKEN", marker)
			b.setenv("TF_LOG", "TRACE")
			b.setenv("TF_LOG_PROVIDER", "TRACE")
			searchLeaks(t, "the output of plan", b.terraformRun("plan", "-no-color", "-input=false", "-out=plan").output)
			searchLeaks(t, "the JSON of the plan", b.terraformRun("show", "-json", "plan").output)
			searchLeaks(t, "the output of apply", b.terraformRun("apply", "-no-color", "-input=false", "plan").output)
			b.searchFiles(t)
		})
	}
}

// searchFiles searches everything that the run left in its directory.
func (b *bench) searchFiles(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(b.dir, func(path string, d os.DirEntry, err error) error {
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

// The same for a token in the provider block, in an ephemeral variable, and in
// values that are refused before they are sent.
func TestAccSecrecy_sources(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ arguments, before, env string }{
		"provider block":     {"  token = \"" + marker + "\"\n", "", ""},
		"sensitive variable": {"  token = var.t\n", "variable \"t\" {\n  sensitive = true\n}\n", marker},
		"malformed":          {"  token = \"Token token=" + marker + "\"\n", "", ""},
		"newline":            {"  token = \"" + marker + "\\n\"\n", "", ""},
		"quoted":             {"  token = \"'" + marker + "'\"\n", "", ""},
		"non-ASCII":          {"  token = \"" + marker + "\u200b\"\n", "", ""},
		"region":             {"  service_region = \"eu\"\n  token = \"" + marker + "\"\n", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := world(t)
			b := newBench(t, c.before+block(s, c.arguments)+secrecyConfig)
			b.setenv("TF_VAR_t", c.env)
			b.setenv("TF_LOG", "TRACE")
			output := b.terraformRun("apply", "-no-color", "-input=false", "-auto-approve").output
			searchLeaks(t, "the output", output)
			state, err := os.ReadFile(filepath.Join(b.dir, "terraform.tfstate"))
			if err != nil {
				t.Fatal(err)
			}
			searchLeaks(t, "the state", string(state))
		})
	}
}

// With TF_LOG=DEBUG a person can follow what was asked and answered.
func TestAccDebugLog(t *testing.T) {
	t.Parallel()
	s := world(t)
	b := newBench(t, block(s, tokenArgument(keyAda))+"data \"pagerdutyauth_credential\" \"this\" {}\n")
	b.setenv("TF_LOG", "DEBUG")
	o := b.terraformRun("plan", "-no-color", "-input=false")
	for _, want := range []string{"Asking PagerDuty", "PagerDuty answered", "method=GET", "path=/users/me", "host=" + s.Addr("us"), "status=200", "duration_ms=", "request_id="} {
		if !strings.Contains(o.output, want) {
			t.Errorf("the log lacks %s", want)
		}
	}
}
