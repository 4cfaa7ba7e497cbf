package explore

import (
	"runtime"
	"sync/atomic"
	"unsafe"
)

// This file is what a drop-in package reports to: explore/atomic and
// explore/sync use nothing else, and other packages with watched types can call
// the same two functions. A library that must not depend on this module has a
// variable of type func(uint8, unsafe.Pointer, uintptr), which a test sets to
// Step.

// Kind says what an operation does to a word.
type Kind = uint8

// The kinds of operations. A CAS that fails, or any other operation that leaves
// the word as it was, counts as a Load once it has been made.
const (
	Load  Kind = 1
	Store Kind = 2 // writes
	RMW   Kind = 3 // reads and writes: Add, And, Or, Swap
	CAS   Kind = 4 // compares, and may swap

	object  Kind = 5 // an operation of an Object
	yield   Kind = 6 // Gosched
	passage Kind = 7 // concerns nobody else
	ticking Kind = 8 // time passes
)

// kindNames stand in schedules for operations that have no name of their own.
var kindNames = [...]string{Load: "Load", Store: "Store", RMW: "RMW", CAS: "CAS", object: "Wait", yield: "Gosched", passage: "Return", ticking: "passes"}

// active is the run that goroutines stop for.
var active atomic.Pointer[Run]

// Step is called directly before an atomic operation on the size bytes (4, 8
// or two words) at addr, by the goroutine that makes it. In a goroutine of a
// running exploration it returns when that goroutine is to go on; elsewhere at
// once, for the price of one load. What the operation did to the word is looked
// at when the goroutine has come to its next step. The name and the type of the
// operation, and the call site, come from the caller's stack: the outermost
// frame in a package named atomic or sync is the operation.
func Step(k Kind, addr unsafe.Pointer, size uintptr) {
	if r := active.Load(); r != nil {
		r.word(k, addr, size)
	}
}

// Touch is called directly before an atomic operation, as Step is, for one before which
// the goroutine need not stop: it belongs to the step under way. So a step can be several
// operations, and what the search holds to depend on each other is all of them. It returns
// at once.
func Touch(k Kind, addr unsafe.Pointer, size uintptr) {
	if r := active.Load(); r != nil {
		r.touch(k, addr, size)
	}
}

// Object is something whose operations can block.
type Object interface {
	// State returns the set of needs that are met now, a bit for each. It is
	// called between steps and must not come to a step itself.
	State() uint64
}

// Wait is called directly before an operation of o, which stands at addr. In a
// goroutine of a running exploration it returns when that goroutine is to go
// on, which is not before a bit of need is in o.State(); with need 0 the
// operation never blocks. The state is then as need wants it, until the
// goroutine's next step. All operations of an object are taken to depend on each
// other.
//
// Watched is false if there is no exploration or it does not concern the
// caller: do as usual, which may block. Over is true if the run has been given
// up and the goroutine is on its way out through its deferred calls: do nothing.
func Wait(addr unsafe.Pointer, o Object, need uint64) (watched, over bool) {
	r := active.Load()
	if r == nil {
		return false, false
	}
	return r.step(op{kind: object, addr: addr, object: o, need: need})
}

// Gosched is for loops that wait for another goroutine: in place of
// runtime.Gosched, which it calls outside an exploration. In one it says that
// the caller can do nothing but what it has done since its last Gosched, until
// another goroutine has changed a word that was read meanwhile; so the goroutine
// is not run before that. A loop that gives up after some tries should not call
// it, for the giving up would hardly be explored.
func Gosched() {
	if r := active.Load(); r != nil {
		if watched, _ := r.step(op{kind: yield}); watched {
			return
		}
	}
	runtime.Gosched()
}

// Go is for go statements of the code under test: f runs in a goroutine of the
// exploration. Outside of one it is go f().
func Go(f func()) {
	if r := current.Load(); r != nil {
		r.spawn(f)
		return
	}
	go f()
}
