package preflight

import (
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// Kind says which of the credentials that a configuration can hold is meant.
type Kind string

// The kinds, by the names they are configured under.
const (
	KindToken     Kind = "token"
	KindUserToken Kind = "user_token"
	KindAppOAuth  Kind = "app_oauth"
)

// Kinds are all kinds.
var Kinds = []Kind{KindToken, KindUserToken, KindAppOAuth}

// TokenType says what a credential turned out to be.
type TokenType string

// The token types.
const (
	TypeUser     TokenType = "user"
	TypeAccount  TokenType = "account"
	TypeAppOAuth TokenType = "app_oauth"
	TypeUnknown  TokenType = "unknown"
)

// Secret is a string that no printer and no encoder shows.
type Secret = pagerduty.Secret

// Credential is what is to be checked.
type Credential struct {
	Kind Kind
	// Value is the API token, or for KindAppOAuth the client secret.
	Value Secret
	// Source is where the value came from: "provider configuration", the name of
	// an environment variable, or the argument of a check of its own.
	Source string
	// Own is set for an ephemeral resource's own token, which no environment
	// variable can set.
	Own bool
	// OverriddenVariable is an environment variable that holds another value than
	// the configuration, which wins; "" for none.
	OverriddenVariable string
	// OAuth is set for KindAppOAuth alone.
	OAuth *OAuthApp
}

// OAuthApp is the rest of an OAuth app's credential.
type OAuthApp struct {
	ClientID, ClientIDSource string
	// Region ("us", "eu") and Subdomain (lower case) name the account.
	Region, Subdomain, SubdomainSource string
}

// Argument names one of the values that a credential consists of, as it is
// configured.
type Argument string

// The arguments.
const (
	ArgumentToken        Argument = "token"
	ArgumentUserToken    Argument = "user_token"
	ArgumentClientID     Argument = "pd_client_id"
	ArgumentClientSecret Argument = "pd_client_secret"
)

// Report is what is known of a credential after a check: everything that state
// and messages are made from. A zero field was not asked for or is not known.
type Report struct {
	Status Status
	// Credential is what was checked. Its secret is never shown; Preview may be.
	Credential Credential
	Preview    string

	// Host is the API's host; Region is the service region that is configured.
	Host, Region string
	// HostOverridden and IdentityOverridden report whether api_url_override and
	// identity_url_override are set.
	HostOverridden, IdentityOverridden bool
	// ExtraCAs reports whether ca_cert_file or ca_cert_pem is set.
	ExtraCAs bool
	Timeout  time.Duration
	// Skipped reports whether validation is skipped: nothing was sent.
	Skipped bool

	// HTTPStatus is the status of the answer that led to the verdict, 0 for none.
	HTTPStatus int
	RequestID  string
	TokenType  TokenType
	// Subdomain and AccountRegion are the account's, as PagerDuty names it.
	Subdomain, AccountRegion string
	User                     *pagerduty.User
	// Abilities is nil where they were not asked for or are not known.
	Abilities []string
	// Scopes are those granted to an OAuth app's access token, the account's
	// excepted; nil for anything else.
	Scopes []string
	// AccessToken and ExpiresAt belong to an OAuth app. ExpiresAt is the zero
	// time where PagerDuty did not say.
	AccessToken Secret
	ExpiresAt   time.Time
	// WriteAccess is nil where nobody asked or it could not be decided.
	WriteAccess *bool

	Finding   *Finding         // for Malformed
	FindingIn Argument         // where Finding is
	Hints     []Hint           // what is unusual about the value
	Failure   *pagerduty.Error // for the verdicts that a request led to
	Minting   bool             // Failure is about minting an OAuth app's access token
	// AskedScopes and GrantedScopes are an OAuth app's, the account's included.
	// GrantedScopes is nil where the answer named none.
	AskedScopes, GrantedScopes []string
	// ScopesRequired reports whether required_scopes is set. Where it is not, a check
	// whose scopes are refused asks once more, for the account alone.
	ScopesRequired bool
	Gaps           []Gap       // what a valid credential's check could not learn
	Violations     []Violation // for NotAllowed
	Other          *Report     // on the credential that SameAccountAs names
	// Secrets are those of the configuration, checked or not, which no message repeats.
	Secrets []Secret
}

// Gap is something that is not known of a valid credential.
type Gap struct {
	// What is the result's attribute, such as "subdomain" or "user.teams".
	What string
	// Failure is why, nil where no request failed.
	Failure *pagerduty.Error
	// Scope is the OAuth scope that was not granted, "" for none.
	Scope string
	// Size is how many entries (of a list) or characters (of a text) it has, where
	// that is over the bound of what a result holds; 0 where size is not the reason.
	Size int
	// NoOnCallUser is set for "write_access" where no user can be put on call.
	NoOnCallUser bool
}

// Violation is a guard that was not met, or could not be decided.
type Violation struct {
	// Guard is the argument's name, such as "allowed_subdomains". It is
	// "credential" where credential = "user_token" is not a user's, and
	// "subdomain" where an OAuth app cannot be handed on without one.
	Guard string
	// Comparison is how Found and Asked are compared.
	Comparison Comparison
	// Found is what the credential has. Empty with Undecided.
	Found []string
	// Asked is what the argument names.
	Asked []string
	// Missing is what of Asked was not found, for AllOf.
	Missing []string
	// Undecided says why the guard could not be decided, "" if it was.
	Undecided Undecided
}

// Undecided is a reason why a guard could not be decided.
type Undecided string

// The reasons. Each fails closed.
const (
	UndecidedNot         Undecided = ""
	UndecidedSkipped     Undecided = "skipped"      // validation is skipped
	UndecidedNoUser      Undecided = "no_user"      // the credential is tied to no user
	UndecidedNoSubdomain Undecided = "no_subdomain" // PagerDuty named no account
	UndecidedNoAnswer    Undecided = "no_answer"    // the request for it failed; see Report.Gaps
	UndecidedNotGiven    Undecided = "not_given"    // the answer does not say
	UndecidedOther       Undecided = "other"        // the other credential's account is not known; see Report.Other
	UndecidedRegion      Undecided = "region"       // the account is in another service region than the one asked
	UndecidedUnknown     Undecided = "unknown_guard"
)
