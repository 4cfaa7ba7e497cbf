package pool

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sharing returns n stacks whose submitters have lane i of the pool as their home.
func sharing(p *Pool, i uint32, n int) (stacks []uint64) {
	mask := p.spread.Load()
	for stack := uint64(0xc000000000 >> 11); len(stacks) < n; stack += 37 {
		if hashed(stack, mask) == i {
			stacks = append(stacks, stack)
		}
	}
	return stacks
}

// callersIn returns a pool in whose lanes submitters wait for their tasks.
func callersIn(lanes int) *Pool {
	p := New(WithLanes(lanes))
	for i := range lanes {
		p.lane(i).calls.Store(true)
	}
	return p
}

// submitInTurn has the stacks' submitters choose their lanes in turn, and returns the
// indexes of those that they chose last.
func submitInTurn(p *Pool, times int, stacks ...uint64) []int {
	chosen := make([]int, len(stacks))
	for range times {
		for i, stack := range stacks {
			chosen[i] = p.homeOf(stack).index
		}
	}
	return chosen
}

func haveMoved(p *Pool) bool { return p.moved.Load() != nil }

func TestTwoBusySubmittersPart(t *testing.T) {
	p := callersIn(16)
	stacks := sharing(p, 5, 2)
	together := submitInTurn(p, 1, stacks...)
	require.Equal(t, together[0], together[1])
	apart := submitInTurn(p, 4, stacks...)
	require.NotEqual(t, apart[0], apart[1])
	assert.Equal(t, apart, submitInTurn(p, 1000, stacks...), "nobody moves on")
}

func TestOneMovesToALaneThatNobodyUses(t *testing.T) {
	p := callersIn(moveTries)
	const home, free = 5, 2
	for i := range uint32(moveTries) {
		if i != home && i != free {
			submitInTurn(p, 1, sharing(p, i, 1)...)
		}
	}
	assert.Contains(t, submitInTurn(p, 4, sharing(p, home, 2)...), free)
}

func TestWhereAllLanesAreUsedNobodyMoves(t *testing.T) {
	p := callersIn(4)
	var stacks []uint64
	for i := range uint32(4) {
		stacks = append(stacks, sharing(p, i, 2)...)
	}
	submitInTurn(p, 100, stacks...)
	assert.False(t, haveMoved(p))
	p.lane(3).submitters.Store(0)
	submitInTurn(p, 100, stacks[:2]...)
	assert.False(t, haveMoved(p), "those who have looked in vain do not look again soon")
	submitInTurn(p, pause, stacks[:2]...)
	assert.True(t, haveMoved(p))
}

// TestATickForgetsWhoHasSubmitted, so that others may move to their lanes.
func TestATickForgetsWhoHasSubmitted(t *testing.T) {
	p := callersIn(4)
	for i := range uint32(4) {
		submitInTurn(p, 1, sharing(p, i, 1)...)
	}
	submitInTurn(p, 4, sharing(p, 1, 2)...)
	require.False(t, haveMoved(p))
	p.tick()
	submitInTurn(p, 4, sharing(p, 1, 2)...)
	assert.True(t, haveMoved(p))
}

// TestThoseWhoComeAndGoDoNotMove: goroutines that submit once, and many that share a
// lane.
func TestThoseWhoComeAndGoDoNotMove(t *testing.T) {
	p := callersIn(16)
	submitInTurn(p, 1, sharing(p, 5, 1000)...)
	submitInTurn(p, 1000, sharing(p, 5, 3)...)
	assert.False(t, haveMoved(p))
}

func TestSubmittersThatDoNotWaitStay(t *testing.T) {
	p := New(WithLanes(16))
	submitInTurn(p, 1000, sharing(p, 5, 2)...)
	assert.False(t, haveMoved(p))
}
