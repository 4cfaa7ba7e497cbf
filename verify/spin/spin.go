// Package spin has a model of the pool's protocol for the model checker Spin
// (pool.pml), and a test that runs it: every interleaving of a bounded pool, and
// the same with seeded bugs, each of which must be found.
package spin
