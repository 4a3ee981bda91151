package explain

import (
	"cmp"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// scenario holds a credential to check, and a script with one step per request.
type scenario struct {
	checker    preflight.Checker
	credential preflight.Credential
	guards     []preflight.GuardValue
	script     []step
}

// step returns the error of one request. send sends it to the test server.
type step func(send func() error) error

// option changes a scenario.
type option func(*scenario)

func combine(options ...option) option {
	return func(s *scenario) {
		for _, o := range options {
			o(s)
		}
	}
}

// report runs a check. The check has to use the whole script.
func report(c preflight.Credential, options ...option) preflight.Report {
	s := &scenario{credential: c}
	s.checker.Settings = preflight.Settings{
		Host: "api.pagerduty.com", Region: "us", IdentityHost: "identity.pagerduty.com", Timeout: 15 * time.Second,
		Retries: 2,
	}
	s.checker.Open = func() preflight.Conversation { return conversation{client().Open(), s} }
	combine(options...)(s)
	r := s.checker.Check(context.Background(), s.credential, s.guards)
	if len(s.script) > 0 {
		panic(fmt.Sprintf("%d steps of the script are left after %q", len(s.script), r.Status))
	}
	return r
}

// The credentials of the reports. They are made up.
const (
	secretToken     = "u+QxWvTzRpNmKjHg0a1b"
	secretUserToken = "u+LcDfBnMqEwRtYu2c3d"
	secretOwn       = "u+ZsXeCrVtByNuMi4e5f"
	secretClient    = "HjKlPoIuYtReWqAsDf6g7h"
	clientID        = "MnBvCxZlKjHgFdSa8i9j"

	requestID = "3f2a9c71d05b48e6a1c07d94e28b6f35"
)

func token(options ...option) preflight.Report {
	return report(preflight.Credential{
		Name: preflight.CredentialToken, Value: pagerduty.NewSecret(secretToken), Source: EnvToken,
	}, options...)
}

func userToken(options ...option) preflight.Report {
	return report(preflight.Credential{
		Name: preflight.CredentialUserToken, Value: pagerduty.NewSecret(secretUserToken), Source: EnvUserToken,
	}, options...)
}

func ownToken(options ...option) preflight.Report {
	return report(preflight.Credential{
		Name: preflight.CredentialToken, Value: pagerduty.NewSecret(secretOwn), Source: FromEphemeralResource,
	}, options...)
}

func app(options ...option) preflight.Report {
	return report(preflight.Credential{
		Name: preflight.CredentialApp, Value: pagerduty.NewSecret(secretClient), Source: EnvClientSecret,
		App: &preflight.App{
			ClientID: clientID, ClientIDSource: EnvClientID, Region: "us", Subdomain: "acme",
			SubdomainSource: EnvSubdomain,
		},
	}, options...)
}

// value replaces the token or client secret.
func value(v string) option {
	return func(s *scenario) { s.credential.Value = pagerduty.NewSecret(v) }
}

// inBlock moves the credential into the provider block.
func inBlock(s *scenario) {
	s.credential.Source = FromConfiguration
	if a := s.credential.App; a != nil {
		a.ClientIDSource, a.SubdomainSource = FromConfiguration, FromConfiguration
	}
}

func overriding(variable string) option {
	return combine(inBlock, func(s *scenario) { s.credential.OverriddenVariable = variable })
}

func hostOverride(s *scenario) {
	c := &s.checker
	c.HostOverridden, c.IdentityOverridden, c.Host, c.IdentityHost = true, true, "gw.example.com", "gw.example.com"
}

func guard(name string, values ...string) option {
	return func(s *scenario) { s.guards = append(s.guards, preflight.GuardValue{Name: name, Values: values}) }
}

func then(next step) option {
	return func(s *scenario) { s.script = append(s.script, next) }
}

// fails makes a request fail. The conversation adds the method, path and host.
func fails(e pagerduty.Error) option {
	sent := slices.Contains([]pagerduty.Phase{pagerduty.PhaseSend, pagerduty.PhaseWait, pagerduty.PhaseRead}, e.Phase)
	if e.Attempts == nil {
		e.Attempts = []pagerduty.Attempt{{Kind: e.Kind, Status: e.Status, Sent: sent}}
	}
	e.Elapsed, e.Sender = 15*time.Second, cmp.Or(e.Sender, pagerduty.SenderUnknown)
	return then(func(func() error) error {
		failure := e
		return &failure
	})
}

// reply is an HTTP response. With the status 0, the body is sent instead of HTTP.
type reply struct {
	status int
	header map[string]string
	body   string
}

// responds lets the test server respond to a request.
func responds(r reply) option {
	return then(func(send func() error) error {
		server.Lock()
		defer server.Unlock()
		server.replies <- r
		return send()
	})
}

// pagerDuty is a response with PagerDuty's request ID.
func pagerDuty(status int, body string) option {
	return responds(reply{status, map[string]string{"X-Request-Id": requestID}, body})
}

// unknown is a response without a mark.
func unknown(status int, body string) option { return responds(reply{status, nil, body}) }

// gateway is a response with the mark of a gateway.
func gateway(status int, product string) option {
	return responds(reply{status, map[string]string{"Server": product}, ""})
}

// server sends the replies. Only one request at a time can have one.
var server = struct {
	sync.Mutex
	replies chan reply
}{replies: make(chan reply, 1)}

// client returns the client for the test server, which runs until the tests end.
var client = sync.OnceValue(func() *pagerduty.Client {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		r := <-server.replies
		if r.status == 0 {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_, _ = conn.Write([]byte(r.body))
				_ = conn.Close()
			}
			return
		}
		for name, value := range r.header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(r.status)
		_, _ = w.Write([]byte(r.body))
	}))
	base, err := url.Parse(s.URL)
	if err != nil {
		panic(err)
	}
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	return pagerduty.NewClient(pagerduty.Config{BaseURL: base, IdentityURL: base, ExtraCAs: ca})
})

