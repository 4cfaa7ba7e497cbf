package atomic

import (
	"sync/atomic"
	"unsafe"

	"github.com/lfpool/lfpool/explore"
)

// LoadInt32 is a step.
func LoadInt32(addr *int32) int32 {
	explore.Step(explore.Load, unsafe.Pointer(addr), 4)
	return atomic.LoadInt32(addr)
}

// StoreInt32 is a step.
func StoreInt32(addr *int32, val int32) {
	explore.Step(explore.Store, unsafe.Pointer(addr), 4)
	atomic.StoreInt32(addr, val)
}

// SwapInt32 is a step.
func SwapInt32(addr *int32, new int32) (old int32) {
	explore.Step(explore.RMW, unsafe.Pointer(addr), 4)
	return atomic.SwapInt32(addr, new)
}

// CompareAndSwapInt32 is a step.
func CompareAndSwapInt32(addr *int32, old, new int32) (swapped bool) {
	explore.Step(explore.CAS, unsafe.Pointer(addr), 4)
	return atomic.CompareAndSwapInt32(addr, old, new)
}

// AddInt32 is a step.
func AddInt32(addr *int32, delta int32) (new int32) {
	explore.Step(explore.RMW, unsafe.Pointer(addr), 4)
	return atomic.AddInt32(addr, delta)
}

// AndInt32 is a step.
func AndInt32(addr *int32, mask int32) (old int32) {
	explore.Step(explore.RMW, unsafe.Pointer(addr), 4)
	return atomic.AndInt32(addr, mask)
}

// OrInt32 is a step.
func OrInt32(addr *int32, mask int32) (old int32) {
	explore.Step(explore.RMW, unsafe.Pointer(addr), 4)
	return atomic.OrInt32(addr, mask)
}

// LoadInt64 is a step.
func LoadInt64(addr *int64) int64 {
	explore.Step(explore.Load, unsafe.Pointer(addr), 8)
	return atomic.LoadInt64(addr)
}

// StoreInt64 is a step.
func StoreInt64(addr *int64, val int64) {
	explore.Step(explore.Store, unsafe.Pointer(addr), 8)
	atomic.StoreInt64(addr, val)
}

// SwapInt64 is a step.
func SwapInt64(addr *int64, new int64) (old int64) {
	explore.Step(explore.RMW, unsafe.Pointer(addr), 8)
	return atomic.SwapInt64(addr, new)
}

// CompareAndSwapInt64 is a step.
func CompareAndSwapInt64(addr *int64, old, new int64) (swapped bool) {
	explore.Step(explore.CAS, unsafe.Pointer(addr), 8)
	return atomic.CompareAndSwapInt64(addr, old, new)
}

// AddInt64 is a step.
func AddInt64(addr *int64, delta int64) (new int64) {
	explore.Step(explore.RMW, unsafe.Pointer(addr), 8)
	return atomic.AddInt64(addr, delta)
}

// AndInt64 is a step.
func AndInt64(addr *int64, mask int64) (old int64) {
	explore.Step(explore.RMW, unsafe.Pointer(addr), 8)
	return atomic.AndInt64(addr, mask)
}

// OrInt64 is a step.
func OrInt64(addr *int64, mask int64) (old int64) {
	explore.Step(explore.RMW, unsafe.Pointer(addr), 8)
	return atomic.OrInt64(addr, mask)
}

// LoadUint32 is a step.
func LoadUint32(addr *uint32) uint32 {
	explore.Step(explore.Load, unsafe.Pointer(addr), 4)
	return atomic.LoadUint32(addr)
}

// StoreUint32 is a step.
func StoreUint32(addr *uint32, val uint32) {
	explore.Step(explore.Store, unsafe.Pointer(addr), 4)
	atomic.StoreUint32(addr, val)
}

// SwapUint32 is a step.
func SwapUint32(addr *uint32, new uint32) (old uint32) {
	explore.Step(explore.RMW, unsafe.Pointer(addr), 4)
	return atomic.SwapUint32(addr, new)
}

// CompareAndSwapUint32 is a step.
func CompareAndSwapUint32(addr *uint32, old, new uint32) (swapped bool) {
	explore.Step(explore.CAS, unsafe.Pointer(addr), 4)
	return atomic.CompareAndSwapUint32(addr, old, new)
}

// AddUint32 is a step.
func AddUint32(addr *uint32, delta uint32) (new uint32) {
	explore.Step(explore.RMW, unsafe.Pointer(addr), 4)
	return atomic.AddUint32(addr, delta)
}

// AndUint32 is a step.
func AndUint32(addr *uint32, mask uint32) (old uint32) {
	explore.Step(explore.RMW, unsafe.Pointer(addr), 4)
	return atomic.AndUint32(addr, mask)
}

