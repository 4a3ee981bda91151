package preflight

import (
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// A length is no reason to refuse a value, until no server takes it as a header.
func TestLint_length(t *testing.T) {
	t.Parallel()
	for length, malformed := range map[int]bool{
		1: false, 20: false, 8 << 10: false, 1 << 16: false, 1<<16 + 1: true, 1 << 20: true,
	} {
		f := Lint(strings.Repeat("a", length-1) + "1")
		if (f != nil) != malformed || f != nil && (f.Problem != ProblemDocument || f.Length != length) {
			t.Errorf("%d characters: %+v", length, f)
		}
	}
}

// A hundred users with many teams can be more than is read of an answer. One of them says
// whether the token is valid.
func TestCheck_manyLargeUsers(t *testing.T) {
	t.Parallel()
	a := &api{account: true, users: acme, writes: true, fail: map[string]error{
		"/users (many)": &pagerduty.Error{Kind: pagerduty.KindTooLarge, Status: 200},
	}}
	c := &Checker{API: a, Region: "us", Timeout: DefaultTimeout}
	r := c.Check(t.Context(), tokenCredential(KindToken), Expectations{RequireWriteAccess: true})
	if r.Status != Valid || r.WriteAccess == nil || !*r.WriteAccess || a.count("/users") != 1 {
		t.Errorf("%s (%+v) after %q", r.Status, r.Failure, a.asked)
	}
}
