package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// An OAuth app of the emulated account "acme", and a user-flow token.
const (
	appID     = "3f1c0000-aaaa-4bbb-8ccc-00000000a001"
	appSecret = "SECRETofTheApp-0123456789-zyxwvutsrqpo-W7qp"
	// flowToken is made up, in the shape of a user-flow token [S].
	flowToken = "pdus+_0XBPWQQ_4c51d6e5-0000-0000-0000-1234567890ab"
)

func withApp(scopes ...string) pdfake.Option {
	return pdfake.WithOAuthClient(pdfake.OAuthClient{ID: appID, Secret: appSecret, Account: "acme", Scopes: scopes})
}

// appArguments are those of a provider with the emulated OAuth app.
func appArguments(s *pdfake.Server, id, secret, subdomain string) string {
	return fmt.Sprintf("  identity_url_override = %q\n  use_app_oauth_scoped_token {\n    pd_client_id = %q\n"+
		"    pd_client_secret = %q\n    pd_subdomain = %q\n  }\n", s.IdentityURL(), id, secret, subdomain)
}

func goodApp(s *pdfake.Server) string { return appArguments(s, appID, appSecret, "acme") }

const appData = "data \"pagerdutyauth_credential\" \"this\" {\n  credential = \"app_oauth\"\n%s\n}\n"

// anApp is the argument that checks the OAuth app.
func anApp(more arguments) arguments { return with(arguments{"credential": word("app_oauth")}, more) }

func TestAccOAuth_app(t *testing.T) {
	t.Parallel()
	s := startEmulator(t, withApp("users.read", "abilities.read", "schedules.read"))
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: block(s, goodApp(s)) + fmt.Sprintf(appData, "  required_scopes = [\"schedules.read\"]\n"+
				"  include_abilities = true\n  allowed_token_types = [\"app_oauth\"]\n  allowed_subdomains = [\"acme\"]"),
			ConfigStateChecks: expect(map[string]knownvalue.Check{
				"valid":            knownvalue.Bool(true),
				"status":           text("valid"),
				"http_status_code": knownvalue.Int64Exact(200),
				"token_type":       text("app_oauth"),
				"token_source":     text("provider configuration"),
				"token_preview":    text("****W7qp"),
				"subdomain":        text("acme"),
				"service_region":   text("us"),
				"abilities": knownvalue.SetExact([]knownvalue.Check{
					text("advanced_permissions"), text("sso"), text("teams"),
				}),
				"scopes": knownvalue.SetExact([]knownvalue.Check{
					text("abilities.read"), text("schedules.read"), text("users.read"),
				}),
			}),
		}},
	})
	for _, r := range s.Requests() {
		scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		switch r.Listener {
		case pdfake.ListenerIdentity:
			if got := r.Form.Get("scope"); got != "as_account-us.acme abilities.read schedules.read users.read" {
				t.Errorf("scope %q", got)
			}
			if r.Form.Get("grant_type") != "client_credentials" || scheme != "" {
				t.Errorf("grant_type %q, Authorization scheme %q", r.Form.Get("grant_type"), scheme)
			}
		default:
			if scheme != "Bearer" {
				t.Errorf("%s went out as %q", r.Path, scheme)
			}
		}
	}
}

// However many checks of an app overlap, its access token is minted once, and the
// subdomain asked for once.
func TestAccOAuth_mintedOnce(t *testing.T) {
	t.Parallel()
	s := startEmulator(t, withApp("users.read"))
	tf := newProject(t, block(s, goodApp(s))+fmt.Sprintf(appData, "  count = 20"))
	tf.plan().passed(t)
	if got := paths(s); !slices.Equal(got, []string{"POST /oauth/token", "GET /users?limit=1"}) {
		t.Errorf("requests %q", got)
	}
}

