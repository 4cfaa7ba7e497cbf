package main

import (
	"context"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/lfpool/lfpool/internal/baseline"
)

// A sample is one timed run of a contestant on a workload.
type sample struct {
	cell
	round   int
	tasks   int
	elapsed time.Duration
	bytes   uint64 // allocated by the whole process meanwhile
	allocs  uint64
}

// A cell names what is measured: a place in the tables.
type cell struct {
	procs                int
	workload, contestant string
}

// measure takes the plan's samples and hands them to rec. It returns early,
// between two samples, when ctx is cancelled.
func measure(ctx context.Context, p plan, rec *recorder) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, procs := range p.procs {
		runtime.GOMAXPROCS(procs)
		end := time.Now().Add(p.budget.total)
		for i, r := range p.rows {
			rec.begin(procs, i)
			target := p.sampleTime(time.Until(end), p.rows[i:])
			measureRow(ctx, r, procs, p.count, target, rec)
			if ctx.Err() != nil {
				return
			}
			rec.end()
		}
	}
}

// measureRow interleaves the contestants of one workload: in each round every
// contestant is sampled once, in an order drawn anew, so that whatever slows
// the machine for a while slows them alike, and so that none always follows
// the same other one. A pool lives through all rounds: its steady state is
// what is measured.
func measureRow(ctx context.Context, r row, procs, count int, target time.Duration, rec *recorder) {
	clean()
	entrants := make([]*entrant, len(r.contestants))
	for i, c := range r.contestants {
		if ctx.Err() != nil {
			return
		}
		e := enter(c, r.workload, procs)
		defer e.close()
		e.calibrate(target)
		entrants[i] = e
	}
	for round := range count {
		for _, i := range rand.Perm(len(entrants)) {
			if ctx.Err() != nil {
				return
			}
			s := entrants[i].sample()
			s.round = round
			rec.add(s)
		}
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
	cell
	load
	pool       baseline.Pool
	iterations int // of a sample; set by calibrate
}

func enter(c baseline.Contestant, w workload, procs int) *entrant {
	pool := c.New()
	return &entrant{
		cell: cell{procs, w.name, c.Name},
		load: w.bind(pool, procs),
		pool: pool,
	}
}

// close ends a pool that needs to be ended.
func (e *entrant) close() {
	if c, ok := e.pool.(interface{ Close() }); ok {
		c.Close()
	}
}

// calibrate finds how many iterations last about target. It is the warm-up
// too.
func (e *entrant) calibrate(target time.Duration) {
	e.run(1) // brings up the workers
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
	e.run(n)
	return time.Since(start)
}

// sample measures once. An unmeasured tenth goes first, while the workers of
// the contestant before this one come to rest.
func (e *entrant) sample() sample {
	e.run(e.iterations / 10)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	elapsed := e.time(e.iterations)
	runtime.ReadMemStats(&after)
	return sample{
		cell:    e.cell,
		tasks:   e.iterations * e.tasks,
		elapsed: elapsed,
		bytes:   after.TotalAlloc - before.TotalAlloc,
		allocs:  after.Mallocs - before.Mallocs,
	}
}
