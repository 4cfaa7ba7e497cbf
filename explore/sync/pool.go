package sync

import (
	"sync"
	"unsafe"

	"github.com/lfpool/lfpool/explore"
)

// Pool is sync's Pool. In an exploration it gives back what was put in last,
// and keeps everything: that is the least kind order for code that uses things
// again. Each run must have a Pool of its own.
type Pool struct {
	New func() any

	p    sync.Pool
	kept []any // put in during an exploration
}

// State is for the explorer.
func (p *Pool) State() uint64 { return 0 }

// Get returns something that was put in, or what New returns, or nil.
func (p *Pool) Get() any {
	watched, over := explore.Wait(unsafe.Pointer(p), p, 0)
	if n := len(p.kept); watched && !over && n > 0 {
		v := p.kept[n-1]
		p.kept = p.kept[:n-1]
		return v
	}
	v := p.p.Get()
	if v == nil && p.New != nil {
		v = p.New()
	}
	return v
}

// Put puts v in.
func (p *Pool) Put(v any) {
	watched, over := explore.Wait(unsafe.Pointer(p), p, 0)
	switch {
	case v == nil || over:
	case watched:
		p.kept = append(p.kept, v)
	default:
		p.p.Put(v)
	}
}

// Map is sync's Map, each call one step, and Range one for each key.
type Map struct{ m sync.Map }

// State is for the explorer.
func (m *Map) State() uint64 { return 0 }

func (m *Map) step() { explore.Wait(unsafe.Pointer(m), m, 0) }

// Load is a step.
func (m *Map) Load(key any) (value any, ok bool) { m.step(); return m.m.Load(key) }

// Store is a step.
func (m *Map) Store(key, value any) { m.step(); m.m.Store(key, value) }

// LoadOrStore is a step.
func (m *Map) LoadOrStore(key, value any) (actual any, loaded bool) {
	m.step()
	return m.m.LoadOrStore(key, value)
}

// LoadAndDelete is a step.
func (m *Map) LoadAndDelete(key any) (value any, loaded bool) {
	m.step()
	return m.m.LoadAndDelete(key)
}

// Delete is a step.
func (m *Map) Delete(key any) { m.step(); m.m.Delete(key) }

// Swap is a step.
func (m *Map) Swap(key, value any) (previous any, loaded bool) { m.step(); return m.m.Swap(key, value) }

// CompareAndSwap is a step.
func (m *Map) CompareAndSwap(key, old, new any) (swapped bool) {
	m.step()
	return m.m.CompareAndSwap(key, old, new)
}

// CompareAndDelete is a step.
func (m *Map) CompareAndDelete(key, old any) (deleted bool) {
	m.step()
	return m.m.CompareAndDelete(key, old)
}

// Range calls f for each key; there is a step before each. The order of the keys
// is that of sync.Map, which may not be the same each time.
func (m *Map) Range(f func(key, value any) bool) {
	m.m.Range(func(key, value any) bool { m.step(); return f(key, value) })
}

// Clear is a step.
func (m *Map) Clear() { m.step(); m.m.Clear() }
