//go:build lfpoolhooks

package explore

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	named "github.com/lfpool/lfpool/internal/point"
)

// The points at which goroutines of a pool stop, as named by internal/point. With
// all of them schedules would be too long, so a scenario has those that matter to
// it. What concerns nobody else is in no list: counters for Stats, and words that are
// written once.

// steps is a set of points. A name without " in " stands for the same operation
// whichever of the pool's functions makes it.
type steps struct {
	names []string
	keys  map[string]bool // of the names
}

func at(names ...string) steps {
	s := steps{names, map[string]bool{}}
	for _, name := range names {
		s.keys[key(name)] = true
	}
	return s
}

func (s steps) has(point string) bool {
	k := key(point)
	return s.keys[k] || s.keys[operationOf(k)]
}

func (s steps) and(others ...steps) steps {
	names := s.names
	for _, o := range others {
		names = slices.Concat(names, o.names)
	}
	return at(names...)
}

func (s steps) without(point string) steps {
	return at(slices.DeleteFunc(slices.Clone(s.names), func(p string) bool { return p == point })...)
}

// operationOf returns the name of a point without the function of the pool.
func operationOf(point string) string {
	name, _, _ := strings.Cut(point, " in ")
	return name
}

var changes = regexp.MustCompile(`\.(Store|Swap|Add|And|Or|CompareAndSwap)\b`)

// key returns a point's name with all operations alike that may change the word: a
// program in which one stands for the other by mistake stops there all the same.
func key(point string) string {
	if k, ok := keys.Load(point); ok {
		return k.(string)
	}
	k := changes.ReplaceAllString(point, ".change")
	keys.Store(point, k)
	return k
}

var keys sync.Map // of points that were asked for

// is reports whether a point is that of an operation.
func is(point, operation string) bool { return operationOf(key(point)) == key(operation) }

