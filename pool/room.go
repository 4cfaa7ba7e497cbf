package pool

import "container/list"

// room counts places, and has the line of those that wait for one. Its lock is its
// owner's, so that the owner can do more under it: a place that becomes free goes to
// the first in line in the same step, so nobody overtakes.
//
// Differs from gate, which has an atomic word for its fast path and whose capacity
// changes.
type room struct {
	bound int // how many places there are; 0: any number
	taken int
	line  *list.List // nil: nobody has waited yet
}

// take takes a place if there is one. The caller has the lock.
func (r *room) take() bool {
	if r.bound > 0 && r.taken >= r.bound {
		return false
	}
	r.taken++
	return true
}

// wait puts w at the end of the line. The caller has the lock.
func (r *room) wait(w any) *list.Element {
	if r.line == nil {
		r.line = list.New()
	}
	return r.line.PushBack(w)
}

// leave gives a place back. If somebody waits for it, it returns the first in
// line, who has the place and is in line no more; or else nil. The caller has the
// lock.
func (r *room) leave() (w any) {
	if r.line != nil && r.line.Len() > 0 && r.taken <= r.bound {
		return r.line.Remove(r.line.Front())
	}
	r.taken--
	return nil
}

// fifo is a queue under its owner's lock.
type fifo[T any] struct {
	buf  []T // from head on: queued; before: zero
	head int
}

func (q *fifo[T]) len() int { return len(q.buf) - q.head }

func (q *fifo[T]) push(v T) {
	if q.head > len(q.buf)/2 && len(q.buf) == cap(q.buf) {
		n := copy(q.buf, q.buf[q.head:])
		clear(q.buf[n:])
		q.buf, q.head = q.buf[:n], 0
	}
	q.buf = append(q.buf, v)
}

// pop returns false if the queue is empty.
func (q *fifo[T]) pop() (v T, ok bool) {
	if q.head == len(q.buf) {
		return v, false
	}
	var none T
	v, q.buf[q.head] = q.buf[q.head], none
	q.head++
	if q.head == len(q.buf) {
		q.buf, q.head = q.buf[:0], 0
		if cap(q.buf) > keptCap {
			q.buf = nil
		}
	}
	return v, true
}

// keptCap is how long a queue an empty fifo keeps memory for.
const keptCap = 32
