package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// asMain has the test's binary run main, as a process of its own that can be interrupted.
const asMain = "EMULATOR_TEST_AS_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asMain) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// process is a running emulator and what it prints, line by line.
type process struct {
	cmd    *exec.Cmd
	out    io.Closer
	lines  chan string
	caFile string
}

func startProcess(t *testing.T, args ...string) *process {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), asMain+"=1", "TMPDIR="+t.TempDir())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: cmd, out: out, lines: make(chan string, 1000)}
	go func() {
		defer close(p.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			p.lines <- s.Text()
		}
	}()
	return p
}

// until returns the output up to a line that matches, with this line.
func (p *process) until(t *testing.T, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	var seen strings.Builder
	timeout := time.After(time.Minute)
	for {
		select {
		case line, open := <-p.lines:
			seen.WriteString(line + "\n")
			if !open {
				t.Fatalf("the output ended without %q:\n%s", pattern, seen.String())
			}
			if re.MatchString(line) {
				return seen.String()
			}
		case <-timeout:
			t.Fatalf("no line like %q in:\n%s", pattern, seen.String())
		}
	}
}

// find is what stands in the output where the pattern's group is.
func find(t *testing.T, output, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(output)
	if m == nil {
		t.Fatalf("nothing like %q in:\n%s", pattern, output)
	}
	return m[1]
}

func clientFor(t *testing.T, caFile string) *http.Client {
	t.Helper()
	pem, err := os.ReadFile(caFile)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		t.Fatal("the CA file holds no certificate")
	}
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: 30 * time.Second}
}

