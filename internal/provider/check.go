package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/explain"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// checkModel are the arguments that every surface takes: which credential, what is
// expected of it, and what to ask in addition.
type checkModel struct {
	Credential            types.String `tfsdk:"credential"`
	AllowedSubdomains     types.Set    `tfsdk:"allowed_subdomains"`
	ForbiddenSubdomains   types.Set    `tfsdk:"forbidden_subdomains"`
	AllowedServiceRegions types.Set    `tfsdk:"allowed_service_regions"`
	AllowedTokenTypes     types.Set    `tfsdk:"allowed_token_types"`
	AllowedUserEmails     types.Set    `tfsdk:"allowed_user_emails"`
	AllowedRoles          types.Set    `tfsdk:"allowed_roles"`
	RequiredAbilities     types.Set    `tfsdk:"required_abilities"`
	RequiredScopes        types.Set    `tfsdk:"required_scopes"`
	SameAccountAsToken    types.Bool   `tfsdk:"same_account_as_token"`
	RequireWriteAccess    types.Bool   `tfsdk:"require_write_access"`
	IncludeWriteAccess    types.Bool   `tfsdk:"include_write_access"`
}

// guards are the values of the guards, by their names in preflight.Guards.
func (m checkModel) guards() map[string]attr.Value {
	return map[string]attr.Value{
		"allowed_subdomains":       m.AllowedSubdomains,
		"forbidden_subdomains":     m.ForbiddenSubdomains,
		"allowed_service_regions":  m.AllowedServiceRegions,
		"allowed_token_types":      m.AllowedTokenTypes,
		"allowed_user_emails":      m.AllowedUserEmails,
		"allowed_roles":            m.AllowedRoles,
		"required_abilities":       m.RequiredAbilities,
		"required_scopes":          m.RequiredScopes,
		preflight.GuardSameAccount: m.SameAccountAsToken,
		preflight.GuardWriteAccess: m.RequireWriteAccess,
	}
}

// kind is the credential that is to be checked. It need not be one that exists.
func (m checkModel) kind() preflight.Kind {
	if m.Credential.IsNull() {
		return preflight.KindToken
	}
	return preflight.Kind(m.Credential.ValueString())
}

// conflicts judges what arguments say about one another. It is part of validating,
// and of judge.
func (m checkModel) conflicts() diag.Diagnostics {
	var diags diag.Diagnostics
	if m.Credential.IsUnknown() || !slices.Contains(preflight.Kinds, m.kind()) {
		return diags
	}
	app := m.kind() == preflight.KindAppOAuth
	if !app && !m.RequiredScopes.IsNull() && !m.RequiredScopes.IsUnknown() {
		diags.Append(invalidGuard(preflight.GuardRequiredScopes, `only an OAuth app has known scopes. `+
			`Set "credential" to "app_oauth", or remove the argument`))
	}
	if m.kind() == preflight.KindToken && m.SameAccountAsToken.ValueBool() {
		diags.Append(invalidGuard(preflight.GuardSameAccount, `it compares another credential of the provider with its `+
			`"token". Set "credential" to "user_token" or "app_oauth", or remove the argument`))
	}
	const scopes = `what an OAuth app may do follows from its scopes. Use "required_scopes" instead, ` +
		`such as ["schedules.write"]`
	if app && m.RequireWriteAccess.ValueBool() {
		diags.Append(invalidGuard(preflight.GuardWriteAccess, scopes))
	}
	if app && m.IncludeWriteAccess.ValueBool() {
		diags.Append(invalidValue("include_write_access", summaryArgument, scopes))
	}
	return diags
}

// judge judges a check's arguments as validating does, with the values that the check
// is about to be made with: Terraform may have validated them while they were unknown.
// Then it applies what the provider block demands of every check.
func (p *providerData) judge(m checkModel) diag.Diagnostics {
	diags := credentialChoice.judge(m.Credential, true)
	guards := m.guards()
	for _, guard := range preflight.Guards {
		diags.Append(guardValidator(guard.Name).judge(guards[guard.Name], true)...)
	}
	diags.Append(judgeUnknown("include_write_access", m.IncludeWriteAccess)...)
	diags.Append(m.conflicts()...)
	if p.requireAccountGuard && m.AllowedSubdomains.IsNull() {
		diags.Append(missingAccountGuard)
	}
	return diags
}

// expectations are the guards as the domain takes them. A guard of the table that
// has no place here is an error, so that none is forgotten in silence.
func (m checkModel) expectations(
	ctx context.Context, token preflight.Credential,
) (preflight.Expectations, diag.Diagnostics) {
	var diags diag.Diagnostics
	e := preflight.Expectations{
		Sets: map[string][]string{}, RequireWriteAccess: m.RequireWriteAccess.ValueBool(),
		IncludeWriteAccess: m.IncludeWriteAccess.ValueBool(),
	}
	if m.SameAccountAsToken.ValueBool() {
		e.SameAccountAs = &token
	}
	guards := m.guards()
	for _, guard := range preflight.Guards {
		set, isSet := guards[guard.Name].(types.Set)
		switch {
		case isSet && !set.IsNull():
			var asked []string
			diags.Append(set.ElementsAs(ctx, &asked, false)...)
			slices.Sort(asked)
			e.Sets[guard.Name] = asked
		case isSet, guard.Name == preflight.GuardSameAccount, guard.Name == preflight.GuardWriteAccess:
		default:
			diags.Append(unknownGuard(guard.Name))
		}
	}
	return e, diags
}

