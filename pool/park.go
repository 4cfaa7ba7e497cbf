package pool

// Worker is one goroutine of a pool. Users see the type only in [IdleQueue].
//
// A worker is owned by its own goroutine until it puts itself into the queue
// of parked workers, then by that queue, and then by whoever dequeues it: a
// waker, who owes it an unpark, or the reaper, who owes it a retire.
type Worker struct {
	pool *Pool
	// slot has room for one wake-up, so that an owner never waits for a worker
	// that has put itself into the queue and is not yet waiting. A nil func
	// says: look for a task. Closed by the reaper.
	slot chan func()
	// finished counts tasks not yet told to the pool's counter. Only the
	// worker's goroutine uses it.
	finished int64
	// parks counts the times that the worker found nothing to do. Only the
	// worker's goroutine uses it.
	parks uint32
}

// park waits for the worker's next owner. The worker has put itself into the
// queue of parked workers. ok is false if the worker was retired.
func (w *Worker) park() (f func(), ok bool) {
	f, ok = <-w.slot // edge hand: pairs with the send in unpark
	return f, ok
}

// unpark ends the worker's park with f. The caller owns w and gives it back to
// its own goroutine. It never blocks: only an owner sends, and there is one
// owner for each time that the worker parks.
func (w *Worker) unpark(f func()) {
	w.slot <- f // edge hand: pairs with the receive in park
}

// retire ends the worker. The caller owns w.
func (w *Worker) retire() {
	close(w.slot)
}
