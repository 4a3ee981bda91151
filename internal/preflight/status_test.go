package preflight

import (
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

func TestReport_valid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		report         Report
		valid, decided bool
	}{
		"valid":        {Report{Status: Valid}, true, true},
		"malformed":    {Report{Status: Malformed}, false, true},
		"unauthorized": {Report{Status: Unauthorized}, false, true},
		"forbidden":    {Report{Status: Forbidden}, false, false},
		"unreachable":  {Report{Status: Unreachable}, false, false},
		"unverified":   {Report{Status: Unverified}, false, false},
		"a guard said no": {Report{Status: NotAllowed, Violations: []Violation{
			{Undecided: UndecidedNoUser}, {Guard: "allowed_subdomains"},
		}}, false, true},
		"no guard was decided": {
			Report{Status: NotAllowed, Violations: []Violation{{Undecided: UndecidedNoUser}}}, false, false,
		},
	} {
		if valid, decided := c.report.Valid(); valid != c.valid || decided != c.decided {
			t.Errorf("%s: %t, %t", name, valid, decided)
		}
	}
}

func TestStatusOfMint(t *testing.T) {
	t.Parallel()
	oauth := func(status int, code string) pagerduty.Error {
		return pagerduty.Error{Kind: pagerduty.KindStatus, Status: status, Body: pagerduty.ErrorBody{OAuthError: code}}
	}
	pagerDuty := func(e pagerduty.Error) pagerduty.Error {
		e.Sender = pagerduty.SenderPagerDuty
		return e
	}
	gateway := func(e pagerduty.Error) pagerduty.Error {
		e.Sender = pagerduty.SenderGateway
		return e
	}
	text := func(s string) pagerduty.Error {
		return pagerduty.Error{Kind: pagerduty.KindStatus, Status: 400, Body: pagerduty.ErrorBody{Message: s}}
	}
	for name, c := range map[string]struct {
		failed pagerduty.Error
		want   Status
	}{
		"401":                          {pagerDuty(oauth(401, "")), Unauthorized},
		"401 of a gateway":             {gateway(oauth(401, "")), UnexpectedResponse},
		"401 of a gateway with a code": {gateway(oauth(401, "invalid_client")), UnexpectedResponse},
		"401 invalid_client":           {pagerDuty(oauth(401, "invalid_client")), Unauthorized},
		"400 invalid_client":           {oauth(400, "invalid_client"), Unauthorized},
		"400 invalid_scope":            {oauth(400, "invalid_scope"), Forbidden},
		"400 of PagerDuty's text":      {text("Invalid Scope"), Forbidden},
		"400 of another text":          {text("no"), UnexpectedResponse},
		"403":                          {pagerDuty(oauth(403, "")), Forbidden},
		"403 whose sender is unknown":  {oauth(403, ""), UnexpectedResponse},
		"403 access_denied":            {oauth(403, "access_denied"), Forbidden},
		"404 with an OAuth error":      {oauth(404, "invalid_client"), UnexpectedResponse},
		"407 with an OAuth error":      {oauth(407, "invalid_client"), Unreachable},
		"408 with an OAuth error":      {oauth(408, "invalid_client"), Unreachable},
		"429 with an OAuth error":      {oauth(429, "access_denied"), RateLimited},
		"429":                          {oauth(429, ""), RateLimited},
		"503 with an OAuth error":      {oauth(503, "invalid_client"), ServerError},
		"200 with an OAuth error":      {oauth(200, "invalid_scope"), Forbidden},
		"400 temporarily_unavailable":  {oauth(400, "temporarily_unavailable"), UnexpectedResponse},
		"a grant of nothing":           {pagerduty.Error{Kind: pagerduty.KindGrant, Status: 200}, Forbidden},
		"reset":                        {pagerduty.Error{Kind: pagerduty.KindReset}, Unreachable},
		"HTML":                         {pagerduty.Error{Kind: pagerduty.KindNotJSON, Status: 200}, UnexpectedResponse},
		"a redirect with an OAuth error": {
			pagerduty.Error{Kind: pagerduty.KindRedirect, Status: 302, Body: pagerduty.ErrorBody{OAuthError: "invalid_client"}},
			UnexpectedResponse,
		},
	} {
		if got := StatusOfMint(&c.failed); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// A gateway that forwards in plain HTTP is refused before PagerDuty looks at a credential.
func TestStatusOf_onlyHTTPS(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]Status{
		400: UnexpectedResponse, 401: Unauthorized, 402: UnexpectedResponse, 403: UnexpectedResponse, 500: ServerError,
	} {
		e := &pagerduty.Error{
			Kind: pagerduty.KindStatus, Status: status, Sender: pagerduty.SenderPagerDuty,
			Body: pagerduty.ErrorBody{PagerDuty: true, Code: pagerduty.CodeOnlyHTTPS},
		}
		if one, mint := StatusOf(e), StatusOfMint(e); one != want || mint != want {
			t.Errorf("%d: %s, %s at the mint, want %s", status, one, mint, want)
		}
	}
}

// Of texts, only PagerDuty's own about scopes denies an app: others have the word too.
func TestStatusOfMint_text(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]Status{
		"Invalid scope": Forbidden, "Blocked: out of the scope of the policy": UnexpectedResponse, "": UnexpectedResponse,
	} {
		e := &pagerduty.Error{Kind: pagerduty.KindStatus, Status: 400, Body: pagerduty.ErrorBody{Message: message}}
		if got := StatusOfMint(e); got != want {
			t.Errorf("%q: %s, want %s", message, got, want)
		}
	}
}
