package preflight

import (
	"encoding/base64"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Problem is the reason why a value is malformed: it cannot be sent, or it is
// certainly a paste mistake.
type Problem string

// The problems.
const (
	ProblemEmpty       Problem = "empty"       // nothing but whitespace
	ProblemMissing     Problem = "missing"     // what a shell or jq prints for a missing value
	ProblemLineBreak   Problem = "line_break"  // a line break, also as an escape sequence at the end
	ProblemInvisible   Problem = "invisible"   // a control character, or one outside ASCII
	ProblemSurrounding Problem = "surrounding" // whitespace or quotes around the value
	ProblemPrefix      Problem = "prefix"      // the header's prefix, or a variable's name
	ProblemReference   Problem = "reference"   // a variable or the address of a secret, not replaced by its value
	ProblemPlaceholder Problem = "placeholder" // an example's placeholder
	ProblemMasked      Problem = "masked"      // copied from where secrets are masked
	ProblemDocument    Problem = "document"    // JSON, PEM or another long text
)

// Problems lists all problems.
var Problems = []Problem{
	ProblemEmpty, ProblemMissing, ProblemLineBreak, ProblemInvisible, ProblemSurrounding, ProblemPrefix, ProblemReference,
	ProblemPlaceholder, ProblemMasked, ProblemDocument,
}

// Hint is something unusual about a token. The token is sent, and the hint helps to
// explain a rejection.
type Hint string

// The hints.
const (
	HintEvents     Hint = "events_key"    // 32 letters and digits, as Events API keys have [D]
	HintOAuth      Hint = "oauth_token"   // the shape of an OAuth access token [D][S]
	HintOtherToken Hint = "other_service" // the prefix of another service's tokens
	HintBase64     Hint = "base64"        // an API token in base64
	HintAlphabet   Hint = "alphabet"      // a character that API tokens do not have [D]
	HintLength     Hint = "length"        // not 20 characters [D]
)

// Hints lists all hints.
var Hints = []Hint{HintEvents, HintOAuth, HintOtherToken, HintBase64, HintAlphabet, HintLength}

const (
	tokenLength = 20       // characters [D]; shapes changed before, so another length is only a hint
	maxLength   = 64 << 10 // bytes, more than any server accepts in a header
)

// Finding says what is malformed about a value, without any character of it.
type Finding struct {
	Problem Problem
	// Position is the position of the problem's first character, counted from 1. It is 0
	// for a problem of the value as a whole.
	Position int
	// Length is the value's length in characters.
	Length int
}

// pattern recognizes a problem.
type pattern struct {
	problem Problem
	regexp  *regexp.Regexp
}

// wholePatterns recognize problems of the value as a whole. They come first, because the
// quotes around a placeholder are not what has to be corrected. Patterns are compiled when
// the first value is inspected: Terraform starts the provider three times for a plan, and
// only one of these processes checks a credential.
var wholePatterns = sync.OnceValue(func() []pattern {
	return []pattern{
		{ProblemMissing, regexp.MustCompile(`(?i)^['"]?(null|nil|none|undefined|true|false|<nil>)['"]?$`)},
		{ProblemDocument, regexp.MustCompile(`^(-{5}BEGIN|\{["\s]|\[\s*["{])`)},
		{ProblemMasked, regexp.MustCompile(`(?i)^([*•●.x]{2,}|\*{2,}.{0,4}|.{1,6}([*•●]{3,}|\.{3}|…).{0,6}|` +
			`\[?(masked|redacted|hidden|filtered|secure)\]?|` +
			`\(sensitive value\)|\(known after apply\)|<sensitive>|<computed>)$`)},
		{ProblemReference, regexp.MustCompile(`(?i)^(\$+\w+|\$env:\w+|\$?\$\{.*|\$[(\[].*|%[a-z_]\w*%|\{\{.*|` +
			`\{\w+\}|#\{.*|\(\(.*\)\)|@\w+@.*|` +
			`(var|local|data|module|ephemeral|secrets)\.[a-z_]\S*|process\.env\.\S+|env[:.]\S+|` +
			`[a-z][a-z0-9+.-]*://\S+|arn:aws\S*|vault:\S+|ssm:\S+|file:\S+|projects/[^/]+/secrets/.*)$`)},
		{ProblemPlaceholder, regexp.MustCompile(`(?i)^["'` + "`" + `]*(<.*>|\[.*\]|` +
			`(your|my|insert|enter|put|paste|replace|add|change)[-_ ]?(your|this|the|with|me|it|in|here|a)?[-_ ]*` +
			`(pager[-_ ]?duty|pd|api|rest|auth|access|secret|client)?[-_ ]*(api|rest|auth|access|client)?[-_ ]*` +
			`(token|key|secret|id)?([-_ ]*(here|value))?|todo|changeme|fixme|placeholder|dummy|example|unset|tbd|n/?a|foo|bar|` +
			`((pagerduty|pd)[-_ ])?((api|rest|user|client)[-_ ]?)*(token|key|secret|id))["'` + "`" + `]*$`)},
	}
})

// endPatterns recognize problems at the beginning or end of a value.
var endPatterns = sync.OnceValue(func() []pattern {
	return []pattern{
		{ProblemLineBreak, regexp.MustCompile(`(\\r\\n|\\[nr]|%0[ADad])$`)},
		{ProblemSurrounding, regexp.MustCompile("^[ \"'`\u2018\u2019\u201c\u201d]|" +
			"[ \t\u00a0\"'`\u2018\u2019\u201c\u201d]+$")},
		{ProblemPrefix, regexp.MustCompile(`(?i)^(authorization\s*[:=]|token\s+token\s*=|token\s*=|token\s+\S|` +
			`token:|bearer[\s:=]|(export|set)\s+\w+\s*=|` +
			`(export\s+|set\s+|env\s+|-+)?[a-z0-9_.-]*(token|api[_-]?key|pagerduty|secret)[a-z0-9_.-]*\s*[=:]\s*\S)`)},
	}
})

// Lint returns what makes a value unfit to be sent as an API token or client secret,
// or nil.
func Lint(value string) *Finding {
	length := utf8.RuneCountInString(value)
	trimmed := strings.TrimSpace(value)
	switch {
	case trimmed == "":
		return &Finding{Problem: ProblemEmpty, Length: length}
	case len(value) > maxLength:
		return &Finding{Problem: ProblemDocument, Length: length}
	}
	for _, p := range wholePatterns() {
		if p.regexp.MatchString(trimmed) {
			return &Finding{Problem: p.problem, Length: length}
		}
	}
	for _, p := range endPatterns() {
		if at := p.regexp.FindStringIndex(value); at != nil {
			return &Finding{Problem: p.problem, Position: utf8.RuneCountInString(value[:at[0]]) + 1, Length: length}
		}
	}
	position := 0
	for _, r := range value {
		position++
		if p := unsendable(r, position, length); p != "" {
			return &Finding{Problem: p, Position: position, Length: length}
		}
	}
	return nil
}

// unsendable returns the problem of a character that a header cannot hold, or "".
func unsendable(r rune, position, length int) Problem {
	switch {
	case r == '\n', r == '\r':
		return ProblemLineBreak
	case unicode.IsSpace(r) && r != ' ' && (position == 1 || position == length):
		return ProblemSurrounding
	case r < ' ', r > '~':
		return ProblemInvisible
	}
	return ""
}

// HintFor returns what makes a value unlike an API token, or "". It explains a 401 and
// never causes one.
func HintFor(value string) Hint {
	is := func(expression string) bool { return regexp.MustCompile(expression).MatchString(value) }
	switch {
	case is(`^pd[a-z]{2}\+`), is(`^[0-9a-fA-F]{64}$`):
		return HintOAuth
	case is(`^[0-9a-zA-Z]{32}$`):
		return HintEvents
	case is(`^(gh[pousr]_|github_pat_|glpat-|xox[abprs]-|hvs\.|s\.[A-Za-z0-9]{24}$|AKIA|ASIA|sk-|SG\.|eyJ|NRAK-|dop_v1_|` +
		`npm_|pypi-)`):
		return HintOtherToken
	case isBase64OfToken(value):
		return HintBase64
	case !is(tokenAlphabet):
		return HintAlphabet
	case len(value) != tokenLength:
		return HintLength
	}
	return ""
}

const tokenAlphabet = `^[0-9a-zA-Z_+/=-]+$` // [D]

// isBase64OfToken reports whether a value is an API token in base64, as Kubernetes
// shows the data of a Secret.
func isBase64OfToken(value string) bool {
	decoded, err := base64.StdEncoding.DecodeString(value)
	token := strings.TrimSpace(string(decoded))
	return err == nil && len(token) == tokenLength && regexp.MustCompile(tokenAlphabet).MatchString(token)
}

// Preview returns what can be shown of a value: "****" and its last 4 characters, or
// only "****" if they are a large part of it or are not printable.
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
