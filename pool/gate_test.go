package pool

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
)

// TestWhoTriesDoesNotOvertake: at the instant at which somebody has left and has
// not yet let in who waits.
func TestWhoTriesDoesNotOvertake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gate
		g.setCapacity(1)
		assert.True(t, g.tryEnter())
		in := false
		go func() { in = g.enter(context.Background()) == nil }()
		synctest.Wait()
		assert.Equal(t, 1, g.waiting())
		now := occupancy(g.word.Add(^uint64(oneInside - 1))) // the first half of leave
		assert.Zero(t, now.inside())
		assert.False(t, g.tryEnter(), "the place is for who waits")
		g.mu.Lock()
		g.admit() // the second half
		g.mu.Unlock()
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
			go func() { err = g.enter(ctx) }()
			synctest.Wait()
			cancel()
			g.leave()
			synctest.Wait()
			if err == nil {
				g.leave()
			}
			if !assert.Zero(t, occupancy(g.word.Load()), "after %v", err) {
				return
			}
		}
	})
}
