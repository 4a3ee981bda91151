package pagerduty_test

import (
	"bufio"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
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
	ended := make(chan *pagerduty.Error, 1)
	go func() {
		_, err := client(t, s.URL, certificateOf(s)).CurrentUser(within(t, time.Second), pagerduty.APIToken(token))
		ended <- asked(t, err)
	}()
	select {
	case e := <-ended:
		if e.Status != http.StatusSwitchingProtocols || e.Kind != pagerduty.KindStatus {
			t.Errorf("%s, status %d", e.Kind, e.Status)
		}
	case <-time.After(time.Minute):
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
