package pool

import (
	"sync"
	"sync/atomic"

	"github.com/lfpool/lfpool/internal/hook"
)

// A mark goes through the task queue for a Drain. When it comes out, every task
// that was accepted before it went in has been taken by a worker of this era or
// of an earlier one; then the era is ended.
//
// In the queue it is a nil, which no task is, so it costs a task nothing and
// stands in no count. One nil is like another: so there is one mark in the
// queue at a time, and the Drains that come meanwhile share the next one.
type mark struct {
	out     chan struct{} // closed when the mark has come out and the era is over
	empty   chan struct{} // closed when that era is empty
	waiting int           // Drains that wait for out; guarded by marks.mu
}

type marks struct {
	mu           sync.Mutex // held for each turn, too
	queued, next *mark
	left         atomic.Int32 // nils in the queue
}

// sharded is a task queue that consists of several, each first in, first out.
type sharded interface {
	Shards() int
	EnqueueEach(f func()) // puts f into each
}

// orderTurn has the era ended when every task that was accepted before the call
// has been taken.
func (p *Pool) orderTurn() *mark {
	// In this order: what was queued has been taken by a worker that is counted.
	unused := p.tasks.Empty() && p.control.Workers() == 0
	if hook.On {
		hook.At("mark.order")
	}
	p.marks.mu.Lock()
	if unused && p.marks.queued == nil {
		m := newMark()
		over := p.turn(m.empty)
		p.marks.mu.Unlock()
		p.finish(over, m)
		return m
	}
	if p.marks.next == nil {
		p.marks.next = newMark()
	}
	m := p.marks.next
	m.waiting++
	promoted := p.promote()
	p.marks.mu.Unlock()
	if promoted {
		p.enqueueMark()
	}
	return m
}

func newMark() *mark { return &mark{out: make(chan struct{}), empty: make(chan struct{})} }

// forgo is for a Drain that waits for m no longer.
func (p *Pool) forgo(m *mark) {
	p.marks.mu.Lock()
	m.waiting--
	p.marks.mu.Unlock()
}

// promote makes the next mark the one in the queue, if there is none and
// somebody waits for one, and reports whether it has. The caller has the lock,
// and enqueues the mark when it has not.
func (p *Pool) promote() bool {
	if p.marks.queued != nil || p.marks.next == nil || p.marks.next.waiting == 0 {
		return false
	}
	p.marks.queued, p.marks.next = p.marks.next, nil
	return true
}

func (p *Pool) enqueueMark() {
	e := p.era.Load() // it does not end before this mark comes out
	if several, ok := p.tasks.(sharded); ok {
		p.marks.left.Store(int32(several.Shards()))
		several.EnqueueEach(nil)
	} else {
		p.marks.left.Store(1)
		p.tasks.Enqueue(nil)
	}
	p.seek(e)
}

// passMark is called by a worker that has taken a nil from the queue.
func (p *Pool) passMark() {
	if p.marks.left.Add(-1) > 0 {
		return // the other shards still have theirs
	}
	if hook.On {
		hook.At("mark.pass")
	}
	p.marks.mu.Lock()
	m := p.marks.queued
	p.marks.queued = nil
	var over *era
	if m.waiting > 0 {
		over = p.turn(m.empty)
	}
	promoted := p.promote()
	p.marks.mu.Unlock()
	if over != nil {
		p.finish(over, m)
	}
	if promoted {
		p.enqueueMark()
	}
}

// queued returns how many tasks are in the queue, or -1 if it cannot tell.
func (p *Pool) queued() int {
	q, ok := p.tasks.(interface{ Len() int })
	if !ok {
		return -1
	}
	return max(q.Len()-int(p.marks.left.Load()), 0)
}
