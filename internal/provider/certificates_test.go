package provider

import (
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/explain"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// Who has named a CA is told that it is another one.
func TestCertificates_anotherCA(t *testing.T) {
	t.Parallel()
	s := startEmulator(t, pdfake.WithCertificate(pdfake.CertUnknownAuthority))
	for ca, want := range map[string]bool{"": false, s.CAPEM(): true} {
		provider := at(s, arguments{"token": word(tokenAda), "ca_cert_pem": word(ca)})
		detail := run(t, dataSurface, provider, nil).fails(t, explain.SummaryTLS, "")
		if got := strings.Contains(detail, "is set, but lacks"); got != want {
			t.Errorf("a CA is named: %t\n%s", want, detail)
		}
	}
}
