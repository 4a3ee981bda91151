package provider

import (
	"context"
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

var yes = types.BoolValue(true)

func setOf(values ...string) types.Set {
	elements := make([]attr.Value, len(values))
	for i, v := range values {
		elements[i] = types.StringValue(v)
	}
	return types.SetValueMust(types.StringType, elements)
}

func guardOf(name string) preflight.Guard {
	return preflight.Guards[slices.IndexFunc(preflight.Guards, func(g preflight.Guard) bool { return g.Name == name })]
}

func conflictOf(m checkModel) diag.Diagnostic { return m.conflicts()[0] }

// appConflict is what is said of a bool argument where an OAuth app is checked.
func appConflict(argument string) diag.Diagnostic {
	m := checkModel{Credential: types.StringValue("app_oauth")}
	switch argument {
	case "include_write_access":
		m.IncludeWriteAccess = yes
	default:
		m.RequireWriteAccess = yes
	}
	return conflictOf(m)
}

// Every status with what the attribute "valid" is, and whether the check passes:
// only what PagerDuty accepted, or nobody asked about, does.
func TestVerdict_everyStatus(t *testing.T) {
	t.Parallel()
	for _, status := range append(slices.Clone(preflight.Statuses), "enchanted", "") {
		passes := status == preflight.Valid || status == preflight.Unverified
		r := preflight.Report{Status: status, Failure: &pagerduty.Error{Kind: pagerduty.KindStatus, Status: 500}}
		silent := verdict(r, nil, false)
		if silent.HasError() == passes {
			t.Errorf("%q without a message: %v", status, silent)
		}
		if !passes && silent[0].Summary() != summaryVerdict {
			t.Errorf("%q without a message: %v", status, silent)
		}
		// A warning about a gap does not stand for a message, nor does on_failure.
		gap := []explain.Diagnosis{{Message: explain.Message{Summary: "gap"}, Warning: true}}
		if verdict(r, gap, true).HasError() == passes {
			t.Errorf("%q with a gap alone: %v", status, verdict(r, gap, true))
		}
	}
}

// A guard that is not met, or not decided, is an error, whatever the status says.
func TestVerdict_everyGuard(t *testing.T) {
	t.Parallel()
	for _, guard := range preflight.Guards {
		v := preflight.Violation{Guard: guard.Name, Comparison: guard.Comparison}
		for _, status := range []preflight.Status{preflight.NotAllowed, preflight.Valid, preflight.Unverified} {
			r := preflight.Report{Status: status, Violations: []preflight.Violation{v}}
			if !verdict(r, nil, false).HasError() {
				t.Errorf("%s, %s without a message: it passes", guard.Name, status)
			}
		}
	}
}

func TestVerdict_severity(t *testing.T) {
	t.Parallel()
	refused := explain.Diagnosis{Message: explain.Message{Summary: "no", Detail: "because"}, Argument: "allowed_roles"}
	r := preflight.Report{Status: preflight.NotAllowed}
	for _, c := range []struct {
		asWarning bool
		want      diag.Diagnostic
	}{
		{asWarning: false, want: diag.NewAttributeErrorDiagnostic(path.Root("allowed_roles"), "no", "because")},
		{asWarning: true, want: diag.NewAttributeWarningDiagnostic(path.Root("allowed_roles"), "no", "because")},
	} {
		got := verdict(r, []explain.Diagnosis{refused}, c.asWarning)
		if len(got) != 1 || !got[0].Equal(c.want) {
			t.Errorf("got %v, want %v", got, c.want)
		}
	}
}

// Each guard of the table reaches the domain, and nothing else is asked of it.
func TestExpectations(t *testing.T) {
	t.Parallel()
	token := preflight.Credential{Kind: preflight.KindToken, Source: explain.EnvToken}
	for _, guard := range preflight.Guards {
		m := checkModel{}
		set, value := guardField(t, &m, guard.Name)
		switch {
		case guard.Set():
			*set = setOf("b", "a")
		default:
			*value = yes
		}
		e, diags := m.expectations(t.Context(), token)
		if diags.HasError() {
			t.Fatal(diags)
		}
		asked := []string{}
		for name, values := range e.Sets {
			asked = append(asked, name+" "+strings.Join(values, ","))
		}
		if e.SameAccountAs != nil {
			asked = append(asked, preflight.GuardSameAccount)
		}
		if e.RequireWriteAccess {
			asked = append(asked, preflight.GuardWriteAccess)
		}
		want := guard.Name
		if guard.Set() {
			want += " a,b"
		}
		if !slices.Equal(asked, []string{want}) {
			t.Errorf("%s: asked %q", guard.Name, asked)
		}
	}
}

// guardField is the model's field of a guard, which is null before.
func guardField(t *testing.T, m *checkModel, name string) (set *types.Set, value *types.Bool) {
	t.Helper()
	sets := map[string]*types.Set{
		"allowed_subdomains": &m.AllowedSubdomains, "forbidden_subdomains": &m.ForbiddenSubdomains,
		"allowed_service_regions": &m.AllowedServiceRegions, "allowed_token_types": &m.AllowedTokenTypes,
		"allowed_user_emails": &m.AllowedUserEmails, "allowed_roles": &m.AllowedRoles,
		"required_abilities": &m.RequiredAbilities, "required_scopes": &m.RequiredScopes,
	}
	bools := map[string]*types.Bool{
		preflight.GuardSameAccount: &m.SameAccountAsToken, preflight.GuardWriteAccess: &m.RequireWriteAccess,
	}
	if sets[name] == nil && bools[name] == nil {
		t.Fatalf("the model has no field for %s", name)
	}
	return sets[name], bools[name]
}

// A guard of the table that nobody implemented is an error in every place, and so is
// a model that names a guard that the table lacks. Not parallel: it changes the table.
func TestGuardTable_forgotten(t *testing.T) { //nolint:paralleltest // it changes the table of guards
	before := preflight.Guards
	t.Cleanup(func() { preflight.Guards = before })
	preflight.Guards = append(slices.Clone(before), preflight.Guard{Name: "forbidden_moons", Comparison: preflight.NoneOf})
	if _, diags := (checkModel{}).expectations(t.Context(), preflight.Credential{}); !diags.HasError() {
		t.Error("expectations forgets a guard in silence")
	}
	if diags := (&providerData{}).judge(checkModel{}); !diags.HasError() {
		t.Error("judge forgets a guard in silence")
	}
	preflight.Guards = before[1:]
	if diags := guardValidator(before[0].Name).judge(setOf("user"), false); !diags.HasError() {
		t.Error("a validator forgets its guard in silence")
	}
}

// What the rules refuse and what they take, for every set of the table.
func TestGuardValidator_values(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		guard   string
		set     types.Set
		part    string
		summary string
	}{
		{guard: "allowed_subdomains", set: setOf("acme", "Acme-EU")},
		{guard: "allowed_subdomains", set: setOf(), part: "an empty set allows nothing"},
		{guard: "allowed_subdomains", set: setOf("https://acme.pagerduty.com"), part: `"acme", not`},
		{guard: "allowed_subdomains", set: setOf("acme.pagerduty.com"), part: `"acme", not`},
		{guard: "forbidden_subdomains", set: setOf("acme")},
		{guard: "forbidden_subdomains", set: setOf(), part: "an empty set forbids nothing"},
		{guard: "forbidden_subdomains", set: setOf("acme.pagerduty.com"), part: `"acme", not`},
		{guard: "allowed_service_regions", set: setOf("us", "eu")},
		{guard: "allowed_service_regions", set: setOf("US"), part: `"us" and "eu"`},
		{guard: "allowed_token_types", set: setOf("user", "account", "app_oauth")},
		{guard: "allowed_token_types", set: setOf("admin"), part: `"user", "account" and "app_oauth"`},
		{guard: "allowed_token_types", set: setOf("unknown"), part: `"user", "account" and "app_oauth"`},
		{guard: "allowed_user_emails", set: setOf("ada@acme.example")},
		{guard: "allowed_user_emails", set: setOf("ada"), part: "not an email address"},
		{guard: "allowed_roles", set: setOf(preflight.Roles...)},
		{guard: "allowed_roles", set: setOf(""), part: "never be met"},
		{guard: "allowed_roles", set: setOf("onwer"), summary: summaryRole, part: `nearest is "owner"`},
		{guard: "allowed_roles", set: setOf("Manager"), summary: summaryRole, part: `nearest is "user"`},
		{guard: "required_abilities", set: setOf("sso")},
		{guard: "required_abilities", set: setOf(" "), part: "never be met"},
		{guard: "required_abilities", set: setOf(), part: "an empty set requires nothing"},
		{guard: "allowed_roles", set: setOf("owner "), part: "whitespace where a name has none"},
		{guard: "allowed_user_emails", set: setOf("ada@acme.example\r"), part: "whitespace where a name has none"},
		{
			guard: "allowed_subdomains", part: "null, empty",
			set: types.SetValueMust(types.StringType, []attr.Value{types.StringNull()}),
		},
		{guard: "required_scopes", set: setOf("schedules.read")},
		{guard: "required_scopes", set: setOf(""), part: "never be met"},
		{guard: "required_scopes", set: setOf("a.read b.read"), part: "name each one"},
		{guard: "required_scopes", set: setOf("as_account-us.acme"), part: `"pd_subdomain"`},
		{guard: "required_scopes", set: setOf(), part: "an empty set requires nothing"},
		{guard: "allowed_subdomains", set: setOf(marker + "\n"), part: "cannot be used"},
		{guard: "allowed_roles", set: setOf(marker), summary: summaryRole, part: "nearest"},
		{guard: "allowed_user_emails", set: setOf(marker), part: "cannot be used"},
	} {
		if c.summary == "" && c.part != "" {
			c.summary = summaryGuard
		}
		for _, final := range []bool{false, true} {
			diags := guardValidator(c.guard).judge(c.set, final)
			if c.part == "" {
				if len(diags) > 0 {
					t.Errorf("%s %v: %v", c.guard, c.set, diags)
				}
				continue
			}
			if len(diags) != 1 || diags[0].Summary() != c.summary || !strings.Contains(diags[0].Detail(), c.part) {
				t.Errorf("%s %v: %v, want %q with %q", c.guard, c.set, diags, c.summary, c.part)
			}
			searchLeaks(t, c.guard, describeAll(diags))
		}
	}
}

