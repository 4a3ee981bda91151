package pagerduty

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/http/httpguts"
)

const fuzzToken = "u+FuzzTokenThatIsNot"

var fuzzRedactor = newRedactor(NewSecret(fuzzToken))

func FuzzErrorBody(f *testing.F) {
	for _, seed := range []string{
		"", "<html>", `{"error":{"message":"x","code":2012,"errors":["a"]}}`,
		`{"error":"invalid_scope","error_description":"Invalid scope"}`,
		`{"error":["a",["b"]]}`, `"text"`, `[1,2]`,
		`{"error":{"code":"2006","required_scopes":"a b","token_scopes":["c"]}}`, "{\"error\":\"\xff\"}",
		`{"error":{"message":"you sent Token token=` + fuzzToken + `"}}`, `{"error":{"message":"\u001b[2J"}}`,
		`{"error":{"code":1e400}}`,
	} {
		f.Add([]byte(seed), 401)
	}
	f.Fuzz(func(t *testing.T, body []byte, status int) {
		b := decodeErrorBody(&answer{status: status, body: body}, fuzzRedactor)
		out := b.Message + "|" + strings.Join(append(b.RequiredScopes, b.TokenScopes...), "|") + "|" + b.OAuthError
		if repeats(b.Message, fuzzRedactor.inText) {
			t.Error("the token came out")
		}
		if i := strings.IndexFunc(out, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
			t.Errorf("an unprintable character came out at %d", i)
		}
		if len([]rune(b.Message)) > maxMessage+3 {
			t.Error("the message is too long")
		}
		if b.PagerDuty && b.Form != FormJSON {
			t.Error("PagerDuty's errors are JSON")
		}
	})
}

func FuzzUser(f *testing.F) {
	for _, seed := range []string{
		`{"id":"P1","name":"Ada","teams":[{"id":"T1","summary":"x"}]}`, `{"id":1,"name":null,"teams":"x"}`,
		`{"teams":[1,null,{"id":2}]}`, `{"id":"P1","http_cal_url":"webcal://secret","web_cal_url":"https://secret"}`,
		`[]`, `null`,
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

// Whatever an identity host answers, minting ends with an access token that a header
// can carry or with an *Error, and the client secret comes out of neither.
func FuzzMint(f *testing.F) {
	for _, seed := range []string{
		`{"access_token":"pdus+x","token_type":"bearer","scope":"users.read","expires_in":86400}`,
		`{"access_token":"x","token_type":"Bearer","scope":["users.read"],"expires_in":"1"}`,
		`{"error":"invalid_scope","error_description":"` + fuzzToken + `"}`,
		`{"access_token":"a\r\nb","token_type":"bearer"}`, `{"access_token":"x","scope":"` + fuzzToken + `"}`,
		`{"access_token":"x","token_type":"bearer","scope":"as_account-us.other users.read"}`,
		`{"access_token":"x","token_type":"bearer","scope":"openid"}`, `{"access_token":"x","token_type":"bearer"}`,
		"<html>", "", `{"access_token":1}`, `{"expires_in":1e400}`, `access_token=x&token_type=bearer`,
	} {
		f.Add([]byte(seed), 200)
	}
	f.Fuzz(func(t *testing.T, body []byte, status int) {
		c := NewClient(Config{BaseURL: &url.URL{Scheme: "https", Host: "identity.example"}})
		app := App{ClientID: "id", ClientSecret: NewSecret(fuzzToken), Region: "us", Subdomain: "acme"}
		r := &call{method: http.MethodPost, path: mintPath, mint: true, secrets: []Secret{app.ClientSecret}}
		g, err := c.granted(r, &answer{status: status, body: body, header: http.Header{}}, app, []string{"users.read"})
		if repeats(strings.Join(g.Scopes, " "), fuzzRedactor.inText) {
			t.Error("the secret came out in the scopes")
		}
		if err != nil {
			var failed *Error
			if !errors.As(err, &failed) {
				t.Fatalf("%T is no *Error", err)
			}
			if repeats(failed.Body.Message, fuzzRedactor.inText) || !g.AccessToken.IsZero() {
				t.Error("the secret came out")
			}
			return
		}
		if g.AccessToken.IsZero() || !httpguts.ValidHeaderFieldValue(g.AccessToken.Reveal()) {
			t.Error("an access token that no header can carry")
		}
	})
}

func FuzzAccountOf(f *testing.F) {
	for _, seed := range []string{
		"https://acme.pagerduty.com/users/P1", "https://acme.eu.pagerduty.com/users/P1", "http://x",
		"https://a.b.pagerduty.com", "%", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, htmlURL string) {
		s, region := AccountOf(htmlURL)
		if s != "" && (!ValidSubdomain(s) || s != strings.ToLower(s)) || (s == "") != (region == "") {
			t.Errorf("%q in %q is no account", s, region)
		}
	})
}

func FuzzChallenges(f *testing.F) {
	f.Add(`Token realm="a", Basic realm="b\", c"`)
	f.Add("\t,=,\"")
	f.Fuzz(func(t *testing.T, line string) {
		for _, scheme := range challenges([]string{line}) {
			if scheme == "" {
				t.Error("a challenge without a scheme")
			}
		}
		// What stands between commas outside quotes and begins like a scheme is one.
		if !strings.Contains(line, `"`) && len(challenges([]string{line + ", Basic realm=x"})) == 0 {
			t.Error("a challenge was lost")
		}
	})
}
