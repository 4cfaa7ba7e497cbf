// Package chart draws plots as SVG: files in a theme's colours, and parts of a page,
// which take the page's colour for axes and text. Series differ by their marks too, for
// paper and for the colour-blind. A template draws, since colours and fonts are the
// page's: what a plotting library draws has its own.
package chart

import (
	_ "embed"
	"html/template"
	"math"
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

// A drawing knows where everything stands: y grows downwards.
type drawing struct {
	Plot
	Width, Left, Top float64
	row              float64 // the height of one
	lo, hi           float64 // the ends of the axis
}

// SVG draws the plot.
func (p Plot) SVG() (template.HTML, error) {
	d := drawing{Plot: p, Width: 620, Top: 4}
	if p.Theme != nil {
		d.Top = 24
	}
	for _, row := range p.Rows {
		d.Left = max(d.Left, 2*margin+wide(row.Name))
	}
	d.row = max(26, 3*float64(len(p.Series))) // with room for all marks one above the other
	d.lo, d.hi = p.ends()
	return drawn("plot", d)
}

// X is where a ratio stands.
func (d drawing) X(v float64) float64 {
	return round(d.Left + (d.Width-14-d.Left)*math.Log(v/d.lo)/math.Log(d.hi/d.lo))
}

// Y is within a row, of which part is above.
func (d drawing) Y(row int, part float64) float64 { return round(d.Top + d.row*(float64(row)+part)) }

// DotY gives each series its height, so that marks of one value can be seen.
func (d drawing) DotY(row int, dot Dot) float64 {
	return d.Y(row, 0.2+0.6*(float64(dot.Series)+0.5)/float64(len(d.Series)))
}

// LegendX is where a series' name begins.
func (d drawing) LegendX(series int) float64 {
	left := 2 * margin
	for _, s := range d.Series[:series] {
		left += wide(s.Name) + 26
	}
	return left
}

// Bottom is that of the rows; below are ticks, label, and the foot.
func (d drawing) Bottom() float64 { return d.Y(len(d.Rows), 0) }

// Height is that of all.
func (d drawing) Height() float64 {
	if d.Theme == nil {
		return d.Bottom() + 34
	}
	return d.Bottom() + 34 + 11*float64(len(d.Foot))
}

// StyleOf is that of the dot's series.
func (d drawing) StyleOf(dot Dot) Style { return d.Series[dot.Series].Style }

// Ticks are those of the axis.
func (d drawing) Ticks() []float64 { return ticks(d.lo, d.hi) }

// Bounded tells whether the interval can be drawn.
func (d Dot) Bounded() bool { return d.Lo > 0 && !math.IsInf(d.Hi, 0) }

// ends are those of the axis: all values and intervals are between them, and 1 with
// its neighbourhood.
func (p Plot) ends() (lo, hi float64) {
	lo, hi = 0.5, 2
	for _, row := range p.Rows {
		for _, d := range row.Dots {
			lo, hi = min(lo, d.Value), max(hi, d.Value)
			if d.Bounded() {
				lo, hi = min(lo, d.Lo), max(hi, d.Hi)
			}
		}
	}
	return lo / 1.1, hi * 1.1
}

// ticks are the powers of ten on the axis, and 2 and 5 times each on a short one.
func ticks(lo, hi float64) (all []float64) {
	steps := []float64{1, 2, 5}
	if hi > 500*lo {
		steps = steps[:1]
	}
	for power := math.Floor(math.Log10(lo)); math.Pow(10, power) <= hi; power++ {
		for _, step := range steps {
			if v := step * math.Pow(10, power); v >= lo && v <= hi {
				all = append(all, v)
			}
		}
	}
	return all
}

// round keeps a hundredth of a pixel.
func round(v float64) float64 { return math.Round(v*100) / 100 }
