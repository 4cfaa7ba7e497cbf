package measure

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/internal/baseline"
)

// Start latency is the time from when a task is due to its first instruction.
// It is measured open loop: the submitter does not wait for tasks, so one that
// starts late does not hold back the next; and where the submitter itself is
// late, since a call of Go(f) took long or another goroutine had its processor,
// the tasks that were due meanwhile count from when they were due.

// An Arrival is a way in which tasks come.
type Arrival struct {
	Name, Doc string
	// sample runs the contestant for about the given time, appends each task's
	// start latency in nanoseconds, and returns when all tasks have ended.
	sample func(p baseline.Pool, d time.Duration, seed uint64) []float64
	// around, if not nil, starts what else keeps the machine busy and returns
	// what ends it.
	around func() (stop func())
}

// Arrivals lists the ways in which start latency is measured.
var Arrivals = slices.Concat(
	openLoops(time.Microsecond, 10*time.Microsecond, 100*time.Microsecond),
	[]Arrival{
		{"busy-4", "a submission every 300 us while 4 pairs of goroutines ping-pong with 2 us of work each", sparse, pingPong(4)},
		{"busy-16", "the same beside 16 pairs", sparse, pingPong(16)},
		{"ramp", "100 tasks at once after 5 ms of rest", ramp, nil},
	})

// openLoops has a submitter that keeps its processor busy and submits at
// exponential intervals, for each length of a task, at 20, 50 and 80 % of what
// the other processors can do.
func openLoops(tasks ...time.Duration) []Arrival {
	var as []Arrival
	for _, task := range tasks {
		for _, percent := range []int{20, 50, 80} {
			as = append(as, Arrival{
				Name: fmt.Sprintf("open-%v-%d", task, percent),
				Doc:  fmt.Sprintf("open loop, tasks that compute for %v, %d %% of the processors but one", task, percent),
				sample: func(p baseline.Pool, d time.Duration, seed uint64) []float64 {
					servers := max(1, runtime.GOMAXPROCS(0)-1)
					gap := float64(task) * 100 / float64(percent*servers)
					return openLoop(p, task, gap, max(1, int(float64(d)/gap)), seed)
				},
			})
		}
	}
	return as
}

// submit runs n tasks, each when due says that it is due, and returns how late each
// started, in nanoseconds. due may wait for those before.
func submit(p baseline.Pool, n int, work time.Duration, due func(i int, before *sync.WaitGroup) time.Time) []float64 {
	latencies := make([]float64, n)
	var running sync.WaitGroup
	for i := range latencies {
		due := due(i, &running)
		running.Add(1)
		p.Go(func() {
			latencies[i] = float64(time.Since(due))
			load.Spin(work)
			running.Done()
		})
	}
	running.Wait()
	return latencies
}

func openLoop(p baseline.Pool, task time.Duration, gap float64, n int, seed uint64) []float64 {
	intervals := rand.New(rand.NewPCG(seed, 0))
	next := time.Now()
	return submit(p, n, task, func(int, *sync.WaitGroup) time.Time {
		next = next.Add(time.Duration(intervals.ExpFloat64() * gap))
		for time.Now().Before(next) {
		}
		return next
	})
}

// sparse submits a task every 300 us from a goroutine that sleeps in between.
// Each is due when the submitter has woken: how late a timer is, is not the
// pool's.
func sparse(p baseline.Pool, d time.Duration, _ uint64) []float64 {
	const gap = 300 * time.Microsecond
	return submit(p, max(1, int(d/gap)), 0, func(int, *sync.WaitGroup) time.Time {
		time.Sleep(gap)
		return time.Now()
	})
}

// ramp submits 100 tasks at once after each rest, when workers are parked and
// the threads under them asleep. All are due when the rest is over.
func ramp(p baseline.Pool, d time.Duration, _ uint64) []float64 {
	const (
		rest  = 5 * time.Millisecond
		burst = 100
	)
	var over time.Time
	return submit(p, burst*max(1, int(d/rest)), 0, func(i int, before *sync.WaitGroup) time.Time {
		if i%burst == 0 {
			before.Wait()
			time.Sleep(rest)
			over = time.Now()
		}
		return over
	})
}

// pingPong keeps every processor's run queue occupied.
func pingPong(pairs int) func() (stop func()) {
	const work = 2 * time.Microsecond
	return func() func() {
		var ended atomic.Bool
		var players sync.WaitGroup
		for range pairs {
			ping, pong := make(chan struct{}), make(chan struct{})
			players.Go(func() {
				for !ended.Load() {
					ping <- struct{}{}
					<-pong
					load.Spin(work)
				}
				close(ping)
			})
			players.Go(func() {
				for range ping {
					load.Spin(work)
					pong <- struct{}{}
				}
			})
		}
		return func() {
			ended.Store(true)
			players.Wait()
		}
	}
}

// Starts is a row for each arrival: how long tasks that are due take to start.
func Starts(cs []baseline.Contestant) (rows []Row) {
	for _, a := range Arrivals {
		rows = append(rows, Row{
			Kind: record.Starts, Name: a.Name, Doc: a.Doc, Warm: 1, Around: a.around,
			Entrants: onPools(cs, func(p baseline.Pool, length time.Duration) Sampler {
				return func(_ context.Context, round int) (int, map[string]float64, error) {
					var latencies []float64
					used, elapsed := spent(func() { latencies = a.sample(p, length, uint64(round)) })
					return len(latencies), delays(latencies, used, elapsed), nil
				}
			}),
		})
	}
	return rows
}

// delays is what one round showed: quantiles, how many processors were in use,
// and the processor time of a task, the submitter's in it.
func delays(latencies []float64, used, elapsed time.Duration) map[string]float64 {
	q := record.Quantiles(latencies, 0.5, 0.99, 0.999)
	return map[string]float64{
		record.P50: q[0], record.P99: q[1], record.P999: q[2],
		record.Cores: float64(used) / float64(elapsed),
		record.CPUOp: float64(used) / float64(len(latencies)),
	}
}
