package explore

import (
	"errors"
	"fmt"
	"math/bits"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"unsafe"
)

// maxThreads is how many goroutines a scenario may have: sets of them are
// words.
const maxThreads = 64

// Run is one run of a scenario under one schedule.
type Run struct {
	limits  limits
	by      strategy
	workers *workers
	noted   bool // call sites and values are noted, for a trace
	ordered bool // what happened before what is noted

	threads []*thread
	names   map[string]int
	checks  []func() error

	outside  outside
	crowd    crowd
	time     clockwork
	cleanups []func()
	finished bool // with outside: all there was to do is done

	running   *thread // the goroutine that has the turn
	turn      *thread // the one whose event is the last
	over      chan struct{}
	abandoned atomic.Bool // goroutines leave through their deferred calls
	halted    bool
	err       error
	stray     atomic.Pointer[string] // what a goroutine did that is not watched

	trace   []event
	touched []touch                  // of the events, one after the other
	words   map[unsafe.Pointer]int32 // keeps them alive, so that no address is used twice
	states  []word
	changes int     // events that changed something
	blocks  []int32 // for clocks
	spare   []int32 // what is left of them

	progress *atomic.Int64          // for the watch on stalls
	holder   atomic.Pointer[thread] // running, for the same
	stamp    int64                  // logical time outside the goroutines
	logs     []note
}

// current is the run in which Go starts goroutines: from the start of the
// scenario's function on, while active is only set once the goroutines run.
var current atomic.Pointer[Run]

type limits struct {
	steps int // of a run
}

// op is what a goroutine is about to do.
type op struct {
	kind   Kind
	addr   unsafe.Pointer
	size   uintptr
	word   int32 // its number; -1 if there is none
	object Object
	need   uint64
	call   bool // the first step of an operation of the history
	sites  []uintptr
}

func (o *op) same(p *op) bool {
	return o.kind == p.kind && o.word == p.word && o.need == p.need && o.call == p.call
}

// event is an op that was made.
type event struct {
	op
	thread  *thread
	changed bool   // what others can see
	enabled uint64 // the goroutines that could have made a step instead
	state   uint64 // of the object before it
	before  [2]uint64
	after   [2]uint64
	over    bool
	ret     bool  // the last step of an operation of the history
	touches span  // what it did beside the op
	clock   clock // for each thread, the index after that of its last event that happened before this one, itself included
}

// word is a word or an object, by number.
type word struct {
	events    []int32 // of an object: all
	lastWrite int32   // of a word; -1: none
	reads     []int32 // since then
	version   int
}

// thread is a goroutine of a run.
type thread struct {
	id       int
	name     string
	f        func()
	worker   *worker
	wake     chan struct{}
	begun    chan struct{} // nil once it has come to its first step
	done     bool
	away     bool   // it is blocked outside, or has ended there
	number   uint64 // of the goroutine, if it is from outside
	next     op
	clock    clock
	newborn  []*thread // started since its last event; they have no clock yet
	children int
	events   []int32 // indices in the trace

	inCall     bool  // between Call and Return
	called     bool  // Call was there, and no step since
	callAt     int   // the step that began the operation
	lastCall   int32 // index after that of the last event that began one
	lastReturn int32 // and of the last one that ended one

	seen []sight // since the last Gosched
	made bool    // changed something itself since then

	anchor        unsafe.Pointer // a word that it keeps coming back to
	anchorChanges int            // how much had changed when it first did
	streak, laps  int
}

// sight is that a goroutine has seen a version of a word.
type sight struct {
	word    int32
	version int
}

// strategy chooses schedules.
type strategy interface {
	// choose returns the goroutine whose step is next; nil gives up the run.
	choose(r *Run, enabled uint64) *thread
	// race is called when event i has been found to be in a race with event e, or
	// the op of a goroutine that can never make it, with i the length of the
	// trace.
	race(r *Run, e, i int, of *thread, c clock)
	// bounded reports whether race is to be told also where the second could not
	// have been the first. With a bound it matters that it would have been
	// blocked there: the turn that it loses by this costs nothing.
	bounded() bool
	// reduces reports whether race is of use.
	reduces() bool
}

// newRun returns a run. It takes what old, which is over, needs no more.
func newRun(by strategy, l limits, w *workers, old *Run) *Run {
	r := &Run{by: by, limits: l, workers: w, names: map[string]int{}, over: make(chan struct{}, 1)}
	if old == nil {
		r.words = map[unsafe.Pointer]int32{}
		return r
	}
	clear(old.trace)
	r.touched = old.touched[:0]
	r.trace, r.states, r.words, r.spare = old.trace[:0], old.states[:0], old.words, old.blocks[:0]
	r.blocks = r.spare
	clear(r.words)
	old.trace, old.touched, old.states, old.words = nil, nil, nil, nil
	return r
}

