package contest

import (
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/internal/baseline"
)

func namesOf(cs []baseline.Contestant) []string {
	var all []string
	for _, c := range cs {
		all = append(all, c.Name)
	}
	return all
}

func TestDefaultLeavesVariantsOut(t *testing.T) {
	names := namesOf(Default())
	assert.Subset(t, names, []string{Reference, Subject, Mutex, Spinlock, "grpc-style", "ants", "ants-multi", "cloudwego-gopool", "errgroup"})
	for _, name := range []string{"idle-ms", "tasks-ms", "handoff", "handoff-ms", "retention-by-age", "multi-rr"} {
		assert.NotContains(t, names, name)
		assert.Contains(t, namesOf(All()), name)
	}
}

// TestOtherPools keep goroutines, and are not lfpool's own.
func TestOtherPools(t *testing.T) {
	for _, name := range []string{Mutex, Spinlock, "grpc-style", "ants", "ants-multi", "gp", "workerpool"} {
		assert.True(t, IsOtherPool(name), name)
	}
	for _, name := range []string{Reference, Subject, "conc", "errgroup", "idle-ms", "handoff", "handoff-ms", "retention-by-age", "multi-rr", Without + "slot"} {
		assert.False(t, IsOtherPool(name), name)
	}
}

func TestPeers(t *testing.T) {
	assert.True(t, IsPeer("ants"))
	assert.False(t, IsPeer(Subject))
	for _, c := range Capped(1) {
		assert.Contains(t, namesOf(Default()), c.Name)
	}
}

// TestPeersRunEachTask once, under load from several goroutines.
func TestPeersRunEachTask(t *testing.T) {
	for _, c := range append(Capped(7), peers...) {
		t.Run(c.Name, func(t *testing.T) {
			p := c.New()
			var mu sync.Mutex
			var ran []int
			var running, submitting sync.WaitGroup
			running.Add(4 * 250)
			for s := range 4 {
				submitting.Go(func() {
					for i := range 250 {
						p.Go(func() {
							mu.Lock()
							ran = append(ran, s*250+i)
							mu.Unlock()
							running.Done()
						})
					}
				})
			}
			submitting.Wait()
			running.Wait()
			if closer, ok := p.(interface{ Close() }); ok {
				closer.Close()
			}
			slices.Sort(ran)
			for i, task := range ran {
				require.Equal(t, i, task)
			}
			require.Len(t, ran, 1000)
		})
	}
}
