package preflight

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// The tables of DESIGN.md and the code say the same, and every kind and status is there.
func TestDesignTable(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../DESIGN.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Causes and statuses\n")
	section, _, _ = strings.Cut(section, "\n## ")
	seen := map[string]bool{}
	for line := range strings.Lines(section) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case len(cells) == 7 && !slices.Contains([]string{"cause", "---"}, cells[0]):
			checkRow(t, cells, seen)
		case len(cells) == 4 && !slices.Contains([]string{"cause", "---"}, cells[0]):
			checkCode(t, cells, seen)
		}
	}
	for _, kind := range pagerduty.Kinds {
		if !seen["kind "+string(kind)] {
			t.Errorf("kind %q is not in the table", kind)
		}
	}
	for _, status := range Statuses {
		if !seen["status "+string(status)] && !strings.Contains(section, "`"+string(status)+"`") {
			t.Errorf("status %q is not in the section", status)
		}
	}
	if !seen["code 2006"] || !seen["code invalid_client"] {
		t.Error("there is no table of codes")
	}
}

// list splits a cell such as "500, 502". A "-" is the empty string.
func list(cell string) []string { return strings.Split(strings.Trim(cell, "-"), ", ") }

// checkRow checks cause, kinds, HTTP statuses, sender, status, attempts and retried.
func checkRow(t *testing.T, cells []string, seen map[string]bool) {
	t.Helper()
	seen["status "+cells[4]] = true
	senders := map[string][]pagerduty.Sender{
		"PagerDuty":     {pagerduty.SenderPagerDuty},
		"not PagerDuty": {pagerduty.SenderGateway, pagerduty.SenderUnknown},
		"any":           {pagerduty.SenderPagerDuty, pagerduty.SenderGateway, pagerduty.SenderUnknown},
	}[cells[3]]
	if senders == nil {
		t.Errorf("%s: unknown sender %q", cells[0], cells[3])
	}
	for _, kind := range list(cells[1]) {
		seen["kind "+kind] = true
		if !slices.Contains(pagerduty.Kinds, pagerduty.Kind(kind)) {
			t.Errorf("%s: unknown kind %q", cells[0], kind)
		}
		for _, number := range list(cells[2]) {
			httpStatus, _ := strconv.Atoi(number)
			for _, sender := range senders {
				e := from(sender, httpStatus, pagerduty.ErrorBody{})
				e.Kind = pagerduty.Kind(kind)
				if got := StatusOf(e); string(got) != cells[4] {
					t.Errorf("%s %s from %s: %q in the code, %q in the table", kind, number, sender, got, cells[4])
				}
			}
			retried, attempts := "no", 1
			if pagerduty.Retried(pagerduty.Kind(kind), httpStatus) {
				retried, attempts = "yes", 3 // the table has the default of max_retries
			}
			if cells[5] != strconv.Itoa(attempts) || cells[6] != retried {
				t.Errorf("%s %s: attempts %d, retried %s in the code; %s, %s in the table",
					kind, number, attempts, retried, cells[5], cells[6])
			}
		}
	}
}

// checkCode checks cause, PagerDuty's codes, HTTP statuses and status.
func checkCode(t *testing.T, cells []string, seen map[string]bool) {
	t.Helper()
	for _, code := range list(cells[1]) {
		seen["code "+code] = true
		for _, number := range list(cells[2]) {
			httpStatus, _ := strconv.Atoi(number)
			body := pagerduty.ErrorBody{OAuthError: code}
			if n, err := strconv.Atoi(code); err == nil {
				body = pagerduty.ErrorBody{Code: n}
			} else if code == "Invalid scope" {
				body = pagerduty.ErrorBody{RefusesScope: true}
			}
			if got := StatusOf(from(pagerduty.SenderPagerDuty, httpStatus, body)); string(got) != cells[3] {
				t.Errorf("%s with %s: %q in the code, %q in the table", code, number, got, cells[3])
			}
		}
	}
}
