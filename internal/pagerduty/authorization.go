package pagerduty

import "fmt"

// Authorization is a credential together with the scheme it is sent by. Every
// fmt verb prints it as "[redacted]", so that printing a struct that holds one
// cannot give it away.
type Authorization struct{ scheme, secret string }

// KeyScheme is what stands before an account or user key in the header
// Authorization, with nothing in between [D].
const KeyScheme = "Token token="

// APIKey sends an account or user key as "Authorization: Token token=<key>",
// the only form PagerDuty takes one in [D].
func APIKey(key string) Authorization { return Authorization{KeyScheme, key} }

// BearerToken sends an OAuth access token as "Authorization: Bearer <token>" [D].
func BearerToken(token string) Authorization { return Authorization{"Bearer ", token} }

// Format implements fmt.Formatter for all verbs.
func (Authorization) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[redacted]")) }
