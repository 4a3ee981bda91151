package pdfake

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The beginning and the length of minted tokens [D][S].
const (
	mintedPrefix = "pdus+_0XBPWQQ_"
	mintedLength = 64
)

// identity answers as the identity host.
func (c *call) identity() {
	if c.path != "/oauth/token" || c.r.Method != http.MethodPost {
		c.noteUnknown()
		c.send(http.StatusNotFound, "text/html", []byte("<html><body>Not found</body></html>"))
		return
	}
	c.mint()
}

// mint answers a client credentials grant. That errors have the form of RFC 6749 is [I].
func (c *call) mint() {
	r := c.r
	form := r.PostForm
	if form.Get("grant_type") == "" {
		c.oauthError(http.StatusBadRequest, "invalid_request", "Missing parameter: grant_type")
		return
	}
	if form.Get("grant_type") != "client_credentials" {
		c.oauthError(http.StatusBadRequest, "unsupported_grant_type", "Unsupported grant type")
		return
	}
	id, secret := clientCredentials(c.r)
	client, ok := c.s.store.clients[id]
	if !ok || subtle.ConstantTimeCompare([]byte(client.Secret), []byte(secret)) != 1 {
		c.oauthError(http.StatusUnauthorized, "invalid_client", "Client authentication failed")
		return
	}
	account, err := c.s.store.account(client.Account)
	if err != nil {
		c.oauthError(http.StatusBadRequest, "invalid_request", "Unknown account")
		return
	}
	// The region and the account go in the scope; a wrong one is just an invalid scope [S].
	as := "as_account-" + account.Region + "." + account.Subdomain
	asked := strings.Fields(form.Get("scope"))
	if !slices.Contains(asked, as) {
		c.oauthError(http.StatusBadRequest, "invalid_scope", "Invalid scope")
		return
	}
	granted := []string{as}
	for _, sc := range asked {
		switch {
		case slices.Contains(granted, sc):
		case slices.Contains(client.Scopes, sc):
			granted = append(granted, sc)
		case client.RejectUnknownScopes, strings.HasPrefix(sc, "as_account-"):
			c.oauthError(http.StatusBadRequest, "invalid_scope", "Invalid scope")
			return
		}
	}
	token := mintedPrefix + randomText(mintedLength-len(mintedPrefix))
	c.s.store.add(token, &credential{
		scheme: schemeBearer, account: account, app: true, scopes: granted,
		expires: c.s.now().Add(client.ExpiresIn),
	})
	c.w.Header().Set("Cache-Control", "no-store")
	c.object(map[string]any{
		"access_token": token,
		"scope":        strings.Join(granted, " "),
		"token_type":   "bearer",
		"expires_in":   int(client.ExpiresIn / time.Second),
	})
}

func (c *call) oauthError(status int, code, description string) {
	c.marshal(status, map[string]any{"error": code, "error_description": description})
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

// clientID is what a fault's Token is compared with at the identity host.
func clientID(r *http.Request) string {
	id, _ := clientCredentials(r)
	return id
}

// randomText is n characters that can stand in a header.
func randomText(n int) string {
	b := make([]byte, n)
	// crypto/rand.Read never fails: it ends the program instead.
	_, _ = rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)[:n]
}
