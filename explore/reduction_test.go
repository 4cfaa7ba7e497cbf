package explore_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	stdatomic "sync/atomic"
	"testing"
	"unsafe"

	"pgregory.net/rapid"

	"github.com/lfpool/lfpool/explore"
	"github.com/lfpool/lfpool/explore/atomic"
	"github.com/lfpool/lfpool/explore/sync"
)

// The reduced search against the naive one.

// instruction is one of a random program.
type instruction struct {
	op       string
	word     int
	old, new int32
}

func (in instruction) String() string {
	return fmt.Sprintf("%s(%d,%d,%d)", in.op, in.word, in.old, in.new)
}

// machine is what the goroutines of a random program share.
type machine struct {
	words   [3]atomic.Int32
	pair    [2]stdatomic.Int32 // each is an operation of a step of both
	mutexes [2]sync.Mutex
	rw      sync.RWMutex
	chans   [2]*explore.Chan[int32]
	wg      sync.WaitGroup
}

// do makes an instruction and returns what the goroutine saw.
func (m *machine) do(in instruction) (saw any) {
	w := &m.words[in.word]
	switch in.op {
	case "load":
		return w.Load()
	case "store":
		w.Store(in.new)
	case "add":
		return w.Add(in.new)
	case "swap":
		return w.Swap(in.new)
	case "or":
		return w.Or(in.new)
	case "cas":
		return w.CompareAndSwap(in.old, in.new)
	case "locked":
		mu := &m.mutexes[in.word%2]
		mu.Lock()
		defer mu.Unlock()
		return w.Load()
	case "nested":
		a, b := &m.mutexes[in.word%2], &m.mutexes[1-in.word%2]
		a.Lock()
		defer a.Unlock()
		b.Lock()
		defer b.Unlock()
	case "try":
		if !m.mutexes[in.word%2].TryLock() {
			return false
		}
		defer m.mutexes[in.word%2].Unlock()
		return w.Add(1)
	case "read":
		m.rw.RLock()
		defer m.rw.RUnlock()
		return w.Load()
	case "write":
		m.rw.Lock()
		defer m.rw.Unlock()
		return w.Add(1)
	case "send":
		m.chans[in.word%2].Send(in.new)
	case "receive":
		v, ok := m.chans[in.word%2].Receive()
		return fmt.Sprint(v, ok)
	case "trysend":
		return m.chans[in.word%2].TrySend(in.new)
	case "tryreceive":
		v, ok, did := m.chans[in.word%2].TryReceive()
		return fmt.Sprint(v, ok, did)
	case "await":
		for w.Load() < 1 {
			explore.Gosched()
		}
	case "pair":
		first, second := &m.pair[in.word%2], &m.pair[1-in.word%2]
		explore.Step(explore.RMW, unsafe.Pointer(first), 4)
		n := first.Add(in.old)
		explore.Touch(explore.CAS, unsafe.Pointer(second), 4)
		return fmt.Sprint(n, second.CompareAndSwap(in.old, in.new))
	case "look":
		explore.Step(explore.Load, unsafe.Pointer(&m.pair[in.word%2]), 4)
		n := m.pair[in.word%2].Load()
		explore.Touch(explore.Load, unsafe.Pointer(&m.pair[1-in.word%2]), 4)
		return fmt.Sprint(n, m.pair[1-in.word%2].Load())
	case "go":
		m.wg.Go(func() { w.Add(in.new) })
		m.wg.Wait()
		return w.Load()
	}
	return nil
}

var instructions = map[string][]string{
	"words":  {"load", "store", "add", "cas", "swap", "or"},
	"locks":  {"load", "store", "locked", "try", "nested", "read", "write"},
	"chans":  {"send", "receive", "trysend", "tryreceive", "load", "store"},
	"awaits": {"await", "store", "add", "load", "cas", "await"},
	"pairs":  {"pair", "look", "pair", "load", "add"},
	"spawns": {"go", "load", "store", "locked"},
}

// programs generates programs of those instructions, shortest to longest for
// each goroutine and longest for all of them together.
func programs(ops []string, shortest, longest int) *rapid.Generator[[][]instruction] {
	return rapid.Custom(func(t *rapid.T) [][]instruction {
		p := make([][]instruction, rapid.IntRange(2, 3).Draw(t, "goroutines"))
		for g := range p {
			for range rapid.IntRange(shortest, max(shortest, longest/len(p))).Draw(t, "length") {
				p[g] = append(p[g], instruction{
					op:   rapid.SampledFrom(ops).Draw(t, "op"),
					word: rapid.IntRange(0, 2).Draw(t, "word"),
					old:  rapid.Int32Range(0, 1).Draw(t, "old"),
					new:  rapid.Int32Range(0, 2).Draw(t, "new"),
				})
			}
		}
		return p
	})
}

