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

func TestTicks(t *testing.T) {
	labels := func(from, to float64) (all []string) {
		for _, tick := range (oneTwoFive{}).Ticks(from, to) {
			all = append(all, tick.Label)
		}
		return all
	}
	assert.Equal(t, []string{"0.5", "1", "2", "5"}, labels(0.4, 6), "one power only")
	assert.Equal(t, []string{"0.07", "0.08", "0.09", "0.1", "0.2", "0.3"}, labels(0.07, 0.3))
	assert.Equal(t, []string{"1", "10", "100", "1000"}, labels(1, 2000))
}

// TestStylesDiffer, for more contestants than a page has, and marks alone for as many as
// a file has.
func TestStylesDiffer(t *testing.T) {
	seen := map[Style]bool{}
	shapes := map[int]bool{}
	for n := range 30 {
		assert.False(t, seen[StyleOf(n)], "%d looks like another", n)
		seen[StyleOf(n)] = true
		if n < 6 {
			shapes[StyleOf(n).Mark] = true
		}
	}
	assert.Len(t, shapes, 6)
}

// TestKeyLooksLikeTheMark in the plot.
func TestKeyLooksLikeTheMark(t *testing.T) {
	seen := map[string]bool{}
	for n := range 30 {
		key, err := Key(StyleOf(n))
		require.NoError(t, err)
		wellFormed(t, string(key))
		assert.Contains(t, string(key), hex(StyleOf(n).Color))
		assert.False(t, seen[string(key)], n)
		seen[string(key)] = true
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
