package pool

import (
	"time"

	"github.com/lfpool/lfpool/internal/goroutine"
)

// A task that locks its thread ([runtime.LockOSThread]) and ends without
// unlocking it means that nobody uses the thread again: its namespace, ids or
// signal mask are not the program's. With the go statement the goroutine ends,
// and the thread with it. A worker must end for that. Only its stack's first line
// says that it is locked, which takes 600 ns to get, so it looks
//
//   - whenever it checks in, that is once for each look of the reaper, before it
//     runs a task;
//   - when it parks, if its last parks took so long each that it may be locked
//     (a goroutine that is locked is handed from thread to thread), which it asks
//     the clock once in parksPerCheck parks.

const (
	parksPerCheck = 8
	// slowPark is less than what two switches of threads take, and more than a
	// worker needs from one park to the next if it is in steady use.
	slowPark = 2 * time.Microsecond
)

// maybeLocked reports whether the worker is locked to its thread, if it is time
// to ask.
func (w *Worker) maybeLocked() bool {
	if w.parks%parksPerCheck != 0 {
		return false
	}
	now := clock()
	slow := now-w.checked > parksPerCheck*slowPark
	w.checked = now
	return slow && goroutine.Locked()
}
