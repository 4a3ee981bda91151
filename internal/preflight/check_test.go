package preflight

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// After the 400 of an account API token, only the success of GET /users proves anything.
func TestCheck_apiToken(t *testing.T) {
	t.Parallel()
	script := func(request string, e *pagerduty.Error) map[string]error { return map[string]error{request: e} }
	gateway := from(pagerduty.SenderGateway, 401, pagerduty.ErrorBody{})
	other := ada("admin")
	other.HTMLURL = "https://acme.eu.pagerduty.com/users/PADA"
	unnamed := ada("admin")
	unnamed.HTMLURL = ""
	one, both := []string{me}, []string{me, oneUser}
	for _, c := range []struct {
		name     string
		fake     *fake
		requests []string
		want     string // status, HTTP status, request ID, token type, account and gaps
	}{
		{"user", &fake{user: ada("admin")}, one, "valid 200 me user acme/us"},
		{"user of the other region", &fake{user: other}, one, "valid 200 me user acme/eu"},
		{"user without html_url", &fake{user: unnamed}, one, "valid 200 me user / no subdomain"},
		{"account", &fake{account: true, one: acme}, both, "valid 200 users account acme/us"},
		{"400 that does not name the type", &fake{one: acme}, both, "valid 200 users unknown acme/us"},
		{
			"account without html_url", &fake{account: true, one: pagerduty.Directory{RequestID: "users"}}, both,
			"valid 200 users account / no subdomain",
		},
		{
			"users of two accounts", &fake{account: true, one: pagerduty.Directory{Accounts: []string{"a", "b"}}}, both,
			"valid 200  account / no subdomain [a b]",
		},
		{"401", &fake{fail: script(me, refused(401))}, one, "unauthorized 401 id of 401 unknown /"},
		{"401 of a gateway", &fake{fail: script(me, gateway)}, one, "unexpected_response 401 id of 401 unknown /"},
		{"400, 401", &fake{account: true, fail: script(oneUser, refused(401))}, both, "unauthorized 401 id of 401 unknown /"},
		{"400, 403", &fake{account: true, fail: script(oneUser, refused(403))}, both, "forbidden 403 id of 403 unknown /"},
		{
			"400, reset", &fake{account: true, fail: script(oneUser, failed(pagerduty.KindReset))}, both,
			"unreachable 0  unknown /",
		},
		{
			// The HTTP status is the proxy's, not the API's.
			"proxy refuses the tunnel", &fake{fail: script(me, &pagerduty.Error{Kind: pagerduty.KindProxyStatus, Status: 407})},
			one, "unreachable 0  unknown /",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, requests := c.fake.check(t, token)
			if got := summary(r); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if !slices.Equal(requests, c.requests) {
				t.Errorf("requests %q, want %q", requests, c.requests)
			}
			if r.User != c.fake.user {
				t.Errorf("user %v", r.User)
			}
		})
	}
}

// summary returns what most cases compare.
func summary(r Report) string {
	s := fmt.Sprintf("%s %d %s %s %s/%s", r.Status, r.HTTPStatus, r.RequestID, r.TokenType, r.Subdomain, r.AccountRegion)
	for _, gap := range r.Gaps {
		s += " no " + gap.Result
		if gap.MissingScope != "" {
			s += " without " + gap.MissingScope
		}
		if gap.Accounts != nil {
			s += fmt.Sprint(" ", gap.Accounts)
		}
	}
	return s
}

