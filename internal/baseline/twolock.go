package baseline

import (
	"golang.org/x/sys/cpu"

	"github.com/lfpool/lfpool/internal/atomic"
)

// TwoLock is the two-lock queue of Michael and Scott (1996, figure 2): a list
// with a dummy at its head, one lock for enqueuers and one for dequeuers, so
// that one of each may work at a time.
//
// Differs from the paper: next is atomic, since an enqueuer and a dequeuer may
// be at the same node under different locks, which Go's memory model calls a
// race; nodes are garbage-collected.
type TwoLock[T any] struct{ head, tail *queueEnd[T] }

type queueEnd[T any] struct {
	lock atomic.Mutex
	node *twoLockNode[T] // guarded by lock
}

type twoLockNode[T any] struct {
	next  atomic.Pointer[twoLockNode[T]] // nil to node, once
	value T                              // guarded by the head's lock once published
}

// NewTwoLock returns an empty queue. With padded its two ends have cache lines
// of their own, else they share one.
func NewTwoLock[T any](padded bool) *TwoLock[T] {
	q := new(TwoLock[T])
	if padded {
		ends := new(struct {
			_    cpu.CacheLinePad
			head queueEnd[T]
			_    cpu.CacheLinePad
			tail queueEnd[T]
			_    cpu.CacheLinePad
		})
		q.head, q.tail = &ends.head, &ends.tail
	} else {
		ends := new(struct{ head, tail queueEnd[T] })
		q.head, q.tail = &ends.head, &ends.tail
	}
	dummy := new(twoLockNode[T])
	q.head.node, q.tail.node = dummy, dummy
	return q
}

// Enqueue puts v at the end.
func (q *TwoLock[T]) Enqueue(v T) {
	n := &twoLockNode[T]{value: v}
	q.tail.lock.Lock()
	q.tail.node.next.Store(n) // Linearization point (enqueued)
	q.tail.node = n
	q.tail.lock.Unlock()
}

// Dequeue takes the value at the front.
func (q *TwoLock[T]) Dequeue() (v T, ok bool) {
	q.head.lock.Lock()
	if next := q.head.node.next.Load(); next != nil { // Linearization point
		var zero T
		v, next.value, ok = next.value, zero, true
		q.head.node = next
	}
	q.head.lock.Unlock()
	return v, ok
}

// Empty reports whether there is no value.
func (q *TwoLock[T]) Empty() bool {
	q.head.lock.Lock()
	defer q.head.lock.Unlock()
	return q.head.node.next.Load() == nil
}
