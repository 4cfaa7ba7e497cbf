package baseline

import "sync"

// Locked is a growing ring of values under a lock: the baseline for the
// lock-free queues. It is a queue or a stack.
type Locked[T any] struct {
	lock  sync.Locker
	lifo  bool
	ring  []T // n values from ring[first] on, wrapped; its length is a power of two
	first int
	n     int
}

// NewLocked returns an empty queue, or with lifo an empty stack, under lock.
func NewLocked[T any](lock sync.Locker, lifo bool) *Locked[T] {
	return &Locked[T]{lock: lock, lifo: lifo, ring: make([]T, 8)}
}

// Enqueue puts v at the end.
func (q *Locked[T]) Enqueue(v T) {
	q.lock.Lock()
	if q.n == len(q.ring) {
		bigger := make([]T, 2*q.n)
		k := copy(bigger, q.ring[q.first:])
		copy(bigger[k:], q.ring[:q.first])
		q.ring, q.first = bigger, 0
	}
	q.ring[(q.first+q.n)&(len(q.ring)-1)] = v
	q.n++
	q.lock.Unlock()
}

// Dequeue takes the first value of a queue, the last of a stack.
func (q *Locked[T]) Dequeue() (v T, ok bool) {
	q.lock.Lock()
	if q.n > 0 {
		at := &q.ring[q.first]
		if q.lifo {
			at = &q.ring[(q.first+q.n-1)&(len(q.ring)-1)]
		} else {
			q.first = (q.first + 1) & (len(q.ring) - 1)
		}
		var zero T
		v, *at, ok = *at, zero, true
		q.n--
	}
	q.lock.Unlock()
	return v, ok
}

// Empty reports whether there is no value.
func (q *Locked[T]) Empty() bool {
	q.lock.Lock()
	defer q.lock.Unlock()
	return q.n == 0
}
