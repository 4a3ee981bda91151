package provider

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// The whole state of the data source, for each type of token.
func TestAccCredentialDataSource_state(t *testing.T) {
	t.Parallel()
	text := knownvalue.StringExact
	team := func(id, name string) knownvalue.Check {
		return knownvalue.ObjectExact(map[string]knownvalue.Check{"id": text(id), "name": text(name)})
	}
	for name, c := range map[string]struct {
		token, preview string
		more           map[string]knownvalue.Check
	}{
		"user": {tokenAda, "****0001", map[string]knownvalue.Check{
			"user": knownvalue.ObjectExact(map[string]knownvalue.Check{
				"id":       text("PADA001"),
				"name":     text("Ada Lovelace"),
				"email":    text("ada@acme.example"),
				"role":     text("admin"),
				"html_url": text("https://acme.pagerduty.com/users/PADA001"),
				"teams":    knownvalue.ListExact([]knownvalue.Check{team("PTEAM01", "Platform"), team("PTEAM02", "Analysis")}),
			}),
		}},
		"account": {tokenAccount, "****0002", nil},
		"app_oauth": {"", "****W7qp", map[string]knownvalue.Check{
			"scopes": knownvalue.ListExact([]knownvalue.Check{text("schedules.read"), text("users.read")}),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startEmulator(t, withApp("users.read", "schedules.read"))
			config := block(s, tokenArgument(c.token)) + dataBlock
			if name == "app_oauth" {
				config = block(s, goodApp(s)) + "data \"pagerdutyauth_credential\" \"this\" {\n  credential = \"app_oauth\"\n" +
					"  required_scopes = [\"users.read\", \"schedules.read\"]\n}\n"
			}
			want := map[string]knownvalue.Check{
				"valid":            knownvalue.Bool(true),
				"status":           text("valid"),
				"http_status_code": knownvalue.Int64Exact(200),
				"token_type":       text(name),
				"token_source":     text("provider configuration"),
				"token_preview":    text(c.preview),
				"subdomain":        text("acme"),
				"service_region":   text("us"),
				"scopes":           knownvalue.Null(), "write_access": knownvalue.Null(), "user": knownvalue.Null(),
			}
			maps.Copy(want, c.more)
			var checks []statecheck.StateCheck
			for result := range resultAttributes() {
				checks = append(checks, statecheck.ExpectKnownValue(dataSource, tfjsonpath.New(result), want[result]))
			}
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps:                    []resource.TestStep{{Config: config, ConfigStateChecks: checks}},
			})
		})
	}
}

// The requests of a plan with 1,000 equal checks are those of one, over one connection
// for each credential.
func TestAccCredentialDataSource_requests(t *testing.T) {
	t.Parallel()
	counted := func(instances int) string {
		return fmt.Sprintf("data \"pagerdutyauth_credential\" \"this\" {\n  count = %d\n", instances)
	}
	agent := regexp.MustCompile(`^terraform-provider-pagerdutyauth/\S+ \(\w+/\w+\)$`)
	for name, c := range map[string]struct {
		token, config string
		want          []string
		connections   int
	}{
		"user token":    {tokenAda, counted(1000) + "}\n", []string{"GET /users/me"}, 1},
		"account token": {tokenAccount, counted(10) + "}\n", []string{"GET /users/me", "GET /users?limit=1"}, 1},
		"app": {
			tokenAda, counted(10) + "  credential = \"app_oauth\"\n}\n",
			[]string{"POST /oauth/token", "GET /users?limit=1"}, 2,
		},
		"write access of an account token": {
			tokenAccount, counted(10) + "  require_write_access = true\n}\n",
			[]string{"GET /users/me", "GET /users?limit=1", "POST /schedules/preview"}, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startEmulator(t, withApp("users.read"))
			newProject(t, block(s, goodApp(s))+c.config).with(c.token).plan().passed(t)
			if got := paths(s); !slices.Equal(got, c.want) {
				t.Fatalf("requests %q, want %q", got, c.want)
			}
			if got := s.Connections(); got != c.connections {
				t.Errorf("%d connections, want %d", got, c.connections)
			}
			for _, r := range s.Requests() {
				checkHeader(t, r, agent)
			}
		})
	}
}

func checkHeader(t *testing.T, r pdfake.Request, agent *regexp.Regexp) {
	t.Helper()
	want := http.Header{
		"Authorization": {"Token token=" + r.Token}, "Accept": {"application/vnd.pagerduty+json;version=2"},
		"Cache-Control": {"no-cache"},
	}
	switch {
	case r.Listener == pdfake.ListenerIdentity:
		want.Del("Authorization")
		want.Del("Accept")
	case strings.HasPrefix(r.Token, "pdus+"):
		want.Set("Authorization", "Bearer "+r.Token)
	}
	for name := range want {
		if got := r.Header.Values(name); !slices.Equal(got, want[name]) {
			t.Errorf("%s has a different header %s", r.Path, name)
		}
	}
	if r.Listener == pdfake.ListenerIdentity && r.Header.Get("Authorization") != "" {
		t.Error("the identity host got a header Authorization")
	}
	if got := r.Header.Get("User-Agent"); !agent.MatchString(got) {
		t.Errorf("User-Agent: %s", got)
	}
}

