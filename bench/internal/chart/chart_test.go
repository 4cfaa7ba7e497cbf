package chart

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wellFormed reads the SVG to its end.
func wellFormed(t *testing.T, svg string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
	}
}

func TestLines(t *testing.T) {
	inf := math.Inf(1)
	svg, err := Lines("depth", Axis{Label: "frames", Log: true}, Axis{Label: "times go", Log: true}, []Series{
		{Name: "lfpool", Style: StyleOf(1), X: []float64{0, 1, 10, 100}, Y: []float64{1, 1.2, 0.4, 0.1}, Lo: []float64{1, 1.1, 0.3, -inf}, Hi: []float64{1, 1.3, 0.5, inf}},
		{Name: "none", Style: StyleOf(2), X: []float64{1}, Y: []float64{-1}},
	})
	require.NoError(t, err)
	s := string(svg)
	wellFormed(t, s)
	assert.True(t, strings.HasPrefix(s, "<svg"))
	assert.Contains(t, s, "frames")
	assert.Contains(t, s, "viewBox")
	assert.Contains(t, s, "currentColor", "text has the page's colour")
	assert.Contains(t, strings.ToLower(s), StyleOf(1).CSS())
	assert.NotContains(t, s, "http", "self-contained")
	assert.NotContains(t, s, "#000000", "black would vanish on a dark page")
}

func TestTicks(t *testing.T) {
	labels := func(from, to float64) (all []string) {
		for _, tick := range (oneTwoFive{}).Ticks(from, to) {
			all = append(all, tick.Label)
		}
		return all
	}
	assert.Equal(t, []string{"0.5", "1", "2", "5"}, labels(0.4, 6), "one power only")
	assert.Equal(t, []string{"0.07", "0.08", "0.09", "0.1", "0.2", "0.3"}, labels(0.07, 0.3))
	assert.Len(t, fixed{1, 2, 4}.Ticks(1, 4), 3)
	assert.Equal(t, []string{"1", "10", "100", "1000"}, labels(1, 2000))
}

// TestStylesDiffer without their colours, for as many contestants as there are
// marks, twice.
func TestStylesDiffer(t *testing.T) {
	seen := map[Style]int{}
	for n := range 2 * len(marks) {
		s := StyleOf(n)
		s.Color = palette[0]
		other, ok := seen[s]
		assert.False(t, ok, "%d looks like %d", n, other)
		seen[s] = n
	}
}

// TestKeyLooksLikeTheLine: dashes and mark are drawn as in the plot.
func TestKeyLooksLikeTheLine(t *testing.T) {
	dashed := regexp.MustCompile(`stroke-dasharray:[^;"]+`)
	shape := regexp.MustCompile(`<path d="[^"]*A|<(circle|polygon)`)
	for n := range 2 * len(marks) {
		s := StyleOf(n)
		key, err := Key(s)
		require.NoError(t, err)
		wellFormed(t, string(key))
		plot, err := Lines("", Axis{}, Axis{}, []Series{{Style: s, X: []float64{1, 2}, Y: []float64{1, 2}}})
		require.NoError(t, err)
		for _, want := range dashed.FindAllString(string(key), -1) {
			assert.Contains(t, string(plot), want, n)
		}
		assert.Equal(t, s.Dash > 0, dashed.MatchString(string(key)), n)
		assert.Equal(t, shape.MatchString(string(plot)), shape.MatchString(string(key)), n)
		assert.Contains(t, strings.ToLower(string(key)), s.CSS())
	}
}

// TestDotPlotIsAFile, in the colours of its theme alone.
func TestDotPlotIsAFile(t *testing.T) {
	d := DotPlot{
		Label: "times go", Foot: "Example CPU\nquiet",
		Series: []Series{{Name: "lfpool", Style: StyleOf(1)}, {Name: "ants", Style: StyleOf(2)}},
		Rows: []DotRow{
			{"bursts", []Dot{{0, 0.2, 0.1, 0.3}, {1, 2, math.Inf(-1), math.Inf(1)}}},
			{"alone", []Dot{{1, 1, 0.9, 1.1}}},
		},
	}
	for theme, other := range map[Theme]Theme{Light: Dark, Dark: Light} {
		svg, err := d.SVG(theme)
		require.NoError(t, err)
		s := string(svg)
		wellFormed(t, s)
		assert.True(t, strings.HasPrefix(s, "<svg"))
		for _, want := range []string{`xmlns="http://www.w3.org/2000/svg"`, "viewBox", "sans-serif", hex(theme.Ink), hex(theme.Paper), ">bursts<", ">alone<", ">lfpool<", ">ants<", ">Example CPU<", ">quiet<", ">times go<", ">1<"} {
			assert.Contains(t, s, want)
		}
		for _, not := range []string{hex(other.Ink), hex(other.Paper), hex(ink), hex(paper), "currentColor", "Liberation", "NaN", "Inf", "<!--"} {
			assert.NotContains(t, s, not)
		}
		again, err := d.SVG(theme)
		require.NoError(t, err)
		assert.Equal(t, s, string(again))
	}
	part, err := d.InPage()
	require.NoError(t, err)
	wellFormed(t, string(part))
	assert.Contains(t, string(part), "currentColor")
	assert.Contains(t, string(part), ">bursts<")
	for _, not := range []string{">lfpool<", ">quiet<", "http", hex(paper)} {
		assert.NotContains(t, string(part), not)
	}
}

// TestNamesOfRowsHaveRoom, left of the plot, in a font that is a fifth wider.
func TestNamesOfRowsHaveRoom(t *testing.T) {
	long := "one task that grows its stack, waited for"
	d := DotPlot{Series: []Series{{Name: "lfpool", Style: StyleOf(1)}}, Rows: []DotRow{{long, []Dot{{0, 0.1, 0.1, 0.1}}}}}
	svg, err := d.SVG(Light)
	require.NoError(t, err)
	left := math.Inf(1) // of all lines
	for _, path := range regexp.MustCompile(`<path d="M([0-9.]+),[0-9.]+L[^"]*" style="fill:none;stroke:#7F7F7F`).FindAllStringSubmatch(string(svg), -1) {
		x, err := strconv.ParseFloat(path[1], 64)
		require.NoError(t, err)
		left = min(left, x)
	}
	assert.InDelta(t, 185, float64(d.left()-margin)/widest, 15, "Liberation Sans at 10 points")
	assert.GreaterOrEqual(t, left, float64(d.left()))
}
