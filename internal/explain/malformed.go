package explain

import (
	"fmt"
	"strings"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// problemWords describe what makes a value malformed.
type problemWords struct {
	is    string // names it, to follow "contains", or "is" where it means the whole value
	whole bool
	cause string // to follow "Likely cause: "
	fix   string // an imperative without a full stop; {thing} is what the value should be
}

var problems = map[preflight.Problem]problemWords{
	preflight.ProblemLineBreak: {
		is:    `a line break`,
		cause: `a line break was kept when the value was read from a file or a command`,
		fix:   `Remove it (printf instead of echo in a shell, trimspace() in Terraform)`,
	},
	preflight.ProblemControl: {
		is:    `an invisible control character`,
		cause: `the character was copied along with the value`,
		fix:   `Copy the {thing} again`,
	},
	preflight.ProblemNonASCII: {
		is:    `a character outside ASCII`,
		cause: `the value was copied from a formatted document`,
		fix:   `Copy the {thing} again from where it is stored`,
	},
	preflight.ProblemByteOrder: {
		is:    `a byte order mark`,
		cause: `an editor saved the file with a byte order mark`,
		fix:   `Save the file as UTF-8 without one`,
	},
	preflight.ProblemSpace: {
		is:    `whitespace`,
		cause: `whitespace was copied along with the value`,
		fix:   `Remove it`,
	},
	preflight.ProblemQuote: {
		is:    `a quotation mark`,
		cause: `the quotation marks of a shell, YAML or .env file became part of the value`,
		fix:   `Remove them`,
	},
	preflight.ProblemPrefix: {
		is:    `the prefix of a header`,
		cause: `"Token token=" or "Bearer" was copied along; the prefix is added when the value is sent`,
		fix:   `Remove the prefix`,
	},
	preflight.ProblemAssignment: {
		is:    `the name of a variable`,
		cause: `a whole assignment was copied, such as NAME=value`,
		fix:   `Remove the name and the sign after it`,
	},
	preflight.ProblemVariable: {
		is: `a reference to a variable`, whole: true,
		cause: `the shell, CI system or template did not replace the variable`,
		fix:   `Check that the variable exists there and is written the way that system expects`,
	},
	preflight.ProblemPlaceholder: {
		is: `a placeholder`, whole: true,
		cause: `the placeholder of an example was not replaced`,
		fix:   `Replace it with the {thing}`,
	},
	preflight.ProblemMasked: {
		is: `a masked value`, whole: true,
		cause: `the value was copied from a place that masks secrets`,
		fix:   `Copy the {thing} from where it is stored`,
	},
	preflight.ProblemEscape: {
		is:    `an escape sequence such as \n`,
		cause: `a line break was written as an escape sequence and kept literally`,
		fix:   `Remove it`,
	},
	preflight.ProblemReference: {
		is: `the address of a secret`, whole: true,
		cause: `the value names where the secret is stored`,
		fix:   `Read the secret first, with its store's own provider or the CI system's secret injection`,
	},
	preflight.ProblemDocument: {
		is: `a whole document`, whole: true,
		cause: `a document was passed in place of one of its fields`,
		fix:   `Extract the {thing} (jsondecode() in Terraform)`,
	},
}

// arguments are what the values of a credential are called, and their variables.
var arguments = map[preflight.Argument]struct{ thing, variable string }{
	preflight.ArgumentToken:        {"API token", EnvToken},
	preflight.ArgumentUserToken:    {"user API token", EnvUserToken},
	preflight.ArgumentClientID:     {"client ID", EnvClientID},
	preflight.ArgumentClientSecret: {"client secret", EnvClientSecret},
}

func explainMalformed(t *text, r *preflight.Report) {
	c, in, p := &r.Credential, arguments[r.FindingIn], problems[r.Finding.Problem]
	source := c.Source
	t.summary = SummaryMalformed
	if c.Kind == preflight.KindAppOAuth {
		t.summary = SummaryMalformedApp
		if c.OAuth != nil && r.FindingIn == preflight.ArgumentClientID {
			source = c.OAuth.ClientIDSource
		}
	}
	target := setting(source, r.FindingIn)
	if c.Own {
		target = set(c)
	}
	where := ""
	if c.Kind == preflight.KindAppOAuth {
		where = Prose(`PagerDuty lists the app under %s.`, appRegistration)
	} else if p := r.Finding.Problem; p == preflight.ProblemPlaceholder || p == preflight.ProblemMasked {
		where = Prose(`If there is none, create %s.`, create(c))
	}
	t.say(`The %s %s. Nothing was sent.`, in.thing, found(r.Finding))
	t.causes(p.cause)
	t.paragraph(Prose(`%s, then set %s to the %s alone.`, fix(p, in.thing), target, in.thing), where)
}

func fix(p problemWords, thing string) string { return strings.ReplaceAll(p.fix, "{thing}", thing) }

// found says what is wrong and where, to follow the value's name.
func found(f *preflight.Finding) string {
	p, verb := problems[f.Problem], `contains`
	switch {
	case (p.whole || f.Position == 0) && f.Length == 1:
		return fmt.Sprintf(`is %s (1 character)`, p.is)
	case p.whole || f.Position == 0:
		return fmt.Sprintf(`is %s (%d characters)`, p.is, f.Length)
	case f.Problem == preflight.ProblemEscape, f.AtEnd():
		verb = `ends with`
	case f.Position == 1:
		verb = `starts with`
	}
	return fmt.Sprintf(`%s %s (character %d of %d)`, verb, p.is, f.Position, f.Length)
}

// Refusal is why the function authorization_header returns no header for a value.
// Terraform adds the full stop at the end.
func Refusal(f *preflight.Finding) string {
	const thing = "API token"
	if f.Length == 0 {
		return `the token is empty. Pass a PagerDuty API token; check the variable or expression that it comes from`
	}
	p := problems[f.Problem]
	return Prose(`the value %s. Likely cause: %s. %s, then pass the %s alone`, found(f), p.cause, fix(p, thing), thing)
}
