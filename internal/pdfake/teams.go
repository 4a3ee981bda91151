package pdfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// teamRecord is a team of an account. It never changes once it is in the store.
type teamRecord struct {
	account, id, name string
	description       any // a string, or nil
}

func (t *teamRecord) reference(a *Account) map[string]any { return reference("team", t.id, t.name, a) }

func (t *teamRecord) json(a *Account) map[string]any {
	m := t.reference(a)
	m["type"], m["name"], m["description"] = "team", t.name, t.description
	m["default_role"], m["parent"] = "manager", nil
	return m
}

// seedTeams takes those that were asked for and those of the users. It runs before the server.
func (st *store) seedTeams(c *config) error {
	for _, s := range c.teams {
		a, err := st.account(s.account)
		if err != nil {
			return fmt.Errorf("team %q: %w", s.team.ID, err)
		}
		st.teams = append(st.teams, &teamRecord{account: a.Subdomain, id: s.team.ID, name: s.team.Name})
	}
	known := make(map[[2]string]bool)
	for _, t := range st.teams {
		known[[2]string{t.account, t.id}] = true
	}
	for _, u := range st.users {
		for _, t := range u.Teams {
			if key := [2]string{u.Account, t.ID}; !known[key] {
				known[key] = true
				st.teams = append(st.teams, &teamRecord{account: u.Account, id: t.ID, name: t.Name})
			}
		}
	}
	return nil
}

// addTeam is false where the account has a team of that name: names are unique [D].
func (st *store) addTeam(t *teamRecord) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, other := range st.teams {
		if other.account == t.account && strings.EqualFold(other.name, t.name) {
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
	found := slices.DeleteFunc(c.s.store.teamsOf(c.cred.account.Subdomain), func(t *teamRecord) bool {
		return !contains(t.name, query)
	})
	sendPage(c, "teams", found, func(t *teamRecord) any { return t.json(c.cred.account) })
}

func (c *call) getTeam() {
	t := c.s.store.team(c.cred.account.Subdomain, c.lastElement())
	if t == nil {
		c.notFound()
		return
	}
	c.object(map[string]any{"team": t.json(c.cred.account)})
}

// teamRequest is what a new team is made from.
type teamRequest struct {
	Name        string  `json:"name"`
	Description *string `json:"description"`
}

// createTeam takes the team as "team" [D], or bare, as PagerDuty's own Go client sends it [D].
func (c *call) createTeam() {
	var req struct {
		teamRequest
		Team *teamRequest `json:"team"`
	}
	err := json.Unmarshal(c.body, &req)
	if req.Team == nil {
		req.Team = &req.teamRequest
	}
	if err != nil || req.Team.Name == "" {
		c.invalid("Name can't be blank.")
		return
	}
	t := &teamRecord{account: c.cred.account.Subdomain, id: newTeamID(), name: req.Team.Name}
	if req.Team.Description != nil {
		t.description = *req.Team.Description
	}
	if !c.s.store.addTeam(t) {
		c.invalid("Name has already been taken.")
		return
	}
	c.marshal(http.StatusCreated, map[string]any{"team": t.json(c.cred.account)})
}

func (c *call) deleteTeam() {
	if !c.s.store.deleteTeam(c.cred.account.Subdomain, c.lastElement()) {
		c.notFound()
		return
	}
	c.w.WriteHeader(http.StatusNoContent)
}

// newTeamID has the form of PagerDuty's: a P and upper-case letters and digits [S].
func newTeamID() string { return "P" + strings.ToUpper(newRequestID()[:13]) }
