package pagerduty

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/http/httpguts"
)

const fuzzKey = "u+FuzzKeyThatIsNot00"

func FuzzErrorBody(f *testing.F) {
	for _, seed := range []string{
		"", "<html>", `{"error":{"message":"x","code":2012,"errors":["a"]}}`, `{"error":"invalid_scope","error_description":"Invalid scope"}`,
		`{"error":["a",["b"]]}`, `"text"`, `[1,2]`, `{"error":{"code":"2006","required_scopes":"a b","token_scopes":["c"]}}`, "{\"error\":\"\xff\"}",
		`{"error":{"message":"you sent Token token=` + fuzzKey + `"}}`, `{"error":{"message":"\u001b[2J"}}`, `{"error":{"code":1e400}}`,
	} {
		f.Add([]byte(seed), 401)
	}
	f.Fuzz(func(t *testing.T, body []byte, status int) {
		b := decodeErrorBody(&answer{status: status, body: body}, fuzzKey)
		out := b.Message + "|" + strings.Join(append(b.RequiredScopes, b.TokenScopes...), "|") + "|" + b.OAuthError
		if repeats(out, fuzzKey) {
			t.Error("the key came out")
		}
		if i := strings.IndexFunc(out, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
			t.Errorf("an unprintable character came out at %d", i)
		}
		if len([]rune(b.Message)) > maxMessage+3 {
			t.Error("the message is too long")
		}
	})
}

func FuzzUser(f *testing.F) {
	for _, seed := range []string{
		`{"id":"P1","name":"Ada","teams":[{"id":"T1","summary":"x"}]}`, `{"id":1,"name":null,"teams":"x"}`, `{"teams":[1,null,{"id":2}]}`,
		`{"id":"P1","http_cal_url":"webcal://secret","web_cal_url":"https://secret"}`, `[]`, `null`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var u User
		err := json.Unmarshal(body, &u)
		var object map[string]any
		if err != nil && json.Unmarshal(body, &object) == nil {
			t.Errorf("an object was refused: %v", err)
		}
		for _, team := range u.Teams {
			if team.ID == "" {
				t.Error("a team without an ID")
			}
		}
	})
}

// Whatever an identity host answers, minting ends with a token that a header can
// carry or with an *Error, and the client's secret comes out of neither.
func FuzzMint(f *testing.F) {
	for _, seed := range []string{
		`{"access_token":"pdus+x","token_type":"bearer","scope":"users.read","expires_in":86400}`, `{"access_token":"x","token_type":"Bearer","scope":["a"],"expires_in":"1"}`,
		`{"error":"invalid_scope","error_description":"` + fuzzKey + `"}`, `{"access_token":"a\r\nb","token_type":"bearer"}`, `{"access_token":"x","scope":"` + fuzzKey + `"}`,
		"<html>", "", `{"access_token":1}`, `{"expires_in":1e400}`, `access_token=x&token_type=bearer`,
	} {
		f.Add([]byte(seed), 200, "application/json")
	}
	f.Add([]byte("access_token=x&token_type=bearer&expires_in=5"), 200, "application/x-www-form-urlencoded")
	f.Fuzz(func(t *testing.T, body []byte, status int, contentType string) {
		c := NewClient(Config{BaseURL: &url.URL{Scheme: "https", Host: "identity.example"}})
		g, err := c.mint(t.Context(), App{ClientID: "id", ClientSecret: fuzzKey, Region: "us", Subdomain: "acme"}, []string{"users.read"},
			func(_ context.Context, r call) (*answer, *Error) {
				if r.form.Get("client_secret") != fuzzKey || r.form.Get("scope") != "as_account-us.acme users.read" {
					t.Error("another form was sent")
				}
				return &answer{status: status, body: body, header: http.Header{"Content-Type": {contentType}}}, nil
			})
		if err != nil {
			var failed *Error
			if !errors.As(err, &failed) {
				t.Fatalf("%T is no *Error", err)
			}
			if repeats(failed.Body.Message+failed.Error(), fuzzKey) {
				t.Error("the secret came out")
			}
			return
		}
		if g.AccessToken == "" || !httpguts.ValidHeaderFieldValue(g.AccessToken) {
			t.Error("a token that no header can carry")
		}
		if repeats(strings.Join(g.Scopes, " "), fuzzKey) {
			t.Error("the secret came out in the scopes")
		}
	})
}

func FuzzSubdomain(f *testing.F) {
	for _, seed := range []string{"https://acme.pagerduty.com/users/P1", "https://acme.eu.pagerduty.com/users/P1", "http://x", "https://a.b.pagerduty.com", "%", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, htmlURL string) {
		if s := Subdomain(htmlURL); s != "" && (!ValidSubdomain(s) || s != strings.ToLower(s)) {
			t.Errorf("%q is no subdomain", s)
		}
	})
}

func TestSubdomain(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://acme.pagerduty.com/users/P1":     "acme",
		"https://ACME.pagerduty.com/users/P1":     "acme",
		"https://acme.eu.pagerduty.com/users/P1":  "acme",
		"https://acme-2.pagerduty.com":            "acme-2",
		"http://acme.pagerduty.com/users/P1":      "",
		"https://acme.pagerduty.com.evil.example": "",
		"https://evilpagerduty.com/users/P1":      "",
		"https://a.b.pagerduty.com/users/P1":      "",
		"https://eu.pagerduty.com/users/P1":       "",
		"https://www.pagerduty.com/users/P1":      "",
		"https://api.pagerduty.com/users/P1":      "",
		"https://acme.pagerduty.com:444/users/P1": "",
		"https://u:p@acme.pagerduty.com/users/P1": "",
		"": "", "%": "", "acme": "",
	} {
		if got := Subdomain(in); got != want {
			t.Errorf("Subdomain(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain": "plain", "a\n\tb": "a b", "\x1b[31mred\x1b[0m": "[31mred[0m", "a\u202eb": "ab", "\xff": "", "abcdefghijk": "abcdefghij...",
	} {
		if got := Printable(in, 10); got != want {
			t.Errorf("Printable(%q) = %q, want %q", in, got, want)
		}
	}
}

// Where a server quotes what was sent, in whatever form, nothing is shown.
func TestRepeats(t *testing.T) {
	t.Parallel()
	const key = "u+AbCd/EfGh=IjKlMn12"
	for text, want := range map[string]bool{
		"Token token=" + key: true, "part: AbCd/E": true, "u%2BAbCd%2FEfGh%3DIjKlMn12": true,
		"dStBYkNkL0VmR2g9SWpLbE1uMTI=": true, "ends in Mn12": false, "": false, "Access Denied": false,
	} {
		if got := repeats(text, key); got != want {
			t.Errorf("repeats(%q) = %t", text, got)
		}
	}
}
