// Package lfpool runs functions as the go statement does, on goroutines that
// are used again: [Go](f) has the meaning of go f() and costs less.
//
// It is unbounded, every task starts whatever the other tasks do, there is
// nothing to close, and no goroutine is left behind: a worker that nobody needs
// goes after 10 to 12.5 seconds. A goroutine that is used again has kept its
// grown stack, so a task with deep calls does not pay for growing it; and in a
// burst most tasks are taken from a lock-free queue by workers that are awake
// already, so they cost no goroutine start and no wake-up at all.
//
// [New] makes a pool of your own, with a limit and other options. A [Group] is
// errgroup's in a pool; [Call] and [Async] are for tasks with a result.
//
// Code that calls Go is tested like code that says go: in bubbles of
// testing/synctest, with -race, and with checks for leaks. The documentation of
// package pool says what a pool does there, and where a pool is not go.
package lfpool

import "github.com/lfpool/lfpool/pool"

var defaultPool = pool.New(pool.WithName("lfpool"))

// Go runs f in a goroutine of the default pool: see [pool.Pool.Go], which says
// what blocks (nothing), what synchronizes with what, and what panics and
// runtime.Goexit do (as in a goroutine of their own). Go panics if f is nil.
func Go(f func()) { defaultPool.Go(f) }

// Default returns the pool that [Go] uses. It has the default options and the
// name "lfpool", which profiles show. There is one for the whole program.
func Default() *Pool { return defaultPool }
