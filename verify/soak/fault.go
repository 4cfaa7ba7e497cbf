package main

import (
	"slices"
	"strings"
	"sync/atomic"

	"github.com/lfpool/lfpool/pool"
)

// fault is what is broken, to see that it is noticed; in queues one operation in
// faultEvery.
type fault int

const (
	sound fault = iota
	loseTask
	doubleTask
	dropWorker
	extraPlace // under each limit
	crash      // a panic in a worker, outside of any task
	freeze     // nothing happens any more
)

var faults = []string{"", "lose-task", "double-task", "drop-worker", "extra-place", "crash", "freeze"}

func faultNames() string { return strings.Join(faults[1:], ", ") }

func faultNamed(name string) (fault, bool) {
	i := slices.Index(faults, name)
	return fault(i), i >= 0
}

const faultEvery = 1000

// keepsTasks reports whether every pool must queue tasks for the fault to show.
func (f fault) keepsTasks() bool { return f != loseTask && f != doubleTask && f != crash }

// extraPlaces is how many tasks more may run than the limit says.
func (f fault) extraPlaces() int {
	if f == extraPlace {
		return 1
	}
	return 0
}

func (f fault) taskQueue(q pool.TaskQueue) pool.TaskQueue {
	if !f.keepsTasks() {
		return &brokenTasks{TaskQueue: q, fault: f}
	}
	return q
}

func (f fault) idleQueue(q pool.IdleQueue) pool.IdleQueue {
	if f == dropWorker {
		return &brokenWorkers{IdleQueue: q}
	}
	return q
}

// brokenTasks loses a task now and then, or has it twice, or panics when one is
// taken.
type brokenTasks struct {
	pool.TaskQueue
	fault fault
	n     atomic.Int64
}

func (q *brokenTasks) Enqueue(f func()) {
	if q.n.Add(1)%faultEvery == 0 {
		switch q.fault {
		case loseTask:
			return
		case doubleTask:
			q.TaskQueue.Enqueue(f)
		}
	}
	q.TaskQueue.Enqueue(f)
}

func (q *brokenTasks) Dequeue() (func(), bool) {
	f, ok := q.TaskQueue.Dequeue()
	if ok && q.fault == crash && q.n.Load() > faultEvery {
		panic("crash: the fault that was asked for")
	}
	return f, ok
}

// brokenWorkers drops a worker now and then.
type brokenWorkers struct {
	pool.IdleQueue
	n atomic.Int64
}

func (q *brokenWorkers) Enqueue(w *pool.Worker) {
	if q.n.Add(1)%10 == 0 { // workers are queued far less often than tasks
		return
	}
	q.IdleQueue.Enqueue(w)
}
