package lfqueue_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lfpool/lfpool/lfqueue"
)

// TestABatchMovesOnOverPoisonedCells: in order, none lost, wherever in the segment
// dequeuers have come first.
func TestABatchMovesOnOverPoisonedCells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := lfqueue.NewSeg[int]()
		for range rapid.IntRange(0, lfqueue.SegmentCells).Draw(t, "used") {
			q.Enqueue(0)
			q.Dequeue()
		}
		next, want := 0, 0
		for range rapid.IntRange(1, 5).Draw(t, "batches") {
			q.PoisonNext(rapid.IntRange(0, 20).Draw(t, "poisoned"))
			var vs []int
			for range rapid.IntRange(0, 3*lfqueue.SegmentCells).Draw(t, "values") {
				vs = append(vs, next)
				next++
			}
			q.EnqueueAll(vs)
			require.Equal(t, next-want, q.Len())
			for {
				v, ok := q.Dequeue()
				if !ok {
					break
				}
				require.Equal(t, want, v)
				want++
			}
			require.Equal(t, next, want)
		}
	})
}