// An app whose access token was not obtained: by its true cause, without the secret,
// and without a request to the API.
func TestOAuth_failures(t *testing.T) {
	t.Parallel()
	mint := func(b pdfake.Behaviour) []pdfake.Option {
		return []pdfake.Option{pdfake.WithFaults(pdfake.Fault{Listener: pdfake.ListenerIdentity, Behaviour: b})}
	}
	answer := func(status int, body string) []pdfake.Option { return mint(pdfake.AnswerJSON(status, body)) }
	app := func(id, secret, subdomain string) arguments {
		return arguments{appBlock: appBlockValue(word(id), word(secret), word(subdomain))}
	}
	scopes := arguments{"required_scopes": words("schedules.write")}
	strict := []pdfake.Option{pdfake.WithOAuthClient(pdfake.OAuthClient{
		ID: appID, Secret: appSecret, Account: "acme", Scopes: []string{"users.read"}, RejectUnknownScopes: true,
	})}
	const otherSecret = "another-secret-0123456789-abcdef"
	for name, c := range map[string]struct {
		options         []pdfake.Option
		provider, check arguments
		status          string
	}{
		"wrong secret": {provider: app(appID, otherSecret, "acme"), status: "unauthorized"},
		"unknown client": {
			provider: app("3f1c0000-aaaa-4bbb-8ccc-00000000ffff", appSecret, "acme"), status: "unauthorized",
		},
		"invalid_client as 400": {options: answer(400, `{"error":"invalid_client"}`), status: "unauthorized"},
		"13 scope refused":      {options: strict, check: scopes, status: "forbidden"},
		"scope, not RFC 6749":   {options: answer(400, `{"error":"Invalid scope"}`), status: "forbidden"},
		"invalid_request": {
			options: answer(400, `{"error":"invalid_request","error_description":"Invalid scope"}`),
			status:  "forbidden",
		},
		"not a scoped app": {options: answer(400, `{"error":"unauthorized_client"}`), status: "forbidden"},
		"wrong subdomain":  {provider: app(appID, appSecret, "acme-sandbox"), status: "forbidden"},
		"wrong region":     {provider: arguments{"service_region": word("eu")}, status: "forbidden"},
		"other 400":        {options: answer(400, `{"x":1}`), status: "unexpected_response"},
		"HTML": {
			options: mint(pdfake.AnswerHTML(200, "<html>Log in</html>")), status: "unexpected_response",
		},
		"JSON without a token": {options: answer(200, `{"ok":true}`), status: "unexpected_response"},
		"a token of no use": {
			options: answer(200, `{"access_token":"a\nb","token_type":"bearer"}`), status: "unexpected_response",
		},
		"another token type": {
			options: answer(200, `{"access_token":"abcdefgh12345678","token_type":"mac"}`),
			status:  "unexpected_response",
		},
		"redirect": {
			options: mint(pdfake.Redirect(302, "https://login.example/")), status: "unexpected_response",
		},
		"error 500":  {options: mint(pdfake.AnswerHTML(500, "oops")), status: "server_error"},
		"rate limit": {options: mint(pdfake.RateLimited(50)), status: "rate_limited"},
		"hangs": {
			options: mint(pdfake.NeverAnswer()), provider: arguments{"timeout": word("2s")},
			status: "unreachable",
		},
		"refused": {
			provider: arguments{"identity_url_override": word("https://127.0.0.1:1")}, status: "unreachable",
		},
		"certificate": {
			options: []pdfake.Option{pdfake.WithIdentityCertificate(pdfake.CertExpired)}, status: "unreachable",
		},
		"a newline":   {provider: app(appID, appSecret+"\n", "acme"), status: "malformed"},
		"a quoted ID": {provider: app("'"+appID+"'", appSecret, "acme"), status: "malformed"},
		"another account's": {
			options: mint(pdfake.GrantOtherAccount("us", "other")),
			status:  "forbidden",
		},
		"nothing that was asked": {
			options: answer(200, `{"access_token":"abcdefgh12345678","token_type":"bearer","scope":"openid"}`),
			status:  "forbidden",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startEmulator(t, append([]pdfake.Option{withApp("users.read")}, c.options...)...)
			check := anApp(with(c.check, arguments{"on_failure": word("warning")}))
			a := run(t, dataSurface, at(s, with(appProvider(), c.provider)), check)
			if len(a.warnings()) != 1 || len(a.errors()) > 0 {
				t.Fatalf("want one warning:%s", describe(a.diagnostics))
			}
			d := a.warnings()[0]
			if got := a.text(t, "status"); got != c.status {
				t.Errorf("status %s, want %s\n%s", got, c.status, d.Detail)
			}
			if c.status != "unauthorized" && strings.Contains(d.Summary, "reject") {
				t.Error("it is called rejected")
			}
			for _, secret := range []string{appSecret, otherSecret, appID} {
				if strings.Contains(d.Summary+d.Detail, secret) {
					t.Error("the message holds a secret or an ID")
				}
			}
			for _, r := range s.Requests() {
				if r.Listener != pdfake.ListenerIdentity {
					t.Errorf("%s was asked without an access token", r.Path)
				}
			}
		})
	}
}

