package advice

import (
	"bytes"
	"html/template"
	"image/color"
	"regexp"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// parts of a bar, from the left. They differ in lightness, too, for paper.
var parts = []struct {
	name  string
	color color.RGBA
	of    func(Cost) float64
}{
	{"growing stacks", color.RGBA{0xb0, 0x3a, 0x00, 0xff}, func(c Cost) float64 { return c.Grow }},
	{"starting", color.RGBA{0xf0, 0xa0, 0x30, 0xff}, func(c Cost) float64 { return c.Start }},
	{"ending, and finding the next", color.RGBA{0x50, 0x90, 0xd0, 0xff}, func(c Cost) float64 { return c.End + c.Switch }},
}

// bars is how many rows the picture has.
const bars = 12

// ink stands for the page's own text colour until the picture is written out.
var ink = color.RGBA{0x01, 0x02, 0x03, 0xff}

var inkInSVG = regexp.MustCompile(`#010203|rgb\(1,\s*2,\s*3\)`)

// picture shows what a pool could save, by the function that goroutines start
// with, in percent of the processor time.
func (a *Advice) picture() (template.HTML, error) {
	p := plot.New()
	p.BackgroundColor = nil
	p.X.Label.Text = "% of the processor time"
	p.X.Min = 0
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Color, axis.Label.TextStyle.Color, axis.Tick.Color, axis.Tick.Label.Color, axis.Tick.LineStyle.Color = ink, ink, ink, ink, ink
	}
	p.Legend.TextStyle.Color = ink
	p.Legend.Top = false
	var rows []Row
	for _, r := range a.Rows {
		if r.Most() > 0 && len(rows) < bars {
			rows = append(rows, r)
		}
	}
	slices.Reverse(rows) // the first one stands above
	var names []string
	for _, r := range rows {
		names = append(names, lastPart(r.Root))
	}
	if len(names) == 0 {
		return "", nil
	}
	var below *plotter.BarChart
	for _, part := range parts {
		var values plotter.Values
		for _, r := range rows {
			values = append(values, 100*a.Share(part.of(r.Cost)))
		}
		bar, err := plotter.NewBarChart(values, vg.Points(12))
		if err != nil {
			return "", err
		}
		bar.Horizontal, bar.Color, bar.LineStyle.Width = true, part.color, 0
		if below != nil {
			bar.StackOn(below)
		}
		below = bar
		p.Add(bar)
		p.Legend.Add(part.name, bar)
	}
	p.NominalY(names...)
	p.X.Max = 1.3 * 100 * a.Share(rows[len(rows)-1].Most()) // beside the bars there is room for the legend
	canvas := vgsvg.NewWith(vgsvg.UseWH(vg.Points(640), vg.Points(90+22*float64(len(rows)))))
	p.Draw(draw.New(canvas))
	var out bytes.Buffer
	if _, err := canvas.WriteTo(&out); err != nil {
		return "", err
	}
	svg := out.Bytes()
	if i := bytes.Index(svg, []byte("<svg")); i >= 0 {
		svg = svg[i:] // without the prologue of a file
	}
	svg = inkInSVG.ReplaceAll(svg, []byte("currentColor"))
	return template.HTML(svg), nil //nolint:gosec // drawn here; names are escaped by vgsvg
}

var lastSlash = regexp.MustCompile(`^.*/`)

func lastPart(name string) string { return lastSlash.ReplaceAllString(name, "") }
