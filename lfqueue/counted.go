package lfqueue

import (
	"math/bits"

	"github.com/lfpool/lfpool/internal/atomic"
	"github.com/lfpool/lfpool/padded"
)

// Counted is the queue of Michael and Scott (1996) as they published it: nodes
// are used again, and every link is a pointer with a count. Here a node's
// place in a growing slab stands for the pointer, so that both fit one atomic
// word. An operation allocates nothing once the slab has grown to the longest
// length of the queue; the slab never shrinks, 24 bytes a node. Values are
// pointers. The zero value is not ready for use: call [NewCounted].
//
// What can go wrong when nodes are used again, and why it does not:
//
//   - A CAS that should fail succeeds because a link has the old index again
//     (ABA): each change of a link advances its count, so a CAS could be fooled
//     only if 2^32 changes fell between its load and itself.
//   - A node's next is read after the node was freed: tail, or head, is read
//     again after next and must not have changed; then the node was in the
//     queue when its next was read.
//   - An enqueuer links its node to a node that has been freed: the next of a
//     node that is used again starts from a higher count.
//   - A queue is taken for empty because of a freed head's next: the second
//     reading of head comes before that answer too.
//
// The list always has one node more than values: head is the dummy. Tail need
// not be the last node, but it is never behind head. The dummy keeps the value
// that was taken last until the next Dequeue.
type Counted[T any] struct {
	head padded.Uint64 // a link; dequeuers move it to its next
	tail padded.Uint64 // a link; anybody moves it to its next
	free padded.Uint64 // a link: top of the stack of free nodes (Treiber 1986)

	used  padded.Uint64 // nodes ever taken from the slab
	slabs [slabCount]atomic.Pointer[[]countedNode[T]]
}

type countedNode[T any] struct {
	next  atomic.Uint64     // a link: to nothing while last; also links free nodes
	value atomic.Pointer[T] // enqueuer writes before publishing; the goroutine that frees the node clears
}

// link is the packed word: bits 0 to 31 are the index of a node, 0 for none;
// bits 32 to 63 count the changes of the word that the link stands in.
type link uint64

func packLink(index, count uint32) link { return link(count)<<32 | link(index) }

func (l link) index() uint32 { return uint32(l) }
func (l link) count() uint32 { return uint32(l >> 32) }

// to returns the link that replaces l and leads to the node at index.
func (l link) to(index uint32) link { return packLink(index, l.count()+1) }

// The slab is a table of slabs, each twice as long as the one before, so that
// it grows without moving a node: slab k has firstSlab<<k nodes.
const (
	firstSlab = 1 << 5
	slabCount = 32 - 5
)

// NewCounted returns an empty queue.
func NewCounted[T any]() *Counted[T] { return newCountedAt[T](0) }

// newCountedAt starts all counts at count.
func newCountedAt[T any](count uint32) *Counted[T] {
	q := new(Counted[T])
	q.free.Store(uint64(packLink(0, count)))
	dummy := q.fresh()
	q.node(dummy).next.Store(uint64(packLink(0, count)))
	q.head.Store(uint64(packLink(dummy, count)))
	q.tail.Store(uint64(packLink(dummy, count)))
	return q
}

// Enqueue puts v at the end of the queue. Lock-free; never blocks. It panics
// at 2^32-32 values.
func (q *Counted[T]) Enqueue(v *T) {
	index := q.allocate()
	n := q.node(index) // private until the CAS on next
	n.value.Store(v)
	n.next.Store(uint64(link(n.next.Load()).to(0)))
	for {
		t := link(q.tail.Load())
		last := &q.node(t.index()).next
		next := link(last.Load())
		if t != link(q.tail.Load()) {
			continue // the node may have been freed before its next was read
		}
		if next.index() != 0 {
			// Help the tail. Not retried: if it fails, somebody else has helped.
			q.tail.CompareAndSwap(uint64(t), uint64(t.to(next.index())))
			continue
		}
		if last.CompareAndSwap(uint64(next), uint64(next.to(index))) { // edge publish: pairs with the load of next in Dequeue
			// Linearization point (enqueued): that CAS.
			// Not retried: if it fails, somebody has helped the tail past t.
			q.tail.CompareAndSwap(uint64(t), uint64(t.to(index)))
			return
		}
	}
}

