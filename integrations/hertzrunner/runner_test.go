//go:build !386 && !arm && !windows

package hertzrunner_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/common/config"
	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/hertz/pkg/network/standard"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/lfpooltest"
)

func TestMain(m *testing.M) {
	hlog.SetOutput(io.Discard)
	setUp()
	// netpoll's pollers and Hertz's clock are never ended.
	goleak.VerifyTestMain(m, append(lfpooltest.Ignore(goleak.IgnoreAnyFunction),
		goleak.IgnoreAnyFunction("github.com/cloudwego/netpoll.(*defaultPoll).Wait"),
		goleak.IgnoreAnyFunction("github.com/cloudwego/hertz/pkg/protocol.UpdateServerDate.func1"))...)
}

// serve returns the URL of a server that says whether it runs in the pool, for
// the duration of the test.
func serve(t testing.TB, opts ...config.Option) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	h := server.Default(append(opts, server.WithListener(l))...)
	h.GET("/pooled", func(_ context.Context, c *app.RequestContext) {
		stack := make([]byte, 1<<16)
		stack = stack[:runtime.Stack(stack, false)]
		c.String(http.StatusOK, fmt.Sprint(bytes.Contains(stack, []byte("lfpool/pool.(*runner)"))))
	})
	h.GET("/shallow", func(_ context.Context, c *app.RequestContext) { c.String(http.StatusOK, "%d", descend(0)) })
	h.GET("/deep", func(_ context.Context, c *app.RequestContext) { c.String(http.StatusOK, "%d", descend(60)) })
	h.GET("/panic", func(context.Context, *app.RequestContext) { panic("handler") })
	h.GET("/goexit", func(context.Context, *app.RequestContext) { runtime.Goexit() })
	url := "http://" + l.Addr().String()
	served := make(chan error, 1)
	go func() { served <- h.Run() }()
	c := newClient(t)
	_, err = c.get(url + "/pooled") // an answer says that Run has come so far
	require.NoError(t, err)
	c.CloseIdleConnections()
	t.Cleanup(func() {
		assert.NoError(t, h.Shutdown(context.Background()))
		assert.NoError(t, <-served)
	})
	return url
}

type client struct {
	http.Client
	connections atomic.Int64
}

func newClient(t testing.TB) *client {
	c := new(client)
	c.Transport = &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		c.connections.Add(1)
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func (c *client) disableKeepAlives(yes bool) { c.Transport.(*http.Transport).DisableKeepAlives = yes }

func (c *client) get(url string) (string, error) {
	resp, err := c.Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return fmt.Sprint(resp.StatusCode, " ", string(text)), err
}

func TestRequestsAreServedInThePool(t *testing.T) {
	url := serve(t)
	var clients sync.WaitGroup
	for range 16 {
		clients.Go(func() {
			c := newClient(t)
			for range 20 {
				text, err := c.get(url + "/pooled")
				assert.NoError(t, err)
				assert.Equal(t, "200 true", text)
			}
		})
	}
	clients.Wait()
}

func TestStandardTransportDoesNotAskThePool(t *testing.T) {
	url := serve(t, server.WithTransport(standard.NewTransporter))
	text, err := newClient(t).get(url + "/pooled") // closes its connection first: Shutdown waits for that
	require.NoError(t, err)
	assert.Equal(t, "200 false", text)
}

// TestATaskIsAConnection, and what IdleTimeout 0 does: the package comment says
// so.
func TestATaskIsAConnection(t *testing.T) {
	const requests = 10
	lfpooltest.Drain(t)
	for want, opts := range map[int][]config.Option{
		1:        nil,
		requests: {server.WithIdleTimeout(0)},
	} {
		t.Run(fmt.Sprint(want, " connections"), func(t *testing.T) {
			url := serve(t, opts...)
			require.NoError(t, lfpool.Default().Drain(context.Background()))
			before := lfpool.Default().Stats().Ended
			c := newClient(t)
			for range requests {
				text, err := c.get(url + "/pooled")
				require.NoError(t, err)
				require.Equal(t, "200 true", text)
			}
			if want == 1 {
				assert.Equal(t, 1, lfpool.Default().Stats().Running, "while the connection is idle")
			}
			c.CloseIdleConnections()
			require.NoError(t, lfpool.Default().Drain(context.Background()))
			assert.EqualValues(t, want, c.connections.Load())
			assert.EqualValues(t, want, lfpool.Default().Stats().Ended-before)
		})
	}
}

func TestPanicAndGoexit(t *testing.T) {
	url := serve(t)
	c := newClient(t)
	text, err := c.get(url + "/panic")
	require.NoError(t, err, "server.Default recovers it")
	assert.Equal(t, "500 ", text)
	_, err = c.get(url + "/goexit")
	require.Error(t, err, "the connection is closed")
	text, err = c.get(url + "/pooled")
	require.NoError(t, err)
	assert.Equal(t, "200 true", text)
}