func describeAll(diags diag.Diagnostics) string {
	var b strings.Builder
	for _, d := range diags {
		b.WriteString(fullText(d))
	}
	return b.String()
}

// null is no value of a set, and what is unknown is one while validating only.
func TestGuardValidator_nullAndUnknown(t *testing.T) {
	t.Parallel()
	withUnknown := types.SetValueMust(types.StringType, []attr.Value{types.StringValue("acme"), types.StringUnknown()})
	withNull := types.SetValueMust(types.StringType, []attr.Value{types.StringNull()})
	for _, guard := range preflight.Guards {
		v := guardValidator(guard.Name)
		if !guard.Set() {
			if v.judge(types.BoolUnknown(), false).HasError() || !v.judge(types.BoolUnknown(), true).HasError() {
				t.Errorf("%s: unknown", guard.Name)
			}
			continue
		}
		if len(v.judge(types.SetNull(types.StringType), true)) > 0 {
			t.Errorf("%s: null is not unset", guard.Name)
		}
		if !v.judge(withNull, false).HasError() {
			t.Errorf("%s: null is an element", guard.Name)
		}
		unknown := types.SetUnknown(types.StringType)
		if v.judge(unknown, false).HasError() || !v.judge(unknown, true).HasError() {
			t.Errorf("%s: unknown", guard.Name)
		}
		if !v.judge(withUnknown, true).HasError() {
			t.Errorf("%s: an unknown element", guard.Name)
		}
	}
}

