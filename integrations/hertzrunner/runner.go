//go:build !386 && !arm && !windows

// Package hertzrunner runs the connections of Hertz servers in a pool.
//
// Hertz has no hook of its own. Its default transport is cloudwego/netpoll, and
// what it gives to netpoll's runner is its loop over the requests of a
// connection. So the pool replaces bytedance's gopool there, at no hand-over,
// and package netpollrunner's notes hold. What to watch for besides:
//
//   - A task is a connection, not a request: from its first request until it is
//     closed or has been idle for Hertz's IdleTimeout, 3 minutes by default,
//     and while it is idle, too. Whichever pool it is, it serves once a
//     connection, so it pays with many short connections. (With IdleTimeout 0
//     Hertz v0.10.4 closes a connection after each request: every request is a
//     task then, and a connection.)
//   - So a limit of the pool is one of connections, idle ones included, and
//     clients that keep n connections open keep everybody else out of a pool
//     with [pool.WithLimit](n).
//   - The standard transport, which Hertz uses for TLS and on Windows, starts
//     its goroutines with go statements. The pool is not asked.
//   - Panics of handlers: server.Default recovers them; after server.New they
//     reach the pool, which ends the program unless it has
//     [pool.WithPanicHandler]. gopool would have logged them.
package hertzrunner

import (
	"github.com/lfpool/lfpool/integrations/netpollrunner"
	"github.com/lfpool/lfpool/pool"
)

// Use makes p run the connections of all Hertz servers of the program, and all
// else that uses netpoll. It must be called before the first server runs. It
// panics if p is nil.
func Use(p *pool.Pool) error { return netpollrunner.Use(p) }
