//go:build (linux || freebsd || dragonfly || netbsd || openbsd || darwin) && !386 && !arm

// Package gnetreply has handlers of gnet's connections run in a pool. gnet calls a
// handler in its event loop, where one that computes or waits keeps all connections of
// the loop waiting; its own cure is a pool of ants. A hand-over costs a task, so shallow
// handlers are better off in the loop.
//
// What to watch for:
//
//   - Bytes. What [gnet.Conn.Next] and Peek return is the loop's, and is used again when
//     OnTraffic returns: give the task a copy.
//   - Order. The tasks of a connection run one at a time and in order ([pool.Keyed]), so
//     its answers are in the order of its requests; those of different connections run
//     side by side.
//   - Limits. With [pool.WithBacklog] a submission could wait in the event loop, and no
//     connection of the loop would be served meanwhile: give the pool no backlog, or
//     close what is too much in OnTraffic, by [pool.Keyed.InFlight].
//   - Panics. One ends the program, as in the event loop, unless the pool has
//     [pool.WithPanicHandler]; then the connection gets no answer.
package gnetreply

import (
	"github.com/panjf2000/gnet/v2"

	"github.com/lfpool/lfpool/pool"
)

// Replier answers in a pool.
type Replier struct{ tasks *pool.Keyed[gnet.Conn] }

// New makes one that runs its tasks in p. It panics if p is nil.
func New(p *pool.Pool) *Replier { return &Replier{pool.NewKeyed[gnet.Conn](p)} }

// Reply runs answer in the pool, after the earlier ones of c, and sends what it returns.
// It does not wait for either. When that is sent, or cannot be, gnet calls sent in its
// event loop, if it is not nil.
func (r *Replier) Reply(c gnet.Conn, answer func() []byte, sent gnet.AsyncCallback) {
	r.tasks.Go(c, func() {
		// An error says that the connection is closed; gnet tells OnClose.
		_ = c.AsyncWrite(answer(), sent)
	})
}
