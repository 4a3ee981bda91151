package preflight

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// The table in DESIGN.md and the code say the same, and every kind is in it.
func TestDesignTable(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../DESIGN.md")
	if err != nil {
		t.Fatal(err)
	}
	var seen []pagerduty.Kind
	verdicts := []Status{Valid, NotAllowed, Unverified} // which no failure brings
	mints := 0
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if len(cells) == 4 && slices.Contains(Statuses, Status(cells[3])) {
			e := &pagerduty.Error{
				Kind: pagerduty.KindStatus, Sender: pagerduty.SenderPagerDuty,
				Body: pagerduty.ErrorBody{OAuthError: strings.Trim(cells[2], "-")},
			}
			e.Status, _ = strconv.Atoi(cells[1])
			mints++
			if got := StatusOfMint(e); string(got) != cells[3] {
				t.Errorf("%s: the code's verdict is %q, the table's %q", cells[0], got, cells[3])
			}
		}
		if len(cells) != 8 {
			continue
		}
		verdicts = append(verdicts, Status(cells[4]))
		kind := pagerduty.Kind(cells[1])
		if !slices.Contains(pagerduty.Kinds, kind) {
			continue
		}
		seen = append(seen, kind)
		status, _ := strconv.Atoi(cells[2])
		senders := map[string][]pagerduty.Sender{
			"-": {pagerduty.SenderUnknown}, "unknown": {pagerduty.SenderUnknown}, "pagerduty": {pagerduty.SenderPagerDuty},
			"gateway": {pagerduty.SenderGateway},
			"any":     {pagerduty.SenderUnknown, pagerduty.SenderPagerDuty, pagerduty.SenderGateway},
		}[cells[3]]
		if len(senders) == 0 {
			t.Errorf("%s: unknown sender %q", cells[0], cells[3])
		}
		for _, sender := range senders {
			e := &pagerduty.Error{Kind: kind, Status: status, Sender: sender}
			if got := StatusOf(e); string(got) != cells[4] {
				t.Errorf("%s: the code's verdict is %q, the table's %q", cells[0], got, cells[4])
			}
		}
		retried := pagerduty.Retried(kind, status)
		wantRetried, wantRequests := "no", 1
		if retried {
			wantRetried, wantRequests = "yes", 1+pagerduty.DefaultMaxRetries
		}
		if cells[6] != wantRetried || cells[5] != strconv.Itoa(wantRequests) {
			t.Errorf("%s: the table says requests %s, retried %s; the code %d, %s",
				cells[0], cells[5], cells[6], wantRequests, wantRetried)
		}
	}
	if mints == 0 {
		t.Error("no table of the mint's verdicts was found")
	}
	for _, status := range Statuses {
		if !slices.Contains(verdicts, status) {
			t.Errorf("the verdict %q is not in the table", status)
		}
	}
	for _, kind := range pagerduty.Kinds {
		if !slices.Contains(seen, kind) {
			t.Errorf("kind %q is not in the table", kind)
		}
	}
}
