package explore

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// errDiverged: the same choices have led elsewhere.
var errDiverged = errors.New("the same choices led elsewhere: the scenario is not deterministic. What it does must depend on the order of steps alone: let each run make its data anew, and use no time, no random numbers, no order of a map, no addresses, and no sync.Pool or other state that outlives a run")

// search goes through the tree of schedules depth first. The tree's nodes are
// the states before a step; the path to the present one is kept.
type search struct {
	reduce bool // look at races; else every enabled goroutine is tried in each state
	bound  int  // preemptions at most; -1: any number

	path      []node
	run       *Run // the last
	from      int  // the first event of this run that is not of the run before
	redundant bool
}

// node is a state on the path.
type node struct {
	enabled   uint64
	backtrack uint64  // goroutines to be tried here
	done      uint64  // and those that have been, the present one not among them
	sleep     uint64  // those that need not be, as the same has been seen elsewhere
	slept     []print // what the next steps of those in done and sleep touch
	thread    int     // the one that was chosen
	op        op      // and what it did, for comparison
	last      int     // who had the turn before; -1: nobody, or time
	time      uint64  // the set of time alone; empty if it stands still
	spent     int     // preemptions before
	words     int32   // how many were known
}

// print is what a step of a goroutine touches, as it was seen in one run. Words have their
// numbers as they are met, so those from words on may have others in the next run.
type print struct {
	thread  int
	touches []touch
	words   int32
}

// cost is what it takes of the bound to choose the goroutine here.
func (n *node) cost(id int) int {
	if n.time>>id&1 != 0 {
		return min(1, bits.OnesCount64(n.enabled&^n.time))
	}
	if n.last >= 0 && n.last != id && n.enabled>>n.last&1 != 0 {
		return 1
	}
	return 0
}

func (s *search) choose(r *Run, enabled uint64) *thread {
	depth := len(r.trace)
	s.run = r
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
	n := r.node(enabled)
	if depth > 0 {
		p := &s.path[depth-1]
		n.spent = p.spent + p.cost(p.thread)
		if s.reduce && s.bound < 0 {
			n.sleep = r.asleep(p, &r.trace[depth-1])
			for _, s := range p.slept {
				if n.sleep>>s.thread&1 != 0 {
					n.slept = append(n.slept, s)
				}
			}
		}
	}
	options := enabled &^ n.sleep
	if options == 0 {
		s.redundant = true
		return nil
	}
	n.thread = n.goOn(options)
	n.backtrack = 1<<n.thread | enabled&n.time // a run may end without a tick, so none is in a race
	if !s.reduce {
		n.backtrack = enabled
	}
	th := r.threads[n.thread]
	n.op = th.next
	n.op.sites, n.op.object, n.op.addr = nil, nil, nil
	s.path = append(s.path, n)
	return th
}

// node returns the present state.
func (r *Run) node(enabled uint64) node {
	n := node{enabled: enabled, last: -1, time: r.time.set(), words: int32(len(r.states))}
	if r.turn != nil && r.turn != r.time.thread {
		n.last = r.turn.id
	}
	return n
}

// goOn returns one of a set of goroutines: the one that had the turn, if it is in it, and
// time only if nobody else is.
func (n *node) goOn(set uint64) int {
	if n.last >= 0 && set>>n.last&1 != 0 {
		return n.last
	}
	if others := set &^ n.time; others != 0 {
		set = others
	}
	return bits.TrailingZeros64(set)
}

// asleep returns those of the goroutines that need not be tried at p, or have been, whose
// next step does not depend on e, which was made there.
func (r *Run) asleep(p *node, e *event) (still uint64) {
	if e.kind == ticking {
		return 0
	}
	r.each((p.sleep|p.done)&^(1<<e.thread.id|p.time), func(th *thread) {
		o := &th.next
		switch {
		case e.ret && o.call, e.call && th.inCall: // it may come to be the last step of its operation
			return
		case o.kind == yield && (e.changed || len(r.touches(e)) > 0):
			return
		case o.word >= 0 && r.disturbs(e, o.word, o.word, o.kind != Load):
			return
		}
		for _, s := range p.slept {
			if s.thread != th.id {
				continue
			}
			for _, t := range s.touches {
				to := t.word
				if to >= s.words {
					to = math.MaxInt32 // it may be any that was met since
				}
				if r.disturbs(e, min(t.word, s.words), to, t.changed) {
					return
				}
			}
		}
		still |= 1 << th.id
	})
	return still
}

// disturbs reports whether e depends on an operation on a word, which is one of those from
// and to.
func (r *Run) disturbs(e *event, from, to int32, changes bool) bool {
	if from <= e.word && e.word <= to && (e.changed || changes) {
		return true
	}
	for _, t := range r.touches(e) {
		if from <= t.word && t.word <= to && (t.changed || changes) {
			return true
		}
	}
	return false
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

func (s *search) reduces() bool { return s.reduce }

// forget has the search go on anew from the state after so many steps, of which it has
// seen something that is not so.
func (s *search) forget(steps int) {
	s.path = s.path[:steps]
	s.from = min(s.from, steps)
}

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
		tried := n.thread
		for options := n.backtrack &^ n.done &^ n.sleep; options != 0; options &= options - 1 {
			id := bits.TrailingZeros64(options)
			if s.bound >= 0 && n.spent+n.cost(id) > s.bound {
				continue
			}
			n.thread = id
			if s.run != nil && d < len(s.run.trace) {
				if touches := s.run.touches(&s.run.trace[d]); len(touches) > 0 {
					n.slept = append(slices.Clip(n.slept), print{tried, slices.Clone(touches), n.words})
				}
			}
			s.path, s.from = s.path[:d+1], d
			return true
		}
	}
	return false
}
