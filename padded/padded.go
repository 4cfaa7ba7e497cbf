// Package padded has atomics that sit alone on their cache line.
//
// Two words that different processors write must not share a line: each write
// takes the line from the other processor although neither word is shared
// (false sharing). A value of this package keeps a full line's worth of bytes
// on both sides of its word, so it may be a field among others, in any order,
// or an array element.
//
// The line size is that of [golang.org/x/sys/cpu.CacheLinePad] for the target
// (64 bytes on amd64 and 32-bit targets, 128 on arm64 and ppc64, 256 on s390x), but
// 16 where that has no size, as on wasm, which knows of no caches.
// Each type has the methods of the sync/atomic type it embeds: all wait-free
// on the hardware's own atomic instructions, and sequentially consistent.
package padded

import (
	"unsafe"

	"golang.org/x/sys/cpu"

	"github.com/lfpool/lfpool/internal/atomic"
)

const line = max(unsafe.Sizeof(cpu.CacheLinePad{}), 2*unsafe.Sizeof(atomic.Uint64{})) // more than a word, or the padding after it would be empty

// Uint32 is an [atomic.Uint32] alone on its cache line.
type Uint32 struct {
	_ [line]byte
	atomic.Uint32
	_ [line - unsafe.Sizeof(atomic.Uint32{})]byte
}

// Uint64 is an [atomic.Uint64] alone on its cache line, and aligned to 8 bytes
// on 32-bit targets too.
type Uint64 struct {
	_ [line]byte
	atomic.Uint64
	_ [line - unsafe.Sizeof(atomic.Uint64{})]byte
}

// Int64 is an [atomic.Int64] alone on its cache line, and aligned to 8 bytes
// on 32-bit targets too.
type Int64 struct {
	_ [line]byte
	atomic.Int64
	_ [line - unsafe.Sizeof(atomic.Int64{})]byte
}

// Pointer is an [atomic.Pointer] alone on its cache line.
type Pointer[T any] struct {
	_ [line]byte
	atomic.Pointer[T]
	_ [line - unsafe.Sizeof(uintptr(0))]byte
}
