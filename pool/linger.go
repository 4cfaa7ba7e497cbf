package pool

import (
	"runtime/metrics"

	"github.com/lfpool/lfpool/internal/atomic"
	"github.com/lfpool/lfpool/internal/home"
)

// A worker that finds nothing may linger: look on for a moment before it parks.
// Waking a worker costs the submitter a few hundred nanoseconds, and if an idle
// thread must be woken for it the task starts 50 to 100 us later. A task that
// meets a lingering worker starts after a quarter of a microsecond.
//
// Lingering keeps a processor busy, so it must be worth it:
//
//   - at most one worker of a pool lingers;
//   - never while a goroutine waits for a processor, not counting one that was
//     woken to search: it looks at the runtime's own count before it
//     starts and often while it goes on. (Yielding with Gosched instead would
//     put the worker behind those that wait, and with it the tasks that rely
//     on it: see DESIGN.md, Rejected);
//   - only while it mostly succeeds: see predictor.
const (
	// lingerPolls is how often a lingering worker looks at the queue: for about 8
	// us at 5 ns each. Since it succeeds in at least two of three times, that is no
	// more processor time than to park it, to wake it and to wake a thread for it
	// (DESIGN.md, Lingering, has what longer and shorter ones cost). A count and not
	// a time, for time stands still in a bubble.
	lingerPolls = 1600
	// pollsPerCheck is after how many polls it looks for goroutines that wait
	// for a processor: about 90 ns in every 1300.
	pollsPerCheck = 256
)

// lingering is a pool's state for it. Only the lingerer touches sample.
type lingering struct {
	predictor predictor
	at        atomic.Uint32 // the lane where a worker lingers, plus one; 0: none does
	off       bool          // never: the user's choice
	sample    [1]metrics.Sample
}

// runnableMetric has been there since Go 1.26; before, nobody lingers.
const runnableMetric = "/sched/goroutines/runnable:goroutines"

// busy reports whether more than spare goroutines wait for a processor.
func (l *lingering) busy(spare uint64) bool {
	if home.Calm() {
		return false
	}
	l.sample[0].Name = runnableMetric
	metrics.Read(l.sample[:])
	v := l.sample[0].Value
	return v.Kind() != metrics.KindUint64 || v.Uint64() > spare
}

// predictor tells from how the last lingerings went whether to linger. Above zero:
// before each park. From zero down to worst: now and then, to find out whether it pays
// again, each step down half as often.
type predictor struct{ level atomic.Int32 }

const (
	best  = 8
	worst = -8
	// explore is how many parks there are for one lingering at level zero; at
	// worst it is 4096, so that a vain one costs a park 10 ns.
	explore = 1 << 4
)

// predicts reports whether a worker that parks for the parks'th time should
// linger first.
func (p *predictor) predicts(parks uint32) bool {
	level := p.level.Load()
	return level > 0 || parks&(explore<<-level-1) == 0
}

// hit says that a task came while a worker lingered.
func (p *predictor) hit() { p.level.Store(min(max(p.level.Load(), 0)+1, best)) }

// miss says that none came, so that lingering must succeed twice in three times
// to go on.
func (p *predictor) miss() {
	if level := p.level.Load(); level > 0 {
		p.level.Store(max(level-2, 0))
	} else {
		p.level.Store(max(level-1, worst))
	}
}

// linger looks on for a task, if that is likely to pay. It takes the worker's
// duty, and returns the duty that the worker has afterwards.
func (w *runner) linger(mine duty) (f func(), _ duty) {
	p := w.pool
	if p.handOff || p.linger.off || !p.linger.predictor.predicts(w.parks+1) {
		return nil, mine
	}
	// Not retried: if it fails the word is in motion, and parking is right too.
	l := w.lane
	if p.linger.at.Load() != 0 || !p.linger.at.CompareAndSwap(0, uint32(l.index)+1) {
		return nil, mine // another worker lingers
	}
	old := l.search.Load()
	if old&lingerer == 0 && l.search.CompareAndSwap(old, old&^mine|lingerer) {
		f, mine = w.poll(l), lingerer
	}
	p.linger.at.Store(0) // before the duty is released: a submitter that goes by the old value sees that
	return f, mine
}

// poll looks for a task in l for a while.
func (w *runner) poll(l *lane) func() {
	p := w.pool
	for poll := range lingerPolls {
		if poll%pollsPerCheck == 0 && p.linger.busy(uint64(l.search.Load()&searcher)) {
			break
		}
		if w.due() {
			break // as before each task
		}
		if f, ok := l.tasks.Dequeue(); f != nil {
			p.linger.predictor.hit()
			return f
		} else if ok {
			p.passMark()
		}
	}
	p.linger.predictor.miss()
	return nil
}
