package pdfake

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
)

// The content types of most answers.
const (
	jsonType = "application/json; charset=utf-8"
	htmlType = "text/html; charset=utf-8"
)

// The texts of real answers.
const (
	accept = "application/vnd.pagerduty+json;version=2" // [D]
	// accountKeyUsersMe has its error as a string: the documented object is not what comes [D].
	accountKeyUsersMe = `{"error":"Because this request was made using an account-level access token, ` +
		`we were unable to determine the user's identity. Please use a user-level token."}`
	accessDenied = `{"error":{"message":"Access Denied","code":2010}}` // [D]
	notFound     = `{"error":{"message":"Not Found","code":2100}}`     // [D]
	rateLimited  = `{"error":{"message":"Rate Limit Exceeded","code":2020}}`
	expired      = `{"error":{"message":"Account Expired","code":2012,"errors":["The account has expired."]}}`
	badAccept    = `{"error":{"message":"Invalid Input Provided","code":2001,` +
		`"errors":["The Accept header has to be application/vnd.pagerduty+json;version=2."]}}`
	lacksAbility = `{"error":{"message":"Account does not have the abilities to perform the action.",` +
		`"code":2014,"errors":["The account lacks this ability."]}}`
)

// maxRequestBody is far more than any request here has.
const maxRequestBody = 1 << 20

// call is one request on its way to an answer.
type call struct {
	s        *Server
	w        *answer
	r        *http.Request
	body     []byte
	listener string
	path     string // without the prefix
	below    bool   // below the prefix
	token    string
	conn     *trackedConn
	cred     credential
}

// endpoint answers a call; scope is what an OAuth token needs for it.
type endpoint struct {
	scope string
	serve func(c *call)
	// writes refuses the roles that may not write such objects.
	writes bool
}

// endpoints is the API's route table. A last element {} stands for any.
var endpoints = map[string]endpoint{
	"GET /users/me":           {scope: "users.read", serve: (*call).usersMe},
	"GET /users":              {scope: "users.read", serve: (*call).users},
	"GET /users/{}":           {scope: "users.read", serve: (*call).user},
	"GET /teams":              {scope: "teams.read", serve: (*call).listTeams},
	"POST /teams":             {scope: "teams.write", serve: (*call).createTeam, writes: true},
	"GET /teams/{}":           {scope: "teams.read", serve: (*call).getTeam},
	"DELETE /teams/{}":        {scope: "teams.write", serve: (*call).deleteTeam, writes: true},
	"GET /abilities":          {scope: "abilities.read", serve: (*call).abilities},
	"GET /abilities/{}":       {scope: "abilities.read", serve: (*call).ability},
	"POST /schedules/preview": {scope: "schedules.write", serve: (*call).previewSchedule, writes: true},
}

func route(method, path string) (endpoint, bool) {
	if method == http.MethodHead {
		method = http.MethodGet // net/http leaves the body out
	}
	if ep, ok := endpoints[method+" "+path]; ok {
		return ep, true
	}
	i := strings.LastIndexByte(path, '/')
	if i < 1 || i == len(path)-1 {
		return endpoint{}, false
	}
	ep, ok := endpoints[method+" "+path[:i]+"/{}"]
	return ep, ok
}

// handle is what all requests have in common.
func (s *Server) handle(listener string, w http.ResponseWriter, r *http.Request) {
	body := s.readBody(listener, w, r)
	req := s.journal.add(listener, r, body)
	defer func() {
		done := s.finish(req)
		if s.conf.onRequest != nil {
			s.conf.onRequest(done)
		}
	}()
	// Each answer has one: it is what PagerDuty's support asks for [D].
	w.Header()["x-request-id"] = []string{req.RequestID}

	c := &call{s: s, r: r, body: body, listener: listener, path: r.URL.Path, below: true, token: req.Token}
	c.w = &answer{ResponseWriter: w, journal: &s.journal, req: req, bytes: &s.bytes}
	c.conn, _ = r.Context().Value(connKey{}).(*trackedConn)
	c.conn.requests.Add(1)
	if listener != ListenerIdentity {
		c.path, c.below = strings.CutPrefix(c.path, s.conf.pathPrefix)
		c.below = c.below && strings.HasPrefix(c.path, "/")
	}
	if !s.sleep(r, s.conf.latency) {
		panic(http.ErrAbortHandler)
	}
	if b, ok := s.match(listener, c.path, c.token); ok && b.serve(c) {
		return
	}
	c.serve()
}

