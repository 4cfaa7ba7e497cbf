// Package chart draws plots as SVG: files in a theme's colours, and parts of a page,
// which take the page's colour for axes and text. Series differ by their marks too, for
// paper and for the colour-blind.
package chart

import (
	"bytes"
	"fmt"
	"html/template"
	"image/color"
	"math"
	"regexp"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A Series has a mark in each row in which it was measured.
type Series struct {
	Name  string
	Style Style
}

// A Style tells series apart.
type Style struct {
	Color color.RGBA
	Mark  int
}

var marks = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{}, draw.CrossGlyph{}, draw.PlusGlyph{}, draw.RingGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}}

// Filled is the mark that stands out most.
const Filled = 0

// palette has mid-tones that stand out on white and on near black, and differ
// for the colour-blind (after Okabe and Ito 2008). The first two are for those that are
// treated apart.
var palette = []color.RGBA{
	{0x80, 0x80, 0x80, 0xff}, // grey
	{0xd5, 0x4e, 0x00, 0xff}, // vermilion
	{0x2a, 0x86, 0xc9, 0xff}, // blue
	{0x00, 0x9e, 0x73, 0xff}, // green
	{0xc9, 0x6f, 0xa3, 0xff}, // purple
	{0xc9, 0x8a, 0x00, 0xff}, // orange
	{0x4f, 0xae, 0xdf, 0xff}, // sky
	{0x8f, 0x6a, 0x4a, 0xff}, // brown
	{0x7c, 0x6b, 0xd6, 0xff}, // violet
}

// StyleOf is the style of the n-th of the series.
func StyleOf(n int) Style { return Style{palette[n%len(palette)], n % len(marks)} }

func (s Style) glyph() draw.GlyphStyle {
	return draw.GlyphStyle{Color: s.Color, Radius: 3.4, Shape: marks[s.Mark]}
}

// ink and paper stand for the theme's colours, or the page's, until a plot is written out.
var (
	ink   = color.RGBA{0x01, 0x02, 0x03, 0xff}
	paper = color.RGBA{0x03, 0x02, 0x01, 0xff}
	grid  = color.NRGBA{0x80, 0x80, 0x80, 0x50}
)

func hex(c color.RGBA) string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }

// empty has a logarithmic axis below, and a grid.
func empty() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, oneTwoFive{}
	p.X.Tick.Label.Color, p.X.Tick.Label.Font = ink, face(9)
	p.X.Color, p.X.Tick.Color = ink, ink
	p.HideY()
	g := plotter.NewGrid()
	g.Vertical.Color, g.Horizontal.Color = grid, nil
	g.Vertical.Width = 0.5
	p.Add(g)
	return p
}

func face(size vg.Length) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
}

// oneTwoFive ticks a logarithmic axis at the powers of ten, at 1, 2 and 5 of each
// if these are few, or at every digit.
type oneTwoFive struct{}

func (oneTwoFive) Ticks(from, to float64) (ticks []plot.Tick) {
	const enough = 3
	for _, steps := range [][]float64{{1}, {1, 2, 5}, {1, 2, 3, 4, 5, 6, 7, 8, 9}} {
		ticks = nil
		for decade := math.Pow(10, math.Floor(math.Log10(from))); decade <= to; decade *= 10 {
			for _, step := range steps {
				// The product is not quite the number that it stands for.
				text := strconv.FormatFloat(step*decade, 'g', 6, 64)
				if v, err := strconv.ParseFloat(text, 64); err == nil && v >= from && v <= to {
					ticks = append(ticks, plot.Tick{Value: v, Label: strconv.FormatFloat(v, 'f', -1, 64)})
				}
			}
		}
		if len(ticks) >= enough {
			break
		}
	}
	return ticks
}

// Key draws what a series looks like in a plot.
func Key(s Style) (template.HTML, error) {
	canvas := vgsvg.New(12, 9)
	c := draw.New(canvas)
	c.DrawGlyph(s.glyph(), c.Center())
	return inPage(canvas)
}

// inPage is the drawing as part of a page.
func inPage(c *vgsvg.Canvas) (template.HTML, error) {
	text, err := rewritten(c, func(r rewrite) bool { return true })
	return template.HTML(text), err
}

type rewrite struct {
	from    *regexp.Regexp
	to      string
	inFiles bool // and not in pages only
}

// rewrites turn the library's SVG into part of a page, or into a file.
var rewrites = []rewrite{
	{regexp.MustCompile(`<!--[^>]*-->\n?`), "", true},
	{regexp.MustCompile(`#010203`), "currentColor", false},
	{regexp.MustCompile(`font-family:[^;"]*;?`), "", false},
	{regexp.MustCompile(`font-family:[^;"]*;?`), "font-family:sans-serif;", true},
	{regexp.MustCompile(`(<svg[^>]*?) width="[^"]*" height="[^"]*"`), "$1 role=\"img\"", true},
	{regexp.MustCompile(`\s+xmlns(:xlink)?="[^"]*"`), "", false}, // not needed inside a page
	{regexp.MustCompile(`(\d\.\d\d)\d+`), "$1", true},
}

func rewritten(c *vgsvg.Canvas, applies func(rewrite) bool) (string, error) {
	var out bytes.Buffer
	if _, err := c.WriteTo(&out); err != nil {
		return "", err
	}
	text := out.String()[bytes.Index(out.Bytes(), []byte("<svg")):]
	for _, r := range rewrites {
		if applies(r) {
			text = r.from.ReplaceAllString(text, r.to)
		}
	}
	return text, nil
}
