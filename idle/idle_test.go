package idle

import (
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestStatePacksItsParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, up := rapid.Uint32().Draw(t, "workers"), rapid.Bool().Draw(t, "up")
		limit := rapid.Uint32Range(0, MaxLimit).Draw(t, "limit")
		s := pack(n, limit, up)
		require.Equal(t, n, s.workers())
		require.Equal(t, limit, s.limit())
		require.Equal(t, up, s.up())
		require.Equal(t, limit == 0 || n < limit, s.room())
		require.Equal(t, limit != 0 && n > limit, s.over())
		require.Equal(t, fmt.Sprintf("{%d workers, limit %d, reaper up: %t}", n, limit, up), s.String())
	})
}

func TestLevelPacksBothParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, low := rapid.Uint32().Draw(t, "count"), rapid.Uint32().Draw(t, "low")
		l := packLevel(n, low)
		require.Equal(t, n, l.count())
		require.Equal(t, low, l.low())
	})
}

func TestControlTransitions(t *testing.T) {
	var c Control
	assert.False(t, c.Exit(), "no reaper is up that could exit")
	assert.True(t, hire(t, &c), "the first worker brings the reaper up")
	assert.False(t, hire(t, &c), "the second finds it up")
	assert.Equal(t, 2, c.Workers())
	assert.False(t, c.Exit(), "two workers")
	c.Leave()
	assert.False(t, c.Exit(), "one worker")
	c.Leave()
	assert.True(t, c.ReaperUp(), "the workers do not take the reaper's bit")
	assert.True(t, c.Exit())
	assert.False(t, c.ReaperUp())
	assert.False(t, c.Exit(), "only once")
	assert.True(t, hire(t, &c), "the next worker restarts it")
}

// hire counts a worker, for which there must be room.
func hire(t *testing.T, c *Control) (startReaper bool) {
	hired, startReaper := c.Hire()
	require.True(t, hired)
	return startReaper
}

// TestControlAgainstModel plays every transition against plain variables.
func TestControlAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c Control
		workers, limit, up := 0, 0, false
		t.Repeat(map[string]func(*rapid.T){
			"hire": func(t *rapid.T) {
				hired, startReaper := c.Hire()
				require.Equal(t, limit == 0 || workers < limit, hired)
				require.Equal(t, hired && !up, startReaper)
				if hired {
					workers, up = workers+1, true
				}
			},
			"leave": func(t *rapid.T) {
				if workers == 0 {
					t.Skip("no worker")
				}
				c.Leave()
				workers--
			},
			"leave if over": func(t *rapid.T) {
				over := limit > 0 && workers > limit
				require.Equal(t, over, c.LeaveIfOver())
				if over {
					workers--
				}
			},
			"limit": func(t *rapid.T) {
				limit = rapid.IntRange(0, 5).Draw(t, "limit")
				c.SetLimit(limit)
			},
			"exit": func(t *rapid.T) {
				require.Equal(t, up && workers == 0, c.Exit())
				up = up && workers != 0
			},
			"": func(t *rapid.T) {
				require.Equal(t, workers, c.Workers())
				require.Equal(t, limit, c.Limit())
				w, l := c.Look()
				require.Equal(t, [2]int{workers, limit}, [2]int{w, l})
				require.Equal(t, limit == 0 || workers < limit, c.Room())
				require.Equal(t, limit > 0 && workers > limit, c.Over())
				require.Equal(t, up, c.ReaperUp())
			},
		})
	})
}

// TestNeverAboveTheLimit: goroutines hire and leave as fast as they can.
func TestNeverAboveTheLimit(t *testing.T) {
	const limit = 3
	var c Control
	c.SetLimit(limit)
	var refused atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 5_000 {
				hired, _ := c.Hire()
				if n := c.Workers(); n > limit {
					t.Errorf("%d workers, limit %d", n, limit)
				}
				if !hired {
					refused.Add(1)
					continue
				}
				c.Leave()
			}
		})
	}
	wg.Wait()
	assert.Zero(t, c.Workers())
	t.Logf("refused %d times", refused.Load())
}