// serve gives the answer that is due where no fault acts.
func (c *call) serve() {
	switch {
	case c.listener == ListenerIdentity:
		c.identity()
	case !c.below:
		c.noteUnknown()
		c.notFound()
	default:
		c.api()
	}
}

// readBody takes the whole body: for the form, for requests that write, and because net/http only
// notices that a client went away once the body was read.
func (s *Server) readBody(name string, w http.ResponseWriter, r *http.Request) []byte {
	body := http.MaxBytesReader(w, r.Body, maxRequestBody)
	r.Body = body
	if name == ListenerIdentity {
		// A body that is no form leaves the form empty, which is answered below.
		_ = r.ParseForm()
	}
	// A body that broke off is no JSON, which is answered below.
	all, _ := io.ReadAll(body)
	return all
}

// api answers as the API of a region.
func (c *call) api() {
	ep, known := route(c.r.Method, c.path)
	scheme, token := splitAuthorization(c.r.Header)
	cred, ok := c.s.authenticate(scheme, token, c.listener, c.s.now())
	c.cred = cred
	write := c.r.Method != http.MethodGet && c.r.Method != http.MethodHead
	if !known && (!write || !cred.readOnly) {
		c.noteUnknown()
	}
	if !ok {
		c.unauthorized()
		return
	}
	if cred.account.State == StateExpired {
		c.json(http.StatusPaymentRequired, expired)
		return
	}
	if limit := c.s.conf.rateLimit; limit > 0 {
		remaining, reset := c.s.take(cred.bucket(token), limit, c.s.now())
		limitHeaders(c.w.Header(), limit, remaining, reset)
		if remaining < 0 {
			c.json(http.StatusTooManyRequests, rateLimited)
			return
		}
	}
	switch {
	case write && cred.readOnly:
		// The only way to tell a read-only token from one with full access, and not one to take [D].
		c.json(http.StatusForbidden, accessDenied)
	case !known:
		c.notFound()
	case !slices.Equal(c.r.Header.Values("Accept"), []string{accept}):
		// The real API chooses a version by the token instead [D]: no client here may rely on it.
		c.json(http.StatusBadRequest, badAccept)
	case cred.scopes != nil && !slices.Contains(cred.scopes, ep.scope):
		c.lacksScope(ep.scope)
	case ep.writes && cred.user != nil && slices.Contains(rolesWithoutWriting, cred.user.Role):
		c.json(http.StatusForbidden, accessDenied)
	default:
		ep.serve(c)
	}
}

func (c *call) abilities() {
	c.object(map[string]any{"abilities": append([]string{}, c.cred.account.Abilities...)}) // never null
}

func (c *call) ability() {
	name := c.lastElement()
	switch {
	case slices.Contains(c.cred.account.Abilities, name):
		c.w.WriteHeader(http.StatusNoContent)
	case c.s.abilityExists(name):
		c.json(http.StatusPaymentRequired, lacksAbility)
	default:
		c.notFound()
	}
}

// unauthorized has an empty body that calls itself HTML [S].
func (c *call) unauthorized() {
	c.w.Header().Set("Content-Type", "text/html")
	c.w.WriteHeader(http.StatusUnauthorized)
}

// lacksScope has the scopes as strings, not as lists [S].
func (c *call) lacksScope(scope string) {
	c.marshal(http.StatusForbidden, map[string]any{"error": map[string]any{
		"message":         "Access Denied",
		"code":            2010,
		"errors":          []string{"The token's scopes do not allow this."},
		"required_scopes": scope,
		"token_scopes":    strings.Join(c.cred.scopes, " "),
	}})
}

func (c *call) noteUnknown() {
	c.s.addUnknown(c.listener, c.r.Method, c.r.URL.Path)
}

// lastElement is the path's, where the route has {}.
func (c *call) lastElement() string { return c.path[strings.LastIndexByte(c.path, '/')+1:] }

func (c *call) object(v any) { c.marshal(http.StatusOK, v) }
func (c *call) notFound()    { c.json(http.StatusNotFound, notFound) }

func (c *call) marshal(status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		// Only a User.Extra can be at fault.
		c.json(http.StatusInternalServerError, `{"error":{"message":"Internal Server Error","code":2000}}`)
		return
	}
	c.json(status, string(body))
}

func (c *call) json(status int, body string) {
	c.send(status, jsonType, []byte(body))
}

func (c *call) send(status int, contentType string, body []byte) {
	c.w.Header().Set("Content-Type", contentType)
	c.w.WriteHeader(status)
	_, _ = c.w.Write(body) // the client may have gone
}
