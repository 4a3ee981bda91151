package explain

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

var update = flag.Bool("update", false, "write the golden texts")

// golden returns all golden texts by the name of their file.
func golden() map[string]string {
	all := map[string]string{}
	for name, r := range reports() {
		all[name+".txt"] = printed(Diagnose(r))
	}
	for name, text := range otherTexts() {
		all[name+".txt"] = text
	}
	return all
}

// printed formats diagnoses as golden texts have them.
func printed(all []Diagnosis) string {
	texts := make([]string, len(all))
	for i, d := range all {
		texts[i] = "Error: "
		if d.Warning {
			texts[i] = "Warning: "
		}
		texts[i] += d.Summary + "\n\n" + d.Detail + "\n"
	}
	return strings.Join(texts, "\n")
}

func TestGolden(t *testing.T) {
	t.Parallel()
	old, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	texts := golden()
	if *update {
		for _, path := range old {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
		for name, text := range texts {
			if err := os.WriteFile(filepath.Join("testdata", name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	for name, got := range texts {
		want, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil || string(want) != got {
			t.Errorf("%s (write it with go test ./internal/explain -update):\n--- got\n%s--- want\n%s", name, got, want)
		}
	}
	for _, path := range old {
		if _, ok := texts[filepath.Base(path)]; !ok {
			t.Errorf("no report has the golden text %s", path)
		}
	}
}

const (
	maxWords, maxLines, maxMean, maxColumns = 70, 15, 55, 78
)

// Messages are short, including the mean of all golden texts.
func TestLength(t *testing.T) {
	t.Parallel()
	total := 0
	for name, r := range reports() {
		for _, d := range Diagnose(r) {
			text, _, _ := strings.Cut(d.Detail, "Status: ")
			if words := len(strings.Fields(text)); words > maxWords {
				t.Errorf("%s has %d words before the facts, more than %d", name, words, maxWords)
			}
			if lines := wrapped(text); lines > maxLines {
				t.Errorf("%s has %d lines before the facts, more than %d", name, lines, maxLines)
			}
		}
	}
	texts := golden()
	for _, text := range texts {
		total += len(strings.Fields(text))
	}
	mean := (total + len(texts) - 1) / len(texts)
	t.Logf("the golden texts have %d words on average", mean)
	if mean > maxMean {
		t.Errorf("the golden texts have %d words on average, more than %d", mean, maxMean)
	}
}

// wrapped counts the lines of a text on a terminal.
func wrapped(text string) int {
	lines := 0
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		column := 0
		lines++
		for word := range strings.FieldsSeq(line) {
			if column += utf8.RuneCountInString(word) + 1; column > maxColumns {
				lines++
				column = utf8.RuneCountInString(word) + 1
			}
		}
	}
	return lines
}

var (
	factLine   = regexp.MustCompile(`^[A-Z][A-Za-z' ]*: \S.*$`)
	statusLine = regexp.MustCompile(`^Status: [a-z_]+( \(HTTP [1-5]\d\d\))?$`)
	badText    = regexp.MustCompile(`[{}]|%!|\.\.[^.]|\. \.| ,| \.( |$)|  |:\.|""|\bthe the\b|^[a-z]|\. [a-z]`)
)

// Messages have the form that users and scripts rely on.
func TestForm(t *testing.T) {
	t.Parallel()
	for name, r := range reports() {
		for _, d := range Diagnose(r) {
			if utf8.RuneCountInString(d.Summary) > 60 || !regexp.MustCompile(`^[A-Z][^.:"0-9{}]*[^.]$`).MatchString(d.Summary) {
				t.Errorf("%s: summary %q", name, d.Summary)
			}
			blocks := strings.Split(d.Detail, "\n\n")
			facts := strings.Split(blocks[len(blocks)-1], "\n")
			if len(blocks) < 2 || !statusLine.MatchString(facts[0]) {
				t.Errorf("%s: the last paragraph of %q does not start with the status", name, d.Detail)
			}
			for _, fact := range facts {
				if !factLine.MatchString(fact) {
					t.Errorf("%s: %q is not a fact", name, fact)
				}
			}
			for _, block := range blocks[:len(blocks)-1] {
				for line := range strings.SplitSeq(block, "\n") {
					if badText.MatchString(strings.TrimPrefix(line, "  - the ")) && !strings.HasPrefix(line, "  - ") {
						t.Errorf("%s: punctuation, capital letter or placeholder in %q", name, line)
					}
				}
			}
		}
	}
}

// Messages claim nothing that the report does not show, and name only the settings that
// have an effect.
func TestClaims(t *testing.T) {
	t.Parallel()
	for name, r := range reports() {
		for _, d := range Diagnose(r) {
			text := d.Summary + "\n" + d.Detail
			claims := func(words string) bool { return strings.Contains(text, words) }
			f, fromPagerDuty := r.Failure, r.Failure != nil && r.Failure.Sender == pagerduty.SenderPagerDuty
			switch {
			case f != nil && f.Sent() && (claims("was not sent") || claims("Nothing was sent")):
				t.Errorf("%s: a request was sent", name)
			case f != nil && !fromPagerDuty && (claims("PagerDuty rejected") || claims("PagerDuty support")):
				t.Errorf("%s: the response is not PagerDuty's", name)
			case f != nil && claims("PagerDuty accepted"):
				t.Errorf("%s: PagerDuty accepted nothing", name)
			case r.Credential.Source == FromEphemeralResource && claims("PAGERDUTY_"):
				t.Errorf("%s: a variable has no effect on the ephemeral resource's token", name)
			case r.Credential.Source == FromConfiguration && r.Credential.OverriddenVariable == "" && claims("PAGERDUTY_"):
				t.Errorf("%s: a variable has no effect", name)
			case r.Credential.Source == EnvToken && claims(`"token" in the provider block`):
				t.Errorf("%s: the token comes from the environment", name)
			}
			for _, secret := range []string{secretToken, secretUserToken, secretOwn, secretClient, clientID} {
				for i := 0; i+5 <= len(secret); i++ {
					if claims(secret[i : i+5]) {
						t.Errorf("%s shows more than 4 characters of a credential", name)
					}
				}
			}
		}
	}
}

// Every rule is the first match for a report. The report has the rule's name.
func TestRulesAreReachable(t *testing.T) {
	t.Parallel()
	reached := map[string]bool{}
	for name, r := range reports() {
		var used []*rule
		if r.Finding != nil && !strings.HasPrefix(name, "malformed_"+string(r.Finding.Problem)) {
			t.Errorf("%s has the text of the problem %s", name, r.Finding.Problem)
		}
		if r.Failure != nil {
			used = append(used, find(rules, newSituation(&r, r.Failure, nil)))
		}
		for i := range r.Violations {
			used = append(used, find(guardRules, newSituation(&r, nil, &r.Violations[i])))
		}
		for _, rule := range used {
			reached[rule.name] = true
			if !strings.HasPrefix(name, rule.name) {
				t.Errorf("%s has the text of the rule %s", name, rule.name)
			}
		}
	}
	for _, rule := range slices.Concat(rules, guardRules) {
		if !reached[rule.name] {
			t.Errorf("no report has the text of the rule %s", rule.name)
		}
	}
}

// Every failure has a message, whatever its kind, status and sender.
func TestEveryFailureHasAMessage(t *testing.T) {
	t.Parallel()
	all := []int{0, 101, 200, 204, 302, 304, 400, 401, 402, 403, 404, 407, 408, 418, 429, 500, 501, 511, 599}
	minted := then(func(func() error) error { return nil })
	senders := []pagerduty.Sender{pagerduty.SenderPagerDuty, pagerduty.SenderGateway, pagerduty.SenderUnknown}
	for _, k := range pagerduty.Kinds {
		statuses := []int{0, 200}
		if k == pagerduty.KindStatus || k == pagerduty.KindProxyStatus {
			statuses = all
		}
		for _, sender := range senders {
			for _, code := range statuses {
				e := pagerduty.Error{Kind: k, Status: code, Sender: sender}
				for _, r := range []preflight.Report{token(fails(e)), app(fails(e)), app(minted, fails(e))} {
					if all := Diagnose(r); len(all) != 1 || all[0].Warning || strings.Contains(all[0].Detail, "{") {
						t.Errorf("%s %d from %q has the messages %v", k, code, sender, all)
					}
				}
			}
		}
	}
}

// Every kind, problem, hint and guard has words, and all anchors are used.
func TestTablesAreComplete(t *testing.T) {
	t.Parallel()
	has := func(what string, ok bool) {
		if !ok {
			t.Errorf("%q has no words", what)
		}
	}
	for _, p := range preflight.Problems {
		has(string(p), problems[p].is != "" && malformedValues[p] != "")
	}
	for _, h := range preflight.Hints {
		has(string(h), hints[h].cause != "")
	}
	for _, g := range preflight.Guards {
		has(g.Name, g.Noun != "" && g.Summary != "")
	}
	used := map[string]bool{}
	for _, rule := range slices.Concat(rules, guardRules) {
		used[rule.help] = true
	}
	delete(used, "")
	if got := slices.Sorted(maps.Keys(used)); !slices.Equal(got, slices.Sorted(slices.Values(HelpAnchors))) {
		t.Errorf("the rules use the anchors %q, want %q", got, HelpAnchors)
	}
}

func TestNumberOfMessages(t *testing.T) {
	t.Parallel()
	two := token(guard(preflight.GuardTokenTypes, "user"), guard(preflight.GuardWriteAccess, "true"),
		notUser, users("example.com"), denied)
	if all := Diagnose(two); len(all) != 3 || all[0].Warning || all[1].Warning || !all[2].Warning {
		t.Errorf("two violations and a gap have the messages %v", all)
	}
	if all := Diagnose(token(ofAcme)); len(all) != 0 {
		t.Errorf("a valid token has the messages %v", all)
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"guard_allowed_subdomains": preflight.GuardSubdomains, "guard_allowed_subdomains_provider": "",
		"guard_user_token": "credential", "guard_unknown": "", "token_rejected": "",
	} {
		if got := Diagnose(reports()[name])[0].Argument; got != want {
			t.Errorf("%s is about %q, want %q", name, got, want)
		}
	}
}

// A difference that is not visible is made visible.
func TestInvisibleDifferences(t *testing.T) {
	t.Parallel()
	for found, shown := range map[string]string{
		"ada@acme.example ":      `"ada@acme.example "`,
		"ada@acme.example\u200b": `"ada@acme.example\u200b"`,
		"\u0430da@acme.example":  `"\u0430da@acme.example"`,
		"jose\u0301@acme.ex":     `"jose\u0301@acme.ex"`,
	} {
		r := userToken(guard("allowed_user_emails", "ada@acme.example", "jos\u00e9@acme.ex"), user(found, "observer"))
		if detail := Diagnose(r)[0].Detail; !strings.Contains(detail, shown) {
			t.Errorf("%+q is not shown as %s in %q", found, shown, detail)
		}
	}
}

// All placeholders have a value in some situation.
func TestPlaceholders(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, r := range reports() {
		s := newSituation(&r, r.Failure, nil)
		if len(r.Violations) > 0 {
			s = newSituation(&r, nil, &r.Violations[0])
		}
		for name, value := range s.values {
			known[name] = known[name] || value != ""
		}
	}
	used := map[string]bool{}
	check := func(texts ...string) {
		for _, match := range placeholder.FindAllString(strings.Join(texts, " "), -1) {
			name := strings.Trim(match, "{}")
			used[name] = true
			if !known[name] {
				t.Errorf("the placeholder %s has no value", match)
			}
		}
	}
	for _, r := range slices.Concat(rules, guardRules) {
		check(append(r.causes, r.summary, r.happened, r.remedy)...)
	}
	for _, p := range problems {
		check(p.summary, p.remedy)
	}
	for name := range known {
		if !used[name] && !slices.Contains([]string{"request", "returned", "overridden", "position"}, name) {
			t.Errorf("no text uses the placeholder {%s}", name)
		}
	}
}

// All missing scopes are listed as they can be copied, up to a limit.
func TestMissingScopes(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{50: " s0010.read s0011.read ", 2000: " more)"} {
		missing := make([]string, n)
		for i := range missing {
			missing[i] = fmt.Sprintf("s%04d.read", i)
		}
		r := app(guard(preflight.GuardRequiredScopes, missing...), appOfAcme)
		if detail := Diagnose(r)[0].Detail; !strings.Contains(detail, "Missing scopes:") || !strings.Contains(detail, want) {
			t.Errorf("%d missing scopes are %q", n, detail)
		}
	}
}

func TestProse(t *testing.T) {
	t.Parallel()
	got := Prose("One\n\t\tline, %s.\n\n%s\n\nEnd.", "a  b", "")
	if want := "One line, a  b.\n\nEnd."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
