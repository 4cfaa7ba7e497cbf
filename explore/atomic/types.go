// Package atomic has the types and functions of sync/atomic, each of whose
// operations is a step of an exploration: see package explore. Import it in
// place of sync/atomic. Outside an exploration an operation is that of
// sync/atomic, after one more load; it is wait-free, and sequentially consistent.
//
// A word is allocated on the heap even if it is a local variable.
package atomic

import (
	"sync/atomic"
	"unsafe"

	"github.com/lfpool/lfpool/explore"
)

// Bool is sync/atomic's Bool.
type Bool struct{ v atomic.Bool }

// Load is a step.
func (x *Bool) Load() bool { explore.Step(explore.Load, unsafe.Pointer(x), 4); return x.v.Load() }

// Store is a step.
func (x *Bool) Store(val bool) { explore.Step(explore.Store, unsafe.Pointer(x), 4); x.v.Store(val) }

// Swap is a step.
func (x *Bool) Swap(new bool) (old bool) {
	explore.Step(explore.RMW, unsafe.Pointer(x), 4)
	return x.v.Swap(new)
}

// CompareAndSwap is a step.
func (x *Bool) CompareAndSwap(old, new bool) (swapped bool) {
	explore.Step(explore.CAS, unsafe.Pointer(x), 4)
	return x.v.CompareAndSwap(old, new)
}

// Pointer is sync/atomic's Pointer.
type Pointer[T any] struct{ v atomic.Pointer[T] }

// Load is a step.
func (x *Pointer[T]) Load() *T {
	explore.Step(explore.Load, unsafe.Pointer(x), word)
	return x.v.Load()
}

// Store is a step.
func (x *Pointer[T]) Store(val *T) {
	explore.Step(explore.Store, unsafe.Pointer(x), word)
	x.v.Store(val)
}

// Swap is a step.
func (x *Pointer[T]) Swap(new *T) (old *T) {
	explore.Step(explore.RMW, unsafe.Pointer(x), word)
	return x.v.Swap(new)
}

// CompareAndSwap is a step.
func (x *Pointer[T]) CompareAndSwap(old, new *T) (swapped bool) {
	explore.Step(explore.CAS, unsafe.Pointer(x), word)
	return x.v.CompareAndSwap(old, new)
}

// Value is sync/atomic's Value.
type Value struct{ v atomic.Value }

// Load is a step.
func (x *Value) Load() (val any) {
	explore.Step(explore.Load, unsafe.Pointer(x), 2*word)
	return x.v.Load()
}

// Store is a step. It panics as that of sync/atomic does.
func (x *Value) Store(val any) {
	explore.Step(explore.Store, unsafe.Pointer(x), 2*word)
	x.v.Store(val)
}

// Swap is a step. It panics as that of sync/atomic does.
func (x *Value) Swap(new any) (old any) {
	explore.Step(explore.RMW, unsafe.Pointer(x), 2*word)
	return x.v.Swap(new)
}

// CompareAndSwap is a step. It panics as that of sync/atomic does.
func (x *Value) CompareAndSwap(old, new any) (swapped bool) {
	explore.Step(explore.CAS, unsafe.Pointer(x), 2*word)
	return x.v.CompareAndSwap(old, new)
}

const word = unsafe.Sizeof(uintptr(0))

// Int32 is sync/atomic's Int32.
type Int32 struct{ v atomic.Int32 }

// Load is a step.
func (x *Int32) Load() int32 { explore.Step(explore.Load, unsafe.Pointer(x), 4); return x.v.Load() }

// Store is a step.
func (x *Int32) Store(val int32) { explore.Step(explore.Store, unsafe.Pointer(x), 4); x.v.Store(val) }

// Swap is a step.
func (x *Int32) Swap(new int32) (old int32) {
	explore.Step(explore.RMW, unsafe.Pointer(x), 4)
	return x.v.Swap(new)
}

// CompareAndSwap is a step.
func (x *Int32) CompareAndSwap(old, new int32) (swapped bool) {
	explore.Step(explore.CAS, unsafe.Pointer(x), 4)
	return x.v.CompareAndSwap(old, new)
}

// Add is a step.
func (x *Int32) Add(delta int32) (new int32) {
	explore.Step(explore.RMW, unsafe.Pointer(x), 4)
	return x.v.Add(delta)
}

// And is a step.
func (x *Int32) And(mask int32) (old int32) {
	explore.Step(explore.RMW, unsafe.Pointer(x), 4)
	return x.v.And(mask)
}

// Or is a step.
func (x *Int32) Or(mask int32) (old int32) {
	explore.Step(explore.RMW, unsafe.Pointer(x), 4)
	return x.v.Or(mask)
}

// Int64 is sync/atomic's Int64.
type Int64 struct{ v atomic.Int64 }

// Load is a step.
func (x *Int64) Load() int64 { explore.Step(explore.Load, unsafe.Pointer(x), 8); return x.v.Load() }

// Store is a step.
func (x *Int64) Store(val int64) { explore.Step(explore.Store, unsafe.Pointer(x), 8); x.v.Store(val) }

// Swap is a step.
func (x *Int64) Swap(new int64) (old int64) {
	explore.Step(explore.RMW, unsafe.Pointer(x), 8)
	return x.v.Swap(new)
}