func TestCheck_oauthApp(t *testing.T) {
	t.Parallel()
	unnamed := pagerduty.Directory{RequestID: "users"}
	globex := pagerduty.Directory{Subdomain: "globex", Region: "us", RequestID: "users"}
	elsewhere := pagerduty.Directory{Subdomain: "acme", Region: "eu", RequestID: "users"}
	mixed := pagerduty.Directory{Accounts: []string{"acme", "globex"}, RequestID: "users"}
	grant := func(scopes ...string) pagerduty.Grant { return pagerduty.Grant{Scopes: scopes} }
	full := grant("as_account-us.acme", "users.read")
	lacks := pagerduty.ErrorBody{RequiredScopes: []string{"users.read"}, TokenScopes: []string{"teams.read"}}
	forbidden := func(sender pagerduty.Sender, body pagerduty.ErrorBody) map[string]error {
		return map[string]error{oneUser: from(sender, 403, body)}
	}
	for _, c := range []struct {
		name, want string
		scopes     []string // of the report
		fake       *fake
	}{
		{"granted", "valid 200 users app_oauth acme/us", []string{"users.read"}, &fake{grant: full, one: acme}},
		{
			"account in the scope only", "valid 200 users app_oauth acme/us", []string{"users.read"},
			&fake{grant: full, one: unnamed},
		},
		{
			"account in html_url only", "valid 200 users app_oauth acme/us", []string{"users.read"},
			&fake{grant: grant("users.read"), one: acme},
		},
		{
			// RFC 6749, section 5.1: what was requested was granted.
			"response without scopes", "valid 200 users app_oauth acme/us", []string{"users.read"}, &fake{one: acme},
		},
		{
			"neither scope nor html_url", "valid 200 users app_oauth / no subdomain", []string{"users.read"},
			&fake{one: unnamed},
		},
		{
			"more scopes than requested", "valid 200 users app_oauth acme/us", []string{"a.read", "users.read"},
			&fake{grant: grant("users.read", "AS_ACCOUNT-US.ACME", "a.read"), one: acme},
		},
		{"users of two accounts", "valid 200 users app_oauth / no subdomain [acme globex]", []string{"users.read"}, &fake{
			grant: full, one: mixed,
		}},
		{
			"403 that names the scopes", "valid 403 id of 403 app_oauth acme/us", []string{},
			&fake{grant: full, fail: forbidden(pagerduty.SenderPagerDuty, lacks)},
		},
		{
			"403 that names the scopes, response without scopes",
			"valid 403 id of 403 app_oauth / no subdomain without users.read", []string{},
			&fake{fail: forbidden(pagerduty.SenderPagerDuty, lacks)},
		},
		{
			"403 of a gateway that names scopes", "unexpected_response 403 id of 403 app_oauth /", nil,
			&fake{grant: full, fail: forbidden(pagerduty.SenderGateway, lacks)},
		},
		{
			"403 of an expired account that names scopes", "forbidden 403 id of 403 app_oauth /", nil,
			&fake{grant: full, fail: forbidden(pagerduty.SenderPagerDuty, pagerduty.ErrorBody{
				Code: pagerduty.CodeExpired, RequiredScopes: lacks.RequiredScopes,
			})},
		},
		{
			"403 without scopes", "forbidden 403 id of 403 app_oauth /", nil,
			&fake{grant: full, fail: forbidden(pagerduty.SenderPagerDuty, pagerduty.ErrorBody{})},
		},
		{"another account", "unexpected_response 200 users app_oauth globex/us", nil, &fake{grant: full, one: globex}},
		{"another region", "unexpected_response 200 users app_oauth acme/eu", nil, &fake{grant: full, one: elsewhere}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.fake.grant.ExpiresAt = time.Unix(1<<33, 0)
			r, requests := c.fake.check(t, app)
			if got := summary(r); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if !slices.Equal(r.Scopes, c.scopes) || (r.Scopes == nil) != (c.scopes == nil) {
				t.Errorf("scopes %#v, want %#v", r.Scopes, c.scopes)
			}
			if want := []string{mint, oneUser}; !slices.Equal(requests, want) {
				t.Errorf("requests %q, want %q", requests, want)
			}
			if want := []string{"as_account-us.acme", "users.read"}; !slices.Equal(r.RequestedScopes, want) {
				t.Errorf("requested %q", r.RequestedScopes)
			}
			if r.Status == Valid && (r.AccessToken != accessToken || r.ExpiresAt.IsZero()) {
				t.Error("the access token or its expiry is missing")
			}
		})
	}
}