// Go starts a goroutine of the scenario. It runs f once the scenario's function
// has returned. The name stands in traces and schedules; a second goroutine of
// the same name gets a number. Only the scenario's function may call it: code
// under test calls [Go].
func (r *Run) Go(name string, f func()) {
	if active.Load() == r {
		panic("explore.Run.Go(" + name + ") in a running exploration: only the scenario's function may call it; code under test calls explore.Go")
	}
	if f == nil {
		panic("explore.Run.Go(" + name + "): the function is nil")
	}
	r.add(name, f)
}

// Check has f called after every goroutine has returned; an error is a failure
// of the schedule. What f does is not explored. The check that was registered
// last is called first, so that later ones can still add to a history which an
// earlier one looks at.
func (r *Run) Check(f func() error) { r.checks = append(r.checks, f) }

// Logf adds a line to the trace, for the calling goroutine of the exploration.
// It costs nothing while no trace is made.
func Logf(format string, args ...any) {
	if r := active.Load(); r != nil && r.noted && !r.abandoned.Load() {
		r.logs = append(r.logs, note{after: len(r.trace), who: r.running.name, text: fmt.Sprintf(format, args...)})
	}
}

// note is a line in the trace.
type note struct {
	after     int // steps
	who, text string
}

func (r *Run) add(name string, f func()) *thread {
	name = strings.Join(strings.FieldsFunc(name, func(c rune) bool { return c == ' ' || c == '>' || c == '\t' || c == '\n' }), "-")
	if name == "" {
		name = "goroutine"
	}
	r.names[name]++
	if n := r.names[name]; n > 1 {
		name = fmt.Sprintf("%s/%d", name, n)
	}
	th := &thread{id: len(r.threads), name: name, f: f, wake: make(chan struct{}), begun: make(chan struct{})}
	if th.id == maxThreads {
		panic(fmt.Sprintf("explore: more than %d goroutines in a scenario", maxThreads))
	}
	r.threads = append(r.threads, th)
	return th
}

// spawn is Go in an exploration.
func (r *Run) spawn(f func()) {
	if active.Load() != r { // the scenario's function
		r.add("go", f)
		return
	}
	if r.outside.settle != nil {
		go f()
		return
	}
	parent := r.running
	if r.abandoned.Load() {
		return
	}
	parent.children++
	th := r.add(fmt.Sprintf("%s.%d", parent.name, parent.children), f)
	parent.newborn = append(parent.newborn, th)
	r.start(th)
}

// start lets th run up to its first step. What it does before is not seen by
// others, unless there is a data race.
func (r *Run) start(th *thread) {
	parent := r.running
	r.give(th)
	r.workers.run(func(w *worker) {
		th.worker = w
		r.live(th)
	})
	<-th.begun
	th.begun = nil
	r.give(parent)
}

// give lets th be the goroutine that runs.
func (r *Run) give(th *thread) {
	if r.running != th {
		r.running = th
		r.holder.Store(th)
	}
}

// live is a goroutine of the scenario.
func (r *Run) live(th *thread) {
	returned := false
	defer func() {
		if v := recover(); v != nil && r.err == nil && !r.abandoned.Load() {
			r.err = fmt.Errorf("panic in goroutine %s: %v\n%s", th.name, v, debug.Stack())
		} else if !returned && v == nil && r.err == nil && !r.abandoned.Load() {
			Logf("Goexit")
		}
		th.done = true
		switch {
		case r.abandoned.Load():
			r.over <- struct{}{}
		case th.begun != nil:
			close(th.begun)
		default:
			if next := r.choose(); next != nil {
				next.wake <- struct{}{}
			}
		}
	}()
	th.f()
	returned = true
}

// word is a step on a word.
func (r *Run) word(k Kind, addr unsafe.Pointer, size uintptr) {
	wantKind("Step", k)
	r.step(op{kind: k, addr: addr, size: size})
}

// step stops the calling goroutine before o, until o is chosen.
func (r *Run) step(o op) (watched, over bool) {
	if r.outside.settle != nil {
		return r.arrive(o)
	}
	th := r.running
	if !th.worker.calls() {
		if left.has(goid()) {
			runtime.Goexit()
		}
		r.strayed(o)
		return false, false
	}
	if r.abandoned.Load() {
		return true, true
	}
	o.word = -1
	if o.addr != nil {
		o.word = r.number(o.addr)
	}
	o.call, th.called = th.called, false
	if r.noted {
		pcs := make([]uintptr, 12)
		o.sites = pcs[:runtime.Callers(2, pcs)]
	}
	th.next = o
	if th.begun != nil {
		close(th.begun)
		<-th.wake
	} else if next := r.choose(); next != th {
		if next != nil {
			next.wake <- struct{}{}
		}
		<-th.wake
	}
	if r.abandoned.Load() {
		runtime.Goexit()
	}
	return true, false
}

