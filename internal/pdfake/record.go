package pdfake

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Request is what a listener saw of one request.
type Request struct {
	Time time.Time
	// Duration is the time until the handler was done, or so far.
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
	// Token is what stood after "Token token=" or "Bearer ".
	Token string
	// RequestID is the x-request-id that was answered.
	RequestID string
}

// record is a request in the journal, which its handler still completes.
type record struct {
	mu   sync.Mutex
	req  Request
	done bool
}

func (r *record) setStatus(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.req.Status == 0 {
		r.req.Status = status
	}
}

func (r *record) finish() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.req.Duration, r.done = time.Since(r.req.Time), true
}

func (r *record) copy() Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.req
	if !r.done {
		c.Duration = time.Since(c.Time)
	}
	c.Header = c.Header.Clone()
	c.Form = url.Values(http.Header(c.Form).Clone())
	return c
}

// journal is the server's memory of requests.
type journal struct {
	mu      sync.Mutex
	records []*record
	unknown []string
}

func (l *journal) add(listener string, r *http.Request, body []byte) *record {
	_, token := splitAuthorization(r.Header)
	rec := &record{req: Request{
		Time:      time.Now(),
		Listener:  listener,
		Method:    r.Method,
		Path:      r.URL.Path,
		RawQuery:  r.URL.RawQuery,
		Host:      r.Host,
		Proto:     r.Proto,
		Header:    r.Header.Clone(),
		Token:     token,
		RequestID: newRequestID(),
	}}
	if listener == ListenerIdentity {
		rec.req.Form = r.PostForm
	} else {
		rec.req.Body = string(body)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.records = append(l.records, rec)
	return rec
}

func (l *journal) addUnknown(listener, method, path string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unknown = append(l.unknown, listener+": "+method+" "+path)
}

func (l *journal) unknownRoutes() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.unknown)
}

func (l *journal) copies() []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Request, len(l.records))
	for i, r := range l.records {
		out[i] = r.copy()
	}
	return out
}

func (l *journal) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.records = nil
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
	rec   *record
	count func(int)
}

func (a *answer) WriteHeader(status int) {
	a.rec.setStatus(status)
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	a.rec.setStatus(http.StatusOK)
	n, err := a.ResponseWriter.Write(b)
	a.count(n)
	return n, err //nolint:wrapcheck // an http.ResponseWriter's errors stay as they are
}

// Unwrap serves [http.ResponseController].
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
