package explain

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Prose is fmt.Sprintf for a format that is laid out like source code: an empty line
// starts a paragraph, and any other line break or indentation is a space. An empty
// paragraph is dropped.
func Prose(format string, args ...any) string {
	blocks := strings.Split(format, "\n\n")
	for i, block := range blocks {
		blocks[i] = strings.Join(strings.Fields(block), " ")
	}
	s := strings.Join(blocks, "\n\n")
	if len(args) > 0 {
		s = fmt.Sprintf(s, args...)
	}
	return strings.TrimSpace(strings.ReplaceAll(s, "\n\n\n\n", "\n\n"))
}

// join joins the parts that are not empty.
func join(separator string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), separator)
}

const (
	maxShown  = 200  // characters of a value from outside
	maxNames  = 10   // names in a sentence
	maxScopes = 4000 // characters of a list of scopes to copy
)

// quote quotes a value from outside, so that invisible characters show. It returns ""
// for "".
func quote(s string) string {
	if s == "" {
		return ""
	}
	return strconv.Quote(bounded(s))
}

// ascii quotes a value that is compared with another one. Every character outside ASCII
// is escaped, because two of them can look the same.
func ascii(s string) string { return strconv.QuoteToASCII(bounded(s)) }

func bounded(s string) string {
	if runes := []rune(s); len(runes) > maxShown {
		return string(runes[:maxShown]) + "..."
	}
	return s
}

// list returns names as a part of a sentence: `"a", "b" and "c"`.
func list(names []string, quote func(string) string) string {
	var shown []string
	for _, name := range names[:min(len(names), maxNames)] {
		shown = append(shown, quote(name))
	}
	if more := len(names) - len(shown); more > 0 {
		shown = append(shown, strconv.Itoa(more)+" more")
	}
	if last := len(shown) - 1; last > 0 {
		return strings.Join(shown[:last], ", ") + " and " + shown[last]
	}
	return strings.Join(shown, "")
}

// scopeList returns scopes as OAuth writes them and as they can be copied: separated by
// spaces.
func scopeList(scopes []string) string {
	shown := ""
	for i, scope := range scopes {
		if len(shown)+len(scope) > maxScopes {
			return fmt.Sprintf("%s (and %d more)", shown, len(scopes)-i)
		}
		shown = join(" ", shown, scope)
	}
	return shown
}

func duration(d time.Duration) string { return d.Round(100 * time.Millisecond).String() }
