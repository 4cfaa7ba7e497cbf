package page

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// starts shows one table of start latencies for each arrival.
func starts(r *record.Record) []Table {
	var tables []Table
	for _, g := range r.Groups(record.Starts) {
		t := Table{
			Title: fmt.Sprintf("%s, GOMAXPROCS %d: %s", g.Name, g.Procs, r.Docs[g.Name]),
			Head:  []string{"", "p50 us", "±", "p99 us", "±", "p99.9 us", "p99 x go", "cores", "n"},
		}
		for _, c := range r.Contestants(g) {
			k := g.Of(c)
			p50, _ := r.Median(k, record.P50)
			p99, _ := r.Median(k, record.P99)
			p999, _ := r.Median(k, record.P999)
			cores, _ := r.Median(k, record.Cores)
			t.Rows = append(t.Rows, []string{c, microseconds(p50.Center), p50.Bound(), microseconds(p99.Center), p99.Bound(),
				microseconds(p999.Center), toReference(r, k, record.P99), fmt.Sprintf("%.2f", cores.Center), strconv.Itoa(p50.N)})
		}
		tables = append(tables, t)
	}
	return tables
}

// memory shows what a peak takes and leaves.
func memory(r *record.Record) []Table {
	var tables []Table
	for _, g := range r.Groups(record.Memory) {
		t := Table{
			Title: fmt.Sprintf("Live heap and stacks for %d tasks that block, beyond an unused pool; lfpool's idle timeout is %v here", measure.PeakTasks, measure.MemoryTimeout),
			Head:  []string{"", "B/blocked task", "goroutines after", "B/goroutine after", "shrunk in", "left, KiB"},
		}
		for _, c := range r.Contestants(g) {
			values := r.Cell(g.Of(c)).Values
			first := func(unit string) (float64, bool) {
				if len(values[unit]) == 0 {
					return 0, false
				}
				return values[unit][0], true
			}
			blocked, _ := first(measure.BytesBlocked)
			after, _ := first(measure.GoroutinesAfter)
			left, _ := first(measure.KiBLeft)
			each, shrunk := "-", fmt.Sprintf("not in %v", measure.ShrinkPatience)
			if v, ok := first(measure.BytesParked); ok {
				each = fmt.Sprintf("%.0f", v)
			}
			if v, ok := first(measure.ShrinkSeconds); ok {
				shrunk = time.Duration(v * float64(time.Second)).Round(10 * time.Millisecond).String()
			}
			t.Rows = append(t.Rows, []string{c, fmt.Sprintf("%.0f", blocked), fmt.Sprintf("%.0f", after), each, shrunk, fmt.Sprintf("%.0f", left)})
		}
		tables = append(tables, t)
	}
	return tables
}

// servers shows requests per second, latencies and processor time.
func servers(r *record.Record) []Table {
	var tables []Table
	for _, g := range r.Groups(record.Servers) {
		t := Table{
			Title: fmt.Sprintf("%s, GOMAXPROCS %d: %s", g.Name, g.Procs, r.Docs[g.Name]),
			Head:  []string{"", "requests/s", "±", "x go", "p50 us", "p99 us", "±", "CPU us/request", "n"},
		}
		for _, c := range r.Contestants(g) {
			k := g.Of(c)
			rate, _ := r.Median(k, record.Rate)
			p50, _ := r.Median(k, record.P50)
			p99, _ := r.Median(k, record.P99)
			cpu, _ := r.Median(k, record.CPUPerRequest)
			t.Rows = append(t.Rows, []string{c, digits(rate.Center), rate.Bound(), toReference(r, k, record.Rate), microseconds(p50.Center),
				microseconds(p99.Center), p99.Bound(), microseconds(cpu.Center), strconv.Itoa(rate.N)})
		}
		tables = append(tables, t)
	}
	return tables
}

// pairs shows net times of queue operations: queues by processors, a table for
// each length of other work and number of goroutines a processor, which is X.
func pairs(r *record.Record) []Table {
	groups := r.Groups(record.Pairs)
	type figure struct {
		name string
		each float64
	}
	var figures []figure
	for _, g := range groups {
		if f := (figure{g.Name, g.X}); !slices.Contains(figures, f) {
			figures = append(figures, f)
		}
	}
	var tables []Table
	for _, f := range figures {
		t := Table{
			Title: fmt.Sprintf("%s: net nanoseconds of an enqueue and a dequeue, %.0f goroutines a processor", f.name, f.each),
			Head:  []string{""},
		}
		var columns []record.Key
		var queues []string
		for _, g := range groups {
			if (figure{g.Name, g.X}) == f {
				columns = append(columns, g)
				t.Head = append(t.Head, fmt.Sprintf("%d procs", g.Procs), "±")
				for _, q := range r.Contestants(g) {
					if !slices.Contains(queues, q) {
						queues = append(queues, q)
					}
				}
			}
		}
		for _, q := range queues {
			row := []string{q}
			for _, g := range columns {
				m, ok := r.Median(g.Of(q), record.NetPair)
				if !ok {
					row = append(row, "-", "")
					continue
				}
				row = append(row, digits(m.Center), m.Bound())
			}
			t.Rows = append(t.Rows, row)
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
		Title: "Goroutines over time: a trickle throughout, 2000 tasks of 100 ms at once at 0.5 s; lfpool's idle timeout is " + measure.MemoryTimeout.String() + " here",
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

// sharing shows what false sharing costs, by itself.
func sharing(r *record.Record) []Table {
	var tables []Table
	for _, g := range r.Groups(record.Sharing) {
		t := Table{
			Title: fmt.Sprintf("False sharing: an atomic add to a counter of one's own, %d goroutines", g.Procs),
			Head:  []string{"", "ns", "±", "n"},
		}
		for _, c := range r.Contestants(g) {
			m, _ := r.Median(g.Of(c), record.NsOp)
			t.Rows = append(t.Rows, []string{c, digits(m.Center), m.Bound(), strconv.Itoa(m.N)})
		}
		tables = append(tables, t)
	}
	return tables
}
