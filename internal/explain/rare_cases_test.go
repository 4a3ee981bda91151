package explain

import (
	"strconv"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// rareCases are answers that PagerDuty does not give, and few others do.
func rareCases() map[string]preflight.Report {
	all := map[string]preflight.Report{}
	for _, status := range []int{304, 431} {
		all["unexpected_"+strconv.Itoa(status)+"_unknown"] = with(tokenReport(), answer(status, unknown))
	}
	for _, status := range []int{203, 204} {
		all["unexpected_missing_object_"+strconv.Itoa(status)] = with(tokenReport(), failure(&pagerduty.Error{
			Kind: pagerduty.KindMissingObject, Status: status, Attempts: []pagerduty.Attempt{{Status: status, Sent: true}},
		}))
	}
	all["unreachable_tls_alert_later"] = with(tokenReport(), lost(pagerduty.Error{
		Kind: pagerduty.KindTLS, Phase: pagerduty.PhaseWait, Alert: "certificate required",
	}))
	all["unreachable_tls_later"] = with(tokenReport(), lost(pagerduty.Error{
		Kind: pagerduty.KindTLS, Phase: pagerduty.PhaseWait,
	}))
	all["unreachable_proxy_unreadable"] = with(tokenReport(), lost(pagerduty.Error{
		Kind: pagerduty.KindProxyURL,
	}))
	all["server_error_501_unknown"] = with(tokenReport(), answer(501, unknown))
	all["rate_limited_token_wait_none"] = with(tokenReport(), answer(429, pagerDuty), waits(0))
	for _, oauth := range []string{"temporarily_unavailable", "unsupported_grant_type"} {
		all["unexpected_400_app_mint_"+oauth] = with(mintReport(), answer(400, pagerDuty),
			body(pagerduty.ErrorBody{Form: pagerduty.FormJSON, OAuthError: oauth}))
	}
	all["unexpected_401_cache"] = with(tokenReport(), answer(401, gateway),
		mark("the header Age, which only caches send"), func(r *preflight.Report) { r.Failure.Cached = true })
	all["unreachable_proxy_login_wrong"] = with(tokenReport(), lost(pagerduty.Error{
		Kind: pagerduty.KindProxyStatus, Status: 407, ProxyHost: "proxy.corp.example:3128", ProxyLogin: true,
	}))
	all["unreachable_proxy_login_ntlm"] = with(tokenReport(), lost(pagerduty.Error{
		Kind: pagerduty.KindProxyStatus, Status: 407, ProxyHost: "proxy.corp.example:3128", ProxyLogin: true,
		ProxySchemes: "Negotiate or NTLM",
	}))
	for name, reason := range map[string]pagerduty.CertificateReason{"": "unknown authority", "_alone": "no authorities"} {
		all["unreachable_certificate_another_ca"+name] = with(tokenReport(), lost(pagerduty.Error{
			Kind: pagerduty.KindCertificate, Phase: pagerduty.PhaseTLS, Certificate: certificate(reason),
		}), func(r *preflight.Report) { r.ExtraCAs = true })
	}
	all["unreachable_proxy_not_http"] = with(tokenReport(), lost(pagerduty.Error{
		Kind: pagerduty.KindProxy, Phase: pagerduty.PhaseProxy, ProxyHost: "proxy.corp.example:3128",
	}))
	proxied := pagerduty.Error{Kind: pagerduty.KindProxyStatus, Status: 503, ProxyHost: "proxy.corp.example:3128"}
	all["unreachable_proxy_unavailable"] = with(tokenReport(), lost(proxied))
	for _, status := range []int{405, 429, 511} {
		proxied.Status = status
		all["unreachable_proxy_"+strconv.Itoa(status)] = with(tokenReport(), lost(proxied))
	}
	proxied.Kind, proxied.Status = pagerduty.KindTimeout, 0
	proxied.Phase, proxied.Elapsed = pagerduty.PhaseProxy, 15*time.Second
	all["unreachable_timeout_proxy_tunnel"] = with(tokenReport(), lost(proxied))
	return all
}
