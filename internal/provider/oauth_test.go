package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
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
	return fmt.Sprintf("  identity_url_override = %q\n  use_app_oauth_scoped_token {\n    pd_client_id = %q\n    pd_client_secret = %q\n    pd_subdomain = %q\n  }\n", s.IdentityURL(), id, secret, subdomain)
}

func goodApp(s *pdfake.Server) string { return appArguments(s, appID, appSecret, "acme") }

const appData = "data \"pagerdutyauth_credential\" \"this\" {\n  credential = \"app_oauth\"\n%s\n}\n"

func TestAccOAuth_app(t *testing.T) {
	t.Parallel()
	s := world(t, withApp("users.read", "abilities.read", "schedules.read"))
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: block(s, goodApp(s)) + fmt.Sprintf(appData, "  required_scopes = [\"schedules.read\"]\n  include_abilities = true\n  allowed_token_types = [\"app_oauth\"]\n  allowed_subdomains = [\"acme\"]"),
			ConfigStateChecks: expect(map[string]knownvalue.Check{
				"valid": knownvalue.Bool(true), "status": text("valid"), "http_status_code": knownvalue.Int64Exact(200),
				"token_type": text("app_oauth"), "token_source": text("provider configuration"), "token_preview": text("****W7qp"),
				"subdomain": text("acme"), "service_region": text("us"),
				"abilities": knownvalue.SetExact([]knownvalue.Check{text("advanced_permissions"), text("sso"), text("teams")}),
				"scopes":    knownvalue.SetExact([]knownvalue.Check{text("abilities.read"), text("schedules.read"), text("users.read")}),
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

// However many checks of an app there are, its token is minted once in a
// process, and the subdomain asked for once.
func TestAccOAuth_mintedOnce(t *testing.T) {
	t.Parallel()
	s := world(t, withApp("users.read"))
	b := newBench(t, block(s, goodApp(s))+"data \"pagerdutyauth_credential\" \"many\" {\n  count = 20\n  credential = \"app_oauth\"\n}\n")
	if o := b.plan(); o.failed {
		t.Fatal(o.output)
	}
	if got := paths(s); !slices.Equal(got, []string{"POST /oauth/token", "GET /users?limit=1"}) {
		t.Errorf("requests %q", got)
	}
}

func TestAccOAuth_failures(t *testing.T) {
	t.Parallel()
	at := func(b pdfake.Behaviour) pdfake.Option {
		return pdfake.WithFaults(pdfake.Fault{Listener: pdfake.ListenerIdentity, Behaviour: b})
	}
	strict := pdfake.WithOAuthClient(pdfake.OAuthClient{ID: appID, Secret: appSecret, Account: "acme", Scopes: []string{"users.read"}, RejectUnknownScopes: true})
	for name, c := range map[string]struct {
		options               []pdfake.Option
		id, secret, subdomain string
		region, address       string
		arguments             string
		status, summary       string
		parts                 []string
	}{
		"wrong secret":   {secret: "another-secret-0123456789-abcdef", status: "unauthorized", summary: summaryRejectedApp, parts: []string{"POST /oauth/token", "401", "client secret is mistyped", `"pd_client_secret"`, "PAGERDUTY_CLIENT_SECRET", "App Registration", "Client secret: ****cdef"}},
		"unknown client": {id: "3f1c0000-aaaa-4bbb-8ccc-00000000ffff", status: "unauthorized", summary: summaryRejectedApp, parts: []string{"client ID", `"pd_client_id"`, "PAGERDUTY_CLIENT_ID"}},
		"13 scope refused": {options: []pdfake.Option{strict}, arguments: `required_scopes = ["schedules.write"]`, status: "forbidden", summary: summaryDeniedApp,
			parts: []string{"400", "Scopes asked for: as_account-us.acme, schedules.write, users.read", "OAuth error: invalid_scope", `"required_scopes"`, `Message: "Invalid scope"`}},
		"scope refused without RFC 6749": {options: []pdfake.Option{at(pdfake.AnswerJSON(400, `{"error":"Invalid scope"}`))}, status: "forbidden", summary: summaryDeniedApp, parts: []string{"Scopes asked for: as_account-us.acme, users.read"}},
		"invalid_request":                {options: []pdfake.Option{at(pdfake.AnswerJSON(400, `{"error":"invalid_request","error_description":"Invalid scope"}`))}, status: "forbidden", summary: summaryDeniedApp, parts: []string{"users.read"}},
		"not a scoped app":               {options: []pdfake.Option{at(pdfake.AnswerJSON(400, `{"error":"unauthorized_client"}`))}, status: "forbidden", summary: summaryDeniedApp, parts: []string{"Scoped OAuth"}},
		"invalid_client as 400":          {options: []pdfake.Option{at(pdfake.AnswerJSON(400, `{"error":"invalid_client"}`))}, status: "unauthorized", summary: summaryRejectedApp, parts: []string{"400"}},
		"other 400":                      {options: []pdfake.Option{at(pdfake.AnswerJSON(400, `{"x":1}`))}, status: "unexpected_response", summary: summaryUnexpected, parts: []string{"OAuth app was not judged"}},
		"wrong subdomain":                {subdomain: "acme-sandbox", status: "forbidden", summary: summaryDeniedApp, parts: []string{`"acme-sandbox" is not the subdomain`, `"pd_subdomain"`, "PAGERDUTY_SUBDOMAIN"}},
		"wrong region":                   {region: "eu", status: "forbidden", summary: summaryDeniedApp, parts: []string{`service region than "eu"`, "as_account-eu.acme", `"service_region"`}},
		"HTML":                           {options: []pdfake.Option{at(pdfake.AnswerHTML(200, "<html>Log in</html>"))}, status: "unexpected_response", summary: summaryUnexpected, parts: []string{"HTML page", "OAuth app was not judged", `"identity_url_override"`}},
		"JSON without a token":           {options: []pdfake.Option{at(pdfake.AnswerJSON(200, `{"ok":true}`))}, status: "unexpected_response", summary: summaryUnexpected, parts: []string{"does not hold what was asked for"}},
		"JSON with a token of no use":    {options: []pdfake.Option{at(pdfake.AnswerJSON(200, `{"access_token":"a\nb","token_type":"bearer"}`))}, status: "unexpected_response", summary: summaryUnexpected, parts: []string{"OAuth app was not judged"}},
		"another token type":             {options: []pdfake.Option{at(pdfake.AnswerJSON(200, `{"access_token":"abcdefgh12345678","token_type":"mac"}`))}, status: "unexpected_response", summary: summaryUnexpected},
		"redirect":                       {options: []pdfake.Option{at(pdfake.Redirect(302, "https://login.example/"))}, status: "unexpected_response", summary: summaryRedirect, parts: []string{"login.example", "not followed"}},
		"error 500":                      {options: []pdfake.Option{at(pdfake.AnswerHTML(500, "oops"))}, status: "server_error", summary: summaryServerError, parts: []string{"OAuth app was not judged"}},
		"rate limit":                     {options: []pdfake.Option{at(pdfake.RateLimited(50))}, status: "rate_limited", summary: summaryRateLimited, parts: []string{"Wait 50s"}},
		"hangs":                          {options: []pdfake.Option{at(pdfake.NeverAnswer())}, status: "unreachable", summary: summaryTimedOut, parts: []string{"OAuth app was not judged", "identity host"}},
		"refused":                        {address: "https://127.0.0.1:1", status: "unreachable", summary: summaryUnreachable, parts: []string{"refused", "127.0.0.1:1", "OAuth app was not judged"}},
		"certificate":                    {options: []pdfake.Option{pdfake.WithIdentityCertificate(pdfake.CertExpired)}, status: "unreachable", summary: summaryTLS, parts: []string{"expired on"}},
		"newline in the secret":          {secret: appSecret + "\n", status: "malformed", summary: summaryMalformedApp, parts: []string{`"pd_client_secret" has a line break`, "PAGERDUTY_CLIENT_SECRET", "Nothing was sent"}},
		"quoted ID":                      {id: "'" + appID + "'", status: "malformed", summary: summaryMalformedApp, parts: []string{`"pd_client_id" has a quotation mark`, "PAGERDUTY_CLIENT_ID"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := world(t, append([]pdfake.Option{withApp("users.read")}, c.options...)...)
			or := func(value, fallback string) string {
				if value == "" {
					return fallback
				}
				return value
			}
			id, secret := or(c.id, appID), or(c.secret, appSecret)
			arguments := strings.Replace(appArguments(s, id, secret, or(c.subdomain, "acme")), s.IdentityURL(), or(c.address, s.IdentityURL()), 1)
			if c.region != "" {
				arguments += "  service_region = \"" + c.region + "\"\n"
			}
			b := newBench(t, block(s, arguments+"  timeout = \"4s\"\n")+fmt.Sprintf(appData, "  on_failure = \"warning\"\n  "+c.arguments)+"output \"status\" {\n  value = data.pagerdutyauth_credential.this.status\n}\n")
			o := b.apply()
			d := o.one(t)
			if d.Severity != "warning" || d.Summary != c.summary {
				t.Errorf("%s %q, want a warning %q", d.Severity, d.Summary, c.summary)
			}
			if got := o.outputs["status"]; got != c.status {
				t.Errorf("status %v, want %s", got, c.status)
			}
			for _, part := range c.parts {
				if !strings.Contains(flat(d.Detail), part) {
					t.Errorf("the detail lacks %q:\n%s", part, d.Detail)
				}
			}
			host := strings.TrimPrefix(s.IdentityURL(), "https://")
			if c.status != "malformed" && c.address == "" && !strings.Contains(d.Detail, host) {
				t.Errorf("the detail does not name the identity host %s:\n%s", host, d.Detail)
			}
			if c.status != "unauthorized" && strings.Contains(d.Summary, "reject") {
				t.Error("it is called rejected")
			}
			if strings.Contains(o.output, appSecret) || strings.Contains(o.output, "another-secret") || strings.Contains(o.output, appID) {
				t.Error("the output holds a secret or an ID")
			}
			for _, r := range s.Requests() {
				if r.Listener != pdfake.ListenerIdentity {
					t.Errorf("%s was asked without a token", r.Path)
				}
			}
		})
	}
}

// A token without a scope that the check would like is good all the same, with a
// warning that names it; one without a scope that is required is not allowed.
func TestAccOAuth_scopes(t *testing.T) {
	t.Parallel()
	client := func(strict bool, scopes ...string) pdfake.Option {
		return pdfake.WithOAuthClient(pdfake.OAuthClient{ID: appID, Secret: appSecret, Account: "acme", Scopes: scopes, RejectUnknownScopes: strict})
	}
	for name, c := range map[string]struct {
		client    pdfake.Option
		options   []pdfake.Option
		arguments string
		failed    bool
		summary   string
		parts     []string
		requests  []string
	}{
		"all granted":                        {client: client(false, "users.read"), requests: []string{"POST /oauth/token", "GET /users?limit=1"}},
		"without users.read":                 {client: client(false, "schedules.read"), arguments: `required_scopes = ["schedules.read"]`, summary: summaryIncomplete, parts: []string{`subdomain: the OAuth scope "users.read" was not granted`}, requests: []string{"POST /oauth/token"}},
		"without abilities.read":             {client: client(false, "users.read"), arguments: "include_abilities = true", summary: summaryIncomplete, parts: []string{`abilities: the OAuth scope "abilities.read" was not granted`}, requests: []string{"POST /oauth/token", "GET /users?limit=1"}},
		"users.read refused":                 {client: client(true, "schedules.read"), arguments: `required_scopes = ["schedules.read"]`, summary: summaryIncomplete, parts: []string{`"users.read" was not granted`}, requests: []string{"POST /oauth/token", "POST /oauth/token"}},
		"13 required is missing":             {client: client(false, "users.read"), arguments: `required_scopes = ["schedules.read", "users.read", "incidents.write"]`, failed: true, summary: summaryNotAllowed, parts: []string{`Missing: "incidents.write", "schedules.read"`, `Granted: "users.read"`, `"required_scopes"`, "App Registration"}},
		"a guard needs what is not told":     {client: client(false, "schedules.read"), arguments: `allowed_subdomains = ["acme"]`, failed: true, summary: summaryNotAllowed, parts: []string{"could not be decided", `"users.read" was not granted`}},
		"an app belongs to no user":          {client: client(false, "users.read"), arguments: `allowed_user_emails = ["ada@acme.example"]`, failed: true, summary: summaryNotAllowed, parts: []string{"belongs to no user"}},
		"ability needs what is not told":     {client: client(false, "users.read"), arguments: `required_abilities = ["sso"]`, failed: true, summary: summaryNotAllowed, parts: []string{`"abilities.read" was not granted`}},
		"13 the API wants another scope":     {client: client(false, "users.read"), options: []pdfake.Option{pdfake.WithFaults(pdfake.Fault{Path: "/users", Behaviour: pdfake.AnswerJSON(403, `{"error":{"message":"x","required_scopes":"users.read","token_scopes":"abilities.read"}}`)})}, summary: summaryIncomplete, parts: []string{`requires the OAuth scopes "users.read"`, "403"}},
		"the API rejects the minted":         {client: client(false, "users.read"), options: []pdfake.Option{pdfake.WithFaults(pdfake.Fault{Path: "/users", Behaviour: pdfake.AnswerHTML(401, "")})}, failed: true, summary: summaryRejectedApp, parts: []string{"GET /users", "service region", "minted anew"}},
		"the API is not reached":             {client: client(false, "users.read"), options: []pdfake.Option{pdfake.WithFaults(pdfake.Fault{Path: "/users", Behaviour: pdfake.Reset()})}, failed: true, summary: summaryUnreachable, parts: []string{"not judged"}},
		"no scope in the answer (RFC)":       {client: client(false), options: []pdfake.Option{pdfake.WithUserOAuthToken(pdfake.UserOAuthToken{Token: flowToken, Account: "acme", User: "PADA001"}), pdfake.WithFaults(pdfake.Fault{Path: "/oauth/token", Behaviour: pdfake.AnswerJSON(200, `{"access_token":"`+flowToken+`","token_type":"Bearer"}`)})}, arguments: `required_scopes = ["schedules.read"]`},
		"scopes as a list, type in capitals": {client: client(false), options: []pdfake.Option{pdfake.WithUserOAuthToken(pdfake.UserOAuthToken{Token: flowToken, Account: "acme", User: "PADA001"}), pdfake.WithFaults(pdfake.Fault{Path: "/oauth/token", Behaviour: pdfake.AnswerJSON(200, `{"access_token":"`+flowToken+`","token_type":"BEARER","scope":["users.read"],"expires_in":"3600"}`)})}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := world(t, append(c.options, c.client)...)
			b := newBench(t, block(s, goodApp(s))+fmt.Sprintf(appData, "  "+c.arguments))
			o := b.plan()
			if o.failed != c.failed {
				t.Fatal(o.output)
			}
			if c.requests != nil && !slices.Equal(paths(s), c.requests) {
				t.Errorf("requests %q, want %q", paths(s), c.requests)
			}
			if c.summary == "" {
				if len(o.diagnostics) > 0 {
					t.Errorf("diagnostics %v", o.diagnostics)
				}
				return
			}
			d := o.one(t)
			if d.Summary != c.summary {
				t.Errorf("summary %q, want %q", d.Summary, c.summary)
			}
			for _, part := range c.parts {
				if !strings.Contains(flat(d.Detail), part) {
					t.Errorf("the detail lacks %q:\n%s", part, d.Detail)
				}
			}
		})
	}
}

// The ephemeral resource gives the minted token, good as Bearer, and when it
// expires, and fails for one that lives too short.
func TestAccOAuth_ephemeral(t *testing.T) {
	t.Parallel()
	// Before an emulator starts: it fails a test whose faults were never met.
	newBench(t, "").needs(1, 10, 1, 11)
	for name, c := range map[string]struct {
		lives time.Duration
		ttl   string
		parts []string
	}{
		"no min_ttl":             {24 * time.Hour, "", nil},
		"long enough":            {time.Hour, "59m", nil},
		"exactly long enough":    {time.Hour, "1h", nil},
		"too short":              {time.Hour, "2h", []string{"Lives: 1h0m0s", "Asked for: 2h0m0s", `"min_ttl"`}},
		"expiry is not told":     {0, "1h", []string{"could not be decided"}},
		"expiry is not told (2)": {0, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := []pdfake.Option{pdfake.WithOAuthClient(pdfake.OAuthClient{ID: appID, Secret: appSecret, Account: "acme", Scopes: []string{"users.read"}, ExpiresIn: c.lives})}
			condition := `startswith(self.access_token, "pdus+_") && timecmp(self.expires_at, plantimestamp()) > 0 && endswith(self.expires_at, "Z") && self.token == null`
			if c.lives == 0 {
				condition = `startswith(self.access_token, "pdus+_") && self.expires_at == null`
				options = append(options, pdfake.WithUserOAuthToken(pdfake.UserOAuthToken{Token: flowToken, Account: "acme", User: "PADA001"}),
					pdfake.WithFaults(pdfake.Fault{Path: "/oauth/token", Behaviour: pdfake.AnswerJSON(200, `{"access_token":"`+flowToken+`","token_type":"bearer","scope":"users.read"}`)}))
			}
			s := world(t, options...)
			ttl := ""
			if c.ttl != "" {
				ttl = fmt.Sprintf("  min_ttl = %q\n", c.ttl)
			}
			b := newBench(t, block(s, goodApp(s))+"ephemeral \"pagerdutyauth_credential\" \"this\" {\n  credential = \"app_oauth\"\n"+ttl+
				"  lifecycle {\n    postcondition {\n      condition = "+condition+"\n      error_message = \"another result\"\n    }\n  }\n}\n")
			o := b.plan()
			if c.parts == nil {
				if o.failed {
					t.Fatal(o.output)
				}
				return
			}
			d := o.one(t)
			if d.Summary != summaryNotAllowed {
				t.Errorf("summary %q", d.Summary)
			}
			for _, part := range c.parts {
				if !strings.Contains(flat(d.Detail), part) {
					t.Errorf("the detail lacks %q:\n%s", part, d.Detail)
				}
			}
		})
	}
}

// 18: each run mints anew, so that a token which was revoked in the meantime is
// never used again.
func TestAccCauses_18_revokedMintedToken(t *testing.T) {
	t.Parallel()
	s := world(t, withApp("users.read"))
	b := newBench(t, block(s, goodApp(s))+fmt.Sprintf(appData, ""))
	if o := b.plan(); o.failed {
		t.Fatal(o.output)
	}
	for _, r := range s.Requests() {
		if r.Token != "" {
			s.Revoke(r.Token)
		}
	}
	s.ResetRequests()
	if o := b.plan(); o.failed {
		t.Error(o.output)
	}
	if got := paths(s); !slices.Equal(got, []string{"POST /oauth/token", "GET /users?limit=1"}) {
		t.Errorf("requests %q", got)
	}
}

// 2: a user-flow OAuth token is judged as the official provider would send it.
func TestAccCauses_02_userFlowToken(t *testing.T) {
	t.Parallel()
	s := world(t, pdfake.WithUserOAuthToken(pdfake.UserOAuthToken{Token: flowToken, Account: "acme", User: "PADA001"}))
	b := newBench(t, block(s, tokenArgument(flowToken))+"data \"pagerdutyauth_credential\" \"this\" {}\n")
	d := b.plan().one(t)
	if d.Summary != summaryUnauthorized || !strings.Contains(flat(d.Detail), "OAuth access token (it starts with pdus+ or pdeu+)") {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
	for _, r := range s.Requests() {
		if r.Header.Get("Authorization") != "Token token="+flowToken {
			t.Error("it went out in another form")
		}
	}
}

// Both keys must belong to one account, and the comparison fails closed.
func TestAccSameAccount(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		token, userToken string
		app              bool
		parts            []string
	}{
		"same":                       {keyAccount, keyAda, false, nil},
		"other":                      {keyOther, keyAda, false, []string{`Account of user_token: "acme"`, `Account of token: "acme-sandbox"`, "PAGERDUTY_USER_TOKEN", "PAGERDUTY_TOKEN"}},
		"app, same":                  {keyAccount, "", true, nil},
		"app, other":                 {keyOther, "", true, []string{`Account of app_oauth: "acme"`, `Account of token: "acme-sandbox"`}},
		"token rejected":             {keyRevoked, keyAda, false, []string{"could not be decided", `"unauthorized"`, summaryUnauthorized, "401"}},
		"token malformed":            {"'" + keyAda + "'", keyAda, false, []string{"could not be decided", "quotation mark"}},
		"no token":                   {"", keyAda, false, []string{"could not be decided", "has a value"}},
		"user token without account": {keyAccount, keyNoURL, false, []string{"could not be decided", "did not tell the account's subdomain"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := world(t, withApp("users.read"))
			credential, arguments := "user_token", ""
			if c.app {
				credential, arguments = "app_oauth", goodApp(s)
			}
			b := newBench(t, block(s, arguments)+"data \"pagerdutyauth_credential\" \"this\" {\n  credential = \""+credential+"\"\n  same_account_as_token = true\n}\n")
			b.setenv("PAGERDUTY_TOKEN", c.token)
			b.setenv("PAGERDUTY_USER_TOKEN", c.userToken)
			o := b.plan()
			if c.parts == nil {
				if o.failed {
					t.Fatal(o.output)
				}
				return
			}
			d := o.diagnostics[0]
			if !o.failed || d.Summary != summaryNotAllowed {
				t.Fatal(o.output)
			}
			for _, part := range c.parts {
				if !strings.Contains(flat(d.Detail), part) {
					t.Errorf("the detail lacks %q:\n%s", part, d.Detail)
				}
			}
		})
	}
}

// The user token is checked like the token, under its own names, and neither
// stands in for the other.
func TestAccUserToken(t *testing.T) {
	t.Parallel()
	s := world(t)
	// By way of a local: Terraform 1.0 and 1.1 know nothing of what is in "user"
	// where a reference leads to it directly.
	config := block(s, "") + "data \"pagerdutyauth_credential\" \"this\" {\n  credential = \"user_token\"\n}\nlocals {\n  user = data.pagerdutyauth_credential.this.user\n}\noutput \"who\" {\n  value = join(\" \", [local.user.email, data.pagerdutyauth_credential.this.token_source])\n}\n"
	b := newBench(t, config)
	b.setenv("PAGERDUTY_TOKEN", keyAccount)
	if d := b.plan().one(t); d.Summary != summaryNoUserToken || !strings.Contains(d.Detail, "PAGERDUTY_USER_TOKEN") {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
	b.setenv("PAGERDUTY_USER_TOKEN", keyAda)
	if o := b.apply(); o.outputs["who"] != "ada@acme.example PAGERDUTY_USER_TOKEN" {
		t.Errorf("%v\n%s", o.outputs["who"], o.output)
	}
	b.setenv("PAGERDUTY_USER_TOKEN", keyRevoked)
	if d := b.plan().one(t); d.Summary != summaryUnauthorized || !strings.Contains(flat(d.Detail), `set "user_token" or PAGERDUTY_USER_TOKEN`) {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
	for _, r := range s.Requests() {
		if r.Token == keyAccount {
			t.Error("the token was sent in the user token's place")
		}
	}
}

var appTypes = map[string]attr.Type{"pd_client_id": types.StringType, "pd_client_secret": types.StringType, "pd_subdomain": types.StringType}

// Every value of a credential: configuration beats environment, an empty string
// is none, and nothing stands in for an unknown one.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	object := func(values map[string]types.String) types.Object {
		return types.ObjectValueMust(appTypes, map[string]attr.Value{
			"pd_client_id": values["pd_client_id"], "pd_client_secret": values["pd_client_secret"], "pd_subdomain": values["pd_subdomain"],
		})
	}
	for name, c := range map[string]struct {
		variable string
		set      func(*providerModel, types.String)
		get      func(settings) setting
	}{
		"token":      {envToken, func(m *providerModel, v types.String) { m.Token = v }, func(s settings) setting { return s.token }},
		"user_token": {envUserToken, func(m *providerModel, v types.String) { m.UserToken = v }, func(s settings) setting { return s.userToken }},
		"pd_client_id": {envClientID, func(m *providerModel, v types.String) {
			m.AppOAuth = object(map[string]types.String{"pd_client_id": v})
		},
			func(s settings) setting { return s.app.id }},
		"pd_client_secret": {envClientSecret, func(m *providerModel, v types.String) {
			m.AppOAuth = object(map[string]types.String{"pd_client_secret": v})
		}, func(s settings) setting { return s.app.secret }},
		"pd_subdomain": {envSubdomain, func(m *providerModel, v types.String) {
			m.AppOAuth = object(map[string]types.String{"pd_subdomain": v})
		},
			func(s settings) setting { return s.app.subdomain }},
	} {
		for what, p := range map[string]struct {
			argument types.String
			env      string
			want     setting
		}{
			"argument":                 {types.StringValue("one"), "", setting{value: "one", source: sourceConfiguration}},
			"environment":              {types.StringNull(), "two", setting{value: "two", source: c.variable}},
			"both":                     {types.StringValue("one"), "two", setting{value: "one", source: sourceConfiguration, overridden: c.variable}},
			"both, the same":           {types.StringValue("one"), "one", setting{value: "one", source: sourceConfiguration}},
			"empty":                    {types.StringValue(""), "", setting{}},
			"empty, environment":       {types.StringValue(""), "two", setting{value: "two", source: c.variable}},
			"neither":                  {types.StringNull(), "", setting{}},
			"unknown":                  {types.StringUnknown(), "", setting{source: sourceConfiguration, unknown: true}},
			"unknown, and environment": {types.StringUnknown(), "two", setting{source: sourceConfiguration, unknown: true}},
		} {
			t.Run(name+"/"+what, func(t *testing.T) {
				t.Parallel()
				m := providerModel{AppOAuth: types.ObjectNull(appTypes)}
				c.set(&m, p.argument)
				s, diags := decide(m, func(variable string) string {
					if variable == c.variable {
						return p.env
					}
					return ""
				})
				if diags.HasError() {
					t.Fatal(diags)
				}
				if got := c.get(s); got != p.want {
					t.Errorf("got %+v, want %+v", got, p.want)
				}
				// Whatever is set, no other credential is.
				for _, other := range []setting{s.token, s.userToken, s.app.id, s.app.secret, s.app.subdomain} {
					if other != c.get(s) && other != (setting{}) {
						t.Errorf("another credential: %+v", other)
					}
				}
			})
		}
	}
}

// An app that lacks a part names it, argument and variable, and sends nothing.
func TestAccOAuth_incomplete(t *testing.T) {
	t.Parallel()
	all := map[string]string{"pd_client_id": appID, "pd_client_secret": appSecret, "pd_subdomain": "acme"}
	variables := map[string]string{"pd_client_id": envClientID, "pd_client_secret": envClientSecret, "pd_subdomain": envSubdomain}
	for missing := range all {
		for _, source := range []string{"block", "environment", "both"} {
			t.Run(missing+"/"+source, func(t *testing.T) {
				t.Parallel()
				s := world(t, withApp("users.read"))
				inBlock := ""
				b := newBench(t, "")
				for name, value := range all {
					switch {
					case name == missing:
					case source == "environment", source == "both" && name == "pd_subdomain":
						b.setenv(variables[name], value)
					default:
						inBlock += fmt.Sprintf("    %s = %q\n", name, value)
					}
				}
				arguments := fmt.Sprintf("  identity_url_override = %q\n", s.IdentityURL())
				if source != "environment" {
					arguments += "  use_app_oauth_scoped_token {\n" + inBlock + "  }\n"
				}
				b.write("provider.tf", block(s, arguments)+fmt.Sprintf(appData, ""))
				o := b.plan()
				d := o.one(t)
				if d.Summary != summaryHalfApp {
					t.Fatalf("%s: %s", d.Summary, d.Detail)
				}
				for name, variable := range variables {
					line := fmt.Sprintf("%q, or %s", name, variable)
					if named := strings.Contains(d.Detail, line); named != (name == missing) {
						t.Errorf("%s named: %t\n%s", name, named, d.Detail)
					}
				}
				if n := len(s.Requests()); n != 0 {
					t.Errorf("%d requests", n)
				}
				// With the variable set, it is complete.
				b.setenv(variables[missing], all[missing])
				if o := b.plan(); o.failed {
					t.Error(o.output)
				}
			})
		}
	}
}

func TestAccOAuth_notConfigured(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ arguments, env, summary, part string }{
		"nothing":               {"", "", summaryNoApp, "PAGERDUTY_CLIENT_ID"},
		"subdomain as URL":      {"use_app_oauth_scoped_token {\n    pd_client_id = \"a\"\n    pd_client_secret = \"b\"\n    pd_subdomain = \"https://acme.pagerduty.com\"\n  }", "", summarySubdomain, `"acme", not`},
		"subdomain as host":     {"use_app_oauth_scoped_token {\n    pd_client_id = \"abcdefgh\"\n    pd_client_secret = \"b\"\n  }", "acme.pagerduty.com", summarySubdomain, "PAGERDUTY_SUBDOMAIN"},
		"identity host in HTTP": {`identity_url_override = "http://identity.pagerduty.com"`, "", summaryURL, "https only"},
		"unknown": {"use_app_oauth_scoped_token {\n    pd_client_id = \"a\"\n    pd_client_secret = terraform_data.unknown.output\n    pd_subdomain = \"acme\"\n  }", "",
			summaryUnknownToken, `"pd_client_secret"`},
		"unknown identity host": {"identity_url_override = terraform_data.unknown.output\n  use_app_oauth_scoped_token {\n    pd_client_id = \"a\"\n    pd_client_secret = \"b\"\n    pd_subdomain = \"acme\"\n  }", "", summaryUnknown, `"identity_url_override"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, "provider \"pagerdutyauth\" {\n  "+c.arguments+"\n}\n"+fmt.Sprintf(appData, ""))
			if strings.Contains(c.arguments, "terraform_data") {
				b.needs(1, 4, 1, 6)
				b.write("unknown.tf", "resource \"terraform_data\" \"unknown\" {\n  input = \"x\"\n}\n")
			}
			b.setenv("PAGERDUTY_SUBDOMAIN", c.env)
			b.setenv("PAGERDUTY_TOKEN", keyAda)
			d := b.plan().one(t)
			if d.Summary != c.summary || !strings.Contains(d.Detail, c.part) {
				t.Errorf("%s: %s", d.Summary, d.Detail)
			}
		})
	}
}

// A run leaves the home directory and the directory for temporary files as they
// were: nothing is cached, minted tokens least of all.
func TestAccOAuth_leavesNothing(t *testing.T) {
	t.Parallel()
	s := world(t, withApp("users.read"))
	b := newBench(t, block(s, goodApp(s)+tokenArgument(keyAda))+fmt.Sprintf(appData, "")+"data \"pagerdutyauth_credential\" \"token\" {}\n")
	home, temporary := t.TempDir(), t.TempDir()
	for name, dir := range map[string]string{"HOME": home, "USERPROFILE": home, "APPDATA": home, "XDG_CACHE_HOME": home, "XDG_CONFIG_HOME": home, "TMPDIR": temporary, "TMP": temporary, "TEMP": temporary} {
		b.setenv(name, dir)
	}
	if err := os.WriteFile(filepath.Join(home, "before"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	// What Terraform or OpenTofu itself leaves, without the provider.
	alone := *b
	alone.dir = t.TempDir()
	alone.write("main.tf", "output \"x\" {\n  value = 1\n}\n")
	alone.apply().passed(t)
	before := listed(t, home, temporary)
	for _, run := range []outcome{b.plan(), b.apply()} {
		if run.failed {
			t.Fatal(run.output)
		}
	}
	if after := listed(t, home, temporary); !slices.Equal(before, after) {
		t.Errorf("before: %q\nafter: %q", before, after)
	}
}

// listed names every file below the directories, with its size and time.
func listed(t *testing.T, dirs ...string) []string {
	t.Helper()
	var all []string
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() && path != dir {
				all = append(all, path)
				return err
			}
			info, err := d.Info()
			if err != nil || d.IsDir() {
				return err
			}
			all = append(all, fmt.Sprint(path, info.Size(), info.ModTime()))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// Arguments that only make sense for other credentials are refused at validate.
func TestAccCredentialArgument_invalid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ surface, arguments, summary, part string }{
		"another credential":        {"data", `credential = "oauth"`, summaryCredential, `"token", "user_token" or "app_oauth"`},
		"scopes of a token":         {"data", `required_scopes = ["users.read"]`, summaryGuard, "only an OAuth app's token"},
		"empty scope":               {"data", "credential = \"app_oauth\"\n  required_scopes = [\"\"]", summaryGuard, "never be met"},
		"scopes in one":             {"data", "credential = \"app_oauth\"\n  required_scopes = [\"a.read b.read\"]", summaryGuard, "name each one"},
		"account's scope":           {"data", "credential = \"app_oauth\"\n  required_scopes = [\"as_account-us.acme\"]", summaryGuard, `"pd_subdomain"`},
		"same account as itself":    {"data", "same_account_as_token = true", summaryGuard, `"token" itself`},
		"min_ttl of a token":        {"ephemeral", `min_ttl = "1h"`, summaryGuard, "a key does not expire"},
		"min_ttl":                   {"ephemeral", "credential = \"app_oauth\"\n  min_ttl = \"1\"", summaryGuard, "duration"},
		"min_ttl of zero":           {"ephemeral", "credential = \"app_oauth\"\n  min_ttl = \"0s\"", summaryGuard, "greater than zero"},
		"own token and another one": {"ephemeral", "credential = \"app_oauth\"\n  token = \"x\"", summaryTwoTokens, "Remove one"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, "provider \"pagerdutyauth\" {}\n"+c.surface+" \"pagerdutyauth_credential\" \"this\" {\n  "+c.arguments+"\n}\n")
			if c.surface == "ephemeral" {
				b.needs(1, 10, 1, 11)
			}
			o := b.terraformRun("validate", "-no-color")
			for _, want := range []string{"Error: " + c.summary, c.part} {
				if !o.failed || !strings.Contains(flat(o.output), want) {
					t.Errorf("the output lacks %s:\n%s", want, o.output)
				}
			}
		})
	}
}
