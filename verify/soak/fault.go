package main

import (
	"sync/atomic"

	"github.com/lfpool/lfpool/pool"
)

// fault is what a test breaks, to see that it is noticed: one queue operation
// in faultEvery.
type fault int

const (
	sound fault = iota
	loseTask
	doubleTask
	dropWorker
)

const faultEvery = 1000

// keepsTasks reports whether every pool must queue tasks for the fault to show.
func (f fault) keepsTasks() bool { return f == sound || f == dropWorker }

func (f fault) taskQueue(q pool.TaskQueue) pool.TaskQueue {
	if f == loseTask || f == doubleTask {
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

// brokenTasks loses a task now and then, or has it twice.
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
