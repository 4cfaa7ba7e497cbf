package chart

import (
	"html/template"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
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

	style := words(10, draw.YCenter)
	at := vg.Point{X: 2 * margin, Y: c.Max.Y - dotLegend/2}
	for _, s := range d.Series {
		c.DrawGlyph(s.Style.glyph(), at)
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

	svg, err := rewritten(canvas, func(r rewrite) bool { return r.inFiles })
	return []byte(strings.NewReplacer(hex(ink), hex(t.Ink), hex(paper), hex(t.Paper)).Replace(svg)), err
}

// InPage is the plot as part of a page, which says itself what the marks mean.
func (d DotPlot) InPage() (template.HTML, error) {
	canvas := vgsvg.New(dotWidth, vg.Points(dotAxis+dotLabel+d.row()*float64(len(d.Rows))))
	c := draw.New(canvas)
	d.draw(draw.Crop(c, 0, 0, dotLabel, 0))
	c.FillText(words(10, draw.YBottom), vg.Point{X: d.left(), Y: 2}, d.Label)
	return inPage(canvas)
}

func (d DotPlot) draw(c draw.Canvas) {
	p := empty()
	p.Add(dots(d))
	p.Y.Min, p.Y.Max = -0.5, max(float64(len(d.Rows)), 1)-0.5
	p.Draw(draw.Crop(c, d.left(), -14, 0, 0)) // room for half of the last tick's label
}

func words(size vg.Length, align text.YAlignment) draw.TextStyle {
	return draw.TextStyle{Color: ink, Font: face(size), Handler: plot.DefaultTextHandler, YAlign: align}
}

// left is the room for the rows' names.
func (d DotPlot) left() vg.Length {
	style := words(10, draw.YCenter)
	var most vg.Length
	for _, r := range d.Rows {
		most = max(most, style.Width(r.Name))
	}
	return margin + widest*most
}

type dots DotPlot

// Plot is for package plot.
func (d dots) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	c.StrokeLine2(draw.LineStyle{Color: ink, Width: 1.2}, toX(1), c.Min.Y, toX(1), c.Max.Y)
	name := words(10, draw.YCenter)
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
			c.DrawGlyph(style.glyph(), vg.Point{X: toX(dot.Value), Y: at})
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
