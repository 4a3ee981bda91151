package pagerduty_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

const next = "\n---\n" // separates the responses of a script

// Responses of PagerDuty itself.
var (
	rejection = http11("401 Unauthorized", hexID, "")
	theUser   = http11("200 OK", "", userBody)
	noUser    = http11("400 Bad Request", "", accountBody)
	theUsers  = http11("200 OK", "", usersBody)
	theGrant  = http11("200 OK", "", grantBody)
	preview   = http11("200 OK", "", previewBody)
	readOnly  = http11("403 Forbidden", hexID, deniedBody)
)

// conversations returns scripts of each kind that the rule is about.
func conversations() []string {
	var all []string
	add := func(responses ...string) { all = append(all, strings.Join(responses, next)) }
	// PagerDuty's yes and no, on every request.
	add(theUser)
	add(keep+noUser, keep+theUsers)
	add(keep+theGrant, theUsers)
	add(keep+theUser, keep+preview)
	add(keep+noUser, keep+theUsers, readOnly)
	for _, before := range [][]string{nil, {noUser}, {theUser}, {theGrant}, {keep + noUser, keep + theUsers}} {
		add(append(before, rejection)...)
		add(append(before, http11("403 No", hexID, `{"error":{"message":"no","code":2006}}`))...)
		// The same from a gateway.
		add(append(before, http11("401 Unauthorized", uuid, ""))...)
		add(append(before, http11("401 No", hexID+"WWW-Authenticate: Token, Basic realm=\"x\"\r\n", ""))...)
		add(append(before, http11("401 No", hexID, `{"message":"Unauthorized"}`))...)
		add(append(before, http11("403 No", "", `{"message":"no","required_scopes":["users.read"]}`))...)
		add(append(before, http11("403 No", "", scopesNeeded))...)
		add(append(before, http11("403 No", hexID, scopesNeeded))...)
		add(append(before, http11("403 No", hexID, "<html>Zscaler "+token))...)
		add(append(before, http11("402 No", hexID, `{"error":{"message":"`+token+`","code":2012}}`))...)
	}
	// A foreign 200, one from a cache, one that repeats a secret.
	add(noUser, http11("200 OK", "", `{"users":[]}`))
	add(noUser, http11("200 OK", "", `{"users":[{"id":7,"login":"root"}]}`))
	add(http11("200 OK", "", `{"user":{"id":"1","name":"root"}}`))
	add(http11("200 OK", "", `{"User":{"ID":"P1","Type":"user"}}`))
	add(http11("200 OK", "", strings.Replace(userBody, "{", `{"error":{"message":"no"},`, 1)))
	for _, header := range []string{"Age: 30", "X-Cache-Status: STALE", "X-Cache: HIT", "X-Varnish: 5 3"} {
		add(http11("200 OK", header+"\r\n", userBody))
		add(http11("401 No", hexID+header+"\r\n", ""))
		add(theGrant, http11("200 OK", header+"\r\n", usersBody))
	}
	for _, leak := range []string{token, other, strings.Join(strings.Split(token, ""), "\u200b"), "u+Cl****n001"} {
		add(http11("200 OK", "X-Request-Id: "+token+"\r\n", strings.Replace(userBody, "Ada", leak, 1)))
		add(http11("403 No", hexID, `{"error":{"message":"`+leak+`","code":2010,"required_scopes":"`+leak+`"}}`))
		add(http11("200 OK", "", strings.Replace(grantBody, "users.read", "users.read "+leak, 1)), theUsers)
	}
	// Grants.
	for _, change := range [][2]string{
		{minted, secret}, {minted, other}, {"as_account-us.acme users.read", "openid"}, {"us.acme", "us.other"},
		{`"as_account-us.acme users.read"`, "null"}, {"bearer", "mac"}, {`{`, `{"error":"invalid_client",`},
	} {
		add(http11("200 OK", hexID, strings.Replace(grantBody, change[0], change[1], 1)), theUsers)
	}
	for _, body := range []string{
		`{"error":"invalid_client","error_description":"` + secret + `"}`, `{"error":"invalid_scope"}`, "Invalid scope",
	} {
		add(http11("400 No", hexID, body))
		add(http11("401 No", "WWW-Authenticate: Basic\r\n", body))
		add(http11("401 No", hexID+"WWW-Authenticate: Basic\r\n", body))
	}
	// Retries, and what is hardly HTTP.
	add(http11("429 No", "Ratelimit-Reset: 1\r\n", ""), theUser)
	add(http11("500 No", "", ""), rejection)
	add(theUser[:len(theUser)-1])
	add(keep + theUser + rejection)
	add("HTTP/1.1 100 Continue\r\n\r\n" + theUser)
	add("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
	add(http11("302 Found", "Location: https://"+token+".example/\r\n", ""))
	add(http11("000 None", "", userBody))
	add(http11("200 OK", "Content-Encoding: gzip\r\n", zipped(userBody)))
	add("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"use\r\n0\r\n\r\n")
	add("HTTP/1.1 401 \n\r\nuthorized\r\nProxy-Authenticate: B}s")
	add("garbage")
	add("")
	return all
}

// FuzzConversation runs whole checks against whatever a server sends. The oracle is
// issue 22's rule in a few lines that share no code with the client.
func FuzzConversation(f *testing.F) {
	for _, script := range conversations() {
		for i := range 4 {
			f.Add(script, i%2 == 1, i/2 == 1)
		}
	}
	const maxRetries = 1
	s := startServer(f)
	s.patience = 200 * time.Millisecond // a client that waits for the rest of a response does not wait for long
	f.Fuzz(func(t *testing.T, script string, app, write bool) {
		s.respond(strings.Split(script, next)...)
		r := check(t, s, maxRetries, app, write)
		_, given, _ := s.seen()
		most := 2 * (maxRetries + 1)
		if write {
			most *= 2
		}
		if strings.Contains(script, keep) {
			most *= 2 // net/http repeats a GET on a reused connection
		}
		if len(given) > most {
			t.Errorf("%d requests, want at most %d", len(given), most)
		}
		said, exact := hear(given)
		if !mayBe(&r, said, app) {
			t.Errorf("%s (%+v) after %q", r.Status, r.Failure, given)
		}
		if want := mustBe(given, exact, app, write); want != "" && r.Status != want {
			t.Errorf("%s, want %s (%+v) after %q", r.Status, want, r.Failure, given)
		}
		if part := leaked(&r); part != "" {
			t.Errorf("a part of a secret in %s", part)
		}
	})
}

// check returns the report of a whole check.
func check(t *testing.T, s *server, maxRetries int, app, write bool) preflight.Report {
	t.Helper()
	client := s.client(retries(maxRetries))
	checker := &preflight.Checker{
		Settings: preflight.Settings{Host: s.url.Host, Region: "us", Timeout: 5 * time.Second, Retries: maxRetries},
		Open:     func() preflight.Conversation { return client.Open() },
	}
	cred := preflight.Credential{Name: preflight.CredentialToken, Value: pagerduty.NewSecret(token)}
	if app {
		cred = preflight.Credential{
			Name: preflight.CredentialApp, Value: pagerduty.NewSecret(secret),
			App: &preflight.App{ClientID: "id-0123456789", Region: "us", Subdomain: "acme"},
		}
	}
	var guards []preflight.GuardValue
	if write {
		guards = append(guards, preflight.GuardValue{Name: preflight.GuardWriteAccess, Values: []string{"true"}})
	}
	return checker.Check(t.Context(), cred, guards)
}

// heard is a response as the oracle reads it.
type heard struct {
	status int
	header http.Header
	text   string
	object map[string]any
}

// hear reads all responses in the bytes that a server sent. exact reports whether there
// was one response each time, and nothing after it.
func hear(given []string) (said []heard, exact bool) {
	exact = true
	for _, raw := range given {
		in, n := bufio.NewReader(strings.NewReader(strings.TrimPrefix(raw, keep))), 0
		for res, err := http.ReadResponse(in, nil); err == nil; res, err = http.ReadResponse(in, nil) {
			if res.Header.Get("Content-Encoding") != "" {
				if z, err := gzip.NewReader(res.Body); err == nil {
					res.Body = z
				}
			}
			b, _ := io.ReadAll(res.Body)
			h := heard{status: res.StatusCode, header: res.Header, text: strings.TrimSpace(string(b))}
			_ = json.Unmarshal([]byte(h.text), &h.object)
			said, n = append(said, h), n+1
		}
		exact = exact && n == 1 && in.Buffered() == 0
	}
	return said, exact
}

// mayBe reports whether a check can have this result after these responses.
func mayBe(r *preflight.Report, said []heard, app bool) bool {
	some := func(f func(heard) bool) bool { return slices.ContainsFunc(said, f) }
	accepted := some(heard.accepts)
	if app {
		accepted = some(heard.grants) && (accepted || some(heard.namesScopes))
	}
	if write := r.WriteAccess; write != nil && !(*write && some(heard.computes) || !*write && some(heard.refuses)) {
		return false
	}
	switch r.Status {
	case preflight.Valid, preflight.NotAllowed:
		return accepted
	case preflight.Unauthorized:
		return some(func(h heard) bool {
			return h.rejects() || app && h.fromPagerDuty(true) && h.object["error"] == "invalid_client"
		})
	case preflight.Forbidden:
		return some(heard.refuses) || app && some(func(h heard) bool {
			oauth, _ := h.object["error"].(string)
			return h.status == 200 && h.object["access_token"] != nil && h.object["scope"] != nil ||
				h.fromPagerDuty(false) && (strings.Contains(strings.ToLower(h.text), "invalid scope") || oauth != "")
		})
	case preflight.PaymentRequired:
		return some(func(h heard) bool { return h.status == 402 && h.fromPagerDuty(false) && h.isError() })
	default:
		return true
	}
}

// mustBe returns the status that PagerDuty's own responses prescribe, or "".
func mustBe(given []string, exact, app, write bool) preflight.Status {
	switch {
	case len(given) == 0:
	case exact && strings.TrimPrefix(given[len(given)-1], keep) == rejection:
		return preflight.Unauthorized
	case !app && !write && given[0] == theUser:
		return preflight.Valid
	}
	return ""
}

var (
	isID       = regexp.MustCompile(`^[0-9a-fA-F]{32}$`)
	quotes     = regexp.MustCompile(`"[^"\\]*"`)
	challenge  = regexp.MustCompile(`^\s*([A-Za-z]+)(\s*|\s+[a-z]+=.*)$`)
	isHit      = regexp.MustCompile(`(?i)^[a-z]*[^a-z]*(hit|stale|updating|revalidated)\b`)
	cacheNames = regexp.MustCompile(`(?i)^(x-cache|x-cache-status|cf-cache-status|x-proxy-cache)$`)
)

// cached reports whether a cache clearly says that it sent a response.
func (h heard) cached() bool {
	if age, err := strconv.Atoi(h.header.Get("Age")); err == nil && age > 0 {
		return true
	}
	for name, values := range h.header {
		if cacheNames.MatchString(name) && isHit.MatchString(values[0]) {
			return true
		}
	}
	return len(strings.Fields(h.header.Get("X-Varnish"))) == 2
}

// fromPagerDuty reports whether the headers of a refusal can be PagerDuty's.
func (h heard) fromPagerDuty(anyChallenge bool) bool {
	if !isID.MatchString(h.header.Get("X-Request-Id")) || h.cached() || h.header.Get("Proxy-Authenticate") != "" {
		return false
	}
	for _, line := range h.header.Values("Www-Authenticate") {
		for part := range strings.SplitSeq(quotes.ReplaceAllString(line, "x"), ",") {
			if m := challenge.FindStringSubmatch(part); len(m) > 1 && !anyChallenge &&
				!strings.EqualFold(m[1], "token") && !strings.EqualFold(m[1], "bearer") {
				return false
			}
		}
	}
	return true
}

// isError reports whether a body can be an error of PagerDuty's API.
func (h heard) isError() bool {
	inner, ok := h.object["error"].(map[string]any)
	for key := range h.object {
		ok = ok && (key == "error" || strings.HasSuffix(key, "_scopes"))
	}
	for key := range inner {
		ok = ok && (slices.Contains([]string{"message", "code", "errors"}, key) || strings.HasSuffix(key, "_scopes"))
	}
	message, _ := inner["message"].(string)
	return ok && (message != "" || inner["code"] != nil)
}

func (h heard) rejects() bool {
	inner, _ := h.object["error"].(map[string]any)
	code := fmt.Sprint(inner["code"])
	isText := h.text == "" || !strings.ContainsAny(h.text[:1], `{["`)
	return h.fromPagerDuty(false) && (h.status == 401 && (isText || h.isError()) ||
		(h.status == 402 || h.status == 403) && h.isError() && strings.HasPrefix(code, "2006"))
}

func (h heard) refuses() bool { return h.status == 403 && h.fromPagerDuty(false) && h.isError() }

func (h heard) namesScopes() bool { return h.refuses() && strings.Contains(h.text, "required_scopes") }

// is200 reports whether a success can be PagerDuty's.
func (h heard) is200() bool { return h.status == 200 && !h.cached() && h.object["error"] == nil }

// accepts reports whether a response has a user of the API in it.
func (h heard) accepts() bool {
	isUser := func(v any) bool {
		user, _ := v.(map[string]any)
		id, _ := user["id"].(string)
		return user["type"] == "user" && id != ""
	}
	list, _ := h.object["users"].([]any)
	return h.is200() && (isUser(h.object["user"]) || slices.ContainsFunc(list, isUser))
}

func (h heard) grants() bool {
	access, _ := h.object["access_token"].(string)
	scope, named := h.object["scope"]
	names := strings.ToLower(fmt.Sprint(scope))
	foreign := strings.Contains(strings.ReplaceAll(names, "as_account-us.acme", ""), "as_account-")
	useful := scope != nil && !foreign && (strings.Contains(names, "as_account-") || strings.Contains(names, "users.read"))
	return h.is200() && access != "" && access != secret && access != other && (useful || !named)
}

func (h heard) computes() bool { return h.is200() && strings.Contains(h.text, "rendered_") }

// leaked names a text of the report that has 6 consecutive characters of a secret, or 12
// in what a person chose. It returns "" for none.
func leaked(r *preflight.Report) string {
	secrets := []string{token, secret, other}
	if r.AccessToken.Reveal() == minted {
		secrets = append(secrets, minted)
	}
	results := []string{r.Subdomain, fmt.Sprintf("%+v", r.User)}
	texts := []string{strings.Join(r.Scopes, " "), strings.Join(r.GrantedScopes, " "), r.RequestID}
	failures := []*pagerduty.Error{r.Failure}
	for _, gap := range r.Gaps {
		failures, results = append(failures, gap.Failure), append(results, strings.Join(gap.Accounts, " "))
	}
	for _, e := range failures {
		if e != nil {
			texts = append(texts, fmt.Sprintf("%+v %v", *e, e))
		}
	}
	for n, all := range map[int][]string{6: texts, 12: results} {
		for _, text := range all {
			text = strings.ReplaceAll(text, "\u200b", "") // no one sees it
			if slices.ContainsFunc(secrets, func(s string) bool { return repeats(text, s, n) }) {
				return text
			}
		}
	}
	return ""
}