// OrUint32 is a step.
func OrUint32(addr *uint32, mask uint32) (old uint32) {
	explore.Step(explore.RMW, unsafe.Pointer(addr), 4)
	return atomic.OrUint32(addr, mask)
}

// LoadUint64 is a step.
func LoadUint64(addr *uint64) uint64 {
	explore.Step(explore.Load, unsafe.Pointer(addr), 8)
	return atomic.LoadUint64(addr)
}

// StoreUint64 is a step.
func StoreUint64(addr *uint64, val uint64) {
	explore.Step(explore.Store, unsafe.Pointer(addr), 8)
	atomic.StoreUint64(addr, val)
}

// SwapUint64 is a step.
func SwapUint64(addr *uint64, new uint64) (old uint64) {
	explore.Step(explore.RMW, unsafe.Pointer(addr), 8)
	return atomic.SwapUint64(addr, new)
}

// CompareAndSwapUint64 is a step.
func CompareAndSwapUint64(addr *uint64, old, new uint64) (swapped bool) {
	explore.Step(explore.CAS, unsafe.Pointer(addr), 8)
	return atomic.CompareAndSwapUint64(addr, old, new)
}

// AddUint64 is a step.
func AddUint64(addr *uint64, delta uint64) (new uint64) {
	explore.Step(explore.RMW, unsafe.Pointer(addr), 8)
	return atomic.AddUint64(addr, delta)
}

// AndUint64 is a step.
func AndUint64(addr *uint64, mask uint64) (old uint64) {
	explore.Step(explore.RMW, unsafe.Pointer(addr), 8)
	return atomic.AndUint64(addr, mask)
}

// OrUint64 is a step.
func OrUint64(addr *uint64, mask uint64) (old uint64) {
	explore.Step(explore.RMW, unsafe.Pointer(addr), 8)
	return atomic.OrUint64(addr, mask)
}

// LoadUintptr is a step.
func LoadUintptr(addr *uintptr) uintptr {
	explore.Step(explore.Load, unsafe.Pointer(addr), word)
	return atomic.LoadUintptr(addr)
}

// StoreUintptr is a step.
func StoreUintptr(addr *uintptr, val uintptr) {
	explore.Step(explore.Store, unsafe.Pointer(addr), word)
	atomic.StoreUintptr(addr, val)
}

// SwapUintptr is a step.
func SwapUintptr(addr *uintptr, new uintptr) (old uintptr) {
	explore.Step(explore.RMW, unsafe.Pointer(addr), word)
	return atomic.SwapUintptr(addr, new)
}

// CompareAndSwapUintptr is a step.
func CompareAndSwapUintptr(addr *uintptr, old, new uintptr) (swapped bool) {
	explore.Step(explore.CAS, unsafe.Pointer(addr), word)
	return atomic.CompareAndSwapUintptr(addr, old, new)
}

// AddUintptr is a step.
func AddUintptr(addr *uintptr, delta uintptr) (new uintptr) {
	explore.Step(explore.RMW, unsafe.Pointer(addr), word)
	return atomic.AddUintptr(addr, delta)
}

// AndUintptr is a step.
func AndUintptr(addr *uintptr, mask uintptr) (old uintptr) {
	explore.Step(explore.RMW, unsafe.Pointer(addr), word)
	return atomic.AndUintptr(addr, mask)
}

// OrUintptr is a step.
func OrUintptr(addr *uintptr, mask uintptr) (old uintptr) {
	explore.Step(explore.RMW, unsafe.Pointer(addr), word)
	return atomic.OrUintptr(addr, mask)
}

// LoadPointer is a step.
func LoadPointer(addr *unsafe.Pointer) unsafe.Pointer {
	explore.Step(explore.Load, unsafe.Pointer(addr), word)
	return atomic.LoadPointer(addr)
}

// StorePointer is a step.
func StorePointer(addr *unsafe.Pointer, val unsafe.Pointer) {
	explore.Step(explore.Store, unsafe.Pointer(addr), word)
	atomic.StorePointer(addr, val)
}

// SwapPointer is a step.
func SwapPointer(addr *unsafe.Pointer, new unsafe.Pointer) (old unsafe.Pointer) {
	explore.Step(explore.RMW, unsafe.Pointer(addr), word)
	return atomic.SwapPointer(addr, new)
}

// CompareAndSwapPointer is a step.
func CompareAndSwapPointer(addr *unsafe.Pointer, old, new unsafe.Pointer) (swapped bool) {
	explore.Step(explore.CAS, unsafe.Pointer(addr), word)
	return atomic.CompareAndSwapPointer(addr, old, new)
}
