package pagerduty

// Authorization is a credential together with the scheme that it is sent by. No
// verb of fmt and no encoder shows it, as with Secret.
type Authorization struct {
	hidden
	prefix string // the scheme and what stands between it and the secret
	secret Secret
	// issuedFor is the client secret that an access token was minted with.
	issuedFor Secret
}

// TokenPrefix stands before an API token in the header Authorization, with nothing
// in between [D].
const TokenPrefix = "Token token="

// APIToken sends an account or user API token as "Authorization: Token token=<token>",
// the only form that PagerDuty accepts for one [D].
func APIToken(token Secret) Authorization { return Authorization{prefix: TokenPrefix, secret: token} }

// BearerToken sends an OAuth access token as "Authorization: Bearer <token>" [D].
// The client secret that it was minted with is not sent, and withheld from what
// comes back: a gateway can have seen both.
func BearerToken(token, issuedFor Secret) Authorization {
	return Authorization{prefix: "Bearer ", secret: token, issuedFor: issuedFor}
}
