package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// failureWords are for a failure that varies by its kind only.
type failureWords struct {
	summary string // "" for SummaryUnreachable
	why     string // to follow "got no answer: "; {phase} is what was under way
	cause   string // to follow "Likely cause: ", "" where nothing more is known
	// override is the cause where an argument, {override}, sets the address; "" for the same.
	override string
	fix      string // "" for a look at the network
}

var failures = map[pagerduty.Kind]failureWords{
	pagerduty.KindDNSNotFound: {
		why:      `the host name does not exist in DNS`,
		cause:    `DNS here does not resolve public names`,
		override: `{override} has a mistyped host name, or DNS here does not resolve it`,
	},
	pagerduty.KindDNS: {
		why:   `DNS could not resolve the host name`,
		cause: `the DNS resolver failed or cannot be reached`,
	},
	pagerduty.KindRefused: {
		why:      `the connection was refused`,
		cause:    `a firewall refuses connections to this host, or DNS here leads to another`,
		override: `nothing listens at the host and port of {override}, or a firewall refuses connections`,
	},
	pagerduty.KindReset: {
		why:   `the connection was reset or closed while {phase}`,
		cause: `a firewall or proxy cut the connection, or the server closed it`,
	},
	pagerduty.KindNoRoute: {
		why:   `there is no route to it`,
		cause: `this machine has no access to the internet, or only by one of IPv4 and IPv6`,
	},
	pagerduty.KindTransport: {
		why: `the connection failed while {phase}`,
	},
	pagerduty.KindProxy: {
		summary: SummaryProxyUnreachable,
		why:     `the proxy itself could not be reached`,
		cause:   `HTTPS_PROXY names a proxy that does not exist or is down`,
		fix:     `Correct HTTPS_PROXY, or add the host to NO_PROXY if it can be reached without the proxy.`,
	},
	pagerduty.KindProxyURL: {
		summary: SummaryProxyUnreachable,
		why:     `HTTPS_PROXY cannot be read as the address of a proxy`,
		cause:   `its password is not percent-encoded, or it has quotation marks or an unsupported scheme`,
		fix: `Write HTTPS_PROXY as http://host:port or http://user:password@host:port, with every special character of user
			name and password percent-encoded ("#" as "%23").`,
	},
	pagerduty.KindTLSVersion: {
		summary: SummaryTLS,
		why:     `the two sides have no TLS version in common; TLS 1.2 or later is needed`,
		cause:   `an old proxy or gateway supports TLS 1.0 or 1.1 only`,
		fix:     `Ask whoever runs the proxy to update it, or add the host to NO_PROXY.`,
	},
	pagerduty.KindNotTLS: {
		summary:  SummaryTLS,
		why:      `the other side does not speak TLS`,
		cause:    `a proxy or gateway answers in plain text`,
		override: `{override} has the port of a plain HTTP server, or a proxy answers in plain text`,
	},
	pagerduty.KindTLS: {
		summary: SummaryTLS,
		why:     `the TLS handshake failed`,
		fix: `Ask whoever runs the network whether a proxy or firewall intercepts TLS. If it signs with a CA of its own,
			name that CA's certificate in "ca_cert_file".`,
	},
}

func explainUnreachable(t *text, r *preflight.Report) {
	switch f := r.Failure; f.Kind {
	case pagerduty.KindStatus:
		explainUnreachableStatus(t, r)
	case pagerduty.KindTimeout:
		explainTimeout(t, r)
	case pagerduty.KindCanceled:
		explainCanceled(t, r)
	case pagerduty.KindProxyStatus:
		explainProxyStatus(t, r)
	case pagerduty.KindCertificate:
		explainCertificate(t, r)
	default:
		words := wordsFor(f)
		t.summary = cmp.Or(words.summary, SummaryUnreachable)
		t.paragraph(noAnswer(f, strings.ReplaceAll(words.why, "{phase}", phase(f))), notJudged(r))
		if override := addressOverride(r); override != "" && words.override != "" {
			words.cause = strings.ReplaceAll(words.override, "{override}", override)
		}
		t.causes(words.cause)
		t.paragraph(cmp.Or(Prose(words.fix), network(r)))
	}
}

