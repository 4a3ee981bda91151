package provider

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	ctymsgpack "github.com/zclconf/go-cty/cty/msgpack"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// root is the repository's directory.
var root = filepath.Join("..", "..")

const repository = "https://github.com/pagerdutyauth/terraform-provider-pagerdutyauth/blob/main/"

// page is a Markdown file.
type page struct {
	path     string // from the root, with slashes
	prose    string // all lines that are in no code block
	blocks   []codeBlock
	headings []string // "## Title", without backticks
}

type codeBlock struct {
	language, text string
	line           int // of its first line in the file
}

// readPage splits a Markdown file at its code blocks.
func readPage(t *testing.T, path string) page {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	p := page{path: path}
	var open *codeBlock
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		trimmed := strings.TrimSpace(line)
		switch {
		case open == nil && strings.HasPrefix(trimmed, "```"):
			open = &codeBlock{language: strings.TrimPrefix(trimmed, "```"), line: number + 1}
		case open != nil && trimmed == "```":
			p.blocks = append(p.blocks, *open)
			open = nil
		case open != nil:
			open.text += line
		default:
			p.prose += line
			if strings.HasPrefix(line, "#") {
				p.headings = append(p.headings, strings.ReplaceAll(trimmed, "`", ""))
			}
		}
	}
	if open != nil {
		t.Errorf("%s: the code block of line %d has no end", path, open.line)
	}
	return p
}

// markdown are the pages of which the path, from the root, is wanted.
func markdown(t *testing.T, wanted func(path string) bool) []page {
	t.Helper()
	var all []page
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		switch {
		case entry.IsDir() && slices.Contains([]string{".git", "bin", "dist", "internal", "tools"}, rel):
			return filepath.SkipDir
		case !entry.IsDir() && strings.HasSuffix(rel, ".md") && wanted(rel):
			all = append(all, readPage(t, rel))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("there are no pages")
	}
	return all
}

func inDocs(path string) bool { return strings.HasPrefix(path, "docs/") }

// constants are the string constants of a Go file whose names begin with prefix.
func constants(t *testing.T, file, prefix string) map[string]string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		for i, name := range spec.Names {
			if !strings.HasPrefix(name.Name, prefix) || i >= len(spec.Values) {
				continue
			}
			literal, ok := spec.Values[i].(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				t.Errorf("%s: %s is no plain string, so that this test cannot read it", file, name.Name)
				continue
			}
			value, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			found[name.Name] = value
		}
		return true
	})
	if len(found) == 0 {
		t.Fatalf("%s has no constants %s*", file, prefix)
	}
	return found
}

// A person looks for the first line of a message, so each Summary is a heading
// of the troubleshooting guide, and each heading a Summary.
func TestDocs_everySummary(t *testing.T) {
	t.Parallel()
	const source = "templates/guides/troubleshooting.md.tmpl (then make generate)"
	p := readPage(t, "docs/guides/troubleshooting.md")
	summaries := constants(t, "diagnostics.go", "summary")
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

var (
	inlineCode = regexp.MustCompile("`[^`\n]+`")
	linkTarget = regexp.MustCompile(`\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)*)(?:\s+"[^"]*")?\)|(?m:^\[[^\]]+\]:\s*(\S+))|(?:src|href)="([^"]+)"`)
	htmlAnchor = regexp.MustCompile(`(?:id|name)="([^"]+)"`)
)

// slug is the anchor that GitHub gives a heading.
func slug(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-', r == '_', unicode.IsLetter(r), unicode.IsDigit(r):
			return unicode.ToLower(r)
		default:
			return -1
		}
	}, heading)
}

func (p page) anchors() map[string]bool {
	all := map[string]bool{}
	for _, h := range p.headings {
		anchor := slug(strings.TrimSpace(strings.TrimLeft(h, "#")))
		unique := anchor
		for n := 1; all[unique]; n++ {
			unique = fmt.Sprintf("%s-%d", anchor, n)
		}
		all[unique] = true
	}
	for _, m := range htmlAnchor.FindAllStringSubmatch(p.prose, -1) {
		all[m[1]] = true
	}
	return all
}

