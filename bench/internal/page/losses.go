package page

import (
	"fmt"
	"math"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/bench/internal/stat"
)

// A metric is a contest in one unit: less is better, or more.
type metric struct {
	kind, unit string
	what       string // in titles and rows
	subject    string // whose losses are looked for
	more       bool
	minus      bool                 // values may be 0 or less: compared by difference
	better     string               // the unit that says the same more exactly, where it was measured; "" for none
	show       func(float64) string // a value, with its unit
}

// subjectQueue is the queue that lfpool is made of.
const subjectQueue = "seg"

// metrics are what losses are looked for in.
var metrics = []metric{
	{kind: record.Tasks, unit: record.NsOp, what: "time", subject: contest.Subject, show: in("ns", nanoseconds)},
	{kind: record.Tasks, unit: record.CPUOp, what: "processor time", subject: contest.Subject, show: in("ns", nanoseconds)},
	{kind: record.Tasks, unit: record.BytesOp, what: "bytes a task", subject: contest.Subject, minus: true, show: in("B", count)},
	{kind: record.Starts, unit: record.P50, what: "start p50", subject: contest.Subject, show: in("us", microseconds)},
	{kind: record.Starts, unit: record.P99, what: "start p99", subject: contest.Subject, show: in("us", microseconds)},
	{kind: record.Starts, unit: record.P999, what: "start p99.9", subject: contest.Subject, show: in("us", microseconds)},
	{kind: record.Starts, unit: record.CPUOp, what: "processor time, start latency", subject: contest.Subject, show: in("us", microseconds)},
	{kind: record.Starts, unit: record.Cores, what: "cores in use", better: record.CPUOp, subject: contest.Subject, show: in("cores", digits)},
	{kind: record.Servers, unit: record.Rate, what: "requests/s", subject: contest.Subject, more: true, show: in("requests/s", digits)},
	{kind: record.Servers, unit: record.P50, what: "request p50", subject: contest.Subject, show: in("us", microseconds)},
	{kind: record.Servers, unit: record.P99, what: "request p99", subject: contest.Subject, show: in("us", microseconds)},
	{kind: record.Servers, unit: record.CPUPerRequest, what: "CPU a request", subject: contest.Subject, show: in("us", microseconds)},
	{kind: record.Memory, unit: measure.BytesBlocked, what: "bytes a blocked task", subject: contest.Subject, show: in("B", count)},
	{kind: record.Memory, unit: measure.KiBLeft, what: "KiB left after the peak", subject: contest.Subject, minus: true, show: in("KiB", count)},
	{kind: record.Pairs, unit: record.NetPair, what: "net ns a pair", subject: subjectQueue, minus: true, show: in("ns", digits)},
}

func in(unit string, show func(float64) string) func(float64) string {
	return func(v float64) string { return show(v) + " " + unit }
}

// A contested row is one in which lfpool stands against go or the best of the
// others.
type contested struct {
	comparison
	metric     metric
	own, rival record.Key
	ours, its  float64 // medians
}

// contests lists all rows that can be compared, each against go and against the
// best of the others. Pools with a limit on workers are compared with each other:
// go has none.
func contests(r *record.Record) (all []contested) {
	for _, m := range metrics {
		for _, g := range r.Groups(m.kind) {
			own := g.Of(m.subject)
			ours, ok := r.Median(own, m.unit)
			if _, better := r.Median(own, m.better); isSweep(g.Name) || !ok || better {
				continue
			}
			var rivals []record.Key
			if reference := g.Of(contest.Reference); r.Cell(reference) != nil && !load.IsLimited(g.Name) {
				rivals = append(rivals, reference)
			}
			if best, ok := m.best(r, g); ok {
				rivals = append(rivals, best)
			}
			for _, rival := range rivals {
				c, ok := m.judge(r, own, rival)
				if its, has := r.Median(rival, m.unit); ok && has {
					all = append(all, contested{c, m, own, rival, ours.Center, its.Center})
				}
			}
		}
	}
	return all
}

// best finds who has the best median in a group, apart from lfpool and go.
func (m metric) best(r *record.Record, g record.Key) (best record.Key, ok bool) {
	var value float64
	for _, c := range r.Contestants(g) {
		s, has := r.Median(g.Of(c), m.unit)
		if c == m.subject || c == contest.Reference || !has {
			continue
		}
		if !ok || s.Center < value && !m.more || s.Center > value && m.more {
			best, value, ok = g.Of(c), s.Center, true
		}
	}
	return best, ok
}

// losses lists where lfpool is worse than go, or than the best of the others;
// apart from it, the rows in which the samples do not tell the two apart. It
// comes first on every page. compared is false if there was nothing to compare.
func losses(r *record.Record) (t, undecided Table, compared bool) {
	few := 0
	for _, c := range contests(r) {
		compared = true
		switch {
		case c.verdict == worse:
			t.Rows = append(t.Rows, c.row())
		case c.verdict == alike && c.medianIsWorse():
			undecided.Rows = append(undecided.Rows, c.row())
		case c.verdict == tooFew:
			few++
		}
	}
	t.Head = []string{"", "procs", "times", "", "95 % interval", "Mann-Whitney", "medians"}
	undecided.Head = t.Head
	t.Title = "Where " + contest.Subject + " is worse than go, or than the best of the others"
	switch {
	case len(t.Rows) > 0:
	case few > 0:
		t.Title = "Too few samples to tell where " + contest.Subject + " is worse"
	default:
		t.Title = contest.Subject + " is not worse in any row measured, by more than the samples spread"
	}
	if few > 0 {
		t.Notes = []string{fmt.Sprintf("Comparisons with too few samples to tell: %d.", few)}
	}
	undecided.Title = "Rows in which " + contest.Subject + "'s median is worse, but the samples do not tell the two apart"
	return t, undecided, compared
}

// medianIsWorse, by however little.
func (c contested) medianIsWorse() bool {
	if c.metric.minus {
		return c.effect.Center > 0
	}
	return c.effect.Center > 1
}

// name is that of the row: the time of a task has the workload's alone.
func (c contested) name() string {
	name := c.own.Name
	if c.own.X != 0 {
		name += fmt.Sprintf(" x %.0f", c.own.X)
	}
	if c.metric.unit != record.NsOp {
		name += ", " + c.metric.what
	}
	return name
}

func (c contested) row() []string {
	return []string{c.name(), fmt.Sprint(c.own.Procs), c.times(), c.rival.Contestant, c.interval(), probability(c.p),
		fmt.Sprintf("%s, not %s", c.metric.show(c.ours), c.metric.show(c.its))}
}

// times is the effect: a ratio, or a difference with its sign.
func (c contested) times() string {
	if c.metric.minus {
		return signed(c.effect.Center)
	}
	return fmt.Sprintf("%.2f", c.effect.Center)
}

func (c contested) interval() string {
	if c.metric.minus {
		return bracket("[" + signed(c.effect.Lo) + ", " + signed(c.effect.Hi) + "]")
	}
	return interval(c.effect)
}

// signed shows a difference with three digits, or all before the point.
func signed(v float64) string {
	if math.Abs(v) >= 1000 {
		return fmt.Sprintf("%+.0f", v)
	}
	return fmt.Sprintf("%+.3g", v)
}

func interval(s stat.Summary) string { return bracket(fmt.Sprintf("[%.2f, %.2f]", s.Lo, s.Hi)) }

func probability(p float64) string {
	if p < 0.0005 {
		return "p<0.001"
	}
	return fmt.Sprintf("p=%.3f", p)
}

func bracket(s string) string { return strings.ReplaceAll(s, "Inf", "∞") }
