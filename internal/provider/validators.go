package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// The validators of a check's arguments. Terraform runs them while values can be
// unknown, and for an action never again, so each has a method judge, which Read,
// Open and Invoke call with final set: what is unknown is then an error. None
// repeats a value, which can be a token in the wrong place; for that reason the
// errors name the argument as a whole and no element of it.
var (
	_ validator.Set    = guardValidator("")
	_ validator.Bool   = guardValidator("")
	_ validator.String = choiceValidator{}
)

// guardValidator judges a guard's argument, named by its entry in
// preflight.Guards.
type guardValidator string

func (g guardValidator) setValidators() []validator.Set   { return []validator.Set{g} }
func (g guardValidator) boolValidators() []validator.Bool { return []validator.Bool{g} }

func (g guardValidator) Description(context.Context) string {
	return "follows the rule of the guard " + string(g)
}

func (g guardValidator) MarkdownDescription(ctx context.Context) string { return g.Description(ctx) }

func (g guardValidator) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	resp.Diagnostics.Append(g.judgeSet(req.ConfigValue, false)...)
}

func (g guardValidator) ValidateBool(_ context.Context, req validator.BoolRequest, resp *validator.BoolResponse) {
	resp.Diagnostics.Append(g.judgeBool(req.ConfigValue, false)...)
}

func (g guardValidator) guard() (preflight.Guard, bool) {
	i := slices.IndexFunc(preflight.Guards, func(each preflight.Guard) bool { return each.Name == string(g) })
	if i < 0 {
		return preflight.Guard{}, false
	}
	return preflight.Guards[i], true
}

func (g guardValidator) judgeBool(value types.Bool, final bool) diag.Diagnostics {
	if guard, ok := g.guard(); !ok || guard.Set() {
		return diag.Diagnostics{unknownGuard(string(g))}
	}
	if final && value.IsUnknown() {
		return diag.Diagnostics{unknownArgument(string(g))}
	}
	return nil
}

// judgeSet also warns about values that can be used but are in doubt.
func (g guardValidator) judgeSet(set types.Set, final bool) diag.Diagnostics {
	guard, ok := g.guard()
	if !ok || !guard.Set() {
		return diag.Diagnostics{unknownGuard(string(g))}
	}
	var diags diag.Diagnostics
	unknown := set.IsUnknown()
	if !set.IsNull() && !unknown && len(set.Elements()) == 0 {
		diags.Append(invalidGuard(guard.Name, emptySet(guard.Comparison)))
	}
	for _, element := range set.Elements() {
		value, isString := element.(types.String)
		switch {
		case !isString:
			diags.Append(invalidGuard(guard.Name, "its elements must be strings"))
		case value.IsUnknown():
			unknown = true
		default:
			// Diagnostics that are equal are appended once.
			if why := guard.Rule(value.ValueString()); why != "" {
				diags.Append(invalidGuard(guard.Name, why))
			} else if doubt := doubt(guard, value.ValueString()); doubt != "" {
				diags.Append(doubtfulGuard(guard.Name, doubt))
			}
		}
	}
	if unknown && final {
		diags.Append(unknownArgument(guard.Name))
	}
	return diags
}

func doubt(guard preflight.Guard, value string) string {
	if guard.Doubt == nil {
		return ""
	}
	return guard.Doubt(value)
}

// emptySet says why a guard that is empty, but not null, is refused: it is a value
// that got lost more often than one that was meant.
func emptySet(c preflight.Comparison) string {
	switch c {
	case preflight.NoneOf:
		return "an empty set forbids nothing. Remove the argument, or name what is forbidden"
	case preflight.AllOf:
		return "an empty set requires nothing. Remove the argument, or name what is required"
	case preflight.OneOf, preflight.IsTrue, preflight.SameAs:
	}
	return "an empty set allows nothing. Remove the argument, or name what is allowed"
}

// choiceValidator judges an argument that is one of a few words. An empty string is
// none of them.
type choiceValidator struct {
	choices []string
	invalid diag.Diagnostic
}

// credentialChoice judges the argument "credential", onFailureChoice "on_failure".
func credentialChoice() choiceValidator {
	var choices []string
	for _, kind := range preflight.Kinds {
		choices = append(choices, string(kind))
	}
	return choiceValidator{choices: choices, invalid: invalidCredential}
}

func onFailureChoice() choiceValidator {
	return choiceValidator{choices: []string{onFailureError, onFailureWarning}, invalid: invalidOnFailure}
}

func (c choiceValidator) validators() []validator.String { return []validator.String{c} }

func (c choiceValidator) Description(context.Context) string {
	return "is one of " + quoted(c.choices)
}

func (c choiceValidator) MarkdownDescription(ctx context.Context) string { return c.Description(ctx) }

func (c choiceValidator) ValidateString(
	_ context.Context, req validator.StringRequest, resp *validator.StringResponse,
) {
	resp.Diagnostics.Append(c.judge(req.Path, req.ConfigValue, false)...)
}

func (c choiceValidator) judge(at path.Path, value types.String, final bool) diag.Diagnostics {
	switch {
	case value.IsUnknown() && final:
		return diag.Diagnostics{unknownArgument(at.String())}
	case value.IsNull(), value.IsUnknown(), slices.Contains(c.choices, value.ValueString()):
		return nil
	}
	return diag.Diagnostics{c.invalid}
}

// judgeUnknown refuses a bool that is no guard while it is unknown.
func judgeUnknown(name string, value types.Bool) diag.Diagnostics {
	if value.IsUnknown() {
		return diag.Diagnostics{unknownArgument(name)}
	}
	return nil
}
