package explain

import (
	"cmp"
	"fmt"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// ProgressStart is what the action reports before it asks a host.
func ProgressStart(c preflight.Credential, host string) string {
	what := `API token`
	if c.Kind == preflight.KindAppOAuth {
		what = `OAuth app with the client secret`
	}
	shown := from(preflight.Preview(c.Value.Reveal()), c.Source)
	return Prose(`Checking the PagerDuty %s %s on %s.`, what, shown, host)
}

// ProgressDone is what the action reports after a check that passed.
func ProgressDone(r preflight.Report) string {
	switch r.Status {
	case preflight.Unverified:
		return Prose(`Nothing was sent: "skip_credentials_validation" is true. The credential is unverified.`)
	case preflight.Valid:
		return join(Prose(`PagerDuty accepted the credential: %s, %s.`, who(&r), account(&r)), access(&r))
	default:
		return Prose(`The check ended with the status %q.`, r.Status)
	}
}

func who(r *preflight.Report) string {
	switch u := r.User; {
	case u != nil:
		return fmt.Sprintf(`a user API token (name %s, email %s, role %s, ID %s)`,
			shown(u.Name), shown(u.Email), shown(u.Role), shown(u.ID))
	case r.TokenType == preflight.TypeAppOAuth && r.Scopes == nil: // too many for a result
		return `an OAuth app`
	case r.TokenType == preflight.TypeAppOAuth:
		return fmt.Sprintf(`an OAuth app with the scopes %s`, orNone(r.Scopes))
	case r.TokenType == preflight.TypeAccount:
		return `an account API token`
	default:
		return `an API token of unknown type`
	}
}

func account(r *preflight.Report) string {
	if r.Subdomain == "" {
		return `account unknown`
	}
	return fmt.Sprintf(`account %s, service region %q`, quoted(r.Subdomain), cmp.Or(r.AccountRegion, r.Region))
}

// access says whether the credential can write, where that is known.
func access(r *preflight.Report) string {
	if r.WriteAccess == nil {
		return ""
	}
	may := map[bool]string{true: `It may write schedules.`, false: `It may not write schedules.`}
	if r.TokenType == preflight.TypeAccount {
		may = map[bool]string{true: `It has full access.`, false: `It is read-only.`}
	}
	return may[*r.WriteAccess]
}

// shown is a detail of a user, or "unknown".
func shown(value pagerduty.Text) string {
	return cmp.Or(pagerduty.Printable(string(value), maxShown), "unknown")
}
