package explain

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// values are what the guards of the cases ask and find.
var values = map[string]struct{ asked, found, missing []string }{
	"allowed_token_types":     {asked: []string{"user"}, found: []string{"account"}},
	"allowed_subdomains":      {asked: []string{"acme-prod", "acme-staging"}, found: []string{"acme"}},
	"forbidden_subdomains":    {asked: []string{"acme"}, found: []string{"acme"}},
	"allowed_service_regions": {asked: []string{"eu"}, found: []string{"us"}},
	"allowed_user_emails":     {asked: []string{"bot@acme.example"}, found: []string{"ada@acme.example"}},
	"allowed_roles":           {asked: []string{"owner"}, found: []string{"admin"}},
	"required_abilities":      {asked: []string{"sso", "teams"}, found: []string{"teams"}, missing: []string{"sso"}},
	"required_scopes": {
		asked: []string{"users.read", "schedules.read"}, found: []string{"users.read"}, missing: []string{"schedules.read"},
	},
	"same_account_as_token": {asked: []string{"globex"}, found: []string{"acme"}},
	"require_write_access":  {found: []string{"false"}},
}

// guardCases are the guards of the table, not met, for each kind of credential.
func guardCases() map[string]preflight.Report {
	all := map[string]preflight.Report{}
	for kind, r := range kinds {
		if kind == "app_mint" {
			continue
		}
		for _, g := range preflight.Guards {
			if ofApp := []string{
				"required_scopes", "allowed_subdomains", "allowed_token_types", "same_account_as_token",
			}; kind == "app" && !slices.Contains(ofApp, g.Name) {
				continue
			}
			if kind != "app" && g.Name == "required_scopes" || kind == "token" && g.Name == "same_account_as_token" {
				continue
			}
			w := values[g.Name]
			v := preflight.Violation{Guard: g.Name, Comparison: g.Comparison, Asked: w.asked, Found: w.found, Missing: w.missing}
			if kind == "app" && g.Name == "allowed_token_types" {
				v.Found = []string{"app_oauth"}
			}
			other := tokenReport()
			valid(&other)
			other.Subdomain = "globex"
			all["guard_"+g.Name+"_"+kind] = with(r(), violated(v), func(r *preflight.Report) {
				if g.Name == preflight.GuardSameAccount {
					r.Other = &other
				}
			})
		}
	}
	readOnly := violated(preflight.Violation{
		Guard: preflight.GuardWriteAccess, Comparison: preflight.IsTrue, Found: []string{"false"},
	})
	all["guard_require_write_access_unknown_type"] = with(tokenReport(), readOnly,
		func(r *preflight.Report) { r.TokenType = preflight.TypeUnknown })
	all["guard_credential_user_token"] = with(userTokenReport(), violated(preflight.Violation{
		Guard: guardCredential, Comparison: preflight.OneOf, Asked: []string{"user"}, Found: []string{"account"},
	}))
	subdomains := preflight.Violation{
		Guard: "allowed_subdomains", Comparison: preflight.OneOf, Asked: []string{"acme-prod"}, Found: []string{"acme"},
	}
	all["guard_allowed_subdomains_overridden"] = with(tokenReport(), overriding, violated(subdomains))
	many := subdomains
	many.Asked = nil
	for i := range 20 {
		many.Asked = append(many.Asked, fmt.Sprintf("acme-%d", i))
	}
	all["guard_allowed_subdomains_many"] = with(tokenReport(), violated(many))
	all["guard_two"] = with(userTokenReport(), violated(subdomains), violated(preflight.Violation{
		Guard: "allowed_roles", Comparison: preflight.OneOf, Asked: []string{"owner"}, Found: []string{"admin"},
	}), gap(preflight.Gap{What: "abilities", Failure: gapAnswer("GET", "/abilities", 503, unknown)}))
	return all
}

