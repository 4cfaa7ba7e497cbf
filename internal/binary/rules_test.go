package binary_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/internal/binary"
	"github.com/lfpool/lfpool/parallel"
	"github.com/lfpool/lfpool/pool"
	"github.com/lfpool/lfpool/pool/multi"
)

// Pools of the program, made outside of all bubbles, as libraries have them.
var (
	plain   = pool.New()
	limited = pool.New(pool.WithLimit(2))
	bounded = pool.New(pool.WithLimit(2), pool.WithBacklog(1))
	handled = pool.New(pool.WithName("handled"), pool.WithPanicHandler(func(any, []byte) {}))
	patient = pool.New(pool.WithIdleTimeout(time.Minute))
	spread  = multi.New(3, multi.RoundRobin)
	least   = multi.New(3, multi.LeastLoaded)
)

var programs = map[string]*pool.Pool{
	"default": lfpool.Default(), "plain": plain, "limited": limited, "bounded": bounded, "handled": handled, "patient": patient,
}

// ways are the ways to submit a task.
var ways = map[string]func(p *pool.Pool, f func()){
	"Go":        (*pool.Pool).Go,
	"TryGo":     func(p *pool.Pool, f func()) { p.TryGo(f) },
	"GoContext": func(p *pool.Pool, f func()) { _ = p.GoContext(context.Background(), func(context.Context) { f() }) },
	"Async":     func(p *pool.Pool, f func()) { pool.Async(p, func() (int, error) { f(); return 0, nil }) },
	"Group":     func(p *pool.Pool, f func()) { lfpool.NewGroup(p).Go(func() error { f(); return nil }) },
}

// TestBubbleIsAsWithGo: fake time, synctest.Wait and the end of the bubble work
// with every pool and every way to submit, warm or cold.
func TestBubbleIsAsWithGo(t *testing.T) {
	for name, p := range programs {
		for way, submit := range ways {
			t.Run(name+"/"+way, func(t *testing.T) {
				outside := make(chan struct{})
				t.Cleanup(func() {
					assert.NoError(t, p.Drain(context.Background()))
					assert.Zero(t, p.Stats().Workers)
				})
				defer close(outside)
				p.Go(func() { <-outside }) // a worker that is busy elsewhere
				p.Go(func() {})            // one that may be parked
				for range 2 {
					synctest.Test(t, func(t *testing.T) {
						begin, inner := time.Now(), make(chan struct{})
						var ended atomic.Bool
						submit(p, func() {
							time.Sleep(time.Hour)
							p.Go(func() { time.Sleep(time.Hour); close(inner) })
							ended.Store(true)
						})
						synctest.Wait()
						assert.False(t, ended.Load())
						time.Sleep(time.Hour)
						synctest.Wait()
						assert.True(t, ended.Load())
						<-inner
						assert.Equal(t, 2*time.Hour, time.Since(begin))
						submit(p, func() { time.Sleep(time.Hour) })
						require.NoError(t, p.Drain(t.Context()))
						assert.Equal(t, 3*time.Hour, time.Since(begin), "Drain waits for the bubble's tasks")
					})
				}
			})
		}
	}
}

func TestGroupsOfTheDefaultPoolInABubble(t *testing.T) {
	failed := errors.New("failed")
	synctest.Test(t, func(t *testing.T) {
		g, ctx := lfpool.WithContext(t.Context())
		g.Go(func() error { <-ctx.Done(); return nil })
		g.Go(func() error { time.Sleep(time.Hour); return failed })
		assert.ErrorIs(t, g.Wait(), failed)
		r := pool.Async(lfpool.Default(), func() (int, error) { time.Sleep(time.Hour); return 7, nil })
		seven, err := r.Wait(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, 7, seven)
		spread.Go(func() { time.Sleep(time.Hour) })
		assert.NoError(t, spread.Drain(t.Context()))
	})
}

