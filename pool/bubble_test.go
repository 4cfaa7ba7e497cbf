package pool

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/internal/binary"
)

// asInTests has pools that are made during the test follow the rules of test
// binaries.
func asInTests(t *testing.T) {
	binary.Test = true
	t.Cleanup(func() { binary.Test = false })
}

func (t *twins) number() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.of)
}

// TestTwinsAreForgottenButForTheirFigures: a pool keeps nothing of the bubbles
// that have used it but the sums.
func TestTwinsAreForgottenButForTheirFigures(t *testing.T) {
	asInTests(t)
	p := New()
	const bubbles, tasks = 5, 3
	for range bubbles {
		synctest.Test(t, func(t *testing.T) {
			for range tasks {
				p.Go(func() { time.Sleep(time.Second) })
			}
			assert.Equal(t, 1, p.twins.number())
			require.NoError(t, p.Drain(t.Context()))
			assert.Zero(t, p.twins.number())
		})
	}
	s := p.Stats()
	assert.Equal(t, int64(bubbles*tasks), s.Ended)
	assert.Equal(t, int64(bubbles*tasks), s.Spawned)
	assert.Equal(t, s.Spawned, s.Reaped)
}

// TestTwinsKeepTheirLimit: one that was given a limit of its own stays, and with it
// the limit.
func TestTwinsKeepTheirLimit(t *testing.T) {
	asInTests(t)
	p := New()
	synctest.Test(t, func(t *testing.T) {
		p.SetLimit(2)
		assert.Equal(t, 1, p.twins.number())
		assert.Equal(t, 2, p.Limit())
	})
	assert.Equal(t, NoLimit, p.Limit())
}

// TestAPoolThatKeepsNoWorkerHasALimit: its tasks share the workers that the limit
// allows.
func TestAPoolThatKeepsNoWorkerHasALimit(t *testing.T) {
	asInTests(t)
	synctest.Test(t, func(t *testing.T) {
		p := New(WithLimit(2))
		require.True(t, p.keepNone)
		begin := time.Now()
		for range 6 {
			p.Go(func() { time.Sleep(time.Second) })
		}
		synctest.Wait()
		assert.Equal(t, 2, p.Stats().Workers)
		require.NoError(t, p.Drain(t.Context()))
		assert.Equal(t, 3*time.Second, time.Since(begin))
	})
}
