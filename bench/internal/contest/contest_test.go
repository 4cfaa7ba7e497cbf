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
}

func TestPeers(t *testing.T) {
	assert.True(t, IsPeer("ants"))
	assert.False(t, IsPeer(Subject))
	for _, c := range Capped(1) {
		assert.Contains(t, namesOf(Default()), c.Name)
	}
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
