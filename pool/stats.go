package pool

import "log/slog"

// Stats is what a pool has done and has. Each field is right by itself; the
// fields are read one after the other while the pool works, so a sum over them
// may be off by what happened meanwhile. When the pool is at rest all are exact,
// and Spawned is Workers, Reaped, Replaced and Exited together.
type Stats struct {
	Workers int // workers alive: running a task, parked, or on the way
	Idle    int // workers parked
	Running int // workers not parked
	Limit   int // how many workers there may be; 0: any number
	Queued  int // tasks waiting for a worker; -1: a task queue that cannot tell
	Waiting int // calls of Go and GoContext that wait for room

	Spawned  int64 // workers started since New
	Reaped   int64 // workers that the pool has ended: unneeded, above a lowered limit, or drained
	Replaced int64 // workers that handed over to a fresh goroutine: see WithMaxTasksPerWorker
	Exited   int64 // workers that ended with a task that called Goexit
	Tasks    int64 // tasks ended, however: lags by under 64 for each busy worker
	Reused   int64 // of these, the ones on a worker that had run a task before; lags likewise
	Panics   int64 // tasks whose panic went to the panic handler
	Skipped  int64 // tasks of GoContext that did not run: their context was done
}

// ReuseRate returns the part of the tasks ended that needed no new goroutine,
// from 0 to 1; 0 if no task has ended.
func (s Stats) ReuseRate() float64 {
	if s.Tasks == 0 {
		return 0
	}
	return float64(s.Reused) / float64(s.Tasks)
}

// LogValue makes a group of s and its reuse rate, for package log/slog.
func (s Stats) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Int("workers", s.Workers), slog.Int("idle", s.Idle), slog.Int("running", s.Running), slog.Int("limit", s.Limit),
		slog.Int("queued", s.Queued), slog.Int("waiting", s.Waiting),
		slog.Int64("spawned", s.Spawned), slog.Int64("reaped", s.Reaped), slog.Int64("replaced", s.Replaced), slog.Int64("exited", s.Exited),
		slog.Int64("tasks", s.Tasks), slog.Int64("reused", s.Reused), slog.Int64("panics", s.Panics), slog.Int64("skipped", s.Skipped),
		slog.Float64("reuse_rate", s.ReuseRate()),
	)
}

// Load returns how many tasks run or wait for a worker, as far as the task queue
// can tell. Wait-free but for the length of the queue.
func (p *Pool) Load() int {
	n := max(p.control.Workers()-p.idleWorkers(), 0)
	if q, ok := p.tasks.(interface{ Len() int }); ok {
		n += q.Len()
	}
	return n
}

// Stats returns the pool's figures. Wait-free, but for the line of those that
// wait; it takes time in proportion to the number of processors.
func (p *Pool) Stats() Stats {
	s := Stats{
		Workers:  p.control.Workers(),
		Idle:     p.idleWorkers(),
		Limit:    p.control.Limit(),
		Queued:   -1,
		Spawned:  p.spawned.Value(),
		Reaped:   p.reaped.Load(),
		Replaced: p.replaced.Load(),
		Exited:   p.exited.Load(),
		Tasks:    p.finished.Load(),
		Panics:   p.panicked.Load(),
		Skipped:  p.skipped.Load(),
	}
	s.Running = max(s.Workers-s.Idle, 0)
	s.Reused = max(s.Tasks-p.veterans.Load(), 0)
	if q, ok := p.tasks.(interface{ Len() int }); ok {
		s.Queued = q.Len()
	}
	if p.gate != nil {
		s.Waiting = p.gate.waiting()
	}
	return s
}
