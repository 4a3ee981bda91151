package explain

import (
	"strconv"
	"strings"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

const (
	pagerDuty = pagerduty.SenderPagerDuty
	gateway   = pagerduty.SenderGateway
	unknown   = pagerduty.SenderUnknown
)

func hinted(hints ...preflight.Hint) option {
	return func(r *preflight.Report) { r.Hints = hints }
}

func overriding(r *preflight.Report) {
	r.Credential.Source = FromConfiguration
	r.Credential.OverriddenVariable = map[preflight.Kind]string{
		preflight.KindToken: "PAGERDUTY_TOKEN", preflight.KindUserToken: "PAGERDUTY_USER_TOKEN",
		preflight.KindAppOAuth: "PAGERDUTY_CLIENT_SECRET",
	}[r.Credential.Kind]
}

func code(n int, message string) option {
	return body(pagerduty.ErrorBody{Form: pagerduty.FormJSON, PagerDuty: true, Code: n, Message: message})
}

// rejectedCases are PagerDuty's own refusals: 401, 402, 403, 429 and those at the
// identity host.
func rejectedCases() map[string]preflight.Report {
	all := map[string]preflight.Report{}
	for kind, r := range kinds {
		all["unauthorized_"+kind] = with(r(), answer(401, pagerDuty))
		all["unauthorized_"+kind+"_host_override"] = with(r(), answer(401, pagerDuty), hostOverridden, identityOverridden)
		all["unauthorized_"+kind+"_expired"] = with(r(), answer(401, pagerDuty), code(codeExpired, "Account Expired"))
		all["payment_required_"+kind] = with(r(), answer(402, pagerDuty))
		if kind != "app_mint" {
			all["forbidden_"+kind] = with(r(), answer(403, pagerDuty), code(2010, "Access Denied"))
		}
		all["rate_limited_"+kind] = with(r(), answer(429, pagerDuty), code(2020, "Rate Limit Exceeded"))
	}
	for _, h := range []preflight.Hint{
		preflight.HintEvents, preflight.HintOAuth, preflight.HintOldOAuth, preflight.HintBase64, preflight.HintOtherToken,
		preflight.HintInnerSpace, preflight.HintAlphabet, preflight.HintShort, preflight.HintLong,
	} {
		all["unauthorized_token_hint_"+string(h)] = with(tokenReport(), answer(401, pagerDuty), hinted(h))
	}
	all["unauthorized_token_two_hints"] = with(tokenReport(), answer(401, pagerDuty),
		hinted(preflight.HintInnerSpace, preflight.HintLong))
	all["unauthorized_token_hint_expired"] = with(tokenReport(), answer(401, pagerDuty), hinted(preflight.HintShort),
		code(codeExpired, "Account Expired"))
	all["unauthorized_token_locked"] = with(tokenReport(), answer(401, pagerDuty), code(codeLocked, "Account Locked"))
	all["unauthorized_token_overridden"] = with(tokenReport(), answer(401, pagerDuty), overriding)
	all["unauthorized_user_token_overridden"] = with(userTokenReport(), answer(401, pagerDuty), overriding)
	all["unauthorized_app_mint_overridden"] = with(mintReport(), answer(401, pagerDuty), overriding)
	all["unauthorized_app_mint_invalid_client"] = with(mintReport(), answer(401, pagerDuty),
		body(pagerduty.ErrorBody{Form: pagerduty.FormJSON, OAuthError: "invalid_client"}))
	for _, oauth := range []string{"invalid_scope", "invalid_request", "unauthorized_client", "access_denied"} {
		all["forbidden_app_mint_"+oauth] = with(mintReport(), answer(400, pagerDuty),
			body(pagerduty.ErrorBody{Form: pagerduty.FormJSON, OAuthError: oauth}))
	}
	all["forbidden_app_mint_required_scopes"] = with(mintReport(), answer(400, pagerDuty),
		body(pagerduty.ErrorBody{Form: pagerduty.FormJSON, OAuthError: "invalid_scope"}), func(r *preflight.Report) {
			r.AskedScopes, r.ScopesRequired = append(r.AskedScopes, "schedules.write"), true
		})
	all["forbidden_app_mint_text"] = with(mintReport(), answer(400, pagerDuty),
		body(pagerduty.ErrorBody{Form: pagerduty.FormJSON, Message: "Invalid scope"}))
	scopes := pagerduty.ErrorBody{
		Form:           pagerduty.FormJSON,
		PagerDuty:      true,
		Message:        "Token missing required scopes",
		RequiredScopes: []string{"users.read"},
		TokenScopes:    []string{"abilities.read"},
	}
	all["forbidden_app_scopes"] = with(appReport(), answer(403, pagerDuty), body(scopes))
	all["forbidden_token_scopes"] = with(tokenReport(), answer(403, pagerDuty), body(scopes))
	granted := failure(&pagerduty.Error{Kind: pagerduty.KindGrant, Status: 200,
		Attempts: []pagerduty.Attempt{{Status: 200, Sent: true}}})
	all["forbidden_app_mint_nothing_granted"] = with(mintReport(), granted,
		func(r *preflight.Report) { r.GrantedScopes = []string{"openid"} })
	all["forbidden_app_mint_no_scope"] = with(mintReport(), granted,
		func(r *preflight.Report) { r.GrantedScopes = []string{} })
	all["forbidden_app_mint_another_account"] = with(mintReport(), granted,
		func(r *preflight.Report) { r.GrantedScopes = []string{"as_account-us.globex", "users.read"} })
	all["payment_required_token_expired"] = with(tokenReport(), answer(402, pagerDuty),
		code(codeExpired, "Account Expired"))
	all["payment_required_token_ability"] = with(tokenReport(), answer(402, pagerDuty),
		code(codeAbility, "Account does not have the advanced_permissions ability"))
	for status, name := range map[int]string{400: "unexpected_400", 402: "payment_required", 403: "forbidden"} {
		all[name+"_token_locked"] = with(tokenReport(), answer(status, pagerDuty), code(codeLocked, "Account Locked"))
	}
	all["forbidden_app_mint_locked"] = with(mintReport(), answer(403, pagerDuty), code(codeLocked, "Account Locked"))
	all["forbidden_token_ability"] = with(tokenReport(), answer(403, pagerDuty), code(codeAbility, "No Ability"))
	all["forbidden_token_expired"] = with(tokenReport(), answer(403, pagerDuty), code(codeExpired, "Account Expired"))
	all["forbidden_token_authentication"] = with(tokenReport(), answer(403, pagerDuty),
		code(codeAuthentication, "Authentication Failed"))
	all["forbidden_app_authentication"] = with(appReport(), answer(403, pagerDuty),
		code(codeAuthentication, "Authentication Failed"))
	for name, d := range map[string]time.Duration{"short": 4 * time.Second, "long": 42 * time.Second} {
		all["rate_limited_token_wait_"+name] = with(tokenReport(), answer(429, pagerDuty), waits(d))
	}
	all["rate_limited_token_held"] = with(tokenReport(), answer(429, pagerDuty), waits(42*time.Second),
		func(r *preflight.Report) { r.Failure.Attempts = nil })
	all["rate_limited_app_mint_held"] = with(mintReport(), answer(429, pagerDuty), waits(42*time.Second),
		func(r *preflight.Report) { r.Failure.Attempts = nil })
	all["rate_limited_token_held_after_503"] = with(tokenReport(), answer(429, pagerDuty), waits(42*time.Second),
		func(r *preflight.Report) { r.Failure.Attempts = attempts503(1) })
	all["rate_limited_token_unknown_sender"] = with(tokenReport(), answer(429, unknown))
	all["rate_limited_token_gateway"] = with(tokenReport(), answer(429, gateway), mark("a page of Cloudflare"))
	return all
}

func waits(d time.Duration) option {
	return func(r *preflight.Report) { r.Failure.Wait, r.Failure.WaitKnown = d, true }
}

// unreachableCases are failures without a usable answer.
func unreachableCases() map[string]preflight.Report {
	all := map[string]preflight.Report{}
	add := func(name string, e pagerduty.Error) { all["unreachable_"+name] = with(tokenReport(), lost(e)) }
	for _, kind := range []pagerduty.Kind{
		pagerduty.KindDNSNotFound, pagerduty.KindDNS, pagerduty.KindRefused, pagerduty.KindNoRoute, pagerduty.KindTransport,
		pagerduty.KindTLSVersion, pagerduty.KindNotTLS, pagerduty.KindTLS,
	} {
		add(string(kind), pagerduty.Error{Kind: kind, Phase: pagerduty.PhaseConnect})
	}
	for _, kind := range []pagerduty.Kind{pagerduty.KindDNSNotFound, pagerduty.KindNotTLS} {
		all["unreachable_"+string(kind)+"_override"] = with(tokenReport(), lost(pagerduty.Error{Kind: kind}), hostOverridden)
	}
	for kind, r := range kinds {
		all["unreachable_refused_"+kind] = with(r(), lost(pagerduty.Error{Kind: pagerduty.KindRefused}))
	}
	for kind, r := range map[string]func() preflight.Report{"token": tokenReport, "app_mint": mintReport} {
		all["unreachable_refused_"+kind+"_override"] = with(r(), lost(pagerduty.Error{Kind: pagerduty.KindRefused}),
			hostOverridden, identityOverridden)
	}
	add("reset", pagerduty.Error{Kind: pagerduty.KindReset, Phase: pagerduty.PhaseWait})
	add("reset_connecting", pagerduty.Error{Kind: pagerduty.KindReset, Phase: pagerduty.PhaseTLS})
	all["unreachable_reset_reading"] = with(tokenReport(), failure(&pagerduty.Error{
		Kind: pagerduty.KindReset, Phase: pagerduty.PhaseRead,
		Attempts: []pagerduty.Attempt{{Kind: pagerduty.KindReset, Status: 403, Sent: true}},
	}))
	add("timeout", pagerduty.Error{Kind: pagerduty.KindTimeout, Phase: pagerduty.PhaseWait, Elapsed: 15 * time.Second})
	add("timeout_connecting",
		pagerduty.Error{Kind: pagerduty.KindTimeout, Phase: pagerduty.PhaseConnect, Elapsed: 15 * time.Second})
	all["unreachable_timeout_reading"] = with(tokenReport(), failure(&pagerduty.Error{
		Kind: pagerduty.KindTimeout, Phase: pagerduty.PhaseRead, Elapsed: 15 * time.Second,
		Attempts: []pagerduty.Attempt{{Kind: pagerduty.KindTimeout, Status: 403, Sent: true}},
	}))
	add("canceled", pagerduty.Error{Kind: pagerduty.KindCanceled, Phase: pagerduty.PhaseConnect})
	add("tls_alert", pagerduty.Error{Kind: pagerduty.KindTLS, Alert: "handshake failure"})
	add("tls_alert_certificate", pagerduty.Error{Kind: pagerduty.KindTLS, Alert: "certificate required"})
	add("tls_alert_version", pagerduty.Error{Kind: pagerduty.KindTLSVersion, Alert: "protocol version not supported"})
	for _, kind := range []pagerduty.Kind{
		pagerduty.KindNotTLS, pagerduty.KindTLS, pagerduty.KindTLSVersion, pagerduty.KindReset,
	} {
		add("proxy_"+string(kind), pagerduty.Error{
			Kind: kind, Phase: pagerduty.PhaseProxyTLS, AtProxy: true, ProxyHost: "proxy.corp.example:3128",
		})
	}
	add("proxy", pagerduty.Error{Kind: pagerduty.KindProxy, ProxyHost: "proxy.corp.example:3128"})
	for name, code := range map[string]int{"login": 407, "denied": 403} {
		add("proxy_"+name,
			pagerduty.Error{Kind: pagerduty.KindProxyStatus, Status: code, ProxyHost: "proxy.corp.example:3128"})
	}
	for _, reason := range []pagerduty.CertificateReason{
		"unknown authority", "no authorities", "expired", "not yet valid", "wrong host", "common name only", "invalid",
	} {
		e := pagerduty.Error{Kind: pagerduty.KindCertificate, Phase: pagerduty.PhaseTLS, Certificate: certificate(reason)}
		name := strings.ReplaceAll(string(reason), " ", "_")
		add("certificate_"+name, e)
		all["unreachable_certificate_"+name+"_override"] = with(tokenReport(), lost(e), hostOverridden)
		e.AtProxy, e.ProxyHost = true, "proxy.corp.example:3129"
		add("certificate_"+name+"_proxy", e)
	}
	for _, code := range []int{407, 408, 511} {
		name := "unreachable_status_" + strconv.Itoa(code)
		all[name] = with(tokenReport(), answer(code, gateway), mark("the header Proxy-Authenticate"))
		all[name+"_unknown"] = with(tokenReport(), answer(code, unknown))
	}
	awaited := pagerduty.Error{Kind: pagerduty.KindTimeout, Phase: pagerduty.PhaseWait, Elapsed: 15 * time.Second}
	all["unreachable_timeout_awaited"] = with(tokenReport(), failure(&awaited))
	all["unreachable_timeout_awaited_app_mint"] = with(mintReport(), failure(&awaited))
	all["unreachable_canceled_awaited"] = with(tokenReport(), failure(&pagerduty.Error{Kind: pagerduty.KindCanceled}))
	return all
}

func certificate(reason pagerduty.CertificateReason) pagerduty.CertificateProblem {
	return pagerduty.CertificateProblem{
		Reason:    reason,
		Subject:   "*.pagerduty.com",
		Issuer:    "Corp Inspection CA",
		NotBefore: time.Date(2031, 2, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:  time.Date(2024, 1, 31, 0, 0, 0, 0, time.UTC),
	}
}

// attemptCases are calls that were tried more than once.
func attemptCases() map[string]preflight.Report {
	refused := pagerduty.Attempt{Kind: pagerduty.KindRefused}
	answered500 := pagerduty.Attempt{Status: 500, Sent: true}
	answered503 := pagerduty.Attempt{Status: 503, Sent: true}
	bad := pagerduty.Error{
		Kind: pagerduty.KindCertificate, Phase: pagerduty.PhaseTLS, Certificate: certificate("unknown authority"),
	}
	awaiting := func(kind pagerduty.Kind) option {
		return failure(&pagerduty.Error{Kind: kind, Attempts: attempts503(2), Elapsed: 3 * time.Second})
	}
	refusal := pagerduty.Error{Kind: pagerduty.KindRefused}
	return map[string]preflight.Report{
		"attempts_500_401":          with(tokenReport(), answer(401, pagerDuty, answered500)),
		"attempts_503_503_401":      with(tokenReport(), answer(401, pagerDuty, answered503, answered503)),
		"attempts_refused_401":      with(tokenReport(), answer(401, pagerDuty, refused)),
		"attempts_503_refused_401":  with(tokenReport(), answer(401, pagerDuty, answered503, refused)),
		"attempts_503_gateway":      with(tokenReport(), answer(403, gateway, answered503), mark("the header X-Squid-Error")),
		"attempts_503_503_503":      with(tokenReport(), answer(503, unknown, answered503, answered503)),
		"attempts_503_503_refused":  with(tokenReport(), lost(refusal, answered503, answered503)),
		"attempts_503_500_refused":  with(tokenReport(), lost(refusal, answered503, answered500)),
		"attempts_refused_refused":  with(tokenReport(), lost(refusal, refused)),
		"attempts_503_certificate":  with(tokenReport(), lost(bad, answered503)),
		"attempts_503_503_canceled": with(tokenReport(), awaiting(pagerduty.KindCanceled)),
		"attempts_503_503_timeout":  with(tokenReport(), awaiting(pagerduty.KindTimeout)),
		"attempts_503_429":          with(tokenReport(), answer(429, pagerDuty, answered503)),
	}
}

// unexpectedCases are answers that judge nothing.
func unexpectedCases() map[string]preflight.Report {
	all := map[string]preflight.Report{}
	for _, code := range []int{400, 402, 403, 404, 405} {
		name := "unexpected_" + strconv.Itoa(code)
		all[name+"_unknown"] = with(tokenReport(), answer(code, unknown))
		all[name+"_gateway"] = with(tokenReport(), answer(code, gateway), mark("a page of Zscaler"))
	}
	for _, code := range []int{500, 502, 503} {
		all["server_error_"+strconv.Itoa(code)+"_unknown"] = with(tokenReport(), answer(code, unknown))
	}
	for kind, r := range kinds {
		all["server_error_"+kind] = with(r(), answer(500, pagerDuty))
		all["unexpected_403_unknown_"+kind] = with(r(), answer(403, unknown))
		all["unexpected_401_gateway_"+kind] = with(r(), answer(401, gateway), mark(`a challenge of the scheme "Basic"`))
		all["unexpected_404_unknown_"+kind+"_override"] = with(r(), answer(404, unknown), hostOverridden, identityOverridden)
	}
	all["server_error_502_gateway"] = with(tokenReport(), answer(502, gateway),
		mark("the name of a proxy or web filter in the header Server"),
		body(pagerduty.ErrorBody{Form: pagerduty.FormJSON, Message: "upstream connect error"}))
	all["unexpected_403_gateway_message"] = with(tokenReport(), answer(403, gateway), mark("the header X-Squid-Error"),
		body(pagerduty.ErrorBody{Form: pagerduty.FormJSON, Code: 403, Message: "Access Denied"}))
	all["unexpected_403_gateway_override"] = with(tokenReport(), answer(403, gateway), mark("the header X-Squid-Error"),
		hostOverridden)
	all["unexpected_200_cache"] = with(tokenReport(), answer(200, gateway), mark("the header Age, which only caches send"))
	all["unexpected_403_gateway_no_mark"] = with(tokenReport(), answer(403, gateway))
	all["unexpected_403_unknown_message"] = with(tokenReport(), answer(403, unknown),
		body(pagerduty.ErrorBody{Form: pagerduty.FormJSON, Message: "Forbidden"}))
	all["unexpected_404_pagerduty"] = with(tokenReport(), answer(404, pagerDuty), code(2100, "Not Found"))
	all["unexpected_404_pagerduty_no_account"] = with(tokenReport(), answer(404, pagerDuty),
		code(codeNoAccount, "Account Not Found"))
	all["unexpected_404_pagerduty_no_user"] = with(tokenReport(), answer(404, pagerDuty), code(codeNoUser, "No User"))
	all["unexpected_404_pagerduty_override"] = with(tokenReport(), answer(404, pagerDuty),
		code(2100, "Not Found"), hostOverridden)
	all["unexpected_400_pagerduty"] = with(tokenReport(), answer(400, pagerDuty), code(2001, "Invalid Input Provided"))
	for name, status := range map[string]int{"unexpected_400": 400, "unauthorized_token": 401, "unexpected_403": 403} {
		all[name+"_only_https"] = with(tokenReport(), answer(status, pagerDuty), code(codeOnlyHTTPS, "Only HTTPS Allowed"))
	}
	all["unexpected_403_only_https_override"] = with(tokenReport(), answer(403, pagerDuty),
		code(codeOnlyHTTPS, "Only HTTPS Allowed"), hostOverridden)
	ok := []pagerduty.Attempt{{Status: 200, Sent: true}}
	for _, kind := range []pagerduty.Kind{
		pagerduty.KindNotJSON, pagerduty.KindMissingObject, pagerduty.KindTooLarge, pagerduty.KindEcho,
	} {
		all["unexpected_"+string(kind)] = with(tokenReport(),
			failure(&pagerduty.Error{Kind: kind, Status: 200, Attempts: ok}))
	}
	all["unexpected_not_json_gateway"] = with(tokenReport(),
		failure(&pagerduty.Error{Kind: pagerduty.KindNotJSON, Status: 200, Attempts: ok, Sender: gateway}),
		mark("a login page"))
	all["unexpected_not_json_app_mint"] = with(mintReport(),
		failure(&pagerduty.Error{Kind: pagerduty.KindNotJSON, Status: 200, Attempts: ok}), identityOverridden)
	for _, kind := range []pagerduty.Kind{pagerduty.KindNotHTTP, pagerduty.KindTooLarge, pagerduty.KindHTTP2} {
		all["unexpected_"+string(kind)+"_no_status"] = with(tokenReport(),
			lost(pagerduty.Error{Kind: kind, Phase: pagerduty.PhaseWait}))
	}
	redirect := pagerduty.Error{
		Kind: pagerduty.KindRedirect, Status: 302, Attempts: []pagerduty.Attempt{{Status: 302, Sent: true}},
	}
	all["unexpected_redirect_unreadable"] = with(tokenReport(), failure(&redirect))
	redirect.RedirectHost = "login.corp.example"
	for kind, r := range kinds {
		all["unexpected_redirect_"+kind] = with(r(), failure(&redirect))
	}
	redirect.RedirectPlain = true
	all["unexpected_redirect_plain"] = with(tokenReport(), failure(&redirect), hostOverridden)
	mismatch := failure(&pagerduty.Error{
		Kind: pagerduty.KindMismatch, Status: 200, Sender: pagerDuty, RequestID: "3f2a9c71d0",
	})
	found := func(subdomain, region string) option {
		return func(r *preflight.Report) { r.Subdomain, r.AccountRegion = subdomain, region }
	}
	all["unexpected_mismatch_account"] = with(appReport(), mismatch, found("globex", "us"))
	all["unexpected_mismatch_region"] = with(appReport(), mismatch, found("acme", "eu"))
	all["unexpected_mismatch_override"] = with(appReport(), mismatch, found("globex", "us"), hostOverridden)
	return all
}
