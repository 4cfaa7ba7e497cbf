//go:build !386 && !arm && !windows

package netpollrunner_test

import (
	"context"
	"io"
	"net"
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

// BenchmarkEcho is a request of 64 bytes on loopback, with 16 clients in the
// same process. Deep and deeper callbacks need about 9 and 37 KiB of stack
// more.
func BenchmarkEcho(b *testing.B) {
	// netpoll has one runner for the process. What it calls is exchanged while
	// there is no connection.
	var run atomic.Pointer[func(func())]
	b.Cleanup(setUp)
	require.NoError(b, netpoll.Configure(netpoll.Config{Runner: func(_ context.Context, f func()) { (*run.Load())(f) }}))
	for _, bench := range []struct {
		name  string
		depth int
	}{{"shallow", 0}, {"deep", 60}, {"deeper", 240}} {
		for _, runner := range []struct {
			name string
			run  func(func())
		}{
			{"go", func(f func()) { go f() }},
			{"gopool", gopool.Go}, // netpoll's default
			{"lfpool", lfpool.Go},
		} {
			b.Run(bench.name+"/"+runner.name, func(b *testing.B) {
				run.Store(&runner.run)
				addr := serve(b, func(ctx context.Context, c netpoll.Connection) error {
					descend(bench.depth)
					return echo(ctx, c)
				})
				clients := make([]net.Conn, 16)
				for i := range clients {
					var err error
					clients[i], err = net.Dial("tcp", addr)
					require.NoError(b, err)
					defer clients[i].Close()
				}
				load.Run(b, len(clients), func(i int) error {
					text := make([]byte, 64)
					if _, err := clients[i].Write(text); err != nil {
						return err
					}
					_, err := io.ReadFull(clients[i], text)
					return err
				})
			})
		}
	}
}
