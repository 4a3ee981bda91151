package pagerduty

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// leakInText is how many characters of a secret in a row count as a leak in a
	// message. Its last 4 may be shown, so it has to be more than that.
	leakInText = 6
	// leakInResult is the same for what a person chose: a name may resemble a
	// secret in a few characters by chance.
	leakInResult = 12
	// maxWord is room for the scope that names an account: its subdomain has up to 63
	// bytes.
	maxWord = 100
	// decodings is how many encodings on top of each other are undone.
	decodings = 3
	// maxExamined is how many bytes of a text are looked at, and shown at the most.
	maxExamined = 4 << 10
)

// redactor withholds texts from outside that repeat a part of a secret, as it is or
// in an encoding that servers use when they quote a request. Everything that leaves
// the client passes through one: messages, request IDs, hosts, names, results.
type redactor struct {
	inText, inResult windows
}

// windows are parts of secrets, lower case, by their length. An access token has
// thousands, and a text is searched for all of them at once.
type windows map[int]map[string]bool

func newRedactor(secrets ...Secret) redactor {
	r := redactor{inText: windows{}, inResult: windows{}}
	for _, secret := range secrets {
		s := strings.ToLower(secret.Reveal())
		r.inText.add(s, leakInText)
		if len(s) >= leakInText {
			r.inResult.add(s, leakInResult)
		}
	}
	return r
}

// add adds all parts of s that are n bytes long, or all of a shorter s.
func (w windows) add(s string, n int) {
	n = min(n, len(s))
	if n == 0 {
		return
	}
	if w[n] == nil {
		w[n] = map[string]bool{}
	}
	for i := range len(s) - n + 1 {
		w[n][s[i:i+n]] = true
	}
}

// in reports whether s holds one of the parts.
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

// text is Printable of the beginning of a text, and "" for one that repeats a part of
// a secret, or that does once its unprintable characters are gone.
func (r redactor) text(s string, limit int) string {
	s = s[:min(len(s), maxExamined)]
	if clean := Printable(s, len(s)); repeats(s, r.inText) || repeats(clean, r.inText) {
		return ""
	}
	return Printable(s, limit)
}

// words are those of the texts that can be shown as they are, each once: names made of
// letters, digits and "._:-" that are at most maxWord bytes long.
func (r redactor) words(in []string, limit int) []string {
	var out []string
	strange, seen := notIn("._:-"), map[string]bool{}
	for _, s := range in {
		if len(out) < limit && len(s) <= maxWord && !strings.ContainsFunc(s, strange) &&
			!seen[s] && !repeats(s, r.inText) {
			out, seen[s] = append(out, s), true
		}
	}
	return out
}

// notIn returns what finds a character that is no ASCII letter, no digit and none of
// also.
func notIn(also string) func(rune) bool {
	return func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && !strings.ContainsRune(also, r)
	}
}

// echoed reports whether any text of a result repeats a secret, as it is or once its
// unprintable characters are gone, as messages show it. Of a longer text than a
// result may hold, only the beginning is looked at: no more of it is shown.
func (r redactor) echoed(texts ...string) bool {
	return slices.ContainsFunc(texts, func(s string) bool {
		raw, clean := s[:min(len(s), maxExamined)], Printable(s, maxExamined)
		return repeats(raw, r.inResult) || clean != raw && repeats(clean[:min(len(clean), maxExamined)], r.inResult)
	})
}

// Withhold is the texts with "[redacted]" in place of those that repeat a part of a
// secret: what somebody configured can be a token in the wrong place.
func Withhold(texts []string, secrets ...Secret) []string {
	redact := newRedactor(secrets...)
	shown := slices.Clone(texts)
	for i, text := range shown {
		if redact.echoed(text) {
			shown[i] = redacted
		}
	}
	return shown
}

// repeats reports whether a text, in any form it can be read in, holds one of parts.
func repeats(s string, parts windows) bool {
	if len(parts) == 0 || s == "" {
		return false
	}
	forms := []string{s}
	for depth := 0; depth <= decodings; depth++ {
		var next []string
		for _, form := range forms {
			if parts.in(strings.ToLower(form)) {
				return true
			}
			next = append(next, decode(form)...)
		}
		forms = slices.Compact(slices.Sorted(slices.Values(next)))
	}
	return false
}

// decode is what a text becomes when each encoding is undone, where that changes
// anything.
func decode(s string) []string {
	var all []string
	add := func(decoded string) {
		if decoded != "" && decoded != s {
			all = append(all, decoded)
		}
	}
	if strings.ContainsRune(s, '%') {
		add(unescape(percent, s))
	}
	if strings.ContainsRune(s, '\\') {
		add(unescape(backslash, strings.NewReplacer(`\/`, "/", `\"`, `"`).Replace(s)))
	}
	if strings.ContainsRune(s, '&') {
		add(html.UnescapeString(s))
	}
	for from := range 2 {
		add(legible(strings.FieldsFunc(s, notHex), from, hex.DecodeString))
	}
	standard := strings.NewReplacer("-", "+", "_", "/").Replace(s)
	for from := range 4 {
		add(legible(strings.FieldsFunc(standard, notIn("+/")), from, base64.RawStdEncoding.DecodeString))
	}
	return all
}

// legible decodes runs of digits, all with the same alignment, and keeps what is
// printable ASCII for long enough to be a part of a secret: what was no encoding gives
// hardly any.
func legible(runs []string, from int, decode func(string) ([]byte, error)) string {
	var b strings.Builder
	for _, run := range runs {
		if len(run) < leakInText {
			continue
		}
		decoded, _ := decode(run[from:]) // a digit too many is an error, next to the rest
		for _, part := range strings.FieldsFunc(string(decoded), func(r rune) bool { return r < ' ' || r > '~' }) {
			if len(part) >= leakInText {
				b.WriteString(part)
				b.WriteByte(0)
			}
		}
	}
	return b.String()
}

func notHex(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) }

var (
	percent   = regexp.MustCompile(`%[[:xdigit:]]{2}`)
	backslash = regexp.MustCompile(`\\([xX][[:xdigit:]]{2}|u[[:xdigit:]]{4}|U[[:xdigit:]]{8})`)
)

// unescape replaces escapes by what their digits say: two are a byte, more are a
// character.
func unescape(escapes *regexp.Regexp, s string) string {
	return escapes.ReplaceAllStringFunc(s, func(escape string) string {
		digits := strings.TrimLeft(escape, `%\xXuU`)
		v, _ := strconv.ParseInt(digits, 16, 64)
		if len(digits) == 2 {
			return string([]byte{byte(v & 0xff)})
		}
		return string(rune(v & 0x7fffffff))
	})
}

// Printable cleans a text from outside for people: no control, escape, formatting
// or direction characters, whitespace folded, at most limit runes.
func Printable(s string, limit int) string {
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError, !unicode.IsPrint(r):
			return -1
		}
		return r
	}, s)), " ")
	if runes := []rune(s); len(runes) > limit {
		return string(runes[:limit]) + "..."
	}
	return s
}
