package pairs

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// together runs f in n goroutines that start at the same time, and returns how
// long it took from then to the end of the last. None starts before all run:
// goroutines that were merely made ready might run one after the other on one
// processor.
func together(n int, f func(i int)) time.Duration {
	var (
		arrived atomic.Int32
		begun   time.Time // written by the last to arrive, before it opens
		open    atomic.Bool
		done    sync.WaitGroup
	)
	for i := range n {
		done.Go(func() {
			if int(arrived.Add(1)) == n {
				begun = time.Now()
				open.Store(true)
			}
			for !open.Load() {
				runtime.Gosched()
			}
			f(i)
		})
	}
	done.Wait()
	return time.Since(begun)
}