// One case of each status, in Terraform and over TLS.
func TestAccStatus(t *testing.T) {
	t.Parallel()
	const denied = `{"error":{"message":"Access Denied","code":2010}}`
	for status, c := range map[string]struct {
		token   string
		options []pdfake.Option
		valid   string
		code    float64
	}{
		"valid":               {token: tokenAda, valid: "true", code: 200},
		"malformed":           {token: "Token token=" + tokenAda, valid: "false"},
		"unauthorized":        {token: tokenRevoked, valid: "false", code: 401},
		"forbidden":           {tokenAda, []pdfake.Option{faultAt("", pdfake.AnswerJSON(403, denied))}, "null", 403},
		"payment_required":    {token: tokenExpired, valid: "null", code: 402},
		"rate_limited":        {tokenAda, []pdfake.Option{faultAt("", pdfake.RateLimited(50))}, "null", 429},
		"unreachable":         {tokenAda, []pdfake.Option{pdfake.WithCertificate(pdfake.CertExpired)}, "null", 0},
		"server_error":        {tokenAda, []pdfake.Option{faultAt("", pdfake.AnswerHTML(503, "<html>"))}, "null", 503},
		"unexpected_response": {tokenAda, []pdfake.Option{faultAt("", pdfake.AnswerHTML(200, "<html>"))}, "null", 200},
		"not_allowed":         {token: tokenSandbox, valid: "false", code: 200},
	} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			s := startEmulator(t, c.options...)
			tf := newProject(t, block(s, tokenArgument(c.token)+"  max_retries = 0\n")+
				"data \"pagerdutyauth_credential\" \"this\" {\n  allowed_subdomains = [\"acme\"]\n"+
				"  on_failure = \"warning\"\n}\noutput \"result\" {\n  value = {\n    status = "+dataSource+".status\n"+
				"    valid = "+dataSource+".valid\n    code = "+dataSource+".http_status_code\n  }\n}\n")
			o := tf.apply()
			o.passed(t)
			want := map[string]any{"status": status, "valid": map[string]any{"true": true, "false": false}[c.valid], "code": nil}
			if c.code != 0 {
				want["code"] = c.code
			}
			if fmt.Sprint(o.outputs["result"]) != fmt.Sprint(want) {
				t.Errorf("got %v, want %v", o.outputs["result"], want)
			}
			tf.write("main.tf", strings.Replace(tf.read("main.tf"), "  on_failure = \"warning\"\n", "", 1))
			if status == "valid" {
				tf.plan().passed(t)
				return
			}
			if d := o.one(t); d.Severity != "warning" || d.Address != dataSource {
				t.Errorf("%s at %s: %s", d.Severity, d.Address, d.Summary)
			}
			tf.plan().ended(t, status)
		})
	}
}

// Two plans of the same configuration differ in nothing.
func TestAccCredentialDataSource_stable(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := newProject(t, block(s, "")+dataBlock+"output \"all\" {\n  value = "+dataSource+"\n}\n").with(tokenAda)
	tf.apply().passed(t)
	if o := tf.terraformRun("plan", "-detailed-exitcode", "-no-color", "-input=false"); o.failed {
		t.Errorf("the second plan has changes:\n%s", o.output)
	}
}

// The API URL can have a path prefix and a trailing slash.
func TestDataSource_pathPrefix(t *testing.T) {
	t.Parallel()
	s := startEmulator(t, pdfake.WithPathPrefix("/gateway/pd"))
	for _, slash := range []string{"", "/"} {
		provider := at(s, withToken(tokenAda).with(given{"api_url_override": str(s.URL() + slash)}))
		run(t, dataSourceCheck, provider, nil).passes(t)
	}
}

// Users install the provider from a filesystem mirror, with init.
func TestAccInstall_filesystemMirror(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := newProject(t, block(s, "")+dataBlock)
	mirror := t.TempDir()
	installLocal(t, mirror)
	tf.write("terraformrc", "provider_installation {\n  filesystem_mirror {\n    path = \""+
		strings.ReplaceAll(mirror, `\`, `/`)+"\"\n  }\n}\n")
	tf = tf.with(tokenAda)
	tf.terraformRun("init", "-no-color", "-input=false").passed(t)
	tf.plan().passed(t)
}