// Dequeue takes the value at the front. Lock-free; never blocks; ok is false
// only if the queue was empty at some instant during the call.
func (q *Counted[T]) Dequeue() (v *T, ok bool) {
	for {
		h := link(q.head.Load())
		t := link(q.tail.Load())
		next := link(q.node(h.index()).next.Load()) // edge publish: pairs with the CAS in Enqueue
		if h != link(q.head.Load()) {
			continue // the node may have been freed before its next was read
		}
		if next.index() == 0 {
			// Linearization point (empty): the load of next. Head was h before and
			// after it, with the same count, so it was h all the while.
			return nil, false
		}
		if h.index() == t.index() {
			// Help the tail first, so that head does not overtake it and the node is
			// not freed under it. Not retried: if it fails, somebody else has helped.
			q.tail.CompareAndSwap(uint64(t), uint64(t.to(next.index())))
			continue
		}
		// Read before the CAS: once head has moved on, the next dequeuer may free
		// the node. What is read is v only if head has not moved. Atomic, because
		// of the enqueuer that may be using the node again by now.
		v = q.node(next.index()).value.Load()
		if q.head.CompareAndSwap(uint64(h), uint64(h.to(next.index()))) {
			// Linearization point (dequeued): that CAS. It also gives ownership of
			// the old dummy.
			q.release(h.index())
			return v, true
		}
	}
}

// Empty is as in [Queue]. Lock-free.
func (q *Counted[T]) Empty() bool {
	for {
		h := link(q.head.Load())
		next := link(q.node(h.index()).next.Load())
		if h == link(q.head.Load()) {
			return next.index() == 0 // Linearization point: the load of next
		}
	}
}

// allocate returns a node that the caller owns.
func (q *Counted[T]) allocate() uint32 {
	for {
		top := link(q.free.Load())
		if top.index() == 0 {
			return q.fresh()
		}
		// If top was taken meanwhile, its next means nothing, and the CAS fails
		// because the count of free has moved on.
		below := link(q.node(top.index()).next.Load())
		if q.free.CompareAndSwap(uint64(top), uint64(top.to(below.index()))) { // edge free: pairs with the CAS in release
			return top.index()
		}
	}
}

// release clears the node, which the caller owns, and makes it free.
func (q *Counted[T]) release(index uint32) {
	n := q.node(index)
	n.value.Store(nil)
	for {
		top := link(q.free.Load())
		n.next.Store(uint64(link(n.next.Load()).to(top.index())))
		if q.free.CompareAndSwap(uint64(top), uint64(top.to(index))) { // edge free: pairs with the CAS in allocate
			return
		}
	}
}

// fresh returns a node that was never used, and the caller owns it.
func (q *Counted[T]) fresh() uint32 {
	used := q.used.Add(1)
	if used > 1<<32-1-firstSlab {
		panic("lfqueue: Counted.Enqueue: 4294967263 nodes already")
	}
	index := uint32(used)
	k, _ := slabOf(index)
	if q.slabs[k].Load() == nil {
		s := make([]countedNode[T], firstSlab<<k)
		q.slabs[k].CompareAndSwap(nil, &s) // not retried: if it fails the slab is there
	}
	return index
}

// slabOf returns which slab the node at index is in, and where in it.
func slabOf(index uint32) (slab int, offset uint32) {
	i := index + firstSlab
	slab = bits.Len32(i) - bits.Len32(firstSlab)
	return slab, i - firstSlab<<slab
}

func (q *Counted[T]) node(index uint32) *countedNode[T] {
	k, offset := slabOf(index)
	return &(*q.slabs[k].Load())[offset]
}
