package chart

import (
	"html/template"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The size of an entry of a key, in points.
const (
	keyWidth  = 28
	keyHeight = 9
)

// Key draws what a line of the style looks like in a plot: colour, dashes, mark.
func Key(s Style) (template.HTML, error) {
	canvas := vgsvg.New(vg.Points(keyWidth), vg.Points(keyHeight))
	c := draw.New(canvas)
	middle := c.Center()
	c.StrokeLine2(s.line(lineWidth), c.Min.X, middle.Y, c.Max.X, middle.Y)
	c.DrawGlyph(s.glyph(), middle)
	return inPage(canvas)
}
