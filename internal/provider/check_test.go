package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/explain"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// A report that is not valid fails, also if it has no message, or only a warning.
func TestDiagnostics_failsClosed(t *testing.T) {
	t.Parallel()
	warning := []explain.Diagnosis{{Message: explain.Message{Summary: "A result is unknown"}, Warning: true}}
	for _, status := range append(slices.Clone(preflight.Statuses), "enchanted", "") {
		r := preflight.Report{Status: status}
		for _, messages := range [][]explain.Diagnosis{nil, warning} {
			for _, asWarning := range []bool{false, true} {
				if diags := diagnostics(r, messages, asWarning); diags.HasError() == (status == preflight.Valid) {
					t.Errorf("%q with %d messages: %v", status, len(messages), diags)
				}
			}
		}
	}
	for _, guard := range preflight.Guards {
		violations := []preflight.Violation{{Guard: guard}}
		for _, status := range []preflight.Status{preflight.Valid, preflight.NotAllowed} {
			r := preflight.Report{Status: status, Violations: violations}
			if !diagnostics(r, nil, false).HasError() {
				t.Errorf("%s with the status %s passes", guard.Name, status)
			}
		}
	}
}

func TestDiagnostics_severity(t *testing.T) {
	t.Parallel()
	message := explain.Diagnosis{Message: explain.Message{Summary: "no", Detail: "because"}, Argument: "allowed_roles"}
	r := preflight.Report{Status: preflight.NotAllowed}
	for asWarning, want := range map[bool]diag.Diagnostic{
		false: diag.NewAttributeErrorDiagnostic(path.Root("allowed_roles"), "no", "because"),
		true:  diag.NewAttributeWarningDiagnostic(path.Root("allowed_roles"), "no", "because"),
	} {
		if got := diagnostics(r, []explain.Diagnosis{message}, asWarning); len(got) != 1 || !got[0].Equal(want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

func TestResults(t *testing.T) {
	t.Parallel()
	no := false
	team := attr.Value(types.ObjectValueMust(teamType.AttrTypes, map[string]attr.Value{
		"id": types.StringValue("PTEAM01"), "name": types.StringNull(),
	}))
	got := results(&preflight.Report{
		Status: preflight.NotAllowed, Settings: preflight.Settings{Region: "eu"}, Preview: "****abcd",
		Credential: preflight.Credential{Source: explain.EnvToken},
		Facts: preflight.Facts{
			HTTPStatus: 200, TokenType: preflight.TypeUser, AccountRegion: "us", Subdomain: "acme", WriteAccess: &no,
			Scopes: []string{}, User: &pagerduty.User{ID: "P1", Teams: []pagerduty.Team{{ID: "PTEAM01"}}},
		},
		Violations: []preflight.Violation{{Guard: preflight.FindGuard("allowed_roles")}},
	})
	for name, want := range map[string]attr.Value{
		"valid":            types.BoolValue(false),
		"status":           types.StringValue("not_allowed"),
		"http_status_code": types.Int64Value(200),
		"token_type":       types.StringValue("user"),
		"token_source":     types.StringValue(explain.EnvToken),
		"token_preview":    types.StringValue("****abcd"),
		"subdomain":        types.StringValue("acme"),
		"service_region":   types.StringValue("eu"),
		"scopes":           listOf(),
		"write_access":     types.BoolValue(false),
		"user": types.ObjectValueMust(userType, map[string]attr.Value{
			"id": types.StringValue("P1"), "name": types.StringNull(), "email": types.StringNull(), "role": types.StringNull(),
			"html_url": types.StringNull(), "teams": types.ListValueMust(teamType, []attr.Value{team}),
		}),
	} {
		if !got[name].Equal(want) {
			t.Errorf("%s is %s, want %s", name, got[name], want)
		}
		delete(got, name)
	}
	if len(got) > 0 {
		t.Errorf("not tested: %v", got)
	}
	unreachable := preflight.Report{Status: preflight.Unreachable}
	for name, value := range results(&unreachable) {
		known := slices.Contains([]string{"status", "token_type", "token_preview", "service_region"}, name)
		if value.IsNull() == known {
			t.Errorf("%s is %s without a response", name, value)
		}
	}
}

// A guard of the table becomes a value of the check, with all elements in their order.
func TestGuardValue(t *testing.T) {
	t.Parallel()
	for _, g := range preflight.Guards {
		set, unset, want := attr.Value(listOf("b", "a")), attr.Value(types.ListNull(types.StringType)), "b a"
		if g.Bool {
			set, unset, want = types.BoolValue(true), types.BoolValue(false), "true"
		}
		v, known := guardValue(g, set)
		if !known || v == nil || v.Name != g.Name || strings.Join(v.Values, " ") != want {
			t.Errorf("%s: %+v, %t", g.Name, v, known)
		}
		if v, known := guardValue(g, unset); v != nil || !known {
			t.Errorf("%s is unset: %+v, %t", g.Name, v, known)
		}
	}
}
