package pagerduty

import (
	"encoding/base64"
	"encoding/hex"
	"html"
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
	inText, inResult []string // parts of the secrets, lower case
}

func newRedactor(secrets ...Secret) redactor {
	var r redactor
	for _, secret := range secrets {
		s := strings.ToLower(secret.Reveal())
		r.inText = append(r.inText, windows(s, min(leakInText, len(s)))...)
		if len(s) >= leakInText {
			r.inResult = append(r.inResult, windows(s, min(leakInResult, len(s)))...)
		}
	}
	return r
}

// windows are all parts of s that are n bytes long.
func windows(s string, n int) []string {
	if n == 0 {
		return nil
	}
	all := make([]string, 0, len(s)-n+1)
	for i := 0; i+n <= len(s); i++ {
		all = append(all, s[i:i+n])
	}
	return all
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

// words are those of the texts that can be shown as they are: names made of
// letters, digits and "._:-" that are at most maxWord bytes long.
func (r redactor) words(in []string, limit int) []string {
	var out []string
	strange := notIn("._:-")
	for _, s := range in {
		if len(out) < limit && len(s) <= maxWord && !strings.ContainsFunc(s, strange) && !repeats(s, r.inText) {
			out = append(out, s)
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
	keep := newRedactor(secrets...)
	shown := slices.Clone(texts)
	for i, text := range shown {
		if keep.echoed(text) {
			shown[i] = redacted
		}
	}
	return shown
}

// repeats reports whether a text, in any form it can be read in, holds one of parts.
func repeats(s string, parts []string) bool {
	if len(parts) == 0 || s == "" {
		return false
	}
	forms := []string{s}
	for depth := 0; depth <= decodings; depth++ {
		var next []string
		for _, form := range forms {
			lower := strings.ToLower(form)
			if slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(lower, part) }) {
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
		add(unescape(s, '%', ""))
	}
	if strings.ContainsRune(s, '\\') {
		add(unescape(strings.NewReplacer(`\/`, "/", `\"`, `"`).Replace(s), '\\', "xXuU"))
	}
	if strings.ContainsRune(s, '&') {
		add(html.UnescapeString(s))
	}
	// The runs of one alignment become one text, and only what is legible of it
	// counts: what was no encoding gives hardly any.
	for from := range 2 {
		add(legible(runs(s, isHex, 2*leakInText), func(run string) ([]byte, error) {
			return hex.DecodeString(run[from : from+(len(run)-from)&^1])
		}))
	}
	standard := strings.NewReplacer("-", "+", "_", "/")
	for from := range 4 {
		add(legible(runs(s, isBase64, leakInText+2), func(run string) ([]byte, error) {
			part := standard.Replace(run[from:])
			if len(part)%4 == 1 {
				part = part[:len(part)-1]
			}
			return base64.RawStdEncoding.DecodeString(part)
		}))
	}
	return all
}

// legible decodes runs and keeps what is printable ASCII for long enough to be a part
// of a secret.
func legible(runs []string, decode func(string) ([]byte, error)) string {
	var b strings.Builder
	for _, run := range runs {
		decoded, err := decode(run)
		if err != nil {
			continue
		}
		for _, part := range strings.FieldsFunc(string(decoded), func(r rune) bool { return r < ' ' || r > '~' }) {
			if len(part) >= leakInText {
				b.WriteString(part)
				b.WriteByte(0)
			}
		}
	}
	return b.String()
}

// runs are the longest parts of s of at least n bytes that all fit.
func runs(s string, fit func(byte) bool, n int) []string {
	var all []string
	for start, i := 0, 0; i <= len(s); i++ {
		if i < len(s) && fit(s[i]) {
			continue
		}
		if i-start >= n {
			all = append(all, s[start:i])
		}
		start = i + 1
	}
	return all
}

func isHex(b byte) bool { return b >= '0' && b <= '9' || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F' }

func isBase64(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || strings.IndexByte("+/-_", b) >= 0
}

// unescape undoes mark followed by hexadecimal digits: two after a mark alone or
// "x", four after "u", eight after "U". A mark that begins nothing stays.
func unescape(s string, mark byte, kinds string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		digits, skip := 2, 1
		if s[i] == mark && kinds != "" {
			skip, digits = 2, 0
			if i+1 < len(s) {
				digits = map[byte]int{'x': 2, 'X': 2, 'u': 4, 'U': 8}[s[i+1]]
			}
		}
		if s[i] == mark && digits > 0 && i+skip+digits <= len(s) {
			if v, err := strconv.ParseInt(s[i+skip:i+skip+digits], 16, 32); err == nil {
				if digits == 2 {
					b.WriteByte(byte(v & 0xff))
				} else {
					b.WriteRune(rune(v & 0x7fffffff))
				}
				i += skip + digits
				continue
			}
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String()
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
