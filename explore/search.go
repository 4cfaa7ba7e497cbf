package explore

import (
	"errors"
	"fmt"
	"math/bits"
)

// errDiverged: the same choices have led elsewhere.
var errDiverged = errors.New("the same choices led elsewhere: the scenario is not deterministic. What it does must depend on the order of steps alone: let each run make its data anew, and use no time, no random numbers, no order of a map, no addresses, and no sync.Pool or other state that outlives a run")

// search goes through the tree of schedules depth first. The tree's nodes are
// the states before a step; the path to the present one is kept.
type search struct {
	reduce bool // look at races; else every enabled goroutine is tried in each state
	bound  int  // preemptions at most; -1: any number

	path      []node
	from      int // the first event of this run that is not of the run before
	redundant bool
}

// node is a state on the path.
type node struct {
	enabled   uint64
	backtrack uint64 // goroutines to be tried here
	done      uint64 // and those that have been, the present one not among them
	sleep     uint64 // those that need not be, as the same has been seen elsewhere
	thread    int    // the one that was chosen
	op        op     // and what it did, for comparison
	last      int    // who had the turn before; -1: nobody
	spent     int    // preemptions before
}

// cost is what it takes of the bound to choose the goroutine here.
func (n *node) cost(id int) int {
	if n.last >= 0 && n.last != id && n.enabled>>n.last&1 != 0 {
		return 1
	}
	return 0
}

func (s *search) choose(r *Run, enabled uint64) *thread {
	depth := len(r.trace)
	if depth < len(s.path) {
		n := &s.path[depth]
		th := r.threads[n.thread]
		if n.enabled != enabled || (depth < s.from && !n.op.same(&th.next)) {
			r.err = fmt.Errorf("%w (step %d, of goroutine %s)", errDiverged, depth+1, th.name)
			return nil
		}
		n.op = th.next
		n.op.sites, n.op.object, n.op.addr = nil, nil, nil
		return th
	}
	n := node{enabled: enabled, last: -1}
	if depth > 0 {
		n.last = r.turn.id
		p := &s.path[depth-1]
		n.spent = p.spent + p.cost(p.thread)
		if s.reduce && s.bound < 0 {
			n.sleep = r.asleep(p.sleep|p.done, &r.trace[depth-1])
		}
	}
	options := enabled &^ n.sleep
	if options == 0 {
		s.redundant = true
		return nil
	}
	n.thread = bits.TrailingZeros64(options)
	if n.last >= 0 && options>>n.last&1 != 0 {
		n.thread = n.last // no preemption
	}
	n.backtrack = 1 << n.thread
	if !s.reduce {
		n.backtrack = enabled
	}
	th := r.threads[n.thread]
	n.op = th.next
	n.op.sites, n.op.object, n.op.addr = nil, nil, nil
	s.path = append(s.path, n)
	return th
}

// asleep returns those of a set of goroutines whose next step does not depend
// on e.
func (r *Run) asleep(set uint64, e *event) (still uint64) {
	r.each(set&^(1<<e.thread.id), func(th *thread) {
		o := &th.next
		switch {
		case e.ret && o.call, e.call && th.inCall: // it may come to be the last step of its operation
			return
		case o.kind == yield && e.changed:
			return
		case o.word >= 0 && o.word == e.word && (e.changed || o.kind != Load):
			return
		}
		still |= 1 << th.id
	})
	return still
}

func (s *search) race(r *Run, e, i int, th *thread, c clock) {
	if !s.reduce || i < s.from {
		return
	}
	n := &s.path[e]
	want := r.initials(e, i, th, c)
	if s.bound < 0 {
		if want&(n.backtrack|n.sleep) == 0 {
			n.want(want)
		}
		return
	}
	// Bounded: the bound may forbid the switch here and allow it where the
	// goroutine of e got the turn (Coons, Musuvathi and McKinley 2013).
	n.wantAll(want)
	for e > 0 && s.path[e-1].thread == s.path[e].thread {
		e--
	}
	s.path[e].backtrack |= s.path[e].enabled
}

func (s *search) bounded() bool { return s.reduce && s.bound >= 0 }

// want puts one of a set on the list.
func (n *node) want(set uint64) {
	if set &= n.enabled; set != 0 {
		n.backtrack |= set & -set
		return
	}
	n.backtrack |= n.enabled
}

// wantAll puts all of a set on the list.
func (n *node) wantAll(set uint64) {
	if set &= n.enabled; set != 0 {
		n.backtrack |= set
		return
	}
	n.backtrack |= n.enabled
}

// advance makes the path lead to the next schedule, and reports false after
// the last.
func (s *search) advance() bool {
	s.redundant = false
	for d := len(s.path) - 1; d >= 0; d-- {
		n := &s.path[d]
		n.done |= 1 << n.thread
		for options := n.backtrack &^ n.done &^ n.sleep; options != 0; options &= options - 1 {
			id := bits.TrailingZeros64(options)
			if s.bound >= 0 && n.spent+n.cost(id) > s.bound {
				continue
			}
			n.thread = id
			s.path, s.from = s.path[:d+1], d
			return true
		}
	}
	return false
}
