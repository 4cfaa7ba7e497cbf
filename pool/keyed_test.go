package pool_test

import (
	"context"
	"fmt"
	"hash/maphash"
	"math"
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

func TestKeyedRunsTheTasksOfAKeyInOrder(t *testing.T) {
	for _, opts := range [][]pool.Option{
		nil, {pool.WithLimit(1)}, {pool.WithLimit(2), pool.WithBacklog(0)}, {pool.WithLimit(3), pool.WithBacklog(1)},
	} {
		p := pool.New(opts...)
		k := pool.NewKeyed[string](p)
		const keys, tasks = 50, 300
		got := make([][]int, keys) // no lock: the race detector knows what orders the tasks of a key
		var submitters sync.WaitGroup
		for key := range keys {
			submitters.Go(func() {
				for i := range tasks {
					k.Go(fmt.Sprint(key), func() { got[key] = append(got[key], i) })
				}
			})
		}
		submitters.Wait()
		require.NoError(t, k.Drain(t.Context()))
		want := make([]int, tasks)
		for i := range want {
			want[i] = i
		}
		for key := range keys {
			require.Equal(t, want, got[key], "key %d", key)
		}
		require.NoError(t, p.Drain(t.Context()))
		assert.Zero(t, k.Keys())
		assert.Zero(t, k.InFlight())
	}
}

func TestASlowKeyHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithLimit(2))
		k := pool.NewKeyed[int](p)
		release := make(chan struct{})
		for range 100 {
			k.Go(0, func() { <-release })
		}
		ran := 0
		for key := 1; key <= 100; key++ {
			k.Go(key, func() { ran++ }) // the one place that is left makes them take turns
		}
		synctest.Wait()
		assert.Equal(t, 100, ran)
		assert.Equal(t, 1, k.Keys(), "the others have left nothing behind")
		assert.Equal(t, 100, k.InFlight())
		close(release)
		require.NoError(t, k.Drain(t.Context()))
		require.NoError(t, p.Drain(t.Context()))
		assert.Zero(t, k.Keys())
	})
}

// TestAKeyWithEndlessTasksStarvesNobody: neither a task of the pool nor another
// key, under a limit of one.
func TestAKeyWithEndlessTasksStarvesNobody(t *testing.T) {
	for _, opts := range [][]pool.Option{{pool.WithLimit(1)}, {pool.WithLimit(1), pool.WithBacklog(0)}} {
		p := pool.New(opts...)
		k := pool.NewKeyed[int](p)
		stop := make(chan struct{})
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			for {
				select {
				case <-stop:
					return
				default:
					k.Go(0, func() { runtime.Gosched() })
					runtime.Gosched() // where there is one thread the others have no turn else
				}
			}
		}()
		for i := range 10 {
			other := make(chan struct{})
			p.Go(func() { close(other) })
			<-other
			other = make(chan struct{})
			k.Go(i+1, func() { close(other) })
			<-other
		}
		close(stop)
		<-stopped
		require.NoError(t, k.Drain(t.Context()))
		require.NoError(t, p.Drain(t.Context()))
	}
}

// TestATurnIsShort: the pool's queue comes to its turn after one long task of a
// key, the first time after two, or 64 short ones.
func TestATurnIsShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithLimit(1))
		k := pool.NewKeyed[int](p)
		for _, takes := range []time.Duration{time.Second, 0} {
			hold := make(chan struct{})
			p.Go(func() { <-hold })
			before := 0
			for range 1000 {
				k.Go(0, func() { before++; time.Sleep(takes) })
			}
			others := make(chan int, 3)
			var other func()
			other = func() {
				others <- before
				if len(others) < cap(others) {
					p.Go(other)
				}
			}
			p.Go(other)
			close(hold)
			if takes > 0 {
				assert.Equal(t, []int{2, 3, 4}, []int{<-others, <-others, <-others})
			} else {
				assert.Equal(t, []int{64, 128, 192}, []int{<-others, <-others, <-others})
			}
			require.NoError(t, k.Drain(t.Context()))
		}
		require.NoError(t, p.Drain(t.Context()))
	})
}

