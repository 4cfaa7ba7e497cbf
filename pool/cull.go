package pool

// Two things make a worker go that the reaper has nothing to do with: its generation is
// over (drain.go), or there are more workers than the limit allows (limit.go). A
// busy one goes when its task has ended (checkIn). Parked ones are ended by the goroutine
// that ended the generation or lowered the limit (cull), and by wakers, so that no task
// is given to one.

// leave takes a worker of the generation g out of the control word and counts it as ended
// if it must go, and reports whether it does.
func (p *Pool) leave(g *generation) bool {
	if g != p.generation.Load() {
		p.remove()
	} else if !p.control.LeaveIfOver() {
		return false
	} else {
		p.tellReaper()
	}
	p.reaped.Add(1)
	return true
}

// cull ends the parked workers that must go. The others are in nobody's sight
// meanwhile: the reaper may find nobody parked and fall asleep.
func (p *Pool) cull() {
	for again := true; again; {
		var keep []*Worker
		for w := p.popParked(p.lane(0)); w != nil; w = p.popParked(p.lane(0)) {
			if p.leave(w.generation) {
				w.retire()
			} else {
				keep = append(keep, w)
			}
		}
		again = false
		for _, w := range keep {
			p.shelve(w)
			again = again || p.mustGo(w)
		}
	}
	p.settle() // needs store-load: put workers where wakers find them, or make room, then look
	p.tellReaper()
}

// cullIfNeeded is called after w was put where wakers find it.
func (p *Pool) cullIfNeeded(w *Worker) {
	if p.mustGo(w) {
		p.cull()
	}
}

// mustGo reports whether w, which the caller has put where wakers find it, must go.
// While the caller held w, no cull could find it. So this look comes after w was made
// visible: either it sees the reason, or the cull that follows the reason finds w.
func (p *Pool) mustGo(w *Worker) bool {
	return w.generation != p.generation.Load() || p.control.Over() // needs store-load: put it there, then look
}
