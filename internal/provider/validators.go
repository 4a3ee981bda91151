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

// Terraform runs the validators while values can be unknown, and for an action never
// again. So each has a method check, which a check calls with final set: an unknown value
// is then an error. No message repeats a value, which can be a token in the wrong
// argument.

// guardValidator validates a guard's argument.
type guardValidator struct{ *preflight.Guard }

func (g guardValidator) Description(context.Context) string { return "validates " + g.Name }

func (g guardValidator) MarkdownDescription(ctx context.Context) string { return g.Description(ctx) }

func (g guardValidator) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	resp.Diagnostics.Append(g.check(req.ConfigValue, false)...)
}

// check validates a list or a bool. Equal diagnostics are reported once.
func (g guardValidator) check(value attr.Value, final bool) diag.Diagnostics {
	var diags diag.Diagnostics
	list, isList := value.(types.List)
	if isList && !list.IsNull() && !list.IsUnknown() && len(list.Elements()) == 0 {
		diags.Append(emptyGuard(g.Name))
	}
	for _, element := range list.Elements() {
		if text, _ := element.(types.String); !text.IsUnknown() {
			if why := g.Refusal(text.ValueString()); why != "" {
				diags.Append(invalidGuard(g.Name, why))
			}
		}
	}
	if _, known := guardValue(g.Guard, value); final && !known {
		diags.Append(unknownArgument(g.Name))
	}
	return diags
}

// guardValue returns the value of a guard's argument, nil if it is unset. known is false
// if it, or an element, is known after apply.
func guardValue(g *preflight.Guard, value attr.Value) (v *preflight.GuardValue, known bool) {
	switch value := value.(type) {
	case types.List:
		if value.IsNull() || value.IsUnknown() {
			return nil, !value.IsUnknown()
		}
		v, known = &preflight.GuardValue{Name: g.Name}, true
		for _, element := range value.Elements() {
			text, _ := element.(types.String)
			known = known && !text.IsUnknown()
			v.Values = append(v.Values, text.ValueString())
		}
		return v, known
	case types.Bool:
		if value.ValueBool() {
			v = &preflight.GuardValue{Name: g.Name, Values: []string{"true"}}
		}
		return v, !value.IsUnknown()
	}
	return nil, true
}

// choiceValidator validates an argument that is one of a few words.
type choiceValidator struct {
	argument string
	choices  []string
	invalid  diag.Diagnostic
}

var (
	credentialChoice = choiceValidator{"credential", []string{"token", "user_token", "app_oauth"}, invalidCredential}
	onFailureChoice  = choiceValidator{"on_failure", []string{"error", "warning"}, invalidOnFailure}
)

func (c choiceValidator) Description(context.Context) string { return c.invalid.Detail() }

func (c choiceValidator) MarkdownDescription(ctx context.Context) string { return c.Description(ctx) }

func (c choiceValidator) ValidateString(
	_ context.Context, req validator.StringRequest, resp *validator.StringResponse,
) {
	resp.Diagnostics.Append(c.check(req.ConfigValue, false)...)
}

func (c choiceValidator) check(value types.String, final bool) diag.Diagnostics {
	switch {
	case value.IsUnknown() && final:
		return diag.Diagnostics{unknownArgument(c.argument)}
	case value.IsNull(), value.IsUnknown(), slices.Contains(c.choices, value.ValueString()):
		return nil
	}
	return diag.Diagnostics{c.invalid}
}
