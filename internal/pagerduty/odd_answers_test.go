package pagerduty_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

const (
	saidUser  = `{"user":{"id":"P1","name":"Ada","role":"admin","html_url":"https://acme.pagerduty.com/users/P1"}}`
	saidUsers = `{"users":[{"id":"P1","html_url":"https://acme.pagerduty.com/users/P1"}]}`
	saidGrant = `{"access_token":"{MINTED}","token_type":"bearer","scope":"as_account-us.acme users.read"}`
	next      = "\n---\n"
)

// afterTalk is what a check reports after a server has said a script.
func afterTalk(t *testing.T, server *conversation, script string, app bool, e preflight.Expectations) preflight.Report {
	t.Helper()
	server.begin(script)
	base := &url.URL{Scheme: "https", Host: server.listener.Addr().String()}
	client := pagerduty.WithoutWaiting(pagerduty.NewClient(pagerduty.Config{
		BaseURL: base, UserAgent: "test", ExtraCAs: server.ca, MaxRetries: retries, Timeout: 5 * time.Second,
	}))
	checker := &preflight.Checker{
		API: client, Identity: pagerduty.WithoutWaiting(client.At(base)), Region: "us", Timeout: 5 * time.Second,
	}
	cred := preflight.Credential{Kind: preflight.KindToken, Value: pagerduty.NewSecret(saidToken)}
	if app {
		cred = preflight.Credential{
			Kind: preflight.KindAppOAuth, Value: pagerduty.NewSecret(saidSecret),
			OAuth: &preflight.OAuthApp{ClientID: "id-0123456789", Region: "us", Subdomain: "acme"},
		}
	}
	return checker.Check(t.Context(), cred, e)
}

// PagerDuty's names are written in one way and come once. encoding/json takes any case
// and the last of two.
func TestCheck_inexactJSON(t *testing.T) {
	server := startConversation(t)
	account := http11("400 Bad Request", "", accountToken400Text)
	for name, c := range map[string]struct {
		script string
		app    bool
	}{
		"User":              {script: http11("200 OK", "", strings.Replace(saidUser, `"user"`, `"User"`, 1))},
		"ID":                {script: http11("200 OK", "", strings.Replace(saidUser, `"id"`, `"ID"`, 1))},
		"long s":            {script: http11("200 OK", "", strings.Replace(saidUser, `"user"`, "\"u\u017fer\"", 1))},
		"escaped":           {script: http11("200 OK", "", strings.Replace(saidUser, `"user"`, `"\u0055ser"`, 1))},
		"two users":         {script: http11("200 OK", "", `{"user":null,`+saidUser[1:])},
		"two addresses":     {script: http11("200 OK", "", strings.Replace(saidUser, `"id"`, `"html_url":"","id"`, 1))},
		"an error and none": {script: http11("200 OK", "", `{"error":{"message":"no"},"error":null,`+saidUser[1:])},
		"errors":            {script: http11("200 OK", "", `{"errors":[{"message":"no"}],`+saidUser[1:])},
		"Users":             {script: account + next + http11("200 OK", "", strings.Replace(saidUsers, "users", "Users", 1))},
		"Access_Token": {
			script: http11("200 OK", "", strings.Replace(saidGrant, "access", "Access", 1)) + next +
				http11("200 OK", "", saidUsers),
			app: true,
		},
		"two scopes": {
			script: http11("200 OK", "", `{"scope":"as_account-us.other",`+saidGrant[1:]) + next +
				http11("200 OK", "", saidUsers),
			app: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := afterTalk(t, server, c.script, c.app, preflight.Expectations{})
			if r.Status != preflight.UnexpectedResponse || r.Failure.Kind != pagerduty.KindMissingObject {
				t.Errorf("%s (%+v), want %s", r.Status, r.Failure, preflight.UnexpectedResponse)
			}
		})
	}
	// Names that nobody reads are PagerDuty's business.
	for _, more := range []string{`"Locale":1,"locale":2,`, `"errors":[],`, `"errors":null,"error":null,`} {
		r := afterTalk(t, server, http11("200 OK", "", "{"+more+saidUser[1:]), false, preflight.Expectations{})
		if r.Status != preflight.Valid {
			t.Errorf("%s: %s (%+v)", more, r.Status, r.Failure)
		}
	}
}