// Nothing follows a refused access token.
func TestCheck_oauthAppWithoutAccessToken(t *testing.T) {
	t.Parallel()
	for want, e := range map[Status]*pagerduty.Error{
		Unauthorized: from(pagerduty.SenderPagerDuty, 401, pagerduty.ErrorBody{OAuthError: "invalid_client"}),
		Forbidden:    failed(pagerduty.KindGrant),
		RateLimited:  refused(429),
		Unreachable:  failed(pagerduty.KindDNS),
	} {
		f := &fake{grant: pagerduty.Grant{Scopes: []string{"openid"}}, fail: map[string]error{mint: e}}
		r, requests := f.check(t, app)
		if r.Status != want || len(requests) != 1 || r.TokenType != TypeApp || !r.AccessToken.IsZero() {
			t.Errorf("%s, %s after %q, want %s", r.Status, r.TokenType, requests, want)
		}
		if !slices.Equal(r.GrantedScopes, []string{"openid"}) {
			t.Errorf("%s: granted scopes %q", want, r.GrantedScopes)
		}
	}
}

func TestCheck_requestsTheRequiredScopesOnly(t *testing.T) {
	t.Parallel()
	guard := GuardValue{Name: GuardRequiredScopes, Values: []string{"teams.read", "services.read", "teams.read"}}
	f := &fake{one: acme}
	r, requests := f.check(t, app, guard)
	want := []string{"POST /oauth/token as_account-us.acme services.read teams.read", oneUser}
	if r.Status != Valid || !slices.Equal(requests, want) {
		t.Errorf("%s after %q, want %q", r.Status, requests, want)
	}
}

// A 401 from PagerDuty overrides what an earlier response reported. Nothing else does.
func TestCheck_writeAccess(t *testing.T) {
	t.Parallel()
	stakeholder := ada("read_only_user")
	stakeholder.ID = "PSTAKE"
	script := func(request string, e *pagerduty.Error) map[string]error { return map[string]error{request: e} }
	gateway := func(status int) *pagerduty.Error { return from(pagerduty.SenderGateway, status, pagerduty.ErrorBody{}) }
	short, long := []string{me, preview}, []string{me, oneUser, users, preview}
	for _, c := range []struct {
		name     string
		fake     *fake
		requests []string
		want     string // status and write access
	}{
		{"user", &fake{user: ada("admin"), writes: true}, short, "valid true"},
		{"user, read-only", &fake{user: ada("observer")}, short, "not_allowed false"},
		{
			"stakeholder", &fake{user: stakeholder, many: acme, writes: true}, []string{me, users, preview},
			"valid true",
		},
		{
			"stakeholder, no user on call", &fake{user: stakeholder, many: nobody}, []string{me, users},
			"not_allowed gap, no user on call",
		},
		{
			"account, first user", &fake{account: true, one: acme, writes: true}, []string{me, oneUser, preview},
			"valid true",
		},
		{"account, later user", &fake{account: true, one: nobody, many: acme, writes: true}, long, "valid true"},
		{"account, read-only", &fake{account: true, one: nobody, many: acme}, long, "not_allowed false"},
		{
			"account, no user on call", &fake{account: true, one: nobody, many: nobody}, []string{me, oneUser, users},
			"not_allowed gap, no user on call",
		},
		{
			"users too large",
			&fake{account: true, one: nobody, fail: script(users, failed(pagerduty.KindTooLarge))},
			[]string{me, oneUser, users}, "not_allowed gap, too_large",
		},
		{
			"401 for the users", &fake{account: true, one: nobody, fail: script(users, refused(401))},
			[]string{me, oneUser, users}, "unauthorized null",
		},
		{"503", &fake{user: ada("admin"), fail: script(preview, refused(503))}, short, "not_allowed gap, status"},
		{
			"403 of a gateway", &fake{user: ada("admin"), fail: script(preview, gateway(403))}, short,
			"not_allowed gap, status",
		},
		{
			"401 of a gateway", &fake{user: ada("admin"), fail: script(preview, gateway(401))}, short,
			"not_allowed gap, status",
		},
		{
			"reset", &fake{user: ada("admin"), fail: script(preview, failed(pagerduty.KindReset))}, short,
			"not_allowed gap, reset",
		},
		{"401", &fake{user: ada("admin"), fail: script(preview, refused(401))}, short, "unauthorized null"},
		{"rejected", &fake{fail: script(me, refused(401))}, []string{me}, "unauthorized null"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, requests := c.fake.check(t, token, mayWrite)
			got := string(r.Status) + " null"
			if r.WriteAccess != nil {
				got = fmt.Sprint(r.Status, " ", *r.WriteAccess)
			} else if gap := r.gap("write_access"); gap != nil && gap.NoOnCallUser {
				got = string(r.Status) + " gap, no user on call"
			} else if gap != nil {
				got = fmt.Sprint(r.Status, " gap, ", gap.Failure.Kind)
			}
			if got != c.want || !slices.Equal(requests, c.requests) {
				t.Errorf("%s after %q, want %s after %q", got, requests, c.want, c.requests)
			}
			if r.Status == NotAllowed && (r.HTTPStatus != 200 || r.Subdomain != "acme") {
				t.Errorf("the failed preview overrides the earlier success: %s", summary(r))
			}
			if rejected := "unauthorized 401 id of 401 unknown /"; r.Status == Unauthorized &&
				(summary(r) != rejected || r.User != nil || len(r.Violations) > 0) {
				t.Errorf("%s, user %v, violations %+v, want %s", summary(r), r.User, r.Violations, rejected)
			}
		})
	}
}

