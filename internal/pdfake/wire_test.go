package pdfake_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// rawHTTP1 sends a request over a connection of its own and returns the connection's reader.
func rawHTTP1(t *testing.T, s *pdfake.Server, path string) *bufio.Reader {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(s.CAPEM()))
	conn, err := tls.Dial("tcp", s.Addr("us"), &tls.Config{RootCAs: pool, NextProtos: []string{"http/1.1"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nAccept: %s\r\nAuthorization: Token token=%s\r\n\r\n",
		path, "application/vnd.pagerduty+json;version=2", userToken); err != nil {
		t.Fatal(err)
	}
	return bufio.NewReader(conn)
}

func TestTrailingBytes(t *testing.T) {
	t.Parallel()
	const whole, rest = `{"user":{"id":"P1"}}`, "left over"
	for name, tc := range map[string]struct {
		fault    pdfake.Behaviour
		status   int
		body     string // the answer's begin
		trailing string
	}{
		"bytes of the caller": {
			fault:  pdfake.TrailingBytes(200, "application/json", whole, rest),
			status: 200, body: whole, trailing: rest,
		},
		"the request": {
			fault:  pdfake.TrailingAuthorization(503, "application/json", whole),
			status: 503, body: whole, trailing: "Authorization: Token token=" + userToken,
		},
		"the rest of a user": {
			fault: pdfake.ShortContentLength(9), status: 200, body: `{"user":{`, trailing: pdfake.CalendarSecret,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := pdfake.Start(t, seed(pdfake.WithFaults(pdfake.Fault{Behaviour: tc.fault}))...)
			br := rawHTTP1(t, s, "/users/me")
			res, err := http.ReadResponse(br, nil)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			if err != nil || string(body) != tc.body || res.StatusCode != tc.status || res.Close {
				t.Fatalf("%d %q, close %t, %v", res.StatusCode, body, res.Close, err)
			}
			if res.Header.Get("X-Request-Id") == "" || res.Header.Get("Content-Type") == "" {
				t.Error("headers are missing")
			}
			trailing, err := br.Peek(br.Buffered())
			if err != nil || !strings.Contains(string(trailing), tc.trailing) {
				t.Errorf("%d bytes trail", len(trailing))
			}
			if got := s.Requests(); len(got) != 1 || got[0].Status != tc.status {
				t.Errorf("%d requests", len(got))
			}
		})
	}
}

// lockedBuffer is a writer that may be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) contains(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.b.String(), text)
}

// TestTrailingBytes_standardLogger proves that the fault does what it is for. It is not parallel,
// as the standard logger is everybody's.
func TestTrailingBytes_standardLogger(t *testing.T) {
	var logged lockedBuffer
	log.SetOutput(&logged)
	defer log.SetOutput(os.Stderr)
	s := pdfake.Start(t, seed(pdfake.WithFaults(pdfake.Fault{
		Behaviour: pdfake.TrailingAuthorization(401, "text/html", "<p>No</p>"),
	}))...)
	if r, err := ask(t, s); err != nil || r.StatusCode != http.StatusUnauthorized {
		t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Second); !logged.contains(userToken); {
		if time.Now().After(end) {
			t.Fatal("net/http logged nothing")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// TestResent has the faults that make Go's client send a request again by itself: each of these
// requests is in the journal.
func TestResent(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault       pdfake.Behaviour
		connections int
	}{
		"GoAway":       {fault: pdfake.GoAway(), connections: 3},
		"RefuseStream": {fault: pdfake.RefuseStream(), connections: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := pdfake.Start(t, seed(pdfake.WithFaults(pdfake.Fault{Times: 2, Behaviour: tc.fault}))...)
			r, err := ask(t, s)
			if err != nil || r.StatusCode != http.StatusOK || r.ProtoMajor != 2 {
				t.Fatal(err)
			}
			var statuses []int
			for _, q := range s.Requests() {
				if q.Token != userToken {
					t.Error("not the token that was sent")
				}
				statuses = append(statuses, q.Status)
			}
			if fmt.Sprint(statuses) != "[0 0 200]" || s.Connections() != tc.connections {
				t.Errorf("statuses %v on %d connections", statuses, s.Connections())
			}
		})
	}
}

// TestRefuseStream_concurrent refuses one of two requests on one connection: the right one.
func TestRefuseStream_concurrent(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed(
		pdfake.WithFaults(pdfake.Fault{Path: "/abilities", Times: 1, Behaviour: pdfake.RefuseStream()}))...)
	c := newClient(t, s)
	do(t, c, newRequest(t, http.MethodGet, s.URL()+"/users", "Token token="+userToken))
	requests := []*http.Request{
		newRequest(t, http.MethodGet, s.URL()+"/users/me", "Token token="+userToken),
		newRequest(t, http.MethodGet, s.URL()+"/abilities", "Token token="+userToken),
	}
	var wg sync.WaitGroup
	for _, req := range requests {
		wg.Go(func() {
			if r, err := try(c, req); err != nil || r.StatusCode != http.StatusOK {
				t.Errorf("%s: %v", req.URL.Path, err)
			}
		})
	}
	wg.Wait()
	if n := len(s.Requests()); n != 4 {
		t.Errorf("%d requests, want 4: only the refused one comes twice", n)
	}
}

