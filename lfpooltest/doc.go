// Package lfpooltest helps to test code that uses lfpool. It needs no module but
// the library's own.
//
// # Goroutines that are left
//
// A pool keeps idle workers for 10 to 12.5 seconds, which leak checkers take for leaks.
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
// when its function returns. So a pool that is used in a bubble must be the
// bubble's own, and be empty by then. [New] makes one; it is drained when the
// test ends.
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
// Code that calls lfpool.Go uses the default pool, which is made when the
// program starts. [Isolate] gives a bubble another one; other bubbles, and what
// runs outside, see nothing of it.
//
//	func TestIsolated(t *testing.T) {
//		synctest.Test(t, func(t *testing.T) {
//			lfpooltest.Isolate(t)
//			begin := time.Now()
//			var g lfpool.Group // without a pool of its own: the default one
//			g.Go(func() error { time.Sleep(time.Hour); return nil })
//			lfpool.Go(func() { time.Sleep(time.Minute) })
//			if err := g.Wait(); err != nil || time.Since(begin) != time.Hour {
//				t.Errorf("%v, %v", err, time.Since(begin))
//			}
//		})
//	}
//
// In a test binary lfpool.Go panics in a bubble that has not called Isolate, and
// so do lfpool.Default and groups without a pool: the message says what to do.
// (Not in a binary that was told to run benchmarks and does not import this
// package.) In a program lfpool.Go calls the default pool through an interface,
// and no difference to the pool's own Go was found (bursts of 100, one of 2
// shared AMD EPYC cores, Go 1.26.8, 12 interleaved samples).
//
// A worker belongs to the bubble in which it was started, or to none, and so do
// its channel, its clock and the tasks that it runs. What happens to a pool that
// is used in a bubble and is not the bubble's own (Go 1.26, runtime/chan.go and
// runtime/synctest.go; the package's tests hold each):
//
//	used outside before, worker parked: it runs the task, outside of the bubble
//	  the task meets a channel or a
//	  WaitGroup of the bubble          the program ends: fatal error
//	  the bubble waits for the task    panic: all goroutines in bubble are blocked
//	  the task looks at the clock      nothing is said; it is the real one
//	used outside before, workers busy: a new one is started in the bubble
//	  the bubble's function returns    panic: blocked goroutines remain
//	used in the bubble only
//	  the bubble's function returns    panic: blocked goroutines remain
//	  the bubble drains it, or sleeps
//	  until the reaper is done         right, and so is its use outside afterwards
//	used in the bubble, worker parked, and then outside
//	  at once                          the program ends: fatal error
package lfpooltest
