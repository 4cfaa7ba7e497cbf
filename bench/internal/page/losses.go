package page

import (
	"cmp"
	"fmt"
	"slices"
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
	as         string               // the unit that values are shown in
	digits     func(float64) string // a value in it
}

// subjectQueue is the queue that lfpool is made of.
const subjectQueue = "seg"

// metrics are what losses are looked for in.
var metrics = []metric{
	{kind: record.Tasks, unit: record.NsOp, what: "time", subject: contest.Subject, as: "ns", digits: nanoseconds},
	{kind: record.Tasks, unit: record.CPUOp, what: "processor time", subject: contest.Subject, as: "ns", digits: nanoseconds},
	{kind: record.Tasks, unit: record.BytesOp, what: "bytes a task", subject: contest.Subject, minus: true, as: "B", digits: count},
	{kind: record.Starts, unit: record.P50, what: "start p50", subject: contest.Subject, as: "us", digits: microseconds},
	{kind: record.Starts, unit: record.P99, what: "start p99", subject: contest.Subject, as: "us", digits: microseconds},
	{kind: record.Starts, unit: record.P999, what: "start p99.9", subject: contest.Subject, as: "us", digits: microseconds},
	{kind: record.Starts, unit: record.CPUOp, what: "processor time beside an open loop", subject: contest.Subject, as: "us", digits: microseconds},
	{kind: record.Starts, unit: record.Cores, what: "cores in use", better: record.CPUOp, subject: contest.Subject, as: "cores", digits: digits},
	{kind: record.Lateness, unit: record.P50, what: "lateness p50", subject: contest.Subject, minus: true, as: "us", digits: microseconds},
	{kind: record.Lateness, unit: record.P99, what: "lateness p99", subject: contest.Subject, minus: true, as: "us", digits: microseconds},
	{kind: record.Lateness, unit: record.CPUOp, what: "processor time of neighbours", subject: contest.Subject, as: "ns", digits: nanoseconds},
	{kind: record.Servers, unit: record.Rate, what: "requests/s", subject: contest.Subject, more: true, as: "requests/s", digits: digits},
	{kind: record.Servers, unit: record.P50, what: "request p50", subject: contest.Subject, as: "us", digits: microseconds},
	{kind: record.Servers, unit: record.P99, what: "request p99", subject: contest.Subject, as: "us", digits: microseconds},
	{kind: record.Servers, unit: record.CPUPerRequest, what: "CPU a request", subject: contest.Subject, as: "us", digits: microseconds},
	{kind: record.Tasks, unit: measure.BytesBlocked, what: "bytes a blocked task", subject: contest.Subject, as: "B", digits: count},
	{kind: record.Memory, unit: measure.BytesBlocked, what: "bytes a blocked task", subject: contest.Subject, as: "B", digits: count},
	{kind: record.Memory, unit: measure.KiBLeft, what: "KiB left after the peak", subject: contest.Subject, minus: true, as: "KiB", digits: count},
	{kind: record.Pairs, unit: record.NetPair, what: "net ns a pair", subject: subjectQueue, minus: true, as: "ns", digits: digits},
}

// show is a value with its unit.
func (m metric) show(v float64) string { return m.digits(v) + " " + m.as }

// delta is a difference with its sign, without its unit.
func (m metric) delta(v float64) string {
	if v < 0 {
		return "-" + m.digits(-v)
	}
	return "+" + m.digits(v)
}

// A contested row is one in which lfpool stands against go or the best of the
// others.
type contested struct {
	comparison
	metric     metric
	own, rival record.Key
	ours, its  float64 // medians
	manyProcs  bool    // the record has the kind at several values of GOMAXPROCS
}

