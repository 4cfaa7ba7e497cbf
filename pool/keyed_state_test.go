package pool

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestKeyedIsNotIdleIfATaskHasComeAndGone since a Drain looked at its shard: that task may
// have submitted another one to a shard that the Drain looked at before.
func TestKeyedIsNotIdleIfATaskHasComeAndGone(t *testing.T) {
	p := New()
	k := NewKeyed[int](p)
	look := func() []uint64 {
		seen := make([]uint64, len(k.shards))
		for i := range k.shards {
			require.NoError(t, k.shards[i].drain(t.Context(), &seen[i]))
		}
		return seen
	}
	seen := look()
	assert.True(t, k.idleSince(seen))
	k.Go(1, func() {})
	require.NoError(t, p.Drain(t.Context()))
	assert.False(t, k.idleSince(seen))
	assert.True(t, k.idleSince(look()))
}
