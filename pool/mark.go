package pool

import (
	"context"

	"github.com/lfpool/lfpool/internal/atomic"
)

// A mark goes through the task queue for a Drain. When it comes out, every task
// that was accepted before it went in has been taken by a worker of this generation or
// of an earlier one; then the generation is ended.
//
// In the queue a mark is a nil func. No task is nil, so a mark costs a task nothing and
// stands in no count. Each lane gets a nil, and so does each part of a queue that is
// sharded: the mark comes out when the last of them does. Nils cannot be told apart, so
// there is one mark in the queue at a time, and Drains that come meanwhile share the
// next one.
type mark struct {
	empty   chan struct{} // closed when the generation that the mark has ended is empty
	next    *generation   // the generation that follows; written before empty is closed
	waiting int           // Drains that wait; guarded by marks.mu
}

type marks struct {
	mu           atomic.Mutex // held for each turn, too
	queued, next *mark
	left         atomic.Int32 // nils in the lanes' queues
}

// sharded is a task queue that consists of several, each first in, first out.
type sharded interface {
	Shards() int
	EnqueueEach(f func()) // puts f into each
}

// orderTurn has the generation ended when every task that was accepted before the call
// has been taken.
func (p *Pool) orderTurn() *mark {
	p.marks.mu.Lock()
	if p.marks.next == nil {
		p.marks.next = &mark{empty: make(chan struct{})}
	}
	m := p.marks.next
	m.waiting++
	p.promote()
	return m
}

// await waits until the generation that m has ended is empty, or ctx is done.
func (m *mark) await(ctx context.Context) error {
	select {
	case <-m.empty: // edge drained: pairs with the close in generation.leave
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// forgo is for a Drain that waits for m no longer.
func (p *Pool) forgo(m *mark) {
	p.marks.mu.Lock()
	m.waiting--
	p.marks.mu.Unlock()
}

// promote makes the next mark the one in the queue, if there is none and somebody
// waits for one. If the queue is empty there is nothing to wait for: each task
// that was accepted before is in the hands of a worker that has joined its generation,
// so the generation is ended at once. (The looks at several lanes need no common instant:
// a task that was accepted before was in its lane at the look there, or taken.) The
// caller has the lock, and promote releases it.
func (p *Pool) promote() {
	m := p.marks.next
	if p.marks.queued != nil || m == nil || m.waiting == 0 {
		p.marks.mu.Unlock()
		return
	}
	p.marks.next = nil
	if p.empty() {
		over := p.turn(m)
		p.marks.mu.Unlock()
		p.finish(over)
		return
	}
	p.marks.queued = m
	p.marks.mu.Unlock()
	p.enqueueMark()
}

func (p *Pool) enqueueMark() {
	g := p.generation.Load() // it does not end before this mark comes out
	all, left := p.all(), 0  // a lane that is made from now on has later tasks only
	for _, l := range all {
		left += l.shards()
	}
	p.marks.left.Store(int32(left))
	for _, l := range all {
		if several, ok := l.tasks.(sharded); ok {
			several.EnqueueEach(nil)
		} else {
			l.tasks.Enqueue(nil)
		}
		p.wakeOne(l, g) // needs store-load: enqueue, then look at the word
	}
}

// shards returns how many nils a mark in l is.
func (l *lane) shards() int {
	if several, ok := l.tasks.(sharded); ok {
		return several.Shards()
	}
	return 1
}

// passMark is called by a worker that has taken a nil from the queue.
func (p *Pool) passMark() {
	if p.marks.left.Add(-1) > 0 {
		return // the other shards still have theirs
	}
	p.marks.mu.Lock()
	m, over := p.marks.queued, (*generation)(nil)
	p.marks.queued = nil
	if m.waiting > 0 {
		over = p.turn(m)
	}
	p.marks.mu.Unlock()
	if over != nil {
		p.finish(over)
	}
	p.marks.mu.Lock()
	p.promote()
}

// queued returns how many tasks are in the queues, or -1 if those of the user's choice
// cannot tell.
func (p *Pool) queued() int {
	type counted interface{ Len() int }
	if _, ok := p.tasks.(counted); p.tasks != nil && !ok {
		return -1
	}
	n := 0
	for _, l := range p.all() {
		q, ok := l.tasks.(counted)
		if !ok {
			return -1
		}
		n += q.Len()
	}
	return max(n-int(p.marks.left.Load()), 0)
}
