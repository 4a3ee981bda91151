package pagerduty_test

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

const (
	saidToken  = "e_SaidInTheTalk00001" // could be a request ID
	saidSecret = "SecretOfTheApp-in-the-talk-0123456789"
	saidMinted = "pdus+_0XBPWQQ_MintedInTheTalk-0123456789"
	retries    = 1
)

// conversation is a server that answers requests with bytes, one answer after the
// other, and remembers which of them it gave.
type conversation struct {
	listener    net.Listener
	ca          []byte
	connections atomic.Int64

	mu      sync.Mutex
	answers [][]byte
	given   [][]byte
}

func startConversation(tb testing.TB) *conversation {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		tb.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12,
	})
	if err != nil {
		tb.Fatal(err)
	}
	c := &conversation{listener: l, ca: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}
	tb.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			c.connections.Add(1)
			go c.serve(conn)
		}
	}()
	return c
}

// serve answers the requests of one connection. An answer that begins with K leaves
// the connection open for another request, for a moment: whoever still waits for the
// rest of an answer waits in vain.
func (c *conversation) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	for {
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, req.Body)
		answer := c.next()
		keep := bytes.HasPrefix(answer, []byte("K"))
		if _, err := conn.Write(bytes.TrimPrefix(answer, []byte("K"))); err != nil || !keep {
			return
		}
		_ = conn.SetDeadline(time.Now().Add(200 * time.Millisecond))
	}
}

func (c *conversation) next() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	answer := c.answers[min(len(c.given), len(c.answers)-1)]
	c.given = append(c.given, answer)
	return answer
}

// begin replaces the answers: those of script, which next separates.
func (c *conversation) begin(script string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answers, c.given = nil, nil
	for answer := range strings.SplitSeq(script, next) {
		c.answers = append(c.answers, []byte(credentials.Replace(answer)))
	}
}

func (c *conversation) said() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []string
	for _, answer := range c.given {
		all = append(all, strings.ToLower(string(answer)))
	}
	return all
}

// credentials puts the credentials into what a server says.
var credentials = strings.NewReplacer("{TOKEN}", saidToken, "{SECRET}", saidSecret, "{MINTED}", saidMinted)

