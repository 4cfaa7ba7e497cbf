package lfpooltest_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/pool"
)

// program is a pool that no bubble owns: the default pool, taken before there
// is any bubble, so that using it in one is not refused.
var program = lfpool.Default()

// bubbles is what happens when a pool is used inside and outside of a bubble.
// Each case is a process of its own, for most end it. The reasons are in the
// package comment, whose table has the names.
var bubbles = map[string]struct {
	run  func(*testing.T)
	want string // what the process says at its end
	ok   bool
}{
	"outside, then a bubble: the task meets a channel of the bubble": {func(t *testing.T) {
		use(program)
		parkedOutside()
		synctest.Test(t, func(*testing.T) {
			done := make(chan struct{})
			program.Go(func() { close(done) })
			spin()
		})
	}, "(fatal error|panic): close of synctest channel from outside bubble", false},

	"outside, then a bubble: the task meets a WaitGroup of the bubble": {func(t *testing.T) {
		use(program)
		parkedOutside()
		synctest.Test(t, func(*testing.T) {
			var wg sync.WaitGroup
			wg.Add(1)
			program.Go(wg.Done)
			spin()
		})
	}, "fatal error: sync: WaitGroup.Add called from inside and outside synctest bubble", false},

	"outside, then a bubble: the bubble waits for the task": {func(t *testing.T) {
		use(program)
		parkedOutside()
		never := make(chan struct{})
		synctest.Test(t, func(*testing.T) {
			done := make(chan struct{})
			program.Go(func() {
				<-never
				close(done)
			})
			<-done
		})
	}, "panic: deadlock: all goroutines in bubble are blocked", false},

	"outside, then a bubble: the task looks at the clock": {func(t *testing.T) {
		use(program)
		parkedOutside()
		synctest.Test(t, func(*testing.T) {
			var at atomic.Pointer[time.Time]
			program.Go(func() { now := time.Now(); at.Store(&now) })
			for at.Load() == nil {
				runtime.Gosched()
			}
			fmt.Println("fake clock in the bubble:", time.Now().Year() == 2000, "and in the task:", at.Load().Year() == 2000)
		})
	}, "fake clock in the bubble: true and in the task: false\nPASS", true},

	"outside and busy, then a bubble": {func(t *testing.T) {
		release, started := make(chan struct{}), make(chan struct{})
		defer close(release)
		program.Go(func() {
			close(started)
			<-release
		})
		<-started
		synctest.Test(t, func(*testing.T) { use(program) })
	}, "panic: deadlock: main bubble goroutine has exited but blocked goroutines remain", false},

	"first in a bubble, then outside while the bubble is there": {func(t *testing.T) {
		use := func() { use(program) }
		parked := make(chan struct{})
		go func() {
			<-parked
			use()
		}()
		synctest.Test(t, func(*testing.T) {
			use()
			for program.Stats().Idle == 0 {
				runtime.Gosched()
			}
			close(parked)
			spin()
		})
	}, "(fatal error|panic): send on synctest channel from outside bubble", false},

	"at rest, a bubble that returns": {func(t *testing.T) {
		synctest.Test(t, func(*testing.T) { use(program) })
	}, "panic: deadlock: main bubble goroutine has exited but blocked goroutines remain", false},

	"at rest, a bubble that sleeps, then outside": {func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			use(program)
			time.Sleep(idle.ShrinkBound(pool.DefaultIdleTimeout))
			synctest.Wait()
			assert.Zero(t, program.Stats().Workers)
		})
		use(program)
		assert.Equal(t, int64(2), program.Stats().Spawned)
	}, "PASS", true},

	"at rest, a bubble that drains it, then drained outside": {func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			use(program)
			require.NoError(t, program.Drain(context.Background()))
		})
		use(program)
		require.NoError(t, program.Drain(context.Background()))
	}, "PASS", true},

	"lfpool.Go": {func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { lfpool.Go(func() {}) })
	}, `panic: lfpool: the default pool is used in a bubble .*: call lfpooltest.Isolate\(t\)`, false},

	"lfpool.Default": {func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { lfpool.Default() })
	}, `panic: lfpool: the default pool is used in a bubble .*: call lfpooltest.Isolate\(t\)`, false},

	"a group without a pool": {func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var g lfpool.Group
			g.Go(func() error { return nil })
		})
	}, `panic: lfpool: the default pool is used in a bubble .*: call lfpooltest.Isolate\(t\)`, false},

	"of the bubble": {func(t *testing.T) {
		synctest.Test(t, func(*testing.T) { use(pool.New()) })
	}, "panic: deadlock: main bubble goroutine has exited but blocked goroutines remain", false},

	"of the bubble, and it drains it": {func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := pool.New()
			use(p)
			require.NoError(t, p.Drain(t.Context()))
		})
	}, "PASS", true},

	"of the bubble, and it sleeps": {func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := pool.New()
			use(p)
			time.Sleep(idle.ShrinkBound(pool.DefaultIdleTimeout))
			synctest.Wait()
			assert.Zero(t, p.Stats().Workers)
		})
	}, "PASS", true},
}

// use runs one task and waits for it.
func use(p *pool.Pool) {
	var wg sync.WaitGroup
	wg.Add(1)
	p.Go(wg.Done)
	wg.Wait()
}

// spin waits for the end of the process without blocking: a bubble all of whose
// goroutines are blocked ends another way, and the runtime may lock up if both
// happen at once.
func spin() {
	for {
		runtime.Gosched()
	}
}

// parkedOutside waits until a worker of the program's pool is parked.
func parkedOutside() {
	for program.Stats().Idle == 0 {
		runtime.Gosched()
	}
}

const bubbleCase = "LFPOOLTEST_BUBBLE"

func TestBubbles(t *testing.T) {
	for name, c := range bubbles {
		t.Run(name, func(t *testing.T) {
			if os.Getenv(bubbleCase) != "" {
				t.Skip("a child")
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			child := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestBubble$")
			child.Env = append(os.Environ(), bubbleCase+"="+name, "GORACE=atexit_sleep_ms=0")
			out, err := child.CombinedOutput()
			assert.Regexp(t, c.want, string(out))
			assert.Equal(t, c.ok, err == nil, "%v\n%s", err, out)
		})
	}
}

// TestBubble is one case, in the child.
func TestBubble(t *testing.T) {
	name := os.Getenv(bubbleCase)
	if name == "" {
		t.Skip("TestBubbles runs it in a process of its own")
	}
	require.Contains(t, bubbles, name)
	bubbles[name].run(t)
}
