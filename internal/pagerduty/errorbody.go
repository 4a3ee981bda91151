package pagerduty

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode"
)

// ErrorBody is what could be read of an error answer's body. PagerDuty documents
// {"error":{"message","code","errors"}} [D]; strings, arrays, HTML and nothing at
// all are seen too [S]. Whatever the form, reading it never fails.
type ErrorBody struct {
	// Form is "json", "html", "empty" or "other".
	Form string
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
)

// decodeErrorBody reads the body of an answer that is not success.
func decodeErrorBody(a *answer, keep redactor) ErrorBody {
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
		b.PagerDuty = isPagerDutyError(object)
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
	b.Message = keep.text(b.Message, maxMessage)
	b.RequiredScopes = keep.words(b.RequiredScopes, maxScopes)
	b.TokenScopes = keep.words(b.TokenScopes, maxScopes)
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
			code := isCode(value)
			if !code && value != nil {
				return false
			}
			known = known || code
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

// isCode accepts a number, or one as a string [S].
func isCode(v any) bool {
	switch v := v.(type) {
	case float64:
		return true
	case string:
		_, err := strconv.Atoi(v)
		return err == nil
	}
	return false
}

// isErrors accepts a list of strings [D], a string or an object [S].
func isErrors(v any) bool {
	list, ok := v.([]any)
	for _, item := range list {
		if _, text := item.(string); !text {
			return false
		}
	}
	if ok {
		return true
	}
	switch v.(type) {
	case nil, string, map[string]any:
		return true
	}
	return false
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
	case "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
		"invalid_scope", "access_denied", "server_error", "temporarily_unavailable":
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
