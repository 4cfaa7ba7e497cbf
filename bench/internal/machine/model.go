// Package machine is a simulated machine with any number of processors. The
// real compiled library runs on it, one atomic operation at a time: each is
// charged by the state of its cache line in a model of a processor, and the
// goroutine whose simulated clock is earliest goes next.
//
// It is good for the order of variants and the place of kinks, and for absolute
// figures to a factor of [Band]. It leaves out bandwidth, instruction time
// between atomics but for a constant, the allocator and the garbage collector,
// interrupts, and the Go scheduler but for the constants in [Runtime].
package machine

import (
	"reflect"
)

// Band is the factor within which absolute figures are to be taken: the same
// queue implies 1.15 to 4 transfers a message on the machines of the published
// curves (see Gates), for arbitration predicts neighbours and transfers of
// different lines overlap.
const Band = 2

// A Model is a processor. Times are nanoseconds; what each is stands in its tag, for the
// pages.
type Model struct {
	Name, Doc string
	Source    string // of the latencies

	Sockets, Complexes, Cores int // sockets, core complexes of a socket, cores of a complex
	Threads                   int // of a core

	Near    float64 `what:"one way of a cache line within a core complex, or over a mesh"`
	Hit     float64 `what:"a load that finds its line"`
	Atomic  float64 `what:"another operation that has its line alone"`
	Local   float64 `what:"between two atomics"`
	Sibling float64 `what:"one way to the other thread of the core"`
	Across  float64 `what:"one way to another complex of the socket"`
	Remote  float64 `what:"one way to the other socket"`

	// Far atomics are made where the line is, in the last-level cache, and do
	// not move it: each takes Near. 0: the line comes to the processor.
	FarEvery float64 `what:"from one atomic to the next on a line that stays in the last-level cache"`
}

// Processors is how many hardware threads there are.
func (m Model) Processors() int { return m.Sockets * m.Complexes * m.Cores * m.Threads }

// place is where a hardware thread is. Processors are filled complex by complex,
// and when all cores are taken their second threads, likewise.
func (m Model) place(processor int) (socket, complex, core int) {
	core = processor % (m.Sockets * m.Complexes * m.Cores)
	return core / (m.Complexes * m.Cores), core / m.Cores, core
}

// distance is how long a line takes from one hardware thread to another.
func (m Model) distance(a, b int) float64 {
	socketA, complexA, coreA := m.place(a)
	socketB, complexB, coreB := m.place(b)
	switch {
	case a == b:
		return 0
	case coreA == coreB:
		return m.Sibling
	case complexA == complexB:
		return m.Near
	case socketA == socketB:
		return m.Across
	}
	return m.Remote
}

const (
	collection = "https://github.com/nviennot/core-to-core-latency, medians of one way"
	large      = "https://chipsandcheese.com/2023/11/07/core-to-core-latency-data-on-large-systems/ and other collections, middle of the ranges"
)

// The processors. What is no transfer (Hit, Atomic, Local) is
// of the order of magnitude of all of them. Memory that nobody has had yet costs no
// more than that: who allocates an object zeroes it, and so has its lines.
var (
	milan = Model{Name: "milan", Doc: "two AMD EPYC 7R13 (Zen 3), 48 cores each in complexes of 8", Source: collection,
		Sockets: 2, Complexes: 6, Cores: 8, Threads: 2, Sibling: 10, Near: 23, Across: 107, Remote: 197, Hit: 1, Atomic: 5, Local: 1}
	genoa = Model{Name: "genoa", Doc: "two AMD EPYC 9654 (Zen 4), 96 cores each in complexes of 8", Source: large,
		Sockets: 2, Complexes: 12, Cores: 8, Threads: 2, Sibling: 10, Near: 26, Across: 97, Remote: 190, Hit: 1, Atomic: 5, Local: 1}
	icelake = Model{Name: "icelake", Doc: "two Intel Xeon 8375C (Ice Lake), 32 cores each on a mesh", Source: collection,
		Sockets: 2, Complexes: 1, Cores: 32, Threads: 2, Sibling: 8, Near: 48, Remote: 105, Hit: 1, Atomic: 5, Local: 1}
	ryzen = Model{Name: "5950x", Doc: "AMD Ryzen 9 5950X (Zen 3), 16 cores in complexes of 8", Source: collection,
		Sockets: 1, Complexes: 2, Cores: 8, Threads: 2, Sibling: 7, Near: 17, Across: 85, Hit: 1, Atomic: 5, Local: 1}
	graviton = Model{Name: "graviton", Doc: "AWS Graviton2 or 3 (Neoverse), 64 cores on a mesh, atomics made in the last-level cache", Source: collection + "; the rate of one word: puzpuzpuz/xsync BENCHMARKS.md, 12.9 ns an operation on 64 cores",
		Sockets: 1, Complexes: 1, Cores: 64, Threads: 1, Near: 46, Hit: 1, Atomic: 5, Local: 1, FarEvery: 12.9}
)

