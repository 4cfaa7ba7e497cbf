package pool_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lfpool/lfpool/internal/inside"
	"github.com/lfpool/lfpool/pool"
)

// TestFiguresOfRefusals: random use of a pool with a backlog, against counts that
// the callers keep of what became of their calls.
func TestFiguresOfRefusals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			limit, backlog := rapid.IntRange(1, 3).Draw(t, "limit"), rapid.IntRange(0, 3).Draw(t, "backlog")
			p := pool.New(pool.WithLimit(limit), pool.WithBacklog(backlog), pool.WithPanicHandler(func(any, []byte) {}))
			release := make(chan struct{})
			ends := []func(){func() {}, func() { panic("handled") }, runtime.Goexit}
			task := func(t *rapid.T) func() {
				end := ends[rapid.IntRange(0, 2).Draw(t, "end")]
				return func() { <-release; end() }
			}
			var refused int64
			var givenUp atomic.Int64 // by callers that wait
			t.Cleanup(func() {
				close(release)
				time.Sleep(time.Minute)
			})
			t.Repeat(map[string]func(*rapid.T){
				"try": func(t *rapid.T) {
					if !p.TryGo(task(t)) {
						refused++
					}
				},
				"offer": func(t *rapid.T) { inside.Offer(p, task(t)) },
				"with patience": func(t *rapid.T) {
					f := task(t)
					ctx, cancel := context.WithTimeout(context.Background(), time.Duration(rapid.Int64Range(0, 5).Draw(t, "patience"))*time.Second)
					go func() {
						defer cancel()
						begun := ctx.Err() == nil // a context that is done already does not wait
						if p.GoContext(ctx, func(context.Context) { f() }) != nil && begun {
							givenUp.Add(1)
						}
					}()
				},
				"end": func(t *rapid.T) {
					select {
					case release <- struct{}{}:
					default:
					}
				},
				"time": func(*rapid.T) { time.Sleep(time.Second) },
				"limit": func(t *rapid.T) {
					limit = rapid.SampledFrom([]int{1, 2, 5, pool.NoLimit}).Draw(t, "limit")
					p.SetLimit(limit)
				},
				"": func(t *rapid.T) {
					synctest.Wait()
					s := p.Stats()
					require.Equal(t, []int64{refused, givenUp.Load()}, []int64{s.Refused, s.GivenUp}, "%v", s)
					if limit == pool.NoLimit {
						require.Zero(t, s.Capacity)
						return
					}
					require.Equal(t, limit+backlog, s.Capacity)
				},
			})
		})
	})
}

func TestRefusedIsCounted(t *testing.T) {
	p, release := pool.New(pool.WithLimit(1), pool.WithBacklog(0)), make(chan struct{})
	p.Go(func() { <-release })
	for range 3 {
		assert.False(t, p.TryGo(func() {}))
		assert.False(t, inside.Offer(p, func() {}))
	}
	assert.EqualValues(t, 3, p.Stats().Refused)
	close(release)
}

func TestCapacityOfPoolsTogether(t *testing.T) {
	a, b := pool.Stats{Limit: 2, Capacity: 5, Refused: 1}, pool.Stats{Limit: 3, Capacity: 4, Refused: 2}
	assert.Equal(t, pool.Stats{Limit: 5, Capacity: 9, Refused: 3}, a.Plus(b))
	b.Capacity = 0
	assert.Zero(t, a.Plus(b).Capacity, "any number in one is any number in all")
}