const accountToken400Text = `{"error":"Because this request was made using an account-level access token, no."}`

// A cache's answer was given to an earlier request, and judged that one's credential.
func TestCheck_cached(t *testing.T) {
	server := startConversation(t)
	for header, want := range map[string]preflight.Status{
		"Age: 30":                                  preflight.UnexpectedResponse,
		"Age: 99999999999999999999":                preflight.UnexpectedResponse,
		"Age: 30, 40":                              preflight.UnexpectedResponse,
		"Age: 0\r\nAge: 30":                        preflight.UnexpectedResponse,
		"Age: +30":                                 preflight.UnexpectedResponse,
		"Age: 0\r\nX-Cache-Status: HIT":            preflight.UnexpectedResponse,
		"X-Cache: HIT from proxy.example":          preflight.UnexpectedResponse,
		"X-Cache: MISS, HIT":                       preflight.UnexpectedResponse,
		"X-Cache: RefreshHit from cloudfront":      preflight.UnexpectedResponse,
		"Cache-Status: Origin; fwd=miss, Edge;hit": preflight.UnexpectedResponse,
		"Age: 0":                           preflight.Valid,
		"Age: ":                            preflight.Valid,
		"Age: 00":                          preflight.Valid,
		"X-Cache: MISS from hit.example":   preflight.Valid,
		"Cache-Status: Edge; fwd=uri-miss": preflight.Valid,
		"Cf-Cache-Status: DYNAMIC":         preflight.Valid,
	} {
		r := afterTalk(t, server, http11("200 OK", header+"\r\n", saidUser), false, preflight.Expectations{})
		if r.Status != want || want != preflight.Valid && r.Failure.Sender != pagerduty.SenderGateway {
			t.Errorf("%q: %s (%+v), want %s", header, r.Status, r.Failure, want)
		}
	}
}

// Five statuses point elsewhere, and a path alone points to the host that was asked.
func TestCheck_redirect(t *testing.T) {
	server := startConversation(t)
	here := server.listener.Addr().String()
	for answer, want := range map[string]struct {
		kind  pagerduty.Kind
		to    string
		plain bool
	}{
		http11("302 Found", "Location: https://login.example/x\r\n", ""):      {pagerduty.KindRedirect, "login.example", false},
		http11("301 Moved", "Location: //login.example/x\r\n", ""):            {pagerduty.KindRedirect, "login.example", false},
		http11("307 Temporary", "Location: http://login.example\r\n", ""):     {pagerduty.KindRedirect, "login.example", true},
		http11("303 See Other", "Location: /login?next={TOKEN}\r\n", ""):      {pagerduty.KindRedirect, here, false},
		http11("308 Permanent", "Location: https://{TOKEN}.example/\r\n", ""): {pagerduty.KindRedirect, "", false},
		http11("302 Found", "", ""):                                           {pagerduty.KindRedirect, "", false},
		http11("302 Found", "Location: mailto:it@example.com\r\n", ""):        {pagerduty.KindRedirect, "", false},
		http11("304 Not Modified", "", ""):                                    {pagerduty.KindStatus, "", false},
		http11("300 Multiple Choices", "", ""):                                {pagerduty.KindStatus, "", false},
		http11("305 Use Proxy", "Location: https://p.example\r\n", ""):        {pagerduty.KindStatus, "", false},
	} {
		r := afterTalk(t, server, answer, false, preflight.Expectations{})
		f := r.Failure
		if r.Status != preflight.UnexpectedResponse || f.Kind != want.kind || f.RedirectHost != want.to ||
			f.RedirectPlain != want.plain || len(server.said()) != 1 {
			t.Errorf("%q: %s, %s to %q, plain %t", answer, r.Status, f.Kind, f.RedirectHost, f.RedirectPlain)
		}
	}
}
