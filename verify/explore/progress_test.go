//go:build lfpoolhooks

package explore

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lfpool/lfpool/idle"
	named "github.com/lfpool/lfpool/internal/point"
	"github.com/lfpool/lfpool/lfqueue"
	"github.com/lfpool/lfpool/pool"
)

// Progress: at each point in turn a goroutine is stopped, for as long as the
// others like. They must finish a fixed number of operations meanwhile. Here
// goroutines run freely, on all processors and in real time.

// underLock are operations of a goroutine that has a lock of the pool: that of the
// marks, without which no Drain goes on, of the gate's line, or of the settings. Others
// may wait for it while it is stopped there, and are not said not to.
var underLock = regexp.MustCompile(`^Pool\.followProcs\.seen\.(Load#2|Store)$|^(Pool\.(turn|promote|setSpread|setLimit)|gate\.(take|admit|setCapacity|enter\.word)|perProc)\.|\.Unlock(#\d)?$`)

// alone are operations on words that nobody else knows yet, or when nobody else
// is there.
var alone = regexp.MustCompile(`^(NewMS|newCountedAt|Seg\.(init|Len|segmentWith|takeBack)|New|newGeneration)\.`)

// unmet are those of Sharded, which has no load, and how a slab of Counted is made,
// for which no load is long enough; and in the pool those of what the loads do not use: keys,
// tenants, twins, contexts, the histograms of times, shedding, a limit per processor, panics and Stats; nor
// do they have a worker see that its thread is locked with the next task in hand. What is
// no atomic of internal/atomic is never met: a counter of xsync, the pool of starts.
var unmet = regexp.MustCompile(`^start\.launch\.spawned\.Add$|^(Sharded|Counted\.fresh\.slabs|Keyed|keyLine|keyShard|before|register|Tenant|Fair|fairTurn|twins|revocable|histogram|shedder|WithLimitPerProc|Pool\.(twinHere|endTurn|told|hasBefore|revocably|keepTwin|unlessDone|handle|queued|own|idleWorkers|countRefused|followProcs\.settings|joinOnce|runOnce|newStart\.starts)|start\.free\.starts|gate\.(figures|waiting)|runner\.checkThread\.reaped)\.`)

