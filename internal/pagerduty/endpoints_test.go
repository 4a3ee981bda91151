package pagerduty_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
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
		"a schedule":           {answer: pdfake.AnswerJSON(200, `{"schedule":{}}`), allowed: true},
		"PagerDuty's 403":      {answer: pdfake.AnswerJSON(403, refused), denied: true},
		"a 403 without a body": {answer: pdfake.AnswerJSON(403, "")},
		"a locked account":     {answer: pdfake.AnswerJSON(403, `{"error":{"message":"Locked","code":2008}}`)},
		"a missing ability":    {answer: pdfake.AnswerJSON(403, `{"error":{"message":"No Ability","code":2014}}`)},
		"a rejected token":     {answer: pdfake.AnswerJSON(403, `{"error":{"message":"Unknown","code":2006}}`)},
		"plain HTTP":           {answer: pdfake.AnswerJSON(403, `{"error":{"message":"Only HTTPS","code":2009}}`)},
		"an account whose license has expired": {
			answer: pdfake.AnswerJSON(403, `{"error":{"message":"Expired","code":2012}}`),
		},
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

// A server that repeats what it is sent computed no schedule.
func TestClient_previewRepeated(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rewrite func([]byte) string
		allowed bool
	}{
		"as it was":   {rewrite: func(b []byte) string { return string(b) }},
		"with spaces": {rewrite: func(b []byte) string { return strings.ReplaceAll(string(b), ":{", " : { ") }},
		"with more":   {rewrite: func(b []byte) string { return strings.Replace(string(b), "{", `{"id":7,`, 1) }},
		"computed": {
			rewrite: func(b []byte) string { return strings.Replace(string(b), ":{", `:{"id":"P1",`, 1) }, allowed: true,
		},
	} {
		s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			sent, _ := io.ReadAll(r.Body)
			_, _ = io.WriteString(w, c.rewrite(sent))
		}))
		t.Cleanup(s.Close)
		allowed, err := client(t, s.URL, certificateOf(s)).
			PreviewSchedule(within(t, time.Minute), pagerduty.APIToken(token), "P1")
		if allowed != c.allowed || !c.allowed && asked(t, err).Kind != pagerduty.KindMissingObject {
			t.Errorf("%s: allowed %t, error %v", name, allowed, err)
		}
	}
}

// What has the form of a list of users or abilities and none of them in it is another API's.
func TestClient_listsOfOthers(t *testing.T) {
	t.Parallel()
	for body, ok := range map[string]bool{
		`{"users":[]}`: true, `{"users":[{"id":"P1"}]}`: true, `{"users":[{"id":7,"login":"root"}]}`: false,
		`{"users":[null]}`: false, `{"users":[{}]}`: false, `{"users":[{"id":"P1"},{}]}`: false,
		`{"abilities":[]}`: true, `{"abilities":["teams"]}`: true, `{"abilities":[{"name":"teams"}]}`: false,
		`{"abilities":["teams",7]}`: false, `{"abilities":[""]}`: false,
	} {
		c := clientWith(t, emulator(t, pdfake.WithFaults(pdfake.Fault{Behaviour: pdfake.AnswerJSON(200, body)})), 0)
		var err error
		if strings.Contains(body, "users") {
			_, err = c.Users(within(t, time.Minute), pagerduty.APIToken(token), 1)
		} else {
			_, err = c.Abilities(within(t, time.Minute), pagerduty.APIToken(token))
		}
		if (err == nil) != ok || !ok && asked(t, err).Kind != pagerduty.KindMissingObject {
			t.Errorf("%s: %v", body, err)
		}
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
		if err != nil || d.Subdomain != want || (d.Region == "") != (want == "") || d.Mixed != (want == "") {
			t.Errorf("account %q, region %q, want %q: %v", d.Subdomain, d.Region, want, err)
		}
	}
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

func TestAccountOf(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][2]string{
		"https://acme.pagerduty.com/users/P1":     {"acme", "us"},
		"https://ACME.pagerduty.com/users/P1":     {"acme", "us"},
		"https://acme.eu.pagerduty.com/users/P1":  {"acme", "eu"},
		"https://acme-2.pagerduty.com":            {"acme-2", "us"},
		"http://acme.pagerduty.com/users/P1":      {},
		"https://acme.pagerduty.com.evil.example": {},
		"https://evilpagerduty.com/users/P1":      {},
		"https://a.b.pagerduty.com/users/P1":      {},
		"https://eu.pagerduty.com/users/P1":       {},
		"https://www.pagerduty.com/users/P1":      {},
		"https://api.pagerduty.com/users/P1":      {},
		"https://api.eu.pagerduty.com/users/P1":   {},
		"https://acme.pagerduty.com:444/users/P1": {},
		"https://u:p@acme.pagerduty.com/users/P1": {},
		// Letters that only look like those of ASCII.
		"https://\u212aim.pagerduty.com/users/P1":  {},
		"https://bo\u017fs.pagerduty.com/users/P1": {},
		"": {}, "%": {}, "acme": {},
	} {
		if subdomain, region := pagerduty.AccountOf(in); [2]string{subdomain, region} != want {
			t.Errorf("AccountOf(%q) = %q, %q, want %q", in, subdomain, region, want)
		}
	}
}
