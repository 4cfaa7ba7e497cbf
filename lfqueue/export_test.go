package lfqueue

// TailBehindHead reports whether tail stands on a node that head has left,
// which must never be seen while the queue is at rest.
func (q *MS[T]) TailBehindHead() bool {
	for n := q.head.Load(); n != nil; n = n.next.Load() {
		if n == q.tail.Load() {
			return false
		}
	}
	return true
}

// NewCountedNearWrap returns a queue whose counts soon wrap.
func NewCountedNearWrap[T any]() *Counted[T] { return newCountedAt[T](1<<32 - 20) }

const AwayEvery = awayEvery

// LastNext returns the last node's index and its next link, as an enqueuer
// reads them, and Link tries what the enqueuer would try next.
func (q *Counted[T]) LastNext() (index uint32, next uint64) {
	index = link(q.tail.Load()).index()
	return index, q.node(index).next.Load()
}

func (q *Counted[T]) Link(index uint32, next uint64) bool {
	return q.node(index).next.CompareAndSwap(next, uint64(link(next).to(index)))
}

// Head returns head and its dummy's next, as a dequeuer reads them, and
// MoveHead tries what the dequeuer would try next.
func (q *Counted[T]) Head() (head, next uint64) {
	head = q.head.Load()
	return head, q.node(link(head).index()).next.Load()
}

func (q *Counted[T]) MoveHead(head, next uint64) bool {
	return q.head.CompareAndSwap(head, uint64(link(head).to(link(next).index())))
}

// LinkOnly leaves the queue as an enqueuer does that is stopped after it has
// linked its node and before it has moved the tail.
func (q *MS[T]) LinkOnly(v T) { q.tail.Load().next.Store(&node[T]{value: v}) }

// LinkOnly is the same for a segment, whose predecessor must be full.
func (q *Seg[T]) LinkOnly(v T) { q.tail.Load().next.Store(q.segmentWith(v)) }

// SegmentCells is how many values a segment holds.
const SegmentCells = segmentCells

// PoisonNext has n dequeuers come to the next cells of the queue, which is empty,
// before their enqueuers, as far as the segment has cells.
func (q *Seg[T]) PoisonNext(n int) {
	s := q.head.Load()
	for range n {
		if i := s.deq.Add(1) - 1; i < segmentCells {
			s.take(i)
		}
	}
}