// outcomes explores a program and returns what can come of it: what each
// goroutine saw, the words at the end, the failure, and which operation
// returned before which was called. Each has the number of schedules.
func outcomes(program [][]instruction, history bool, options ...explore.Option) (out, classes map[string]int, result explore.Result) {
	out, classes = map[string]int{}, map[string]int{}
	var m *machine
	var saw [][]any
	var calls, returns []int64
	var done []bool
	result = explore.Explore(func(x *explore.Run) {
		m = new(machine)
		m.chans[0], m.chans[1] = explore.MakeChan[int32](0), explore.MakeChan[int32](1)
		saw = make([][]any, len(program))
		calls, returns, done = make([]int64, len(program)*8), make([]int64, len(program)*8), make([]bool, len(program)*8)
		for g, ins := range program {
			x.Go("goroutine", func() {
				for i, in := range ins {
					if history {
						x.Call()
					}
					saw[g] = append(saw[g], m.do(in))
					if history {
						calls[g*8+i], returns[g*8+i] = x.Return()
						done[g*8+i] = true
					}
				}
			})
		}
	}, append(options, explore.EachRun(func(r *explore.Run) {
		var b strings.Builder
		fmt.Fprintln(&b, saw)
		for i := range m.words {
			fmt.Fprintln(&b, m.words[i].Load())
		}
		fmt.Fprintln(&b, m.pair[0].Load(), m.pair[1].Load())
		if r.Err() != nil {
			kind, _, _ := strings.Cut(r.Err().Error(), ":")
			fmt.Fprintln(&b, kind)
		}
		for i := range done {
			for j := range done {
				if history && done[i] && done[j] && returns[i] < calls[j] {
					fmt.Fprintf(&b, "%d before %d\n", i, j)
				}
			}
		}
		out[b.String()]++
		classes[r.Class()]++
	}))...)
	return out, classes, result
}

func keys(m map[string]int) []string { return slices.Sorted(maps.Keys(m)) }

// TestReducedSearchSeesWhatTheNaiveOneSees: the same outcomes, and no more
// than one schedule for each class of those that differ in the order of
// independent steps alone; with a bound, all outcomes that the naive search has
// with that bound.
func TestReducedSearchSeesWhatTheNaiveOneSees(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(instructions)) {
		for _, history := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, history %t", name, history), func(t *testing.T) {
				shortest, longest := 2, 8
				if name != "words" && name != "awaits" && name != "pairs" { // their operations are several steps each
					shortest, longest = 1, 5
				}
				var naive, reduced, redundant, classes, checked int
				rapid.Check(t, func(t *rapid.T) {
					p := programs(instructions[name], shortest, longest).Draw(t, "program")
					all, allClasses, full := outcomes(p, history, explore.Naive(), explore.AtMost(3000))
					if !full.Complete {
						t.Skip("too long for the naive search")
					}
					few, fewClasses, result := outcomes(p, history)
					if !slices.Equal(keys(all), keys(few)) {
						t.Fatalf("%v\nnaive: %d schedules, %d outcomes; reduced: %v, %d outcomes", p, full.Schedules, len(all), result, len(few))
					}
					if !result.Complete || result.Schedules < len(fewClasses) {
						t.Fatalf("%v", result)
					}
					for bound := range 3 {
						bounded, _, _ := outcomes(p, history, explore.Naive(), explore.Bound(bound))
						few, _, result := outcomes(p, history, explore.Bound(bound))
						for outcome := range bounded {
							if few[outcome] == 0 {
								t.Fatalf("%v\nwith at most %d preemptions the naive search came to\n%s\nand not the reduced one: %v", p, bound, outcome, result)
							}
						}
						for outcome := range few {
							if all[outcome] == 0 {
								t.Fatalf("%v\nonly the bounded search came to\n%s", p, outcome)
							}
						}
					}
					checked++
					naive += full.Schedules
					reduced += result.Schedules
					redundant += result.Redundant
					classes += len(allClasses)
				})
				t.Logf("%d programs: %d schedules by the naive search, %d by the reduced one and %d redundant ones, %d classes", checked, naive, reduced, redundant, classes)
			})
		}
	}
}

// TestWordsOfASleepingStep: a step that sleeps is woken by one on a word of its own, also if
// the words have other numbers in that run: the second goroutine meets a word before the
// others come to theirs.
func TestWordsOfASleepingStep(t *testing.T) {
	p := [][]instruction{
		{{op: "look"}, {op: "pair"}},
		{{op: "load"}, {op: "load", word: 1}},
		{{op: "pair"}, {op: "pair", new: 1}},
	}
	all, _, _ := outcomes(p, false, explore.Naive())
	few, _, _ := outcomes(p, false)
	if !slices.Equal(keys(all), keys(few)) {
		t.Errorf("the naive search comes to %d outcomes, the reduced one to %d", len(all), len(few))
	}
}

// TestEstimate: the estimate of the naive search's size is about right.
func TestEstimate(t *testing.T) {
	scenario := func(x *explore.Run) {
		var n [2]atomic.Int32
		for g := range 3 {
			x.Go("g", func() {
				for range 3 {
					n[g%2].Add(1)
				}
			})
		}
	}
	for _, bound := range [][]explore.Option{nil, {explore.Bound(1)}, {explore.Bound(2)}} {
		real := explore.Explore(scenario, append(bound, explore.Naive())...)
		estimated := explore.Explore(scenario, bound...)
		t.Logf("%v; in truth %d", estimated, real.Schedules)
		if n := float64(real.Schedules); real.Naive != n || estimated.Naive < n/3 || estimated.Naive > n*3 {
			t.Errorf("%v; in truth %d", estimated, real.Schedules)
		}
	}
}
