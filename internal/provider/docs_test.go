package provider

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/scopes"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// constants are the string constants of shipped Go files whose names begin with
// prefix, in lower or upper case.
func constants(t *testing.T, prefix string, dirs ...string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range parsed.Decls {
				if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.CONST {
					addConstants(t, found, g, prefix)
				}
			}
		}
	}
	if len(found) == 0 {
		t.Fatalf("no constants %s* in %q", prefix, dirs)
	}
	return found
}

func addConstants(t *testing.T, found map[string]string, declaration *ast.GenDecl, prefix string) {
	t.Helper()
	for _, s := range declaration.Specs {
		spec, ok := s.(*ast.ValueSpec)
		if !ok {
			continue
		}
		for i, name := range spec.Names {
			if !strings.HasPrefix(strings.ToLower(name.Name), prefix) || i >= len(spec.Values) {
				continue
			}
			literal, ok := spec.Values[i].(*ast.BasicLit)
			if !ok {
				continue // another constant's value, which is found where it stands
			}
			value, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			found[name.Name] = value
		}
	}
}

// A person looks for the first line of a message, so each Summary is a heading
// of the troubleshooting guide, and each heading a Summary.
func TestDocs_everySummary(t *testing.T) {
	t.Parallel()
	const source = "templates/guides/troubleshooting.md.tmpl (then make generate)"
	p := readPage(t, "docs/guides/troubleshooting.md")
	summaries := constants(t, "summary", ".", "../explain")
	headings := map[string]bool{}
	for _, h := range p.headings {
		title, second := strings.CutPrefix(h, "## ")
		if !second {
			continue
		}
		if headings[title] {
			t.Errorf("%s: two headings %q", source, title)
		}
		headings[title] = true
		if !strings.Contains(p.prose, "(#"+slug(title)+")") {
			t.Errorf("%s: the list at the top does not lead to %q", source, title)
		}
	}
	for name, summary := range summaries {
		if !headings[summary] {
			t.Errorf("%s: no heading for %s: %q", source, name, summary)
		}
		delete(headings, summary)
	}
	for title := range headings {
		t.Errorf("%s: the heading %q is no message's first line", source, title)
	}
}

func TestDocs_everyVariable(t *testing.T) {
	t.Parallel()
	var rows []string
	for line := range strings.Lines(readPage(t, "docs/index.md").prose) {
		if strings.HasPrefix(line, "|") {
			rows = append(rows, line)
		}
	}
	for name, variable := range constants(t, "env", "../explain") {
		if !slices.ContainsFunc(rows, func(row string) bool { return strings.Contains(row, "| `"+variable+"` |") }) {
			t.Errorf("templates: no table of docs/index.md has %s (%s)", variable, name)
		}
	}
}

