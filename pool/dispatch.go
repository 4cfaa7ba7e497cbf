package pool

// The wake chain.
//
// Handing each task to a parked worker costs one wake-up a task, about as much
// as the go statement. The chain hands most tasks over through the task queue
// and wakes nobody, by the rule with which the Go scheduler keeps its
// processors busy (runtime/proc.go, "Worker thread parking/unparking"): while
// there is work, somebody is on the way to look for it.
//
// There is one search token. Who owns it is the searcher: a worker that is
// awake, or being woken, and not in user code, or a goroutine that is between
// two steps of the functions below.
//
//	Invariant. If a task is queued, the search token is owned, or some
//	goroutine has yet to look at the token (in seek) after that task was
//	queued.
//
// Why it holds. A submitter looks at the token after it has enqueued. An owner
// gives the token up only in release, which looks at the queue after. With
// sequentially consistent atomics one of the two sees the other: either the
// submitter sees the token free and takes it, or the owner sees the task and
// takes the token back.
//
// Why every task starts. The owner takes a task, and before it runs it (the
// task may never end) it makes sure in passOn that a successor is on the way
// if more is queued. The successor is an ordinary runnable goroutine. So k
// tasks that block for ever bring up k workers, one after the other.
//
// Why it is fast. A worker that has finished a task is not the searcher and
// takes the next task with one queue operation, no token, no wake-up.

// submit queues f, or hands it to a worker if nobody is searching.
func (p *Pool) submit(f func()) {
	if p.takeToken() {
		p.wake(f)
		return
	}
	p.tasks.Enqueue(f)
	p.seek() // needs store-load: enqueue, then look at the token
}

// takeToken makes the caller the searcher if there is none.
func (p *Pool) takeToken() bool {
	// The load keeps submitters from writing to the token's line while there is
	// a searcher. The CAS is not retried: if it fails there is a searcher.
	return p.searching.Load() == 0 && p.searching.CompareAndSwap(0, 1) // edge token: pairs with the store in release
}

// seek makes sure that somebody is searching.
func (p *Pool) seek() {
	if p.takeToken() {
		p.wake(nil)
	}
}

// release gives up the token. The caller owns it.
func (p *Pool) release() {
	p.searching.Store(0) // edge token: pairs with the CAS in takeToken
	// needs store-load: free the token, then look at the queue.
	if !p.tasks.Empty() {
		p.seek()
	}
}

// passOn gives the token to a successor if tasks are queued, or else gives it
// up. The caller owns it, and has a task that it is about to run.
func (p *Pool) passOn() {
	if p.tasks.Empty() {
		p.release()
		return
	}
	p.wake(nil)
}

// wake gives f, and the token with it unless the pool hands off, to a parked
// worker or to a new one. f may be nil: the worker then looks for a task.
func (p *Pool) wake(f func()) {
	if w, ok := p.parked.Dequeue(); ok {
		// The caller owns w now: neither the reaper nor another waker can have it.
		p.gauge.Unpark()
		w.unpark(f)
		return
	}
	p.spawn(f)
}
