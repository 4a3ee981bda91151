package pagerduty

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// notAccounts are names below pagerduty.com that do not belong to an account.
var notAccounts = []string{"api", "app", "eu", "events", "identity", "www"}

// AccountOf returns the account's subdomain and service region that a user's html_url
// names: https://acme.pagerduty.com/users/P1 or https://acme.eu.pagerduty.com/users/P1,
// where ".eu" is the region [D]. Both are in lower case, and "" for any other URL.
func AccountOf(htmlURL string) (subdomain, region string) {
	u, err := url.Parse(htmlURL)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" {
		return "", ""
	}
	label, ok := strings.CutSuffix(strings.ToLower(u.Host), ".pagerduty.com")
	// The lower case of the Kelvin sign is an ASCII k.
	if !ok || strings.ContainsFunc(u.Host, func(r rune) bool { return r > unicode.MaxASCII }) {
		return "", ""
	}
	region = "us"
	if inEU, ok := strings.CutSuffix(label, ".eu"); ok {
		label, region = inEU, "eu"
	}
	if !ValidSubdomain(label) || slices.Contains(notAccounts, label) {
		return "", ""
	}
	return label, region
}

// ValidSubdomain reports whether s can be an account's subdomain: one DNS label of
// letters, digits and inner hyphens.
func ValidSubdomain(s string) bool {
	return s != "" && len(s) <= 63 && strings.Trim(s, "-") == s && !strings.ContainsFunc(s, notIn("-"))
}
