package idle

import (
	"fmt"

	"github.com/lfpool/lfpool/internal/hook"
	"github.com/lfpool/lfpool/padded"
)

// Control is the control word of a pool: how many workers there are and
// whether the reaper is up, in one atomic word. The zero value is a pool
// without workers, its reaper down.
//
// Keeping both in one word is what makes a lost restart impossible to write:
// whoever adds a worker sees the reaper's bit in the very word it changes, and
// the reaper can only take its bit away from a word that counts no worker.
//
//	transition        from                  to
//	Hire              {n, down}             {n+1, up}   the caller starts the reaper
//	Hire              {n, up}               {n+1, up}
//	Leave             {n, r}                {n-1, r}    n > 0
//	Exit              {0, up}               {0, down}   the reaper returns
type Control struct {
	word padded.Uint64 // a state
}

// state is the packed word: bit 63 is set while the reaper is up, bits 0 to 31
// count the workers.
type state uint64

const (
	reaperUp   state = 1 << 63
	oneWorker  state = 1
	maxWorkers       = 1<<32 - 1
)

func pack(workers uint32, up bool) state {
	s := state(workers)
	if up {
		s |= reaperUp
	}
	return s
}

func (s state) workers() uint32 { return uint32(s) }
func (s state) up() bool        { return s&reaperUp != 0 }

func (s state) String() string {
	return fmt.Sprintf("{%d workers, reaper up: %t}", s.workers(), s.up())
}

// Hire counts a new worker. If startReaper is true the reaper was down, is now
// marked as up, and the caller must start it; of any number of callers exactly
// one is told so for each life of the reaper. Lock-free. It panics at 2^32-1
// workers.
func (c *Control) Hire() (startReaper bool) {
	for {
		if hook.On {
			hook.At("control.hire.load")
		}
		old := state(c.word.Load())
		if old.workers() == maxWorkers {
			panic("idle: Control.Hire: 4294967295 workers already")
		}
		// Linearization point: the CAS. edge restart: pairs with the CAS in Exit.
		if hook.On {
			hook.At("control.hire.add")
		}
		if c.word.CompareAndSwap(uint64(old), uint64(pack(old.workers()+1, true))) {
			return !old.up()
		}
	}
}

// Leave counts one worker less. The caller has ended or retired that worker.
// Wait-free. It panics if no worker was counted.
func (c *Control) Leave() {
	if hook.On {
		hook.At("control.leave")
	}
	if now := state(c.word.Add(^uint64(oneWorker - 1))); now.workers() == maxWorkers {
		panic("idle: Control.Leave: no worker was counted")
	}
}

// Exit takes the reaper's bit away if there is no worker, and reports whether
// it did; then the reaper must return without touching the pool again, because
// the next Hire starts another. Only the reaper calls it. Wait-free.
func (c *Control) Exit() bool {
	// Not retried: if it fails there is a worker, and the reaper is needed.
	// edge restart: pairs with the CAS in Hire.
	if hook.On {
		hook.At("control.exit")
	}
	return c.word.CompareAndSwap(uint64(pack(0, true)), uint64(pack(0, false)))
}

// Workers returns how many workers are counted. Wait-free.
func (c *Control) Workers() int { return int(state(c.word.Load()).workers()) }

// ReaperUp reports whether a reaper is running or about to. Wait-free.
func (c *Control) ReaperUp() bool { return state(c.word.Load()).up() }