// An app without a scope that the check would like is valid all the same, with a
// warning about what is not known; one without a scope that is required is not
// allowed. The API has to accept the access token in any case.
func TestOAuth_scopes(t *testing.T) {
	t.Parallel()
	client := func(strict bool, scopes ...string) pdfake.Option {
		return pdfake.WithOAuthClient(pdfake.OAuthClient{
			ID: appID, Secret: appSecret, Account: "acme", Scopes: scopes, RejectUnknownScopes: strict,
		})
	}
	flow := pdfake.WithUserOAuthToken(pdfake.UserOAuthToken{Token: flowToken, Account: "acme", User: "PADA001"})
	minted := func(body string) []pdfake.Option {
		return append(faultAt("/oauth/token", pdfake.AnswerJSON(200, `{"access_token":"`+flowToken+`",`+body+`}`)), flow)
	}
	required := func(scopes ...string) arguments { return arguments{"required_scopes": words(scopes...)} }
	const wantsScope = `{"error":{"message":"x","required_scopes":"users.read","token_scopes":"abilities.read"}}`
	both := []string{"POST /oauth/token", "GET /users?limit=1"}
	for name, c := range map[string]struct {
		client            pdfake.Option
		options           []pdfake.Option
		check             arguments
		summary, argument string
		warning           bool
		requests          []string
	}{
		"all granted": {client: client(false, "users.read"), requests: both},
		"without users.read": {
			client: client(false, "schedules.read"), check: required("schedules.read"), requests: both,
		},
		"the account is not named": {
			client:  client(false, "schedules.read"),
			options: faultAt("/oauth/token", pdfake.GrantWithoutAccount()), check: required("schedules.read"),
			summary: summaryGaps, warning: true, requests: both,
		},
		"without abilities.read": {
			client: client(false, "users.read"), check: arguments{"include_abilities": truth(true)},
			summary: summaryGaps, warning: true,
		},
		"users.read refused": {
			client: client(true, "schedules.read"), check: required("schedules.read"),
			requests: []string{"POST /oauth/token", "POST /oauth/token", "GET /users?limit=1"},
		},
		"13 required is missing": {
			client: client(false, "users.read"), check: required("schedules.read", "users.read", "incidents.write"),
			summary: summaryNotAllowed, argument: "required_scopes",
		},
		"an app belongs to no user": {
			client: client(false, "users.read"), check: arguments{"allowed_user_emails": words("ada@acme.example")},
			summary: summaryUndecided, argument: "allowed_user_emails",
		},
		"ability needs what is not granted": {
			client: client(false, "users.read"), check: arguments{"required_abilities": words("sso")},
			summary: summaryUndecided, argument: "required_abilities",
		},
		"13 the API wants another scope": {
			client: client(false, "users.read"), options: faultAt("/users", pdfake.AnswerJSON(403, wantsScope)),
			requests: both,
		},
		"the API rejects the access token": {
			client: client(false, "users.read"), options: faultAt("/users", pdfake.AnswerHTML(401, "")),
			summary: summaryAccessToken,
		},
		"the API is not reached": {
			client: client(false, "users.read"), options: faultAt("/users", pdfake.Reset()), summary: summaryUnreachable,
		},
		"no scope in the answer (RFC 6749)": {
			client: client(false), options: minted(`"token_type":"Bearer"`), check: required("schedules.read"),
		},
		"scopes as a list, type in capitals": {
			client:  client(false),
			options: minted(`"token_type":"BEARER","scope":["as_account-us.acme","users.read"],"expires_in":"3600"`),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startEmulator(t, append(c.options, c.client)...)
			a := run(t, dataSurface, at(s, appProvider()), anApp(c.check))
			switch {
			case c.summary == "":
				a.passes(t)
			case c.warning:
				if all := a.warnings(); len(all) != 1 || all[0].Summary != c.summary || len(a.errors()) > 0 {
					t.Errorf("want only a warning %q:%s", c.summary, describe(a.diagnostics))
				}
			default:
				a.fails(t, c.summary, c.argument)
			}
			if c.requests != nil && !slices.Equal(paths(s), c.requests) {
				t.Errorf("requests %q, want %q", paths(s), c.requests)
			}
		})
	}
}

// 18: each process mints anew, so that an access token which was revoked in the
// meantime is never used again.
func TestOAuth_18_revokedAccessToken(t *testing.T) {
	t.Parallel()
	s := startEmulator(t, withApp("users.read"))
	run(t, dataSurface, at(s, appProvider()), anApp(nil)).passes(t)
	for _, r := range s.Requests() {
		if r.Token != "" {
			s.Revoke(r.Token)
		}
	}
	s.ResetRequests()
	run(t, dataSurface, at(s, appProvider()), anApp(nil)).passes(t)
	if got := paths(s); !slices.Equal(got, []string{"POST /oauth/token", "GET /users?limit=1"}) {
		t.Errorf("requests %q", got)
	}
}

