package pool

// Two things make a worker go that the reaper has nothing to do with: its era is
// over (drain.go), or there are more workers than the limit allows (limit.go). A
// busy one goes when its task has ended (checkIn). Parked ones are ended by whoever
// did those things (cull), and by wakers, so that no task is given to one.

// leave takes a worker of the era e out of the control word and counts it as ended
// if it must go, and reports whether it does.
func (p *Pool) leave(e *era) bool {
	if e != p.era.Load() {
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
		for w := p.dismiss(p.lane(0)); w != nil; w = p.dismiss(p.lane(0)) {
			if p.leave(w.era) {
				w.retire()
			} else {
				keep = append(keep, w)
			}
		}
		again = false
		for _, w := range keep {
			p.shelve(w)
			again = again || p.missed(w)
		}
	}
	p.settle() // needs store-load: put workers where wakers find them, or make room, then look
	p.tellReaper()
}

// cullIfNeeded is called by whoever has put w where wakers find it.
func (p *Pool) cullIfNeeded(w *Worker) {
	if p.missed(w) {
		p.cull()
	}
}

// missed reports whether w, which the caller has put where wakers find it, must
// go: it was in nobody's sight before, so whoever made it so may have culled
// without it. If not, whoever does so from now on finds it.
func (p *Pool) missed(w *Worker) bool {
	return w.era != p.era.Load() || p.control.Over() // needs store-load: put it there, then look
}
