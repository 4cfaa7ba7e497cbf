// Package explore runs a few goroutines of lock-free code in every order that
// can make a difference.
//
// The code under test imports explore/atomic and explore/sync in place of
// sync/atomic and sync. A scenario makes the data, starts goroutines with
// [Run.Go], and says with [Run.Check] what must hold when they have returned:
//
//	explore.Test(t, func(x *explore.Run) {
//		var n atomic.Int32 // of explore/atomic
//		for range 2 {
//			x.Go("adder", func() { n.Store(n.Load() + 1) })
//		}
//		x.Check(func() error {
//			if n.Load() != 2 {
//				return fmt.Errorf("%d, want 2", n.Load())
//			}
//			return nil
//		})
//	})
//
// During an exploration one goroutine runs at a time. It stops before each
// operation of those packages, and the explorer chooses which goroutine goes
// on. What a goroutine does between two stops is one step. The scenario is run
// again and again, until all schedules have been tried that differ in the order
// of two steps on the same word of which one changes it. That is source-DPOR
// with sleep sets (Abdulla, Aronis, Jonsson and Sagonas 2014, after Flanagan
// and Godefroid 2005), and needs no bound. [Bound] limits the preemptions, and
// [PCT] runs random schedules with a known probability to find a bug (Burckhardt
// and others 2010), where a complete search takes too long.
//
// Code that keeps its go statements, waits for channels, and sleeps is explored in bubbles
// of testing/synctest: [Bubble], and [Clock] for time that passes.
//
// The search is complete for programs whose other memory accesses have no data
// race, as -race finds them; Go's atomics are sequentially consistent, so no
// more orders than these exist. README.md has examples and the limits.
package explore
