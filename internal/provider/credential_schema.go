package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	dschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// checkModel are the arguments that every surface takes: which credential, and
// what is expected of it.
type checkModel struct {
	Credential         types.String `tfsdk:"credential"`
	AllowedSubdomains  types.Set    `tfsdk:"allowed_subdomains"`
	AllowedTokenTypes  types.Set    `tfsdk:"allowed_token_types"`
	AllowedUserEmails  types.Set    `tfsdk:"allowed_user_emails"`
	AllowedRoles       types.Set    `tfsdk:"allowed_roles"`
	RequiredAbilities  types.Set    `tfsdk:"required_abilities"`
	RequiredScopes     types.Set    `tfsdk:"required_scopes"`
	SameAccountAsToken types.Bool   `tfsdk:"same_account_as_token"`
}

// checkOptions are what only some surfaces offer.
type checkOptions struct {
	includeAbilities bool
	minTTL           time.Duration // zero: any
	asWarning        bool          // what a bad verdict becomes, instead of an error
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
	Abilities      types.Set    `tfsdk:"abilities"`
	Scopes         types.Set    `tfsdk:"scopes"`
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
	Teams    []teamModel  `tfsdk:"teams"`
}

type teamModel struct {
	ID   types.String `tfsdk:"id"`
	Name types.String `tfsdk:"name"`
}

// guardDescriptions are the guards that are sets, with what the documentation
// says of each.
var guardDescriptions = map[string]string{
	"allowed_subdomains":  "Subdomains of which the credential's account must be one, such as `acme` for `https://acme.pagerduty.com`. Case is ignored.",
	"allowed_token_types": "Token types of which the credential must be one: `user`, `account`, `app_oauth`.",
	"allowed_user_emails": "E-mail addresses of which the credential's user must have one. Case is ignored. A key of the account belongs to no user and fails.",
	"allowed_roles":       "Roles of which the credential's user must have one, such as `admin` or `user`. A key of the account fails.",
	"required_abilities":  "Abilities that the account must have, all of them. They are features of the account's plan, not permissions of the credential. Costs one more request.",
	"required_scopes":     "OAuth scopes that the app's token must be granted, all of them, such as `schedules.read`. Only where `credential` is `app_oauth`.",
}

const (
	credentialDescription       = "Which of the provider's credentials to check: `token` (default), `user_token` or `app_oauth`."
	sameAccountDescription      = "Demand that the credential belongs to the same account as `token`, which is then checked too. Only where `credential` is `user_token` or `app_oauth`. Default `false`."
	includeAbilitiesDescription = "Ask for the account's abilities and give them in `abilities`. Costs one more request. Default `false`."
	onFailureDescription        = "What a check that does not end with `valid` is: an `error` (default), or a `warning` with the same text, the verdict then being in `valid` and `status`."
)

// resultDescriptions are the result's attributes, with what the documentation
// says of each.
var resultDescriptions = map[string]string{
	"valid":            "`true` if PagerDuty accepted the credential and every guard was met, `false` if it is malformed or was rejected, null if it could not be judged or is not allowed here.",
	"status":           "The verdict: `valid`, `malformed`, `unauthorized`, `forbidden`, `payment_required`, `rate_limited`, `unreachable`, `server_error`, `unexpected_response`, `not_allowed` or `unverified`.",
	"http_status_code": "The HTTP status that led to the verdict; null where no answer came.",
	"token_type":       "`user` for a user's key, `account` for a key of the account, `app_oauth` for an OAuth app, `unknown` where it could not be learned.",
	"token_source":     "Where the token, or the app's client secret, came from: `provider configuration` or the environment variable's name.",
	"token_preview":    "`****` and the last 4 characters of the token or of the app's client secret.",
	"subdomain":        "The account's subdomain; null where PagerDuty did not tell it.",
	"service_region":   "The service region that was asked, `us` or `eu`.",
	"abilities":        "The account's abilities; null unless asked for.",
	"scopes":           "The OAuth scopes that the app's token was granted; null for keys.",
	"user":             "The user the credential belongs to; null for a key of the account and for an OAuth app. In Terraform 1.0 and 1.1, read what is in it by way of a local value (`local.user.email`).",
}

var userDescriptions = map[string]string{
	"id":        "The user's ID.",
	"name":      "The user's name.",
	"email":     "The user's e-mail address.",
	"role":      "The user's base role, such as `admin`, `user` or `observer`. Team and object roles can add rights.",
	"job_title": "The user's job title; null where there is none.",
	"time_zone": "The user's time zone.",
	"html_url":  "The address of the user's page; null where PagerDuty gives none.",
}

func guardAttributes() map[string]dschema.Attribute {
	attributes := map[string]dschema.Attribute{
		"credential":            dschema.StringAttribute{Optional: true, MarkdownDescription: credentialDescription},
		"same_account_as_token": dschema.BoolAttribute{Optional: true, MarkdownDescription: sameAccountDescription},
	}
	for name, description := range guardDescriptions {
		attributes[name] = dschema.SetAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: description}
	}
	return attributes
}

