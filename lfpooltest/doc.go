// Package lfpooltest helps to test code that uses lfpool. It needs no module but
// the library's own.
//
// Most tests need none: in a test binary lfpool.Go works in bubbles of
// testing/synctest as the go statement does, and idle workers are gone within 20
// ms (package pool, "In tests and in race builds").
//
// # Goroutines that are left
//
// Leak checks that look again for some time, as goleak's do, find none. A check
// that looks once finds idle workers, and so does any check of a pool with an idle
// timeout of its own. Then either drain the pool at the end of the test, or ignore
// what a pool at rest has. A task that does not end is found both ways.
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
// Deferred calls run before cleanups, and [Drain] drains in a cleanup. So the check
// above is deferred by the test around the one that drains. A check that is itself a
// cleanup is registered before Drain is called.
//
// In TestMain: goleak.VerifyTestMain(m, lfpooltest.Ignore(goleak.IgnoreAnyFunction)...).
//
// # Bubbles
//
// A pool, the default one or another, serves a bubble with goroutines of the
// bubble's own, which end with their tasks.
//
//	func TestInBubble(t *testing.T) {
//		synctest.Test(t, func(t *testing.T) {
//			p := pool.New()
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
//	func TestDefaultPoolInBubble(t *testing.T) {
//		synctest.Test(t, func(t *testing.T) {
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
// A pool that is made in a bubble with an idle timeout of its own behaves as in
// production. A bubble must end without goroutines, and time in it stops when its
// function returns, so that pool must be empty by then: [New] makes one that is
// drained when the test ends.
package lfpooltest
