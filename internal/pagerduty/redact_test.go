package pagerduty_test

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// special has every character that an encoding changes.
const special = "u+AbCd/EfGh=IjKlMn12"

func redactorOf(sent string, others ...string) pagerduty.Redactor {
	var all []pagerduty.Secret
	for _, s := range others {
		all = append(all, pagerduty.NewSecret(s))
	}
	return pagerduty.NewRedactor([]pagerduty.Secret{pagerduty.NewSecret(sent)}, all)
}

var percent = regexp.MustCompile("..")

// encodings are the forms in which servers repeat what they received.
func encodings() map[string]func(string) string {
	all := map[string]func(string) string{
		"plain": func(s string) string { return s }, "upper case": strings.ToUpper, "lower case": strings.ToLower,
		"query": url.QueryEscape, "path": url.PathEscape,
		"query, lower case": func(s string) string { return strings.ToLower(url.QueryEscape(s)) },
		"percent":           func(s string) string { return percent.ReplaceAllString(hex.EncodeToString([]byte(s)), "%$0") },
		"hex":               func(s string) string { return hex.EncodeToString([]byte(s)) },
		"hex, upper case":   func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
	}
	for before := range 3 {
		for after := range 2 {
			for name, encoding := range map[string]*base64.Encoding{
				"base64": base64.StdEncoding, "base64 URL": base64.URLEncoding, "base64 raw": base64.RawStdEncoding,
			} {
				all[fmt.Sprintf("%s after %d, before %d", name, before, after)] = func(s string) string {
					return encoding.EncodeToString([]byte(">>"[:before] + s + "?"[:after]))
				}
			}
		}
	}
	return all
}

// 6 consecutive characters are a leak in a message and 12 in a result, in every encoding
// and wherever they start.
func TestRedactor_windows(t *testing.T) {
	t.Parallel()
	for _, r := range []pagerduty.Redactor{redactorOf(special), redactorOf("", special)} {
		for name, encode := range encodings() {
			for from := range len(special) - 5 {
				if got := r.Text("you sent (" + encode(special[from:from+6]) + ")"); got != "" {
					t.Errorf("%s, 6 from %d: %q", name, from, got)
				}
			}
			for from := range len(special) - 11 {
				if !r.InResults("fine", "it is "+encode(special[from:from+12])+".") {
					t.Errorf("%s, 12 from %d: in a result", name, from)
				}
			}
		}
		for from := range len(special) - 10 {
			if part := special[from : from+5]; r.Text(part) != part {
				t.Errorf("%q is a leak in a message", part)
			}
			if part := special[from : from+11]; r.InResults(part) {
				t.Errorf("%q is a leak in a result", part)
			}
		}
	}
	r := redactorOf("short", "also-tiny", "")
	if r.Text("a short one") != "" || r.Text("also-tiny") == "" || r.InResults("a short one") {
		t.Error("a short secret counts as a long one")
	}
	if redactorOf("").Text("plain text") != "plain text" {
		t.Error("no secret redacts")
	}
}

