package pagerduty_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// Only PagerDuty's own 403 denies write access, and only a 200 with a schedule proves it.
func TestClient_previewSchedule(t *testing.T) {
	t.Parallel()
	const refused = `{"error":{"message":"Access Denied","code":2010}}`
	for name, c := range map[string]struct {
		answer          pdfake.Behaviour
		allowed, denied bool
	}{
		"a schedule":                 {answer: pdfake.AnswerJSON(200, `{"schedule":{}}`), allowed: true},
		"PagerDuty's 403":            {answer: pdfake.AnswerJSON(403, refused), denied: true},
		"a 403 without a body":       {answer: pdfake.AnswerJSON(403, "")},
		"a 403 with a page":          {answer: pdfake.AnswerHTML(403, "<html>Forbidden</html>")},
		"a 403 of a gateway's":       {answer: pdfake.AnswerJSON(403, `{"message":"Forbidden"}`)},
		"a 200 without a schedule":   {answer: pdfake.AnswerJSON(200, `{}`)},
		"a schedule that is null":    {answer: pdfake.AnswerJSON(200, `{"schedule":null}`)},
		"a schedule that is a list":  {answer: pdfake.AnswerJSON(200, `{"schedule":[]}`)},
		"a schedule and an error":    {answer: pdfake.AnswerJSON(200, `{"schedule":{},"error":"no"}`)},
		"a 201 with a schedule":      {answer: pdfake.AnswerJSON(201, `{"schedule":{}}`)},
		"a 400":                      {answer: pdfake.AnswerJSON(400, refused)},
		"a 402":                      {answer: pdfake.AnswerJSON(402, refused)},
		"a 404":                      {answer: pdfake.AnswerJSON(404, refused)},
		"a 403 whose body broke off": {answer: pdfake.TruncatedBody()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := emulator(t, pdfake.WithFaults(pdfake.Fault{Behaviour: c.answer}))
			client := pagerduty.WithoutWaiting(clientWith(t, s, 1))
			allowed, err := client.PreviewSchedule(within(t, time.Minute), pagerduty.APIToken(token), "P1")
			if allowed != c.allowed || (err == nil) != (c.allowed || c.denied) {
				t.Errorf("allowed %t, error %v", allowed, err)
			}
		})
	}
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
