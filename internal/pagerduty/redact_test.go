package pagerduty

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
	"unicode"
)

const redactToken = "u+AbCd/EfGh=IjKlMn12"

// encodings are the forms in which servers quote what they were sent.
var encodings = map[string]func(string) string{
	"as it is":         func(s string) string { return s },
	"lower case":       strings.ToLower,
	"upper case":       strings.ToUpper,
	"URL query":        url.QueryEscape,
	"URL path":         url.PathEscape,
	"URL, lower case":  func(s string) string { return strings.ToLower(url.QueryEscape(s)) },
	"URL, twice":       func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	"hex":              func(s string) string { return hex.EncodeToString([]byte(s)) },
	"hex, upper case":  func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
	"base64":           func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64, raw":      func(s string) string { return base64.RawStdEncoding.EncodeToString([]byte(s)) },
	"base64, URL":      func(s string) string { return base64.URLEncoding.EncodeToString([]byte(s)) },
	"base64, shifted":  func(s string) string { return base64.StdEncoding.EncodeToString([]byte("x:" + s)) },
	"base64, URL, raw": func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte("xy" + s)) },
	// Of ASCII, only ?, > and ~ have digits that differ between the two alphabets.
	"base64, URL, behind ?": func(s string) string { return base64.URLEncoding.EncodeToString([]byte("ab?" + s)) },
	"JSON":                  func(s string) string { b, _ := json.Marshal(s); return string(b) },
	"HTML":                  html.EscapeString,
	"HTML entities": func(s string) string {
		var b strings.Builder
		for _, r := range s {
			fmt.Fprintf(&b, "&#%d;", r)
		}
		return b.String()
	},
	"JSON escapes": func(s string) string {
		var b strings.Builder
		for _, r := range s {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		return b.String()
	},
	"hex escapes": func(s string) string {
		var b strings.Builder
		for _, r := range []byte(s) {
			fmt.Fprintf(&b, `\x%02x`, r)
		}
		return b.String()
	},
	"base64 in a URL": func(s string) string {
		return url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(s)))
	},
}

func TestRedactor(t *testing.T) {
	t.Parallel()
	redact := newRedactor(NewSecret(redactToken))
	for name, encode := range encodings {
		for from := range len(redactToken) - leakInText + 1 {
			text := "you sent (" + encode(redactToken[from:]) + "), sorry"
			if got := redact.text(text, 200); got != "" {
				t.Errorf("%s, from character %d: a message keeps it", name, from)
			}
		}
		for from := range len(redactToken) - leakInResult + 1 {
			if !redact.echoed("name", "it is "+encode(redactToken[from:from+leakInResult])+" ") {
				t.Errorf("%s, from character %d: a result keeps it", name, from)
			}
		}
	}
	for text, want := range map[string]string{
		"ends in Mn12": "ends in Mn12", "": "", "Access Denied": "Access Denied", "IjKlM is 5": "IjKlM is 5",
	} {
		if got := redact.text(text, 200); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
	// A name may resemble a token in less than 12 characters.
	if redact.echoed("EfGh=IjKlMn") {
		t.Error("11 characters in a name count as a leak")
	}
	if redact.text("u+Ab\x00Cd/EfGh", 200) != "" {
		t.Error("cleaning puts the token together")
	}
	if newRedactor().text("plain", 10) != "plain" || newRedactor(NewSecret("")).echoed("x") {
		t.Error("without a secret something is withheld")
	}
}

// Six characters in a row are a leak in a message, twelve in a result, in every encoding
// and wherever in a run of digits they begin.
func TestRedactor_numbers(t *testing.T) {
	t.Parallel()
	redact := newRedactor(NewSecret(redactToken))
	for name, encode := range encodings {
		for from := range len(redactToken) - 5 {
			for _, before := range []string{"", "a", "ab", "abc"} {
				if redact.text(before+encode(redactToken[from:from+6]), 200) != "" {
					t.Errorf("%s of the 6 characters from %d, behind %q: a message keeps it", name, from, before)
				}
			}
		}
	}
	if redact.text(redactToken[2:7], 200) == "" {
		t.Error("5 characters count as a leak in a message")
	}
	if !redact.echoed(redactToken[3:15]) || redact.echoed(redactToken[3:14]) {
		t.Error("a result's limit is not 12 characters")
	}
}

func FuzzRedactor(f *testing.F) {
	for name := range encodings {
		f.Add("you sent ", name, 0, 20, " sorry")
	}
	f.Add("\\", "JSON escapes", 2, 9, "%")
	f.Fuzz(func(t *testing.T, before, name string, from, to int, after string) {
		encode, ok := encodings[name]
		if !ok || from < 0 || to > len(redactToken) || to-from < leakInText {
			return
		}
		redact := newRedactor(NewSecret(redactToken))
		// What runs into the encoded text can change what it says.
		text := before + " (" + encode(redactToken[from:to]) + ") " + after
		out := redact.text(text, 200)
		if out != "" {
			t.Errorf("%s of %d characters stays in a text of %d", name, to-from, len(text))
		}
		if to-from >= leakInResult && !redact.echoed(text) {
			t.Errorf("%s of %d characters stays in a result", name, to-from)
		}
	})
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain": "plain", "a\n\tb": "a b", "\x1b[31mred\x1b[0m": "[31mred[0m", "a\u202eb": "ab", "\xff": "",
		"abcdefghijk": "abcdefghij...",
	} {
		if got := Printable(in, 10); got != want {
			t.Errorf("Printable(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzPrintable(f *testing.F) {
	f.Add("a\x1b[2J\u202e\xff b", 5)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		if limit < 0 {
			return
		}
		out := Printable(s, limit)
		if strings.ContainsFunc(out, func(r rune) bool { return !unicode.IsPrint(r) }) || len([]rune(out)) > limit+3 {
			t.Errorf("%q", out)
		}
	})
}

// What cannot be seen hides nothing: messages are shown without it.
func TestRedactor_echoedUnseen(t *testing.T) {
	t.Parallel()
	const secret = "u+SomeApiToken000001"
	redact := newRedactor(NewSecret(secret))
	for name, s := range map[string]string{
		"between its characters": strings.Join(strings.Split(secret, ""), "\u200b"),
		"before it":              strings.Repeat("\u200b", maxExamined) + secret,
		"controls":               strings.Join(strings.Split(secret, ""), "\x00"),
	} {
		if !redact.echoed(s) {
			t.Errorf("%s: not seen", name)
		}
	}
	if redact.echoed(strings.Repeat("\u200b", maxExamined) + "Ada Lovelace") {
		t.Error("a name is taken for the secret")
	}
}

// A code is a number that somebody else chose, and a token can have one as long in it.
func TestDecodeErrorBody_longCode(t *testing.T) {
	t.Parallel()
	redact := newRedactor(NewSecret("u+AbCd271828EfGhIj01"))
	for _, code := range []string{`271828`, `"271828"`, `271828.9`} {
		a := &answer{status: 403, body: []byte(`{"error":{"message":"no","code":` + code + `}}`)}
		if b := decodeErrorBody(a, redact); b.Code != 0 || !b.PagerDuty {
			t.Errorf("%s: code %d, PagerDuty's %t", code, b.Code, b.PagerDuty)
		}
	}
}
