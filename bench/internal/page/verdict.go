package page

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// A metric is a contest in one unit, in which less is better.
type metric struct {
	kind, unit string
	what       string // in titles and rows
	minus      bool   // values may be 0 or less: compared by difference
	as         string // the unit that values are shown in
	digits     func(float64) string
}

// metrics are what losses are looked for in.
var metrics = []metric{
	{kind: record.Tasks, unit: record.NsOp, what: "time", as: "ns", digits: digits},
	{kind: record.Tasks, unit: record.CPUOp, what: "processor time", as: "ns", digits: digits},
	{kind: record.Tasks, unit: record.BytesOp, what: "bytes a task", minus: true, as: "B", digits: digits},
	{kind: record.Starts, unit: record.P50, what: "start p50", as: "us", digits: microseconds},
	{kind: record.Starts, unit: record.P99, what: "start p99", as: "us", digits: microseconds},
	{kind: record.Starts, unit: record.P999, what: "start p99.9", as: "us", digits: microseconds},
	{kind: record.Starts, unit: record.CPUOp, what: "processor time beside an open loop", as: "us", digits: microseconds},
	{kind: record.Lateness, unit: record.P50, what: "lateness p50", minus: true, as: "us", digits: microseconds},
	{kind: record.Lateness, unit: record.P99, what: "lateness p99", minus: true, as: "us", digits: microseconds},
	{kind: record.Lateness, unit: record.CPUOp, what: "processor time of neighbours", as: "ns", digits: digits},
	{kind: record.Tasks, unit: measure.NsEnded, what: "end of a blocked task", as: "ns", digits: digits},
	{kind: record.Tasks, unit: measure.BytesBlocked, what: "bytes a blocked task", as: "B", digits: digits},
	{kind: record.Memory, unit: measure.BytesBlocked, what: "bytes a blocked task", as: "B", digits: digits},
	{kind: record.Memory, unit: measure.KiBLeft, what: "KiB left after the peak", minus: true, as: "KiB", digits: digits},
	netPair,
}

// netPair is what the paper compares.
var netPair = metric{kind: record.Pairs, unit: record.NetPair, what: "net ns a pair", minus: true, as: "ns", digits: digits}

// subject is whose losses are looked for: lfpool's, or those of the queue that it is made
// of.
func (m metric) subject() string {
	if m.kind == record.Pairs {
		return "seg"
	}
	return contest.Subject
}

// isOther tells whom the subject is compared with, beside go: other pools, or queues.
func (m metric) isOther(contestant string) bool {
	return contest.IsOtherPool(contestant) && contestant != m.subject()
}

// neutral is the effect of no difference.
func (m metric) neutral() float64 {
	if m.minus {
		return 0
	}
	return 1
}

// effect shows a ratio, or a difference with its sign.
func (m metric) effect(v float64) string {
	switch {
	case !m.minus:
		return fmt.Sprintf("%.2f", v)
	case v < 0:
		return "-" + m.digits(-v)
	default:
		return "+" + m.digits(v)
	}
}

// inBytes tells memory from time.
func (m metric) inBytes() bool { return m.as == "B" || m.as == "KiB" }

// best finds the best median in a group, of those that may be.
func (m metric) best(r *record.Record, g record.Key, may func(contestant string) bool) (best record.Key, ok bool) {
	var value float64
	for _, c := range r.Contestants(g) {
		s, has := r.Median(g.Of(c), m.unit)
		if has && may(c) && (!ok || s.Center < value) {
			best, value, ok = g.Of(c), s.Center, true
		}
	}
	return best, ok
}

// A verdict is what the samples tell of a contestant beside another.
type verdict int

const (
	alike  verdict = iota // they do not tell the two apart
	better                // less
	worse
	tooFew // no samples could, being so few
)

// rule says when the samples tell: one for losses, words, crossover and the paper.
var rule = fmt.Sprintf("The samples tell a difference where the Mann-Whitney test finds one (p < %.2f) and the %.0f %% interval of the effect does not reach 1, or 0 if it is a difference.", record.Significant, 100*record.Confidence)

