package pool_test

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/lfpool/lfpool/internal/ledger"
)

// What the property tests of the queues before a pool have in common. A line is a key of
// a Keyed, or a tenant of a Fair.

// lineTask is a task of such a test.
type lineTask struct {
	ledger.Record
	line int
}

// inLines is a queue that is under test.
type inLines struct {
	*ledger.Ledger
	lines     int
	enter     func(r *lineTask, f func()) func() // notes r and returns its task
	submit    func(line int, f func())
	try       func(line int, f func()) bool
	submitFor func(ctx context.Context, line int, f func(context.Context)) error
	drain     func(context.Context) error

	nested sync.Mutex // held from the entry of a task that a task submits to its submission: their order is one
}

// steps returns what a test may do next, but for what it looks at after each step.
func (q *inLines) steps() map[string]func(*rapid.T) {
	record := func(t *rapid.T) *lineTask {
		return &lineTask{line: rapid.IntRange(0, q.lines-1).Draw(t, "line")}
	}
	end := func(t *rapid.T) func() {
		return []func(){func() {}, func() {}, func() { panic("handled") }, runtime.Goexit}[rapid.IntRange(0, 3).Draw(t, "end")]
	}
	wait := func(t *rapid.T, most int, unit time.Duration, label string) time.Duration {
		return time.Duration(rapid.IntRange(1, most).Draw(t, label)) * unit
	}
	goIn := func(r *lineTask, f func()) {
		go func() { q.submit(r.line, f); q.Submitted(&r.Record, true) }()
		synctest.Wait()
	}
	return map[string]func(*rapid.T){
		"go": func(t *rapid.T) {
			line := record(t).line
			for range rapid.IntRange(1, 5).Draw(t, "tasks") {
				r := &lineTask{line: line}
				goIn(r, q.enter(r, end(t)))
			}
		},
		"try": func(t *rapid.T) {
			r := record(t)
			q.Submitted(&r.Record, q.try(r.line, q.enter(r, end(t))))
		},
		"nested": func(t *rapid.T) {
			outer, inner := record(t), record(t)
			inner.Refused = true // unless the outer one comes to submit it
			goIn(outer, q.enter(outer, func() {
				q.Lock()
				inner.Refused = false
				q.Unlock()
				q.nested.Lock()
				defer q.nested.Unlock()
				f := q.enter(inner, func() {})
				q.Submitted(&inner.Record, q.try(inner.line, f))
			}))
		},
		"context": func(t *rapid.T) {
			r := record(t)
			r.Deadline = time.Now().Add(wait(t, 1000, time.Millisecond, "patience"))
			ctx, cancel := context.WithDeadline(context.Background(), r.Deadline)
			t.Cleanup(cancel)
			f := q.enter(r, end(t))
			go func() {
				err := q.submitFor(ctx, r.line, func(context.Context) { f() })
				if err != nil && !r.Over() {
					q.Breach("GoContext has given up before its context was done")
				}
				q.Submitted(&r.Record, err == nil)
			}()
			synctest.Wait()
		},
		"release": func(t *rapid.T) {
			for range rapid.IntRange(1, 10).Draw(t, "tasks") {
				q.ReleaseOne()
				synctest.Wait()
			}
		},
		"drain": func(t *rapid.T) { q.Drain(q.drain, wait(t, 60, time.Second, "patience")) },
		"idle":  func(t *rapid.T) { time.Sleep(wait(t, 2000, time.Millisecond, "idle for")) },
	}
}

// inBursts measures ns a task, of tasks that are submitted 1000 at a time.
func inBursts(b *testing.B, submit func(i int, f func())) {
	const burst = 1000
	b.ReportAllocs()
	var all sync.WaitGroup
	f := all.Done
	for b.Loop() {
		all.Add(burst)
		for i := range burst {
			submit(i, f)
		}
		all.Wait()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/burst, "ns/task")
}
