package pagerduty

import (
	"fmt"
	"log/slog"
	"unique"
)

// redacted stands for a secret wherever one would be printed.
const redacted = "[redacted]"

// hidden makes a type that embeds it print as "[redacted]" with every verb of fmt and
// every encoder.
type hidden struct{}

// Format implements fmt.Formatter.
func (hidden) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText implements encoding.TextMarshaler, which encoding/json uses too.
func (hidden) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue implements slog.LogValuer.
func (hidden) LogValue() slog.Value { return slog.StringValue(redacted) }

// Secret is a string that prints as "[redacted]": an API token, a client secret, an
// access token. It holds a handle instead of the string, because fmt
// prints the fields of a struct that it may not call methods on, and prints a
// handle as an address. It is comparable, and can be a map's key.
type Secret struct {
	hidden
	handle unique.Handle[string]
}

// NewSecret wraps a string. The empty string gives the zero Secret.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	return Secret{handle: unique.Make(s)}
}

// Reveal returns the string. Call it only to send the secret, to inspect it, or to pass it
// to Terraform as a result.
func (s Secret) Reveal() string {
	if s.IsZero() {
		return ""
	}
	return s.handle.Value()
}

// IsZero reports whether there is nothing to keep secret.
func (s Secret) IsZero() bool { return s == (Secret{}) }
