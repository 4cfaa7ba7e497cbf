package baseline

import (
	"math/bits"

	"golang.org/x/sys/cpu"

	"github.com/lfpool/lfpool/internal/atomic"
)

// Treiber is Treiber's stack (1986) with a count of changes beside each link,
// the classic guard against ABA: a CAS that was prepared before the stack came
// back to the same top fails. Nodes live in a slab and are used again, so an
// operation allocates nothing once the slab has grown to the greatest height.
type Treiber[T any] struct {
	*treiberWords
	slabs [32]atomic.Pointer[[]treiberNode[T]] // slab k has 1<<k nodes
}

// treiberWords are the words that every operation writes: both tops, of the
// values and of the free nodes. used counts the nodes ever taken from the slab.
type treiberWords struct{ top, free, used *atomic.Uint64 }

type treiberNode[T any] struct {
	below atomic.Uint64 // the node under this one, 0 for none
	value T             // owned by who took the node from a stack
}

// NewTreiber returns an empty stack. With padded each word that all write has
// a cache line of its own, else they share one.
func NewTreiber[T any](padded bool) *Treiber[T] {
	if padded {
		w := new(struct {
			_    cpu.CacheLinePad
			top  atomic.Uint64
			_    cpu.CacheLinePad
			free atomic.Uint64
			_    cpu.CacheLinePad
			used atomic.Uint64
			_    cpu.CacheLinePad
		})
		return &Treiber[T]{treiberWords: &treiberWords{&w.top, &w.free, &w.used}}
	}
	w := new(struct{ top, free, used atomic.Uint64 })
	return &Treiber[T]{treiberWords: &treiberWords{&w.top, &w.free, &w.used}}
}

// Enqueue puts v on top. Lock-free.
func (s *Treiber[T]) Enqueue(v T) {
	n := s.pop(s.free)
	if n == 0 {
		n = s.fresh()
	}
	s.node(n).value = v
	s.push(s.top, n)
}

// Dequeue takes the value on top. Lock-free; ok is false only if the stack was
// empty at some instant during the call.
func (s *Treiber[T]) Dequeue() (v T, ok bool) {
	n := s.pop(s.top)
	if n == 0 {
		return v, false
	}
	var zero T
	at := s.node(n)
	v, at.value = at.value, zero
	s.push(s.free, n)
	return v, true
}

// Empty reports whether there was no value at the instant of its load.
func (s *Treiber[T]) Empty() bool { return uint32(s.top.Load()) == 0 }

// A link has a node's number in its low half, 0 for none, and in its high half
// how often the word has changed.

func (s *Treiber[T]) push(word *atomic.Uint64, n uint32) {
	for {
		old := word.Load()
		s.node(n).below.Store(uint64(uint32(old)))
		if word.CompareAndSwap(old, (old>>32+1)<<32|uint64(n)) { // Linearization point (pushed)
			return
		}
	}
}

func (s *Treiber[T]) pop(word *atomic.Uint64) uint32 {
	for {
		old := word.Load() // Linearization point (empty)
		n := uint32(old)
		if n == 0 {
			return 0
		}
		// The node may be in other hands by now; then the count has changed, and
		// the CAS fails.
		below := s.node(n).below.Load()
		if word.CompareAndSwap(old, (old>>32+1)<<32|below) { // Linearization point (popped)
			return n
		}
	}
}

// fresh takes the next node of the slab. Numbers start at 1.
func (s *Treiber[T]) fresh() uint32 {
	n := uint32(s.used.Add(1))
	k := bits.Len32(n) - 1
	if s.slabs[k].Load() == nil {
		slab := make([]treiberNode[T], 1<<k)
		s.slabs[k].CompareAndSwap(nil, &slab) // not retried: if it fails the slab is there
	}
	return n
}

func (s *Treiber[T]) node(n uint32) *treiberNode[T] {
	k := bits.Len32(n) - 1
	return &(*s.slabs[k].Load())[n-1<<k]
}
