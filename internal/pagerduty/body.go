package pagerduty

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode"
)

// object is a decoded JSON object. Unlike the fields of a struct, its names are compared
// exactly.
type object map[string]any

// parse returns a body's JSON object, or nil.
func parse(body []byte) object {
	if len(body) == 0 || body[0] != '{' {
		return nil
	}
	var o object
	if json.Unmarshal(body, &o) != nil {
		return nil
	}
	return o
}

// text returns a string field, or "" for a field of another type: field types have
// differed from the documentation before [S].
func (o object) text(key string) string {
	s, _ := o[key].(string)
	return s
}

// object returns a field that holds an object, or nil.
func (o object) object(key string) object {
	inner, _ := o[key].(map[string]any)
	return inner
}

// list returns the objects in a field that holds a list.
func (o object) list(key string) []object {
	values, _ := o[key].([]any)
	var all []object
	for _, v := range values {
		if item, ok := v.(map[string]any); ok {
			all = append(all, item)
		}
	}
	return all
}

// hasError reports whether an object reports a failure, next to whatever else it has.
func (o object) hasError() bool {
	errors, isList := o["errors"].([]any)
	return o["error"] != nil || o["errors"] != nil && (!isList || len(errors) > 0)
}

const (
	maxMessage = 200 // characters
	maxScopes  = 50
)

// errorBody reads the body of a response that is PagerDuty's.
func errorBody(r *call, res *response) ErrorBody {
	outer := res.object
	inner, _ := pagerDutyError(outer)
	code, _ := codeOf(inner)
	b := ErrorBody{Code: code, Message: r.redact.text(message(outer, inner), maxMessage)}
	for _, o := range []object{outer, inner} {
		b.RequiredScopes = append(b.RequiredScopes, r.redact.scopes(scopesOf(o["required_scopes"]), maxScopes)...)
		b.TokenScopes = append(b.TokenScopes, r.redact.scopes(scopesOf(o["token_scopes"]), maxScopes)...)
	}
	if r.mint {
		b.OAuthError, b.RefusesScope = oauthError(res), refusesScope(res)
	}
	return b
}

// message returns PagerDuty's message and its list of errors as one text.
func message(outer, inner object) string {
	if inner == nil {
		return outer.text("error_description")
	}
	parts, seen := []string{}, map[string]bool{"": true}
	var add func(v any)
	add = func(v any) {
		switch v := v.(type) {
		case string:
			if !seen[v] {
				parts = append(parts, v)
			}
			seen[v] = true
		case []any:
			for _, item := range v {
				add(item)
			}
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				add(v[key])
			}
		}
	}
	add(inner["message"])
	add(inner["errors"])
	if len(parts) == 0 {
		return ""
	}
	first := strings.TrimRight(parts[0], ".: ")
	if len(parts) == 1 {
		return parts[0]
	}
	return first + ": " + strings.Join(parts[1:], "; ")
}

// scopesOf reads scopes as PagerDuty sends them: one string, or a list of strings. It
// returns nil for anything else.
func scopesOf(v any) []string {
	switch v := v.(type) {
	case string:
		return append([]string{}, strings.FieldsFunc(v, func(r rune) bool { return unicode.IsSpace(r) || r == ',' })...)
	case []any:
		all := []string{}
		for _, item := range v {
			if _, isText := item.(string); !isText {
				return nil
			}
			all = append(all, scopesOf(item)...)
		}
		return all
	}
	return nil
}

// redirects are the statuses that point elsewhere. A 304 comes from a cache.
var redirects = []int{301, 302, 303, 307, 308}

// statusError returns the error of a response whose status is not 200.
func (r *call) statusError(res *response) *Error {
	e := r.responseError(KindStatus, res)
	if slices.Contains(redirects, res.status) {
		e.Kind = KindRedirect
		// Only the host is kept: the rest of a URL can repeat what was sent.
		location := res.header.Get("Location")
		if u, err := r.base.Parse(location); err == nil && location != "" {
			e.RedirectHost, e.RedirectPlain = r.redact.host(u.Host), u.Scheme == "http"
		}
	}
	return e
}

// responseError returns the error of a response.
func (r *call) responseError(kind Kind, res *response) *Error {
	e := &Error{Kind: kind, Status: res.status, Wait: res.wait, WaitKnown: res.waitKnown}
	e.Sender, e.Product = senderOf(r, res)
	if res.status == http.StatusOK && e.Sender == SenderPagerDuty {
		e.Sender = SenderUnknown // an unusable 200 has none of PagerDuty's forms
	}
	if e.Sender == SenderPagerDuty {
		e.RequestID, e.Body = res.requestID, errorBody(r, res)
	}
	return r.failed(e)
}
