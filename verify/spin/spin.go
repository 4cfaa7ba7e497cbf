// Package spin has models of the queues and of the pool for the model checker
// Spin, and a test that runs them: every interleaving within a bound, and the
// same with seeded bugs, each of which must be found. README.md says what each
// model shows and cannot see, and which step of it is which step of the code.
package spin
