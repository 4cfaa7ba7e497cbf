package chart

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A Theme is for pictures in files of their own: they cannot take the colour of the
// page that shows them.
type Theme struct{ Ink, Paper color.RGBA }

// Light and Dark are GitHub's two pages.
var (
	Light = Theme{Ink: color.RGBA{0x1f, 0x23, 0x28, 0xff}, Paper: color.RGBA{0xff, 0xff, 0xff, 0xff}}
	Dark  = Theme{Ink: color.RGBA{0xe6, 0xed, 0xf3, 0xff}, Paper: color.RGBA{0x0d, 0x11, 0x17, 0xff}}
)

// A DotRow has a dot for each series that was measured.
type DotRow struct {
	Name string
	Dots []Dot
}

// A Dot is a ratio with its interval, which may be infinite.
type Dot struct {
	Series        int
	Value, Lo, Hi float64
}

// A DotPlot shows ratios on a logarithmic axis, a line for each row and a mark for
// each series. The first row is at the top.
type DotPlot struct {
	Label  string // of the axis
	Foot   string // what stands below, in lines
	Series []Series
	Rows   []DotRow
}

// The sizes of a dot plot, in points.
const (
	dotWidth  = 620
	dotRow    = 26
	dotLegend = 24
	dotAxis   = 30
	dotLabel  = 14
	dotFoot   = 11
)

// SVG is the picture as a file.
func (d DotPlot) SVG(t Theme) ([]byte, error) {
	height := dotLegend + dotAxis + dotLabel + dotRow*float64(len(d.Rows)) + dotFoot*float64(len(d.feet()))
	canvas := vgsvg.New(vg.Points(dotWidth), vg.Points(height))
	d.draw(draw.New(canvas))
	var out bytes.Buffer
	if _, err := canvas.WriteTo(&out); err != nil {
		return nil, err
	}
	text := out.String()[bytes.Index(out.Bytes(), []byte("<svg")):]
	for _, r := range rewrites {
		if r.inFiles {
			text = r.from.ReplaceAllString(text, r.to)
		}
	}
	text = fonts.ReplaceAllString(text, "font-family:sans-serif;")
	return []byte(strings.NewReplacer(hex(ink), hex(t.Ink), hex(paper), hex(t.Paper)).Replace(text)), nil
}

func (d DotPlot) feet() []string { return strings.Split(d.Foot, "\n") }

func (d DotPlot) draw(c draw.Canvas) {
	p := empty("", Axis{Log: true}, Axis{})
	names := make([]string, len(d.Rows))
	for i, r := range d.Rows {
		names[len(names)-1-i] = r.Name
	}
	p.NominalY(names...)
	p.Y.Tick.Label.Color, p.Y.Tick.Label.Font = ink, face(10)
	p.Y.Color, p.Y.Padding = ink, 0
	p.Y.Tick.Length, p.Y.Tick.Width = vg.Points(3), 0
	p.X.Tick.Label.Font = face(9)
	p.Add(dots(d))
	p.Y.Min, p.Y.Max = -0.5, max(float64(len(d.Rows)), 1)-0.5

	c.FillPolygon(paper, []vg.Point{c.Min, {X: c.Max.X, Y: c.Min.Y}, c.Max, {X: c.Min.X, Y: c.Max.Y}})
	foot := d.feet()
	below := vg.Points(dotFoot*float64(len(foot)) + 8)
	// The label is not the plot's: that would leave room for it beside the axis.
	p.Draw(draw.Crop(c, vg.Points(4), -vg.Points(14), below+vg.Points(dotLabel), -vg.Points(dotLegend)))
	style := p.X.Label.TextStyle
	style.Color, style.Font, style.XAlign, style.YAlign = ink, face(10), draw.XRight, draw.YBottom
	c.FillText(style, vg.Point{X: c.Max.X - vg.Points(14), Y: below}, d.Label)
	d.legend(c, style)
	style.Font, style.XAlign = face(8), draw.XLeft
	for i, line := range foot {
		c.FillText(style, vg.Point{X: vg.Points(6), Y: vg.Points(3 + dotFoot*float64(len(foot)-1-i))}, line)
	}
}

// paper stands for the theme's until the plot is written out.
var paper = color.RGBA{0x03, 0x02, 0x01, 0xff}

func hex(c color.RGBA) string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }

// legend draws the marks with their names in a line at the top.
func (d DotPlot) legend(c draw.Canvas, style draw.TextStyle) {
	style.Font, style.XAlign, style.YAlign = face(10), draw.XLeft, draw.YCenter
	at := vg.Point{X: vg.Points(12), Y: c.Max.Y - vg.Points(dotLegend/2)}
	for _, s := range d.Series {
		c.DrawGlyph(s.Style.dot(), at)
		at.X += vg.Points(9)
		c.FillText(style, at, s.Name)
		at.X += style.Width(s.Name) + vg.Points(22)
	}
}

func (s Style) dot() draw.GlyphStyle {
	g := s.glyph()
	g.Radius = vg.Points(3.4)
	return g
}

type dots DotPlot

// Plot is for package plot.
func (d dots) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	c.StrokeLine2(draw.LineStyle{Color: ink, Width: vg.Points(1.2)}, toX(1), c.Min.Y, toX(1), c.Max.Y)
	for i, row := range d.Rows {
		y := float64(len(d.Rows) - 1 - i)
		for _, dot := range row.Dots {
			style := d.Series[dot.Series].Style
			// Each series has its height, so that marks of one value can be seen.
			at := toY(y + 0.6*(0.5-(float64(dot.Series)+0.5)/float64(len(d.Series))))
			if !math.IsInf(dot.Lo, 0) && !math.IsInf(dot.Hi, 0) && dot.Lo > 0 {
				c.StrokeLine2(draw.LineStyle{Color: style.Color, Width: vg.Points(0.9)}, toX(dot.Lo), at, toX(dot.Hi), at)
			}
			c.DrawGlyph(style.dot(), vg.Point{X: toX(dot.Value), Y: at})
		}
	}
}

// DataRange is for package plot.
func (d dots) DataRange() (xmin, xmax, ymin, ymax float64) {
	var all barsFromOne
	for _, row := range d.Rows {
		for _, dot := range row.Dots {
			all = append(all, Bar{Value: dot.Value, Lo: dot.Lo, Hi: dot.Hi})
		}
	}
	return all.DataRange()
}
