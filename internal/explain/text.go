package explain

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// text is a message in the making.
type text struct {
	summary    string
	paragraphs []string
	facts      []string // those of the case at hand, as "Key: value"
	about      []string // those of another credential than the report's
}

// say adds a paragraph. Line breaks and indentation of the format are those of the
// source code, and become single spaces.
func (t *text) say(format string, args ...any) {
	t.paragraphs = append(t.paragraphs, sentence(format, args...))
}

// sentence is fmt.Sprintf with a format that is laid out over several lines.
func sentence(format string, args ...any) string {
	format = strings.Join(strings.Fields(format), " ")
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}

// join puts sentences next to each other, without those that are empty.
func join(sentences ...string) string {
	return strings.Join(slices.DeleteFunc(sentences, func(s string) bool { return s == "" }), " ")
}

// maxCauses is how many causes a person reads.
const maxCauses = 3

// causes adds the likely causes, most likely first. Each continues "Likely cause: "
// and has no full stop.
func (t *text) causes(causes ...string) {
	var all []string
	for _, c := range causes {
		if c != "" && !slices.Contains(all, c) && len(all) < maxCauses {
			all = append(all, c)
		}
	}
	switch len(all) {
	case 0:
	case 1:
		t.say("Likely cause: %s.", all[0])
	default:
		t.paragraphs = append(t.paragraphs, "Likely causes, most likely first:"+bullets(all))
	}
}

func bullets(items []string) string {
	return "\n  - " + strings.Join(items, "\n  - ")
}

// fact adds a "Key: value" line; one without a value is left out.
func (t *text) fact(key, value string) {
	if value != "" {
		t.facts = append(t.facts, key+": "+value)
	}
}

// message completes a text with the lines that every message ends with, in their
// fixed order: the status, what PagerDuty said, what the case at hand adds, which
// credential it was, and how to find the request again.
func (t *text) message(r *preflight.Report) Message {
	lines := []string{"Status: " + statusFact(r)}
	add := func(key, value string) {
		if value != "" {
			lines = append(lines, key+": "+value)
		}
	}
	if f := r.Failure; f != nil {
		add(messageKey(f), quoted(f.Body.Message))
		add("Error code", errorCode(f))
		add("OAuth error", f.Body.OAuthError)
	}
	lines = append(lines, t.facts...)
	lines = append(lines, credentialFacts(r)...)
	lines = append(lines, t.about...)
	if r.Failure != nil {
		add("Earlier attempts", earlierFact(r.Failure))
	}
	add("Request ID", requestID(r.RequestID))
	paragraphs := append(slices.Clone(t.paragraphs), strings.Join(lines, "\n"))
	return Message{Summary: t.summary, Detail: strings.Join(paragraphs, "\n\n")}
}

// statusFact is "unauthorized (HTTP 401)", or the status alone where no answer had
// a code.
func statusFact(r *preflight.Report) string {
	if r.HTTPStatus == 0 {
		return string(r.Status)
	}
	return fmt.Sprintf("%s (HTTP %d)", r.Status, r.HTTPStatus)
}

func requestID(id string) string {
	if id == "" {
		return ""
	}
	return id + " (for PagerDuty support)"
}

// messageKey says whose a message is.
func messageKey(f *pagerduty.Error) string {
	switch f.Sender {
	case pagerduty.SenderPagerDuty:
		return "Message"
	case pagerduty.SenderGateway:
		return "Gateway's message"
	default:
		return "Message (sender unknown)"
	}
}

// errorCode explains PagerDuty's codes. Somebody else's mean something else.
func errorCode(f *pagerduty.Error) string {
	code := f.Body.Code
	switch meaning := errorCodes[code]; {
	case code == 0:
		return ""
	case meaning == "" || f.Sender == pagerduty.SenderGateway:
		return strconv.Itoa(code)
	default:
		return fmt.Sprintf("%d (%s)", code, meaning)
	}
}

const (
	maxShown = 200 // characters of a text from outside
	maxNames = 12  // names in a list
)

// quoted is a text from outside, "" for none.
func quoted(s string) string {
	if s == "" {
		return ""
	}
	return strconv.Quote(pagerduty.Printable(s, maxShown))
}

// list is names from outside or from the configuration, and how many more there are.
func list(names []string) string {
	shown := make([]string, 0, maxNames)
	for _, name := range names[:min(len(names), maxNames)] {
		shown = append(shown, strconv.Quote(pagerduty.Printable(name, maxShown)))
	}
	s := strings.Join(shown, ", ")
	if more := len(names) - len(shown); more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

// orNone is a list, or "none".
func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return list(names)
}
