package pdfake_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

func TestCatalog(t *testing.T) {
	t.Parallel()
	validName := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := make(map[string]bool)
	for _, f := range pdfake.Catalog() {
		if !validName.MatchString(f.Name) || seen[f.Name] {
			t.Errorf("%q is no good name", f.Name)
		}
		seen[f.Name] = true
		if d := f.Description; d == "" || len(d) > 100 || strings.ContainsAny(d, "\n") || strings.HasSuffix(d, ".") {
			t.Errorf("%s: %q is no good description", f.Name, d)
		}
		if (f.Behaviour.String() == "") == (f.Option == nil) {
			t.Errorf("%s has not one of both", f.Name)
		}
		s, err := pdfake.New(seed(f.Apply(pdfake.Fault{}))...)
		if err != nil {
			t.Errorf("%s: %v", f.Name, err)
			continue
		}
		s.Close()
	}
	for _, b := range append(pdfake.BlockPages(), pdfake.Challenges()...) {
		if !seen[b.Name] {
			t.Errorf("%s is not in it", b.Name)
		}
	}
}

// TestCatalog_complete finds the functions that make a behavior, and the certificates, in the
// source.
func TestCatalog_complete(t *testing.T) {
	t.Parallel()
	catalog, err := os.ReadFile("catalog.go")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	behaviours := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !f.Name.IsExported() || f.Type.Results == nil {
				continue
			}
			if result, ok := f.Type.Results.List[0].Type.(*ast.Ident); !ok || result.Name != "Behaviour" {
				continue
			}
			behaviours++
			if !regexp.MustCompile(`\b` + f.Name.Name + `\b`).Match(catalog) {
				t.Errorf("%s is not in the catalog", f.Name.Name)
			}
		}
	}
	if behaviours < 20 {
		t.Errorf("only %d behaviors found", behaviours)
	}
	for _, cert := range []string{
		"CertExpired", "CertNotYetValid", "CertSelfSigned", "CertWrongHost", "CertUnknownAuthority",
	} {
		if !strings.Contains(string(catalog), cert) {
			t.Errorf("%s is not in the catalog", cert)
		}
	}
}

func TestCatalog_apply(t *testing.T) {
	t.Parallel()
	for _, f := range pdfake.Catalog() {
		if f.Name != "internal-error" && f.Name != "mint-down" {
			continue
		}
		s := pdfake.Start(t, seed(f.Apply(pdfake.Fault{Path: "/users/me", Times: 1}))...)
		want := map[string]int{"internal-error": 500, "mint-down": 200}[f.Name]
		wantStatus(t, get(t, s, "/users", "Token token="+userToken), http.StatusOK)
		wantStatus(t, get(t, s, "/users/me", "Token token="+userToken), want)
		wantStatus(t, get(t, s, "/users/me", "Token token="+userToken), http.StatusOK)
	}
}

func TestWithOnRequest(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var seen []pdfake.Request
	s := pdfake.Start(t, seed(
		pdfake.WithOnRequest(func(r pdfake.Request) {
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, r)
		}),
		pdfake.WithFaults(pdfake.Fault{Path: "/abilities", Behaviour: pdfake.CloseSilently()}))...)
	wantStatus(t, get(t, s, "/users/me", "Token token="+userToken), http.StatusOK)
	_, err := try(newClient(t, s), newRequest(t, http.MethodGet, s.URL()+"/abilities", "Token token="+revokedToken))
	if err == nil {
		t.Error("the fault did not act")
	}
	s.Close() // waits for the handlers
	if len(seen) != 2 || seen[0].Path != "/users/me" || seen[0].Status != 200 || seen[0].Token != userToken ||
		seen[1].Path != "/abilities" || seen[1].Status != 0 || seen[1].Duration == 0 {
		t.Errorf("%d requests seen", len(seen))
	}
}

func TestWithServerLog(t *testing.T) {
	t.Parallel()
	var out lockedBuffer
	s := pdfake.Start(t, seed(pdfake.WithServerLog(log.New(&out, "", 0)),
		pdfake.WithCertificate(pdfake.CertExpired))...)
	_, err := try(newClient(t, s), newRequest(t, http.MethodGet, s.URL()+"/users/me", ""))
	if err == nil {
		t.Error("an expired certificate was accepted")
	}
	for end := time.Now().Add(20 * time.Second); !out.contains("TLS handshake error"); {
		if time.Now().After(end) {
			t.Fatal("no handshake error was logged")
		}
		time.Sleep(5 * time.Millisecond)
	}
}
