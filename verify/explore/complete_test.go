//go:build lfpoolhooks

package explore

import (
	"context"
	"flag"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"unsafe"

	every "github.com/lfpool/lfpool/explore"
	"github.com/lfpool/lfpool/internal/atomic"
	"github.com/lfpool/lfpool/internal/point"
	"github.com/lfpool/lfpool/pool"
)

var most = flag.Int("most", 100000, "")

var completes = []struct {
	name string
	play func(x *every.Run, p *pool.Pool, task func(i int) func()) (tasks int)
}{
	{"one submits", func(x *every.Run, p *pool.Pool, task func(i int) func()) int {
		warm(p, 1)
		x.Go("submitter", func() { p.Go(task(0)) })
		return 1
	}},
	{"one submits twice", func(x *every.Run, p *pool.Pool, task func(i int) func()) int {
		warm(p, 1)
		x.Go("submitter", func() { p.Go(task(0)); p.Go(task(1)) })
		return 2
	}},
	{"two submit", func(x *every.Run, p *pool.Pool, task func(i int) func()) int {
		warm(p, 1)
		x.Go("submitter-1", func() { p.Go(task(0)) })
		x.Go("submitter-2", func() { p.Go(task(1)) })
		return 2
	}},
}

func TestPoolCompletely(t *testing.T) {
	defer atomic.Watch(nil)
	for _, c := range completes {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				every.Test(t, func(x *every.Run) {
					atomic.Watch(nil)
					p := pool.New(pool.WithIdleTimeout(timeout), pool.WithLinger(false), pool.WithLanes(1),
						pool.WithTaskQueue(func() pool.TaskQueue { return new(whole[func()]) }), pool.WithIdleQueue(func() pool.IdleQueue { return new(whole[*pool.Worker]) }))
					var ran [2]int
					tasks := c.play(x, p, func(i int) func() { return func() { ran[i]++ } })
					atomic.Watch(report2)
					x.Check(func() error {
						for i := range tasks {
							if ran[i] != 1 {
								return fmt.Errorf("task %d ran %d times", i, ran[i])
							}
						}
						if s := p.Stats(); s.Idle != s.Workers {
							return fmt.Errorf("at rest %d of %d workers are parked", s.Idle, s.Workers)
						}
						return nil
					})
					x.Cleanup(func() { p.Drain(context.Background()) }) // no error: that context is never done
				}, every.Outside(synctest.Wait, point.Goroutine), every.AtMost(*most))
			})
		})
	}
}

func report2(kind uint8, addr unsafe.Pointer, size uintptr) {
	switch point.Caller() {
	case "runner.flush.finished.Add", "runner.flush.veterans.Add":
		return
	}
	every.Step(kind, addr, size)
}

// whole is a queue each of whose operations is one step.
type whole[T any] struct {
	mu      sync.Mutex // for when goroutines run freely
	changes uint64
	values  []T
}

func (q *whole[T]) Enqueue(v T) {
	every.Step(every.RMW, unsafe.Pointer(&q.changes), 8)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.changes++
	q.values = append(q.values, v)
}

func (q *whole[T]) Dequeue() (v T, ok bool) {
	every.Step(every.RMW, unsafe.Pointer(&q.changes), 8)
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.values) == 0 {
		return v, false
	}
	q.changes++
	v, q.values = q.values[0], q.values[1:]
	return v, true
}

func (q *whole[T]) Empty() bool {
	every.Step(every.Load, unsafe.Pointer(&q.changes), 8)
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.values) == 0
}
