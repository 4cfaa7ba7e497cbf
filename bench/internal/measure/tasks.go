package measure

import (
	"context"
	"runtime"
	"time"

	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/internal/baseline"
)

// Tasks is a row for each workload: the time of a task.
func Tasks(cs []baseline.Contestant, ws ...load.Workload) (rows []Row) {
	for _, w := range ws {
		rows = append(rows, Row{
			Kind: record.Tasks, Name: w.Name, Doc: w.Doc, X: w.X, Calibrated: true, Around: clean, Least: w.Least, First: time.Duration(w.Warm) * w.Least,
			Entrants: onPools(cs, func(p baseline.Pool, length time.Duration) Sampler {
				e := bind(w, p, length)
				return func(context.Context, int) (int, map[string]float64, error) {
					return e.iterations * e.Tasks, e.sample(), nil
				}
			}),
		})
	}
	return rows
}

// clean reduces what earlier workloads left. Workers that are still parked
// keep their stacks, but each collection halves those that are mostly unused:
// after a few, they are as small as they were at first.
func clean() (end func()) {
	for range 4 {
		runtime.GC()
	}
	return func() {}
}

// A bound workload is that of one contestant.
type bound struct {
	load.Load
	iterations int // of a sample; set by calibrate
}

// bind brings the pool up to the workload's steady state.
func bind(w load.Workload, p baseline.Pool, length time.Duration) *bound {
	b := &bound{Load: w.Bind(p, runtime.GOMAXPROCS(0))}
	b.Run(w.Warm)
	b.calibrate(length)
	return b
}

// calibrate finds how many iterations last about target. It is the warm-up
// too.
func (b *bound) calibrate(target time.Duration) {
	b.Run(1) // brings up the workers
	for n := 1; ; {
		_, elapsed := spent(func() { b.Run(n) })
		elapsed = max(elapsed, 1)
		wanted := int(float64(n) * float64(target) / float64(elapsed))
		if elapsed >= target/4 {
			b.iterations = max(1, wanted)
			return
		}
		n = max(2*n, min(wanted/2, 100*n))
	}
}

// sample measures once. An unmeasured tenth goes first, and at least one whole
// iteration, while the workers of the contestant before this one come to rest.
// Processor time, bytes and allocations are those of the whole process meanwhile.
func (b *bound) sample() map[string]float64 {
	b.Run(max(1, b.iterations/10))
	return costs(b.iterations*b.Tasks, func() { b.Run(b.iterations) })
}

// costs is what f costs the process for each of n tasks.
func costs(n int, f func()) map[string]float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	used, elapsed := spent(f)
	runtime.ReadMemStats(&after)
	each := 1 / float64(n)
	return map[string]float64{
		record.NsOp:     float64(elapsed.Nanoseconds()) * each,
		record.CPUOp:    float64(used.Nanoseconds()) * each,
		record.BytesOp:  float64(after.TotalAlloc-before.TotalAlloc) * each,
		record.AllocsOp: float64(after.Mallocs-before.Mallocs) * each,
	}
}

// spent is the processor time of the process, and the time, that f takes.
func spent(f func()) (used, elapsed time.Duration) {
	used, begun := record.ProcessorTime(), time.Now()
	f()
	elapsed = time.Since(begun)
	return record.ProcessorTime() - used, elapsed
}
