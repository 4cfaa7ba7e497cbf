// Package loops has benchmarks of package parallel beside what others have for the
// same purpose: conc/iter and lo/parallel for loops; errgroup, conc and the go
// statement for fork-join.
//
//	cd bench && go test -bench . -count 6 ./internal/loops
//
// Fork-join, in ms: medians of ten, 2 cores, bench/results/2026-11-26-forkjoin.txt.
//
//	                              fib(30) at cut-off 5        20   quicksort of 2^19 at 256
//	plain recursion                                3.2
//	one goroutine, with closures                  15.4       3.3                       34.5
//	go, and a WaitGroup                          154         2.2                       22.4
//	errgroup                                     190         1.9                       21.4
//	conc                                         166         1.9                       22.1
//	lfpool.Group                                1138         2.5                       37.3
//	parallel.Group                                64         2.0                       21.1
//	parallel.Group, limited pool                  59         2.8                       20.2
//	parallel.Async, limited pool                  48         2.2                       18.4
//
// At cut-off 5 a leaf is 9 or 15 calls, and nothing pays: the best takes 15 times as
// long as the plain recursion. That column compares the price of a split: 0.78 us by
// go, 0.24 by parallel.Async, on two processors, and 0.08 for the closures alone. At
// 20 there are 143 splits, and who splits matters little: 0.6 to 0.9 of one goroutine,
// by noise. lfpool.Group blocks in each Wait, so that another worker must be woken.
package loops

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	lop "github.com/samber/lo/parallel"
	"github.com/sourcegraph/conc"
	"github.com/sourcegraph/conc/iter"
	"golang.org/x/sync/errgroup"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/parallel"
	"github.com/lfpool/lfpool/pool"
)

// spin computes for about n ns.
func spin(n int) uint64 {
	x := uint64(n) | 1
	for range n {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}

// shape says how long the calls of a loop are.
type shape struct {
	name  string
	n     int
	nanos func(i int) int
}

var shapes = []shape{
	{"10 x 10 us", 10, func(int) int { return 10_000 }},
	{"1000 x 10 ns", 1000, func(int) int { return 10 }},
	{"100000 x 10 ns", 100_000, func(int) int { return 10 }},
	{"10000 x 1 us", 10_000, func(int) int { return 1000 }},
	{"1000 x 20 us", 1000, func(int) int { return 20_000 }},
	{"10000, the last tenth 100 times as long", 10_000, func(i int) int {
		if i >= 9000 {
			return 10_000
		}
		return 100
	}},
}

func BenchmarkForEach(b *testing.B) {
	for _, s := range shapes {
		in := make([]int, s.n)
		for i := range in {
			in[i] = s.nanos(i)
		}
		out := make([]uint64, s.n)
		for _, c := range []struct {
			name string
			loop func()
		}{
			{"one goroutine", func() {
				for i, v := range in {
					out[i] = spin(v)
				}
			}},
			{"parallel", func() {
				parallel.ForEach(b.Context(), in, func(_ context.Context, i, v int) error { out[i] = spin(v); return nil })
			}},
			{"conc iter", func() { iter.ForEachIdx(in, func(i int, v *int) { out[i] = spin(*v) }) }},
			{"lo parallel", func() { lop.ForEach(in, func(v, i int) { out[i] = spin(v) }) }},
			{"errgroup", func() {
				var g errgroup.Group
				g.SetLimit(runtime.GOMAXPROCS(0))
				for i, v := range in {
					g.Go(func() error { out[i] = spin(v); return nil })
				}
				g.Wait()
			}},
		} {
			b.Run(s.name+"/"+c.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					c.loop()
				}
			})
		}
	}
}

func BenchmarkMap(b *testing.B) {
	for _, s := range shapes[1:4] {
		in := make([]int, s.n)
		for i := range in {
			in[i] = s.nanos(i)
		}
		for _, c := range []struct {
			name string
			loop func() int
		}{
			{"parallel", func() int {
				out, _ := parallel.Map(b.Context(), in, func(_ context.Context, v int) (uint64, error) { return spin(v), nil })
				return len(out)
			}},
			{"parallel, MapSeq", func() (n int) {
				for range parallel.MapSeq(b.Context(), slices.Values(in), func(_ context.Context, v int) (uint64, error) { return spin(v), nil }) {
					n++
				}
				return n
			}},
			{"conc iter", func() int { return len(iter.Map(in, func(v *int) uint64 { return spin(*v) })) }},
			{"lo parallel", func() int { return len(lop.Map(in, func(v, _ int) uint64 { return spin(v) })) }},
		} {
			b.Run(s.name+"/"+c.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if n := c.loop(); n != s.n {
						b.Fatalf("%d results of %d", n, s.n)
					}
				}
			})
		}
	}
}

// two is how to do two things at once and wait for both.
type two struct {
	name string
	do   func(f, g func())
}

