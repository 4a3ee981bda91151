package pagerduty

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// leakInText is the number of consecutive characters of a secret that count as a leak
	// in a message. It is larger than 4, because the last 4 may be shown.
	leakInText = 6
	// leakInResult is the same for text that a person chose, such as a name. It can share
	// a few characters with a secret by chance.
	leakInResult = 12
	// Next to a mask such as "****", leakAtStart characters of a secret's start are a leak,
	// and so are leakAtEnds characters of both ends together. Without a mask, leakAtBoth
	// characters of each end are a leak.
	leakAtStart, leakAtEnds, leakAtBoth = 3, 5, 4
	// minOther is the minimum length of the secrets that a request does not send. Any text
	// can resemble a shorter one.
	minOther = 12
)

// redactor withholds text from outside that repeats a part of a secret: unchanged,
// percent-encoded, in hex or in base64. Everything that leaves the client passes
// through one. The secrets are encoded once, and nothing foreign is decoded, so the time
// is linear in the length of a text.
type redactor struct {
	inText, inResult windows
	secrets          []string // in lower case
}

// masks matches the text that servers use instead of the middle of a secret, such as
// "****", "…", "xxx" or "[redacted]".
var masks = regexp.MustCompile(`[^\pL\pN\s+/=_-]{2,}|…|[-_x]{3,}|[<\[({]\w+[>\])}]`)

// windows holds parts of secrets in lower case, by their length.
type windows map[int]map[string]bool

// newRedactor returns a redactor for the secrets that a request sends, and the others
// of the configuration.
func newRedactor(sent, others []Secret) redactor {
	r := redactor{inText: windows{}, inResult: windows{}}
	for _, secret := range sent {
		r.add(secret.Reveal())
	}
	for _, secret := range others {
		if s := secret.Reveal(); len(s) >= minOther {
			r.add(s)
		}
	}
	return r
}

func (r *redactor) add(s string) {
	if s == "" {
		return
	}
	r.inText.add(s, leakInText)
	if len(s) >= leakInText {
		r.inResult.add(s, leakInResult)
		r.secrets = append(r.secrets, strings.ToLower(s))
	}
}

// add adds the parts of s that are n bytes long, or s itself if it is shorter, in every
// encoding.
func (w windows) add(s string, n int) {
	n = min(n, len(s))
	w.parts(s, n)
	w.parts(hex.EncodeToString([]byte(s)), 2*n)
	var percent strings.Builder
	for _, b := range []byte(s) {
		fmt.Fprintf(&percent, "%%%02x", b)
	}
	w.parts(percent.String(), 3*n)
	for _, escaped := range []string{url.QueryEscape(s), url.PathEscape(s)} {
		if escaped != s {
			w.parts(escaped, n+2)
		}
	}
	// Base64 encodes 3 bytes as 4 characters, so the offset of s selects one of three
	// encodings. Characters that also encode bytes around s are left out.
	for before := range 3 {
		encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, before), s...))
		encoded = encoded[(before*8+5)/6 : (before+len(s))*8/6]
		length := min(max(n*4/3-1, 2), len(encoded)) // n bytes fill one character less unless they start at a multiple of 3
		w.parts(encoded, length)
		w.parts(strings.NewReplacer("+", "-", "/", "_").Replace(encoded), length)
	}
}

func (w windows) parts(s string, n int) {
	if n <= 0 || n > len(s) {
		return
	}
	if w[n] == nil {
		w[n] = map[string]bool{}
	}
	s = strings.ToLower(s)
	for i := range len(s) - n + 1 {
		w[n][s[i:i+n]] = true
	}
}

func (w windows) in(s string) bool {
	for n, parts := range w {
		for i := range len(s) - n + 1 {
			if parts[s[i:i+n]] {
				return true
			}
		}
	}
	return false
}

// leaks reports whether a text repeats one of the parts, or a secret with a masked
// middle, as it is or without the characters that no secret has, such as invisible ones
// and combining marks.
func (r redactor) leaks(text string, parts windows) bool {
	return slices.ContainsFunc([]string{text, strings.Map(onlyASCII, text)}, func(form string) bool {
		form = strings.ToLower(form)
		return parts.in(form) || r.masked(form)
	})
}

// onlyASCII drops what is neither printable nor ASCII.
func onlyASCII(r rune) rune {
	if r < ' ' || r > '~' {
		return -1
	}
	return r
}

// masked reports whether a text has both ends of a secret, or its start or both ends
// around a mask.
func (r redactor) masked(text string) bool {
	if slices.ContainsFunc(r.secrets, func(s string) bool {
		return strings.Contains(text, s[:leakAtBoth]) && strings.Contains(text, s[len(s)-leakAtBoth:])
	}) {
		return true
	}
	for _, mask := range masks.FindAllStringIndex(text, -1) {
		for _, secret := range r.secrets {
			start := overlap(text[:mask[0]], secret)
			if start >= leakAtStart || start+overlap(secret, text[mask[1]:]) >= leakAtEnds {
				return true
			}
		}
	}
	return false
}

// overlap returns the length of the longest suffix of a that is a prefix of b.
func overlap(a, b string) int {
	for n := min(len(a), len(b), leakInText); n > 0; n-- {
		if strings.HasSuffix(a, b[:n]) {
			return n
		}
	}
	return 0
}

// text returns Printable of a text, or "" for one that repeats a part of a secret.
func (r redactor) text(s string, limit int) string {
	if r.leaks(s, r.inText) {
		return ""
	}
	return Printable(s, limit)
}

// host returns a host name with its port, or "" for anything else.
func (r redactor) host(s string) string {
	if len(s) > 255 || strings.ContainsFunc(s, notIn("-._:[]")) {
		return ""
	}
	return r.text(s, len(s))
}

// scopes returns the first names that can be shown unchanged, each once: letters,
// digits and "._:-". limit 0 means all of them.
func (r redactor) scopes(names []string, limit int) []string {
	var shown []string
	seen, strange := map[string]bool{}, notIn("._:-")
	for _, name := range names {
		if limit > 0 && len(shown) == limit {
			break
		}
		if !seen[name] && !strings.ContainsFunc(name, strange) && !r.leaks(name, r.inText) {
			shown = append(shown, name)
		}
		seen[name] = true
	}
	return shown
}

// inResults reports whether any text of a result repeats a secret.
func (r redactor) inResults(texts ...string) bool {
	return slices.ContainsFunc(texts, func(s string) bool { return r.leaks(s, r.inResult) })
}

// RepeatsSecret reports whether a text repeats a secret of at least 12 characters. The
// host of an override is sent to DNS, so it must not.
func RepeatsSecret(text string, secrets ...Secret) bool {
	return newRedactor(nil, secrets).inResults(text)
}

// notIn returns a function that reports whether a character is not an ASCII letter, a
// digit or one of also.
func notIn(also string) func(rune) bool {
	return func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && !strings.ContainsRune(also, r)
	}
}

// Printable returns a text without invisible characters, with whitespace folded, and cut
// to limit characters.
func Printable(s string, limit int) string {
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError, !unicode.IsPrint(r),
			unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point):
			return -1 // the last two are printable to Go, and invisible
		}
		return r
	}, s)), " ")
	if runes := []rune(s); len(runes) > limit {
		return string(runes[:limit]) + "..."
	}
	return s
}
