package explain

import (
	"cmp"
	"fmt"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// ProgressStart returns the action's first line. host is the host that the secret is
// sent to.
func ProgressStart(c preflight.Credential, host string) string {
	secret := from(preflight.Preview(c.Value.Reveal()), c.Source)
	if c.App != nil {
		return fmt.Sprintf(`Checking the OAuth app %s with the client secret %s on %s.`,
			preflight.Preview(c.App.ClientID), secret, host)
	}
	return fmt.Sprintf(`Checking the API token %s on %s.`, secret, host)
}

// ProgressDone returns the action's last line.
func ProgressDone(r preflight.Report) string {
	if r.Status != preflight.Valid {
		return fmt.Sprintf(`The status of the check is %q.`, r.Status)
	}
	return "PagerDuty accepted the credential: " + join(", ", owner(&r), account(&r), access(&r)) + "."
}

func owner(r *preflight.Report) string {
	switch u := r.User; {
	case u != nil:
		return fmt.Sprintf(`user API token of %s (email %s, role %s)`,
			cmp.Or(quote(u.Name), "an unnamed user"), cmp.Or(quote(u.Email), "unknown"), cmp.Or(quote(u.Role), "unknown"))
	case r.TokenType == preflight.TypeApp && len(r.Scopes) > 0:
		return `OAuth app with the scopes ` + scopeList(r.Scopes)
	case r.TokenType == preflight.TypeApp:
		return `OAuth app`
	case r.TokenType == preflight.TypeAccount:
		return `account API token`
	}
	return `API token of unknown type`
}

func account(r *preflight.Report) string {
	if r.Subdomain == "" {
		return `account unknown`
	}
	return fmt.Sprintf(`account %s, service region %s`, quote(r.Subdomain), quote(cmp.Or(r.AccountRegion, r.Region)))
}

// access says whether the token can write, or returns "".
func access(r *preflight.Report) string {
	switch {
	case r.WriteAccess == nil:
		return ""
	case r.TokenType == preflight.TypeAccount && *r.WriteAccess:
		return `full access`
	case r.TokenType == preflight.TypeAccount:
		return `read-only`
	case *r.WriteAccess:
		return `may write schedules`
	}
	return `may not write schedules`
}
