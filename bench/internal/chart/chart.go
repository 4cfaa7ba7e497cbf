// Package chart draws plots as SVG: files in a theme's colours, and parts of a page,
// which take the page's colour for axes and text. Series differ by their marks too, for
// paper and for the colour-blind.
package chart

import (
	_ "embed"
	"html/template"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Style tells series apart. Shape is an SVG path about the origin.
type Style struct {
	Color, Shape string
	Filled       bool
}

const (
	circle   = "M-3.4 0a3.4 3.4 0 1 0 6.8 0a3.4 3.4 0 1 0-6.8 0z"
	square   = "M-3-3h6v6h-6z"
	triangle = "M0-4.2L3.7 2.2h-7.4z"
)

var marks = []Style{{Shape: square}, {Shape: triangle}, {Shape: "M-2.4-2.4L2.4 2.4M-2.4 2.4L2.4-2.4"}, {Shape: "M0-3.4v6.8M-3.4 0h6.8"},
	{Shape: circle}, {Shape: square, Filled: true}, {Shape: triangle, Filled: true}}

// palette has mid-tones that stand out on white and on near black, and differ
// for the colour-blind (after Okabe and Ito 2008): blue, green, purple, orange, sky,
// brown, violet, grey.
var palette = []string{"#2a86c9", "#009e73", "#c96fa3", "#c98a00", "#4faedf", "#8f6a4a", "#7c6bd6", "#808080"}

// Subject is the style that stands out most: a filled circle in vermilion.
var Subject = Style{Color: "#d54e00", Shape: circle, Filled: true}

// StyleOf is the style of the n-th of the others.
func StyleOf(n int) Style {
	s := marks[n%len(marks)]
	s.Color = palette[n%len(palette)]
	return s
}

// A Series has a mark in each row in which it was measured.
type Series struct {
	Name string
	Style
}

// Key draws what the series looks like in a plot.
func (s Series) Key() (template.HTML, error) { return drawn("key", s.Style) }

// A Theme is for pictures in files of their own: they cannot take the colour of the
// page that shows them.
type Theme struct{ Ink, Paper string }

// Light and Dark are GitHub's two pages.
var (
	Light = Theme{Ink: "#1f2328", Paper: "#ffffff"}
	Dark  = Theme{Ink: "#e6edf3", Paper: "#0d1117"}
)

// A Row has a dot for each series that was measured.
type Row struct {
	Name string
	Dots []Dot
}

// A Dot is a ratio with its interval, which may be infinite.
type Dot struct {
	Series        int
	Value, Lo, Hi float64
}

// A Plot shows ratios on a logarithmic axis, a line for each row and a mark for each
// series. The first row is at the top.
type Plot struct {
	Label  string // of the axis
	Series []Series
	Rows   []Row
	// Theme is that of a file, which says what the marks mean, and has Foot below. nil:
	// the plot is part of a page, which says so itself.
	Theme *Theme
	Foot  []string
}

// Sizes, in pixels at the size at which 10 are a letter's height.
const (
	width  = 620
	margin = 6.0
	letter = 5.5 // the width of one, on average, in the wider ones of the usual fonts
)

func wide(text string) float64 { return letter * float64(utf8.RuneCountInString(text)) }

//go:embed plot.svg
var source string

var layout = template.Must(template.New("").Parse(source))

func drawn(part string, of any) (template.HTML, error) {
	var b strings.Builder
	err := layout.ExecuteTemplate(&b, part, of)
	return template.HTML(b.String()), err
}

// places are where everything stands: y grows downwards.
type places struct {
	Plot
	Width, Height, Left, Top, Bottom, TickLine, LabelLine, One float64
	Legend, Ticks, Lines, Footer                               []map[string]any
}

// SVG draws the plot.
func (p Plot) SVG() (template.HTML, error) {
	at := places{Plot: p, Width: width, Top: 4}
	if p.Theme != nil {
		at.Top = 24
	}
	for _, row := range p.Rows {
		at.Left = max(at.Left, 2*margin+wide(row.Name))
	}
	row := max(26, 3*float64(len(p.Series))) // with room for all marks one above the other
	at.Bottom = at.Top + row*float64(len(p.Rows))
	at.TickLine, at.LabelLine, at.Height = at.Bottom+12, at.Bottom+28, at.Bottom+34
	lo, hi := p.ends()
	x := func(v float64) float64 {
		return round(at.Left + (width-14-at.Left)*math.Log(v/lo)/math.Log(hi/lo))
	}
	at.One = x(1)
	for _, v := range ticks(lo, hi) {
		at.Ticks = append(at.Ticks, map[string]any{"X": x(v), "Label": strconv.FormatFloat(v, 'g', 6, 64)})
	}
	for i, r := range p.Rows {
		middle := at.Top + row*(float64(i)+0.5)
		var found []map[string]any
		for _, d := range r.Dots {
			// Each series has its height, so that marks of one value can be seen.
			y := middle + 0.6*row*((float64(d.Series)+0.5)/float64(len(p.Series))-0.5)
			mark := map[string]any{"Style": p.Series[d.Series].Style, "Color": p.Series[d.Series].Color, "X": x(d.Value), "Y": round(y), "From": nil}
			if d.bounded() {
				mark["From"], mark["To"] = x(d.Lo), x(d.Hi)
			}
			found = append(found, mark)
		}
		at.Lines = append(at.Lines, map[string]any{"Name": r.Name, "Base": middle + 3.5, "Marks": found})
	}
	if p.Theme != nil {
		left := 2 * margin
		for _, s := range p.Series {
			at.Legend = append(at.Legend, map[string]any{"Name": s.Name, "Style": s.Style, "X": left})
			left += wide(s.Name) + 26
		}
		for _, text := range p.Foot {
			at.Footer = append(at.Footer, map[string]any{"Text": text, "Base": at.Height + 8})
			at.Height += 11
		}
	}
	return drawn("plot", at)
}

func (d Dot) bounded() bool { return d.Lo > 0 && !math.IsInf(d.Hi, 0) }

// ends are those of the axis: all values and intervals are between them, and 1 with
// its neighbourhood.
func (p Plot) ends() (lo, hi float64) {
	lo, hi = 0.5, 2
	for _, row := range p.Rows {
		for _, d := range row.Dots {
			lo, hi = min(lo, d.Value), max(hi, d.Value)
			if d.bounded() {
				lo, hi = min(lo, d.Lo), max(hi, d.Hi)
			}
		}
	}
	return lo / 1.1, hi * 1.1
}

// ticks are the powers of ten on the axis, or 1, 2 and 5 of each if these are few.
func ticks(lo, hi float64) (all []float64) {
	for _, steps := range [][]float64{{1}, {1, 2, 5}} {
		all = nil
		for power := math.Floor(math.Log10(lo)); math.Pow(10, power) <= hi; power++ {
			for _, step := range steps {
				if v := step * math.Pow(10, power); v >= lo && v <= hi {
					all = append(all, v)
				}
			}
		}
		if len(all) >= 3 {
			break
		}
	}
	return all
}

// round keeps a hundredth of a pixel.
func round(v float64) float64 { return math.Round(v*100) / 100 }
