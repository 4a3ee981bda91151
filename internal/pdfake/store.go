package pdfake

import (
	"cmp"
	"sync"
)

// credential holds the owner and the rights of a token.
type credential struct {
	scheme   string
	account  *Account
	user     *User // nil for an account API token and for an app's access token
	readOnly bool
	scopes   []string // not enforced if nil
	revoked  bool
}

// store holds the seeds and the issued access tokens.
type store struct {
	accounts []*Account
	users    []*User
	clients  map[string]*OAuthClient

	mu     sync.Mutex
	tokens map[string]*credential
}

func (st *store) seed(c *config) {
	st.clients, st.tokens = make(map[string]*OAuthClient), make(map[string]*credential)
	for _, a := range c.accounts {
		a.Region = cmp.Or(a.Region, RegionUS)
		st.accounts = append(st.accounts, &a)
	}
	for _, u := range c.users {
		u.Account = st.account(u.Account).Subdomain
		st.users = append(st.users, &u)
	}
	for _, t := range c.tokens {
		cred := &credential{scheme: schemeToken, readOnly: t.Kind == ReadOnlyAccountToken, revoked: t.Revoked}
		if t.Kind == UserOAuthToken {
			cred.scheme = schemeBearer
		}
		if t.Kind == UserToken || t.Kind == UserOAuthToken {
			cred.user = st.user(t.Account, t.User)
			t.Account = cred.user.Account
		}
		cred.account = st.account(t.Account)
		st.tokens[t.Token] = cred
	}
	for _, o := range c.clients {
		o.Account = st.account(o.Account).Subdomain
		st.clients[o.ID] = &o
	}
}

// account finds an account. The subdomain may be empty if there is only one.
func (st *store) account(subdomain string) *Account {
	if subdomain == "" && len(st.accounts) == 1 {
		return st.accounts[0]
	}
	for _, a := range st.accounts {
		if a.Subdomain == subdomain {
			return a
		}
	}
	panic("pdfake: unknown account " + subdomain)
}

func (st *store) user(subdomain, id string) *User {
	for _, u := range st.users {
		if u.ID == id && (subdomain == "" || subdomain == u.Account) {
			return u
		}
	}
	panic("pdfake: unknown user " + id)
}

// addToken stores an issued access token.
func (st *store) addToken(token string, c *credential) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.tokens[token] = c
}

// authenticate finds the credential of a request to a region's listener. PagerDuty does not say
// why it rejects one, so neither does this.
func (st *store) authenticate(scheme, token, region string) (credential, bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	c, ok := st.tokens[token]
	if !ok || c.revoked || c.scheme != scheme || c.account.Region != region ||
		c.account.State == StateLicenseExpired || c.user != nil && c.user.Deactivated {
		return credential{}, false
	}
	return *c, true
}

// listed returns the users of an account that a list shows.
func (st *store) listed(subdomain string) []*User {
	var out []*User
	for _, u := range st.users {
		if u.Account == subdomain && !u.Deactivated {
			out = append(out, u)
		}
	}
	return out
}

// host returns a real host of the account's region: of a subdomain, or "api" [S]. The API's
// responses name these hosts, not the one of the request.
func (a *Account) host(name string) string {
	if a.Region == RegionEU {
		return name + ".eu.pagerduty.com"
	}
	return name + ".pagerduty.com"
}

// reference returns the short form in which an object names a "user" or a "team" [D].
func (a *Account) reference(kind, id, name string) map[string]any {
	path := "/" + kind + "s/" + id
	return map[string]any{
		"id": id, "type": kind + "_reference", "summary": name,
		"self": "https://" + a.host("api") + path, "html_url": "https://" + a.host(a.Subdomain) + path,
	}
}
