// Package lfqueue has lock-free queues for any number of producers and
// consumers.
//
// All are lock-free: whatever goroutine is stopped wherever, the others finish
// their operations. [MS], [Counted] and [Seg] are linearizable and first in,
// first out; [Sharded] is neither, and says what it promises instead. The
// comments mark where each operation of the linearizable ones takes effect (its
// linearization point); DESIGN.md has the invariants behind them and the table
// of memory edges.
package lfqueue

// Queue is what the queues of this package have in common.
//
// Enqueue(v) synchronizes before the return of the Dequeue that takes v.
type Queue[T any] interface {
	// Enqueue puts v at the end. It never blocks and never fails.
	Enqueue(v T)
	// Dequeue takes the value at the front. It never blocks; ok is false only
	// if the queue was empty at some instant during the call. (For Sharded: the
	// front of one shard, and only if what was in when the call began has been
	// taken.)
	Dequeue() (v T, ok bool)
	// Empty reports true only if the queue was empty at some instant during the
	// call, and false only if there was at some instant a value in the queue, or
	// an Enqueue under way. (For Sharded: true as for Dequeue.)
	Empty() bool
}
