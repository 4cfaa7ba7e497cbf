// Package linear checks that the queues of lfqueue are linearizable: small
// random histories with a complete search (porcupine), and histories of a
// million operations with the violation patterns of a first-in first-out queue
// (fifo.go), which are themselves checked against the complete search.
//
// What it cannot see: interleavings that the machine does not produce. The
// injected yields make short histories denser, no more.
package linear
