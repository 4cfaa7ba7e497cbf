package explore

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A schedule is written as the goroutines that had the turn, one after the
// other. The turn of each lasts until it cannot go on, or to a point:
// "popper>Stack.Pop.CompareAndSwap" lets popper run until it is about to make
// that operation in that function, "popper>Stack.Pop.Load#2" until it is for
// the second time in this turn. After the last turn each goroutine runs as long
// as it can. A turn of time is one tick, and is its own word: "time time" lets it pass
// twice. So a schedule is not tied to lines, addresses, or the number of
// steps elsewhere.

// choices returns the number of the goroutine of each step.
func (r *Run) choices() []int {
	ids := make([]int, len(r.trace))
	for i := range r.trace {
		ids[i] = r.trace[i].thread.id
	}
	return ids
}

// preempted returns the goroutine from which step i took the turn although it
// could have gone on, or nil.
func (r *Run) preempted(i int) *thread {
	if i == 0 {
		return nil
	}
	if was := r.trace[i-1].thread; was != r.trace[i].thread && was != r.time.thread && r.trace[i].enabled>>was.id&1 != 0 {
		return was
	}
	return nil
}

// preemptions counts as the bound does: a tick while a goroutine could go on is one.
func (r *Run) preemptions() (n int) {
	for i := range r.trace {
		e := &r.trace[i]
		if e.kind == ticking && e.enabled != r.time.set() || e.kind != ticking && r.preempted(i) != nil {
			n++
		}
	}
	return n
}

// schedule returns the run's schedule. The call sites must have been noted.
func (r *Run) schedule() string {
	var turns []string
	for from := 0; from < len(r.trace); {
		th, to := r.trace[from].thread, from+1
		for to < len(r.trace) && r.trace[to].thread == th && th != r.time.thread {
			to++
		}
		turn := th.name
		if to < len(r.trace) && r.preempted(to) != nil {
			point := r.nextOf(th, to).point()
			turn += ">" + point
			times := 1
			for i := from + 1; i < to; i++ {
				if r.trace[i].point() == point {
					times++
				}
			}
			if times > 1 {
				turn += "#" + strconv.Itoa(times)
			}
		}
		turns = append(turns, turn)
		from = to
	}
	return strings.Join(turns, " ")
}

// nextOf returns what th was about to do before step i.
func (r *Run) nextOf(th *thread, i int) *op {
	for _, e := range th.events {
		if int(e) >= i {
			return &r.trace[e].op
		}
	}
	return &th.next
}

// repeat makes the same choices again.
type repeat struct {
	never
	choices []int
	loose   bool // leave out what is not possible
}

func (s *repeat) choose(r *Run, enabled uint64) *thread {
	for len(s.choices) > 0 {
		id := s.choices[0]
		s.choices = s.choices[1:]
		if enabled>>id&1 != 0 {
			return r.threads[id]
		}
		if !s.loose {
			r.err = errDiverged
			return nil
		}
	}
	return r.goOn(enabled)
}

// goOn lets each goroutine run as long as it can.
func (r *Run) goOn(enabled uint64) *thread {
	n := r.node(enabled)
	return r.threads[n.goOn(enabled)]
}

// script plays a written schedule.
type script struct {
	never
	turns   []turn
	steps   int // made in the first of them
	arrived int // at its point
}

type turn struct {
	who   string
	point string
	times int
}

func parseSchedule(s string) (turns []turn, err error) {
	for field := range strings.FieldsSeq(s) {
		t := turn{times: 1}
		t.who, t.point, _ = strings.Cut(field, ">")
		if point, times, many := strings.Cut(t.point, "#"); many {
			t.point = point
			if t.times, err = strconv.Atoi(times); err != nil || t.times < 1 {
				return nil, fmt.Errorf("%q in the schedule: want the number of times after #", field)
			}
		}
		if t.who == "" || strings.HasSuffix(field, ">") {
			return nil, fmt.Errorf("%q in the schedule: want a goroutine, or goroutine>point, or goroutine>point#times", field)
		}
		turns = append(turns, t)
	}
	if len(turns) == 0 {
		return nil, fmt.Errorf("the schedule %q is empty", s)
	}
	return turns, nil
}

