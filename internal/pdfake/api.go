package pdfake

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
)

// The content types of most responses.
const (
	jsonType = "application/json; charset=utf-8"
	htmlType = "text/html; charset=utf-8"
)

// The texts of real responses.
const (
	accept = "application/vnd.pagerduty+json;version=2" // [D]
	// accountKeyUsersMe has a string as its error, and not the documented object [D].
	accountKeyUsersMe = `{"error":"Because this request was made using an account-level access token, ` +
		`we were unable to determine the user's identity. Please use a user-level token."}`
	accessDenied = `{"error":{"message":"Access Denied","code":2010}}` // [D]
	notFound     = `{"error":{"message":"Not Found","code":2100}}`     // [D]
	rateLimited  = `{"error":{"message":"Rate Limit Exceeded","code":2020}}`
	expired      = `{"error":{"message":"Account Expired","code":2012,"errors":["The account has expired."]}}`
)

// call is a request and its response.
type call struct {
	s        *Server
	w        *response
	r        *http.Request
	body     []byte
	listener string
	path     string // without the prefix
	conn     *connection
	cred     credential
}

// endpoints are the routes of the API, with the scope that an access token needs.
var endpoints = map[string]struct {
	scope string
	serve func(c *call)
}{
	"GET /users/me":           {"users.read", (*call).usersMe},
	"GET /users":              {"users.read", (*call).users},
	"POST /schedules/preview": {"schedules.write", (*call).previewSchedule},
}

// handle serves a request to any listener.
func (s *Server) handle(listener string, w http.ResponseWriter, r *http.Request) {
	// net/http notices that a client went away only after the body was read. An incomplete body
	// is not JSON, and an invalid form is empty: both are refused below.
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if listener == ListenerIdentity {
		_ = r.ParseForm()
	}
	body, _ := io.ReadAll(r.Body)
	conn, ok := r.Context().Value(connKey{}).(*connection)
	if !ok {
		panic("pdfake: a request without a connection")
	}
	conn.requests++
	req := s.journal.add(listener, conn.number, r, body)
	if s.conf.onRequest != nil {
		defer func() { s.conf.onRequest(s.journal.copyOf(req)) }()
	}
	// Every response has an ID, which PagerDuty's support requests [D].
	w.Header()["x-request-id"] = []string{newRequestID()}

	c := &call{s: s, r: r, body: body, listener: listener, path: r.URL.Path, conn: conn}
	c.w = &response{ResponseWriter: w, journal: &s.journal, req: req}
	if listener != ListenerIdentity {
		c.path, ok = strings.CutPrefix(c.path, s.conf.pathPrefix)
	}
	if !sleep(r, s.conf.latency) {
		panic(http.ErrAbortHandler)
	}
	if b, found := s.match(listener, c.path, req.Token); found && b.serve(c) {
		return
	}
	switch {
	case listener == ListenerIdentity:
		c.identity()
	case !ok:
		c.unknownRoute()
	default:
		c.api()
	}
}

// api responds as the API of a region.
func (c *call) api() {
	ep, known := endpoints[c.r.Method+" "+c.path]
	scheme, token := splitAuthorization(c.r.Header)
	var authentic bool
	cred, authentic := c.s.authenticate(scheme, token, c.listener)
	c.cred = cred
	switch {
	case !known:
		c.unknownRoute()
	case !authentic:
		// The body is empty but has the type of HTML [S].
		c.send(http.StatusUnauthorized, "text/html", nil)
	case c.cred.account.State == StateExpired:
		c.json(http.StatusPaymentRequired, expired)
	case c.r.Header.Get("Accept") != accept:
		// The real API then chooses a version by the token [D]. A client must not rely on that.
		c.invalid("The Accept header has to be " + accept + ".")
	case c.cred.scopes != nil && !slices.Contains(c.cred.scopes, ep.scope):
		c.lacksScope(ep.scope)
	default:
		ep.serve(c)
	}
}

// lacksScope names the scopes in strings, not in lists [S].
func (c *call) lacksScope(scope string) {
	c.marshal(http.StatusForbidden, map[string]any{"error": map[string]any{
		"message":         "Access Denied",
		"code":            2010,
		"errors":          []string{"The token's scopes do not allow this."},
		"required_scopes": scope,
		"token_scopes":    strings.Join(c.cred.scopes, " "),
	}})
}

// invalid sends a 400 in the documented form [D].
func (c *call) invalid(problem string) {
	c.marshal(http.StatusBadRequest, map[string]any{"error": map[string]any{
		"message": "Invalid Input Provided", "code": 2001, "errors": []string{problem},
	}})
}

// unknownRoute sends a 404.
func (c *call) unknownRoute() {
	if c.s.conf.onUnknown != nil {
		c.s.conf.onUnknown(c.listener + ": " + c.r.Method + " " + c.r.URL.Path)
	}
	c.json(http.StatusNotFound, notFound)
}

func (c *call) object(v any) { c.marshal(http.StatusOK, v) }

func (c *call) marshal(status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // a User.Extra without a JSON form
	}
	c.json(status, string(body))
}

func (c *call) json(status int, body string) { c.send(status, jsonType, []byte(body)) }

func (c *call) send(status int, contentType string, body []byte) {
	c.w.Header().Set("Content-Type", contentType)
	c.w.WriteHeader(status)
	_, _ = c.w.Write(body) // the client may have gone
}
