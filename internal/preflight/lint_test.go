package preflight

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/http/httpguts"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

const apiToken = "u+AbCdEfGhIjKlMnOp12" // 20 characters

// malformed are examples of each problem with its position. The value of 0 is about the
// value as a whole.
var malformed = map[Problem]map[string]int{
	ProblemEmpty: {"": 0, " ": 0, "\n": 0, "\r\n\t": 0, "\u00a0\u2003": 0},
	ProblemMissing: {
		"null": 0, "NULL": 0, "null\n": 0, `"null"`: 0, "undefined": 0, "none": 0, "None": 0, "nil": 0, "<nil>": 0,
		"true": 0, "False": 0,
	},
	ProblemLineBreak: {
		apiToken + "\n": 21, apiToken + "\r\n": 21, apiToken + "\r": 21, "\n" + apiToken: 1, "u+Ab\nCd": 5,
		apiToken + `\n`: 21, apiToken + `\r\n`: 21, apiToken + "%0A": 21,
	},
	ProblemInvisible: {
		"u+Ab\x00Cd": 5, "\x1b[31m" + apiToken: 1, apiToken + "\x7f": 21, "u+Ab\tCd": 5, "\ufeff" + apiToken: 1,
		"u+Ab\u200bCd": 5, "u+Ab\u00a0Cd": 5, "u+Ab\u2013Cd": 5, "u+Ab\u00e9": 5, "u+Ab\xffCd": 5, "u+Ab\u212a": 5,
		"u+Ab\u201cCd": 5, "\u00e9\n": 1, // the first of two problems
	},
	ProblemSurrounding: {
		" " + apiToken: 1, apiToken + " ": 21, apiToken + "   ": 21, "\t" + apiToken: 1, apiToken + "\t\t": 21,
		apiToken + "\u00a0": 21, apiToken + "\u00a0\u00a0": 21, apiToken + "\u2003": 21, `"` + apiToken + `"`: 1,
		"'" + apiToken: 1, apiToken + "`": 21, "\u201c" + apiToken + "\u201d": 1, apiToken + "\u2019": 21, `""`: 1,
	},
	ProblemPrefix: {
		"Token token=" + apiToken: 1, "token token = " + apiToken: 1, "Token token=": 1, "token=" + apiToken: 1,
		"Token " + apiToken: 1, "token:" + apiToken: 1, "Bearer " + apiToken: 1, "bearer:" + apiToken: 1,
		"BEARER=" + apiToken: 1, "Authorization: Token token=" + apiToken: 1, "PAGERDUTY_TOKEN=" + apiToken: 1,
		"export PAGERDUTY_TOKEN=" + apiToken: 1, "export PD=" + apiToken: 1, "set PD=" + apiToken: 1,
		"pagerduty_token: " + apiToken: 1, "--api-key=" + apiToken: 1, "X-Api-Key: " + apiToken: 1,
		"client_secret = " + apiToken: 1,
	},
	ProblemReference: {
		"$PAGERDUTY_TOKEN": 0, "$$PAGERDUTY_TOKEN": 0, "${PAGERDUTY_TOKEN}": 0, "${PAGERDUTY_TOKEN:-}": 0,
		"$env:PAGERDUTY_TOKEN": 0, "%PAGERDUTY_TOKEN%": 0, "$(cat token)": 0, "$[variables.token]": 0,
		"${{ secrets.PAGERDUTY_TOKEN }}": 0, "{{ pagerduty_token }}": 0, "{{token}}": 0, "{TOKEN}": 0, "#{TOKEN}#": 0,
		"((pagerduty.token))": 0, "@TOKEN@": 0, "var.pagerduty_token": 0, "local.token": 0, "secrets.TOKEN": 0,
		"process.env.TOKEN": 0, "vault:secret/data/pd#token": 0, "op://vault/item/field": 0,
		"arn:aws:secretsmanager:eu-west-1:123456789012:secret:pd": 0, "ssm:/pd/token": 0, "file:token.txt": 0,
		"projects/1/secrets/pd/versions/1": 0, "https://acme.pagerduty.com": 0,
	},
	ProblemPlaceholder: {
		"<your-token>": 0, "<token>\n": 0, "[token]": 0, "your-pagerduty-token": 0, "YOUR_API_KEY_HERE": 0,
		"your token": 0, "insert_token_here": 0, "changeme": 0, "TODO": 0, "placeholder": 0, "example": 0, "n/a": 0,
		"PAGERDUTY_API_KEY": 0, "client_secret": 0, "pd_token": 0, "token": 0, `"changeme"`: 0,
	},
	ProblemMasked: {
		"********************": 0, "****": 0, "****Op12": 0, "u+Ab****************": 0, "u+Cl************n001": 0,
		"u+Ab...Op12": 0, "u+Ab\u2026": 0, "\u25cf\u25cf\u25cf\u25cf": 0, "\u2022\u2022\u2022": 0,
		"xxxxxxxxxxxxxxxxxxxx": 0, "XXXX": 0, "..": 0, "(sensitive value)": 0, "(known after apply)": 0,
		"[redacted]": 0, "REDACTED": 0, "<sensitive>": 0,
	},
	ProblemDocument: {
		`{"token": "` + apiToken + `"}`: 0, "{\n  \"token\": 1}": 0, "{\r\n  \"token\": 1\r\n}": 0,
		`{ "token": 1 }`: 0, "{\t\"token\": 1}": 0, `["` + apiToken + `"]`: 0, "[\n  \"a\"\n]": 0, `[{"token": 1}]`: 0,
		"-----BEGIN PRIVATE KEY-----\nMII=": 0, strings.Repeat("a", maxLength+1): 0, strings.Repeat("a1", 1<<19): 0,
	},
}

