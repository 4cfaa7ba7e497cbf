// Package chart draws plots as SVG, to stand in a page: they take the page's
// colour for axes and text, so that they can be read on light and dark, and
// tell series apart by dashes and marks too, for paper.
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

// An Axis has a label and a scale.
type Axis struct {
	Label  string
	Log    bool
	Format func(v float64) string // of the ticks of a logarithmic axis; nil for plain numbers
	At     []float64              // where the ticks are; nil for where they fit
}

// A Series is a line with an interval about each point, if Lo and Hi are given
// and finite.
type Series struct {
	Name   string
	Style  Style
	X, Y   []float64
	Lo, Hi []float64
}

// A Style tells series apart.
type Style struct {
	Color color.RGBA
	Dash  int // 0 is a solid line
	Mark  int
}

// lineWidth is that of series, in points.
const lineWidth = 1.5

// Marks and dashes.
var (
	marks  = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{}, draw.CrossGlyph{}, draw.PlusGlyph{}, draw.RingGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}}
	dashes = [][]vg.Length{nil, {vg.Points(6), vg.Points(3)}, {vg.Points(2), vg.Points(2)}, {vg.Points(8), vg.Points(2), vg.Points(2), vg.Points(2)}}
)

// Filled is the mark that stands out most.
const Filled = 0

// CSS is a style's colour for a page.
func (s Style) CSS() string { return fmt.Sprintf("#%02x%02x%02x", s.Color.R, s.Color.G, s.Color.B) }

func (s Style) line(width float64) draw.LineStyle {
	return draw.LineStyle{Color: s.Color, Width: vg.Points(width), Dashes: dashes[s.Dash%len(dashes)]}
}

func (s Style) glyph() draw.GlyphStyle {
	return draw.GlyphStyle{Color: s.Color, Radius: vg.Points(2.2), Shape: marks[s.Mark%len(marks)]}
}

// ink stands for the page's own text colour until the plot is written out.
var (
	ink  = color.RGBA{0x01, 0x02, 0x03, 0xff}
	grid = color.NRGBA{0x80, 0x80, 0x80, 0x50}
)

func empty(title string, x, y Axis) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	p.Title.Text = title
	p.Title.TextStyle.Color = ink
	p.Title.TextStyle.Font = face(10)
	p.Title.Padding = vg.Points(4)
	for _, a := range []struct {
		axis *plot.Axis
		wish Axis
	}{{&p.X, x}, {&p.Y, y}} {
		a.axis.Label.Text = a.wish.Label
		a.axis.Label.TextStyle.Color, a.axis.Label.TextStyle.Font = ink, face(9)
		a.axis.Tick.Label.Color, a.axis.Tick.Label.Font = ink, face(8)
		a.axis.Color, a.axis.Tick.Color = ink, ink
		if a.wish.Log {
			a.axis.Scale = plot.LogScale{}
			a.axis.Tick.Marker = oneTwoFive{a.wish.Format}
		}
		if a.wish.At != nil {
			a.axis.Tick.Marker = fixed(a.wish.At)
		}
	}
	g := plotter.NewGrid()
	g.Vertical.Color, g.Horizontal.Color = grid, grid
	g.Vertical.Width, g.Horizontal.Width = vg.Points(0.5), vg.Points(0.5)
	p.Add(g)
	return p
}

func face(size float64) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(size)}
}

// Lines draws series over a common x axis.
func Lines(title string, x, y Axis, series []Series) (template.HTML, error) {
	p := empty(title, x, y)
	for _, s := range series {
		points := pointsOf(s, x.Log, y.Log)
		if len(points.XYs) == 0 {
			continue
		}
		line, err := plotter.NewLine(points.XYs)
		if err != nil {
			return "", err
		}
		marked, err := plotter.NewScatter(points.XYs)
		if err != nil {
			return "", err
		}
		line.LineStyle, marked.GlyphStyle = s.Style.line(lineWidth), s.Style.glyph()
		p.Add(line, marked)
		if s.Lo != nil {
			bars, err := plotter.NewYErrorBars(points)
			if err != nil {
				return "", err
			}
			bars.LineStyle = draw.LineStyle{Color: s.Style.Color, Width: vg.Points(0.7)}
			bars.CapWidth = vg.Points(3)
			p.Add(bars)
		}
	}
	return svg(p, 360, 230)
}

