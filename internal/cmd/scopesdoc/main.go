// Command scopesdoc replaces the placeholder in the guide on OAuth scopes with the table of package scopes.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/scopes"
)

const (
	guide       = "docs/guides/oauth-scopes.md"
	placeholder = "<!-- internal/cmd/scopesdoc inserts the tables here -->"
)

func main() {
	if err := insert(guide); err != nil {
		fmt.Fprintln(os.Stderr, "scopesdoc:", err)
		os.Exit(1)
	}
}

func insert(path string) error {
	page, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, after, found := strings.Cut(string(page), placeholder)
	if !found {
		return fmt.Errorf("%s has no line %s", path, placeholder)
	}
	return os.WriteFile(path, []byte(before+tables(scopes.Load())+after), 0o644)
}

// tables returns the Markdown of the table, resources first.
func tables(table scopes.Table) string {
	var resources, data strings.Builder
	for _, t := range table.Types {
		plan := cell(t, t.Plan)
		if t.IsData() {
			fmt.Fprintf(&data, "| `%s` | %s | %s | %s |\n", t.Name, plan, t.Missing, t.Note)
			continue
		}
		fmt.Fprintf(&resources, "| `%s` | %s | %s | %s | %s |\n", t.Name, plan, cell(t, t.Apply), t.Missing, t.Note)
	}
	return fmt.Sprintf("The tables are for version %s of the official provider and PagerDuty's API schema of %s.\n\n",
		table.ProviderVersion, table.SchemaDate) +
		"### Resources\n\n| type | plan | apply, in addition | missing scope | notes |\n|---|---|---|---|---|\n" +
		resources.String() +
		"\n### Data sources\n\n| type | plan | missing scope | notes |\n|---|---|---|---|\n" +
		strings.TrimSuffix(data.String(), "\n")
}

// cell returns the scopes of one column. If it has no scopes, cell returns the reason.
func cell(t scopes.Type, column []scopes.Scope) string {
	if len(column) == 0 {
		return t.App
	}
	names := make([]string, len(column))
	for i, s := range column {
		names[i] = "`" + s.Name + "`"
		if s.Conditional {
			names[i] += `\*`
		}
	}
	text := strings.Join(names, ", ")
	if t.App != scopes.AppWorks {
		text += " (" + t.App + ")"
	}
	return text
}
