package pagerduty

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// BodyForm is what a body is made of.
type BodyForm string

// The forms.
const (
	FormJSON  BodyForm = "json"
	FormHTML  BodyForm = "html"
	FormEmpty BodyForm = "empty"
	FormOther BodyForm = "other"
)

// PagerDuty's error codes [D] for what is no matter of the credential's rights: who it
// is, its account, and a gateway that forwards a request in plain HTTP.
const (
	CodeAuthentication = 2006
	CodeNoAccount      = 2007
	CodeLocked         = 2008
	CodeOnlyHTTPS      = 2009
	CodeExpired        = 2012
	CodeNoUser         = 2013
	CodeAbility        = 2014
)

// ErrorBody is what could be read of an error answer's body. PagerDuty documents
// {"error":{"message","code","errors"}} [D]; strings, arrays, HTML and nothing at
// all are seen too [S]. Whatever the form, reading it never fails.
type ErrorBody struct {
	Form BodyForm
	// PagerDuty reports whether it has the form that PagerDuty documents, and
	// nothing that PagerDuty was not seen to send.
	PagerDuty bool
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
	maxCode    = 100_000 // a code of leakInText digits can be a part of a secret
)

// decodeErrorBody reads the body of an answer that is not success.
func decodeErrorBody(a *answer, redact redactor) ErrorBody {
	body := bytes.TrimSpace(a.body)
	switch {
	case len(body) == 0:
		return ErrorBody{Form: FormEmpty}
	case body[0] == '<':
		return ErrorBody{Form: FormHTML}
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return ErrorBody{Form: FormOther}
	}
	object, _ := value.(map[string]any)
	b := ErrorBody{Form: FormJSON, PagerDuty: isPagerDutyError(object), Message: firstText(value)}
	b.readObject(object)
	switch inner := object["error"].(type) {
	case map[string]any:
		b.readObject(inner)
	case nil:
	default:
		if b.OAuthError = oauthError(inner); b.OAuthError == "" {
			b.Message = firstText(inner)
		}
	}
	b.Message = redact.text(b.Message, maxMessage)
	b.RequiredScopes = redact.words(b.RequiredScopes, maxScopes)
	b.TokenScopes = redact.words(b.TokenScopes, maxScopes)
	return b
}

// isPagerDutyError reports whether an object is an error as PagerDuty documents it
// [D] or was seen to send it [S]: "error" is an object with a numeric code, errors or
// scopes, and there is nothing in it or next to it that PagerDuty does not send. The
// gateways that answer in JSON have other keys ("status", "statusCode", "path", a
// code that is a word), or a message alone.
func isPagerDutyError(o map[string]any) bool {
	inner, _ := o["error"].(map[string]any)
	known := false
	for key, value := range o {
		switch key {
		case "error":
		case "required_scopes", "token_scopes":
			known = known || inner != nil && scopesOf(value) != nil
		default:
			return false
		}
	}
	for key, value := range inner {
		switch key {
		case "message":
			if _, isText := value.(string); !isText {
				return false
			}
		case "code":
			_, isCode := codeOf(value)
			if !isCode && value != nil {
				return false
			}
			known = known || isCode
		case "errors":
			if !isErrors(value) {
				return false
			}
			known = known || value != nil
		case "required_scopes", "token_scopes":
			known = known || scopesOf(value) != nil
		default:
			return false
		}
	}
	return known
}

// codeOf reads an error code: a number, or one as a string [S].
func codeOf(v any) (code float64, ok bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		return float64(n), err == nil
	}
	return 0, false
}

// isErrors accepts a list of strings [D], a string or an object [S].
func isErrors(v any) bool {
	switch v := v.(type) {
	case nil, string, map[string]any:
		return true
	case []any:
		return !slices.ContainsFunc(v, func(item any) bool {
			_, text := item.(string)
			return !text
		})
	}
	return false
}

// RefusesScope reports whether the message is PagerDuty's for a scope that it does not
// grant [S].
func (b *ErrorBody) RefusesScope() bool {
	return strings.Contains(strings.ToLower(b.Message), "invalid scope")
}

// refusesRights reports whether a 403's code leaves it a matter of the credential's rights.
func (b *ErrorBody) refusesRights() bool {
	return !slices.Contains([]int{
		CodeAuthentication, CodeNoAccount, CodeLocked, CodeOnlyHTTPS, CodeExpired, CodeNoUser, CodeAbility,
	}, b.Code)
}

func (b *ErrorBody) readObject(o map[string]any) {
	if code, _ := codeOf(o["code"]); code > 0 && code < maxCode {
		b.Code = int(code)
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
	switch s, _ := v.(string); s {
	case "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
		"invalid_scope", "access_denied", "server_error", "temporarily_unavailable":
		return s
	}
	return ""
}

func firstText(v any) string {
	list, _ := v.([]any)
	for _, item := range list {
		if s := firstText(item); s != "" {
			return s
		}
	}
	s, _ := v.(string)
	return s
}

// scopesOf reads scopes as PagerDuty gives them: one string, or a list.
func scopesOf(v any) []string {
	switch v := v.(type) {
	case string:
		return strings.FieldsFunc(v, func(r rune) bool { return unicode.IsSpace(r) || r == ',' })
	case []any:
		var all []string
		for _, item := range v {
			all = append(all, scopesOf(item)...)
		}
		return all
	}
	return nil
}
