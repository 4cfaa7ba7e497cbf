package page

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/lfpool/lfpool/bench/internal/chart"
	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/idle"
)

// aboutDay says what is played.
var aboutDay = fmt.Sprintf("%d deep tasks of 100 ms at once at %v; from %v on 40 deep tasks in work at a time, one new one a millisecond on average; from %v on a trickle of empty tasks, one a millisecond on average; silence from %v to %v; %d tasks at once again. The idle timeout is %v. Garbage is collected four times a second.",
	load.DayBurstTasks, load.DayBurst, load.DaySteady, load.DayTrickle, load.DaySilence, load.DaySecondBurst, load.DayBurstTasks, measure.DayTimeout)

// aboutFIFO says what by-age needs.
const aboutFIFO = "by-age supposes that workers wait in a queue, first in, first out. The slot for the worker that parked last, which lfpool has before its queue, keeps a trickle away from the queue. Hand-off (pool.WithHandOff) has no slot: there a trickle wakes one worker after the other, and by-age finds nobody old. Low-water asks how many were needed, and so does not depend on it."

// aboutRing says what the ring shows.
const aboutRing = "Needed and in vain are judged in hindsight as if workers were alike: each task takes the worker that parked last, and the one that parked first is ended. So a crowd that is woken in turn, where two would do, has been parked in vain. The worker in the slot is not counted while it stands there."

// policyName is how the tables call a contestant.
func policyName(contestant string) string {
	for _, p := range contest.Policies(nil) {
		if p.Contestant == contestant {
			if p.FIFO {
				return p.Rule + ", hand-off"
			}
			return p.Rule
		}
	}
	return contestant
}

// retention shows the day.
func retention(r *record.Record) []Table {
	var tables []Table
	for _, g := range r.Groups(record.Retention) {
		days := Table{
			Title: "A day in miniature, by the rule that ends parked workers",
			Head:  []string{"", "workers, most", "after the trickle", "started", "new worker, % of tasks", "empty after", "at the end", "MiB, mean", "after the trickle"},
			Notes: []string{aboutDay, aboutFIFO, fmt.Sprintf("One day each. Low-water's bound for emptying is %v, waits for a processor not counted.", idle.ShrinkBound(measure.DayTimeout))},
		}
		shares := Table{
			Title: "Worker-time of the day",
			Head:  []string{"", "worker-seconds", "in tasks, %", "parked, needed later, %", "parked in vain, %"},
			Notes: []string{aboutRing},
		}
		for _, c := range r.Contestants(g) {
			k := g.Of(c)
			value := func(unit string) float64 { m, _ := r.Median(k, unit); return m.Center }
			empty := func(unit string) string {
				m, ok := r.Median(k, unit)
				if !ok {
					return "not"
				}
				return time.Duration(m.Center * float64(time.Second)).Round(10 * time.Millisecond).String()
			}
			days.Rows = append(days.Rows, []string{policyName(c), count(value(measure.WorkersPeak)), count(value(measure.WorkersAfter)), count(value(measure.Started)),
				digits(value(measure.FreshShare)), empty(measure.EmptySilence), empty(measure.EmptyEnd), digits(value(measure.MiBMean)), digits(value(measure.MiBAfter))})
			row := []string{policyName(c)}
			parts, whole := partsOf(r, k)
			row = append(row, fmt.Sprintf("%.0f", whole))
			for _, v := range parts {
				row = append(row, fmt.Sprintf("%.0f", 100*v/whole))
			}
			shares.Rows = append(shares.Rows, row)
		}
		tables = append(tables, days, shares)
	}
	return tables
}

// Parts of worker-time.
var (
	partUnits = []string{measure.BusySeconds, measure.NeededSeconds, measure.VainSeconds}
	partNames = []string{"in tasks", "parked, needed later", "parked in vain"}
)