// contests lists all rows that can be compared, each against go and against the
// best of the others. Pools with a limit on workers are compared with each other:
// go has none.
func contests(r *record.Record) (all []contested) {
	for _, m := range metrics {
		groups := r.Groups(m.kind)
		manyProcs := len(procsOf(groups)) > 1
		for _, g := range groups {
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
					all = append(all, contested{c, m, own, rival, ours.Center, its.Center, manyProcs})
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

// toGo tells whether the row is lfpool's against go.
func (c contested) toGo() bool { return c.rival.Contestant == contest.Reference }

// lossesOf sorts the rows: those that lfpool loses, the greatest loss of each metric
// first; those in which its median is worse, but the samples do not tell; and how
// many have too few samples to tell.
func lossesOf(all []contested) (lost, undecided []contested, few int) {
	for _, c := range all {
		switch {
		case c.verdict == worse:
			lost = append(lost, c)
		case c.verdict == alike && c.medianIsWorse():
			undecided = append(undecided, c)
		case c.verdict == tooFew:
			few++
		}
	}
	var order []string
	for _, c := range lost {
		if !slices.Contains(order, c.metric.what) {
			order = append(order, c.metric.what)
		}
	}
	slices.SortStableFunc(lost, func(a, b contested) int {
		return cmp.Or(
			slices.Index(order, a.metric.what)-slices.Index(order, b.metric.what),
			cmp.Compare(b.effect.Center, a.effect.Center))
	})
	return lost, undecided, few
}

// rule says when the samples tell.
var rule = fmt.Sprintf("The samples tell a difference where the Mann-Whitney test finds one (p < %.2f) and the %.0f %% interval of the effect does not reach 1, or 0 if it is a difference.", stat.Significant, 100*stat.Confidence)

// losses shows in one line each what lfpool loses by about as much, in one metric, to
// go or to the best of the others. Bytes are in a table of their own, and each row
// with its interval in folded. compared is false if there was nothing to compare.
func losses(r *record.Record) (bySize, bytes Table, folded []Table, compared bool) {
	all := contests(r)
	lost, undecided, few := lossesOf(all)
	head := []string{"", "what", "than", "rows", "which"}
	bySize = Table{Head: head, Words: true, Title: "Where " + contest.Subject + " is worse than go, or than the best of the others, by size"}
	bytes = Table{Head: head, Words: true, Title: "Bytes in which " + contest.Subject + " is worse"}
	for _, g := range groupLosses(lost) {
		if g.metric.inBytes() {
			bytes.Rows = append(bytes.Rows, g.row(all))
		} else {
			bySize.Rows = append(bySize.Rows, g.row(all))
		}
	}
	switch {
	case len(lost) > 0 && len(bySize.Rows) == 0:
		bySize.Title = contest.Subject + " is worse in bytes only"
	case len(lost) > 0:
	case few > 0:
		bySize.Title = "Too few samples to tell where " + contest.Subject + " is worse"
	default:
		bySize.Title = contest.Subject + " is not worse in any row measured, by more than the samples spread"
	}
	if few > 0 {
		bySize.Notes = append(bySize.Notes, fmt.Sprintf("Comparisons with too few samples to tell: %d.", few))
	}
	if len(undecided) > 0 {
		bySize.Notes = append(bySize.Notes, fmt.Sprintf("The median is worse, but the samples do not tell, in %d: %s.", len(undecided), listed(undecided)))
	}
	details := []string{"", "procs", "times", "", "95 % interval", "Mann-Whitney", "medians"}
	for _, of := range []struct {
		title string
		rows  []contested
	}{
		{"Each row in which " + contest.Subject + " is worse", lost},
		{"Rows in which " + contest.Subject + "'s median is worse, but the samples do not tell the two apart", undecided},
	} {
		t := Table{Title: of.title, Head: details}
		for _, c := range of.rows {
			t.Rows = append(t.Rows, c.row())
		}
		if len(t.Rows) > 0 {
			folded = append(folded, t)
		}
	}
	return bySize, bytes, folded, len(all) > 0
}

// sizes are where one class of losses ends and the next begins, for ratios.
var sizes = []float64{1.05, 1.1, 1.2, 1.5, 2, 5, 10, 100}

// A lossGroup is rows of one metric in which lfpool loses about as much to the same
// kind of rival.
type lossGroup struct {
	metric metric
	toGo   bool
	class  int // in sizes, of ratios
	rows   []contested
}

// groupLosses puts the greatest losses first.
func groupLosses(lost []contested) (groups []lossGroup) {
	for _, c := range lost {
		class := -1
		if !c.metric.minus {
			class, _ = slices.BinarySearch(sizes, c.effect.Center)
		}
		i := slices.IndexFunc(groups, func(g lossGroup) bool {
			return g.metric.what == c.metric.what && g.toGo == c.toGo() && g.class == class
		})
		if i < 0 {
			i = len(groups)
			groups = append(groups, lossGroup{metric: c.metric, toGo: c.toGo(), class: class})
		}
		groups[i].rows = append(groups[i].rows, c)
	}
	slices.SortStableFunc(groups, func(a, b lossGroup) int { return b.rank() - a.rank() })
	return groups
}

// rank is the class. Differences have none, and rank by the ratio of the medians of
// the greatest; the first of all where the rival has nothing.
func (g lossGroup) rank() int {
	if !g.metric.minus {
		return g.class
	}
	if first := g.rows[0]; first.its > 0 {
		rank, _ := slices.BinarySearch(sizes, first.ours/first.its)
		return rank
	}
	return len(sizes)
}

// inBytes tells memory from time.
func (m metric) inBytes() bool { return m.as == "B" || m.as == "KiB" }

func (g lossGroup) row(all []contested) []string {
	of := 0 // rows that could be told
	for _, c := range all {
		if c.metric.what == g.metric.what && c.toGo() == g.toGo && c.verdict != tooFew {
			of++
		}
	}
	which := listed(g.rows)
	if of > 1 && len(g.rows) == of {
		which = "all: " + which
	}
	than := "go"
	if !g.toGo {
		than = "best other"
	}
	return []string{g.size(), g.metric.what, than, fmt.Sprintf("%d of %d", len(g.rows), of), which}
}

// size says by how much: the class of ratios, the range of differences.
func (g lossGroup) size() string {
	if g.metric.minus {
		most, least := g.metric.delta(g.rows[0].effect.Center), g.metric.delta(g.rows[len(g.rows)-1].effect.Center)
		if most == least {
			return most + " " + g.metric.as
		}
		return least + " to " + most + " " + g.metric.as
	}
	switch g.class {
	case 0:
		return "under " + plain(sizes[0]) + " times"
	case len(sizes):
		return plain(sizes[len(sizes)-1]) + " times and more"
	default:
		return plain(sizes[g.class-1]) + " to " + plain(sizes[g.class]) + " times"
	}
}

// listed names rows with their effects, the first of them if they are many, and the
// rivals other than go.
func listed(rows []contested) string {
	const most = 4
	oneMetric := !slices.ContainsFunc(rows, func(c contested) bool { return c.metric.what != rows[0].metric.what })
	var names []string
	for i, c := range rows {
		if i == most && len(rows) > most+1 {
			return strings.Join(names, ", ") + fmt.Sprintf(" and %d more", len(rows)-most)
		}
		name := c.own.Name
		if !oneMetric {
			name = c.name()
		}
		if c.own.X != 0 {
			name += fmt.Sprintf(" x %.0f", c.own.X)
		}
		if c.manyProcs {
			name += fmt.Sprintf(" on %d", c.own.Procs)
		}
		name += " (" + c.times()
		if !c.toGo() {
			name += ", " + c.rival.Contestant
		}
		names = append(names, name+")")
	}
	return strings.Join(names, ", ")
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
	if c.metric.unit == record.NsOp {
		return c.own.Name
	}
	return c.own.Name + ", " + c.metric.what
}

func (c contested) row() []string {
	name := c.name()
	if c.own.X != 0 {
		name += fmt.Sprintf(" x %.0f", c.own.X)
	}
	return []string{name, fmt.Sprint(c.own.Procs), c.times(), c.rival.Contestant, c.interval(), probability(c.p),
		fmt.Sprintf("%s, not %s", c.metric.show(c.ours), c.metric.show(c.its))}
}

// effectWithUnit is the effect in a sentence.
func (c contested) effectWithUnit() string {
	if c.metric.minus {
		return c.times() + " " + c.metric.as
	}
	return fold(c.effect.Center) + " times"
}

// times is the effect: a ratio, or a difference with its sign.
func (c contested) times() string {
	if c.metric.minus {
		return c.metric.delta(c.effect.Center)
	}
	return fmt.Sprintf("%.2f", c.effect.Center)
}

func (c contested) interval() string {
	if c.metric.minus {
		return bracket("[" + c.metric.delta(c.effect.Lo) + ", " + c.metric.delta(c.effect.Hi) + "]")
	}
	return interval(c.effect)
}

func interval(s stat.Summary) string { return bracket(fmt.Sprintf("[%.2f, %.2f]", s.Lo, s.Hi)) }

func probability(p float64) string {
	if p < 0.0005 {
		return "p<0.001"
	}
	return fmt.Sprintf("p=%.3f", p)
}

// bracket shows infinite ends, which have a sign already.
func bracket(s string) string {
	return strings.NewReplacer("++Inf", "+∞", "-+Inf", "-∞", "Inf", "∞").Replace(s)
}
