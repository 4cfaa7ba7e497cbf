//go:build !lfpoolhooks

package atomic_test

import (
	"sync"
	"sync/atomic"

	ours "github.com/lfpool/lfpool/internal/atomic"
)

// In the ordinary build the types are the very same, so the compiled code is.
var (
	_ *atomic.Bool         = (*ours.Bool)(nil)
	_ *atomic.Int32        = (*ours.Int32)(nil)
	_ *atomic.Int64        = (*ours.Int64)(nil)
	_ *atomic.Uint32       = (*ours.Uint32)(nil)
	_ *atomic.Uint64       = (*ours.Uint64)(nil)
	_ *atomic.Pointer[int] = (*ours.Pointer[int])(nil)
	_ *sync.Pool           = (*ours.Pool)(nil)
	_ *sync.Mutex          = (*ours.Mutex)(nil)
)
