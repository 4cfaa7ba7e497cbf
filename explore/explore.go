package explore

import (
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Option says how to explore.
type Option func(*settings)

type settings struct {
	limits
	bound     int
	naive     bool
	most      int
	patience  time.Duration
	replay    string
	depth     int
	runs      int
	seed      uint64
	quick     bool // no estimate and no shorter schedule
	tries     int  // schedules that may be run to find one with fewer preemptions
	end       func(r *Run)
	keepGoing bool
	outside   outside
	tick      time.Duration // of Clock
	ticks     int
}

// Bound limits the preemptions of a schedule: turns that are taken from a
// goroutine that could have gone on. Most bugs need one or two (Musuvathi and
// Qadeer 2007). With goroutines from outside that several others send to, the search may
// leave out an order that costs so few only because a goroutine blocks before it is sent
// to; with [Naive] it leaves out none. It panics if n is negative.
func Bound(n int) Option {
	if n < 0 {
		panic(fmt.Sprintf("explore.Bound(%d): want 0 or more; leave the option out for no bound", n))
	}
	return func(s *settings) { s.bound = n }
}

// PCT has that many schedules run, each with random priorities of the
// goroutines and depth-1 random points at which the one that has the turn falls
// behind all others. A bug that needs depth constraints on the order of steps
// (a lost wake-up 2, an atomicity violation 2 or 3) is found by one run with
// probability 1/(n k^(depth-1)) or more, where n is the number of goroutines
// and k that of steps (Burckhardt, Kothari, Musuvathi and Nagarakatte 2010).
// The same seed gives the same schedules. It panics if depth or runs is less
// than 1.
func PCT(depth, runs int, seed uint64) Option {
	if depth < 1 || runs < 1 {
		panic(fmt.Sprintf("explore.PCT(%d, %d, %d): want a depth and a number of runs of 1 or more", depth, runs, seed))
	}
	return func(s *settings) { s.depth, s.runs, s.seed = depth, runs, seed }
}

// Naive has every schedule run, also those that differ in the order of steps
// which do not depend on each other. It is what the reduction is checked
// against.
func Naive() Option { return func(s *settings) { s.naive = true } }

// AtMost limits the number of schedules, which is 1,000,000 otherwise. It
// panics if n is less than 1.
func AtMost(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("explore.AtMost(%d): want 1 or more schedules", n))
	}
	return func(s *settings) { s.most = n }
}

// Steps limits the number of steps in a schedule, which is 10,000 otherwise. It
// panics if n is less than 1.
func Steps(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("explore.Steps(%d): want 1 or more steps", n))
	}
	return func(s *settings) { s.steps = n }
}

// Patience is how long a goroutine may take from one step to the next, in real
// time, before the run fails; 5 s otherwise. (With [Outside] in a bubble it is the bubble's
// time.) It panics unless d is positive.
func Patience(d time.Duration) Option {
	if d <= 0 {
		panic(fmt.Sprintf("explore.Patience(%v): want a positive duration", d))
	}
	return func(s *settings) { s.patience = d }
}

// Replay has only one schedule run, as a Failure has it.
func Replay(schedule string) Option { return func(s *settings) { s.replay = schedule } }

// Result is what an exploration came to.
type Result struct {
	Schedules  int           // that were run to their end
	Redundant  int           // that were given up, since all that could have followed had been seen
	Goroutines int           // of a run, at most
	Steps      int           // of the longest run
	Bound      int           // preemptions at most; -1 if there was no bound
	Repeated   int           // runs in which the same choices led elsewhere, and that were made again: with Outside, now and then
	Complete   bool          // all schedules were run, up to the bound and to the order of independent steps
	Naive      float64       // how many schedules a search of that kind without reduction has; an estimate (Knuth 1975), good to a factor of a few
	Depth      int           // of PCT; 0 for others
	Missed     float64       // PCT's bound on the probability that a bug of that depth was missed
	Took       time.Duration // in real time
	Replayed   bool
	Failure    *Failure // nil if no schedule failed
}

