// Package explore runs the library's own code through every interleaving of a
// few goroutines, up to a number of preemptions.
//
// Under the build tag lfpoolhooks the library reports each atomic operation before
// it makes it (internal/atomic), with a name (internal/point). A scenario runs in a bubble of
// testing/synctest; each goroutine that comes to a point waits there;
// synctest.Wait says that all have stopped; then one is let go on to its next
// point. Which one is a choice, and letting fake time pass is another. All
// sequences of choices are tried, depth first. README.md says how to run it
// and what it cannot see.
package explore
