package lfqueue

import (
	"github.com/lfpool/lfpool/internal/atomic"
	"github.com/lfpool/lfpool/padded"
)

// MS is the queue of Michael and Scott (1996) with garbage-collected nodes:
// one allocation for each Enqueue, none for Dequeue. It is the reference that
// the other queues of this package are compared with. The zero value is not
// ready for use: call [NewMS].
//
// Differs from Michael and Scott 1996, figure 1: a node is never used twice
// while somebody holds a reference to it, so pointers need no counters, and
// the re-reading of head and tail in E7 and D5 is left out: see Enqueue and
// Dequeue.
//
// The list always has one node more than values: head is the dummy, whose
// value is gone. Tail need not be the last node, but it is never behind head.
type MS[T any] struct {
	head padded.Pointer[node[T]] // dequeuers move it to its next
	tail padded.Pointer[node[T]] // anybody moves it to its next
}

type node[T any] struct {
	next  atomic.Pointer[node[T]] // nil to node, once, by an enqueuer
	value T                       // enqueuer writes before publishing; the dequeuer who owns it reads, then clears
}

// NewMS returns an empty queue.
func NewMS[T any]() *MS[T] {
	q := new(MS[T])
	dummy := new(node[T])
	q.head.Store(dummy)
	q.tail.Store(dummy)
	return q
}

// Enqueue puts v at the end of the queue. Lock-free; never blocks; allocates
// the node.
func (q *MS[T]) Enqueue(v T) {
	n := &node[T]{value: v} // private until the CAS on next
	for {
		t := q.tail.Load()
		next := t.next.Load()
		if next != nil {
			// Help the tail. Not retried: if it fails, somebody else has helped.
			q.tail.CompareAndSwap(t, next)
			continue
		}
		// No second look at tail: next is written once, so while t.next is nil
		// t is the last node, wherever tail points by now.
		if t.next.CompareAndSwap(nil, n) { // edge publish: pairs with the load of next in Dequeue
			// Linearization point (enqueued): that CAS.
			// Not retried: if it fails, somebody has helped the tail past t.
			q.tail.CompareAndSwap(t, n)
			return
		}
	}
}

// Dequeue takes the value at the front. Lock-free; never blocks; ok is false
// only if the queue was empty at some instant during the call. The queue keeps
// no reference to v.
func (q *MS[T]) Dequeue() (v T, ok bool) {
	for {
		h := q.head.Load()
		next := h.next.Load() // edge publish: pairs with the CAS in Enqueue
		if next == nil {
			// Linearization point (empty): the load of h.next. Head leaves h only
			// for a next that is not nil, so head was still h at that instant.
			return v, false
		}
		if t := q.tail.Load(); t == h {
			// Help the tail first, so that head does not overtake it: a tail left
			// behind would keep dequeued nodes from the collector.
			q.tail.CompareAndSwap(t, next)
		}
		if q.head.CompareAndSwap(h, next) {
			// Linearization point (dequeued): that CAS. It also gives ownership of
			// next.value: others read only the next field of the dummy. Reading
			// the value earlier, as the paper does, would race with the clearing.
			v = next.value
			var zero T
			next.value = zero
			return v, true
		}
	}
}

// Empty is as in [Queue]. Wait-free.
func (q *MS[T]) Empty() bool {
	// Linearization point: the load of next. If it is nil, head is still the
	// node loaded (see Dequeue). If not, the queue was not empty when head was
	// loaded or when next was linked, whichever was later.
	h := q.head.Load()
	return h.next.Load() == nil
}
