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
	return entry(func(c draw.Canvas) {
		middle := c.Center()
		c.StrokeLine2(s.line(lineWidth), c.Min.X, middle.Y, c.Max.X, middle.Y)
		c.DrawGlyph(s.glyph(), middle)
	})
}

// Swatch draws what an area of the style looks like.
func Swatch(s Style) (template.HTML, error) {
	return entry(func(c draw.Canvas) {
		c.FillPolygon(s.Color, []vg.Point{c.Min, {X: c.Max.X, Y: c.Min.Y}, c.Max, {X: c.Min.X, Y: c.Max.Y}})
	})
}

func entry(paint func(draw.Canvas)) (template.HTML, error) {
	c := vgsvg.New(vg.Points(keyWidth), vg.Points(keyHeight))
	paint(draw.New(c))
	return inPage(c)
}
