package pool_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/parallel"
	"github.com/lfpool/lfpool/pool"
)

// A script is a random nest of calls, deferred calls, panics, recovers and
// Goexits. Given to the go statement and to a pool it must do the same, and leave
// nothing behind.
type script []step

type step struct {
	op   op
	body script // of call and deferred
}

type op int

const (
	say op = iota
	call
	deferred
	recovers // in a deferred call it recovers, elsewhere it finds nothing
	panics
	panicsWithError
	panicsWithNil
	goexits
	ops
)

func (s script) String() string {
	var b strings.Builder
	names := [ops]string{"say", "call", "defer", "recover", "panic", "panic(err)", "panic(nil)", "goexit"}
	for _, step := range s {
		b.WriteString(names[step.op])
		if step.op == call || step.op == deferred {
			fmt.Fprintf(&b, "{%s}", step.body)
		}
		b.WriteString("; ")
	}
	return strings.TrimSuffix(b.String(), "; ")
}

// newScript draws a script. It says little and ends often.
func newScript(draw func(n int) int, depth int) script {
	var s script
	for range 1 + draw(4) {
		o := op(draw(int(ops)))
		if depth == 0 && (o == call || o == deferred) {
			o = say
		}
		var body script
		if o == call || o == deferred {
			body = newScript(draw, depth-1)
		}
		s = append(s, step{o, body})
	}
	return s
}

var errScript = errors.New("error of the script")

// run does s and writes down what happens. It is itself the deferred function, so
// that recover works.
func (s script) run(log *strings.Builder) {
	for i, step := range s {
		fmt.Fprintf(log, "%d%s ", i, [...]string{"s", "c", "d", "r", "p", "e", "n", "g"}[step.op])
		switch step.op {
		case call:
			step.body.run(log)
			log.WriteString("returned ")
		case deferred:
			defer step.body.run(log)
		case recovers:
			if v := recover(); v != nil {
				fmt.Fprintf(log, "(%v) ", v)
			}
		case panics:
			panic("panic of the script")
		case panicsWithError:
			panic(errScript)
		case panicsWithNil:
			panic(nil) //nolint:govet // that is the test
		case goexits:
			runtime.Goexit()
		}
	}
}

// outcome is how a script ends, seen by the function that calls it in a goroutine
// of its own.
type outcome struct {
	log   string
	end   string // returned, exited, panicked
	value any
}

// observe runs s under the go statement.
func observe(s script) (o outcome) {
	var log strings.Builder
	done := make(chan struct{})
	go func() {
		o.end = "exited"
		defer close(done)
		defer func() {
			if v := recover(); v != nil {
				o.end, o.value = "panicked", v
			}
			// A Goexit that a panic has interrupted goes on, which nobody can tell
			// from here but by the panic.
			o.log = log.String()
		}()
		s.run(&log)
		o.end = "returned"
	}()
	<-done
	return o
}

// submitters are the ways to give a pool a task.
var submitters = map[string]func(p *pool.Pool, f func()){
	"Go":        (*pool.Pool).Go,
	"TryGo":     func(p *pool.Pool, f func()) { p.TryGo(f) },
	"GoContext": func(p *pool.Pool, f func()) { _ = p.GoContext(context.Background(), func(context.Context) { f() }) },
	"Async": func(p *pool.Pool, f func()) {
		pool.Async(p, func() (int, error) { f(); return 0, nil })
	},
	"Group":    func(p *pool.Pool, f func()) { lfpool.NewGroup(p).Go(func() error { f(); return nil }) },
	"Then":     func(p *pool.Pool, f func()) { p.Go(p.Then(f, func(pool.End) {})) },
	"Keyed":    func(p *pool.Pool, f func()) { beforePool(p).keyed.Go(1, f) },
	"Fair":     func(p *pool.Pool, f func()) { beforePool(p).tenant.Go(f) },
	"parallel": func(p *pool.Pool, f func()) { beforePool(p).group.Go(func() error { f(); return nil }) },

	// With a context that may end, tasks that wait are watched.
	"GoContext, watched": func(p *pool.Pool, f func()) { _ = p.GoContext(mayEnd, func(context.Context) { f() }) },
	"Keyed, watched": func(p *pool.Pool, f func()) {
		_ = beforePool(p).keyed.GoContext(mayEnd, 1, func(context.Context) { f() })
	},
	"Fair, watched": func(p *pool.Pool, f func()) {
		_ = beforePool(p).tenant.GoContext(mayEnd, func(context.Context) { f() })
	},
}

var submitterNames = []string{
	"Go", "TryGo", "GoContext", "Async", "Group", "Then", "Keyed", "Fair", "parallel",
	"GoContext, watched", "Keyed, watched", "Fair, watched",
}

// mayEnd is a context that never does.
var mayEnd, _ = context.WithCancel(context.Background())