// undecidedCases are the guards of the table, undecided for each reason they can be.
func undecidedCases() map[string]preflight.Report {
	all := map[string]preflight.Report{}
	undecided := func(g preflight.Guard, why preflight.Undecided) preflight.Violation {
		return preflight.Violation{Guard: g.Name, Comparison: g.Comparison, Asked: values[g.Name].asked, Undecided: why}
	}
	skipped := func(r *preflight.Report) { r.Skipped, r.Status = true, preflight.Unverified }
	elsewhere := func(r *preflight.Report) { r.AccountRegion = "eu" }
	for _, g := range preflight.Guards {
		name := "undecided_" + g.Name + "_"
		all[name+"skipped"] = with(tokenReport(), skipped, violated(undecided(g, preflight.UndecidedSkipped)))
		if g.Account {
			all[name+"region"] = with(tokenReport(), violated(undecided(g, preflight.UndecidedRegion)), elsewhere)
			all[name+"no_subdomain"] = with(tokenReport(), violated(undecided(g, preflight.UndecidedNoSubdomain)),
				gap(preflight.Gap{What: "subdomain"}))
		}
	}
	byName := func(name string) preflight.Guard {
		return preflight.Guards[slices.IndexFunc(preflight.Guards, func(g preflight.Guard) bool { return g.Name == name })]
	}
	for kind, r := range map[string]func() preflight.Report{
		"token": tokenReport, "own_token": ownReport, "app": appReport,
	} {
		for _, name := range []string{"allowed_user_emails", "allowed_roles"} {
			all["undecided_"+name+"_no_user_"+kind] = with(r(), violated(undecided(byName(name), preflight.UndecidedNoUser)))
		}
	}
	for _, name := range []string{"allowed_token_types", "allowed_roles", "allowed_user_emails", "required_scopes"} {
		all["undecided_"+name+"_not_given"] = with(tokenReport(),
			violated(undecided(byName(name), preflight.UndecidedNotGiven)))
	}
	subdomains := byName("allowed_subdomains")
	all["undecided_allowed_subdomains_region_override"] = with(tokenReport(),
		violated(undecided(subdomains, preflight.UndecidedRegion)), elsewhere, hostOverridden)
	all["undecided_allowed_subdomains_region_own_token"] = with(ownReport(),
		violated(undecided(subdomains, preflight.UndecidedRegion)), elsewhere)
	all["undecided_allowed_subdomains_scope"] = with(appReport(),
		violated(undecided(subdomains, preflight.UndecidedNoSubdomain)),
		gap(preflight.Gap{What: "subdomain", Scope: "users.read"}))
	for _, code := range []int{403, 503} {
		all["undecided_required_abilities_"+strconv.Itoa(code)] = with(tokenReport(),
			violated(undecided(byName("required_abilities"), preflight.UndecidedNoAnswer)),
			gap(preflight.Gap{What: "abilities", Failure: gapAnswer("GET", "/abilities", code, unknown)}))
	}
	all["undecided_required_abilities_refused"] = with(tokenReport(),
		violated(undecided(byName("required_abilities"), preflight.UndecidedNoAnswer)),
		gap(preflight.Gap{What: "abilities", Failure: gapLost("GET", "/abilities", pagerduty.KindRefused)}))
	all["undecided_required_abilities_scope"] = with(appReport(),
		violated(undecided(byName("required_abilities"), preflight.UndecidedNoAnswer)),
		gap(preflight.Gap{What: "abilities", Scope: "abilities.read"}))
	all["guard_required_abilities_spelling"] = with(tokenReport(), violated(preflight.Violation{
		Guard: "required_abilities", Comparison: preflight.AllOf, Asked: []string{"Advanced Permissions", "SSO", "teams"},
		Missing: []string{"Advanced Permissions", "SSO"}, Found: []string{"advanced_permissions", "sso", "teams"},
	}))
	for name, g := range writeGaps() {
		all["undecided_require_write_access_"+name] = with(tokenReport(),
			violated(undecided(byName(preflight.GuardWriteAccess), preflight.UndecidedNoAnswer)), gap(g))
	}
	all["undecided_unknown_guard"] = with(tokenReport(), violated(preflight.Violation{
		Guard: "allowed_names", Asked: []string{"Ada"}, Undecided: preflight.UndecidedUnknown,
	}))
	all["undecided_credential_user_token"] = with(userTokenReport(), violated(preflight.Violation{
		Guard: guardCredential, Comparison: preflight.OneOf, Asked: []string{"user"}, Undecided: preflight.UndecidedNotGiven,
	}))
	nowhere := violated(preflight.Violation{
		Guard: guardSubdomain, Comparison: preflight.IsTrue, Undecided: preflight.UndecidedNoSubdomain,
	})
	all["undecided_subdomain_app"] = with(appReport(), nowhere, gap(preflight.Gap{What: "subdomain"}))
	all["undecided_subdomain_app_scope"] = with(appReport(), nowhere,
		gap(preflight.Gap{What: "subdomain", Scope: "users.read"}))
	return all
}

func gapLost(method, path string, kind pagerduty.Kind) *pagerduty.Error {
	return &pagerduty.Error{
		Kind: kind, Method: method, Path: path, Host: apiHost, Attempts: []pagerduty.Attempt{{Kind: kind}},
	}
}