var (
	// emptySteps are those of Empty, which is not one step: see poolSteps.
	emptySteps = at("Seg.Empty.head.Load", "segment.dry.deq.Load", "segment.dry.enq.Load", "Seg.Empty.next.Load")

	dutySteps = at(
		"Pool.submitIn.lookout.Load", "lane.takeSearch.lookout.Load", "lane.trySearch.lookout.CompareAndSwap", "lane.lay.lookout.And", "Pool.lookAt.era.Load",
		"Pool.owe.lookout.CompareAndSwap", "Pool.settleAll.lookout.Load",
		"runner.linger.at.Load", "runner.linger.lookout.CompareAndSwap", "mood.miss.level.Load",
	)
	parkSteps    = at("Pool.enlist.last.Swap", "lane.takeLast.last.Load", "lane.takeLast.last.Swap", "Pool.demote.last.Swap")
	controlSteps = at(
		"Control.Hire.word.Load", "Control.Hire.word.CompareAndSwap", "Control.Leave.word.Add", "Control.LeaveIfOver.word.CompareAndSwap",
		"Control.SetLimit.word.CompareAndSwap", "Control.Exit.word.Load", "Control.Exit.word.CompareAndSwap",
	)
	gaugeSteps = at("Gauge.Park.word.Add", "Gauge.Unpark.word.Load", "Gauge.Unpark.word.CompareAndSwap", "Gauge.Low.word.Load", "Gauge.Low.word.CompareAndSwap")
	gateSteps  = at("gate.tryEnter.word.Load", "gate.tryEnter.word.CompareAndSwap", "gate.enter.mu.Lock", "gate.leave.word.Add", "gate.leave.mu.Lock")

	// poolSteps leaves out the queues' inner steps: an operation of a linearizable
	// queue is as good as one step, and that they are linearizable is checked
	// apart. Empty is not, so all of it stays.
	poolSteps = at(
		"Seg.Enqueue.tail.Load", "Seg.EnqueueAll.tail.Load", "Seg.Dequeue.head.Load", "Seg.Dequeue.next.Load",
		"runner.init.notices.Load", "Pool.join.era.Load", "Pool.startReaper.nudge.Store",
	).and(emptySteps, dutySteps, parkSteps, controlSteps, gaugeSteps, gateSteps)

	// eras are the steps by which an era ends and workers join.
	eras = at("era.enter.word.Load", "era.leave.word.Add", "Pool.turn.era.Store", "lanes.all.list.Load in Pool.quietSince", "era.untouched.word.Load", "Pool.nudgeReaper.nudge.Load")

	// joins are so few of them that many preemptions can be had.
	joins = at("era.enter.word.Load", "era.leave.word.Add", "Pool.turn.era.Store", "Pool.notify.notices.Add", "Pool.leave.era.Load", "Pool.passMark.left.Add")

	// marks are those by which a mark is ordered and passed.
	marks = at(
		"Pool.orderTurn.mu.Lock", "Pool.forgo.mu.Lock", "Pool.passMark.mu.Lock", "Pool.passMark.mu.Lock#2", "Pool.turn.era.Load",
		"Pool.enqueueMark.era.Load", "Pool.passMark.left.Add",
	)
	culls = at("Pool.notify.notices.Add", "runner.checkIn.notices.Load", "Pool.leave.era.Load", "Pool.missed.era.Load")

	erasToo  = poolSteps.and(eras)
	cullsToo = erasToo.and(culls, marks)
	// turns are the steps by which an era ends, workers join, and workers see it.
	turns = eras.and(marks, at("runner.checkIn.notices.Load", "Pool.leave.era.Load"))
	// goings are the steps by which workers go that Drain and SetLimit end.
	goings = eras.and(culls, marks, at("Pool.enlist.last.Swap", "lane.takeLast.last.Load"))

	// sleeps are the steps of the reaper and of workers that come and go.
	sleeps = at(
		"runner.init.notices.Load", "Pool.enlist.last.Swap", "lane.takeLast.last.Load", "Pool.demote.last.Swap", "Seg.Dequeue.head.Load in Pool.retireOne",
		"Pool.leave.era.Load", "Pool.nudgeReaper.nudge.Load", "era.leave.word.Add", "Pool.turn.era.Load", "Reaper.fallsAsleep.Asleep.Store", "Pool.tellReaper.asleep.Load",
	).and(controlSteps, gaugeSteps)

	// lookouts are so few steps that many preemptions can be had.
	lookouts = at("Pool.submitIn.lookout.Load", "lane.takeSearch.lookout.Load", "lane.trySearch.lookout.CompareAndSwap", "lane.lay.lookout.And", "Pool.owe.lookout.CompareAndSwap", "Pool.settleAll.lookout.Load", "lane.takeLast.last.Load", "Pool.enlist.last.Swap")

	// handOvers are the steps by which a task gets to a worker without the duty.
	handOvers = lookouts.and(at("lane.takeLast.last.Swap", "Seg.Enqueue.tail.Load in Pool.enqueue"))
	// limits are those by which a worker is had or not under a limit.
	limits = handOvers.and(controlSteps, culls)
	spawns = handOvers.and(at("Pool.join.era.Load"))
	// retires are those by which a worker is had or retired.
	retires = handOvers.and(at("Seg.Dequeue.head.Load in Pool.retireOne", "Pool.retireOne.reaped.Add", "Pool.demote.last.Swap"))
	// lanesMade are those by which lanes are made.
	lanesMade = at("Pool.makeLane.at.CompareAndSwap", "Pool.makeLane.list.CompareAndSwap")
	makes     = handOvers.and(lanesMade)
	// drains are the steps by which tasks and marks come to workers.
	drains       = handOvers.and(eras, at("Seg.Dequeue.head.Load in runner.serve", "Pool.lookAt.era.Load"))
	handsAndEras = handOvers.and(goings)
	// turnsAndMakes leaves out what is done under the marks' lock.
	turnsAndMakes = turns.and(lanesMade, at("Pool.submitIn.lookout.Load", "Seg.Enqueue.tail.Load in Pool.enqueue")).without("Pool.turn.era.Load")

	// floods are the steps by which a flood starts workers and a Drain ends an era.
	floods = marks.and(at("Seg.Dequeue.head.Load in Pool.startQueued", "lane.lay.lookout.And", "era.enter.word.Load", "lanes.all.list.Load in Pool.quietSince", "era.untouched.word.Load"))
	// passing are the steps by which a worker passes the scheduler, and what may meet it.
	passing = lookouts.and(turns)
)

// drainsToo are the steps by which a Drain finds a pool quiet, and tasks start.
func drainsToo(point string) bool {
	return turns.has(point) || strings.HasPrefix(point, "Seg.") || strings.HasPrefix(point, "segment.") || dutySteps.has(point) || spawns.has(point)
}

// everyStep has those of the queues too. It leaves out steps that concern nobody else,
// and the loads of drained: a cell that is done stays done, so together they are as one.
func everyStep(point string) bool {
	return ofQueue.MatchString(point) && !alone.MatchString(point) && !is(point, "segment.drained.state.Load") || cullsToo.has(point) || sleeps.has(point)
}

var ofQueue = regexp.MustCompile(`^(Seg|segment|MS|Counted)\.`)

// TestStepsAreInTheLibrary: no list has an operation that is no more.
func TestStepsAreInTheLibrary(t *testing.T) {
	var all []string
	for _, dir := range []string{"lfqueue", "idle", "pool"} {
		names, err := named.In(filepath.Join("..", "..", dir))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, names...)
	}
	for _, point := range erasToo.and(culls, marks, statsAlone, sleeps, limits, spawns, retires, makes, drains, floods).names {
		if !slices.Contains(all, operationOf(point)) {
			t.Errorf("there is no %s in the library", point)
		}
	}
}
