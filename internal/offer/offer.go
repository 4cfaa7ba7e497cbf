// Package offer offers tasks to a pool that nobody misses if the pool refuses
// them: the caller does the work itself, or asks another pool. Such a refusal is
// no load that the program has turned away, and does not stand in the pool's
// figures.
package offer

// to is set by package pool, which the callers import: a method would be part of
// that package's API.
var to func(p any, f func()) bool

// Use has To call f. Package pool calls it once, when the program starts.
func Use(f func(p any, f func()) bool) { to = f }

// To gives f to p, a *pool.Pool, unless p has no room, and reports whether it
// did. It never blocks.
func To(p any, f func()) bool { return to(p, f) }
