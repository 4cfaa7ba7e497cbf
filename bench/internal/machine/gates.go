package machine

const atomicQueue = "github.com/max0x7ba/atomic_queue, results of May 2026"

// A gate is something known of real machines. Its check stands in gates_watched.go.
type gate struct {
	name, doc string
	known     []float64
}

// The gates. boost's queue after Michael and Scott has counted links and nodes that are
// used again, as ms-counted. The record of 2 cores is of pools with one lane.
var gates = []gate{
	{"1-parallel", "parallel on 2 cores, times go: lanes-1, lanes-1-sharded, ms and handoff, in that order and each on the known side of 1; bench/results/2026-11-21-full.txt", []float64{0.39, 0.48, 0.88, 1.67}},
	{"1-burst100", "burst100 on 2 cores, times go: lanes-1, ms and handoff, likewise", []float64{0.21, 0.41, 1.30}},
	{"2-seg", "seg on 5950x at 1+1, 2+2, 4+4, 5+5, 7+7 and 8+8 producers and consumers, M/s, within the band; " + atomicQueue, []float64{21.8, 14.2, 14.7, 9.3, 10.6, 11.6}},
	{"2-ms", "seg's rate over ms-counted's on 5950x at 8+8, from 10 to 20; the same", []float64{14.5}},
	{"2-complex", "what seg loses on 5950x from 4+4 to 5+5, where the second complex begins, from 20 to 50 %; the same", []float64{37}},
	{"3-word", "adding to one word on 24 virtual processors, M/s, within the band; github.com/cockroachdb/crlib, crsync", []float64{49}},
	{"3-far", "the same on 64 cores with atomics made in the cache, M/s, within the band; the model has its rate from there: github.com/puzpuzpuz/xsync, BENCHMARKS.md", []float64{77}},
	{"4-xeon", "seg on two Xeon Gold 6132, to which nothing was tuned, at 7+7 and 14+14, M/s, within the band; " + atomicQueue, []float64{9.0, 9.5}},
}
