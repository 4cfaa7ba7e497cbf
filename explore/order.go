package explore

import (
	"math/bits"
	"slices"
)

// What happened before what: two events depend on each other if they are of one
// goroutine, or have to do with one word that one of them changes, or are of one object,
// or if one ends an operation of the history and the other begins one, or if one is a
// tick. Whether they depend is a matter of what they did in this run, so a CAS that failed
// is a read; that is enough, since swapping two neighbours that leave the word alone
// changes nothing.

// order gives event i its clock, and reports its races.
func (r *Run) order(i int) {
	e := &r.trace[i]
	th := e.thread
	clock := r.copyClock(th.clock)
	var partners [2 * maxThreads]int32
	races := partners[:0]
	for _, p := range r.partners(e, partners[:0]) {
		if clock.has(r.trace[p].thread, int(p)) {
			continue // something between orders them already
		}
		if r.couldBeFirst(e, p) {
			races = append(races, p)
		}
		clock = r.join(clock, r.trace[p].clock)
	}
	if e.kind == object {
		if p := r.enabledBefore(e.op, th, th.clock); p >= 0 {
			races = append(races, p)
		}
	}
	clock = clock.set(th, i)
	for _, p := range races {
		r.by.race(r, int(p), i, th, clock)
	}
	e.clock = clock
	th.born(clock)
}

// couldBeFirst reports whether e may be possible before event p, which it depends on. An
// operation of an object that p has made possible is not, nor is a tick that came because
// no goroutine could go on, when no other may be had.
func (r *Run) couldBeFirst(e *event, p int32) bool {
	switch {
	case e.kind == ticking:
		return r.trace[p].enabled&r.time.set() != 0
	case e.kind == object && e.word == r.trace[p].word:
		return r.by.bounded()
	}
	return true
}

// born gives th its clock, and those it has started since the last one.
func (th *thread) born(c clock) {
	th.clock = c
	for _, child := range th.newborn {
		child.born(c)
	}
	th.newborn = th.newborn[:0]
}

// partners returns the last events that e depends on, the last first: all
// others are before these.
func (r *Run) partners(e *event, of []int32) []int32 {
	if e.word >= 0 {
		of = r.partnersAt(&r.states[e.word], e.kind, e.changed, of)
	}
	for _, t := range r.touches(e) {
		of = r.partnersAt(&r.states[t.word], t.kind, t.changed, of)
	}
	if r.time.last > 0 {
		of = append(of, r.time.last-1)
	}
	if e.kind == ticking {
		for _, th := range r.threads {
			if n := len(th.events); n > 0 && th != e.thread {
				of = append(of, th.events[n-1])
			}
		}
	}
	if e.call || e.ret {
		for _, th := range r.threads {
			if th == e.thread {
				continue
			}
			if e.call && th.lastReturn > 0 {
				of = append(of, th.lastReturn-1)
			}
			if e.ret && th.lastCall > 0 {
				of = append(of, th.lastCall-1)
			}
		}
	}
	slices.SortFunc(of, func(a, b int32) int { return int(b - a) })
	return slices.Compact(of)
}

// partnersAt appends those at one word.
func (r *Run) partnersAt(w *word, k Kind, changed bool, of []int32) []int32 {
	if k == object {
		if n := len(w.events); n > 0 {
			of = append(of, w.events[n-1])
		}
		return of
	}
	if changed {
		of = append(of, w.reads...)
	}
	if w.lastWrite >= 0 {
		of = append(of, w.lastWrite)
	}
	return of
}

// enabledBefore returns the last event of o's object before which th could have
// made o instead, or -1.
func (r *Run) enabledBefore(o op, th *thread, before clock) int32 {
	events := r.states[o.word].events
	for _, p := range slices.Backward(events) {
		if before.has(r.trace[p].thread, int(p)) {
			return -1
		}
		if o.need == 0 || r.trace[p].state&o.need != 0 {
			return p
		}
	}
	return -1
}

// blockedRaces reports the races of those that are blocked for ever.
func (r *Run) blockedRaces() {
	for _, th := range r.threads {
		if th.done || th.next.kind != object {
			continue
		}
		events := r.states[th.next.word].events
		if len(events) == 0 {
			continue
		}
		last := events[len(events)-1]
		clock := r.join(r.copyClock(th.clock), r.trace[last].clock)
		if p := r.enabledBefore(th.next, th, th.clock); p >= 0 {
			r.by.race(r, int(p), len(r.trace), th, clock)
		}
		if r.by.bounded() && !th.clock.has(r.trace[last].thread, int(last)) {
			r.by.race(r, int(last), len(r.trace), th, clock)
		}
	}
}

// initials returns the goroutines that can be the first after the events before
// e, if all that happened after it and not because of it is to happen, and then
// event i of th, which has clock c.
func (r *Run) initials(e, i int, th *thread, c clock) (set uint64) {
	var first [maxThreads]int32 // index after that of the goroutine's first event in there
	seen := uint64(0)
	of := r.trace[e].thread
	free := func(c clock, self int) bool {
		for s := seen &^ (1 << self); s != 0; s &= s - 1 {
			t := bits.TrailingZeros64(s)
			if t < len(c) && c[t] >= first[t] {
				return false
			}
		}
		return true
	}
	for j := e + 1; j < i; j++ {
		f := &r.trace[j]
		id := f.thread.id
		if seen>>id&1 != 0 || f.clock.has(of, e) {
			continue
		}
		if free(f.clock, id) {
			set |= 1 << id
		}
		seen |= 1 << id
		first[id] = int32(j) + 1
	}
	if seen>>th.id&1 == 0 && free(c, th.id) {
		set |= 1 << th.id
	}
	return set
}

// clock has for each goroutine the index after that of its last event that
// happened before.
type clock []int32

func (c clock) has(th *thread, i int) bool { return th.id < len(c) && int(c[th.id]) > i }

func (c clock) set(th *thread, i int) clock {
	for len(c) <= th.id {
		c = append(c, 0)
	}
	c[th.id] = int32(i) + 1
	return c
}

func (r *Run) join(c, d clock) clock {
	for t, n := range d {
		if t == len(c) {
			return append(c, d[t:]...)
		}
		c[t] = max(c[t], n)
	}
	return c
}

// copyClock returns a copy that may grow to the number of goroutines.
func (r *Run) copyClock(c clock) clock {
	n := len(r.threads)
	if cap(r.spare)-len(r.spare) < n {
		r.blocks = make([]int32, 0, max(2*cap(r.blocks), 512, n))
		r.spare = r.blocks
	}
	at := len(r.spare)
	r.spare = r.spare[:at+n]
	fresh := clock(r.spare[at : at : at+n])
	return append(fresh, c...)
}
