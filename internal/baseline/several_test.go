package baseline

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
)

func TestEveryStrategyIsAContestant(t *testing.T) {
	docs := map[string]string{}
	for _, c := range append(All[:len(All):len(All)], Limited...) {
		assert.NotContains(t, docs, c.Name, "twice")
		assert.NotEmpty(t, c.Doc)
		docs[c.Name] = c.Doc
	}
	for _, s := range Strategies {
		assert.Contains(t, docs["multi-"+s.Name], s.Strategy.String())
		assert.Contains(t, docs["multi-limited-"+s.Name], s.Strategy.String())
	}
	assert.Len(t, Limited, 1+len(Strategies), "and one pool with as many places")
}

// TestLimitedContestantsUseAllPlaces: all have the same number, and who finds
// none waits until there is one.
func TestLimitedContestantsUseAllPlaces(t *testing.T) {
	const places, more = poolsOfMulti * placesOfEach, 44
	for _, c := range Limited {
		t.Run(c.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := c.New()
				release := make(chan struct{})
				var runs [places + more]atomic.Int32
				var running atomic.Int32
				var submitting sync.WaitGroup
				for i := range runs {
					submitting.Go(func() {
						p.Go(func() {
							runs[i].Add(1)
							running.Add(1)
							<-release
						})
					})
				}
				synctest.Wait()
				assert.EqualValues(t, places, running.Load(), "before any has ended")
				close(release)
				submitting.Wait()
				synctest.Wait()
				for i := range runs {
					assert.EqualValues(t, 1, runs[i].Load(), "runs of task %d", i)
				}
				drain := p.(interface{ Drain(context.Context) error }).Drain
				assert.NoError(t, drain(t.Context()))
			})
		})
	}
}
