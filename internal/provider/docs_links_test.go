package provider

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// root is the repository's directory.
var root = filepath.Join("..", "..")

const (
	repository = "https://github.com/pagerdutyauth/terraform-provider-pagerdutyauth/blob/main/"
	registry   = "https://registry.terraform.io/providers/pagerdutyauth/pagerdutyauth/latest/docs"
)

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

var (
	inlineCode = regexp.MustCompile("`[^`\n]+`")
	linkTarget = regexp.MustCompile(`\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)*)(?:\s+"[^"]*")?\)|` +
		`(?m:^\[[^\]]+\]:\s*(\S+))|(?:src|href)="([^"]+)"`)
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

// broken says why a link leads nowhere, "" if it does not. Only addresses of this
// repository and of the provider's pages on the Registry are checked.
func broken(t *testing.T, p page, link string) string {
	t.Helper()
	path, fragment, _ := strings.Cut(link, "#")
	target := p.path
	switch page, onRegistry := strings.CutPrefix(path, registry); {
	case onRegistry:
		target = "docs" + strings.TrimSuffix(page, "/") + ".md"
		if target == "docs.md" {
			target = "docs/index.md"
		}
	case strings.HasPrefix(path, repository):
		target = strings.TrimPrefix(path, repository)
	default:
		u, err := url.Parse(path)
		switch {
		case err != nil:
			return err.Error()
		case u.Scheme == "https" || u.Scheme == "mailto":
			return ""
		case u.Scheme != "" || strings.HasPrefix(path, "/"):
			return "is neither relative nor https"
		case path != "" && inDocs(p.path):
			return "is relative, which the Registry resolves to another page"
		case path != "":
			target = filepath.ToSlash(filepath.Join(filepath.Dir(filepath.FromSlash(p.path)), filepath.FromSlash(u.Path)))
		}
	}
	if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(target))); err != nil {
		return "leads to no file"
	}
	if fragment != "" && (!strings.HasSuffix(target, ".md") || !readPage(t, target).anchors()[fragment]) {
		return "leads to no heading"
	}
	return ""
}

func TestDocs_brokenLinks(t *testing.T) {
	t.Parallel()
	from := page{path: "docs/guides/security.md"}
	for link, want := range map[string]bool{
		"troubleshooting.md":                 true,
		"../index.md":                        true,
		"troubleshooting.md#invalid-timeout": true,
		"https://example.com/x":              false,
		repository + "SECURITY.md":           false,
		registry:                             false,
		registry + "/guides/troubleshooting": false,
		registry + "/guides/troubleshooting#invalid-timeout": false,
		registry + "/data-sources/credential":                false,
		repository + "SECURITY.txt":                          true,
		registry + "/guides/nowhere":                         true,
		registry + "/guides/troubleshooting.md":              true,
		registry + "/guides/troubleshooting#nowhere":         true,
		registry + "/resources/credential":                   true,
		"nowhere.md":                                         true,
		"troubleshooting":                                    true,
		"../../README.md":                                    true,
		"troubleshooting.md#nowhere":                         true,
		"/docs/index.md":                                     true,
		"http://example.com":                                 true,
		"#nowhere":                                           true,
	} {
		if why := broken(t, from, link); (why != "") != want {
			t.Errorf("%s: broken %t (%s), want %t", link, why != "", why, want)
		}
	}
	for link, want := range map[string]bool{
		"docs/index.md#statuses": false, "SECURITY.md": false, "docs/index.md#nowhere": true, "docs/nowhere.md": true,
	} {
		if why := broken(t, page{path: "README.md"}, link); (why != "") != want {
			t.Errorf("%s in README: broken %t (%s), want %t", link, why != "", why, want)
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
