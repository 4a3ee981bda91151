package provider

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// Each status is a row of the first page's table, and is named by the attribute.
func TestDocs_everyStatus(t *testing.T) {
	t.Parallel()
	var rows, want []string
	row := regexp.MustCompile("^\\| `([a-z_]+)` \\| (true|false|null)")
	for line := range strings.Lines(readPage(t, "docs/index.md").prose) {
		if m := row.FindStringSubmatch(line); m != nil {
			rows = append(rows, m[1])
		}
	}
	for _, status := range preflight.Statuses {
		want = append(want, string(status))
	}
	slices.Sort(rows)
	slices.Sort(want)
	if !slices.Equal(rows, want) {
		t.Errorf("templates/index.md.tmpl: the table of statuses has %q, want %q", rows, want)
	}
	for _, a := range schemas(t).DataSourceSchemas["pagerdutyauth_credential"].Block.Attributes {
		if a.Name != "status" {
			continue
		}
		for _, status := range want {
			if !strings.Contains(a.Description, "`"+status+"`") {
				t.Errorf("the description of the attribute status lacks %s", status)
			}
		}
	}
}

// A message that a page quotes is one that people get: it is in the golden texts, but for
// line breaks, the position in a configuration, and what differs from run to run.
func TestDocs_quotedMessages(t *testing.T) {
	t.Parallel()
	golden := map[string]bool{}
	files, err := filepath.Glob("../explain/testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		golden[unwrapped(string(text))] = true
	}
	quoted, progress := 0, 0
	for _, p := range markdown(t, func(path string) bool { return inDocs(path) || path == "README.md" }) {
		for _, b := range p.blocks {
			for line := range strings.Lines(b.text) {
				if !strings.HasPrefix(line, "Checking the PagerDuty ") && !strings.HasPrefix(line, "PagerDuty accepted ") {
					continue
				}
				progress++
				if !golden[unwrapped(line)] {
					t.Errorf("%s:%d quotes a line that is not in internal/explain/testdata: %s", p.path, b.line, line)
				}
			}
			start := strings.Index(b.text, "Error: ")
			if start < 0 || b.language != "" || !strings.Contains(b.text, "\nStatus: ") {
				continue
			}
			quoted++
			if !golden[unwrapped(b.text[start:])] {
				t.Errorf("%s:%d quotes a message that is not in internal/explain/testdata", p.path, b.line)
			}
		}
	}
	if quoted == 0 || progress == 0 {
		t.Error("no page quotes a message, or the action's progress: does this test still find them?")
	}
}

var (
	position = regexp.MustCompile(`(?m)^ {2}(with |on |\d+: ).*\n`)
	varying  = regexp.MustCompile(`\*{4}\w+|Request ID: \w+`)
)

func unwrapped(message string) string {
	message = varying.ReplaceAllString(position.ReplaceAllString(message, ""), "...")
	return strings.Join(strings.Fields(message), " ")
}
