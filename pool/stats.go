package pool

import (
	"fmt"
	"log/slog"
	"strings"
)

// Stats is what a pool has done and has. Each field is right by itself; but for
// Workers and Limit, which are of one instant, the fields are read one after the
// other while the pool works, so a sum over them may be off by what happened
// meanwhile. When the pool is at rest all are exact, and Spawned is Workers,
// Reaped, Replaced and Goexits together.
//
// Ended and Reused may lag, by up to 63 tasks for each busy worker. After a call of
// Stats, and after each look of the reaper, a busy worker catches up when its task
// ends: the next call sees it.
type Stats struct {
	Workers int // workers alive: running a task, parked, or on the way
	Idle    int // workers parked
	Running int // workers not parked
	Limit   int // how many workers there may be, or NoLimit
	Queued  int // tasks waiting for a worker, cancelled ones too until their turn; -1: a task queue that cannot tell
	Waiting int // calls of Go and GoContext that wait for room, and of a Keyed's or a Fair's

	// Capacity is how many tasks there may be that were accepted and have not ended,
	// the limit and the backlog together: see WithBacklog; 0: any number.
	Capacity int

	Spawned  int64 // workers started since New
	Reaped   int64 // workers that the pool has ended: unneeded, above a lowered limit, or drained
	Replaced int64 // workers that handed over to a fresh goroutine: see WithMaxTasksPerWorker
	Goexits  int64 // workers that ended with a task that called Goexit
	Ended    int64 // tasks ended, however
	Reused   int64 // of these, the ones on a worker that had run a task before
	Panics   int64 // tasks whose panic went to the panic handler
	Skipped  int64 // tasks of GoContext that did not run: their context was done when their turn came
	Refused  int64 // calls of TryGo that returned false
	GivenUp  int64 // calls of GoContext whose context was done while they waited for room
	Shed     int64 // calls of GoContext that were refused: see WithShedding

	// QueueTime is how long tasks waited from the call that submitted them to their
	// start, for room in the backlog too, and RunTime how long they ran, of a sample
	// of the tasks: see WithTimes. They are empty without that option.
	QueueTime Histogram `json:",omitzero"`
	RunTime   Histogram `json:",omitzero"`
}

// ReuseRate returns how often a worker was there already when one was needed:
// Reused / (Reused + Spawned), from 0 to 1; 0 if nothing has happened.
func (s Stats) ReuseRate() float64 {
	if s.Reused == 0 {
		return 0
	}
	return float64(s.Reused) / float64(s.Reused+s.Spawned)
}

// String returns all fields with their names, and the reuse rate, as in
// "workers=3 idle=1 ... reuse_rate=0.82"; times only if some were measured.
func (s Stats) String() string {
	var b strings.Builder
	for _, a := range s.LogValue().Group() {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(a.Key)
		b.WriteByte('=')
		if a.Value.Kind() == slog.KindFloat64 {
			fmt.Fprintf(&b, "%.2f", a.Value.Float64())
		} else {
			b.WriteString(a.Value.Resolve().String())
		}
	}
	return b.String()
}

// LogValue makes a group of s and its reuse rate, for package log/slog.
func (s Stats) LogValue() slog.Value {
	group := []slog.Attr{
		slog.Int("workers", s.Workers), slog.Int("idle", s.Idle), slog.Int("running", s.Running), slog.Int("limit", s.Limit),
		slog.Int("queued", s.Queued), slog.Int("waiting", s.Waiting), slog.Int("capacity", s.Capacity),
		slog.Int64("spawned", s.Spawned), slog.Int64("reaped", s.Reaped), slog.Int64("replaced", s.Replaced), slog.Int64("goexits", s.Goexits),
		slog.Int64("ended", s.Ended), slog.Int64("reused", s.Reused), slog.Int64("panics", s.Panics), slog.Int64("skipped", s.Skipped),
		slog.Int64("refused", s.Refused), slog.Int64("given_up", s.GivenUp), slog.Int64("shed", s.Shed),
		slog.Float64("reuse_rate", s.ReuseRate()),
	}
	if s.QueueTime.Count > 0 {
		group = append(group, slog.Any("queue_time", s.QueueTime), slog.Any("run_time", s.RunTime))
	}
	return slog.GroupValue(group...)
}

