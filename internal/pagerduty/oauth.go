package pagerduty

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// App is an OAuth app that acts for an account by client credentials.
type App struct {
	ClientID, ClientSecret string
	// Region ("us", "eu") and Subdomain name the account; both go into the
	// scope "as_account-<region>.<subdomain>" [D].
	Region, Subdomain string
}

// Format implements fmt.Formatter for all verbs, so that printing an App cannot
// give its secret away.
func (App) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[redacted]")) }

// AccountScopePrefix begins the scope that names an account, and no other [D].
const AccountScopePrefix = "as_account-"

// AccountScope is the scope that names the account.
func (a App) AccountScope() string { return AccountScopePrefix + a.Region + "." + a.Subdomain }

// Grant is a minted access token. It lives in memory only.
type Grant struct {
	Auth Authorization
	// AccessToken is the token itself.
	AccessToken string
	// Scopes are those granted, which can be fewer than were asked for without
	// any error [S]. An answer that names none granted what was asked for (RFC
	// 6749, section 5.1). AccountScope is not among them.
	Scopes []string
	// ExpiresAt is the zero time where the answer does not tell.
	ExpiresAt time.Time
	RequestID string
}

// Mint asks the identity host that c is a client of for an access token with
// scopes, POST /oauth/token [D]. Every error is an *Error.
func (c *Client) Mint(ctx context.Context, app App, scopes []string) (Grant, error) {
	return c.mint(ctx, app, scopes, c.do)
}

func (c *Client) mint(ctx context.Context, app App, scopes []string, do func(context.Context, call) (*answer, *Error)) (Grant, error) {
	m := &minter{do: do}
	config := clientcredentials.Config{
		ClientID: app.ClientID, ClientSecret: app.ClientSecret, TokenURL: c.base.String() + mintPath,
		Scopes: append([]string{app.AccountScope()}, scopes...), AuthStyle: oauth2.AuthStyleInParams,
	}
	// Whatever the library makes of the answer, the verdict is ours: its error
	// quotes the body.
	token, err := config.Token(context.WithValue(ctx, oauth2.HTTPClient, &http.Client{
		Transport:     m,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}))
	switch {
	case m.failure != nil:
		return Grant{}, m.failure
	case m.answer == nil:
		return Grant{}, c.failed(m.call, &Error{Kind: KindTransport, Method: http.MethodPost})
	case m.answer.status != http.StatusOK:
		return Grant{}, c.statusError(m.call, m.answer)
	case m.answer.tooLarge:
		return Grant{}, c.unusable(m.call, m.answer, KindTooLarge)
	case err != nil:
		return Grant{}, c.unmintable(m.call, m.answer)
	case !strings.EqualFold(token.TokenType, "bearer") || strings.ContainsFunc(token.AccessToken, func(r rune) bool { return r <= ' ' || r > '~' }):
		return Grant{}, c.unusable(m.call, m.answer, KindMissingObject)
	}
	granted := scopes
	if told := token.Extra("scope"); told != nil {
		granted = scopesOf(told)
	}
	g := Grant{
		Auth: BearerToken(token.AccessToken), AccessToken: token.AccessToken,
		Scopes: safeScopes(granted, maxGranted, app.ClientSecret, token.AccessToken), ExpiresAt: token.Expiry, RequestID: m.answer.requestID,
	}
	g.Scopes = slices.DeleteFunc(g.Scopes, func(s string) bool { return strings.HasPrefix(s, AccountScopePrefix) })
	return g, nil
}

const (
	mintPath   = "/oauth/token"
	maxGranted = 500 // more than PagerDuty has
)

// unmintable sorts a 200 without a token: an error of RFC 6749 all the same, or
// something else's page.
func (c *Client) unmintable(r call, a *answer) *Error {
	e := c.statusError(r, a)
	switch {
	case e.Body.OAuthError != "":
		e.Kind = KindStatus
	case e.Body.Form != "json":
		e.Kind = KindNotJSON
	default:
		e.Kind = KindMissingObject
	}
	return e
}

// minter carries oauth2's request through the client: the same time limit,
// retries, log and bounds as any other.
type minter struct {
	do      func(context.Context, call) (*answer, *Error)
	call    call
	answer  *answer
	failure *Error
}

func (m *minter) RoundTrip(req *http.Request) (*http.Response, error) {
	defer func() { _ = req.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(req.Body, maxBody))
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, errors.New("the form cannot be read")
	}
	m.call = call{method: http.MethodPost, path: mintPath, form: form, accept: "application/json"}
	if m.answer, m.failure = m.do(req.Context(), m.call); m.failure != nil {
		return nil, m.failure
	}
	return &http.Response{
		StatusCode: m.answer.status, Header: m.answer.header, Request: req,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Body: io.NopCloser(bytes.NewReader(m.answer.body)),
	}, nil
}
