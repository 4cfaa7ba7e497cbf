package idle

import (
	"github.com/lfpool/lfpool/padded"
)

// Gauge counts a pool's parked workers and remembers the least count since it
// was last asked: its low-water mark. The zero value is ready to use.
//
// A worker is counted before it can be found by others and uncounted after it
// was taken, so the count is never below the number of workers that can be
// taken, and never negative.
type Gauge struct {
	word  padded.Uint64 // a level
	taken *padded.Int64 // nil: not counted
}

// CountTaken makes the gauge count how often a worker is taken, which costs an
// atomic addition each time. It must be called before the gauge is used.
func (g *Gauge) CountTaken() { g.taken = new(padded.Int64) }

// Taken returns how often a worker was taken; 0 without [Gauge.CountTaken].
// Wait-free.
func (g *Gauge) Taken() int64 {
	if g.taken == nil {
		return 0
	}
	return g.taken.Load()
}

// level is the packed word: bits 32 to 63 have the low-water mark, bits 0 to
// 31 the count. The mark is never above the count.
type level uint64

func packLevel(count, low uint32) level { return level(low)<<32 | level(count) }

func (l level) count() uint32 { return uint32(l) }
func (l level) low() uint32   { return uint32(l >> 32) }

// Park counts one more parked worker. Wait-free.
func (g *Gauge) Park() {
	g.word.Add(1)
}

// Unpark counts one parked worker less and lowers the mark with it. Lock-free.
func (g *Gauge) Unpark() {
	for {
		old := level(g.word.Load())
		n := old.count() - 1
		if g.word.CompareAndSwap(uint64(old), uint64(packLevel(n, min(n, old.low())))) {
			break
		}
	}
	if g.taken != nil {
		g.taken.Add(1)
	}
}

// Low returns the low-water mark, the least count since the last call, and
// raises the mark to the present count. Lock-free.
func (g *Gauge) Low() int {
	for {
		old := level(g.word.Load())
		if g.word.CompareAndSwap(uint64(old), uint64(packLevel(old.count(), old.count()))) {
			return int(old.low())
		}
	}
}

// Count returns how many workers are parked. Wait-free.
func (g *Gauge) Count() int { return int(level(g.word.Load()).count()) }
