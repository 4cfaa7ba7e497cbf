// Package handover runs a function in a pool while the caller waits, so that
// the caller sees what it would have seen if it had called the function itself.
package handover

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync/atomic"

	"github.com/lfpool/lfpool/pool"
)

// A Panic is what a panic in a handler is raised with again in the goroutine
// that waits for it.
type Panic struct {
	Value any    // given to panic
	Stack []byte // of the handler, as debug.Stack prints it
}

// Error has the stack, too, for whoever prints the value of a panic.
func (p *Panic) Error() string {
	return fmt.Sprintf("%v\n\nthe handler's stack in the pool:\n%s", p.Value, p.Stack)
}

// Unwrap returns the value if it is an error, or nil.
func (p *Panic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// An End says how a call has ended. The zero value is: f has returned.
type End struct {
	NotRun error  // the context's error, if f has not run and will not
	Panic  *Panic // f has panicked
	Goexit bool   // f has called runtime.Goexit
}

// Raise does in the caller's goroutine what f did in the pool: it panics with a
// [*Panic], calls [runtime.Goexit], or returns.
func (e End) Raise() {
	if e.Panic != nil {
		panic(e.Panic)
	}
	if e.Goexit {
		runtime.Goexit()
	}
}

// Call runs f in p and returns when it has ended, even if ctx is done before
// that. Only if ctx is done before f starts Call returns at once, and f does not
// run. f has the pprof labels of ctx. The end of f synchronizes before the
// return.
func Call(ctx context.Context, p *pool.Pool, f func()) (end End) {
	var claimed atomic.Bool // one-way: by the task, which runs f, or by the caller, who gives up
	done := make(chan struct{})
	err := p.GoContext(ctx, func(context.Context) {
		if !claimed.CompareAndSwap(false, true) {
			return
		}
		returned := false
		defer func() {
			if !returned {
				end = ended(recover())
			}
			close(done)
		}()
		f()
		returned = true
	})
	if err != nil {
		return End{NotRun: err}
	}
	select {
	case <-done:
	case <-ctx.Done():
		// GoContext skips a task whose context is done, so this must not wait for
		// one that has not started.
		if claimed.CompareAndSwap(false, true) {
			return End{NotRun: ctx.Err()}
		}
		<-done
	}
	return end
}

// ended is called in the goroutine of an f that has not returned, before its
// stack is gone. v is what recover returned: not nil after panic(nil) either.
func ended(v any) End {
	if v == nil {
		return End{Goexit: true}
	}
	if inner, ok := v.(*Panic); ok { // f has used Call and Raise itself
		return End{Panic: inner}
	}
	return End{Panic: &Panic{Value: v, Stack: debug.Stack()}}
}