func TestLint_rejects(t *testing.T) {
	t.Parallel()
	for _, problem := range Problems {
		if len(malformed[problem]) < 3 {
			t.Errorf("%s has too few examples", problem)
		}
		for value, position := range malformed[problem] {
			shown := pagerduty.Printable(value, 40)
			f := Lint(value)
			switch {
			case f == nil:
				t.Errorf("%q is accepted, want %s", shown, problem)
			case f.Problem != problem || f.Position != position || f.Length != len([]rune(value)):
				t.Errorf("%q: %+v, want %s at %d of %d", shown, *f, problem, position, len([]rune(value)))
			}
		}
	}
}

// Only PagerDuty knows its tokens: an unusual value is sent.
func TestLint_accepts(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		apiToken, "e+AbCdEfGhIjKlMnOp12", "y_AbCdEfGhIjKlMnOp12", "0aZ_-+/=0aZ_-+/=0aZ_", "u+AbCdEfGhIjKlMnOp==",
		"-----------BEGIN12345", strings.Repeat("0a", 32), strings.Repeat("0a", 16), "R0" + strings.Repeat("AB", 15),
		"pdus+_0XBPWQQ_" + strings.Repeat("aB", 25), "pdeu+_0XBPWQQ_" + strings.Repeat("aB", 25),
		"x", "*", ".", "-", "0", "1", "T", "u+xxxxxxxxxxxxxxxxxx", "abcdxxxxxxxxxxxxefgh", "exam.ple", "a.b.c",
		"nulls", "nonesuch", "truest", "undefined1", "nil+AbCdEfGhIjKlMnOp", "token-1+bCdEfGhIjKlM", "mytokenabcdefghijkl=",
		"bearerAbCdEfGhIjKlMn", "tokenAbCdEfGhIjKlMnO", "yourAbCdEfGhIjKlMnOp", "keyAbCdEfGhIjKlMnOp1",
		"a$b", "a%20b", "50%", "a{b}c", "a<b", "a\"b", "a'b", `a\nb`, "correct horse battery staple", "a=b", "a:b",
		"SECRETofTheApp-0123456789-zyxwvutsrqpo-W7qp", strings.Repeat("a", 8<<10), strings.Repeat("a1", maxLength/2),
	} {
		if f := Lint(value); f != nil {
			t.Errorf("%q: %+v", pagerduty.Printable(value, 40), *f)
		}
	}
}

