package pdfake

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// Request is a request as a listener received it.
type Request struct {
	// Listener is "us", "eu" or "identity".
	Listener string
	// Connection numbers the connections of all listeners, starting at 1. Requests with the same
	// number came over the same connection.
	Connection int
	Method     string
	Path       string
	RawQuery   string
	Host       string
	Header     http.Header
	// Form is the body of a request to the identity host.
	Form url.Values
	// Body is the body of a request to the API.
	Body string
	// Status is 0 if no status was sent.
	Status int
	// Token follows "Token token=" or "Bearer ". At the identity host it is the client ID.
	Token string
}

// journal records requests. Their handlers add the status.
type journal struct {
	mu       sync.Mutex
	requests []*Request
}

func (j *journal) add(listener string, connection int, r *http.Request, body []byte) *Request {
	req := &Request{
		Listener:   listener,
		Connection: connection,
		Method:     r.Method,
		Path:       r.URL.Path,
		RawQuery:   r.URL.RawQuery,
		Host:       r.Host,
		Header:     r.Header.Clone(),
		Form:       r.PostForm,
		Body:       string(body),
		Token:      r.PostForm.Get("client_id"),
	}
	if listener != ListenerIdentity {
		_, req.Token = splitAuthorization(r.Header)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.requests = append(j.requests, req)
	return req
}

func (j *journal) setStatus(req *Request, status int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if req.Status == 0 {
		req.Status = status
	}
}

func (j *journal) copyOf(req *Request) Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	return *req
}

// Requests returns the requests of all listeners so far, in order of arrival.
func (j *journal) Requests() []Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := make([]Request, len(j.requests))
	for i, r := range j.requests {
		out[i] = *r
	}
	return out
}

// ResetRequests forgets the requests so far.
func (j *journal) ResetRequests() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.requests = nil
}

// newRequestID returns an ID in the form of PagerDuty's: 32 hex digits [S].
func newRequestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	return fmt.Sprintf("%x", b)
}

// The schemes of the Authorization header [D].
const (
	schemeToken  = "Token"
	schemeBearer = "Bearer"
)

// splitAuthorization accepts PagerDuty's two forms only. Other forms have no scheme and get 401 [S].
func splitAuthorization(h http.Header) (scheme, token string) {
	values := h.Values("Authorization")
	if len(values) != 1 {
		return "", ""
	}
	if t, ok := strings.CutPrefix(values[0], "Token token="); ok {
		return schemeToken, t
	}
	if t, ok := strings.CutPrefix(values[0], "Bearer "); ok {
		return schemeBearer, t
	}
	return "", ""
}

// response is the http.ResponseWriter of the handlers. It records the status.
type response struct {
	http.ResponseWriter
	journal *journal
	req     *Request
}

func (r *response) WriteHeader(status int) {
	r.journal.setStatus(r.req, status)
	r.ResponseWriter.WriteHeader(status)
}

func (r *response) Write(b []byte) (int, error) {
	r.journal.setStatus(r.req, http.StatusOK) // first: the client may have it all before Write returns
	return r.ResponseWriter.Write(b)
}

// Unwrap serves [http.ResponseController].
func (r *response) Unwrap() http.ResponseWriter { return r.ResponseWriter }
