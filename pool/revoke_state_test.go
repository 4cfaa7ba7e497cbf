package pool

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestContextThatEndsWhileItsTaskIsSubmitted: the context's end comes before the
// submitter has noted how to stop it, and the submitter clears the task.
func TestContextThatEndsWhileItsTaskIsSubmitted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p := New()
	task := &revocable{pool: p, ctx: ctx, f: func(context.Context) { t.Error("started although cancelled") }}
	cancel()
	task.revoke()
	assert.NotNil(t, task.ctx, "the submitter may be reading it")
	task.watch()
	assert.Nil(t, task.ctx)
	assert.Nil(t, task.f)
	assert.Nil(t, task.stop)
	task.run()
	assert.Equal(t, int64(1), p.Stats().Skipped)
}

// TestContextThatEndsAfterItsTaskHasStarted has nothing to clear: the worker may
// be reading it.
func TestContextThatEndsAfterItsTaskHasStarted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ran := false
	task := &revocable{pool: New(), ctx: ctx}
	task.f = func(context.Context) {
		task.revoke()
		ran = true
	}
	task.watch()
	task.run()
	assert.True(t, ran)
	assert.Equal(t, ctx, task.ctx)
	assert.NotNil(t, task.f)
	assert.NotNil(t, task.stop)
}

// TestTaskThatStartsWhileItIsWatched: its worker owns the fields, and the submitter
// stops the watch that the worker does not know of.
func TestTaskThatStartsWhileItIsWatched(t *testing.T) {
	ended := func() bool { return false }
	ctx := &afterFunc{Context: t.Context(), stop: func() bool { return ended() }}
	task := &revocable{pool: New(), ctx: ctx}
	ran, stops := false, 0
	ended = func() bool { stops++; return true }
	task.f = func(context.Context) {
		task.watch()
		ran = true
	}
	task.run()
	assert.True(t, ran)
	assert.Equal(t, 1, stops)
	assert.NotNil(t, task.ctx)
	assert.NotNil(t, task.f)
}

// afterFunc is a context that says itself how a watch is stopped.
type afterFunc struct {
	context.Context
	stop func() bool
}

func (c *afterFunc) Value(any) any                       { return nil }
func (c *afterFunc) AfterFunc(func()) (stop func() bool) { return c.stop }

// TestContextThatIsDoneWhenItsTaskStarts: a task that is not watched, or not
// revoked yet, looks itself.
func TestContextThatIsDoneWhenItsTaskStarts(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p := New()
	task := &revocable{pool: p, ctx: ctx, f: func(context.Context) { t.Error("started although cancelled") }}
	cancel()
	task.run()
	assert.Equal(t, int64(1), p.Stats().Skipped)
}
