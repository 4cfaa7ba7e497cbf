package goroutine_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lfpool/lfpool/internal/goroutine"
)

// reason runs f in a goroutine of its own, and returns what Panicking says when
// f is left without a return.
func reason(f func()) (panicking bool) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = recover() }()
		defer func() { panicking = goroutine.Panicking() }()
		f()
	}()
	<-done
	return panicking
}

func deep(n int, f func()) {
	if n == 0 {
		f()
		return
	}
	deep(n-1, f)
}

func TestPanicking(t *testing.T) {
	boom := func() { panic("boom") }
	var zero int
	for name, c := range map[string]struct {
		f    func()
		want bool
	}{
		"panic":                          {boom, true},
		"Goexit":                         {runtime.Goexit, false},
		"runtime error":                  {func() { zero = 1 / zero }, true},
		"nil dereference":                {func() { *(*int)(nil) = 1 }, true},
		"panic below many frames":        {func() { deep(500, boom) }, true},
		"Goexit below many frames":       {func() { deep(500, runtime.Goexit) }, false},
		"panic in a call deferred by it": {func() { defer boom(); panic("first") }, true},
		"panic amid a Goexit":            {func() { defer boom(); runtime.Goexit() }, true},
		"Goexit amid a panic":            {func() { defer runtime.Goexit(); boom() }, false},
		"panic amid a Goexit, recovered": {func() {
			defer func() { _ = recover() }()
			defer boom()
			runtime.Goexit()
		}, false},
		"many frames amid a panic": {func() {
			defer deep(500, func() { defer runtime.Goexit(); boom() })
			boom()
		}, false},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, reason(c.f)) })
	}
}
