package baseline

import (
	"runtime"

	"github.com/lfpool/lfpool/padded"
)

// Sized gives a queue that cannot tell whether it is empty what a pool's task
// queue needs: Empty, and a Dequeue that finds a value if there is one. It
// counts the values in one shared word.
//
// Dequeue is not lock-free: it waits for an Enqueue that is under way.
type Sized[T any] struct {
	queue interface {
		Enqueue(v T)
		Dequeue() (v T, ok bool)
	}
	n padded.Int64 // values in, going in or just taken out
}

// NewSized returns queue with a count. queue must be empty.
func NewSized[T any](queue interface {
	Enqueue(v T)
	Dequeue() (v T, ok bool)
}) *Sized[T] {
	return &Sized[T]{queue: queue}
}

// Enqueue puts v in.
func (q *Sized[T]) Enqueue(v T) {
	q.n.Add(1)
	q.queue.Enqueue(v)
}

// Dequeue takes a value; ok is false only if there was none at some instant
// during the call.
func (q *Sized[T]) Dequeue() (v T, ok bool) {
	for {
		if q.n.Load() == 0 { // Linearization point (empty)
			return v, false
		}
		if v, ok = q.queue.Dequeue(); ok {
			q.n.Add(-1)
			return v, true
		}
		runtime.Gosched()
	}
}

// Empty reports whether there was no value at the instant of its load.
func (q *Sized[T]) Empty() bool { return q.n.Load() == 0 }