// Failure is a schedule that failed.
type Failure struct {
	Err         error
	Schedule    string // for Replay
	Preemptions int    // turns taken from a goroutine that could have gone on
	Fewest      bool   // there is no failing schedule with fewer
	Trace       string // a line for each step
}

func (f *Failure) Error() string { return f.Err.Error() }

func (f *Failure) Unwrap() error { return f.Err }

// String is the result in a line.
func (r Result) String() string {
	var b strings.Builder
	switch {
	case r.Replayed:
		fmt.Fprintf(&b, "replayed: %d steps", r.Steps)
		return b.String()
	case r.Depth > 0 && r.Failure != nil:
		fmt.Fprintf(&b, "PCT: failed after %d random schedules", r.Schedules)
	case r.Depth > 0:
		fmt.Fprintf(&b, "PCT: %d random schedules; a bug of depth %d was missed with probability %.2g at most", r.Schedules, r.Depth, r.Missed)
	case r.Failure != nil:
		fmt.Fprintf(&b, "failed after %d schedules", r.Schedules)
	case !r.Complete:
		fmt.Fprintf(&b, "not complete: %d schedules", r.Schedules)
	default:
		fmt.Fprintf(&b, "complete: %d schedules", r.Schedules)
	}
	if r.Depth == 0 {
		if r.Redundant > 0 {
			fmt.Fprintf(&b, " and %d redundant ones", r.Redundant)
		}
		if r.Bound >= 0 {
			fmt.Fprintf(&b, ", at most %d preemptions", r.Bound)
		} else {
			b.WriteString(", no bound")
		}
	}
	if r.Naive > 0 {
		fmt.Fprintf(&b, "; a naive search: about %.2g", r.Naive)
	}
	fmt.Fprintf(&b, "; %d goroutines, up to %d steps", r.Goroutines, r.Steps)
	if r.Repeated > 0 {
		fmt.Fprintf(&b, "; %d runs made again, as the same choices had led elsewhere", r.Repeated)
	}
	if r.Took > 0 { // not so in a bubble of testing/synctest, where time stands still
		fmt.Fprintf(&b, ", %v", r.Took.Round(time.Millisecond))
	}
	return b.String()
}

// exploring: one exploration at a time.
var exploring sync.Mutex

// Explore explores a scenario until a schedule fails or all have been run. The
// scenario's function is called for each schedule: it makes the data, starts
// goroutines, and registers checks. Meanwhile GOMAXPROCS is 1 and the garbage
// collector runs only between schedules. Explore blocks while another
// exploration of the process goes on. Goroutines of a schedule that was given
// up leave through their deferred calls, in which operations do nothing.
func Explore(scenario func(x *Run), options ...Option) Result {
	s := settings{limits: limits{steps: 10_000}, bound: -1, most: 1_000_000, patience: 5 * time.Second, tries: shortenRuns}
	for _, o := range options {
		o(&s)
	}
	if scenario == nil {
		panic("explore.Explore: the scenario is nil")
	}
	if s.ticks > 0 && s.outside.settle == nil {
		panic(fmt.Sprintf("explore.Clock(%v, %d) without explore.Bubble, or explore.Outside in a bubble: time can pass only in a bubble of testing/synctest", s.tick, s.ticks))
	}
	exploring.Lock()
	defer exploring.Unlock()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	x := &explorer{settings: s, scenario: scenario}
	x.result.Bound = s.bound
	started := time.Now()
	if err := x.watched(func() {
		switch {
		case s.replay != "":
			x.again(s.replay)
		case s.depth > 0:
			x.random()
		default:
			x.all()
		}
	}); err != nil {
		active.Store(nil)
		current.Store(nil)
		x.result.Failure = &Failure{Err: err}
	}
	x.workers.end()
	x.result.Took = time.Since(started)
	return x.result
}