// InFlight returns how many tasks run or wait for a worker, as far as the task queue
// can tell. Wait-free but for the length of the queue.
func (p *Pool) InFlight() int {
	p.mustBeMade()
	p = p.here()
	defer p.away()
	p.ignoreSync()
	defer p.heedSync()
	return max(p.control.Workers()-p.idleWorkers(), 0) + max(p.queued(), 0)
}

// Stats returns the pool's figures. Wait-free, but for the line of those that
// wait; it takes time in proportion to the number of processors.
func (p *Pool) Stats() Stats {
	p.mustBeMade()
	p.followProcs()
	s := p.own()
	p.notify() // so that the next call sees what busy workers have counted
	if p.twins != nil {
		limit, capacity := s.Limit, s.Capacity
		s = p.twins.stats().Plus(s)
		s.Limit, s.Capacity = limit, capacity
	}
	if p.hasBefore() {
		p.before.add(&s)
	}
	return s
}

// own returns the figures of p without its twins.
func (p *Pool) own() Stats {
	p.ignoreSync()
	defer p.heedSync()
	s := Stats{
		Idle:     p.idleWorkers(),
		Queued:   p.queued(),
		Spawned:  p.spawned.Value() + p.once.Load(),
		Reaped:   p.reaped.Load(),
		Replaced: p.replaced.Load(),
		Goexits:  p.exited.Load(),
		Panics:   p.panicked.Load(),
		Skipped:  p.skipped.Load(),
	}
	for _, l := range p.all() {
		s.Ended += l.finished.Load()
	}
	s.Ended += p.inTurns.Load()
	s.Workers, s.Limit = p.control.Look()
	if s.Limit == 0 {
		s.Limit = NoLimit
	}
	s.Running = max(s.Workers-s.Idle, 0)
	s.Reused = max(s.Ended-p.veterans.Load(), 0)
	if p.gate != nil {
		p.gate.figures(&s)
	}
	if p.times != nil {
		s.QueueTime, s.RunTime = p.times.queued.load(), p.times.running.load()
	}
	return s
}

// Plus returns the sums of s and t, for the figures of several pools together:
// Limit is NoLimit and Capacity 0 if one of them has none, and Queued is -1 if one of
// them cannot tell.
func (s Stats) Plus(t Stats) Stats {
	sum := Stats{
		Workers: s.Workers + t.Workers, Idle: s.Idle + t.Idle, Running: s.Running + t.Running,
		Limit: s.Limit + t.Limit, Queued: s.Queued + t.Queued, Waiting: s.Waiting + t.Waiting,
		Capacity: s.Capacity + t.Capacity,
		Spawned:  s.Spawned + t.Spawned, Reaped: s.Reaped + t.Reaped, Replaced: s.Replaced + t.Replaced, Goexits: s.Goexits + t.Goexits,
		Ended: s.Ended + t.Ended, Reused: s.Reused + t.Reused, Panics: s.Panics + t.Panics, Skipped: s.Skipped + t.Skipped,
		Refused: s.Refused + t.Refused, GivenUp: s.GivenUp + t.GivenUp, Shed: s.Shed + t.Shed,
		QueueTime: s.QueueTime.plus(t.QueueTime), RunTime: s.RunTime.plus(t.RunTime),
	}
	if s.Limit == NoLimit || t.Limit == NoLimit {
		sum.Limit = NoLimit
	}
	if s.Capacity == 0 || t.Capacity == 0 {
		sum.Capacity = 0
	}
	if s.Queued < 0 || t.Queued < 0 {
		sum.Queued = -1
	}
	return sum
}
