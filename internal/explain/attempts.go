package explain

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// kindNames are what failures are called in passing, such as in a list of attempts.
var kindNames = map[pagerduty.Kind]string{
	pagerduty.KindStatus:        "error status",
	pagerduty.KindRedirect:      "redirect",
	pagerduty.KindNotJSON:       "not JSON",
	pagerduty.KindMissingObject: "object missing",
	pagerduty.KindTooLarge:      "too large",
	pagerduty.KindNotHTTP:       "not HTTP",
	pagerduty.KindHTTP2:         "broken HTTP/2",
	pagerduty.KindEcho:          "repeats the credential",
	pagerduty.KindGrant:         "no access granted",
	pagerduty.KindMismatch:      "another account",
	pagerduty.KindDNSNotFound:   "host name not found",
	pagerduty.KindDNS:           "DNS failure",
	pagerduty.KindRefused:       "connection refused",
	pagerduty.KindReset:         "connection lost",
	pagerduty.KindNoRoute:       "no route",
	pagerduty.KindTimeout:       "timeout",
	pagerduty.KindCertificate:   "certificate not trusted",
	pagerduty.KindTLSVersion:    "no common TLS version",
	pagerduty.KindNotTLS:        "not TLS",
	pagerduty.KindTLS:           "TLS failure",
	pagerduty.KindProxyStatus:   "refused by the proxy",
	pagerduty.KindProxy:         "proxy not reached",
	pagerduty.KindProxyURL:      "proxy address unreadable",
	pagerduty.KindCanceled:      "canceled",
	pagerduty.KindTransport:     "connection failed",
}

// request is what was asked, such as "GET /users/me on api.pagerduty.com".
func request(f *pagerduty.Error) string { return f.Method + " " + f.Path + " on " + f.Host }

func isAnswer(a pagerduty.Attempt) bool {
	return a.Status != 0 && (a.Kind == "" || a.Kind == pagerduty.KindStatus)
}

// brought is what an attempt brought, short.
func brought(a pagerduty.Attempt) string {
	if isAnswer(a) {
		return strconv.Itoa(a.Status)
	}
	return kindNames[a.Kind]
}

// split separates the attempt that a failure is about from the earlier ones. It is
// nil where none is: nothing was sent because of an earlier answer, or the wait
// before the next attempt was cut short.
func split(f *pagerduty.Error) (last *pagerduty.Attempt, earlier []pagerduty.Attempt) {
	n := len(f.Attempts)
	if n == 0 {
		return nil, nil
	}
	a := f.Attempts[n-1]
	if a.Kind == f.Kind || f.Status != 0 && isAnswer(a) && a.Status == f.Status {
		return &a, f.Attempts[:n-1]
	}
	return nil, f.Attempts
}

// uniform reports whether all attempts brought the same.
func uniform(attempts []pagerduty.Attempt) bool {
	return !slices.ContainsFunc(attempts, func(a pagerduty.Attempt) bool { return brought(a) != brought(attempts[0]) })
}

// earlierWords are a sentence on the attempts before the last one, "" where there
// was none, or where they differ: then they are a line of their own.
func earlierWords(f *pagerduty.Error) string {
	last, earlier := split(f)
	if len(earlier) == 0 || !uniform(earlier) || last != nil && uniform(f.Attempts) {
		return ""
	}
	who, were := "An earlier attempt", "was"
	if len(earlier) > 1 {
		who, were = fmt.Sprintf("%d earlier attempts", len(earlier)), "were"
	}
	if isAnswer(earlier[0]) {
		return fmt.Sprintf("%s %s answered %s.", who, were, pagerduty.StatusText(earlier[0].Status))
	}
	return fmt.Sprintf("%s got no answer (%s).", who, brought(earlier[0]))
}

// earlierFact lists earlier attempts that brought different things.
func earlierFact(f *pagerduty.Error) string {
	_, earlier := split(f)
	if len(earlier) == 0 || uniform(earlier) {
		return ""
	}
	all := make([]string, len(earlier))
	for i, a := range earlier {
		all[i] = brought(a)
	}
	return strings.Join(all, ", ")
}

// heldBack says that an earlier answer kept a request from being sent, "" where none did.
func heldBack(f *pagerduty.Error, whose string) string {
	last, earlier := split(f)
	if f.Status != 429 || last != nil {
		return ""
	}
	sent := `sent`
	if len(earlier) > 0 {
		sent = `sent again`
	}
	return join(Prose(`%s was not %s: an earlier 429 Too Many Requests for the same %s still holds.`,
		request(f), sent, whose), earlierWords(f))
}

// answered says what was asked and what came back.
func answered(f *pagerduty.Error) string {
	s := fmt.Sprintf("%s answered %s", request(f), pagerduty.StatusText(f.Status))
	if last, earlier := split(f); last != nil && len(earlier) > 0 && uniform(f.Attempts) {
		return fmt.Sprintf("%s in each of %d attempts.", s, len(f.Attempts))
	}
	if earlier := earlierWords(f); earlier != "" {
		// One sentence, so that what follows is read as being about this answer.
		return s + "; " + strings.ToLower(earlier[:1]) + earlier[1:]
	}
	return s + "."
}

// noAnswer says what was asked and why nothing came back.
func noAnswer(f *pagerduty.Error, why string) string {
	through := ""
	if f.ProxyHost != "" {
		through = " through the proxy " + pagerduty.Printable(f.ProxyHost, maxShown)
	}
	who := request(f)
	if last, earlier := split(f); last != nil && len(earlier) > 0 {
		if uniform(f.Attempts) {
			through += fmt.Sprintf(" in any of %d attempts", len(f.Attempts))
		} else {
			who = fmt.Sprintf("The last of %d attempts of %s", len(f.Attempts), who)
		}
	}
	what := "no answer"
	if f.Phase == pagerduty.PhaseRead && (f.Kind == pagerduty.KindReset || f.Kind == pagerduty.KindTimeout) {
		what = "no complete answer" // its status may have been seen
	}
	return join(fmt.Sprintf("%s got %s%s: %s.", who, what, through, why), earlierWords(f))
}

func duration(d time.Duration) string {
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < 10*time.Second:
		return d.Round(100 * time.Millisecond).String()
	default:
		return d.Round(time.Second).String()
	}
}
