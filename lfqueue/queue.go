// Package lfqueue has lock-free first-in first-out queues for any number of
// producers and consumers.
//
// All are linearizable and lock-free: whatever goroutine is stopped wherever,
// the others finish their operations. The comments mark where each operation
// takes effect (its linearization point); DESIGN.md has the invariants behind
// them and the table of memory edges.
package lfqueue

// Queue is what the queues of this package have in common.
//
// Enqueue(v) synchronizes before the return of the Dequeue that takes v.
type Queue[T any] interface {
	// Enqueue puts v at the end. It never blocks and never fails.
	Enqueue(v T)
	// Dequeue takes the value at the front. It never blocks; ok is false only
	// if the queue was empty at some instant during the call.
	Dequeue() (v T, ok bool)
	// Empty reports true only if the queue was empty at some instant during the
	// call, and false only if there was at some instant a value in the queue, or
	// an Enqueue under way.
	Empty() bool
}