// writeGaps are why write access is not known.
func writeGaps() map[string]preflight.Gap {
	all := map[string]preflight.Gap{
		"no_user":  {What: "write_access", NoOnCallUser: true},
		"timeout":  {What: "write_access", Failure: gapLost("POST", "/schedules/preview", pagerduty.KindTimeout)},
		"canceled": {What: "write_access", Failure: gapLost("POST", "/schedules/preview", pagerduty.KindCanceled)},
	}
	for _, code := range []int{400, 402, 404, 429, 500} {
		all[strconv.Itoa(code)] = preflight.Gap{
			What: "write_access", Failure: gapAnswer("POST", "/schedules/preview", code, pagerDuty),
		}
	}
	for name, sender := range map[string]pagerduty.Sender{"403_unknown": unknown, "403_gateway": gateway} {
		all[name] = preflight.Gap{What: "write_access", Failure: gapAnswer("POST", "/schedules/preview", 403, sender)}
	}
	held := gapAnswer("POST", "/schedules/preview", 429, pagerDuty)
	held.Attempts, held.Held = nil, true
	all["429_held"] = preflight.Gap{What: "write_access", Failure: held}
	locked := gapAnswer("POST", "/schedules/preview", 403, pagerDuty)
	locked.Body = pagerduty.ErrorBody{Form: pagerduty.FormJSON, PagerDuty: true, Code: codeLocked}
	all["403_locked"] = preflight.Gap{What: "write_access", Failure: locked}
	missing := gapAnswer("POST", "/schedules/preview", 200, unknown)
	missing.Kind = pagerduty.KindMissingObject
	large := gapAnswer("GET", "/users", 200, unknown)
	large.Kind = pagerduty.KindTooLarge
	all["200_too_large"] = preflight.Gap{What: "write_access", Failure: large}
	all["200_no_schedule"] = preflight.Gap{What: "write_access", Failure: missing}
	return all
}

// gapCases are valid credentials of which something is not known.
func gapCases() map[string]preflight.Report {
	scopes := gapAnswer("GET", "/abilities", 403, pagerDuty)
	scopes.RequestID = "77aa01"
	scopes.Body = pagerduty.ErrorBody{
		Form: pagerduty.FormJSON, PagerDuty: true, RequiredScopes: []string{"abilities.read"},
	}
	all := map[string]preflight.Report{
		"gap_subdomain":       with(tokenReport(), gap(preflight.Gap{What: "subdomain"})),
		"gap_subdomain_scope": with(appReport(), gap(preflight.Gap{What: "subdomain", Scope: "users.read"})),
		"gap_abilities_403":   with(tokenReport(), gap(preflight.Gap{What: "abilities", Failure: scopes})),
		"gap_abilities_scope": with(appReport(), gap(preflight.Gap{What: "abilities", Scope: "abilities.read"})),
		"gap_abilities_size":  with(tokenReport(), gap(preflight.Gap{What: "abilities", Size: 2000})),
		"gap_scopes_size":     with(appReport(), gap(preflight.Gap{What: "scopes", Size: 400})),
		"gap_user_teams_size": with(userTokenReport(), gap(preflight.Gap{What: "user.teams", Size: 1200})),
		"gap_user_name_size":  with(userTokenReport(), gap(preflight.Gap{What: "user.name", Size: 5000})),
		"gap_two": with(ownReport(), gap(preflight.Gap{What: "subdomain"}),
			gap(preflight.Gap{What: "user.name", Size: 5000})),
		"gap_abilities_refused": with(tokenReport(),
			gap(preflight.Gap{What: "abilities", Failure: gapLost("GET", "/abilities", pagerduty.KindRefused)})),
	}
	for name, g := range writeGaps() {
		all["gap_write_access_"+name] = with(tokenReport(), gap(g))
	}
	return all
}

// otherCases are comparisons with the provider's token, whose account is not known.
func otherCases() map[string]preflight.Report {
	v := preflight.Violation{
		Guard: preflight.GuardSameAccount, Comparison: preflight.SameAs, Undecided: preflight.UndecidedOther,
	}
	compare := func(options ...option) preflight.Report {
		other := with(tokenReport(), options...)
		return with(userTokenReport(), violated(v), func(r *preflight.Report) { r.Other = &other })
	}
	requestID := func(r *preflight.Report) { r.RequestID = "0d9e77b4" }
	all := map[string]preflight.Report{
		"same_account_no_token":     with(userTokenReport(), violated(v)),
		"same_account_no_token_app": with(appReport(), violated(v)),
		"same_account_unauthorized": compare(answer(401, pagerDuty), requestID),
		"same_account_unreachable":  compare(lost(pagerduty.Error{Kind: pagerduty.KindRefused})),
		"same_account_malformed":    compare(malformed(preflight.ProblemLineBreak, preflight.ArgumentToken)),
		"same_account_no_subdomain": compare(valid, requestID, gap(preflight.Gap{What: "subdomain"}),
			func(r *preflight.Report) { r.Subdomain, r.AccountRegion = "", "" }),
		"same_account_region": compare(valid, requestID, func(r *preflight.Report) { r.AccountRegion = "eu" }),
	}
	own := compare(answer(401, pagerDuty), requestID)
	own.Credential = ownReport().Credential
	own.Preview = ownReport().Preview
	all["same_account_unauthorized_own_token"] = own
	return all
}