func twos() []two {
	limited := pool.New(pool.WithLimit(runtime.GOMAXPROCS(0)))
	return []two{
		{"one goroutine", func(f, g func()) { f(); g() }},
		{"go", func(f, g func()) {
			var wg sync.WaitGroup
			wg.Go(f)
			g()
			wg.Wait()
		}},
		{"errgroup", func(f, g func()) {
			var group errgroup.Group
			group.Go(func() error { f(); return nil })
			g()
			group.Wait()
		}},
		{"conc", func(f, g func()) {
			var wg conc.WaitGroup
			wg.Go(f)
			g()
			wg.Wait()
		}},
		{"lfpool Group", func(f, g func()) {
			var group lfpool.Group
			group.Go(func() error { f(); return nil })
			g()
			group.Wait()
		}},
		{"parallel Group", func(f, g func()) {
			var group parallel.Group
			group.Go(func() error { f(); return nil })
			g()
			group.Wait()
		}},
		{"parallel Group, limited pool", func(f, g func()) {
			group := parallel.NewGroup(limited)
			group.Go(func() error { f(); return nil })
			g()
			group.Wait()
		}},
		{"parallel Async, limited pool", func(f, g func()) {
			r := parallel.Async(limited, func() (struct{}, error) { f(); return struct{}{}, nil })
			g()
			_, _ = r.Wait(context.Background()) // no error, and that context is never done
		}},
	}
}

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

// BenchmarkFib30 splits down to the cut-off: 196 417 times at 5, for 2.7 million calls
// in all, and 143 times at 20.
func BenchmarkFib30(b *testing.B) {
	b.Run("plain recursion", func(b *testing.B) {
		for b.Loop() {
			if v := fib(30); v != 832040 {
				b.Fatal(v)
			}
		}
	})
	for _, cutoff := range []int{5, 10, 20} {
		for _, c := range twos() {
			var split func(n int) int
			split = func(n int) (sum int) {
				if n <= cutoff {
					return fib(n)
				}
				var left, right int
				c.do(func() { left = split(n - 1) }, func() { right = split(n - 2) })
				return left + right
			}
			b.Run(fmt.Sprintf("cut-off %d/%s", cutoff, c.name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if v := split(30); v != 832040 {
						b.Fatal(v)
					}
				}
			})
		}
	}
}

// partition splits s around its middle value: what stands left of at is not above,
// what stands right not below.
func partition(s []int) (at int) {
	mid := len(s) / 2
	s[0], s[mid] = s[mid], s[0]
	pivot, at := s[0], 0
	for i := 1; i < len(s); i++ {
		if s[i] < pivot {
			at++
			s[i], s[at] = s[at], s[i]
		}
	}
	s[0], s[at] = s[at], s[0]
	return at
}

func BenchmarkQuicksort(b *testing.B) {
	const n, cutoff = 1 << 19, 1 << 8
	random := rand.New(rand.NewPCG(1, 2))
	in := make([]int, n)
	for i := range in {
		in[i] = random.Int()
	}
	work := make([]int, n)
	for _, c := range twos() {
		var sort func(s []int)
		sort = func(s []int) {
			if len(s) <= cutoff {
				slices.Sort(s)
				return
			}
			at := partition(s)
			c.do(func() { sort(s[:at]) }, func() { sort(s[at+1:]) })
		}
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				copy(work, in)
				sort(work)
			}
			if !slices.IsSorted(work) {
				b.Fatal("not sorted")
			}
		})
	}
}

// BenchmarkBurst: a group of 100 tasks that do nothing.
func BenchmarkBurst(b *testing.B) {
	const n = 100
	nothing := func() {}
	noError := func() error { return nil }
	p := pool.New()
	for _, c := range []struct {
		name  string
		burst func()
	}{
		{"go", func() {
			var wg sync.WaitGroup
			for range n {
				wg.Go(nothing)
			}
			wg.Wait()
		}},
		{"pool", func() {
			var wg sync.WaitGroup
			wg.Add(n)
			for range n {
				p.Go(wg.Done)
			}
			wg.Wait()
		}},
		{"errgroup", func() {
			var g errgroup.Group
			for range n {
				g.Go(noError)
			}
			g.Wait()
		}},
		{"lfpool Group", func() {
			g := lfpool.NewGroup(p)
			for range n {
				g.Go(noError)
			}
			g.Wait()
		}},
		{"parallel Group", func() {
			g := parallel.NewGroup(p)
			for range n {
				g.Go(noError)
			}
			g.Wait()
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.burst()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/task")
		})
	}
}

// BenchmarkWaiting is a fan-out of tasks that only wait, as requests to other services
// do: the processor time of a task, user and system, of the whole process.
func BenchmarkWaiting(b *testing.B) {
	const tasks, wait = 16, 2 * time.Millisecond
	nap := func() error { time.Sleep(wait); return nil }
	p := pool.New() // and not the default one, which follows the rules of test binaries
	for _, by := range []struct {
		name string
		run  func()
	}{
		{"errgroup", func() {
			var g errgroup.Group
			for range tasks {
				g.Go(nap)
			}
			_ = g.Wait() // no task returns an error
		}},
		{"lfpool", func() {
			g := lfpool.NewGroup(p)
			for range tasks {
				g.Go(nap)
			}
			_ = g.Wait()
		}},
	} {
		b.Run("by="+by.name, func(b *testing.B) {
			by.run() // brings up the workers
			b.ResetTimer()
			used := record.ProcessorTime()
			for range b.N {
				by.run()
			}
			b.ReportMetric(float64(record.ProcessorTime()-used)/float64(b.N*tasks), "cpu-ns/task")
		})
	}
}
