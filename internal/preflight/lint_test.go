package preflight

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const validToken = "u+AbCdEfGhIjKlMnOp12"

func TestLint(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		value    string
		problem  Problem
		position int
	}{
		"newline at the end":        {validToken + "\n", ProblemLineBreak, 21},
		"CRLF at the end":           {validToken + "\r\n", ProblemLineBreak, 21},
		"newline inside":            {"abc\ndef", ProblemLineBreak, 4},
		"tab":                       {validToken + "\t", ProblemControl, 21},
		"NUL":                       {"a\x00b", ProblemControl, 2},
		"escape sequence":           {"\x1b[31m" + validToken, ProblemControl, 1},
		"DEL":                       {validToken + "\x7f", ProblemControl, 21},
		"zero-width space":          {"abc\u200bdef", ProblemNonASCII, 4},
		"byte-order mark":           {"\ufeff" + validToken, ProblemByteOrder, 1},
		"non-breaking space":        {validToken + "\u00a0", ProblemSpace, 21},
		"en dash":                   {"abc\u2013def", ProblemNonASCII, 4},
		"invalid UTF-8":             {"abc\xffdef", ProblemNonASCII, 4},
		"leading space":             {" " + validToken, ProblemSpace, 1},
		"trailing space":            {validToken + " ", ProblemSpace, 21},
		"only spaces":               {"   ", ProblemSpace, 1},
		"double quotes":             {`"` + validToken + `"`, ProblemQuote, 1},
		"single quote at the end":   {validToken + "'", ProblemQuote, 21},
		"backticks":                 {"`" + validToken + "`", ProblemQuote, 1},
		"typographic quotes":        {"\u201c" + validToken + "\u201d", ProblemQuote, 1},
		"Token token=":              {"Token token=" + validToken, ProblemPrefix, 1},
		"token=":                    {"token=" + validToken, ProblemPrefix, 1},
		"Token":                     {"Token " + validToken, ProblemPrefix, 1},
		"Bearer":                    {"Bearer " + validToken, ProblemPrefix, 1},
		"bearer:":                   {"bearer:" + validToken, ProblemPrefix, 1},
		"bearer, lower case":        {"bearer " + validToken, ProblemPrefix, 1},
		"the whole header":          {"Authorization: Token token=" + validToken, ProblemPrefix, 1},
		"assignment":                {"PAGERDUTY_TOKEN=" + validToken, ProblemAssignment, 1},
		"export":                    {"export PAGERDUTY_TOKEN=" + validToken, ProblemAssignment, 1},
		"YAML":                      {"pagerduty_token: " + validToken, ProblemAssignment, 1},
		"flag":                      {"--api-key=" + validToken, ProblemAssignment, 1},
		"shell variable":            {"$PAGERDUTY_TOKEN", ProblemVariable, 0},
		"shell variable, braces":    {"${PAGERDUTY_TOKEN}", ProblemVariable, 0},
		"GitHub Actions expression": {"${{ secrets.PAGERDUTY_TOKEN }}", ProblemVariable, 0},
		"template":                  {"{{ pagerduty_token }}", ProblemVariable, 0},
		"Windows variable":          {"%PAGERDUTY_TOKEN%", ProblemVariable, 0},
		"command substitution":      {"$(cat token)", ProblemVariable, 0},
		"Terraform reference":       {"var.pagerduty_token", ProblemVariable, 0},
		"PowerShell variable":       {"$env:PAGERDUTY_TOKEN", ProblemVariable, 0},
		"Compose variable":          {"$$PAGERDUTY_TOKEN", ProblemVariable, 0},
		"Azure expression":          {"$[variables.token]", ProblemVariable, 0},
		"at signs":                  {"@PAGERDUTY_TOKEN@", ProblemVariable, 0},
		"single braces":             {"{PAGERDUTY_TOKEN}", ProblemVariable, 0},
		"secret without braces":     {"secrets.PAGERDUTY_TOKEN", ProblemVariable, 0},
		"angle brackets":            {"<your-token>", ProblemPlaceholder, 0},
		"your-token":                {"your-pagerduty-token", ProblemPlaceholder, 0},
		"YOUR_API_KEY_HERE":         {"YOUR_API_KEY_HERE", ProblemPlaceholder, 0},
		"a variable's name":         {"PAGERDUTY_API_KEY", ProblemPlaceholder, 0},
		"your-client-id":            {"your-client-id", ProblemPlaceholder, 0},
		"client_secret":             {"client_secret", ProblemPlaceholder, 0},
		"a shorter name":            {"pd_token", ProblemPlaceholder, 0},
		"changeme":                  {"changeme", ProblemPlaceholder, 0},
		"null":                      {"null", ProblemPlaceholder, 0},
		"stars":                     {"********************", ProblemMasked, 0},
		"stars after a beginning":   {"u+Ab****************", ProblemMasked, 0},
		"shortened":                 {"u+Ab...Op12", ProblemMasked, 0},
		"shortened, one character":  {"u+Ab\u2026", ProblemMasked, 0},
		"bullets":                   {"\u25cf\u25cf\u25cf\u25cf", ProblemMasked, 0},
		"x":                         {"xxxxxxxxxxxxxxxxxxxx", ProblemMasked, 0},
		"sensitive":                 {"(sensitive value)", ProblemMasked, 0},
		"literal backslash n":       {validToken + `\n`, ProblemEscape, 21},
		"vault reference":           {"vault:secret/data/pd#token", ProblemReference, 0},
		"1Password":                 {"op://vault/item/field", ProblemReference, 0},
		"JSON list":                 {`["` + validToken + `"]`, ProblemDocument, 0},
		"JSON list of objects":      {`[{"token": "` + validToken + `"}]`, ProblemDocument, 0},
		"JSON":                      {`{"token": "` + validToken + `"}`, ProblemDocument, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := Lint(c.value)
			if f == nil || f.Problem != c.problem || f.Position != c.position {
				t.Fatalf("found %+v, want %q at %d", f, c.problem, c.position)
			}
			if strings.Contains(fmt.Sprintf("%+v", *f), validToken[4:]) {
				t.Error("the finding holds the value")
			}
		})
	}
}

