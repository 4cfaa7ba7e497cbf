package pool_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/internal/ledger"
	"github.com/lfpool/lfpool/pool"
)

// shares runs tasks of the given times for the tenants, all of which have as many
// as they like, in limit places until the time is up, and returns for how long each
// has had a place.
func shares(t *testing.T, limit int, up time.Duration, tenants []*pool.Tenant, takes []time.Duration) []time.Duration {
	var mu sync.Mutex
	had := make([]time.Duration, len(tenants))
	start := time.Now()
	for i, tenant := range tenants {
		var task func()
		task = func() {
			began := time.Now()
			time.Sleep(takes[i])
			mu.Lock()
			defer mu.Unlock()
			had[i] += min(time.Since(start), up) - began.Sub(start)
			if time.Since(start) < up {
				tenant.Go(task)
			}
		}
		for range 2 * limit {
			tenant.Go(task)
		}
	}
	time.Sleep(up)
	synctest.Wait()
	mu.Lock()
	defer mu.Unlock()
	return slices.Clone(had)
}

func TestTenantsShareByWeightTheTimeOfTheirTasks(t *testing.T) {
	for _, c := range []struct {
		weights []int
		takes   []time.Duration
	}{
		{[]int{1, 1}, []time.Duration{time.Second, time.Second}},
		{[]int{1, 2, 5}, []time.Duration{time.Second, time.Second, time.Second}},
		{[]int{1, 1}, []time.Duration{10 * time.Second, time.Second}},
		{[]int{1, 3, 2}, []time.Duration{10 * time.Second, time.Second, 100 * time.Millisecond}},
		{[]int{7, 1}, []time.Duration{time.Second, 13 * time.Second}},
	} {
		synctest.Test(t, func(t *testing.T) {
			const limit, up = 4, 2000 * time.Second
			p := pool.New(pool.WithLimit(limit))
			f := pool.NewFair(p)
			var tenants []*pool.Tenant
			sum := 0
			for _, w := range c.weights {
				tenants = append(tenants, f.Tenant(pool.WithWeight(w)))
				sum += w
			}
			had := shares(t, limit, up, tenants, c.takes)
			for i, w := range c.weights {
				want := float64(limit*up) * float64(w) / float64(sum)
				assert.InEpsilon(t, want, float64(had[i]), 0.05, "weights %v, tasks of %v: tenant %d", c.weights, c.takes, i)
			}
			require.NoError(t, f.Drain(t.Context()))
			require.NoError(t, p.Drain(t.Context()))
		})
	}
}

// TestWhatATenantDoesNotUseTheOthersHave, and what it has not used is not saved.
func TestWhatATenantDoesNotUseTheOthersHave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithLimit(1))
		f := pool.NewFair(p)
		busy, idler := f.Tenant(), f.Tenant()
		start := time.Now()
		for range 2 {
			idler.Go(func() { time.Sleep(time.Second) })
		}
		for range 98 {
			busy.Go(func() { time.Sleep(time.Second) })
		}
		time.Sleep(50*time.Second - time.Millisecond)
		var ran []time.Duration
		for range 10 {
			idler.Go(func() { time.Sleep(time.Second); ran = append(ran, time.Since(start)) })
		}
		require.NoError(t, f.Drain(t.Context()))
		assert.Equal(t, 110*time.Second, time.Since(start))
		for i, at := range ran {
			assert.InDelta(t, 51+2*i, at.Seconds(), 1, "every second one is the idler's from then on")
		}
		require.NoError(t, p.Drain(t.Context()))
	})
}

// TestADebtIsNoWork: a tenant whose task took ten hours, where others take no
// time, is served after as few steps as any.
func TestADebtIsNoWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithLimit(1))
		f := pool.NewFair(p)
		low, high := f.Tenant(), f.Tenant(pool.WithPriority(1))
		done := false
		low.Go(func() { time.Sleep(10 * time.Hour) })
		low.Go(func() { done = true })
		synctest.Wait()
		for range 1000 {
			high.Go(func() {})
		}
		require.NoError(t, f.Drain(t.Context()))
		assert.True(t, done)
		require.NoError(t, p.Drain(t.Context()))
	})
}

