package page

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// An occasion is a kind of load, in words: what its workloads have in common, and
// when a program has it.
type occasion struct {
	words, when string
	workloads   []string
}

var occasions = []occasion{
	{"a task alone", "one goroutine submits a shallow task, waits for it, and submits the next", []string{"wait"}},
	{"bursts", "tasks come in bursts", []string{"burst100", "burst10k"}},
	{"producers", "many producers submit tasks", []string{"parallel"}},
	{callers, "callers that have nothing to do with each other, one a core, each wait for their own task", []string{"callers", "callers-2us", "callers-10us", "callers-fresh", "callers8", "ask"}},
	{"deep stacks", "tasks call deeply, so that their stacks grow (to 9 KiB here)", []string{"wait-deep", "burst100-deep", "parallel-deep", "burst10k-deep"}},
	{"tasks that sleep", "tasks sleep (1 ms here)", []string{"sleep1ms"}},
	{computing, "tasks compute for 10 us or more", []string{"json", "mixed"}},
	{"a cold flood of tasks that block", "many tasks block at once in a new pool", []string{"cold10k", "cold100k"}},
}

const (
	callers   = "callers that wait"
	computing = "tasks that compute"
)

// besideGo compares what was measured of an occasion.
func (o occasion) besideGo(r *record.Record, unit string) (found []comparison) {
	m := metric{kind: record.Tasks, unit: unit}
	for _, g := range mainGroups(r) {
		if c, ok := m.judge(r, g.Of(contest.Subject), g.Of(contest.Reference)); ok && slices.Contains(o.workloads, g.Name) {
			found = append(found, c)
		}
	}
	return found
}

// Learnt says in three lines at most what a record tells: lfpool's time and its
// processor time beside go, and how it stands beside other pools and in what else was
// measured. A line that has nothing to say is left out.
func Learnt(r *record.Record) (lines []string) {
	for _, unit := range []string{record.NsOp, record.CPUOp} {
		var said []string
		for _, o := range occasions {
			if found := o.besideGo(r, unit); len(found) > 0 {
				said = append(said, o.words+": "+phrase(found))
			}
		}
		if len(said) > 0 {
			lines = append(lines, unitWords[unit]+" beside go: "+strings.Join(said, "; ")+".")
		}
	}
	if said := append(besideOthers(r), elsewhere(r)...); len(said) > 0 {
		lines = append(lines, sentenceOf(said))
	}
	return lines
}

func sentenceOf(said []string) string {
	text := strings.Join(said, "; ")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// phrase says by how much lfpool is cheaper or dearer, and in how many of the rows if
// not in all.
func phrase(all []comparison) string {
	var said []string
	for _, part := range []struct {
		verdict verdict
		words   string
	}{{worse, "%s times dearer"}, {better, "%s times cheaper"}, {alike, "no difference shown (%s)"}, {tooFew, "too few samples (%s)"}} {
		var ratios []float64
		for _, c := range all {
			switch {
			case c.verdict != part.verdict:
			case c.verdict == better:
				ratios = append(ratios, 1/c.effect.Center)
			default:
				ratios = append(ratios, c.effect.Center)
			}
		}
		if len(ratios) == 0 {
			continue
		}
		span := fold(slices.Min(ratios))
		if most := fold(slices.Max(ratios)); most != span {
			span += " to " + most
		}
		text := fmt.Sprintf(part.words, span)
		if len(ratios) < len(all) {
			text += fmt.Sprintf(" in %d of %d rows", len(ratios), len(all))
		}
		said = append(said, text)
	}
	return strings.Join(said, ", ")
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

// besideOthers counts, in time, against the pools under a lock and against the best
// of all others.
func besideOthers(r *record.Record) (said []string) {
	var all []contested
	m := metrics[0]
	for _, g := range mainGroups(r) {
		add := func(words string, rival record.Key) {
			if c, ok := m.judge(r, g.Of(contest.Subject), rival); ok {
				all = append(all, contested{comparison: c, metric: m, own: g.Of(words), rival: rival}) // own names the score
			}
		}
		add("a pool under a mutex", g.Of(contest.Mutex))
		add("a pool under a spinlock", g.Of(contest.Spinlock))
		if best, ok := m.best(r, g); ok {
			add("the best other pool of each row", best)
		}
	}
	for _, s := range scores(all, func(c contested) string { return c.own.Contestant }) {
		if s.of == 0 {
			continue
		}
		text := fmt.Sprintf("faster than %s in %d of %d rows", s.name, s.won, s.of)
		if s.lost > 0 {
			text += fmt.Sprintf(", slower in %d (at most %s, %s, %s)", s.lost, s.worst.effectWithUnit(), s.worst.where(), s.worst.rival.Contestant)
		}
		said = append(said, text)
	}
	return said
}

// elsewhere counts what lfpool loses to go in all but the times of the main table, and
// says the greatest loss of each metric.
func elsewhere(r *record.Record) (said []string) {
	main := mainGroups(r)
	var never []string
	for _, s := range scores(contests(r), func(c contested) string {
		times := c.own.Kind == record.Tasks && (c.metric.unit == record.NsOp || c.metric.unit == record.CPUOp)
		switch {
		case !c.toGo(), times && slices.Contains(main, c.own.Of("")):
			return ""
		case times && isHeadline(c.own.Name):
			return c.metric.what + " of other pools' headlines"
		case times:
			return c.metric.what + " at other GOMAXPROCS"
		default:
			return c.metric.what
		}
	}) {
		switch {
		case s.of == 0:
		case s.lost == 0:
			never = append(never, s.name)
		default:
			said = append(said, fmt.Sprintf("worse than go in %d of %d rows of %s (at most %s, %s)", s.lost, s.of, s.name, s.worst.effectWithUnit(), s.worst.where()))
		}
	}
	if len(never) > 0 {
		said = append(said, "worse than go in no row of "+strings.Join(never, ", "))
	}
	return said
}

// longTasks are those of the sweep over sizes that compute for 10 us or more.
func longTasks(r *record.Record) (found []comparison) {
	for _, g := range r.Groups(record.Tasks) {
		if c, ok := taskTime.judge(r, g.Of(contest.Subject), g.Of(contest.Reference)); ok && strings.HasPrefix(g.Name, load.SizeSweep) && g.X >= 10_000 {
			found = append(found, c)
		}
	}
	return found
}
