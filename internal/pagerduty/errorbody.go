package pagerduty

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ErrorBody is what could be read of an error answer's body. PagerDuty documents
// {"error":{"message","code","errors"}} [D]; strings, arrays, HTML and nothing at
// all are seen too [S]. Whatever the form, reading it never fails.
type ErrorBody struct {
	// Form is "json", "html", "empty" or "other".
	Form string
	// Code is PagerDuty's own error code, such as 2012; 0 where there is none.
	Code int
	// Message is PagerDuty's text, cleaned; "" where there is none.
	Message string
	// RequiredScopes and TokenScopes come with a 403 for an OAuth token [S].
	RequiredScopes, TokenScopes []string
	// OAuthError is the identity host's error code, such as "invalid_scope"
	// (RFC 6749, section 5.2) [I].
	OAuthError string
}

const (
	maxMessage = 200
	maxScopes  = 20
)

// decodeErrorBody reads the body of an answer that is not success.
func decodeErrorBody(a *answer, secrets ...string) ErrorBody {
	body := bytes.TrimSpace(a.body)
	switch {
	case len(body) == 0:
		return ErrorBody{Form: "empty"}
	case body[0] == '<':
		return ErrorBody{Form: "html"}
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return ErrorBody{Form: "other"}
	}
	b := ErrorBody{Form: "json"}
	object, ok := value.(map[string]any)
	if !ok {
		b.Message = firstText(value)
	} else {
		b.readObject(object)
		switch inner := object["error"].(type) {
		case map[string]any:
			b.readObject(inner)
		case nil:
		default:
			b.OAuthError = oauthError(inner)
			if b.OAuthError == "" {
				b.Message = firstText(inner)
			}
		}
	}
	b.Message = safeText(b.Message, maxMessage, secrets...)
	b.RequiredScopes = safeScopes(b.RequiredScopes, maxScopes, secrets...)
	b.TokenScopes = safeScopes(b.TokenScopes, maxScopes, secrets...)
	return b
}

func (b *ErrorBody) readObject(o map[string]any) {
	switch code := o["code"].(type) {
	case float64:
		if code > 0 && code < 1e6 {
			b.Code = int(code)
		}
	case string:
		if n, err := strconv.Atoi(code); err == nil && n > 0 && n < 1e6 {
			b.Code = n
		}
	}
	for _, key := range []string{"message", "error_description", "errors"} {
		if text := firstText(o[key]); text != "" && b.Message == "" {
			b.Message = text
		}
	}
	if s := scopesOf(o["required_scopes"]); s != nil {
		b.RequiredScopes = s
	}
	if s := scopesOf(o["token_scopes"]); s != nil {
		b.TokenScopes = s
	}
}

// oauthError keeps an error code of RFC 6749; another string is a message.
func oauthError(v any) string {
	s, _ := v.(string)
	switch s {
	case "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope", "access_denied", "server_error", "temporarily_unavailable":
		return s
	}
	return ""
}

func firstText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		for _, item := range v {
			if s := firstText(item); s != "" {
				return s
			}
		}
	}
	return ""
}

// scopesOf reads scopes as PagerDuty gives them: one string, or a list.
func scopesOf(v any) []string {
	switch v := v.(type) {
	case string:
		return strings.FieldsFunc(v, func(r rune) bool { return r == ' ' || r == ',' })
	case []any:
		var all []string
		for _, item := range v {
			all = append(all, scopesOf(item)...)
		}
		return all
	}
	return nil
}

func safeScopes(in []string, limit int, secrets ...string) []string {
	var out []string
	for _, s := range in {
		if len(out) < limit && len(s) <= 64 && strings.IndexFunc(s, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && !strings.ContainsRune("._:-", r)
		}) < 0 && !repeats(s, secrets...) {
			out = append(out, s)
		}
	}
	return out
}

// safeText is Printable, and "" for a text that repeats any part of a secret, or
// that does once its unprintable characters are gone.
func safeText(s string, limit int, secrets ...string) string {
	if repeats(s, secrets...) || repeats(Printable(s, len(s)), secrets...) {
		return ""
	}
	return Printable(s, limit)
}

// Printable cleans a text from outside for people: no control, escape,
// formatting or direction characters, white space folded, at most limit runes.
func Printable(s string, limit int) string {
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError, !unicode.IsPrint(r):
			return -1
		}
		return r
	}, s)), " ")
	if runes := []rune(s); len(runes) > limit {
		return string(runes[:limit]) + "..."
	}
	return s
}

// leakLength is how many characters of a secret in a row count as a leak. Its
// last 4 may be shown, so it has to be more than that.
const leakLength = 6

// repeats tells whether a text holds a part of any secret, as it is or in an
// encoding that servers use when they quote a request.
func repeats(s string, secrets ...string) bool {
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		forms := []string{s}
		if unescaped, err := url.QueryUnescape(s); err == nil && unescaped != s {
			forms = append(forms, unescaped)
		}
		for _, word := range strings.Fields(s) {
			if decoded, err := base64.StdEncoding.DecodeString(strings.Trim(word, `"'.,:;()`)); err == nil && len(decoded) >= leakLength {
				forms = append(forms, string(decoded))
			}
		}
		n := min(leakLength, len(secret))
		for _, form := range forms {
			for i := 0; i+n <= len(secret); i++ {
				if strings.Contains(form, secret[i:i+n]) {
					return true
				}
			}
		}
	}
	return false
}
