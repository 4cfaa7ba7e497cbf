package load

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/internal/baseline"
)

// The workloads that other pools publish figures for.

var divisor = flag.Int("divisor", 50, "what the published sizes of headlines are divided by; 1 takes 4 GB")

// BenchmarkHeadlines has the time of a task of each, for the pools most used:
//
//	go test -run '^$' -bench Headlines -count 10 ./internal/load -divisor 1 >headlines.txt
//	benchstat -col /contestant headlines.txt
func BenchmarkHeadlines(b *testing.B) {
	run := func(w Workload, cs []baseline.Contestant) {
		for _, c := range cs {
			b.Run("workload="+w.Name+"/contestant="+c.Name, func(b *testing.B) {
				p := c.New()
				if closing, ok := p.(interface{ Close() }); ok {
					defer closing.Close()
				}
				l := w.Bind(p, runtime.GOMAXPROCS(0))
				l.Run(1) // brings up the workers
				b.ResetTimer()
				l.Run(b.N)
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*l.Tasks), "ns/task")
			})
		}
	}
	for _, l := range limitedHeadlines(*divisor) {
		run(l.Workload, contest.Capped(l.limit))
	}
	for _, w := range headlines(*divisor) {
		run(w, contest.Named("go", "lfpool", "grpc-style", "ants", "bytedance-gopool", "cloudwego-gopool", "pond", "workerpool"))
	}
}

// Limits on workers with which ants and itogami, and workerpool, publish their
// figures.
const millionLimit = 50_000

var executeLimits = []int{1, 2, 4, 16, 64, 1024}

// A limited workload is one for pools with a limit on workers. go has none.
type limited struct {
	Workload
	limit int
}

// limitedHeadlines lists the workloads that other pools publish figures for with
// a limit, in sizes divided by divisor, where the size is theirs.
func limitedHeadlines(divisor int) []limited {
	n, limit := 1_000_000/divisor, millionLimit/divisor
	all := []limited{{limit: limit, Workload: Workload{
		Name: "million-limited", Doc: fmt.Sprintf("ants, itogami: %d tasks that sleep 10 ms, at most %d workers (go has no limit)", n, limit),
		Bind: burst(n, sleep10),
	}}}
	// workerpool's sizes are what package testing makes of b.N; a million is in
	// the range.
	for _, limit := range executeLimits {
		each := max(1, n/limit) * limit
		all = append(all, limited{limit: limit, Workload: Workload{
			Name: fmt.Sprintf("workerpool-execute%d", limit), Doc: fmt.Sprintf("workerpool: %d empty tasks, then wait for all, at most %d workers (go has no limit)", each, limit),
			Bind: burst(each, shallow),
		}})
	}
	return all
}

// headlines lists the workloads that other pools publish their figures for, in
// sizes divided by divisor. Their pools are the same as in all other rows: none
// has a limit, but for workerpool's 10 000.
func headlines(divisor int) []Workload {
	million := 1_000_000 / divisor
	ws := []Workload{
		{Name: "million", Doc: fmt.Sprintf("%d tasks that sleep 10 ms, without a limit", million), Bind: burst(million, sleep10)},
	}
	// pond: users who each submit their share of a million.
	for _, u := range []struct {
		name  string
		users int
	}{{"pond-one", 1}, {"pond-hundred", 100}, {"pond-thousand", 1000}, {"pond-tenthousand", 10_000}, {"pond-million", 1_000_000}} {
		users := max(1, u.users/divisor)
		ws = append(ws, Workload{
			Name: u.name, Doc: fmt.Sprintf("pond: %d users, each %d tasks that sleep 10 ms and draw a random number", users, million/users),
			Bind: produce(func(int) [][]func() { return producers(users, million/users, dream)(1) }),
		})
	}
	return append(ws,
		Workload{Name: "gopool-depth", Doc: "gopool: 10 000 tasks, each recursing 100 frames", Bind: burst(10_000, frames(100))},
		Workload{Name: "cloudwego-low", Doc: "cloudwego: a producer a processor, batches of 2, tasks of 2 frames", Bind: produce(pairs(2))},
		Workload{Name: "cloudwego-mid", Doc: "cloudwego: the same, 32 frames", Bind: produce(pairs(32))},
		Workload{Name: "cloudwego-high", Doc: "cloudwego: the same, 128 frames", Bind: produce(pairs(128))},
		Workload{Name: "chain", Doc: "100 tasks, each of which waits for the one submitted after it", Bind: chain(100)},
	)
}

func sleep10() { time.Sleep(10 * time.Millisecond) }

// dream is the task of pond's benchmarks.
func dream() {
	time.Sleep(10 * time.Millisecond)
	_ = rand.Float64()
}

// pairs has a producer on each processor that submits two tasks at a time.
func pairs(n int) func(procs int) [][]func() {
	return producers(1, 2, frames(n))
}

// chain has tasks of which each waits for the one submitted after it, so that
// none may wait for a worker that an earlier one occupies.
func chain(length int) func(baseline.Pool, int) Load {
	return func(p baseline.Pool, _ int) Load {
		links := make([]chan struct{}, length+1)
		for i := range links {
			links[i] = make(chan struct{}, 1)
		}
		tasks := make([]func(), length)
		for i := range tasks {
			tasks[i] = func() {
				if i < length-1 {
					<-links[i+1]
				}
				links[i] <- struct{}{}
			}
		}
		return Load{Tasks: length, Run: func(n int) {
			for range n {
				for _, task := range tasks {
					p.Go(task)
				}
				<-links[0]
			}
		}}
	}
}
