//go:build !386 && !arm && !windows

// Package netpollrunner runs the callbacks of cloudwego/netpoll in a pool. It
// replaces netpoll's own, bytedance's gopool, and costs no hand-over: netpoll
// gives each OnConnect and OnRequest to a pool anyway. (For a go statement
// instead, netpoll has DisableGopool.)
//
// A callback is one task, and goes on for as long as its connection has unread
// input. What to watch for:
//
//   - Panics. gopool recovers a callback's panic and logs it; here it ends the
//     program, unless the pool has [pool.WithPanicHandler]. netpoll closes the
//     connection either way, and also after [runtime.Goexit].
//   - Limits. With [pool.WithLimit] callbacks wait for their turn, so a callback
//     that waits for its client keeps others out. With [pool.WithBacklog] the
//     poller itself waits, and then no connection is served: give the pool no
//     backlog.
//   - Contexts. A callback whose context is done runs all the same, for netpoll
//     would not serve the connection again otherwise. So there is no
//     [pool.Pool.GoContext] in here, and no pprof labels either.
package netpollrunner

import (
	"context"

	"github.com/cloudwego/netpoll"

	"github.com/lfpool/lfpool/pool"
)

// Use makes p run the callbacks of all connections of the program. It must be
// called before the first listener, dialer or event loop of netpoll is made,
// best in main: netpoll reads the setting without synchronization. It panics if
// p is nil.
func Use(p *pool.Pool) error {
	return netpoll.Configure(netpoll.Config{Runner: Runner(p)})
}

// Runner returns p in the form of the field Runner of [netpoll.Config], for
// programs that set other fields, too. It panics if p is nil.
func Runner(p *pool.Pool) func(ctx context.Context, f func()) {
	if p == nil {
		panic("netpollrunner: the pool is nil")
	}
	return func(_ context.Context, f func()) { p.Go(f) } // the context may be nil
}
