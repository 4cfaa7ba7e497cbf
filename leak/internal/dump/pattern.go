package dump

import (
	"slices"
	"strings"
)

// Pattern is a known way in which goroutines pile up.
type Pattern struct {
	Name    string `json:"name"`
	Matches string `json:"matches"` // what the goroutines look like
	Why     string `json:"why"`
	Cure    string `json:"cure"`

	match func(*Role) bool
	parts bool // what matches is a part of one thing, a connection: see akin
}

// Patterns returns the known patterns, the special ones before the general
// ones: a set of roles has the first pattern that one of its roles matches.
func Patterns() []Pattern { return slices.Clone(patterns) }

var patterns = []Pattern{
	{
		Name:    "gRPC server, clients that never close",
		Matches: "the reader, writer and keepalive of a gRPC server's connections",
		parts:   true,
		Why:     "each open connection holds three goroutines of the server, used or not, until the client closes it",
		Cure:    "clients: one ClientConn for each target, shared, and Close it; server: grpc.KeepaliveParams with MaxConnectionIdle and MaxConnectionAge",
		match: calls("google.golang.org/grpc/internal/transport.(*http2Server).HandleStreams",
			"google.golang.org/grpc/internal/transport.(*http2Server).keepalive",
			"google.golang.org/grpc/internal/transport.NewServerTransport",
			"google.golang.org/grpc/transport.(*http2Server).HandleStreams", // internal since grpc-go 1.14
			"google.golang.org/grpc/transport.(*http2Server).keepalive",
			"google.golang.org/grpc/transport.newHTTP2Server"),
	},
	{
		Name:    "gRPC client, connections never closed",
		Matches: "the reader, writer and helpers of a gRPC client's connections",
		parts:   true,
		Why:     "each ClientConn holds goroutines until its Close; one is made for each call or request",
		Cure:    "make one ClientConn for each target, share it, and Close it at the end",
		match: calls("google.golang.org/grpc/internal/transport.(*http2Client).",
			"google.golang.org/grpc/internal/transport.NewHTTP2Client",
			"google.golang.org/grpc/internal/transport.newHTTP2Client",
			"google.golang.org/grpc/transport.(*http2Client).",
			"google.golang.org/grpc/transport.newHTTP2Client",
			"google.golang.org/grpc.(*addrConn).",
			"google.golang.org/grpc.(*ccBalancerWrapper).watcher",
			"google.golang.org/grpc.(*ccResolverWrapper).watcher",
			"google.golang.org/grpc/internal/grpcsync.(*CallbackSerializer).run"),
	},
	{
		Name:    "HTTP client, response bodies never closed",
		Matches: "the reader and writer of a net/http client's connections",
		parts:   true,
		Why:     "a connection is used again only when the response's body has been read to its end and closed; otherwise each request opens another",
		Cure:    "defer resp.Body.Close() after each request; one http.Client for all; Transport.IdleConnTimeout and Client.Timeout",
		match: calls("net/http.(*persistConn).readLoop", "net/http.(*persistConn).writeLoop",
			"net/http.(*http2ClientConn).readLoop", "golang.org/x/net/http2.(*ClientConn).readLoop"),
	},
	{
		Name:    "HTTP server, connections left open",
		Matches: "a net/http server's connections that run no handler",
		Why:     "each open connection holds a goroutine until the client or a timeout ends it",
		Cure:    "http.Server with IdleTimeout, ReadHeaderTimeout and ReadTimeout",
		match: runs("net/http.(*conn).serve",
			"net/http.(*http2serverConn).readFrames", "golang.org/x/net/http2.(*serverConn).readFrames"),
	},
	{
		Name:    "sql.DB never closed",
		Matches: "the connection opener of database/sql",
		Why:     "each sql.DB holds a goroutine until its Close; one is opened for each request",
		Cure:    "open one sql.DB at the start and share it: it is a pool",
		match:   calls("database/sql.(*DB).connectionOpener"),
	},
	{
		Name:    "forgotten pool",
		Matches: "workers and reapers of lfpool that a goroutineleak profile has, or marks in debug=2",
		Why:     "nothing that can run refers to their pool any more, so that no task can come; and the pool's rule, idle.Never, keeps them",
		Cure:    "Drain the pool before its last reference goes; or leave out idle.Never, so that the workers end by themselves",
		match:   func(r *Role) bool { return r.Worker.Idle() && r.Leaked > 0 },
	},
	{
		Name:    "too many pools",
		Matches: "ten reapers of lfpool or more (idle.(*Reaper).Run)",
		Why:     "each pool that has workers has a reaper, so that many pools are in use, or not used any more: one is made for each request, mostly",
		Cure:    "one pool for the program, made at the start and shared (lfpool.Go has one); or Drain each when it has done, which those with idle.Never need in any case",
		match:   func(r *Role) bool { return r.Worker == Reaper && r.Count() >= minShared },
	},
	{
		Name:    "parked workers of lfpool",
		Matches: "workers without a task (pool.(*Worker).park)",
		Why:     "as many tasks ran at a time not long ago; or their pool's rule is idle.Never, which keeps its workers for ever",
		Cure:    "take another profile after 1.25 idle timeouts (12.5 s by default): those that are left are of a pool with another rule, which Drain or WithLimit makes smaller",
		match:   func(r *Role) bool { return r.Worker == Parked },
	},
	{
		Name:    "silent peer",
		Matches: "a read or write on a connection (IO wait)",
		Why:     "the other side neither sends nor closes, and nothing limits the wait",
		Cure:    "SetReadDeadline and SetWriteDeadline; TCP keepalive; close the connection when its owner ends",
		match:   waits("IO wait"),
	},
	{
		Name:    "forgotten cancel",
		Matches: "a goroutine that links a context to its parent, or waits in a select",
		Why:     "it ends when its context is done, or one of its channels is ready, and nobody sees to that: mostly a cancel function that is not called on every path",
		Cure:    "defer cancel() right after context.WithCancel; give the context a timeout; add a case <-ctx.Done() if the select has none (go vet: lostcancel)",
		match:   either(calls("context.(*cancelCtx).propagateCancel."), waits("select")),
	},
	{
		Name:    "nil channel",
		Matches: "a send or receive on a nil channel, or a select without cases",
		Why:     "it waits for ever: nothing can end it",
		Cure:    "make the channel before its use; return instead of select {}",
		match:   waits("chan receive (nil chan)", "chan send (nil chan)", "select (no cases)"),
	},
	{
		Name:    "unread channel",
		Matches: "a send on a channel (chan send)",
		Why:     "the receiver has gone, mostly after a timeout or an early return",
		Cure:    "room for the one result, make(chan T, 1), or select with case <-ctx.Done() beside the send",
		match:   waits("chan send"),
	},
	{
		Name:    "channel that nobody closes",
		Matches: "a receive from a channel (chan receive)",
		Why:     "no sender is left and nobody has closed the channel; or it is a ticker's, which Stop does not close",
		Cure:    "the sender closes the channel when it has done; or select with case <-ctx.Done() beside the receive",
		match:   waits("chan receive"),
	},
	{
		Name:    "sleeping ticker",
		Matches: "a sleep (time.Sleep)",
		Why:     "a loop that sleeps between rounds looks at nothing that could end it",
		Cure:    "a time.Ticker and a select with case <-ctx.Done() in place of time.Sleep",
		match:   waits("sleep"),
	},
	{
		Name:    "lock never released",
		Matches: "a wait for a mutex",
		Why:     "who holds the lock waits for something else, has returned without Unlock, or is too slow for so many",
		Cure:    "defer mu.Unlock(); hold no lock across I/O or channel operations; look for the holder among the other goroutines",
		match:   waits("sync.Mutex.Lock", "sync.RWMutex.Lock", "sync.RWMutex.RLock"),
	},
	{
		Name:    "missing Done",
		Matches: "a wait for a WaitGroup, condition or semaphore",
		Why:     "a goroutine that was waited for has left without Done, Signal or Release, or does not end itself",
		Cure:    "defer wg.Done(), or wg.Go; look among the other goroutines for those that do not end",
		match:   waits("sync.WaitGroup.Wait", "sync.Cond.Wait", "semacquire"),
	},
}

