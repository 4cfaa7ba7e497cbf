//go:build lfpoolhooks

package explore

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	every "github.com/lfpool/lfpool/explore"
	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/internal/atomic"
	"github.com/lfpool/lfpool/internal/binary"
	"github.com/lfpool/lfpool/internal/home"
	"github.com/lfpool/lfpool/internal/point"
	"github.com/lfpool/lfpool/lfqueue"
	"github.com/lfpool/lfpool/pool"
)

// timeout is the pools' idle timeout, tick how often their reapers look.
const timeout = 4 * time.Millisecond

var tick = idle.Tick(timeout)

// book counts the runs of each task.
type book struct {
	x    *Run
	mu   sync.Mutex // one goroutine runs at a time, but for one that a channel wakes
	runs map[string]*int64
	err  error // what else went wrong
	none bool  // at rest there must be no worker
	// alone: in the end nobody drains the pool, so that the reaper is not nudged.
	alone bool
	then  func() error // what else is checked, at rest; nil for nothing
}

func (b *book) add(name string, n int64) (now int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	runs := b.runs[name]
	if runs == nil {
		runs = new(int64)
		b.runs[name] = runs
	}
	if n == 0 {
		shared(every.Load, runs)
	} else {
		shared(every.RMW, runs)
	}
	*runs += n
	return *runs
}

// task is a task with a name, which stops before it does f.
func (b *book) task(name string, f func()) func() {
	b.add(name, 0)
	return func() {
		b.x.Stop(name)
		b.add(name, 1)
		if f != nil {
			f()
		}
	}
}

// drained submits tasks and drains the pool: after that they must have run.
func (b *book) drained(p *pool.Pool, names ...string) {
	for _, name := range names {
		p.Go(b.task(name, nil))
	}
	b.drain([]*pool.Pool{p}, names...)
}

// drain drains the pools: after that the tasks must have run.
func (b *book) drain(pools []*pool.Pool, names ...string) {
	pool.DrainAll(context.Background(), pools...) // no error: that context is never done
	for _, name := range names {
		if n := b.add(name, 0); n != 1 {
			b.add(name+", when Drain had returned,", n)
		}
	}
}

// chain returns a task that submits the second, which submits the third, and so
// on, each to the next of the pools in turn. It is for the first.
func (b *book) chain(pools []*pool.Pool, names ...string) func() {
	var next func()
	for i, name := range slices.Backward(names) {
		submit, p := next, pools[(i+1)%len(pools)]
		next = b.task(name, func() {
			if submit != nil {
				p.Go(submit)
			}
		})
	}
	return next
}

// fewTurns holds that the Drains of a scenario, however they keep step, make n
// turns at most between them.
func (b *book) fewTurns(n int) {
	turns := 0
	b.watch(func(point string) {
		if is(point, "Pool.turn.generation.Store") {
			turns++
		}
		if turns > n {
			b.err = fmt.Errorf("%d turns", turns)
		}
	})
}

// needsEmpty drains the pool after tasks, and once workers are told of the turn submits
// a task that waits until that generation is empty: no worker of it may have the task.
func (b *book) needsEmpty(p *pool.Pool, tasks ...string) {
	turned, isTurned := gate()
	empty, isEmpty := gate()
	b.watch(func(point string) {
		switch {
		case point == "generation.leave.word.Add in Pool.finish": // directly after the notice
			isTurned()
		case point == "lanes.all.list.Load in Pool.quietSince":
			isEmpty()
		}
	})
	b.x.Go("drainer", func() { b.drained(p, tasks...) })
	b.x.Go("submitter", func() { <-turned; p.Go(b.task("task that waits", func() { <-empty })) })
}

// gate returns a channel and what closes it, once.
func gate() (c chan struct{}, open func()) {
	c = make(chan struct{})
	opened := new(int64)
	return c, func() {
		shared(every.RMW, opened)
		if *opened++; *opened == 1 {
			close(c)
		}
	}
}

// oneSearcher holds that nobody has the searcher's duty while somebody else does:
// whoever takes it looks for a worker next, and it is released once.
func (b *book) oneSearcher() {
	searchers := new(int64)
	b.watch(func(point string) {
		switch {
		case came(point, "lane.takeSlot.slot.Load in Pool.wake"):
			shared(every.RMW, searchers)
			*searchers++
		case is(point, "lane.release.search.And"):
			shared(every.RMW, searchers)
			*searchers--
		}
		if *searchers > 1 {
			b.err = errors.New("two have the searcher's duty")
		}
	})
}

// came reports whether a goroutine has come to the point that is wanted: that operation, or "operation in
// function", or "operation within function" wherever the function stands on the stack.
func came(to, want string) bool {
	operation, function, within := strings.Cut(want, " within ")
	return (key(to) == key(operation) || is(to, operation)) && (!within || point.Within("pool."+function))
}

// watch has see called at each stop, after those that watch already.
func (b *book) watch(see func(point string)) {
	passed := b.x.onStop
	b.x.onStop = func(point string) {
		passed(point)
		see(point)
	}
}

