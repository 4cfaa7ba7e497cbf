//go:build go1.26

package pool_test

import (
	"crypto/fips140"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// fips holds that a task is exempt from enforcement if and only if it was
// submitted where enforcement is off, and so are the tasks that it submits,
// whatever worker it gets and however that worker was started.
func fips(t *testing.T) {
	if !fips140.Enforced() {
		t.Skip("no strict enforcement here")
	}
	for _, way := range submitterNames {
		for i, p := range fipsPools() {
			enforced := func(want bool) func() {
				return func() { assert.Equal(t, want, fips140.Enforced(), "%s, pool %d", way, i) }
			}
			for range 5 {
				fips140.WithoutEnforcement(func() {
					ran(p, way, enforced(false)) // in a cold pool: it starts the worker
					var inner sync.WaitGroup
					inner.Add(1)
					ran(p, way, func() {
						p.Go(func() { defer inner.Done(); enforced(false)() })
					})
					inner.Wait()
				})
				ran(p, way, enforced(true))
				ran(p, way, func() {
					fips140.WithoutEnforcement(func() {})
					enforced(true)()
				})
				assert.NoError(t, p.Drain(t.Context()))
			}
			// Queued behind others, from both kinds of submitters.
			way := way
			if way == "TryGo" {
				way = "Go" // a full pool would refuse it
			}
			var all, submitting sync.WaitGroup
			hold := make(chan struct{})
			for n := range 20 {
				all.Add(1)
				submitting.Go(func() {
					submit := func(want bool) {
						submitters[way](p, func() { defer all.Done(); <-hold; enforced(want)() })
					}
					if n%2 == 0 {
						submit(true)
					} else {
						fips140.WithoutEnforcement(func() { submit(false) })
					}
				})
			}
			close(hold)
			submitting.Wait()
			if way == "parallel" {
				assert.NoError(t, beforePool(p).group.Wait()) // it runs what the pool had no room for
			}
			all.Wait()
			assert.NoError(t, p.Drain(t.Context()))
		}
	}
}