func TestControlRefusesWhatCannotBe(t *testing.T) {
	assert.PanicsWithValue(t, "idle: Control.Leave: no worker was counted", func() { new(Control).Leave() })
	assert.PanicsWithValue(t, "idle: Control.SetLimit(-1): want 0 to 2147483647", func() { new(Control).SetLimit(-1) })
	full := new(Control)
	full.word.Store(uint64(pack(maxWorkers, 0, true)))
	assert.PanicsWithValue(t, "idle: Control.Hire: 4294967295 workers already", func() { full.Hire() })
}

// TestOneReaperAtATime plays spawners against reapers that exit whenever they
// can: at no time are two up, and no worker is ever left without one.
func TestOneReaperAtATime(t *testing.T) {
	var c Control
	var up, lives atomic.Int32
	var reapers, spawners sync.WaitGroup
	reap := func() {
		if n := up.Add(1); n != 1 {
			t.Errorf("%d reapers are up", n)
		}
		lives.Add(1)
		for {
			up.Add(-1) // before Exit: once it succeeds the next may be started
			if c.Exit() {
				return
			}
			up.Add(1)
		}
	}
	for range 4 {
		spawners.Go(func() {
			for range 5_000 {
				if _, startReaper := c.Hire(); startReaper {
					reapers.Go(reap)
				}
				if !c.ReaperUp() {
					t.Error("a worker without a reaper")
				}
				c.Leave()
			}
		})
	}
	spawners.Wait()
	reapers.Wait()
	assert.False(t, c.ReaperUp())
	assert.Zero(t, c.Workers())
	t.Logf("%d lives of the reaper", lives.Load())
}

func TestGaugeRemembersTheLeastCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var g Gauge
		count, low := 0, 0
		t.Repeat(map[string]func(*rapid.T){
			"park": func(*rapid.T) { g.Park(); count++ },
			"unpark": func(t *rapid.T) {
				if count == 0 {
					t.Skip("none parked")
				}
				g.Unpark()
				count--
				low = min(low, count)
			},
			"low": func(t *rapid.T) {
				require.Equal(t, low, g.Low())
				low = count
			},
			"": func(t *rapid.T) { require.Equal(t, count, g.Count()) },
		})
	})
}

func TestGaugeLosesNothingUnderContention(t *testing.T) {
	var g Gauge
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 10_000 {
				g.Park()
				if g.Low() < 0 {
					t.Error("negative mark")
				}
				g.Unpark()
			}
			g.Park()
		})
	}
	wg.Wait()
	assert.Equal(t, 4, g.Count())
}

// TestLowWaterIsTheMinimumOfTheWindow compares the ring with a plain list of
// every part's mark.
func TestLowWaterIsTheMinimumOfTheWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l lowWater
		history := make([]int, subWindows) // as if all had been needed at first
		for range rapid.IntRange(1, 30).Draw(t, "parts") {
			mark := rapid.IntRange(0, 20).Draw(t, "mark")
			history = append(history, mark)
			want := mark
			for _, m := range history[len(history)-subWindows:] {
				want = min(want, m)
			}
			got := l.Excess(Sample{Low: mark})
			require.Equal(t, want, got)
			gone := rapid.IntRange(0, got).Draw(t, "retired")
			l.Retired(gone)
			for i := range history {
				history[i] -= gone
			}
		}
	})
}

// herd is a pool reduced to what the reaper sees.
type herd struct {
	control Control
	gauge   Gauge
	timeout time.Duration
	rule    Retention
	reapers sync.WaitGroup
}

func (h *herd) hire(n int) {
	for range n {
		if _, startReaper := h.control.Hire(); startReaper {
			r := &Reaper{Control: &h.control, Gauge: &h.gauge, Timeout: h.timeout, Rule: h.rule, Retire: h.retire}
			h.reapers.Go(r.Run)
		}
		h.gauge.Park()
	}
}

func (h *herd) retire() bool {
	if h.gauge.Count() == 0 {
		return false
	}
	h.gauge.Unpark()
	h.control.Leave()
	return true
}

