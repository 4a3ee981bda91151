// Package scopes knows which OAuth scopes the types of the official PagerDuty provider need.
package scopes

import (
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Abilities is the scope that every configuration with an OAuth app needs: the official provider sends
// GET /abilities when it is configured.
const Abilities = "abilities.read"

// Values of Type.App.
const (
	AppWorks        = "yes"
	AppUndocumented = "not documented"
	AppUserToken    = "user API token"
	AppNotRequested = "not requested"
)

// Table is oauth-scopes.tsv, which explains the columns.
type Table struct {
	// ProviderVersion is the version of the official provider, such as "3.32.4".
	ProviderVersion string
	// SchemaDate is the date of PagerDuty's API schema, such as "2026-08-14".
	SchemaDate string
	Types      []Type
}

// Type is a resource type, such as "pagerduty_service", or a data source, such as "data.pagerduty_team".
type Type struct {
	Name, App string
	// Plan holds the scopes to read the type, Apply those that it needs in addition to create, change and destroy.
	Plan, Apply []Scope
	// Missing and Note are empty if there is nothing to say.
	Missing, Note string
}

// Scope is a scope that a type needs.
type Scope struct {
	Name string
	// Conditional reports whether the scope is needed in some cases only.
	Conditional bool
}

// IsData reports whether the type is a data source.
func (t Type) IsData() bool { return strings.HasPrefix(t.Name, dataPrefix) }

const dataPrefix = "data."

//go:embed oauth-scopes.tsv
var source string

// Load returns the table. It is parsed on the first call, because Terraform starts the provider several times in
// each plan, and most of these processes never need it.
var Load = sync.OnceValue(func() Table { return parse(source) })

func parse(text string) Table {
	var table Table
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if comment, ok := strings.CutPrefix(line, "# "); ok {
			if version, ok := strings.CutPrefix(comment, "Provider version: "); ok {
				table.ProviderVersion = version
			}
			if date, ok := strings.CutPrefix(comment, "Schema date: "); ok {
				table.SchemaDate = date
			}
			continue
		}
		columns := strings.Split(line, "\t")
		if len(columns) != 6 || columns[0] == "type" {
			continue
		}
		for i, column := range columns {
			if column == "-" {
				columns[i] = ""
			}
		}
		table.Types = append(table.Types, Type{
			Name: columns[0], App: columns[1], Plan: parseScopes(columns[2]), Apply: parseScopes(columns[3]),
			Missing: columns[4], Note: columns[5],
		})
	}
	return table
}

func parseScopes(column string) []Scope {
	if column == "" {
		return nil
	}
	var all []Scope
	for name := range strings.SplitSeq(column, ",") {
		name, conditional := strings.CutSuffix(name, "?")
		all = append(all, Scope{Name: name, Conditional: conditional})
	}
	return all
}

// ErrOperation reports an operation other than "plan" and "apply".
var ErrOperation = errors.New(`operation must be "plan" or "apply"`)

// Required returns the scopes that an OAuth app needs to plan or apply a configuration with these types, sorted
// and without duplicates. Conditional scopes are included. Every error but ErrOperation is about types.
func Required(operation string, types []string) ([]string, error) {
	if operation != "plan" && operation != "apply" {
		return nil, fmt.Errorf("%w, not %.80q", ErrOperation, operation)
	}
	table := Load()
	names := map[string]bool{Abilities: true}
	for i, name := range types {
		t, err := table.find(name)
		if err != nil {
			return nil, fmt.Errorf("types[%d] is %.80q: %w", i, name, err)
		}
		needed := t.Plan
		if operation == "apply" {
			needed = slices.Concat(t.Plan, t.Apply)
		}
		for _, scope := range needed {
			names[scope.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(names)), nil
}

// find returns the type of a name if an OAuth app can be used for it.
func (table Table) find(name string) (Type, error) {
	t, ok := table.lookup(name)
	if !ok {
		return t, table.unknown(name)
	}
	switch t.App {
	case AppUserToken:
		return t, errors.New(`it uses a user API token ("user_token"), never an OAuth app; leave it out of this list`)
	case AppNotRequested:
		return t, fmt.Errorf("version %s of the official provider never requests its scopes, so an OAuth app gets 403 there",
			table.ProviderVersion)
	case AppUndocumented:
		return t, errors.New("PagerDuty documents no scope for it, so an OAuth app gets 403 there as far as is documented")
	}
	return t, nil
}

func (table Table) lookup(name string) (Type, bool) {
	i := slices.IndexFunc(table.Types, func(t Type) bool { return t.Name == name })
	if i < 0 {
		return Type{}, false
	}
	return table.Types[i], true
}

func (table Table) unknown(name string) error {
	kind, other, otherKind := "resource", dataPrefix+name, "data source"
	if bare, ok := strings.CutPrefix(name, dataPrefix); ok {
		kind, other, otherKind = "data source", bare, "resource"
	}
	hint := ""
	if _, ok := table.lookup(other); ok {
		hint = fmt.Sprintf("; it has the %s %q", otherKind, other)
	}
	return fmt.Errorf("version %s of the official provider has no such %s%s", table.ProviderVersion, kind, hint)
}
