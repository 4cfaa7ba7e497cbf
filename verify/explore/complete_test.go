//go:build lfpoolhooks

package explore

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	every "github.com/lfpool/lfpool/explore"
	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/pool"
)

// Pools without a bound: every order of all their atomics, by explore's search, which
// leaves out those that differ in the order of steps which do not depend on each other.
// Time stands still, so the reaper does no more than the scenario's workers make it do.

var most = flag.Int("most", 500_000, "schedules at most of each scenario that is searched completely")

// whole is a queue each of whose operations is one step, as those of a linearizable
// queue are in effect. Enqueue and Dequeue depend on all others, Empty, and Dequeue of
// an empty queue, on those that change it.
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

// tally is the tasks of a scenario, and how often each ran.
type tally struct{ ran []int }

// task returns another task, which does f, or nothing if that is nil.
func (c *tally) task(f func()) func() {
	i := len(c.ran)
	c.ran = append(c.ran, 0)
	return func() {
		c.ran[i]++
		if f != nil {
			f()
		}
	}
}

// meeting returns n tasks, none of which ends before all have started.
func (c *tally) meeting(n int) (tasks []func()) {
	all, in := make(chan struct{}), 0
	for range n {
		tasks = append(tasks, c.task(func() {
			if in++; in == n {
				close(all)
			}
			<-all
		}))
	}
	return tasks
}

// once wants each task to have run once, and all workers parked.
func (c *tally) once(p *pool.Pool) error {
	for i, n := range c.ran {
		if n != 1 {
			return fmt.Errorf("task %d ran %d times", i+1, n)
		}
	}
	if s := p.Stats(); s.Idle != s.Workers || s.Limit > 0 && s.Workers > s.Limit {
		return fmt.Errorf("at rest %d of %d workers are parked, limit %d", s.Idle, s.Workers, s.Limit)
	}
	return nil
}

// parked lets the pool have n parked workers, in the same order each time.
func parked(p *pool.Pool, n int) {
	block := make([]chan struct{}, n)
	for i := range block {
		block[i] = make(chan struct{})
		p.Go(func() { <-block[i] })
		synctest.Wait()
	}
	for i := range block {
		close(block[i])
		synctest.Wait()
	}
}

// submitters starts one for each list of tasks.
func submitters(x *every.Run, p *pool.Pool, lists ...[]func()) {
	for _, list := range lists {
		x.Go("submitter", func() {
			for _, f := range list {
				p.Go(f)
			}
		})
	}
}

// slowly begins the names of those that take half a minute.
const slowly = "slow: "

var completes = []struct {
	name string
	opts []pool.Option
	play func(x *every.Run, p *pool.Pool, c *tally)
}{
	{"one submits twice", nil, func(x *every.Run, p *pool.Pool, c *tally) {
		parked(p, 1)
		submitters(x, p, []func(){c.task(nil), c.task(nil)})
	}},
	{"two submit", nil, func(x *every.Run, p *pool.Pool, c *tally) {
		parked(p, 1)
		submitters(x, p, []func(){c.task(nil)}, []func(){c.task(nil)})
	}},
	{"two submit, one worker in the slot", nil, func(x *every.Run, p *pool.Pool, c *tally) {
		parked(p, 1)
		parked(p, 1)
		submitters(x, p, []func(){c.task(nil)}, []func(){c.task(nil)})
	}},
	{"two submit, two workers parked", nil, func(x *every.Run, p *pool.Pool, c *tally) {
		parked(p, 2)
		submitters(x, p, []func(){c.task(nil)}, []func(){c.task(nil)})
	}},
	{"tasks that need each other", nil, func(x *every.Run, p *pool.Pool, c *tally) {
		parked(p, 1)
		tasks := c.meeting(2)
		submitters(x, p, tasks[:1], tasks[1:])
	}},
	{"one submits tasks that need each other", nil, func(x *every.Run, p *pool.Pool, c *tally) {
		parked(p, 1)
		submitters(x, p, c.meeting(2))
	}},
	{"hand-off", []pool.Option{pool.WithHandOff()}, func(x *every.Run, p *pool.Pool, c *tally) {
		parked(p, 1)
		submitters(x, p, []func(){c.task(nil)}, []func(){c.task(nil)})
	}},
	{"limit 1", []pool.Option{pool.WithLimit(1)}, func(x *every.Run, p *pool.Pool, c *tally) {
		parked(p, 1)
		submitters(x, p, []func(){c.task(nil)}, []func(){c.task(nil)})
	}},
	{"limit 1, hand-off", []pool.Option{pool.WithLimit(1), pool.WithHandOff()}, func(x *every.Run, p *pool.Pool, c *tally) {
		parked(p, 1)
		submitters(x, p, []func(){c.task(nil)}, []func(){c.task(nil)})
	}},
	{slowly + "a task beside SetLimit", nil, func(x *every.Run, p *pool.Pool, c *tally) {
		parked(p, 2)
		submitters(x, p, []func(){c.task(nil)})
		x.Go("setter", func() { p.SetLimit(1) })
	}},
}

