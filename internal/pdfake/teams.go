package pdfake

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// teamRecord is a team of an account. It never changes once it is in the store.
type teamRecord struct {
	account, id string
	Name        string `json:"name"`
	Description any    `json:"description"`
}

func (t *teamRecord) reference(a *Account) map[string]any { return reference("team", t.id, t.Name, a) }

func (t *teamRecord) json(a *Account) map[string]any {
	m := t.reference(a)
	m["type"], m["name"], m["description"] = "team", t.Name, t.Description
	m["default_role"], m["parent"] = "manager", nil
	return m
}

// seedTeams takes those of the users.
func (st *store) seedTeams() {
	for _, u := range st.users {
		for _, t := range u.Teams {
			if st.team(u.Account, t.ID) == nil {
				st.teams = append(st.teams, &teamRecord{account: u.Account, id: t.ID, Name: t.Name})
			}
		}
	}
}

// addTeam is false where the account has a team of that name: names are unique [D].
func (st *store) addTeam(t *teamRecord) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, other := range st.teams {
		if other.account == t.account && strings.EqualFold(other.Name, t.Name) {
			return false
		}
	}
	st.teams = append(st.teams, t)
	return true
}

func (st *store) teamsOf(account string) []*teamRecord {
	st.mu.Lock()
	defer st.mu.Unlock()
	var out []*teamRecord
	for _, t := range st.teams {
		if t.account == account {
			out = append(out, t)
		}
	}
	return out
}

// team is nil where there is none.
func (st *store) team(account, id string) *teamRecord {
	for _, t := range st.teamsOf(account) {
		if t.id == id {
			return t
		}
	}
	return nil
}

func (st *store) deleteTeam(account, id string) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	before := len(st.teams)
	st.teams = slices.DeleteFunc(st.teams, func(t *teamRecord) bool { return t.account == account && t.id == id })
	return len(st.teams) < before
}

// listTeams lists those whose name contains the query [D].
func (c *call) listTeams() {
	query := c.r.URL.Query().Get("query")
	found := slices.DeleteFunc(c.s.teamsOf(c.cred.account.Subdomain), func(t *teamRecord) bool {
		return !contains(t.Name, query)
	})
	sendPage(c, "teams", found, func(t *teamRecord) any { return t.json(c.cred.account) })
}

func (c *call) getTeam() {
	t := c.s.team(c.cred.account.Subdomain, c.lastElement())
	if t == nil {
		c.notFound()
		return
	}
	c.object(map[string]any{"team": t.json(c.cred.account)})
}

// createTeam takes the team as "team" [D], or bare, as PagerDuty's own Go client sends it [D].
func (c *call) createTeam() {
	var req struct {
		teamRecord
		Team *teamRecord `json:"team"`
	}
	err := json.Unmarshal(c.body, &req)
	t := cmp.Or(req.Team, &req.teamRecord)
	if err != nil || t.Name == "" {
		c.invalid("Name can't be blank.")
		return
	}
	// PagerDuty's IDs are a P and upper-case letters and digits [S].
	t.account, t.id = c.cred.account.Subdomain, "P"+rand.Text()[:13]
	if !c.s.addTeam(t) {
		c.invalid("Name has already been taken.")
		return
	}
	c.marshal(http.StatusCreated, map[string]any{"team": t.json(c.cred.account)})
}

func (c *call) deleteTeam() {
	if !c.s.deleteTeam(c.cred.account.Subdomain, c.lastElement()) {
		c.notFound()
		return
	}
	c.w.WriteHeader(http.StatusNoContent)
}
