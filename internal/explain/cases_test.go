package explain

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// reports holds all reports by the name of their golden text, which begins with the name
// of the rule or problem.
var reports = sync.OnceValue(func() map[string]preflight.Report {
	all := map[string]preflight.Report{}
	for _, part := range []map[string]preflight.Report{
		credentialReports(), networkReports(), responseReports(), guardReports(), malformedReports(), variationReports(),
	} {
		maps.Copy(all, part)
	}
	return all
})

// PagerDuty's responses.
var (
	rejected  = pagerDuty(401, "")
	notClient = oauth(401, "invalid_client")
	denied    = code(403, 2010, "Access Denied")

	lacksScope = pagerDuty(403, `{"error": {"message": "Access Denied", "code": 2010,
		"required_scopes": "users.read", "token_scopes": "abilities.read"}}`)
	expired = code(402, 2012, "Account Expired")
	invalid = code(400, 2001, "Invalid Input Provided")
	locked  = code(403, 2008, "Account Locked")

	notUser   = pagerDuty(400, `{"error": "Because this request was made using an account-level access token, ..."}`)
	ofAcme    = combine(notUser, users("acme.pagerduty.com"))
	ada       = user("ada@acme.example", "observer")
	granted   = grant("as_account-us.acme users.read")
	appOfAcme = combine(granted, users("acme.pagerduty.com"))
	computed  = pagerDuty(200, `{"schedule": {"final_schedule": {"rendered_coverage_percentage": 100}}}`)
	noScope   = pagerDuty(403, `{"error": {"message": "Token missing required scopes"},
		"required_scopes": "users.read", "token_scopes": "incidents.read services.read"}`)
)

func code(status, n int, message string) option {
	return pagerDuty(status, fmt.Sprintf(`{"error": {"code": %d, "message": %q}}`, n, message))
}

func oauth(status int, name string) option {
	return pagerDuty(status, fmt.Sprintf(`{"error": %q}`, name))
}

// grant is an access token. The response names the scopes unless they are "".
func grant(scopes string) option {
	named := ""
	if scopes != "" {
		named = fmt.Sprintf(`, "scope": %q`, scopes)
	}
	return pagerDuty(200, `{"access_token": "pdus+_0XBPWQQ_NmKjHg7h8i", "token_type": "bearer"`+named+`}`)
}

func userObject(host, email, role string) string {
	return fmt.Sprintf(`{"type": "user", "id": "PADA001", "name": "Ada Lovelace", "email": %q, "role": %q,
		"html_url": "https://%s/users/PADA001"}`, email, role, host)
}

func user(email, role string) option {
	return pagerDuty(200, `{"user": `+userObject("acme.pagerduty.com", email, role)+`}`)
}

// users lists a user of each account.
func users(hosts ...string) option {
	list := make([]string, len(hosts))
	for i, host := range hosts {
		list[i] = userObject(host, "ada@acme.example", "observer")
	}
	return pagerDuty(200, `{"users": [`+strings.Join(list, ", ")+`]}`)
}

func credentialReports() map[string]preflight.Report {
	return map[string]preflight.Report{
		"account_expired":            token(expired),
		"account_locked":             token(locked),
		"account_not_found":          token(code(403, 2007, "Account Not Found")),
		"user_not_found":             userToken(code(401, 2013, "User Not Found")),
		"missing_ability":            token(code(402, 2014, "Missing Ability")),
		"plain_http":                 token(code(403, 2009, "Only HTTPS Allowed")),
		"token_rejected":             token(rejected),
		"app_rejected":               app(notClient),
		"access_token_rejected":      app(granted, rejected),
		"grant_other_account":        app(grant("as_account-us.globex users.read")),
		"grant_no_scope":             app(grant("openid")),
		"scopes_refused":             app(oauth(400, "invalid_scope")),
		"client_credentials_refused": app(oauth(400, "unauthorized_client")),
		"access_token_denied":        app(oauth(403, "access_denied")),
		"oauth_error":                app(oauth(400, "unsupported_grant_type")),
		"app_denied":                 app(granted, denied),
		"token_scopes":               token(lacksScope),
		"token_denied":               token(denied),
		"payment_required":           token(pagerDuty(402, `{"error": {"message": "Payment Required"}}`)),
	}
}

// Failures in the network.
var (
	tlsFailure    = pagerduty.Error{Kind: pagerduty.KindTLS, Phase: pagerduty.PhaseTLS}
	refused       = failsIn(pagerduty.PhaseConnect, pagerduty.KindRefused)
	viaProxy      = pagerduty.Error{Kind: pagerduty.KindProxyStatus, ProxyHost: "proxy.example.com:3128"}
	fromAuthority = untrusted(pagerduty.CertificateAuthority)
)

func failsIn(phase pagerduty.Phase, kind pagerduty.Kind) option {
	return fails(pagerduty.Error{Kind: kind, Phase: phase})
}