func TestPrioritiesAreStrict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithLimit(2))
		f := pool.NewFair(p)
		var got []int
		hold := make(chan struct{})
		for range 2 {
			p.Go(func() { <-hold })
		}
		for _, priority := range []int{0, -5, 10, 3} {
			tenant := f.Tenant(pool.WithPriority(priority), pool.WithWeight(1+priority&1))
			for range 4 {
				tenant.Go(func() { got = append(got, priority); time.Sleep(time.Second) })
			}
		}
		go func() { p.SetLimit(1); close(hold) }()
		require.NoError(t, f.Drain(t.Context()))
		assert.Equal(t, []int{10, 10, 10, 10, 3, 3, 3, 3, 0, 0, 0, 0, -5, -5, -5, -5}, got)
		require.NoError(t, p.Drain(t.Context()))
	})
}

func TestLowPrioritiesRiseWithAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithLimit(1))
		f := pool.NewFair(p, pool.WithAgeing(10*time.Second))
		high, low := f.Tenant(pool.WithPriority(2)), f.Tenant()
		start := time.Now()
		var lows []int
		for range 200 {
			high.Go(func() { time.Sleep(time.Second) })
		}
		for range 4 {
			low.Go(func() { lows = append(lows, int(time.Since(start)/time.Second)); time.Sleep(time.Second) })
		}
		require.NoError(t, f.Drain(t.Context()))
		for i, at := range lows { // two levels up, and one that the high one does not count
			assert.InDelta(t, 30*(i+1), at, float64(2*(i+1)), "of %v", lows)
		}
		require.NoError(t, p.Drain(t.Context()))
	})
}

// TestAFloodLeavesTheOthersLatencyAsItWas: two tenants keep a pool busy for 90 % of
// the time. The one has 20 % of that, and p99 is how long 99 % of its tasks wait at
// most. Then the other submits 100 000 tasks at once.
func TestAFloodLeavesTheOthersLatencyAsItWas(t *testing.T) {
	const limit, service, samples = 8, 10 * time.Millisecond, 5000
	flood := 100_000
	if testing.Short() || raceEnabled {
		flood = 10_000
	}
	// p99 returns that of the tenant one, which has a fifth of the pool's capacity,
	// in a bubble's time; the other has 70 %, or floods.
	p99 := func(t *testing.T, one, other func(func()), flood int) (at time.Duration) {
		source := func(seed uint64) func(time.Duration) time.Duration {
			r := rand.New(rand.NewPCG(seed, seed))
			return func(mean time.Duration) time.Duration { return time.Duration(r.ExpFloat64() * float64(mean)) }
		}
		over := time.Now().Add(samples * service / limit * 10 / 2)
		others := source(2)
		for range flood {
			d := others(service)
			other(func() { time.Sleep(d) })
		}
		if flood == 0 {
			go func() {
				for time.Now().Before(over) {
					time.Sleep(others(service) / limit * 10 / 7)
					d := others(service)
					other(func() { time.Sleep(d) })
				}
			}()
		}
		exp := source(1)
		var mu sync.Mutex
		var waits []time.Duration
		for time.Now().Before(over) {
			time.Sleep(exp(service) / limit * 10 / 2)
			d, due := exp(service), time.Now()
			one(func() {
				mu.Lock()
				waits = append(waits, time.Since(due))
				mu.Unlock()
				time.Sleep(d)
			})
		}
		time.Sleep(time.Hour)
		mu.Lock()
		defer mu.Unlock()
		slices.Sort(waits)
		return waits[len(waits)*99/100]
	}
	var before, flooded, plain time.Duration
	for _, c := range []struct {
		at    *time.Duration
		flood int
	}{{&before, 0}, {&flooded, flood}} {
		synctest.Test(t, func(t *testing.T) {
			p := pool.New(pool.WithLimit(limit))
			f := pool.NewFair(p)
			*c.at = p99(t, f.Tenant().Go, f.Tenant().Go, c.flood)
			require.NoError(t, p.Drain(t.Context()))
		})
	}
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithLimit(limit))
		plain = p99(t, p.Go, p.Go, flood)
		require.NoError(t, p.Drain(t.Context()))
	})
	t.Logf("p99 before the flood %v, with it %v, in the pool's own queue %v", before, flooded, plain)
	assert.Less(t, flooded, before+before/4)
	assert.Greater(t, plain, 100*before)
}

