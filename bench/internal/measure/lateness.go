package measure

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/internal/baseline"
)

// Lateness is how much longer than asked a goroutine sleeps that has nothing to do
// with the pool, while the pool is busy. A worker that runs task after task without
// passing the scheduler makes every timer of the program late.

// TaskRate is how many tasks the neighbour had run meanwhile: a neighbour that does
// less leaves more room for others.
const TaskRate = "tasks/s"

const (
	asked   = time.Millisecond // how long the goroutine sleeps at a time
	stretch = 500              // iterations of a neighbour from one look whether it has ended to the next
)

// lateness sleeps over and over for about d, once at least, and returns by how much
// longer than asked each sleep was, in nanoseconds.
func lateness(d time.Duration) (late []float64) {
	for begun := time.Now(); len(late) == 0 || time.Since(begun) < d; {
		from := time.Now()
		time.Sleep(asked)
		late = append(late, float64(time.Since(from)-asked))
	}
	return late
}

// Beside is a row for each neighbour: how late a goroutine is beside it. Processor time
// is that of the neighbour with its tasks, and of the goroutine that sleeps.
func Beside(cs []baseline.Contestant, neighbours ...load.Workload) (rows []Row) {
	for _, n := range neighbours {
		rows = append(rows, Row{
			Kind: record.Lateness, Name: n.Name, Doc: n.Doc, Warm: 1,
			Entrants: onPools(cs, func(p baseline.Pool, length time.Duration) Sampler {
				neighbour := n.Bind(p, runtime.GOMAXPROCS(0))
				return func(context.Context, int) (int, map[string]float64, error) {
					var ended atomic.Bool
					var running sync.WaitGroup
					var late []float64
					tasks := 0
					used, elapsed := spent(func() {
						running.Go(func() {
							for !ended.Load() {
								neighbour.Run(stretch)
								tasks += stretch * neighbour.Tasks
							}
						})
						late = lateness(length)
						ended.Store(true)
						running.Wait()
					})
					q := record.Quantiles(late, 0.5, 0.99)
					return tasks, map[string]float64{
						record.P50: q[0], record.P99: q[1],
						record.CPUOp: float64(used) / float64(max(1, tasks)),
						TaskRate:     float64(tasks) / elapsed.Seconds(),
					}, nil
				}
			}),
		})
	}
	return rows
}
