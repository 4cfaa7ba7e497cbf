// Package hook has named points in the library's code, each directly before an
// atomic operation that a proof speaks of, at which a checking tool can stop
// the goroutine.
//
// They are there only under the build tag lfpoolhooks. Without it On is false,
// and nothing is left of a call in the compiled code: verify/explore tests that
// it is the same, instruction for instruction, as with the calls deleted.
//
// A point is named after the file, the operation and the step:
// "gauge.unpark.load" stands before the load in Gauge.Unpark. (Queues have none: their
// atomics are watched themselves, see internal/atomic.)
// Two atomics in one expression have one point, before the first.
package hook
