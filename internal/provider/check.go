package provider

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/explain"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// readArguments returns the values of a configuration by the names of its attributes.
func readArguments(ctx context.Context, config tfsdk.Config) (arguments, diag.Diagnostics) {
	var object types.Object
	diags := config.Get(ctx, &object)
	return object.Attributes(), diags
}

// credentialName returns the credential to check. It can be invalid.
func (a arguments) credentialName() preflight.CredentialName {
	if name := a.text("credential"); !name.IsNull() {
		return preflight.CredentialName(name.ValueString())
	}
	return preflight.CredentialToken
}

// conflicts returns the errors about guards that cannot be used with the credential.
func (a arguments) conflicts() diag.Diagnostics {
	var diags diag.Diagnostics
	name := a.credentialName()
	if a.text("credential").IsUnknown() || !slices.Contains(preflight.CredentialNames, name) {
		return nil
	}
	for _, g := range preflight.Guards {
		value, known := guardValue(g, a[g.Name])
		if value != nil && known && g.Credentials != nil && !slices.Contains(g.Credentials, name) {
			diags.Append(invalidGuard(g.Name, g.Instead))
		}
	}
	return diags
}

// validate repeats the validation with the values that the check uses: Terraform may
// have validated them while they were unknown.
func (a arguments) validate() diag.Diagnostics {
	diags := credentialChoice.check(a.text("credential"), true)
	for _, g := range preflight.Guards {
		diags.Append(guardValidator{g}.check(a[g.Name], true)...)
	}
	diags.Append(a.conflicts()...)
	return diags
}

// checkOptions holds what differs between the data source, the ephemeral resource and the
// action.
type checkOptions struct {
	invalid   diag.Diagnostics           // errors about arguments that only one of them has
	ownToken  types.String               // the ephemeral resource's token
	asWarning bool                       // report a failed check as a warning
	start     func(preflight.Credential) // called before anything is sent
}

// check runs a check. The report is nil if the check could not start.
func (p *providerData) check(ctx context.Context, a arguments, o checkOptions) (*preflight.Report, diag.Diagnostics) {
	if p == nil {
		return nil, diag.Diagnostics{notConfigured}
	}
	diags := a.validate()
	diags.Append(o.invalid...)
	if diags.HasError() {
		return nil, diags
	}
	diags.Append(p.unknowns(a.credentialName(), o.ownToken)...)
	if diags.HasError() {
		return nil, diags
	}
	cred, missing := p.credential(a.credentialName())
	if !o.ownToken.IsNull() {
		cred, missing = ownCredential(o.ownToken), nil
	}
	diags.Append(missing...)
	if diags.HasError() {
		return nil, diags
	}
	guards := slices.Clone(p.guards)
	for _, g := range preflight.Guards {
		if value, _ := guardValue(g, a[g.Name]); value != nil {
			guards = append(guards, *value)
		}
	}
	if o.start != nil {
		o.start(cred)
	}
	report := p.checker.Check(ctx, cred, guards)
	diags.Append(diagnostics(report, explain.Diagnose(report), o.asWarning)...)
	return &report, diags
}

// diagnostics converts the messages about a report. It fails closed: a report that is
// not valid and has no message is an error.
func diagnostics(r preflight.Report, messages []explain.Diagnosis, asWarning bool) diag.Diagnostics {
	var diags diag.Diagnostics
	accepted := len(r.Violations) == 0 && r.Status == preflight.Valid
	explained := false
	for _, m := range messages {
		explained = explained || !m.Warning
		d := diag.Diagnostic(diag.NewErrorDiagnostic(m.Summary, m.Detail))
		if m.Warning || asWarning {
			d = diag.NewWarningDiagnostic(m.Summary, m.Detail)
		}
		if m.Argument != "" {
			d = diag.WithPath(path.Root(m.Argument), d)
		}
		diags.Append(d)
	}
	if !accepted && !explained {
		diags.Append(unexpectedStatus(r.Status))
	}
	return diags
}

// The types of nested results.
var (
	teamType = types.ObjectType{AttrTypes: map[string]attr.Type{"id": types.StringType, "name": types.StringType}}
	userType = map[string]attr.Type{
		"id": types.StringType, "name": types.StringType, "email": types.StringType, "role": types.StringType,
		"html_url": types.StringType, "teams": types.ListType{ElemType: teamType},
	}
)

// results returns a report as attributes.
func results(r *preflight.Report) map[string]attr.Value {
	m := map[string]attr.Value{
		"status":           types.StringValue(string(r.Status)),
		"valid":            types.BoolNull(),
		"http_status_code": types.Int64Null(),
		"token_type":       types.StringValue(string(r.TokenType)),
		"token_source":     optional(r.Credential.Source),
		"token_preview":    types.StringValue(r.Preview),
		"subdomain":        optional(r.Subdomain),
		"service_region":   types.StringValue(r.Region),
		"scopes":           types.ListNull(types.StringType),
		"write_access":     types.BoolPointerValue(r.WriteAccess),
		"user":             types.ObjectNull(userType),
	}
	if valid, known := r.Valid(); known {
		m["valid"] = types.BoolValue(valid)
	}
	if r.HTTPStatus != 0 {
		m["http_status_code"] = types.Int64Value(int64(r.HTTPStatus))
	}
	if r.Scopes != nil {
		scopes := make([]attr.Value, len(r.Scopes))
		for i, scope := range r.Scopes {
			scopes[i] = types.StringValue(scope)
		}
		m["scopes"] = types.ListValueMust(types.StringType, scopes)
	}
	if u := r.User; u != nil {
		teams := make([]attr.Value, len(u.Teams))
		for i, t := range u.Teams {
			teams[i] = types.ObjectValueMust(teamType.AttrTypes, map[string]attr.Value{
				"id": optional(t.ID), "name": optional(t.Name),
			})
		}
		m["user"] = types.ObjectValueMust(userType, map[string]attr.Value{
			"id": optional(u.ID), "name": optional(u.Name), "email": optional(u.Email), "role": optional(u.Role),
			"html_url": optional(u.HTMLURL), "teams": types.ListValueMust(teamType, teams),
		})
	}
	return m
}

// optional returns null for a string that is not known.
func optional(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

// withResults returns the arguments and results as the object of a schema.
func (a arguments) withResults(schema attr.Type, values map[string]attr.Value) (types.Object, diag.Diagnostics) {
	object, _ := schema.(types.ObjectType)
	all := maps.Clone(a)
	maps.Copy(all, values)
	return types.ObjectValue(object.AttributeTypes(), all)
}
