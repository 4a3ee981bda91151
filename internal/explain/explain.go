// Package explain turns the report of a check into messages: what happened, the
// likely causes and what to do. It knows neither Terraform nor HTTP, and states
// nothing that the report does not prove.
package explain

import (
	"slices"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// ReportDefect ends the messages that no configuration should cause.
const ReportDefect = `This is a defect of terraform-provider-pagerdutyauth: please report it.`

// Message is the text of a diagnostic.
type Message struct {
	// Summary names the cause in one line.
	Summary string
	// Detail holds paragraphs, separated by empty lines. The last one holds lines of
	// the form "Key: value". The first of them is the status.
	Detail string
}

// Diagnosis is a message and its place.
type Diagnosis struct {
	Message
	// Argument is the attribute that the message is about, or "".
	Argument string
	// Warning reports whether the message leaves the status as it is.
	Warning bool
}

// Diagnose returns the messages of a report: the status or each violation as an error,
// then at most one warning about results that are not known. It returns nothing for a
// valid credential if all results are known.
func Diagnose(r preflight.Report) []Diagnosis {
	var all []Diagnosis
	s := newSituation(&r, r.Failure, nil)
	switch {
	case r.Status == preflight.Valid, r.Status == preflight.NotAllowed:
	case r.Finding != nil:
		all = append(all, Diagnosis{Message: s.message(malformed(r.Finding.Problem))})
	default:
		if rule := find(rules, s); rule != nil {
			all = append(all, Diagnosis{Message: s.message(rule)})
		}
	}
	for i := range r.Violations {
		all = append(all, diagnoseViolation(&r, &r.Violations[i]))
	}
	if message := explainGap(&r); message != nil {
		all = append(all, Diagnosis{Message: *message, Warning: true})
	}
	return all
}

func diagnoseViolation(r *preflight.Report, v *preflight.Violation) Diagnosis {
	s := newSituation(r, nil, v)
	rule := find(guardRules, s)
	d := Diagnosis{Message: s.message(rule), Argument: v.Guard.Name}
	switch {
	case v.InProvider, isUnknownGuard(s):
		d.Argument = ""
	case v.Implied:
		d.Argument = "credential"
	}
	return d
}

// explainGap returns a message about a result that is not known, or nil if there is none
// or a violation explains it. The result is always the account: write access is only
// requested for its guard.
func explainGap(r *preflight.Report) *Message {
	for i := range r.Gaps {
		g := &r.Gaps[i]
		explains := func(v preflight.Violation) bool { return v.Gap != nil && v.Gap.Result == g.Result }
		if slices.ContainsFunc(r.Violations, explains) {
			continue
		}
		message := newSituation(r, nil, &preflight.Violation{Gap: g}).message(&gapRule)
		return &message
	}
	return nil
}
