package explain

import (
	"fmt"
	"slices"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// explainGaps words what is not known of a valid credential. What a violation has
// explained already is left out.
func explainGaps(r *preflight.Report) (Message, bool) {
	gaps := slices.DeleteFunc(slices.Clone(r.Gaps), func(g preflight.Gap) bool {
		return slices.ContainsFunc(r.Violations, func(v preflight.Violation) bool {
			return v.Undecided != preflight.UndecidedNot && guardWords[v.Guard].gap == g.What
		})
	})
	if len(gaps) == 0 {
		return Message{}, false
	}
	t := &text{summary: SummaryGaps}
	if len(r.Violations) > 0 {
		t.summary = SummaryGapsNotAllowed
	}
	seen := Prose(`PagerDuty accepted the %s. These results are null:`, credentialName(r))
	var requestIDs lines
	for _, g := range gaps {
		seen += bullet + g.What + ": " + whyGap(g)
		if f := g.Failure; f != nil {
			t.facts.add("Error code for "+g.What, errorCode(f))
			t.facts.add("Required scopes for "+g.What, list(f.Body.RequiredScopes))
			requestIDs.add("Request ID for "+g.What, requestID(f.RequestID))
		}
	}
	t.paragraph(seen)
	t.say(`Nothing has to be done, unless something uses these results: a guard that needs one fails.`)
	t.facts = append(t.facts, requestIDs...)
	return t.message(r), true
}

func whyGap(g preflight.Gap) string {
	f := g.Failure
	switch {
	case g.Size > 0:
		return fmt.Sprintf("too large for a result (size %d)", g.Size)
	case g.Scope != "":
		return fmt.Sprintf("the OAuth scope %s was not granted", pagerduty.Printable(g.Scope, 40))
	case g.NoOnCallUser:
		return "no user who can be on call was found"
	case f == nil:
		return "PagerDuty's answer does not name it"
	case f.Status == 0, f.Kind == pagerduty.KindProxyStatus:
		return fmt.Sprintf("%s %s: %s", f.Method, f.Path, kindNames[f.Kind])
	case heldBack(f, "") != "":
		return fmt.Sprintf("%s %s not sent: a 429 still holds", f.Method, f.Path)
	}
	about := map[pagerduty.Sender]string{
		pagerduty.SenderGateway: " (from a gateway)", pagerduty.SenderUnknown: " (sender unknown)",
	}[f.Sender]
	if f.Kind != pagerduty.KindStatus {
		about = " (" + kindNames[f.Kind] + ")"
	}
	return fmt.Sprintf("%s %s answered %d%s", f.Method, f.Path, f.Status, about)
}

// gapFor is the gap that leaves a guard undecided, nil for none.
func gapFor(r *preflight.Report, guard string) *preflight.Gap {
	i := slices.IndexFunc(r.Gaps, func(g preflight.Gap) bool { return g.What == guardWords[guard].gap })
	if i < 0 {
		return nil
	}
	return &r.Gaps[i]
}

// gapWords are whole sentences on the request that would have decided a guard, ""
// where none failed.
func gapWords(g *preflight.Gap) string {
	if g == nil || g.Failure == nil {
		return ""
	}
	switch f := g.Failure; {
	case f.Status == 0, f.Kind == pagerduty.KindProxyStatus:
		return noAnswer(f, kindNames[f.Kind])
	case heldBack(f, "") != "":
		return join(heldBack(f, "credential"), senderWords(f))
	case f.Kind != pagerduty.KindStatus:
		return join(answered(f), Prose(`The response could not be used (%s).`, kindNames[f.Kind]))
	default:
		return join(answered(f), senderWords(f))
	}
}