func TestReaperShrinksToPeakDemandWithinTheBound(t *testing.T) {
	for _, timeout := range []time.Duration{time.Nanosecond, time.Millisecond, time.Second, 10 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			h := herd{timeout: timeout}
			h.hire(10)
			bound := ShrinkBound(timeout)
			// Three of the ten are needed for an instant every half timeout; which
			// three does not matter.
			for range 20 {
				for range 3 {
					h.gauge.Unpark()
				}
				for range 3 {
					h.gauge.Park()
				}
				time.Sleep(max(timeout, minTick) / 2)
			}
			if timeout > minTick*subWindows {
				assert.Equal(t, 3, h.control.Workers(), "timeout %v: the peak demand stays", timeout)
			}
			time.Sleep(bound)
			synctest.Wait()
			assert.Zero(t, h.control.Workers(), "timeout %v: all gone within %v of the last use", timeout, bound)
			assert.False(t, h.control.ReaperUp(), "timeout %v", timeout)
			h.reapers.Wait()
			// And again: the next use restarts it.
			h.hire(1)
			assert.True(t, h.control.ReaperUp())
			h.reapers.Wait()
		})
	}
}

func TestReaperKeepsWhatIsNeededWithinTheTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := herd{timeout: time.Second}
		h.hire(5)
		for range 50 {
			for range 5 {
				h.gauge.Unpark()
			}
			for range 5 {
				h.gauge.Park()
			}
			time.Sleep(time.Second - time.Millisecond)
			require.Equal(t, 5, h.control.Workers())
		}
		h.reapers.Wait()
	})
}

func TestReaperGoesWithAWorkerThatLeftByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := herd{timeout: time.Second}
		h.hire(1)
		h.gauge.Unpark()
		h.control.Leave()
		time.Sleep(Tick(h.timeout))
		synctest.Wait()
		assert.False(t, h.control.ReaperUp(), "one tick after the last worker")
		h.reapers.Wait()
	})
}

// TestRulesOnOneTrace: a crowd of which one worker at a time is needed, often
// enough to keep a first in, first out crowd young; and then nobody is.
func TestRulesOnOneTrace(t *testing.T) {
	const crowd, timeout = 20, time.Second
	for _, c := range []struct {
		name                   string
		rule                   func() Retention
		amid, after, longAfter int // workers: at the end of the trickle, two timeouts later, twenty timeouts later
	}{
		{"low water", LowWater, 1, 0, 0},
		{"by age", ByAge, crowd, 0, 0},
		{"adaptive", Adaptive, 1, 0, 0},
		{"never", Never, crowd, crowd, crowd},
	} {
		synctest.Test(t, func(t *testing.T) {
			h := herd{timeout: timeout, rule: c.rule()}
			h.gauge.CountTaken()
			h.hire(crowd)
			for range 2 * crowd * 10 { // each is used twice a timeout, for ten timeouts
				h.gauge.Unpark()
				time.Sleep(timeout / (4 * crowd))
				h.gauge.Park()
				time.Sleep(timeout / (4 * crowd))
			}
			assert.Equal(t, c.amid, h.control.Workers(), "%s: amid the trickle", c.name)
			time.Sleep(2 * timeout)
			assert.Equal(t, c.after, h.control.Workers(), "%s: after it", c.name)
			time.Sleep(18 * timeout)
			assert.Equal(t, c.longAfter, h.control.Workers(), "%s: long after it", c.name)
			for h.retire() { // so that the reaper goes
			}
			h.reapers.Wait()
		})
	}
}

// TestByAgeKnowsHowLongWorkersHaveBeenParked compares it with a queue of times.
func TestByAgeKnowsHowLongWorkersHaveBeenParked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule := ByAge()
		var queue []int // for each parked worker, in order, the tick it was enlisted before
		taken := int64(0)
		for tick := range rapid.IntRange(1, 30).Draw(t, "ticks") {
			for range rapid.IntRange(0, 5).Draw(t, "enlisted") {
				queue = append(queue, tick)
			}
			n := rapid.IntRange(0, len(queue)).Draw(t, "taken")
			queue, taken = queue[n:], taken+int64(n)
			want := 0
			for _, since := range queue {
				if tick-since >= subWindows {
					want++
				}
			}
			require.Equal(t, want, rule.Excess(Sample{Parked: len(queue), Taken: taken}))
			queue, taken = queue[want:], taken+int64(want)
			rule.Retired(want)
		}
	})
}

