package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// emulator is a running server and the directory with what it wrote.
type emulator struct {
	server *pdfake.Server
	dir    string

	mu     sync.Mutex // the lines of requests overlap
	out    io.Writer
	unread chan struct{} // holds a value once nobody reads out any more
}

// start starts the server, writes its files and prints how to use it.
func start(out io.Writer, fault *pdfake.NamedFault, where pdfake.Fault) (*emulator, error) {
	e := &emulator{out: out, unread: make(chan struct{}, 1)}
	options := tfrun.Seed(
		pdfake.WithOAuthClient(app),
		pdfake.WithOnRequest(e.printRequest),
		pdfake.WithServerLog(log.New(handshakeErrors{e}, "", 0)))
	if fault != nil {
		options = append(options, fault.Apply(where))
	}
	var err error
	if e.server, err = pdfake.New(options...); err != nil {
		return nil, err
	}
	if e.dir, err = os.MkdirTemp("", "pagerduty-emulator-"); err == nil {
		err = errors.Join(
			os.WriteFile(e.caFile(), []byte(e.server.CAPEM()), 0o600),
			os.WriteFile(filepath.Join(e.dir, "main.tf"), []byte(e.configuration()), 0o600),
			e.printInstructions(fault))
	}
	if err != nil {
		return nil, errors.Join(err, e.close())
	}
	return e, nil
}

// close stops the server and removes its directory, with what Terraform wrote there.
func (e *emulator) close() error {
	e.server.Close()
	if err := os.RemoveAll(e.dir); err != nil || e.dir == "" {
		return err
	}
	_ = e.say("\nStopped. Removed " + e.dir + "\n") // the terminal may have gone
	return nil
}

func (e *emulator) caFile() string { return filepath.Join(e.dir, "ca.pem") }

// providerBlock has the arguments that point the provider at the emulator. A path on Windows has backslashes,
// which %q escapes as Terraform wants them.
func (e *emulator) providerBlock() string {
	return fmt.Sprintf(`provider "pagerdutyauth" {
  api_url_override      = %q
  identity_url_override = %q
  ca_cert_file          = %q
}
`, e.server.URL(), e.server.IdentityURL(), e.caFile())
}

func (e *emulator) configuration() string {
	return tfrun.RequiredProviders + "\n" + e.providerBlock() + `
data "pagerdutyauth_credential" "this" {}

output "status" {
  value = data.pagerdutyauth_credential.this.status
}

output "token_type" {
  value = data.pagerdutyauth_credential.this.token_type
}

output "subdomain" {
  value = data.pagerdutyauth_credential.this.subdomain
}
`
}

// printRequest prints method, path, status and credential.
func (e *emulator) printRequest(r pdfake.Request) {
	status := "no answer"
	if r.Status != 0 {
		status = fmt.Sprint(r.Status)
	}
	_ = e.say(fmt.Sprintf("%-6s %-24s %-9s %s\n", printable(r.Method), printable(r.Path), status, caller(r)))
}

func (e *emulator) say(text string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, err := io.WriteString(e.out, text)
	if err != nil && len(e.unread) == 0 {
		e.unread <- struct{}{}
	}
	return err
}

// caller names the credential by its kind and its last 4 characters.
func caller(r pdfake.Request) string {
	kind := "unknown token"
	for _, c := range credentials {
		if c.Value == r.Token {
			kind = c.Kind
		}
	}
	switch {
	case r.Token == "" && r.Header.Get("Authorization") != "":
		return "malformed Authorization header"
	case r.Token == "":
		return "no credential"
	case r.Token == app.ID:
		kind = "OAuth app"
	case strings.HasPrefix(r.Token, "pdus+"):
		kind = "access token"
	}
	return kind + " " + lastFour(r.Token)
}

// lastFour is the only part of a credential from a request that is printed.
func lastFour(value string) string {
	const shown = 4
	if len(value) < 2*shown {
		return "****"
	}
	return "****" + printable(value[len(value)-shown:])
}

// likeToken is what may be a token. Names of abilities are as long, but have neither digits nor capitals.
var likeToken = regexp.MustCompile(`[\w+=-]{20,}`)

// printable keeps text from a request from controlling the terminal, and from showing a token.
func printable(s string) string {
	const longest = 80
	s = likeToken.ReplaceAllStringFunc(s, func(token string) string {
		if strings.ContainsAny(token, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
			return lastFour(token)
		}
		return token
	})
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
	if len(s) > longest {
		return s[:longest] + "..."
	}
	return s
}

// handshakeErrors prints the TLS handshakes that fail before a request.
type handshakeErrors struct{ e *emulator }

func (h handshakeErrors) Write(line []byte) (int, error) {
	if _, reason, ok := strings.Cut(string(line), "TLS handshake error from "); ok {
		_, reason, _ = strings.Cut(reason, ": ") // the client's port says nothing
		_ = h.e.say("TLS handshake failed, so there was no request: " + printable(strings.TrimSpace(reason)) + "\n")
	}
	return len(line), nil
}
