package lfpooltest_test

import (
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/lfpooltest"
	"github.com/lfpool/lfpool/pool"
)

// TestDeferredCheckComesBeforeCleanups: what a test defers runs before what it
// gave to t.Cleanup. So a deferred leak check sees the workers that a Drain of the
// same test would have ended; one that is itself a cleanup, and registered first,
// does not.
func TestDeferredCheckComesBeforeCleanups(t *testing.T) {
	skipIfNothingIsKept(t)
	others := goleak.IgnoreCurrent()
	var deferred, cleanup error
	t.Run("a test", func(t *testing.T) {
		t.Cleanup(func() { cleanup = goleak.Find(others) })
		defer func() { deferred = goleak.Find(others) }()
		p := lfpooltest.New(t, pool.WithIdleTimeout(pool.DefaultIdleTimeout)) // drained in a cleanup
		done := make(chan struct{})
		p.Go(func() { close(done) })
		<-done
	})
	assert.ErrorContains(t, deferred, "pool.(*Worker).park")
	assert.NoError(t, cleanup)
}

var ofInit atomic.Int32

// Tasks before main, as packages start them: there is nothing that the
// initialization of lfpool or of this package could race with.
var started = func() chan struct{} {
	done := make(chan struct{})
	lfpool.Go(func() { ofInit.Add(1); close(done) })
	return done
}()

func init() { lfpool.Go(func() { ofInit.Add(1) }) }

// TestTasksOfInit run as any. The race detector is the judge.
func TestTasksOfInit(t *testing.T) {
	<-started
	assert.NoError(t, lfpool.Default().Drain(t.Context()))
	assert.Equal(t, int32(2), ofInit.Load())
}