func TestLint_acceptsTheDocumentedShape(t *testing.T) {
	t.Parallel()
	const alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-+/="
	random := rand.New(rand.NewPCG(1, 2)) // a fixed seed repeats the values
	for range 300 {
		value := make([]byte, tokenLength)
		for i := range value {
			value[i] = alphabet[random.IntN(len(alphabet))]
		}
		if f := Lint(string(value)); f != nil || HintFor(string(value)) != "" {
			t.Errorf("%s: %+v, hint %q", value, f, HintFor(string(value)))
		}
	}
}

func TestHintFor(t *testing.T) {
	t.Parallel()
	seen := map[Hint]bool{}
	for value, want := range map[string]Hint{
		apiToken:                           "",
		"0aZ_-+/=0aZ_-+/=0aZ_":             "",
		"pdus+_0XBPWQQ_abc":                HintOAuth,
		"pdeu+_0XBPWQQ_abc":                HintOAuth,
		strings.Repeat("0a", 32):           HintOAuth,
		strings.Repeat("0a", 16):           HintEvents,
		"R0" + strings.Repeat("AB", 15):    HintEvents,
		"ghp_" + strings.Repeat("a", 36):   HintOtherToken,
		"xoxb-1-2":                         HintOtherToken,
		"eyJhbGciOiJIUzI1NiJ9.e30.abc":     HintOtherToken,
		base64Of(apiToken):                 HintBase64,
		base64Of(apiToken + "\n"):          HintBase64,
		base64Of("not a token"):            HintLength,
		apiToken[1:]:                       HintLength,
		apiToken + "1":                     HintLength,
		"u+AbCdEfGh!IjKlMnOp1":             HintAlphabet,
		"No value at secret/data/pagerdut": HintAlphabet,
	} {
		if hint := HintFor(value); hint != want {
			t.Errorf("%q: %q, want %q", value, hint, want)
		}
		seen[want] = true
	}
	delete(seen, "")
	if len(seen) != len(Hints) {
		t.Errorf("%d of %d hints have an example", len(seen), len(Hints))
	}
}

func base64Of(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func TestPreview(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"": "****", "abcd": "****", "0123456789abcde": "****", "0123456789abcdef": "****cdef", apiToken: "****Op12",
		apiToken + "\n": "****", apiToken + "\u201d": "****", apiToken + " 12": "****", apiToken + "\x7f": "****",
		strings.Repeat("\u00e9", 20): "****", apiToken + "\xff\xfe\xfd\xfc": "****",
	} {
		if got := Preview(value); got != want {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
}

func FuzzLint(f *testing.F) {
	f.Add(apiToken)
	for _, values := range malformed {
		for value := range values {
			if len(value) < 100 {
				f.Add(value)
			}
		}
	}
	f.Fuzz(func(t *testing.T, value string) {
		tail, ok := strings.CutPrefix(Preview(value), "****")
		if !ok || len(tail) > 4 || !strings.HasSuffix(value, tail) || tail != "" && len(value) < 16 {
			t.Errorf("the preview is %q", Preview(value))
		}
		if hint := HintFor(value); hint != "" && !slices.Contains(Hints, hint) {
			t.Errorf("unknown hint %q", hint)
		}
		finding := Lint(value)
		if finding == nil {
			if header := pagerduty.TokenPrefix + value; !httpguts.ValidHeaderFieldValue(header) || !isASCII(value) {
				t.Error("the accepted value cannot be sent")
			}
			return
		}
		if !slices.Contains(Problems, finding.Problem) || finding.Position < 0 || finding.Position > finding.Length {
			t.Errorf("finding %+v", *finding)
		}
		if strings.Contains(fmt.Sprintf("%+v", *finding), apiToken) {
			t.Error("the finding repeats the value")
		}
	})
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

func BenchmarkLint(b *testing.B) {
	for b.Loop() {
		Lint(apiToken)
	}
}