// leavesNobody drains a pool of one parked worker after a task.
func leavesNobody(x *Run, p *pool.Pool, b *book) {
	b.none = true
	warm(p, 1)
	x.Go("drainer", func() { b.drained(p, "task 1") })
}

func (b *book) eachOnce() error {
	if b.err != nil {
		return b.err
	}
	for name, n := range b.runs {
		if *n != 1 {
			return fmt.Errorf("%s ran %d times", name, *n)
		}
	}
	return nil
}

// poolScenario makes a pool, has play start the goroutines, and afterwards
// wants every task to have run once, and with time every worker gone.
func poolScenario(play func(x *Run, p *pool.Pool, b *book), opts ...pool.Option) Scenario {
	return Scenario{Stops: poolSteps.has, Tick: tick, Setup: func(x *Run) {
		common := []pool.Option{pool.WithIdleTimeout(timeout), pool.WithLinger(false), pool.WithLanes(1)}
		if binary.Test {
			common = nil // with the default options it keeps no worker
		}
		p := pool.New(append(common, opts...)...)
		b := &book{x: x, runs: map[string]*int64{}}
		play(x, p, b)
		ended := false
		x.Cleanup(func() {
			if !ended { // the run was given up
				time.Sleep(idle.ShrinkBound(timeout))
				p.Drain(context.Background())
				time.Sleep(idle.ShrinkBound(timeout))
			}
		})
		x.Check(func() error {
			atomic.Watch(nil)
			ended = true
			if err := b.eachOnce(); err != nil {
				return err
			}
			if b.then != nil {
				if err := b.then(); err != nil {
					return err
				}
			}
			s := p.Stats()
			if s.Limit > 0 && s.Workers > s.Limit {
				return fmt.Errorf("at rest: %d workers, limit %d", s.Workers, s.Limit)
			}
			if b.none && s.Workers != 0 {
				return fmt.Errorf("at rest: %d workers, all tasks were drained", s.Workers)
			}
			if s.Idle != s.Workers {
				return fmt.Errorf("at rest %d of %d workers are parked", s.Idle, s.Workers)
			}
			if !b.alone {
				p.Drain(context.Background()) // of what the reaper is told to keep
			}
			time.Sleep(idle.ShrinkBound(timeout))
			synctest.Wait()
			if s := p.Stats(); s.Workers != 0 || s.Idle != 0 {
				return fmt.Errorf("after the shrink bound: %+v", s)
			}
			return nil
		})
	}}
}

// warm lets the pool have n parked workers.
func warm(p *pool.Pool, n int) {
	block := make(chan struct{})
	for range n {
		p.Go(func() { <-block })
	}
	close(block)
	synctest.Wait()
}

// submit starts a submitter for each list of tasks.
func submit(x *Run, p *pool.Pool, lists ...[]func()) {
	for i, list := range lists {
		x.Go(fmt.Sprintf("submitter %d", i+1), func() {
			for _, f := range list {
				p.Go(f)
			}
		})
	}
}

// meeting returns n tasks, none of which ends before all have started.
func meeting(b *book, n int) []func() {
	all, in := make(chan struct{}), new(int64)
	tasks := make([]func(), n)
	for i := range tasks {
		tasks[i] = b.task(fmt.Sprintf("task %d", i+1), func() {
			shared(every.RMW, in)
			if *in++; *in == int64(n) {
				close(all)
			}
			<-all
		})
	}
	return tasks
}

// cooled is warm with n workers, and then all of the idle timeout passes but
// the last instant: the reaper retires them at the next tick and looks whether
// it may go.
func cooled(p *pool.Pool, n int) {
	warm(p, n)
	time.Sleep(4 * tick)
	synctest.Wait()
}

// overdue lets an unlimited pool have a worker that is in a task now, and passes
// the scheduler when release is called; and n that are parked.
func overdue(p *pool.Pool, n int) (release func()) {
	p.SetLimit(1) // so that it is the worker that runs all
	hold := make(chan struct{})
	p.Go(func() {
		for range 15 { // two batches after this task, for it flushes when it first checks in
			p.Go(func() {})
		}
		p.Go(func() { <-hold })
	})
	synctest.Wait()
	time.Sleep(tick)
	p.SetLimit(pool.NoLimit)
	warm(p, n)
	return func() { close(hold) }
}

// flood lets p have so many workers, each in a task that exits when release is
// called, that its next ones are started by one another.
func flood(p *pool.Pool) (release func()) {
	hold := make(chan struct{})
	for range 20 {
		p.Go(func() { <-hold; runtime.Goexit() })
	}
	synctest.Wait()
	return func() { close(hold) }
}

