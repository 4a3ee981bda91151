package pdfake_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// protocols are the two major versions a fault has to work with.
var protocols = []int{1, 2}

// faulty starts a server with a fault.
func faulty(t *testing.T, fault pdfake.Behaviour, major int) *pdfake.Server {
	t.Helper()
	var opts []pdfake.Option
	if major == 1 {
		opts = append(opts, pdfake.WithHTTP1Only())
	}
	s := pdfake.Start(t, seed(opts...)...)
	s.SetFaults(pdfake.Fault{Behaviour: fault})
	return s
}

func ask(t *testing.T, s *pdfake.Server) (*reply, error) {
	t.Helper()
	c := newClient(t, s)
	return try(c, newRequest(t, http.MethodGet, s.URL()+"/users/me", "Token token="+userToken))
}

func TestFault_answers(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault  pdfake.Behaviour
		status int
		body   string
		header map[string]string
	}{
		"Answer": {
			pdfake.Answer(418, http.Header{"X-Tea": {"yes"}, "X-Request-Id": {"mine"}}, []byte("tea")), 418, "tea",
			map[string]string{"X-Tea": "yes", "X-Request-Id": "mine"},
		},
		"Answer without id": {
			pdfake.Answer(500, http.Header{"X-Request-Id": nil}, nil), 500, "", map[string]string{"X-Request-Id": ""},
		},
		"Answer 204": {pdfake.Answer(204, nil, nil), 204, "", nil},
		"AnswerJSON": {
			pdfake.AnswerJSON(200, "{}"), 200, "{}", map[string]string{"Content-Type": "application/json; charset=utf-8"},
		},
		"AnswerHTML": {
			pdfake.AnswerHTML(503, "<p>"), 503, "<p>", map[string]string{"Content-Type": "text/html; charset=utf-8"},
		},
		"RateLimited": {
			pdfake.RateLimited(7), 429, `{"error":{"message":"Rate Limit Exceeded","code":2020}}`,
			map[string]string{"Ratelimit-Limit": "960", "Ratelimit-Remaining": "0", "Ratelimit-Reset": "7"},
		},
		"RateLimited bare": {
			pdfake.RateLimited(-1), 429, "", map[string]string{"Ratelimit-Reset": "", "Ratelimit-Limit": ""},
		},
		"RetryAfter": {
			pdfake.RetryAfter(503, "120"), 503, `{"error":{"message":"Try again later"}}`,
			map[string]string{"Retry-After": "120"},
		},
		"Redirect": {
			pdfake.Redirect(302, "https://127.0.0.1:1/x"), 302, "<html><body>You are being redirected.</body></html>",
			map[string]string{"Location": "https://127.0.0.1:1/x"},
		},
		"GzipJSON": {pdfake.GzipJSON(200, `{"a":1}`), 200, `{"a":1}`, map[string]string{"Content-Encoding": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, major := range protocols {
				t.Run(fmt.Sprintf("http%d", major), func(t *testing.T) {
					t.Parallel()
					s := faulty(t, tc.fault, major)
					r, err := ask(t, s)
					if err != nil {
						t.Fatal(err)
					}
					if r.StatusCode != tc.status || r.text != tc.body || r.ProtoMajor != major {
						t.Errorf("%s: %d %q", r.Proto, r.StatusCode, r.text)
					}
					for k, want := range tc.header {
						if got := r.Header.Get(k); got != want {
							t.Errorf("%s is %q, want %q", k, got, want)
						}
					}
					if _, there := tc.header["X-Request-Id"]; !there && len(r.Header.Get("X-Request-Id")) != 32 {
						t.Error("no x-request-id")
					}
					if got := s.Requests()[0].Status; got != tc.status {
						t.Errorf("recorded status %d", got)
					}
				})
			}
		})
	}
}