// 02: a user-flow OAuth token is judged as the official provider would send it.
func TestOAuth_02_userFlowToken(t *testing.T) {
	t.Parallel()
	s := startEmulator(t, pdfake.WithUserOAuthToken(pdfake.UserOAuthToken{
		Token: flowToken, Account: "acme", User: "PADA001",
	}))
	run(t, dataSurface, at(s, withToken(flowToken)), nil).fails(t, summaryUnauthorized, "")
	for _, r := range s.Requests() {
		if r.Header.Get("Authorization") != "Token token="+flowToken {
			t.Error("it went out in another form")
		}
	}
}

// A scope that the answer names twice is in the result once.
func TestOAuth_scopeTwice(t *testing.T) {
	t.Parallel()
	const minted = `{"access_token":"pdus+_0XBPWQQ_twice","token_type":"bearer","expires_in":864000,` +
		`"scope":"as_account-us.acme users.read users.read"}`
	const users = `{"users":[{"id":"P1","html_url":"https://acme.pagerduty.com/users/P1"}]}`
	for _, surface := range []string{dataSurface, ephemeralSurface} {
		s := startEmulator(t, withApp("users.read"), pdfake.WithFaults(
			pdfake.Fault{Path: "/oauth/token", Behaviour: pdfake.AnswerJSON(200, minted)},
			pdfake.Fault{Path: "/users", Behaviour: pdfake.AnswerJSON(200, users)},
		))
		a := run(t, surface, at(s, appProvider()), anApp(nil))
		a.passes(t)
		if !a.values["scopes"].Equal(words("users.read")) {
			t.Errorf("%s: scopes %s", surface, a.values["scopes"])
		}
	}
}

// An app that lacks a part names it, argument and variable.
func TestOAuth_incomplete(t *testing.T) {
	t.Parallel()
	all := map[string]string{"pd_client_id": appID, "pd_client_secret": appSecret, "pd_subdomain": "acme"}
	variables := map[string]string{
		"pd_client_id": "PAGERDUTY_CLIENT_ID", "pd_client_secret": "PAGERDUTY_CLIENT_SECRET",
		"pd_subdomain": "PAGERDUTY_SUBDOMAIN",
	}
	for missing := range all {
		value := func(name string) tftypes.Value {
			if name == missing {
				return tftypes.NewValue(tftypes.String, nil)
			}
			return word(all[name])
		}
		s := startEmulator(t)
		provider := arguments{
			appBlock: appBlockValue(value("pd_client_id"), value("pd_client_secret"), value("pd_subdomain")),
		}
		detail := run(t, dataSurface, at(s, provider), anApp(nil)).fails(t, summaryHalfApp, appBlock)
		for name := range all {
			line := fmt.Sprintf("%q, or %s", name, variables[name])
			if named := strings.Contains(detail, line); named != (name == missing) {
				t.Errorf("%s named: %t\n%s", name, named, detail)
			}
		}
		if n := len(s.Requests()); n != 0 {
			t.Errorf("%d requests", n)
		}
	}
}

// An app can come from the environment alone, in part or whole, and is an error there
// only where it is checked.
func TestAccOAuth_environment(t *testing.T) {
	t.Parallel()
	s := startEmulator(t, withApp("users.read"))
	identity := fmt.Sprintf("  identity_url_override = %q\n", s.IdentityURL())
	tf := newProject(t, block(s, identity)+"variable \"which\" {\n  default = \"app_oauth\"\n}\n"+
		"data \"pagerdutyauth_credential\" \"this\" {\n  credential = var.which\n}\n")
	if d := tf.plan().one(t); d.Summary != summaryNoApp || !strings.Contains(d.Detail, "PAGERDUTY_CLIENT_ID") {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
	tf.setenv("PAGERDUTY_CLIENT_ID", appID)
	tf.setenv("PAGERDUTY_CLIENT_SECRET", appSecret)
	tf.plan().stopped(t, summaryHalfApp)
	tf.setenv("PAGERDUTY_SUBDOMAIN", "acme.pagerduty.com")
	if d := tf.plan().one(t); d.Summary != summarySubdomain || !strings.Contains(d.Detail, "PAGERDUTY_SUBDOMAIN") {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
	tf.with(tokenAda).terraformRun("plan", "-json", "-input=false", "-var=which=token").passed(t)
	if got := paths(s); !slices.Equal(got, []string{"GET /users/me"}) {
		t.Errorf("requests %q", got)
	}
	tf.setenv("PAGERDUTY_SUBDOMAIN", "ACME")
	tf.plan().passed(t)
}
