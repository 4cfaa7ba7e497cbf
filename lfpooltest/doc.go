// Package lfpooltest helps to test code that uses lfpool. It needs no module but
// the library's own.
//
// # Goroutines that are left
//
// A pool keeps workers for ten idle seconds, which leak checkers take for leaks.
// Either drain the pool at the end of the test, or ignore what a pool at rest
// has; a task that does not end is found both ways.
//
//	func TestDrained(t *testing.T) {
//		defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
//		t.Run("uses the default pool", func(t *testing.T) {
//			lfpooltest.Drain(t) // when this test ends
//			lfpool.Go(func() {})
//		})
//	}
//
//	func TestIgnored(t *testing.T) {
//		ignored := lfpooltest.Ignore(goleak.IgnoreAnyFunction)
//		defer goleak.VerifyNone(t, append(ignored, goleak.IgnoreCurrent())...)
//		lfpool.Go(func() {})
//	}
//
// In TestMain: goleak.VerifyTestMain(m, lfpooltest.Ignore(goleak.IgnoreAnyFunction)...).
//
// # Bubbles
//
// A bubble of testing/synctest must end without goroutines, and time in it stops
// when its function returns. So a pool that is made in a bubble must be empty by
// then: make it with [New], or drain it, or sleep until the reaper has ended its
// workers.
//
//	func TestInBubble(t *testing.T) {
//		synctest.Test(t, func(t *testing.T) {
//			p := lfpooltest.New(t)
//			begin := time.Now()
//			p.Go(func() { time.Sleep(time.Hour) }) // takes no time: the clock is fake
//			synctest.Wait()                        // all are blocked: the task sleeps
//			if n := p.Stats().Running; n != 1 {
//				t.Errorf("%d tasks run", n)
//			}
//			time.Sleep(2 * time.Hour)
//			if p.Stats().Running != 0 || time.Since(begin) != 2*time.Hour {
//				t.Errorf("%v, %v", p.Stats(), time.Since(begin))
//			}
//		})
//	}
//
// A pool must not be used both in a bubble and outside of it. That rules out
// lfpool.Go in code that bubbles test: the default pool is made when the program
// starts. Give such code a [pool.Pool], or its Go method as a func(func()). A
// worker belongs to the bubble in which it was started, or to none, and so do
// its channel, its clock and the tasks that it runs. What happens otherwise (Go
// 1.26, runtime/chan.go and runtime/synctest.go; the package's tests hold each):
//
//	used outside before, worker parked: it runs the task, outside of the bubble
//	  the task meets a channel or a
//	  WaitGroup of the bubble          the program ends: fatal error
//	  the bubble waits for the task    panic: all goroutines in bubble are blocked
//	  the task looks at the clock      nothing is said; it is the real one
//	used outside before, workers busy: a new one is started in the bubble
//	  the bubble's function returns    panic: blocked goroutines remain
//	used in the bubble only
//	  the bubble sleeps or waits       it hangs: the reaper waits for the pool's
//	                                   channel, which is none of the bubble's
//	  the bubble drains it             right; but the next Drain outside ends the
//	                                   program: fatal error
//	used in the bubble, worker parked, and then outside
//	  at once                          the program ends: fatal error
package lfpooltest
