package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/aclements/go-moremath/stats"

	"github.com/lfpool/lfpool/internal/baseline"
)

// Start latency is the time from the call of Go(f) to f's first instruction.
// It is measured open loop: the submitter does not wait for tasks, so one that
// starts late does not hold back the next.

// An arrival is a way in which tasks come.
type arrival struct {
	name, doc string
	// sample runs the contestant for about the given time, appends each task's
	// start latency in nanoseconds, and returns when all tasks have ended.
	sample func(p baseline.Pool, d time.Duration, seed uint64) []float64
	// around, if not nil, starts what else keeps the machine busy and returns
	// what ends it.
	around func() (stop func())
}

var arrivals = slices.Concat(
	openLoops(time.Microsecond, 10*time.Microsecond, 100*time.Microsecond),
	[]arrival{
		{"busy-4", "a submission every 300 us while 4 pairs of goroutines ping-pong with 2 us of work each", sparse, pingPong(4)},
		{"busy-16", "the same beside 16 pairs", sparse, pingPong(16)},
	})

// openLoops has a submitter that keeps its processor busy and submits at
// exponential intervals, for each length of a task, at 20, 50 and 80 % of what
// the other processors can do.
func openLoops(tasks ...time.Duration) []arrival {
	var as []arrival
	for _, task := range tasks {
		for _, percent := range []int{20, 50, 80} {
			as = append(as, arrival{
				name: fmt.Sprintf("open-%v-%d", task, percent),
				doc:  fmt.Sprintf("open loop, tasks that spin %v, %d %% of the processors but one", task, percent),
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

func openLoop(p baseline.Pool, task time.Duration, gap float64, n int, seed uint64) []float64 {
	latencies := make([]float64, n)
	intervals := rand.New(rand.NewPCG(seed, 0))
	var running sync.WaitGroup
	running.Add(n)
	due := time.Now()
	for i := range latencies {
		due = due.Add(time.Duration(intervals.ExpFloat64() * gap))
		for time.Now().Before(due) {
		}
		submitted := time.Now()
		p.Go(func() {
			latencies[i] = float64(time.Since(submitted))
			spin(task)
			running.Done()
		})
	}
	running.Wait()
	return latencies
}

// sparse submits a task every 300 us from a goroutine that sleeps in between.
func sparse(p baseline.Pool, d time.Duration, _ uint64) []float64 {
	const gap = 300 * time.Microsecond
	latencies := make([]float64, max(1, int(d/gap)))
	var running sync.WaitGroup
	running.Add(len(latencies))
	for i := range latencies {
		time.Sleep(gap)
		submitted := time.Now()
		p.Go(func() {
			latencies[i] = float64(time.Since(submitted))
			running.Done()
		})
	}
	running.Wait()
	return latencies
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
					spin(work)
				}
				close(ping)
			})
			players.Go(func() {
				for range ping {
					spin(work)
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

func spin(d time.Duration) {
	for start := time.Now(); time.Since(start) < d; {
	}
}

// A delay is what one round of a contestant showed: quantiles in microseconds,
// and how many processors were in use.
type delay struct{ p50, p99, p999, cores float64 }

func delayOf(latencies []float64, cores float64) delay {
	s := stats.Sample{Xs: latencies}
	s.Sort()
	us := func(q float64) float64 { return s.Quantile(q) / 1e3 }
	return delay{us(0.5), us(0.99), us(0.999), cores}
}

// measureDelays takes count rounds of every contestant, in random order, after
// one that is not counted. It returns what it has when ctx is cancelled.
func measureDelays(ctx context.Context, a arrival, cs []baseline.Contestant, count int, d time.Duration) map[string][]delay {
	if a.around != nil {
		defer a.around()()
	}
	pools := make([]baseline.Pool, len(cs))
	for i, c := range cs {
		pools[i] = c.New()
		if closer, ok := pools[i].(interface{ Close() }); ok {
			defer closer.Close()
		}
	}
	found := map[string][]delay{}
	for round := range count + 1 {
		for _, i := range rand.Perm(len(cs)) {
			if ctx.Err() != nil {
				return found
			}
			used, start := processorTime(), time.Now()
			latencies := a.sample(pools[i], d, uint64(round))
			cores := float64(processorTime()-used) / float64(time.Since(start))
			if round > 0 {
				found[cs[i].Name] = append(found[cs[i].Name], delayOf(latencies, cores))
			}
		}
	}
	return found
}

func processorTime() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0 // shown as no processor used
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// printDelays measures and prints one table for each arrival that filter
// matches as contestant/name.
func printDelays(ctx context.Context, w, progress io.Writer, s settings, cs []baseline.Contestant) (matched bool) {
	for _, a := range arrivals {
		chosen := slices.DeleteFunc(slices.Clone(cs), func(c baseline.Contestant) bool {
			return !s.filter.MatchString(c.Name + "/" + a.name)
		})
		if len(chosen) == 0 || ctx.Err() != nil {
			continue
		}
		matched = true
		fmt.Fprintf(progress, "%s: %s\n", a.name, a.doc)
		found := measureDelays(ctx, a, chosen, s.count, s.budget.latency)
		fmt.Fprintf(w, "\n%s, GOMAXPROCS %d: %s\n", a.name, runtime.GOMAXPROCS(0), a.doc)
		t := newTable(w, nameWidth(selection{contestants: chosen}))
		t.line("", "p50 us", "±", "p99 us", "±", "p99.9 us", "p99 x go", "cores", "n")
		for _, c := range chosen {
			t.line(c.Name, delayFields(found[c.Name], found[reference])...)
		}
		t.flush()
	}
	return matched
}

func delayFields(ds, reference []delay) []string {
	if len(ds) == 0 {
		return []string{"interrupted"}
	}
	pick := func(f func(delay) float64) []float64 {
		var values []float64
		for _, d := range ds {
			values = append(values, f(d))
		}
		return values
	}
	p50 := summarize(pick(func(d delay) float64 { return d.p50 }))
	p99 := summarize(pick(func(d delay) float64 { return d.p99 }))
	ratio := "-"
	if len(reference) == len(ds) {
		var ratios []float64
		for i, d := range ds {
			ratios = append(ratios, d.p99/reference[i].p99)
		}
		ratio = fmt.Sprintf("%.2f", summarize(ratios).Center)
	}
	return []string{
		formatTime(p50.Center), p50.PctRangeString(),
		formatTime(p99.Center), p99.PctRangeString(),
		formatTime(summarize(pick(func(d delay) float64 { return d.p999 })).Center),
		ratio,
		fmt.Sprintf("%.2f", summarize(pick(func(d delay) float64 { return d.cores })).Center),
		fmt.Sprint(len(ds)),
	}
}
