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
	{"a task alone", "one goroutine submits a shallow task and waits for it, over and over", []string{"wait"}},
	{"bursts and producers", "many tasks come at once, in bursts or from many producers", []string{"burst100", "burst10k", "parallel"}},
	{"callers that wait", "callers, one a core or eight, each submit a task and wait for it", []string{"callers", "callers-2us", "callers-10us", "callers-fresh", "callers8", "ask"}},
	{"deep stacks", "tasks call deeply, so that their stacks grow (to 9 KiB here)", []string{"wait-deep", "burst100-deep", "parallel-deep", "burst10k-deep"}},
	{"tasks that sleep", "tasks sleep (1 ms here)", []string{"sleep1ms"}},
	{computing, "tasks compute for 10 us or more", []string{"json", "mixed"}},
	{"a cold flood of tasks that block", "many tasks block at once in a new pool", []string{"cold10k", "cold100k"}},
}

const computing = "tasks that compute"

// besideGo are the comparisons with go of an occasion, in one unit, of all those given.
func (o occasion) besideGo(r *record.Record, all []comparison, unit string) (found []comparison) {
	for _, c := range all {
		if c.metric.unit == unit && c.toGo() && slices.Contains(o.workloads, c.own.Name) && c.own.Procs == mainProcs(r) {
			found = append(found, c)
		}
	}
	return found
}

// Learnt says in three lines at most what a record tells: lfpool's time and its
// processor time beside go, and how it stands beside other pools and in what else was
// measured. A line that has nothing to say is left out.
func Learnt(r *record.Record) (lines []string) {
	all := contests(r)
	for _, unit := range []string{record.NsOp, record.CPUOp} {
		var said []string
		for _, o := range occasions {
			if _, by := mostTell(o.besideGo(r, all, unit)); by != "" {
				said = append(said, o.words+": "+by)
			}
		}
		if len(said) > 0 {
			lines = append(lines, unitWords[unit]+" beside go: "+strings.Join(said, "; ")+".")
		}
	}
	if said := beside(r); len(said) > 0 {
		lines = append(lines, strings.Join(said, ". ")+".")
	}
	return lines
}

// beside says how lfpool stands, in time, beside pools under a lock and the best other pool
// of each row; and by how much at most it is worse than go in what is no time of a task.
// Where, the table of losses says.
func beside(r *record.Record) (said []string) {
	m := metrics[0]
	for _, of := range []struct{ words, rival string }{{"a mutex pool", contest.Mutex}, {"a spinlock pool", contest.Spinlock}, {"the best other pool of each row", ""}} {
		var all []comparison
		for _, g := range mainGroups(r) {
			k := g.Of(of.rival)
			if of.rival == "" {
				k, _ = m.best(r, g, m.isOther)
			}
			if c, ok := m.judge(r, g.Of(contest.Subject), k); ok {
				all = append(all, c)
			}
		}
		for _, s := range scores(all, func(comparison) string { return of.words }) {
			switch text := fmt.Sprintf("lfpool is faster than %s in %d of %d rows, slower in ", s.name, s.won, s.of); {
			case s.of == 0:
			case len(s.lost) == 0:
				said = append(said, text+"none")
			default:
				said = append(said, fmt.Sprintf("%s%d (at most %s: %s, %s)", text, len(s.lost), s.lost[0].size(), s.lost[0].where(r), s.lost[0].rival.Contestant))
			}
		}
	}
	var most []string
	for _, s := range scores(contests(r), func(c comparison) string {
		if !c.toGo() || c.own.Kind == record.Tasks && unitWords[c.metric.unit] != "" {
			return ""
		}
		return c.metric.what
	}) {
		if len(s.lost) > 0 {
			most = append(most, s.name+" (at most "+s.lost[0].size()+")")
		}
	}
	if len(most) > 0 {
		said = append(said, "Apart from times of tasks it is worse than go in "+strings.Join(most, ", "))
	}
	return said
}

// An advice has the loads for which to use lfpool, go, or either.
type advice struct {
	When  string
	Loads []string
}

// advices say of each occasion what its rows tell, and by how much: the median of their
// ratios. Of processor time only where it tells something else.
func advices(r *record.Record) []advice {
	advices := []advice{{When: "Use it when"}, {When: "Use `go` when"}, {When: "It makes no difference when"}}
	all := contests(r)
	for _, o := range occasions {
		times := o.besideGo(r, all, record.NsOp)
		if o.words == computing {
			for _, g := range r.Groups(record.Tasks) {
				if c, ok := taskTime.judge(r, g.Of(contest.Subject), g.Of(contest.Reference)); ok && strings.HasPrefix(g.Name, load.SizeSweep) && g.X >= 10_000 {
					times = append(times, c)
				}
			}
		}
		told, by := mostTell(times)
		line := o.when
		if told != alike {
			line += ": " + by
		}
		if processor, by := mostTell(o.besideGo(r, all, record.CPUOp)); processor != told && processor != tooFew {
			line += "; processor time: " + by
		}
		if at := slices.Index([]verdict{better, worse, alike}, told); at >= 0 {
			advices[at].Loads = append(advices[at].Loads, line)
		}
	}
	return slices.DeleteFunc(advices, func(a advice) bool { return len(a.Loads) == 0 })
}

// mostTell is worse if half of the rows are, for go needs no library, and better if more
// than half are. by has the median of all rows' effects: of the two in the middle, where
// their number is even, the one on the verdict's side.
func mostTell(all []comparison) (told verdict, by string) {
	rows := slices.DeleteFunc(slices.Clone(all), func(c comparison) bool { return c.verdict == tooFew })
	switch {
	case len(all) == 0:
		return tooFew, ""
	case len(rows) == 0:
		return tooFew, "too few samples"
	}
	slices.SortFunc(rows, byEffect)
	votes := map[verdict]int{}
	for _, c := range rows {
		votes[c.verdict]++
	}
	switch {
	case 2*votes[worse] >= len(rows):
		return worse, fold(rows[(len(rows)-1)/2].effect.Center) + " times dearer"
	case 2*votes[better] > len(rows):
		return better, fold(1/rows[len(rows)/2].effect.Center) + " times cheaper"
	default:
		return alike, "no difference shown"
	}
}