// TestAdaptiveFollowsTheSignOfTheChange: more is kept when the load rises, less
// when it falls, and the average when it stays.
func TestAdaptiveFollowsTheSignOfTheChange(t *testing.T) {
	kept := func(load int) int {
		rule := Adaptive()
		for range 100 {
			rule.Excess(Sample{Workers: 100})
		}
		const parked = 1000
		return parked - rule.Excess(Sample{Workers: load + parked, Parked: parked, Low: parked})
	}
	assert.Equal(t, 100, kept(100))
	assert.Equal(t, 100, kept(130), "within the dead band")
	assert.Equal(t, 140, kept(150))
	assert.Equal(t, 260, kept(300))
	assert.Equal(t, 260, kept(900), "no more than for twice the average more")
	assert.Equal(t, 60, kept(50))
	assert.Equal(t, 19, kept(0))
}

func TestAdaptiveBecomesEmpty(t *testing.T) {
	for _, peak := range []int{1, 5, 50, 500} {
		rule := Adaptive()
		for range 100 {
			rule.Excess(Sample{Workers: peak})
		}
		parked, ticks := peak, 0
		for ; parked > 0; ticks++ {
			parked -= rule.Excess(Sample{Workers: parked, Parked: parked, Low: parked})
			require.Less(t, ticks, 1000)
		}
		bound := 0.5 + 3*math.Log10(max(float64(peak)/5, 1))
		assert.LessOrEqual(t, float64(ticks)/subWindows, bound, "timeouts from a load of %d", peak)
		t.Logf("a load of %d: empty after %d ticks", peak, ticks)
	}
}

// TestAdaptiveIsSettledOnlyIfItKeeps: what it calls settled it keeps at every later
// tick, and workers that have parked since the last tick are not.
func TestAdaptiveIsSettledOnlyIfItKeeps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule := Adaptive().(interface {
			Retention
			Settled
		})
		for range rapid.IntRange(0, 20).Draw(t, "ticks") {
			rule.Excess(Sample{Workers: rapid.IntRange(0, 300).Draw(t, "load")})
		}
		busy, parked := rapid.IntRange(0, 300).Draw(t, "busy"), rapid.IntRange(1, 300).Draw(t, "parked")
		if !rule.Settled(parked, busy+parked) {
			return
		}
		low := rapid.IntRange(0, parked).Draw(t, "low")
		for range 50 {
			require.Zero(t, rule.Excess(Sample{Workers: busy + parked, Parked: parked, Low: low}))
			require.True(t, rule.Settled(parked, busy+parked))
			low = parked
		}
	})
	rule := Adaptive()
	rule.Excess(Sample{Workers: 300})
	assert.True(t, rule.(Settled).Settled(150, 300))
	assert.False(t, rule.(Settled).Settled(300, 300), "the load has gone since the last tick")
}

// TestShrinkBoundOfVeryLongTimeouts: it grows with the timeout, and does not wrap.
func TestShrinkBoundOfVeryLongTimeouts(t *testing.T) {
	const most = time.Duration(math.MaxInt64)
	assert.Equal(t, most, ShrinkBound(most))
	assert.Equal(t, most, ShrinkBound(most/5*4+subWindows))
	assert.Equal(t, most/5*5, ShrinkBound(most/5*4))
	rapid.Check(t, func(t *rapid.T) {
		a := time.Duration(rapid.Int64Range(0, math.MaxInt64).Draw(t, "timeout"))
		b := time.Duration(rapid.Int64Range(int64(a), math.MaxInt64).Draw(t, "longer"))
		require.Positive(t, ShrinkBound(a))
		require.GreaterOrEqual(t, ShrinkBound(a), a-subWindows)
		require.GreaterOrEqual(t, ShrinkBound(b), ShrinkBound(a))
	})
}