func partsOf(r *record.Record, k record.Key) (parts []float64, whole float64) {
	for _, unit := range partUnits {
		m, _ := r.Median(k, unit)
		parts = append(parts, m.Center)
		whole += m.Center
	}
	return parts, whole
}

// retention draws workers over time for each policy, and memory and workers
// started for all.
func (d *drawing) retention() section {
	s := section{ID: "retention", Title: "How long parked workers are kept", Intro: aboutDay + " Grey: workers that are not parked.", Tables: retention(d.r)}
	var who []string
	for _, day := range d.r.Days {
		who = append(who, policyName(day.Contestant))
	}
	who = append([]string{"not parked"}, who...)
	x := chart.Axis{Label: "seconds", At: []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}}
	var most int
	for _, day := range d.r.Days {
		most = max(most, slices.Max(day.Workers))
	}
	var memory, started []chart.Series
	for _, day := range d.r.Days {
		name := policyName(day.Contestant)
		style := d.style(name, who)
		series := func(y []int, unit float64) chart.Series {
			line := chart.Series{Name: name, Style: style, X: day.Seconds}
			for _, v := range y {
				line.Y = append(line.Y, float64(v)/unit)
			}
			return line
		}
		running := series(day.Running, 1)
		running.Style = d.style("not parked", who)
		s.Plots = append(s.Plots, d.keep(chart.Lines("workers: "+name, x, chart.Axis{Label: "workers", Format: integer, Top: float64(most)}, []chart.Series{series(day.Workers, 1), running})))
		sum := make([]int, len(day.StackKiB))
		for i := range sum {
			sum[i] = day.StackKiB[i] + day.HeapKiB[i]
		}
		memory = append(memory, series(sum, 1024))
		started = append(started, series(day.Started, 1))
	}
	if len(s.Plots) > 0 {
		s.Key = d.key(who)
		s.Plots = append(s.Plots,
			d.keep(chart.Lines("stacks and heap in use", x, chart.Axis{Label: "MiB"}, memory)),
			d.keep(chart.Lines("workers started so far", x, chart.Axis{Label: "workers", Format: integer}, started)))
	}
	return s
}

func integer(v float64) string { return strconv.FormatFloat(v, 'f', 0, 64) }

// ring draws where workers' time went, a ring for each policy.
func (d *drawing) ring() section {
	s := section{ID: "ring", Title: "Where workers' time went", Intro: "The day's worker-time, by rule; the area of a ring is in proportion to the whole, its parts follow from the top on in the order of the key. " + aboutRing}
	colours := []int{2, 3, 1} // in vain stands out
	for i, name := range partNames {
		s.Key = append(s.Key, keyEntry{name, d.keep(chart.Swatch(chart.StyleOf(colours[i])))})
	}
	for _, g := range d.r.Groups(record.Retention) {
		var greatest float64
		for _, c := range d.r.Contestants(g) {
			_, whole := partsOf(d.r, g.Of(c))
			greatest = max(greatest, whole)
		}
		for _, c := range d.r.Contestants(g) {
			parts, whole := partsOf(d.r, g.Of(c))
			var slices []chart.Slice
			for i, v := range parts {
				slices = append(slices, chart.Slice{Color: chart.StyleOf(colours[i]).Color, Value: v})
			}
			s.Plots = append(s.Plots, d.keep(chart.Ring(fmt.Sprintf("%s: %.0f worker-seconds", policyName(c), whole), slices, whole/greatest)))
		}
	}
	return s
}

// stackTables are the measurements of stacks.
var stackTables = []struct{ name, title string }{
	{measure.WithoutCollections, "the collector off"},
	{measure.WithCollections, fmt.Sprintf("a collection every %d tasks of each worker", measure.CollectEvery)},
}