func untrusted(reason pagerduty.CertificateReason) pagerduty.Error {
	return pagerduty.Error{Kind: pagerduty.KindCertificate, Phase: pagerduty.PhaseTLS,
		Certificate: pagerduty.CertificateProblem{
			Reason: reason, Subject: "api.pagerduty.com", Issuer: "Example Corp CA",
			NotBefore: time.Date(2031, 2, 3, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2024, 5, 6, 0, 0, 0, 0, time.UTC),
		}}
}

// proxyStatus is a proxy's response to CONNECT.
func proxyStatus(status int, change func(*pagerduty.Error)) option {
	e := viaProxy
	e.Status, e.Phase = status, pagerduty.PhaseProxy
	change(&e)
	return fails(e)
}

func networkReports() map[string]preflight.Report {
	unchanged := func(*pagerduty.Error) {}
	alert, atProxy, slowProxy := tlsFailure, viaProxy, viaProxy
	alert.Alert = "certificate required"
	atProxy.Kind, atProxy.Phase, atProxy.AtProxy = pagerduty.KindNotTLS, pagerduty.PhaseProxyTLS, true
	slowProxy.Kind, slowProxy.Phase = pagerduty.KindTimeout, pagerduty.PhaseProxy
	between := pagerduty.Error{Kind: pagerduty.KindTimeout, Attempts: []pagerduty.Attempt{
		{Status: 503, Sent: true}, {Kind: pagerduty.KindReset, Sent: true},
	}}
	certificate := func(reason pagerduty.CertificateReason) preflight.Report { return token(fails(untrusted(reason))) }
	return map[string]preflight.Report{
		"proxy_invalid":     token(failsIn(pagerduty.PhaseConnect, pagerduty.KindProxyURL)),
		"proxy_not_http":    token(failsIn(pagerduty.PhaseProxy, pagerduty.KindProxy)),
		"proxy_unreachable": token(failsIn(pagerduty.PhaseConnect, pagerduty.KindProxy)),
		"proxy_login_unsupported": token(proxyStatus(407, func(e *pagerduty.Error) {
			e.ProxySchemes = "NTLM or Negotiate"
		})),
		"proxy_login_rejected":            token(proxyStatus(407, func(e *pagerduty.Error) { e.ProxyLogin = true })),
		"proxy_login_required":            token(proxyStatus(407, unchanged)),
		"captive_portal":                  token(unknown(511, "<form>")),
		"proxy_failed":                    token(proxyStatus(502, unchanged)),
		"proxy_refused":                   token(proxyStatus(403, unchanged)),
		"not_tls_proxy":                   token(fails(atProxy)),
		"certificate_authority":           token(fails(fromAuthority)),
		"certificate_no_cas":              certificate(pagerduty.CertificateNoSystem),
		"certificate_expired":             certificate(pagerduty.CertificateExpired),
		"certificate_early":               certificate(pagerduty.CertificateEarly),
		"certificate_host":                certificate(pagerduty.CertificateHost),
		"certificate_invalid_common_name": certificate(pagerduty.CertificateCommonName),
		"certificate_invalid":             certificate(pagerduty.CertificateInvalid),
		"tls_version":                     token(failsIn(pagerduty.PhaseTLS, pagerduty.KindTLSVersion)),
		"not_tls":                         token(failsIn(pagerduty.PhaseTLS, pagerduty.KindNotTLS)),
		"client_certificate":              token(fails(alert)),
		"tls":                             token(fails(tlsFailure)),
		"dns_not_found":                   token(failsIn(pagerduty.PhaseResolve, pagerduty.KindDNSNotFound)),
		"dns":                             token(failsIn(pagerduty.PhaseResolve, pagerduty.KindDNS)),
		"refused":                         token(refused),
		"reset":                           token(failsIn(pagerduty.PhaseWait, pagerduty.KindReset)),
		"no_route":                        token(failsIn(pagerduty.PhaseConnect, pagerduty.KindNoRoute)),
		"timeout_shared":                  timeoutShared(),
		"timeout_retry":                   token(fails(between)),
		"dns_timeout":                     token(failsIn(pagerduty.PhaseResolve, pagerduty.KindTimeout)),
		"timeout_proxy":                   token(fails(slowProxy)),
		"timeout_response":                token(failsIn(pagerduty.PhaseWait, pagerduty.KindTimeout)),
		"timeout_connect":                 token(failsIn(pagerduty.PhaseConnect, pagerduty.KindTimeout)),
		"canceled":                        token(failsIn(pagerduty.PhaseWait, pagerduty.KindCanceled)),
		"connection_failed":               token(failsIn("", pagerduty.KindTransport)),
	}
}

