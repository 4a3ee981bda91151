package explain

import (
	"strings"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// certificateWords say why a certificate is not trusted, and what differs for the certificate of
// an https:// proxy itself.
type certificateWords struct {
	is          string // to follow "the certificate "; {date} is when it expired or becomes valid
	causes      []string
	fix         string
	proxyCauses []string
	proxyFix    string
}

var certificateFailures = map[pagerduty.CertificateReason]certificateWords{
	pagerduty.CertificateAuthority: {
		is:     `is signed by an authority that is not trusted here`,
		causes: []string{`a proxy or security gateway intercepts TLS and signs with a CA of its own`},
		fix: `Save that CA's certificate as PEM, then name the file in "ca_cert_file" or give its text in
			"ca_cert_pem".`,
		proxyCauses: []string{`the proxy has a certificate of a private CA`},
		proxyFix: `Check HTTPS_PROXY, then name the certificate of the proxy's CA in "ca_cert_file" or
			"ca_cert_pem".`,
	},
	pagerduty.CertificateNoSystem: {
		is:          `cannot be verified: this system has no CA certificates`,
		causes:      []string{`the container image lacks the package ca-certificates`},
		fix:         `Install that package where Terraform runs, or name the CA certificates to trust in "ca_cert_file".`,
		proxyCauses: []string{`the container image lacks the package ca-certificates`},
		proxyFix: `Install that package where Terraform runs, or name the certificate of the proxy's CA in "ca_cert_file" or
			"ca_cert_pem".`,
	},
	pagerduty.CertificateExpired: {
		is: `expired on {date}`,
		causes: []string{
			`the clock of this machine is wrong`,
			`the server, or a proxy that intercepts TLS, has an old certificate`,
		},
		fix: `Check the date and time of this machine, then ask whoever runs the server or proxy. "ca_cert_file" does
			not help.`,
		proxyCauses: []string{`the certificate of the proxy was not renewed`, `the clock of this machine is wrong`},
		proxyFix:    `Check the date and time of this machine, then ask whoever runs the proxy in HTTPS_PROXY.`,
	},
	pagerduty.CertificateEarly: {
		is:          `is not valid before {date}`,
		causes:      []string{`the clock of this machine is wrong`},
		fix:         `Set the date and time of this machine. "ca_cert_file" does not help.`,
		proxyCauses: []string{`the clock of this machine is wrong`},
		proxyFix:    `Set the date and time of this machine, then check HTTPS_PROXY.`,
	},
	pagerduty.CertificateHost: {
		is:          `is for another host`,
		causes:      []string{`DNS or a captive portal leads to another server`},
		fix:         `Check what the host name resolves to. "ca_cert_file" does not help.`,
		proxyCauses: []string{`HTTPS_PROXY names the proxy by another name than its certificate does`},
		proxyFix:    `Correct HTTPS_PROXY: it must name a host that the certificate is for.`,
	},
	pagerduty.CertificateCommonName: {
		is:     `names its host in the Common Name alone, not as a Subject Alternative Name`,
		causes: []string{`the server, or a proxy that intercepts TLS, has an outdated kind of certificate`},
		fix: `Ask whoever runs the server or proxy for a certificate with Subject Alternative Names. "ca_cert_file" does
			not help.`,
		proxyCauses: []string{`the proxy has an outdated kind of certificate`},
		proxyFix: `Ask whoever runs the proxy in HTTPS_PROXY for a certificate with Subject Alternative Names.
			"ca_cert_file" does not help.`,
	},
	pagerduty.CertificateInvalid: {
		is:          `is not valid`,
		causes:      []string{`a proxy that intercepts TLS shows a certificate that breaks the rules`},
		fix:         `Ask whoever runs the proxy. If only its CA is unknown here, name it in "ca_cert_file".`,
		proxyCauses: []string{`the certificate of the proxy breaks the rules`},
		proxyFix: `Ask whoever runs the proxy in HTTPS_PROXY. If only its CA is unknown here, name it in
			"ca_cert_file".`,
	},
}

func explainCertificate(t *text, r *preflight.Report) {
	f, problem := r.Failure, r.Failure.Certificate
	c, ok := certificateFailures[problem.Reason]
	if !ok {
		c = certificateFailures[pagerduty.CertificateInvalid]
	}
	whose, override := `its certificate (x509) `, addressOverride(r)
	t.summary = SummaryTLS
	switch {
	case f.AtProxy:
		t.summary, whose = SummaryProxyTLS, `the proxy's own certificate (x509) `
		c.causes, c.fix = c.proxyCauses, c.proxyFix
	case override != "" && problem.Reason == pagerduty.CertificateAuthority:
		c.causes = []string{override + ` names a server of a private CA`, `a proxy that intercepts TLS has one`}
	case override != "" && problem.Reason == pagerduty.CertificateHost:
		c.causes = []string{override + ` leads to another server`}
		c.fix = `Check ` + override + `. "ca_cert_file" does not help.`
	}
	lacking := ""
	unknown := problem.Reason == pagerduty.CertificateAuthority || problem.Reason == pagerduty.CertificateNoSystem
	if r.ExtraCAs && unknown {
		lacking = `"ca_cert_file" or "ca_cert_pem" is set, but lacks the certificate of this authority.`
	}
	at := problem.NotAfter
	if problem.Reason == pagerduty.CertificateEarly {
		at = problem.NotBefore
	}
	is := strings.ReplaceAll(c.is, "{date}", at.UTC().Format(time.DateOnly))
	t.paragraph(noAnswer(f, whose+is), lacking, notJudged(r))
	t.causes(c.causes...)
	t.say(c.fix)
	t.facts.add("Certificate for", quoted(problem.Subject))
	t.facts.add("Issued by", quoted(problem.Issuer))
}
