package pdfake

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"slices"
	"strings"
)

// The form and the lifetime in seconds of an access token [D][S].
const (
	issuedPrefix   = "pdus+_0XBPWQQ_"
	issuedLength   = 64
	issuedLifetime = 86400
)

// accountScope returns the scope that names the region and the account [D].
func accountScope(a *Account) string { return "as_account-" + a.Region + "." + a.Subdomain }

// identity responds as the identity host: it issues access tokens for client credentials.
func (c *call) identity() {
	if c.path != "/oauth/token" || c.r.Method != http.MethodPost {
		c.unknownRoute()
		return
	}
	form := c.r.PostForm
	client, known := c.s.clients[form.Get("client_id")]
	if form.Get("grant_type") != "client_credentials" {
		c.refuse(http.StatusBadRequest, "unsupported_grant_type", "Unsupported grant type")
		return
	}
	if !known || subtle.ConstantTimeCompare([]byte(client.Secret), []byte(form.Get("client_secret"))) != 1 {
		c.refuse(http.StatusUnauthorized, "invalid_client", "Client authentication failed")
		return
	}
	account := c.s.account(client.Account)
	granted, ok := client.grant(accountScope(account), strings.Fields(form.Get("scope")))
	if !ok {
		c.refuse(http.StatusBadRequest, "invalid_scope", "Invalid scope")
		return
	}
	token := (issuedPrefix + rand.Text() + rand.Text())[:issuedLength]
	c.s.addToken(token, &credential{scheme: schemeBearer, account: account, scopes: granted})
	c.w.Header().Set("Cache-Control", "no-store")
	c.object(map[string]any{
		"access_token": token, "scope": strings.Join(granted, " "), "token_type": "bearer",
		"expires_in": issuedLifetime,
	})
}

// grant returns the requested scopes that the app was registered with. The scope as names the
// account: without it, or with another account's, the scope is invalid [S].
func (o *OAuthClient) grant(as string, requested []string) (granted []string, ok bool) {
	if !slices.Contains(requested, as) {
		return nil, false
	}
	granted = []string{as}
	for _, scope := range requested {
		switch {
		case slices.Contains(granted, scope):
		case slices.Contains(o.Scopes, scope):
			granted = append(granted, scope)
		case o.RejectUnknownScopes, strings.HasPrefix(scope, "as_account-"):
			return nil, false
		}
	}
	return granted, true
}

// refuse sends an error in the form of RFC 6749 [I].
func (c *call) refuse(status int, code, description string) {
	c.marshal(status, map[string]any{"error": code, "error_description": description})
}
