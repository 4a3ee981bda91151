package pagerduty_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

func clientWith(t *testing.T, s *pdfake.Server, maxRetries int) *pagerduty.Client {
	t.Helper()
	base, err := pagerduty.ParseBaseURL(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	return pagerduty.WithoutWaiting(pagerduty.NewClient(pagerduty.Config{
		BaseURL: base, UserAgent: "test", MaxRetries: maxRetries, ExtraCAs: []byte(s.CAPEM()), Timeout: time.Minute,
	}))
}

// However a server refuses a request, it reaches the wire max_retries + 1 times at
// the most: net/http would repeat it hundreds of times.
func TestClient_requestsOnTheWire(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]pdfake.Behaviour{
		"GOAWAY": pdfake.GoAway(), "REFUSED_STREAM": pdfake.RefuseStream(),
		"reset": pdfake.Reset(), "closed": pdfake.CloseSilently(),
	} {
		for _, maxRetries := range []int{0, 2} {
			t.Run(name+"/"+strconv.Itoa(maxRetries), func(t *testing.T) {
				t.Parallel()
				s := emulator(t, pdfake.WithFaults(pdfake.Fault{Behaviour: b}))
				_, err := clientWith(t, s, maxRetries).CurrentUser(within(t, time.Minute), pagerduty.APIToken(token))
				e := asked(t, err)
				if e.Kind != pagerduty.KindReset || len(e.Attempts) != maxRetries+1 || !e.Sent() {
					t.Errorf("%s after %+v", e.Kind, e.Attempts)
				}
				if n := len(s.Requests()); n != maxRetries+1 {
					t.Errorf("%d requests reached the server, want %d", n, maxRetries+1)
				}
			})
		}
	}
}

// A connection that was idle can be closed, or hold bytes that nobody asked for: with HTTP/1.1
// none is used again, and with HTTP/2 the one is.
func TestClient_reusedConnectionIsClosed(t *testing.T) {
	t.Parallel()
	for _, maxRetries := range []int{0, 1} {
		t.Run(strconv.Itoa(maxRetries), func(t *testing.T) {
			t.Parallel()
			s := emulator(t, pdfake.WithHTTP1Only())
			c := clientWith(t, s, maxRetries)
			if _, err := c.CurrentUser(within(t, time.Minute), pagerduty.APIToken(token)); err != nil {
				t.Fatal(err)
			}
			s.SetFaults(pdfake.Fault{Times: 1, Behaviour: pdfake.CloseReused()})
			s.ResetRequests()
			if who, err := c.CurrentUser(within(t, time.Minute), pagerduty.APIToken(other)); err != nil || who.User == nil {
				t.Error(err)
			}
			if requests, connections := len(s.Requests()), s.Connections(); requests != 1 || connections != 2 {
				t.Errorf("%d requests on %d connections, want 1 on 2", requests, connections)
			}
		})
	}
	s := emulator(t)
	proxy := pdfake.StartProxy(t, pdfake.ProxyRoute(s.Addr(pdfake.RegionUS), s.Addr(pdfake.RegionUS)))
	for name, c := range map[string]*pagerduty.Client{"direct": clientWith(t, s, 0), "proxy": through(t, s, proxy.URL())} {
		before := s.Connections()
		for range 3 {
			if _, err := c.CurrentUser(within(t, time.Minute), pagerduty.APIToken(token)); err != nil {
				t.Error(err)
			}
		}
		if n := s.Connections() - before; n != 1 {
			t.Errorf("%s: %d connections with HTTP/2, want 1", name, n)
		}
	}
}

// An answer whose body breaks off decides nothing where the body decides, and is
// what its status says where the status does.
func TestClient_brokenBody(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status   int
		body     string
		kind     pagerduty.Kind
		requests int
	}{
		"400": {status: 400, body: accountToken400Text, kind: pagerduty.KindReset, requests: 3},
		"402": {status: 402, body: `{"error":{"message":"x","code":2012}}`, kind: pagerduty.KindReset, requests: 3},
		"403": {status: 403, body: `{"error":{"message":"x","code":2010}}`, kind: pagerduty.KindReset, requests: 3},
		"401": {status: 401, body: "<html>Unauthorized</html>", kind: pagerduty.KindStatus, requests: 1},
		"404": {status: 404, body: "<html>Not Found</html>", kind: pagerduty.KindStatus, requests: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cut := pdfake.TruncatedAnswer(c.status, "application/json", c.body, len(c.body)-1)
			s := emulator(t, pdfake.WithFaults(pdfake.Fault{Behaviour: cut}))
			_, err := clientWith(t, s, 2).CurrentUser(within(t, time.Minute), pagerduty.APIToken(token))
			e := asked(t, err)
			if e.Kind != c.kind || (e.Status == 0) != (c.kind == pagerduty.KindReset) || len(s.Requests()) != c.requests {
				t.Errorf("%s, status %d, after %d requests", e.Kind, e.Status, len(s.Requests()))
			}
		})
	}
}