// malformed enters a problem where it occurs: at the end of a value, at its beginning,
// or as the whole.
func malformed(p preflight.Problem, in preflight.Argument) option {
	return func(r *preflight.Report) {
		f := &preflight.Finding{Problem: p, Position: 1, Length: 22}
		switch p {
		case preflight.ProblemLineBreak:
			f.Position, f.Length = 21, 21
		case preflight.ProblemEscape:
			f.Position = 21
		case preflight.ProblemControl, preflight.ProblemNonASCII:
			f.Position = 7
		default:
		}
		if problems[p].whole {
			f.Position = 0
		}
		r.Status, r.Finding, r.FindingIn = preflight.Malformed, f, in
	}
}

var allProblems = []preflight.Problem{
	preflight.ProblemLineBreak, preflight.ProblemControl, preflight.ProblemNonASCII, preflight.ProblemByteOrder,
	preflight.ProblemSpace, preflight.ProblemQuote, preflight.ProblemPrefix, preflight.ProblemAssignment,
	preflight.ProblemVariable, preflight.ProblemPlaceholder, preflight.ProblemMasked, preflight.ProblemEscape,
	preflight.ProblemReference, preflight.ProblemDocument,
}

func malformedCases() map[string]preflight.Report {
	all := map[string]preflight.Report{}
	for _, p := range allProblems {
		all["malformed_token_"+string(p)] = with(tokenReport(), malformed(p, preflight.ArgumentToken))
	}
	for _, p := range []preflight.Problem{preflight.ProblemLineBreak, preflight.ProblemPlaceholder} {
		all["malformed_user_token_"+string(p)] = with(userTokenReport(), malformed(p, preflight.ArgumentUserToken))
		all["malformed_own_token_"+string(p)] = with(ownReport(), malformed(p, preflight.ArgumentToken))
		all["malformed_client_id_"+string(p)] = with(appReport(), malformed(p, preflight.ArgumentClientID))
		all["malformed_client_secret_"+string(p)] = with(appReport(), malformed(p, preflight.ArgumentClientSecret))
	}
	all["malformed_token_configuration"] = with(tokenReport(), overriding,
		malformed(preflight.ProblemQuote, preflight.ArgumentToken))
	return all
}

// otherTexts are the messages that are no diagnostics: the function's error and the
// action's progress.
func otherTexts() map[string]string {
	all := map[string]string{"function_empty": Refusal(preflight.Lint(""))}
	for _, p := range allProblems {
		r := with(tokenReport(), malformed(p, preflight.ArgumentToken))
		all["function_"+string(p)] = Refusal(r.Finding)
	}
	for kind, r := range kinds {
		if kind == "app_mint" {
			continue
		}
		all["progress_start_"+kind] = ProgressStart(r().Credential, apiHost)
		all["progress_done_"+kind] = ProgressDone(with(r(), valid))
	}
	yes, no := true, false
	for name, access := range map[string]*bool{"write": &yes, "read_only": &no} {
		for kind, r := range map[string]func() preflight.Report{"token": tokenReport, "user_token": userTokenReport} {
			all["progress_done_"+kind+"_"+name] = ProgressDone(with(r(), valid,
				func(r *preflight.Report) { r.WriteAccess = access }))
		}
	}
	all["progress_done_unknown"] = ProgressDone(with(tokenReport(), valid, func(r *preflight.Report) {
		r.TokenType, r.Subdomain, r.AccountRegion = preflight.TypeUnknown, "", ""
	}))
	all["progress_done_app_many_scopes"] = ProgressDone(with(appReport(), valid,
		func(r *preflight.Report) { r.Scopes = nil }))
	all["progress_done_sparse_user"] = ProgressDone(with(userTokenReport(), valid, func(r *preflight.Report) {
		r.User = &pagerduty.User{ID: "PADA001"}
	}))
	all["progress_done_unverified"] = ProgressDone(with(tokenReport(),
		func(r *preflight.Report) { r.Status, r.Skipped = preflight.Unverified, true }))
	return all
}
