package explore

import (
	"runtime"
	"sync"
	"unsafe"
)

// worker is a goroutine that runs goroutines of scenarios, one after the other.
type worker struct {
	jobs chan func(*worker)
	goid uint64
	// Addresses in its stack, the lowest and the highest that were seen: a caller
	// whose stack is between is this goroutine, and that is cheaper to find out
	// than a goroutine's number.
	low, high uintptr
}

// near is how far from the addresses that were seen another is taken to be of
// the same place of the stack, which may have moved in between.
const near = 1024

// calls reports whether the calling goroutine is w.
func (w *worker) calls() bool {
	var here byte
	sp := uintptr(unsafe.Pointer(&here))
	switch {
	case w.low <= sp && sp <= w.high:
		return true
	case goid() != w.goid:
		return false
	case sp+near < w.low || w.high+near < sp:
		w.low, w.high = sp, sp
	default:
		w.low, w.high = min(w.low, sp), max(w.high, sp)
	}
	return true
}

// workers are those of an exploration.
type workers struct {
	mu   sync.Mutex
	free []*worker
	over bool
}

// run calls f in a worker. If f ends its goroutine there is one worker less.
func (ws *workers) run(f func(*worker)) {
	ws.mu.Lock()
	var w *worker
	if n := len(ws.free); n > 0 {
		w, ws.free = ws.free[n-1], ws.free[:n-1]
	}
	ws.mu.Unlock()
	if w == nil {
		w = &worker{jobs: make(chan func(*worker), 1)}
		go w.live(ws)
	}
	w.jobs <- f
}

func (w *worker) live(ws *workers) {
	w.goid = goid()
	for f := range w.jobs {
		f(w)
		ws.mu.Lock()
		if ws.over {
			ws.mu.Unlock()
			return
		}
		ws.free = append(ws.free, w)
		ws.mu.Unlock()
	}
}

// end lets all workers go.
func (ws *workers) end() {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.over = true
	for _, w := range ws.free {
		close(w.jobs)
	}
	ws.free = nil
}

// goid returns the calling goroutine's number, from the first line of its
// stack: "goroutine 12 [running]:".
func goid() (id uint64) {
	var buf [32]byte
	n := runtime.Stack(buf[:], false)
	for _, c := range buf[len("goroutine "):n] {
		if c < '0' || c > '9' {
			break
		}
		id = id*10 + uint64(c-'0')
	}
	return id
}
