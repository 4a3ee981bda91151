package provider

import (
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

const dataSource = "data.pagerdutyauth_credential.this"

// expect checks the whole state of the data source: an attribute that is not
// named must be null.
func expect(values map[string]knownvalue.Check) []statecheck.StateCheck {
	var checks []statecheck.StateCheck
	for name := range resultDescriptions {
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

func TestAccCredentialDataSource_userKey(t *testing.T) {
	t.Parallel()
	s := world(t)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: block(s, tokenArgument(keyAda)) + `data "pagerdutyauth_credential" "this" {}`,
			ConfigStateChecks: expect(map[string]knownvalue.Check{
				"valid": knownvalue.Bool(true), "status": text("valid"), "http_status_code": knownvalue.Int64Exact(200),
				"token_type": text("user"), "token_source": text("provider configuration"), "token_preview": text("****0001"),
				"subdomain": text("acme"), "service_region": text("us"),
				"user": knownvalue.ObjectExact(map[string]knownvalue.Check{
					"id": text("PADA001"), "name": text("Ada Lovelace"), "email": text("ada@acme.example"), "role": text("admin"),
					"job_title": text("Engineer"), "time_zone": text("Europe/London"), "html_url": text("https://acme.pagerduty.com/users/PADA001"),
					"teams": knownvalue.ListExact([]knownvalue.Check{
						knownvalue.ObjectExact(map[string]knownvalue.Check{"id": text("PTEAM01"), "name": text("Platform")}),
						knownvalue.ObjectExact(map[string]knownvalue.Check{"id": text("PTEAM02"), "name": text("Analysis")}),
					}),
				}),
			}),
		}},
	})
}

func TestAccCredentialDataSource_accountKey(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]string{"full": keyAccount, "read-only": keyReadOnly} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := world(t)
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{{
					Config: block(s, tokenArgument(key)) + `data "pagerdutyauth_credential" "this" {}`,
					ConfigStateChecks: expect(map[string]knownvalue.Check{
						"valid": knownvalue.Bool(true), "status": text("valid"), "http_status_code": knownvalue.Int64Exact(200),
						"token_type": text("account"), "token_source": text("provider configuration"), "token_preview": text("****" + key[len(key)-4:]),
						"subdomain": text("acme"), "service_region": text("us"),
					}),
				}},
			})
		})
	}
}

// What a plan costs, and what is sent, exactly: with several data sources one
// request for a user's key and two for an account's.
func TestAccCredentialDataSource_requests(t *testing.T) {
	t.Parallel()
	const three = "data \"pagerdutyauth_credential\" \"a\" {}\ndata \"pagerdutyauth_credential\" \"b\" {}\ndata \"pagerdutyauth_credential\" \"c\" {}\n"
	for name, c := range map[string]struct {
		key  string
		want []string
	}{
		"user":    {keyAda, []string{"GET /users/me"}},
		"account": {keyAccount, []string{"GET /users/me", "GET /users?limit=1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := world(t)
			b := newBench(t, block(s, "")+three)
			b.setenv("PAGERDUTY_TOKEN", c.key)
			if o := b.plan(); o.failed {
				t.Fatal(o.output)
			}
			if got := paths(s); !slices.Equal(got, c.want) {
				t.Fatalf("requests %q, want %q", got, c.want)
			}
			for _, r := range s.Requests() {
				if got := r.Header.Values("Authorization"); len(got) != 1 || got[0] != "Token token="+c.key {
					t.Error("the Authorization header is not exactly Token token=<key>")
				}
				if got := r.Header.Get("Accept"); got != "application/vnd.pagerduty+json;version=2" {
					t.Errorf("Accept: %s", got)
				}
				if got := r.Header.Get("User-Agent"); !regexp.MustCompile(`^terraform-provider-pagerdutyauth/\S+ Terraform/\d+\.\d+\.\S+ \(\w+/\w+\)$`).MatchString(got) {
					t.Errorf("User-Agent: %s", got)
				}
				if r.Proto != "HTTP/2.0" {
					t.Errorf("protocol %s", r.Proto)
				}
			}
			if got := s.Connections(); got != 1 {
				t.Errorf("%d connections, want 1", got)
			}
		})
	}
}

func TestAccCredentialDataSource_pathPrefix(t *testing.T) {
	t.Parallel()
	s := world(t, pdfake.WithPathPrefix("/gateway/pd"))
	for _, slash := range []string{"", "/"} {
		b := newBench(t, blockAt(s.URL()+slash, s.CAPEM(), tokenArgument(keyAda))+`data "pagerdutyauth_credential" "this" {}`)
		if o := b.plan(); o.failed {
			t.Fatal(o.output)
		}
	}
}

// Two plans of the same world differ in nothing.
func TestAccCredentialDataSource_stable(t *testing.T) {
	t.Parallel()
	s := world(t)
	b := newBench(t, block(s, "")+"data \"pagerdutyauth_credential\" \"this\" {}\noutput \"all\" {\n  value = data.pagerdutyauth_credential.this\n}\n")
	b.setenv("PAGERDUTY_TOKEN", keyAda)
	if o := b.apply(); o.failed {
		t.Fatal(o.output)
	}
	if o := b.terraformRun("plan", "-detailed-exitcode", "-no-color", "-input=false"); o.failed {
		t.Fatalf("the second plan wants to change something:\n%s", o.output)
	}
}

func TestAccCredentialDataSource_skipped(t *testing.T) {
	t.Parallel()
	s := world(t)
	b := newBench(t, block(s, "  skip_credentials_validation = true\n  token = \"<your-token>\"")+"data \"pagerdutyauth_credential\" \"this\" {}\noutput \"status\" {\n  value = data.pagerdutyauth_credential.this.status\n}\noutput \"valid\" {\n  value = data.pagerdutyauth_credential.this.valid == null ? \"null\" : \"set\"\n}\n")
	o := b.apply()
	if o.failed || o.outputs["status"] != "unverified" || o.outputs["valid"] != "null" {
		t.Fatalf("outputs %v\n%s", o.outputs, o.output)
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// The provider as a user installs it: from a filesystem mirror, by init.
func TestAccInstall_filesystemMirror(t *testing.T) {
	t.Parallel()
	s := world(t)
	b := newBench(t, block(s, "")+`data "pagerdutyauth_credential" "this" {}`)
	mirror := t.TempDir()
	installLocal(t, mirror)
	b.write("terraformrc", "provider_installation {\n  filesystem_mirror {\n    path = \""+strings.ReplaceAll(mirror, `\`, `/`)+"\"\n  }\n}\n")
	b.setenv("PAGERDUTY_TOKEN", keyAda)
	if o := b.terraformRun("init", "-no-color", "-input=false"); o.failed {
		t.Fatal(o.output)
	}
	if o := b.plan(); o.failed {
		t.Fatal(o.output)
	}
	if n := len(s.Requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}
