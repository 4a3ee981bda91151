package preflight

import (
	"strings"
	"testing"
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
