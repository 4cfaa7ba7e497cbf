package sync

import (
	"math/bits"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/lfpool/lfpool/explore"
	watched "github.com/lfpool/lfpool/explore/atomic"
)

// WaitGroup is sync's WaitGroup.
type WaitGroup struct {
	wg sync.WaitGroup
	n  atomic.Int64
}

// State is for the explorer: bit 0 is set if the count is 0.
func (wg *WaitGroup) State() uint64 {
	if wg.n.Load() == 0 {
		return free
	}
	return 0
}

// Add adds to the count. It panics if that makes it negative.
func (wg *WaitGroup) Add(delta int) {
	if _, over := explore.Wait(unsafe.Pointer(wg), wg, 0); !over {
		wg.wg.Add(delta)
		wg.n.Add(int64(delta))
	}
}

// Done takes 1 off the count.
func (wg *WaitGroup) Done() { wg.Add(-1) }

// Wait blocks until the count is 0.
func (wg *WaitGroup) Wait() {
	if _, over := explore.Wait(unsafe.Pointer(wg), wg, free); !over {
		wg.wg.Wait()
	}
}

// Go calls f in a new goroutine, as explore.Go does, and counts it until f has
// returned.
func (wg *WaitGroup) Go(f func()) {
	wg.Add(1)
	explore.Go(func() {
		defer wg.Done()
		f()
	})
}

// Once is sync's Once.
type Once struct {
	done watched.Uint32
	m    Mutex
}

// Do calls f if no call of Do has done so before, and returns when that f has
// returned.
func (o *Once) Do(f func()) {
	if o.done.Load() != 0 {
		return
	}
	o.m.Lock()
	defer o.m.Unlock()
	if o.done.Load() == 0 {
		defer o.done.Store(1)
		f()
	}
}

// OnceFunc returns a function that calls f once. If f panics, each call panics
// with the same value.
func OnceFunc(f func()) func() {
	once := OnceValue(func() struct{} { f(); return struct{}{} })
	return func() { once() }
}

// OnceValue returns a function that calls f once and returns its value. If f
// panics, each call panics with the same value.
func OnceValue[T any](f func() T) func() T {
	once := OnceValues(func() (T, struct{}) { return f(), struct{}{} })
	return func() T { v, _ := once(); return v }
}

// OnceValues returns a function that calls f once and returns its values. If f
// panics, each call panics with the same value.
func OnceValues[T1, T2 any](f func() (T1, T2)) func() (T1, T2) {
	var (
		once     Once
		returned bool
		panicked any
		v1       T1
		v2       T2
	)
	return func() (T1, T2) {
		once.Do(func() {
			defer func() {
				if !returned {
					panicked = recover()
				}
			}()
			v1, v2 = f()
			returned = true
		})
		if !returned {
			panic(panicked)
		}
		return v1, v2
	}
}

// Cond is sync's Cond. Signal wakes the one that has waited longest.
type Cond struct {
	L Locker

	once    sync.Once
	c       *sync.Cond
	waiting uint64 // in an exploration: places in use, a bit for each
	woken   uint64
	queue   []int // places, the longest wait first
}

// NewCond returns a Cond with the locker l.
func NewCond(l Locker) *Cond { return &Cond{L: l} }

func (c *Cond) cond() *sync.Cond {
	c.once.Do(func() { c.c = sync.NewCond(c.L) })
	return c.c
}

// State is for the explorer: the places whose goroutines have been woken.
func (c *Cond) State() uint64 { return c.woken }

// Wait unlocks c.L, blocks until it is woken by Signal or Broadcast, and locks
// c.L. No more than 64 goroutines can wait at once in an exploration.
func (c *Cond) Wait() {
	isWatched, over := explore.Wait(unsafe.Pointer(c), c, 0)
	switch {
	case over:
		return
	case !isWatched:
		c.cond().Wait()
		return
	}
	place := bits.TrailingZeros64(^c.waiting)
	if place == 64 {
		panic("explore/sync: more than 64 goroutines in Cond.Wait")
	}
	c.waiting |= 1 << place
	c.queue = append(c.queue, place)
	c.L.Unlock()
	explore.Wait(unsafe.Pointer(c), c, 1<<place)
	c.waiting &^= 1 << place
	c.woken &^= 1 << place
	c.L.Lock()
}

// Signal wakes a goroutine that waits, if there is one.
func (c *Cond) Signal() {
	if isWatched, over := explore.Wait(unsafe.Pointer(c), c, 0); !isWatched {
		c.cond().Signal()
	} else if !over && len(c.queue) > 0 {
		c.woken |= 1 << c.queue[0]
		c.queue = c.queue[1:]
	}
}

// Broadcast wakes all goroutines that wait.
func (c *Cond) Broadcast() {
	if isWatched, over := explore.Wait(unsafe.Pointer(c), c, 0); !isWatched {
		c.cond().Broadcast()
	} else if !over {
		c.woken |= c.waiting
		c.queue = nil
	}
}
