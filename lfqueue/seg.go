package lfqueue

import (
	"github.com/lfpool/lfpool/internal/atomic"
	"github.com/lfpool/lfpool/padded"
)

// Seg is the segmented queue: a Michael-Scott list whose nodes are segments of
// many cells, with a fetch-and-add to find one's cell. An operation costs two
// atomic writes and, once the queue has been used a while, no allocation but a
// segment's header for every segmentCells values. The zero value is not ready
// for use: call [NewSeg].
//
// It is the FAAArrayQueue of Correia and Ramalhete (2016, "FAAArrayQueue - MPMC
// lock-free queue"), which goes back to LCRQ (Morrison and Afek 2013), without
// hazard pointers: Go's collector keeps a segment's header while a goroutine
// still looks at it.
//
// Differs from FAAArrayQueue: a cell is a state and a value, so that any type
// fits; and the cells, not the header, are used again, once every goroutine
// that had a ticket for one of them is done with it.
//
// Each enqueuer takes a ticket from its segment's enq, each dequeuer one from
// deq; ticket i of both goes to cell i, so a cell is met by one enqueuer and
// one dequeuer at most in each lap of the cells. If the dequeuer comes first
// it poisons the cell, and both go on to their next tickets.
//
//	free --enqueuer--> full --dequeuer--> done = free of the next lap
//	free --dequeuer--> poisoned --enqueuer--> done
//
// Tail need not be the last segment, but it is never behind head. Deq may be
// ahead of enq.
type Seg[T any] struct {
	head   padded.Pointer[segment[T]] // dequeuers move it to its next
	tail   padded.Pointer[segment[T]] // anybody moves it to its next
	spares atomic.Pool                // of *segment[T], drained or never linked
}

// A cell's state is one of these beyond the free state of its lap.
const (
	cellFree     = 0
	cellFull     = 1
	cellPoisoned = 2
	cellDone     = 4 // cellFree of the next lap
)

type segment[T any] struct {
	enq   padded.Uint64              // enqueuers' next ticket; from segmentCells on there is no cell
	deq   padded.Uint64              // dequeuers' next ticket, likewise
	next  atomic.Pointer[segment[T]] // nil to segment, once, when enq has reached segmentCells
	seen  atomic.Uint64              // some value that enq had, at most segmentCells: a hint among dequeuers
	lap   uint32                     // the free state of the cells in this lap; never written once published
	nth   uint32                     // how many segments there were before, modulo 2^32; never written once published
	cells *[segmentCells]cell[T]     // never written once published
}

type cell[T any] struct {
	state atomic.Uint32
	value T // written by the enqueuer before full; read and cleared by the dequeuer between full and done
}

// NewSeg returns an empty queue.
func NewSeg[T any]() *Seg[T] {
	q := new(Seg[T])
	q.init()
	return q
}

func (q *Seg[T]) init() {
	s := &segment[T]{cells: new([segmentCells]cell[T])}
	q.head.Store(s)
	q.tail.Store(s)
}

// Enqueue puts v at the end of the queue. Lock-free: tries fail only because
// dequeuers poison cells, each of which fails too, and the first value of a
// new segment cannot be poisoned. It never blocks.
func (q *Seg[T]) Enqueue(v T) {
	for {
		s := q.tail.Load()
		if i := s.enq.Add(1) - 1; i < segmentCells {
			if s.put(i, v) {
				return
			}
			continue
		}
		if next := s.next.Load(); next != nil {
			// Help the tail. Not retried: if it fails, somebody else has helped.
			q.tail.CompareAndSwap(s, next)
			continue
		}
		n := q.segmentWith(v) // private until the CAS on next
		n.nth = s.nth + 1
		if s.next.CompareAndSwap(nil, n) { // edge publish: pairs with the load of next in Dequeue
			// Linearization point (enqueued, first value of a segment): that CAS.
			// Not retried: if it fails, somebody has helped the tail past s.
			q.tail.CompareAndSwap(s, n)
			return
		}
		q.takeBack(n)
	}
}

// End returns a number for the place of the value that is enqueued next, as far as the
// caller can know: another place has another number. Wait-free.
func (q *Seg[T]) End() uint64 {
	s := q.tail.Load()
	return uint64(s.nth)<<32 + s.enq.Load()
}

// EnqueueAll puts the values of vs at the end, in order, as so many calls of
// Enqueue would. It keeps no reference to vs. Lock-free, and never blocks.
//
// One Add takes as many tickets as there are values. Each ticket that has a cell is
// tried with the first value that is left, so that no value overtakes one before
// it: where a dequeuer has poisoned the cell, all move on by one, and the last ones
// take tickets anew. Never are more tickets left than values, so each cell of the
// Add is filled or done with.
//
// A value's linearization point is, as in Enqueue, the Add that gave the ticket of
// its cell; those of one Add follow each other in the order of their tickets, with
// nothing between. So the points still grow with the tickets, and what is said in
// take and exhausted holds.
func (q *Seg[T]) EnqueueAll(vs []T) {
	for len(vs) > 0 {
		s := q.tail.Load()
		n := uint64(len(vs))
		i := s.enq.Add(n) - n
		if i >= segmentCells {
			q.Enqueue(vs[0]) // sees to the next segment
			vs = vs[1:]
			continue
		}
		for end := min(i+n, segmentCells); i < end; i++ {
			if s.put(i, vs[0]) {
				vs = vs[1:]
			}
		}
	}
}