// number returns the number of the word at addr.
func (r *Run) number(addr unsafe.Pointer) int32 {
	n, known := r.words[addr]
	if !known {
		n = int32(len(r.states))
		r.words[addr] = n
		if len(r.states) < cap(r.states) {
			r.states = r.states[:n+1]
			w := &r.states[n]
			*w = word{lastWrite: -1, events: w.events[:0], reads: w.reads[:0]}
		} else {
			r.states = append(r.states, word{lastWrite: -1})
		}
	}
	return n
}

// choose ends the step under way and gives the turn to the next goroutine. If
// there is no next step it returns nil, and the run is over.
func (r *Run) choose() *thread {
	if r.halted {
		return nil
	}
	if len(r.trace) > 0 {
		r.ended(len(r.trace) - 1)
	}
	if next, enabled := r.decide(); next != nil {
		r.begin(next, enabled)
		return next
	}
	r.halted = true
	r.over <- struct{}{}
	return nil
}

func (r *Run) decide() (next *thread, enabled uint64) {
	if s := r.stray.Load(); s != nil && r.err == nil {
		r.err = errors.New(*s)
	}
	if r.err != nil {
		return nil, 0
	}
	if th := r.turn; th != nil && th != r.time.thread && !th.done && !th.away {
		if r.err = r.spins(th); r.err != nil {
			return nil, 0
		}
	}
	open := false
	for _, th := range r.threads {
		if th.done || th == r.time.thread {
			continue
		}
		open = open || th.f != nil || !th.away
		if !th.away && r.enabled(th) {
			enabled |= 1 << th.id
		}
	}
	if !open {
		r.finished = true
		return nil, 0
	}
	if r.mayPass(enabled) {
		enabled |= r.time.set()
	}
	if enabled == 0 {
		r.err = r.stuck()
		if s := r.strays(); s != nil {
			r.err = fmt.Errorf("%w; %s", r.err, *s)
		}
		r.blockedRaces()
		return nil, 0
	}
	if len(r.trace) >= r.limits.steps {
		r.err = fmt.Errorf("no end after %d steps: a loop of goroutine %s never ends, or the scenario is too long to be explored; shorten it, or raise the limit with explore.Steps", len(r.trace), r.turn.name)
		return nil, 0
	}
	return r.by.choose(r, enabled), enabled
}

func (r *Run) enabled(th *thread) bool {
	switch o := &th.next; o.kind {
	case object:
		return o.need == 0 || o.object.State()&o.need != 0
	case yield:
		return r.worthAnother(th)
	}
	return true
}

// worthAnother reports whether th, which is in Gosched, could see anything else
// than it has seen since the last one.
func (r *Run) worthAnother(th *thread) bool {
	if th.made || len(th.seen) == 0 {
		return true
	}
	for _, s := range th.seen {
		if r.states[s.word].version != s.version {
			return true
		}
	}
	return false
}

// begin makes the next op of th an event.
func (r *Run) begin(th *thread, enabled uint64) {
	e := event{op: th.next, thread: th, enabled: enabled, touches: span{len(r.touched), len(r.touched)}}
	switch e.kind {
	case object:
		e.state = e.object.State()
	case Store, RMW, CAS:
		e.before = peek(e.addr, e.size)
	case Load:
		if r.noted {
			e.before = peek(e.addr, e.size)
		}
	}
	th.events = append(th.events, int32(len(r.trace)))
	r.trace = append(r.trace, e)
	r.progress.Add(1)
	r.turn = th
	r.give(th)
}

// ended finds out what event i, the last one, has done, and what it depends on.
func (r *Run) ended(i int) {
	e := &r.trace[i]
	if e.over {
		return
	}
	e.over = true
	th := e.thread
	switch e.kind {
	case object:
		e.changed = true
	case Load:
		e.after = e.before
	case Store, RMW, CAS:
		e.after = peek(e.addr, e.size)
		e.changed = e.before != e.after
	}
	for j := range r.touches(e) {
		t := &r.touched[e.touches.from+j]
		t.changed = t.kind != Load && peek(t.addr, t.size) != t.before
	}
	if r.ordered {
		r.order(i)
	}
	if e.call {
		th.lastCall, th.callAt = int32(i)+1, i
	}
	if e.ret {
		th.lastReturn = int32(i) + 1
	}
	if e.kind == yield {
		th.seen, th.made = th.seen[:0], false
	}
	if e.kind == ticking {
		r.changes++
		r.time.last = int32(i) + 1
	}
	if e.word >= 0 {
		r.accessed(i, e.word, e.kind, e.changed)
	}
	for _, t := range r.touches(e) {
		r.accessed(i, t.word, t.kind, t.changed)
	}
}