// resultAttributes are the result, and what asks for more of it.
func resultAttributes() map[string]dschema.Attribute {
	attributes := map[string]dschema.Attribute{
		"include_abilities": dschema.BoolAttribute{Optional: true, MarkdownDescription: includeAbilitiesDescription},
	}
	for name, description := range resultDescriptions {
		switch name {
		case "valid":
			attributes[name] = dschema.BoolAttribute{Computed: true, MarkdownDescription: description}
		case "http_status_code":
			attributes[name] = dschema.Int64Attribute{Computed: true, MarkdownDescription: description}
		case "abilities", "scopes":
			attributes[name] = dschema.SetAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description}
		case "user":
			attributes[name] = dschema.SingleNestedAttribute{Computed: true, MarkdownDescription: description, Attributes: userAttributes()}
		default:
			attributes[name] = dschema.StringAttribute{Computed: true, MarkdownDescription: description}
		}
	}
	return attributes
}

func userAttributes() map[string]dschema.Attribute {
	attributes := map[string]dschema.Attribute{
		"teams": dschema.ListNestedAttribute{
			Computed: true, MarkdownDescription: "The teams the user belongs to.",
			NestedObject: dschema.NestedAttributeObject{Attributes: map[string]dschema.Attribute{
				"id":   dschema.StringAttribute{Computed: true, MarkdownDescription: "The team's ID."},
				"name": dschema.StringAttribute{Computed: true, MarkdownDescription: "The team's name."},
			}},
		},
	}
	for name, description := range userDescriptions {
		attributes[name] = dschema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return attributes
}

// kind is the credential that is to be checked.
func (m checkModel) kind() preflight.Kind {
	if kind := m.Credential.ValueString(); kind != "" {
		return preflight.Kind(kind)
	}
	return preflight.KindToken
}

// validate judges the arguments that are known.
func (m checkModel) validate() diag.Diagnostics {
	var diags diag.Diagnostics
	if !slices.Contains(preflight.Kinds, m.kind()) {
		diags.Append(invalidCredential())
		return diags
	}
	if !m.Credential.IsUnknown() {
		if m.kind() != preflight.KindAppOAuth && !m.RequiredScopes.IsNull() {
			diags.Append(invalidGuard(path.Root("required_scopes"), "only an OAuth app's token has scopes that are known. Set \"credential\" to \"app_oauth\", or remove the argument"))
		}
		if m.kind() == preflight.KindToken && m.SameAccountAsToken.ValueBool() {
			diags.Append(invalidGuard(path.Root("same_account_as_token"), "the credential that is checked is \"token\" itself. Set \"credential\" to \"user_token\" or \"app_oauth\", or remove the argument"))
		}
	}
	for _, g := range []struct {
		name string
		set  types.Set
		bad  func(string) string
	}{
		{"allowed_subdomains", m.AllowedSubdomains, badSubdomain},
		{"allowed_token_types", m.AllowedTokenTypes, badTokenType},
		{"allowed_user_emails", m.AllowedUserEmails, badEmail},
		{"allowed_roles", m.AllowedRoles, badName},
		{"required_abilities", m.RequiredAbilities, badName},
		{"required_scopes", m.RequiredScopes, badScope},
	} {
		if g.set.IsNull() || g.set.IsUnknown() {
			continue
		}
		if len(g.set.Elements()) == 0 {
			diags.Append(invalidGuard(path.Root(g.name), "an empty set allows nothing. Remove the argument, or name what is allowed"))
		}
		for _, element := range g.set.Elements() {
			value, ok := element.(types.String)
			if !ok || value.IsUnknown() {
				continue
			}
			if why := g.bad(value.ValueString()); why != "" {
				diags.Append(invalidGuard(path.Root(g.name).AtSetValue(element), why))
			}
		}
	}
	return diags
}

func badSubdomain(s string) string {
	if pagerduty.ValidSubdomain(s) {
		return ""
	}
	return "only the subdomain is meant: \"acme\", not \"https://acme.pagerduty.com\" or \"acme.pagerduty.com\""
}

func badTokenType(s string) string {
	known := []preflight.TokenType{preflight.TypeUser, preflight.TypeAccount, preflight.TypeAppOAuth}
	if slices.Contains(known, preflight.TokenType(s)) {
		return ""
	}
	return "the token types are \"user\", \"account\" and \"app_oauth\""
}

// badScope refuses what RFC 6749, section 3.3, cannot carry as one scope, and
// the account's, which the provider adds itself.
func badScope(s string) string {
	switch {
	case s == "":
		return "an empty name can never be met"
	case strings.HasPrefix(s, pagerduty.AccountScopePrefix):
		return "the account's scope follows from \"pd_subdomain\" and \"service_region\""
	case strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }):
		return "a scope has no spaces or quotation marks, such as \"schedules.read\"; name each one by itself"
	}
	return ""
}

