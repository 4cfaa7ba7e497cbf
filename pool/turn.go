package pool

import (
	"context"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"weak"

	"github.com/lfpool/lfpool/internal/atomic"
	"github.com/lfpool/lfpool/internal/inside"
)

// Turns.
//
// Keyed, Fair and package parallel run several tasks of their callers, one after the
// other, within one task of the pool: a turn. What belongs to a task belongs to each of
// these and not to the turn:
//
//	when it is accepted   it gets its submitter's exemption, and is measured from then
//	                      on (accepted)
//	between two of them   the worker's state is as between two tasks of the pool
//	                      (nextTask), and it hears of notices as soon (told)
//	when the turn ends    they are counted (endTurn)
//
// A turn is put into the pool by a submitter, or by a worker that has other tasks to
// let by, so it has nobody's exemption, and is not measured.

// accepted returns f as a task that a turn will run.
func (p *Pool) accepted(f func()) func() {
	if !p.aside {
		return f
	}
	q := p.here()
	defer q.away()
	return inherit(q.measured(f))
}

// nextTask is called by a turn between two tasks.
func (p *Pool) nextTask() {
	debug.SetPanicOnFault(false)
	pprof.SetGoroutineLabels(p.labels)
}

// told returns how often the pool's workers have been told to check in. A turn that
// finds it changed passes itself on, so that its worker can.
func (p *Pool) told() uint32 {
	p.ignoreSync()
	defer p.heedSync()
	return p.notices.Load()
}

// endTurn is deferred by a turn that has begun n tasks. The worker counts one for the
// turn.
func (p *Pool) endTurn(n int) {
	if n != 1 {
		p.ignoreSync()
		p.inTurns.Add(int64(n - 1))
		p.heedSync()
	}
}

// tryTurn puts a turn into the pool unless there is no room, and reports whether it
// did. It never blocks.
func (p *Pool) tryTurn(turn func()) bool {
	if p.aside {
		q := p.here()
		defer q.away()
		if !q.tryEnter() {
			return false
		}
		p = q
	}
	p.submit(turn)
	return true
}

// waitWithTurn starts a goroutine that waits for room in line with all others, puts the
// turn into the pool, and calls in unless that is nil. (A worker that waited would hold
// the place that it waits for.)
func (p *Pool) waitWithTurn(turn, in func()) {
	wait := func() {
		q := p.here()
		defer q.away()
		_ = q.enter(context.Background(), true) // no error: that context is never done
		q.submit(turn)
		if in != nil {
			in()
		}
	}
	if exempt() {
		startClean(wait)
	} else {
		go wait()
	}
}

// before is what a pool knows of the queues before it, Keyed and Fair, for its figures.
type before struct {
	refused, givenUp atomic.Int64
	ever             atomic.Bool // there has been one
	mu               atomic.Mutex
	queues           []queueBefore
}

// queueBefore is one of them, which it does not keep from the collector.
type queueBefore struct {
	living  func() bool
	figures func() beforeFigures // of one that lives
}

type beforeFigures struct {
	queued  int // tasks that have not started, but for one for each turn that the pool has queued
	waiting int // submissions that wait for a place
}

// register has the pool's figures have those of q for as long as it lives.
func register[Q any](b *before, q *Q, figures func(*Q) beforeFigures) {
	ref := weak.Make(q)
	b.ever.Store(true)
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.queues) == cap(b.queues) {
		b.forget() // so that there is room for as many again that live, at most
	}
	b.queues = append(b.queues, queueBefore{
		func() bool { return ref.Value() != nil },
		func() (f beforeFigures) {
			if q := ref.Value(); q != nil {
				f = figures(q)
			}
			return f
		},
	})
}

// forget drops the queues that live no more. The caller has the lock.
func (b *before) forget() {
	b.queues = slices.DeleteFunc(b.queues, func(q queueBefore) bool { return !q.living() })
}

func (p *Pool) hasBefore() bool {
	p.ignoreSync()
	defer p.heedSync()
	return p.before.ever.Load()
}

// add adds the figures of all that live.
func (b *before) add(s *Stats) {
	s.Refused += b.refused.Load()
	s.GivenUp += b.givenUp.Load()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forget()
	for _, q := range b.queues {
		f := q.figures()
		s.Waiting += f.waiting
		if s.Queued >= 0 {
			s.Queued += f.queued
		}
	}
}

func init() {
	inside.Answer(inside.Pool{
		Offer:         func(p any, f func()) bool { return p.(*Pool).tryGo(f, false) },
		HandlesPanics: func(p any) bool { return p.(*Pool).onPanic != nil },
		Aside:         func(p any) bool { return p.(*Pool).aside },
		OfferTurn:     func(p any, turn func()) bool { return p.(*Pool).tryTurn(turn) },
		WaitWithTurn:  func(p any, turn func()) { p.(*Pool).waitWithTurn(turn, nil) },
		Accepted:      func(p any, f func()) func() { return p.(*Pool).accepted(f) },
		NextTask:      func(p any) { p.(*Pool).nextTask() },
		Told:          func(p any) uint32 { return p.(*Pool).told() },
		EndTurn:       func(p any, n int) { p.(*Pool).endTurn(n) },
		Apart:         func(p any) bool { q := p.(*Pool); return q.apart && !q.limited() },
	})
}
