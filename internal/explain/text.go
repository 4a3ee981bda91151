package explain

import (
	"cmp"
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
	facts      lines // those of the case at hand
	about      lines // those of another credential than the report's
}

// lines have the form "Key: value".
type lines []string

// add adds a line; one without a value is left out.
func (l *lines) add(key, value string) {
	if value != "" {
		*l = append(*l, key+": "+value)
	}
}

// paragraph adds a paragraph of these sentences, without those that are empty.
func (t *text) paragraph(sentences ...string) {
	t.paragraphs = append(t.paragraphs, join(sentences...))
}

func (t *text) say(format string, args ...any) { t.paragraph(Prose(format, args...)) }

// Prose is fmt.Sprintf with a format that is laid out as source code is: an empty line
// begins a paragraph, any other line break or indentation is a space. A paragraph
// that turns out empty is left out.
func Prose(format string, args ...any) string {
	blocks := strings.Split(format, "\n\n")
	for i, block := range blocks {
		blocks[i] = strings.Join(strings.Fields(block), " ")
	}
	s := strings.Join(blocks, "\n\n")
	if len(args) > 0 {
		s = fmt.Sprintf(s, args...)
	}
	return strings.TrimSpace(strings.ReplaceAll(s, "\n\n\n\n", "\n\n"))
}

// join puts sentences next to each other, without those that are empty.
func join(sentences ...string) string {
	return strings.Join(slices.DeleteFunc(sentences, func(s string) bool { return s == "" }), " ")
}

const (
	maxCauses = 3        // that a person reads
	bullet    = "\n  - " // begins an item of a list
)

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
		t.paragraph("Likely causes, most likely first:" + bullet + strings.Join(all, bullet))
	}
}

// message completes a text with the lines that every message ends with, in their
// fixed order: the status, what PagerDuty said, what the case at hand adds, which
// credential it was, and how to find the request again.
func (t *text) message(r *preflight.Report) Message {
	all := lines{"Status: " + statusFact(r)}
	if f := r.Failure; f != nil {
		all.add(messageKeys[f.Sender], quoted(f.Body.Message))
		all.add("Error code", errorCode(f))
		all.add("OAuth error", f.Body.OAuthError)
	}
	all = slices.Concat(all, t.facts, credentialFacts(r), t.about)
	if r.Failure != nil {
		all.add("Earlier attempts", earlierFact(r.Failure))
	}
	all.add("Request ID", requestID(r.RequestID))
	paragraphs := append(slices.Clone(t.paragraphs), strings.Join(all, "\n"))
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

// messageKeys say whose a message is.
var messageKeys = map[pagerduty.Sender]string{
	pagerduty.SenderPagerDuty: "Message",
	pagerduty.SenderGateway:   "Gateway's message",
	pagerduty.SenderUnknown:   "Message (sender unknown)",
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
	shown := make([]string, min(len(names), maxNames))
	for i := range shown {
		shown[i] = strconv.Quote(pagerduty.Printable(names[i], maxShown))
	}
	s := strings.Join(shown, ", ")
	if more := len(names) - len(shown); more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

// orNone is a list, or "none".
func orNone(names []string) string {
	return cmp.Or(list(names), "none")
}
