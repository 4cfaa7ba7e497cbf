package page

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/bench/internal/stat"
)

// A metric is a contest in one unit, in which less is better.
type metric struct {
	kind, unit string
	what       string // in titles and rows
	subject    string // whose losses are looked for
	minus      bool   // values may be 0 or less: compared by difference
	better     string // the unit that says the same more exactly, where it was measured; "" for none
	as         string // the unit that values are shown in
	digits     func(float64) string
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

// inBytes tells memory from time.
func (m metric) inBytes() bool { return m.as == "B" || m.as == "KiB" }

// best finds who has the best median in a group, apart from lfpool and go.
func (m metric) best(r *record.Record, g record.Key) (best record.Key, ok bool) {
	var value float64
	for _, c := range r.Contestants(g) {
		s, has := r.Median(g.Of(c), m.unit)
		if c == m.subject || c == contest.Reference || !has {
			continue
		}
		if !ok || s.Center < value {
			best, value, ok = g.Of(c), s.Center, true
		}
	}
	return best, ok
}

// A contested row is one in which lfpool stands against go or the best of the
// others.
type contested struct {
	comparison
	metric     metric
	own, rival record.Key
	ours, its  float64 // medians
	apart      bool    // at another GOMAXPROCS than the main table
}

// contests lists all rows that can be compared, each against go and against the
// best of the others. Pools with a limit on workers are compared with each other:
// go has none.
func contests(r *record.Record) (all []contested) {
	main := r.Host.Cores
	if groups := taskGroups(r); len(groups) > 0 {
		main = groups[0].Procs
	}
	for _, m := range metrics {
		for _, g := range r.Groups(m.kind) {
			own := g.Of(m.subject)
			ours, ok := r.Median(own, m.unit)
			if _, better := r.Median(own, m.better); isSweep(g.Name) || !ok || better {
				continue
			}
			var rivals []record.Key
			if !isLimited(g.Name) {
				rivals = append(rivals, g.Of(contest.Reference))
			}
			if best, ok := m.best(r, g); ok {
				rivals = append(rivals, best)
			}
			for _, rival := range rivals {
				c, ok := m.judge(r, own, rival)
				if its, has := r.Median(rival, m.unit); ok && has {
					all = append(all, contested{c, m, own, rival, ours.Center, its.Center, g.Procs != main})
				}
			}
		}
	}
	return all
}

// toGo tells whether the row is lfpool's against go.
func (c contested) toGo() bool { return c.rival.Contestant == contest.Reference }

// A score counts rows of one name.
type score struct {
	name           string
	won, lost, few int // few: with too few samples to tell
	of             int // rows that could be told
	worst          contested
}

// scores counts rows by name, in the order in which names come; those with none are
// left out.
func scores(all []contested, name func(contested) string) (found []score) {
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
		s.of++
		switch c.verdict {
		case better:
			s.won++
		case tooFew:
			s.of--
			s.few++
		case worse:
			s.lost++
			if s.lost == 1 || c.effect.Center > s.worst.effect.Center {
				s.worst = c
			}
		}
	}
	return found
}

// tally says how many rows are lost.
func (s score) tally() string {
	switch {
	case s.of+s.few == 0:
		return "-"
	case s.of == 0:
		return "too few samples"
	case s.few > 0:
		return fmt.Sprintf("%d of %d, %d too few samples", s.lost, s.of, s.few)
	default:
		return fmt.Sprintf("%d of %d", s.lost, s.of)
	}
}

// lossesOf sorts the rows: those that lfpool loses, the greatest loss of each metric
// first; those in which its median is worse, but the samples do not tell; and how
// many have too few samples to tell.
func lossesOf(all []contested) (lost, undecided []contested, few int) {
	for _, c := range all {
		switch {
		case c.verdict == worse:
			lost = append(lost, c)
		case c.verdict == alike && (c.metric.minus && c.effect.Center > 0 || !c.metric.minus && c.effect.Center > 1):
			undecided = append(undecided, c)
		case c.verdict == tooFew:
			few++
		}
	}
	metric := func(c contested) int {
		return slices.IndexFunc(metrics, func(m metric) bool { return m.what == c.metric.what })
	}
	slices.SortStableFunc(lost, func(a, b contested) int {
		return cmp.Or(metric(a)-metric(b), cmp.Compare(b.effect.Center, a.effect.Center))
	})
	return lost, undecided, few
}