// wordsFor are those for a failure's kind, changed by what else is known of it.
func wordsFor(f *pagerduty.Error) failureWords {
	words, ok := failures[f.Kind]
	if !ok {
		words = failures[pagerduty.KindTransport]
	}
	if f.AtProxy {
		words = atProxy(f, words)
	}
	switch {
	case f.Kind == pagerduty.KindProxy && f.Phase == pagerduty.PhaseProxy:
		words.why = `what answers at its address does not speak HTTP`
		words.cause = `HTTPS_PROXY says http:// where the proxy expects https://, or names another port`
	case f.Kind == pagerduty.KindTLS && f.Alert != "":
		words = alerted(f, words)
	case f.Kind == pagerduty.KindTLS && afterHandshake(f):
		words.why = `the TLS connection broke while {phase}`
		words.fix = `Ask whoever runs the network whether a proxy or firewall intercepts TLS.`
	}
	return words
}

// atProxy is a failure of TLS with an https:// proxy.
func atProxy(f *pagerduty.Error, words failureWords) failureWords {
	words.summary, words.override = SummaryProxyTLS, ""
	words.fix = `Check HTTPS_PROXY, and ask whoever runs the proxy.`
	switch f.Kind {
	case pagerduty.KindNotTLS:
		words.why = `the proxy does not speak TLS`
		words.cause = `HTTPS_PROXY says https:// where the proxy expects http://`
		words.fix = `Correct HTTPS_PROXY.`
	case pagerduty.KindTLSVersion:
		words.why = `the proxy has no TLS version in common with this provider; TLS 1.2 or later is needed`
		words.cause = ""
	case pagerduty.KindTLS:
		words.why = `the TLS handshake with the proxy failed`
	default:
		words.summary = SummaryProxyUnreachable
	}
	return words
}

// afterHandshake reports whether TLS stood when it failed.
func afterHandshake(f *pagerduty.Error) bool {
	return f.Phase == pagerduty.PhaseSend || f.Phase == pagerduty.PhaseWait || f.Phase == pagerduty.PhaseRead
}

// alerted is a failure of TLS that the other side announced. In TLS 1.3 it can come after
// the handshake.
func alerted(f *pagerduty.Error, words failureWords) failureWords {
	what := `handshake`
	if afterHandshake(f) {
		what = `connection`
	}
	words.why = `the other side ended the TLS ` + what + ` with the alert ` + quoted(f.Alert)
	if f.Alert == "certificate required" {
		words.cause = `a gateway or proxy requires a client certificate, and this provider has none to send`
		words.fix = `Ask whoever runs it to accept connections from here without one.`
		return words
	}
	words.fix = `Ask whoever runs the network whether a proxy or firewall intercepts TLS; the alert says no more than
		this.`
	return words
}

// phase is what was under way when a connection failed.
func phase(f *pagerduty.Error) string { return cmp.Or(string(f.Phase), "connecting") }

// network is where to look when nothing answers.
func network(r *preflight.Report) string {
	s := Prose(`Check the network, the firewall, HTTPS_PROXY and NO_PROXY where Terraform runs.`)
	switch override := addressOverride(r); {
	case override != "":
		return join(s, Prose(`The host comes from %s.`, override))
	case r.Minting:
		return join(s, Prose(`An OAuth app needs access to %s in addition to the API.`, r.Failure.Host))
	default:
		return join(s, Prose(`The host follows from the service region %q.`, r.Region))
	}
}

func explainTimeout(t *text, r *preflight.Report) {
	f := r.Failure
	t.summary = SummaryTimeout
	switch last, _ := split(f); {
	case len(f.Attempts) == 0:
		t.say(`Another check's %s for the same credential was awaited, and did not end within %s. The %s was not judged.`,
			request(f), duration(f.Elapsed), subject(r))
	case last == nil:
		t.say(`The time limit of %s was reached before %s was sent again. %s`, r.Timeout, request(f),
			join(earlierWords(f), notJudged(r)))
	default:
		why := fmt.Sprintf(`time ran out after %s, while %s`, duration(f.Elapsed), phase(f))
		t.paragraph(noAnswer(f, why), notJudged(r))
		cause := `a firewall drops the packets, or the network is slow`
		switch {
		case f.Phase == pagerduty.PhaseProxy, f.Phase == pagerduty.PhaseProxyTLS:
			cause = `the proxy does not answer, or does not reach the host itself`
		case f.Phase == pagerduty.PhaseRead:
			cause = `the server, or a proxy on the way, is too slow or stopped halfway`
		case last.Sent:
			cause = `the server, or a proxy on the way, does not answer`
		}
		t.causes(cause)
	}
	t.paragraph(network(r), Prose(`On a slow network, raise "timeout" (%s).`, r.Timeout))
}

