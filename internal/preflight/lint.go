package preflight

import (
	"encoding/base64"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

// Problem is what makes a value malformed: it cannot be sent, or is certainly a
// mistake of pasting.
type Problem string

// The problems.
const (
	ProblemLineBreak   Problem = "line_break"
	ProblemControl     Problem = "control_character"
	ProblemNonASCII    Problem = "non_ascii"
	ProblemByteOrder   Problem = "byte_order_mark"
	ProblemSpace       Problem = "whitespace"
	ProblemQuote       Problem = "quotation_mark"
	ProblemPrefix      Problem = "header_prefix"
	ProblemAssignment  Problem = "assignment"
	ProblemVariable    Problem = "variable"
	ProblemPlaceholder Problem = "placeholder"
	ProblemMasked      Problem = "masked"
	ProblemEscape      Problem = "escape_sequence"
	ProblemURL         Problem = "reference"
	ProblemDocument    Problem = "document"
)

// Hint is what is only unusual about a value: the value is sent, and the hint
// explains a 401.
type Hint string

// The hints.
const (
	HintEvents     Hint = "events_key"
	HintOAuth      Hint = "oauth_token"
	HintOldOAuth   Hint = "old_oauth_token"
	HintBase64     Hint = "base64"
	HintOtherToken Hint = "other_service"
	HintInnerSpace Hint = "inner_space"
	HintAlphabet   Hint = "alphabet"
	HintShort      Hint = "short"
	HintLong       Hint = "long"
)

// tokenLength is how long an API token is [D]; shapes changed before, so
// another length is a hint and never a reason to refuse.
const tokenLength = 20

// maxLength is more than any server takes as a header, in bytes.
const maxLength = 64 << 10

// Finding is what makes a value malformed, and where. Of the value itself it
// holds no character.
type Finding struct {
	Problem Problem
	// Position is the character it begins at, from 1; 0 where the value as a
	// whole is meant.
	Position int
	// Length is the value's length in characters.
	Length int
}

// AtEnd reports whether the finding is the last character.
func (f Finding) AtEnd() bool { return f.Position > 1 && f.Position == f.Length }

// lazily compiles a pattern when it is first used. Terraform starts the provider
// three times for a plan and checks a value in one of them.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// The patterns are put together from the forms that people paste, a form a line.
var (
	headerPrefix = lazily(`(?i)^(authorization\s*[:=]|token\s+token\s*=|token\s*=|token\s+\S|token:|bearer\s)`)
	assignment   = lazily(`(?i)^(export\s+|set\s+|env\s+|-+)?` +
		`[a-z0-9_.-]*(token|api[_-]?key|pagerduty|secret)[a-z0-9_.-]*\s*[=:]\s*\S`)
	variable = lazily(`^(\$\w+|\$?\$\{.*|\$\(.*|%[A-Za-z_]\w*%|\{\{.*|#\{.*|\(\(.*\)\)|@[A-Za-z]+@.*|` +
		`(var|local|data|module|ephemeral)\.[A-Za-z_]\S*|process\.env\.\S+|env[:.]\S+)$`)
	placeholder = lazily(`(?i)^(<.*>|\[.*\]|` +
		`(your|my|insert|enter|put|paste|replace|add|change)[-_ ]?(your|this|the|with|me|it|in|here|a)?[-_ ]*` +
		`(pager[-_ ]?duty|pd|api|rest|auth|access|secret)?[-_ ]*(api|rest|auth|access)?[-_ ]*` +
		`(token|key|secret)?([-_ ]*(here|value))?|` +
		`todo|changeme|fixme|placeholder|dummy|example|null|nil|none|undefined|unset|true|false|redacted|tbd|n/?a|` +
		`foo|bar|token|pagerduty[-_ ]?token|api[-_ ]?key)$`)
	masked = lazily(`(?i)^([*•.]+|x+|\*+.{0,4}|\[?(masked|redacted|hidden|filtered|secure)\]?|` +
		`\(sensitive value\)|\(known after apply\)|<sensitive>|<computed>)$`)
	reference = lazily(`(?i)^([a-z][a-z0-9+.-]*://\S|arn:aws|vault:\S|ssm:\S|file:\S|projects/[^/]+/secrets/)`)
	wrapped   = "\"'`\u2018\u2019\u201c\u201d"
)

// Lint finds what makes a value unfit to be sent as an API token: what can never be a
// header value, and what is certainly a mistake of pasting. It returns nil for a
// value that is worth asking PagerDuty about.
func Lint(value string) *Finding {
	if len(value) <= maxLength && plain(value) {
		return nil
	}
	length := utf8.RuneCountInString(value)
	found := func(p Problem, position int) *Finding {
		return &Finding{Problem: p, Position: position, Length: length}
	}

	// These are recognised as a whole first: that they also hold a space or a
	// quotation mark is the smaller news.
	switch trimmed := strings.TrimSpace(value); {
	case trimmed == "":
		return found(ProblemSpace, 1)
	case strings.HasPrefix(trimmed, "-----BEGIN"), strings.HasPrefix(trimmed, `{"`),
		strings.HasPrefix(trimmed, "{\n"), strings.HasPrefix(trimmed, "{ "), len(trimmed) > maxLength:
		return found(ProblemDocument, 0)
	case masked().MatchString(trimmed):
		return found(ProblemMasked, 0)
	case variable().MatchString(trimmed):
		return found(ProblemVariable, 0)
	case placeholder().MatchString(strings.Trim(trimmed, wrapped)):
		return found(ProblemPlaceholder, 0)
	case reference().MatchString(trimmed):
		return found(ProblemURL, 0)
	}
	if f := unsendable(value, found); f != nil {
		return f
	}
	switch {
	case value[0] == ' ':
		return found(ProblemSpace, 1)
	case value[len(value)-1] == ' ':
		return found(ProblemSpace, length)
	case strings.ContainsRune(wrapped, rune(value[0])):
		return found(ProblemQuote, 1)
	case strings.ContainsRune(wrapped, rune(value[len(value)-1])):
		return found(ProblemQuote, length)
	case headerPrefix().MatchString(value):
		return found(ProblemPrefix, 1)
	case assignment().MatchString(value):
		return found(ProblemAssignment, 1)
	}
	for _, escape := range []string{`\r\n`, `\n`, `\r`, `\t`, `%0A`, `%0D`, `%0a`, `%0d`} {
		if strings.HasSuffix(value, escape) {
			return found(ProblemEscape, length-len(escape)+1)
		}
	}
	return nil
}

// plain reports whether a value has a digit and otherwise only what API tokens consist of.
// No mistake looks like that: all of them have another character, or are words. It
// spares a valid token the patterns, which take longer to compile than to match.
func plain(value string) bool {
	digits := 0
	for _, b := range []byte(value) {
		switch {
		case b >= '0' && b <= '9':
			digits++
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b == '+', b == '-', b == '_':
		default:
			return false
		}
	}
	return digits > 0
}

// unsendable finds the first character that no header value can carry.
func unsendable(value string, found func(Problem, int) *Finding) *Finding {
	position := 0
	for _, r := range value {
		position++
		switch {
		case r == '\n' || r == '\r':
			return found(ProblemLineBreak, position)
		case r == '\t' || r < ' ' || r == 0x7f:
			return found(ProblemControl, position)
		case r == '\ufeff':
			return found(ProblemByteOrder, position)
		case r == '\u00a0' || r == '\u2003' || r == '\u2009' || r == '\u202f' || r == '\u3000':
			return found(ProblemSpace, position)
		case strings.ContainsRune(wrapped, r) && r > 0x7f:
			return found(ProblemQuote, position)
		case r > 0x7e:
			return found(ProblemNonASCII, position)
		}
	}
	return nil
}

var (
	hex32    = lazily(`^[0-9a-fA-F]{32}$`)
	hex64    = lazily(`^[0-9a-fA-F]{64}$`)
	alphabet = lazily(`^[0-9a-zA-Z_+/=-]+$`)
	foreign  = lazily(`^(gh[pousr]_|github_pat_|glpat-|xox[abprs]-|hvs\.|s\.[A-Za-z0-9]{24}$|AKIA|ASIA|sk-|SG\.|eyJ|` +
		`NRAK-|dop_v1_|npm_|pypi-)`)
)

// Shape lists what about a value that can be sent is unlike an API token, most
// telling first. It explains a 401 and never causes one.
func Shape(value string) []Hint {
	var hints []Hint
	add := func(is bool, h Hint) {
		if is {
			hints = append(hints, h)
		}
	}
	oauth := strings.HasPrefix(value, "pdus+") || strings.HasPrefix(value, "pdeu+")
	events := hex32().MatchString(value) || len(value) == 32
	known := oauth || events || hex64().MatchString(value) || foreign().MatchString(value)
	encoded := !known && isBase64OfToken(value)
	add(oauth, HintOAuth)
	add(hex64().MatchString(value), HintOldOAuth)
	add(events && !oauth, HintEvents)
	add(foreign().MatchString(value), HintOtherToken)
	add(encoded, HintBase64)
	add(strings.Contains(value, " "), HintInnerSpace)
	add(!strings.Contains(value, " ") && !alphabet().MatchString(value), HintAlphabet)
	add(!known && !encoded && len(value) < tokenLength, HintShort)
	add(!known && !encoded && len(value) > tokenLength, HintLong)
	return hints
}

// isBase64OfToken reports whether a value is an API token in base64, as Kubernetes shows
// the data of a Secret.
func isBase64OfToken(value string) bool {
	decoded, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return false
	}
	key := strings.TrimSpace(string(decoded))
	return len(key) == tokenLength && alphabet().MatchString(key)
}

// Preview is what may be shown of a value: "****" and its last 4 characters, or
// "****" alone where 4 would be a good part of it or are not printable.
func Preview(value string) string {
	const stars, shown = "****", 4
	if len(value) < 4*shown {
		return stars
	}
	tail := value[len(value)-shown:]
	for _, b := range []byte(tail) {
		if b <= ' ' || b > '~' {
			return stars
		}
	}
	return stars + tail
}