// links are the targets of a page's links and pictures.
func (p page) links() []string {
	var all []string
	for _, m := range linkTarget.FindAllStringSubmatch(inlineCode.ReplaceAllString(p.prose, "code"), -1) {
		all = append(all, m[1]+m[2]+m[3])
	}
	return all
}

func TestDocs_links(t *testing.T) {
	t.Parallel()
	pages := markdown(t, func(path string) bool { return inDocs(path) || !strings.Contains(path, "/") })
	count := 0
	for _, p := range pages {
		for _, link := range p.links() {
			count++
			if why := broken(t, p, link); why != "" {
				t.Errorf("%s: the link %s %s", p.path, link, why)
			}
		}
	}
	if count < 20 {
		t.Errorf("only %d links were found: does this test still read them?", count)
	}
}

// broken says why a link leads nowhere, "" if it does not. What is outside of
// this repository is not asked.
func broken(t *testing.T, p page, link string) string {
	t.Helper()
	own := strings.HasPrefix(link, repository)
	u, err := url.Parse(strings.TrimPrefix(link, repository))
	switch {
	case err != nil:
		return err.Error()
	case u.Scheme == "https" || u.Scheme == "mailto":
		return ""
	case u.Scheme != "" || strings.HasPrefix(u.Path, "/"):
		return "is neither relative nor https"
	}
	target := p.path
	if own {
		target = u.Path
	} else if u.Path != "" {
		target = filepath.ToSlash(filepath.Join(filepath.Dir(filepath.FromSlash(p.path)), filepath.FromSlash(u.Path)))
		// The Registry has the pages of docs/ only, and takes their ending away.
		if inDocs(p.path) && (!inDocs(target) || !strings.HasSuffix(target, ".md")) {
			return "leads out of docs/, where the Registry has nothing"
		}
	}
	if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(target))); err != nil {
		return "leads to no file"
	}
	if u.Fragment == "" {
		return ""
	}
	if !strings.HasSuffix(target, ".md") || !readPage(t, target).anchors()[u.Fragment] {
		return "leads to no heading"
	}
	return ""
}

