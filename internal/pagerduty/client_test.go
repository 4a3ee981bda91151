package pagerduty_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

const (
	tokenText = "u+ClientTestToken001"
	otherText = "u+ClientTestToken002"
)

var (
	token = pagerduty.NewSecret(tokenText)
	other = pagerduty.NewSecret(otherText)
)

func emulator(t *testing.T, options ...pdfake.Option) *pdfake.Server {
	t.Helper()
	return pdfake.Start(t, append([]pdfake.Option{
		pdfake.WithAccount(pdfake.Account{Subdomain: "acme"}),
		pdfake.WithUser(pdfake.User{ID: "P1", Name: "Ada", Email: "ada@acme.example", Role: "admin"}),
		pdfake.WithAPIToken(pdfake.APIToken{Token: tokenText, Kind: pdfake.UserToken, Account: "acme", User: "P1"}),
		pdfake.WithAPIToken(pdfake.APIToken{Token: otherText, Kind: pdfake.UserToken, Account: "acme", User: "P1"}),
	}, options...)...)
}

func client(t *testing.T, address, ca string) *pagerduty.Client {
	t.Helper()
	base, err := pagerduty.ParseBaseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	return pagerduty.NewClient(pagerduty.Config{
		BaseURL: base, UserAgent: "test", MaxRetries: pagerduty.DefaultMaxRetries,
		ExtraCAs: []byte(ca),
	})
}

// accept serves a listener's connections, and closes each after that.
func accept(t *testing.T, l net.Listener, serve func(net.Conn)) {
	t.Helper()
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serve(conn)
			_ = conn.Close()
		}
	}()
}

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func asked(t *testing.T, err error) *pagerduty.Error {
	t.Helper()
	var e *pagerduty.Error
	if !errors.As(err, &e) {
		t.Fatalf("%T is not a *pagerduty.Error", err)
	}
	return e
}

func TestClient_retriesWhatPasses(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]pdfake.Behaviour{
		"503":                      pdfake.AnswerHTML(503, "<html>"),
		"reset":                    pdfake.Reset(),
		"429 with a short wait":    pdfake.RateLimited(1),
		"408":                      pdfake.AnswerJSON(408, ""),
		"a body that is cut short": pdfake.TruncatedBody(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := emulator(t, pdfake.WithFaults(pdfake.Fault{Times: 1, Behaviour: b}))
			who, err := client(t, s.URL(), s.CAPEM()).CurrentUser(within(t, time.Minute), pagerduty.APIToken(token))
			if err != nil || who.User == nil || who.User.ID != "P1" {
				t.Fatalf("%+v, %v", who, err)
			}
			if n := len(s.Requests()); n != 2 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// The attempts of a failure are what sending it each time brought.
func TestClient_attempts(t *testing.T) {
	t.Parallel()
	once := func(b pdfake.Behaviour) pdfake.Fault { return pdfake.Fault{Times: 1, Behaviour: b} }
	s := emulator(t, pdfake.WithFaults(
		once(pdfake.AnswerJSON(500, "")), once(pdfake.Reset()), once(pdfake.AnswerJSON(401, "")),
	))
	_, err := client(t, s.URL(), s.CAPEM()).CurrentUser(within(t, time.Minute), pagerduty.APIToken(token))
	want := []pagerduty.Attempt{
		{Status: 500, Sent: true}, {Kind: pagerduty.KindReset, Sent: true}, {Status: 401, Sent: true},
	}
	if e := asked(t, err); e.Status != 401 || !slices.Equal(e.Attempts, want) {
		t.Errorf("status %d after %+v, want %+v", e.Status, e.Attempts, want)
	}
}

// A wait that does not fit the time limit is not begun.
func TestClient_waitThatDoesNotFit(t *testing.T) {
	t.Parallel()
	s := emulator(t, pdfake.WithFaults(pdfake.Fault{Behaviour: pdfake.RateLimited(40)}))
	// A wait that is begun is over at once, and another request follows.
	c := pagerduty.WithoutWaiting(client(t, s.URL(), s.CAPEM()))
	_, err := c.CurrentUser(within(t, 30*time.Second), pagerduty.APIToken(token))
	e := asked(t, err)
	if e.Status != 429 || !e.WaitKnown || e.Wait != 40*time.Second || !e.OutOfTime || len(s.Requests()) != 1 {
		t.Errorf("%+v after %d requests", e, len(s.Requests()))
	}
}

// A failure says whether another attempt was left and only the time was not: whoever has
// more of it may be answered otherwise.
func TestClient_outOfTime(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		behaviour pdfake.Behaviour
		retries   int
		outOfTime bool
	}{
		"503, its retry does not fit":   {pdfake.AnswerHTML(503, "<html>"), 10, true},
		"reset, its retry does not fit": {pdfake.Reset(), 10, true},
		"503, no retry left":            {pdfake.AnswerHTML(503, "<html>"), 0, false},
		"reset, no retry left":          {pdfake.Reset(), 0, false},
		"401":                           {pdfake.AnswerJSON(401, ""), 10, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := emulator(t, pdfake.WithFaults(pdfake.Fault{Behaviour: c.behaviour}))
			base, err := pagerduty.ParseBaseURL(s.URL())
			if err != nil {
				t.Fatal(err)
			}
			asking := pagerduty.NewClient(pagerduty.Config{
				BaseURL: base, UserAgent: "test", MaxRetries: c.retries, ExtraCAs: []byte(s.CAPEM()),
			})
			_, err = asking.CurrentUser(within(t, 3*time.Second), pagerduty.APIToken(token))
			if e := asked(t, err); e.OutOfTime != c.outOfTime {
				t.Errorf("%s %d: out of time %t, want %t", e.Kind, e.Status, e.OutOfTime, c.outOfTime)
			}
		})
	}
}

