package pagerduty

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// readNames are the names of all that is read of a usable answer.
var readNames = []string{
	"user", "users", "abilities", "schedule", "error", "errors",
	"id", "name", "summary", "email", "role", "job_title", "time_zone", "html_url", "teams",
	"access_token", "token_type", "expires_in", "scope",
}

// exact reports whether a JSON object has each name that is read once at the most, and
// spelled as PagerDuty spells it. encoding/json takes any case, and the last of two:
// what it makes of such an object is not what somebody said.
func exact(body []byte) bool {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber() // of any size
	return exactValue(d)
}

// exactValue consumes one value.
func exactValue(d *json.Decoder) bool {
	t, err := d.Token()
	if err != nil {
		return false
	}
	var seen []string
	switch t {
	case json.Delim('{'):
		for d.More() {
			key, _ := d.Token()
			name, _ := key.(string)
			folded := strings.ToLower(strings.ToUpper(name)) // as encoding/json does, the long s included
			if slices.Contains(readNames, folded) {
				if folded != name || slices.Contains(seen, name) {
					return false
				}
				seen = append(seen, name)
			}
			if !exactValue(d) {
				return false
			}
		}
	case json.Delim('['):
		for d.More() {
			if !exactValue(d) {
				return false
			}
		}
	default:
		return true
	}
	_, err = d.Token()
	return err == nil
}