// conversation follows the script of a scenario.
type conversation struct {
	*pagerduty.Session
	*scenario
}

// ask does the next step. An error names the configured host, not the test server.
func ask[T any](c conversation, method, path string, send func() (T, error)) (result T, err error) {
	if len(c.script) == 0 {
		panic("the script has no step for " + method + " " + path)
	}
	next := c.script[0]
	c.script = c.script[1:]
	err = next(func() (err error) {
		result, err = send()
		return err
	})
	var e *pagerduty.Error
	if errors.As(err, &e) {
		e.Method, e.Path, e.Mint, e.Host = method, path, path == "/oauth/token", c.checker.Host
		if e.Mint {
			e.Host = c.checker.IdentityHost
		}
	}
	return result, err
}

func (c conversation) Mint(ctx context.Context, a pagerduty.App, scopes []string) (pagerduty.Grant, error) {
	return ask(c, "POST", "/oauth/token", func() (pagerduty.Grant, error) { return c.Session.Mint(ctx, a, scopes) })
}

func (c conversation) CurrentUser(ctx context.Context, a pagerduty.Authorization) (pagerduty.Identity, error) {
	return ask(c, "GET", "/users/me", func() (pagerduty.Identity, error) { return c.Session.CurrentUser(ctx, a) })
}

func (c conversation) Users(ctx context.Context, a pagerduty.Authorization, n int) (pagerduty.Directory, error) {
	return ask(c, "GET", "/users", func() (pagerduty.Directory, error) { return c.Session.Users(ctx, a, n) })
}

func (c conversation) PreviewSchedule(ctx context.Context, a pagerduty.Authorization, id string) (bool, error) {
	return ask(c, "POST", "/schedules/preview", func() (bool, error) { return c.Session.PreviewSchedule(ctx, a, id) })
}