func TestKeyedWaitsForThePoolsRoomNoLongerThanItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithLimit(1), pool.WithBacklog(0))
		k := pool.NewKeyed[string](p)
		release := make(chan struct{})
		k.Go("a", func() { <-release })
		k.Go("a", func() {}) // behind one that has a place: needs none of its own
		assert.False(t, k.TryGo("b", func() { t.Error("it was refused") }))
		assert.True(t, k.TryGo("a", func() {}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		never := func(context.Context) { t.Error("it was given up") }
		assert.Equal(t, context.DeadlineExceeded, k.GoContext(ctx, "b", never))
		assert.Equal(t, context.DeadlineExceeded, k.GoContext(ctx, "b", never))
		ran := false
		go k.Go("b", func() { ran = true })
		synctest.Wait()
		assert.False(t, ran)
		assert.False(t, k.TryGo("b", func() { t.Error("it would overtake") }))
		close(release)
		require.NoError(t, k.Drain(t.Context()))
		synctest.Wait()
		assert.True(t, ran)
		assert.Zero(t, k.Keys())
		require.NoError(t, p.Drain(t.Context()))
	})
}

func TestKeyedRefusesAContextThatIsDone(t *testing.T) {
	k := pool.NewKeyed[int](pool.New())
	done, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, context.Canceled, k.GoContext(done, 1, func(context.Context) { t.Error("its context is done") }))
	assert.Zero(t, k.Keys())
	assert.Equal(t, context.Canceled, k.Drain(done))
}

func TestKeyedRefusesNonsense(t *testing.T) {
	var noContext context.Context
	k := pool.NewKeyed[any](pool.New())
	f := func() {}
	for message, call := range map[string]func(){
		"pool.NewKeyed(nil): the pool is nil":                          func() { pool.NewKeyed[int](nil) },
		"pool.NewKeyed: the option at index 0 is nil":                  func() { pool.NewKeyed[int](pool.New(), nil) },
		"pool.WithKeyBound(0): want a positive number":                 func() { pool.WithKeyBound(0) },
		"pool.WithTotalBound(-1): want a positive number":              func() { pool.WithTotalBound(-1) },
		"pool: Keyed.Go(key, nil): the task is a nil func":             func() { k.Go(1, nil) },
		"pool: Keyed.TryGo(key, nil): the task is a nil func":          func() { k.TryGo(1, nil) },
		"pool: Keyed.GoContext(ctx, key, nil): the task is a nil func": func() { k.GoContext(t.Context(), 1, nil) },
		"pool: Keyed.GoContext(nil, ...): the context is nil":          func() { k.GoContext(noContext, 1, func(context.Context) {}) },
		"pool: Keyed.Drain(nil): the context is nil":                   func() { k.Drain(noContext) },
		"pool: Keyed: the key NaN does not equal itself":               func() { k.Go(math.NaN(), f) },
	} {
		assert.PanicsWithValue(t, message, call)
	}
	assert.Panics(t, func() { k.Go([]int{1}, f) }, "it cannot be compared")
	assert.Zero(t, k.Keys())
	k.Go(1, f) // as good as new
	require.NoError(t, k.Drain(t.Context()))
}

// TestAMillionKeys: each with tasks at the same time; afterwards nothing is left.
func TestAMillionKeys(t *testing.T) {
	keys := 1 << 20
	if testing.Short() || raceEnabled {
		keys = 1 << 14
	}
	p := pool.New(pool.WithLimit(4))
	k := pool.NewKeyed[int](p)
	release := make(chan struct{})
	for range 4 {
		p.Go(func() { <-release })
	}
	runs := make([]int8, keys)
	for range 2 {
		for key := range keys {
			k.Go(key, func() { runs[key]++ })
		}
	}
	assert.Equal(t, keys, k.Keys())
	assert.Equal(t, 2*keys, k.InFlight())
	close(release)
	require.NoError(t, k.Drain(t.Context()))
	require.NoError(t, p.Drain(t.Context()))
	for key, n := range runs {
		require.EqualValues(t, 2, n, "key %d", key)
	}
	assert.Zero(t, k.Keys())
	assert.Zero(t, p.Stats().Workers)
}

// keyedModel is a Keyed under test and what is known of it.
type keyedModel struct {
	inLines
	*pool.Keyed[int]
	pool                 *pool.Pool
	limit, backlog       int // backlog -1: no bound
	keyBound, totalBound int // 0: none
	tasks                []*lineTask
	running, begun       [4]int // for each key; guarded by the ledger's lock; begun: the last one that has
}

// task enters r and returns its task.
func (m *keyedModel) task(r *lineTask, f func()) func() {
	m.Lock()
	id := len(m.tasks)
	m.tasks = append(m.tasks, r)
	m.Unlock()
	body := m.Task(&r.Record, f)
	return func() {
		m.Lock()
		if m.running[r.line]++; m.running[r.line] > 1 {
			m.Breaches = append(m.Breaches, fmt.Sprintf("key %d: %d tasks run", r.line, m.running[r.line]))
		}
		if id < m.begun[r.line] {
			m.Breaches = append(m.Breaches, fmt.Sprintf("key %d: task %d has started after task %d", r.line, id, m.begun[r.line]))
		}
		m.begun[r.line] = id
		m.Unlock()
		defer func() {
			m.Lock()
			m.running[r.line]--
			m.Unlock()
		}()
		body()
	}
}

