// Package nethttp moves handlers of net/http with deep calls to a pool.
//
// It replaces nothing: net/http has no hook for its goroutines, one for each
// connection of HTTP/1 and one for each request of HTTP/2. A [Handler] runs in
// the pool while that goroutine, which stays small, waits.
//
// That costs a hand-over there and back, which the package's benchmark Handover
// measures, and two goroutines for a request that is being handled. It pays
// where the calls are so deep that a fresh stack would have to grow, and the
// goroutine is fresh: with HTTP/2, and with connections of one or a few
// requests. With keep-alive connections of HTTP/1 the goroutine has kept its
// grown stack from the request before; then a pool saves memory only, that of
// the grown stacks of connections that are idle. Wrap the deep handlers, not the
// whole mux.
package nethttp

import (
	"net/http"

	"github.com/lfpool/lfpool/integrations/internal/handover"
	"github.com/lfpool/lfpool/pool"
)

// A Panic is what a handler's panic is raised with again in the goroutine that
// serves the request. Its text has the handler's stack, so that is in the log
// of http.Server, and whoever recovers finds the value.
type Panic = handover.Panic

// Handler returns a handler that runs h in p and returns when h has. It panics
// if p or h is nil.
//
//   - The ResponseWriter and the request are passed as they are: what else the
//     writer can do (http.Flusher, http.Hijacker, io.ReaderFrom, and what
//     http.ResponseController finds) h finds, too.
//   - If p has a limit, the request waits for its turn while its context lets it;
//     if the context is done first, h does not run, and the answer is 503. Once
//     h runs it is waited for, as net/http would, and has to watch the context
//     itself.
//   - A panic in h is raised again with a [*Panic], but http.ErrAbortHandler as
//     itself. runtime.Goexit in h ends the serving goroutine, too, which closes
//     the connection, as it does without a pool.
//   - An h that asks another handler of the same limited pool and waits keeps a
//     place that the other may need. Give p no limit then, or each its own pool.
func Handler(p *pool.Pool, h http.Handler) http.Handler {
	if p == nil || h == nil {
		panic("nethttp.Handler: the pool or the handler is nil")
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		end := handover.Call(r.Context(), p, func() { h.ServeHTTP(w, r) })
		switch {
		case end.NotRun != nil:
			http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
		case end.Panic != nil && end.Panic.Value == http.ErrAbortHandler:
			panic(http.ErrAbortHandler) // net/http compares it
		default:
			end.Raise()
		}
	})
}
