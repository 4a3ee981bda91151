package preflight

import (
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// CredentialName selects one of the credentials of a provider configuration. It is
// the value of the argument "credential".
type CredentialName string

// The credentials.
const (
	CredentialToken     CredentialName = "token"
	CredentialUserToken CredentialName = "user_token"
	CredentialApp       CredentialName = "app_oauth"
)

// CredentialNames lists all of them.
var CredentialNames = []CredentialName{CredentialToken, CredentialUserToken, CredentialApp}

// TokenType is the type of credential that PagerDuty reports.
type TokenType string

// The token types.
const (
	TypeUser    TokenType = "user"
	TypeAccount TokenType = "account"
	TypeApp     TokenType = "app_oauth"
	TypeUnknown TokenType = "unknown"
)

// Secret is a string that prints as "[redacted]".
type Secret = pagerduty.Secret

// Credential is the credential to check.
type Credential struct {
	Name CredentialName
	// Value is the API token, or the client secret of an OAuth app.
	Value Secret
	// Source says where Value comes from: "provider configuration", the name of an
	// environment variable, or the ephemeral resource's argument.
	Source string
	// OverriddenVariable is an environment variable with another value, which the
	// provider block overrides, or "".
	OverriddenVariable string
	// App is set for CredentialApp only.
	App *App
}

// App holds the other values of an OAuth app.
type App struct {
	ClientID, ClientIDSource string
	// Region ("us", "eu") and Subdomain (lower case) name the account.
	Region, Subdomain, SubdomainSource string
}

// Argument is the name of a provider argument that holds a part of a credential.
type Argument string

// The arguments.
const (
	ArgumentToken        Argument = "token"
	ArgumentUserToken    Argument = "user_token"
	ArgumentClientID     Argument = "pd_client_id"
	ArgumentClientSecret Argument = "pd_client_secret"
)

// Settings are the parts of the provider configuration that messages name.
type Settings struct {
	// Host is the host of the API URL. Region is the configured service region.
	Host, Region string
	// IdentityHost is the host that issues access tokens.
	IdentityHost string
	// HostOverridden and IdentityOverridden report whether api_url_override and
	// identity_url_override are set.
	HostOverridden, IdentityOverridden bool
	// ExtraCAs reports whether ca_cert_pem is set.
	ExtraCAs bool
	// Timeout limits one check, retries included.
	Timeout time.Duration
	// Retries is the value of max_retries.
	Retries int
}

// Report is the result of a check. State and messages are made from it.
type Report struct {
	Status Status
	Settings
	// Credential is the credential that was checked. Its secret is never shown;
	// Preview can be.
	Credential Credential
	Preview    string
	Facts

	Finding    *Finding         // set for Malformed
	FindingIn  Argument         // the argument that Finding is about
	Hint       Hint             // what is unusual about a token that PagerDuty did not accept, or ""
	Failure    *pagerduty.Error // set if a request decided the status
	Violations []Violation      // set for NotAllowed
}

// Facts hold what PagerDuty reported about a credential. A zero field was not
// requested or is not known.
type Facts struct {
	TokenType TokenType
	User      *pagerduty.User
	// Subdomain and AccountRegion name the account, as PagerDuty does.
	Subdomain, AccountRegion string
	// WriteAccess is nil if it was not requested or could not be checked.
	WriteAccess *bool
	// Scopes are those granted to an OAuth app, sorted, without the account's. It is
	// nil for an API token.
	Scopes []string
	// RequestedScopes and GrantedScopes belong to an OAuth app and include the
	// account's. GrantedScopes is nil if PagerDuty's response named none.
	RequestedScopes, GrantedScopes []string
	// AccessToken and ExpiresAt belong to an OAuth app. ExpiresAt is zero if
	// PagerDuty's response does not say.
	AccessToken Secret
	ExpiresAt   time.Time
	// HTTPStatus and RequestID belong to the response that decided the status.
	HTTPStatus int
	RequestID  string
	// Gaps are the results that a valid credential's check could not learn.
	Gaps []Gap
}

// Gap is a result that is not known. At most one of the other fields is set; if none
// is, PagerDuty's response does not name the result.
type Gap struct {
	// Result is the attribute's name: "subdomain" or "write_access".
	Result string
	// Failure is the request that failed.
	Failure *pagerduty.Error
	// MissingScope is the OAuth scope that was not granted.
	MissingScope string
	// Accounts are the accounts if PagerDuty's response names several.
	Accounts []string
	// NoOnCallUser is set for "write_access" if no user was found who can be on call.
	NoOnCallUser bool
}

// gap returns the gap of a result, or nil.
func (f *Facts) gap(result string) *Gap {
	for i := range f.Gaps {
		if f.Gaps[i].Result == result {
			return &f.Gaps[i]
		}
	}
	return nil
}

// Violation is a guard that failed or could not be checked.
type Violation struct {
	// Guard is the entry of the table.
	Guard *Guard
	GuardValue
	// Found is what PagerDuty reported. It is empty if Unchecked is set.
	Found []string
	// Missing are the required values that were not found (AllOf).
	Missing []string
	// Unchecked says why the guard could not be checked, or "".
	Unchecked Unchecked
	// Gap is the gap that caused UncheckedGap.
	Gap *Gap
}

// Unchecked is a reason why a guard could not be checked. A guard that could not be
// checked fails.
type Unchecked string

// The reasons.
const (
	UncheckedNoUser   Unchecked = "no_user"   // the credential does not belong to a user
	UncheckedGap      Unchecked = "gap"       // the result is not known; see Violation.Gap
	UncheckedNotGiven Unchecked = "not_given" // PagerDuty's response does not say
	UncheckedRegion   Unchecked = "region"    // the account is in a service region other than the configured one
)
