package pdfake

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// credential is what a token stands for, once it is known.
type credential struct {
	scheme   string
	account  *Account
	user     *User // nil for an account API token and for an app's
	readOnly bool
	scopes   []string // not enforced where nil
	expires  time.Time
	revoked  bool
}

// bucket is what the rate limit counts by: the user over all its tokens, else the token [D].
func (c credential) bucket(token string) string {
	if c.user != nil {
		return "user " + c.user.ID
	}
	return "token " + token
}

// store holds what the server was seeded with, and the minted tokens.
type store struct {
	accounts []*Account
	users    []*User
	clients  map[string]*OAuthClient

	mu     sync.Mutex
	tokens map[string]*credential
	teams  []*teamRecord
}

// seed checks the seeds. Its errors name a token by its place, never by its value.
func (st *store) seed(c *config) error {
	st.clients, st.tokens = make(map[string]*OAuthClient), make(map[string]*credential)
	for _, seed := range []func(*config) error{st.seedAccounts, st.seedUsers, st.seedTokens, st.seedClients} {
		if err := seed(c); err != nil {
			return err
		}
	}
	st.seedTeams()
	return nil
}

func (st *store) seedAccounts(c *config) error {
	for _, a := range c.accounts {
		a.Region = cmp.Or(a.Region, RegionUS)
		switch {
		case a.Subdomain == "":
			return errors.New("an account without a subdomain")
		case a.Region != RegionUS && a.Region != RegionEU:
			return fmt.Errorf("account %q: unknown region %q", a.Subdomain, a.Region)
		case a.State != "" && a.State != StateExpired && a.State != StateLicenseExpired:
			return fmt.Errorf("account %q: unknown state %q", a.Subdomain, a.State)
		}
		st.accounts = append(st.accounts, &a)
	}
	return nil
}

func (st *store) seedUsers(c *config) error {
	for _, u := range c.users {
		a, err := st.account(u.Account)
		if err != nil {
			return fmt.Errorf("user %q: %w", u.ID, err)
		}
		u.Account = a.Subdomain
		st.users = append(st.users, &u)
	}
	return nil
}

func (st *store) seedTokens(c *config) error {
	for i, t := range c.tokens {
		cred, err := st.owner(t.Account, t.User)
		_, dup := st.tokens[t.Token]
		switch {
		case err != nil:
		case (t.Kind == UserToken) != (cred.user != nil):
			err = errors.New("user tokens, and only they, name a user")
		case t.Token == "":
			err = errors.New("it is empty")
		case dup:
			err = errors.New("it is there already")
		}
		if err != nil {
			return fmt.Errorf("token %d: %w", i, err)
		}
		cred.scheme, cred.scopes = t.scheme, t.scopes
		cred.readOnly, cred.revoked = t.Kind == ReadOnlyAccountToken, t.Revoked
		st.tokens[t.Token] = cred
	}
	return nil
}

func (st *store) seedClients(c *config) error {
	for i, o := range c.clients {
		a, err := st.account(o.Account)
		if err != nil {
			return fmt.Errorf("OAuth client %d: %w", i, err)
		}
		o.Account = a.Subdomain
		st.clients[o.ID] = &o
	}
	return nil
}

func (st *store) account(subdomain string) (*Account, error) {
	if subdomain == "" && len(st.accounts) == 1 {
		return st.accounts[0], nil
	}
	for _, a := range st.accounts {
		if a.Subdomain == subdomain {
			return a, nil
		}
	}
	return nil, fmt.Errorf("no account %q", subdomain)
}

// owner finds the user, where one is named, and the account.
func (st *store) owner(subdomain, userID string) (*credential, error) {
	if userID == "" {
		a, err := st.account(subdomain)
		return &credential{account: a}, err
	}
	for _, u := range st.users {
		if u.ID == userID && (subdomain == "" || subdomain == u.Account) {
			a, err := st.account(u.Account)
			return &credential{account: a, user: u}, err
		}
	}
	return nil, fmt.Errorf("no user %q", userID)
}

// addToken stores a minted token.
func (st *store) addToken(token string, c *credential) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.tokens[token] = c
}

// Revoke stops an API token, a user's OAuth token or a minted one from working.
func (st *store) Revoke(token string) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if c, ok := st.tokens[token]; ok {
		c.revoked = true
	}
}

// authenticate finds who a request speaks for, on a region's listener. PagerDuty does not say
// why it does not know someone, so neither does this.
func (st *store) authenticate(scheme, token, region string, now time.Time) (credential, bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	c, ok := st.tokens[token]
	switch {
	case !ok, c.revoked, c.scheme != scheme,
		c.account.Region != region,
		c.account.State == StateLicenseExpired,
		c.user != nil && c.user.Deactivated,
		!c.expires.IsZero() && !now.Before(c.expires):
		return credential{}, false
	}
	return *c, true
}

// listed are the users of an account that a list shows.
func (st *store) listed(subdomain string) []*User {
	var out []*User
	for _, u := range st.users {
		if u.Account == subdomain && !u.Deactivated {
			out = append(out, u)
		}
	}
	return out
}

// knownAbilities are some that exist, so that an account can lack them. The set is open [D].
var knownAbilities = []string{
	"teams", "advanced_permissions", "read_only_users", "response_operations", "service_support_hours",
	"sso", "urgencies", "coordinated_responding", "event_rules", "manage_schedules", "manage_api_keys",
	"permissions_service", "status_updates", "preview_intelligent_alert_grouping",
}

func (st *store) abilityExists(name string) bool {
	return slices.Contains(knownAbilities, name) ||
		slices.ContainsFunc(st.accounts, func(a *Account) bool { return slices.Contains(a.Abilities, name) })
}

// host is a real one, with the subdomain or "api" [S]: that is what the API's answers name, whatever
// host they came from.
func (a *Account) host(name string) string {
	if a.Region == RegionEU {
		return name + ".eu.pagerduty.com"
	}
	return name + ".pagerduty.com"
}

// reference is how an object names another, "user" or "team" [D].
func reference(kind, id, name string, a *Account) map[string]any {
	path := "/" + kind + "s/" + id
	return map[string]any{
		"id": id, "type": kind + "_reference", "summary": name,
		"self": "https://" + a.host("api") + path, "html_url": "https://" + a.host(a.Subdomain) + path,
	}
}
