package adaptive_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/failsafe-go/failsafe-go/adaptivelimiter"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/integrations/adaptive"
	"github.com/lfpool/lfpool/pool"
)

// TestRandomTasks: the limit stays within its bounds and is the pool's, however long
// tasks take and however they end.
func TestRandomTasks(t *testing.T) {
	changes := 0
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) { changes += randomTasks(t) })
	})
	require.Positive(t, changes)
}

// randomTasks returns how often the limit was another than before.
func randomTasks(t *rapid.T) (changes int) {
	t.Cleanup(func() { time.Sleep(2 * idle.ShrinkBound(pool.DefaultIdleTimeout)) })
	lowest := rapid.IntRange(1, 5).Draw(t, "lowest")
	highest := rapid.IntRange(lowest, 30).Draw(t, "highest")
	first := rapid.IntRange(lowest, highest).Draw(t, "first")
	var refused, running, outside atomic.Int64
	b := adaptivelimiter.NewBuilder[any]().
		WithLimits(uint(lowest), uint(highest), uint(first)).
		WithRecentWindow(time.Millisecond, time.Second, uint(rapid.IntRange(1, 5).Draw(t, "samples"))).
		WithBaselineWindow(uint(rapid.IntRange(1, 20).Draw(t, "baseline")))
	p := adaptive.New(b, pool.WithBacklog(rapid.IntRange(0, 5).Draw(t, "backlog")), pool.WithPanicHandler(func(any, []byte) {}))
	within := func(n int) bool { return lowest <= n && n <= highest }
	given := 0
	for _, takes := range rapid.SliceOfN(rapid.IntRange(0, 1000), 1, 100).Draw(t, "milliseconds") {
		end := rapid.SampledFrom([]string{"", "", "", "panics", "exits", "gives up"}).Draw(t, "end")
		ctx, cancel := context.WithCancel(context.Background())
		t.Cleanup(cancel)
		task := func() {
			if running.Add(1) > int64(highest) {
				outside.Add(1)
			}
			defer running.Add(-1)
			time.Sleep(time.Duration(takes) * time.Millisecond)
			if !within(p.Limit()) || !within(p.Pool().Limit()) {
				outside.Add(1)
			}
			switch end {
			case "panics":
				panic(end)
			case "exits":
				runtime.Goexit()
			case "gives up":
				cancel()
			}
		}
		given++
		switch rapid.SampledFrom([]string{"Go", "TryGo", "GoContext"}).Draw(t, "by") {
		case "Go":
			p.Go(task)
		case "TryGo":
			if !p.TryGo(task) {
				refused.Add(1)
			}
		case "GoContext":
			require.NoError(t, p.GoContext(ctx, func(context.Context) { task() }))
		}
		before := p.Limit()
		time.Sleep(time.Duration(rapid.IntRange(0, 200).Draw(t, "pause")) * time.Millisecond)
		synctest.Wait()
		limit := p.Limit()
		require.Equal(t, limit, p.Pool().Limit())
		require.True(t, within(limit), "%d, want %d to %d", limit, lowest, highest)
		if limit != before {
			changes++
		}
	}
	require.NoError(t, p.Pool().Drain(context.Background()))
	require.Zero(t, outside.Load())
	require.Zero(t, p.Inflight(), "permits that are out")
	require.EqualValues(t, int64(given)-refused.Load(), p.Pool().Stats().Ended)
	return changes
}