// The body of an answer whose status alone decides is not waited for.
func TestClient_slowPage(t *testing.T) {
	t.Parallel()
	page := "<html>" + strings.Repeat(" ", 100) + "</html>"
	slow := pdfake.SlowAnswer(401, "text/html", page, 10, time.Hour)
	s := emulator(t, pdfake.WithFaults(pdfake.Fault{Behaviour: slow}))
	_, err := clientWith(t, s, 0).CurrentUser(within(t, time.Hour), pagerduty.APIToken(token))
	if e := asked(t, err); e.Kind != pagerduty.KindStatus || e.Status != 401 || e.Elapsed > 30*time.Minute {
		t.Errorf("%s, status %d after %s", e.Kind, e.Status, e.Elapsed)
	}
}

// Whatever a gateway sends, it neither rejects a token nor denies it access. A 401
// that carries no mark at all is PagerDuty's, whatever its body: these pages have none.
func TestClient_blockPages(t *testing.T) {
	t.Parallel()
	unmarked := []string{"aws-waf", "nginx", "traefik", "empty"}
	for _, page := range pdfake.BlockPages() {
		for _, status := range []int{401, 402, 403} {
			s := emulator(t, pdfake.WithFaults(pdfake.Fault{Behaviour: page.New(status)}))
			_, err := clientWith(t, s, 0).CurrentUser(within(t, time.Minute), pagerduty.APIToken(token))
			e := asked(t, err)
			allowed := status == 401 && slices.Contains(unmarked, page.Name)
			if !allowed && e.Sender == pagerduty.SenderPagerDuty {
				t.Errorf("%s with %d is taken for PagerDuty's", page.Name, status)
			}
		}
	}
	for _, c := range pdfake.Challenges() {
		s := emulator(t, pdfake.WithFaults(pdfake.Fault{Behaviour: c.New(401)}))
		_, err := clientWith(t, s, 0).CurrentUser(within(t, time.Minute), pagerduty.APIToken(token))
		if e := asked(t, err); (e.Sender == pagerduty.SenderPagerDuty) != c.PagerDuty {
			t.Errorf("%s is said to be %q's", c.Name, e.Sender)
		}
	}
}

// A product's name is on its pages for errors and logins too: the mark does not say that
// it blocks.
func TestClient_errorPage(t *testing.T) {
	t.Parallel()
	page := `<html><title>api.pagerduty.com | 502: Bad gateway</title>Cloudflare Ray ID</html>`
	s := emulator(t, pdfake.WithFaults(pdfake.Fault{Behaviour: pdfake.AnswerHTML(502, page)}))
	_, err := clientWith(t, s, 0).CurrentUser(within(t, time.Minute), pagerduty.APIToken(token))
	if e := asked(t, err); e.Mark != "a page of Cloudflare" {
		t.Errorf("the mark is %q", e.Mark)
	}
}

// A gateway's mark counts in a page too large to be read whole as well.
func TestClient_hugeBlockPage(t *testing.T) {
	t.Parallel()
	page := "<html><title>Zscaler</title>" + strings.Repeat("<!-- -->", 200_000)
	s := emulator(t, pdfake.WithFaults(pdfake.Fault{Behaviour: pdfake.AnswerHTML(401, page)}))
	_, err := clientWith(t, s, 0).CurrentUser(within(t, time.Minute), pagerduty.APIToken(token))
	if e := asked(t, err); e.Sender != pagerduty.SenderGateway || e.Status != 401 {
		t.Errorf("%d from %q", e.Status, e.Sender)
	}
}

