// Package panics tells the library's packages whether a pool has a handler for its
// tasks' panics. Those that run a task elsewhere than in a worker must know: a
// panic that the pool does not handle is to end the program, and until it has, the
// task has not ended for others.
package panics

// handled is set by package pool, which the callers import: a method would be part
// of that package's API.
var handled func(p any) bool

// Use has Handled call f. Package pool calls it once, when the program starts.
func Use(f func(p any) bool) { handled = f }

// Handled reports whether p, a *pool.Pool, has a panic handler. Wait-free.
func Handled(p any) bool { return handled(p) }
