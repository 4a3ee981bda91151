package preflight

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// A guard that is not in the table, and every one that cannot be decided, fails.
func TestGuards(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	user := Report{
		TokenType: TypeUser, Subdomain: "acme", AccountRegion: "us", Region: "us", User: adaUser("admin"),
		Abilities: []string{"sso"}, Scopes: []string{"users.read"}, WriteAccess: &yes,
		Other: &Report{Subdomain: "acme", AccountRegion: "us", Region: "us"},
	}
	unknown := Report{TokenType: TypeUnknown, Region: "us"}
	differs := Report{
		TokenType: TypeAccount, Subdomain: "other", AccountRegion: "us", Region: "us", User: adaUser("observer"),
		Abilities: []string{}, Scopes: []string{}, WriteAccess: &no,
		Other: &Report{Subdomain: "acme", AccountRegion: "us", Region: "us"},
	}
	differs.User.Email = "eve@acme.example"
	values := map[string][]string{
		"allowed_token_types": {"user"}, "allowed_subdomains": {"ACME"}, "forbidden_subdomains": {"other"},
		"allowed_service_regions": {"us"}, "allowed_user_emails": {"ADA@acme.example"}, "allowed_roles": {"admin"},
		"required_abilities": {"sso"}, "required_scopes": {"users.read"},
	}
	for _, g := range Guards {
		e := Expectations{Sets: map[string][]string{g.Name: values[g.Name]}}
		if !g.Set() {
			e = Expectations{RequireWriteAccess: g.Name == GuardWriteAccess}
			if g.Name == GuardSameAccount {
				e.SameAccountAs = &Credential{}
			}
		} else if values[g.Name] == nil {
			t.Fatalf("%s has no value in this test", g.Name)
		}
		if v := e.violations(&user); len(v) != 0 {
			t.Errorf("%s: not met: %+v", g.Name, v)
		}
		if g.Name != "allowed_service_regions" {
			v := e.violations(&differs)
			if len(v) != 1 || v[0].Undecided != UndecidedNot || len(v[0].Found)+len(v[0].Missing) == 0 {
				t.Errorf("%s lets another credential pass, or says not what was found: %+v", g.Name, v)
			}
		}
		if v := e.violations(&unknown); len(v) != 1 || v[0].Undecided == UndecidedNot {
			t.Errorf("%s is decided although nothing is known: %+v", g.Name, v)
		}
		if v := e.violations(&Report{Skipped: true}); len(v) != 1 || v[0].Undecided != UndecidedSkipped {
			t.Errorf("%s does not fail where validation is skipped: %+v", g.Name, v)
		}
		elsewhere := user
		elsewhere.Region = "eu"
		v := e.violations(&elsewhere)
		if g.Account != (len(v) == 1 && v[0].Undecided == UndecidedRegion) {
			t.Errorf("%s and an account of another region: %+v", g.Name, v)
		}
	}
	e := Expectations{Sets: map[string][]string{"allowed_names": {"Ada"}}}
	if v := e.violations(&user); len(v) != 1 || v[0].Undecided != UndecidedUnknown {
		t.Errorf("a guard that the table lacks passes: %+v", v)
	}
}

func TestGuards_otherRegion(t *testing.T) {
	t.Parallel()
	e := Expectations{Sets: map[string][]string{"allowed_service_regions": {"us"}}}
	r := Report{Subdomain: "acme", AccountRegion: "eu", Region: "eu"}
	if v := e.violations(&r); len(v) != 1 || !slices.Equal(v[0].Found, []string{"eu"}) {
		t.Errorf("an account of the EU: %+v", v)
	}
	same := Expectations{SameAccountAs: &Credential{}}
	r = Report{
		Subdomain: "acme", AccountRegion: "us", Region: "us",
		Other: &Report{Subdomain: "acme", AccountRegion: "eu", Region: "us"},
	}
	if v := same.violations(&r); len(v) != 1 || v[0].Undecided != UndecidedOther {
		t.Errorf("an account of the same name in the other region: %+v", v)
	}
}

