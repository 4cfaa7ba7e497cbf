// Package atomic is what a library has that does not depend on explore and
// whose atomics can be watched all the same. It is for a test.
package atomic

import (
	"sync/atomic"
	"unsafe"
)

// Report is called before each operation, if a test has set it: to explore.Step.
var Report func(kind uint8, addr unsafe.Pointer, size uintptr)

// Uint64 is sync/atomic's, reported.
type Uint64 struct{ v atomic.Uint64 }

// Load is kind 1.
func (x *Uint64) Load() uint64 {
	x.report(1)
	return x.v.Load()
}

// Add is kind 3.
func (x *Uint64) Add(delta uint64) uint64 {
	x.report(3)
	return x.v.Add(delta)
}

func (x *Uint64) report(kind uint8) {
	if Report != nil {
		Report(kind, unsafe.Pointer(x), unsafe.Sizeof(x.v))
	}
}