func TestDocs_brokenLinks(t *testing.T) {
	t.Parallel()
	from := page{path: "docs/guides/security.md"}
	for link, want := range map[string]bool{
		"troubleshooting.md": false, "../index.md": false, "troubleshooting.md#invalid-timeout": false, "https://example.com/x": false,
		repository + "SECURITY.md": false, repository + "SECURITY.txt": true,
		"nowhere.md": true, "troubleshooting": true, "../../README.md": true, "troubleshooting.md#nowhere": true, "/docs/index.md": true,
		"http://example.com": true, "#nowhere": true,
	} {
		if why := broken(t, from, link); (why != "") != want {
			t.Errorf("%s: broken %t (%s), want %t", link, why != "", why, want)
		}
	}
	p := page{prose: "[a](b.md) ![c](d.svg \"e\") `[f](g.md)` <img src=\"h.svg\">\n[i]: j.md\n[k](l_(m).md)\n"}
	if got := fmt.Sprint(p.links()); got != "[b.md d.svg h.svg j.md l_(m).md]" {
		t.Errorf("links %s", got)
	}
	p = page{headings: []string{"# Two", "## Two", "### What's `x_y`, here?"}, prose: `<a id="z"></a>`}
	for _, want := range []string{"two", "two-1", "whats-x_y-here", "z"} {
		if !p.anchors()[want] {
			t.Errorf("no anchor %s in %v", want, p.anchors())
		}
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
	for name, variable := range constants(t, "config.go", "env") {
		if !slices.ContainsFunc(rows, func(row string) bool { return strings.Contains(row, "| `"+variable+"` |") }) {
			t.Errorf("templates/index.md.tmpl: no table has %s (%s)", variable, name)
		}
	}
}

// schemas is the provider as Terraform asks it, which reads no configuration.
func schemas(t *testing.T) (tfprotov6.ProviderServer, *tfprotov6.GetProviderSchemaResponse) {
	t.Helper()
	server, err := factories["pagerdutyauth"]()
	if err != nil {
		t.Fatal(err)
	}
	response, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return server, response
}

// snippets judges HCL by the provider's schema and its own validation.
type snippets struct {
	t       *testing.T
	server  tfprotov6.ProviderServer
	schemas *tfprotov6.GetProviderSchemaResponse
	where   string
	judged  map[string]int // blocks by their kind
}

func (s *snippets) errorf(r hcl.Range, format string, args ...any) {
	s.t.Helper()
	s.t.Errorf("%s:%d: %s", s.where, r.Start.Line, fmt.Sprintf(format, args...))
}

// Every configuration in the documentation is one that the provider takes.
func TestDocs_configurations(t *testing.T) {
	t.Parallel()
	s := &snippets{t: t, judged: map[string]int{}}
	s.server, s.schemas = schemas(t)
	for _, p := range markdown(t, func(path string) bool { return inDocs(path) || path == "README.md" }) {
		for _, b := range p.blocks {
			if b.language != "terraform" && b.language != "hcl" {
				continue
			}
			s.where = p.path
			file, diags := hclsyntax.ParseConfig([]byte(b.text), p.path, hcl.Pos{Line: b.line, Column: 1})
			if diags.HasErrors() {
				t.Error(diags)
				continue
			}
			body, ok := file.Body.(*hclsyntax.Body)
			if !ok {
				t.Fatalf("%T", file.Body)
			}
			s.references(body)
			s.blocks(body)
		}
	}
	for _, kind := range []string{"provider", "data", "ephemeral", "action"} {
		if s.judged[kind] == 0 {
			t.Errorf("no block %q was found: does this test still read them?", kind)
		}
	}
}

// blocks judges the provider's blocks, wherever they are.
func (s *snippets) blocks(body *hclsyntax.Body) {
	s.t.Helper()
	ctx := s.t.Context()
	for _, b := range body.Blocks {
		var schema *tfprotov6.Schema
		var validate func(*tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error)
		config, meta := b.Body, []string{"provider", "count", "for_each", "depends_on", "lifecycle"}
		switch label := append(b.Labels, "")[0]; {
		case !strings.HasPrefix(label, "pagerdutyauth") || b.Type == "mock_provider":
		case b.Type == "provider":
			schema, meta = s.schemas.Provider, []string{"alias"}
			validate = func(v *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
				r, err := s.server.ValidateProviderConfig(ctx, &tfprotov6.ValidateProviderConfigRequest{Config: v})
				return r.Diagnostics, err
			}
		case b.Type == "data" && s.schemas.DataSourceSchemas[label] != nil:
			schema = s.schemas.DataSourceSchemas[label]
			validate = func(v *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
				r, err := s.server.ValidateDataResourceConfig(ctx, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: label, Config: v})
				return r.Diagnostics, err
			}
		case b.Type == "ephemeral" && s.schemas.EphemeralResourceSchemas[label] != nil:
			schema = s.schemas.EphemeralResourceSchemas[label]
			validate = func(v *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
				r, err := s.server.ValidateEphemeralResourceConfig(ctx, &tfprotov6.ValidateEphemeralResourceConfigRequest{TypeName: label, Config: v})
				return r.Diagnostics, err
			}
		case b.Type == "action" && s.schemas.ActionSchemas[label] != nil:
			schema, meta = s.schemas.ActionSchemas[label].Schema, nil
			validate = func(v *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
				actions, ok := s.server.(tfprotov6.ActionServer)
				if !ok {
					s.t.Fatal("the provider serves no actions")
				}
				r, err := actions.ValidateActionConfig(ctx, &tfprotov6.ValidateActionConfigRequest{ActionType: label, Config: v})
				return r.Diagnostics, err
			}
			config = s.actionConfig(b)
		default:
			s.errorf(b.DefRange(), "the provider has no %s %q", b.Type, label)
		}
		if schema != nil {
			s.judged[b.Type]++
			s.validate(b, s.object(config, schema.Block, meta), validate)
		}
		s.blocks(b.Body)
	}
}