// timeoutShared returns the report of a check that runs out of time while it waits for
// an equal one.
func timeoutShared() (r preflight.Report) {
	token(func(s *scenario) {
		s.script = []step{func(func() error) error {
			ctx, cancel := context.WithDeadline(context.Background(), time.Now())
			defer cancel()
			r = s.checker.Check(ctx, s.credential, nil)
			return &pagerduty.Error{Kind: pagerduty.KindReset}
		}}
	})
	return r
}

func responseReports() map[string]preflight.Report {
	location := map[string]string{"Location": "http://login.example.com/"}
	named := `{"user": ` + userObject("acme.pagerduty.com", secretToken, "observer") + `}`
	return map[string]preflight.Report{
		"rate_limited":             token(waits("4")),
		"rate_limited_gateway":     token(unknown(429, "cloudflare")),
		"rate_limited_unknown":     token(unknown(429, "")),
		"not_implemented":          token(gateway(501, "squid")),
		"server_error":             token(code(500, 2000, "Internal Server Error")),
		"server_error_gateway":     token(gateway(503, "zscaler")),
		"server_error_unknown":     token(unknown(503, "")),
		"redirect":                 token(responds(reply{302, location, ""})),
		"cached":                   token(responds(reply{200, map[string]string{"Age": "5"}, "{}"})),
		"unusable":                 token(unknown(200, "hello")),
		"not_http":                 token(unknown(0, "hello")),
		"echo":                     token(unknown(200, named)),
		"mismatch":                 app(grant(""), users("globex.pagerduty.com")),
		"gateway_login":            token(gateway(401, "zscaler")),
		"gateway_blocked":          token(gateway(403, "zscaler")),
		"unknown_unauthorized":     token(unknown(401, "")),
		"unknown_payment_required": token(unknown(402, "")),
		"unknown_forbidden":        token(unknown(403, "")),
		"not_found":                token(unknown(404, "")),
		"refused_request":          token(invalid, invalid),
		"unexpected_response":      token(unknown(418, "")),
	}
}

// waits is PagerDuty's rate limit.
func waits(seconds string) option {
	header := map[string]string{"X-Request-Id": requestID, "Ratelimit-Reset": seconds}
	return responds(reply{429, header, `{"error": {"code": 2020, "message": "Rate Limit Exceeded"}}`})
}

func guardReports() map[string]preflight.Report {
	subdomains, writes := guard(preflight.GuardSubdomains, "acme"), guard(preflight.GuardWriteAccess, "true")
	scopes := guard(preflight.GuardRequiredScopes, "teams.read", "schedules.read", "users.read")
	stakeholder := user("ada@acme.example", "read_only_user")
	stakeholders := pagerDuty(200, `{"users": [`+userObject("acme.pagerduty.com", "", "read_only_user")+`]}`)
	return map[string]preflight.Report{
		"guard_unknown":              token(guard("allowed_moods", "good"), ofAcme),
		"guard_user_token":           userToken(ofAcme),
		"guard_read_only_user":       userToken(writes, ada, denied),
		"guard_write_access":         token(writes, ofAcme, denied),
		"guard_required_scopes":      app(scopes, appOfAcme),
		"guard_forbidden_subdomains": token(guard("forbidden_subdomains", "acme"), ofAcme),
		"guard_allowed_subdomains":   token(guard(preflight.GuardSubdomains, "acme-prod", "acme-staging"), ofAcme),
		"guard_token_types":          token(guard(preflight.GuardTokenTypes, "user"), ofAcme),
		"guard_user_email": userToken(guard("allowed_user_emails", "b@acme.example"),
			user("a@acme.example", "observer")),
		"guard_user_role":            userToken(guard("allowed_roles", "admin", "owner"), ada),
		"unchecked_account":          token(writes, ofAcme, expired),
		"unchecked_no_user_app":      app(guard("allowed_roles", "admin"), appOfAcme),
		"unchecked_no_user":          token(guard("allowed_user_emails", "ada@acme.example"), ofAcme),
		"unchecked_region":           token(subdomains, notUser, users("acme.eu.pagerduty.com")),
		"unchecked_scope":            app(subdomains, grant(""), noScope),
		"unchecked_several_accounts": token(subdomains, notUser, users("acme.pagerduty.com", "globex.pagerduty.com")),
		"unchecked_no_on_call_user":  token(writes, notUser, stakeholders, stakeholders),
		"unchecked_transient":        token(writes, ofAcme, unknown(503, "")),
		"unchecked_inconclusive":     token(writes, ofAcme, invalid),
		"unchecked_denied":           userToken(writes, stakeholder, denied),
		"unchecked_failure":          token(writes, ofAcme, unknown(403, "")),
		"unchecked_not_given":        token(subdomains, notUser, users("example.com")),
	}
}

