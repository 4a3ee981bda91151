package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// listFaults prints a line per fault.
func listFaults(out io.Writer) error {
	for _, f := range pdfake.Catalog() {
		if _, err := fmt.Fprintf(out, "%-26s %s\n", f.Name, f.Description); err != nil {
			return err
		}
	}
	return nil
}

// findFault finds a fault by its name. Without a name there is none.
func findFault(name string, where pdfake.Fault) (*pdfake.NamedFault, error) {
	if where.Times < 0 {
		return nil, errors.New("-times cannot be negative")
	}
	if where.Path != "" && (where.Path[0] != '/' || strings.Contains(where.Path, "?")) {
		return nil, errors.New("-path must begin with a slash and have no query, such as /users/me")
	}
	narrowed := where.Path != "" || where.Times != 0
	if name == "" {
		if narrowed {
			return nil, errors.New("-path and -times need -fault")
		}
		return nil, nil //nolint:nilnil // no fault is what was asked for
	}
	catalog := pdfake.Catalog()
	i := slices.IndexFunc(catalog, func(f pdfake.NamedFault) bool { return f.Name == name })
	switch {
	case i < 0:
		return nil, fmt.Errorf("there is no fault %q;%s -fault list lists them", name, similar(name, catalog))
	case catalog[i].Option != nil && narrowed:
		return nil, fmt.Errorf("the fault %q affects whole connections: -path and -times do not apply to it", name)
	}
	return &catalog[i], nil
}

// similar suggests the fault whose name begins most like this one.
func similar(name string, catalog []pdfake.NamedFault) string {
	for n := len(name); n > 2; n-- {
		for _, f := range catalog {
			if strings.HasPrefix(f.Name, strings.ToLower(name[:n])) {
				return fmt.Sprintf(" did you mean %q?", f.Name)
			}
		}
	}
	return ""
}