// TestAFloodLeavesThePoolsOtherTasksAlone: what has nothing to do with the tenants
// waits for as many of their tasks as have places.
func TestAFloodLeavesThePoolsOtherTasksAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, opts := range [][]pool.Option{{pool.WithLimit(3)}, {pool.WithLimit(3), pool.WithBacklog(0)}} {
			p := pool.New(opts...)
			f := pool.NewFair(p)
			tenant := f.Tenant()
			for range 1000 {
				tenant.Go(func() { time.Sleep(time.Second) })
			}
			for range 10 {
				due := time.Now()
				done := make(chan time.Duration)
				go p.Go(func() { done <- time.Since(due) })
				assert.LessOrEqual(t, <-done, 2*time.Second)
			}
			require.NoError(t, f.Drain(t.Context()))
			require.NoError(t, p.Drain(t.Context()))
		}
	})
}

// TestATurnOfFairIsShort: the pool's queue comes to its turn after one long task, or
// 64 short ones.
func TestATurnOfFairIsShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithLimit(1))
		f := pool.NewFair(p)
		tenant := f.Tenant()
		for takes, want := range map[time.Duration]int{time.Second: 1, 0: 64} {
			hold := make(chan struct{})
			p.Go(func() { <-hold })
			before := 0
			for range 1000 {
				tenant.Go(func() { before++; time.Sleep(takes) })
			}
			other := make(chan int, 1)
			p.Go(func() { other <- before })
			close(hold)
			assert.Equal(t, want, <-other)
			require.NoError(t, f.Drain(t.Context()))
		}
		require.NoError(t, p.Drain(t.Context()))
	})
}

func TestATenantsBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithLimit(1))
		f := pool.NewFair(p)
		one, other := f.Tenant(pool.WithTenantBound(2)), f.Tenant()
		release := make(chan struct{})
		one.Go(func() { <-release })
		one.Go(func() {})
		assert.Equal(t, 2, one.InFlight())
		assert.False(t, one.TryGo(func() { t.Error("it was refused") }))
		assert.True(t, other.TryGo(func() {}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.Equal(t, context.DeadlineExceeded, one.GoContext(ctx, func(context.Context) { t.Error("it was given up") }))
		assert.Equal(t, context.DeadlineExceeded, one.GoContext(ctx, func(context.Context) { t.Error("its context is done") }))
		var got []int
		for i := range 3 {
			go one.Go(func() { got = append(got, i) })
			synctest.Wait()
		}
		close(release)
		synctest.Wait()
		assert.Equal(t, []int{0, 1, 2}, got)
		require.NoError(t, f.Drain(t.Context()))
		assert.Equal(t, context.DeadlineExceeded, f.Drain(ctx))
		assert.Zero(t, one.InFlight())
		require.NoError(t, p.Drain(t.Context()))
	})
}

func TestFairWithoutALimitStartsEachTask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New()
		f := pool.NewFair(p)
		low, high := f.Tenant(), f.Tenant(pool.WithPriority(1))
		release := make(chan struct{})
		for range 50 {
			high.Go(func() { <-release })
			low.Go(func() { <-release })
		}
		synctest.Wait()
		assert.Equal(t, 100, p.Stats().Running)
		close(release)
		require.NoError(t, f.Drain(t.Context()))
		require.NoError(t, p.Drain(t.Context()))
	})
}