// An API token of the documented shape, and what is only unusual, must be asked about.
func TestLint_sendable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		value string
		hints []Hint
	}{
		"API token":         {validToken, nil},
		"every character":   {"0aZ_-+/=0aZ_-+/=0aZ_", nil},
		"ends with equals":  {"u+AbCdEfGhIjKlMnOp==", nil},
		"Events v1":         {strings.Repeat("0a", 16), []Hint{HintEvents}},
		"Events v2":         {"R0" + strings.Repeat("AB", 15), []Hint{HintEvents}},
		"32 of other kinds": {"No value at secret/data/pagerdut", []Hint{HintInnerSpace, HintLong}},
		"OAuth":             {"pdus+_0XBPWQQ_" + strings.Repeat("a", 50), []Hint{HintOAuth}},
		"OAuth of the EU":   {"pdeu+_0XBPWQQ_" + strings.Repeat("a", 50), []Hint{HintOAuth}},
		"old OAuth":         {strings.Repeat("0a", 32), []Hint{HintOldOAuth}},
		"one missing":       {validToken[:19], []Hint{HintShort}},
		"one too many":      {validToken + "x", []Hint{HintLong}},
		"GitHub":            {"ghp_" + strings.Repeat("a", 36), []Hint{HintOtherToken}},
		"base64":            {"dStBYkNkRWZHaElqS2xNbk9wMTI=", []Hint{HintBase64}},
		"space inside":      {"u+AbCdEfGh IjKlMnOp1", []Hint{HintInnerSpace}},
		"other punctuation": {"u+AbCdEfGh!IjKlMnOp1", []Hint{HintAlphabet}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if f := Lint(c.value); f != nil {
				t.Fatalf("refused: %+v", *f)
			}
			if hints := Shape(c.value); !slices.Equal(hints, c.hints) {
				t.Errorf("hints %q, want %q", hints, c.hints)
			}
		})
	}
}

func TestPreview(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		validToken:            "****Op12",
		"":                    "****",
		"abcd":                "****",
		"0123456789abcde":     "****",
		"0123456789abcdef":    "****cdef",
		validToken + "\n":     "****",
		validToken + "\u201d": "****",
		"01234567890123 45":   "****",
	} {
		if got := Preview(value); got != want {
			t.Errorf("Preview of a value of %d bytes is %q, want %q", len(value), got, want)
		}
	}
}

// FuzzLint: whatever comes in, no panic, a position inside the value, and a
// preview of at most 4 characters. What passes can be a header value.
func FuzzLint(f *testing.F) {
	for _, seed := range []string{
		validToken, "", "\n", "Token token=x", "${x}", "\xff\xfe", "\u200b", "'a'", "<x>", strings.Repeat("a", 1000),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if len(Preview(value)) > 8 {
			t.Error("the preview shows more than 4 characters")
		}
		_ = Shape(value)
		finding := Lint(value)
		if finding == nil {
			for _, b := range []byte(value) {
				if b < ' ' || b > '~' {
					t.Fatalf("byte %#x passed", b)
				}
			}
			return
		}
		if finding.Position < 0 || finding.Position > max(finding.Length, 1) {
			t.Errorf("position %d of %d", finding.Position, finding.Length)
		}
	})
}

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
