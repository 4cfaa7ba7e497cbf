package lfqueue_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/lfqueue"
)

// The traps of a queue that uses nodes again. Each test plays a goroutine that
// is stopped between its load and its CAS, until the node that it looked at has
// come back to the same place.

// TestStaleNextIsNotLinked: the last node's next is nil again, after the node
// was freed and used again, but the stopped enqueuer must not link to it.
func TestStaleNextIsNotLinked(t *testing.T) {
	q := lfqueue.NewCounted[int]()
	v := 7
	q.Enqueue(&v)
	index, next := q.LastNext()
	for range 100 {
		q.Enqueue(&v)
		q.Dequeue()
		if now, nextNow := q.LastNext(); now == index {
			require.Equal(t, uint32(next), uint32(nextNow), "nil again")
			require.NotEqual(t, next, nextNow, "but with another count")
			assert.False(t, q.Link(index, next))
			return
		}
	}
	t.Fatal("the node never came back")
}

// TestStaleHeadIsNotMoved: the same node is the dummy again, with the same node
// after it, but the stopped dequeuer must not move head.
func TestStaleHeadIsNotMoved(t *testing.T) {
	q := lfqueue.NewCounted[int]()
	v := 7
	q.Enqueue(&v)
	head, next := q.Head()
	for range 100 {
		q.Enqueue(&v)
		q.Dequeue()
		if h, n := q.Head(); uint32(h) == uint32(head) && uint32(n) == uint32(next) {
			assert.False(t, q.MoveHead(head, next))
			return
		}
	}
	t.Fatal("the nodes never came back")
}

// TestReuseAllocatesNothing: the slab grows to the longest length of the queue
// and no further.
func TestReuseAllocatesNothing(t *testing.T) {
	q := lfqueue.NewCounted[int]()
	v := 7
	for range 1000 {
		q.Enqueue(&v)
	}
	for range 1000 {
		q.Dequeue()
	}
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		for range 1000 {
			q.Enqueue(&v)
		}
		for range 1000 {
			q.Dequeue()
		}
	}))
}
