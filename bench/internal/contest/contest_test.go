package contest

import (
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/internal/baseline"
	"github.com/lfpool/lfpool/pool"
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

func TestVariantsChangeOnePartAtATime(t *testing.T) {
	choose := func(part string, names ...string) map[string][]string { return map[string][]string{part: names} }
	on := []string{"on"}
	assert.Equal(t, []string{"go", "lfpool", "idle-ms", "idle-treiber"}, namesOf(Variants(choose("idle", "ms", "treiber"), on)))
	assert.Equal(t, []string{"go", "lfpool", "tasks-chan"}, namesOf(Variants(choose("tasks", "seg", "chan"), on)), "seg is what is shipped")
	assert.Equal(t, []string{"go", "lfpool", "handoff", "grpc-style"}, namesOf(Variants(choose("dispatch", "chain", "handoff", "grpc", "go"), on)))
	assert.Equal(t, []string{"go", "lfpool", "idle-treiber-tight"}, namesOf(Variants(choose("idle", "treiber"), []string{"off"})))
	assert.Equal(t, []string{"go", "lfpool", "tasks-two-lock", "tasks-two-lock-tight"}, namesOf(Variants(choose("tasks", "two-lock"), Paddings)))
	assert.Equal(t, []string{"go", "lfpool", "retention-by-age", "retention-never"}, namesOf(Variants(choose("retention", "low-water", "by-age", "never"), on)), "low-water is what is shipped")
	assert.Equal(t, []string{"go", "lfpool", "multi-rr", "multi-least", "multi-two"}, namesOf(Variants(choose("multi", "one", "rr", "least", "two"), on)))
	assert.Equal(t, []string{"go", "lfpool", "multi-fallback", "multi-limited-one", "multi-limited-fallback"}, namesOf(Variants(choose("multi", "fallback", "limited-one", "limited-fallback"), on)))
	assert.Equal(t, []string{"go", "lfpool", "idle-ms", "tasks-ms"}, namesOf(Variants(map[string][]string{"idle": {"ms"}, "tasks": {"ms"}}, on)))
}

func TestEveryChoiceIsAContestant(t *testing.T) {
	for _, choice := range Choices {
		require.NotEmpty(t, choice.Names, choice.Part)
		for _, name := range choice.Names {
			assert.True(t, has(choice.contestant(name)), "-%s %s", choice.Part, name)
		}
	}
	assert.Equal(t, map[string][]string{"idle": {"treiber"}, "tasks": {"two-lock"}}, Padded())
}

func TestPeers(t *testing.T) {
	assert.True(t, IsPeer("ants"))
	assert.False(t, IsPeer(Subject))
	for _, c := range Capped(1) {
		assert.Contains(t, namesOf(Default()), c.Name)
	}
}

// TestQueueingPoolsDoNotWait: with their only worker occupied, Go returns.
func TestQueueingPoolsDoNotWait(t *testing.T) {
	for _, c := range Queueing(1) {
		p := c.New()
		open := make(chan struct{})
		var done sync.WaitGroup
		done.Add(100)
		for range 100 {
			p.Go(func() {
				<-open
				done.Done()
			})
		}
		close(open) // reached only if none of the calls waits
		done.Wait()
		if closer, ok := p.(interface{ Close() }); ok {
			closer.Close()
		}
	}
	assert.Len(t, Queueing(1), len(Capped(1))-1, "all but ants")
}

func TestParseNamesWhatThereIs(t *testing.T) {
	got, err := Parse("ms, chan", Choices[0].Names)
	require.NoError(t, err)
	assert.Equal(t, []string{"ms", "chan"}, got)
	_, err = Parse("ms,stack", Choices[0].Names)
	assert.ErrorContains(t, err, `no "stack": want some of seg,ms,counted,treiber,mutex-fifo,mutex-lifo,spin,xsync,chan`)
	_, err = Parse("", Choices[0].Names)
	assert.ErrorContains(t, err, `no ""`)
}

func TestPolicies(t *testing.T) {
	contestants := func(chosen ...string) (all []string) {
		for _, p := range Policies(chosen) {
			assert.NotEmpty(t, p.Doc)
			all = append(all, p.Contestant)
		}
		return all
	}
	assert.Equal(t, []string{"lfpool", "retention-by-age", "retention-adaptive", "retention-never", "handoff-low-water", "handoff-by-age"}, contestants())
	assert.Equal(t, []string{"retention-never"}, contestants("never"))
	assert.Equal(t, []string{"lfpool", "retention-by-age", "handoff-low-water", "handoff-by-age"}, contestants("by-age", "low-water"))
}

func TestReplacers(t *testing.T) {
	assert.Equal(t, []string{"go", "lfpool", "replace-1000", "replace-100", "replace-10"}, namesOf(Replacers()))
	assert.Empty(t, Replacing(0))
	p := pool.New(append(Replacing(10), pool.WithLimit(1))...)
	for range 25 {
		p.Go(func() {})
	}
	require.NoError(t, p.Drain(t.Context()))
	assert.EqualValues(t, 2, p.Stats().Replaced)
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