func TestChoices(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		choice choiceValidator
		value  types.String
		final  bool
		want   string
	}{
		{choice: credentialChoice, value: types.StringNull(), final: true},
		{choice: credentialChoice, value: types.StringValue("token"), final: true},
		{choice: credentialChoice, value: types.StringValue("user_token"), final: true},
		{choice: credentialChoice, value: types.StringValue("app_oauth"), final: true},
		{choice: credentialChoice, value: types.StringValue(""), want: summaryCredential},
		{choice: credentialChoice, value: types.StringValue("user-token"), want: summaryCredential},
		{choice: credentialChoice, value: types.StringValue("Token"), want: summaryCredential},
		{choice: credentialChoice, value: types.StringUnknown()},
		{choice: credentialChoice, value: types.StringUnknown(), final: true, want: summaryUnknownArgument},
		{choice: onFailureChoice, value: types.StringNull(), final: true},
		{choice: onFailureChoice, value: types.StringValue("error"), final: true},
		{choice: onFailureChoice, value: types.StringValue("warning"), final: true},
		{choice: onFailureChoice, value: types.StringValue("ignore"), want: summaryOnFailure},
		{choice: onFailureChoice, value: types.StringValue(""), want: summaryOnFailure},
		{choice: onFailureChoice, value: types.StringUnknown(), final: true, want: summaryUnknownArgument},
	} {
		got := ""
		if diags := c.choice.judge(c.value, c.final); len(diags) > 0 {
			got = diags[0].Summary()
		}
		if got != c.want {
			t.Errorf("%s %s: got %q, want %q", c.choice.Description(context.Background()), c.value, got, c.want)
		}
	}
}

// A kind of credential that no case names is refused, never taken for "token".
func TestCredential_unknownKind(t *testing.T) {
	t.Parallel()
	p := &providerData{settings: settings{token: secretSetting{value: pagerduty.NewSecret(marker)}}}
	for _, kind := range []preflight.Kind{"", "user-token", "Token"} {
		cred, diags := p.credential(kind)
		if !diags.HasError() || !cred.Value.IsZero() {
			t.Errorf("%q gives a credential", kind)
		}
	}
}

