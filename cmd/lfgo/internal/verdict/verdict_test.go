package verdict

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRowsTellLossesFirst(t *testing.T) {
	var s Samples
	for i := range 10 {
		x := float64(i)
		s.Add("Same", "sec/op", 0, 1+x/100)
		s.Add("Same", "sec/op", 1, 1+x/100)
		s.Add("Better", "sec/op", 0, 2+x/100)
		s.Add("Better", "sec/op", 1, 1+x/100)
		s.Add("Worse", "sec/op", 0, 1+x/100)
		s.Add("Worse", "sec/op", 1, 3+x/100)
		s.Add("Worst", "sec/op", 0, 1+x/100)
		s.Add("Worst", "sec/op", 1, 4+x/100)
		s.Add("Worst", "B/op", 0, 0)
		s.Add("Worst", "B/op", 1, 0)
		s.Add("Alone", "sec/op", 0, 1)
	}
	rows := s.Rows()
	var names []string
	for _, r := range rows {
		names = append(names, r.Benchmark+" "+r.Unit)
	}
	require.Equal(t, []string{"Worst sec/op", "Worse sec/op", "Better sec/op", "Same sec/op", "Worst B/op"}, names)
	assert.InDelta(t, 4.045/1.045, rows[0].Ratio(), 1e-9)
	lo, hi := rows[0].Range()
	assert.Less(t, lo, rows[0].Ratio())
	assert.Greater(t, hi, rows[0].Ratio())
	assert.False(t, rows[3].Shown())
	assert.InDelta(t, 1, rows[4].Ratio(), 0, "nothing over nothing")
	assert.Equal(t, "In time lfpool is worse in 2, better in 1 of 4 benchmarks; in 1 no difference is shown. Worst: 3.87 (Worst). Best: 0.51 (Better).", Verdict(rows))
	table := strings.Split(Table(rows), "\n")
	assert.Regexp(t, `^sec/op +go +lfpool +lfpool/go`, table[0])
	assert.Regexp(t, `^Worst +1\.045 ± \d% +4\.045 ± \d% +3\.87 \[\d\.\d\d, \d\.\d\d\] +\(p=0\.000 n=10\+10\)$`, table[1])
	assert.Regexp(t, `^Same .* ~ +\(p=1\.000`, table[4])
}
