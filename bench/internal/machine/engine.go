//go:build lfpoolhooks

package machine

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"unsafe"

	watched "github.com/lfpool/lfpool/internal/atomic"
	"github.com/lfpool/lfpool/internal/binary"
	"github.com/lfpool/lfpool/internal/point"
)

// An engine runs goroutines on simulated processors. One of them runs at a time,
// up to its next atomic operation; the machine takes it for blocked, or ended,
// when it does not come to one.
type engine struct {
	model Model
	go_   Runtime

	active atomic.Bool
	mu     sync.Mutex
	known  map[uint64]*thread // by goroutine
	came   []*thread          // to an operation, since the last step

	threads []*thread
	procs   []*proc
	lines   map[uintptr]*line
	objects map[uintptr]uintptr // where words of small objects are taken to be: see publish
	heaps   []heap              // of the processors
	owner   *thread             // makes the step under way
	random  *rand.Rand

	open   sync.WaitGroup      // goroutines that were started with Go and have not returned
	counts map[string]Transfer // by word
	steps  int
	end    float64 // when the last operation that counts ended

	done, warm, total int     // operations of the workload: so far, before the counting begins, when it ends
	since             float64 // when it began
	created           float64 // when the next goroutine can be: see Runtime.Creation
}

// operation is one that a goroutine is about to make.
type operation struct {
	kind  uint8
	local bool // of no shared line: takes for
	takes float64
	addr  uintptr
	line  *line
	word  string
}

type thread struct {
	n       int // in the order of their first operation
	proc    *proc
	next    *operation // nil: it runs, or is blocked or has ended
	clock   float64    // when it comes to next, once it has a processor
	ready   float64    // when it was made ready, while it has none
	started bool       // it has had a processor
	self    uintptr
	on      chan struct{}
}

// current is the test that Main runs its function in: bubbles of testing/synctest belong
// to a test.
var current *testing.T

// Main runs f, which may use the machine, and exits with the code that it
// returns.
func Main(f func() int) {
	os.Args = os.Args[:1] // f has its own
	testing.Main(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{{Name: "bench", F: func(t *testing.T) {
		current = t
		os.Exit(f())
	}}}, nil, nil)
}

// Run has start start goroutines with its machine's Go, and runs them until the operations
// of the trial have ended, of which the first quarter is not counted. The rest is run
// freely, with nothing watched any more, and then what start has returned: goroutines that
// are left must end by it. Run is called in the current test.
func Run(trial Trial, start func(m Machine) (finish func())) (r Result, err error) {
	model, processors, n := trial.Model, trial.Processors, trial.Operations
	if processors < 1 || processors > min(model.Processors(), MaxProcessors) {
		return r, fmt.Errorf("machine: %s has no %d processors: want 1 to %d", model.Name, processors, min(model.Processors(), MaxProcessors))
	}
	binary.Production() // pools have real workers, in test binaries too
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // so that an address is one object's
	m := &engine{
		model: model, go_: Scheduler, known: map[uint64]*thread{}, lines: map[uintptr]*line{}, objects: map[uintptr]uintptr{},
		heaps: make([]heap, processors), counts: map[string]Transfer{}, random: rand.New(rand.NewPCG(uint64(trial.Seed), 0)), warm: n / 4, total: n,
	}
	for i := range processors {
		m.procs = append(m.procs, &proc{n: i, look: math.Inf(1)})
	}
	defer watched.Watch(nil)
	defer watched.Publishing(nil)
	defer func() {
		// A bubble with goroutines that wait for ever ends in a panic.
		if v := recover(); v != nil && err == nil {
			err = fmt.Errorf("machine: after the end: %v", v)
		}
	}()
	synctest.Test(current, func(*testing.T) {
		finish := start(m)
		m.active.Store(true)
		watched.Watch(m.at)
		watched.Publishing(m.publish)
		err = m.drive()
		m.active.Store(false)
		watched.Watch(nil)
		watched.Publishing(nil)
		m.letGo()
		if err != nil {
			return // some of them wait for ever
		}
		m.open.Wait()
		if finish != nil {
			finish()
		}
	})
	return m.result(), err
}

