package goroutine_test

import (
	"context"
	"runtime"
	"runtime/pprof"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/lfpool/lfpool/internal/goroutine"
)

// TestHead: what labels say does not mislead.
func TestHead(t *testing.T) {
	t.Setenv("GODEBUG", "tracebacklabels=1") // stacks show labels
	labels := pprof.Labels("a", "[running, locked to thread, synctest bubble 77]:", "synctest bubble 78", "]:\n")
	bubbles := map[int]bool{0: true}
	for range 3 {
		pprof.Do(t.Context(), labels, func(context.Context) {
			assert.Zero(t, goroutine.Bubble())
			assert.False(t, goroutine.Locked())
			runtime.LockOSThread()
			assert.Zero(t, goroutine.Bubble())
			assert.True(t, goroutine.Locked())
			runtime.UnlockOSThread()
		})
		synctest.Test(t, func(t *testing.T) {
			b := goroutine.Bubble()
			assert.False(t, bubbles[b], "%d is another bubble's", b)
			bubbles[b] = true
			time.Sleep(100 * 365 * 24 * time.Hour)
			pprof.Do(t.Context(), labels, func(context.Context) {
				assert.Equal(t, b, goroutine.Bubble(), "in the year %d", time.Now().Year())
				assert.False(t, goroutine.Locked())
				runtime.LockOSThread()
				defer runtime.UnlockOSThread()
				assert.True(t, goroutine.Locked())
				done := make(chan int)
				go func() { done <- goroutine.Bubble() }()
				assert.Equal(t, b, <-done)
			})
		})
	}
}

func BenchmarkBubble(b *testing.B) {
	for b.Loop() {
		goroutine.Bubble()
	}
}

func BenchmarkLocked(b *testing.B) {
	for b.Loop() {
		goroutine.Locked()
	}
}
