package pagerduty

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// maxBody is the most that is read of an answer, after decompression.
	maxBody = 1 << 20
	// maxPage is how much is looked at of a body that is larger than maxBody: enough to
	// see whose page it is.
	maxPage = 64 << 10
	// longestWait is the longest that a server can plausibly ask a client to wait:
	// PagerDuty counts requests by the minute [D]. A larger figure is something
	// else, such as a point in time.
	longestWait = time.Hour
	// bodyPatience bounds the reading of a body where the status alone decides: a
	// verdict does not wait for a page.
	bodyPatience = 2 * time.Second
)

// answer is an HTTP answer, whatever its status.
type answer struct {
	status    int
	protocol  string
	header    http.Header
	body      []byte
	tooLarge  bool
	broken    error // why the body could not be read to its end
	requestID string
	wait      time.Duration
	waitKnown bool
	outOfTime bool // another attempt was left, but not the time for it
	held      bool // given again: nothing was asked
}

// readAnswer reads at most maxBody of the body and closes it. What is wrong with
// the body never hides the status. A 101 has no body: what net/http gives as one is
// the bare connection, which no context closes.
func readAnswer(res *http.Response, r *call) *answer {
	defer func() { _ = res.Body.Close() }()
	source := io.LimitReader(res.Body, maxBody+1)
	if res.StatusCode < http.StatusOK {
		source = http.NoBody
	}
	body, err := io.ReadAll(source)
	a := &answer{status: res.StatusCode, protocol: res.Proto, header: res.Header, body: body, broken: err}
	if len(body) > maxBody {
		a.tooLarge, a.body = true, body[:maxPage]
	}
	a.requestID = requestID(res.Header.Get("X-Request-Id"), r.redactor())
	a.wait, a.waitKnown = askedWait(res.Header, time.Now())
	return a
}

// bodyDecides reports whether an answer with this status says nothing without the
// whole of its body. The other statuses mean the same whatever follows.
func (r *call) bodyDecides(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusPaymentRequired, http.StatusForbidden:
		return true
	case http.StatusUnauthorized:
		return r.mint
	}
	return status >= 200 && status <= 299
}

// askedWait reads how long the server asks to wait: ratelimit-reset (seconds [D])
// or Retry-After (seconds or a date; not documented by PagerDuty, sent by load
// balancers), whichever is longer. An implausible wait is ignored. A date counts from
// the server's own: the clock of this machine may be wrong.
func askedWait(h http.Header, now time.Time) (wait time.Duration, known bool) {
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	for _, name := range []string{"Ratelimit-Reset", "Retry-After"} {
		value := strings.TrimSpace(h.Get(name))
		asked := time.Duration(-1)
		if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds >= 0 && seconds <= longestWait.Seconds() {
			asked = time.Duration(seconds * float64(time.Second))
		} else if at, err := http.ParseTime(value); err == nil && at.Sub(now) <= longestWait {
			asked = max(at.Sub(now), 0)
		}
		if asked >= 0 {
			wait, known = max(wait, asked), true
		}
	}
	return wait, known
}

// requestID returns "" for an x-request-id that is none: a server can put anything there.
func requestID(value string, redact redactor) string {
	if len(value) > 128 || strings.ContainsFunc(value, notIn("-_.")) {
		return ""
	}
	return redact.text(value, 128)
}