// statsAlone are operations on counters that only Stats reads: any order is as good.
var statsAlone = at("runner.flush.finished.Add", "runner.flush.veterans.Add", "Pool.leave.reaped.Add", "Pool.retireOne.reaped.Add", "runner.stop.reaped.Add", "runner.gone.exited.Add", "runner.checkIn.replaced.Add")

// completely explores play on a new pool, in every order, or what search says.
func completely(t *testing.T, opts []pool.Option, play func(x *every.Run, p *pool.Pool), options ...every.Option) {
	search(t, Scenario{Setup: func(x *Run) {
		p := pool.New(append([]pool.Option{
			pool.WithIdleTimeout(timeout), pool.WithLinger(false), pool.WithLanes(1),
			pool.WithTaskQueue(func() pool.TaskQueue { return new(whole[func()]) }),
			pool.WithIdleQueue(func() pool.IdleQueue { return new(whole[*pool.Worker]) }),
		}, opts...)...)
		x.Cleanup(func() {
			p.Drain(context.Background())
			time.Sleep(idle.ShrinkBound(timeout))
		})
		play(x.Run, p)
		synctest.Wait()
	}}, options...)
}

// TestPoolCompletely: each task runs once, and with nobody stranded, in every order.
func TestPoolCompletely(t *testing.T) {
	for _, c := range completes {
		t.Run(c.name, func(t *testing.T) {
			if testing.Short() && strings.HasPrefix(c.name, slowly) {
				t.Skip("slow")
			}
			completely(t, c.opts, func(x *every.Run, p *pool.Pool) {
				tasks := new(tally)
				c.play(x, p, tasks)
				x.Check(func() error { return tasks.once(p) })
			})
		})
	}
}

// ending is a context that a scenario ends. Each of its methods is one step.
type ending struct {
	word  uint64 // stands for the rest
	ended bool
	watch func() // that of AfterFunc, until it is called or stopped
	fired int    // how often it was called
}

func (c *ending) Deadline() (at time.Time, ok bool) { return }

func (c *ending) Done() <-chan struct{} { return make(chan struct{}) }
func (c *ending) Value(any) any         { return nil }

func (c *ending) Err() error {
	every.Step(every.Load, unsafe.Pointer(&c.word), 8)
	if c.ended {
		return context.Canceled
	}
	return nil
}

func (c *ending) AfterFunc(f func()) (stop func() bool) {
	every.Step(every.RMW, unsafe.Pointer(&c.word), 8)
	c.watch = f
	if c.ended {
		c.fire()
	}
	return func() bool {
		every.Step(every.RMW, unsafe.Pointer(&c.word), 8)
		still := c.watch != nil
		c.watch = nil
		return still
	}
}

// end ends c.
func (c *ending) end() {
	every.Step(every.RMW, unsafe.Pointer(&c.word), 8)
	c.ended = true
	if c.watch != nil {
		c.fire()
	}
}

// fire calls the func of AfterFunc, in a goroutine of its own. (The caller may have the
// lock of the context that AfterFunc is for.)
func (c *ending) fire() {
	f := c.watch
	c.watch = nil
	c.fired++
	go f()
}

// cargo is a task that blocks and has such a context.
type cargo struct {
	ending
	ran, refused int
}

func (c *cargo) submit(p *pool.Pool, release chan struct{}) {
	if p.GoContext(&c.ending, func(context.Context) { c.ran++; <-release }) != nil {
		c.refused++
	}
}

// atRest returns what is wrong with c when nothing moves: a task that has not started is
// watched, or let go of; one that has started is watched no more.
func (c *cargo) atRest(p *pool.Pool) error {
	over := c.ran + c.refused + int(p.Stats().Skipped)
	switch {
	case over > 1:
		return fmt.Errorf("it ran %d times, and was refused %d times; %v", c.ran, c.refused, p.Stats())
	case over == 1 && c.watch != nil:
		return errors.New("its turn has come, and it is watched")
	case over == 0 && !c.ended && c.watch == nil:
		return errors.New("it has not started, and is not watched")
	case over == 0 && c.ended && c.fired == 0:
		return errors.New("it has not started, and keeps its context")
	}
	return nil
}

// TestContextsCompletely: a task is submitted behind another one, which ends, and so does
// its context.
func TestContextsCompletely(t *testing.T) {
	completely(t, []pool.Option{pool.WithLimit(1)}, func(x *every.Run, p *pool.Pool) {
		c, first, release := new(cargo), make(chan struct{}), make(chan struct{})
		p.Go(func() { <-first })
		synctest.Wait()
		x.Go("submitter", func() { c.submit(p, release) })
		x.Go("context", c.end)
		x.Go("first task", func() { close(first) })
		x.Check(func() error { return c.atRest(p) })
		x.Cleanup(func() { close(release) })
	})
}

// TestContextsTogether: two tasks are submitted at once, for one place.
func TestContextsTogether(t *testing.T) {
	completely(t, []pool.Option{pool.WithLimit(1)}, func(x *every.Run, p *pool.Pool) {
		parked(p, 1)
		release := make(chan struct{})
		for range 2 {
			c := new(cargo)
			x.Go("submitter", func() { c.submit(p, release) })
			x.Check(func() error { return c.atRest(p) })
		}
		x.Cleanup(func() { close(release) })
	}, every.Bound(2))
}
