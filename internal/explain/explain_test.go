package explain

import (
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

var update = flag.Bool("update", false, "write testdata/*.txt anew")

// shownAs is a report's messages the way that testdata has them.
func shownAs(all []Diagnosis) string {
	blocks := make([]string, len(all))
	for i, d := range all {
		head := "Error: " + d.Summary
		if d.Warning {
			head = "Warning: " + d.Summary
		}
		if d.Argument != "" {
			head += "\nArgument: " + d.Argument
		}
		blocks[i] = head + "\n\n" + d.Detail + "\n"
	}
	return strings.Join(blocks, "\n----\n\n")
}

// golden are all texts that testdata holds, by the name of their file.
func golden(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	add := func(name, content string) {
		if _, taken := all[name+".txt"]; taken {
			t.Errorf("two cases are called %s", name)
		}
		all[name+".txt"] = content
	}
	for name, r := range reports() {
		add(name, shownAs(Diagnose(r)))
	}
	for name, s := range otherTexts() {
		add(name, s+"\n")
	}
	return all
}

// Every message is a file that a reviewer can read, and there is no other file.
func TestGolden(t *testing.T) {
	t.Parallel()
	texts := golden(t)
	if *update {
		for _, old := range files(t) {
			if err := os.Remove(filepath.Join("testdata", old)); err != nil {
				t.Fatal(err)
			}
		}
		for name, content := range texts {
			if err := os.WriteFile(filepath.Join("testdata", name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, got := range texts {
		want, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil || string(want) != got {
			t.Errorf("%s (go test ./internal/explain -update writes it):\n--- got\n%s--- want\n%s", name, got, want)
		}
	}
	for _, name := range files(t) {
		if _, ok := texts[name]; !ok {
			t.Errorf("no case writes testdata/%s", name)
		}
	}
}

func files(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names
}

var (
	factLine      = regexp.MustCompile(`^[A-Z][^:]*: \S.*$`)
	statusLine    = regexp.MustCompile(`^Status: [a-z_]+( \(HTTP [1-5]\d\d\))?$`)
	frameworkPath = regexp.MustCompile(`\[(Value|\d|")|AtName|AttributeName`)
	nothingSent   = regexp.MustCompile(`[Nn]othing was sent($|[^ ]| so|, so)`)
)

// Every message has the form that people and scripts rely on.
func TestForm(t *testing.T) {
	t.Parallel()
	for name, r := range reports() {
		for _, d := range Diagnose(r) {
			checkSummary(t, name, d.Summary)
			checkDetail(t, name, d.Detail)
			if r.Credential.Own && strings.Contains(d.Detail, "PAGERDUTY_") {
				if r.Other == nil && !strings.Contains(d.Argument, "same_account") {
					t.Errorf("%s: names an environment variable for a token that none can set", name)
				}
			}
			if f := r.Failure; f != nil && f.Sent() && nothingSent.MatchString(d.Detail) {
				t.Errorf("%s: says that nothing was sent", name)
			}
			if f := r.Failure; f != nil && f.Sender != pagerduty.SenderPagerDuty && strings.Contains(d.Detail, "accepted") {
				t.Errorf("%s: says that PagerDuty accepted what it perhaps never saw", name)
			}
		}
	}
}

func checkSummary(t *testing.T, name, s string) {
	t.Helper()
	first, _ := utf8.DecodeRuneInString(s)
	switch {
	case !slices.Contains(summaries(t), s):
		t.Errorf("%s: %q is not one of the constants", name, s)
	case utf8.RuneCountInString(s) > 60, !unicode.IsUpper(first), strings.ContainsAny(s, "0123456789\".:"):
		t.Errorf("%s: %q is too long, or is no plain sentence without values", name, s)
	}
}

func checkDetail(t *testing.T, name, detail string) {
	t.Helper()
	bad := func(what, line string) { t.Errorf("%s: %s: %q", name, what, line) }
	blocks := strings.Split(detail, "\n\n")
	if len(blocks) < 2 {
		bad("no explanation", detail)
	}
	facts := strings.Split(blocks[len(blocks)-1], "\n")
	if !statusLine.MatchString(facts[0]) {
		bad("the last block does not begin with the status", facts[0])
	}
	for i, line := range facts {
		key, _, _ := strings.Cut(line, ": ")
		if !factLine.MatchString(line) {
			bad("no fact", line)
		}
		for _, other := range facts[:i] {
			if strings.HasPrefix(other, key+": ") {
				bad("a fact twice", line)
			}
		}
	}
	for _, line := range strings.Split(detail, "\n") {
		switch {
		case strings.HasPrefix(line, "  - ") && utf8.RuneCountInString(line) >= 76:
			bad("a bullet that is too long", line)
		case !strings.HasPrefix(line, "  - ") && strings.HasPrefix(line, " "), strings.TrimRight(line, " ") != line:
			bad("spaces", line)
		case strings.Contains(strings.TrimPrefix(line, "  - "), "  "):
			bad("two spaces", line)
		case frameworkPath.MatchString(line), strings.ContainsAny(line, "{}"), strings.Contains(line, "%!"):
			bad("a path or a format", line)
		case strings.Contains(line, ". ."), strings.Contains(line, ".."), strings.Contains(line, ":."):
			bad("punctuation", line)
		}
	}
	for _, block := range blocks {
		if strings.HasPrefix(block, "Likely cause") {
			causes := strings.Split(block, "\n  - ")[1:]
			slices.Sort(causes)
			if len(causes) > 3 || len(slices.Compact(slices.Clone(causes))) != len(causes) {
				bad("too many causes, or one twice", block)
			}
		}
	}
}

// No text holds more of a credential than its last 4 characters.
func TestSecrecy(t *testing.T) {
	t.Parallel()
	for name, content := range golden(t) {
		for _, secret := range []string{secretToken, secretUserToken, secretOwn, secretClient, clientID} {
			for i := 0; i+5 <= len(secret); i++ {
				if strings.Contains(content, secret[i:i+5]) {
					t.Errorf("%s shows more than 4 characters of a credential", name)
				}
			}
		}
	}
}

// What has no words would pass in silence, or say nothing.
func TestWords(t *testing.T) {
	t.Parallel()
	for _, s := range preflight.Statuses {
		if _, ok := explanations[s]; !ok {
			t.Errorf("the status %s has no entry", s)
		}
	}
	for _, s := range constants(t, "preflight", "Status") {
		if !slices.Contains(preflight.Statuses, preflight.Status(s)) {
			t.Errorf("preflight.Statuses, which the tests go through, lacks %s", s)
		}
	}
	for _, k := range constants(t, "pagerduty", "Kind") {
		if !slices.Contains(pagerduty.Kinds, pagerduty.Kind(k)) {
			t.Errorf("pagerduty.Kinds, which the tests go through, lacks %s", k)
		}
	}
	for _, k := range pagerduty.Kinds {
		if kindNames[k] == "" {
			t.Errorf("the kind %s has no name", k)
		}
	}
	for _, p := range constants(t, "preflight", "Problem") {
		if w := problems[preflight.Problem(p)]; w.is == "" || w.cause == "" || w.fix == "" {
			t.Errorf("the problem %s has no words", p)
		}
	}
	for _, reason := range constants(t, "pagerduty", "CertificateReason") {
		if certificateFailures[pagerduty.CertificateReason(reason)].is == "" {
			t.Errorf("the certificate problem %s has no words", reason)
		}
	}
	for _, h := range constants(t, "preflight", "Hint") {
		if hintCauses[preflight.Hint(h)] == "" {
			t.Errorf("the hint %s has no words", h)
		}
	}
	for _, u := range constants(t, "preflight", "Undecided") {
		if u != "" && undecidedReasons[preflight.Undecided(u)] == "" {
			t.Errorf("undecided as %s has no words", u)
		}
	}
	for _, g := range preflight.Guards {
		if (g.Comparison == preflight.OneOf || g.Comparison == preflight.NoneOf) && guardWords[g.Name].learned == "" {
			t.Errorf("the guard %s has no words", g.Name)
		}
		if w := values[g.Name]; w.found == nil {
			t.Errorf("the guard %s has no case", g.Name)
		}
		if g.Account && guardWords[g.Name].gap != "subdomain" {
			t.Errorf("the guard %s does not know its gap", g.Name)
		}
	}
	for _, a := range constants(t, "preflight", "Argument") {
		if arguments[preflight.Argument(a)].thing == "" {
			t.Errorf("the argument %s has no words", a)
		}
	}
}

// Every verdict of every kind of failure is explained, for every kind of credential
// and every sender, with no attempts or some.
func TestEveryFailure(t *testing.T) {
	t.Parallel()
	senders := constants(t, "pagerduty", "Sender")
	for _, kind := range pagerduty.Kinds {
		statuses := []int{0, 200, 302, 403, 407}
		if kind == pagerduty.KindStatus {
			statuses = []int{299, 499, 599} // and all that have a name
			for code := 101; code < 600; code++ {
				if http.StatusText(code) != "" {
					statuses = append(statuses, code)
				}
			}
		}
		for _, code := range statuses {
			for _, s := range senders {
				for _, c := range []func() preflight.Report{tokenReport, userTokenReport, ownReport, appReport, mintReport} {
					for _, attempts := range [][]pagerduty.Attempt{nil, {{Kind: kind, Status: code, Sent: true}}} {
						r := c()
						r.Failure = &pagerduty.Error{
							Kind: kind, Method: "GET", Path: "/users/me", Host: r.Host, Status: code,
							Sender: pagerduty.Sender(s), Attempts: attempts,
						}
						r.Status, r.HTTPStatus = preflight.StatusOf(r.Failure), code
						if r.Minting {
							r.Status = preflight.StatusOfMint(r.Failure)
						}
						all := Diagnose(r)
						if len(all) != 1 || all[0].Warning {
							t.Fatalf("%s, %d, %s: %d messages", kind, code, s, len(all))
						}
						checkSummary(t, string(kind), all[0].Summary)
						checkDetail(t, string(kind)+" "+strconv.Itoa(code), all[0].Detail)
					}
				}
			}
		}
	}
}

// Every guard is explained whatever the reason why it could not be decided, for
// every kind of credential and next to every gap.
func TestEveryViolation(t *testing.T) {
	t.Parallel()
	guards := append([]preflight.Guard{
		{Name: guardCredential, Comparison: preflight.OneOf}, {Name: guardSubdomain, Comparison: preflight.IsTrue},
	}, preflight.Guards...)
	all := writeGaps()
	gaps := []preflight.Gap{
		all["403_unknown"], all["no_user"], all["timeout"], {What: "subdomain"}, {What: "abilities", Scope: "abilities.read"},
	}
	for _, g := range guards {
		for _, why := range constants(t, "preflight", "Undecided") {
			for kind, report := range kinds {
				for _, missing := range gaps {
					v := preflight.Violation{
						Guard: g.Name, Comparison: g.Comparison, Asked: []string{"one"}, Undecided: preflight.Undecided(why),
					}
					if why == "" {
						v.Found, v.Missing = []string{"two"}, []string{"one"}
					}
					all := Diagnose(with(report(), violated(v), gap(missing)))
					if len(all) == 0 || all[0].Warning {
						t.Fatalf("%s, undecided as %q: %+v", g.Name, why, all)
					}
					for _, d := range all {
						checkSummary(t, g.Name, d.Summary)
						checkDetail(t, g.Name+" "+why+" "+kind, d.Detail)
					}
				}
			}
		}
	}
}

// Every summary is used, so that the troubleshooting guide lists nothing that cannot
// happen.
func TestSummaries(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, r := range reports() {
		for _, d := range Diagnose(r) {
			used[d.Summary] = true
		}
	}
	all := summaries(t)
	if len(all) < 20 {
		t.Errorf("only %d summaries found", len(all))
	}
	for _, s := range all {
		if !used[s] {
			t.Errorf("no case has the summary %q", s)
		}
	}
}

// A check asks more than once: that this request did not leave says nothing of those before.
func TestNotJudged(t *testing.T) {
	t.Parallel()
	r := with(tokenReport(), lost(pagerduty.Error{Kind: pagerduty.KindRefused}))
	r.Failure.Path = "/users" // which follows a 400 of /users/me
	if detail := Diagnose(r)[0].Detail; strings.Contains(detail, "Nothing was sent") {
		t.Error(detail)
	}
}

// What an earlier 429 held back was not answered.
func TestHeld(t *testing.T) {
	t.Parallel()
	v := preflight.Violation{
		Guard: preflight.GuardWriteAccess, Comparison: preflight.IsTrue, Undecided: preflight.UndecidedNoAnswer,
	}
	held := gap(writeGaps()["429_held"])
	for _, r := range []preflight.Report{with(tokenReport(), held), with(tokenReport(), held, violated(v))} {
		detail := Diagnose(r)[0].Detail
		if strings.Contains(detail, "answered 429") || !strings.Contains(detail, "not sent") {
			t.Error(detail)
		}
	}
}

// A 200 is not known to be PagerDuty's, so that its code names no cause.
func TestUnauthorized_codeOf200(t *testing.T) {
	t.Parallel()
	r := with(mintReport(), answer(200, unknown), body(pagerduty.ErrorBody{
		Form: pagerduty.FormJSON, OAuthError: "invalid_client", Code: codeOnlyHTTPS,
	}))
	detail := Diagnose(r)[0].Detail
	if r.Status != preflight.Unauthorized || !strings.Contains(detail, "answered 200 OK") {
		t.Errorf("%s:\n%s", r.Status, detail)
	}
}
