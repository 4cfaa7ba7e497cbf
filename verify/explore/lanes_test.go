//go:build lfpoolhooks

package explore

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lfpool/lfpool/internal/home"
	"github.com/lfpool/lfpool/pool"
)

// inLanes has submitters in lane 1 unless they say otherwise, until the test ends.
func inLanes(t *testing.T) {
	home.Set(1)
	t.Cleanup(func() { home.Set(0) })
}

// goIn submits f in a lane. Nothing comes between the two calls: no scenario stops
// a submitter before it has chosen its lane.
func goIn(p *pool.Pool, lane uint32, f func()) {
	home.Set(lane)
	p.Go(f)
}

// submitIn starts a submitter that submits the tasks in a lane, each in a lane of its
// own, from lane 2 on, if lane is 0.
func submitIn(x *Run, p *pool.Pool, name string, lane uint32, tasks ...func()) {
	x.Go(name, func() {
		for i, f := range tasks {
			if lane == 0 {
				goIn(p, uint32(i+2), f)
			} else {
				goIn(p, lane, f)
			}
		}
	})
}

// warmIn lets the pool have a parked worker for each of the lanes, the last of them
// in its lane's slot.
func warmIn(p *pool.Pool, lanes ...uint32) {
	block := make(chan struct{})
	for _, l := range lanes {
		goIn(p, l, func() { <-block })
	}
	synctest.Wait()
	close(block)
	synctest.Wait()
}

// drainedIn submits a task in each of the lanes and drains the pool: after that they
// must have run.
func (b *book) drainedIn(p *pool.Pool, lanes ...uint32) {
	names := []string{"task a", "task b", "task c"}[:len(lanes)]
	for i, l := range lanes {
		goIn(p, l, b.task(names[i], nil))
	}
	p.Drain(context.Background()) // no error: that context is never done
	for _, name := range names {
		if n := b.add(name, 0); n != 1 {
			b.add(name+", when Drain had returned,", n)
		}
	}
}

