package lfpool

import (
	"context"
	"time"

	"github.com/lfpool/lfpool/pool"
)

// Pool is a pool of one's own: see [pool.Pool], where its methods are described. It
// is made by [New].
type Pool = pool.Pool

// Option sets up a pool: see [New].
type Option = pool.Option

// Stats is what a pool has done and has: see [pool.Stats].
type Stats = pool.Stats

// Shedding says when a pool refuses callers that wait: see [pool.Shedding].
type Shedding = pool.Shedding

// OverloadError is the error of a call that a pool with [WithShedding] has refused: see
// [pool.OverloadError].
type OverloadError = pool.OverloadError

// PanicError is the error of a function that panicked: see [Caught].
type PanicError = pool.PanicError

// Future is the result of a function that runs in a pool: see [pool.Future].
type Future[T any] = pool.Future[T]

// NoLimit, where a limit is asked for, lets a pool have any number of workers.
const NoLimit = pool.NoLimit

// ErrNoResult is the error of a function that ended without returning: see
// [pool.ErrNoResult].
var ErrNoResult = pool.ErrNoResult

// New makes a pool: see [pool.New]. What users of pools need is here too, so that a
// variable may be called pool; package pool has it all, and the parts that are there to
// be exchanged and compared.
func New(opts ...Option) *Pool { return pool.New(opts...) }

// WithLimit lets the pool run at most n tasks at a time; the others are queued: see
// [pool.WithLimit].
func WithLimit(n int) Option { return pool.WithLimit(n) }

// WithLimitPerProc sets the limit to x times GOMAXPROCS and keeps it so: see
// [pool.WithLimitPerProc].
func WithLimitPerProc(x float64) Option { return pool.WithLimitPerProc(x) }

// WithBacklog bounds how many tasks may be queued while the pool has a limit: see
// [pool.WithBacklog].
func WithBacklog(m int) Option { return pool.WithBacklog(m) }

// WithShedding refuses callers that wait for room too long: see [pool.WithShedding].
func WithShedding(s Shedding) Option { return pool.WithShedding(s) }

// WithTimes has the pool measure how long one task in n waits and runs: see
// [pool.WithTimes].
func WithTimes(n int) Option { return pool.WithTimes(n) }

// WithPanicHandler makes tasks' panics survivable: see [pool.WithPanicHandler].
func WithPanicHandler(h func(v any, stack []byte)) Option { return pool.WithPanicHandler(h) }

// WithName names a pool, for profiles and traces: see [pool.WithName].
func WithName(name string) Option { return pool.WithName(name) }

// WithIdleTimeout sets for how long a pool keeps workers that nobody needs: see
// [pool.WithIdleTimeout].
func WithIdleTimeout(d time.Duration) Option { return pool.WithIdleTimeout(d) }

// WithMaxTasksPerWorker has each worker hand over to a fresh goroutine after n tasks:
// see [pool.WithMaxTasksPerWorker].
func WithMaxTasksPerWorker(n int) Option { return pool.WithMaxTasksPerWorker(n) }

// WithStackReserve makes each worker keep a stack of n bytes: see
// [pool.WithStackReserve].
func WithStackReserve(n int) Option { return pool.WithStackReserve(n) }

// WithLinger says whether a worker that finds no task may look for one a little longer:
// see [pool.WithLinger].
func WithLinger(on bool) Option { return pool.WithLinger(on) }

// Async runs f in p and returns its result to come: see [pool.Async], which says when it
// blocks and what synchronizes with what.
func Async[T any](p *Pool, f func() (T, error)) *Future[T] { return pool.Async(p, f) }

// Call runs f in p and waits for its result, as long as ctx lets it: see [pool.Call].
func Call[T any](ctx context.Context, p *Pool, f func(context.Context) (T, error)) (T, error) {
	return pool.Call(ctx, p, f)
}

// Caught returns f with its panic as its error, a *[PanicError]: see [pool.Caught].
func Caught[T any](f func(context.Context) (T, error)) func(context.Context) (T, error) {
	return pool.Caught(f)
}

// DrainAll waits until nothing is queued or running in any of the pools, whose tasks may
// submit to each other: see [pool.DrainAll].
func DrainAll(ctx context.Context, pools ...*Pool) error { return pool.DrainAll(ctx, pools...) }
