//go:build lfpoolhooks

package explore

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing/synctest"
	"time"

	"github.com/lfpool/lfpool/internal/point"
)

// Run is one schedule of a scenario.
type Run struct {
	stops  func(point string) bool
	tick   time.Duration
	ticks  int // how often time may still pass while somebody could go on
	waits  int // how often it may still pass because nobody can
	prefix []int
	walk   *rand.Rand
	former []step // of the run that has led to prefix: all but its last choice were made there too

	active atomic.Bool // goroutines stop at points
	onStop func(point string)

	mu      sync.Mutex
	known   map[uint64]*thread // by goroutine
	arrived []*thread          // since the last step

	threads []*thread // in the order of their first stop
	kinds   map[string]int
	open    atomic.Int32 // goroutines of the scenario that have not returned
	trace   []step
}

// thread is a goroutine of a run.
type thread struct {
	name   string
	reaper bool
	point  string // where it stands; "" while it runs, is blocked, or has ended
	on     chan struct{}
}

// step is one choice: what the options were, by cost, and which was taken.
type step struct {
	costs  []int
	chosen int
	who    string
	point  string
}

// maxSteps is more than any schedule has; beyond it goroutines go in circles.
const maxSteps = 20_000

// Go starts a goroutine of the scenario. It stops before f, and the run is not
// over before f has returned. Only the scenario's own function may call it.
func (x *Run) Go(name string, f func()) {
	x.open.Add(1)
	th := &thread{name: name, on: make(chan struct{})}
	x.threads = append(x.threads, th)
	started := make(chan struct{})
	go func() {
		defer x.open.Add(-1)
		x.mu.Lock()
		x.known[point.Goroutine()] = th
		th.point = "scenario.start"
		x.mu.Unlock()
		close(started)
		<-th.on
		f()
	}()
	<-started
}

// Stop is a point of the scenario itself, in a task for example. Whatever the
// caller may do next, blocking included.
func (x *Run) Stop(name string) { x.at("scenario." + name) }

// at is called before each atomic operation.
func (x *Run) at(point string) {
	if !x.active.Load() {
		return
	}
	x.mu.Lock()
	if x.onStop != nil {
		x.onStop(point)
	}
	if !x.stops(point) && !strings.HasPrefix(point, "scenario.") {
		x.mu.Unlock()
		return
	}
	th := x.who()
	th.point = point
	x.arrived = append(x.arrived, th)
	x.mu.Unlock()
	<-th.on
}

// who returns the calling goroutine.
func (x *Run) who() *thread {
	id := point.Goroutine()
	th := x.known[id]
	if th == nil {
		th = &thread{reaper: point.Within("idle.(*Reaper).Run"), on: make(chan struct{})}
		x.known[id] = th
	}
	return th
}

// settle waits until every goroutine has stopped or is blocked, and takes the
// newcomers among them into the list.
func (x *Run) settle() {
	synctest.Wait()
	x.mu.Lock()
	defer x.mu.Unlock()
	slices.SortFunc(x.arrived, func(a, b *thread) int { return cmp.Compare(a.point, b.point) })
	for _, th := range x.arrived {
		if th.name != "" {
			continue
		}
		kind := "worker"
		if th.reaper {
			kind = "reaper"
		}
		x.kinds[kind]++
		th.name = fmt.Sprintf("%s %d", kind, x.kinds[kind])
		x.threads = append(x.threads, th)
	}
	x.arrived = x.arrived[:0]
}

// drive makes one choice after the other until nothing is left to choose. It
// follows prefix as far as that goes and then lets each goroutine run as long
// as it can.
func (x *Run) drive() error {
	var current *thread
	var options []*thread // nil: time passes
	for {
		x.settle()
		options = options[:0]
		var costs []int
		if ready(current) {
			options, costs = append(options, current), append(costs, 0)
		}
		preempt := len(options)
		for _, th := range x.threads {
			if th != current && ready(th) {
				options, costs = append(options, th), append(costs, preempt)
			}
		}
		if len(options) == 0 && x.open.Load() == 0 {
			return x.followed()
		}
		switch {
		case len(options) > 0 && x.ticks > 0:
			options, costs = append(options, nil), append(costs, 1)
		case len(options) == 0 && x.waits > 0:
			x.waits--
			options, costs = append(options, nil), append(costs, 0)
		case len(options) == 0:
			return fmt.Errorf("%d goroutines of the scenario are stranded: until time passes, or for ever", x.open.Load())
		}
		if len(x.trace) == maxSteps {
			return fmt.Errorf("no end after %d steps", maxSteps)
		}
		chosen := 0
		if n := len(x.trace); n < len(x.prefix) {
			chosen = x.prefix[n]
		} else if x.walk != nil {
			chosen = x.walk.IntN(len(options))
		}
		if chosen >= len(options) {
			return fmt.Errorf("%w: step %d has %d options, not one numbered %d", errDiverged, len(x.trace), len(options), chosen)
		}
		current = options[chosen]
		s := step{costs: costs, chosen: chosen, who: "time", point: fmt.Sprint("+", x.tick)}
		if current != nil {
			s.who, s.point = current.name, current.point
		}
		if err := x.compare(s); err != nil {
			return err
		}
		x.trace = append(x.trace, s)
		if current == nil {
			x.ticks -= costs[chosen]
			time.Sleep(x.tick)
			continue
		}
		x.mu.Lock()
		current.point = ""
		x.mu.Unlock()
		current.on <- struct{}{}
	}
}

// ready reports whether th stands at a point.
func ready(th *thread) bool {
	return th != nil && th.point != ""
}

// compare wants s, the next step, to be as in the former run: the same
// goroutine let go from the same point, among as many others.
func (x *Run) compare(s step) error {
	n := len(x.trace)
	if n >= len(x.former) || n >= len(x.prefix) {
		return nil
	}
	then := x.former[n]
	if !slices.Equal(s.costs, then.costs) {
		return fmt.Errorf("%w: step %d has the options %v, and had %v", errDiverged, n, s.costs, then.costs)
	}
	if n < len(x.prefix)-1 && (s.who != then.who || s.point != then.point) {
		return fmt.Errorf("%w: step %d is %s from %s, and was %s from %s", errDiverged, n, s.who, s.point, then.who, then.point)
	}
	return nil
}

// followed wants all of the prefix to have been played.
func (x *Run) followed() error {
	if len(x.trace) < len(x.prefix) {
		return fmt.Errorf("%w: the end after %d of %d steps", errDiverged, len(x.trace), len(x.prefix))
	}
	return nil
}

// letGo ends the stopping: every goroutine runs on freely.
func (x *Run) letGo() {
	x.active.Store(false)
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, th := range x.known {
		close(th.on)
	}
}