func TestGuards_rules(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ valid, invalid []string }{
		"allowed_token_types": {[]string{"user", "account", "app_oauth"}, []string{"", "unknown", "User"}},
		"allowed_subdomains": {
			[]string{"acme", "ACME-2"}, []string{"", "acme.pagerduty.com", "https://acme", "-a", "a b"},
		},
		"forbidden_subdomains":    {[]string{"acme"}, []string{"", "acme."}},
		"allowed_service_regions": {[]string{"us", "eu"}, []string{"", "US", "de"}},
		"allowed_user_emails":     {[]string{"a@b"}, []string{"", "a", "@b", "a@", "a b@c"}},
		"allowed_roles":           {[]string{"admin", "chief"}, []string{"", " "}},
		"required_abilities":      {[]string{"sso"}, []string{"", "\t"}},
		"required_scopes": {
			[]string{"users.read"}, []string{"", "as_account-us.acme", "AS_ACCOUNT-us.acme", "a b", `a"`},
		},
	} {
		i := slices.IndexFunc(Guards, func(g Guard) bool { return g.Name == name })
		for _, v := range c.valid {
			if why := Guards[i].Refusal(v); why != "" {
				t.Errorf("%s refuses %q: %s", name, v, why)
			}
		}
		for _, v := range c.invalid {
			if Guards[i].Refusal(v) == "" {
				t.Errorf("%s takes %q", name, v)
			}
		}
	}
	for value, nearest := range map[string]string{
		"admn": "admin", "Global Admin": "admin", "manager": "user", "Responder": "limited_user", "owners": "owner",
		"stakeholder": "read_only_user", "limited-stakeholder": "read_only_limited_user", "observers": "observer",
		"cto": "user",
	} {
		if doubt := doubtRole(value); !strings.HasSuffix(doubt, fmt.Sprintf("the nearest is %q", nearest)) {
			t.Errorf("%q: %s", value, doubt)
		}
	}
	for _, role := range Roles {
		if doubtRole(role) != "" || doubtRole(strings.ToUpper(role)) != "" {
			t.Errorf("%s is doubted", role)
		}
	}
}

// What cannot be seen in a message is refused by every guard, whatever its own rule.
func TestGuards_invisible(t *testing.T) {
	t.Parallel()
	fits := map[string]string{
		"allowed_token_types": "user", "allowed_service_regions": "us", "allowed_user_emails": "ada@acme.example",
	}
	for _, g := range Guards {
		value := cmp.Or(fits[g.Name], "acme")
		if !g.Set() {
			continue
		}
		if why := g.Refusal(value); why != "" {
			t.Errorf("%s refuses %q: %s", g.Name, value, why)
		}
		for _, empty := range []string{"", " ", "\t\n", "\u200b"} {
			if why := g.Refusal(empty); !strings.Contains(why, "null, empty or whitespace") {
				t.Errorf("%s, %q: %s", g.Name, empty, why)
			}
		}
		for _, odd := range []string{
			value + " ", "\n" + value, value + "\r", value + "\u00a0", value + "  x", value + "\u200b", "\ufeff" + value,
			value + "\x00",
		} {
			if why := g.Refusal(odd); !strings.Contains(why, "whitespace where a name has none") {
				t.Errorf("%s, %q: %s", g.Name, odd, why)
			}
		}
	}
}

// A name is compared without regard to case, but not with letters that only look alike.
func TestSameName(t *testing.T) {
	t.Parallel()
	for pair, want := range map[[2]string]bool{
		{"ada@acme.example", "ADA@Acme.example"}: true, {"jörg@acme.example", "JÖRG@acme.example"}: true,
		{"boss@acme.example", "bo\u017fs@acme.example"}: false, {"kim@acme.example", "\u212aim@acme.example"}: false,
		{"ada@acme.example", "ada@acme.example "}: false,
	} {
		if got := among([]string{"x", pair[0]}, pair[1]); got != want {
			t.Errorf("%q: %t", pair, got)
		}
	}
}

// The other service region leaves a guard undecided only where it would be met: what
// it rules out anyway is decided, so that "valid" is false.
func TestGuards_decidedInAnotherRegion(t *testing.T) {
	t.Parallel()
	r := Report{
		Subdomain: "acme", AccountRegion: "eu", Region: "us", TokenType: TypeAccount,
		Other: &Report{Subdomain: "acme", AccountRegion: "us", Region: "us"},
	}
	for _, c := range []struct {
		guard, asked string
		want         Undecided
	}{
		{guard: "allowed_subdomains", asked: "globex", want: UndecidedNot},
		{guard: "allowed_subdomains", asked: "acme", want: UndecidedRegion},
		{guard: "forbidden_subdomains", asked: "acme", want: UndecidedNot},
		{guard: "forbidden_subdomains", asked: "globex", want: UndecidedRegion},
		{guard: "allowed_service_regions", asked: "us", want: UndecidedNot},
		{guard: "allowed_service_regions", asked: "eu", want: UndecidedRegion},
	} {
		v := Expectations{Sets: map[string][]string{c.guard: {c.asked}}}.violations(&r)
		if len(v) != 1 || v[0].Undecided != c.want {
			t.Errorf("%s = %q: %+v, want %q", c.guard, c.asked, v, c.want)
		}
	}
	same := Expectations{SameAccountAs: &Credential{}}
	if v := same.violations(&r); len(v) != 1 || v[0].Undecided != UndecidedNot {
		t.Errorf("the account of the same name in the other region: %+v", v)
	}
	r.Other.AccountRegion, r.Other.Region = "eu", "eu"
	if v := same.violations(&r); len(v) != 1 || v[0].Undecided != UndecidedRegion {
		t.Errorf("the same account, asked in another region: %+v", v)
	}
}
