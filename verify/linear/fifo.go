package linear

import (
	"fmt"
	"slices"
)

// Violation says what in a history no first-in first-out queue does.
type Violation struct {
	Pattern string
	Ops     []Op
}

func (v *Violation) Error() string { return fmt.Sprintf("%s: %+v", v.Pattern, v.Ops) }

// CheckFIFO returns nil if the history, all of whose operations have returned
// and whose enqueued values are distinct, is linearizable with respect to a
// first-in first-out queue that is empty at first, and otherwise one violation.
// It takes O(n log n) time for n operations.
//
// It looks for the patterns of Henzinger, Sezgin and Vafeiadis (CONCUR 2013,
// "Aspect-Oriented Linearizability Proofs"), which are complete for such
// histories: a value dequeued that was not enqueued, or before it was, or
// twice; two values dequeued in the order opposite to that in which they were
// enqueued, or the second although the first never was; a Dequeue that found
// the queue empty although at each instant of it some value was in.
func CheckFIFO(history []Op) *Violation {
	values, violation := pair(history)
	if violation != nil {
		return violation
	}
	if v := inverted(values); v != nil {
		return v
	}
	return falselyEmpty(values, history)
}

// A life is what happened to one value. If it was never dequeued, taken is nil.
type life struct{ put, taken *Op }

func pair(history []Op) ([]life, *Violation) {
	at := map[int]int{}
	var values []life
	for i := range history {
		if op := &history[i]; op.Kind == Enqueue {
			at[op.Value] = len(values)
			values = append(values, life{put: op})
		}
	}
	for i := range history {
		op := &history[i]
		if op.Kind != Dequeue || !op.OK {
			continue
		}
		n, ok := at[op.Value]
		switch {
		case !ok:
			return nil, &Violation{"dequeued but never enqueued", []Op{*op}}
		case values[n].taken != nil:
			return nil, &Violation{"dequeued twice", []Op{*values[n].taken, *op}}
		case op.Return < values[n].put.Call:
			return nil, &Violation{"dequeued before it was enqueued", []Op{*values[n].put, *op}}
		}
		values[n].taken = op
	}
	return values, nil
}

// inverted looks for values a and b with a enqueued entirely before b, and b
// dequeued entirely before a, or a never.
func inverted(values []life) *Violation {
	// Go through the values b in the order in which their Enqueue was called.
	// Among all a whose Enqueue had returned by then, the one whose Dequeue is
	// called last is the one to compare with.
	byCall := slices.Clone(values)
	slices.SortFunc(byCall, func(a, b life) int { return int(a.put.Call - b.put.Call) })
	byReturn := slices.Clone(values)
	slices.SortFunc(byReturn, func(a, b life) int { return int(a.put.Return - b.put.Return) })
	next := 0
	var last *life
	for _, b := range byCall {
		for ; next < len(byReturn) && byReturn[next].put.Return < b.put.Call; next++ {
			if a := &byReturn[next]; last == nil || last.taken != nil && (a.taken == nil || a.taken.Call > last.taken.Call) {
				last = a
			}
		}
		if last == nil || b.taken == nil {
			continue
		}
		if last.taken == nil {
			return &Violation{"dequeued although an earlier value never was", []Op{*last.put, *b.put, *b.taken}}
		}
		if b.taken.Return < last.taken.Call {
			return &Violation{"dequeued in the opposite order", []Op{*last.put, *b.put, *b.taken, *last.taken}}
		}
	}
	return nil
}

// falselyEmpty looks for a Dequeue that found the queue empty although at each
// instant between its call and its return some value was certainly in: from
// the return of its Enqueue to the call of its Dequeue.
func falselyEmpty(values []life, history []Op) *Violation {
	type span struct{ from, to int64 }
	const never = int64(1) << 62
	var spans []span
	for _, v := range values {
		to := never
		if v.taken != nil {
			to = v.taken.Call
		}
		if v.put.Return < to {
			spans = append(spans, span{v.put.Return, to})
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return int(a.from - b.from) })
	// Join what overlaps: within a joined span the queue is never empty.
	var joined []span
	for _, s := range spans {
		if n := len(joined); n > 0 && s.from <= joined[n-1].to {
			joined[n-1].to = max(joined[n-1].to, s.to)
		} else {
			joined = append(joined, s)
		}
	}
	for _, op := range history {
		if op.Kind != Dequeue || op.OK {
			continue
		}
		i, _ := slices.BinarySearchFunc(joined, op.Call, func(s span, at int64) int {
			if s.to < at {
				return -1
			}
			return 1
		})
		if i < len(joined) && joined[i].from < op.Call && op.Return < joined[i].to {
			return &Violation{"found empty although it was not", []Op{op}}
		}
	}
	return nil
}
