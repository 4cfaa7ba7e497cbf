package lfqueue

import (
	"fmt"
	"unsafe"

	"github.com/lfpool/lfpool/padded"
)

// Sharded is several [Seg] queues side by side, so that many processors do not
// meet on one line. A goroutine keeps to a home shard, chosen by where its
// stack is: it enqueues there, and dequeues from there first and then from the
// others. The zero value is not ready for use: call [NewSharded].
//
// It is weaker than the other queues of this package. The order is first in,
// first out only among the values of one shard. And it is not linearizable:
// Dequeue and Empty may find shard after shard empty although there was a
// value in one or another all the time. What holds is that a value which was in
// when the call began is found, unless somebody else takes it. The pool needs
// no more.
type Sharded[T any] struct {
	shards []*shard[T] // its length is a power of two
}

type shard[T any] struct {
	Seg[T]
	// away counts the dequeues that began here, so that one in awayEvery begins
	// elsewhere.
	away padded.Uint32
}

// awayEvery bounds how long a shard can be left alone. Every awayEvery'th dequeue of a
// home begins at another shard, in turn. So of the dequeues of any home one in awayEvery
// times the number of other shards begins at a given shard.
const awayEvery = 64

// maxShards is more than any machine has use for; it catches a size given in
// place of a count.
const maxShards = 1 << 10

// NewSharded returns an empty queue of n shards. It panics unless n is a power
// of two from 1 to 1024.
func NewSharded[T any](n int) *Sharded[T] {
	if n < 1 || n > maxShards || n&(n-1) != 0 {
		panic(fmt.Sprintf("lfqueue.NewSharded(%d): want a power of two from 1 to %d", n, maxShards))
	}
	q := &Sharded[T]{shards: make([]*shard[T], n)}
	for i := range q.shards {
		q.shards[i] = new(shard[T])
		q.shards[i].Seg.init()
	}
	return q
}

// home returns the number of the calling goroutine's shard.
//
// Unsafe, but only to look at an address, which is never used as one. It costs
// 1 ns, against 4 for math/rand/v2 and 10 for a token from a sync.Pool, and
// keeps a goroutine where it is until its stack moves.
func (q *Sharded[T]) home() int {
	var here byte
	const golden = 0x9E3779B97F4A7C15
	stack := uint64(uintptr(unsafe.Pointer(&here))) >> 11 // stacks are 2 KiB or more
	return int(stack * golden >> 54 & uint64(len(q.shards)-1))
}

// Shards returns how many shards there are.
func (q *Sharded[T]) Shards() int { return len(q.shards) }

// EnqueueEach puts v at the end of each shard: what was in before comes out
// before the last of them does. Lock-free; never blocks.
func (q *Sharded[T]) EnqueueEach(v T) {
	for _, s := range q.shards {
		s.Seg.Enqueue(v)
	}
}

// Len returns how many values are in the queue, exactly while no operation is
// under way.
func (q *Sharded[T]) Len() (n int) {
	for _, s := range q.shards {
		n += s.Seg.Len()
	}
	return n
}

// Enqueue puts v at the end of the caller's home shard. Lock-free; never
// blocks.
func (q *Sharded[T]) Enqueue(v T) { q.shards[q.home()].Seg.Enqueue(v) }

// Dequeue takes a value, from the home shard if there is one. Lock-free; never
// blocks. ok is false only if every value that was in when the call began has
// been taken.
func (q *Sharded[T]) Dequeue() (v T, ok bool) {
	home := q.home()
	first := home
	if len(q.shards) > 1 {
		if n := q.shards[home].away.Add(1); n%awayEvery == 0 {
			others := uint32(len(q.shards) - 1)
			first = home + 1 + int(n/awayEvery%others)
		}
	}
	for i := range q.shards {
		if v, ok = q.shards[(first+i)&(len(q.shards)-1)].Seg.Dequeue(); ok {
			return v, true
		}
	}
	return v, false
}

// Empty reports true only if every value that was in when the call began has
// been taken, and false only if there was a value at some instant, or an
// Enqueue under way.
func (q *Sharded[T]) Empty() bool {
	for _, s := range q.shards {
		if !s.Seg.Empty() {
			return false
		}
	}
	return true
}
