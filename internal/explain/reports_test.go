package explain

import (
	"maps"
	"slices"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// The credentials of the cases. None is anybody's.
const (
	secretToken     = "u+QxWvTzRpNmKjHg0a1b"
	secretUserToken = "u+LcDfBnMqEwRtYu2c3d"
	secretOwn       = "u+ZsXeCrVtByNuMi4e5f"
	secretClient    = "HjKlPoIuYtReWqAsDf6g7h"
	clientID        = "MnBvCxZlKjHgFdSa8i9j"
)

const (
	apiHost      = "api.pagerduty.com"
	identityHost = "identity.pagerduty.com"
)

// report is what every case begins with: a check in the service region "us".
func report(c preflight.Credential) preflight.Report {
	return preflight.Report{
		Credential: c,
		Preview:    preflight.Preview(c.Value.Reveal()),
		Host:       apiHost,
		Region:     "us",
		Timeout:    15 * time.Second,
		TokenType:  preflight.TypeUnknown,
	}
}

func tokenReport() preflight.Report {
	return report(preflight.Credential{
		Kind:   preflight.KindToken,
		Value:  pagerduty.NewSecret(secretToken),
		Source: "PAGERDUTY_TOKEN",
	})
}

func userTokenReport() preflight.Report {
	return report(preflight.Credential{
		Kind:   preflight.KindUserToken,
		Value:  pagerduty.NewSecret(secretUserToken),
		Source: "PAGERDUTY_USER_TOKEN",
	})
}

func ownReport() preflight.Report {
	return report(preflight.Credential{
		Kind:   preflight.KindToken,
		Value:  pagerduty.NewSecret(secretOwn),
		Source: `the ephemeral resource's "token"`,
		Own:    true,
	})
}

func appReport() preflight.Report {
	r := report(preflight.Credential{
		Kind:   preflight.KindAppOAuth,
		Value:  pagerduty.NewSecret(secretClient),
		Source: "PAGERDUTY_CLIENT_SECRET",
		OAuth: &preflight.OAuthApp{
			ClientID:        clientID,
			ClientIDSource:  "PAGERDUTY_CLIENT_ID",
			Region:          "us",
			Subdomain:       "acme",
			SubdomainSource: FromConfiguration,
		},
	})
	r.TokenType = preflight.TypeAppOAuth
	r.AskedScopes = []string{"as_account-us.acme", "users.read"}
	return r
}

// mintReport is an OAuth app's check that ends before it has an access token.
func mintReport() preflight.Report {
	r := appReport()
	r.Minting, r.TokenType = true, preflight.TypeUnknown
	return r
}

// kinds are the credentials that words differ for.
var kinds = map[string]func() preflight.Report{
	"token": tokenReport, "user_token": userTokenReport, "own_token": ownReport, "app": appReport, "app_mint": mintReport,
}

// option changes a report.
type option func(*preflight.Report)

// with is a report after options.
func with(r preflight.Report, options ...option) preflight.Report {
	for _, o := range options {
		o(&r)
	}
	return r
}

// answer is a failure by a status, the last of the attempts given.
func answer(code int, sender pagerduty.Sender, earlier ...pagerduty.Attempt) option {
	return failure(&pagerduty.Error{
		Kind:      pagerduty.KindStatus,
		Status:    code,
		Sender:    sender,
		RequestID: map[bool]string{true: "3f2a9c71d0", false: ""}[sender == pagerduty.SenderPagerDuty],
		Attempts:  append(earlier, pagerduty.Attempt{Status: code, Sent: true}),
	})
}

// lost is a failure without an answer, the last of the attempts given.
func lost(e pagerduty.Error, earlier ...pagerduty.Attempt) option {
	e.Attempts = slices.Concat(earlier, []pagerduty.Attempt{{Kind: e.Kind, Sent: e.Phase == pagerduty.PhaseWait}})
	return failure(&e)
}

// failure enters a failed request as a check does.
func failure(e *pagerduty.Error) option {
	return func(r *preflight.Report) {
		f := *e
		f.Method, f.Path, f.Host = "GET", "/users/me", r.Host
		if r.Credential.Kind == preflight.KindAppOAuth {
			f.Path = "/users"
		}
		if r.Minting {
			f.Method, f.Path, f.Host = "POST", "/oauth/token", identityHost
		}
		r.Failure, r.RequestID = &f, f.RequestID
		r.Status = preflight.StatusOf(&f)
		if r.Minting {
			r.Status = preflight.StatusOfMint(&f)
		}
		if f.Kind != pagerduty.KindProxyStatus {
			r.HTTPStatus = f.Status
		}
	}
}

// body is what PagerDuty's error body said.
func body(b pagerduty.ErrorBody) option {
	return func(r *preflight.Report) {
		r.Failure.Body = b
		r.Status = preflight.StatusOf(r.Failure)
		if r.Minting {
			r.Status = preflight.StatusOfMint(r.Failure)
		}
	}
}

func mark(s string) option { return func(r *preflight.Report) { r.Failure.Mark = s } }

func hostOverridden(r *preflight.Report) { r.HostOverridden = true }

func identityOverridden(r *preflight.Report) { r.IdentityOverridden = true }

func attempts503(n int) []pagerduty.Attempt {
	all := make([]pagerduty.Attempt, n)
	for i := range all {
		all[i] = pagerduty.Attempt{Status: 503, Sent: true}
	}
	return all
}

// valid is a report of a credential that PagerDuty accepted.
func valid(r *preflight.Report) {
	r.Status, r.HTTPStatus, r.RequestID = preflight.Valid, 200, "3f2a9c71d0"
	r.Subdomain, r.AccountRegion = "acme", "us"
	switch r.Credential.Kind {
	case preflight.KindToken:
		r.TokenType = preflight.TypeAccount
	case preflight.KindUserToken:
		r.TokenType = preflight.TypeUser
		r.User = &pagerduty.User{ID: "PADA001", Name: "Ada Lovelace", Email: "ada@acme.example", Role: "admin"}
	case preflight.KindAppOAuth:
		r.TokenType, r.Scopes = preflight.TypeAppOAuth, []string{"users.read"}
	}
}

// violated is a valid credential that does not meet a guard.
func violated(v preflight.Violation) option {
	return func(r *preflight.Report) {
		if r.HTTPStatus == 0 && !r.Skipped {
			valid(r)
		}
		r.Status, r.Violations = preflight.NotAllowed, append(r.Violations, v)
	}
}

func gap(g preflight.Gap) option {
	return func(r *preflight.Report) {
		if r.HTTPStatus == 0 {
			valid(r)
		}
		r.Gaps = append(r.Gaps, g)
	}
}

// gapAnswer is why something is not known, a status as the answer to a request.
func gapAnswer(method, path string, code int, sender pagerduty.Sender) *pagerduty.Error {
	return &pagerduty.Error{
		Kind:     pagerduty.KindStatus,
		Method:   method,
		Path:     path,
		Host:     apiHost,
		Status:   code,
		Sender:   sender,
		Attempts: []pagerduty.Attempt{{Status: code, Sent: true}},
	}
}

// reports are all cases, by the name of their golden file.
func reports() map[string]preflight.Report {
	all := map[string]preflight.Report{}
	for _, cases := range []map[string]preflight.Report{
		rejectedCases(), unreachableCases(), unexpectedCases(), attemptCases(), guardCases(), undecidedCases(), otherCases(),
		gapCases(), malformedCases(), rareCases(),
	} {
		maps.Copy(all, cases)
	}
	return all
}
