//go:build !lfpoolhooks

package atomic

import (
	"sync"
	"sync/atomic"
)

// Watched says whether operations are reported.
const Watched = false

// These are sync/atomic's and sync's own.
type (
	Bool           = atomic.Bool
	Int32          = atomic.Int32
	Int64          = atomic.Int64
	Uint32         = atomic.Uint32
	Uint64         = atomic.Uint64
	Pointer[T any] = atomic.Pointer[T]
	Pool           = sync.Pool
	Mutex          = sync.Mutex
)
