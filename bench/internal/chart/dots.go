package chart

import (
	"bytes"
	"fmt"
	"html/template"
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
	dotLegend = 24
	dotAxis   = 30
	dotLabel  = 14
	dotFoot   = 11
	margin    = 6

	// Text is as wide as in Liberation Sans; who looks at the picture may have another
	// font, up to so many times as wide, as DejaVu Sans is.
	widest = 1.2
)

// row is the height of one, which grows with the marks in it.
func (d DotPlot) row() float64 { return max(26, 3*float64(len(d.Series))) }

// SVG is the picture as a file.
func (d DotPlot) SVG(t Theme) ([]byte, error) {
	foot := strings.Split(d.Foot, "\n")
	below := dotLabel + dotFoot*float64(len(foot)) + 8
	canvas := vgsvg.New(dotWidth, vg.Points(dotLegend+dotAxis+below+d.row()*float64(len(d.Rows))))
	c := draw.New(canvas)
	c.FillPolygon(paper, []vg.Point{c.Min, {X: c.Max.X, Y: c.Min.Y}, c.Max, {X: c.Min.X, Y: c.Max.Y}})
	d.draw(draw.Crop(c, 0, 0, vg.Points(below), -dotLegend))

	style := draw.TextStyle{Color: ink, Font: face(10), Handler: plot.DefaultTextHandler, YAlign: draw.YCenter}
	at := vg.Point{X: 2 * margin, Y: c.Max.Y - dotLegend/2}
	for _, s := range d.Series {
		c.DrawGlyph(s.Style.dot(), at)
		at.X += 9
		c.FillText(style, at, s.Name)
		at.X += widest*style.Width(s.Name) + 16
	}
	style.YAlign = draw.YBottom
	c.FillText(style, vg.Point{X: d.left(), Y: vg.Points(below - dotLabel)}, d.Label)
	style.Font = face(8)
	for i, line := range foot {
		c.FillText(style, vg.Point{X: margin, Y: vg.Points(3 + dotFoot*float64(len(foot)-1-i))}, line)
	}

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

// InPage is the plot as part of a page, which says itself what the marks mean.
func (d DotPlot) InPage() (template.HTML, error) {
	canvas := vgsvg.New(dotWidth, vg.Points(dotAxis+d.row()*float64(len(d.Rows))))
	d.draw(draw.New(canvas))
	return inPage(canvas)
}

func (d DotPlot) draw(c draw.Canvas) {
	p := empty("", Axis{Log: true}, Axis{})
	p.X.Tick.Label.Font = face(9)
	p.HideY()
	p.Add(dots(d))
	p.Y.Min, p.Y.Max = -0.5, max(float64(len(d.Rows)), 1)-0.5
	p.Draw(draw.Crop(c, d.left(), -14, 0, 0)) // room for half of the last tick's label
}

// left is the room for the rows' names.
func (d DotPlot) left() vg.Length {
	style := draw.TextStyle{Font: face(10), Handler: plot.DefaultTextHandler}
	var most vg.Length
	for _, r := range d.Rows {
		most = max(most, style.Width(r.Name))
	}
	return margin + widest*most
}

// paper stands for the theme's until the plot is written out.
var paper = color.RGBA{0x03, 0x02, 0x01, 0xff}

func hex(c color.RGBA) string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }

func (s Style) dot() draw.GlyphStyle {
	g := s.glyph()
	g.Radius = 3.4
	return g
}

type dots DotPlot

// Plot is for package plot.
func (d dots) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	c.StrokeLine2(draw.LineStyle{Color: ink, Width: 1.2}, toX(1), c.Min.Y, toX(1), c.Max.Y)
	name := draw.TextStyle{Color: ink, Font: face(10), Handler: plot.DefaultTextHandler, YAlign: draw.YCenter}
	for i, row := range d.Rows {
		y := float64(len(d.Rows) - 1 - i)
		c.FillText(name, vg.Point{X: margin, Y: toY(y)}, row.Name)
		for _, dot := range row.Dots {
			style := d.Series[dot.Series].Style
			// Each series has its height, so that marks of one value can be seen.
			at := toY(y + 0.6*(0.5-(float64(dot.Series)+0.5)/float64(len(d.Series))))
			if !math.IsInf(dot.Lo, 0) && !math.IsInf(dot.Hi, 0) && dot.Lo > 0 {
				c.StrokeLine2(draw.LineStyle{Color: style.Color, Width: 0.9}, toX(dot.Lo), at, toX(dot.Hi), at)
			}
			c.DrawGlyph(style.dot(), vg.Point{X: toX(dot.Value), Y: at})
		}
	}
}

// DataRange is for package plot.
func (d dots) DataRange() (xmin, xmax, ymin, ymax float64) {
	xmin, xmax = 0.5, 2
	for _, row := range d.Rows {
		for _, dot := range row.Dots {
			for _, v := range []float64{dot.Value, dot.Lo, dot.Hi} {
				if v > 0 && !math.IsInf(v, 0) {
					xmin, xmax = math.Min(xmin, v), math.Max(xmax, v)
				}
			}
		}
	}
	return xmin / 1.1, xmax * 1.1, 0, float64(len(d.Rows) - 1)
}