// A 429 holds back its own token's other requests and no other token's.
func TestClient_rateLimitIsPerToken(t *testing.T) {
	t.Parallel()
	s := emulator(t, pdfake.WithFaults(pdfake.Fault{Token: tokenText, Behaviour: pdfake.RateLimited(300)}))
	c := client(t, s.URL(), s.CAPEM())
	for range 5 {
		if _, err := c.CurrentUser(within(t, time.Minute), pagerduty.APIToken(token)); asked(t, err).Status != 429 {
			t.Fatal(err)
		}
	}
	if n := len(s.Requests()); n != 1 {
		t.Errorf("%d requests with the limited token, want 1", n)
	}
	if _, err := c.CurrentUser(within(t, time.Minute), pagerduty.APIToken(other)); err != nil {
		t.Error(err)
	}
}

// A 429 of the identity host holds back its own app and no other.
func TestClient_rateLimitIsPerApp(t *testing.T) {
	t.Parallel()
	s := emulator(t, pdfake.WithFaults(pdfake.Fault{Token: "app-one", Behaviour: pdfake.RateLimited(300)}))
	c := client(t, s.IdentityURL(), s.CAPEM())
	mint := func(id string) *pagerduty.Error {
		app := pagerduty.App{ClientID: id, ClientSecret: pagerduty.NewSecret(id + "-secret-0123456789"), Region: "us"}
		_, err := c.Mint(within(t, time.Minute), app, nil)
		return asked(t, err)
	}
	for range 3 {
		if e := mint("app-one"); e.Status != 429 {
			t.Fatal(e)
		}
	}
	if e := mint("app-two"); e.Status != 401 {
		t.Errorf("another app: %d", e.Status)
	}
	if n := len(s.Requests()); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

func TestClient_oneConnection(t *testing.T) {
	t.Parallel()
	s := emulator(t, pdfake.WithLatency(20*time.Millisecond))
	c := pagerduty.WithPatience(client(t, s.URL(), s.CAPEM()))
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if _, err := c.CurrentUser(within(t, time.Minute), pagerduty.APIToken(token)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := s.Connections(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

// A caller who gives up is told so, and nothing goes on.
func TestClient_cancel(t *testing.T) {
	t.Parallel()
	s := emulator(t, pdfake.WithFaults(pdfake.Fault{Behaviour: pdfake.NeverAnswer()}))
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for len(s.Requests()) == 0 && t.Context().Err() == nil {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	_, err := client(t, s.URL(), s.CAPEM()).CurrentUser(ctx, pagerduty.APIToken(token))
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestParseBaseURL(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://api.pagerduty.com": "https://api.pagerduty.com",
		"https://gw.example/pd/":    "https://gw.example/pd",
		"https://gw.example:8443":   "https://gw.example:8443",
		"http://api.pagerduty.com":  "", "api.pagerduty.com": "", "https://": "", "https://u:p@host": "",
		"https://host:0": "", "https://host:65536": "", "https://host:65535": "https://host:65535",
		"https://host?x": "", "https://host/#f": "", "https:host": "", "://": "",
		"https://host\n": "",
		"https://host:":  "https://host:", "https://host\u200b": "", "https://\u202ehost": "",
		"https://h\u00f6st": "https://h%C3%B6st",
	} {
		u, err := pagerduty.ParseBaseURL(in)
		if (err == nil) != (want != "") || err == nil && u.String() != want {
			t.Errorf("ParseBaseURL(%q) = %v, %v", in, u, err)
		}
		if err != nil && strings.Contains(err.Error(), "u:p") {
			t.Error("the error repeats the value")
		}
	}
}

var allocated = regexp.MustCompile(`allocated (\d+) bytes`)

// No answer makes the client allocate 10 MiB more than usual, so none raises the peak
// by more. What was allocated is counted, not what the kernel saw at the peak: that
// depends on when the garbage collector ran. Each check runs in a process of its own.
func TestClient_memory(t *testing.T) {
	t.Parallel()
	if address := os.Getenv("PAGERDUTY_MEMORY_TEST"); address != "" {
		ca, err := os.ReadFile(os.Getenv("PAGERDUTY_MEMORY_CA"))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = client(t, address, string(ca)).CurrentUser(within(t, 60*time.Second), pagerduty.APIToken(token))
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		fmt.Printf("allocated %d bytes\n", m.TotalAlloc)
		return
	}
	usual := allocatedBy(t)
	for name, b := range map[string]pdfake.Behaviour{
		"500 MiB": pdfake.Huge(500<<20, false), "500 MiB in gzip": pdfake.Huge(500<<20, true),
		"headers": pdfake.HugeHeader(8 << 20),
	} {
		if more := allocatedBy(t, pdfake.WithFaults(pdfake.Fault{Behaviour: b})) - usual; more > 10<<20 {
			t.Errorf("%s: %d KiB more than usual were allocated", name, more>>10)
		}
	}
}

// allocatedBy is how many bytes a process allocates that asks an emulator with these
// options once.
func allocatedBy(t *testing.T, options ...pdfake.Option) int {
	t.Helper()
	s := emulator(t, options...)
	ca := t.TempDir() + "/ca.pem"
	if err := os.WriteFile(ca, []byte(s.CAPEM()), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestClient_memory$", "-test.v")
	cmd.Env = append(os.Environ(), "PAGERDUTY_MEMORY_TEST="+s.URL(), "PAGERDUTY_MEMORY_CA="+ca)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, bytes.ReplaceAll(out, []byte(tokenText), nil))
	}
	m := allocated.FindSubmatch(out)
	if m == nil {
		t.Fatalf("no figure in %q", out)
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The lines for TF_LOG hold nothing of the credential, whatever is answered.
func TestClient_logLines(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]pdfake.Behaviour{
		"401":                pdfake.AnswerJSON(401, ""),
		"400 with the token": pdfake.AnswerJSON(400, `{"error":"you sent `+tokenText+`"}`),
		"503":                pdfake.AnswerHTML(503, "<html>"+tokenText),
		"reset":              pdfake.Reset(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := emulator(t, pdfake.WithFaults(pdfake.Fault{Behaviour: answer}))
			base, err := pagerduty.ParseBaseURL(s.URL())
			if err != nil {
				t.Fatal(err)
			}
			var mu sync.Mutex
			var lines strings.Builder
			client := pagerduty.WithoutWaiting(pagerduty.NewClient(pagerduty.Config{
				BaseURL: base, UserAgent: "test", ExtraCAs: []byte(s.CAPEM()), MaxRetries: 1, Timeout: time.Minute,
				Log: func(_ context.Context, message string, fields map[string]any) {
					mu.Lock()
					defer mu.Unlock()
					fmt.Fprintln(&lines, message, fields)
				},
			}))
			_, _ = client.CurrentUser(within(t, time.Minute), pagerduty.APIToken(token))
			mu.Lock()
			defer mu.Unlock()
			if lines.Len() == 0 {
				t.Fatal("nothing was logged")
			}
			for from := range len(tokenText) - 5 {
				if strings.Contains(lines.String(), tokenText[from:from+6]) {
					t.Fatalf("the lines hold the token's characters from %d", from)
				}
			}
		})
	}
}

// What is logged of an address is its host: a prefix can hold a gateway's key.
func TestClient_logsNoPrefix(t *testing.T) {
	t.Parallel()
	base, err := pagerduty.ParseBaseURL("https://127.0.0.1:1/key-of-the-gateway")
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	c := pagerduty.WithoutWaiting(pagerduty.NewClient(pagerduty.Config{
		BaseURL: base, MaxRetries: 1, Timeout: time.Minute,
		Log: func(_ context.Context, _ string, fields map[string]any) {
			lines++
			if fields["path"] != "/users/me" {
				t.Errorf("the path is %v", fields["path"])
			}
		},
	}))
	if _, err := c.CurrentUser(within(t, time.Minute), pagerduty.APIToken(token)); err == nil || lines < 4 {
		t.Errorf("%v after %d lines", err, lines)
	}
}
