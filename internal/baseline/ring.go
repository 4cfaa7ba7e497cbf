package baseline

import (
	"sync"
	"sync/atomic"

	"github.com/puzpuzpuz/xsync/v3"
)

// Ring is xsync's bounded MPMC queue, made unbounded with a locked list for
// what does not fit. The order is first in, first out only while all fits.
type Ring[T any] struct {
	ring     *xsync.MPMCQueueOf[T]
	overflow *Locked[T]
	beyond   atomic.Int64 // values in overflow, or about to be
}

// NewRing returns an empty queue with room for n values before it overflows.
func NewRing[T any](n int) *Ring[T] {
	return &Ring[T]{ring: xsync.NewMPMCQueueOf[T](n), overflow: NewLocked[T](new(sync.Mutex), false)}
}

// Enqueue puts v into the ring or, if that is full, into the list.
func (q *Ring[T]) Enqueue(v T) {
	if !q.ring.TryEnqueue(v) {
		q.beyond.Add(1)
		q.overflow.Enqueue(v)
	}
}

// Dequeue takes a value from the ring or, if that seems empty, from the list.
func (q *Ring[T]) Dequeue() (v T, ok bool) {
	if v, ok = q.ring.TryDequeue(); ok || q.beyond.Load() == 0 {
		return v, ok
	}
	if v, ok = q.overflow.Dequeue(); ok {
		q.beyond.Add(-1)
	}
	return v, ok
}
