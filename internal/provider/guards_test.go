package provider

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// A guard lets pass what it allows, stops what it does not, says what was found
// and what was allowed, and fails closed; on both surfaces the same.
func TestAccGuards(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		key, arguments string
		parts          []string // nil: it passes
	}{
		"subdomain":                 {keyAda, `allowed_subdomains = ["acme"]`, nil},
		"subdomain, other case":     {keyAda, `allowed_subdomains = ["ACME"]`, nil},
		"19 another account":        {keyOther, `allowed_subdomains = ["acme", "acme-prod"]`, []string{`Found: "acme-sandbox"`, `Allowed: "acme", "acme-prod"`, `"allowed_subdomains"`}},
		"subdomain not told":        {keyNoURL, `allowed_subdomains = ["acme"]`, []string{"could not be decided", "did not tell the account's subdomain"}},
		"type":                      {keyAccount, `allowed_token_types = ["account"]`, nil},
		"type, another":             {keyAda, `allowed_token_types = ["account"]`, []string{`Found: "user"`, `Allowed: "account"`}},
		"e-mail, other case":        {keyAda, `allowed_user_emails = ["ADA@acme.example"]`, nil},
		"e-mail, another":           {keyAda, `allowed_user_emails = ["bob@acme.example"]`, []string{`Found: "ada@acme.example"`}},
		"e-mail of an account key":  {keyAccount, `allowed_user_emails = ["ada@acme.example"]`, []string{"could not be decided", "belongs to no user"}},
		"role":                      {keyAda, `allowed_roles = ["admin", "owner"]`, nil},
		"role, another":             {keyObserver, `allowed_roles = ["admin"]`, []string{`Found: "observer"`}},
		"abilities":                 {keyAda, `required_abilities = ["sso", "teams"]`, nil},
		"abilities, one missing":    {keyAda, `required_abilities = ["sso", "coordinated_responding"]`, []string{`Missing: "coordinated_responding"`}},
		"two at once, both are met": {keyAda, "allowed_roles = [\"admin\"]\n  allowed_subdomains = [\"acme\"]", nil},
	} {
		for _, surface := range []string{"data", "ephemeral"} {
			t.Run(name+"/"+surface, func(t *testing.T) {
				t.Parallel()
				s := world(t)
				b := newBench(t, block(s, tokenArgument(c.key))+surface+" \"pagerdutyauth_credential\" \"this\" {\n  "+c.arguments+"\n}\n")
				if surface == "ephemeral" {
					b.needs(1, 10, 1, 11)
				}
				o := b.plan()
				if c.parts == nil {
					if o.failed {
						t.Fatal(o.output)
					}
					return
				}
				if !o.failed {
					t.Fatal("it passed")
				}
				d := slices.IndexFunc(o.diagnostics, func(d jsonDiagnostic) bool { return d.Severity == "error" })
				if d < 0 || o.diagnostics[d].Summary != summaryNotAllowed {
					t.Fatal(o.output)
				}
				for _, part := range c.parts {
					if !strings.Contains(flat(o.diagnostics[d].Detail), part) {
						t.Errorf("the detail lacks %s:\n%s", part, o.diagnostics[d].Detail)
					}
				}
			})
		}
	}
}

