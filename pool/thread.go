package pool

import (
	"math/rand/v2"
	"time"

	"github.com/lfpool/lfpool/internal/goroutine"
)

// A task that locks its thread ([runtime.LockOSThread]) and ends without
// unlocking it means that nobody uses the thread again: its namespace, ids or
// signal mask are not the program's. With the go statement the goroutine ends,
// and the thread with it. A worker must end for that. Only its stack's first line
// says that it is locked. The runtime walks the whole stack to write it, and holds a
// lock of the process meanwhile: 2 to 4 us, more than many a task. So a worker looks
// seldom.
//
// A worker hears of a notice where it checks in: each look of the reaper is one, and so
// is, for a worker that is never idle, every eighth pass through the scheduler
// (count.go). If it has run a task since it last looked it looks then,
//
//   - before it takes a task from its queue;
//   - before it runs the task that it was woken with, which then goes to its successor.
//
// So a thread that a task has left locked runs no task that is taken after the next
// notice, but for one in a crowd (see below). A parked worker hears nothing. It looks
// when it is woken; if nobody wakes it, it is retired like any that nobody needs, and
// the thread goes with it. These looks, before the worker parks, have the thread go
// sooner:
//
//   - at its first parks, in case that tasks which lock the thread are what the pool is
//     for;
//   - later, if the last parks took so long each that it may be locked (a goroutine
//     that is locked is handed from thread to thread), which it asks the clock once in
//     parksPerCheck parks;
//   - in a crowd, at one of parksPerCheck first parks.
//
// A crowd is many parked workers. When the tasks of a flood end, each worker that it has
// brought up parks for the first time, and most are never woken. There the looks would
// take ten times as long as all the rest. So in a crowd a worker whose queue is empty
// puts the look off: it leaves the notice unheard, parks, and looks when it is woken. It
// does so once for each time that it parks: should a task come to its queue before it has
// parked, it runs that one and then looks. And should one of the few that look find its
// thread locked, it gives notice, so that the others look before their next tasks.

const (
	firstParks = 8 // that it looks at each time, if it is not in a crowd
	// parksPerCheck makes the looks a twentieth of what a park takes, at most.
	parksPerCheck = 128
	// slowPark is less than what two switches of threads take, and more than a
	// worker needs from one park to the next if it is in steady use.
	slowPark = 4 * time.Microsecond
	// crowd is how many parked workers are one: to look at so many threads takes a
	// quarter of a millisecond.
	crowd = 64
)

// What runner.looked is if the worker has not looked.
const (
	notLooked = -1 // before it parked last
	putOff    = -2 // when it was to, and it has not parked since
)

// unknown reports whether the worker has run a task since it last looked at its thread.
func (w *runner) unknown() bool { return w.looked != w.ran() }

// locked looks whether the worker is locked to its thread.
func (w *runner) locked() bool {
	if !goroutine.Locked() {
		w.looked = w.ran()
		return false
	}
	if w.crowded() {
		w.pool.notify()
	}
	return true
}

// crowded reports whether many workers are parked.
func (w *runner) crowded() bool { return w.pool.gauge.Count() >= crowd }

// putsOff reports whether the worker, which is to look at its thread and has no task,
// leaves that to the next time that it is woken.
func (w *runner) putsOff() bool {
	if w.looked == putOff || w.ran() == 0 || !w.crowded() || !w.lane.tasks.Empty() {
		return false
	}
	w.looked = putOff
	return true
}

// maybeLocked reports whether the worker, which is about to park, is locked to its
// thread, if it is time to ask.
func (w *runner) maybeLocked() bool {
	unknown := w.unknown()
	if unknown && w.timeToAsk() {
		if w.locked() {
			return true
		}
		unknown = false
	}
	w.looked = 0 // as ran counts when it has been unparked
	if unknown {
		w.looked = notLooked
	}
	return false
}

func (w *runner) timeToAsk() bool {
	if w.parks <= firstParks {
		return !w.crowded() || rand.Uint32()%parksPerCheck == 0
	}
	if w.parks%parksPerCheck != 0 {
		return false
	}
	now := clock()
	slow := now-w.passed > parksPerCheck*slowPark
	w.passed = now // to park is to pass the scheduler
	return slow
}
