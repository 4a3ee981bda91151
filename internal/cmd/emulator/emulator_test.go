package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
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

// asMain makes the test's binary run main, as a process that can be interrupted.
const asMain = "EMULATOR_TEST_AS_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asMain) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// ask sends a request with an API token and returns the status, or 0 if the emulator has stopped.
func ask(t *testing.T, ca []byte, target, token string) int {
	t.Helper()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		t.Fatal("the CA file has no certificate")
	}
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	defer tr.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/vnd.pagerduty+json;version=2")
	req.Header.Set("Authorization", "Token token="+token)
	res, err := (&http.Client{Transport: tr, Timeout: 30 * time.Second}).Do(req)
	if err != nil {
		return 0
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// The printed block, directory and tokens work, and every way to end it removes its files.
func TestEmulator(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no interrupt that a process can send to another")
	}
	for name, end := range map[string]os.Signal{
		"SIGINT": os.Interrupt, "SIGTERM": syscall.SIGTERM, "SIGHUP": syscall.SIGHUP, "the reader goes": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), asMain+"=1", "TMPDIR="+t.TempDir())
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(out)
			var output strings.Builder
			until := func(start string) string {
				for lines.Scan() {
					output.WriteString(lines.Text() + "\n")
					if strings.HasPrefix(lines.Text(), start) {
						return lines.Text()
					}
				}
				t.Fatalf("no line starts with %q in:\n%s", start, output.String())
				return ""
			}
			find := func(pattern string) string {
				m := regexp.MustCompile(pattern).FindStringSubmatch(output.String())
				if m == nil {
					t.Fatalf("nothing like %q in:\n%s", pattern, output.String())
				}
				return m[1]
			}
			until("Each request appears below")
			base, token := find(`api_url_override      = "(.*)"`), find(`export PAGERDUTY_TOKEN='(.*)'`)
			dir := find(`(?m)^cd '(.*)'$`)
			ca, err := os.ReadFile(find(`ca_cert_pem           = file\("(.*)"\)`))
			if err != nil {
				t.Fatal(err)
			}
			if text, err := os.ReadFile(filepath.Join(dir, "main.tf")); err != nil || !strings.Contains(string(text), base) {
				t.Errorf("main.tf does not have the URL: %v\n%s", err, text)
			}
			if end == nil {
				_ = out.Close()
				for range 2 { // the line of the first request may still fit into the pipe
					ask(t, ca, base+"/users/me", token)
				}
			} else {
				if status := ask(t, ca, base+"/users/%1b[31m", token); status != http.StatusNotFound {
					t.Errorf("status %d", status)
				}
				if line := until("GET"); line != `GET    "/users/\x1b[31m"      404         "****0001"` {
					t.Errorf("line %q", line)
				}
				if err := cmd.Process.Signal(end); err != nil {
					t.Fatal(err)
				}
				until("Stopped. Removed " + dir)
			}
			if err := cmd.Wait(); err != nil {
				t.Errorf("it ended with %v", err)
			}
			if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s is still there: %v", dir, err)
			}
		})
	}
}

// Every printed token gets the response that its description promises.
func TestStart_credentials(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	e, err := start(&out, func() {}, fault{})
	if err != nil {
		t.Fatal(err)
	}
	printed := out.String() // before there are requests
	for _, c := range credentials {
		region, want := pdfake.RegionUS, http.StatusOK
		switch c.Value {
		case tfrun.TokenEU:
			region = pdfake.RegionEU
		case tfrun.TokenRevoked:
			want = http.StatusUnauthorized
		}
		if got := ask(t, []byte(e.server.CAPEM()), e.server.RegionURL(region)+"/users?limit=1", c.Value); got != want {
			t.Errorf("%s: status %d, want %d", c.Kind, got, want)
		}
		if !strings.Contains(printed, "export PAGERDUTY_TOKEN='"+c.Value+"'\n") {
			t.Errorf("the %s is not printed", c.Kind)
		}
	}
	for _, part := range append(app.Scopes, app.ID, app.Secret, limitedApp.ID, limitedApp.Secret, e.server.IdentityURL()) {
		if !strings.Contains(printed, part) {
			t.Errorf("%q is not printed", part)
		}
	}
	for line := range strings.Lines(printed) {
		// zsh does not accept a comment on a line that is pasted.
		if strings.Contains(line, "export ") && !regexp.MustCompile(`^ *export \w+='[^']*'\n$`).MatchString(line) {
			t.Errorf("not every shell accepts %q", line)
		}
		if len(line) > 101 && !strings.Contains(line, e.dir) {
			t.Errorf("more than 100 characters: %q", line)
		}
	}
	if err := e.close(); err != nil {
		t.Error(err)
	}
}

func TestRun_faults(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	var list bytes.Buffer
	if err := run(ended, &list, "list"); err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		var out bytes.Buffer
		if err := run(ended, &out, f.name); err != nil || !strings.Contains(out.String(), "the fault "+f.name+": ") {
			t.Errorf("%s: %v\n%s", f.name, err, out.String())
		}
		if !strings.Contains(list.String(), f.name+" ") {
			t.Errorf("%s is not listed", f.name)
		}
	}
	if err := run(ended, &list, "nosuch"); err == nil {
		t.Error("an unknown fault was accepted")
	}
}
