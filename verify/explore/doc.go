// Package explore runs the library's own code through every interleaving of a
// few goroutines, up to a number of preemptions.
//
// Under the build tag lfpoolhooks the library reports each atomic operation before
// it makes it (internal/atomic), with a name (internal/point). The scenarios are explored by
// github.com/lfpool/lfpool/explore, in bubbles of testing/synctest, with fake time that
// passes as one more step. README.md says how to run it and what it cannot see.
package explore