// requireQuiet compares all with what must be when nothing can go on by itself.
func (m *keyedModel) requireQuiet(t require.TestingT) {
	m.Lock()
	defer m.Unlock()
	require.Empty(t, m.Breaches)
	var pending, waiting [4]int
	all, keys := 0, map[int]bool{}
	for _, r := range m.tasks {
		switch {
		case r.Accepted && r.Ended == 0 && (r.Runs > 0 || !r.Over()):
			pending[r.line]++
			all++
			keys[r.line] = true
		case !r.Accepted && !r.Refused:
			waiting[r.line]++
		}
	}
	full := m.limit != pool.NoLimit && m.Running >= m.limit
	for key := range pending {
		if pending[key] > 0 && m.running[key] == 0 {
			require.True(t, full, "key %d has %d tasks, and none runs, with %d of %d places taken", key, pending[key], m.Running, m.limit)
		}
		if m.keyBound > 0 {
			require.LessOrEqual(t, pending[key], m.keyBound)
		}
		if waiting[key] > 0 {
			require.True(t, m.keyBound > 0 || m.totalBound > 0 || m.backlog >= 0 && full, "key %d: nobody waits without a bound", key)
		}
	}
	if m.totalBound > 0 {
		require.LessOrEqual(t, all, m.totalBound)
	}
	require.GreaterOrEqual(t, m.Keys(), len(keys))
	require.GreaterOrEqual(t, m.InFlight(), all)
	if m.Running == 0 {
		require.Zero(t, m.Keys())
		require.Zero(t, m.InFlight())
		require.Zero(t, m.Drains, "no Drain waits for nothing")
		require.Zero(t, waiting, "nobody waits for nothing")
	}
}

// TestRandomKeyed drives a Keyed on a pool with a limit, a backlog, bounds,
// contexts, tasks that end in every way, and drains.
func TestRandomKeyed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { rapid.SyncTest(t, randomKeyed) })
}

func randomKeyed(t *rapid.T) {
	m := &keyedModel{limit: rapid.SampledFrom([]int{1, 1, 2, 3, pool.NoLimit}).Draw(t, "limit"), backlog: -1}
	m.Ledger = ledger.New(m.limit)
	opts := []pool.Option{pool.WithLimit(m.limit), pool.WithPanicHandler(func(any, []byte) {})}
	if m.limit != pool.NoLimit && rapid.Bool().Draw(t, "with backlog") {
		m.backlog = rapid.IntRange(0, 3).Draw(t, "backlog")
		opts = append(opts, pool.WithBacklog(m.backlog))
	}
	m.pool = pool.New(opts...)
	var bounds []pool.KeyedOption
	if rapid.Bool().Draw(t, "with key bound") {
		m.keyBound = rapid.IntRange(1, 3).Draw(t, "key bound")
		bounds = append(bounds, pool.WithKeyBound(m.keyBound))
	}
	if rapid.Bool().Draw(t, "with total bound") {
		m.totalBound = rapid.IntRange(1, 5).Draw(t, "total bound")
		bounds = append(bounds, pool.WithTotalBound(m.totalBound))
	}
	m.Keyed = pool.NewKeyed[int](m.pool, bounds...)
	t.Cleanup(func() {
		m.ReleaseAll()
		time.Sleep(2 * idle.ShrinkBound(pool.DefaultIdleTimeout))
	})
	m.lines, m.enter, m.drain = len(m.begun), m.task, m.Keyed.Drain
	m.submit, m.try, m.submitFor = m.Go, m.TryGo, m.GoContext
	steps := m.steps()
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
	require.NoError(t, m.pool.Drain(context.Background()))
}

func ExampleKeyed() {
	p := pool.New(pool.WithLimit(8))
	accounts := pool.NewKeyed[string](p)
	balance := map[string]*int{"ann": new(int), "bob": new(int)}
	for i := range 100 {
		accounts.Go("ann", func() { *balance["ann"] += i }) // needs no lock
		accounts.Go("bob", func() { *balance["bob"] -= i })
	}
	accounts.Drain(context.Background())
	fmt.Println(*balance["ann"], *balance["bob"])
	// Output: 4950 -4950
}

func ExampleWithKeyBound() {
	k := pool.NewKeyed[string](pool.New(), pool.WithKeyBound(2))
	release := make(chan struct{})
	k.Go("a", func() { <-release })
	k.Go("a", func() {})
	fmt.Println(k.TryGo("a", func() {}), k.TryGo("b", func() {}))
	close(release)
	// Output: false true
}