var lanePools = []struct {
	name   string
	bound  int
	ticks  int
	passes string // a point that some schedule must pass
	opts   []pool.Option
	stops  func(string) bool
	play   func(x *Run, p *pool.Pool, b *book)
}{
	{"two lanes, new pool", 2, 0, "Pool.join.generation.Load", nil, nil, func(x *Run, p *pool.Pool, b *book) {
		submitIn(x, p, "submitter 1", 1, b.task("task 1", nil))
		submitIn(x, p, "submitter 2", 2, b.task("task 2", nil))
	}},
	{"two lanes, one worker parked", 2, 0, "lane.takeSlot.slot.Load in Pool.takeParked", nil, nil, func(x *Run, p *pool.Pool, b *book) {
		warmIn(p, 2)
		submitIn(x, p, "submitter 1", 2, b.task("task 1", nil), b.task("task 2", nil))
		submitIn(x, p, "submitter 2", 3, b.task("task 3", nil))
	}},
	{"two lanes, a worker parked in each", complete, 0, "lane.takeSlot.slot.Swap", nil, nil, func(x *Run, p *pool.Pool, b *book) {
		warmIn(p, 1, 2)
		submitIn(x, p, "submitter 1", 1, b.task("task 1", nil), b.task("task 2", nil))
		submitIn(x, p, "submitter 2", 2, b.task("task 3", nil))
	}},
	{"two lanes are made at once", 1, 0, "Pool.makeLane.at.CompareAndSwap", nil, makes.has, func(x *Run, p *pool.Pool, b *book) {
		submitIn(x, p, "submitter 1", 1, b.task("task 1", nil))
		submitIn(x, p, "submitter 2", 1, b.task("task 2", nil))
		submitIn(x, p, "submitter 3", 2, b.task("task 3", nil))
	}},
	{"tasks that need each other, in two lanes", 1, 0, "Pool.join.generation.Load", nil, spawns.has, func(x *Run, p *pool.Pool, b *book) {
		tasks := meeting(b, 3)
		submitIn(x, p, "submitter 1", 1, tasks[:2]...)
		submitIn(x, p, "submitter 2", 2, tasks[2:]...)
	}},
	{"tasks that need each other, in two lanes, one worker parked", 2, 0, "lane.takeSlot.slot.Load in Pool.takeParked", nil, nil, func(x *Run, p *pool.Pool, b *book) {
		warmIn(p, 2)
		tasks := meeting(b, 3)
		submitIn(x, p, "submitter 1", 2, tasks[:1]...)
		submitIn(x, p, "submitter 2", 3, tasks[1:]...)
	}},
	{"a submitter changes its lane", complete, 0, "lane.takeSlot.slot.Load in Pool.takeParked", nil, nil, func(x *Run, p *pool.Pool, b *book) {
		warmIn(p, 2)
		tasks := meeting(b, 2)
		submitIn(x, p, "submitter 1", 0, tasks...)
	}},
	{"hand-overs beside queued tasks", 2, 0, "Seg.Enqueue.tail.Load in Pool.enqueue", nil, handOvers.has, func(x *Run, p *pool.Pool, b *book) {
		warmIn(p, 1)
		tasks := meeting(b, 3)
		submitIn(x, p, "submitter 1", 1, tasks[:2]...)
		submitIn(x, p, "submitter 2", 1, tasks[2:]...)
	}},
	{"hand-overs, limit 1", 2, 0, "Seg.Enqueue.tail.Load in Pool.queue", []pool.Option{pool.WithLimit(1)}, handOvers.has, func(x *Run, p *pool.Pool, b *book) {
		warmIn(p, 1)
		submitIn(x, p, "submitter 1", 1, b.task("task 1", nil), b.task("task 2", nil))
		submitIn(x, p, "submitter 2", 1, b.task("task 3", nil))
	}},
	{"Goexit in two lanes", 2, 0, "Control.Leave.word.Add", nil, nil, func(x *Run, p *pool.Pool, b *book) {
		warmIn(p, 1)
		submitIn(x, p, "submitter 1", 1, b.exiting("task that exits"), b.task("task 2", nil))
		submitIn(x, p, "submitter 2", 2, b.task("task 3", nil))
	}},
	{"two lanes at the reaper's last instant", 1, 1, "Pool.retireOne.reaped.Add", nil, retires.has, func(x *Run, p *pool.Pool, b *book) {
		warmIn(p, 1, 2)
		time.Sleep(4 * tick)
		synctest.Wait()
		for i, f := range meeting(b, 2) {
			x.Go([]string{"submitter 1", "submitter 2"}[i], func() { x.Sleep(); goIn(p, uint32(i+1), f) })
		}
	}},
	{"a limit comes beside tasks in two lanes", 1, 0, "Control.SetLimit.word.CompareAndSwap", keepAll, limits.has, func(x *Run, p *pool.Pool, b *book) {
		submitIn(x, p, "submitter 1", 1, b.task("task 1", nil))
		submitIn(x, p, "submitter 2", 2, b.task("task 2", nil))
		x.Go("setter", func() { p.SetLimit(1) })
	}},
	{"a limit comes beside workers parked in two lanes", 1, 0, "Pool.mustGo.generation.Load", keepAll, limits.has, func(x *Run, p *pool.Pool, b *book) {
		warmIn(p, 1, 2)
		submitIn(x, p, "submitter 1", 1, b.task("task 1", nil))
		submitIn(x, p, "submitter 2", 2, b.task("task 2", nil))
		x.Go("setter", func() { p.SetLimit(1) })
	}},
	{"a limit goes beside tasks that need each other", 1, 0, "Control.SetLimit.word.CompareAndSwap", []pool.Option{pool.WithLimit(1)}, limits.has, func(x *Run, p *pool.Pool, b *book) {
		tasks := meeting(b, 2)
		submitIn(x, p, "submitter 1", 1, tasks[0])
		submitIn(x, p, "submitter 2", 2, tasks[1])
		x.Go("setter", func() { p.SetLimit(pool.NoLimit) })
	}},
	{"Drain of tasks in two lanes", 1, 0, "Pool.passMark.mu.Lock", nil, drains.has, func(x *Run, p *pool.Pool, b *book) {
		b.fewTurns(2)
		warmIn(p, 1)
		x.Go("drainer", func() { b.drainedIn(p, 1, 1, 2) })
	}},
	{"a hand-over beside a Drain", 1, 0, "lane.takeSlot.slot.Swap", keepAll, handsAndEras.has, func(x *Run, p *pool.Pool, b *book) {
		warmIn(p, 1)
		b.needsEmpty(p)
	}},
	{"Drain of tasks in two lanes, new pool, beside a submitter", 1, 0, "Pool.passMark.mu.Lock", keepAll, turnsAndMakes.has, func(x *Run, p *pool.Pool, b *book) {
		x.Go("drainer", func() { b.drainedIn(p, 1, 2) })
		submitIn(x, p, "submitter", 2, b.task("task 1", nil))
	}},
	{"two Drains of tasks in two lanes", 1, 0, "generation.leave.word.Add", keepAll, turnsAndMakes.has, func(x *Run, p *pool.Pool, b *book) {
		b.none = true
		x.Go("drainer 1", func() { b.drainedIn(p, 1, 2) })
		x.Go("drainer 2", func() { b.drained(p, "task 1") })
	}},
	{"nobody is left in two lanes by a Drain", 1, 0, "generation.leave.word.Add", keepAll, goings.has, func(x *Run, p *pool.Pool, b *book) {
		b.none = true
		warmIn(p, 1, 2)
		x.Go("drainer", func() { b.drainedIn(p, 1, 2) })
	}},
}

// exiting is a task that ends its worker.
func (b *book) exiting(name string) func() { return b.task(name, runtime.Goexit) }

func TestLanesRunEveryTaskOnce(t *testing.T) {
	inLanes(t)
	for _, c := range lanePools {
		t.Run(strings.ReplaceAll(c.name, ",", ""), func(t *testing.T) {
			passed := false
			sc := poolScenario(func(x *Run, p *pool.Pool, b *book) {
				home.Set(1)
				x.onStop = func(point string) { passed = passed || came(point, c.passes) }
				c.play(x, p, b)
			}, append([]pool.Option{pool.WithLanes(4)}, c.opts...)...)
			sc.Bound, sc.Ticks = bounded(c.bound), c.ticks
			if c.stops != nil {
				sc.Stops = c.stops
			}
			report(t, sc)
			if !passed && !replaying() {
				t.Errorf("no schedule came to %s", c.passes)
			}
		})
	}
}

// TestALaneTakesItsNeighboursWorker: a waker that finds nobody parked in its lane takes
// the worker that parked last in the lane beside it, before it starts one.
func TestALaneTakesItsNeighboursWorker(t *testing.T) {
	inLanes(t)
	sc := poolScenario(func(x *Run, p *pool.Pool, b *book) {
		home.Set(1)
		warmIn(p, 2)
		b.then = func() error {
			if s := p.Stats(); s.Spawned != 1 {
				return errors.New("a worker was started beside one that is parked")
			}
			return nil
		}
		for lane := range uint32(7) {
			goIn(p, 2+lane%2, b.task("task", nil))
			synctest.Wait()
			b.add("task", -1)
		}
		x.Go("submitter", func() { goIn(p, 3, b.task("task", nil)) })
	}, pool.WithLanes(16))
	sc.Bound = complete
	report(t, sc)
}
