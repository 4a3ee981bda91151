package provider

import (
	"fmt"
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

const (
	dataSource = "data.pagerdutyauth_credential.this"
	dataBlock  = "data \"pagerdutyauth_credential\" \"this\" {}\n"
)

// expect checks the whole state of the data source: a result that is not named must
// be null.
func expect(values map[string]knownvalue.Check) []statecheck.StateCheck {
	var checks []statecheck.StateCheck
	for name, attribute := range resultAttributes() {
		if !attribute.IsComputed() {
			continue
		}
		check, named := values[name]
		if !named {
			check = knownvalue.Null()
		}
		checks = append(checks, statecheck.ExpectKnownValue(dataSource, tfjsonpath.New(name), check))
	}
	return checks
}

func text(s string) knownvalue.Check { return knownvalue.StringExact(s) }

// paths are the requests that reached the emulator, in order.
func paths(s *pdfake.Server) []string {
	var all []string
	for _, r := range s.Requests() {
		path := r.Method + " " + r.Path
		if r.RawQuery != "" {
			path += "?" + r.RawQuery
		}
		all = append(all, path)
	}
	return all
}

func TestAccCredentialDataSource_userToken(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	team := func(id, name string) knownvalue.Check {
		return knownvalue.ObjectExact(map[string]knownvalue.Check{"id": text(id), "name": text(name)})
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: block(s, tokenArgument(tokenAda)) + dataBlock,
			ConfigStateChecks: expect(map[string]knownvalue.Check{
				"valid":            knownvalue.Bool(true),
				"status":           text("valid"),
				"http_status_code": knownvalue.Int64Exact(200),
				"token_type":       text("user"),
				"token_source":     text("provider configuration"),
				"token_preview":    text("****0001"),
				"subdomain":        text("acme"),
				"service_region":   text("us"),
				"user": knownvalue.ObjectExact(map[string]knownvalue.Check{
					"id":        text("PADA001"),
					"name":      text("Ada Lovelace"),
					"email":     text("ada@acme.example"),
					"role":      text("admin"),
					"job_title": text("Engineer"),
					"time_zone": text("Europe/London"),
					"html_url":  text("https://acme.pagerduty.com/users/PADA001"),
					"teams":     knownvalue.ListExact([]knownvalue.Check{team("PTEAM01", "Platform"), team("PTEAM02", "Analysis")}),
				}),
			}),
		}},
	})
}

// 04: an account API token is valid, with either form of access.
func TestAccCredentialDataSource_accountToken(t *testing.T) {
	t.Parallel()
	for name, token := range map[string]string{"full access": tokenAccount, "read-only": tokenReadOnly} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startEmulator(t)
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{{
					Config: block(s, tokenArgument(token)) + dataBlock,
					ConfigStateChecks: expect(map[string]knownvalue.Check{
						"valid":            knownvalue.Bool(true),
						"status":           text("valid"),
						"http_status_code": knownvalue.Int64Exact(200),
						"token_type":       text("account"),
						"token_source":     text("provider configuration"),
						"token_preview":    text("****" + token[len(token)-4:]),
						"subdomain":        text("acme"),
						"service_region":   text("us"),
					}),
				}},
			})
		})
	}
}

var agentPattern = regexp.MustCompile(
	`^terraform-provider-pagerdutyauth/\S+ \(\w+/\w+\) (Terraform|OpenTofu|Terraform-compatible)/\d+\.\d+\.\S+$`)

// What a plan costs, and what is sent, exactly: with several data sources one
// request for a user API token and two for an account API token.
func TestAccCredentialDataSource_requests(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		token string
		want  []string
	}{
		"user":    {token: tokenAda, want: []string{"GET /users/me"}},
		"account": {token: tokenAccount, want: []string{"GET /users/me", "GET /users?limit=1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startEmulator(t)
			tf := newProject(t, block(s, "")+"data \"pagerdutyauth_credential\" \"this\" {\n  count = 3\n}\n")
			tf.setenv("PAGERDUTY_TOKEN", c.token)
			tf.plan().passed(t)
			if got := paths(s); !slices.Equal(got, c.want) {
				t.Fatalf("requests %q, want %q", got, c.want)
			}
			for _, r := range s.Requests() {
				if r.Proto != "HTTP/2.0" {
					t.Errorf("protocol %s", r.Proto)
				}
				checkHeader(t, r.Header, c.token)
			}
			if got := s.Connections(); got != 1 {
				t.Errorf("%d connections, want 1", got)
			}
		})
	}
}