// TestLimitsHoldInABubble: the bubble has places and a backlog of its own.
func TestLimitsHoldInABubble(t *testing.T) {
	outside := make(chan struct{})
	for range 3 {
		bounded.Go(func() { <-outside })
	}
	require.False(t, bounded.TryGo(func() {}), "full outside")
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int32
		task := func() {
			most.Store(max(most.Load(), running.Add(1)))
			time.Sleep(time.Second)
			running.Add(-1)
		}
		for range 3 {
			require.True(t, bounded.TryGo(task))
		}
		assert.False(t, bounded.TryGo(task))
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		assert.ErrorIs(t, bounded.GoContext(ctx, func(context.Context) {}), context.DeadlineExceeded)
		begin := time.Now()
		for range 7 {
			bounded.Go(task)
		}
		require.NoError(t, bounded.Drain(t.Context()))
		assert.Equal(t, 5*time.Second, time.Since(begin).Round(time.Second))
		assert.Equal(t, int32(2), most.Load())
		bounded.SetLimit(4) // the bubble's own
		assert.Equal(t, 4, bounded.Limit())
	})
	assert.Equal(t, 2, bounded.Limit())
	close(outside)
	require.NoError(t, bounded.Drain(t.Context()))
}

// TestPoolMadeInABubble leaves nothing behind with default options, in whatever
// state, and serves other bubbles and the program as well.
func TestPoolMadeInABubble(t *testing.T) {
	for _, opts := range [][]pool.Option{nil, {pool.WithLimit(1)}, {pool.WithHandOff()}, {pool.WithName("n"), pool.WithMaxTasksPerWorker(2)}} {
		var p *pool.Pool
		use := func(t *testing.T) {
			var ended atomic.Int32
			for range 5 {
				p.Go(func() { time.Sleep(time.Millisecond); ended.Add(1); p.Go(func() {}) })
				time.Sleep(2 * time.Millisecond)
			}
			assert.Equal(t, int32(5), ended.Load())
		}
		synctest.Test(t, func(t *testing.T) {
			p = pool.New(opts...)
			use(t)
		})
		synctest.Test(t, func(t *testing.T) { use(t) })
		done := make(chan struct{})
		p.Go(func() { close(done) })
		<-done
		require.NoError(t, p.Drain(t.Context()))
		s := p.Stats()
		assert.Equal(t, int64(2*10+1), s.Ended)
		assert.Zero(t, s.Workers)
	}
}

// TestPoolWithAnIdleTimeoutInABubble behaves as in production, unless the race
// detector needs the tasks apart.
func TestPoolWithAnIdleTimeoutInABubble(t *testing.T) {
	if binary.Race {
		t.Skip("a pool keeps no worker in a race build")
	}
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithIdleTimeout(time.Second))
		p.Go(func() {})
		synctest.Wait()
		assert.Equal(t, 1, p.Stats().Idle)
		time.Sleep(1250 * time.Millisecond)
		synctest.Wait()
		assert.Zero(t, p.Stats().Workers)
	})
}

// TestStuckBubbleIsTold: the bubble's own message, at once.
func TestStuckBubbleIsTold(t *testing.T) {
	for name, p := range programs {
		if out := child(t, "stuck bubble", name); true {
			assert.Contains(t, out, "deadlock: all goroutines in bubble are blocked", "%s, %v", name, p.Name())
		}
	}
}

// TestManyBubbles: pools do not grow with the bubbles that have used them, and
// bubbles at the same time see nothing of each other.
func TestManyBubbles(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := programs[rapid.SampledFrom([]string{"default", "plain", "limited", "handled"}).Draw(rt, "pool")]
		pauses := rapid.SliceOfN(rapid.IntRange(0, 5), 1, 20).Draw(rt, "pauses")
		var all sync.WaitGroup
		for range rapid.IntRange(1, 4).Draw(rt, "bubbles") {
			all.Go(func() {
				t.Run("", func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						var ended atomic.Int32
						for _, pause := range pauses {
							p.Go(func() {
								time.Sleep(time.Duration(pause) * time.Second)
								p.Go(func() { ended.Add(1) })
							})
						}
						time.Sleep(time.Duration(6*len(pauses)) * time.Second)
						synctest.Wait()
						assert.Equal(t, int32(len(pauses)), ended.Load())
					})
				})
			})
		}
		all.Wait()
		s := p.Stats()
		assert.Equal(rt, s.Spawned, int64(s.Workers)+s.Reaped+s.Replaced+s.Goexits)
	})
}

