package explore

import (
	"fmt"
	"runtime"
	"unsafe"
)

// A step of several operations: the one that the goroutine stopped before, and those that
// it touches on the way to its next stop.

// touch is an operation that belongs to the step before it.
type touch struct {
	word    int32
	kind    Kind // Load, or one that may have changed the word
	changed bool
	addr    unsafe.Pointer
	size    uintptr
	before  [2]uint64
}

// span is part of a run's list of touches.
type span struct{ from, to int }

// touches returns what event e did beside its op, each word once.
func (r *Run) touches(e *event) []touch { return r.touched[e.touches.from:e.touches.to] }

func wantKind(caller string, k Kind) {
	if k < Load || k > CAS {
		panic(fmt.Sprintf("explore.%s: kind %d: want Load, Store, RMW or CAS", caller, k))
	}
}

// touch notes an operation of the step under way. What comes before the first step is in
// the same order in each run.
func (r *Run) touch(k Kind, addr unsafe.Pointer, size uintptr) {
	wantKind("Touch", k)
	if r.outside.settle != nil {
		r.crowd.mu.Lock()
		defer r.crowd.mu.Unlock()
	} else if th := r.running; !th.worker.calls() {
		if left.has(goid()) {
			runtime.Goexit()
		}
		r.strayed(op{kind: k, addr: addr, size: size})
		return
	}
	if r.abandoned.Load() || len(r.trace) == 0 {
		return
	}
	e := &r.trace[len(r.trace)-1]
	word := r.number(addr)
	for i := range r.touches(e) {
		if t := &r.touched[e.touches.from+i]; t.word == word {
			if t.kind == Load && k != Load {
				t.kind, t.before = k, peek(addr, size) // what it was at the start of the step
			}
			return
		}
	}
	r.touched = append(r.touched, touch{word: word, kind: k, addr: addr, size: size, before: peek(addr, size)})
	e.touches.to = len(r.touched)
}
