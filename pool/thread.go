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
//   - whenever it checks in before it runs a task, that is once for each look of the
//     reaper, and once in a millisecond or so if it is never idle (count.go);
//   - when it parks for the first times, so that the thread is not used again if
//     tasks that lock it are what the pool is for;
//   - when it parks later, if its last parks took so long each that it may be
//     locked (a goroutine that is locked is handed from thread to thread), which it
//     asks the clock once in parksPerCheck parks.

const (
	firstParks    = 8 // that it looks at each time
	parksPerCheck = 32
	// slowPark is less than what two switches of threads take, and more than a
	// worker needs from one park to the next if it is in steady use.
	slowPark = 4 * time.Microsecond
)

// maybeLocked reports whether the worker is locked to its thread, if it is time
// to ask.
func (w *runner) maybeLocked() bool {
	if w.parks <= firstParks {
		return goroutine.Locked()
	}
	if w.parks%parksPerCheck != 0 {
		return false
	}
	now := clock()
	slow := now-w.passed > parksPerCheck*slowPark
	w.passed = now // to park is to pass the scheduler
	return slow && goroutine.Locked()
}
