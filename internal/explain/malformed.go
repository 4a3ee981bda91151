package explain

import (
	"fmt"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// problems holds the texts of malformed values.
var problems = map[preflight.Problem]struct{ summary, is, cause, remedy string }{
	preflight.ProblemEmpty: {`The {subject} is empty`, `is empty or only whitespace`,
		`the variable or secret that it comes from is empty`,
		`Set {set} to the {subject}, or check the secret that it comes from.`},
	preflight.ProblemMissing: {`The {subject} is missing`,
		`is a word such as "null", "undefined", "none" or "true"`,
		`a shell or "jq -r" printed this word for a missing value`,
		`Check the command that sets {set}, and the name of the field that it reads.`},
	preflight.ProblemLineBreak: {`The {subject} contains a line break`, `contains a line break`,
		`the file or command that it comes from ends with one`,
		`Remove it from {set}, for example with trimspace(), or with printf instead of echo.`},
	preflight.ProblemInvisible: {`The {subject} contains an invalid character`,
		`contains a character that is invisible or not ASCII`,
		`the value was copied from a formatted document or a terminal`,
		`Remove the character from {set}.`},
	preflight.ProblemSurrounding: {`The {subject} has spaces or quotes around it`,
		`starts or ends with whitespace or a quotation mark`,
		`quotes of a shell, YAML or .env file became part of the value`,
		`Remove them from {set}.`},
	preflight.ProblemPrefix: {`The {subject} has a prefix`,
		`starts with a header's prefix or the name of a variable`,
		`"Token token=", "Bearer" or "NAME=" was copied with the value`,
		`Remove the prefix from {set}.`},
	preflight.ProblemReference: {`The {subject} is an unresolved reference`,
		`is a reference to a variable or secret, not its value`,
		`the shell, CI system or template did not replace the reference`,
		`Check the syntax that sets {set}, and that the variable or secret exists.`},
	preflight.ProblemPlaceholder: {`The {subject} is a placeholder`, `is the placeholder of an example`,
		`an example was used without replacing its values`,
		`Set {set} to {valid value}.`},
	preflight.ProblemMasked: {`The {subject} is masked`, `is a masked value`,
		`it was copied from a log or page that hides secrets`,
		`Set {set} to {valid value}. If it is lost, create a new one under {created under}.`},
	preflight.ProblemDocument: {`The {subject} is a document`, `is JSON, PEM or another long text`,
		`a whole secret or file was used instead of one of its fields`,
		`Set {set} to the field that holds the {subject}, for example with jsondecode() or "jq -r".`},
}

// malformed returns the rule for a problem.
func malformed(problem preflight.Problem) *rule {
	p := problems[problem]
	return &rule{
		summary:  p.summary,
		happened: `The {subject} ` + p.is + ` ({position}). Nothing was sent.`,
		causes:   []string{p.cause},
		remedy:   p.remedy,
	}
}

// position says where in a value the problem is.
func position(f *preflight.Finding) string {
	switch {
	case f.Position > 0:
		return fmt.Sprintf("character %d of %d", f.Position, f.Length)
	case f.Length == 1:
		return "1 character"
	}
	return fmt.Sprintf("%d characters", f.Length)
}

// Refusal says why the function authorization_header rejects a value. Terraform adds the
// full stop.
func Refusal(f *preflight.Finding) string {
	p := problems[f.Problem]
	return fmt.Sprintf(`the value %s (%s). Likely cause: %s. Pass only the API token`, p.is, position(f), p.cause)
}