// points are what of a series can be drawn.
type points struct {
	plotter.XYs
	plotter.YErrors
}

func pointsOf(s Series, logX, logY bool) points {
	var p points
	for i := range s.X {
		if logX && s.X[i] <= 0 || logY && s.Y[i] <= 0 {
			continue // a logarithmic axis has no place for it
		}
		p.XYs = append(p.XYs, plotter.XY{X: s.X[i], Y: s.Y[i]})
		var e struct{ Low, High float64 }
		if s.Lo != nil && !math.IsInf(s.Lo[i], 0) && !math.IsInf(s.Hi[i], 0) && (!logY || s.Lo[i] > 0) {
			e.Low, e.High = s.Y[i]-s.Lo[i], s.Hi[i]-s.Y[i]
		}
		p.YErrors = append(p.YErrors, e)
	}
	return p
}

// oneTwoFive ticks a logarithmic axis at the powers of ten, at 1, 2 and 5 of each
// if these are few, or at every digit.
type oneTwoFive struct{ format func(float64) string }

func (t oneTwoFive) Ticks(from, to float64) (ticks []plot.Tick) {
	const enough = 3
	for _, steps := range [][]float64{{1}, {1, 2, 5}, {1, 2, 3, 4, 5, 6, 7, 8, 9}} {
		if ticks = t.at(steps, from, to); len(ticks) >= enough {
			break
		}
	}
	return ticks
}

func (t oneTwoFive) at(steps []float64, from, to float64) (ticks []plot.Tick) {
	for decade := math.Pow(10, math.Floor(math.Log10(from))); decade <= to; decade *= 10 {
		for _, step := range steps {
			// The product is not quite the number that it stands for.
			v, err := strconv.ParseFloat(strconv.FormatFloat(step*decade, 'g', 6, 64), 64)
			if err == nil && v >= from && v <= to {
				ticks = append(ticks, plot.Tick{Value: v, Label: t.label(v)})
			}
		}
	}
	return ticks
}

func (t oneTwoFive) label(v float64) string {
	if t.format != nil {
		return t.format(v)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// fixed ticks stand where they are told.
type fixed []float64

func (t fixed) Ticks(from, to float64) []plot.Tick {
	var ticks []plot.Tick
	for _, v := range t {
		ticks = append(ticks, plot.Tick{Value: v, Label: strconv.FormatFloat(v, 'f', -1, 64)})
	}
	return ticks
}

// svg writes the plot so that it scales with the page, in the page's colours.
func svg(p *plot.Plot, width, height float64) (template.HTML, error) {
	c := vgsvg.New(vg.Points(width), vg.Points(height))
	p.Draw(draw.Crop(draw.New(c), 0, -vg.Points(14), 0, 0)) // room for half of the last tick's label
	return inPage(c)
}

// inPage is the drawing as part of a page.
func inPage(c *vgsvg.Canvas) (template.HTML, error) {
	var out bytes.Buffer
	if _, err := c.WriteTo(&out); err != nil {
		return "", err
	}
	text := out.String()
	text = text[bytes.Index(out.Bytes(), []byte("<svg")):]
	for _, r := range rewrites {
		text = r.from.ReplaceAllString(text, r.to)
	}
	return template.HTML(text), nil
}

var fonts = regexp.MustCompile(`font-family:[^;"]*;?`)

// rewrites turn the library's SVG into part of a page, some of them also into a file of
// its own.
var rewrites = []struct {
	from    *regexp.Regexp
	to      string
	inFiles bool
}{
	{regexp.MustCompile(`<!--[^>]*-->\n?`), "", true},
	{regexp.MustCompile(`#010203`), "currentColor", false},
	{fonts, "", false},
	{regexp.MustCompile(`(<svg[^>]*?) width="[^"]*" height="[^"]*"`), "$1 role=\"img\"", true},
	{regexp.MustCompile(`\s+xmlns(:xlink)?="[^"]*"`), "", false}, // not needed inside a page
	{regexp.MustCompile(`(\d\.\d\d)\d+`), "$1", true},
}
