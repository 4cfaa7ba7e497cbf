// Package sync has the types and functions of the package sync, whose
// operations are steps of an exploration: see package explore. Import it in
// place of sync. A goroutine that is blocked in one of them is not run, and if
// nobody is left to wake it that is a deadlock, which the explorer reports.
// Outside an exploration everything is as in sync.
//
// Of several goroutines that wait for a lock, any may get it; sync prefers the
// one that has waited longest only after a millisecond.
package sync

import (
	"sync"
	"unsafe"

	"github.com/lfpool/lfpool/explore"
)

// Locker is sync's Locker.
type Locker = sync.Locker

// Mutex is sync's Mutex.
type Mutex struct{ m sync.Mutex }

// State is for the explorer: bit 0 is set if the mutex is free.
func (m *Mutex) State() uint64 {
	if !m.m.TryLock() {
		return 0
	}
	m.m.Unlock()
	return free
}

const free = 1

// Lock blocks until the mutex is free, and locks it.
func (m *Mutex) Lock() {
	if _, over := explore.Wait(unsafe.Pointer(m), m, free); !over {
		m.m.Lock()
	}
}

// TryLock locks the mutex if it is free, and reports whether it did.
func (m *Mutex) TryLock() bool {
	_, over := explore.Wait(unsafe.Pointer(m), m, 0)
	return !over && m.m.TryLock()
}

// Unlock unlocks the mutex. To unlock one that is not locked is fatal, as in
// sync.
func (m *Mutex) Unlock() {
	if _, over := explore.Wait(unsafe.Pointer(m), m, 0); !over {
		m.m.Unlock()
	}
}

// RWMutex is sync's RWMutex: a Lock that waits for readers keeps new ones out.
type RWMutex struct {
	m       sync.RWMutex
	writing bool // in an exploration: a Lock has begun
}

// What an operation of an RWMutex waits for.
const (
	noWriter  = 1 << iota // nobody writes or waits to
	noReaders             // after that: nobody reads
)

// State is for the explorer.
func (m *RWMutex) State() (met uint64) {
	if !m.writing && m.m.TryRLock() {
		m.m.RUnlock()
		met |= noWriter
	}
	if m.m.TryLock() {
		m.m.Unlock()
		met |= noReaders
	}
	return met
}

// Lock blocks until nobody writes, from then on keeps readers from entering,
// and blocks until those that are in have left.
func (m *RWMutex) Lock() {
	watched, over := explore.Wait(unsafe.Pointer(m), m, noWriter)
	if watched && !over {
		m.writing = true
		_, over = explore.Wait(unsafe.Pointer(m), m, noReaders)
	}
	if !over {
		m.m.Lock()
	}
}

// TryLock locks for writing if nobody writes or reads, and reports whether it
// did.
func (m *RWMutex) TryLock() bool {
	watched, over := explore.Wait(unsafe.Pointer(m), m, 0)
	if over || watched && m.writing || !m.m.TryLock() {
		return false
	}
	if watched {
		m.writing = true
	}
	return true
}

// Unlock ends the writing.
func (m *RWMutex) Unlock() {
	watched, over := explore.Wait(unsafe.Pointer(m), m, 0)
	if over {
		return
	}
	if watched {
		m.writing = false
	}
	m.m.Unlock()
}

// RLock blocks until nobody writes or waits to write.
func (m *RWMutex) RLock() {
	if _, over := explore.Wait(unsafe.Pointer(m), m, noWriter); !over {
		m.m.RLock()
	}
}

// TryRLock locks for reading if nobody writes or waits to write, and reports
// whether it did.
func (m *RWMutex) TryRLock() bool {
	watched, over := explore.Wait(unsafe.Pointer(m), m, 0)
	return !over && !(watched && m.writing) && m.m.TryRLock()
}

// RUnlock ends the reading.
func (m *RWMutex) RUnlock() {
	if _, over := explore.Wait(unsafe.Pointer(m), m, 0); !over {
		m.m.RUnlock()
	}
}

// RLocker returns a Locker of RLock and RUnlock.
func (m *RWMutex) RLocker() Locker { return (*rlocker)(m) }

type rlocker RWMutex

func (l *rlocker) Lock()   { (*RWMutex)(l).RLock() }
func (l *rlocker) Unlock() { (*RWMutex)(l).RUnlock() }
