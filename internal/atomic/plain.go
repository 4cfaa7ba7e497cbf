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

// inlined calls each method, so that each is inlined here: the compiler's record of
// this package tells those that import it, and packages that embed the types, how to
// inline a method of another package only if it has done so itself (exportBody in
// cmd/compile/internal/noder). Without it each atomic of the pool would be a call.
func inlined(b *Bool, i *Int32, l *Int64, u *Uint32, w *Uint64) {
	b.Store(b.Swap(b.CompareAndSwap(b.Load(), true)))
	i.Store(i.Swap(i.Load() + i.Add(1) + i.And(1) + i.Or(1)))
	i.CompareAndSwap(0, 1)
	l.Store(l.Swap(l.Load() + l.Add(1) + l.And(1) + l.Or(1)))
	l.CompareAndSwap(0, 1)
	u.Store(u.Swap(u.Load() + u.Add(1) + u.And(1) + u.Or(1)))
	u.CompareAndSwap(0, 1)
	w.Store(w.Swap(w.Load() + w.Add(1) + w.And(1) + w.Or(1)))
	w.CompareAndSwap(0, 1)
}

var _ = inlined