func TestCloseReused(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed(pdfake.WithFaults(pdfake.Fault{Behaviour: pdfake.CloseReused()}))...)
	c := newClient(t, s)
	for range 2 {
		r := do(t, c, newRequest(t, http.MethodGet, s.URL()+"/users/me", "Token token="+userToken))
		if r.StatusCode != http.StatusOK || r.ProtoMajor != 1 {
			t.Errorf("status %d, %s", r.StatusCode, r.Proto)
		}
	}
	got := s.Requests()
	if len(got) != 3 || got[0].Status != 200 || got[1].Status != 0 || got[2].Status != 200 || s.Connections() != 2 {
		t.Errorf("%d requests on %d connections", len(got), s.Connections())
	}
}

func TestGoAway_http1(t *testing.T) {
	t.Parallel()
	for _, b := range []pdfake.Behaviour{pdfake.GoAway(), pdfake.RefuseStream()} {
		if _, err := ask(t, faulty(t, b, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", b, err)
		}
	}
}

func TestTruncatedAnswer(t *testing.T) {
	t.Parallel()
	const body = `{"error":{"message":"Access Denied","code":2010}}`
	for name, tc := range map[string]struct {
		fault  pdfake.Behaviour
		status int
		prefix string
	}{
		"plain": {fault: pdfake.TruncatedAnswer(403, "application/json", body, 9), status: 403, prefix: `{"error":`},
		"none":  {fault: pdfake.TruncatedAnswer(400, "application/json", body, 0), status: 400},
		"gzip":  {fault: pdfake.TruncatedGzip(402, "application/json", body, 20), status: 402},
		"incomplete gzip": {
			fault: pdfake.IncompleteGzip(400, "application/json", body, 20), status: 400,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, major := range protocols {
				s := faulty(t, tc.fault, major)
				r, err := ask(t, s)
				if err == nil || r == nil || r.StatusCode != tc.status || !strings.HasPrefix(r.text, tc.prefix) ||
					len(r.text) >= len(body) {
					t.Errorf("HTTP/%d: %v", major, err)
				}
				if got := s.Requests(); len(got) != 1 || got[0].Status != tc.status {
					t.Errorf("HTTP/%d: not recorded as it was", major)
				}
			}
		})
	}
}

func TestSlowAnswer(t *testing.T) {
	t.Parallel()
	const body = `{"error":"account-level"}`
	for _, major := range protocols {
		s := faulty(t, pdfake.SlowAnswer(400, "application/json", body, 10, time.Millisecond), major)
		if r, err := ask(t, s); err != nil || r.StatusCode != http.StatusBadRequest || r.text != body {
			t.Errorf("HTTP/%d: %v", major, err)
		}
		s = faulty(t, pdfake.SlowAnswer(400, "application/json", body, 10, -1), major)
		c := newClient(t, s)
		res, err := c.Do(newRequest(t, http.MethodGet, s.URL()+"/users/me", ""))
		if err != nil {
			t.Fatal(err)
		}
		begin := make([]byte, 10)
		if _, err := io.ReadFull(res.Body, begin); err != nil || string(begin) != body[:10] {
			t.Errorf("HTTP/%d: %q, %v", major, begin, err)
		}
		_ = res.Body.Close()
	}
}
