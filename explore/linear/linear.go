// Package linear checks that what the goroutines of an exploration saw is
// linearizable: each operation takes effect at one instant between its call and
// its return (Herlihy and Wing 1990). The checker is porcupine.
package linear

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/lfpool/lfpool/explore"
)

// History is what was called and what came out, in one run of a scenario.
type History struct {
	run *explore.Run
	ops []porcupine.Operation
}

// Watch returns an empty history. At the end of the run, after the
// checks that are registered later, it is checked against model.
func Watch(x *explore.Run, model porcupine.Model) *History {
	h := &History{run: x}
	x.Check(func() error { return h.Check(model) })
	return h
}

// Do calls f, an operation that is given input, and adds it to the history with
// f's result as output. The scenario's function and its checks may call it too.
func Do[T any](h *History, input any, f func() T) T {
	h.run.Call()
	output := f()
	call, ret := h.run.Return()
	// Each operation has a client of its own; porcupine uses it for pictures.
	h.ops = append(h.ops, porcupine.Operation{ClientId: len(h.ops), Input: input, Call: call, Output: output, Return: ret})
	explore.Logf("%v: %v", input, output)
	return output
}

// patience is how long porcupine may think about one history.
const patience = 10 * time.Second

// Check reports an error unless the history is linearizable. It is exponential
// in the number of operations that overlap.
func (h *History) Check(model porcupine.Model) error {
	switch porcupine.CheckOperationsTimeout(model, h.ops, patience) {
	case porcupine.Ok:
		return nil
	case porcupine.Unknown:
		return fmt.Errorf("is it linearizable? no answer in %v: shorten the scenario:\n%s", patience, h)
	}
	return fmt.Errorf("not linearizable:\n%s", h)
}

// String has a line for each operation, in the order of their calls.
func (h *History) String() string {
	ops := slices.Clone(h.ops)
	slices.SortFunc(ops, func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
	rank := map[int64]int{}
	var times []int64
	for _, o := range ops {
		times = append(times, o.Call, o.Return)
	}
	slices.Sort(times)
	for i, t := range times {
		rank[t] = i + 1
	}
	lines := make([]string, len(ops))
	for i, o := range ops {
		lines[i] = fmt.Sprintf("  from %d to %d  %v: %v", rank[o.Call], rank[o.Return], o.Input, o.Output)
	}
	return strings.Join(lines, "\n")
}

// Put is the input of an operation that puts V in a [Queue] or a [Stack]. Its
// output is false if there was no room.
type Put struct{ V any }

func (p Put) String() string { return fmt.Sprintf("put %v", p.V) }

// Take is the input of an operation that takes a value. Its output is a Taken.
type Take struct{}

func (Take) String() string { return "take" }

// Taken is what came out; OK is false if nothing was in.
type Taken struct {
	V  any
	OK bool
}

func (t Taken) String() string {
	if !t.OK {
		return "nothing"
	}
	return fmt.Sprint(t.V)
}

// Queue is the model of a first-in first-out queue for capacity values, or any
// number if capacity is 0.
func Queue(capacity int) porcupine.Model {
	return model(capacity, func(in []any) (v any, rest []any) { return in[0], in[1:] })
}

// Stack is the same for last in, first out.
func Stack(capacity int) porcupine.Model {
	return model(capacity, func(in []any) (v any, rest []any) { return in[len(in)-1], in[:len(in)-1] })
}

func model(capacity int, take func(in []any) (v any, rest []any)) porcupine.Model {
	if capacity < 0 {
		panic(fmt.Sprintf("linear: capacity %d: want 0, for any number of values, or more", capacity))
	}
	return porcupine.Model{
		Init: func() any { return []any(nil) },
		Step: func(state, input, output any) (bool, any) {
			in := state.([]any)
			if put, ok := input.(Put); ok {
				if done, told := output.(bool); told && !done {
					return capacity > 0 && len(in) == capacity, in
				}
				return capacity == 0 || len(in) < capacity, append(slices.Clip(in), put.V)
			}
			out := output.(Taken)
			if !out.OK {
				return len(in) == 0, in
			}
			if len(in) == 0 {
				return false, in
			}
			v, rest := take(in)
			return v == out.V, slices.Clip(rest)
		},
		Equal: func(a, b any) bool { return slices.Equal(a.([]any), b.([]any)) },
		Hash:  func(s any) uint64 { return hash(s.([]any)) },
	}
}

// MayFail is model where a Put may find no room and a Take may find nothing at
// any time, as in queues that do not wait for an operation under way.
func MayFail(model porcupine.Model) porcupine.Model {
	step := model.Step
	model.Step = func(state, input, output any) (bool, any) {
		if out, ok := output.(Taken); ok && !out.OK || output == false {
			return true, state
		}
		return step(state, input, output)
	}
	return model
}

// hash is FNV-1a over what is in.
func hash(in []any) uint64 {
	h := uint64(14695981039346656037)
	for _, v := range in {
		for _, b := range []byte(fmt.Sprint(v, ";")) {
			h = (h ^ uint64(b)) * 1099511628211
		}
	}
	return h
}
