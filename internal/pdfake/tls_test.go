package pdfake_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

func TestCertificates(t *testing.T) {
	t.Parallel()
	invalid := func(r x509.InvalidReason) func(error) bool {
		return func(err error) bool {
			var e x509.CertificateInvalidError
			return errors.As(err, &e) && e.Reason == r
		}
	}
	unknown := func(err error) bool { var e x509.UnknownAuthorityError; return errors.As(err, &e) }
	host := func(err error) bool { var e x509.HostnameError; return errors.As(err, &e) }
	for name, tc := range map[string]struct {
		kind pdfake.CertKind
		want func(error) bool
	}{
		"good":              {pdfake.CertGood, func(err error) bool { return err == nil }},
		"expired":           {pdfake.CertExpired, invalid(x509.Expired)},
		"not yet valid":     {pdfake.CertNotYetValid, invalid(x509.Expired)},
		"self-signed":       {pdfake.CertSelfSigned, unknown},
		"wrong host":        {pdfake.CertWrongHost, host},
		"unknown authority": {pdfake.CertUnknownAuthority, unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := pdfake.Start(t, seed(pdfake.WithCertificate(tc.kind))...)
			c := newClient(t, s)
			r, err := try(c, newRequest(t, http.MethodGet, s.URL()+"/users", "Token token="+userToken))
			if !tc.want(err) {
				t.Errorf("error is %v", err)
			}
			if err == nil && time.Until(r.TLS.PeerCertificates[0].NotAfter) < 14*24*time.Hour {
				t.Error("an emulator that runs for days has an expired certificate")
			}
			if tc.kind != pdfake.CertGood && len(s.Requests()) != 0 {
				t.Error("a request came through")
			}
			if s.Connections() == 0 {
				t.Error("no handshake counted")
			}
			// The identity host's certificate is another matter.
			_, err = try(c, newRequest(t, http.MethodPost, s.IdentityURL()+"/oauth/token", ""))
			if err != nil {
				t.Errorf("identity host: %v", err)
			}
		})
	}
	t.Run("identity", func(t *testing.T) {
		t.Parallel()
		s := pdfake.Start(t, seed(pdfake.WithIdentityCertificate(pdfake.CertExpired))...)
		_, err := try(newClient(t, s), newRequest(t, http.MethodPost, s.IdentityURL()+"/oauth/token", ""))
		if !invalid(x509.Expired)(err) {
			t.Errorf("error is %v", err)
		}
		wantStatus(t, get(t, s, "/users", "Token token="+userToken), 200)
	})
	t.Run("unknown kind", func(t *testing.T) {
		t.Parallel()
		if _, err := pdfake.New(pdfake.WithCertificate(99)); err == nil {
			t.Error("no error")
		}
	})
}

func TestTLSVersions(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		version uint16
		wantErr string
		used    uint16
	}{
		"1.1": {tls.VersionTLS11, "protocol version", 0},
		"1.2": {tls.VersionTLS12, "", tls.VersionTLS12},
		"1.3": {tls.VersionTLS13, "", tls.VersionTLS13},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := pdfake.Start(t, seed(pdfake.WithMaxTLSVersion(tc.version))...)
			r, err := try(newClient(t, s), newRequest(t, http.MethodGet, s.URL()+"/users", "Token token="+userToken))
			switch {
			case tc.wantErr != "":
				if err == nil || !strings.Contains(err.Error(), tc.wantErr) {
					t.Errorf("error is %v", err)
				}
				// A client that allows it does get through: it is the version, and nothing else.
				old := newClient(t, s, func(tr *http.Transport) { tr.TLSClientConfig.MinVersion = tls.VersionTLS10 })
				wantStatus(t, do(t, old, newRequest(t, http.MethodGet, s.URL()+"/users", "Token token="+userToken)), 200)
			case err != nil:
				t.Error(err)
			case r.TLS.Version != tc.used:
				t.Errorf("version %x", r.TLS.Version)
			}
		})
	}
	if _, err := pdfake.New(pdfake.WithMaxTLSVersion(1)); err == nil {
		t.Error("SSL is accepted")
	}
}

func TestPlainHTTP(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed(pdfake.WithPlainHTTP())...)
	_, err := try(newClient(t, s), newRequest(t, http.MethodGet, s.URL()+"/users", "Token token="+userToken))
	if err == nil || !strings.Contains(err.Error(), "HTTP response to HTTPS client") {
		t.Errorf("error is %v", err)
	}
	if s.Connections() == 0 {
		t.Error("no connection counted")
	}
}

func TestClientCertRequired(t *testing.T) {
	t.Parallel()
	// With TLS 1.3 the client is done with its handshake before it learns of this, and reports it
	// in many ways; with TLS 1.2 it is the handshake that fails.
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		s := pdfake.Start(t, seed(pdfake.WithClientCertRequired(), pdfake.WithMaxTLSVersion(version))...)
		_, err := try(newClient(t, s), newRequest(t, http.MethodGet, s.URL()+"/users", "Token token="+userToken))
		if err == nil || version == tls.VersionTLS12 && !strings.Contains(err.Error(), "remote error: tls") {
			t.Errorf("error is %v", err)
		}
		if len(s.Requests()) != 0 {
			t.Error("a request came through")
		}
	}
}