func explainCanceled(t *text, r *preflight.Report) {
	f := r.Failure
	t.summary = SummaryCanceled
	switch last, _ := split(f); {
	case last != nil:
		t.paragraph(noAnswer(f, `Terraform was interrupted`), notJudged(r))
	case len(f.Attempts) == 0:
		t.say(`Terraform was interrupted while %s was awaited. The %s was not judged.`, request(f), subject(r))
	default:
		t.say(`Terraform was interrupted before %s was sent again. %s`, request(f), join(earlierWords(f), notJudged(r)))
	}
	t.say(`Run Terraform again.`)
}

const captivePortal = `a captive portal requires a login before it lets traffic through`

func explainProxyStatus(t *text, r *preflight.Report) {
	f := r.Failure
	t.summary = SummaryProxyRefused
	t.paragraph(noAnswer(f, `the proxy refused to open a tunnel with `+pagerduty.StatusText(f.Status)), notJudged(r))
	switch {
	case f.Status == 407 && f.ProxySchemes != "":
		t.causes(`the proxy requires ` + f.ProxySchemes + ` authentication, but this provider supports only Basic`)
		t.say(`Ask whoever runs the proxy to allow Basic, use a local proxy that logs in to it, or add %s to NO_PROXY.`,
			f.Host)
	case f.Status == 407 && f.ProxyLogin:
		t.causes(`the proxy does not accept the user name or password in HTTPS_PROXY`)
		t.say(`Correct them in HTTPS_PROXY, with special characters percent-encoded, or add %s to NO_PROXY.`, f.Host)
	case f.Status == 407:
		t.causes(`the proxy requires a user name and password`)
		t.say(`Put the user name and password of the proxy into HTTPS_PROXY, or add %s to NO_PROXY.`, f.Host)
	case f.Status == 511:
		t.summary = SummaryNetworkLogin
		t.causes(captivePortal)
		t.say(`Log in to the network, then run Terraform again.`)
	case slices.Contains([]int{400, 404, 405, 501}, f.Status):
		t.causes(`HTTPS_PROXY names a web server, or a proxy that opens no tunnels`, `the proxy does not allow this host`)
		t.say(`Check HTTPS_PROXY, and ask whoever runs the proxy to allow %s, or add the host to NO_PROXY.`, f.Host)
	case f.Status == 429:
		t.causes(`the proxy limits how many tunnels it opens`)
		t.say(`Wait a minute, then run Terraform again.`)
	case f.Status >= 500:
		t.causes(`the proxy itself cannot reach the host`)
		t.say(`Ask whoever runs the proxy why it does not reach %s, or add the host to NO_PROXY.`, f.Host)
	default:
		t.causes(`the proxy does not allow this host`, `the proxy itself cannot reach the host`)
		t.say(`Ask whoever runs the proxy to allow %s, or add the host to NO_PROXY.`, f.Host)
	}
}

// explainUnreachableStatus words the statuses that judge nothing: 407, 408 and 511.
func explainUnreachableStatus(t *text, r *preflight.Report) {
	f := r.Failure
	t.paragraph(answered(f), notJudged(r))
	switch f.Status {
	case 407:
		t.summary = SummaryProxyRefused
		t.causes(`a proxy on the way requires a user name and password`)
		t.say(`Put the user name and password of the proxy into HTTPS_PROXY, or add %s to NO_PROXY.`, f.Host)
	case 511:
		t.summary = SummaryNetworkLogin
		t.causes(captivePortal)
		t.say(`Log in to the network, then run Terraform again.`)
	default:
		t.summary = SummaryTimeout
		t.causes(`PagerDuty, or a gateway on the way, gave up waiting for the request`)
		t.paragraph(network(r))
	}
}