// Test explores a scenario, logs what came of it, and fails t if a schedule
// failed or, unless PCT is asked for, not all could be run. If $EXPLORE_REPLAY
// is set it runs that schedule alone and logs its trace.
func Test(t testing.TB, scenario func(x *Run), options ...Option) Result {
	t.Helper()
	if schedule := os.Getenv("EXPLORE_REPLAY"); schedule != "" {
		options = append(options, Replay(schedule))
	}
	r := Explore(scenario, options...)
	switch {
	case r.Failure != nil && r.Replayed:
		t.Errorf("%v\n%s", r.Failure.Err, r.Failure.Trace)
	case r.Failure != nil && r.Failure.Schedule == "":
		t.Errorf("%v", r.Failure.Err)
	case r.Failure != nil:
		t.Errorf("%v\n%s\nthe schedule again: EXPLORE_REPLAY='%s' go test -run '^%s$'\n%s", r.Failure.Err, r.Failure.Trace, r.Failure.Schedule, strings.ReplaceAll(t.Name(), "/", "$/^"), r)
	case !r.Complete && r.Depth == 0 && !r.Replayed:
		t.Errorf("%v; let explore.Bound limit the preemptions, take random schedules with explore.PCT, or raise explore.AtMost", r)
	default:
		t.Log(r)
	}
	return r
}

// explorer is an exploration.
type explorer struct {
	settings
	scenario func(x *Run)
	result   Result
	workers  workers
	ran      int                 // runs
	formers  int                 // of those that were odd, and misled the next
	progress atomic.Int64        // counts runs and steps
	playing  atomic.Pointer[Run] // the present one
	dead     atomic.Bool         // stalled
}

// run runs the scenario once.
func (x *explorer) run(by strategy, noted bool) *Run {
	r := newRun(by, x.limits, &x.workers, x.playing.Load())
	r.noted, r.ordered = noted, by.reduces() || x.end != nil
	r.outside = x.outside
	if r.outside.settle != nil {
		r.crowd.by = map[uint64]*thread{}
	}
	if x.ticks > 0 {
		r.wind(x.tick, x.ticks)
	}
	r.progress = &x.progress
	x.playing.Store(r)
	x.ran++
	x.progress.Add(1)
	if x.ran%1000 == 0 {
		runtime.GC()
	}
	if x.outside.test != nil {
		x.playApart(r)
	} else {
		x.play(r)
	}
	x.result.Steps = max(x.result.Steps, len(r.trace))
	x.result.Goroutines = max(x.result.Goroutines, r.goroutines())
	return r
}

// play runs r: the scenario's function, then the goroutines, then the checks.
func (x *explorer) play(r *Run) {
	if !current.CompareAndSwap(nil, r) {
		panic("explore: a scenario explores")
	}
	defer func() {
		active.CompareAndSwap(r, nil)
		current.CompareAndSwap(r, nil)
	}()
	r.err = attempt("the scenario", func() error { x.scenario(r); return nil })
	x.stopIfDead()
	if r.err != nil {
		return
	}
	if r.goroutines() == 0 {
		r.err = errors.New("the scenario has no goroutines: start them with Run.Go")
		return
	}
	active.Store(r)
	if r.outside.settle != nil {
		r.drive()
		x.after(r)
		return
	}
	for i := 0; i < len(r.threads); i++ {
		if th := r.threads[i]; th.begun != nil {
			r.start(th)
		}
	}
	if next := r.choose(); next != nil {
		next.wake <- struct{}{}
	}
	<-r.over
	r.leave()
	x.after(r)
}

// after is what comes when the goroutines have ended, or are blocked outside.
func (x *explorer) after(r *Run) {
	x.stopIfDead()
	active.Store(nil)
	current.Store(nil)
	if r.err == nil && !r.gaveUp() {
		for _, check := range slices.Backward(r.checks) {
			r.err = attempt("a check", check)
			x.stopIfDead()
			if r.err != nil {
				break
			}
		}
	}
	for _, f := range slices.Backward(r.cleanups) {
		f()
	}
	if r.outside.settle != nil {
		r.outside.settle() // so that nobody is left for the next run
	}
}

// exitIfDead ends a goroutine that was left where it was and goes on after all.
func (x *explorer) exitIfDead() {
	if x.dead.Load() {
		runtime.Goexit()
	}
}

// stopIfDead is exitIfDead in play, which in a bubble of its own must not end: the test
// would crash. The bubble ends when all in it are blocked.
func (x *explorer) stopIfDead() {
	if x.dead.Load() && x.outside.test != nil {
		select {}
	}
	x.exitIfDead()
}

