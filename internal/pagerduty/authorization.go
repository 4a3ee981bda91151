package pagerduty

// Authorization is a credential and the scheme that it is sent with. Like a Secret, it
// prints as "[redacted]".
type Authorization struct {
	hidden
	prefix string // precedes the secret in the header Authorization
	secret Secret
}

// TokenPrefix precedes an API token in the header Authorization [D].
const TokenPrefix = "Token token="

// APIToken sends an account or user API token as "Authorization: Token token=<token>",
// the only form that PagerDuty accepts for one [D].
func APIToken(token Secret) Authorization { return Authorization{prefix: TokenPrefix, secret: token} }

// BearerToken sends an OAuth access token as "Authorization: Bearer <token>" [D].
func BearerToken(token Secret) Authorization { return Authorization{prefix: "Bearer ", secret: token} }