// A comparison is of one contestant with another in one unit.
type comparison struct {
	metric     metric
	own, rival record.Key
	// effect is the ratio of the two, taken round by round, above 1 where the
	// first is worse; of values that may be 0 the difference, above 0 there.
	effect  record.Summary
	p       float64 // of the Mann-Whitney test
	verdict verdict
}

// judge compares by the rule. ok is false if there is nothing to compare.
func (m metric) judge(r *record.Record, own, rival record.Key) (c comparison, ok bool) {
	c = comparison{metric: m, own: own, rival: rival}
	if m.minus {
		c.effect, ok = r.Difference(own, rival, m.unit)
	} else {
		c.effect, ok = r.Ratio(own, rival, m.unit)
	}
	var tells bool
	c.p, tells = r.Compare(own, rival, m.unit)
	switch neutral := m.neutral(); {
	case !tells:
		c.verdict = tooFew
	case c.effect.Lo <= neutral && neutral <= c.effect.Hi || c.p >= record.Significant:
		c.verdict = alike
	case c.effect.Center > neutral:
		c.verdict = worse
	case c.effect.Center < neutral:
		c.verdict = better
	}
	return c, ok
}

// toGo tells whether the comparison is with go.
func (c comparison) toGo() bool { return c.rival.Contestant == contest.Reference }

// where is the row's workload, and GOMAXPROCS where it is not that of the main table.
func (c comparison) where(r *record.Record) string {
	name := c.workload()
	if c.own.Procs != mainProcs(r) {
		name += fmt.Sprintf(" at GOMAXPROCS %d", c.own.Procs)
	}
	return name
}

func (c comparison) workload() string {
	if c.own.X != 0 {
		return fmt.Sprintf("%s x %.0f", c.own.Name, c.own.X)
	}
	return c.own.Name
}

// size is the effect in a sentence, with its unit.
func (c comparison) size() string {
	if c.metric.minus {
		return c.metric.effect(c.effect.Center) + " " + c.metric.as
	}
	return fold(c.effect.Center) + " times"
}

// fold shows how many times.
func fold(v float64) string {
	switch {
	case v >= 9.95:
		return fmt.Sprintf("%.0f", v)
	case v >= 1.995:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.2f", v)
	}
}

// interval shows one of effects; infinite ends have a sign already.
func interval(s record.Summary, show func(float64) string) string {
	return strings.NewReplacer("++Inf", "+∞", "-+Inf", "-∞", "Inf", "∞").Replace("[" + show(s.Lo) + ", " + show(s.Hi) + "]")
}

// contests lists all rows that can be compared, each against go and against the
// best other pool, by metric and effect.
func contests(r *record.Record) (all []comparison) {
	for _, m := range metrics {
		var found []comparison
		for _, g := range r.Groups(m.kind) {
			if m.kind == record.Tasks && isSweep(g) {
				continue
			}
			rivals := []record.Key{g.Of(contest.Reference)}
			if best, ok := m.best(r, g, m.isOther); ok {
				rivals = append(rivals, best)
			}
			for _, rival := range rivals {
				if c, ok := m.judge(r, g.Of(m.subject()), rival); ok {
					found = append(found, c)
				}
			}
		}
		slices.SortStableFunc(found, byEffect)
		all = append(all, found...)
	}
	return all
}

// byEffect has the greatest first.
func byEffect(a, b comparison) int { return cmp.Compare(b.effect.Center, a.effect.Center) }

// A score counts rows of one name.
type score struct {
	name     string
	won, few int          // few: with too few samples to tell
	of       int          // rows that could be told
	lost     []comparison // the greatest loss first
}

// scores counts rows by name, in the order in which names come; those without one are
// left out.
func scores(all []comparison, name func(comparison) string) (found []score) {
	for _, c := range all {
		n := name(c)
		if n == "" {
			continue
		}
		i := slices.IndexFunc(found, func(s score) bool { return s.name == n })
		if i < 0 {
			i = len(found)
			found = append(found, score{name: n})
		}
		s := &found[i]
		switch c.verdict {
		case tooFew:
			s.few++
			continue
		case better:
			s.won++
		case worse:
			s.lost = append(s.lost, c)
		}
		s.of++
	}
	for _, s := range found {
		slices.SortStableFunc(s.lost, byEffect)
	}
	return found
}
