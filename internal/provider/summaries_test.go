package provider

import "github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/explain"

// The Summaries of verdicts, next to those of config_errors.go.
const (
	summaryMalformed    = explain.SummaryMalformed
	summaryMalformedApp = explain.SummaryMalformedApp
	summaryUnauthorized = explain.SummaryUnauthorized
	summaryRejectedApp  = explain.SummaryUnauthorizedApp
	summaryAccessToken  = explain.SummaryAccessToken
	summaryForbidden    = explain.SummaryForbidden
	summaryDeniedApp    = explain.SummaryNoAccessToken
	summaryPayment      = explain.SummaryPaymentRequired
	summaryRateLimited  = explain.SummaryRateLimited
	summaryUnreachable  = explain.SummaryUnreachable
	summaryTLS          = explain.SummaryTLS
	summaryProxy        = explain.SummaryProxyRefused
	summaryTimedOut     = explain.SummaryTimeout
	summaryServerError  = explain.SummaryServerError
	summaryRedirect     = explain.SummaryRedirect
	summaryForeign      = explain.SummaryForeign
	summaryUnexpected   = explain.SummaryUnexpected
	summaryNotAllowed   = explain.SummaryNotAllowed
	summaryUndecided    = explain.SummaryUndecided
	summaryGaps         = explain.SummaryGaps
)