// TestNothingIsLeft for a leak check that looks again, as goleak does: with no
// option, after each way to submit.
func TestNothingIsLeft(t *testing.T) {
	for name, p := range programs {
		if name == "patient" {
			continue // it was told to keep its workers
		}
		for way, submit := range ways {
			var all sync.WaitGroup
			for range 20 {
				all.Add(1)
				submit(p, all.Done)
				if p == bounded {
					all.Wait() // there is room for each
				}
			}
			all.Wait()
			assert.NoError(t, goleak.Find(), "%s, %s", name, way)
		}
	}
	assert.NoError(t, patient.Drain(t.Context()))
	assert.NoError(t, goleak.Find())
}

// Children: what needs a process of its own.

const childEnv = "LFPOOL_TEST_CHILD"

// child runs the named child of this test binary and returns what it prints.
func child(t *testing.T, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestChild$", "-test.timeout=50s")
	cmd.Env = append(os.Environ(), childEnv+"="+strings.Join(append([]string{name}, args...), "|"), "GORACE=halt_on_error=0")
	out, _ := cmd.CombinedOutput()
	return string(out)
}

func TestChild(t *testing.T) {
	name, arg, _ := strings.Cut(os.Getenv(childEnv), "|")
	switch name {
	case "":
		t.Skip("it is for child processes")
	case "stuck bubble":
		synctest.Test(t, func(t *testing.T) {
			p := programs[arg]
			p.Go(func() {})
			never := make(chan struct{})
			p.Go(func() { <-never })
			<-never
		})
	case "race":
		way, shape, _ := strings.Cut(arg, "|")
		race(racing[way], shape)
	default:
		t.Fatalf("no child is called %q", name)
	}
}

// racing are ways to submit in which tasks are as apart as goroutines.
var racing = func() map[string]func(func()) {
	all := map[string]func(func()){
		"go":     func(f func()) { go f() },
		"lfpool": lfpool.Go,
		"multi":  spread.Go,
		"least":  least.Go,
		"errors": func(f func()) { new(lfpool.Group).Go(func() error { f(); return nil }) },
	}
	var group parallel.Group
	all["parallel"] = func(f func()) { group.Go(func() error { f(); return nil }) }
	keyed := pool.NewKeyed[uint64](plain)
	all["Keyed, a key each"] = func(f func()) { keyed.Go(rand.Uint64(), f) }
	pools := map[string]*pool.Pool{
		"plain": plain, "handled": handled, "hand-off": pool.New(pool.WithHandOff()), "replaced": pool.New(pool.WithMaxTasksPerWorker(1)),
		"backlog": pool.New(pool.WithLimit(pool.NoLimit), pool.WithBacklog(100)), "never": pool.New(pool.WithStackReserve(1 << 14)),
	}
	for name, p := range pools {
		for way, submit := range ways {
			all[name+"/"+way] = func(f func()) { submit(p, f) }
		}
	}
	return all
}()