func TestFairRefusesNonsense(t *testing.T) {
	var noContext context.Context
	f := pool.NewFair(pool.New())
	tenant := f.Tenant()
	for message, call := range map[string]func(){
		"pool.NewFair(nil): the pool is nil":                       func() { pool.NewFair(nil) },
		"pool.NewFair: the option at index 0 is nil":               func() { pool.NewFair(pool.New(), nil) },
		"pool: Fair.Tenant: the option at index 0 is nil":          func() { f.Tenant(nil) },
		"pool.WithAgeing(0s): want a positive duration":            func() { pool.WithAgeing(0) },
		"pool.WithWeight(0): want 1 to 1000000":                    func() { pool.WithWeight(0) },
		"pool.WithTenantBound(0): want a positive number":          func() { pool.WithTenantBound(0) },
		"pool: Tenant.Go(nil): the task is a nil func":             func() { tenant.Go(nil) },
		"pool: Tenant.TryGo(nil): the task is a nil func":          func() { tenant.TryGo(nil) },
		"pool: Tenant.GoContext(ctx, nil): the task is a nil func": func() { tenant.GoContext(t.Context(), nil) },
		"pool: Tenant.GoContext(nil, ...): the context is nil":     func() { tenant.GoContext(noContext, func(context.Context) {}) },
		"pool: Fair.Drain(nil): the context is nil":                func() { f.Drain(noContext) },
	} {
		assert.PanicsWithValue(t, message, call)
	}
}

// fairModel is a Fair under test and what is known of it.
type fairModel struct {
	inLines
	*pool.Fair
	pool    *pool.Pool
	limit   int
	tenants []*pool.Tenant
	bounds  []int // 0: none

	// Guarded by the ledger's lock.
	tasks []*lineTask
	begun []int // for each tenant, the last one
}

func (m *fairModel) task(r *lineTask, f func()) func() {
	m.Lock()
	id := len(m.tasks)
	m.tasks = append(m.tasks, r)
	m.Unlock()
	body := m.Task(&r.Record, f)
	return func() {
		m.Lock()
		if m.limit == 1 { // else two that start at the same time may come here in any order
			if id < m.begun[r.line] {
				m.Breaches = append(m.Breaches, fmt.Sprintf("tenant %d: task %d has started after task %d", r.line, id, m.begun[r.line]))
			}
			m.begun[r.line] = id
		}
		m.Unlock()
		body()
	}
}

func (m *fairModel) requireQuiet(t require.TestingT) {
	m.Lock()
	defer m.Unlock()
	require.Empty(t, m.Breaches)
	all := 0
	for i, tenant := range m.tenants {
		n, waiting := 0, 0
		for _, r := range m.tasks {
			if r.line != i {
				continue
			}
			switch {
			case r.Accepted && r.Ended == 0 && (r.Runs > 0 || !r.Over()):
				n++
			case !r.Accepted && !r.Refused:
				waiting++
			}
		}
		require.GreaterOrEqual(t, tenant.InFlight(), n)
		if m.bounds[i] > 0 {
			require.LessOrEqual(t, tenant.InFlight(), m.bounds[i])
			if waiting > 0 {
				require.Equal(t, tenant.InFlight(), m.bounds[i], "nobody waits while there is room")
			}
		} else {
			require.Zero(t, waiting, "nobody waits without a bound")
		}
		all += n
	}
	if all > m.Running {
		require.NotEqual(t, pool.NoLimit, m.limit, "without a limit no task waits")
		require.GreaterOrEqual(t, m.Running, m.limit, "%d tasks have not ended: one waits only while all places are taken", all)
	}
	if m.Running == 0 {
		require.Zero(t, m.Drains, "no Drain waits for nothing")
	}
}

// TestRandomFair drives a Fair with tenants of several weights, priorities and
// bounds, contexts, tasks that end in every way, changes of the limit, and drains.
func TestRandomFair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { rapid.SyncTest(t, randomFair) })
}