// TestFault_gzipNotAskedFor has a client that did not ask for compression get it all the same.
func TestFault_gzipNotAskedFor(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed(pdfake.WithFaults(pdfake.Fault{Behaviour: pdfake.GzipJSON(401, `{"a":1}`)}))...)
	c := newClient(t, s, func(tr *http.Transport) { tr.DisableCompression = true })
	r := do(t, c, newRequest(t, http.MethodGet, s.URL()+"/users", ""))
	z, err := gzip.NewReader(strings.NewReader(r.text))
	if err != nil || r.Header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("not compressed: %v", err)
	}
	if b, err := io.ReadAll(z); err != nil || string(b) != `{"a":1}` {
		t.Errorf("%q, %v", b, err)
	}
}

func TestFault_broken(t *testing.T) {
	t.Parallel()
	isReset := func(err error) bool { return errors.Is(err, syscall.ECONNRESET) }
	isEOF := func(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }
	says := func(texts ...string) func(error) bool {
		return func(err error) bool {
			for _, s := range texts {
				if strings.Contains(err.Error(), s) {
					return true
				}
			}
			return false
		}
	}
	for name, tc := range map[string]struct {
		fault        pdfake.Behaviour
		http1, http2 func(error) bool // nil where HTTP/2 has no such fault
		status       int
	}{
		"Reset":          {pdfake.Reset(), isReset, isReset, 0},
		"ResetMidHeader": {pdfake.ResetMidHeader(), isReset, nil, 0},
		"CloseSilently":  {pdfake.CloseSilently(), isEOF, isEOF, 0},
		"TruncatedChunk": {pdfake.TruncatedChunk(), isEOF, nil, 200},
		"TruncatedBody":  {pdfake.TruncatedBody(), isEOF, says("stream error", "INTERNAL_ERROR"), 200},
		"Garbage":        {pdfake.Garbage(), says("malformed HTTP"), nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i, want := range []func(error) bool{tc.http1, tc.http2} {
				if want == nil {
					continue
				}
				t.Run(fmt.Sprintf("http%d", i+1), func(t *testing.T) {
					t.Parallel()
					s := faulty(t, tc.fault, i+1)
					_, err := ask(t, s)
					if err == nil || !want(err) {
						t.Errorf("error is %v", err)
					}
					reqs := s.Requests()
					if len(reqs) == 0 || reqs[0].Status != tc.status || reqs[0].Token != userToken {
						t.Error("not recorded as it was")
					}
				})
			}
		})
	}
}

// TestFault_clearsHTTP2 checks the faults that are made of HTTP/1.1's bytes.
func TestFault_clearsHTTP2(t *testing.T) {
	t.Parallel()
	for _, b := range []pdfake.Behaviour{
		pdfake.ResetMidHeader(), pdfake.TruncatedChunk(), pdfake.Garbage(), pdfake.Drip(time.Second, true),
		pdfake.EchoAuthorization(401),
	} {
		s := pdfake.Start(t, seed(pdfake.WithFaults(pdfake.Fault{Path: "/x", Behaviour: b, Optional: true}))...)
		if r, err := ask(t, s); err != nil || r.ProtoMajor != 1 {
			t.Errorf("%s: %v", b, err)
		}
	}
	s := pdfake.Start(t, seed(pdfake.WithFaults(
		pdfake.Fault{Path: "/x", Behaviour: pdfake.Reset(), Optional: true}))...)
	if r, err := ask(t, s); err != nil || r.ProtoMajor != 2 {
		t.Errorf("Reset: %v", err)
	}
}

func TestFault_slow(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]pdfake.Behaviour{
		"NeverAnswer": pdfake.NeverAnswer(),
		"Drip header": pdfake.Drip(20*time.Millisecond, true),
		"Drip body":   pdfake.Drip(20*time.Millisecond, false),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, major := range protocols {
				if name == "Drip header" && major == 2 {
					continue // it is made of HTTP/1.1's bytes
				}
				t.Run(fmt.Sprintf("http%d", major), func(t *testing.T) {
					t.Parallel()
					s := faulty(t, b, major)
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					req := newRequest(t, http.MethodGet, s.URL()+"/users/me", "Token token="+userToken).WithContext(ctx)
					res, err := newClient(t, s).Do(req)
					if strings.HasSuffix(name, "body") != (err == nil) {
						t.Fatalf("error is %v", err)
					}
					if err == nil {
						var body []byte
						body, err = io.ReadAll(res.Body)
						res.Body.Close()
						if n := len(body); n < 1 || n > 60 {
							t.Errorf("%d bytes dripped", n)
						}
					}
					if !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("error is %v", err)
					}
					// The handler notices that the client went away.
					deadline := time.Now().Add(5 * time.Second)
					for s.Requests()[0].Duration == 0 {
						time.Sleep(5 * time.Millisecond)
						if time.Now().After(deadline) {
							t.Fatal("the handler goes on without a client")
						}
					}
				})
			}
		})
	}
}

