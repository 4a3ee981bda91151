package provider

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// Terraform runs every example (TestAccExamples), so a page shows no other configuration.
func TestDocs_configurationsAreExamples(t *testing.T) {
	t.Parallel()
	var examples strings.Builder
	err := filepath.WalkDir(filepath.Join(root, "examples"), func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		examples.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			if b.language != "terraform" {
				continue
			}
			count++
			if !strings.Contains(examples.String(), strings.TrimSpace(b.text)) {
				t.Errorf("%s:%d: the configuration is not part of an example", p.path, b.line)
			}
		}
	}
	if count < 15 {
		t.Errorf("found only %d configurations", count)
	}
}

// The first page has a row for each status, and the attribute names each.
func TestDocs_everyStatus(t *testing.T) {
	t.Parallel()
	var rows, want []string
	row := regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| (true|false|null)")
	for _, match := range row.FindAllStringSubmatch(readPage(t, "docs/index.md").prose, -1) {
		rows = append(rows, match[1])
	}
	schema := readPage(t, "docs/data-sources/credential.md").prose
	for _, status := range preflight.Statuses {
		want = append(want, string(status))
		if !strings.Contains(schema, "`"+string(status)+"`") {
			t.Errorf("the description of the attribute status lacks %s", status)
		}
	}
	slices.Sort(rows)
	slices.Sort(want)
	if !slices.Equal(rows, want) {
		t.Errorf("templates/index.md.tmpl: the table of statuses has %q, want %q", rows, want)
	}
}
