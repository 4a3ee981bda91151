package preflight

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// reportOf returns the report of a valid user API token.
func reportOf(change func(*Report)) *Report {
	yes := true
	r := &Report{
		Status: Valid, Settings: Settings{Region: "us"}, Credential: token, Facts: Facts{
			TokenType: TypeUser, User: ada("admin"), Subdomain: "acme", AccountRegion: "us", WriteAccess: &yes,
			Scopes: []string{"services.read", "teams.read"},
		},
	}
	if change != nil {
		change(r)
	}
	return r
}

func TestGuards(t *testing.T) {
	t.Parallel()
	no := false
	account := func(r *Report) { r.TokenType, r.User = TypeAccount, nil }
	unknown := func(r *Report) {
		r.Facts = Facts{TokenType: TypeUnknown, Gaps: []Gap{{Result: "subdomain"}, {Result: "write_access"}}}
	}
	inEU := func(r *Report) { r.AccountRegion = "eu" }
	blank := func(r *Report) { r.User = &pagerduty.User{ID: "PADA"} }
	role := func(name string) func(*Report) { return func(r *Report) { r.User.Role = name } }
	email := func(s string) func(*Report) { return func(r *Report) { r.User.Email = s } }
	subdomain := func(s string) func(*Report) { return func(r *Report) { r.Subdomain = s } }
	tested := map[string]map[string]bool{}
	for _, c := range []struct {
		guard, values string // separated by spaces
		report        func(*Report)
		want          string // "met", "fails", or why the guard could not be checked
	}{
		{"allowed_token_types", "account user", nil, "met"},
		{"allowed_token_types", "app_oauth account", nil, "fails"},
		{"allowed_token_types", "user", unknown, "not_given"},
		{"allowed_token_types", "unknown", unknown, "not_given"},
		{"allowed_token_types", "", nil, "fails"},
		{"allowed_subdomains", "globex acme", nil, "met"},
		{"allowed_subdomains", "ACME", nil, "met"},
		{"allowed_subdomains", "globex", nil, "fails"},
		{"allowed_subdomains", "acm acme1", nil, "fails"},
		{"allowed_subdomains", "\u212aitchen", subdomain("kitchen"), "fails"}, // the Kelvin sign
		{"allowed_subdomains", "kitchen", subdomain("\u212aitchen"), "fails"},
		{"allowed_subdomains", "acme", inEU, "region"},
		{"allowed_subdomains", "globex", inEU, "fails"},
		{"allowed_subdomains", "acme", unknown, "gap"},
		{"forbidden_subdomains", "globex", nil, "met"},
		{"forbidden_subdomains", "globex Acme", nil, "fails"},
		{"forbidden_subdomains", "globex", inEU, "region"},
		{"forbidden_subdomains", "acme", inEU, "fails"},
		{"forbidden_subdomains", "globex", unknown, "gap"},
		{"allowed_user_emails", "eve@acme.example ADA@Acme.Example", nil, "met"},
		{"allowed_user_emails", "eve@acme.example", nil, "fails"},
		{"allowed_user_emails", "ask@acme.example", email("as\u212a@acme.example"), "fails"},
		{"allowed_user_emails", "ask@acme.example", email("a\u017fk@acme.example"), "fails"}, // the long s
		{"allowed_user_emails", "ada@acme.example", email("ada@acme.example\u200b"), "fails"},
		{"allowed_user_emails", "ada@acme.example", account, "no_user"},
		{"allowed_user_emails", "ada@acme.example", blank, "not_given"},
		{"allowed_roles", "owner admin", nil, "met"},
		{"allowed_roles", "user", nil, "fails"},
		{"allowed_roles", "admin", role("new_role"), "fails"},
		{"allowed_roles", "new_role", role("new_role"), "met"},
		{"allowed_roles", "admin", account, "no_user"},
		{"allowed_roles", "admin", blank, "not_given"},
		{"required_scopes", "teams.read", nil, "met"},
		{"required_scopes", "teams.read services.read", nil, "met"},
		{"required_scopes", "teams.read users.read", nil, "fails"},
		{"required_scopes", "Teams.Read", nil, "fails"},
		{"required_scopes", "teams.read", unknown, "fails"},
		{"require_write_access", "true", nil, "met"},
		{"require_write_access", "true", func(r *Report) { r.WriteAccess = &no }, "fails"},
		{"require_write_access", "true", unknown, "gap"},
		{"require_everything", "true", nil, "not_given"},
		{"", "", nil, "not_given"},
	} {
		r := reportOf(c.report)
		violations := r.violations([]GuardValue{{Name: c.guard, Values: strings.Fields(c.values)}})
		got := "met"
		for _, v := range violations {
			got = "fails"
			if v.Unchecked != "" {
				got = string(v.Unchecked)
			} else if len(v.Found)+len(v.Missing) == 0 {
				t.Errorf("%s %q: the violation says nothing", c.guard, c.values)
			}
			if v.Unchecked == UncheckedGap && v.Gap != r.gap(FindGuard(c.guard).Result) {
				t.Errorf("%s: gap %+v", c.guard, v.Gap)
			}
			if v.Name != c.guard || v.Guard == nil || v.Guard.Name != c.guard || v.Guard.Summary == "" {
				t.Errorf("%s: the violation is about %+v", c.guard, v.Guard)
			}
		}
		if len(violations) > 1 || got != c.want {
			t.Errorf("%s %q: %s (%d violations), want %s", c.guard, c.values, got, len(violations), c.want)
		}
		if tested[c.guard] == nil {
			tested[c.guard] = map[string]bool{}
		}
		tested[c.guard][c.want] = true
	}
	for _, g := range Guards {
		if !tested[g.Name]["met"] || !tested[g.Name]["fails"] || len(tested[g.Name]) < 3 && g.Comparison != AllOf {
			t.Errorf("%s lacks a case", g.Name)
		}
		if g.Description == "" || g.Summary == "" || (g.Credentials == nil) != (g.Instead == "") {
			t.Errorf("%s is incomplete", g.Name)
		}
	}
}