func ExampleWithTotalBound() {
	k := pool.NewKeyed[string](pool.New(), pool.WithTotalBound(2))
	release := make(chan struct{})
	k.Go("a", func() { <-release })
	k.Go("b", func() { <-release })
	fmt.Println(k.TryGo("c", func() {}))
	close(release)
	// Output: false
}

// serial is what tasks of a key can be run by, for the benchmarks: each calls
// done when it has ended.
type serial interface {
	Go(key int, f func())
}

// mutexPerKey: a goroutine a task, which waits for its key's mutex. Mutexes are
// never let go of, and the order is that in which the goroutines come to run.
type mutexPerKey struct {
	p  *pool.Pool
	mu [64]struct {
		sync.Mutex
		of map[int]*sync.Mutex
	}
}

func (m *mutexPerKey) Go(key int, f func()) {
	m.p.Go(func() {
		s := &m.mu[key&63]
		s.Lock()
		mu := s.of[key]
		if mu == nil {
			if s.of == nil {
				s.of = make(map[int]*sync.Mutex)
			}
			mu = new(sync.Mutex)
			s.of[key] = mu
		}
		s.Unlock()
		mu.Lock()
		defer mu.Unlock()
		f()
	})
}

// hashToWorker: a fixed set of workers, each with a channel; a key's tasks all go
// to one.
type hashToWorker struct {
	seed    maphash.Seed
	workers []chan func()
}

func newHashToWorker(n int) *hashToWorker {
	h := &hashToWorker{maphash.MakeSeed(), make([]chan func(), n)}
	for i := range h.workers {
		c := make(chan func(), 1024)
		h.workers[i] = c
		go func() {
			for f := range c {
				f()
			}
		}()
	}
	return h
}

func (h *hashToWorker) Go(key int, f func()) {
	h.workers[maphash.Comparable(h.seed, key)%uint64(len(h.workers))] <- f
}

func (h *hashToWorker) close() {
	for _, c := range h.workers {
		close(c)
	}
}

// BenchmarkKeyed: ns a task, over keys in turn.
func BenchmarkKeyed(b *testing.B) {
	for _, keys := range []int{1, 1000, 1_000_000} {
		each := func(name string, s serial, drain func()) {
			b.Run(fmt.Sprintf("%d keys/%s", keys, name), func(b *testing.B) {
				b.ReportAllocs()
				var all sync.WaitGroup
				f := all.Done
				key := 0
				for b.Loop() {
					const burst = 1000
					all.Add(burst)
					for range burst {
						s.Go(key, f)
						if key++; key >= keys {
							key = 0
						}
					}
					all.Wait()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/task")
			})
			drain()
		}
		p := pool.New()
		k := pool.NewKeyed[int](p)
		each("Keyed", k, func() { p.Drain(b.Context()) })
		m := &mutexPerKey{p: pool.New()}
		each("mutex per key", m, func() { m.p.Drain(b.Context()) })
		h := newHashToWorker(runtime.GOMAXPROCS(0))
		each("hash to worker", h, h.close)
		plain := pool.New()
		each("the pool alone, unordered", unordered{plain}, func() { plain.Drain(b.Context()) })
	}
}

type unordered struct{ *pool.Pool }

func (u unordered) Go(_ int, f func()) { u.Pool.Go(f) }

// TestHashToWorkerBlocksTheHeadOfTheLine shows what is wrong with it: with as
// many workers, one key whose task takes a second holds up the share of all other
// keys that hashes to the same worker. Keyed holds up none.
func TestHashToWorkerBlocksTheHeadOfTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const workers, keys = 4, 400
		waited := func(s serial) (late int) {
			start, waits := time.Now(), make([]time.Duration, keys)
			var all sync.WaitGroup
			all.Add(keys)
			s.Go(0, func() { defer all.Done(); time.Sleep(time.Second) })
			for key := 1; key < keys; key++ {
				s.Go(key, func() { defer all.Done(); waits[key] = time.Since(start) })
			}
			all.Wait()
			return len(slices.DeleteFunc(waits, func(d time.Duration) bool { return d < time.Second }))
		}
		h := newHashToWorker(workers)
		late := waited(h)
		h.close()
		assert.Greater(t, late, keys/workers/2, "of 399 other keys")
		p := pool.New(pool.WithLimit(workers))
		assert.Zero(t, waited(pool.NewKeyed[int](p)))
		require.NoError(t, p.Drain(t.Context()))
	})
}
