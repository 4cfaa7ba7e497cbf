//go:build lfpoolhooks

package atomic

import (
	"sync"
	"sync/atomic"
	"unsafe"
)

// What an operation does to its word, as github.com/lfpool/lfpool/explore
// counts it.
const (
	load  uint8 = 1
	store uint8 = 2
	rmw   uint8 = 3
	cas   uint8 = 4
)

// Watched says whether operations are reported.
const Watched = true

var watcher atomic.Pointer[func(kind uint8, addr unsafe.Pointer, size uintptr)]

// Watch has w called directly before each operation, by the goroutine that
// makes it, with the kind of the operation and the word: 1 load, 2 store, 3 read
// and write, 4 compare and swap. Nil ends that; goroutines that are in the
// former w stay there.
func Watch(w func(kind uint8, addr unsafe.Pointer, size uintptr)) {
	if w == nil {
		watcher.Store(nil)
		return
	}
	watcher.Store(&w)
}

func step(kind uint8, addr unsafe.Pointer, size uintptr) {
	if w := watcher.Load(); w != nil {
		(*w)(kind, addr, size)
	}
}

var publishing atomic.Pointer[func(object unsafe.Pointer, size uintptr)]

// Publishing has w called with each object whose address a Pointer is about to
// be given, after the report of that operation. Nil ends that.
func Publishing(w func(object unsafe.Pointer, size uintptr)) {
	if w == nil {
		publishing.Store(nil)
		return
	}
	publishing.Store(&w)
}

func publish(object unsafe.Pointer, size uintptr) {
	if w := publishing.Load(); w != nil && object != nil {
		(*w)(object, size)
	}
}

const word = unsafe.Sizeof(uintptr(0))

// Pool is a sync.Pool whose operations are reported as changes of a word.
type Pool struct {
	New     func() any
	p       sync.Pool
	changes uint64
}

// Get is sync.Pool's.
func (p *Pool) Get() any {
	p.change()
	v := p.p.Get()
	if v == nil && p.New != nil {
		v = p.New()
	}
	return v
}

// Put is sync.Pool's.
func (p *Pool) Put(v any) {
	p.change()
	p.p.Put(v)
}

func (p *Pool) change() {
	step(rmw, unsafe.Pointer(&p.changes), 8)
	atomic.AddUint64(&p.changes, 1)
}

// Mutex is a sync.Mutex that is made of reported operations, and whose waiters
// wait for a channel, as a bubble of testing/synctest can see. As in sync.Mutex,
// a waiter that is woken and finds the lock taken again waits again.
type Mutex struct {
	held    Uint32
	waiting atomic.Int64
	woken   atomic.Pointer[chan struct{}]
}

// Lock is sync.Mutex's.
func (m *Mutex) Lock() {
	for !m.held.CompareAndSwap(0, 1) {
		woken := m.channel()
		m.waiting.Add(1)
		if m.held.v.Load() != 0 { // needs store-load: say that one waits, then look
			<-woken
		}
		m.waiting.Add(-1)
	}
}

// Unlock is sync.Mutex's.
func (m *Mutex) Unlock() {
	m.held.Store(0)
	if m.waiting.Load() > 0 { // needs store-load: unlock, then look who waits
		select {
		case m.channel() <- struct{}{}:
		default: // one is on the way
		}
	}
}

func (m *Mutex) channel() chan struct{} {
	if c := m.woken.Load(); c != nil {
		return *c
	}
	c := make(chan struct{}, 1)
	m.woken.CompareAndSwap(nil, &c) // not retried: if it fails there is one
	return *m.woken.Load()
}

// Bool is sync/atomic's, reported.
type Bool struct{ v atomic.Bool }

// Load is reported.
func (x *Bool) Load() bool {
	step(load, unsafe.Pointer(x), 4)
	return x.v.Load()
}

// Store is reported.
func (x *Bool) Store(val bool) {
	step(store, unsafe.Pointer(x), 4)
	x.v.Store(val)
}

// Swap is reported.
func (x *Bool) Swap(new bool) (old bool) {
	step(rmw, unsafe.Pointer(x), 4)
	return x.v.Swap(new)
}

// CompareAndSwap is reported.
func (x *Bool) CompareAndSwap(old, new bool) (swapped bool) {
	step(cas, unsafe.Pointer(x), 4)
	return x.v.CompareAndSwap(old, new)
}

// Int32 is sync/atomic's, reported.
type Int32 struct{ v atomic.Int32 }

// Load is reported.
func (x *Int32) Load() int32 {
	step(load, unsafe.Pointer(x), 4)
	return x.v.Load()
}

// Store is reported.
func (x *Int32) Store(val int32) {
	step(store, unsafe.Pointer(x), 4)
	x.v.Store(val)
}

// Swap is reported.
func (x *Int32) Swap(new int32) (old int32) {
	step(rmw, unsafe.Pointer(x), 4)
	return x.v.Swap(new)
}

// CompareAndSwap is reported.
func (x *Int32) CompareAndSwap(old, new int32) (swapped bool) {
	step(cas, unsafe.Pointer(x), 4)
	return x.v.CompareAndSwap(old, new)
}

// Add is reported.
func (x *Int32) Add(delta int32) (new int32) {
	step(rmw, unsafe.Pointer(x), 4)
	return x.v.Add(delta)
}