func TestGuards_missingScopesAreSorted(t *testing.T) {
	t.Parallel()
	values := []string{"users.read", "a.read", "teams.read", "z.read", "a.read"}
	v := reportOf(nil).violation(GuardValue{Name: GuardRequiredScopes, Values: values})
	if want := []string{"a.read", "users.read", "z.read"}; !slices.Equal(v.Missing, want) {
		t.Errorf("missing %q, want %q", v.Missing, want)
	}
	if values[0] != "users.read" || values[1] != "a.read" {
		t.Error("the argument was changed")
	}
}

// Each guard is checked, and the provider's in addition to the check's own.
func TestCheck_severalGuards(t *testing.T) {
	t.Parallel()
	own := func(name, value string) GuardValue { return GuardValue{Name: name, Values: []string{value}} }
	inProvider := func(name, value string) GuardValue {
		return GuardValue{Name: name, Values: []string{value}, InProvider: true}
	}
	for _, c := range []struct {
		name   string
		guards []GuardValue
		failed []bool // whether the guard at this index fails
	}{
		{"all are met", []GuardValue{
			inProvider("allowed_subdomains", "acme"), own("allowed_subdomains", "acme"), own("allowed_roles", "admin"),
		}, []bool{false, false, false}},
		{"the provider's fails", []GuardValue{
			inProvider("allowed_subdomains", "globex"), own("allowed_subdomains", "acme"),
		}, []bool{true, false}},
		{"the check's own fails", []GuardValue{
			inProvider("allowed_subdomains", "acme"), own("allowed_subdomains", "globex"),
		}, []bool{false, true}},
		{"the provider forbids what the check allows", []GuardValue{
			inProvider("forbidden_subdomains", "acme"), own("allowed_subdomains", "acme"),
		}, []bool{true, false}},
		{"some fail", []GuardValue{
			inProvider("forbidden_subdomains", "acme"), own("allowed_token_types", "account"),
			own("allowed_roles", "admin"), own("require_everything", "true"),
		}, []bool{true, true, false, true}},
	} {
		r, _ := (&fake{user: ada("admin")}).check(t, token, c.guards...)
		var want []string
		for i, value := range c.guards {
			if c.failed[i] {
				want = append(want, fmt.Sprint(value))
			}
		}
		var got []string
		for _, v := range r.Violations {
			got = append(got, fmt.Sprint(v.GuardValue))
		}
		if !slices.Equal(got, want) || (r.Status == Valid) != (want == nil) {
			t.Errorf("%s: %s with %q, want %q", c.name, r.Status, got, want)
		}
		if got := summary(r); !strings.HasSuffix(got, " 200 me user acme/us") || r.User == nil {
			t.Errorf("%s: results %q", c.name, got)
		}
	}
}

