package pool

import (
	"sync"

	"github.com/lfpool/lfpool/internal/goroutine"
)

// In a test binary a pool serves each bubble of testing/synctest apart: goroutines
// of one bubble must not wait for another's, and none may be left when it ends.
// So a pool has a home, the bubble in which it was made or the program outside of
// all, and elsewhere a twin stands for it: a pool with the same options, made
// there, that keeps no worker. A twin is there while it has tasks.
//
// All of it is for test binaries: in others a pool is at home everywhere.

// twins has the pools that stand for one.
type twins struct {
	mu   sync.Mutex    // a plain one, for goroutines of several bubbles
	of   map[int]*Pool // by the bubble, 0 outside of all
	past Stats         // sums of those that have been
}

// twin is what a pool knows of the one that it stands for.
type twin struct {
	original *Pool // nil: it is one itself
	uses     int   // calls of its methods under way; guarded by original.twins.mu
	kept     bool  // it was given a limit of its own; guarded likewise
}

// here returns the pool that stands for p where the caller is. The caller owes
// an away.
func (p *Pool) here() *Pool {
	if p.twins == nil {
		return p
	}
	return p.twinHere()
}

// twinHere is here in a test binary.
func (p *Pool) twinHere() *Pool {
	bubble := goroutine.Bubble()
	if bubble == p.home {
		return p
	}
	p.twins.mu.Lock()
	defer p.twins.mu.Unlock()
	q := p.twins.of[bubble]
	if q == nil {
		q = New(p.options...)
		q.twins, q.home, q.twin = nil, bubble, twin{original: p}
		q.keepsNone()
		q.control.SetLimit(p.control.Limit())
		q.perProc.seen.Store(p.perProc.seen.Load())
		q.openGate()
		p.twins.of[bubble] = q
	}
	q.uses++
	return q
}

// away ends a use of a pool that here has returned.
func (p *Pool) away() {
	if p.original != nil {
		p.original.twins.release(p, 1)
	}
}

// keepTwin keeps p as it is, if it stands for another pool, until the program
// ends: it was given a limit there.
func (p *Pool) keepTwin() {
	if p.original != nil {
		p.original.twins.mu.Lock()
		defer p.original.twins.mu.Unlock()
		p.kept = true
	}
}

// release forgets q if it has no task left and nobody uses it, but for its
// figures.
func (t *twins) release(q *Pool, uses int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	q.uses -= uses
	if q.uses == 0 && q.control.Workers() == 0 && !q.kept && t.of[q.home] == q {
		delete(t.of, q.home)
		t.past = t.past.Plus(q.own())
	}
}

// stats returns the sums over all that are and have been.
func (t *twins) stats() Stats {
	t.mu.Lock()
	defer t.mu.Unlock()
	sum := t.past
	for _, q := range t.of {
		sum = sum.Plus(q.own())
	}
	return sum
}
