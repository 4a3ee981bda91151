package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// The validators of a check's arguments. Terraform runs them while values can be
// unknown, and for an action never again, so each has a method judge, which a check
// calls with final set: what is unknown is then an error. None repeats a value, which
// can be a token in the wrong place; for that reason the errors name the argument as a
// whole and no element of it.

// guardValidator judges a guard's argument, named by its entry in
// preflight.Guards.
type guardValidator string

func (g guardValidator) Description(context.Context) string {
	return "follows the rule of the guard " + string(g)
}

func (g guardValidator) MarkdownDescription(ctx context.Context) string { return g.Description(ctx) }

func (g guardValidator) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	resp.Diagnostics.Append(g.judge(req.ConfigValue, false)...)
}

func (g guardValidator) ValidateBool(_ context.Context, req validator.BoolRequest, resp *validator.BoolResponse) {
	resp.Diagnostics.Append(g.judge(req.ConfigValue, false)...)
}

// judge takes the value of a set or a bool. It also warns about elements that can be
// used but are in doubt.
func (g guardValidator) judge(value attr.Value, final bool) diag.Diagnostics {
	i := slices.IndexFunc(preflight.Guards, func(each preflight.Guard) bool { return each.Name == string(g) })
	set, isSet := value.(types.Set)
	if i < 0 || value == nil || isSet != preflight.Guards[i].Set() {
		return diag.Diagnostics{unknownGuard(string(g))}
	}
	var diags diag.Diagnostics
	guard, unknown := preflight.Guards[i], value.IsUnknown()
	if isSet && !value.IsNull() && !unknown && len(set.Elements()) == 0 {
		diags.Append(invalidGuard(guard.Name, emptySets[guard.Comparison]))
	}
	for _, element := range set.Elements() {
		text, isString := element.(types.String)
		switch {
		case !isString:
			diags.Append(invalidGuard(guard.Name, "its elements must be strings"))
		case text.IsUnknown():
			unknown = true
		default:
			// Diagnostics that are equal are appended once.
			diags.Append(judgeElement(guard, text.ValueString())...)
		}
	}
	if unknown && final {
		diags.Append(unknownArgument(guard.Name))
	}
	return diags
}

func judgeElement(guard preflight.Guard, value string) diag.Diagnostics {
	if why := guard.Refusal(value); why != "" {
		return diag.Diagnostics{invalidGuard(guard.Name, why)}
	}
	if guard.Doubt != nil {
		if doubt := guard.Doubt(value); doubt != "" {
			return diag.Diagnostics{doubtfulGuard(guard.Name, doubt)}
		}
	}
	return nil
}

// emptySets say why a guard that is empty, but not null, is refused: it is a value
// that got lost more often than one that was meant.
var emptySets = map[preflight.Comparison]string{
	preflight.OneOf:  "an empty set allows nothing. Remove the argument, or name what is allowed",
	preflight.NoneOf: "an empty set forbids nothing. Remove the argument, or name what is forbidden",
	preflight.AllOf:  "an empty set requires nothing. Remove the argument, or name what is required",
}

// choiceValidator judges an argument that is one of a few words. An empty string is
// none of them.
type choiceValidator struct {
	argument string
	choices  []string
	invalid  diag.Diagnostic
}

var (
	credentialChoice = choiceValidator{
		argument: "credential",
		choices:  []string{string(preflight.KindToken), string(preflight.KindUserToken), string(preflight.KindAppOAuth)},
		invalid:  invalidCredential,
	}
	onFailureChoice = choiceValidator{
		argument: "on_failure", choices: []string{"error", "warning"}, invalid: invalidOnFailure,
	}
)

func (c choiceValidator) Description(context.Context) string { return c.invalid.Detail() }

func (c choiceValidator) MarkdownDescription(ctx context.Context) string { return c.Description(ctx) }

func (c choiceValidator) ValidateString(
	_ context.Context, req validator.StringRequest, resp *validator.StringResponse,
) {
	resp.Diagnostics.Append(c.judge(req.ConfigValue, false)...)
}

func (c choiceValidator) judge(value types.String, final bool) diag.Diagnostics {
	switch {
	case value.IsUnknown() && final:
		return diag.Diagnostics{unknownArgument(c.argument)}
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
