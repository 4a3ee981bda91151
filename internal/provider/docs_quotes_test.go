package provider

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/explain"
)

// A message that a page quotes is a golden text of internal/explain, except for line
// breaks, positions in a configuration and values that differ between runs.
func TestDocs_quotedMessages(t *testing.T) {
	t.Parallel()
	golden := goldenTexts(t)
	messages, progress := 0, 0
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			if b.language != "" {
				continue
			}
			if start := strings.Index(b.text, "Error: "); start >= 0 && strings.Contains(b.text, "\nStatus: ") {
				messages++
				if !golden[normalized(b.text[start:])] {
					t.Errorf("%s:%d quotes a message that is not in internal/explain/testdata", p.path, b.line)
				}
			}
			if strings.HasPrefix(b.text, "Checking the ") {
				progress++
				if !golden[normalized(b.text)] {
					t.Errorf("%s:%d quotes lines that are not in internal/explain/testdata", p.path, b.line)
				}
			}
		}
	}
	if messages == 0 || progress == 0 {
		t.Errorf("found %d messages and %d outputs of the action", messages, progress)
	}
}

// The troubleshooting guide has a section for each link of a message. The messages that
// it names exist.
func TestDocs_troubleshooting(t *testing.T) {
	t.Parallel()
	guide := readPage(t, "docs/guides/troubleshooting.md")
	for _, anchor := range explain.HelpAnchors {
		if !guide.hasAnchor(anchor) {
			t.Errorf("%s has no section #%s", guide.path, anchor)
		}
	}
	source, err := os.ReadFile("../provider/config_errors.go")
	if err != nil {
		t.Fatal(err)
	}
	golden, count := goldenTexts(t), 0
	for _, match := range regexp.MustCompile(`(?m)^Messages: (?:.+\n)+`).FindAllString(guide.prose, -1) {
		for _, summary := range regexp.MustCompile(`\*([^*]+)\*`).FindAllStringSubmatch(match, -1) {
			count++
			isSummary := func(text string) bool { return strings.HasPrefix(text, "Error: "+summary[1]+" ") }
			if !slices.ContainsFunc(slices.Collect(maps.Keys(golden)), isSummary) &&
				!strings.Contains(string(source), `= "`+summary[1]+`"`) {
				t.Errorf("%s names %q, which is not the first line of a message", guide.path, summary[1])
			}
		}
	}
	if count < 30 {
		t.Errorf("found only %d messages", count)
	}
}

// goldenTexts returns the normalized golden texts.
func goldenTexts(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("../explain/testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	golden := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		golden[normalized(string(text))] = true
	}
	return golden
}

var (
	position = regexp.MustCompile(`(?m)^ {2}(with |on |\d+: ).*\n`)
	varying  = regexp.MustCompile(`\*{4}\w+|Request ID: \w+`)
)

func normalized(message string) string {
	message = varying.ReplaceAllString(position.ReplaceAllString(message, ""), "...")
	return strings.Join(strings.Fields(message), " ")
}