func TestCheck_sendsNoMalformedValue(t *testing.T) {
	t.Parallel()
	reference, id, secret := token, app, app
	reference.Value = pagerduty.NewSecret("${PAGERDUTY_TOKEN}")
	id.App = &App{ClientID: "client-id\n", Region: "us", Subdomain: "acme"}
	secret.Value = pagerduty.NewSecret(`"client-secret-0123456789"`)
	for argument, cred := range map[Argument]Credential{
		ArgumentToken:        reference,
		ArgumentUserToken:    {Name: CredentialUserToken},
		ArgumentClientID:     id,
		ArgumentClientSecret: secret,
	} {
		r, requests := (&fake{}).check(t, cred, mayWrite)
		if r.Status != Malformed || r.Finding == nil || r.FindingIn != argument || len(requests) != 0 {
			t.Errorf("%s: %s, %+v in %s after %q", argument, r.Status, r.Finding, r.FindingIn, requests)
		}
		if valid, known := r.Valid(); valid || !known {
			t.Errorf("%s: valid %t, known %t", argument, valid, known)
		}
	}
}

func TestCheck_endsWithinTheTimeLimit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cred  Credential
		hang  string
		limit time.Duration
		want  Status
	}{
		{token, me, validFor, Unreachable},
		{token, oneUser, validFor, Unreachable},
		{token, users, validFor, NotAllowed}, // the token was accepted; the guard could not be checked
		{app, mint, time.Millisecond, Unreachable},
		{token, me, 0, Unreachable},
	} {
		synctest.Test(t, func(t *testing.T) {
			checker := (&fake{one: nobody, hang: c.hang}).checker()
			checker.Timeout = c.limit
			start := time.Now()
			r := checker.Check(t.Context(), c.cred, []GuardValue{mayWrite})
			if took := time.Since(start); r.Status != c.want || took != c.limit {
				t.Errorf("%s: %s after %s, want %s after %s", c.hang, r.Status, took, c.want, c.limit)
			}
		})
	}
}

// A hint explains a failure of a token. Client secrets have no documented shape.
func TestCheck_hint(t *testing.T) {
	t.Parallel()
	for _, cred := range []Credential{token, app} {
		cred.Value = pagerduty.NewSecret("pdus+odd")
		r := Report{Credential: cred}.conclude(Facts{}, refused(401), nil)
		if hinted := r.Hint == HintOAuth; hinted != (cred.App == nil) {
			t.Errorf("%s: hint %q", cred.Name, r.Hint)
		}
		if r = (Report{Credential: cred}).conclude(Facts{}, nil, nil); r.Hint != "" {
			t.Errorf("%s: hint %q for a valid token", cred.Name, r.Hint)
		}
	}
}
