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