// patternOf returns the first pattern that a role of s matches, nil if none
// does.
func patternOf(s *Set) *Pattern {
	for i := range patterns {
		for j := range s.Roles {
			if patterns[i].match(&s.Roles[j]) {
				return &patterns[i]
			}
		}
	}
	return nil
}

// partOf returns the pattern of the thing that the role is a part of, or nil.
func (r *Role) partOf() *Pattern {
	for i := range patterns {
		if patterns[i].parts && patterns[i].match(r) {
			return &patterns[i]
		}
	}
	return nil
}

// calls matches a role whose stack has a function with one of these beginnings.
func calls(prefixes ...string) func(*Role) bool {
	return func(r *Role) bool {
		return slices.ContainsFunc(r.Stack, func(f Frame) bool {
			return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(f.Func, p) })
		})
	}
}

// runs matches a role that runs one of these functions.
func runs(entries ...string) func(*Role) bool {
	return func(r *Role) bool { return slices.Contains(entries, r.Entry) }
}

// waits matches a role most of whose goroutines wait for one of these.
func waits(reasons ...string) func(*Role) bool {
	return func(r *Role) bool { return slices.Contains(reasons, r.wait()) }
}

func either(a, b func(*Role) bool) func(*Role) bool {
	return func(r *Role) bool { return a(r) || b(r) }
}
