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
	emptySteps = at("Seg.Empty.head.Load", "segment.exhausted.deq.Load", "segment.exhausted.enq.Load", "Seg.Empty.next.Load")

	dutySteps = at(
		"Pool.submitIn.search.Load", "lane.startSearch.search.Load", "lane.trySearch.search.CompareAndSwap", "lane.release.search.And", "Pool.wakeIfQueued.generation.Load",
		"Pool.owe.search.CompareAndSwap", "Pool.settleAll.search.Load",
		"runner.linger.at.Load", "runner.linger.search.CompareAndSwap", "predictor.miss.level.Load",
	)
	parkSteps    = at("Pool.enlist.slot.Swap", "lane.takeSlot.slot.Load", "lane.takeSlot.slot.Swap", "Pool.flushSlots.slot.Swap")
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
		"runner.init.notices.Load", "Pool.join.generation.Load", "Pool.startReaper.nudge.Store",
	).and(emptySteps, dutySteps, parkSteps, controlSteps, gaugeSteps, gateSteps)

	// generations are the steps by which a generation ends and workers join.
	generations = at("generation.enter.word.Load", "generation.leave.word.Add", "Pool.turn.generation.Store", "lanes.all.list.Load in Pool.quietSince", "generation.untouched.word.Load", "Pool.nudgeReaper.nudge.Load")

	// joins are so few of them that many preemptions can be had.
	joins = at("generation.enter.word.Load", "generation.leave.word.Add", "Pool.turn.generation.Store", "Pool.notify.notices.Add", "Pool.leave.generation.Load", "Pool.passMark.left.Add")

	// marks are those by which a mark is ordered and passed.
	marks = at(
		"Pool.orderTurn.mu.Lock", "Pool.forgo.mu.Lock", "Pool.passMark.mu.Lock", "Pool.passMark.mu.Lock#2", "Pool.turn.generation.Load",
		"Pool.enqueueMark.generation.Load", "Pool.passMark.left.Add",
	)
	culls = at("Pool.notify.notices.Add", "runner.checkIn.notices.Load", "Pool.leave.generation.Load", "Pool.mustGo.generation.Load")

	erasToo  = poolSteps.and(generations)
	cullsToo = erasToo.and(culls, marks)
	// turns are the steps by which a generation ends, workers join, and workers see it.
	turns = generations.and(marks, at("runner.checkIn.notices.Load", "Pool.leave.generation.Load"))
	// goings are the steps by which workers go that Drain and SetLimit end.
	goings = generations.and(culls, marks, at("Pool.enlist.slot.Swap", "lane.takeSlot.slot.Load"))

	// sleeps are the steps of the reaper and of workers that come and go.
	sleeps = at(
		"runner.init.notices.Load", "Pool.enlist.slot.Swap", "lane.takeSlot.slot.Load", "Pool.flushSlots.slot.Swap", "Seg.Dequeue.head.Load in Pool.retireOne",
		"Pool.leave.generation.Load", "Pool.nudgeReaper.nudge.Load", "generation.leave.word.Add", "Pool.turn.generation.Load", "Reaper.fallsAsleep.Asleep.Store", "Pool.tellReaper.asleep.Load",
	).and(controlSteps, gaugeSteps)

	// searches are so few steps that many preemptions can be had.
	searches = at("Pool.submitIn.search.Load", "lane.startSearch.search.Load", "lane.trySearch.search.CompareAndSwap", "lane.release.search.And", "Pool.owe.search.CompareAndSwap", "Pool.settleAll.search.Load", "lane.takeSlot.slot.Load", "Pool.enlist.slot.Swap")

	// lingers are the steps of a submitter that goes by where a worker lingers, and of that.
	lingers = at(
		"Pool.giveLingerer.at.Load", "Pool.giveLingerer.search.Load", "Seg.Enqueue.tail.Load", "Seg.Dequeue.head.Load in runner.poll",
		"runner.linger.search.CompareAndSwap", "predictor.miss.level.Load", "lane.release.search.And", "lane.trySearch.search.CompareAndSwap",
	)

	// handOvers are the steps by which a task gets to a worker without the duty.
	handOvers = searches.and(at("lane.takeSlot.slot.Swap", "Seg.Enqueue.tail.Load in Pool.enqueue"))
	// limits are those by which a worker is had or not under a limit.
	limits = handOvers.and(controlSteps, culls)
	spawns = handOvers.and(at("Pool.join.generation.Load"))
	// retires are those by which a worker is had or retired.
	retires = handOvers.and(at("Seg.Dequeue.head.Load in Pool.retireOne", "Pool.retireOne.reaped.Add", "Pool.flushSlots.slot.Swap"))
	// lanesMade are those by which lanes are made.
	lanesMade = at("Pool.makeLane.at.CompareAndSwap", "Pool.makeLane.list.CompareAndSwap")
	makes     = handOvers.and(lanesMade)
	// drains are the steps by which tasks and marks come to workers.
	drains       = handOvers.and(generations, at("Seg.Dequeue.head.Load in runner.serve", "Pool.wakeIfQueued.generation.Load"))
	handsAndEras = handOvers.and(goings)
	// turnsAndMakes leaves out what is done under the marks' lock.
	turnsAndMakes = turns.and(lanesMade, at("Pool.submitIn.search.Load", "Seg.Enqueue.tail.Load in Pool.enqueue")).without("Pool.turn.generation.Load")

	// floods are the steps by which a flood starts workers and a Drain ends a generation.
	floods = marks.and(at("Seg.Dequeue.head.Load in Pool.startQueued", "lane.release.search.And", "generation.enter.word.Load", "lanes.all.list.Load in Pool.quietSince", "generation.untouched.word.Load"))
	// passing are the steps by which a worker passes the scheduler, and what may meet it.
	passing = searches.and(turns)
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
