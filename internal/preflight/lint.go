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
	ProblemReference   Problem = "reference"
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

// pattern is how a problem is recognized. It is compiled when it is first used: Terraform
// starts the provider three times for a plan and checks a value in one of them.
type pattern struct {
	problem Problem
	compile func() *regexp.Regexp
}

// lazily returns a function that compiles expression once.
func lazily(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

const wrapped = "\"'`\u2018\u2019\u201c\u201d"

// wholes are mistakes that are recognized by the whole value. They come first: that such
// a value also holds a space or a quotation mark helps nobody.
var wholes = []pattern{
	{ProblemDocument, lazily(`^(-----BEGIN|\{["\n ]|\[["{])`)},
	{ProblemMasked, lazily(`(?i)^([*•●.]+|x+|\*+.{0,4}|.{1,6}([*•●]{3,}|\.{3}|…).{0,6}|` +
		`\[?(masked|redacted|hidden|filtered|secure)\]?|\(sensitive value\)|\(known after apply\)|<sensitive>|<computed>)$`)},
	{ProblemVariable, lazily(`^(\$+\w+|\$env:\w+|\$?\$\{.*|\$[(\[].*|%[A-Za-z_]\w*%|\{\{.*|\{\w+\}|#\{.*|` +
		`\(\(.*\)\)|@\w+@.*|(var|local|data|module|ephemeral|secrets)\.[A-Za-z_]\S*|process\.env\.\S+|env[:.]\S+)$`)},
	{ProblemPlaceholder, lazily(`(?i)^[` + wrapped + `]*(<.*>|\[.*\]|` +
		`(your|my|insert|enter|put|paste|replace|add|change)[-_ ]?(your|this|the|with|me|it|in|here|a)?[-_ ]*` +
		`(pager[-_ ]?duty|pd|api|rest|auth|access|secret|client)?[-_ ]*(api|rest|auth|access|client)?[-_ ]*` +
		`(token|key|secret|id)?([-_ ]*(here|value))?|` +
		`todo|changeme|fixme|placeholder|dummy|example|null|nil|none|undefined|unset|true|false|redacted|tbd|n/?a|` +
		`foo|bar|((pagerduty|pd)[-_ ])?((api|rest|user|client)[-_ ]?)*(token|key|secret|id))[` + wrapped + `]*$`)},
	{ProblemReference, lazily(`(?i)^([a-z][a-z0-9+.-]*://\S|arn:aws|vault:\S|ssm:\S|file:\S|projects/[^/]+/secrets/)`)},
}

// parts are mistakes that a value begins or ends with.
var parts = []pattern{
	{ProblemSpace, lazily(`^ | $`)},
	{ProblemQuote, lazily("^[\"'`]|[\"'`]$")},
	{ProblemPrefix, lazily(`(?i)^(authorization\s*[:=]|token\s+token\s*=|token\s*=|token\s+\S|token:|bearer[\s:=])`)},
	{ProblemAssignment, lazily(`(?i)^(export\s+|set\s+|env\s+|-+)?` +
		`[a-z0-9_.-]*(token|api[_-]?key|pagerduty|secret)[a-z0-9_.-]*\s*[=:]\s*\S`)},
	{ProblemEscape, lazily(`(\\r\\n|\\[nrt]|%0[ADad])$`)},
}

// Lint finds what makes a value unfit to be sent as an API token: what can never be a
// header value, and what is certainly a mistake of pasting. It returns nil for a
// value that is worth asking PagerDuty about.
func Lint(value string) *Finding {
	length := utf8.RuneCountInString(value)
	trimmed := strings.TrimSpace(value)
	if trimmed == "" {
		return &Finding{Problem: ProblemSpace, Position: 1, Length: length}
	}
	if len(value) > maxLength {
		return &Finding{Problem: ProblemDocument, Length: length}
	}
	for _, p := range wholes {
		if p.compile().MatchString(trimmed) {
			return &Finding{Problem: p.problem, Length: length}
		}
	}
	position := 0
	for _, r := range value {
		position++
		if p := unsendable(r); p != "" {
			return &Finding{Problem: p, Position: position, Length: length}
		}
	}
	for _, p := range parts {
		if at := p.compile().FindStringIndex(value); at != nil {
			return &Finding{Problem: p.problem, Position: at[0] + 1, Length: length}
		}
	}
	return nil
}

// unsendable says why no header value can carry a character, "" for one that it can.
func unsendable(r rune) Problem {
	switch {
	case r == '\n' || r == '\r':
		return ProblemLineBreak
	case r < ' ' || r == 0x7f:
		return ProblemControl
	case r == '\ufeff':
		return ProblemByteOrder
	case strings.ContainsRune("\u00a0\u2003\u2009\u202f\u3000", r):
		return ProblemSpace
	case r > 0x7e && strings.ContainsRune(wrapped, r):
		return ProblemQuote
	case r > 0x7e:
		return ProblemNonASCII
	}
	return ""
}

var (
	hex64    = lazily(`^[0-9a-fA-F]{64}$`)
	events   = lazily(`^[0-9a-zA-Z]{32}$`)
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
	known := oauth || events().MatchString(value) || hex64().MatchString(value) || foreign().MatchString(value)
	encoded := !known && isBase64OfToken(value)
	add(oauth, HintOAuth)
	add(hex64().MatchString(value), HintOldOAuth)
	add(events().MatchString(value), HintEvents)
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
	token := strings.TrimSpace(string(decoded))
	return len(token) == tokenLength && alphabet().MatchString(token)
}

// Preview is what may be shown of a value: "****" and its last 4 characters, or
// "****" alone where 4 would be a good part of it or are not printable.
func Preview(value string) string {
	const stars, shown = "****", 4
	if len(value) < 4*shown {
		return stars
	}
	tail := value[len(value)-shown:]
	if strings.ContainsFunc(tail, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return stars
	}
	return stars + tail
}
