//go:build !386 && !arm && !windows

package netpollrunner_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"sync"
	"testing"

	"github.com/cloudwego/netpoll"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/lfpool/lfpool/integrations/netpollrunner"
	"github.com/lfpool/lfpool/lfpooltest"
	"github.com/lfpool/lfpool/pool"
)

func TestMain(m *testing.M) {
	setUp()
	// netpoll's pollers are never ended.
	goleak.VerifyTestMain(m, append(lfpooltest.Ignore(goleak.IgnoreAnyFunction),
		goleak.IgnoreAnyFunction("github.com/cloudwego/netpoll.(*defaultPoll).Wait"))...)
}

// serve returns the address of a server with that callback, for the duration of
// the test.
func serve(t testing.TB, onRequest netpoll.OnRequest) string {
	l, err := netpoll.CreateListener("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	loop, err := netpoll.NewEventLoop(onRequest)
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- loop.Serve(l) }()
	t.Cleanup(func() {
		assert.NoError(t, loop.Shutdown(context.Background()))
		assert.NoError(t, <-served)
	})
	return l.Addr().String()
}

func TestCallbacksRunInThePool(t *testing.T) {
	addr := serve(t, func(_ context.Context, c netpoll.Connection) error {
		stack := make([]byte, 1<<16)
		stack = stack[:runtime.Stack(stack, false)]
		if err := c.Reader().Skip(c.Reader().Len()); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(c, "%t\n", bytes.Contains(stack, []byte("lfpool/pool.(*runner)"))); err != nil {
			return err
		}
		return c.Writer().Flush()
	})
	var clients sync.WaitGroup
	for range 16 {
		clients.Go(func() {
			c, err := net.Dial("tcp", addr)
			if !assert.NoError(t, err) {
				return
			}
			defer c.Close()
			for range 50 {
				_, err := c.Write([]byte("x"))
				assert.NoError(t, err)
				answer := make([]byte, len("true\n"))
				_, err = io.ReadFull(c, answer)
				assert.NoError(t, err)
				assert.Equal(t, "true\n", string(answer))
			}
		})
	}
	clients.Wait()
}

// TestGoexitClosesTheConnection and no more: the next one is served.
func TestGoexitClosesTheConnection(t *testing.T) {
	addr := serve(t, func(ctx context.Context, c netpoll.Connection) error {
		if b, err := c.Reader().Peek(1); err == nil && b[0] == '!' {
			runtime.Goexit()
		}
		return echo(ctx, c)
	})
	for _, text := range []string{"!", "x"} {
		c, err := net.Dial("tcp", addr)
		require.NoError(t, err)
		_, err = c.Write([]byte(text))
		require.NoError(t, err)
		answer := make([]byte, 1)
		_, err = io.ReadFull(c, answer)
		if text == "!" {
			assert.Error(t, err)
		} else {
			assert.NoError(t, err)
			assert.Equal(t, "x", string(answer))
		}
		require.NoError(t, c.Close())
	}
}

// TestEveryCallbackRuns: also one with a context that is done, and one with
// none, as netpoll's mux.ShardQueue gives it.
func TestEveryCallbackRuns(t *testing.T) {
	run := netpollrunner.Runner(lfpooltest.New(t))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var wg sync.WaitGroup
	wg.Add(2)
	run(ctx, wg.Done)
	run(nil, wg.Done) //nolint:staticcheck // what is tested
	wg.Wait()
}

func TestPanicGoesToThePoolsHandler(t *testing.T) {
	values := make(chan any, 1)
	run := netpollrunner.Runner(lfpooltest.New(t, pool.WithPanicHandler(func(v any, _ []byte) { values <- v })))
	run(context.Background(), func() { panic("callback") })
	assert.Equal(t, "callback", <-values)
}

func TestNil(t *testing.T) {
	assert.Panics(t, func() { netpollrunner.Runner(nil) })
}
