package scopes

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestTable_form(t *testing.T) {
	t.Parallel()
	table := Load()
	if !regexp.MustCompile(`^\d+\.\d+\.\d+$`).MatchString(table.ProviderVersion) {
		t.Errorf("provider version %q", table.ProviderVersion)
	}
	if !regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`).MatchString(table.SchemaDate) {
		t.Errorf("schema date %q", table.SchemaDate)
	}
	if len(source) > 32<<10 {
		t.Errorf("the table has %d bytes, which the provider loads each time it starts", len(source))
	}
	// No line is skipped because it lacks a column.
	lines := 0
	for line := range strings.Lines(source) {
		if !strings.HasPrefix(line, "#") {
			lines++
		}
	}
	if lines-1 != len(table.Types) {
		t.Errorf("%d of %d lines are types", len(table.Types), lines-1)
	}
	for i, row := range table.Types {
		if i > 0 && row.Name <= table.Types[i-1].Name {
			t.Errorf("%s follows %s: neither sorted nor unique", row.Name, table.Types[i-1].Name)
		}
	}
}

func TestTable_rows(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`^(data\.)?pagerduty_[a-z0-9_]+$`)
	scope := regexp.MustCompile(`^([a-z]+(_[a-z]+)*|users:contact_methods)\.(read|write)$`)
	for _, row := range Load().Types {
		if !name.MatchString(row.Name) {
			t.Errorf("type %q", row.Name)
		}
		if !slices.Contains([]string{AppWorks, AppUndocumented, AppUserToken, AppNotRequested}, row.App) {
			t.Errorf("%s: app %q", row.Name, row.App)
		}
		if !slices.Contains([]string{"", "never ends", "dropped from state", "wrong result"}, row.Missing) {
			t.Errorf("%s: missing %q", row.Name, row.Missing)
		}
		if row.App != AppWorks && row.Note == "" {
			t.Errorf("%s: a note must say why an app does not work", row.Name)
		}
		if documented := row.App == AppWorks || row.App == AppNotRequested; documented != (len(row.Plan) > 0) {
			t.Errorf("%s: scopes %v with app %q", row.Name, row.Plan, row.App)
		}
		if writes := len(row.Plan) > 0 && !row.IsData(); writes != (len(row.Apply) > 0) {
			t.Errorf("%s: scopes to write %v", row.Name, row.Apply)
		}
		seen := ""
		for _, s := range row.Plan {
			if !scope.MatchString(s.Name) || strings.HasSuffix(s.Name, ".write") || s.Name <= seen {
				t.Errorf("%s: plan has %q: form, kind or order", row.Name, s.Name)
			}
			seen = s.Name
		}
		seen = ""
		for _, s := range row.Apply {
			if !scope.MatchString(s.Name) || s.Name <= seen || slices.Contains(row.Plan, s) {
				t.Errorf("%s: apply has %q: form, order or repeated", row.Name, s.Name)
			}
			seen = s.Name
		}
		conditional := func(s Scope) bool { return s.Conditional }
		if slices.ContainsFunc(slices.Concat(row.Plan, row.Apply), conditional) && row.Note == "" {
			t.Errorf("%s: a note must say when its conditional scopes are needed", row.Name)
		}
	}
}

func TestRequired(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		operation string
		types     []string
		want      string
	}{
		"plan":        {"plan", []string{"pagerduty_service"}, "abilities.read services.read"},
		"apply":       {"apply", []string{"pagerduty_service"}, "abilities.read services.read services.write"},
		"data source": {"apply", []string{"data.pagerduty_team"}, "abilities.read teams.read"},
		"no type":     {"apply", nil, "abilities.read"},
		"several types": {
			"apply", []string{"pagerduty_team", "pagerduty_service", "data.pagerduty_service", "pagerduty_team"},
			"abilities.read services.read services.write teams.read teams.write",
		},
		"conditional scopes to read": {
			"plan", []string{"pagerduty_tag_assignment"},
			"abilities.read escalation_policies.read tags.read teams.read users.read",
		},
		"conditional scopes to write": {
			"apply", []string{"pagerduty_team_membership"}, "abilities.read oncalls.read teams.read teams.write",
		},
		"colon": {
			"plan", []string{"pagerduty_user_contact_method"}, "abilities.read users:contact_methods.read",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Required(c.operation, c.types)
			if err != nil || strings.Join(got, " ") != c.want {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
		})
	}
}

// Every type of the table has scopes or says why it has none.
func TestRequired_everyType(t *testing.T) {
	t.Parallel()
	for _, row := range Load().Types {
		got, err := Required("apply", []string{row.Name})
		if (err == nil) != (row.App == AppWorks) {
			t.Errorf("%s: got %v, app is %q", row.Name, err, row.App)
		}
		if err == nil && (len(got) < 2 || !slices.IsSorted(got)) {
			t.Errorf("%s: got %q", row.Name, got)
		}
	}
}

func TestRequired_errors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		operation string
		types     []string
		want      string
	}{
		"unknown operation": {"destroy", nil, `operation must be "plan" or "apply", not "destroy"`},
		"long operation": {
			strings.Repeat("x", 1000), nil, `operation must be "plan" or "apply", not "` + strings.Repeat("x", 80) + `"`,
		},
		"unknown type": {
			"plan", []string{"pagerduty_team", "pagerduty_servise"},
			`types[1] is "pagerduty_servise": version 3.32.4 of the official provider has no such resource`,
		},
		"unknown data source": {
			"plan", []string{"data.aws_instance"},
			`types[0] is "data.aws_instance": version 3.32.4 of the official provider has no such data source`,
		},
		"data source without data.": {
			"plan", []string{"pagerduty_vendor"}, `types[0] is "pagerduty_vendor": version 3.32.4 of the official ` +
				`provider has no such resource; it has the data source "data.pagerduty_vendor"`,
		},
		"resource with data.": {
			"plan", []string{"data.pagerduty_addon"}, `types[0] is "data.pagerduty_addon": version 3.32.4 of the ` +
				`official provider has no such data source; it has the resource "pagerduty_addon"`,
		},
		"empty": {"plan", []string{""}, `types[0] is "": version 3.32.4 of the official provider has no such resource`},
		"line break": {
			"plan", []string{"pagerduty_team\n"},
			`types[0] is "pagerduty_team\n": version 3.32.4 of the official provider has no such resource`,
		},
		"user API token": {
			"plan", []string{"pagerduty_slack_connection"}, `types[0] is "pagerduty_slack_connection": it uses a user ` +
				`API token ("user_token"), never an OAuth app; leave it out of this list`,
		},
		"not requested": {
			"plan", []string{"pagerduty_webhook_subscription"}, `types[0] is "pagerduty_webhook_subscription": ` +
				`version 3.32.4 of the official provider never requests its scopes, so an OAuth app gets 403 there`,
		},
		"not documented": {
			"plan", []string{"pagerduty_schedulev2"}, `types[0] is "pagerduty_schedulev2": PagerDuty documents no scope ` +
				`for it, so an OAuth app gets 403 there as far as is documented`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Required(c.operation, c.types)
			if err == nil || err.Error() != strings.ReplaceAll(c.want, "3.32.4", Load().ProviderVersion) || got != nil {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
			if errors.Is(err, ErrOperation) != (c.types == nil) {
				t.Errorf("ErrOperation is %t", errors.Is(err, ErrOperation))
			}
		})
	}
}