func randomFair(t *rapid.T) {
	limits := []int{1, 1, 2, 3, pool.NoLimit}
	m := &fairModel{limit: rapid.SampledFrom(limits).Draw(t, "limit")}
	m.Ledger = ledger.New(m.limit)
	opts := []pool.Option{pool.WithLimit(m.limit), pool.WithPanicHandler(func(any, []byte) {})}
	if rapid.Bool().Draw(t, "with backlog") {
		opts = append(opts, pool.WithBacklog(rapid.IntRange(0, 3).Draw(t, "backlog")))
	}
	m.pool = pool.New(opts...)
	var fair []pool.FairOption
	if rapid.Bool().Draw(t, "with ageing") {
		fair = append(fair, pool.WithAgeing(time.Duration(rapid.IntRange(1, 1000).Draw(t, "age"))*time.Millisecond))
	}
	m.Fair = pool.NewFair(m.pool, fair...)
	for range rapid.IntRange(1, 5).Draw(t, "tenants") {
		o := []pool.TenantOption{
			pool.WithWeight(rapid.SampledFrom([]int{1, 1, 2, 10, 1_000_000}).Draw(t, "weight")),
			pool.WithPriority(rapid.IntRange(-1, 1).Draw(t, "priority")),
		}
		bound := rapid.IntRange(0, 4).Draw(t, "bound")
		if bound > 0 {
			o = append(o, pool.WithTenantBound(bound))
		}
		m.bounds = append(m.bounds, bound)
		m.tenants = append(m.tenants, m.Tenant(o...))
		m.begun = append(m.begun, 0)
	}
	t.Cleanup(func() {
		m.ReleaseAll()
		time.Sleep(2 * idle.ShrinkBound(pool.DefaultIdleTimeout))
	})
	m.lines, m.enter, m.drain = len(m.tenants), m.task, m.Fair.Drain
	m.submit = func(i int, f func()) { m.tenants[i].Go(f) }
	m.try = func(i int, f func()) bool { return m.tenants[i].TryGo(f) }
	m.submitFor = func(ctx context.Context, i int, f func(context.Context)) error { return m.tenants[i].GoContext(ctx, f) }
	steps := m.steps()
	steps["limit"] = func(t *rapid.T) {
		n := rapid.SampledFrom(limits).Draw(t, "limit")
		m.Lock()
		m.limit, m.Allowed = n, n
		if n != pool.NoLimit {
			m.Allowed = max(n, m.Running)
		}
		m.Unlock()
		m.pool.SetLimit(n)
		m.tenants[0].TryGo(func() {}) // a raised limit counts from the next submission on
	}
	steps[""] = func(t *rapid.T) {
		synctest.Wait()
		m.requireQuiet(t)
	}
	t.Repeat(steps)
	m.ReleaseAll()
	synctest.Wait()
	m.requireQuiet(t)
	_, _, err := m.Close()
	require.NoError(t, err)
	require.NoError(t, m.Fair.Drain(context.Background()))
	for _, tenant := range m.tenants {
		require.Zero(t, tenant.InFlight())
	}
	require.NoError(t, m.pool.Drain(context.Background()))
}

func ExampleFair() {
	f := pool.NewFair(pool.New(pool.WithLimit(1)))
	free, paid := f.Tenant(), f.Tenant(pool.WithWeight(3))
	var order []string
	hold := make(chan struct{})
	free.Go(func() { <-hold }) // until all have submitted
	for range 4 {
		free.Go(func() { order = append(order, "free") })
		paid.Go(func() { order = append(order, "paid") })
	}
	close(hold)
	f.Drain(context.Background())
	fmt.Println(len(order))
	// Output: 8
}

func ExampleWithPriority() {
	p := pool.New(pool.WithLimit(1))
	f := pool.NewFair(p)
	batch, people := f.Tenant(), f.Tenant(pool.WithPriority(1))
	hold := make(chan struct{})
	batch.Go(func() { <-hold })
	for range 2 {
		batch.Go(func() { fmt.Println("batch") })
		people.Go(func() { fmt.Println("people") })
	}
	close(hold)
	f.Drain(context.Background())
	// Output:
	// people
	// people
	// batch
	// batch
}

func ExampleWithTenantBound() {
	t := pool.NewFair(pool.New()).Tenant(pool.WithTenantBound(1))
	release := make(chan struct{})
	t.Go(func() { <-release })
	fmt.Println(t.TryGo(func() {}))
	close(release)
	// Output: false
}

