// Package errgroupreplace shows how a program goes from
// golang.org/x/sync/errgroup to [lfpool.Group]. The program is package digest,
// before and after: the import and one call differ, and a test holds the two
// files to that.
//
// Methods, limits, the first error, the context and its cause are the same, and
// a task's panic ends the program in both. What to watch for:
//
//   - Profiler labels. A go statement passes on the labels that runtime/pprof
//     gave the caller's goroutine; those of a pool's worker are not the caller's.
//     Tasks that want labels set them, with pprof.Do.
//   - A group of a pool with [pool.WithLimit] has two limits, the pool's and its
//     own. The zero Group and [lfpool.WithContext] use the default pool, which
//     has none.
package errgroupreplace
