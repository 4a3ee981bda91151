package provider

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

func testSettings(region string) settings { return settings{region: setting{value: region}} }

func report(e pagerduty.Error) preflight.Report {
	e.Method, e.Host, e.Path, e.RequestID = "GET", "api.eu.pagerduty.com", "/users/me", "444f0bcbd1fc02a3ab93e8833c9e3c4c"
	if e.Attempts == 0 {
		e.Attempts = 1
	}
	return preflight.Report{
		Status: preflight.StatusOf(&e), Kind: preflight.KindToken, Source: "PAGERDUTY_TOKEN", Preview: "****abcd", Failure: &e,
		RequestID: e.RequestID, Timeout: 15 * time.Second,
	}
}

// The full texts of the diagnostics that matter most.
func TestExplain_fullText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		report preflight.Report
		want   string
	}{
		"401": {report(pagerduty.Error{Kind: pagerduty.KindStatus, Status: 401}), `PagerDuty rejected the API token

GET /users/me on api.eu.pagerduty.com answered 401 Unauthorized.

Likely causes, most likely first:
  - the key was revoked, disabled or mistyped, or its user was deactivated
  - the key belongs to an account of another service region than "eu"
  - the PagerDuty account's licence has expired

Create or copy the key again in PagerDuty (Integrations > API Access Keys, or My Profile > User Settings), then set "token" or PAGERDUTY_TOKEN. A service user's key outlives people. Check that "service_region" or PAGERDUTY_SERVICE_REGION ("eu") is this account's; a Global Admin or the account's owner can tell whether the user and the account are active.

Token:      ****abcd (from PAGERDUTY_TOKEN)
Request ID: 444f0bcbd1fc02a3ab93e8833c9e3c4c`},
		"429": {report(pagerduty.Error{Kind: pagerduty.KindStatus, Status: 429, Wait: 50 * time.Second, WaitKnown: true}), `PagerDuty limited the rate of requests

GET /users/me on api.eu.pagerduty.com answered 429 Too Many Requests.

Likely cause: other programs use the same key or the same user's keys; PagerDuty counts 960 requests a minute per account key, or per user. The token was not judged.

Wait 50s and run Terraform again. That wait does not fit "timeout" (15s), or was not enough.

Token:      ****abcd (from PAGERDUTY_TOKEN)
Request ID: 444f0bcbd1fc02a3ab93e8833c9e3c4c`},
		"time-out": {report(pagerduty.Error{Kind: pagerduty.KindTimeout, Phase: pagerduty.PhaseTLS, Elapsed: 15 * time.Second}), `PagerDuty did not answer in time

GET /users/me on api.eu.pagerduty.com got no answer within 15s, while setting up TLS.

Likely cause: a firewall drops the packets, the network is slow, or the server hangs. The token was not judged.

Check the network from where Terraform runs, its firewall, and HTTPS_PROXY and NO_PROXY. The API's host follows from "service_region" (PAGERDUTY_SERVICE_REGION) or "api_url_override". A longer "timeout" (now 15s) helps a slow network only.

Token:      ****abcd (from PAGERDUTY_TOKEN)
Request ID: 444f0bcbd1fc02a3ab93e8833c9e3c4c`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := explain(c.report, testSettings("eu"))
			if got := m.summary + "\n\n" + m.detail(); got != c.want {
				t.Errorf("got:\n%s\n\nwant:\n%s", got, c.want)
			}
		})
	}
}

// What every diagnostic has to be, whatever the failure: a Summary in the
// house's form, no claim that the token was rejected unless it was, and a way
// to go on.
func TestExplain_everyKind(t *testing.T) {
	t.Parallel()
	for _, kind := range pagerduty.Kinds {
		for _, status := range []int{0, 200, 302, 400, 401, 402, 403, 404, 407, 408, 429, 500, 511} {
			r := report(pagerduty.Error{Kind: kind, Status: status, Phase: pagerduty.PhaseConnect})
			m := explain(r, testSettings("us"))
			detail := m.detail()
			if m.summary == "" || len(m.summary) > 60 || strings.HasSuffix(m.summary, ".") {
				t.Errorf("%s %d: summary %q", kind, status, m.summary)
			}
			if (m.summary == summaryUnauthorized) != (r.Status == preflight.Unauthorized) {
				t.Errorf("%s %d: %q for the verdict %s", kind, status, m.summary, r.Status)
			}
			judged := r.Status == preflight.Unauthorized || r.Status == preflight.Forbidden || r.Status == preflight.PaymentRequired
			if !judged && !strings.Contains(detail, "not judged") {
				t.Errorf("%s %d does not say that the token was not judged:\n%s", kind, status, detail)
			}
			if !strings.Contains(detail, "****abcd (from PAGERDUTY_TOKEN)") || !strings.Contains(detail, "api.eu.pagerduty.com") {
				t.Errorf("%s %d lacks the token's source or the host:\n%s", kind, status, detail)
			}
		}
	}
}

// Every oddity has words of its own, and both ways to set the token.
func TestExplain_malformed(t *testing.T) {
	t.Parallel()
	seen := map[string]preflight.Oddity{}
	for _, o := range []preflight.Oddity{
		preflight.OddLineBreak, preflight.OddControl, preflight.OddNonASCII, preflight.OddSpace, preflight.OddQuote, preflight.OddPrefix,
		preflight.OddAssignment, preflight.OddVariable, preflight.OddPlaceholder, preflight.OddMasked, preflight.OddEscape,
		preflight.OddURL, preflight.OddStructured,
	} {
		m := explain(preflight.Report{Status: preflight.Malformed, Finding: &preflight.Finding{Oddity: o, Position: 3, Length: 9}}, testSettings("us"))
		detail := m.detail()
		if m.summary != summaryMalformed || !strings.Contains(detail, `"token" or PAGERDUTY_TOKEN`) || !strings.Contains(detail, "Nothing was sent") {
			t.Errorf("%s: %s\n%s", o, m.summary, detail)
		}
		cause, _ := malformed(o)
		if other, twice := seen[cause]; twice {
			t.Errorf("%s and %s have the same cause", o, other)
		}
		seen[cause] = o
	}
}

func TestInvalidArguments_words(t *testing.T) {
	t.Parallel()
	d := invalidURL("api_url_override", errors.New("it is not a URL"))
	if d.Summary() != summaryURL || !strings.Contains(d.Detail(), `"api_url_override" cannot be used: it is not a URL.`) {
		t.Errorf("%s: %s", d.Summary(), d.Detail())
	}
}