// Models lists them.
var Models = []Model{milan, genoa, icelake, ryzen, graviton}

// Uniform is for counting transfers: all processors are as far from each other.
// Only the interleaving comes from its latencies.
var Uniform = Model{Sockets: 1, Complexes: 1, Cores: MaxProcessors, Threads: 1, Near: 50, Hit: 1, Atomic: 5, Local: 1}

// Named returns the model with that name, Uniform if it is "".
func Named(name string) (m Model, ok bool) {
	for _, m := range append([]Model{Uniform}, Models...) {
		if m.Name == name {
			return m, true
		}
	}
	return Model{}, false
}

// Runtime is the part of the Go scheduler, in nanoseconds. These are assumptions,
// stated to be argued with; none comes from a line's latency.
type Runtime struct {
	Go       float64 `what:"the go statement, at its goroutine"`
	Creation float64 `what:"least time from one go statement to the next, of all processors together"`
	Start    float64 `what:"until a new goroutine's first instruction, once it has a processor"`
	Ready    float64 `what:"waking a goroutine, at the waker"`
	Park     float64 `what:"parking, or the end of a goroutine, until its processor looks for another"`
	Resume   float64 `what:"until a woken goroutine goes on, once it has a processor"`
	Steal    float64 `what:"stealing goroutines from another processor"`
	Next     float64 `what:"how long a processor's newest goroutine is not stolen"`
	Spin     float64 `what:"how long a processor looks for goroutines before its thread sleeps"`
	Look     float64 `what:"between two such looks"`
	Call     float64 `what:"waking a thread, at the waker"`
	Thread   float64 `what:"until a woken thread looks for goroutines"`
	New      float64 `what:"making a small object that an atomic publishes"`
}

// Scheduler is what is taken. The go statement, the start and the end (Park) of
// its goroutine come to the 302 ns that one costs a single creator, and Creation
// is what each costs when 24 or 128 processors create (cockroachdb/cockroach, RFC
// 20220602); a wake-up and a park come to a channel's round within a processor.
// Before the newest goroutine is stolen runtime/proc.go, runqgrab, sleeps for 3 us, which
// last 53 by Linux's timer slack (prctl(2), PR_SET_TIMERSLACK). A thread is woken in about 5 us on the hardware, in
// ten times that on a virtual machine. New was measured: making and storing a
// node of two words takes 34 ns, storing one again 10, with the collector at work
// (go1.26.8, AMD EPYC).
var Scheduler = Runtime{Go: 150, Creation: 34, Start: 50, Ready: 100, Park: 80, Resume: 40, Steal: 200, Next: 53_000, Spin: 10_000, Look: 500, Call: 1000, Thread: 5000, New: 25}

// Names lists the models by name.
func Names() (names []string) {
	for _, m := range Models {
		names = append(names, m.Name)
	}
	return names
}

// A Constant is one figure that a simulation takes for granted.
type Constant struct {
	Value float64 // nanoseconds
	What  string
}

// Constants lists those of a Model or a Runtime that are not 0, in the order of their
// fields.
func Constants[T Model | Runtime](of T) (all []Constant) {
	for field, v := range reflect.ValueOf(of).Fields() {
		if v.Kind() == reflect.Float64 && v.Float() != 0 {
			all = append(all, Constant{v.Float(), field.Tag.Get("what")})
		}
	}
	return all
}