// put puts v into cell i, for which the caller has the enqueuer's ticket. It
// reports false if the cell was poisoned.
func (s *segment[T]) put(i uint64, v T) bool {
	c := &s.cells[i]
	c.value = v                                                 // ours: the dequeuer with ticket i reads it only when full
	if c.state.CompareAndSwap(s.lap+cellFree, s.lap+cellFull) { // edge cell: pairs with the load of state in take
		// Linearization point (enqueued): the Add on enq that gave ticket i, known
		// for it only now. The CAS is not: of two enqueuers the one with the later
		// ticket may be the first to fill its cell.
		return true
	}
	var zero T
	c.value = zero
	c.state.Store(s.lap + cellDone) // edge reuse: pairs with the loads in drained
	return false
}

// Dequeue takes the value at the front. Lock-free; never blocks; ok is false
// only if the queue was empty at some instant during the call. The queue keeps
// no reference to v.
func (q *Seg[T]) Dequeue() (v T, ok bool) {
	for {
		s := q.head.Load()
		if s.exhausted() && s.next.Load() == nil {
			return v, false // Linearization point (empty): see exhausted
		}
		if i := s.deq.Add(1) - 1; i < segmentCells {
			if v, ok = s.take(i); ok {
				return v, true
			}
			continue
		}
		next := s.next.Load() // edge publish: pairs with the CAS in Enqueue
		if next == nil {
			// Linearization point (empty): the load of next. Every cell of s has met
			// its dequeuer, and head is still s: it leaves s only for its next.
			return v, false
		}
		if t := q.tail.Load(); t == s {
			// Help the tail first, so that head does not overtake it.
			q.tail.CompareAndSwap(s, next)
		}
		// Not retried: if it fails, somebody else has moved head on.
		if q.head.CompareAndSwap(s, next) {
			q.spares.Put(s)
		}
	}
}

// take takes the value out of cell i, for which the caller has the dequeuer's
// ticket, or poisons the cell if its enqueuer has not been there yet.
func (s *segment[T]) take(i uint64) (v T, ok bool) {
	c := &s.cells[i]
	full := s.lap + cellFull
	// Linearization point (dequeued): the Add on deq that gave ticket i, or its
	// enqueuer's on enq if that is later. Both grow with i, so the later of the
	// two does, and values come out in the order of the enqueuers' points.
	if c.state.Load() != full { // edge cell: pairs with the CAS in put
		if c.state.CompareAndSwap(s.lap+cellFree, s.lap+cellPoisoned) {
			return v, false
		}
		// Filled meanwhile.
	}
	v = c.value
	var zero T
	c.value = zero
	c.state.Store(s.lap + cellDone) // edge reuse: pairs with the loads in drained
	return v, true
}

// Empty is as in [Queue]. Wait-free but for following segments that are linked
// meanwhile.
func (q *Seg[T]) Empty() bool {
	s := q.head.Load()
	for s != nil {
		if !s.exhausted() {
			return false
		}
		s = s.next.Load()
	}
	return true // Linearization point: that of exhausted in the last segment, or the load of its next, if later
}

// Len returns how many values are in the queue, exactly while no operation is
// under way. It takes time in proportion to the number of segments.
func (q *Seg[T]) Len() int {
	n := uint64(0)
	s := q.head.Load()
	for s != nil {
		deq := min(s.deq.Load(), segmentCells)
		n += max(min(s.enq.Load(), segmentCells), deq) - deq
		s = s.next.Load()
	}
	return int(n)
}

// exhausted reports whether every cell of s with an enqueue ticket has a dequeue ticket.
// The queue was empty if s was head, or behind head, is exhausted, and is then found
// without a next. It was so at the load of enq if that is below segmentCells, for then
// there was no next yet, and else at the load of next.
func (s *segment[T]) exhausted() bool {
	deq := s.deq.Load() // first: it only grows, so it is no less when enq is loaded
	if deq < s.seen.Load() {
		return false // without taking enq's cache line from the enqueuers
	}
	enq := min(s.enq.Load(), segmentCells)
	if deq >= enq {
		return true
	}
	s.seen.Store(enq)
	return false
}

// segmentWith returns a segment whose first cell has v, over cells that were
// used before if there are some.
func (q *Seg[T]) segmentWith(v T) *segment[T] {
	s := new(segment[T])
	if old, _ := q.spares.Get().(*segment[T]); old != nil && old.drained() {
		s.cells, s.lap = old.cells, old.lap+cellDone
	} else {
		s.cells = new([segmentCells]cell[T])
	}
	s.cells[0].value = v
	s.cells[0].state.Store(s.lap + cellFull)
	s.enq.Store(1)
	return s
}

// takeBack keeps the cells of n, which was made by segmentWith and never
// published, for another time.
func (q *Seg[T]) takeBack(n *segment[T]) {
	var zero T
	n.cells[0].value = zero
	n.cells[0].state.Store(n.lap)
	n.lap -= cellDone // so that its cells are done with
	q.spares.Put(n)
}

// drained reports whether every goroutine that had a ticket for a cell of s is
// done with the cell. A goroutine may still look at s itself: it gets no
// ticket for a cell any more.
func (s *segment[T]) drained() bool {
	// A cell that is done stays done, so the loads together are as one step.
	for i := range s.cells {
		if s.cells[i].state.Load() != s.lap+cellDone { // edge reuse: pairs with the stores of cellDone in put and take
			return false
		}
	}
	return true
}
