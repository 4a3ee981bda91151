package pdfake

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Request is what a listener saw of one request.
type Request struct {
	Time time.Time
	// Duration is the time until the handler was done, 0 before.
	Duration time.Duration
	// Listener is "us", "eu" or "identity".
	Listener string
	Method   string
	Path     string
	RawQuery string
	Host     string
	Proto    string
	Header   http.Header
	// Form is the body of a request to the identity host.
	Form url.Values
	// Body is that of a request to the API.
	Body string
	// Status is 0 where no status was sent.
	Status int
	// Token is what stood after "Token token=" or "Bearer ", or at the identity host the client's ID.
	Token string
	// RequestID is the x-request-id that was answered.
	RequestID string
}

// maxRecorded keeps a server that runs for days from growing: older requests are forgotten.
const maxRecorded = 10_000

// journal is the server's memory of requests, which their handlers still complete.
type journal struct {
	mu       sync.Mutex
	requests []*Request
	unknown  []string
}

func (j *journal) add(listener string, r *http.Request, body []byte) *Request {
	_, token := splitAuthorization(r.Header)
	if listener == ListenerIdentity {
		token, _ = clientCredentials(r)
	}
	req := &Request{
		Time:      time.Now(),
		Listener:  listener,
		Method:    r.Method,
		Path:      r.URL.Path,
		RawQuery:  r.URL.RawQuery,
		Host:      r.Host,
		Proto:     r.Proto,
		Header:    r.Header.Clone(),
		Form:      r.PostForm,
		Body:      string(body),
		Token:     token,
		RequestID: newRequestID(),
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.requests = append(j.requests[max(0, len(j.requests)+1-maxRecorded):], req)
	return req
}

func (j *journal) setStatus(req *Request, status int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if req.Status == 0 {
		req.Status = status
	}
}

func (j *journal) finish(req *Request) Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	req.Duration = time.Since(req.Time)
	return req.clone()
}

func (r *Request) clone() Request {
	c := *r
	c.Header, c.Form = c.Header.Clone(), url.Values(http.Header(c.Form).Clone())
	return c
}

func (j *journal) addUnknown(listener, method, path string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.unknown = append(j.unknown[max(0, len(j.unknown)+1-maxRecorded):], listener+": "+method+" "+path)
}

func (j *journal) unknownRoutes() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.unknown)
}

// Requests are copies of all requests so far, in order of arrival, of all listeners.
func (j *journal) Requests() []Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := make([]Request, len(j.requests))
	for i, r := range j.requests {
		out[i] = r.clone()
	}
	return out
}

// ResetRequests forgets the requests so far.
func (j *journal) ResetRequests() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.requests = nil
}

// newRequestID has the form of PagerDuty's: 32 hex digits [S].
func newRequestID() string {
	var b [16]byte
	// crypto/rand.Read never fails: it ends the program instead.
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// The schemes of the Authorization header [D].
const (
	schemeToken  = "Token"
	schemeBearer = "Bearer"
)

// splitAuthorization is strict: any other form than PagerDuty's two has no scheme, and gets 401 [S].
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

// answer is the http.ResponseWriter of the handlers: it notes the status and counts the bytes.
type answer struct {
	http.ResponseWriter
	journal *journal
	req     *Request
	bytes   *atomic.Int64
}

// sent notes what goes past the ResponseWriter as well.
func (a *answer) sent(status, bytes int) {
	a.journal.setStatus(a.req, status)
	a.bytes.Add(int64(bytes))
}

func (a *answer) WriteHeader(status int) {
	a.sent(status, 0)
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	a.sent(http.StatusOK, len(b)) // first, as the client may have it all before Write returns
	return a.ResponseWriter.Write(b)
}

// Unwrap serves [http.ResponseController].
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