// points returns the names of the atomic operations in the library's sources that the
// others' progress must not depend on.
func points(t *testing.T) (names []string) {
	for _, dir := range []string{"idle", "pool", "lfqueue"} {
		operations, err := named.In(filepath.Join("..", "..", dir))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range operations {
			if !alone.MatchString(name) && !unmet.MatchString(name) && !underLock.MatchString(name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// stopper stops one goroutine at one point, until it is released.
type stopper struct {
	point   string
	skip    int32 // arrivals to let pass first
	seen    atomic.Int32
	victim  atomic.Uint64 // the goroutine that was stopped
	release chan struct{}
}

func (s *stopper) at(point string) {
	if operationOf(point) == s.point && s.seen.Add(1) == s.skip+1 {
		s.victim.Store(named.Goroutine())
		<-s.release
		return
	}
	if point != "Seg.Dequeue.head.Load in runner.poll" && rand.IntN(8) == 0 {
		runtime.Gosched() // so that goroutines meet in the middle of operations
	}
}

func (s *stopper) stopped() bool { return s.victim.Load() != 0 }

const (
	actors   = 4                // goroutines that operate
	after    = 100              // operations that each must finish after the stop
	patience = 10 * time.Second // until a test gives up
	tries    = 20               // rounds of the loads that pass a point which nobody has come to
)

// load is something that actors do over and over.
type load struct {
	name     string
	points   []string // prefixes of the points it passes
	attempts int      // operations of each actor in which the point must be met
	// new returns the operation, which actor does for the i'th time, and a check
	// for when everybody has ended, the one that was stopped included.
	new func(t *testing.T) (op func(actor, i int), check func())
}

func (l load) passes(point string) bool {
	return slices.ContainsFunc(l.points, func(p string) bool { return strings.HasPrefix(point, p) })
}

var loads = []load{
	{"MS", []string{"MS."}, 5000, queueLoad(func() queue { return lfqueue.NewMS[int]() })},
	{"Counted", []string{"Counted."}, 5000, queueLoad(func() queue { return counted{lfqueue.NewCounted[int]()} })},
	{"Seg", []string{"Seg.", "segment."}, 20000, queueLoad(func() queue { return lfqueue.NewSeg[int]() })},
	{"Seg in batches", []string{"Seg.EnqueueAll."}, 20000, func(t *testing.T) (func(int, int), func()) {
		q := lfqueue.NewSeg[int]()
		var in, out atomic.Int64
		take := func() bool {
			_, ok := q.Dequeue()
			if ok {
				out.Add(1)
			}
			return ok
		}
		return func(actor, i int) {
				q.EnqueueAll([]int{actor, i})
				in.Add(2)
				take()
				take()
			}, func() {
				for take() {
				}
				if in.Load() != out.Load() {
					t.Errorf("%d values went in and %d came out", in.Load(), out.Load())
				}
			}
	}},
	{"Pool whose lanes are made", []string{"Pool.makeLane."}, 1200, func(t *testing.T) (func(int, int), func()) {
		var current atomic.Pointer[pool.Pool]
		var tasks, runs atomic.Int64
		renew := func() { current.Store(pool.New(pool.WithIdleTimeout(timeout), pool.WithLanes(64))) }
		renew()
		return func(actor, i int) {
				if actor == 0 && i%4 == 0 {
					renew()
				}
				tasks.Add(1)
				done := make(chan struct{})
				current.Load().Go(func() { runs.Add(1); close(done) })
				<-done
			}, func() {
				if !within(func() bool { return runs.Load() == tasks.Load() }) {
					t.Errorf("%d of %d tasks ran", runs.Load(), tasks.Load())
				}
			}
	}},
	{"Pool whose submitters share lanes", []string{"Pool.homeOf.", "Pool.meet.", "Pool.move.", "Pool.forget.", "lane.isUsed."}, 1200, func(t *testing.T) (func(int, int), func()) {
		p := pool.New(pool.WithIdleTimeout(timeout), pool.WithLanes(2))
		var tasks, runs atomic.Int64
		return func(actor, i int) {
				done := make(chan struct{})
				tasks.Add(1)
				p.Go(func() { runs.Add(1); close(done) })
				<-done
				if i%100 == 99 {
					time.Sleep(tick)
				}
			}, func() {
				if !within(func() bool { return runs.Load() == tasks.Load() && p.Stats().Workers == 0 }) {
					t.Errorf("%d of %d tasks ran; %+v", runs.Load(), tasks.Load(), p.Stats())
				}
			}
	}},
	{"Control and Gauge", []string{"Control.", "Gauge."}, 5000, func(*testing.T) (func(int, int), func()) {
		var c idle.Control
		var g idle.Gauge
		g.CountTaken()
		return func(actor, i int) {
			hired, _ := c.Hire()
			g.Park()
			if actor == 0 {
				g.Low()
				c.SetLimit(i % 3)
			}
			g.Unpark()
			_, _, _, _, _, _, _ = g.Count(), g.Taken(), c.Workers(), c.Limit(), c.Room(), c.Over(), c.ReaperUp()
			c.Look()
			if hired && !c.LeaveIfOver() {
				c.Leave()
			}
			c.Exit() // a reaper that comes up and goes all the time
		}, func() {}
	}},
	{"Pool", []string{"Pool.", "runner.", "lane", "generation.", "predictor.", "Control.", "Gauge.", "Seg.", "segment.", "Reaper."}, 1200, poolLoad()},
	{"Pool that is flooded", []string{"runner.foundTask.", "Pool.newStart.", "start."}, 300, func(t *testing.T) (func(int, int), func()) {
		p := pool.New(pool.WithIdleTimeout(timeout))
		var tasks, runs atomic.Int64
		return func(actor, i int) {
				all := make(chan struct{})
				defer close(all)
				for range 50 {
					tasks.Add(1)
					p.Go(func() { <-all; runs.Add(1) })
				}
				time.Sleep(20 * time.Microsecond)
			}, func() {
				if !within(func() bool { return runs.Load() == tasks.Load() && p.Stats().Workers == 0 }) {
					t.Errorf("%d of %d tasks ran; %+v", runs.Load(), tasks.Load(), p.Stats())
				}
			}
	}},
	{"Pool that lingers", []string{"runner.linger.", "runner.poll.", "predictor.", "Pool.giveLingerer."}, 1200, func(t *testing.T) (func(int, int), func()) {
		op, check := poolLoad()(t)
		return func(actor, i int) {
			if actor == 0 {
				op(actor, i)
			}
			time.Sleep(50 * time.Microsecond) // nobody lingers while a goroutine waits for a processor
		}, check
	}},
	{"Pool with a limit", []string{"lane.", "Control.", "gate.", "Pool.SetLimit.", "Pool.owe.", "Pool.settleAll."}, 1200, func(t *testing.T) (func(int, int), func()) {
		p := pool.New(pool.WithIdleTimeout(timeout), pool.WithLimit(2), pool.WithBacklog(1000))
		var tasks, runs atomic.Int64
		return func(actor, i int) {
				if actor == 0 && i%5 == 0 {
					p.SetLimit(1 + i%3) // only one calls it: it is not said to be lock-free
				}
				if p.TryGo(func() { runs.Add(1) }) {
					tasks.Add(1)
				}
				if i%10 == 9 {
					time.Sleep(20 * time.Microsecond)
				}
			}, func() {
				if !within(func() bool { return runs.Load() == tasks.Load() && p.Stats().Workers == 0 }) {
					t.Errorf("%d of %d tasks ran; %+v", runs.Load(), tasks.Load(), p.Stats())
				}
			}
	}},
	{"Pool with a backlog that is full", []string{"gate."}, 1200, func(t *testing.T) (func(int, int), func()) {
		p := pool.New(pool.WithIdleTimeout(timeout), pool.WithLimit(3), pool.WithBacklog(0))
		return func(actor, i int) {
				if actor == 0 {
					ctx, cancel := context.WithTimeout(context.Background(), time.Microsecond)
					defer cancel()
					p.GoContext(ctx, func(context.Context) {})
				}
				p.Go(func() { time.Sleep(time.Microsecond) })
			}, func() {
				if !within(func() bool { return p.Stats().Workers == 0 }) {
					t.Errorf("%+v", p.Stats())
				}
			}
	}},
	{"Pool whose workers end with their tasks", []string{"runner.gone.", "runner.stop.", "runner.checkIn."}, 600, func(t *testing.T) (func(int, int), func()) {
		p := pool.New(pool.WithIdleTimeout(timeout), pool.WithMaxTasksPerWorker(3))
		var tasks, runs atomic.Int64
		return func(actor, i int) {
				tasks.Add(1)
				p.Go(func() {
					runs.Add(1)
					switch i % 10 {
					case 1:
						runtime.Goexit()
					case 2:
						runtime.LockOSThread()
					}
				})
			}, func() {
				if !within(func() bool { return runs.Load() == tasks.Load() && p.Stats().Workers == 0 }) {
					t.Errorf("%d of %d tasks ran; %+v", runs.Load(), tasks.Load(), p.Stats())
				}
			}
	}},
	{"Pool that is drained", []string{"generation.", "Pool.orderTurn.", "Pool.forgo.", "Pool.enqueueMark.", "Pool.passMark.", "Pool.quietSince.", "Pool.mustGo.", "Pool.notify.", "Pool.leave.", "Pool.nudgeReaper.", "runner.checkIn."}, 600, func(t *testing.T) (func(int, int), func()) {
		p := pool.New(pool.WithIdleTimeout(timeout))
		return func(actor, i int) {
				p.Go(func() {})
				ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond) // whoever is stopped keeps its generation from becoming empty
				defer cancel()
				p.Drain(ctx)
			}, func() {
				if !within(func() bool { return p.Stats().Workers == 0 }) {
					t.Errorf("%+v", p.Stats())
				}
			}
	}},
	{"Pool that hands off", []string{"Pool.", "runner.", "lane", "generation.", "Control.", "Gauge.", "Seg."}, 1200, poolLoad(pool.WithHandOff())},
	{"Pool that measures", []string{"Pool.submitDrawn."}, 1200, poolLoad(pool.WithTimes(2))},
	{"Pool that hands off, with a limit", []string{"lane."}, 1200, poolLoad(pool.WithHandOff(), pool.WithLimit(1))},
}

// queueLoad puts a value in and takes one out. Each must come out once, the two
// apart that the stopped goroutine may have in hand: those come out later.
func queueLoad(newQueue func() queue) func(t *testing.T) (func(int, int), func()) {
	return func(t *testing.T) (func(int, int), func()) {
		q := newQueue()
		var mu sync.Mutex
		count := map[int]int{}
		note := func(v, n int) { mu.Lock(); count[v] += n; mu.Unlock() }
		end := func() uint64 { return 0 }
		if s, ok := q.(*lfqueue.Seg[int]); ok {
			end = s.End
		}
		return func(actor, i int) {
				v := i*actors + actor
				note(v, 1)
				before := end()
				q.Enqueue(v)
				if after := end(); after < before {
					t.Errorf("after a value was enqueued the place is %#x, and before it was %#x", after, before)
				}
				q.Empty()
				if actor == 0 && i%7 == 0 {
					return // so that the queue is not always empty
				}
				for range 2 {
					if v, ok := q.Dequeue(); ok {
						note(v, -1)
					}
				}
			}, func() {
				for v, ok := q.Dequeue(); ok; v, ok = q.Dequeue() {
					note(v, -1)
				}
				for v, n := range count {
					if n != 0 {
						t.Errorf("value %d: %+d", v, n)
					}
				}
			}
	}
}

// poolLoad submits tasks, in bursts with pauses in which the pool shrinks.
func poolLoad(opts ...pool.Option) func(t *testing.T) (func(int, int), func()) {
	return func(t *testing.T) (func(int, int), func()) {
		p := pool.New(append([]pool.Option{pool.WithIdleTimeout(timeout)}, opts...)...)
		var tasks, runs atomic.Int64
		return func(actor, i int) {
				tasks.Add(1)
				p.Go(func() {
					if i%5 == 0 {
						time.Sleep(10 * time.Microsecond)
					}
					runs.Add(1)
				})
				switch {
				case i%200 == 199:
					time.Sleep(idle.ShrinkBound(timeout) + tick)
				case i%10 == 9:
					time.Sleep(20 * time.Microsecond) // so that workers find nothing
				}
			}, func() {
				if !within(func() bool { return runs.Load() == tasks.Load() && p.Stats().Workers == 0 }) {
					t.Errorf("%d of %d tasks ran; %+v", runs.Load(), tasks.Load(), p.Stats())
				}
			}
	}
}

func within(done func() bool) bool {
	for end := time.Now().Add(patience); !done(); time.Sleep(100 * time.Microsecond) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}

func TestWhoeverIsStoppedTheOthersFinish(t *testing.T) {
	defer named.Handle(nil)
	all := points(t)
	met := map[string]bool{}
	skips := []int32{0, 20}
	if testing.Short() {
		skips = skips[:1]
	}
	for _, l := range loads {
		t.Run(l.name, func(t *testing.T) {
			trials, stops := 0, 0
			started := time.Now()
			for _, point := range all {
				if !l.passes(point) {
					continue
				}
				for _, skip := range skips {
					trials++
					if l.stopAt(t, point, skip) {
						met[point] = true
						stops++
					}
				}
			}
			t.Logf("%d stops in %d trials, %d operations by each of the others after each, %v", stops, trials, after, time.Since(started).Round(time.Millisecond))
		})
	}
	if t.Failed() {
		return
	}
	for _, point := range all {
		for i := 0; !met[point] && i < tries; i++ {
			met[point] = passSomewhere(t, point)
		}
		if !met[point] {
			t.Errorf("nobody came to %s", point)
		}
	}
}

// passSomewhere stops a goroutine at point in the loads that pass it, until one
// is stopped. Some points, such as those of lingering, are passed only if the
// runtime has a free processor at the right time.
func passSomewhere(t *testing.T, point string) bool {
	for _, l := range loads {
		if l.passes(point) && l.stopAt(t, point, 0) {
			return true
		}
	}
	return false
}

// stopAt runs the load with a goroutine stopped at point, and reports whether
// somebody came there.
func (l load) stopAt(t *testing.T, point string, skip int32) bool {
	s := &stopper{point: point, skip: skip, release: make(chan struct{})}
	named.Handle(nil) // New sets the limit, and it is not to be stopped
	op, check := l.new(t)
	named.Handle(s.at)
	var ids [actors]atomic.Uint64
	var done [actors]atomic.Bool
	for actor := range actors {
		go func() {
			ids[actor].Store(named.Goroutine())
			for i, more := 0, after; i < l.attempts && more > 0; i++ {
				if s.stopped() {
					more--
				}
				op(actor, i)
			}
			done[actor].Store(true)
		}()
	}
	finished := func() bool {
		for actor := range actors {
			if !done[actor].Load() && (ids[actor].Load() == 0 || ids[actor].Load() != s.victim.Load()) {
				return false
			}
		}
		return true
	}
	ok := within(finished)
	close(s.release)
	if !ok {
		t.Fatalf("with a goroutine stopped at %s (passed %d times) the others did not finish", point, skip)
	}
	if !within(func() bool { return doneAll(&done) }) {
		t.Fatalf("%s: the goroutine that was stopped there did not finish afterwards", point)
	}
	check()
	return s.stopped()
}

func doneAll(done *[actors]atomic.Bool) bool {
	for i := range done {
		if !done[i].Load() {
			return false
		}
	}
	return true
}
