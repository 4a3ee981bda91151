package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		output string
		want   []line
	}{
		"plain":             {"one\ntwo\n", []line{{{text: "one"}}, {{text: "two"}}}},
		"blank ends":        {"\n \none\n\ntwo\n\n \n", []line{{{text: "one"}}, nil, {{text: "two"}}}},
		"nothing":           {"\n", nil},
		"inner space":       {"  + a   b  \n", []line{{{text: "  + a   b"}}}},
		"bold, then reset":  {"\x1b[1ma\x1b[0mb", []line{{{style{bold: true}, "a"}, {text: "b"}}}},
		"reset without 0":   {"\x1b[31ma\x1b[mb", []line{{{style{class: "red"}, "a"}, {text: "b"}}}},
		"two in one":        {"\x1b[1;32ma\x1b[22mb\x1b[39mc", []line{{{style{"green", true, false}, "a"}, {style{class: "green"}, "b"}, {text: "c"}}}},
		"underline ends":    {"\x1b[4ma\x1b[24mb", []line{{{style{underline: true}, "a"}, {text: "b"}}}},
		"over a line's end": {"\x1b[31ma\nb", []line{{{style{class: "red"}, "a"}}, {{style{class: "red"}, "b"}}}},
		"Terraform's error": {
			"\x1b[31m╷\x1b[0m\x1b[0m\n\x1b[31m│\x1b[0m \x1b[0m\x1b[1m\x1b[31mError: \x1b[0m\x1b[0m\x1b[1mNo\x1b[0m\n\x1b[31m│\x1b[0m \x1b[0m\n",
			[]line{
				{{style{class: "red"}, "╷"}},
				{{style{class: "red"}, "│"}, {text: " "}, {style{"red", true, false}, "Error: "}, {style{bold: true}, "No"}},
				{{style{class: "red"}, "│"}},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := parse(c.output)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) == 0 && len(c.want) == 0 {
				return
			}
			for i := range got {
				if len(got[i]) == 0 {
					got[i] = nil
				}
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

// What a picture cannot show is an error, not a gap.
func TestParse_refuses(t *testing.T) {
	t.Parallel()
	for name, output := range map[string]string{
		"cursor movement": "a\x1b[2Jb", "unknown style": "\x1b[9ma", "a number too large": "\x1b[99999999999999999999m", "an unfinished style": "a\x1b[31",
		"another escape": "\x1b]0;title\x07", "tab": "a\tb", "carriage return": "a\r\n", "not UTF-8": "a\xff",
	} {
		if lines, err := parse(output); err == nil {
			t.Errorf("%s: parsed as %+v", name, lines)
		}
	}
}

// shown is what an SVG's lines say, and its title.
func shown(t *testing.T, svg []byte) (text, title string) {
	t.Helper()
	var into *string
	decoder := xml.NewDecoder(strings.NewReader(string(svg)))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return text, title
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			switch token.Name.Local {
			case "text":
				into = &text
			case "title":
				into = &title
			case "script", "image", "foreignObject", "a":
				t.Errorf("a picture has no <%s>", token.Name.Local)
			default:
			}
			for _, a := range token.Attr {
				if strings.Contains(a.Value, "://") && a.Name.Local != "xmlns" {
					t.Errorf("%s=%q leads outside", a.Name.Local, a.Value)
				}
			}
		case xml.EndElement:
			if token.Name.Local == "text" {
				text += "\n"
			}
			if token.Name.Local != "tspan" {
				into = nil
			}
		case xml.CharData:
			if into != nil {
				*into += string(token)
			}
		default:
		}
	}
}

func TestDraw(t *testing.T) {
	t.Parallel()
	lines, err := parse("\x1b[1m<a> & \"b\"\x1b[0m  'c'\n\n\x1b[31m\x1b[4md\x1b[0m\n")
	if err != nil {
		t.Fatal(err)
	}
	svg := draw(`one < "two"`, lines)
	text, title := shown(t, svg)
	if want := "<a> & \"b\"  'c'\nd\n"; text != want {
		t.Errorf("the text is %q, want %q", text, want)
	}
	if title != `one < "two"` {
		t.Errorf("the title is %q", title)
	}
	for _, want := range []string{`aria-label="one &lt; &#34;two&#34;"`, `<tspan class="b">`, `<tspan class="red u">d</tspan>`} {
		if !strings.Contains(string(svg), want) {
			t.Errorf("it lacks %s:\n%s", want, svg)
		}
	}
}

func TestDraw_fits(t *testing.T) {
	t.Parallel()
	for _, length := range []int{10, columns, 3 * columns} {
		svg := string(draw("", []line{{{text: strings.Repeat("x", length)}}}))
		var width int
		_, after, _ := strings.Cut(svg, "width=")
		if _, err := fmt.Sscanf(after, "\"%d\"", &width); err != nil {
			t.Fatal(err)
		}
		// 0.602 of the size is the widest cell among the fonts named.
		if need := 2*padding + 0.602*fontSize*float64(max(length, columns)); float64(width) < need {
			t.Errorf("%d characters need %.0f pixels, and there are %d", length, need, width)
		}
	}
}

// luminance and contrast are those of WCAG 2.
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.03928 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func TestColours(t *testing.T) {
	t.Parallel()
	contrast := func(a, b string) float64 {
		x, y := luminance(t, a), luminance(t, b)
		return (max(x, y) + 0.05) / (min(x, y) + 0.05)
	}
	classes := map[string]bool{"": true}
	for _, c := range append(colours, struct{ class, colour string }{"", foreground}) {
		classes[c.class] = true
		if got := contrast(c.colour, background); got < 4.5 {
			t.Errorf("%q has a contrast of %.1f, want 4.5", c.class, got)
		}
	}
	for n, class := range ansi {
		if !classes[class] {
			t.Errorf("%d has the class %q, which has no colour", n, class)
		}
	}
	// The card's edge is seen on GitHub's page, light and dark.
	for _, page := range []string{"#ffffff", "#0d1117"} {
		if got := contrast(border, page); got < 3 {
			t.Errorf("the border has a contrast of %.1f on %s, want 3", got, page)
		}
	}
}

// The pictures in the repository show what this program promises of them.
func TestPictures(t *testing.T) {
	t.Parallel()
	for _, p := range pictures {
		t.Run(p.file, func(t *testing.T) {
			t.Parallel()
			svg, err := os.ReadFile(filepath.Join("..", "..", "..", ".github", "pictures", p.file))
			if err != nil {
				t.Fatal("run make pictures: ", err)
			}
			text, title := shown(t, svg)
			if title != p.label {
				t.Errorf("the title is %q", title)
			}
			if strings.Contains(text, p.token) {
				t.Error("it shows the token")
			}
			var lines []line
			for l := range strings.Lines(text) {
				lines = append(lines, line{{text: strings.TrimSuffix(l, "\n")}})
			}
			for _, want := range p.promises {
				if !strings.Contains(flat(lines), want) {
					t.Errorf("it lacks %q; run make pictures", want)
				}
			}
		})
	}
}