// race has tasks, or a task and its submitter, race on n.
func race(submit func(func()), shape string) {
	n := 0
	switch shape {
	case "counter": // the classic
		var wg sync.WaitGroup
		for range 100 {
			wg.Add(1)
			submit(func() { defer wg.Done(); n++ })
		}
		wg.Wait()
	case "caller": // the submitter goes on to use what the task uses
		submit(func() { n++ })
		time.Sleep(10 * time.Millisecond)
		n++
	case "apart": // tasks with pauses between, as requests of a server have
		for range 5 {
			submit(func() { n++ })
			time.Sleep(10 * time.Millisecond)
		}
	case "submitters": // tasks of two submitters
		for range 2 {
			go submit(func() { n++ })
			time.Sleep(10 * time.Millisecond)
		}
	case "around": // two submitters, of which one goes on to use what the other used before
		for _, first := range []bool{true, false} {
			go func() {
				if first {
					n++
				}
				submit(func() { select {} })
				if !first {
					n++
				}
			}()
			time.Sleep(10 * time.Millisecond)
		}
	case "future": // its function runs in a goroutine of its own, although the one that waits comes first
		runtime.GOMAXPROCS(1)
		r := parallel.Async(plain, func() (int, error) { n++; return n, nil })
		n++
		_, _ = r.Wait(context.Background())
	case "exits":
		for range 3 {
			submit(func() { n++; runtime.Goexit() })
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// TestRacesAreSeen: the race detector sees each, in every way to submit.
func TestRacesAreSeen(t *testing.T) {
	if !binary.Race {
		t.Skip("needs the race detector")
	}
	var all sync.WaitGroup
	turns := make(chan struct{}, 2*runtime.GOMAXPROCS(0))
	all.Go(func() {
		assert.Contains(t, child(t, "race", "go", "future"), "WARNING: DATA RACE", "parallel.Async")
	})
	for way := range racing {
		for _, shape := range []string{"counter", "caller", "apart", "submitters", "around", "exits"} {
			if testing.Short() && shape != "apart" && shape != "caller" {
				continue
			}
			all.Go(func() {
				turns <- struct{}{}
				defer func() { <-turns }()
				out := child(t, "race", way, shape)
				assert.Contains(t, out, "WARNING: DATA RACE", "%s, %s", way, shape)
			})
		}
	}
	all.Wait()
}

// TestNoFalseAlarm: what a pool promises to order is ordered. The race detector
// is the judge.
func TestNoFalseAlarm(t *testing.T) {
	for name, p := range programs {
		for way, submit := range ways {
			n := 0
			for range 20 {
				n++
				submit(p, func() { n++; p.Go(func() { n++ }) })
				require.NoError(t, p.Drain(t.Context()))
				n++
				_ = p.Stats()
			}
			assert.Equal(t, 20*4, n, "%s, %s", name, way)
		}
		fresh := pool.New(pool.WithLimit(2))
		var lookers sync.WaitGroup
		for range 2 {
			lookers.Go(func() {
				for range 100 {
					_, _ = fresh.Stats(), fresh.InFlight()
				}
			})
		}
		fresh.Go(func() {})
		lookers.Wait()
		require.NoError(t, fresh.Drain(t.Context()))
		r := pool.Async(p, func() (int, error) { return 1, nil })
		v, err := r.Wait(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, 1, v)
		var submitters sync.WaitGroup
		for range 4 {
			submitters.Go(func() {
				for range 100 {
					g := lfpool.NewGroup(p)
					sum := 0
					g.Go(func() error { sum++; return nil })
					assert.NoError(t, g.Wait())
					sum++
				}
			})
		}
		submitters.Wait()
		p.SetLimit(1)
		var all sync.WaitGroup
		for range 20 {
			all.Add(1)
			p.Go(all.Done)
		}
		all.Wait()
		p.SetLimit(pool.NoLimit)
		require.NoError(t, p.Drain(t.Context()))
		if p == limited || p == bounded {
			p.SetLimit(2)
		}
	}
}

// TestALimitOfOneOrdersTasks, however they end, for the race detector as well.
func TestALimitOfOneOrdersTasks(t *testing.T) {
	one := pool.New(pool.WithLimit(1), pool.WithPanicHandler(func(any, []byte) {}))
	ends := []func(){func() {}, runtime.Goexit, func() { panic("handled") }}
	const submitters, each = 4, 300
	n := 0
	var all sync.WaitGroup
	for range submitters {
		all.Go(func() {
			for i := range each {
				one.Go(func() { n++; ends[i%len(ends)]() })
			}
		})
	}
	all.Wait()
	require.NoError(t, one.Drain(t.Context()))
	assert.Equal(t, submitters*each, n)
}
