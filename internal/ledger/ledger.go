// Package ledger keeps the books of property tests: which tasks a pool was given,
// how each of them fared, and what should not have happened.
package ledger

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/lfpool/lfpool/pool"
)

// A Record is one task.
type Record struct {
	Accepted    bool      // the call that submitted it has returned and said so
	Refused     bool      // not accepted: it must not run
	Deadline    time.Time // if not zero: it must not start after that, and must run if it can start before
	Runs, Ended int
}

// Over reports whether the task's deadline is past.
func (r *Record) Over() bool { return !r.Deadline.IsZero() && !time.Now().Before(r.Deadline) }

// A Ledger is the books of one pool. Its tasks wait until they are released, one
// by one or all together. Make one with [New].
type Ledger struct {
	// AtEnd is called under the lock when a task has ended; nil: nothing is.
	AtEnd func()

	sync.Mutex     // guards what follows
	Running    int // tasks that run
	Allowed    int // the most that may, or pool.NoLimit
	Drains     int // Drains that have not returned
	Tasks      []*Record
	Breaches   []string

	release chan struct{} // one value ends one task that runs
	free    func()
}

// New returns a ledger without tasks, of which allowed may run at a time.
func New(allowed int) *Ledger {
	l := &Ledger{Allowed: allowed, release: make(chan struct{})}
	l.free = sync.OnceFunc(func() { close(l.release) })
	return l
}

// Breach notes what should not have happened.
func (l *Ledger) Breach(format string, args ...any) {
	l.Lock()
	defer l.Unlock()
	l.breach(format, args...)
}

func (l *Ledger) breach(format string, args ...any) {
	l.Breaches = append(l.Breaches, fmt.Sprintf(format, args...))
}

// Task enters r and returns its task, which waits for its release and then does
// f, which may panic or exit.
func (l *Ledger) Task(r *Record, f func()) func() {
	l.Lock()
	l.Tasks = append(l.Tasks, r)
	l.Unlock()
	return func() {
		l.starts(r)
		defer l.ends(r)
		<-l.release
		f()
	}
}

func (l *Ledger) starts(r *Record) {
	l.Lock()
	defer l.Unlock()
	r.Runs++
	l.Running++
	switch {
	case r.Runs > 1:
		l.breach("a task runs for the %dth time", r.Runs)
	case r.Refused:
		l.breach("a task runs that was refused")
	case !r.Deadline.IsZero() && time.Now().After(r.Deadline):
		l.breach("a task has started after its context was done")
	}
	if l.Allowed != pool.NoLimit && l.Running > l.Allowed {
		l.breach("%d tasks run, %d may", l.Running, l.Allowed)
	}
}

func (l *Ledger) ends(r *Record) {
	l.Lock()
	defer l.Unlock()
	r.Ended++
	l.Running--
	if l.AtEnd != nil {
		l.AtEnd()
	}
}

// ReleaseOne ends one of the tasks that wait, if there is one.
func (l *Ledger) ReleaseOne() {
	select {
	case l.release <- struct{}{}:
	default:
	}
}

// ReleaseAll ends all tasks, those to come included.
func (l *Ledger) ReleaseAll() { l.free() }

// Submitted notes what became of a submission.
func (l *Ledger) Submitted(r *Record, accepted bool) {
	l.Lock()
	defer l.Unlock()
	r.Accepted, r.Refused = accepted, !accepted
	if r.Refused && r.Runs > 0 {
		l.breach("a task has run that was refused")
	}
}

// Drain calls drain in a goroutine, with a context that is done after patience.
// When it has returned, a task that had been accepted before must have ended.
func (l *Ledger) Drain(drain func(context.Context) error, patience time.Duration) {
	l.Lock()
	before := slices.DeleteFunc(slices.Clone(l.Tasks), func(r *Record) bool { return !r.Accepted })
	l.Drains++
	l.Unlock()
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		err := drain(ctx)
		l.Lock()
		defer l.Unlock()
		l.Drains--
		if err != nil {
			if err != context.DeadlineExceeded {
				l.breach("Drain has returned %q", err)
			}
			return
		}
		for id, r := range before {
			if r.Ended == 0 && !r.Over() {
				l.breach("Drain has returned before task %d of %d has ended", id, len(before))
			}
		}
	}()
}

// Close says what is wrong when all is over: each task has run once and ended,
// unless it was refused or its deadline is past. It returns how many were
// accepted, and how many of those have not run.
func (l *Ledger) Close() (accepted, skipped int64, err error) {
	l.Lock()
	defer l.Unlock()
	for id, r := range l.Tasks {
		if !(r.Runs == 1 && r.Ended == 1 || r.Runs == 0 && (r.Refused || r.Over())) {
			return 0, 0, fmt.Errorf("task %d: %+v", id, *r)
		}
		if r.Accepted {
			accepted++
			if r.Runs == 0 {
				skipped++
			}
		}
	}
	return accepted, skipped, nil
}
