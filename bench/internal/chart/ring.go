package chart

import (
	"fmt"
	"html/template"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Slice is a part of a ring.
type Slice struct {
	Color color.RGBA
	Value float64
}

// Ring draws shares of a whole as a ring, from the top on clockwise, with each
// share beside it. Its area is scale, from 0 to 1, of the greatest that fits, so
// that rings beside each other compare wholes too.
func Ring(title string, slices []Slice, scale float64) (template.HTML, error) {
	p := empty(title, Axis{}, Axis{})
	p.HideAxes()
	p.Add(ring{slices, scale})
	return svg(p, 240, 220)
}

type ring struct {
	slices []Slice
	scale  float64
}

// Plot is for package plot.
func (r ring) Plot(c draw.Canvas, _ *plot.Plot) {
	const (
		room = 20 // points, for the shares beside the ring
		hole = 0.55
	)
	whole := 0.0
	for _, s := range r.slices {
		whole += s.Value
	}
	middle := c.Center()
	outer := (min(c.Max.X-c.Min.X, c.Max.Y-c.Min.Y)/2 - vg.Points(room)) * vg.Length(math.Sqrt(r.scale))
	inner := outer * hole
	label := text.Style{Color: ink, Font: face(9), XAlign: text.XCenter, YAlign: text.YCenter, Handler: plot.DefaultTextHandler}
	at := math.Pi / 2
	for _, s := range r.slices {
		if s.Value <= 0 {
			continue
		}
		turn := -2 * math.Pi * s.Value / whole
		var path vg.Path
		path.Move(around(middle, outer, at))
		path.Arc(middle, outer, at, turn)
		path.Line(around(middle, inner, at+turn))
		path.Arc(middle, inner, at+turn, -turn)
		path.Close()
		c.SetColor(s.Color)
		c.Fill(path)
		c.SetLineStyle(draw.LineStyle{Color: ink, Width: vg.Points(0.8)})
		c.Stroke(path) // the parts are apart on grey paper too
		c.FillText(label, around(middle, outer+vg.Points(11), at+turn/2), fmt.Sprintf("%.0f%%", 100*s.Value/whole))
		at += turn
	}
}

func around(p vg.Point, radius vg.Length, angle float64) vg.Point {
	return vg.Point{X: p.X + radius*vg.Length(math.Cos(angle)), Y: p.Y + radius*vg.Length(math.Sin(angle))}
}
