// Package linear checks that the queues of lfqueue are linearizable: small
// random histories with a complete search (porcupine), and histories of a
// million operations with the violation patterns of a first-in first-out queue
// (fifo.go), which are themselves checked against the complete search.
//
//	GOWORK=off go test -tags lfpoolhooks ./linear
//
// With the tag a goroutine yields, once in four times, at the points inside an
// operation, directly before the atomics (yield_test.go). Without it goroutines
// yield only between an operation's call and its first step.
//
// What it cannot see: interleavings that yields and the machine do not produce.
package linear