// queues run several tasks within one of the pool's.
type queues struct {
	p      *pool.Pool
	keyed  *pool.Keyed[int]
	tenant *pool.Tenant
	group  *parallel.Group
}

var lastQueues atomic.Pointer[queues]

// beforePool returns the queues before p, the same as long as no other pool is asked
// for.
func beforePool(p *pool.Pool) *queues {
	q := lastQueues.Load()
	if q == nil || q.p != p {
		q = &queues{p, pool.NewKeyed[int](p), pool.NewFair(p).Tenant(), parallel.NewGroup(p)}
		lastQueues.Store(q)
	}
	return q
}

// endingPool draws a pool's options.
func endingPool(draw func(n int) int, handler func(v any)) (opts []pool.Option) {
	if limit := draw(3); limit > 0 {
		opts = append(opts, pool.WithLimit(limit))
		if draw(2) == 0 {
			opts = append(opts, pool.WithBacklog(draw(3)))
		}
	}
	if draw(3) == 0 {
		opts = append(opts, pool.WithHandOff())
	}
	if draw(3) == 0 {
		opts = append(opts, pool.WithMaxTasksPerWorker(1+draw(3)))
	}
	if draw(4) == 0 {
		opts = append(opts, pool.WithStackReserve(8<<10))
	}
	if draw(2) == 0 {
		opts = append(opts, pool.WithName("endings"))
	}
	if handler != nil {
		opts = append(opts, pool.WithPanicHandler(func(v any, _ []byte) { handler(v) }))
	}
	return opts
}

// TestEndings gives random scripts to the go statement and to random pools.
// Scripts that crash go to pools with a panic handler here, and to the others in
// TestCrashes.
func TestEndings(t *testing.T) {
	pools := 50_000
	if testing.Short() || raceEnabled {
		pools = 5_000
	}
	seed := uint64(os.Getpid())<<32 ^ rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	ends := map[string]int{}
	for i := range pools {
		s := newScript(random.IntN, 3)
		ends[observeAndCompare(t, s, random.IntN)]++
		if t.Failed() {
			t.Fatalf("seed %d, pool %d: %v", seed, i, s)
		}
	}
	for _, end := range []string{"returned", "exited", "panicked"} {
		assert.Greater(t, ends[end], pools/20, end)
	}
}

// FuzzEndings is TestEndings for the fuzzer, which chooses what is drawn.
func FuzzEndings(f *testing.F) {
	f.Add([]byte{1, 2, 7, 4, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		draw := func(n int) int {
			if len(data) == 0 {
				return 0
			}
			x := int(data[0]) % n
			data = data[1:]
			return x
		}
		observeAndCompare(t, newScript(draw, 3), draw)
	})
}

// observeAndCompare returns how s ends.
func observeAndCompare(t *testing.T, s script, draw func(int) int) string {
	want := observe(s)
	var (
		mu      sync.Mutex
		handled []any
		log     strings.Builder
	)
	var handler func(v any)
	goexits := draw(3) == 0
	if want.end == "panicked" || draw(2) == 0 {
		handler = func(v any) {
			mu.Lock()
			handled = append(handled, v)
			mu.Unlock()
			if goexits {
				runtime.Goexit()
			}
		}
	}
	p := pool.New(endingPool(draw, handler)...)
	way := submitterNames[draw(len(submitterNames))]
	before, tasks := draw(3), 1
	for range before {
		p.Go(func() {})
		tasks++
	}
	for range draw(2) {
		require.NoError(t, p.Drain(t.Context()))
	}
	if slices.Contains([]string{"TryGo", "Keyed", "Fair", "parallel", "Keyed, watched", "Fair, watched"}, way) { // a full pool would refuse it
		require.NoError(t, p.Drain(t.Context()))
	}
	submitters[way](p, func() { s.run(&log) })
	// The place is free: as many tasks as the limit allows run at a time.
	if places := p.Limit(); places != pool.NoLimit {
		var together sync.WaitGroup
		together.Add(places)
		for range places {
			tasks++
			p.Go(func() { together.Done(); together.Wait() })
		}
		together.Wait()
	}
	require.NoError(t, p.Drain(t.Context()))
	assert.Equal(t, want.log, log.String())
	if want.end == "panicked" {
		assert.Len(t, handled, 1)
		if len(handled) == 1 {
			assert.Equal(t, fmt.Sprint(want.value), fmt.Sprint(handled[0]))
		}
	} else {
		assert.Empty(t, handled)
	}
	stats := p.Stats()
	assert.Zero(t, stats.Workers)
	assert.Zero(t, stats.Queued)
	assert.Equal(t, int64(tasks), stats.Ended)
	assert.Equal(t, stats.Spawned, stats.Reaped+stats.Replaced+stats.Goexits)
	if way == "Go" && want.end == "exited" {
		assert.Equal(t, int64(1), stats.Goexits)
	}
	if room := p.Limit(); room != pool.NoLimit {
		accepted := 0
		hold := make(chan struct{})
		for range room {
			if p.TryGo(func() { <-hold }) {
				accepted++
			}
		}
		assert.Equal(t, room, accepted, "there is room in the backlog for what the limit lets run")
		close(hold)
		require.NoError(t, p.Drain(t.Context()))
	}
	return want.end
}

