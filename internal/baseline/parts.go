package baseline

import (
	"github.com/lfpool/lfpool/internal/atomic"
	"github.com/lfpool/lfpool/lfqueue"
	"github.com/lfpool/lfpool/pool"
)

// A Part is one choice for a part of the pool. Tight is the same choice with
// its shared words on one cache line, or nil if its layout is not ours to
// choose.
type Part[Q any] struct {
	Name, Doc  string
	New, Tight func() Q
}

// Rings and channels have a capacity that must be chosen beforehand; what does
// not fit goes to a list under a lock.
const (
	idleRoom = 1024
	taskRoom = 1 << 14
)

// IdleQueues lists where parked workers may wait.
var IdleQueues = []Part[pool.IdleQueue]{
	{Name: "seg", Doc: "the segmented queue", New: func() pool.IdleQueue { return lfqueue.NewSeg[*pool.Worker]() }},
	{Name: "ms", Doc: "the Michael-Scott queue, garbage-collected nodes", New: func() pool.IdleQueue { return lfqueue.NewMS[*pool.Worker]() }},
	{Name: "counted", Doc: "the Michael-Scott queue, counted indices", New: func() pool.IdleQueue { return lfqueue.NewCounted[pool.Worker]() }},
	{Name: "treiber", Doc: "Treiber's stack with tags",
		New:   func() pool.IdleQueue { return NewTreiber[*pool.Worker](true) },
		Tight: func() pool.IdleQueue { return NewTreiber[*pool.Worker](false) }},
	{Name: "mutex-fifo", Doc: "a list under sync.Mutex, first in first out", New: func() pool.IdleQueue { return mutexQueue[*pool.Worker]() }},
	{Name: "mutex-lifo", Doc: "a list under sync.Mutex, last in first out", New: func() pool.IdleQueue { return NewLocked[*pool.Worker](new(atomic.Mutex), true) }},
	{Name: "spin", Doc: "a list under a spinlock with back-off", New: func() pool.IdleQueue { return spinQueue[*pool.Worker]() }},
	{Name: "xsync", Doc: "xsync's MPMC ring", New: func() pool.IdleQueue { return NewRing[*pool.Worker](idleRoom) }},
	{Name: "chan", Doc: "a channel", New: func() pool.IdleQueue { return NewChannel[*pool.Worker](idleRoom) }},
}

// TaskQueues lists where tasks may wait.
var TaskQueues = []Part[pool.TaskQueue]{
	{Name: "seg", Doc: "the segmented queue", New: func() pool.TaskQueue { return lfqueue.NewSeg[func()]() }},
	{Name: "sharded", Doc: "eight segmented queues side by side", New: func() pool.TaskQueue { return lfqueue.NewSharded[func()](8) }},
	{Name: "ms", Doc: "the Michael-Scott queue, garbage-collected nodes", New: func() pool.TaskQueue { return lfqueue.NewMS[func()]() }},
	{Name: "two-lock", Doc: "the two-lock queue of Michael and Scott",
		New:   func() pool.TaskQueue { return NewTwoLock[func()](true) },
		Tight: func() pool.TaskQueue { return NewTwoLock[func()](false) }},
	{Name: "mutex-ring", Doc: "a growing ring under sync.Mutex", New: func() pool.TaskQueue { return mutexQueue[func()]() }},
	{Name: "spin", Doc: "a growing ring under a spinlock with back-off", New: func() pool.TaskQueue { return spinQueue[func()]() }},
	{Name: "xsync-ring", Doc: "xsync's MPMC ring with an overflow list", New: func() pool.TaskQueue { return NewSized(NewRing[func()](taskRoom)) }},
	{Name: "chan", Doc: "a channel with an overflow list", New: func() pool.TaskQueue { return NewSized(NewChannel[func()](taskRoom)) }},
}

// shipped names the choice, in both tables, that a pool makes by itself.
const shipped = "seg"

func mutexQueue[T any]() *Locked[T] { return NewLocked[T](new(atomic.Mutex), false) }
func spinQueue[T any]() *Locked[T]  { return NewLocked[T](new(SpinLock), false) }

// variants lists lfpool with one part exchanged, for each choice in parts but
// the shipped one, and for the tight form of those that have one.
func variants[Q any](parts []Part[Q], prefix, doc string, options func(newQueue func() Q) []pool.Option) []Contestant {
	var cs []Contestant
	for _, part := range parts {
		if part.Name != shipped {
			cs = append(cs, Contestant{prefix + part.Name, doc + part.Doc, with(options(part.New)...)})
		}
		if part.Tight != nil {
			cs = append(cs, Contestant{prefix + part.Name + TightSuffix, doc + part.Doc + ", its shared words on one cache line", with(options(part.Tight)...)})
		}
	}
	return cs
}

// TightSuffix ends the name of a variant without padding.
const TightSuffix = "-tight"