func TestAccGuards_invalid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ arguments, part string }{
		"empty set":        {`allowed_subdomains = []`, "an empty set allows nothing"},
		"URL":              {`allowed_subdomains = ["https://acme.pagerduty.com"]`, `"acme", not`},
		"host":             {`allowed_subdomains = ["acme.pagerduty.com"]`, `"acme", not`},
		"token type":       {`allowed_token_types = ["admin"]`, `"user", "account" and "app_oauth"`},
		"e-mail":           {`allowed_user_emails = ["ada"]`, "not an e-mail address"},
		"empty role":       {`allowed_roles = [""]`, "never be met"},
		"empty ability":    {`required_abilities = [" "]`, "never be met"},
		"other on_failure": {`on_failure = "ignore"`, `"error" or "warning"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, "provider \"pagerdutyauth\" {}\ndata \"pagerdutyauth_credential\" \"this\" {\n  "+c.arguments+"\n}\n")
			o := b.terraformRun("validate", "-no-color")
			if !o.failed || !strings.Contains(flat(o.output), c.part) {
				t.Errorf("the output lacks %s:\n%s", c.part, o.output)
			}
		})
	}
}

func TestAccGuards_skippedFailsClosed(t *testing.T) {
	t.Parallel()
	s := world(t)
	b := newBench(t, block(s, "  skip_credentials_validation = true\n")+"data \"pagerdutyauth_credential\" \"this\" {\n  allowed_subdomains = [\"acme\"]\n}\n")
	if d := b.plan().one(t); d.Summary != summaryNotAllowed || !strings.Contains(d.Detail, "skip_credentials_validation") {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
}

// Abilities are asked for beside the identity, and only where somebody wants them.
func TestAccGuards_abilities(t *testing.T) {
	t.Parallel()
	s := world(t)
	b := newBench(t, block(s, tokenArgument(keyAda))+"data \"pagerdutyauth_credential\" \"this\" {\n  include_abilities = true\n}\noutput \"abilities\" {\n  value = data.pagerdutyauth_credential.this.abilities\n}\n")
	o := b.apply()
	if got := fmt.Sprint(o.outputs["abilities"]); got != "[advanced_permissions sso teams]" {
		t.Errorf("abilities %s\n%s", got, o.output)
	}
	if got := paths(s); len(got) != 2 {
		t.Errorf("requests %q", got)
	}
}

// 20: a token that is good in the plan and bad in the apply of the saved plan is
// stopped there, before the resource behind the check is created. Nothing of
// the check is in the plan file or the state.
func TestAccEphemeral_savedPlanWithABadKey(t *testing.T) {
	t.Parallel()
	s := world(t, pdfake.WithKey(pdfake.Key{Token: marker, Kind: pdfake.UserKey, Account: "acme", User: "PADA001"}))
	b := newBench(t, block(s, "")+`
ephemeral "pagerdutyauth_credential" "this" {
  allowed_subdomains = ["acme"]
}
resource "terraform_data" "standin" {
  input      = "created behind the check"
  depends_on = [ephemeral.pagerdutyauth_credential.this]
}
`)
	b.needs(1, 10, 1, 11)
	good := slices.Clone(b.env)
	b.setenv("PAGERDUTY_TOKEN", marker)
	if o := b.terraformRun("plan", "-no-color", "-input=false", "-out=plan"); o.failed {
		t.Fatal(o.output)
	}
	shown := b.terraformRun("show", "-json", "plan").output
	for _, part := range []string{"Ada Lovelace", "ada@acme.example", "****" + marker[len(marker)-4:]} {
		if strings.Contains(shown, part) {
			t.Errorf("the plan file holds %q", part)
		}
	}
	b.searchFiles(t)

	b.env = append(slices.Clone(good), "PAGERDUTY_TOKEN="+keyRevoked)
	o := b.terraformRun("apply", "-no-color", "-input=false", "plan")
	if !o.failed || !strings.Contains(flat(o.output), summaryUnauthorized) {
		t.Errorf("the bad key was not stopped:\n%s", o.output)
	}
	if created := b.resources(); len(created) > 0 {
		t.Errorf("behind the check was created %q", created)
	}

	b.env = append(slices.Clone(good), "PAGERDUTY_TOKEN="+marker)
	if o := b.terraformRun("apply", "-no-color", "-input=false", "-auto-approve"); o.failed {
		t.Fatal(o.output)
	}
	if created := b.resources(); !slices.Equal(created, []string{"terraform_data.standin"}) {
		t.Errorf("the valid token created %q", created)
	}
	// The address of the check stands in the resource's dependencies; nothing
	// that the check learned stands anywhere.
	state := b.read("terraform.tfstate")
	for _, part := range []string{"Ada Lovelace", "ada@acme.example", "PADA001", `"mode": "ephemeral"`} {
		if strings.Contains(state, part) {
			t.Errorf("the state holds %s", part)
		}
	}
	b.searchFiles(t)
}

// 11: a token that is unknown at plan is deferred by Terraform to apply, and the
// environment's is not used in its place.
func TestAccEphemeral_unknownTokenIsDeferred(t *testing.T) {
	t.Parallel()
	s := world(t)
	b := newBench(t, "resource \"terraform_data\" \"token\" {\n  input = \""+keyAda+"\"\n}\n"+block(s, "")+`
ephemeral "pagerdutyauth_credential" "this" {
  token = terraform_data.token.output
}
`)
	b.needs(1, 10, 1, 11)
	b.setenv("PAGERDUTY_TOKEN", keyAccount)
	if o := b.plan(); o.failed {
		t.Fatal(o.output)
	}
	if n := len(s.Requests()); n != 0 {
		t.Fatalf("%d requests while planning", n)
	}
	if o := b.apply(); o.failed {
		t.Fatal(o.output)
	}
	requests := s.Requests()
	if len(requests) == 0 {
		t.Error("no request while applying")
	}
	for _, r := range requests {
		if r.Token != keyAda {
			t.Error("another token was sent")
		}
	}
}

// 200 keys, one bad in the middle: each judged by its own instance, over one
// connection a process, with one request a key.
func TestAccEphemeral_manyKeys(t *testing.T) {
	t.Parallel()
	const count, bad = 200, 101
	var options []pdfake.Option
	tokens := map[string]string{}
	for i := range count {
		key := fmt.Sprintf("u+ManyKeys000000%04d", i)
		tokens[fmt.Sprintf("team-%03d", i)] = key
		options = append(options, pdfake.WithKey(pdfake.Key{Token: key, Kind: pdfake.UserKey, Account: "acme", User: "PADA001", Revoked: i == bad}))
	}
	s := world(t, options...)
	b := newBench(t, `
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
	b.needs(1, 10, 1, 11)
	names := make([]string, 0, count)
	for name := range tokens {
		names = append(names, name)
	}
	variables, err := json.Marshal(map[string]any{"tokens": tokens, "names": names})
	if err != nil {
		t.Fatal(err)
	}
	b.write("terraform.tfvars.json", string(variables))
	o := b.plan()
	if d := o.one(t); d.Summary != summaryUnauthorized || !strings.Contains(d.Address, fmt.Sprintf("team-%03d", bad)) {
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