// actionConfig is what the block "config" of an action holds.
func (s *snippets) actionConfig(b *hclsyntax.Block) *hclsyntax.Body {
	s.t.Helper()
	config := &hclsyntax.Body{SrcRange: b.Body.SrcRange}
	for _, inner := range b.Body.Blocks {
		if inner.Type == "config" {
			config = inner.Body
		} else {
			s.errorf(inner.DefRange(), "an action has no block %q", inner.Type)
		}
	}
	for name, a := range b.Body.Attributes {
		if !slices.Contains([]string{"provider", "count", "for_each"}, name) {
			s.errorf(a.NameRange, "%q belongs into the action's block \"config\"", name)
		}
	}
	return config
}

func (s *snippets) validate(b *hclsyntax.Block, v cty.Value, validate func(*tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error)) {
	s.t.Helper()
	encoded, err := ctymsgpack.Marshal(v, v.Type())
	if err != nil {
		s.t.Fatal(err)
	}
	diags, err := validate(&tfprotov6.DynamicValue{MsgPack: encoded})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, d := range diags {
		s.errorf(b.DefRange(), "%s: %s", d.Summary, d.Detail)
	}
}

// object is a body as a value of a schema's block; meta are names that are
// Terraform's own.
func (s *snippets) object(body *hclsyntax.Body, schema *tfprotov6.SchemaBlock, meta []string) cty.Value {
	s.t.Helper()
	values := map[string]cty.Value{}
	settable := map[string]bool{}
	for _, a := range schema.Attributes {
		values[a.Name] = cty.NullVal(ctyType(s.t, a.ValueType()))
		settable[a.Name] = a.Optional || a.Required
		if a.Required && body.Attributes[a.Name] == nil {
			s.errorf(body.SrcRange, "%q is missing", a.Name)
		}
	}
	for _, nested := range schema.BlockTypes {
		values[nested.TypeName] = cty.NullVal(ctyType(s.t, nested.ValueType()))
	}
	for name, a := range body.Attributes {
		switch {
		case slices.Contains(meta, name):
		case !settable[name]:
			s.errorf(a.NameRange, "%q is no argument here", name)
		default:
			v, err := convert.Convert(s.value(a.Expr), values[name].Type())
			if err != nil {
				s.errorf(a.Range(), "%q: %v", name, err)
				continue
			}
			values[name] = v
		}
	}
	for _, b := range body.Blocks {
		i := slices.IndexFunc(schema.BlockTypes, func(nested *tfprotov6.SchemaNestedBlock) bool { return nested.TypeName == b.Type })
		switch {
		case i >= 0 && schema.BlockTypes[i].Nesting == tfprotov6.SchemaNestedBlockNestingModeSingle:
			values[b.Type] = s.object(b.Body, schema.BlockTypes[i].Block, nil)
		case !slices.Contains(meta, b.Type):
			s.errorf(b.DefRange(), "%q is no block here", b.Type)
		}
	}
	return cty.ObjectVal(values)
}

// value is an expression's, unknown where Terraform has to be asked.
func (s *snippets) value(e hclsyntax.Expression) cty.Value {
	s.t.Helper()
	calls := false
	_ = hclsyntax.VisitAll(e, func(n hclsyntax.Node) hcl.Diagnostics {
		if _, ok := n.(*hclsyntax.FunctionCallExpr); ok {
			calls = true
		}
		return nil
	})
	if calls {
		return cty.DynamicVal
	}
	known := map[string]cty.Value{}
	for _, v := range e.Variables() {
		known[v.RootName()] = cty.DynamicVal
	}
	v, diags := e.Value(&hcl.EvalContext{Variables: known})
	if diags.HasErrors() {
		s.t.Error(diags)
		return cty.DynamicVal
	}
	v, _ = v.UnmarkDeep()
	return v
}

