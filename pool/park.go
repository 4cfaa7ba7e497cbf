package pool

// enlist puts w, which is the caller and works for l, where wakers and the reaper
// find it.
//
// The worker that parked last in a lane stands in a slot of its own before the queue, so
// that a pool that is used for one task after the other wakes the same warm
// worker with one exchange. It is not in the gauge: flushSlots sees to that. A worker that
// has run no task since it was unparked leaves the slot to those that have.
func (p *Pool) enlist(l *lane, w *Worker, worked bool) {
	if p.handOff || !worked {
		p.queueUp(w)
		return
	}
	if displaced := l.slot.Swap(w); displaced != nil { // edge enlist: pairs with the exchanges in lane.takeSlot and flushSlots
		p.queueUp(displaced)
	}
	p.cullIfNeeded(w)
}

// queueUp puts w, which the caller owns, into the queue of parked workers.
func (p *Pool) queueUp(w *Worker) {
	p.shelve(w)
	p.cullIfNeeded(w)
}

// shelve is queueUp for cull itself.
func (p *Pool) shelve(w *Worker) {
	p.gauge.Park()
	p.parked.Enqueue(w)
}

// takeSlot takes the worker that parked last in l, or returns nil if it is not there
// any more. The caller owns it: neither the reaper nor a waker can have it.
func (l *lane) takeSlot() *Worker {
	if l.slot.Load() == nil {
		return nil
	}
	return l.slot.Swap(nil) // edge enlist: pairs with the exchange in Pool.enlist
}

// popParked takes a parked worker: the one that parked last in l if it is still there,
// one from the queue, or one that parked last in another lane. The caller owns it:
// neither the reaper nor another waker can have it. It returns nil if there is none.
func (p *Pool) popParked(l *lane) *Worker {
	if w := l.takeSlot(); w != nil {
		return w
	}
	if w := p.takeQueued(); w != nil {
		return w
	}
	return p.takeOther(l)
}

// takeParked is popParked for a waker that has looked at who parked last in l, and can
// start a new worker. So without a limit it looks into the lane beside l, and no
// other: to look into every lane would cost a line for each, and take the lines and
// the workers from those who use them. So in the end two lanes that are used have one
// parked worker or two.
func (p *Pool) takeParked(l *lane) *Worker {
	if w := p.takeQueued(); w != nil {
		return w
	}
	if p.control.Limit() > 0 {
		return p.takeOther(l)
	}
	if beside := p.at[l.index^1].Load(); beside != nil {
		return beside.takeSlot()
	}
	return nil
}

// takeQueued takes a worker from the queue of parked workers.
func (p *Pool) takeQueued() *Worker {
	w, ok := p.parked.Dequeue()
	if ok {
		p.gauge.Unpark()
	}
	return w
}

// takeOther takes a worker that parked last in a lane other than l.
func (p *Pool) takeOther(l *lane) *Worker {
	for _, other := range p.all() {
		if other == l {
			continue
		}
		if w := other.takeSlot(); w != nil {
			return w
		}
	}
	return nil
}

// flushSlots moves the workers that parked last into the queue. The reaper does so
// before it looks at the gauge, so that this worker is counted like any other
// if nobody needs it. For a moment wakers do not find it, so flushSlots settles
// afterwards as a worker that parks does.
func (p *Pool) flushSlots() {
	for _, l := range p.all() {
		if w := l.slot.Swap(nil); w != nil { // edge enlist: pairs with the exchange in enlist
			p.queueUp(w)
			p.settle() // needs store-load: enlist, then look
		}
	}
}

// idleWorkers returns how many workers are parked.
func (p *Pool) idleWorkers() int {
	n := p.gauge.Count()
	for _, l := range p.all() {
		if l.slot.Load() != nil {
			n++
		}
	}
	return n
}

// park waits for the worker's next owner. The worker has enlisted. ok is false if the worker was retired.
func (w *Worker) park() (f func(), ok bool) {
	// edge retire: pairs with the close in retire
	f, ok = <-w.mailbox // edge hand: pairs with the send in unpark
	return f, ok
}

// unpark ends the worker's park with f and the duty mine, for the lane l. The caller owns w and
// gives it back to its own goroutine. It never blocks: only an owner sends, and there is one
// owner for each time that the worker parks.
func (w *Worker) unpark(l *lane, f func(), mine duty) {
	w.given, w.lane = mine, l
	w.mailbox <- f // edge hand: pairs with the receive in park
}

// retire ends the worker. The caller owns w.
func (w *Worker) retire() {
	close(w.mailbox) // edge retire: pairs with the receive in park
}
