package lfqueue_test

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/lfqueue"
)

func TestNewShardedRefusesNonsense(t *testing.T) {
	for n, want := range map[int]string{
		0:    "lfqueue.NewSharded(0): want a power of two from 1 to 1024",
		-1:   "lfqueue.NewSharded(-1): want a power of two from 1 to 1024",
		3:    "lfqueue.NewSharded(3): want a power of two from 1 to 1024",
		2048: "lfqueue.NewSharded(2048): want a power of two from 1 to 1024",
	} {
		assert.PanicsWithValue(t, want, func() { lfqueue.NewSharded[int](n) })
	}
}

func TestShardedGivesEachValueOnce(t *testing.T) {
	for _, shards := range []int{1, 2, 8} {
		const producers, consumers, each = 4, 4, 5_000
		q := lfqueue.NewSharded[*item](shards)
		var seen [producers * each]atomic.Int32
		var taken atomic.Int64
		var wg sync.WaitGroup
		for p := range producers {
			wg.Go(func() {
				for i := range each {
					q.Enqueue(&item{p, i})
				}
			})
		}
		for range consumers {
			wg.Go(func() {
				for taken.Load() < producers*each {
					if v, ok := q.Dequeue(); ok {
						taken.Add(1)
						seen[v.producer*each+v.serial].Add(1)
					} else {
						runtime.Gosched()
					}
				}
			})
		}
		wg.Wait()
		for i := range seen {
			require.Equal(t, int32(1), seen[i].Load(), "%d shards: value %d of producer %d", shards, i%each, i/each)
		}
		assert.True(t, q.Empty())
	}
}

// TestShardedFindsWhatWasThere: a value that was in before the call is found,
// whichever shard it is in.
func TestShardedFindsWhatWasThere(t *testing.T) {
	q := lfqueue.NewSharded[int](8)
	for i := range 64 {
		var wg sync.WaitGroup
		wg.Go(func() { q.Enqueue(i) }) // each from another stack
		wg.Wait()
		require.False(t, q.Empty())
		v, ok := q.Dequeue()
		require.True(t, ok)
		require.Equal(t, i, v)
		require.True(t, q.Empty())
	}
}

// TestNoShardStarves: one dequeuer, whose home shard is never empty, still
// takes what lies in the others within the stated bound.
func TestNoShardStarves(t *testing.T) {
	const shards = 8
	q := lfqueue.NewSharded[int](shards)
	bound := lfqueue.AwayEvery * (shards - 1)
	// One value in each of the shards that stacks lead to; those in the
	// dequeuer's own are taken at once.
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() { q.Enqueue(i); runtime.Gosched() })
	}
	wg.Wait()
	left := 64
	taken := 0
	for left > 0 {
		q.Enqueue(-1) // home is never empty
		v, ok := q.Dequeue()
		require.True(t, ok)
		if taken++; v >= 0 {
			left--
		}
		require.LessOrEqual(t, taken, 64*bound, "values left in other shards: %d", left)
	}
}

func ExampleSharded() {
	q := lfqueue.NewSharded[string](4)
	q.Enqueue("work")
	v, ok := q.Dequeue()
	fmt.Println(v, ok, q.Empty())
	// Output: work true true
}
