package handover

import (
	"context"
	"errors"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/lfpool/lfpool/lfpooltest"
	"github.com/lfpool/lfpool/pool"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, lfpooltest.Ignore(goleak.IgnoreAnyFunction)...)
}

func TestCallRunsInThePoolAndWaits(t *testing.T) {
	p := lfpooltest.New(t)
	ctx := pprof.WithLabels(context.Background(), pprof.Labels("who", "me"))
	ran := false
	assert.Zero(t, Call(ctx, p, func() { ran = p.Stats().Running == 1 }))
	assert.True(t, ran)
}

func deepInTheHandler() { panic(os.ErrPermission) }

func TestPanicIsRaisedAgain(t *testing.T) {
	p := lfpooltest.New(t)
	end := Call(context.Background(), p, deepInTheHandler)
	require.NotNil(t, end.Panic)
	assert.Equal(t, os.ErrPermission, end.Panic.Value)
	assert.Contains(t, string(end.Panic.Stack), "handover.deepInTheHandler(")
	assert.Contains(t, end.Panic.Error(), "handover.deepInTheHandler(")
	assert.ErrorIs(t, end.Panic, os.ErrPermission)
	assert.PanicsWithValue(t, end.Panic, end.Raise)

	outer := Call(context.Background(), p, func() { Call(context.Background(), p, deepInTheHandler).Raise() })
	require.NotNil(t, outer.Panic)
	assert.Equal(t, os.ErrPermission, outer.Panic.Value, "wrapped once")
	assert.Contains(t, string(outer.Panic.Stack), "handover.deepInTheHandler(")

	assert.IsType(t, new(runtime.PanicNilError), Call(context.Background(), p, func() { panic(nil) }).Panic.Value)
	assert.NoError(t, errors.Unwrap(Call(context.Background(), p, func() { panic("text") }).Panic))
}

func TestGoexitEndsTheCallerToo(t *testing.T) {
	p := lfpooltest.New(t)
	ended, returned := make(chan struct{}), false
	go func() {
		defer close(ended)
		Call(context.Background(), p, runtime.Goexit).Raise()
		returned = true
	}()
	<-ended
	assert.False(t, returned)
	assert.Zero(t, Call(context.Background(), p, func() {}), "the pool goes on")
}

func TestContextDoneBeforeTheCall(t *testing.T) {
	p := lfpooltest.New(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	assert.Equal(t, context.Canceled, Call(ctx, p, func() { t.Error("it runs") }).NotRun)
}

// TestContextDoneBeforeTheStart: a queued function that nobody waits for does
// not run, whether it waits for a worker or for room.
func TestContextDoneBeforeTheStart(t *testing.T) {
	for name, opts := range map[string][]pool.Option{
		"queued":           {pool.WithLimit(1)},
		"waiting for room": {pool.WithLimit(1), pool.WithBacklog(0)},
	} {
		t.Run(name, func(t *testing.T) {
			p := lfpooltest.New(t, opts...)
			started, release := make(chan struct{}), make(chan struct{})
			p.Go(func() {
				close(started)
				<-release
			})
			<-started
			ctx, cancel := context.WithCancel(context.Background())
			ends := make(chan End)
			go func() { ends <- Call(ctx, p, func() { t.Error("it runs") }) }()
			for s := p.Stats(); s.Queued+s.Waiting == 0; s = p.Stats() {
				runtime.Gosched()
			}
			cancel()
			assert.Equal(t, End{NotRun: context.Canceled}, <-ends)
			close(release)
			assert.Zero(t, Call(context.Background(), p, func() {}))
		})
	}
}

func TestContextDoneAfterTheStart(t *testing.T) {
	p := lfpooltest.New(t)
	ctx, cancel := context.WithCancel(context.Background())
	var last atomic.Bool
	end := Call(ctx, p, func() {
		cancel()
		for range 100 {
			runtime.Gosched() // let the caller see it
		}
		last.Store(true)
	})
	assert.Zero(t, end)
	assert.True(t, last.Load(), "Call has waited")
}

// TestCancelledMeanwhile: whether f runs and what Call says of it agree, at
// whatever instant the context is cancelled.
func TestCancelledMeanwhile(t *testing.T) {
	p := lfpooltest.New(t)
	ran, not := 0, 0
	for i := range 2000 {
		ctx, cancel := context.WithCancel(context.Background())
		p.Go(func() {
			for range i % 50 {
				runtime.Gosched()
			}
			cancel()
		})
		runs := false
		if end := Call(ctx, p, func() { runs = true }); runs {
			require.Zero(t, end)
			ran++
		} else {
			require.Equal(t, End{NotRun: context.Canceled}, end)
			not++
		}
	}
	t.Log(ran, "ran,", not, "did not")
}

func TestErrorNamesTheValueFirst(t *testing.T) {
	assert.True(t, strings.HasPrefix((&Panic{Value: 7}).Error(), "7\n"))
}