// setFrom is what the framework makes of an attribute's field.
func setFrom(t *testing.T, values []string) types.Set {
	t.Helper()
	set, diags := types.SetValueFrom(t.Context(), types.StringType, values)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return set
}

// The attributes of a report, each from its own field.
func TestResult(t *testing.T) {
	t.Parallel()
	no := false
	r := preflight.Report{
		Status: preflight.NotAllowed, Region: "eu", AccountRegion: "us", HTTPStatus: 200, TokenType: preflight.TypeUser,
		Credential: preflight.Credential{Source: explain.EnvToken}, Preview: "****abcd", Subdomain: "acme", WriteAccess: &no,
		Scopes: []string{}, User: &pagerduty.User{ID: "P1", Teams: pagerduty.Teams{}},
		Violations: []preflight.Violation{{Guard: "allowed_roles"}},
	}
	m := result(r)
	team := types.ObjectType{AttrTypes: map[string]attr.Type{"id": types.StringType, "name": types.StringType}}
	teams, diags := types.ListValueFrom(t.Context(), team, m.User.Teams)
	if diags.HasError() {
		t.Fatal(diags)
	}
	for name, c := range map[string]struct{ got, want attr.Value }{
		"valid":            {got: m.Valid, want: types.BoolValue(false)},
		"status":           {got: m.Status, want: types.StringValue("not_allowed")},
		"http_status_code": {got: m.HTTPStatusCode, want: types.Int64Value(200)},
		"token_type":       {got: m.TokenType, want: types.StringValue("user")},
		"token_source":     {got: m.TokenSource, want: types.StringValue(explain.EnvToken)},
		"token_preview":    {got: m.TokenPreview, want: types.StringValue("****abcd")},
		"subdomain":        {got: m.Subdomain, want: types.StringValue("acme")},
		"service_region":   {got: m.ServiceRegion, want: types.StringValue("eu")},
		"abilities":        {got: setFrom(t, m.Abilities), want: types.SetNull(types.StringType)},
		"scopes":           {got: setFrom(t, m.Scopes), want: setOf()},
		"write_access":     {got: m.WriteAccess, want: types.BoolValue(false)},
		"user.id":          {got: m.User.ID, want: types.StringValue("P1")},
		"user.name":        {got: m.User.Name, want: types.StringNull()},
		"user.teams":       {got: teams, want: types.ListValueMust(team, nil)},
	} {
		if !c.got.Equal(c.want) {
			t.Errorf("%s is %s, want %s", name, c.got, c.want)
		}
	}
	empty := result(preflight.Report{Status: preflight.Unverified})
	for name, got := range map[string]attr.Value{
		"valid": empty.Valid, "http_status_code": empty.HTTPStatusCode, "token_source": empty.TokenSource,
		"token_preview": empty.TokenPreview, "write_access": empty.WriteAccess, "scopes": setFrom(t, empty.Scopes),
	} {
		if !got.IsNull() {
			t.Errorf("%s is %s, want null", name, got)
		}
	}
}

// The attribute "valid" says what was decided: no guard's refusal is null.
func TestResult_valid(t *testing.T) {
	t.Parallel()
	decided := []preflight.Violation{{Guard: "allowed_roles"}}
	undecided := []preflight.Violation{{Guard: "allowed_roles", Undecided: preflight.UndecidedNoUser}}
	for _, c := range []struct {
		status     preflight.Status
		violations []preflight.Violation
		want       types.Bool
	}{
		{status: preflight.Valid, want: types.BoolValue(true)},
		{status: preflight.Malformed, want: types.BoolValue(false)},
		{status: preflight.Unauthorized, want: types.BoolValue(false)},
		{status: preflight.NotAllowed, violations: decided, want: types.BoolValue(false)},
		{status: preflight.NotAllowed, violations: undecided, want: types.BoolNull()},
		{status: preflight.NotAllowed, violations: slices.Concat(undecided, decided), want: types.BoolValue(false)},
		{status: preflight.Forbidden, want: types.BoolNull()},
		{status: preflight.PaymentRequired, want: types.BoolNull()},
		{status: preflight.RateLimited, want: types.BoolNull()},
		{status: preflight.Unreachable, want: types.BoolNull()},
		{status: preflight.ServerError, want: types.BoolNull()},
		{status: preflight.UnexpectedResponse, want: types.BoolNull()},
		{status: preflight.Unverified, want: types.BoolNull()},
	} {
		if got := result(preflight.Report{Status: c.status, Violations: c.violations}).Valid; !got.Equal(c.want) {
			t.Errorf("%s %v: %s, want %s", c.status, c.violations, got, c.want)
		}
	}
}
