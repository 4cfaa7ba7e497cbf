package pool

// A flood: many tasks that block, in a pool that has no workers for them. By the
// wake chain each new worker starts the next one and then runs its own task, one
// after the other on one processor. Once rampAfter searchers in a row were new
// workers, tasks block, or workers that end them would have been found. Then
// a searcher that releases its duty starts some more workers, each with a
// queued task in its hands, before it looks whether a successor is needed. There
// are no more workers for that than tasks, as with the go statement.

const (
	rampAfter = 16
	rampBy    = 256
)

// foundTask notes that the searcher, which has found a task and still has its
// duty, is a new worker or one that was parked.
func (w *runner) foundTask() {
	l := w.lane
	if !w.hasRun() {
		l.ramp.Add(1)
	} else if l.ramp.Load() != 0 {
		l.ramp.Store(0)
	}
}

// startMore starts up to rampBy workers with queued tasks if there is a flood. It
// is called between passOn's two steps, so nobody relies on the caller.
func (p *Pool) startMore(l *lane) {
	if l.ramp.Load() < rampAfter || !p.isFlooded(l) {
		return
	}
	g := p.join(nil)
	s := p.newStart(g, l, none)
	for len(s.tasks) < rampBy && p.isFlooded(l) && p.startQueued(s) {
	}
	s.launch()
	g.leave()
}

// isFlooded reports whether tasks are queued for which there may be more workers.
func (p *Pool) isFlooded(l *lane) bool { return p.control.Limit() == 0 && !l.tasks.Empty() }

// startQueued adds a worker with a queued task to s, and reports whether there was
// one. The worker has joined its generation before the task is taken, so that a Drain
// finds the task in the queue or in the hands of a worker that has joined.
func (p *Pool) startQueued(s *start) bool {
	if !p.hire() {
		return false
	}
	s.generation.enter() // the caller is in it
	f, ok := s.lane.tasks.Dequeue()
	if f == nil {
		if ok {
			p.passMark()
		}
		p.remove()
		s.generation.leave()
		p.settle() // as always when a worker is counted off
		return false
	}
	s.tasks = append(s.tasks, f)
	return true
}
