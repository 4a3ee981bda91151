package main

import (
	"net/http"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// fault is a failure that a person can choose by name.
type fault struct {
	name, description string
	option            pdfake.Option
}

func responds(name, description string, b pdfake.Behavior) fault {
	return fault{name, description, pdfake.WithFaults(pdfake.Fault{Behavior: b})}
}

// blockPage is a web filter's page, with the header of no PagerDuty response.
var blockPage = pdfake.Answer(http.StatusForbidden, http.Header{
	"Content-Type": {"text/html"}, "Server": {"Zscaler/6.2"}, "X-Request-Id": nil,
}, []byte(`<!DOCTYPE html>
<html><head><title>Access Denied: Web Page Blocked</title></head>
<body><p>Your organization has selected Zscaler to protect you from internet threats.</p></body></html>
`))

// faults are all faults, in the order of -fault list.
var faults = []fault{
	responds("unauthorized", "401 with an empty body: PagerDuty rejects the credential",
		pdfake.AnswerHTML(http.StatusUnauthorized, "")),
	responds("payment-required", "402: the account has expired",
		pdfake.AnswerJSON(http.StatusPaymentRequired, `{"error":{"message":"Account Expired","code":2012}}`)),
	responds("forbidden", "403: the credential is valid, but may not do this",
		pdfake.AnswerJSON(http.StatusForbidden, `{"error":{"message":"Access Denied","code":2010}}`)),
	responds("rate-limited", "429: wait 30 seconds", pdfake.RateLimited(30)),
	responds("server-error", "500 in the form of PagerDuty's errors",
		pdfake.AnswerJSON(http.StatusInternalServerError, `{"error":{"message":"Internal Server Error","code":2000}}`)),
	responds("maintenance", "503 with an HTML page",
		pdfake.AnswerHTML(http.StatusServiceUnavailable, "<html><body><h1>We'll be back soon</h1></body></html>")),
	responds("block-page", "403 with the page of a web filter", blockPage),
	responds("redirect", "302 to a login page", pdfake.Redirect(http.StatusFound, "https://login.example.com/")),
	responds("reset", "the connection is reset before the response", pdfake.Reset()),
	responds("never-answer", "no response, while the connection stays open", pdfake.NeverAnswer()),
	{"cert-expired", "the API's certificate has expired", pdfake.WithCertificate(pdfake.CertExpired)},
	{"cert-unknown-authority", "the API's certificate was issued by an unknown CA",
		pdfake.WithCertificate(pdfake.CertUnknownAuthority)},
}
