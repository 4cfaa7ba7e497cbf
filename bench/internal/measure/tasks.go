package measure

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/internal/baseline"
)

// Tasks measures the time of a task.
type Tasks struct {
	Name  string
	Kind  string // of the cells; "" is record.Tasks
	Rows  []Row
	Procs []int         // GOMAXPROCS values; the rows are measured for each
	Count int           // samples of each contestant on each workload
	Total time.Duration // of one pass over the rows, as far as it can be kept
	// Longest bounds one sample, so that a small selection ends soon.
	Longest time.Duration
}

// Stage is the stage that takes the samples.
func (t Tasks) Stage() Stage {
	sample := sampleTime(t.Total, t.Longest, t.Count, t.Rows)
	var cost time.Duration
	for _, r := range t.Rows {
		cost += time.Duration(len(r.Contestants)) * r.cost(sample, t.Count)
	}
	return Stage{
		Name:     t.Name,
		Steps:    len(t.Procs) * len(t.Rows),
		Estimate: time.Duration(len(t.Procs)) * cost,
		Run:      t.run,
	}
}

func (t Tasks) run(ctx context.Context, rec *Recorder) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, procs := range t.Procs {
		runtime.GOMAXPROCS(procs)
		end := time.Now().Add(t.Total)
		for i, r := range t.Rows {
			rec.Step(r.step(procs, len(t.Procs) > 1))
			measureRow(ctx, t.kind(), r, procs, t.Count, sampleTime(time.Until(end), t.Longest, t.Count, t.Rows[i:]), rec)
			if ctx.Err() != nil {
				return
			}
			rec.Done()
		}
	}
}

func (t Tasks) kind() string { return cmp.Or(t.Kind, record.Tasks) }

// step names the row in the progress.
func (r Row) step(procs int, several bool) string {
	s := r.Workload.Name
	if r.Workload.X != 0 {
		s += fmt.Sprintf(" %.0f", r.Workload.X)
	}
	if several {
		s += fmt.Sprintf(" on %d", procs)
	}
	return s
}

// measureRow interleaves the contestants of one workload: in each round every
// contestant is sampled once, in an order drawn anew, so that whatever slows
// the machine for a while slows them alike, and so that none always follows
// the same other one. A pool lives through all rounds: its steady state is
// what is measured.
func measureRow(ctx context.Context, kind string, r Row, procs, count int, target time.Duration, rec *Recorder) {
	clean()
	entrants := make([]*entrant, len(r.Contestants))
	for i, c := range r.Contestants {
		if ctx.Err() != nil {
			return
		}
		e := enter(kind, c, r.Workload, procs)
		defer e.close()
		e.calibrate(target)
		entrants[i] = e
	}
	for round := range count {
		for _, i := range rand.Perm(len(entrants)) {
			if ctx.Err() != nil {
				return
			}
			e := entrants[i]
			rec.Add(e.key, round, e.iterations*e.Tasks, e.sample())
		}
		rec.Round()
	}
}

// clean reduces what earlier workloads left. Workers that are still parked
// keep their stacks, but each collection halves those that are mostly unused:
// after a few, they are as small as they were at first.
func clean() {
	for range 4 {
		runtime.GC()
	}
}

// An entrant is a contestant on one workload.
type entrant struct {
	load.Load
	key        record.Key
	pool       baseline.Pool
	iterations int // of a sample; set by calibrate
}

func enter(kind string, c baseline.Contestant, w load.Workload, procs int) *entrant {
	pool := c.New()
	return &entrant{
		key:  record.Key{Kind: kind, Name: w.Name, X: w.X, Procs: procs, Contestant: c.Name},
		Load: w.Bind(pool, procs),
		pool: pool,
	}
}

func (e *entrant) close() { Close(e.pool) }

// Close ends a pool that needs to be ended.
func Close(p baseline.Pool) {
	if c, ok := p.(interface{ Close() }); ok {
		c.Close()
	}
}

// calibrate finds how many iterations last about target. It is the warm-up
// too.
func (e *entrant) calibrate(target time.Duration) {
	e.Run(1) // brings up the workers
	for n := 1; ; {
		elapsed := max(e.time(n), 1)
		wanted := int(float64(n) * float64(target) / float64(elapsed))
		if elapsed >= target/4 {
			e.iterations = max(1, wanted)
			return
		}
		n = max(2*n, min(wanted/2, 100*n))
	}
}

func (e *entrant) time(n int) time.Duration {
	start := time.Now()
	e.Run(n)
	return time.Since(start)
}

// sample measures once. An unmeasured tenth goes first, and at least one whole
// iteration, while the workers of the contestant before this one come to rest.
// Processor time, bytes and allocations are those of the whole process meanwhile.
func (e *entrant) sample() map[string]float64 {
	e.Run(max(1, e.iterations/10))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	used := record.ProcessorTime()
	elapsed := e.time(e.iterations)
	used = record.ProcessorTime() - used
	runtime.ReadMemStats(&after)
	n := float64(e.iterations * e.Tasks)
	return map[string]float64{
		record.NsOp:     float64(elapsed.Nanoseconds()) / n,
		record.CPUOp:    float64(used.Nanoseconds()) / n,
		record.BytesOp:  float64(after.TotalAlloc-before.TotalAlloc) / n,
		record.AllocsOp: float64(after.Mallocs-before.Mallocs) / n,
	}
}
