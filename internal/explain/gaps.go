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
			return v.Undecided != preflight.UndecidedNot && gapOf(v.Guard) == g.What
		})
	})
	if len(gaps) == 0 {
		return Message{}, false
	}
	t := &text{summary: SummaryGaps}
	if len(r.Violations) > 0 {
		t.summary = SummaryGapsNotAllowed
	}
	lines := make([]string, len(gaps))
	for i, g := range gaps {
		lines[i] = g.What + ": " + whyGap(g)
		if f := g.Failure; f != nil {
			t.facts.add(fmt.Sprintf("Required scopes for %s", g.What), list(f.Body.RequiredScopes))
		}
	}
	seen := Prose(`PagerDuty accepted the %s. These results are null:`, credentialName(r))
	t.paragraphs = append(t.paragraphs, seen+bullets(lines))
	t.say(`Nothing has to be done, unless something uses these results: a guard that needs one fails.`)
	for _, g := range gaps {
		if g.Failure != nil {
			t.facts.add(fmt.Sprintf("Request ID for %s", g.What), requestID(g.Failure.RequestID))
		}
	}
	return t.message(r), true
}

// gapOf is the gap that a guard needs closed.
func gapOf(guard string) string {
	switch guard {
	case "allowed_subdomains", "forbidden_subdomains", "allowed_service_regions", preflight.GuardSameAccount, "subdomain":
		return "subdomain"
	case "required_abilities":
		return "abilities"
	case preflight.GuardRequiredScopes:
		return "scopes"
	case preflight.GuardWriteAccess:
		return "write_access"
	default:
		return ""
	}
}

// whyGap says in a few words why something is not known.
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
	default:
		return fmt.Sprintf("%s %s answered %d%s", f.Method, f.Path, f.Status, aboutAnswer(f))
	}
}

// aboutAnswer is what matters about an answer next to its status.
func aboutAnswer(f *pagerduty.Error) string {
	switch {
	case f.Kind != pagerduty.KindStatus:
		return " (" + kindNames[f.Kind] + ")"
	case f.Sender == pagerduty.SenderGateway:
		return " (from a gateway)"
	case f.Sender == pagerduty.SenderUnknown:
		return " (sender unknown)"
	default:
		return ""
	}
}

// gapFor is the gap that leaves a guard undecided, nil for none.
func gapFor(r *preflight.Report, guard string) *preflight.Gap {
	for i := range r.Gaps {
		if r.Gaps[i].What == gapOf(guard) {
			return &r.Gaps[i]
		}
	}
	return nil
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
	case f.Kind != pagerduty.KindStatus:
		return join(answered(f), Prose(`The response could not be used (%s).`, kindNames[f.Kind]))
	default:
		return join(answered(f), senderWords(f))
	}
}

// transient reports whether what was not learned may be known in the next run.
func transient(g *preflight.Gap) bool {
	return g != nil && g.Failure != nil && pagerduty.Retried(g.Failure.Kind, g.Failure.Status)
}
