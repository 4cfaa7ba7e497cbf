package pool

import (
	"runtime/pprof"
	"sync"

	"github.com/lfpool/lfpool/internal/atomic"
)

// start is what new workers are started with: one worker, or as many as a flood
// needs at once.
//
// A go statement with arguments allocates. In a flood each of those allocations may
// be the one that starts the collector, which then looks at the stacks of all the
// workers that there are; and that costs more than to start them. So a worker's
// goroutine begins with a func that is there already, and the start is used again
// once all its workers have read it.
//
// The starter owns a start until its first go statement. Then worker i, by the
// order in which the workers begin, reads the fields and tasks[i], and the worker that
// reads last owns the start.
type start struct {
	pool       *Pool
	generation *generation
	lane       *lane
	mine       duty
	tasks      []func() // one for each worker; nil: it looks for one
	begun      atomic.Uint32
	left       atomic.Uint32 // workers that have yet to read
	run        func()        // work
}

var starts sync.Pool // of *start, whose tasks are none

// newStart returns a start of workers of the generation g, for the lane l.
func (p *Pool) newStart(g *generation, l *lane, mine duty) *start {
	s, _ := starts.Get().(*start)
	if s == nil {
		s = new(start)
		s.run = s.work
	}
	s.pool, s.generation, s.lane, s.mine = p, g, l, mine
	return s
}

// launch starts a worker for each task.
func (s *start) launch() {
	n := len(s.tasks)
	if n == 0 {
		s.free()
		return
	}
	s.pool.spawned.Add(int64(n))
	s.left.Store(uint32(n))
	clean := exempt()
	for run := s.run; n > 0; n-- { // the last worker may free s at once
		if clean {
			startClean(run)
		} else {
			go run() // edge hand: pairs with the start of start.work
		}
	}
}

// work is a worker's goroutine. It starts as if the worker had been unparked with its
// task and the duty.
func (s *start) work() { // edge hand: pairs with the go statement in start.launch
	i := s.begun.Add(1) - 1
	p, f, mine := s.pool, s.tasks[i], s.mine
	s.tasks[i] = nil
	var w runner
	stopped := false
	w.init(p, s.generation, s.lane)
	if s.left.Add(^uint32(0)) == 0 { // edge read: pairs with the Adds of those who have read before, in start.work
		s.free()
	}
	defer w.gone(&stopped)
	// A new goroutine inherits the pprof labels of its creator: some submitter,
	// or another worker amid a task.
	pprof.SetGoroutineLabels(p.labels)
	if frames := p.reserveFrames; frames > 0 {
		below(frames, func() { w.live(f, mine) })
	} else {
		w.live(f, mine) // the frame of below alone would make a parked worker's stack grow
	}
	stopped = true
}

// free gives back a start that the caller owns.
func (s *start) free() {
	s.pool, s.generation, s.lane, s.tasks = nil, nil, nil, s.tasks[:0]
	s.begun.Store(0)
	starts.Put(s)
}
