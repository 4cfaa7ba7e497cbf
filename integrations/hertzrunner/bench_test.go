//go:build !386 && !arm && !windows

package hertzrunner_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/bytedance/gopkg/util/gopool"
	"github.com/cloudwego/netpoll"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/integrations/internal/load"
)

//go:noinline
func descend(n int) byte {
	var frame [120]byte
	frame[n%len(frame)] = byte(n)
	if n > 0 {
		return descend(n-1) + frame[n%len(frame)]
	}
	return frame[0]
}

// BenchmarkServe is a request on loopback, with 16 clients in the same process.
// Deep handlers need about 9 KiB of stack more.
func BenchmarkServe(b *testing.B) {
	// netpoll has one runner for the process. What it calls is exchanged while
	// there is no connection.
	var run atomic.Pointer[func(func())]
	b.Cleanup(setUp)
	require.NoError(b, netpoll.Configure(netpoll.Config{Runner: func(_ context.Context, f func()) { (*run.Load())(f) }}))
	for _, bench := range []struct {
		name      string
		keepAlive bool
		path      string
	}{
		{"keepalive-deep", true, "/deep"},
		{"close-shallow", false, "/shallow"},
		{"close-deep", false, "/deep"},
	} {
		for _, runner := range []struct {
			name string
			run  func(func())
		}{
			{"go", func(f func()) { go f() }},
			{"gopool", gopool.Go}, // Hertz's default, which is netpoll's
			{"lfpool", lfpool.Go},
		} {
			b.Run(bench.name+"/"+runner.name, func(b *testing.B) {
				run.Store(&runner.run)
				url := serve(b) + bench.path
				clients := make([]*client, 16)
				for i := range clients {
					clients[i] = newClient(b)
					clients[i].disableKeepAlives(!bench.keepAlive)
				}
				load.Run(b, len(clients), func(i int) error {
					_, err := clients[i].get(url)
					return err
				})
			})
		}
	}
}
