package page

import (
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/bench/internal/stat"
)

// A verdict is what the samples tell of a contestant beside another.
type verdict int

const (
	alike  verdict = iota // they do not tell the two apart
	better                // less
	worse
	tooFew // no samples could, being so few
)

// A comparison is of one contestant with another in one unit.
type comparison struct {
	// effect is the ratio of the two, taken round by round, above 1 where the
	// first is worse; of values that may be 0 the difference, above 0 there.
	effect  stat.Summary
	p       float64 // of the Mann-Whitney test
	verdict verdict
}

// judge compares. The samples tell two contestants apart where the Mann-Whitney
// test finds a difference and the effect's interval does not have 1 inside, or 0 if
// it is a difference: one rule for every table. ok is false if there is nothing to
// compare.
func (m metric) judge(r *record.Record, own, rival record.Key) (c comparison, ok bool) {
	neutral := 1.0
	if m.minus {
		neutral = 0
		c.effect, ok = r.Difference(own, rival, m.unit)
	} else {
		c.effect, ok = r.Ratio(own, rival, m.unit)
	}
	p, tells := r.Compare(own, rival, m.unit)
	c.p = p
	switch {
	case !tells:
		c.verdict = tooFew
	case c.effect.Lo <= neutral && neutral <= c.effect.Hi || c.p >= stat.Significant:
		c.verdict = alike
	case c.effect.Center > neutral:
		c.verdict = worse
	case c.effect.Center < neutral:
		c.verdict = better
	}
	return c, ok
}
