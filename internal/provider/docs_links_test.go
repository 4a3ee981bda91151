package provider

import (
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// root is the directory of the repository.
var root = filepath.Join("..", "..")

// repository is the URL of a file in the repository. The Registry has only docs/, so
// the pages link to other files with it.
const repository = "https://github.com/pagerdutyauth/terraform-provider-pagerdutyauth/blob/main/"

// page is a Markdown file.
type page struct {
	path     string // relative to root, with slashes
	prose    string // all lines outside of code blocks
	blocks   []codeBlock
	headings []string // titles without the number signs
}

type codeBlock struct {
	language, text string
	line           int // number of its first line
}

// readPage reads the Markdown file at name, which is relative to root.
func readPage(t *testing.T, name string) page {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	p := page{path: name}
	inBlock, number := false, 0
	for line := range strings.Lines(string(text)) {
		number++
		fence, isFence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case isFence && !inBlock:
			p.blocks = append(p.blocks, codeBlock{language: fence, line: number + 1})
			inBlock = true
		case isFence:
			inBlock = false
		case inBlock:
			p.blocks[len(p.blocks)-1].text += line
		default:
			p.prose += line
			if strings.HasPrefix(line, "#") {
				p.headings = append(p.headings, strings.TrimLeft(strings.TrimSpace(line), "# "))
			}
		}
	}
	return p
}

// pages returns the pages of docs/ and the Markdown files in root.
func pages(t *testing.T) []page {
	t.Helper()
	names, err := fs.Glob(os.DirFS(root), "*.md")
	if err != nil {
		t.Fatal(err)
	}
	err = fs.WalkDir(os.DirFS(root), "docs", func(name string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(name, ".md") {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var all []page
	for _, name := range names {
		all = append(all, readPage(t, name))
	}
	return all
}

// slug returns the anchor that GitHub and the Registry give a heading.
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

func (p page) hasAnchor(fragment string) bool {
	return slices.ContainsFunc(p.headings, func(heading string) bool { return slug(heading) == fragment }) ||
		strings.Contains(p.prose, `<a id="`+fragment+`"></a>`)
}

var (
	inlineCode = regexp.MustCompile("`[^`\n]+`")
	linkTarget = regexp.MustCompile(`\]\(([^()\s]+)\)`)
)

// Links between pages are relative and lead to a file and a heading. Links to other
// files of the repository lead to a file. Other sites are not checked.
func TestDocs_links(t *testing.T) {
	t.Parallel()
	count := 0
	for _, p := range pages(t) {
		prose := inlineCode.ReplaceAllString(p.prose, "code")
		for _, match := range linkTarget.FindAllStringSubmatch(prose, -1) {
			count++
			if problem := p.problem(t, match[1]); problem != "" {
				t.Errorf("%s: the link %s %s", p.path, match[1], problem)
			}
		}
	}
	if count < 80 {
		t.Errorf("found only %d links", count)
	}
}

// problem reports what is wrong with a link of the page, or "".
func (p page) problem(t *testing.T, link string) string {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		return err.Error()
	}
	target := p.path
	inRepository, isRepository := strings.CutPrefix(link, repository)
	switch {
	case isRepository:
		target = inRepository
	case u.Host == "registry.terraform.io" && strings.HasPrefix(u.Path, "/providers/pagerdutyauth/"):
		return "is not relative"
	case u.Scheme == "https":
		return ""
	case u.Scheme != "" || strings.HasPrefix(link, "/"):
		return "is neither relative nor https"
	case u.Path != "":
		target = path.Join(path.Dir(p.path), u.Path)
	}
	if strings.HasPrefix(p.path, "docs/") && !isRepository && !strings.HasPrefix(target, "docs/") {
		return "leaves docs, which is all that the Registry has"
	}
	if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(target))); err != nil {
		return "leads to no file"
	}
	if u.Fragment != "" && !isRepository && !readPage(t, target).hasAnchor(u.Fragment) {
		return "leads to no heading"
	}
	return ""
}