func (s *script) choose(r *Run, enabled uint64) *thread {
	for len(s.turns) > 0 {
		t := s.turns[0]
		at := slices.IndexFunc(r.threads, func(th *thread) bool { return th.name == t.who })
		if at < 0 {
			r.err = fmt.Errorf("the schedule does not apply: after %d steps there is no goroutine %s", len(r.trace), t.who)
			return nil
		}
		th := r.threads[at]
		can := enabled>>at&1 != 0
		if can && th == r.time.thread {
			s.turns = s.turns[1:]
			return th
		}
		if can && s.steps > 0 && t.point != "" && th.next.point() == t.point {
			s.arrived++
			can = s.arrived < t.times
		} else if !can && (s.steps == 0 || t.point != "") {
			where := ""
			if t.point != "" {
				where = fmt.Sprintf(" to %s#%d", t.point, t.times)
			}
			r.err = fmt.Errorf("the schedule does not apply: after %d steps goroutine %s cannot go on%s", len(r.trace), t.who, where)
			return nil
		}
		if can {
			s.steps++
			return th
		}
		s.turns, s.steps, s.arrived = s.turns[1:], 0, 0
	}
	return r.goOn(enabled)
}

// again plays a written schedule.
func (x *explorer) again(schedule string) {
	x.result.Replayed = true
	turns, err := parseSchedule(schedule)
	if err != nil {
		x.result.Failure = &Failure{Err: err, Schedule: schedule}
		return
	}
	r := x.run(&script{turns: turns}, true)
	x.result.Schedules = 1
	if x.end != nil {
		x.end(r)
	}
	if r.err != nil {
		x.result.Failure = &Failure{Err: r.err, Schedule: schedule, Preemptions: r.preemptions(), Trace: r.text()}
	}
}

// As many schedules are tried to find one with fewer preemptions, as long as
// the time is not up.
const (
	shortenRuns = 20_000
	shortenTime = 10 * time.Second
)

// shorten looks for a failing schedule with fewer preemptions: first with a
// search for each bound below; if that takes too long, by leaving one
// preemption out after the other. It returns nil if there is none.
func (x *explorer) shorten(choices []int) (fewer []int, fewest bool) {
	r := x.run(&repeat{choices: choices}, false)
	if r.err == nil {
		return nil, false
	}
	started := time.Now()
	late := func(limit time.Duration) bool { // not so in a bubble, whose time says nothing
		return x.outside.settle == nil && time.Since(started) > limit
	}
	runs, most := 0, r.preemptions()
	for bound := range most {
		s := &search{reduce: true, bound: bound}
		for more := true; more && runs < x.tries && !late(shortenTime); more = s.advance() {
			runs++
			r := x.run(s, false)
			switch {
			case errors.Is(r.err, errDiverged):
				return choices, false
			case r.err != nil:
				return r.choices(), true
			}
		}
	}
	if runs < x.tries && !late(shortenTime) {
		return choices, true
	}
	for improved := true; improved; {
		improved = false
		for i := 1; i < len(choices) && !improved && !late(2*shortenTime); i++ {
			if choices[i] == choices[i-1] {
				continue
			}
			r := x.run(&repeat{choices: earlier(choices, i), loose: true}, false)
			if r.err != nil && r.preemptions() < most {
				choices, most, improved = r.choices(), r.preemptions(), true
			}
		}
	}
	return choices, false
}

// earlier returns choices with the next turn of the goroutine that lost it at i
// in place there.
func earlier(choices []int, i int) []int {
	id := choices[i-1]
	next := slices.Index(choices[i:], id)
	if next < 0 {
		return choices
	}
	from := i + next
	to := from
	for to < len(choices) && choices[to] == id {
		to++
	}
	return slices.Concat(choices[:i], choices[from:to], choices[i:from], choices[to:])
}