func ask(t *testing.T, c *http.Client, target, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/vnd.pagerduty+json;version=2")
	req.Header.Set("Authorization", "Token token="+token)
	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// TestEmulator uses the output as a person would, and ends it with an interrupt.
func TestEmulator(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no interrupt that a process can send to another")
	}
	p := startProcess(t, "-fault", "internal-error", "-path", "/abilities", "-times", "1")
	output := p.until(t, "^Each request appears below")
	base := find(t, output, `api_url_override      = "(.*)"`)
	identity := find(t, output, `identity_url_override = "(.*)"`)
	caFile := find(t, output, `ca_cert_file          = "(.*)"`)
	token := find(t, output, `export PAGERDUTY_TOKEN='(.*)'`)
	revoked := find(t, output, `(?m)^revoked token: .*\n  export PAGERDUTY_TOKEN='(.*)'$`)
	dir := find(t, output, `(?m)^cd '(.*)'$`)
	if !strings.Contains(output, "It answers with the fault internal-error:") {
		t.Error("no word of the fault")
	}
	configuration, err := os.ReadFile(filepath.Join(dir, "main.tf"))
	if err != nil || !strings.Contains(string(configuration), base) {
		t.Errorf("the configuration does not lead here: %v", err)
	}

	c := clientFor(t, caFile)
	for path, want := range map[string]int{"/users/me": 200, "/abilities": 500, "/nosuch\x1b[31m": 404} {
		if got := ask(t, c, base+(&url.URL{Path: path}).EscapedPath(), token); got != want {
			t.Errorf("%s: status %d, want %d", path, got, want)
		}
		line := p.until(t, `^GET `)
		if strings.Contains(line, token) || strings.Contains(line, "\x1b") ||
			!strings.Contains(line, "user API token ****"+token[16:]) {
			t.Errorf("the line is %q", strings.ReplaceAll(line, token, "[the token]"))
		}
	}
	if got := ask(t, c, base+"/users/me", revoked); got != http.StatusUnauthorized {
		t.Errorf("revoked: status %d", got)
	}
	p.until(t, `^GET    /users/me  +401 +revoked token \*\*\*\*`+revoked[16:]+"$")
	res, err := c.PostForm(identity+"/oauth/token", url.Values{"client_id": {"nobody-knows-it"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	p.until(t, `^POST   /oauth/token  +400 +unknown token \*\*\*\*s-it$`)

	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	p.until(t, "^Stopped. Removed "+regexp.QuoteMeta(dir)+"$")
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", dir, err)
	}
}

// TestStart_credentials has each printed credential answered as it says.
func TestStart_credentials(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	e, err := start(&out, nil, pdfake.Fault{})
	if err != nil {
		t.Fatal(err)
	}
	printed := out.String() // before there are requests
	c := clientFor(t, e.caFile())
	last := make(map[string]bool)
	for _, cred := range credentials {
		if len(cred.Value) != 20 || last[cred.Value[16:]] {
			t.Errorf("the %s has not the shape of a token, or another's last characters", cred.Kind)
		}
		last[cred.Value[16:]] = true
		if !strings.Contains(printed, "'"+cred.Value+"'") {
			t.Errorf("the %s is not printed", cred.Kind)
		}
		region := pdfake.RegionUS
		if cred.Value == tfrun.TokenEU {
			region = pdfake.RegionEU
		}
		want := http.StatusOK
		if cred.Value == tfrun.TokenRevoked {
			want = http.StatusUnauthorized
		}
		if got := ask(t, c, e.server.RegionURL(region)+"/users?limit=1", cred.Value); got != want {
			t.Errorf("%s: status %d, want %d", cred.Kind, got, want)
		}
	}
	for _, part := range []string{
		app.ID, app.Secret, "PAGERDUTY_SUBDOMAIN='acme'", "schedules.read, schedules.write", e.server.IdentityURL(),
		"\ntofu init && tofu plan\n",
	} {
		if !strings.Contains(printed, part) {
			t.Errorf("%q is not printed", part)
		}
	}
	for line := range strings.Lines(printed) {
		if strings.Contains(line, "export ") && !assignment.MatchString(line) {
			t.Errorf("not every shell takes %q", line)
		}
		if len(line) > 81 && !strings.Contains(line, e.dir) {
			t.Errorf("more than 80 characters: %q", line)
		}
	}
	if err := e.close(); err != nil {
		t.Error(err)
	}
}

// assignment is what every shell takes from a terminal: zsh takes no comment there.
var assignment = regexp.MustCompile(`^ *export \w+='[^']*'\n$`)

// TestEmulator_ends has every way to end it remove what it wrote.
func TestEmulator_ends(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signal that a process can send to another")
	}
	for name, end := range map[string]func(p *process, base string){
		"SIGTERM": func(p *process, _ string) { _ = p.cmd.Process.Signal(syscall.SIGTERM) },
		"SIGHUP":  func(p *process, _ string) { _ = p.cmd.Process.Signal(syscall.SIGHUP) },
		"nobody reads": func(p *process, base string) {
			_ = p.out.Close()
			c := clientFor(t, p.caFile)
			for range 2 { // the line of the first request may still fit into the pipe
				if res, err := c.Get(base); err == nil {
					_ = res.Body.Close()
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := startProcess(t)
			output := p.until(t, "^Each request appears below")
			p.caFile = find(t, output, `ca_cert_file          = "(.*)"`)
			end(p, find(t, output, `api_url_override      = "(.*)"`))
			if err := p.cmd.Wait(); err != nil {
				t.Errorf("it ended with %v", err)
			}
			if _, err := os.Stat(p.caFile); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s is still there: %v", p.caFile, err)
			}
		})
	}
}

func TestStart_handshakeError(t *testing.T) {
	t.Parallel()
	fault, err := findFault("cert-expired", pdfake.Fault{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	e, err := start(&out, fault, pdfake.Fault{})
	if err != nil {
		t.Fatal(err)
	}
	if res, err := clientFor(t, e.caFile()).Get(e.server.URL()); err == nil {
		_ = res.Body.Close()
		t.Error("an expired certificate was accepted")
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		e.mu.Lock()
		said := strings.Contains(out.String(), "TLS handshake failed, so there was no request: remote error: tls: ")
		e.mu.Unlock()
		if said {
			break
		}
		if time.Now().After(end) {
			t.Fatal("no word of the handshake")
		}
	}
	if err := e.close(); err != nil {
		t.Error(err)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-fault", "list"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(out.String(), "\n"); got != len(pdfake.Catalog()) {
		t.Errorf("%d lines for %d faults", got, len(pdfake.Catalog()))
	}
	for line := range strings.Lines(out.String()) {
		if len(line) > 81 {
			t.Errorf("more than 80 characters: %q", line)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	out.Reset()
	if err := run(ended, []string{"-fault", "squid"}, &out, io.Discard); err != nil {
		t.Error(err)
	}
	if !strings.Contains(out.String(), "\nStopped. Removed ") {
		t.Error("it did not end")
	}
	for _, tc := range []struct {
		args string
		want string
	}{
		{args: "-fault nosuch", want: `there is no fault "nosuch"; -fault list lists them`},
		{args: "-fault Squit", want: `there is no fault "Squit"; did you mean "squid"? -fault list lists them`},
		{args: "-fault unauthorised", want: `there is no fault "unauthorised"; did you mean "unauthorized"? ` +
			`-fault list lists them`},
		{
			args: "-fault squid -path /users?limit=1",
			want: "-path must begin with a slash and have no query, such as /users/me",
		},
		{args: "-path /users", want: "-path and -times need -fault"},
		{args: "-fault squid -path users", want: "-path must begin with a slash and have no query, such as /users/me"},
		{args: "-fault squid -times -1", want: "-times cannot be negative"},
		{
			args: "-fault cert-expired -times 1",
			want: `the fault "cert-expired" affects whole connections: -path and -times do not apply to it`,
		},
		{args: "squid", want: `unexpected argument "squid"`},
		{args: "-nosuch", want: errUsage.Error()},
	} {
		err := run(ended, strings.Fields(tc.args), io.Discard, io.Discard)
		if err == nil || err.Error() != tc.want {
			t.Errorf("%s: %v", tc.args, err)
		}
	}
}

// TestStart_removesWhatItWrote is not parallel: the temporary directory is the process's.
func TestStart_removesWhatItWrote(t *testing.T) {
	temp := t.TempDir()
	for _, variable := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(variable, temp)
	}
	e, err := start(failing{}, nil, pdfake.Fault{})
	if err == nil || e != nil {
		t.Fatal("what cannot be printed was no error")
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) != 0 {
		t.Errorf("%d files are left, %v", len(left), err)
	}
	for _, variable := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(variable, filepath.Join(temp, "nosuch"))
	}
	var out bytes.Buffer
	if _, err := start(&out, nil, pdfake.Fault{}); err == nil || out.Len() != 0 {
		t.Errorf("without a directory: %v, and it says %q", err, out.String())
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("gone") }
