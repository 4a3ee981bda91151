package provider

import (
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// overrun answers as PagerDuty does, and goes on after the end of the body that
// Content-Length gives: with the request's headers, as a gateway's debug page does.
func overrun(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		body := `{"user":{"id":"PADA001","type":"user","name":"Ada","email":"ada@acme.example","role":"admin",` +
			`"html_url":"https://acme.pagerduty.com/users/PADA001"}}`
		_, _ = fmt.Fprintf(buffered, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			len(body), body)
		_, _ = fmt.Fprintf(buffered, "Authorization: %s\r\n", r.Header.Get("Authorization"))
		_ = buffered.Flush()
		// Terraform stops the provider, which ends the connection.
		_, _ = conn.Read(make([]byte, 1))
	}))
	t.Cleanup(s.Close)
	return s
}

// Nothing that comes over a connection reaches the log by net/http, whose logger
// main discards.
func TestAccStderr_secrecy(t *testing.T) {
	t.Parallel()
	for name, godebug := range map[string]string{
		"bytes after an answer": "",
		"GODEBUG":               "http2debug=2,http1debug=2",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := overrun(t)
			ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
			tf := newProject(t, blockAt(s.URL, string(ca), "")+"data \"pagerdutyauth_credential\" \"this\" {}\n")
			tf.setenv("TF_LOG", "DEBUG")
			tf.setenv("GODEBUG", godebug)
			o := tf.with(tokenAda).terraformRun("plan", "-input=false", "-no-color")
			shown := strings.ReplaceAll(o.output, tokenAda, "[the token]")
			if o.failed || !strings.Contains(o.output, "PagerDuty answered") {
				t.Fatalf("the check did not run, or its log is not there:\n%s", shown)
			}
			for i := range len(tokenAda) - 5 {
				if strings.Contains(o.output, tokenAda[i:i+6]) {
					t.Fatalf("the output holds a part of the token:\n%s", shown)
				}
			}
		})
	}
}

// terraform-plugin-go's own files would hold the token.
func TestAccStderr_noProtocolFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startEmulator(t)
	tf := newProject(t, block(s, "")+"data \"pagerdutyauth_credential\" \"this\" {}\n")
	tf.setenv("TF_LOG_SDK_PROTO_DATA_DIR", dir)
	tf.with(tokenAda).plan().passed(t)
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) > 0 {
		t.Errorf("%d files were written, such as %s", len(files), files[0].Name())
	}
}
