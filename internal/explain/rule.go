package explain

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// rules is the table of messages about a failed request. The first rule that matches
// is used.
var rules = slices.Concat(credentialRules, networkRules, responseRules)

// rule is the message for some situations.
type rule struct {
	name string

	// The conditions. A zero field matches everything.
	status preflight.Status
	kind   pagerduty.Kind
	http   []int
	code   int
	sender pagerduty.Sender
	when   func(*situation) bool

	// The texts have placeholders such as {request}. A sentence or cause with an empty
	// placeholder is dropped.
	summary  string
	happened string   // "" for the request, its status and its sender
	causes   []string // phrases, the most likely first
	remedy   string
	help     string // an anchor of the troubleshooting guide, or ""
}

// Parts of several messages.
const (
	registration      = `Integrations > App Registration`
	otherAccount      = `set {set} to {instead} of a different account`
	tryLater          = `Run Terraform again later.`
	askToAllow        = `Ask your network administrator to allow {host}.`
	notPagerDuty      = `It appears to come from {product}, not PagerDuty.`
	checkAddress      = `Check {override}. Ask your network administrator about {host}.`
	overrideElsewhere = `{override} points to a host other than PagerDuty's API`
	overrideOtherAPI  = `{override} points to the API of a different account or region`
)

// find returns the first rule that matches, or nil.
func find(table []rule, s *situation) *rule {
	for i := range table {
		if table[i].matches(s) {
			return &table[i]
		}
	}
	return nil
}

func (r *rule) matches(s *situation) bool {
	f := s.failure
	return (r.status == "" || r.status == s.Status) &&
		(r.kind == "" || r.kind == f.Kind) &&
		(r.http == nil || slices.Contains(r.http, f.Status)) &&
		(r.code == 0 || r.code == f.Body.Code) &&
		(r.sender == "" || r.sender == f.Sender) &&
		(r.when == nil || r.when(s))
}

// message returns the message of a rule.
func (s *situation) message(r *rule) Message {
	happened := r.happened
	if happened == "" {
		happened = `{request} {returned}. ` + notPagerDuty
	}
	facts := strings.Join(s.facts(r.help), "\n")
	return Message{
		Summary: s.fill(r.summary),
		Detail:  join("\n\n", s.sentences(happened), s.likelyCauses(r.causes), s.sentences(r.remedy), facts),
	}
}

const maxCauses = 3

// likelyCauses returns the paragraph of causes.
func (s *situation) likelyCauses(causes []string) string {
	filled := []string{s.fill(`the provider block overrides a different value in {overridden}`)}
	for _, cause := range causes {
		filled = append(filled, s.fill(cause))
	}
	filled = slices.DeleteFunc(filled, func(cause string) bool { return cause == "" })
	switch filled = filled[:min(len(filled), maxCauses)]; len(filled) {
	case 0:
		return ""
	case 1:
		return "Likely cause: " + filled[0] + "."
	}
	return "Likely causes:\n  - " + strings.Join(filled, "\n  - ")
}

// sentences fills the sentences of a text.
func (s *situation) sentences(text string) string {
	sentences := strings.SplitAfter(Prose(text), ". ")
	for i, sentence := range sentences {
		sentences[i] = s.fill(strings.TrimSpace(sentence))
	}
	return join(" ", sentences...)
}

var placeholder = regexp.MustCompile(`\{[a-z ]+\}`)

// fill replaces the placeholders of a text. It returns "" if one of them is empty.
func (s *situation) fill(text string) string {
	empty := false
	text = placeholder.ReplaceAllStringFunc(text, func(match string) string {
		value := s.values[strings.Trim(match, "{}")]
		empty = empty || value == ""
		return value
	})
	if empty {
		return ""
	}
	return text
}