// Go is Machine's.
func (m *engine) Go(f func()) {
	m.open.Add(1)
	th := &thread{n: len(m.threads), on: make(chan struct{}, 1), next: &operation{local: true}}
	p := m.procs[th.n%len(m.procs)]
	th.clock = float64(th.n) // so that they do not begin at one instant
	th.ready = th.clock
	if p.runs == nil {
		th.started = true
		p.run(th)
	} else {
		p.queue = append(p.queue, th)
	}
	m.threads = append(m.threads, th)
	registered := make(chan struct{})
	go func() {
		m.mu.Lock()
		m.known[point.Goroutine()] = th
		m.mu.Unlock()
		close(registered)
		<-th.on
		defer m.open.Done()
		f()
	}()
	<-registered
}

// Work is Machine's.
func (m *engine) Work(ns float64) { m.arrive(&operation{local: true, takes: ns}) }

func (m *engine) tick() {
	if !m.active.Load() {
		return
	}
	switch m.done++; m.done { // one goroutine runs at a time
	case m.warm:
		m.since, m.counts = m.owner.clock, map[string]Transfer{}
	case m.total:
		m.end = m.owner.clock
	}
}

// result is of the operations that were counted.
func (m *engine) result() Result {
	counted := float64(m.total - m.warm)
	r := Result{m.total, (m.end - m.since) / counted, map[string]Transfer{}}
	for word, c := range m.counts {
		r.Transfers[word] = Transfer{c.Writes / counted, c.Reads / counted}
	}
	return r
}

// at is called before each atomic operation.
func (m *engine) at(kind uint8, addr unsafe.Pointer, _ uintptr) {
	if !m.active.Load() {
		return
	}
	o := &operation{kind: kind, addr: uintptr(addr)}
	site := point.Site()
	if site.Package != "machine" { // the workload's own
		o.word = site.Word
	}
	if site.Op == "Get" || site.Op == "Put" { // of a sync.Pool, which has a part for each processor
		o.local, o.takes = true, 2*m.model.Atomic
	}
	m.arrive(o)
}

// arrive stops the calling goroutine until the machine has made o.
func (m *engine) arrive(o *operation) {
	if !m.active.Load() {
		return
	}
	self := point.Self()
	m.mu.Lock()
	th := m.owner
	if th == nil || th.self != self || th.next != nil {
		// Not the one that makes the step, or its number is not known yet. (If it
		// has ended, and a goroutine that another of its making has started has
		// its place, that is taken for it, and costs less than it should.)
		id := point.Goroutine()
		if th = m.known[id]; th == nil {
			th = &thread{on: make(chan struct{}, 1)}
			m.known[id] = th
		}
		th.self = self
	}
	if !o.local {
		o.line = m.line(o.addr)
	}
	th.next = o
	m.came = append(m.came, th)
	m.mu.Unlock()
	<-th.on
}

// drive makes one step after the other until so many operations have ended, or after many
// steps a third of them at least, and then those count.
func (m *engine) drive() error {
	const most = 20_000_000
	for m.done < m.total {
		th, p, at := m.earliest()
		switch {
		case th == nil && p == nil:
			return errors.New("machine: goroutines of the workload wait, and nobody is left to wake them")
		case th == nil:
			p.schedule(m, at)
			continue
		}
		if m.steps++; m.steps > most {
			if m.done < m.total/3 {
				return fmt.Errorf("machine: no end after %d steps: %d of %d operations", most, m.done, m.total)
			}
			m.total, m.end = m.done, m.owner.clock // goroutines that look again and again
		}
		m.step(th, at)
	}
	return nil
}

// earliest returns the goroutine that makes the next step, or the processor that
// looks for one, and when.
func (m *engine) earliest() (th *thread, p *proc, at float64) {
	at = math.Inf(1)
	for _, q := range m.procs {
		if q.runs == nil {
			if q.look < at {
				th, p, at = nil, q, q.look
			}
			continue
		}
		start := q.runs.clock
		if o := q.runs.next; !o.local {
			if l := o.line; l.free > start && !(o.kind == load && l.held && l.holders.has(q.n)) {
				start = l.free
				if start == at && th != nil && m.sooner(l, q.runs, th) {
					th, p = q.runs, nil
				}
			}
		}
		if start < at {
			th, p, at = q.runs, nil, start
		}
	}
	return th, p, at
}