// The official provider needs a user API token as user_token.
func TestCheck_userTokenImpliesAUser(t *testing.T) {
	t.Parallel()
	accountToo := GuardValue{Name: GuardTokenTypes, Values: []string{"user", "account"}}
	other := GuardValue{Name: GuardSubdomains, Values: []string{"acme"}}
	for _, c := range []struct {
		name    string
		fake    *fake
		guards  []GuardValue
		want    Status
		implied bool
	}{
		{"user", &fake{user: ada("admin")}, nil, Valid, false},
		{"account", &fake{account: true, one: acme}, nil, NotAllowed, true},
		{"account, another guard", &fake{account: true, one: acme}, []GuardValue{other}, NotAllowed, true},
		{"unknown type", &fake{one: acme}, nil, NotAllowed, true},
		{"account is allowed", &fake{account: true, one: acme}, []GuardValue{accountToo}, Valid, false},
	} {
		r, _ := c.fake.check(t, userToken, c.guards...)
		implied := len(r.Violations) == 1 && r.Violations[0].Implied && r.Violations[0].Name == GuardTokenTypes
		if r.Status != c.want || implied != c.implied {
			t.Errorf("%s: %s, %+v, want %s", c.name, r.Status, r.Violations, c.want)
		}
	}
}

func TestGuard_Refusal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ accepted, refused []string }{
		GuardTokenTypes: {[]string{"user", "account", "app_oauth"}, []string{"", "unknown", "User", "user "}},
		GuardSubdomains: {[]string{"acme", "ACME", "a-1"}, []string{
			"", " ", "acme.pagerduty.com", "https://acme.pagerduty.com", "acme.eu", "-a", "\u212aitchen", "acme\n",
		}},
		"allowed_user_emails": {[]string{"ada@acme.example", "\u00e4@b"}, []string{
			"", "ada", "@b", "a@", "a b@c", "a@b\u200b",
		}},
		"allowed_roles": {[]string{"admin", "new_role"}, []string{"", "\t", " admin", "a  b", "admin\u202e"}},
		GuardRequiredScopes: {[]string{"users.read", "a:b"}, []string{
			"", "users.read teams.read", `a"b`, `a\b`, "\u00e9", "as_account-us.acme", "AS_ACCOUNT-us.acme",
		}},
	} {
		for _, value := range c.accepted {
			if why := FindGuard(name).Refusal(value); why != "" {
				t.Errorf("%s: %q is refused: %s", name, value, why)
			}
		}
		for _, value := range c.refused {
			if FindGuard(name).Refusal(value) == "" {
				t.Errorf("%s: %q is accepted", name, value)
			}
		}
	}
}

// Quadratic time would make this benchmark a thousand times slower.
func BenchmarkGuards_2000Values(b *testing.B) {
	var values []string
	for i := range 2000 {
		values = append(values, fmt.Sprintf("scope%d.read", i))
	}
	r := reportOf(func(r *Report) { r.Scopes = slices.Clone(values) })
	guards := []GuardValue{{Name: GuardRequiredScopes, Values: values}, {Name: GuardSubdomains, Values: values}}
	for b.Loop() {
		if v := r.violations(guards); len(v) != 1 {
			b.Fatalf("%d violations, want 1", len(v))
		}
	}
}