// replacement shows the stacks of workers that are replaced, and what it costs.
func replacement(r *record.Record) []Table {
	var tables []Table
	groups := r.Groups(record.Replacement)
	for _, c := range stackTables {
		marks := only(groups, func(g record.Key) bool { return g.Name == c.name })
		if len(marks) == 0 {
			continue
		}
		t := Table{Title: fmt.Sprintf("KiB of stacks for each of %d workers after one deep task each and so many shallow ones, %s", measure.ReplacedWorkers, c.title), Head: []string{"replaced after"}}
		for _, g := range marks {
			t.Head = append(t.Head, fmt.Sprintf("%.0f", g.X))
		}
		t.Head = append(t.Head, "n")
		for _, n := range contest.Replacements {
			row := []string{replacedAfter(n)}
			found := 0 // samples
			for _, g := range marks {
				m, ok := r.Median(g.Of(contest.Replaced(n)), record.StackKiB)
				if ok {
					found = max(found, m.N)
				}
				row = append(row, digits(m.Center))
			}
			if found > 0 {
				t.Rows = append(t.Rows, append(row, strconv.Itoa(found)))
			}
		}
		tables = append(tables, t)
	}
	for _, g := range only(groups, func(g record.Key) bool { return g.Name == "burst100" }) {
		t := Table{
			Title: fmt.Sprintf("What replacing workers costs: %s, GOMAXPROCS %d", g.Name, g.Procs),
			Head:  []string{"replaced after", "ns/task", "±", "x never", "95 % interval", "CPU ns/task", "B/task", "n"},
		}
		for _, c := range r.Contestants(g) {
			k := g.Of(c)
			ns, _ := r.Median(k, record.NsOp)
			bytes, _ := r.Median(k, record.BytesOp)
			name := c
			for _, n := range contest.Replacements {
				if contest.Replaced(n) == c {
					name = replacedAfter(n)
				}
			}
			m, ok := r.Ratio(k, k.Of(contest.Subject), record.NsOp)
			row := []string{name, nanoseconds(ns.Center), ns.Bound(), ratio(m, ok), "-", processorTime(r, k, nanoseconds), count(bytes.Center), strconv.Itoa(ns.N)}
			if ok {
				row[4] = interval(m)
			}
			t.Rows = append(t.Rows, row)
		}
		tables = append(tables, t)
	}
	return tables
}

func replacedAfter(n int) string {
	if n == 0 {
		return "never"
	}
	return fmt.Sprintf("%d tasks", n)
}

// replacement draws stacks over tasks.
func (d *drawing) replacement() section {
	s := section{ID: "replacement", Title: "Replacing workers after some tasks", Tables: replacement(d.r),
		Intro: "pool.WithMaxTasksPerWorker: the stacks of 100 workers, of which each runs one deep task and then only shallow ones, 100 at a time. A collection halves a stack that is used to less than a quarter; a fresh worker has a small one at once. What it costs is measured on burst100, beside go."}
	var who []string
	for _, n := range contest.Replacements {
		who = append(who, replacedAfter(n))
	}
	for _, of := range stackTables {
		var lines []chart.Series
		for _, n := range contest.Replacements {
			line := chart.Series{Name: replacedAfter(n), Style: chart.StyleOf(1 + slices.Index(who, replacedAfter(n)))}
			for _, g := range only(d.r.Groups(record.Replacement), func(g record.Key) bool { return g.Name == of.name }) {
				if m, ok := d.r.Median(g.Of(contest.Replaced(n)), record.StackKiB); ok {
					add(&line, g.X+1, m.Center, m.Lo, m.Hi)
				}
			}
			if len(line.X) > 0 {
				lines = append(lines, line)
			}
		}
		if len(lines) > 0 {
			s.Plots = append(s.Plots, d.keep(chart.Lines(of.title, chart.Axis{Label: "tasks of each worker, the deep one too", Log: true}, chart.Axis{Label: "KiB a worker", Log: true}, lines)))
		}
	}
	if len(s.Plots) > 0 {
		for i, name := range who {
			s.Key = append(s.Key, d.line(name, chart.StyleOf(1+i)))
		}
	}
	return s
}