// Crashes: scripts that end in a panic that nobody takes, in pools without a
// panic handler. The program ends with status 2 and the panic's text, whoever
// waits, and however long it takes to print.

const crashEnv = "LFPOOL_TEST_CRASH"

// slow is an error whose text takes long to get: the crash is under way
// meanwhile.
type slow struct{ error }

func (s slow) Error() string {
	for range 200 {
		runtime.Gosched()
	}
	return s.error.Error()
}

// crash is what a child process does: one crash that some goroutine waits for, of
// a task or of the panic handler that has seen the task's panic.
func crash(seed uint64) {
	random := rand.New(rand.NewPCG(seed, 1))
	var s script
	for s == nil || observe(s).end != "panicked" {
		s = newScript(random.IntN, 3)
	}
	opts := endingPool(random.IntN, nil)
	p := pool.New(opts...)
	task := func() {
		defer func() {
			if v := recover(); v != nil {
				panic(slow{fmt.Errorf("crash of the script: %v", v)})
			}
		}()
		s.run(new(strings.Builder))
	}
	if random.IntN(2) == 0 {
		opts = append(opts, pool.WithPanicHandler(func(v any, _ []byte) { panic(v) }))
		p = pool.New(opts...)
	}
	told := func(who string) {
		fmt.Println("told:", who)
		os.Exit(0)
	}
	switch waiter := random.IntN(6); waiter {
	case 0:
		r := pool.Async(p, func() (int, error) { task(); return 0, nil })
		_, _ = r.Wait(context.Background())
		told("Async.Wait")
	case 1:
		g := lfpool.NewGroup(p)
		g.Go(func() error { task(); return nil })
		_ = g.Wait()
		told("Group.Wait")
	case 2:
		p.Go(task)
		_ = p.Drain(context.Background())
		told("Drain")
	case 3:
		p = pool.New(append(opts, pool.WithLimit(1), pool.WithBacklog(0))...)
		p.Go(task)
		p.Go(func() { told("the next task") }) // waits for room
		told("Go")
	case 4:
		p = pool.New(append(opts, pool.WithLimit(1))...)
		p.Go(task)
		p.Go(func() { told("the next task") })
		select {}
	case 5:
		p.Go(p.Then(task, func(pool.End) { told("Then") }))
		select {}
	}
}

func TestCrashes(t *testing.T) {
	if seed := os.Getenv(crashEnv); seed != "" {
		n, err := strconv.ParseUint(seed, 10, 64)
		require.NoError(t, err)
		crash(n)
		return
	}
	crashes := 200
	if testing.Short() || raceEnabled {
		crashes = 40
	}
	if runtime.GOOS == "js" || runtime.GOOS == "wasip1" {
		t.Skip("no processes there")
	}
	seed := rand.Uint64()
	var all sync.WaitGroup
	turns := make(chan struct{}, 2*runtime.GOMAXPROCS(0))
	for i := range crashes {
		all.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrashes$")
			cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", crashEnv, seed+uint64(i)))
			out, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			if !assert.ErrorAs(t, err, &exit, "seed %d: %s", seed+uint64(i), out) {
				return
			}
			assert.Equal(t, 2, exit.ExitCode(), "seed %d: %s", seed+uint64(i), out)
			assert.Contains(t, string(out), "crash of the script", "seed %d", seed+uint64(i))
			assert.True(t, bytes.Contains(out, []byte("pool_test.crash.func1")), "the task's own stack: %s", out)
		})
	}
	all.Wait()
}

// TestEndsAreTold: Then, as the groups and futures that are built on it, says how.
func TestEndsAreTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newScript(func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "n") }, 2)
		want := observe(s)
		returned := rapid.Bool().Draw(t, "the handler returns")
		p := pool.New(pool.WithPanicHandler(func(any, []byte) {
			if !returned {
				runtime.Goexit()
			}
		}))
		ends := make(chan pool.End, 2)
		p.Go(p.Then(func() { s.run(new(strings.Builder)) }, func(e pool.End) { ends <- e }))
		require.NoError(t, p.Drain(context.Background()))
		require.Len(t, ends, 1)
		end := (<-ends).String()
		if want.end == "panicked" && !returned {
			want.end = "exited"
		}
		assert.Equal(t, want.end, end)
	})
}