// rule says when the samples tell.
var rule = fmt.Sprintf("The samples tell a difference where the Mann-Whitney test finds one (p < %.2f) and the %.0f %% interval of the effect does not reach 1, or 0 if it is a difference.", stat.Significant, 100*stat.Confidence)

// losses shows in one line for each metric, and for go and the best of the others,
// what lfpool loses, the greatest losses first. Bytes are in a table of their own, and
// each row with its interval in folded. compared is false if there was nothing to
// compare.
func losses(r *record.Record) (bySize, bytes Table, folded []Table, compared bool) {
	all := contests(r)
	lost, undecided, few := lossesOf(all)
	head := []string{"", "than", "at most", "rows", "which"}
	bySize = Table{Head: head, Words: true, Title: "Where " + contest.Subject + " is worse than go, or than the best of the others"}
	bytes = Table{Head: head, Words: true, Title: "Bytes in which " + contest.Subject + " is worse"}
	found := scores(all, func(c contested) string {
		if c.toGo() {
			return c.metric.what + "/go"
		}
		return c.metric.what + "/best other"
	})
	slices.SortStableFunc(found, func(a, b score) int { return cmp.Compare(b.worst.size(), a.worst.size()) })
	for _, s := range found {
		if s.lost == 0 {
			continue
		}
		what, than, _ := strings.Cut(s.name, "/")
		rows := slices.DeleteFunc(slices.Clone(lost), func(c contested) bool { return c.metric.what != what || c.toGo() != s.worst.toGo() })
		t := &bySize
		if s.worst.metric.inBytes() {
			t = &bytes
		}
		t.Rows = append(t.Rows, []string{what, than, s.worst.effectWithUnit(), s.tally(), listed(rows)})
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
		bySize.Notes = append(bySize.Notes, fmt.Sprintf("Rows in which the median is worse, but the samples do not tell: %d.", len(undecided)))
	}
	for _, of := range []struct {
		title string
		rows  []contested
	}{
		{"Each row in which " + contest.Subject + " is worse", lost},
		{"Rows in which " + contest.Subject + "'s median is worse, but the samples do not tell the two apart", undecided},
	} {
		t := Table{Title: of.title, Head: []string{"", "procs", "times", "", "95 % interval", "Mann-Whitney", "medians"}}
		for _, c := range of.rows {
			t.Rows = append(t.Rows, c.row())
		}
		if len(t.Rows) > 0 {
			folded = append(folded, t)
		}
	}
	return bySize, bytes, folded, len(all) > 0
}

// size is how many times worse: of differences, by the medians.
func (c contested) size() float64 {
	switch {
	case !c.metric.minus:
		return c.effect.Center
	case c.its <= 0: // more than nothing is the greatest loss
		return math.Inf(1)
	default:
		return c.ours / c.its
	}
}

// listed names rows of one metric with their effects, the first of them if they are many, and the
// rivals other than go.
func listed(rows []contested) string {
	const most = 4
	var names []string
	for i, c := range rows {
		if i == most && len(rows) > most+1 {
			return strings.Join(names, ", ") + fmt.Sprintf(" and %d more", len(rows)-most)
		}
		name := c.where() + " (" + c.times()
		if !c.toGo() {
			name += ", " + c.rival.Contestant
		}
		names = append(names, name+")")
	}
	return strings.Join(names, ", ")
}

// where is the row's workload.
func (c contested) where() string {
	name := c.own.Name
	if c.own.X != 0 {
		name += fmt.Sprintf(" x %.0f", c.own.X)
	}
	if c.apart {
		name += fmt.Sprintf(" at GOMAXPROCS %d", c.own.Procs)
	}
	return name
}

func (c contested) row() []string {
	name := c.own.Name
	if c.own.X != 0 {
		name += fmt.Sprintf(" x %.0f", c.own.X)
	}
	if c.metric.unit != record.NsOp {
		name += ", " + c.metric.what
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
	return bracket(fmt.Sprintf("[%.2f, %.2f]", c.effect.Lo, c.effect.Hi))
}

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