// malformedValues holds a value for each problem.
var malformedValues = map[preflight.Problem]string{
	preflight.ProblemEmpty:       "   ",
	preflight.ProblemMissing:     "null",
	preflight.ProblemLineBreak:   secretToken + "\n",
	preflight.ProblemInvisible:   "\u200b" + secretToken,
	preflight.ProblemSurrounding: " " + secretToken,
	preflight.ProblemPrefix:      "Token token=" + secretToken,
	preflight.ProblemReference:   "${PAGERDUTY_TOKEN}",
	preflight.ProblemPlaceholder: "<your token>",
	preflight.ProblemMasked:      "****0a1b",
	preflight.ProblemDocument:    `{"token": "` + secretToken + `"}`,
}

func malformedReports() map[string]preflight.Report {
	all := map[string]preflight.Report{}
	for p, v := range malformedValues {
		all["malformed_"+string(p)] = token(value(v))
	}
	return all
}

// variationReports are further reports for rules whose text depends on the credential,
// its source, the sender or the configuration.
func variationReports() map[string]preflight.Report {
	atProxy := fromAuthority
	atProxy.AtProxy, atProxy.ProxyHost = true, viaProxy.ProxyHost
	extraCAs := func(s *scenario) { s.checker.ExtraCAs = true }
	inProvider := func(s *scenario) { s.guards[0].InProvider = true }
	retried := fails(pagerduty.Error{Kind: pagerduty.KindStatus, Status: 503, Attempts: []pagerduty.Attempt{
		{Status: 503, Sent: true}, {Kind: pagerduty.KindReset, Sent: true}, {Status: 503, Sent: true},
	}})
	scopes := guard(preflight.GuardRequiredScopes, "schedules.read", "teams.read")
	lookalike := user("ada@acme.example\u200b", "observer")
	prod := guard(preflight.GuardSubdomains, "acme-prod")
	return map[string]preflight.Report{
		"token_rejected_overridden":          token(overriding(EnvToken), rejected),
		"token_rejected_host_override":       token(hostOverride, rejected),
		"token_rejected_user_token":          userToken(rejected),
		"token_rejected_own_token":           ownToken(rejected),
		"token_rejected_hint_events_key":     token(value("QxWvTzRpNmKjHgLcDfBnMqEwRtYu0a1b"), rejected),
		"token_rejected_hint_oauth_token":    token(value("pdus+_0XBPWQQ_LcDfBnMqEwRtYu0a1b"), rejected),
		"app_rejected_overridden":            app(overriding(EnvClientSecret), notClient),
		"app_rejected_host_override":         app(hostOverride, notClient),
		"account_expired_app":                app(granted, code(401, 2012, "Account Expired")),
		"scopes_refused_required":            app(scopes, pagerDuty(400, "Invalid scope")),
		"token_denied_user_token":            userToken(denied),
		"plain_http_override":                token(hostOverride, code(403, 2009, "Only HTTPS Allowed")),
		"certificate_authority_at_proxy":     token(fails(atProxy)),
		"certificate_authority_extra_cas":    token(extraCAs, fails(fromAuthority)),
		"refused_override":                   token(hostOverride, refused),
		"rate_limited_app":                   app(granted, waits("42")),
		"server_error_unknown_attempts":      token(retried),
		"server_error_app":                   app(oauth(503, "temporarily_unavailable")),
		"cached_unauthorized":                token(responds(reply{401, map[string]string{"Age": "5"}, ""})),
		"unusable_login_page":                token(unknown(200, "<form>")),
		"unusable_error_object":              token(unknown(200, `{"error": "no"}`)),
		"unusable_missing_object_app":        app(unknown(200, "{}")),
		"unknown_unauthorized_app":           app(inBlock, unknown(401, "")),
		"guard_allowed_subdomains_app":       app(prod, appOfAcme),
		"guard_allowed_subdomains_provider":  token(overriding(EnvToken), prod, inProvider, ofAcme),
		"guard_lookalike":                    userToken(guard("allowed_user_emails", "ada@acme.example"), lookalike),
		"gap_scope":                          app(grant(""), noScope),
		"malformed_line_break_client_secret": app(inBlock, value(secretClient+"\n")),
		"malformed_missing_own_token":        ownToken(value("null")),
	}
}

// otherTexts are the texts that are not messages.
func otherTexts() map[string]string {
	all := map[string]string{}
	for p, v := range malformedValues {
		all["refusal_"+string(p)] = Refusal(preflight.Lint(v)) + "\n"
	}
	writes := guard(preflight.GuardWriteAccess, "true")
	for _, r := range []preflight.Report{
		userToken(writes, ada, computed), token(writes, ofAcme, computed), app(appOfAcme),
	} {
		host := r.Host
		if r.Credential.App != nil {
			host = r.IdentityHost
		}
		all["progress_"+string(r.Credential.Name)] = ProgressStart(r.Credential, host) + "\n" + ProgressDone(r) + "\n"
	}
	return all
}