// An answer that hands the connection over (101) has no body, and net/http leaves the
// connection to whoever reads it: nobody may wait for its end.
func TestClient_switchingProtocols(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, out, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		switchProtocols(out)
		<-hold
	}))
	t.Cleanup(s.Close)
	t.Cleanup(func() { close(hold) })
	c, ctx, ended := client(t, s.URL, certificateOf(s)), within(t, time.Minute), make(chan error, 1)
	go func() {
		_, err := c.CurrentUser(ctx, pagerduty.APIToken(token))
		ended <- err
	}()
	select {
	case err := <-ended:
		if e := asked(t, err); e.Status != http.StatusSwitchingProtocols || e.Kind != pagerduty.KindStatus {
			t.Errorf("%s, status %d", e.Kind, e.Status)
		}
	case <-time.After(2 * time.Minute):
		t.Fatal("the answer was waited for without end")
	}
}

func switchProtocols(out *bufio.ReadWriter) {
	_, _ = out.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	_ = out.Flush()
}

// HTTP/2 whose headers are too large by far is broken HTTP/2 to net/http, and no connection
// that something cut: the same would come again.
func TestClient_headersOverHTTP2(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		headers, size int
		kind          pagerduty.Kind
	}{
		"many":         {headers: 100, size: 700, kind: pagerduty.KindTooLarge},
		"far too many": {headers: 100, size: 2000, kind: pagerduty.KindHTTP2},
		"one":          {headers: 1, size: 70 << 10, kind: pagerduty.KindHTTP2},
	} {
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for i := range c.headers {
				w.Header().Set("X-"+strconv.Itoa(i), strings.Repeat("a", c.size))
			}
		}))
		s.EnableHTTP2 = true
		s.StartTLS()
		t.Cleanup(s.Close)
		_, err := client(t, s.URL, certificateOf(s)).CurrentUser(within(t, time.Minute), pagerduty.APIToken(token))
		if e := asked(t, err); e.Kind != c.kind || len(e.Attempts) != 1 {
			t.Errorf("%s: %s after %+v", name, e.Kind, e.Attempts)
		}
	}
}

// certificateOf is the certificate of a server of httptest, as PEM.
func certificateOf(s *httptest.Server) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
}

// net/http's HTTP/2 waits for itself for ever where a stream's window overflows. A check ends
// all the same, and so does the next one.
func TestClient_windowOverflow(t *testing.T) {
	t.Parallel()
	const settings = "\x00\x00\x00\x04\x00\x00\x00\x00\x00"
	const overflow = "\x00\x00\x04\x08\x00\x00\x00\x00\x01\x7f\xff\xff\xff" // WINDOW_UPDATE of stream 1
	template := httptest.NewTLSServer(nil)
	t.Cleanup(template.Close)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: template.TLS.Certificates, NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12,
	})
	if err != nil {
		t.Fatal(err)
	}
	accept(t, l, func(conn net.Conn) {
		_, _ = io.WriteString(conn, settings)
		for received := make([]byte, 4096); err == nil; {
			if _, err := conn.Read(received); err != nil {
				return
			}
			_, _ = io.WriteString(conn, overflow)
		}
	})
	c, ended := client(t, "https://"+l.Addr().String(), certificateOf(template)), make(chan error, 1)
	for range 2 {
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			_, err := c.CurrentUser(ctx, pagerduty.APIToken(token))
			ended <- err
		}()
		select {
		case err := <-ended:
			if e := asked(t, err); e.Kind != pagerduty.KindTimeout {
				t.Errorf("%s after %+v", e.Kind, e.Attempts)
			}
		case <-time.After(time.Minute):
			t.Fatal("the check was waited for without end")
		}
	}
}

// A header that the server says it does not take is ours, and is not sent.
func TestClient_longToken(t *testing.T) {
	t.Parallel()
	s := emulator(t)
	c := client(t, s.URL(), s.CAPEM())
	if _, err := c.CurrentUser(within(t, time.Minute), pagerduty.APIToken(token)); err != nil {
		t.Fatal(err) // it says so when the connection begins
	}
	_, err := c.CurrentUser(within(t, time.Minute), pagerduty.APIToken(pagerduty.NewSecret(strings.Repeat("a", 5<<18))))
	if e := asked(t, err); e.Kind != pagerduty.KindTransport || e.Sent() {
		t.Errorf("%s, sent %t", e.Kind, e.Sent())
	}
}
