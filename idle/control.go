package idle

import (
	"fmt"

	"github.com/lfpool/lfpool/padded"
)

// Control is the control word of a pool: how many workers there are, how many
// there may be, and whether the reaper is up, in one atomic word. The zero
// value is a pool without workers and without a limit, its reaper down.
//
// Keeping all in one word is what makes a lost restart impossible to write:
// a spawner that adds a worker sees the reaper's bit in the very word it changes, and
// the reaper can only take its bit away from a word that counts no worker. In
// the same way no worker is added above the limit that is in force.
//
//	transition        from                  to
//	Hire              {n, l, down}          {n+1, l, up}   n < l; the caller starts the reaper
//	Hire              {n, l, up}            {n+1, l, up}   n < l
//	Leave             {n, l, r}             {n-1, l, r}    n > 0
//	LeaveIfOver       {n, l, r}             {n-1, l, r}    n > l
//	SetLimit          {n, l, r}             {n, m, r}
//	Exit              {0, l, up}            {0, l, down}   the reaper returns
type Control struct {
	word padded.Uint64 // a state
}

// state is the packed word: bit 63 is set while the reaper is up, bits 32 to 62
// have the limit, 0 for none, bits 0 to 31 count the workers.
type state uint64

const (
	reaperUp   state = 1 << 63
	oneWorker  state = 1
	maxWorkers       = 1<<32 - 1
	limitShift       = 32

	// MaxLimit is the highest limit.
	MaxLimit = 1<<31 - 1
)

func pack(workers, limit uint32, up bool) state {
	s := state(limit)<<limitShift | state(workers)
	if up {
		s |= reaperUp
	}
	return s
}

func (s state) workers() uint32 { return uint32(s) }
func (s state) limit() uint32   { return uint32(s>>limitShift) & MaxLimit }
func (s state) up() bool        { return s&reaperUp != 0 }
func (s state) room() bool      { l := s.limit(); return l == 0 || s.workers() < l }
func (s state) over() bool      { l := s.limit(); return l != 0 && s.workers() > l }

func (s state) String() string {
	return fmt.Sprintf("{%d workers, limit %d, reaper up: %t}", s.workers(), s.limit(), s.up())
}

// Hire counts a new worker if the limit allows one more. If startReaper is true
// the reaper was down, is now marked as up, and the caller must start it; of
// any number of callers exactly one is told so for each life of the reaper.
// Lock-free. It panics at 2^32-1 workers.
func (c *Control) Hire() (hired, startReaper bool) {
	for {
		old := state(c.word.Load()) // edge limit: pairs with the CAS in SetLimit
		if !old.room() {
			return false, false // Linearization point (refused): the load
		}
		if old.workers() == maxWorkers {
			panic("idle: Control.Hire: 4294967295 workers already")
		}
		// Linearization point (hired): the CAS. edge restart: pairs with the CAS in Exit.
		if c.word.CompareAndSwap(uint64(old), uint64(old+oneWorker|reaperUp)) {
			return true, !old.up()
		}
	}
}

// Leave counts one worker less, and returns how many are left. The caller has
// ended or retired that worker. Wait-free. It panics if no worker was counted.
func (c *Control) Leave() (left int) {
	now := state(c.word.Add(^uint64(oneWorker - 1)))
	if now.workers() == maxWorkers {
		panic("idle: Control.Leave: no worker was counted")
	}
	return int(now.workers())
}

// LeaveIfOver counts one worker less if there are more than the limit allows,
// and reports whether it did: then the caller must end that worker. Lock-free.
func (c *Control) LeaveIfOver() bool {
	for {
		old := state(c.word.Load())
		if !old.over() {
			return false
		}
		if c.word.CompareAndSwap(uint64(old), uint64(old-oneWorker)) {
			return true
		}
	}
}

// SetLimit changes how many workers there may be; 0 means any number. Workers
// that are too many now stay until they leave. Lock-free. It panics if n is
// negative or above [MaxLimit].
func (c *Control) SetLimit(n int) {
	if n < 0 || n > MaxLimit {
		panic(fmt.Sprintf("idle: Control.SetLimit(%d): want 0 to %d", n, MaxLimit))
	}
	for {
		old := state(c.word.Load())
		// edge limit: pairs with the loads in Hire and Pool.settle
		if c.word.CompareAndSwap(uint64(old), uint64(pack(old.workers(), uint32(n), old.up()))) {
			return
		}
	}
}

// Exit takes the reaper's bit away if there is no worker, and reports whether
// it did; then the reaper must return without touching the pool again, because
// the next Hire starts another. Only the reaper calls it. Wait-free.
func (c *Control) Exit() bool {
	old := state(c.word.Load())
	if old.workers() != 0 || !old.up() {
		return false
	}
	// Not retried: if it fails the word is in motion, and the reaper comes again.
	// edge restart: pairs with the CAS in Hire.
	return c.word.CompareAndSwap(uint64(old), uint64(old&^reaperUp))
}

// Look returns how many workers are counted, and the limit, 0 for none, of one
// instant. Wait-free.
func (c *Control) Look() (workers, limit int) {
	now := state(c.word.Load())
	return int(now.workers()), int(now.limit())
}

// Workers returns how many workers are counted. Wait-free.
func (c *Control) Workers() int { return int(state(c.word.Load()).workers()) }

// Limit returns the limit, 0 for none. Wait-free.
func (c *Control) Limit() int { return int(state(c.word.Load()).limit()) }

// Room reports whether the limit allows one more worker. Wait-free.
func (c *Control) Room() bool { return state(c.word.Load()).room() }

// Over reports whether there are more workers than the limit allows.
// Wait-free.
func (c *Control) Over() bool { return state(c.word.Load()).over() }

// ReaperUp reports whether a reaper is running or about to. Wait-free.
func (c *Control) ReaperUp() bool { return state(c.word.Load()).up() }