// examples are the texts of all files in examples/, one after the other.
func examples(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(filepath.Join(root, "examples"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// A configuration in the documentation is part of an example, which Terraform runs
// (TestAccExamples), or one that Terraform finds valid.
func TestAccDocs_snippets(t *testing.T) {
	t.Parallel()
	terraform(t)
	tested := examples(t)
	count := 0
	for _, p := range markdown(t, func(path string) bool { return inDocs(path) || path == "README.md" }) {
		for _, b := range p.blocks {
			if b.language != "terraform" && b.language != "hcl" {
				continue
			}
			count++
			// Terragrunt's files look the same, but are not Terraform's.
			if strings.Contains(tested, strings.TrimSpace(b.text)) || strings.Contains(b.text, "before_hook") {
				continue
			}
			t.Run(fmt.Sprintf("%s:%d", p.path, b.line), func(t *testing.T) {
				t.Parallel()
				validateSnippet(t, b.text)
			})
		}
	}
	if count < 10 {
		t.Errorf("only %d configurations were found: does this test still read them?", count)
	}
}

// validateSnippet has Terraform validate a part of a configuration. What the
// rest of it would declare may be missing.
func validateSnippet(t *testing.T, text string) {
	t.Helper()
	dir, err := tfrun.Standins()
	if err != nil {
		t.Fatal(err)
	}
	tf := emptyProject(t, map[string]string{"pagerduty/pagerduty": dir, "hashicorp/http": dir})
	for start, feature := range map[string]tfrun.Feature{
		"ephemeral \"":            tfrun.EphemeralResources,
		"action \"":               tfrun.Actions,
		"provider::pagerdutyauth": tfrun.Functions,
	} {
		if strings.Contains(text, start) {
			tf.needsFeature(feature)
		}
	}
	if !strings.Contains(text, "required_providers") {
		tf.write("providers.tf", `terraform {
  required_providers {
    pagerdutyauth = { source = "pagerdutyauth/pagerdutyauth" }
    pagerduty     = { source = "pagerduty/pagerduty" }
  }
}
`)
	}
	tf.write("main.tf", text)
	var result struct {
		Diagnostics []jsonDiagnostic `json:"diagnostics"`
	}
	output := tf.terraformRun("validate", "-json").output
	if err := json.Unmarshal([]byte(output), &result); err != nil {
		t.Fatalf("%v:\n%s", err, output)
	}
	for _, d := range result.Diagnostics {
		if d.Severity == "error" && !strings.HasPrefix(d.Summary, "Reference to undeclared") {
			t.Errorf("%s: %s", d.Summary, d.Detail)
		}
	}
}

// schemas is the provider as Terraform asks it, which reads no configuration.
func schemas(t *testing.T) *tfprotov6.GetProviderSchemaResponse {
	t.Helper()
	server, err := factories["pagerdutyauth"]()
	if err != nil {
		t.Fatal(err)
	}
	response, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// foreign are the names with underscores in the guides that are not this
// provider's.
var foreign = []string{
	"action_trigger", "before_destroy", "create_before_destroy", "depends_on", "for_each", "insecure_tls",
	"mock_ephemeral", "mock_provider", "proxy_ca_pem", "replace_triggered_by",
}

// knownNames are those of the schema, of kinds and statuses, and the foreign ones.
func knownNames(t *testing.T) map[string]bool {
	t.Helper()
	all := schemas(t)
	known := map[string]bool{}
	addBlock(known, all.Provider.Block)
	for name, schema := range all.DataSourceSchemas {
		known[name] = true
		addBlock(known, schema.Block)
	}
	for name, schema := range all.EphemeralResourceSchemas {
		known[name] = true
		addBlock(known, schema.Block)
	}
	for name, schema := range all.ActionSchemas {
		known[name] = true
		addBlock(known, schema.Schema.Block)
	}
	for name := range all.Functions {
		known[name] = true
	}
	for _, kind := range preflight.Kinds {
		known[string(kind)] = true
	}
	for _, t := range scopes.Load().Types {
		known[t.Name] = true
	}
	for _, status := range preflight.Statuses {
		known[string(status)] = true
	}
	for _, name := range slices.Concat(foreign, preflight.Roles) {
		known[name] = true
	}
	return known
}

func addBlock(known map[string]bool, b *tfprotov6.SchemaBlock) {
	addAttributes(known, b.Attributes)
	for _, inner := range b.BlockTypes {
		known[inner.TypeName] = true
		addBlock(known, inner.Block)
	}
}

func addAttributes(known map[string]bool, attributes []*tfprotov6.SchemaAttribute) {
	for _, a := range attributes {
		known[a.Name] = true
		if a.NestedType != nil {
			addAttributes(known, a.NestedType.Attributes)
		}
	}
}

// A name of the provider in the guides' prose is one that it has.
func TestDocs_names(t *testing.T) {
	t.Parallel()
	known := knownNames(t)
	name := regexp.MustCompile(`^[a-z]+(_[a-z]+)+$`)
	argument := regexp.MustCompile(`^([a-z_]+) = `)
	used := map[string]bool{}
	for _, p := range markdown(t, func(path string) bool { return strings.HasPrefix(path, "docs/guides/") }) {
		for _, code := range inlineCode.FindAllString(p.prose, -1) {
			code = strings.Trim(code, "`")
			if m := argument.FindStringSubmatch(code); m != nil {
				code = m[1]
			}
			if name.MatchString(code) && !known[code] {
				t.Errorf("%s: the provider has no %s", p.path, code)
			}
			used[code] = true
		}
	}
	for _, name := range foreign {
		if !used[name] {
			t.Errorf("no guide names %s: remove it from this test", name)
		}
	}
}
