package pool

import (
	"context"
	"math"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestWhoTriesDoesNotOvertake: at the instant at which somebody has left and has
// not yet let in who waits.
func TestWhoTriesDoesNotOvertake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gate
		g.setCapacity(1)
		assert.True(t, g.tryEnter())
		in := false
		go func() { in = g.enter(context.Background(), true) == nil }()
		synctest.Wait()
		assert.Equal(t, 1, g.waiting())
		now := occupancy(g.word.Add(^uint64(oneInside - 1))) // the first half of leave
		assert.Zero(t, now.inside())
		assert.False(t, g.tryEnter(), "the place is for who waits")
		g.mu.Lock()
		g.admit() // the second half
		synctest.Wait()
		assert.True(t, in)
		assert.False(t, g.tryEnter())
		g.leave()
		assert.True(t, g.tryEnter())
	})
}

// TestWhoGivesUpGivesThePlaceBack: those who are let in while they give up keep
// nothing. Whether the two meet is up to the machine, so there are many tries.
func TestWhoGivesUpGivesThePlaceBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for range 2000 {
			var g gate
			g.setCapacity(1)
			assert.True(t, g.tryEnter())
			ctx, cancel := context.WithCancel(context.Background())
			var err error
			go func() { err = g.enter(ctx, true) }()
			synctest.Wait()
			cancel()
			g.leave()
			synctest.Wait()
			if err == nil {
				g.leave()
			}
			if !assert.Equal(t, err != nil, g.givenUp.Load() == 1, "the figure, after %v", err) {
				return
			}
			if !assert.Zero(t, occupancy(g.word.Load()), "after %v", err) {
				return
			}
		}
	})
}

// TestWhoGivesUpAndIsRefusedHasNoPlace: one who is refused while it gives up gives
// nothing back. Whether the two meet is up to the machine, so there are many tries.
func TestWhoGivesUpAndIsRefusedHasNoPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for range 500 {
			g := gate{shedder: &shedder{Shedding: Shedding{Target: 1, Interval: 1}, pool: New()}}
			g.setCapacity(1)
			assert.True(t, g.tryEnter())
			ctx, cancel := context.WithCancel(context.Background())
			var err error
			go func() { err = g.enter(ctx, false) }()
			synctest.Wait()
			go func() { _ = g.enter(context.Background(), true) }() // the last in line
			for range 2 {
				time.Sleep(time.Second)
				g.mu.Lock()
				late := g.shedder.late
				g.mu.Unlock()
				if occupancy(g.word.Load()).waiting() == 2 && late {
					cancel()
				}
				g.mu.Lock()
				g.admit()
				synctest.Wait()
			}
			cancel()
			require.Error(t, err)
			now := occupancy(g.word.Load())
			require.Equal(t, []uint32{1, 1}, []uint32{now.inside(), now.waiting()}, "after %v", err)
			require.EqualValues(t, 1, g.shedder.refused.Load()+g.givenUp.Load(), "after %v", err)
			g.leave()
			synctest.Wait()
			g.leave()
		}
	})
}

// fullGate returns a gate without room and n waiters in its line, which nobody
// waits for.
func fullGate(n int) (*gate, []*waiter) {
	g, in := new(gate), make([]*waiter, n)
	for i := range in {
		in[i] = &waiter{in: make(chan struct{})}
		g.word.Add(uint64(oneWaiting))
		g.line.add(in[i])
	}
	return g, in
}

// told reports whether w knows that it was let in.
func told(w *waiter) bool {
	select {
	case <-w.in:
		return true
	default:
		return false
	}
}

// standing returns who stands in the line, and checks its links both ways.
func (l *line) standing(t require.TestingT) (all []*waiter) {
	var prev *waiter
	for w := l.first; w != nil; prev, w = w, w.next {
		require.True(t, w.stands)
		require.True(t, w.prev == prev, "the links of waiter %d", len(all))
		all = append(all, w)
	}
	require.True(t, l.last == prev, "the last of %d", len(all))
	return all
}

// TestGivingUpCostsTheSameInALongLine: else a storm of n cancels takes n².
func TestGivingUpCostsTheSameInALongLine(t *testing.T) {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	best := func(length int) time.Duration {
		g, _ := fullGate(length)
		best := time.Duration(math.MaxInt64)
		for range 5 {
			began := time.Now()
			for range 200 {
				assert.ErrorIs(t, g.enter(ended, true), context.Canceled)
			}
			best = min(best, time.Since(began))
		}
		assert.Equal(t, length, g.waiting())
		return best
	}
	short, long := best(10), best(200_000)
	assert.Less(t, long, 20*short, "in a line of 10: %v", short)
}