var pools = []struct {
	name   string
	bound  int
	ticks  int
	passes string // a point that some schedule must pass
	opts   []pool.Option
	stops  func(string) bool
	play   func(x *Run, p *pool.Pool, b *book)
}{
	{"two submitters, new pool", 2, 0, "Pool.startReaper.nudge.Store", nil, nil, func(x *Run, p *pool.Pool, b *book) {
		submit(x, p, []func(){b.task("task 1", nil)}, []func(){b.task("task 2", nil)})
	}},
	{"two submitters, one searcher at a time", complete, 0, "lane.trySearch.search.CompareAndSwap", nil, searches.has, func(x *Run, p *pool.Pool, b *book) {
		b.oneSearcher()
		submit(x, p, []func(){b.task("task 1", nil)}, []func(){b.task("task 2", nil)})
	}},
	{"two submitters, two tasks each, one worker parked", 2, 0, "lane.takeSlot.slot.Swap", nil, nil, func(x *Run, p *pool.Pool, b *book) {
		warm(p, 1)
		submit(x, p, []func(){b.task("task 1", nil), b.task("task 2", nil)}, []func(){b.task("task 3", nil)})
	}},
	{"two tasks that need each other, new pool", 2, 0, "Pool.join.generation.Load", nil, nil, func(x *Run, p *pool.Pool, b *book) {
		submit(x, p, meeting(b, 2))
	}},
	{"three tasks that need each other, new pool", 1, 0, "Pool.join.generation.Load", nil, nil, func(x *Run, p *pool.Pool, b *book) {
		tasks := meeting(b, 3)
		submit(x, p, tasks[:2], tasks[2:])
	}},
	{"tasks that need each other, two workers parked", 2, 0, "Seg.Dequeue.head.Load in Pool.takeQueued", nil, nil, func(x *Run, p *pool.Pool, b *book) {
		warm(p, 2)
		tasks := meeting(b, 3)
		submit(x, p, tasks[:2], tasks[2:])
	}},
	{"a task submits tasks that need each other", 2, 0, "Seg.Enqueue.tail.Load in Pool.enqueue", nil, nil, func(x *Run, p *pool.Pool, b *book) {
		warm(p, 1)
		tasks := meeting(b, 2)
		submit(x, p, []func(){b.task("parent", func() { p.Go(tasks[0]); p.Go(tasks[1]) })})
	}},
	{"a batch of tasks that need each other", 2, 0, "Seg.EnqueueAll.tail.Load", nil, nil, func(x *Run, p *pool.Pool, b *book) {
		warm(p, 1)
		x.Go("submitter", func() { p.GoAll(meeting(b, 3)...) })
	}},
	{"a batch beside a task, limit 1", 2, 0, "Seg.Enqueue.tail.Load in Pool.queue", []pool.Option{pool.WithLimit(1)}, nil, func(x *Run, p *pool.Pool, b *book) {
		x.Go("submitter", func() { p.GoAll(b.task("task 1", nil), b.task("task 2", nil), b.task("task 3", nil)) })
		submit(x, p, []func(){b.task("task 4", nil)})
	}},
	{"at the reaper's last instant", 2, 1, "Pool.retireOne.reaped.Add", nil, nil, func(x *Run, p *pool.Pool, b *book) {
		cooled(p, 1)
		x.Go("submitter 1", func() { x.Sleep(); p.Go(b.task("task 1", nil)) })
	}},
	{"two at the reaper's last instant", 1, 1, "Control.Exit.word.CompareAndSwap", nil, nil, func(x *Run, p *pool.Pool, b *book) {
		cooled(p, 2)
		tasks := meeting(b, 2)
		for i, f := range tasks {
			x.Go(fmt.Sprintf("submitter %d", i+1), func() { x.Sleep(); p.Go(f) })
		}
	}},
	{"time passes at any step", 2, 2, "Gauge.Low.word.CompareAndSwap", nil, nil, func(x *Run, p *pool.Pool, b *book) {
		cooled(p, 1)
		submit(x, p, []func(){b.task("task 1", nil), b.task("task 2", nil)})
	}},
	{"Goexit beside tasks", 2, 0, "Control.Leave.word.Add", nil, nil, func(x *Run, p *pool.Pool, b *book) {
		warm(p, 1)
		submit(x, p, []func(){b.task("task that exits", runtime.Goexit), b.task("task 2", nil)}, []func(){b.task("task 3", nil)})
	}},
	{"Goexit at the reaper's instant", 1, 1, "Control.Leave.word.Add", nil, nil, func(x *Run, p *pool.Pool, b *book) {
		cooled(p, 1)
		x.Go("submitter 1", func() { x.Sleep(); p.Go(b.task("task that exits", runtime.Goexit)) })
		x.Go("submitter 2", func() { x.Sleep(); p.Go(b.task("task 2", nil)) })
	}},
	{"panics that are handled", 2, 0, "lane.takeSlot.slot.Swap", []pool.Option{pool.WithPanicHandler(func(any, []byte) {})}, nil, func(x *Run, p *pool.Pool, b *book) {
		warm(p, 1)
		submit(x, p, []func(){b.task("task that panics", func() { panic("handled") }), b.task("task 2", nil)}, []func(){b.task("task 3", nil)})
	}},
	{"hand-off", 2, 0, "Seg.Dequeue.head.Load in Pool.takeQueued", []pool.Option{pool.WithHandOff()}, nil, func(x *Run, p *pool.Pool, b *book) {
		warm(p, 1)
		tasks := meeting(b, 3)
		submit(x, p, tasks[:2], tasks[2:])
	}},
	{"hand-off at the reaper's last instant", 1, 1, "Pool.retireOne.reaped.Add", []pool.Option{pool.WithHandOff()}, nil, func(x *Run, p *pool.Pool, b *book) {
		cooled(p, 1)
		for i, f := range meeting(b, 2) {
			x.Go(fmt.Sprintf("submitter %d", i+1), func() { x.Sleep(); p.Go(f) })
		}
	}},
	{"limit 1, two submitters, new pool", 2, 0, "Seg.Enqueue.tail.Load in Pool.enqueue", []pool.Option{pool.WithLimit(1)}, nil, func(x *Run, p *pool.Pool, b *book) {
		submit(x, p, []func(){b.task("task 1", nil), b.task("task 2", nil)}, []func(){b.task("task 3", nil)})
	}},
	{"limit 2, tasks that need each other and one more, one worker parked", 2, 0, "Seg.Enqueue.tail.Load in Pool.enqueue", []pool.Option{pool.WithLimit(2)}, nil, func(x *Run, p *pool.Pool, b *book) {
		warm(p, 1)
		tasks := meeting(b, 2)
		submit(x, p, []func(){tasks[0], b.task("task 3", nil)}, tasks[1:])
	}},
	{"limit 1, Goexit beside tasks", 2, 0, "Control.Leave.word.Add", []pool.Option{pool.WithLimit(1)}, nil, func(x *Run, p *pool.Pool, b *book) {
		submit(x, p, []func(){b.task("task that exits", runtime.Goexit), b.task("task 2", nil)}, []func(){b.task("task 3", nil)})
	}},
	{"limit 1, at the reaper's last instant", 1, 1, "Pool.retireOne.reaped.Add", []pool.Option{pool.WithLimit(1)}, nil, func(x *Run, p *pool.Pool, b *book) {
		cooled(p, 1)
		x.Go("submitter 1", func() { x.Sleep(); p.Go(b.task("task 1", nil)) })
		x.Go("submitter 2", func() { x.Sleep(); p.Go(b.task("task 2", nil)) })
	}},
	{"limit 1, hand-off", 2, 0, "Seg.Enqueue.tail.Load in Pool.queue", []pool.Option{pool.WithLimit(1), pool.WithHandOff()}, nil, func(x *Run, p *pool.Pool, b *book) {
		submit(x, p, []func(){b.task("task 1", nil), b.task("task 2", nil)}, []func(){b.task("task 3", nil)})
	}},
	{"the limit is lowered beside tasks", 2, 0, "Control.LeaveIfOver.word.CompareAndSwap", nil, nil, func(x *Run, p *pool.Pool, b *book) {
		warm(p, 2)
		submit(x, p, []func(){b.task("task 1", nil), b.task("task 2", nil)})
		x.Go("setter", func() { p.SetLimit(1) })
	}},
	{"the limit is raised beside tasks that need each other", 2, 0, "Control.SetLimit.word.CompareAndSwap", []pool.Option{pool.WithLimit(1)}, nil, func(x *Run, p *pool.Pool, b *book) {
		submit(x, p, meeting(b, 2))
		x.Go("setter", func() { p.SetLimit(2) })
	}},
	{"backlog 0, two submitters", 2, 0, "gate.leave.mu.Lock", []pool.Option{pool.WithLimit(1), pool.WithBacklog(0)}, nil, func(x *Run, p *pool.Pool, b *book) {
		submit(x, p, []func(){b.task("task 1", nil), b.task("task 2", nil)}, []func(){b.task("task 3", nil)})
	}},
	{"a worker for each task", 2, 0, "Pool.join.generation.Load", []pool.Option{pool.WithMaxTasksPerWorker(1)}, nil, func(x *Run, p *pool.Pool, b *book) {
		submit(x, p, []func(){b.task("task 1", nil), b.task("task 2", nil)})
	}},
	{"Drain beside tasks, one worker parked", 1, 0, "generation.leave.word.Add", nil, erasToo.has, func(x *Run, p *pool.Pool, b *book) {
		warm(p, 1)
		x.Go("drainer", func() { b.drained(p, "task 1", "task 2") })
		x.Go("submitter", func() { p.Go(b.task("task 3", nil)) })
	}},
	{"two Drains, limit 1", 1, 0, "generation.leave.word.Add", []pool.Option{pool.WithLimit(1)}, goings.has, func(x *Run, p *pool.Pool, b *book) {
		x.Go("drainer 1", func() { b.drained(p, "task 1") })
		x.Go("drainer 2", func() { b.drained(p, "task 2") })
	}},
	{"two Drains, hand-off", 1, 0, "generation.leave.word.Add", []pool.Option{pool.WithHandOff()}, generations.has, func(x *Run, p *pool.Pool, b *book) {
		x.Go("drainer 1", func() { b.drained(p) })
		x.Go("drainer 2", func() { b.drained(p, "task 1") })
	}},
	{"nobody is left by a Drain", 1, 0, "Pool.turn.generation.Load", keepAll, cullsToo.has, leavesNobody},
	{"nobody is left by two Drains, a worker for each task", 1, 0, "Pool.passMark.mu.Lock", append(keepAll, pool.WithMaxTasksPerWorker(1)), turns.has, func(x *Run, p *pool.Pool, b *book) {
		b.none = true
		x.Go("drainer 1", func() { b.drained(p, "task 1") })
		x.Go("drainer 2", func() { b.drained(p, "task 2") })
	}},
	{"nobody is left by a Drain, hand-off", complete, 0, "Pool.turn.generation.Load", append(keepAll, pool.WithHandOff()), cullsToo.has, leavesNobody},
	{"limit 1, a waker finds a worker and has no duty for it", 5, 0, "Pool.enlist.slot.Swap", append(keepAll, pool.WithLimit(1)), searches.has, func(x *Run, p *pool.Pool, b *book) {
		quiet := func(name string) func() { b.add(name, 0); return func() { b.add(name, 1) } }
		submit(x, p, []func(){quiet("task 1"), quiet("task 2")}, []func(){quiet("task 3")})
	}},
	{"Drain beside the reaper that keeps all", complete, 1, "Pool.turn.generation.Load", keepAll, cullsToo.has, func(x *Run, p *pool.Pool, b *book) {
		warm(p, 1)
		x.Go("drainer", func() { x.Sleep(); b.drained(p) })
	}},
	{"nobody is left by two Drains of two parked workers", 1, 0, "Pool.turn.generation.Load", keepAll, goings.has, func(x *Run, p *pool.Pool, b *book) {
		b.none = true
		warm(p, 2)
		x.Go("drainer 1", func() { b.drained(p) })
		x.Go("drainer 2", func() { b.drained(p) })
	}},
	{"Drain beside SetLimit", 1, 0, "Pool.mustGo.generation.Load", keepAll, cullsToo.has, func(x *Run, p *pool.Pool, b *book) {
		warm(p, 2)
		x.Go("drainer", func() { b.drained(p) })
		x.Go("setter", func() { p.SetLimit(1) })
	}},
	{"Drain beside workers that park", 1, 0, "Pool.mustGo.generation.Load", keepAll, goings.has, func(x *Run, p *pool.Pool, b *book) {
		submit(x, p, []func(){b.task("task 1", nil)}, []func(){b.task("task 2", nil)})
		x.Go("drainer", func() { b.drained(p) })
	}},
	{"a task that waits for the end of the generation, after a turn", 1, 0, "generation.leave.word.Add", keepAll, goings.has, func(x *Run, p *pool.Pool, b *book) {
		warm(p, 2)
		b.needsEmpty(p)
	}},
	{"a task that waits for the end of the generation, after a turn while a worker looks up", 2, 0, "Pool.leave.generation.Load within (*runner).checkIn", keepAll, goings.has, func(x *Run, p *pool.Pool, b *book) {
		warm(p, 1)
		p.SetLimit(9) // a notice, so that the worker looks up after its next task
		b.needsEmpty(p, "task 1")
	}},
	{"a task that waits for the end of the generation, after a turn while a worker is started", complete, 0, "generation.enter.word.Load in Pool.join", keepAll, joins.has, func(x *Run, p *pool.Pool, b *book) {
		warm(p, 1)
		p.SetLimit(9)
		b.needsEmpty(p, "task 1")
	}},
	{"a task that waits for the end of the generation, after a turn while a worker has yet to hear of it", 2, 0, "runner.checkIn.notices.Load", keepAll, goings.without("Pool.leave.generation.Load").has, func(x *Run, p *pool.Pool, b *book) {
		warm(p, 1)
		p.SetLimit(9)
		b.needsEmpty(p, "task 1")
	}},
	{"the limit is lowered beside workers that park", 1, 0, "Pool.mustGo.generation.Load", keepAll, cullsToo.has, func(x *Run, p *pool.Pool, b *book) {
		submit(x, p, []func(){b.task("task 1", nil)}, []func(){b.task("task 2", nil)})
		x.Go("setter", func() { p.SetLimit(1) })
	}},
	{"the limit is lowered beside workers that park, hand-off", 1, 0, "Pool.mustGo.generation.Load", append(keepAll, pool.WithHandOff()), cullsToo.has, func(x *Run, p *pool.Pool, b *book) {
		submit(x, p, []func(){b.task("task 1", nil)}, []func(){b.task("task 2", nil)})
		x.Go("setter", func() { p.SetLimit(1) })
	}},
	{"a worker parks while the reaper falls asleep", complete, 1, "Reaper.fallsAsleep.Asleep.Store", nil, sleeps.has, func(x *Run, p *pool.Pool, b *book) {
		b.alone = true
		submit(x, p, []func(){b.task("task 1", nil)})
	}},
	{"workers park while the reaper falls asleep, limit 1", 2, 1, "Pool.tellReaper.asleep.Load", []pool.Option{pool.WithLimit(1)}, sleeps.has, func(x *Run, p *pool.Pool, b *book) {
		b.alone = true
		submit(x, p, []func(){b.task("task 1", nil)}, []func(){b.task("task 2", nil)})
	}},
	{"the last worker exits while the reaper falls asleep", complete, 1, "Reaper.fallsAsleep.Asleep.Store", nil, sleeps.has, func(x *Run, p *pool.Pool, b *book) {
		b.alone = true
		submit(x, p, []func(){b.task("task that exits", runtime.Goexit)})
		b.then = func() error {
			if s := p.Stats(); s.Workers != 0 {
				return fmt.Errorf("at rest: %d workers, the only one has called Goexit", s.Workers)
			}
			return nil
		}
	}},
	{"one exits and one parks while the reaper falls asleep", 2, 1, "Reaper.fallsAsleep.Asleep.Store", nil, sleeps.has, func(x *Run, p *pool.Pool, b *book) {
		b.alone = true
		submit(x, p, []func(){b.task("task that exits", runtime.Goexit)}, []func(){b.task("task 2", nil)})
	}},
	{"the last worker leaves by a Drain while the reaper falls asleep", 2, 1, "Reaper.fallsAsleep.Asleep.Store", nil, sleeps.has, func(x *Run, p *pool.Pool, b *book) {
		b.alone, b.none = true, true
		x.Go("drainer", func() { b.drained(p, "task 1") })
	}},
	{"the reaper falls asleep again, beside a Drain", 2, 0, "Reaper.fallsAsleep.Asleep.Store", nil, sleeps.has, func(x *Run, p *pool.Pool, b *book) {
		b.alone = true
		warm(p, 1)
		x.Go("drainer", func() { b.drained(p) })
		submit(x, p, []func(){b.task("task 1", nil)})
	}},
	{"the limit is lowered while the reaper falls asleep", complete, 1, "Pool.tellReaper.asleep.Load", []pool.Option{pool.WithLimit(2)}, sleeps.has, func(x *Run, p *pool.Pool, b *book) {
		b.alone = true
		warm(p, 2)
		x.Go("setter", func() { p.SetLimit(1) })
	}},
	{"a pool that is stuck has no timer", 2, 1, "Reaper.fallsAsleep.Asleep.Store", nil, sleeps.has, func(x *Run, p *pool.Pool, b *book) {
		b.alone = true
		stuck := make(chan struct{})
		release := sync.OnceFunc(func() { close(stuck) })
		x.Cleanup(release)
		submit(x, p, []func(){b.task("task that is stuck", func() { <-stuck })}, []func(){b.task("task 2", nil)})
		b.then = func() error {
			time.Sleep(idle.ShrinkBound(timeout))
			synctest.Wait()
			ticks := 0
			point.Handle(func(point string) {
				if is(point, "Pool.notify.notices.Add") {
					ticks++
				}
			})
			time.Sleep(10 * timeout)
			synctest.Wait()
			point.Handle(nil)
			s := p.Stats()
			release()
			synctest.Wait()
			if ticks > 0 || s.Workers != 1 {
				return fmt.Errorf("%d ticks of the reaper, %d workers, of which one is stuck", ticks, s.Workers)
			}
			return nil
		}
	}},
	{"Drain beside a task that submits the next", slow, 0, "generation.untouched.word.Load", nil, turns.has, func(x *Run, p *pool.Pool, b *book) {
		b.none = true
		b.fewTurns(4)
		p.Go(b.chain([]*pool.Pool{p}, "task 1", "task 2"))
		x.Go("drainer", func() { b.drain([]*pool.Pool{p}, "task 1", "task 2") })
	}},
	{"Drain beside a task that submits the next, every step", 1, 0, "Pool.turn.generation.Load", nil, drainsToo, func(x *Run, p *pool.Pool, b *book) {
		b.none = true
		p.Go(b.chain([]*pool.Pool{p}, "task 1", "task 2", "task 3"))
		x.Go("drainer", func() { b.drain([]*pool.Pool{p}, "task 1", "task 2", "task 3") })
	}},
	{"Drain beside a task that submits the next, limit 1", 1, 0, "Pool.passMark.mu.Lock", []pool.Option{pool.WithLimit(1)}, goings.has, func(x *Run, p *pool.Pool, b *book) {
		b.none = true
		x.Go("drainer", func() {
			p.Go(b.chain([]*pool.Pool{p}, "task 1", "task 2", "task 3"))
			b.drain([]*pool.Pool{p}, "task 1", "task 2", "task 3")
		})
	}},
	{"Drain beside a task that submits the next, hand-off", 2, 0, "generation.untouched.word.Load", []pool.Option{pool.WithHandOff()}, turns.has, func(x *Run, p *pool.Pool, b *book) {
		b.none = true
		x.Go("drainer", func() {
			p.Go(b.chain([]*pool.Pool{p}, "task 1", "task 2", "task 3"))
			b.drain([]*pool.Pool{p}, "task 1", "task 2", "task 3")
		})
	}},
	{"two Drains beside a task that submits the next", 1, 0, "generation.untouched.word.Load", nil, turns.has, func(x *Run, p *pool.Pool, b *book) {
		b.none = true
		b.fewTurns(8)
		p.Go(b.chain([]*pool.Pool{p}, "task 1", "task 2"))
		x.Go("drainer 1", func() { b.drain([]*pool.Pool{p}, "task 1", "task 2") })
		x.Go("drainer 2", func() { b.drain([]*pool.Pool{p}, "task 1", "task 2") })
	}},
	{"two Drains do not keep each other", 2, 0, "generation.untouched.word.Load", nil, turns.has, func(x *Run, p *pool.Pool, b *book) {
		b.fewTurns(4 + 2*2) // two each, and one more each when a joiner was preempted
		x.Go("drainer 1", func() { b.drained(p) })
		x.Go("drainer 2", func() { b.drained(p) })
		submit(x, p, []func(){b.task("task 1", nil)})
	}},
	{"pools that submit to each other are drained", 1, 0, "generation.untouched.word.Load", nil, turns.has, func(x *Run, p *pool.Pool, b *book) {
		b.none = true
		q := pool.New(pool.WithIdleTimeout(timeout), pool.WithLinger(false))
		both := []*pool.Pool{p, q}
		p.Go(b.chain(both, "task 1", "task 2", "task 3"))
		x.Go("drainer", func() { b.drain(both, "task 1", "task 2", "task 3") })
		b.then = func() error {
			if s := q.Stats(); s.Workers != 0 {
				return fmt.Errorf("at rest: the second pool has %d workers", s.Workers)
			}
			return nil
		}
	}},
	{"pools that submit to each other are drained, beside a submitter", 1, 0, "Pool.join.generation.Load", nil, generations.and(at("Pool.join.generation.Load", "lane.trySearch.search.CompareAndSwap")).has, func(x *Run, p *pool.Pool, b *book) {
		q := pool.New(pool.WithIdleTimeout(timeout), pool.WithLinger(false))
		both := []*pool.Pool{p, q}
		p.Go(b.chain(both, "task 1", "task 2"))
		x.Go("submitter", func() { q.Go(b.task("task 3", nil)) })
		x.Go("drainer", func() { b.drain(both, "task 1", "task 2") })
	}},
	{"nobody is left by a Drain that turns at once, beside a submitter", 1, 0, "Pool.turn.generation.Load", keepAll, cullsToo.has, func(x *Run, p *pool.Pool, b *book) {
		b.none = true
		x.Go("drainer", func() { b.drained(p) })
		x.Go("submitter", func() { b.drained(p, "task 1") })
	}},
	{"limit 1, Goexit and then a panic that is handled", 2, 0, "Control.Leave.word.Add", []pool.Option{pool.WithLimit(1), pool.WithPanicHandler(func(any, []byte) {})}, nil, func(x *Run, p *pool.Pool, b *book) {
		exits := b.task("task that exits", func() { defer panic("handled"); runtime.Goexit() })
		submit(x, p, []func(){exits, b.task("task 2", nil)}, []func(){b.task("task 3", nil)})
	}},
	{"limit 1, a panic that is handled by Goexit", 2, 0, "Control.Leave.word.Add", []pool.Option{pool.WithLimit(1), pool.WithPanicHandler(func(any, []byte) { runtime.Goexit() })}, nil, func(x *Run, p *pool.Pool, b *book) {
		submit(x, p, []func(){b.task("task that panics", func() { panic("handled") }), b.task("task 2", nil)}, []func(){b.task("task 3", nil)})
	}},
	{keepsNone + ", limit 1", 2, 0, "Control.Leave.word.Add", []pool.Option{pool.WithLimit(1)}, nil, func(x *Run, p *pool.Pool, b *book) {
		b.none = true
		submit(x, p, []func(){b.task("task 1", nil), b.task("task 2", nil)}, []func(){b.task("task 3", nil)})
	}},
	{keepsNone + ", SetLimit", 1, 0, "Control.SetLimit.word.CompareAndSwap", nil, nil, func(x *Run, p *pool.Pool, b *book) {
		b.none = true
		submit(x, p, []func(){b.task("task 1", nil), b.task("task 2", nil)}, []func(){b.task("task 3", nil)})
		x.Go("setter", func() { p.SetLimit(1) })
	}},
	{keepsNone + ", the limit is lifted beside tasks that need each other", 2, 0, "Control.SetLimit.word.CompareAndSwap", []pool.Option{pool.WithLimit(1)}, nil, func(x *Run, p *pool.Pool, b *book) {
		b.none = true
		submit(x, p, meeting(b, 2))
		x.Go("setter", func() { p.SetLimit(pool.NoLimit) })
	}},
	{keepsNone + ", Drain beside a task that submits the next", complete, 0, "generation.untouched.word.Load", nil, drainsToo, func(x *Run, p *pool.Pool, b *book) {
		b.none = true
		p.Go(b.chain([]*pool.Pool{p}, "task 1", "task 2"))
		x.Go("drainer", func() { b.drain([]*pool.Pool{p}, "task 1", "task 2") })
	}},
	{"a worker passes the scheduler, beside a submitter", 1, 0, "lane.takeSlot.slot.Load within (*runner).pass", nil, nil, func(x *Run, p *pool.Pool, b *book) {
		release := overdue(p, 0)
		tasks := meeting(b, 2)
		submit(x, p, []func(){tasks[0], tasks[1]})
		x.Go("releaser", release)
	}},
	{"a worker passes the scheduler, beside a submitter and a Drain", 1, 0, "lane.takeSlot.slot.Load within (*runner).pass", nil, passing.has, func(x *Run, p *pool.Pool, b *book) {
		release := overdue(p, 1)
		x.Go("releaser", release)
		submit(x, p, []func(){b.task("task 1", nil)})
		x.Go("drainer", func() { b.drained(p, "task 2") })
	}},
	{"a flood, beside a Drain", slow, 0, "Seg.Dequeue.head.Load in Pool.startQueued", nil, floods.has, func(x *Run, p *pool.Pool, b *book) {
		release := flood(p)
		x.Go("drainer", func() { release(); b.drained(p, "task 1", "task 2", "task 3") })
	}},
	{"a flood, beside submitters", complete, 0, "Seg.Dequeue.head.Load in Pool.startQueued", nil, floods.has, func(x *Run, p *pool.Pool, b *book) {
		release := flood(p)
		submit(x, p, meeting(b, 3))
		x.Go("releaser", release)
	}},
	{"every step of the queues too", 1, 0, "segment.take.state.Store", nil, everyStep, func(x *Run, p *pool.Pool, b *book) {
		warm(p, 2)
		tasks := meeting(b, 3)
		submit(x, p, tasks[:2], tasks[2:])
	}},
	{"every step, parked workers in MS", 1, 1, "MS.Dequeue.head.CompareAndSwap", []pool.Option{pool.WithIdleQueue(func() pool.IdleQueue { return lfqueue.NewMS[*pool.Worker]() })}, everyStep, func(x *Run, p *pool.Pool, b *book) {
		cooled(p, 2)
		x.Go("submitter 1", func() { x.Sleep(); p.Go(b.task("task 1", nil)) })
	}},
	{"every step, parked workers in Counted", 1, 1, "Counted.Dequeue.head.CompareAndSwap", []pool.Option{pool.WithIdleQueue(func() pool.IdleQueue { return lfqueue.NewCounted[pool.Worker]() })}, everyStep, func(x *Run, p *pool.Pool, b *book) {
		cooled(p, 2)
		x.Go("submitter 1", func() { x.Sleep(); p.Go(b.task("task 1", nil)) })
	}},
}