func checkHeader(t *testing.T, h http.Header, token string) {
	t.Helper()
	if got := h.Values("Authorization"); len(got) != 1 || got[0] != "Token token="+token {
		t.Error("the Authorization header is not exactly Token token=<API token>")
	}
	if got := h.Get("Accept"); got != "application/vnd.pagerduty+json;version=2" {
		t.Errorf("Accept: %s", got)
	}
	if got := h.Get("User-Agent"); !agentPattern.MatchString(got) {
		t.Errorf("User-Agent: %s", got)
	}
}

// Abilities are read at the same time as the identity, and only on request.
func TestDataSource_abilities(t *testing.T) {
	t.Parallel()
	for _, surface := range []string{dataSurface, ephemeralSurface} {
		server := startEmulator(t)
		a := run(t, surface, at(server, withToken(tokenAda)), arguments{"include_abilities": truth(true)})
		a.passes(t)
		if got := a.values["abilities"]; !got.Equal(words("advanced_permissions", "sso", "teams")) {
			t.Errorf("abilities %s", got)
		}
		if got := paths(server); len(got) != 2 {
			t.Errorf("requests %q", got)
		}
	}
}

// Guards compare the whole of what PagerDuty answers; a result over its bound is null,
// with a warning, so that Terraform is not stalled by comparing thousands of elements.
func TestDataSource_manyAbilities(t *testing.T) {
	t.Parallel()
	abilities := make([]string, 3000)
	for i := range abilities {
		abilities[i] = fmt.Sprintf("ability_%04d", i)
	}
	many := []pdfake.Option{
		pdfake.WithAccount(pdfake.Account{Subdomain: "many", Abilities: abilities}),
		pdfake.WithAPIToken(pdfake.APIToken{Token: marker, Kind: pdfake.AccountToken, Account: "many"}),
		pdfake.WithUser(pdfake.User{Account: "many", ID: "PMANY01", Name: "Many", Email: "many@acme.example", Role: "owner"}),
	}
	check := func(ability string) answer {
		guard := arguments{"required_abilities": words(ability), "include_abilities": truth(true)}
		return run(t, dataSurface, at(startEmulator(t, many...), withToken(marker)), guard)
	}
	a := check("ability_2999")
	if all := a.warnings(); len(a.errors()) > 0 || len(all) != 1 || all[0].Summary != summaryGaps {
		t.Errorf("want one warning:%s", describe(a.diagnostics))
	}
	if v := a.values["abilities"]; !v.IsNull() {
		t.Error("abilities is not null")
	}
	check("ability_3000").fails(t, summaryNotAllowed, "required_abilities")
}

// The address can have a path prefix and a trailing slash.
func TestDataSource_pathPrefix(t *testing.T) {
	t.Parallel()
	server := startEmulator(t, pdfake.WithPathPrefix("/gateway/pd"))
	for _, slash := range []string{"", "/"} {
		provider := at(server, arguments{"token": word(tokenAda), "api_url_override": word(server.URL() + slash)})
		run(t, dataSurface, provider, nil).passes(t)
	}
}

// Two plans of the same configuration differ in nothing.
func TestAccCredentialDataSource_stable(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := newProject(t, block(s, "")+dataBlock+"output \"all\" {\n  value = "+dataSource+"\n}\n")
	tf.setenv("PAGERDUTY_TOKEN", tokenAda)
	tf.apply().passed(t)
	if o := tf.terraformRun("plan", "-detailed-exitcode", "-no-color", "-input=false"); o.failed {
		t.Fatalf("the second plan wants to change something:\n%s", o.output)
	}
}

// Where validation is skipped, nothing is sent, and nothing is said of the value.
func TestDataSource_skipped(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{"placeholder": "<your-token>", "none": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := startEmulator(t)
			provider := with(withToken(value), arguments{"skip_credentials_validation": truth(true)})
			a := run(t, dataSurface, at(server, provider), nil)
			a.passes(t)
			if got := a.text(t, "status") + " " + a.text(t, "valid"); got != "unverified null" {
				t.Errorf("got %s", got)
			}
			if n := len(server.Requests()); n != 0 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// The provider as a user installs it: from a filesystem mirror, by init.
func TestAccInstall_filesystemMirror(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	tf := newProject(t, block(s, "")+dataBlock)
	mirror := t.TempDir()
	installLocal(t, mirror)
	tf.write("terraformrc", "provider_installation {\n  filesystem_mirror {\n    path = \""+
		strings.ReplaceAll(mirror, `\`, `/`)+"\"\n  }\n}\n")
	tf.setenv("PAGERDUTY_TOKEN", tokenAda)
	tf.terraformRun("init", "-no-color", "-input=false").passed(t)
	tf.plan().passed(t)
	if n := len(s.Requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}