func (r *Run) gaveUp() bool {
	if r.outside.settle != nil {
		return !r.finished
	}
	for _, th := range r.threads {
		if !th.done {
			return true
		}
	}
	return false
}

// leave lets the goroutines that have not returned leave through their deferred
// calls.
func (r *Run) leave() {
	done := make([]bool, len(r.threads))
	for i, th := range r.threads {
		done[i] = th.done
	}
	r.abandoned.Store(true)
	for i := 0; i < len(done); i++ {
		if !done[i] {
			r.give(r.threads[i])
			r.threads[i].wake <- struct{}{}
			<-r.over
		}
	}
	for i, th := range r.threads {
		if i < len(done) {
			th.done = done[i]
		}
	}
}

// attempt calls f, and makes an error of a panic.
func attempt(what string, f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic in %s: %v\n%s", what, v, debug.Stack())
		}
	}()
	return f()
}

// all goes through all schedules.
func (x *explorer) all() {
	s := &search{reduce: !x.naive, bound: x.bound}
	for more := true; more; more = s.advance() {
		if x.result.Schedules+x.result.Redundant >= x.most {
			x.estimate()
			return
		}
		r := x.next(s)
		if s.redundant {
			x.result.Redundant++
			continue
		}
		x.result.Schedules++
		if x.end != nil {
			x.end(r)
		}
		if r.err != nil && !x.keepGoing {
			x.failed(r)
			return
		}
	}
	x.result.Complete = true
	x.estimate()
}

// Goroutines from outside may be interrupted by the runtime now and then, and so do what
// they do in one step in another order; and select chooses at random between cases that are
// both ready. A run that is odd by that is made again, so often at most, which is enough for
// the toss of a coin; and if the one before it was the odd one, so many times in an
// exploration.
const (
	oddTries   = 20
	oddFormers = 5
)

// next runs the schedule that s has come to.
func (x *explorer) next(s *search) *Run {
	for {
		r := x.run(s, false)
		for tries := 0; tries < oddTries && x.outside.settle != nil && errors.Is(r.err, errDiverged); tries++ {
			x.result.Repeated++
			r = x.run(s, false)
		}
		if x.outside.settle == nil || !errors.Is(r.err, errDiverged) || x.formers == oddFormers {
			return r
		}
		x.formers++
		s.forget(len(r.trace))
	}
}

// probes is how many random runs an estimate is made of.
const probes = 200

// estimate guesses the size of the naive search's tree: the mean, over random
// walks from its root to a leaf, of the product of the numbers of branches
// (Knuth 1975, "Estimating the efficiency of backtrack programs").
func (x *explorer) estimate() {
	if x.quick || x.naive {
		if x.naive && x.result.Complete {
			x.result.Naive = float64(x.result.Schedules)
		}
		return
	}
	sum := 0.0
	for i := range probes {
		w := newWalk(uint64(i), x.bound, x.result.Steps)
		r := x.run(w, false)
		if r.err != nil { // of a search that was not complete
			x.failed(r)
			return
		}
		sum += math.Exp(w.logWeight)
	}
	x.result.Naive = sum / probes
}

// failed makes a failure of r's schedule, or of one with fewer preemptions.
func (x *explorer) failed(r *Run) {
	x.result.Failure = &Failure{Err: r.err}
	if errors.Is(r.err, errDiverged) {
		return
	}
	choices := r.choices()
	if !x.quick {
		if fewer, fewest := x.shorten(choices); fewer != nil {
			choices = fewer
			x.result.Failure.Fewest = fewest
		}
	}
	x.describe(choices)
}

// describe runs the schedule once more, for the trace.
func (x *explorer) describe(choices []int) {
	f := x.result.Failure
	again := x.run(&repeat{choices: choices}, true)
	if again.err == nil {
		f.Err = fmt.Errorf("%w (a schedule failed with %q, and did not fail when it was run again)", errDiverged, firstLine(f.Err))
		return
	}
	f.Err = again.err
	f.Preemptions = again.preemptions()
	f.Schedule = again.schedule()
	f.Trace = again.text()
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
