package pool_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lfpool/lfpool/lfqueue"
	"github.com/lfpool/lfpool/pool"
)

// TestBatches: random use, in which each task runs once, tasks of a batch need each
// other without a limit, and at a limit of one start in order; with all kinds of
// ends, drains, and limits that change.
func TestBatches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			opts := []pool.Option{pool.WithIdleTimeout(time.Second), pool.WithPanicHandler(func(any, []byte) {})}
			limit := rapid.SampledFrom([]int{pool.NoLimit, 1, 1, 3}).Draw(t, "limit")
			opts = append(opts, pool.WithLimit(limit))
			switch rapid.IntRange(0, 4).Draw(t, "kind") {
			case 1:
				opts = append(opts, pool.WithHandOff())
			case 2:
				opts = append(opts, pool.WithTaskQueue(func() pool.TaskQueue { return lfqueue.NewMS[func()]() }))
			case 3:
				opts = append(opts, pool.WithMaxTasksPerWorker(3))
			case 4:
				opts = append(opts, pool.WithTimes(1))
			}
			p := pool.New(opts...)
			var mu sync.Mutex
			var started []int
			runs := map[int]int{}
			next := 0
			batch := func(n int, end func()) (fs []func()) {
				for range n {
					id := next
					next++
					fs = append(fs, func() {
						mu.Lock()
						runs[id]++
						started = append(started, id)
						mu.Unlock()
						end()
					})
				}
				return fs
			}
			t.Repeat(map[string]func(*rapid.T){
				"batch": func(t *rapid.T) {
					n := rapid.OneOf(rapid.IntRange(0, 5), rapid.IntRange(100, 700)).Draw(t, "tasks")
					end := []func(){func() {}, func() { panic("handled") }, runtime.Goexit, func() { time.Sleep(time.Second) }}[rapid.IntRange(0, 3).Draw(t, "end")]
					p.GoAll(batch(n, end)...)
				},
				"one": func(*rapid.T) { p.Go(batch(1, func() {})[0]) },
				"tasks that need each other": func(t *rapid.T) {
					if limit != pool.NoLimit {
						return
					}
					n := rapid.IntRange(2, 300).Draw(t, "tasks")
					var all sync.WaitGroup
					all.Add(n)
					p.GoAll(batch(n, func() { all.Done(); all.Wait() })...)
				},
				"drain": func(t *rapid.T) {
					require.NoError(t, p.Drain(context.Background()))
					require.Len(t, started, next)
				},
				"idle": func(*rapid.T) { time.Sleep(700 * time.Millisecond) },
			})
			require.NoError(t, p.Drain(context.Background()))
			require.Len(t, started, next)
			for id, n := range runs {
				require.Equal(t, 1, n, "task %d", id)
			}
			if limit == 1 {
				require.True(t, slices.IsSorted(started), "in order")
			}
			require.EqualValues(t, next, p.Stats().Ended)
		})
	})
}

// TestBatchesFromManySubmitters is for real threads: each task once.
func TestBatchesFromManySubmitters(t *testing.T) {
	const submitters, batches, most = 4, 300, 300
	p := pool.New()
	var runs [submitters][batches][most]atomic.Int32
	var all, submit sync.WaitGroup
	for s := range submitters {
		submit.Go(func() {
			for b := range batches {
				var fs []func()
				for i := range 1 + (s*batches+b*7)%most {
					all.Add(1)
					fs = append(fs, func() { runs[s][b][i].Add(1); all.Done() })
				}
				p.GoAll(fs...)
				clear(fs) // the slice is the caller's own again
			}
		})
	}
	submit.Wait()
	all.Wait()
	require.NoError(t, p.Drain(t.Context()))
	for s := range submitters {
		for b := range batches {
			for i := range 1 + (s*batches+b*7)%most {
				require.EqualValues(t, 1, runs[s][b][i].Load(), "submitter %d, batch %d, task %d", s, b, i)
			}
		}
	}
}

// TestABatchIsBounded: GoAll of a pool with a backlog waits for room as Go does.
func TestABatchIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, release := pool.New(pool.WithLimit(1), pool.WithBacklog(1)), make(chan struct{})
		fs := slices.Repeat([]func(){func() { <-release }}, 4)
		go p.GoAll(fs...)
		synctest.Wait()
		s := p.Stats()
		assert.Equal(t, []int{1, 1, 1}, []int{s.Running, s.Queued, s.Waiting})
		close(release)
		synctest.Wait()
		assert.EqualValues(t, 4, p.Stats().Ended)
		require.NoError(t, p.Drain(t.Context()))
	})
}

func TestGoAllOfNilPanicsInTheCaller(t *testing.T) {
	p := pool.New()
	ran := false
	assert.PanicsWithValue(t, "lfpool: GoAll: the task at index 1 is a nil func", func() { p.GoAll(func() { ran = true }, nil) })
	require.NoError(t, p.Drain(t.Context()))
	assert.False(t, ran, "none of them runs")
	p.GoAll()
	var zero pool.Pool
	for _, n := range []int{1, 2} {
		assert.PanicsWithValue(t, "lfpool: GoAll of a zero pool.Pool: make one with pool.New", func() { zero.GoAll(slices.Repeat([]func(){func() {}}, n)...) })
	}
}

func ExamplePool_GoAll() {
	p := pool.New()
	var wg sync.WaitGroup
	squares, fs := make([]int, 4), []func(){}
	for i := range squares {
		wg.Add(1)
		fs = append(fs, func() {
			defer wg.Done()
			squares[i] = i * i
		})
	}
	p.GoAll(fs...)
	wg.Wait()
	fmt.Println(squares)
	// Output: [0 1 4 9]
}

// BenchmarkBurst is a burst of 100 empty tasks, which is waited for, by the go
// statement, one by one, and as a batch: how long a burst takes, and the calls.
func BenchmarkBurst(b *testing.B) {
	p := pool.New()
	var wg sync.WaitGroup
	done := wg.Done
	fs := slices.Repeat([]func(){done}, 100)
	for _, c := range []struct {
		name   string
		submit func()
	}{
		{"go", func() {
			for range fs {
				go done()
			}
		}},
		{"Go", func() {
			for _, f := range fs {
				p.Go(f)
			}
		}},
		{"GoAll", func() { p.GoAll(fs...) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			var calls time.Duration
			for b.Loop() {
				wg.Add(len(fs))
				began := time.Now()
				c.submit()
				calls += time.Since(began)
				wg.Wait()
			}
			b.ReportMetric(float64(calls)/float64(b.N), "ns-calls/op")
		})
	}
}

// late is a task queue that lets everybody else come to rest before it takes a
// batch.
type late struct{ *lfqueue.Seg[func()] }

func (q late) EnqueueAll(fs []func()) {
	synctest.Wait()
	q.Seg.EnqueueAll(fs)
}

// TestABatchWakesAWorker: also if the one that came for its first task has found
// nothing else, and parked.
func TestABatchWakesAWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithTaskQueue(func() pool.TaskQueue { return late{lfqueue.NewSeg[func()]()} }))
		ran := 0
		p.GoAll(slices.Repeat([]func(){func() { ran++ }}, 2)...)
		synctest.Wait()
		assert.Equal(t, 2, ran)
		require.NoError(t, p.Drain(t.Context()))
	})
}
