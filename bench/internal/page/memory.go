package page

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// memory shows what a peak takes and leaves.
func memory(r *record.Record) []Table {
	var tables []Table
	for _, g := range r.Groups(record.Memory) {
		t := Table{
			Title: fmt.Sprintf("Live heap and stacks for %d tasks that block, beyond an unused pool; lfpool's idle timeout is %v here", measure.PeakTasks, measure.MemoryTimeout),
			Head:  []string{"", "B/blocked task", "±", "goroutines after", "B/goroutine after", "shrunk in", "left, KiB", "n"},
		}
		for _, c := range r.Contestants(g) {
			k := g.Of(c)
			blocked, _ := r.Median(k, measure.BytesBlocked)
			after, _ := r.Median(k, measure.GoroutinesAfter)
			left, _ := r.Median(k, measure.KiBLeft)
			each, shrunk := "-", fmt.Sprintf("not in %v", measure.ShrinkPatience)
			if m, ok := r.Median(k, measure.BytesParked); ok && after.Center > 0 {
				each = fmt.Sprintf("%.0f", m.Center)
			}
			if m, ok := r.Median(k, measure.ShrinkSeconds); ok {
				shrunk = time.Duration(m.Center * float64(time.Second)).Round(10 * time.Millisecond).String()
				if m.N < blocked.N {
					shrunk += fmt.Sprintf(", %d of %d", m.N, blocked.N)
				}
			}
			t.Rows = append(t.Rows, []string{c, fmt.Sprintf("%.0f", blocked.Center), blocked.Bound(), fmt.Sprintf("%.0f", after.Center), each, shrunk, fmt.Sprintf("%.0f", left.Center), strconv.Itoa(blocked.N)})
		}
		tables = append(tables, t)
	}
	return tables
}

// traces says in words what the plot of workers over time shows.
func traces(r *record.Record) []Table {
	if len(r.Traces) == 0 {
		return nil
	}
	t := Table{
		Title: "Goroutines over time: a trickle throughout, 2000 tasks of 100 ms at once at 0.5 s; lfpool's idle timeout is " + measure.MemoryTimeout.String() + " here; n is 1",
		Head:  []string{"", "at the peak", "1 s", "2 s", "3 s", "at the end"},
	}
	for _, trace := range r.Traces {
		row := []string{trace.Contestant, strconv.Itoa(slices.Max(trace.Goroutines))}
		for _, at := range []float64{1, 2, 3} {
			i := slices.IndexFunc(trace.Seconds, func(s float64) bool { return s >= at })
			if i < 0 {
				row = append(row, "-")
				continue
			}
			row = append(row, strconv.Itoa(trace.Goroutines[i]))
		}
		t.Rows = append(t.Rows, append(row, strconv.Itoa(trace.Goroutines[len(trace.Goroutines)-1])))
	}
	return []Table{t}
}
