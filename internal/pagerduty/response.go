package pagerduty

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// maxBody is the maximum number of bytes of a body that are read.
	maxBody = 1 << 20
	// longestWait is the longest plausible wait: PagerDuty counts requests by the
	// minute [D]. A larger number is something else, such as a point in time.
	longestWait = time.Hour
)

// response is an HTTP response, whatever its status.
type response struct {
	status    int
	header    http.Header
	body      []byte
	object    object // the body's JSON object, or nil
	tooLarge  bool
	requestID string // in PagerDuty's form, or ""
	wait      time.Duration
	waitKnown bool
}

// bodyDecides reports whether a response with this status means nothing without its
// whole body. Other statuses mean the same with any body.
func bodyDecides(status int) bool {
	return status == http.StatusOK || status >= 400 && status <= 403
}

// readResponse reads at most maxBody of the body and closes it. It returns an error if the
// connection was lost before the end of the body.
func readResponse(raw *http.Response, redact redactor) (*response, error) {
	defer func() { _ = raw.Body.Close() }()
	res := &response{status: raw.StatusCode, header: raw.Header, requestID: requestID(raw.Header, redact)}
	res.wait, res.waitKnown = requestedWait(raw.Header, time.Now())
	if raw.StatusCode < http.StatusOK {
		return res, nil // the body of a 101 is the bare connection, which no context closes
	}
	body, err := io.ReadAll(io.LimitReader(raw.Body, maxBody+1))
	if err != nil && !isLost(err) {
		body, err = []byte(damaged), nil // invalid chunks, but the connection is not lost
	}
	switch encoding := strings.ToLower(raw.Header.Get("Content-Encoding")); {
	case encoding == "gzip" && err == nil:
		body = gunzip(body) // no compression was requested
	case encoding != "" && encoding != "gzip" && encoding != "identity" && len(body) > 0:
		body = []byte(damaged)
	}
	if len(body) > maxBody {
		res.tooLarge, body = true, body[:maxBody]
	}
	res.body = bytes.TrimSpace(body)
	res.object = parse(res.body)
	return res, err
}

// damaged is the body of a response whose body cannot be decoded. It is not empty, and
// neither JSON nor text.
const damaged = "\x00"

// gunzip returns the decompressed body.
func gunzip(body []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return []byte(damaged)
	}
	plain, err := io.ReadAll(io.LimitReader(z, maxBody+1))
	if err != nil {
		return []byte(damaged)
	}
	return plain
}

// requestedWait returns how long the response asks to wait: ratelimit-reset (seconds
// [D]) or Retry-After (seconds or a date; load balancers send it), whichever is longer.
// An implausible wait is ignored. A date is compared with the server's own clock.
func requestedWait(h http.Header, now time.Time) (wait time.Duration, known bool) {
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	for _, name := range []string{"Ratelimit-Reset", "Retry-After"} {
		value := strings.TrimSpace(h.Get(name))
		requested := time.Duration(-1)
		if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds >= 0 && seconds <= longestWait.Seconds() {
			requested = time.Duration(seconds * float64(time.Second))
		} else if at, err := http.ParseTime(value); err == nil && at.Sub(now) <= longestWait {
			requested = max(at.Sub(now), 0)
		}
		if requested >= 0 {
			wait, known = max(wait, requested), true
		}
	}
	return wait, known
}

// requestID returns the x-request-id, or "" unless it has the form that PagerDuty sends:
// 32 hex digits [S].
func requestID(h http.Header, redact redactor) string {
	id := h.Get("X-Request-Id")
	if len(id) != 32 || strings.Trim(id, "0123456789abcdefABCDEF") != "" {
		return ""
	}
	return redact.text(id, len(id))
}