// BenchmarkFair: ns a task, of 1 to 1000 tenants in turn, beside the pool alone.
func BenchmarkFair(b *testing.B) {
	each := func(name string, submit func(i int, f func())) {
		b.Run(name, func(b *testing.B) { inBursts(b, submit) })
	}
	for _, n := range []int{1, 10, 1000} {
		p := pool.New(pool.WithLimit(runtime.GOMAXPROCS(0)))
		f := pool.NewFair(p)
		var tenants []*pool.Tenant
		for i := range n {
			tenants = append(tenants, f.Tenant(pool.WithWeight(1+i%3)))
		}
		each(fmt.Sprintf("%d tenants", n), func(i int, f func()) { tenants[i%n].Go(f) })
		if err := p.Drain(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	p := pool.New(pool.WithLimit(runtime.GOMAXPROCS(0)))
	each("the pool alone", func(_ int, f func()) { p.Go(f) })
	if err := p.Drain(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkFlood, with -benchtime 1x: the time to start, in real time, of a tenant that
// has a fifth of a pool's places for two seconds, while another has 70 %, or has
// submitted 100 000 tasks at once.
func BenchmarkFlood(b *testing.B) {
	const limit, service, lasts, flood = 8, 4 * time.Millisecond, 2 * time.Second, 100_000
	task := func() { time.Sleep(service) }
	for _, c := range []struct {
		name string
		one  []pool.TenantOption
		fair bool
	}{
		{"Fair", nil, true},
		{"Fair, weight 10", []pool.TenantOption{pool.WithWeight(10)}, true},
		{"Fair, priority", []pool.TenantOption{pool.WithPriority(1)}, true},
		{"one queue", nil, false},
	} {
		for _, n := range []int{0, flood} {
			b.Run(fmt.Sprintf("%s/flood of %d", c.name, n), func(b *testing.B) {
				for b.Loop() {
					p := pool.New(pool.WithLimit(limit))
					one, other := p.Go, p.Go
					if c.fair {
						f := pool.NewFair(p)
						one, other = f.Tenant(c.one...).Go, f.Tenant().Go
					}
					ended, cancel := context.WithTimeout(b.Context(), lasts)
					for range n {
						other(func() {
							if ended.Err() == nil {
								task()
							}
						})
					}
					var sources sync.WaitGroup
					if n == 0 {
						sources.Go(func() { poisson(ended, service*10/7/limit, func(time.Time) { other(task) }) })
					}
					var mu sync.Mutex
					var waits []time.Duration
					poisson(ended, service*10/2/limit, func(due time.Time) {
						one(func() {
							mu.Lock()
							waits = append(waits, time.Since(due))
							mu.Unlock()
							task()
						})
					})
					sources.Wait()
					cancel()
					if err := p.Drain(b.Context()); err != nil {
						b.Fatal(err)
					}
					slices.Sort(waits)
					b.ReportMetric(float64(waits[len(waits)/2].Microseconds()), "p50-us")
					b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds()), "p99-us")
				}
			})
		}
	}
}

// poisson calls f at random times, so far apart in the mean, until ctx is done. What is
// due while it sleeps comes late, and f is told when it was due.
func poisson(ctx context.Context, mean time.Duration, f func(due time.Time)) {
	r := rand.New(rand.NewPCG(1, uint64(mean)))
	for due := time.Now(); ctx.Err() == nil; due = due.Add(time.Duration(r.ExpFloat64() * float64(mean))) {
		if wait := time.Until(due); wait > 0 {
			time.Sleep(wait)
		}
		f(due)
	}
}

// TestFairRunsEachTaskOnce, whatever ends the tasks.
func TestFairRunsEachTaskOnce(t *testing.T) {
	for _, opts := range [][]pool.Option{
		nil, {pool.WithLimit(1)}, {pool.WithLimit(2), pool.WithBacklog(0)}, {pool.WithLimit(8)},
	} {
		p := pool.New(append(opts, pool.WithPanicHandler(func(any, []byte) {}))...)
		f := pool.NewFair(p)
		const tenants, tasks = 20, 500
		runs := make([][tasks]int8, tenants) // each written by one task
		var submitters sync.WaitGroup
		for i := range tenants {
			tenant := f.Tenant(pool.WithWeight(1+i%4), pool.WithPriority(i%2), pool.WithTenantBound(100))
			submitters.Go(func() {
				for k := range tasks {
					tenant.Go(func() {
						runs[i][k]++
						switch (i + k) % 50 {
						case 0:
							runtime.Goexit()
						case 1:
							panic("handled")
						}
					})
				}
			})
		}
		submitters.Wait()
		require.NoError(t, f.Drain(t.Context()))
		require.NoError(t, p.Drain(t.Context()))
		for i := range tenants {
			for k, n := range runs[i] {
				require.EqualValues(t, 1, n, "tenant %d, task %d", i, k)
			}
		}
	}
}
