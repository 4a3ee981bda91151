package preflight

import (
	"fmt"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// Kind says which of the credentials a configuration can hold is meant.
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

// Secret is a value that must not be printed. Every fmt verb shows it as
// "[redacted]".
type Secret string

// Format implements fmt.Formatter for all verbs.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[redacted]")) }

// Credential is what is to be checked.
type Credential struct {
	Kind Kind
	// Value is the key, or for KindAppOAuth the client's secret.
	Value Secret
	// Source is where the value came from: "provider configuration", the name
	// of an environment variable, or an argument of a check of its own.
	Source string
	// OAuth is set for KindAppOAuth alone.
	OAuth *OAuthApp
}

// OAuthApp is the rest of an OAuth app's credential.
type OAuthApp struct {
	ClientID string
	// Region ("us", "eu") and Subdomain name the account.
	Region, Subdomain string
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

// Report is what is known of a credential after a check. A zero field is
// something that was not asked for or could not be learned.
type Report struct {
	Status     Status
	Kind       Kind
	Source     string
	Preview    string
	Host       string
	HTTPStatus int
	TokenType  TokenType
	Subdomain  string
	User       *pagerduty.User
	// Abilities is nil where they were not asked for or not learned.
	Abilities []string
	// Scopes are those granted to an OAuth app's token, nil for anything else.
	Scopes []string
	// AccessToken and ExpiresAt belong to an OAuth app's token. ExpiresAt is
	// the zero time where PagerDuty did not tell.
	AccessToken Secret
	ExpiresAt   time.Time
	RequestID   string

	Finding    *Finding         // for Malformed
	FindingIn  Argument         // where Finding is
	Hints      []Oddity         // what is strange about the value
	Failure    *pagerduty.Error // for the verdicts that a request led to
	Minting    bool             // Failure is about minting an OAuth app's token
	Asked      []string         // the scopes that an OAuth app's token was asked with
	Gaps       []Gap            // what a valid credential's check could not learn
	Violations []Violation      // for NotAllowed
	Other      *Report          // on the credential that SameAccountAs names
	Timeout    time.Duration

	life time.Duration // what was left of an OAuth app's token when it was had
}

// Gap is something that could not be learned of a valid credential.
type Gap struct {
	// What is "subdomain", "identity" or "abilities".
	What string
	// Failure is why, nil where the answer just did not tell.
	Failure *pagerduty.Error
	// Scope is the OAuth scope that was not granted, "" for none.
	Scope string
}

// Violation is an expectation that was not met, or could not be decided.
type Violation struct {
	// Guard is the argument's name, such as "allowed_subdomains".
	Guard string
	// Found is what the credential has. Empty with Undecided.
	Found []string
	// Allowed is what the argument asks for.
	Allowed []string
	// Missing is what of Allowed was not found, for the guards that ask for all.
	Missing []string
	// Undecided says why the guard could not be decided, "" if it was.
	Undecided Undecided
}

// Undecided is a reason why a guard could not be decided.
type Undecided string

// The reasons. Each fails closed.
const (
	UndecidedNot         Undecided = ""
	UndecidedSkipped     Undecided = "skipped"
	UndecidedNoUser      Undecided = "no_user"
	UndecidedNoSubdomain Undecided = "no_subdomain"
	UndecidedNoAnswer    Undecided = "no_answer"
	UndecidedNotTold     Undecided = "not_told"
	UndecidedOther       Undecided = "other" // the other credential's account is not known
)
