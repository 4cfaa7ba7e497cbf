// Package errgroupreplace shows how a program goes from
// golang.org/x/sync/errgroup to [lfpool.Group]. The program is package digest,
// before and after; its import and one call differ, and a test holds the two
// files to that.
//
// The methods are the same, and so are limits, the first error and the context.
// What to watch for:
//
//   - Panics. errgroup raises a task's panic in Wait... see TestPanic.
package errgroupreplace