// sooner reports whether a gets the line that a and b wait for before b: who is
// nearer to where it is, but who has waited long first.
func (m *engine) sooner(l *line, a, b *thread) bool {
	if b.next.line != l {
		return false
	}
	if m.model.FarEvery > 0 {
		return a.clock < b.clock
	}
	near, far := m.model.distance(l.owner, a.proc.n), m.model.distance(l.owner, b.proc.n)
	return a.clock+patience*near < b.clock+patience*far
}

// patience is how much longer, in times of its distance, a processor waits for a
// line than one that is nearer. The gates pass with 1 to 3; with 0, first come first
// served, that of 24 processors' ceiling does not.
const patience = 2

// line returns the cache line that addr is on.
func (m *engine) line(addr uintptr) *line {
	if moved, ok := m.objects[addr&^7]; ok {
		addr = moved
	}
	n := addr / lineSize
	l := m.lines[n]
	if l == nil {
		l = &line{}
		m.lines[n] = l
	}
	return l
}

// step has th make its operation at an instant, and run up to its next.
func (m *engine) step(th *thread, at float64) {
	o, p := th.next, th.proc
	if o.local {
		th.clock = at + o.takes
	} else {
		l := o.line
		c := m.model.costOf(l, p.n, o.kind)
		th.clock = at + c.takes + m.model.Local*float64(m.random.IntN(2001))/1000
		if c.keeps > 0 {
			l.free = at + c.keeps
		}
		m.model.touch(l, p.n, o.kind)
		m.count(o, c)
	}
	th.next, m.owner = nil, th
	th.on <- struct{}{}
	synctest.Wait()
	m.settle(th, p)
}

func (m *engine) count(o *operation, c cost) {
	if !c.moved || o.word == "" {
		return
	}
	t := m.counts[o.word]
	if o.kind == load {
		t.Reads++
	} else {
		t.Writes++
	}
	m.counts[o.word] = t
}

// settle finds out what the step of th on p has led to.
func (m *engine) settle(th *thread, p *proc) {
	m.mu.Lock()
	came := slices.DeleteFunc(m.came, func(other *thread) bool { return other == th })
	m.came = nil
	m.mu.Unlock()
	for _, other := range came {
		if other.proc == nil && !other.started && !slices.Contains(m.threads, other) {
			other.n = len(m.threads)
			m.threads = append(m.threads, other)
		}
	}
	began := th.clock // a step may have many go statements
	slices.SortFunc(came, func(a, b *thread) int { return cmp.Compare(a.n, b.n) })
	for _, other := range came {
		if other.started {
			th.clock += m.go_.Ready
		} else {
			th.clock = max(th.clock, m.created) + m.go_.Go
			m.created = max(m.created, began) + m.go_.Creation
		}
		p.ready(m, other, th.clock)
	}
	if th.next == nil { // blocked, or ended
		th.proc, p.runs = nil, nil
		p.look = th.clock + m.go_.Park
	}
}

// publish has small objects that nobody knows yet beside others of the processor
// that makes them known, as its own allocator would: here all goroutines share
// one. Their lines are its own.
func (m *engine) publish(object unsafe.Pointer, size uintptr) {
	if !m.active.Load() || m.owner == nil || m.owner.proc == nil {
		return
	}
	base, p := uintptr(object), m.owner.proc.n
	if size >= lineSize {
		for at := base; at < base+size; at += lineSize {
			m.own(at, p)
		}
		return
	}
	if _, ok := m.objects[base&^7]; ok || m.lines[base/lineSize] != nil {
		return
	}
	m.owner.clock += m.go_.New
	virtual := m.heaps[p].allocate(size, p)
	for w := uintptr(0); w < size; w += 8 {
		m.objects[(base+w)&^7] = virtual + w
	}
	m.own(base, p)
}

func (m *engine) own(addr uintptr, p int) {
	if l := m.line(addr); !l.known {
		m.model.touch(l, p, store)
	}
}

// letGo lets every goroutine run on freely.
func (m *engine) letGo() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, th := range m.known {
		select {
		case th.on <- struct{}{}:
		default:
		}
	}
}
