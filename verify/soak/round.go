package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// round is a few pools with random options, actors that load them, and a
// ledger of every task.
type round struct {
	soak  *soak
	pools []*subject
	until time.Time
	draw  *rand.Rand // only run and newRound use it

	ledger []entry
	issued atomic.Int64  // entries in use
	open   atomic.Int64  // tasks that have not ended
	wrong  chan error    // has room for the first thing that is wrong
	over   chan struct{} // closed when something is wrong: nobody should wait any more
	once   sync.Once
}

// entry is a task's place in the ledger. Its index is the task's identity.
type entry struct {
	entered    atomic.Bool // kind and subject are there
	runs, ends atomic.Int32
	optional   bool // it need not run
	kind       string
	subject    *subject
}

// maxTasks bounds a round's ledger.
const maxTasks = 200_000

// run lets the actors act, waits for every task, and checks what is left.
func (r *round) run(ctx context.Context) error {
	before := runtime.NumGoroutine()
	var actors sync.WaitGroup
	for n := range 1 + r.draw.IntN(8) {
		rng := rand.New(rand.NewPCG(r.soak.seed, uint64(n)<<48|r.draw.Uint64N(1<<48)))
		actors.Go(func() {
			for ctx.Err() == nil && time.Now().Before(r.until) && r.room() && !r.isOver() {
				habits[rng.IntN(len(habits))](r, rng)
				if rng.IntN(8) == 0 {
					r.soak.stall()
				}
			}
		})
	}
	acted := make(chan struct{})
	go func() { actors.Wait(); close(acted) }()
	select {
	case <-acted:
	case err := <-r.wrong:
		return err
	case <-time.After(time.Until(r.until) + r.soak.patience):
		return fmt.Errorf("actors hang: %s", r.unfinished())
	}
	if !r.within(func() bool { return r.open.Load() == 0 }) {
		return r.verdict(fmt.Errorf("tasks did not end: %s", r.unfinished()))
	}
	n := min(r.issued.Load(), maxTasks)
	for i := range n {
		e := &r.ledger[i]
		if e.optional && e.runs.Load() == 0 {
			continue
		}
		if e.runs.Load() != 1 || e.ends.Load() != 1 {
			return fmt.Errorf("task %d (%s) ran %d times and ended %d times, in %s", i, e.kind, e.runs.Load(), e.ends.Load(), e.subject)
		}
	}
	r.soak.tasks.Add(n)
	for _, s := range r.pools {
		if s.keeps && !r.isOver() {
			if err := s.drainAll(r.soak.patience); err != nil {
				return r.verdict(fmt.Errorf("a pool at rest is not drained: %w, in %s", err, s))
			}
		}
		if !r.within(func() bool { return s.atRest() == nil }) {
			return r.verdict(fmt.Errorf("%w, in %s", s.atRest(), s))
		}
		r.soak.workers.Add(s.Stats().Spawned)
	}
	if !r.within(func() bool { return runtime.NumGoroutine() <= before }) {
		stacks := make([]byte, 1<<16)
		return fmt.Errorf("%d goroutines, %d before the round:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
	}
	return r.verdict(nil)
}

// verdict is what was noticed first, or else err.
func (r *round) verdict(err error) error {
	select {
	case first := <-r.wrong:
		return first
	default:
		return err
	}
}

// fail notes what is wrong, if it is the first thing, and ends the round.
func (r *round) fail(format string, args ...any) {
	r.once.Do(func() {
		r.wrong <- fmt.Errorf(format, args...)
		close(r.over)
	})
}

func (r *round) isOver() bool {
	select {
	case <-r.over:
		return true
	default:
		return false
	}
}

func (r *round) within(ok func() bool) bool {
	for end := time.Now().Add(r.soak.patience); !ok(); time.Sleep(200 * time.Microsecond) {
		if time.Now().After(end) || r.isOver() {
			return false
		}
	}
	return true
}

// room reports whether the ledger has room for whatever one habit submits.
func (r *round) room() bool { return r.issued.Load() < maxTasks-maxTasks/10 }

// task enters f, a task of s, into the ledger and returns it to be given to s.
func (r *round) task(s *subject, kind string, f func()) func() {
	s.tasks.Add(1)
	r.open.Add(1)
	entered := r.enter(s, kind, false, f)
	return func() {
		defer r.open.Add(-1) // after all that the ledger has to know
		entered()
	}
}

// optional is task for one that need not run. Whoever submits it counts it.
func (r *round) optional(s *subject, kind string, f func()) func() {
	return r.enter(s, kind, true, f)
}

func (r *round) enter(s *subject, kind string, optional bool, f func()) func() {
	id := r.issued.Add(1) - 1
	e := &r.ledger[id]
	e.kind, e.subject, e.optional = kind, s, optional
	e.entered.Store(true)
	return func() {
		if n := e.runs.Add(1); n != 1 {
			r.fail("task %d (%s) starts for the %d. time, in %s", id, kind, n, s)
			return
		}
		defer e.ends.Add(1)
		if running := s.running.Add(1); !s.allows(running) {
			r.fail("%d tasks run at a time where %d may, in %s", running, s.bound.Load(), s)
		}
		defer s.running.Add(-1)
		f()
	}
}

// unfinished tells of the tasks that have not ended, the first few by name.
func (r *round) unfinished() string {
	text, n := "", 0
	for i := range min(r.issued.Load(), maxTasks) {
		e := &r.ledger[i]
		if !e.entered.Load() || e.optional || e.ends.Load() != 0 {
			continue
		}
		if n++; n <= 5 {
			text += fmt.Sprintf("; task %d (%s) ran %d times, in %s", i, e.kind, e.runs.Load(), e.subject)
		}
	}
	return fmt.Sprintf("%d%s", n, text)
}

func newRound(s *soak, rng *rand.Rand) *round {
	r := &round{soak: s, draw: rng, ledger: make([]entry, maxTasks), wrong: make(chan error, 1), over: make(chan struct{})}
	for range 1 + rng.IntN(3) {
		r.pools = append(r.pools, newSubject(rng, s.fault, len(r.pools) > 0))
	}
	r.until = time.Now().Add(roundLength/4 + time.Duration(rng.Int64N(int64(roundLength))))
	return r
}
