package pagerduty_test

import (
	"bufio"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

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

// certificateOf is the certificate of a server of httptest, as PEM.
func certificateOf(s *httptest.Server) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
}

// A 200 earns nothing if it says at the same time that something failed, names nobody,
// or comes from a cache: then PagerDuty judged another request than this.
func TestClient_answersThatEarnNothing(t *testing.T) {
	t.Parallel()
	const ada = `{"user":{"id":"P1","html_url":"https://acme.pagerduty.com/users/P1"}`
	for name, c := range map[string]struct {
		header string // a name of a header, with the value 30
		body   string
		kind   pagerduty.Kind
		sender pagerduty.Sender
	}{
		"a user and an error": {
			body: ada + `,"error":{"message":"Account Not Found","code":2007}}`, kind: pagerduty.KindMissingObject,
		},
		"a user and null":      {body: ada + `,"error":null}`},
		"an ID of spaces":      {body: `{"user":{"id":" \u00a0"}}`, kind: pagerduty.KindMissingObject},
		"an ID that is a list": {body: `{"user":{"id":["P1"]}}`, kind: pagerduty.KindMissingObject},
		"from a cache":         {body: ada + `}`, header: "Age", kind: pagerduty.KindStatus, sender: pagerduty.SenderGateway},
		"another header":       {body: ada + `}`, header: "Aged"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header := http.Header{"Content-Type": {"application/json"}}
			if c.header != "" {
				header.Set(c.header, "30")
			}
			s := emulator(t, pdfake.WithFaults(pdfake.Fault{Behaviour: pdfake.Answer(200, header, []byte(c.body))}))
			who, err := clientWith(t, s, 0).CurrentUser(within(t, time.Minute), pagerduty.APIToken(token))
			if c.kind == "" {
				if err != nil || who.User == nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if e := asked(t, err); e.Kind != c.kind || e.Sender != c.sender || who.User != nil {
				t.Errorf("%s from %q, %v", e.Kind, e.Sender, who.User)
			}
		})
	}
}

// Users of two accounts prove neither.
func TestClient_usersOfTwoAccounts(t *testing.T) {
	t.Parallel()
	user := func(account string) string {
		return `{"id":"P1","html_url":"https://` + account + `.pagerduty.com/users/P1"}`
	}
	for want, users := range map[string][]string{
		"acme": {user("acme"), `{"id":"P2"}`, user("ACME")}, "": {user("acme"), user("acme.eu")},
	} {
		s := emulator(t, pdfake.WithFaults(pdfake.Fault{
			Behaviour: pdfake.AnswerJSON(200, `{"users":[`+strings.Join(users, ",")+`]}`),
		}))
		d, err := clientWith(t, s, 0).Users(within(t, time.Minute), pagerduty.APIToken(token), 100)
		if err != nil || d.Subdomain != want || (d.Region == "") != (want == "") {
			t.Errorf("account %q, region %q, want %q: %v", d.Subdomain, d.Region, want, err)
		}
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