// A masked echo shows more than the last 4 characters. Nothing invisible hides an echo.
func TestRedactor_disguises(t *testing.T) {
	t.Parallel()
	r := redactorOf(token)
	for _, text := range []string{
		"u+Cl************n001", "u+C**", "u+****001", "U+CL****", "ends in **vn001", "u+Cl...n001", "token u+Clxxxxn001.",
		"u+Cl\u2022\u2022n001", "u+Cl\u2026n001", "u+Cl##n001", "u+Cl____n001", "u+Cl\u2588\u2588n001", "u+Cl[redacted]n001",
		"u+Cl<hidden>n001", "starts with u+Cl and ends in n001",
	} {
		if got := r.Text(text); got != "" || !r.InResults(text) {
			t.Errorf("%q stays", text)
		}
	}
	for _, between := range []string{
		"\u200b", "\u200d", "\ufeff", "\u00ad", "\u2060", "\u202e", "\x00", "\x1b", "\xff", // not printable
		"\ufe0f", "\u034f", "\u180b", "\u3164", "\U000e0100", // printable to Go, and invisible
	} {
		text := strings.Join(strings.Split(token, ""), between)
		if got := r.Text(text); got != "" || !r.InResults(text) {
			t.Errorf("with %+q in between: %q", between, got)
		}
	}
	for _, text := range []string{
		"****n001", "...n001 is the token", "Access Denied", "Ada ... Lovelace", "[redacted]", "u+ is a prefix", "xxx", "u+C",
	} {
		if got := r.Text(text); got != text || r.InResults(text) {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestRepeatsSecret(t *testing.T) {
	t.Parallel()
	secrets := []pagerduty.Secret{pagerduty.NewSecret(token), pagerduty.NewSecret("short")}
	for host, want := range map[string]bool{
		"api.pagerduty.com": false, token[2:] + ".example": true, strings.ToLower(token[2:14]) + ".example": true,
		token[2:13] + ".example": false, "short.example": false,
	} {
		if pagerduty.RepeatsSecret(host, secrets...) != want {
			t.Errorf("%q: %t", host, !want)
		}
	}
}

// Whatever repeats the credential that was sent, or another one of the configuration,
// stays in the client.
func TestRedaction_responses(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	encoded := base64.StdEncoding.EncodeToString([]byte(other))
	for _, leak := range []string{token, other, secret, "x" + other[3:17], encoded} {
		host := strings.NewReplacer("_", "", "+", "").Replace(leak) + ".example"
		for _, field := range []string{`"P1"`, `"Ada"`, `"ada@acme.example"`, `"admin"`, `https://acme`, `"Ops"`, `"T1"`} {
			body := strings.Replace(userBody, `"role"`, `"teams":[{"id":"T1","name":"Ops"}],"role"`, 1)
			s.respond(http11("200 OK", hexID, strings.Replace(body, field[1:], leak+field[1:], 1)))
			if user, e := currentUser(t, s); kindOf(e) != pagerduty.KindEcho || user != nil {
				t.Errorf("%s, %q: %q", field, leak, kindOf(e))
			}
		}
		for name, response := range map[string]string{
			"message":    http11("403 No", hexID, `{"error":{"message":"you sent `+leak+`","code":2010}}`),
			"errors":     http11("403 No", hexID, `{"error":{"message":"no","errors":["a",["you sent `+leak+`"]]}}`),
			"scopes":     http11("403 No", hexID, `{"error":{"message":"no","required_scopes":"a `+leak+`"}}`),
			"request ID": http11("401 No", "X-Request-Id: "+leak+"\r\n", ""),
			"redirect":   http11("302 No", "Location: https://"+host+"/\r\n", ""),
			"page":       http11("401 No", hexID, "<p>"+leak),
			"header":     http11("429 No", "X-Cache-"+leak[:6]+": hit "+leak+"\r\nRetry-After: "+leak+"\r\n", ""),
			"challenge":  http11("401 No", "WWW-Authenticate: "+leak+"\r\n", ""),
			"status":     "HTTP/1.1 401 " + leak + "\r\n\r\n", "version": leak + " 401 No\r\n\r\n",
			"broken": "HTTP/1.1 200 OK\r\nContent-Length: " + leak + "\r\n\r\n",
		} {
			s.respond(response)
			_, e := currentUser(t, s)
			if e == nil || repeats(fmt.Sprintf("%+v", *e), leak, 6) {
				t.Errorf("%s, %q: %+v", name, leak, e)
			}
		}
	}
	// A request ID in hex can be a part of a secret in hex.
	id := hexID[len("X-Request-Id: ") : len(hexID)-2]
	s.respond(http11("401 No", hexID, ""))
	_, err := s.open(t).CurrentUser(within(t, time.Minute), pagerduty.APIToken(pagerduty.NewSecret(id+id)))
	if e := failureOf(t, err); e.RequestID != "" || e.Sender != pagerduty.SenderUnknown {
		t.Errorf("request ID %q from %s", e.RequestID, e.Sender)
	}
	// Names in a certificate come from outside, too.
	names := certificateWith(x509.Certificate{
		Subject: pkix.Name{CommonName: "CA of " + token}, DNSNames: []string{other, "b.example"},
	})
	_, e := currentUser(t, &server{url: afterTLS(t, names, func(*tls.Conn) {})})
	if p := e.Certificate; e.Kind != pagerduty.KindCertificate || p.Issuer != "" || p.Subject != "" {
		t.Errorf("the certificate names %q, %q", p.Subject, p.Issuer)
	}
}

// The time is linear in the length of a response, and nothing foreign is decoded.
func TestRedaction_hostileText(t *testing.T) {
	t.Parallel()
	nested := "the token is somewhere in here"
	for len(nested) < 1<<16 {
		nested = base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(nested)))
	}
	var distinct strings.Builder
	for i := range 50_000 {
		distinct.WriteString(`"` + strconv.Itoa(i) + `",`)
	}
	s := startServer(t)
	for name, text := range map[string]string{
		"nested": nested, "masks": strings.Repeat("u+C**", 1<<15), "percent": strings.Repeat("%25", 1<<16),
		"almost": strings.Repeat(token[:5]+" ", 1<<15), "invisible": strings.Repeat("\u200b", 1<<16),
		"brackets": strings.Repeat("<[", 1<<16), "scripts": strings.Repeat("<script ", 1<<15),
	} {
		s.respond(http11("403 No", hexID, `{"error":{"message":"`+text+`","errors":[`+distinct.String()+`0]}}`))
		if _, e := currentUser(t, s); e.Sender != pagerduty.SenderPagerDuty || len([]rune(e.Body.Message)) > 203 {
			t.Errorf("%s: from %s, %d bytes", name, e.Sender, len(e.Body.Message))
		}
		s.respond(http11("401 No", hexID, text))
		_, _ = currentUser(t, s)
		s.respond(http11("200 OK", hexID, strings.Replace(userBody, "Ada", text, 1)))
		_, _ = currentUser(t, s)
	}
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain": "plain", " a\n\t b ": "a b", "\x1b[31mred": "[31mred", "a\u202eb\u200bc": "abc", "\xff": "", "": "",
		"abcdefghijk": "abcdefghij...", "\u00e4\u00f6\u00fc": "\u00e4\u00f6\u00fc", "a\ufe0fb": "ab",
	} {
		if got := pagerduty.Printable(in, 10); got != want {
			t.Errorf("Printable(%q) = %q, want %q", in, got, want)
		}
	}
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

func FuzzRedactor(f *testing.F) {
	all := encodings()
	names := slices.Sorted(maps.Keys(all))
	for i := range names {
		f.Add("you sent ", uint(i), uint(2), uint(9), " sorry")
	}
	f.Fuzz(func(t *testing.T, before string, encoding, from, n uint, after string) {
		encode, start := all[names[encoding%uint(len(names))]], int(from%15)
		part := special[start:min(start+6+int(n%15), len(special))]
		text := before + " (" + encode(part) + ") " + after
		r := redactorOf(special)
		if got := r.Text(text); got != "" {
			t.Errorf("%q stays in %q", part, got)
		}
		if len(part) >= 12 && !r.InResults(text) {
			t.Errorf("%q stays in a result", part)
		}
		if out := redactorOf("").Text(text); !printable(out) {
			t.Errorf("%q is not printable", out)
		}
	})
}
