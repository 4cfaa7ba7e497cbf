package dump_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/leak/internal/dump"
)

// TestSteady: what grows from profile to profile comes before what has been a
// burst, however large, and the text tells them apart.
func TestSteady(t *testing.T) {
	series := []struct {
		name   string
		counts []int
		steady bool
	}{ // in the order that is wanted
		{"grows, a few ends", []int{100, 205, 195, 310}, true},
		{"came and stayed", []int{10, 120, 120, 120}, true},
		{"grows", []int{0, 10, 20, 30}, true},
		{"falls and comes back", []int{500, 200, 300, 700}, false},
		{"burst", []int{10, 500, 400, 25}, false},
	}
	var profiles []*dump.Profile
	for i := range 4 {
		p := &dump.Profile{Format: dump.Debug1, Whole: true}
		for _, s := range series {
			p.Total += s.counts[i]
			p.Groups = append(p.Groups, dump.Group{Count: s.counts[i], Waits: dump.Tally{"sleep": s.counts[i]}, Stack: dump.Stack{{Func: s.name + ".f"}}})
		}
		profiles = append(profiles, p)
	}
	for i, r := range dump.Compare(profiles...) {
		assert.Equal(t, series[i].counts, r.Counts)
		assert.Equal(t, series[i].steady, r.Steady(), r.Entry)
	}
	report := dump.Explain(dump.Options{}, profiles...)
	require.Len(t, report.Findings, len(series))
	for i, f := range report.Findings {
		assert.Equal(t, series[i].counts, f.Counts)
	}
	var text strings.Builder
	require.NoError(t, report.WriteText(&text))
	assert.Contains(t, text.String(), "25 goroutines, +15 (10, 500, 400, 25; not steady)\n")
	assert.Contains(t, text.String(), "30 goroutines, +30 (0, 10, 20, 30)\n")

	single := dump.Compare(profiles[3])
	assert.Equal(t, []int{700, 310, 120, 30, 25}, []int{single[0].Count(), single[1].Count(), single[2].Count(), single[3].Count(), single[4].Count()})
	assert.False(t, single[0].Steady(), "one profile shows no growth")
}