// keepsNone begins the name of a scenario with a pool that keeps no worker, as one
// that is made in a bubble of a test binary.
const keepsNone = "a pool that keeps no worker"

// keepAll makes the reaper end nobody, so that it hides nothing.
var keepAll = []pool.Option{pool.WithRetention(idle.Never)}

func TestPoolRunsEveryTaskOnce(t *testing.T) {
	for _, c := range pools {
		t.Run(strings.ReplaceAll(c.name, ",", ""), func(t *testing.T) {
			passed := false
			sc := poolScenario(func(x *Run, p *pool.Pool, b *book) {
				x.onStop = func(point string) { passed = passed || came(point, c.passes) }
				c.play(x, p, b)
			}, c.opts...)
			sc.Bound, sc.Ticks = bounded(c.bound), c.ticks
			if c.stops != nil {
				sc.Stops = c.stops
			}
			if strings.HasPrefix(c.name, keepsNone) {
				setup := sc.Setup
				sc.Setup = func(x *Run) {
					binary.Test = true
					defer func() { binary.Test = false }()
					setup(x)
				}
			}
			report(t, sc)
			if !passed && !replaying() {
				t.Errorf("no schedule came to %s", c.passes)
			}
		})
	}
}

// TestLingeringPool: a worker that has parked fifteen times lingers the next
// time. It stops at its first two looks at the queue and, so that the schedules
// stay short, makes the other thousands in one go.
func TestLingeringPool(t *testing.T) {
	for _, c := range []struct {
		name   string
		bound  int
		stops  func(string) bool
		second uint32 // the lane of the second submitter, where the first one's is 1
		passes []string
	}{
		{"lingering", complete, poolSteps.has, 1, nil},
		{"lingering, a task for another lane", complete, lingers.has, 2, []string{"Pool.giveLingerer.search.Load"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inLanes(t)
			home.SetCalm(true) // the runtime's count is another now and then
			defer home.SetCalm(false)
			passed := map[string]bool{}
			polls := map[uint64]int{} // of each goroutine, since it has begun to linger
			sc := poolScenario(func(x *Run, p *pool.Pool, b *book) {
				for range 15 {
					goIn(p, 1, func() {})
					synctest.Wait()
				}
				clear(polls)
				x.passBy = func(string) bool { return polls[point.Goroutine()] > 2 }
				x.onStop = func(name string) {
					passed[name] = true
					switch operationOf(name) {
					case "runner.linger.search.CompareAndSwap", "predictor.miss.level.Load", "lane.release.search.And":
						polls[point.Goroutine()] = 0
					}
					if name == "Seg.Dequeue.head.Load in runner.poll" {
						polls[point.Goroutine()]++
					}
				}
				submitIn(x, p, "submitter 1", 1, b.task("task 1", nil))
				submitIn(x, p, "submitter 2", c.second, b.task("task 2", nil))
			}, pool.WithLinger(true), pool.WithLanes(4))
			sc.Bound = c.bound
			sc.Stops = c.stops
			report(t, sc)
			for _, point := range append(c.passes, "Seg.Dequeue.head.Load in runner.poll", "predictor.miss.level.Load in runner.poll") {
				if !passed[point] && !replaying() {
					t.Errorf("no schedule came to %s", point)
				}
			}
		})
	}
}
