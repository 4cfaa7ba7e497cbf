// Package goroutine tells a goroutine what the runtime knows of it.
package goroutine

import "runtime"

// Panicking reports whether a panic, and not [runtime.Goexit], has the caller
// run. The caller is a deferred function, or is called by one, and knows that
// the function which deferred it has not returned.
//
// recover would tell a panic from a Goexit as well, but it ends the panic, and to
// panic again changes what the crash prints. So Panicking looks at the stack: the
// nearest frame of the two runtime functions that call deferred functions is the
// reason. It takes about a microsecond.
func Panicking() bool {
	var pcs [64]uintptr
	for skip := 2; ; skip += len(pcs) {
		n := runtime.Callers(skip, pcs[:])
		if n == 0 {
			return false
		}
		frames := runtime.CallersFrames(pcs[:n])
		for more := true; more; {
			var frame runtime.Frame
			frame, more = frames.Next()
			switch frame.Function {
			case "runtime.gopanic":
				return true
			case "runtime.Goexit":
				return false
			}
		}
	}
}
