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
	assert.InDeltaSlice(t, []float64{0.5, 1, 2, 5}, ticks(0.4, 6), 1e-9, "one power only")
	assert.InDeltaSlice(t, []float64{0.5, 1, 2}, ticks(Plot{}.ends()), 1e-9, "as short as an axis can be")
	assert.InDeltaSlice(t, []float64{1, 10, 100, 1000}, ticks(1, 2000), 1e-9)
}

// TestStylesDiffer, for more contestants than a page has, in the key too, and marks alone
// for as many as a file has.
func TestStylesDiffer(t *testing.T) {
	seen := map[string]bool{}
	shapes := map[Style]bool{}
	for n := range 31 {
		s := Series{"ants", Subject}
		if n > 0 {
			s.Style = StyleOf(n - 1)
		}
		key, err := s.Key()
		require.NoError(t, err)
		wellFormed(t, string(key))
		assert.Contains(t, string(key), s.Color)
		assert.False(t, seen[string(key)], "%d looks like another", n)
		seen[string(key)] = true
		if n < 6 {
			shapes[Style{Shape: s.Shape, Filled: s.Filled}] = true
		}
	}
	assert.Len(t, shapes, 6)
}

func plotOf(theme *Theme) Plot {
	return Plot{
		Label: "times go", Theme: theme, Foot: []string{"Example CPU", "quiet"},
		Series: []Series{{"lfpool", Subject}, {"ants", StyleOf(0)}},
		Rows: []Row{
			{"bursts", []Dot{{0, 0.2, 0.1, 0.3}, {1, 2, math.Inf(-1), math.Inf(1)}}},
			{"alone <1>", []Dot{{1, 1, 0.9, 1.1}}},
		},
	}
}

// TestPlotIsAFile, in the colours of its theme alone.
func TestPlotIsAFile(t *testing.T) {
	for theme, other := range map[*Theme]*Theme{&Light: &Dark, &Dark: &Light} {
		svg, err := plotOf(theme).SVG()
		require.NoError(t, err)
		s := string(svg)
		wellFormed(t, s)
		assert.True(t, strings.HasPrefix(s, "<svg"))
		for _, want := range []string{`xmlns="http://www.w3.org/2000/svg"`, "viewBox", "sans-serif", `color="` + theme.Ink, theme.Paper, ">bursts<", ">alone &lt;1&gt;<", ">lfpool<", ">ants<", ">Example CPU<", ">quiet<", ">times go<", ">1<"} {
			assert.Contains(t, s, want)
		}
		for _, not := range []string{other.Ink, other.Paper, "NaN", "Inf", "ZgotmplZ"} {
			assert.NotContains(t, s, not)
		}
		again, err := plotOf(theme).SVG()
		require.NoError(t, err)
		assert.Equal(t, s, string(again))
		assert.Equal(t, 2, strings.Count(s, `stroke-width="0.9"`), "an infinite interval has no line")
	}
}

// TestPlotIsPartOfAPage, which says itself whose the marks are.
func TestPlotIsPartOfAPage(t *testing.T) {
	part, err := plotOf(nil).SVG()
	require.NoError(t, err)
	wellFormed(t, string(part))
	assert.Contains(t, string(part), "currentColor")
	assert.Contains(t, string(part), ">bursts<")
	for _, not := range []string{">lfpool<", ">quiet<", "http", "<rect"} {
		assert.NotContains(t, string(part), not)
	}
}

// TestMarksStandAtTheirValues, on an axis whose line at 1 is between them.
func TestMarksStandAtTheirValues(t *testing.T) {
	svg, err := Plot{Series: []Series{{"lfpool", Subject}}, Rows: []Row{{"a", []Dot{{0, 0.1, 0.1, 0.1}}}, {"b", []Dot{{0, 1, 1, 1}}}, {"c", []Dot{{0, 10, 10, 10}}}}}.SVG()
	require.NoError(t, err)
	var xs []float64
	for _, found := range regexp.MustCompile(`translate\(([1-9][0-9.]*) `).FindAllStringSubmatch(string(svg), -1) {
		xs = append(xs, parse(t, found[1]))
	}
	require.Len(t, xs, 3)
	assert.InDelta(t, xs[1]-xs[0], xs[2]-xs[1], 0.02)
	one := regexp.MustCompile(`<path d="M([0-9.]+) 4V82" stroke="currentColor"`).FindStringSubmatch(string(svg))
	require.NotNil(t, one)
	assert.InDelta(t, xs[1], parse(t, one[1]), 0.02)
}

func parse(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return v
}

// TestNamesOfRowsHaveRoom, left of the plot, in Liberation Sans at 10 points, which has
// 185 of them, and in a font that is a fifth wider.
func TestNamesOfRowsHaveRoom(t *testing.T) {
	long := "one task that grows its stack, waited for"
	svg, err := Plot{Series: []Series{{"lfpool", Subject}}, Rows: []Row{{long, []Dot{{0, 0.1, 0.1, 0.1}}}}, Theme: &Light}.SVG()
	require.NoError(t, err)
	lines := regexp.MustCompile(`<path d="M([0-9.]+) [0-9.]+V`).FindAllStringSubmatch(string(svg), -1)
	require.NotEmpty(t, lines)
	for _, line := range lines {
		assert.GreaterOrEqual(t, parse(t, line[1]), margin+1.2*185)
	}
}
