package lfpooltest_test

import (
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/internal/binary"
	"github.com/lfpool/lfpool/lfpooltest"
	"github.com/lfpool/lfpool/pool"
)

func TestIgnoreAHealthyPool(t *testing.T) {
	skipIfNothingIsKept(t)
	lfpooltest.Drain(t)
	others := goleak.IgnoreCurrent()
	var wg sync.WaitGroup
	for range 100 {
		wg.Add(1)
		lfpool.Go(wg.Done)
	}
	wg.Wait()
	s := lfpool.Default().Stats()
	require.Positive(t, s.Workers, "else there is nothing to ignore")
	require.NoError(t, goleak.Find(append(lfpooltest.Ignore(goleak.IgnoreAnyFunction), others)...))
}

func skipIfNothingIsKept(t *testing.T) {
	if binary.Race {
		t.Skip("in a race build a pool without a limit has no goroutine at rest")
	}
}

func TestIgnoreNoTask(t *testing.T) {
	others := goleak.IgnoreCurrent()
	p := lfpooltest.New(t)
	release, started := make(chan struct{}), make(chan struct{})
	defer close(release)
	p.Go(func() {
		close(started)
		stuck(release)
	})
	<-started
	err := goleak.Find(append(lfpooltest.Ignore(goleak.IgnoreAnyFunction), others)...)
	require.ErrorContains(t, err, "lfpooltest_test.stuck")
	assert.Equal(t, 1, strings.Count(err.Error(), "[Goroutine "), "the task, not the reaper: %v", err)
}

// TestIdleNamesWhatIsThere: each name is on the stack of a goroutine of a pool
// at rest.
func TestIdleNamesWhatIsThere(t *testing.T) {
	skipIfNothingIsKept(t)
	p := lfpooltest.New(t, pool.WithIdleTimeout(pool.DefaultIdleTimeout))
	p.Go(func() {})
	for p.Stats().Idle == 0 {
		runtime.Gosched()
	}
	buf := make([]byte, 1<<20)
	for _, name := range lfpooltest.AtRest() {
		for !strings.Contains(string(buf[:runtime.Stack(buf, true)]), "\n"+name+"(") {
			runtime.Gosched() // until it runs; the test's timeout is the failure
		}
	}
	assert.NotEqual(t, pool.Stats{}, p.Stats())
}
