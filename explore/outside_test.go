package explore_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/lfpool/lfpool/explore"
	"github.com/lfpool/lfpool/explore/atomic"
)

// With explore.Outside: goroutines that the go statement starts, and that wait for
// channels.

// crew are goroutines of a random program, each with a helper that it wakes.
type crew struct {
	words [3]atomic.Int32
	mail  [3]chan instruction
	saw   [6][]any // the helpers' from 3 on
}

func (m *crew) do(g int, in instruction) {
	w := &m.words[in.word]
	switch in.op {
	case "load":
		m.saw[g] = append(m.saw[g], w.Load())
	case "store":
		w.Store(in.new)
	case "add":
		m.saw[g] = append(m.saw[g], w.Add(in.new))
	case "cas":
		m.saw[g] = append(m.saw[g], w.CompareAndSwap(in.old, in.new))
	case "wake":
		m.mail[g] <- in
	case "start":
		go func() { w.Add(in.new); m.words[(in.word+1)%3].Add(1) }()
	}
}

func (m *crew) help(g int) {
	for in := range m.mail[g] {
		m.saw[3+g] = append(m.saw[3+g], m.words[in.word].Add(in.new), m.words[(in.word+1)%3].Load())
	}
}

// outsideOutcomes explores a program and returns what can come of it.
func outsideOutcomes(program [][]instruction, options ...explore.Option) (out map[string]int, result explore.Result) {
	out = map[string]int{}
	var m *crew
	result = explore.Explore(func(x *explore.Run) {
		m = new(crew)
		for g, ins := range program {
			m.mail[g] = make(chan instruction, len(ins))
			go m.help(g)
			x.Go("goroutine", func() {
				for _, in := range ins {
					m.do(g, in)
				}
			})
		}
		mail := m.mail
		x.Cleanup(func() {
			for g := range program {
				close(mail[g])
			}
		})
		x.Check(func() error {
			var b strings.Builder
			fmt.Fprintln(&b, m.saw)
			for i := range m.words {
				fmt.Fprintln(&b, m.words[i].Load())
			}
			out[b.String()]++
			return nil
		})
	}, append(options, explore.NoShorter(), explore.Outside(synctest.Wait, explore.Goroutine))...)
	return out, result
}

// TestOutsideSeesWhatTheNaiveOneSees: with goroutines from outside, too, the reduced
// search comes to the outcomes of the naive one.
func TestOutsideSeesWhatTheNaiveOneSees(t *testing.T) {
	const programsTried = 100
	synctest.Test(t, func(t *testing.T) {
		var naive, reduced, checked, woken int
		for seed := range programsTried {
			p := programs([]string{"load", "store", "add", "cas", "wake", "start"}, 1, 8).Example(seed)
			all, full := outsideOutcomes(p, explore.Naive(), explore.AtMost(3000))
			if full.Failure != nil {
				t.Fatal(p, full.Failure)
			}
			if !full.Complete {
				continue
			}
			few, result := outsideOutcomes(p)
			if strings.Join(keys(all), "") != strings.Join(keys(few), "") || !result.Complete {
				t.Fatalf("%v\nnaive: %d schedules, %d outcomes; reduced: %v, %d outcomes", p, full.Schedules, len(all), result, len(few))
			}
			for bound := range 3 {
				bounded, _ := outsideOutcomes(p, explore.Naive(), explore.Bound(bound))
				few, result := outsideOutcomes(p, explore.Bound(bound))
				for outcome := range bounded {
					if few[outcome] == 0 {
						t.Fatalf("%v\nwith at most %d preemptions the naive search came to\n%s\nand not the reduced one: %v", p, bound, outcome, result)
					}
				}
			}
			checked++
			naive += full.Schedules
			reduced += result.Schedules
			if full.Goroutines > len(p) {
				woken++
			}
		}
		t.Logf("%d programs, %d of them with goroutines from outside: %d schedules by the naive search, %d by the reduced one", checked, woken, naive, reduced)
		if woken < programsTried/10 {
			t.Errorf("only %d of %d programs had goroutines from outside", woken, programsTried)
		}
	})
}

// TestOutsideFindsALostWakeUp: a sleeper that does not look again after it has said that
// it sleeps waits for ever, and the run fails; one that looks again never does.
func TestOutsideFindsALostWakeUp(t *testing.T) {
	for _, looksAgain := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			r := explore.Explore(func(x *explore.Run) {
				var work, asleep atomic.Bool
				wake := make(chan struct{}, 1)
				x.Go("sleeper", func() {
					if work.Load() {
						return
					}
					asleep.Store(true)
					if looksAgain && work.Load() {
						return
					}
					<-wake
				})
				x.Go("waker", func() {
					work.Store(true)
					if asleep.Load() {
						wake <- struct{}{}
					}
				})
				x.Cleanup(func() { close(wake) })
			}, explore.Outside(synctest.Wait, explore.Goroutine))
			if looksAgain && (r.Failure != nil || !r.Complete) {
				t.Errorf("%v", r)
			}
			if !looksAgain && (r.Failure == nil || !strings.Contains(r.Failure.Error(), "sleeper") || r.Failure.Preemptions != 1) {
				t.Errorf("%v: %v", r, r.Failure)
			}
		})
	}
}

// TestOutsideFailures: a panic, and a check's error, are failures as ever.
func TestOutsideFailures(t *testing.T) {
	for what, f := range map[string]func(x *explore.Run){
		"panic in goroutine one: no": func(x *explore.Run) {
			var n atomic.Int32
			x.Go("one", func() { n.Add(1); panic("no") })
		},
		"not once": func(x *explore.Run) {
			var n atomic.Int32
			x.Go("one", func() { go n.Store(n.Load() + 1); n.Add(1) })
			x.Check(func() error {
				if n.Load() != 2 {
					return errors.New("not once")
				}
				return nil
			})
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			if r := explore.Explore(f, explore.Outside(synctest.Wait, explore.Goroutine)); r.Failure == nil || !strings.Contains(r.Failure.Error(), what) {
				t.Errorf("%v: %v, want %s", r, r.Failure, what)
			}
		})
	}
	for _, bad := range []func(){
		func() { explore.Outside(nil, explore.Goroutine) },
		func() { explore.Outside(runtime.Gosched, nil) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("explore.Outside takes nil")
				}
			}()
			bad()
		}()
	}
}
