package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// style is how a span looks. class is that of the colour, "" for the default.
type style struct {
	class           string
	bold, underline bool
}

// span is text of one style, line what Terraform printed between two newlines.
type (
	span struct {
		style
		text string
	}
	line []span
)

// colours are the card's, dark whatever the page around it is. Each is on the
// background at a contrast of 4.5 or more; a test holds it to that.
var colours = []struct{ class, colour string }{
	{"red", "#ff7b72"}, {"green", "#56d364"}, {"yellow", "#e3b341"}, {"blue", "#79c0ff"},
	{"magenta", "#d2a8ff"}, {"cyan", "#76e3ea"}, {"grey", "#9ea7b3"}, {"p", "#9ea7b3"},
}

const (
	background = "#161b22"
	foreground = "#e6edf3"
	border     = "#6e7681"
)

// ansi are the colours of SGR parameters; the bright ones look the same here.
var ansi = map[int]string{
	30: "grey", 31: "red", 32: "green", 33: "yellow", 34: "blue", 35: "magenta", 36: "cyan", 37: "", 39: "",
	90: "grey", 91: "red", 92: "green", 93: "yellow", 94: "blue", 95: "magenta", 96: "cyan", 97: "",
}

// parse splits a terminal's output into lines of styled text. Blank lines at
// both ends and white space at the end of a line are left out. What is neither
// text nor a style it refuses: a picture must not lack what a terminal shows.
func parse(output string) ([]line, error) {
	var (
		lines   []line
		current line
		now     style
	)
	write := func(text string) {
		if text != "" {
			current = append(current, span{now, text})
		}
	}
	for output != "" {
		i := strings.IndexFunc(output, func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError })
		if i < 0 {
			write(output)
			break
		}
		write(output[:i])
		rest := output[i:]
		switch {
		case rest[0] == '\n':
			lines, current, output = append(lines, trimmed(current)), nil, rest[1:]
		case strings.HasPrefix(rest, "\x1b["):
			parameters, after, found := strings.Cut(rest[2:], "m")
			var err error
			if now, err = now.with(parameters); !found || err != nil {
				return nil, fmt.Errorf("an escape sequence that is no style: %.20q", rest)
			}
			output = after
		default:
			return nil, fmt.Errorf("a character that cannot be drawn: %.20q", rest)
		}
	}
	lines = append(lines, trimmed(current))
	blank := func(l line) bool { return len(l) == 0 }
	for len(lines) > 0 && blank(lines[0]) {
		lines = lines[1:]
	}
	for len(lines) > 0 && blank(lines[len(lines)-1]) {
		lines = lines[:len(lines)-1]
	}
	return lines, nil
}

// with is a style after the parameters of an SGR sequence.
func (s style) with(parameters string) (style, error) {
	for p := range strings.SplitSeq(parameters, ";") {
		n, err := strconv.Atoi("0" + p)
		if err != nil {
			return s, err
		}
		class, colour := ansi[n]
		switch {
		case n == 0:
			s = style{}
		case n == 1:
			s.bold = true
		case n == 4:
			s.underline = true
		case n == 22:
			s.bold = false
		case n == 24:
			s.underline = false
		case colour:
			s.class = class
		default:
			return s, errors.New("an unknown style")
		}
	}
	return s, nil
}

func trimmed(l line) line {
	for len(l) > 0 {
		last := &l[len(l)-1]
		if last.text = strings.TrimRight(last.text, " "); last.text != "" {
			break
		}
		l = l[:len(l)-1]
	}
	return l
}

func (l line) String() string {
	var b strings.Builder
	for _, s := range l {
		b.WriteString(s.text)
	}
	return b.String()
}

// flat is the text of lines without Terraform's frame and its line breaks.
func flat(lines []line) string {
	var words []string
	for _, l := range lines {
		words = append(words, strings.Fields(strings.TrimPrefix(l.String(), "│"))...)
	}
	return strings.Join(words, " ")
}

// The card's measures, in pixels. A cell is wider than in most fonts, so that
// none reaches over the edge.
const (
	fontSize, lineHeight = 14, 18
	cellWidth            = 8.5
	columns              = 80 // Terraform wraps at 78 where it does not know a width
	padding, bar         = 20, 36
)

// draw is the SVG of a terminal that shows lines.
func draw(label string, lines []line) []byte {
	longest := columns
	for _, l := range lines {
		longest = max(longest, utf8.RuneCountInString(l.String()))
	}
	width, height := int(float64(longest)*cellWidth)+2*padding, bar+len(lines)*lineHeight+padding
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="%[2]d" viewBox="0 0 %[1]d %[2]d" role="img" aria-label="%[3]s">`+"\n", width, height, escaped(label))
	fmt.Fprintf(&b, "<title>%s</title>\n", escaped(label))
	b.WriteString("<!-- Written by make pictures from what Terraform printed. -->\n<style>\n")
	fmt.Fprintf(&b, "text { font: %dpx ui-monospace, SFMono-Regular, Menlo, Consolas, \"DejaVu Sans Mono\", \"Liberation Mono\", monospace; fill: %s; white-space: pre }\n", fontSize, foreground)
	b.WriteString(".b { font-weight: bold }\n.u { text-decoration: underline }\n")
	for _, c := range colours {
		fmt.Fprintf(&b, ".%s { fill: %s }\n", c.class, c.colour)
	}
	fmt.Fprintf(&b, "</style>\n<rect x=\"0.5\" y=\"0.5\" width=\"%d\" height=\"%d\" rx=\"8\" fill=\"%s\" stroke=\"%s\"/>\n", width-1, height-1, background, border)
	for i := range 3 {
		fmt.Fprintf(&b, "<circle cx=\"%d\" cy=\"%d\" r=\"5\" fill=\"%s\"/>\n", padding+5+i*18, bar/2, border)
	}
	for i, l := range lines {
		if len(l) == 0 {
			continue
		}
		fmt.Fprintf(&b, `<text x="%d" y="%d" xml:space="preserve">`, padding, bar+i*lineHeight+fontSize)
		for _, s := range joined(l) {
			s.draw(&b)
		}
		b.WriteString("</text>\n")
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// joined puts neighbours of one style together: Terraform writes many.
func joined(l line) line {
	var out line
	for _, s := range l {
		if n := len(out); n > 0 && out[n-1].style == s.style {
			out[n-1].text += s.text
			continue
		}
		out = append(out, s)
	}
	return out
}

func (s span) draw(b *bytes.Buffer) {
	var classes []string
	if s.class != "" {
		classes = append(classes, s.class)
	}
	if s.bold {
		classes = append(classes, "b")
	}
	if s.underline {
		classes = append(classes, "u")
	}
	if len(classes) == 0 {
		b.WriteString(escaped(s.text))
		return
	}
	fmt.Fprintf(b, `<tspan class="%s">%s</tspan>`, strings.Join(classes, " "), escaped(s.text))
}

func escaped(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a bytes.Buffer takes everything
	return b.String()
}
