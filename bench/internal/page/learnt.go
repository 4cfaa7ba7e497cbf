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
	{"callers that wait", "callers that have nothing to do with each other, one a core, each wait for their own task", []string{"callers", "callers-2us", "callers-10us", "callers-fresh", "callers8", "ask"}},
	{"deep stacks", "tasks call deeply, so that their stacks grow (to 9 KiB here)", []string{"wait-deep", "burst100-deep", "parallel-deep", "burst10k-deep"}},
	{"tasks that sleep", "tasks sleep (1 ms here)", []string{"sleep1ms"}},
	{computing, "tasks compute for 10 us or more", []string{"json", "mixed"}},
	{"a cold flood of tasks that block", "many tasks block at once in a new pool", []string{"cold10k", "cold100k"}},
}

const computing = "tasks that compute"

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
	said := besideOthers(r)
	lost, of := 0, 0
	for _, s := range elsewhere(r) {
		lost, of = lost+len(s.lost), of+s.of
	}
	if of > 0 {
		said = append(said, fmt.Sprintf("worse than go in %d of %d rows of all else, bytes too", lost, of))
	}
	if len(said) > 0 {
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

// besideOthers counts, in time, against the pools under a lock and against the best
// of all others.
func besideOthers(r *record.Record) (said []string) {
	m := metrics[0]
	for _, of := range []struct {
		words string
		rival func(g record.Key) (record.Key, bool)
	}{
		{"a pool under a mutex", func(g record.Key) (record.Key, bool) { return g.Of(contest.Mutex), true }},
		{"a pool under a spinlock", func(g record.Key) (record.Key, bool) { return g.Of(contest.Spinlock), true }},
		{"the best other pool of each row", func(g record.Key) (record.Key, bool) { return m.best(r, g, contest.Subject, contest.Reference) }},
	} {
		var all []comparison
		for _, g := range mainGroups(r) {
			if rival, ok := of.rival(g); ok {
				if c, ok := m.judge(r, g.Of(contest.Subject), rival); ok {
					all = append(all, c)
				}
			}
		}
		for _, s := range scores(all, func(comparison) string { return of.words }) {
			if s.of == 0 {
				continue
			}
			text := fmt.Sprintf("faster than %s in %d of %d rows", s.name, s.won, s.of)
			if len(s.lost) > 0 {
				text += fmt.Sprintf(", slower in %d (at most %s, %s, %s)", len(s.lost), s.lost[0].size(), s.lost[0].where(r), s.lost[0].rival.Contestant)
			}
			said = append(said, text)
		}
	}
	return said
}

// elsewhere counts what lfpool loses to go in all but the times of the main table.
func elsewhere(r *record.Record) []score {
	main := mainGroups(r)
	return scores(contests(r), func(c comparison) string {
		times := c.own.Kind == record.Tasks && unitWords[c.metric.unit] != ""
		switch {
		case !c.toGo(), times && slices.Contains(main, c.own.Of("")):
			return ""
		case times:
			return c.metric.what + " at other GOMAXPROCS"
		default:
			return c.metric.what
		}
	})
}

// lostElsewhere says in what, and how much at most; where, the table of losses says.
func lostElsewhere(r *record.Record) (said []string) {
	var lost, never []string
	for _, s := range elsewhere(r) {
		switch {
		case s.of == 0:
		case len(s.lost) == 0:
			never = append(never, s.name)
		default:
			lost = append(lost, fmt.Sprintf("%d of %d rows of %s (at most %s)", len(s.lost), s.of, s.name, s.lost[0].size()))
		}
	}
	if len(lost) > 0 {
		said = append(said, "worse than go in "+strings.Join(lost, ", "))
	}
	if len(never) > 0 {
		said = append(said, "worse than go in no row of "+strings.Join(never, ", "))
	}
	return said
}

// choices are the occasions in which lfpool is faster in every row of the record, and all
// others: go needs no library.
func choices(r *record.Record) (pays, not []string) {
	for _, o := range occasions {
		times, processor := o.besideGo(r, record.NsOp), o.besideGo(r, record.CPUOp)
		if o.words == computing {
			for _, g := range r.Groups(record.Tasks) {
				if c, ok := taskTime.judge(r, g.Of(contest.Subject), g.Of(contest.Reference)); ok && strings.HasPrefix(g.Name, load.SizeSweep) && g.X >= 10_000 {
					times = append(times, c)
				}
			}
		}
		if len(times) == 0 {
			continue
		}
		line := o.when + ": " + phrase(times)
		if len(processor) > 0 {
			line += "; processor time " + phrase(processor)
		}
		if slices.ContainsFunc(times, func(c comparison) bool { return c.verdict != better }) {
			not = append(not, line)
		} else {
			pays = append(pays, line)
		}
	}
	return pays, not
}
