package explore

// Call begins an operation of the calling goroutine, for a history of who did
// what when; Return ends it. Of two operations that are begun and ended like
// this the explorer tries each order that they can have in time. An operation
// begins with its first step and ends with its last. explore/linear is made of
// these two.
func (r *Run) Call() {
	if active.Load() != r || r.abandoned.Load() {
		return
	}
	th := r.running
	th.inCall, th.called = true, true
}

// Return ends the operation that the last Call has begun, and returns two
// instants of logical time: the operation lies between them. Those outside the
// scenario's goroutines lie before and after all others.
func (r *Run) Return() (call, ret int64) {
	if active.Load() != r || r.abandoned.Load() {
		r.stamp += 2
		if r.halted {
			return afterwards + r.stamp - 2, afterwards + r.stamp - 1
		}
		return r.stamp - 2, r.stamp - 1
	}
	th := r.running
	if th.called { // there was no step
		r.step(op{kind: passage})
	}
	last := len(r.trace) - 1
	e := &r.trace[last]
	e.ret, th.inCall = true, false
	first := th.callAt
	if e.call {
		first = last
	}
	return meanwhile + 2*int64(first), meanwhile + 2*int64(last) + 1
}

// Instants before the goroutines start are counted from 0; then these are where
// counting begins anew.
const (
	meanwhile  = 1 << 32
	afterwards = 1 << 33
)
