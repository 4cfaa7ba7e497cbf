package ledger

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/pool"
)

func TestWhatIsWrongIsABreach(t *testing.T) {
	nothing := func() {}
	for name, c := range map[string]struct {
		allowed int
		do      func(l *Ledger)
		want    []string
	}{
		"all is well": {2, func(l *Ledger) {
			r := new(Record)
			go l.Task(r, nothing)()
			l.Submitted(r, true)
			l.Drain(func(context.Context) error { time.Sleep(time.Second); return nil }, time.Minute)
			synctest.Wait()
			l.ReleaseOne()
			time.Sleep(2 * time.Second)
		}, nil},
		"twice": {pool.NoLimit, func(l *Ledger) {
			f := l.Task(new(Record), nothing)
			go f()
			go f()
		}, []string{"a task runs for the 2th time"}},
		"too many": {1, func(l *Ledger) {
			go l.Task(new(Record), nothing)()
			go l.Task(new(Record), nothing)()
		}, []string{"2 tasks run, 1 may"}},
		"refused, then run": {1, func(l *Ledger) {
			r := new(Record)
			l.Submitted(r, false)
			go l.Task(r, nothing)()
		}, []string{"a task runs that was refused"}},
		"run, then refused": {1, func(l *Ledger) {
			r := new(Record)
			go l.Task(r, nothing)()
			synctest.Wait()
			l.Submitted(r, false)
		}, []string{"a task has run that was refused"}},
		"late": {1, func(l *Ledger) {
			r := &Record{Deadline: time.Now().Add(time.Second)}
			f := l.Task(r, nothing)
			time.Sleep(2 * time.Second)
			go f()
		}, []string{"a task has started after its context was done"}},
		"drained too early": {1, func(l *Ledger) {
			r := new(Record)
			go l.Task(r, nothing)()
			l.Submitted(r, true)
			l.Drain(func(context.Context) error { return nil }, time.Second)
		}, []string{"Drain has returned before task 0 of 1 has ended"}},
		"drain gives up": {1, func(l *Ledger) {
			l.Drain(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, time.Second)
			time.Sleep(2 * time.Second)
		}, nil},
		"drain fails": {1, func(l *Ledger) {
			l.Drain(func(context.Context) error { return errors.New("no") }, time.Second)
		}, []string{`Drain has returned "no"`}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := New(c.allowed)
				c.do(l)
				synctest.Wait()
				assert.Equal(t, c.want, l.Breaches)
				assert.Zero(t, l.Drains)
				l.ReleaseAll()
				synctest.Wait()
				assert.Zero(t, l.Running)
			})
		})
	}
}

func TestClose(t *testing.T) {
	l := New(pool.NoLimit)
	ends := 0
	l.AtEnd = func() { ends++ }
	l.ReleaseAll()
	ran, skipped, refused := new(Record), &Record{Deadline: time.Now()}, new(Record)
	l.Task(ran, func() {})()
	l.Submitted(ran, true)
	l.Task(skipped, func() {})
	l.Submitted(skipped, true)
	l.Task(refused, func() {})
	l.Submitted(refused, false)
	accepted, late, err := l.Close()
	require.NoError(t, err)
	assert.EqualValues(t, 2, accepted)
	assert.EqualValues(t, 1, late)
	assert.Equal(t, 1, ends)
	lost := new(Record)
	l.Task(lost, func() {})
	l.Submitted(lost, true)
	_, _, err = l.Close()
	assert.ErrorContains(t, err, "task 3")
}
