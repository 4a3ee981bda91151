package pdfake_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

func TestFault_huge(t *testing.T) {
	t.Parallel()
	const size = 8 << 20
	t.Run("plain", func(t *testing.T) {
		t.Parallel()
		for _, major := range protocols {
			t.Run(fmt.Sprintf("http%d", major), func(t *testing.T) {
				t.Parallel()
				s := faulty(t, pdfake.Huge(size, false), major)
				r, err := ask(t, s)
				if err != nil || len(r.text) != size || s.Bytes() != size {
					t.Fatalf("%d bytes, %d counted, %v", len(r.text), s.Bytes(), err)
				}
				if r.object(t)["user"] == nil {
					t.Error("no user")
				}
			})
		}
	})
	t.Run("gzip", func(t *testing.T) {
		t.Parallel()
		for _, major := range protocols {
			t.Run(fmt.Sprintf("http%d", major), func(t *testing.T) {
				t.Parallel()
				s := faulty(t, pdfake.Huge(size, true), major)
				r, err := ask(t, s)
				if err != nil || len(r.text) < size {
					t.Fatalf("%d bytes, %v", len(r.text), err)
				}
				if s.Bytes() > size/100 {
					t.Errorf("%d bytes on the wire", s.Bytes())
				}
				if r.object(t)["user"] == nil {
					t.Error("no user")
				}
			})
		}
	})
	t.Run("given up", func(t *testing.T) {
		t.Parallel()
		for _, major := range protocols {
			t.Run(fmt.Sprintf("http%d", major), func(t *testing.T) {
				t.Parallel()
				s := faulty(t, pdfake.Huge(1<<40, false), major)
				res, err := newClient(t, s).Do(newRequest(t, http.MethodGet, s.URL()+"/users/me", ""))
				if err != nil {
					t.Fatal(err)
				}
				io.CopyN(io.Discard, res.Body, 1<<20)
				res.Body.Close()
				// Close waits for the handler: it has to have noticed.
				s.Close()
				if n := s.Bytes(); n < 1<<20 || n > 64<<20 {
					t.Errorf("%d bytes written", n)
				}
			})
		}
	})
	t.Run("header", func(t *testing.T) {
		t.Parallel()
		for _, major := range protocols {
			t.Run(fmt.Sprintf("http%d", major), func(t *testing.T) {
				t.Parallel()
				s := faulty(t, pdfake.HugeHeader(300<<10), major)
				r, err := ask(t, s)
				if err != nil {
					t.Fatal(err)
				}
				n := 0
				for _, v := range r.Header {
					n += len(v[0])
				}
				if n < 300<<10 {
					t.Errorf("%d bytes of header", n)
				}
				small := newClient(t, s, func(tr *http.Transport) { tr.MaxResponseHeaderBytes = 64 << 10 })
				_, err = try(small, newRequest(t, http.MethodGet, s.URL()+"/users/me", ""))
				if err == nil {
					t.Error("no client's limit was met")
				}
			})
		}
	})
}
