package lfqueue_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/lfpool/lfpool/lfqueue"
)

// TestTailIsNeverLeftBehind is about memory, not about order: a tail behind
// head would keep every node since from the collector.
func TestTailIsNeverLeftBehind(t *testing.T) {
	q := lfqueue.NewMS[int]()
	for range 200 {
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				for range 50 {
					if i%2 == 0 {
						q.Enqueue(i)
					} else {
						q.Dequeue()
					}
				}
			})
		}
		wg.Wait()
		assert.False(t, q.TailBehindHead())
	}
}

// TestOthersHelpAStoppedEnqueuer: an enqueuer is stopped between its two steps;
// the others finish their operations, and leave no tail behind head.
func TestOthersHelpAStoppedEnqueuer(t *testing.T) {
	q := lfqueue.NewMS[int]()
	q.LinkOnly(1)
	v, ok := q.Dequeue()
	assert.True(t, ok)
	assert.Equal(t, 1, v)
	assert.False(t, q.TailBehindHead(), "the dequeuer helps")

	q.LinkOnly(2)
	finishes(t, func() { q.Enqueue(3) }) // must not wait for the tail to be moved
	for _, want := range []int{2, 3} {
		v, ok := q.Dequeue()
		assert.True(t, ok)
		assert.Equal(t, want, v)
	}
	assert.True(t, q.Empty())
}

// TestOthersHelpAStoppedEnqueuerOfASegment is the same at a segment's end.
func TestOthersHelpAStoppedEnqueuerOfASegment(t *testing.T) {
	for _, enqueueFirst := range []bool{true, false} {
		q := lfqueue.NewSeg[int]()
		for i := range lfqueue.SegmentCells {
			q.Enqueue(i)
		}
		q.LinkOnly(lfqueue.SegmentCells)
		n := lfqueue.SegmentCells + 1
		if enqueueFirst {
			finishes(t, func() { q.Enqueue(n) })
			n++
		}
		for want := range n {
			v, ok := q.Dequeue()
			assert.True(t, ok)
			assert.Equal(t, want, v)
		}
		assert.True(t, q.Empty())
		finishes(t, func() { q.Enqueue(-1) })
		v, ok := q.Dequeue()
		assert.True(t, ok)
		assert.Equal(t, -1, v)
	}
}

// finishes fails the test if f does not return.
func finishes(t *testing.T, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { f(); close(done) }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("an operation waits for a goroutine that is stopped")
	}
}