// accessed notes that event i has had to do with a word.
func (r *Run) accessed(i int, word int32, k Kind, changed bool) {
	th, w := r.trace[i].thread, &r.states[word]
	if changed {
		r.changes++
		w.version++
		if k != object {
			th.made = true
			w.lastWrite, w.reads = int32(i), w.reads[:0]
		}
	} else {
		w.reads = append(w.reads, int32(i))
	}
	if k == object {
		w.events = append(w.events, int32(i))
	}
	for s := range th.seen {
		if th.seen[s].word == word {
			th.seen[s].version = w.version
			return
		}
	}
	th.seen = append(th.seen, sight{word, w.version})
}

// spinLaps is how often a goroutine may come back to a word that it reads
// while nothing changes.
const spinLaps = 100

// spins fails if th, which had the turn, goes round and round without an end.
func (r *Run) spins(th *thread) error {
	if th.anchorChanges != r.changes || th.streak == 0 {
		th.anchor, th.anchorChanges, th.streak, th.laps = th.next.addr, r.changes, 1, 0
		return nil
	}
	th.streak++
	if th.next.addr == th.anchor && th.anchor != nil {
		th.laps++
		if th.laps >= spinLaps {
			return fmt.Errorf("goroutine %s spins: it has come back %d times to the same step while no word changed%s; put explore.Gosched() in the loop, or let it give up after a few tries", th.name, th.laps, r.site(th))
		}
	} else if th.streak&(th.streak-1) == 0 && th.laps < 4 {
		th.anchor, th.laps = th.next.addr, 0
	}
	return nil
}

// stuck says why no goroutine can go on.
func (r *Run) stuck() error {
	var blocked, spinning []string
	for _, th := range r.threads {
		switch {
		case th.done, th.away && th.f == nil, th == r.time.thread:
		case th.next.kind == yield:
			spinning = append(spinning, th.name+r.site(th))
		default:
			blocked = append(blocked, th.name+r.site(th))
		}
	}
	var parts []string
	if len(blocked) > 0 {
		parts = append(parts, "deadlock: nobody is left to wake "+strings.Join(blocked, ", ")+r.timeless())
	}
	if len(spinning) > 0 {
		parts = append(parts, "livelock: nobody is left to change what is waited for in Gosched by "+strings.Join(spinning, ", "))
	}
	return errors.New(strings.Join(parts, "; "))
}

// site says where th stands, if that was noted.
func (r *Run) site(th *thread) string {
	if th.next.sites == nil {
		return ""
	}
	p := pointOf(&th.next)
	return fmt.Sprintf(" (in %s at %s:%d)", p.name(), p.file, p.line)
}

// strays lets goroutines go on that the explorer does not know, so that it hears of one that
// was to wake somebody, and returns what one of them did.
func (r *Run) strays() *string {
	for tries := 0; tries < 100 && r.outside.settle == nil && r.stray.Load() == nil; tries++ {
		runtime.Gosched() // GOMAXPROCS is 1
	}
	return r.stray.Load()
}

func (r *Run) strayed(o op) {
	pcs := make([]uintptr, 12)
	o.sites = pcs[:runtime.Callers(3, pcs)]
	p := pointOf(&o)
	s := fmt.Sprintf("%s at %s:%d is called by a goroutine that the explorer does not know: start it with explore.Go in place of the go statement; and while an exploration runs, let no other test use watched words", p.name(), p.file, p.line)
	r.stray.CompareAndSwap(nil, &s) // the first is enough
}

// peek reads size bytes.
func peek(addr unsafe.Pointer, size uintptr) (v [2]uint64) {
	const wordSize = unsafe.Sizeof(uintptr(0))
	switch {
	case size == 4:
		v[0] = uint64(atomic.LoadUint32((*uint32)(addr)))
	case size == wordSize:
		v[0] = uint64(atomic.LoadUintptr((*uintptr)(addr)))
	case size == 2*wordSize: // an interface, or 64 bits on a 32-bit machine
		words := (*[2]uintptr)(addr)
		v[0] = uint64(atomic.LoadUintptr(&words[0]))
		v[1] = uint64(atomic.LoadUintptr(&words[1]))
	}
	return v
}

// each calls f for each goroutine of a set.
func (r *Run) each(set uint64, f func(*thread)) {
	for ; set != 0; set &= set - 1 {
		f(r.threads[bits.TrailingZeros64(set)])
	}
}
