package explain

import (
	"strings"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// trouble is why a certificate is not trusted.
type trouble struct {
	is     string // to follow "the certificate "
	causes []string
	fix    string
}

// certificates are the reasons why a certificate is not trusted. {date} is when it
// expired or becomes valid.
var certificates = map[string]trouble{
	"unknown authority": {
		is:     `is signed by an authority that is not trusted here`,
		causes: []string{`a proxy or security gateway intercepts TLS and signs with a CA of its own`},
		fix: `Save that CA's certificate as PEM, then name the file in "ca_cert_file" or give its text in
			"ca_cert_pem".`,
	},
	"expired": {
		is: `expired on {date}`,
		causes: []string{
			`the clock of this machine is wrong`,
			`the server, or a proxy that intercepts TLS, has an old certificate`,
		},
		fix: `Check the date and time of this machine, then ask whoever runs the server or proxy. "ca_cert_file" does
			not help.`,
	},
	"not yet valid": {
		is:     `is not valid before {date}`,
		causes: []string{`the clock of this machine is wrong`},
		fix:    `Set the date and time of this machine. "ca_cert_file" does not help.`,
	},
	"wrong host": {
		is:     `is for another host`,
		causes: []string{`DNS or a captive portal leads to another server`},
		fix:    `Check what the host name resolves to. "ca_cert_file" does not help.`,
	},
	"invalid": {
		is:     `is not valid`,
		causes: []string{`a proxy that intercepts TLS shows a certificate that breaks the rules`},
		fix:    `Ask whoever runs the proxy. If only its CA is unknown here, name it in "ca_cert_file".`,
	},
}

// proxyCertificates are the same for the certificate of an https:// proxy itself.
var proxyCertificates = map[string]trouble{
	"unknown authority": {
		is:     `is signed by an authority that is not trusted here`,
		causes: []string{`the proxy has a certificate of a private CA`},
		fix:    `Check HTTPS_PROXY, then name the certificate of the proxy's CA in "ca_cert_file" or "ca_cert_pem".`,
	},
	"expired": {
		is:     `expired on {date}`,
		causes: []string{`the certificate of the proxy was not renewed`, `the clock of this machine is wrong`},
		fix:    `Check the date and time of this machine, then ask whoever runs the proxy in HTTPS_PROXY.`,
	},
	"not yet valid": {
		is:     `is not valid before {date}`,
		causes: []string{`the clock of this machine is wrong`},
		fix:    `Set the date and time of this machine, then check HTTPS_PROXY.`,
	},
	"wrong host": {
		is:     `is for another host`,
		causes: []string{`HTTPS_PROXY names the proxy by another name than its certificate does`},
		fix:    `Correct HTTPS_PROXY: it must name a host that the certificate is for.`,
	},
	"invalid": {
		is:     `is not valid`,
		causes: []string{`the certificate of the proxy breaks the rules`},
		fix:    `Ask whoever runs the proxy in HTTPS_PROXY. If only its CA is unknown here, name it in "ca_cert_file".`,
	},
}

// overrideTrouble is what differs where an override names the host.
func overrideTrouble(override, reason string, c trouble) trouble {
	switch reason {
	case "unknown authority":
		c.causes = []string{override + ` names a server of a private CA`, `a proxy that intercepts TLS has one`}
	case "wrong host":
		c.causes = []string{override + ` leads to another server`}
		c.fix = Prose(`Check %s. "ca_cert_file" does not help.`, override)
	}
	return c
}

func explainCertificate(t *text, r *preflight.Report) {
	f := r.Failure
	known, whose := certificates, `its certificate (x509) `
	t.summary = SummaryTLS
	if f.AtProxy {
		t.summary, known, whose = SummaryProxyTLS, proxyCertificates, `the proxy's own certificate (x509) `
	}
	c, ok := known[f.Certificate.Reason]
	if !ok {
		c = known["invalid"]
	}
	if override := addressOverride(r); override != "" && !f.AtProxy {
		c = overrideTrouble(override, f.Certificate.Reason, c)
	}
	at := f.Certificate.NotAfter
	if f.Certificate.Reason == "not yet valid" {
		at = f.Certificate.NotBefore
	}
	is := strings.ReplaceAll(c.is, "{date}", at.UTC().Format(time.DateOnly))
	t.paragraph(noAnswer(f, whose+is), notJudged(r))
	t.causes(c.causes...)
	t.say(c.fix)
	t.facts.add("Certificate for", quoted(f.Certificate.Subject))
	t.facts.add("Issued by", quoted(f.Certificate.Issuer))
}
