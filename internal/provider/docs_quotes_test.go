package provider

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
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
			if strings.HasPrefix(b.text, "Checking the PagerDuty ") {
				for line := range strings.Lines(b.text) {
					progress++
					if !golden[normalized(line)] {
						t.Errorf("%s:%d quotes a line that is not in internal/explain/testdata: %s", p.path, b.line, line)
					}
				}
			}
		}
	}
	if messages == 0 || progress == 0 {
		t.Errorf("found %d messages and %d lines of progress", messages, progress)
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
