package main

import (
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
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

// Nothing that comes over a connection reaches the log by net/http.
func TestAccLog_secrecy(t *testing.T) {
	t.Parallel()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set: this test runs Terraform for real")
	}
	for name, godebug := range map[string]string{
		"bytes after an answer": "",
		"GODEBUG":               "http2debug=2,http1debug=2",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := overrun(t)
			w, err := tfrun.NewWorkspace(tfrun.Options{Dir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
			config := tfrun.RequiredProviders + tfrun.ProviderBlock(s.URL, string(ca), "") +
				"data \"pagerdutyauth_credential\" \"this\" {}\n"
			if err := w.Write("main.tf", config); err != nil {
				t.Fatal(err)
			}
			o, err := w.With("PAGERDUTY_TOKEN="+tfrun.TokenAda, "TF_LOG=DEBUG", "GODEBUG="+godebug).Run(t.Context(), "plan")
			if err != nil {
				t.Fatal(err)
			}
			if o.Failed || !strings.Contains(o.Output, "PagerDuty answered") {
				t.Fatalf("the check did not run, or its log is not there:\n%s", redact(o.Output))
			}
			for i := range len(tfrun.TokenAda) - 5 {
				if strings.Contains(o.Output, tfrun.TokenAda[i:i+6]) {
					t.Fatalf("the output holds a part of the token:\n%s", redact(o.Output))
				}
			}
		})
	}
}

func redact(output string) string { return strings.ReplaceAll(output, tfrun.TokenAda, "[the token]") }
