package preflight

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// Results are bounded; guards compare everything.
func TestCheck_bounds(t *testing.T) {
	t.Parallel()
	user := adaUser("admin")
	user.Name = pagerduty.Text(strings.Repeat("n", maxText+1))
	user.Teams = make(pagerduty.Teams, maxList+1)
	a := &api{user: user, many: make([]string, 10_000)}
	for i := range a.many {
		a.many[i] = fmt.Sprintf("ability-%05d", i)
	}
	checker := &Checker{API: a, Region: "us", Timeout: DefaultTimeout}
	e := Expectations{Sets: map[string][]string{"required_abilities": {"ability-09999"}}}
	r := checker.Check(t.Context(), tokenCredential(KindToken), e)
	if r.Status != Valid || r.Abilities != nil || r.User.Teams != nil || r.User.Name != "" {
		t.Errorf("%s, %d abilities, %d teams, a name of %d", r.Status, len(r.Abilities), len(r.User.Teams), len(r.User.Name))
	}
	var gaps []string
	for _, g := range r.Gaps {
		gaps = append(gaps, fmt.Sprintf("%s %d", g.What, g.Size))
	}
	if want := []string{"abilities 10001", "user.name 1025", "user.teams 1001"}; !slices.Equal(gaps, want) {
		t.Errorf("gaps %q, want %q", gaps, want)
	}
	name := strings.Repeat("b", maxText+1)
	long := Report{Abilities: []string{"a", name}, Scopes: []string{name}}
	if r := long.bounded(); r.Abilities != nil || r.Scopes != nil || len(r.Gaps) != 2 {
		t.Errorf("long names: %d abilities, %d scopes, gaps %v", len(r.Abilities), len(r.Scopes), r.Gaps)
	}
	if user.Name == "" {
		t.Error("the remembered user was changed")
	}
}
