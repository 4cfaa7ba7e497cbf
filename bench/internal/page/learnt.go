package page

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// A family of workloads has one thing in common, which words can say.
type workloadFamily struct {
	words     string
	workloads []string
}

var workloadFamilies = []workloadFamily{
	{"a task alone", []string{"wait"}},
	{"bursts", []string{"burst100", "burst10k"}},
	{"producers", []string{"parallel"}},
	{"callers that wait", []string{"callers", "callers-2us", "callers-10us", "callers-fresh", "callers8", "ask"}},
	{"deep stacks", []string{"wait-deep", "burst100-deep", "parallel-deep", "burst10k-deep"}},
	{"tasks that sleep", []string{"sleep1ms"}},
	{"tasks that compute", []string{"json", "mixed"}},
	{"a cold flood of tasks that block", []string{"cold10k", "cold100k"}},
}

// Learnt says in three lines at most what a record tells: lfpool's time and its
// processor time beside go, and how it stands beside other pools and in what else was
// measured. A line that has nothing to say is left out.
func Learnt(r *record.Record) (lines []string) {
	groups := taskGroups(r)
	groups = only(groups, func(g record.Key) bool { return g.Procs == groups[0].Procs && isMain(g.Name) })
	add := func(head string, said []string) {
		if len(said) > 0 {
			lines = append(lines, head+strings.Join(said, "; ")+".")
		}
	}
	add("Time beside go: ", besideGo(r, groups, record.NsOp))
	add("Processor time beside go: ", besideGo(r, groups, record.CPUOp))
	others := besideOthers(r, groups)
	if other := elsewhere(r); len(other) > 0 {
		if len(others) > 0 {
			other[0] = "elsewhere " + other[0]
		}
		others = append(others, other...)
	}
	if len(others) > 0 {
		others[0] = strings.ToUpper(others[0][:1]) + others[0][1:]
	}
	add("", others)
	return lines
}

// besideGo has a phrase for each family that was measured.
func besideGo(r *record.Record, groups []record.Key, unit string) (said []string) {
	for _, f := range workloadFamilies {
		var found []comparison
		for _, g := range groups {
			if !slices.Contains(f.workloads, g.Name) {
				continue
			}
			m := metric{kind: record.Tasks, unit: unit}
			if c, ok := m.judge(r, g.Of(contest.Subject), g.Of(contest.Reference)); ok {
				found = append(found, c)
			}
		}
		if len(found) > 0 {
			said = append(said, f.words+": "+phrase(found))
		}
	}
	return said
}

// phrase says by how much lfpool is cheaper or dearer, and in how many of the rows if
// not in all.
func phrase(all []comparison) string {
	var said []string
	part := func(v verdict, say func(ratios []float64) string) {
		var ratios []float64
		for _, c := range all {
			if c.verdict == v {
				ratios = append(ratios, c.effect.Center)
			}
		}
		if len(ratios) == 0 {
			return
		}
		text := say(ratios)
		if len(ratios) < len(all) {
			text += fmt.Sprintf(" in %d of %d rows", len(ratios), len(all))
		}
		said = append(said, text)
	}
	part(worse, func(ratios []float64) string { return spanOf(ratios) + " times dearer" })
	part(better, func(ratios []float64) string {
		for i, v := range ratios {
			ratios[i] = 1 / v
		}
		return spanOf(ratios) + " times cheaper"
	})
	part(alike, func(ratios []float64) string { return "no difference shown (" + spanOf(ratios) + ")" })
	part(tooFew, func(ratios []float64) string { return "too few samples (" + spanOf(ratios) + ")" })
	return strings.Join(said, ", ")
}

// spanOf shows the least and the greatest of ratios, or one figure if they read alike.
func spanOf(ratios []float64) string {
	least, most := fold(slices.Min(ratios)), fold(slices.Max(ratios))
	if least == most {
		return most
	}
	return least + " to " + most
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
func besideOthers(r *record.Record, groups []record.Key) (said []string) {
	m := metric{kind: record.Tasks, unit: record.NsOp, subject: contest.Subject}
	count := func(words string, rival func(g record.Key) (record.Key, bool)) {
		var won, lost, of int
		var worst comparison
		var where record.Key
		for _, g := range groups {
			k, ok := rival(g)
			if !ok {
				continue
			}
			c, ok := m.judge(r, g.Of(contest.Subject), k)
			if !ok || c.verdict == tooFew {
				continue
			}
			of++
			switch c.verdict {
			case better:
				won++
			case worse:
				lost++
				if c.effect.Center > worst.effect.Center {
					worst, where = c, k
				}
			}
		}
		if of == 0 {
			return
		}
		text := fmt.Sprintf("faster than %s in %d of %d rows", words, won, of)
		if lost > 0 {
			text += fmt.Sprintf(", slower in %d (at most %s times, %s, %s)", lost, fold(worst.effect.Center), where.Name, where.Contestant)
		}
		said = append(said, text)
	}
	named := func(contestant string) func(g record.Key) (record.Key, bool) {
		return func(g record.Key) (record.Key, bool) { return g.Of(contestant), r.Cell(g.Of(contestant)) != nil }
	}
	count("a pool under a mutex", named(contest.Mutex))
	count("a pool under a spinlock", named(contest.Spinlock))
	count("the best other pool of each row", func(g record.Key) (record.Key, bool) { return m.best(r, g) })
	return said
}

// elsewhere counts what lfpool loses to go in what is not the time of the main
// workloads, and says the greatest loss of each metric.
func elsewhere(r *record.Record) (said []string) {
	type score struct {
		lost, of int
		worst    contested
	}
	var order []string
	scores := map[string]*score{}
	for _, c := range contests(r) {
		main := c.own.Kind == record.Tasks && isMain(c.own.Name)
		if !c.toGo() || main || load.IsLimited(c.own.Name) || c.verdict == tooFew || c.metric.inBytes() {
			continue
		}
		name := c.metric.what
		if c.own.Kind == record.Tasks {
			name += " of other pools' headlines"
		}
		s := scores[name]
		if s == nil {
			s = new(score)
			scores[name] = s
			order = append(order, name)
		}
		s.of++
		if c.verdict == worse {
			s.lost++
			if c.effect.Center > s.worst.effect.Center {
				s.worst = c
			}
		}
	}
	var never []string
	for _, name := range order {
		s := scores[name]
		if s.lost == 0 {
			never = append(never, name)
			continue
		}
		said = append(said, fmt.Sprintf("worse than go in %d of %d rows of %s (at most %s, %s)", s.lost, s.of, name, s.worst.effectWithUnit(), s.worst.own.Name))
	}
	if len(never) > 0 {
		said = append(said, "worse than go in no row of "+strings.Join(never, ", "))
	}
	return said
}