// references judges what is taken from the provider's results, and its functions.
func (s *snippets) references(body *hclsyntax.Body) {
	s.t.Helper()
	_ = hclsyntax.VisitAll(body, func(n hclsyntax.Node) hcl.Diagnostics {
		switch n := n.(type) {
		case *hclsyntax.FunctionCallExpr:
			if name, ours := strings.CutPrefix(n.Name, "provider::pagerdutyauth::"); ours {
				if f := s.schemas.Functions[name]; f == nil || len(f.Parameters) != len(n.Args) {
					s.errorf(n.NameRange, "no function %s of %d arguments", name, len(n.Args))
				}
			}
		case *hclsyntax.ScopeTraversalExpr:
			s.reference(n.Traversal)
		case *hclsyntax.Block:
			if schema := s.schemas.DataSourceSchemas[append(n.Labels, "")[0]]; n.Type == "data" && schema != nil {
				_ = hclsyntax.VisitAll(n.Body, func(inner hclsyntax.Node) hcl.Diagnostics {
					if e, ok := inner.(*hclsyntax.ScopeTraversalExpr); ok && e.Traversal.RootName() == "self" {
						s.result(schema, e.Traversal[1:])
					}
					return nil
				})
			}
		}
		return nil
	})
}

func (s *snippets) reference(path hcl.Traversal) {
	s.t.Helper()
	if len(path) < 2 {
		return
	}
	kind, ok := path[1].(hcl.TraverseAttr)
	if !ok || !strings.HasPrefix(kind.Name, "pagerdutyauth") {
		return
	}
	var schema *tfprotov6.Schema
	switch path.RootName() {
	case "data":
		schema = s.schemas.DataSourceSchemas[kind.Name]
	case "ephemeral":
		schema = s.schemas.EphemeralResourceSchemas[kind.Name]
	case "action":
		if s.schemas.ActionSchemas[kind.Name] == nil {
			s.errorf(path.SourceRange(), "no action %s", kind.Name)
		}
		return
	}
	if schema == nil {
		s.errorf(path.SourceRange(), "no %s %s", path.RootName(), kind.Name)
		return
	}
	rest := path[min(3, len(path)):]
	if len(rest) > 0 {
		if _, index := rest[0].(hcl.TraverseIndex); index {
			rest = rest[1:]
		}
	}
	s.result(schema, rest)
}

// result judges a path in the result of a schema.
func (s *snippets) result(schema *tfprotov6.Schema, path hcl.Traversal) {
	s.t.Helper()
	if _, diags := path.TraverseRel(cty.UnknownVal(ctyType(s.t, schema.ValueType()))); diags.HasErrors() {
		s.t.Error(diags)
	}
}

// ctyType is a type of the plugin protocol as HCL knows it.
func ctyType(t *testing.T, of any) cty.Type {
	t.Helper()
	encoded, err := json.Marshal(of)
	if err != nil {
		t.Fatal(err)
	}
	ty, err := ctyjson.UnmarshalType(encoded)
	if err != nil {
		t.Fatal(err)
	}
	return ty
}

// foreign are the names with underscores in the guides that are not this
// provider's.
var foreign = []string{"action_trigger", "depends_on", "insecure_tls", "proxy_ca_pem"}

// A name of the provider in the guides' prose is one that it has.
func TestDocs_names(t *testing.T) {
	t.Parallel()
	_, all := schemas(t)
	known := map[string]bool{}
	var add func(*tfprotov6.SchemaBlock)
	var nested func([]*tfprotov6.SchemaAttribute)
	nested = func(attributes []*tfprotov6.SchemaAttribute) {
		for _, a := range attributes {
			known[a.Name] = true
			if a.NestedType != nil {
				nested(a.NestedType.Attributes)
			}
		}
	}
	add = func(b *tfprotov6.SchemaBlock) {
		nested(b.Attributes)
		for _, inner := range b.BlockTypes {
			known[inner.TypeName] = true
			add(inner.Block)
		}
	}
	add(all.Provider.Block)
	for name, schema := range all.DataSourceSchemas {
		known[name] = true
		add(schema.Block)
	}
	for name, schema := range all.EphemeralResourceSchemas {
		known[name] = true
		add(schema.Block)
	}
	for name, schema := range all.ActionSchemas {
		known[name] = true
		add(schema.Schema.Block)
	}
	for name := range all.Functions {
		known[name] = true
	}
	for _, kind := range preflight.Kinds {
		known[string(kind)] = true
	}
	for _, status := range preflight.Statuses {
		known[string(status)] = true
	}
	for _, name := range foreign {
		known[name] = true
	}
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