// CompareAndSwap is a step.
func (x *Int64) CompareAndSwap(old, new int64) (swapped bool) {
	explore.Step(explore.CAS, unsafe.Pointer(x), 8)
	return x.v.CompareAndSwap(old, new)
}

// Add is a step.
func (x *Int64) Add(delta int64) (new int64) {
	explore.Step(explore.RMW, unsafe.Pointer(x), 8)
	return x.v.Add(delta)
}

// And is a step.
func (x *Int64) And(mask int64) (old int64) {
	explore.Step(explore.RMW, unsafe.Pointer(x), 8)
	return x.v.And(mask)
}

// Or is a step.
func (x *Int64) Or(mask int64) (old int64) {
	explore.Step(explore.RMW, unsafe.Pointer(x), 8)
	return x.v.Or(mask)
}

// Uint32 is sync/atomic's Uint32.
type Uint32 struct{ v atomic.Uint32 }

// Load is a step.
func (x *Uint32) Load() uint32 { explore.Step(explore.Load, unsafe.Pointer(x), 4); return x.v.Load() }

// Store is a step.
func (x *Uint32) Store(val uint32) { explore.Step(explore.Store, unsafe.Pointer(x), 4); x.v.Store(val) }

// Swap is a step.
func (x *Uint32) Swap(new uint32) (old uint32) {
	explore.Step(explore.RMW, unsafe.Pointer(x), 4)
	return x.v.Swap(new)
}

// CompareAndSwap is a step.
func (x *Uint32) CompareAndSwap(old, new uint32) (swapped bool) {
	explore.Step(explore.CAS, unsafe.Pointer(x), 4)
	return x.v.CompareAndSwap(old, new)
}

// Add is a step.
func (x *Uint32) Add(delta uint32) (new uint32) {
	explore.Step(explore.RMW, unsafe.Pointer(x), 4)
	return x.v.Add(delta)
}

// And is a step.
func (x *Uint32) And(mask uint32) (old uint32) {
	explore.Step(explore.RMW, unsafe.Pointer(x), 4)
	return x.v.And(mask)
}

// Or is a step.
func (x *Uint32) Or(mask uint32) (old uint32) {
	explore.Step(explore.RMW, unsafe.Pointer(x), 4)
	return x.v.Or(mask)
}

// Uint64 is sync/atomic's Uint64.
type Uint64 struct{ v atomic.Uint64 }

// Load is a step.
func (x *Uint64) Load() uint64 { explore.Step(explore.Load, unsafe.Pointer(x), 8); return x.v.Load() }

// Store is a step.
func (x *Uint64) Store(val uint64) { explore.Step(explore.Store, unsafe.Pointer(x), 8); x.v.Store(val) }

// Swap is a step.
func (x *Uint64) Swap(new uint64) (old uint64) {
	explore.Step(explore.RMW, unsafe.Pointer(x), 8)
	return x.v.Swap(new)
}

// CompareAndSwap is a step.
func (x *Uint64) CompareAndSwap(old, new uint64) (swapped bool) {
	explore.Step(explore.CAS, unsafe.Pointer(x), 8)
	return x.v.CompareAndSwap(old, new)
}

// Add is a step.
func (x *Uint64) Add(delta uint64) (new uint64) {
	explore.Step(explore.RMW, unsafe.Pointer(x), 8)
	return x.v.Add(delta)
}

// And is a step.
func (x *Uint64) And(mask uint64) (old uint64) {
	explore.Step(explore.RMW, unsafe.Pointer(x), 8)
	return x.v.And(mask)
}

// Or is a step.
func (x *Uint64) Or(mask uint64) (old uint64) {
	explore.Step(explore.RMW, unsafe.Pointer(x), 8)
	return x.v.Or(mask)
}

// Uintptr is sync/atomic's Uintptr.
type Uintptr struct{ v atomic.Uintptr }

// Load is a step.
func (x *Uintptr) Load() uintptr {
	explore.Step(explore.Load, unsafe.Pointer(x), word)
	return x.v.Load()
}

// Store is a step.
func (x *Uintptr) Store(val uintptr) {
	explore.Step(explore.Store, unsafe.Pointer(x), word)
	x.v.Store(val)
}

// Swap is a step.
func (x *Uintptr) Swap(new uintptr) (old uintptr) {
	explore.Step(explore.RMW, unsafe.Pointer(x), word)
	return x.v.Swap(new)
}

// CompareAndSwap is a step.
func (x *Uintptr) CompareAndSwap(old, new uintptr) (swapped bool) {
	explore.Step(explore.CAS, unsafe.Pointer(x), word)
	return x.v.CompareAndSwap(old, new)
}

// Add is a step.
func (x *Uintptr) Add(delta uintptr) (new uintptr) {
	explore.Step(explore.RMW, unsafe.Pointer(x), word)
	return x.v.Add(delta)
}

// And is a step.
func (x *Uintptr) And(mask uintptr) (old uintptr) {
	explore.Step(explore.RMW, unsafe.Pointer(x), word)
	return x.v.And(mask)
}

// Or is a step.
func (x *Uintptr) Or(mask uintptr) (old uintptr) {
	explore.Step(explore.RMW, unsafe.Pointer(x), word)
	return x.v.Or(mask)
}
