package baseline

import (
	"github.com/puzpuzpuz/xsync/v3"

	"github.com/lfpool/lfpool/internal/atomic"
)

// bounded is a queue with a fixed capacity, whose operations refuse.
type bounded[T any] interface {
	TryEnqueue(v T) bool
	TryDequeue() (v T, ok bool)
}

// Overflow makes a bounded queue unbounded with a locked list for what does
// not fit. The order is first in, first out only while all fits (the ring also
// refuses when it has come round to a cell that a stopped dequeuer keeps). Dequeue may
// find nothing although a value is in, while another Enqueue is under way: see
// [Sized].
type Overflow[T any] struct {
	fixed    bounded[T]
	overflow *Locked[T]
	beyond   atomic.Int64 // values in overflow, or about to be
}

func newOverflow[T any](fixed bounded[T]) *Overflow[T] {
	return &Overflow[T]{fixed: fixed, overflow: NewLocked[T](new(atomic.Mutex), false)}
}

// NewRing returns xsync's MPMC ring with room for n values before it overflows.
func NewRing[T any](n int) *Overflow[T] {
	return newOverflow[T](xsync.NewMPMCQueueOf[T](n))
}

// NewChannel returns a channel with room for n values before it overflows.
func NewChannel[T any](n int) *Overflow[T] {
	return newOverflow[T](channel[T](make(chan T, n)))
}

// Enqueue puts v into the bounded queue or, if that is full, into the list.
func (q *Overflow[T]) Enqueue(v T) {
	if !q.fixed.TryEnqueue(v) {
		q.beyond.Add(1)
		q.overflow.Enqueue(v)
	}
}

// Dequeue takes a value from the bounded queue or, if that seems empty, from
// the list.
func (q *Overflow[T]) Dequeue() (v T, ok bool) {
	if v, ok = q.fixed.TryDequeue(); ok || q.beyond.Load() == 0 {
		return v, ok
	}
	if v, ok = q.overflow.Dequeue(); ok {
		q.beyond.Add(-1)
	}
	return v, ok
}

// channel is a buffered channel as a bounded queue.
type channel[T any] chan T

func (c channel[T]) TryEnqueue(v T) bool {
	select {
	case c <- v:
		return true
	default:
		return false
	}
}

func (c channel[T]) TryDequeue() (v T, ok bool) {
	select {
	case v = <-c:
		return v, true
	default:
		return v, false
	}
}
