package pagerduty_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// Whatever a response says, what comes out is printable, bounded and free of secrets, and
// only a response with PagerDuty's request ID has a text at all.
func FuzzErrorBody(f *testing.F) {
	for _, seed := range []string{
		"", "<html>", `{"error":{"message":"x","code":2012,"errors":["a"]}}`, scopesNeeded, accountBody,
		`{"error":"invalid_scope","error_description":"Invalid scope"}`, `{"error":["a",["b"]]}`, `"text"`, `[1,2]`,
		`{"error":{"code":"2006","required_scopes":"a b","token_scopes":["c"]}}`, "{\"error\":\"\xff\"}", `{"error":""}`,
		`{"error":{"message":"you sent Token token=` + token + `"}}`, `{"error":{"message":"\u001b[2J"}}`,
		`{"error":{"code":1e400}}`, `{"error":{"message":"u+Cl****n001"}}`, `{"user":{"id":"P1"}}`, userBody, usersBody,
		"{\"error\":{\"message\":\"00s\x80Not00\"}}", `{"error":{"message":"` + other + `","errors":{"a":[{}]}}}`,
	} {
		f.Add([]byte(seed), uint16(301), true, false)
		f.Add([]byte(seed), uint16(303), true, true)
		f.Add([]byte(seed), uint16(100), false, false)
	}
	s := startServer(f)
	f.Fuzz(func(t *testing.T, body []byte, status uint16, identified, mint bool) {
		id := map[bool]string{true: hexID}[identified]
		s.respond(http11(strconv.Itoa(100+int(status)%900)+" x", id, string(body)))
		session := s.client().Open()
		defer session.Close()
		var err error
		if mint {
			_, err = session.Mint(within(t, time.Minute), app, nil)
		} else {
			_, err = session.Users(within(t, time.Minute), apiToken(), 1)
		}
		e := failureOf(t, err)
		if e == nil {
			return
		}
		b, texts := e.Body, fmt.Sprintf("%+v", *e)
		for _, secret := range []string{token, secret, other} {
			if repeats(texts, secret, 6) {
				t.Errorf("a part of %q in %s", secret, texts)
			}
		}
		scopes := strings.Join(append(b.RequiredScopes, b.TokenScopes...), "")
		if !printable(b.Message+scopes) || len([]rune(b.Message)) > 203 {
			t.Errorf("not printable or too long: %+q %+q", b.Message, scopes)
		}
		if !identified && (e.Sender == pagerduty.SenderPagerDuty || fmt.Sprint(b) != fmt.Sprint(pagerduty.ErrorBody{})) {
			t.Errorf("without a request ID: from %s, %+v", e.Sender, b)
		}
	})
}

// A grant has an access token that a header can hold and that is no secret of the
// configuration, or there is an *Error. The secrets come out of neither.
func FuzzMint(f *testing.F) {
	for _, seed := range []string{
		grantBody, `{"access_token":"x","token_type":"Bearer","scope":["users.read"],"expires_in":"1"}`,
		`{"error":"invalid_scope","error_description":"` + secret + `"}`, `{"access_token":"a\r\nb","token_type":"bearer"}`,
		`{"access_token":"` + secret + `","token_type":"bearer"}`, `{"access_token":"` + other + `","token_type":"bearer"}`,
		`{"access_token":"x","token_type":"bearer","scope":"users.read ` + secret + `"}`, `{"expires_in":1e400}`,
		`{"access_token":"x","token_type":"bearer","scope":"as_account-us.other users.read"}`, `{"access_token":1}`,
		`{"access_token":"x","token_type":"bearer","scope":null}`, "<html>", "", `access_token=x&token_type=bearer`,
	} {
		f.Add([]byte(seed), uint16(100))
		f.Add([]byte(seed), uint16(300))
	}
	s := startServer(f)
	f.Fuzz(func(t *testing.T, body []byte, status uint16) {
		s.respond(http11(strconv.Itoa(100+int(status)%900)+" x", hexID, string(body)))
		session := s.client().Open()
		defer session.Close()
		g, err := session.Mint(within(t, time.Minute), app, []string{"users.read"})
		if repeats(strings.Join(g.Scopes, " "), secret, 6) || repeats(strings.Join(g.Scopes, " "), other, 6) {
			t.Errorf("a secret in the scopes %q", g.Scopes)
		}
		var e *pagerduty.Error
		access := g.AccessToken.Reveal()
		switch {
		case err != nil && (!errors.As(err, &e) || access != ""):
			t.Errorf("%T with the access token %q", err, access)
		case err != nil:
		case access == "", access == secret, access == token, access == other, !httpguts.ValidHeaderFieldValue(access):
			t.Errorf("the access token %q", access)
		case !strings.Contains(string(body), "access_token") && !strings.Contains(string(body), `\u`):
			t.Errorf("%q is a grant", body)
		}
	})
}

func FuzzAccountOf(f *testing.F) {
	for _, seed := range []string{
		"https://acme.pagerduty.com/users/P1", "https://acme.eu.pagerduty.com/users/P1", "http://x", "%", "",
		"https://a.b.pagerduty.com", "https://\u212aim.pagerduty.com",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, htmlURL string) {
		subdomain, region := pagerduty.AccountOf(htmlURL)
		if subdomain == "" && region == "" {
			return
		}
		host := "https://" + subdomain + map[string]string{"us": "", "eu": ".eu"}[region] + ".pagerduty.com"
		rest, found := strings.CutPrefix(strings.ToLower(htmlURL), host)
		if !found || rest != "" && !strings.ContainsAny(rest[:1], "/?#") || strings.ContainsAny(subdomain, "./:@") {
			t.Errorf("%q names %q in %q", htmlURL, subdomain, region)
		}
	})
}

func FuzzSchemes(f *testing.F) {
	for _, seed := range []string{`Token realm="a", Basic realm="b\", c"`, "\t,=,\"", "Negotiate a==", `realm="x"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		all := pagerduty.Schemes([]string{"Token a=b, " + line})
		if len(all) == 0 || all[0] != "Token" && all[0] != "?" || slices.Contains(all, "") {
			t.Errorf("%q: %q", line, all)
		}
		if !strings.Contains(line, `"`) && !slices.Contains(pagerduty.Schemes([]string{line + ", Basic realm=x"}), "Basic") {
			t.Errorf("%q hides a challenge that follows", line)
		}
		if got := pagerduty.Schemes([]string{line, "Basic"}); !slices.Contains(got, "Basic") {
			t.Errorf("%q hides the challenge of another line", line)
		}
	})
}