// checkOptions are what the surfaces do differently.
type checkOptions struct {
	judged           diag.Diagnostics // what is wrong with arguments of the surface's own
	validatedAgain   bool             // Terraform has just validated: the warnings are out already
	own              types.String     // the ephemeral resource's token
	includeAbilities types.Bool
	handOn           bool                       // the result goes to another provider, so an app's account must be known
	asWarning        bool                       // report a failed check as a warning
	start            func(preflight.Credential) // called before anything is sent
}

// check makes a check, from its arguments to its verdict. The report is nil where none
// was made. unknown is set where that is because of values that are known only after
// apply, which a client may let the caller defer.
func (p *providerData) check(
	ctx context.Context, m checkModel, o checkOptions,
) (r *preflight.Report, unknown bool, diags diag.Diagnostics) {
	if p == nil {
		return nil, false, diag.Diagnostics{notConfigured}
	}
	diags = p.judge(m)
	diags.Append(o.judged...)
	diags.Append(judgeUnknown("include_abilities", o.includeAbilities)...)
	if o.validatedAgain {
		diags = diags.Errors()
	}
	if diags.HasError() {
		return nil, false, diags
	}
	diags.Append(p.unknowns(m, o.own)...)
	if diags.HasError() {
		return nil, true, diags
	}
	cred, missing := p.credential(m.kind())
	if !o.own.IsNull() {
		cred, missing = ownCredential(o.own), nil
	}
	e, forgotten := m.expectations(ctx, apiToken(preflight.KindToken, p.token))
	diags.Append(missing...)
	diags.Append(forgotten...)
	if diags.HasError() {
		return nil, false, diags
	}
	e.IncludeAbilities = o.includeAbilities.ValueBool()
	e.RequireSubdomain = o.handOn && cred.Kind == preflight.KindAppOAuth
	if o.start != nil && !p.skip {
		o.start(cred)
	}
	report := p.checker.Check(ctx, cred, e)
	diags.Append(verdict(report, explain.Diagnose(report), o.asWarning)...)
	return &report, false, diags
}

// verdict turns what is to be said of a report into diagnostics. It fails closed:
// what is not accepted and has no message is an error.
func verdict(r preflight.Report, messages []explain.Diagnosis, asWarning bool) diag.Diagnostics {
	var diags diag.Diagnostics
	accepted := len(r.Violations) == 0 && (r.Status == preflight.Valid || r.Status == preflight.Unverified)
	explained := false
	for _, d := range messages {
		explained = explained || !d.Warning
		said := diag.Diagnostic(diag.NewErrorDiagnostic(d.Summary, d.Detail))
		if d.Warning || asWarning {
			said = diag.NewWarningDiagnostic(d.Summary, d.Detail)
		}
		if d.Argument != "" {
			said = diag.WithPath(path.Root(d.Argument), said)
		}
		diags.Append(said)
	}
	if !accepted && !explained {
		diags.Append(unexpectedVerdict(r.Status))
	}
	return diags
}

// resultModel are the attributes that every surface with a result gives.
type resultModel struct {
	Valid          types.Bool   `tfsdk:"valid"`
	Status         types.String `tfsdk:"status"`
	HTTPStatusCode types.Int64  `tfsdk:"http_status_code"`
	TokenType      types.String `tfsdk:"token_type"`
	TokenSource    types.String `tfsdk:"token_source"`
	TokenPreview   types.String `tfsdk:"token_preview"`
	Subdomain      types.String `tfsdk:"subdomain"`
	ServiceRegion  types.String `tfsdk:"service_region"`
	Abilities      []string     `tfsdk:"abilities"` // nil, which becomes null, where they are not known
	Scopes         []string     `tfsdk:"scopes"`    // the same
	WriteAccess    types.Bool   `tfsdk:"write_access"`
	User           *userModel   `tfsdk:"user"`
}

type userModel struct {
	ID       types.String `tfsdk:"id"`
	Name     types.String `tfsdk:"name"`
	Email    types.String `tfsdk:"email"`
	Role     types.String `tfsdk:"role"`
	JobTitle types.String `tfsdk:"job_title"`
	TimeZone types.String `tfsdk:"time_zone"`
	HTMLURL  types.String `tfsdk:"html_url"`
	Teams    []teamModel  `tfsdk:"teams"` // the same
}

type teamModel struct {
	ID   types.String `tfsdk:"id"`
	Name types.String `tfsdk:"name"`
}

// result is a report as attributes.
func result(r preflight.Report) resultModel {
	m := resultModel{
		Status:        types.StringValue(string(r.Status)),
		TokenType:     types.StringValue(string(r.TokenType)),
		TokenSource:   optional(r.Credential.Source),
		Subdomain:     optional(r.Subdomain),
		ServiceRegion: types.StringValue(r.Region),
		Abilities:     r.Abilities,
		Scopes:        r.Scopes,
		WriteAccess:   types.BoolPointerValue(r.WriteAccess),
	}
	if valid, decided := r.Valid(); decided {
		m.Valid = types.BoolValue(valid)
	}
	if r.Credential.Source != "" {
		m.TokenPreview = types.StringValue(r.Preview)
	}
	if r.HTTPStatus != 0 {
		m.HTTPStatusCode = types.Int64Value(int64(r.HTTPStatus))
	}
	if u := r.User; u != nil {
		m.User = &userModel{
			ID: optional(u.ID), Name: optional(u.Name), Email: optional(u.Email), Role: optional(u.Role),
			JobTitle: optional(u.JobTitle), TimeZone: optional(u.TimeZone), HTMLURL: optional(u.HTMLURL),
		}
		if u.Teams != nil {
			m.User.Teams = make([]teamModel, len(u.Teams))
		}
		for i, t := range u.Teams {
			m.User.Teams[i] = teamModel{ID: optional(t.ID), Name: optional(t.Name)}
		}
	}
	return m
}

// optional is null for what is not known.
func optional[S ~string](s S) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(string(s))
}