// TestGivingUpLeavesNothingBehind: a waiter that has given up amid the line is
// garbage, and so is one that was let in, whatever becomes of its neighbours.
func TestGivingUpLeavesNothingBehind(t *testing.T) {
	g, in := fullGate(5)
	var gone []weak.Pointer[waiter]
	for _, i := range []int{2, 0, 4} {
		gone = append(gone, weak.Make(in[i]))
		g.mu.Lock()
		g.line.remove(in[i])
		g.word.Add(^uint64(oneWaiting - 1))
		g.mu.Unlock()
	}
	first, second := in[1], weak.Make(in[3])
	clear(in)
	runtime.GC()
	for i, w := range gone {
		assert.Nil(t, w.Value(), "waiter %d of those that gave up", i)
	}
	assert.NotNil(t, second.Value())
	g.setCapacity(2)
	assert.True(t, told(first))
	runtime.GC()
	assert.Nil(t, second.Value(), "the waiter that was let in after one that is slow to run")
	assert.Equal(t, line{}, g.line)
	runtime.KeepAlive(first)
}

// TestManyAreLetInByParts: the lock is not held for as long as it takes to tell
// all.
func TestManyAreLetInByParts(t *testing.T) {
	const n = 3*admitBatch + 5
	g, in := fullGate(n)
	g.capacity.Store(n - 1)
	g.mu.Lock()
	part, more := g.take()
	g.mu.Unlock()
	assert.True(t, more)
	assert.Len(t, g.line.standing(t), n-admitBatch)
	i := 0
	for w := part.first; w != nil; w = w.next {
		assert.Same(t, in[i], w, "in order")
		close(w.in)
		i++
	}
	assert.Equal(t, admitBatch, i)
	g.mu.Lock()
	g.admit()
	for i, w := range in[:n-1] {
		assert.True(t, told(w), "waiter %d", i)
	}
	assert.Equal(t, []*waiter{in[n-1]}, g.line.standing(t))
	assert.Equal(t, occupancy(n-1)*oneInside+oneWaiting, occupancy(g.word.Load()))
}

// TestRandomLines compares the gate with a slice of those that wait.
func TestRandomLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			type submitter struct {
				cancel context.CancelFunc
				ended  bool
				err    error
			}
			var g gate
			capacity := rapid.IntRange(0, 3).Draw(t, "capacity")
			g.setCapacity(uint32(capacity))
			inside, queue := 0, []*submitter(nil)
			serve := func() {
				for len(queue) > 0 && inside < capacity {
					s := queue[0]
					require.True(t, s.ended && s.err == nil, "the first in line has not been let in")
					queue, inside = queue[1:], inside+1
				}
			}
			t.Cleanup(func() {
				for _, s := range queue {
					s.cancel()
				}
			})
			t.Repeat(map[string]func(*rapid.T){
				"enter": func(t *rapid.T) {
					for range rapid.IntRange(1, 200).Draw(t, "submitters") {
						ctx, cancel := context.WithCancel(context.Background())
						s := &submitter{cancel: cancel}
						queue = append(queue, s)
						go func() {
							s.err = g.enter(ctx, true)
							s.ended = true
						}()
						synctest.Wait()
						serve()
					}
				},
				"try": func(t *rapid.T) {
					room := inside < capacity && len(queue) == 0
					require.Equal(t, room, g.tryEnter())
					if room {
						inside++
					}
				},
				"give up": func(t *rapid.T) {
					for range rapid.IntRange(1, 20).Draw(t, "submitters") {
						if len(queue) == 0 {
							return
						}
						i := rapid.IntRange(0, len(queue)-1).Draw(t, "place")
						queue[i].cancel()
						synctest.Wait()
						require.True(t, queue[i].ended)
						require.ErrorIs(t, queue[i].err, context.Canceled)
						queue = append(queue[:i:i], queue[i+1:]...)
					}
				},
				"leave": func(t *rapid.T) {
					if inside == 0 {
						t.Skip("nobody is inside")
					}
					inside--
					g.leave()
					synctest.Wait()
					serve()
				},
				"limit": func(t *rapid.T) {
					capacity = rapid.IntRange(0, 300).Draw(t, "capacity")
					g.setCapacity(uint32(capacity))
					synctest.Wait()
					serve()
				},
				"": func(t *rapid.T) {
					synctest.Wait()
					require.Len(t, g.line.standing(t), len(queue))
					now := occupancy(g.word.Load())
					require.Equal(t, uint32(inside), now.inside())
					require.Equal(t, uint32(len(queue)), now.waiting())
					for _, s := range queue {
						require.False(t, s.ended, "a submitter that stands in line was let in or sent away")
					}
				},
			})
		})
	})
}
