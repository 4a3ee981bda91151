package pdfake

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Minted tokens [D][S].
const (
	mintedPrefix = "pdus+_0XBPWQQ_"
	mintedLength = 64
	mintedLife   = 24 * time.Hour
)

// accountScopePrefix begins the scope that names the region and the account [D].
const accountScopePrefix = "as_account-"

func accountScope(a *Account) string {
	return accountScopePrefix + a.Region + "." + a.Subdomain
}

// identity answers as the identity host.
func (c *call) identity() {
	if c.path != "/oauth/token" || c.r.Method != http.MethodPost {
		c.noteUnknown()
		c.send(http.StatusNotFound, "text/html", []byte("<html><body>Not found</body></html>"))
		return
	}
	if g, ok := c.grant(); ok {
		c.issue(g)
	}
}

// grant is what the mint gives to a client.
type grant struct {
	account *Account
	scopes  []string
	// shown is the field "scope" of the answer, which nil leaves out.
	shown any
}

// grant judges a request for client credentials, and answers it where it is refused.
func (c *call) grant() (grant, bool) {
	// That errors have the form of RFC 6749 is [I].
	refuse := func(status int, code, description string) (grant, bool) {
		c.marshal(status, map[string]any{"error": code, "error_description": description})
		return grant{}, false
	}
	form := c.r.PostForm
	if form.Get("grant_type") == "" {
		return refuse(http.StatusBadRequest, "invalid_request", "Missing parameter: grant_type")
	}
	if form.Get("grant_type") != "client_credentials" {
		return refuse(http.StatusBadRequest, "unsupported_grant_type", "Unsupported grant type")
	}
	id, secret := clientCredentials(c.r)
	client, ok := c.s.clients[id]
	if !ok || subtle.ConstantTimeCompare([]byte(client.Secret), []byte(secret)) != 1 {
		return refuse(http.StatusUnauthorized, "invalid_client", "Client authentication failed")
	}
	account, err := c.s.account(client.Account)
	if err != nil {
		return refuse(http.StatusBadRequest, "invalid_request", "Unknown account")
	}
	// The region and the account go in the scope; a wrong one is just an invalid scope [S].
	as := accountScope(account)
	asked := strings.Fields(form.Get("scope"))
	if !slices.Contains(asked, as) {
		return refuse(http.StatusBadRequest, "invalid_scope", "Invalid scope")
	}
	granted := []string{as}
	for _, sc := range asked {
		switch {
		case slices.Contains(granted, sc):
		case slices.Contains(client.Scopes, sc):
			granted = append(granted, sc)
		case client.RejectUnknownScopes, strings.HasPrefix(sc, accountScopePrefix):
			return refuse(http.StatusBadRequest, "invalid_scope", "Invalid scope")
		}
	}
	return grant{account: account, scopes: granted, shown: strings.Join(granted, " ")}, true
}

// issue mints a token and answers with it.
func (c *call) issue(g grant) {
	token := (mintedPrefix + rand.Text() + rand.Text())[:mintedLength]
	c.s.addToken(token, &credential{
		scheme: schemeBearer, account: g.account, scopes: g.scopes,
		expires: c.s.now().Add(mintedLife),
	})
	c.w.Header().Set("Cache-Control", "no-store")
	m := map[string]any{
		"access_token": token,
		"scope":        g.shown,
		"token_type":   "bearer",
		"expires_in":   int(mintedLife / time.Second),
	}
	if g.shown == nil {
		delete(m, "scope")
	}
	c.object(m)
}

// clientCredentials are in the form [D], or in HTTP basic as RFC 6749 2.3.1 has it [I].
func clientCredentials(r *http.Request) (id, secret string) {
	if user, pass, ok := r.BasicAuth(); ok {
		u, err1 := url.QueryUnescape(user)
		p, err2 := url.QueryUnescape(pass)
		if err1 != nil || err2 != nil {
			return "", ""
		}
		return u, p
	}
	return r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
}