// http11 is a whole answer.
func http11(status, headers, body string) string {
	body = credentials.Replace(body)
	return "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}

// conversations are the answers of every rule.
func conversations() []string {
	const (
		policy = `{"error":"Request blocked by an account-level security policy"}`
		openid = `{"access_token":"{MINTED}","token_type":"bearer","scope":"openid"}`
		other  = `{"access_token":"{MINTED}","token_type":"bearer","scope":"as_account-us.other users.read"}`
		scopes = `{"error":{"message":"no","code":2010,"required_scopes":"users.read"}}`
	)
	return []string{
		http11("200 OK", "", saidUser),
		"K" + http11("200 OK", "X-Request-Id: abc\r\n", saidUser) + `{"trailing":"Token token={TOKEN}"}`,
		http11("400 Bad Request", "", accountToken400Text) + next + http11("200 OK", "", saidUsers),
		http11("400 Bad Request", "", policy),
		"K" + http11("400 Bad Request", "", accountToken400Text) + next + http11("403 Forbidden", "", policy),
		http11("401 Unauthorized", "", ""), http11("401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\n", ""),
		http11("401 Unauthorized", "WWW-Authenticate: Token realm=\"a\", Negotiate\r\n", "<html>Zscaler</html>"),
		http11("401 Unauthorized", "Proxy-Authenticate: Basic\r\n", "{TOKEN}"),
		http11("403 Forbidden", "", scopes), http11("403 Forbidden", "", "<html>blocked {TOKEN}</html>"),
		http11("402 Payment Required", "", `{"error":{"message":"{TOKEN}","code":2012}}`),
		http11("500 No", "", "") + next + http11("401 Unauthorized", "", ""),
		http11("302 Found", "Location: https://{TOKEN}.example/\r\n", ""),
		http11("429 Too Many Requests", "Ratelimit-Reset: 1\r\n", "") + next + http11("200 OK", "", saidUser),
		http11("200 OK", "X-Request-Id: {TOKEN}\r\n", `{"user":{"id":"P1","name":"{TOKEN}"}}`),
		"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + saidUser,
		"HTTP/1.1 100 Continue\r\n\r\n" + http11("200 OK", "", saidUser),
		http11("200 OK", "Age: 30\r\n", saidUser), http11("200 OK", "", saidUser[:len(saidUser)-1]+`,"error":"no"}`),
		"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
		http11("200 OK", "", `{"user":{"id":"P1","name":"`+strings.Join(strings.Split(saidToken, ""), "\u200b")+`"}}`),
		http11("000 None", "", saidUser), http11("401 Unauthorized", "", `{"error":{"message":"Only HTTPS","code":2009}}`),
		http11("200 OK", "X-Cache-Status: STALE\r\n", saidUser),
		http11("400 Bad Request", "", accountToken400Text) + next + http11("200 OK", "", `{"users":[{"id":7}]}`),
		http11("429 Slow", "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\nRetry-After: Thu, 01 Jan 2026 00:00:01 GMT\r\n", ""),
		"garbage", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"use\r\n0\r\n\r\n", "",
		http11("200 OK", "", saidGrant) + next + http11("200 OK", "", saidUsers),
		http11("200 OK", "", saidGrant) + next + http11("403 Forbidden", "", scopes),
		http11("200 OK", "", saidGrant) + next + http11("403 Forbidden", "", "<html>{MINTED}</html>"),
		http11("200 OK", "", openid) + next + http11("200 OK", "", saidUsers), http11("200 OK", "", other),
		http11("401 Unauthorized", "WWW-Authenticate: Basic\r\n",
			`{"error":"invalid_client","error_description":"{SECRET}"}`),
		http11("400 Bad Request", "", `{"error":"invalid_scope"}`), http11("429 Slow", "", `{"error":"invalid_client"}`),
	}
}

// FuzzConversation holds a whole check against whatever a server sends: the client
// and the check are the real ones, and what they may say is decided by a few lines
// that know neither.
func FuzzConversation(f *testing.F) {
	// What net/http says about bytes that follow an answer goes to main's discarded
	// logger in the provider.
	log.SetOutput(io.Discard)
	for _, script := range conversations() {
		f.Add(script, false)
		f.Add(script, true)
	}
	server := startConversation(f)
	f.Fuzz(func(t *testing.T, script string, app bool) {
		r := afterTalk(t, server, script, app)
		said, calls := server.said(), 2 // /users/me, /users
		if app {
			calls = 3 // the mint, the mint with fewer scopes, /users
		}
		if len(said) > calls*(retries+1) {
			t.Errorf("%d requests", len(said))
		}
		if !mayBe(r.Status, said, app) {
			t.Errorf("%s (%+v) after %q", r.Status, r.Failure, said)
		}
		if part := repeatedPart(&r); part != "" {
			t.Errorf("a part of the credential came out in %s", part)
		}
	})
}

// mayBe is the oracle: whether a verdict is possible at all after these answers.
func mayBe(status preflight.Status, said []string, app bool) bool {
	if len(said) == 0 {
		return status != preflight.Valid && status != preflight.Unauthorized
	}
	last := said[len(said)-1]
	hidden := strings.Contains(last, "gzip") || strings.Contains(last, "chunked") || strings.Contains(last, `\u`)
	switch status {
	case preflight.Valid:
		accepted := strings.Contains(last, " 200") && (hidden || strings.Contains(last, `"user`))
		accepted = accepted && !strings.Contains(last, "\nage: 30\r\n") &&
			!strings.Contains(last, "\nx-cache-status: stale\r\n")
		if app {
			accepted = accepted || strings.Contains(last, " 403") && (hidden || strings.Contains(last, "required_scopes"))
			return accepted && len(said) > 1
		}
		return accepted
	case preflight.Unauthorized:
		for _, line := range header(last) {
			name, value, _ := strings.Cut(line, ":")
			value = strings.TrimSpace(value)
			foreign := !strings.HasPrefix(value, "token") && !strings.HasPrefix(value, "bearer") && value != ""
			if name == "proxy-authenticate" && value != "" || name == "www-authenticate" && foreign && !app {
				return false
			}
		}
		return strings.Contains(last, " 401") || app && (hidden || strings.Contains(last, "invalid_client"))
	default:
		return true
	}
}

// header is the lines of an answer up to the first empty one, after those of 1xx
// answers.
func header(answer string) []string {
	lines := strings.Split(answer, "\n")
	for i, line := range lines {
		if strings.TrimRight(line, "\r") != "" {
			continue
		}
		if strings.HasPrefix(answer, "http/1.1 1") || strings.HasPrefix(answer, "http/1.0 1") {
			return header(strings.Join(lines[i+1:], "\n"))
		}
		return lines[:i]
	}
	return lines
}

// repeatedPart names a text of the report that holds 6 characters of a credential in
// a row (12 in what a person chose), "" for none.
func repeatedPart(r *preflight.Report) string {
	secrets := []string{saidToken}
	if r.Credential.OAuth != nil {
		// Until it is granted, an access token is none.
		if secrets = []string{saidSecret}; !r.Minting {
			secrets = append(secrets, saidMinted)
		}
	}
	texts := map[string]string{"request ID": r.RequestID, "scopes": strings.Join(r.GrantedScopes, " ")}
	results := map[string]string{"subdomain": r.Subdomain}
	if u := r.User; u != nil {
		results["user"] = strings.Join([]string{
			string(u.ID), string(u.Name), string(u.Email), string(u.Role), string(u.JobTitle), string(u.TimeZone),
			string(u.HTMLURL),
		}, "\n")
	}
	if e := r.Failure; e != nil {
		texts["message"], texts["mark"], texts["redirect"] = e.Body.Message, e.Mark, e.RedirectHost
		texts["required scopes"] = strings.Join(e.Body.RequiredScopes, " ")
		texts["error"], texts["failure's request ID"] = e.Error(), e.RequestID
	}
	for _, c := range []struct {
		texts map[string]string
		run   int
	}{{texts, 6}, {results, 12}} {
		for name, text := range c.texts {
			text = strings.ReplaceAll(text, "\u200b", "") // nobody sees it
			for _, secret := range secrets {
				for i := 0; i+c.run <= len(secret); i++ {
					if strings.Contains(strings.ToLower(text), strings.ToLower(secret[i:i+c.run])) {
						return name
					}
				}
			}
		}
	}
	return ""
}