// And is reported.
func (x *Int32) And(mask int32) (old int32) {
	step(rmw, unsafe.Pointer(x), 4)
	return x.v.And(mask)
}

// Or is reported.
func (x *Int32) Or(mask int32) (old int32) {
	step(rmw, unsafe.Pointer(x), 4)
	return x.v.Or(mask)
}

// Int64 is sync/atomic's, reported.
type Int64 struct{ v atomic.Int64 }

// Load is reported.
func (x *Int64) Load() int64 {
	step(load, unsafe.Pointer(x), 8)
	return x.v.Load()
}

// Store is reported.
func (x *Int64) Store(val int64) {
	step(store, unsafe.Pointer(x), 8)
	x.v.Store(val)
}

// Swap is reported.
func (x *Int64) Swap(new int64) (old int64) {
	step(rmw, unsafe.Pointer(x), 8)
	return x.v.Swap(new)
}

// CompareAndSwap is reported.
func (x *Int64) CompareAndSwap(old, new int64) (swapped bool) {
	step(cas, unsafe.Pointer(x), 8)
	return x.v.CompareAndSwap(old, new)
}

// Add is reported.
func (x *Int64) Add(delta int64) (new int64) {
	step(rmw, unsafe.Pointer(x), 8)
	return x.v.Add(delta)
}

// And is reported.
func (x *Int64) And(mask int64) (old int64) {
	step(rmw, unsafe.Pointer(x), 8)
	return x.v.And(mask)
}

// Or is reported.
func (x *Int64) Or(mask int64) (old int64) {
	step(rmw, unsafe.Pointer(x), 8)
	return x.v.Or(mask)
}

// Uint32 is sync/atomic's, reported.
type Uint32 struct{ v atomic.Uint32 }

// Load is reported.
func (x *Uint32) Load() uint32 {
	step(load, unsafe.Pointer(x), 4)
	return x.v.Load()
}

// Store is reported.
func (x *Uint32) Store(val uint32) {
	step(store, unsafe.Pointer(x), 4)
	x.v.Store(val)
}

// Swap is reported.
func (x *Uint32) Swap(new uint32) (old uint32) {
	step(rmw, unsafe.Pointer(x), 4)
	return x.v.Swap(new)
}

// CompareAndSwap is reported.
func (x *Uint32) CompareAndSwap(old, new uint32) (swapped bool) {
	step(cas, unsafe.Pointer(x), 4)
	return x.v.CompareAndSwap(old, new)
}

// Add is reported.
func (x *Uint32) Add(delta uint32) (new uint32) {
	step(rmw, unsafe.Pointer(x), 4)
	return x.v.Add(delta)
}

// And is reported.
func (x *Uint32) And(mask uint32) (old uint32) {
	step(rmw, unsafe.Pointer(x), 4)
	return x.v.And(mask)
}

// Or is reported.
func (x *Uint32) Or(mask uint32) (old uint32) {
	step(rmw, unsafe.Pointer(x), 4)
	return x.v.Or(mask)
}

// Uint64 is sync/atomic's, reported.
type Uint64 struct{ v atomic.Uint64 }

// Load is reported.
func (x *Uint64) Load() uint64 {
	step(load, unsafe.Pointer(x), 8)
	return x.v.Load()
}

// Store is reported.
func (x *Uint64) Store(val uint64) {
	step(store, unsafe.Pointer(x), 8)
	x.v.Store(val)
}

// Swap is reported.
func (x *Uint64) Swap(new uint64) (old uint64) {
	step(rmw, unsafe.Pointer(x), 8)
	return x.v.Swap(new)
}

// CompareAndSwap is reported.
func (x *Uint64) CompareAndSwap(old, new uint64) (swapped bool) {
	step(cas, unsafe.Pointer(x), 8)
	return x.v.CompareAndSwap(old, new)
}

// Add is reported.
func (x *Uint64) Add(delta uint64) (new uint64) {
	step(rmw, unsafe.Pointer(x), 8)
	return x.v.Add(delta)
}

// And is reported.
func (x *Uint64) And(mask uint64) (old uint64) {
	step(rmw, unsafe.Pointer(x), 8)
	return x.v.And(mask)
}

// Or is reported.
func (x *Uint64) Or(mask uint64) (old uint64) {
	step(rmw, unsafe.Pointer(x), 8)
	return x.v.Or(mask)
}

// Pointer is sync/atomic's, reported.
type Pointer[T any] struct{ v atomic.Pointer[T] }

// Load is reported.
func (x *Pointer[T]) Load() *T {
	step(load, unsafe.Pointer(x), word)
	return x.v.Load()
}

// Store is reported.
func (x *Pointer[T]) Store(val *T) {
	step(store, unsafe.Pointer(x), word)
	publish(unsafe.Pointer(val), unsafe.Sizeof(*val))
	x.v.Store(val)
}

// Swap is reported.
func (x *Pointer[T]) Swap(new *T) (old *T) {
	step(rmw, unsafe.Pointer(x), word)
	publish(unsafe.Pointer(new), unsafe.Sizeof(*new))
	return x.v.Swap(new)
}

// CompareAndSwap is reported.
func (x *Pointer[T]) CompareAndSwap(old, new *T) (swapped bool) {
	step(cas, unsafe.Pointer(x), word)
	publish(unsafe.Pointer(new), unsafe.Sizeof(*new))
	return x.v.CompareAndSwap(old, new)
}