// TestFault_dripHeaderOnTheWire reads what a client without a library sees.
func TestFault_dripHeaderOnTheWire(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed(pdfake.WithFaults(
		pdfake.Fault{Behaviour: pdfake.Drip(time.Millisecond, true)}))...)
	c, err := tls.Dial("tcp", s.Addr("us"), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "GET /users/me HTTP/1.1\r\nHost: x\r\n\r\n")
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil || line != "HTTP/1.1 200 OK\r\n" {
		t.Errorf("%q, %v", line, err)
	}
}

func TestFault_echo(t *testing.T) {
	t.Parallel()
	t.Run("http1", func(t *testing.T) {
		t.Parallel()
		s := faulty(t, pdfake.EchoAuthorization(403), 1)
		r, err := ask(t, s)
		if err != nil {
			t.Fatal(err)
		}
		auth := "Token token=" + userToken
		wantStatus(t, r, 403)
		if r.Header.Get("X-Echo") != auth || r.Header.Get("X-Request-Id") != auth {
			t.Error("the headers do not echo")
		}
		if r.Status != "403 "+auth {
			t.Error("the reason does not echo")
		}
		if msg, _ := r.object(t)["error"].(map[string]any)["message"].(string); !strings.Contains(msg, auth) {
			t.Error("the body does not echo")
		}
		if s.Requests()[0].Status != 403 {
			t.Error("the status was not recorded")
		}
	})
}

func TestFault_matching(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed(
		pdfake.WithPathPrefix("/p"),
		pdfake.WithFaults(
			pdfake.Fault{Path: "/users/me", Token: userToken, Times: 2, Behaviour: pdfake.AnswerJSON(500, "")},
			pdfake.Fault{Path: "/users/me", Token: userToken, Times: 1, Behaviour: pdfake.AnswerJSON(503, "")},
			pdfake.Fault{Path: "/abilities", Times: 1, Behaviour: pdfake.AnswerJSON(502, "")},
			pdfake.Fault{Listener: "eu", Behaviour: pdfake.AnswerJSON(504, "")},
			pdfake.Fault{Path: "/users", Behaviour: pdfake.Delay(50 * time.Millisecond)},
		))...)
	c := newClient(t, s)
	status := func(region, path, token string) int {
		return do(t, c, newRequest(t, http.MethodGet, s.RegionURL(region)+path, "Token token="+token)).StatusCode
	}
	for i, want := range []int{500, 500, 503, 200, 200} {
		if got := status("us", "/users/me", userToken); got != want {
			t.Errorf("request %d: %d, want %d", i, got, want)
		}
	}
	if got := status("us", "/users/me", secondToken); got != 200 {
		t.Errorf("another token: %d", got)
	}
	for i, want := range []int{502, 200, 200} {
		if got := status("us", "/abilities", userToken); got != want {
			t.Errorf("abilities %d: %d, want %d", i, got, want)
		}
	}
	if got := status("eu", "/users/me", euToken); got != 504 {
		t.Errorf("eu: %d", got)
	}
	start := time.Now()
	if got := status("us", "/users", userToken); got != 200 || time.Since(start) < 50*time.Millisecond {
		t.Errorf("delayed: %d in %s", got, time.Since(start))
	}
	s.SetFaults()
	if got := status("eu", "/users/me", euToken); got != 200 {
		t.Errorf("eu without faults: %d", got)
	}
}