func badEmail(s string) string {
	if name, host, ok := strings.Cut(s, "@"); ok && name != "" && host != "" && !strings.ContainsAny(s, " \t\n") {
		return ""
	}
	return "it is not an e-mail address"
}

func badName(s string) string {
	if strings.TrimSpace(s) == "" {
		return "an empty name can never be met"
	}
	return ""
}

// expectations are the guards as the domain takes them.
func (m checkModel) expectations(ctx context.Context) (preflight.Expectations, diag.Diagnostics) {
	var e preflight.Expectations
	var diags diag.Diagnostics
	for _, g := range []struct {
		set  types.Set
		into *[]string
	}{
		{m.AllowedSubdomains, &e.AllowedSubdomains},
		{m.AllowedTokenTypes, &e.AllowedTokenTypes},
		{m.AllowedUserEmails, &e.AllowedUserEmails},
		{m.AllowedRoles, &e.AllowedRoles},
		{m.RequiredAbilities, &e.RequiredAbilities},
		{m.RequiredScopes, &e.RequiredScopes},
	} {
		if !g.set.IsNull() && !g.set.IsUnknown() {
			diags.Append(g.set.ElementsAs(ctx, g.into, false)...)
			slices.Sort(*g.into)
		}
	}
	return e, diags
}

// result is a report as attributes.
func result(ctx context.Context, r preflight.Report, s settings) resultModel {
	m := resultModel{
		Valid:         types.BoolNull(),
		Status:        types.StringValue(string(r.Status)),
		TokenType:     types.StringValue(string(r.TokenType)),
		TokenSource:   optional(r.Source),
		TokenPreview:  types.StringNull(),
		Subdomain:     optional(r.Subdomain),
		ServiceRegion: types.StringValue(s.region.value),
		Abilities:     types.SetNull(types.StringType),
		Scopes:        types.SetNull(types.StringType),
	}
	if good, judged := r.Status.Judged(); judged {
		m.Valid = types.BoolValue(good)
	}
	if r.Source != "" {
		m.TokenPreview = types.StringValue(r.Preview)
	}
	if r.HTTPStatus != 0 {
		m.HTTPStatusCode = types.Int64Value(int64(r.HTTPStatus))
	}
	if r.Abilities != nil {
		m.Abilities, _ = types.SetValueFrom(ctx, types.StringType, r.Abilities)
	}
	if r.Scopes != nil {
		m.Scopes, _ = types.SetValueFrom(ctx, types.StringType, r.Scopes)
	}
	if u := r.User; u != nil {
		m.User = &userModel{
			ID: optional(u.ID), Name: optional(u.Name), Email: optional(u.Email), Role: optional(u.Role),
			JobTitle: optional(u.JobTitle), TimeZone: optional(u.TimeZone), HTMLURL: optional(u.HTMLURL),
			Teams: []teamModel{},
		}
		for _, t := range u.Teams {
			m.User.Teams = append(m.User.Teams, teamModel{ID: optional(t.ID), Name: optional(t.Name)})
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

// check runs one check and words what it found. Diagnostics that say no verdict
// could be reached at all come with a nil report.
func (p *providerData) check(ctx context.Context, cred preflight.Credential, m checkModel, o checkOptions) (*preflight.Report, diag.Diagnostics) {
	var diags diag.Diagnostics
	if len(p.unknown) > 0 || p.checker == nil {
		diags.Append(unknownSettings(p.unknown))
		return nil, diags
	}
	e, expectDiags := m.expectations(ctx)
	diags.Append(expectDiags...)
	e.MinTTL, e.IncludeAbilities = o.minTTL, o.includeAbilities
	if m.SameAccountAsToken.ValueBool() {
		if p.token.unknown {
			diags.Append(unknownToken("token"))
		}
		e.SameAccountAs = &preflight.Credential{Kind: preflight.KindToken, Value: preflight.Secret(p.token.value), Source: p.token.source}
	}
	if diags.HasError() {
		return nil, diags
	}
	r := p.checker.Check(ctx, cred, e)
	add := func(m message, at path.Path) {
		switch {
		case o.asWarning && at.Equal(path.Empty()):
			diags.AddWarning(m.summary, m.detail())
		case o.asWarning:
			diags.AddAttributeWarning(at, m.summary, m.detail())
		case at.Equal(path.Empty()):
			diags.AddError(m.summary, m.detail())
		default:
			diags.AddAttributeError(at, m.summary, m.detail())
		}
	}
	if m := explain(r, p.settings); m.summary != "" {
		add(m, path.Empty())
	}
	for _, v := range r.Violations {
		add(explainViolation(v, r, p.settings), path.Root(v.Guard))
	}
	if m, gaps := gapWarning(r); gaps && r.Status == preflight.Valid {
		diags.AddWarning(m.summary, m.detail())
	}
	return &r, diags
}

func invalidGuard(at path.Path, why string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, summaryGuard, fmt.Sprintf("%s: %s.", at, why))
}
