//go:build lfpoolhooks

package explore

import (
	"context"
	"runtime"
	"testing"

	every "github.com/lfpool/lfpool/explore"
	"github.com/lfpool/lfpool/pool"
)

// Pools that are too large to be searched completely: every order of few preemptions, and
// random ones of any number.

var larger = []struct {
	name  string
	bound int // preemptions at most; -1: random schedules alone, for one of them has millions
	opts  []pool.Option
	play  func(x *every.Run, p *pool.Pool, c *tally)
}{
	{"three submitters", 1, nil, func(x *every.Run, p *pool.Pool, c *tally) {
		parked(p, 1)
		submitters(x, p, []func(){c.task(nil)}, []func(){c.task(nil)}, []func(){c.task(nil)})
	}},
	{"two submitters, new pool", 2, nil, func(x *every.Run, p *pool.Pool, c *tally) {
		submitters(x, p, []func(){c.task(nil)}, []func(){c.task(nil)})
	}},
	{"two submitters beside a Drain", -1, nil, func(x *every.Run, p *pool.Pool, c *tally) {
		parked(p, 1)
		submitters(x, p, []func(){c.task(nil)}, []func(){c.task(nil)})
		x.Go("drainer", func() { p.Drain(context.Background()) })
	}},
	{"two submitters beside SetLimit", 1, nil, func(x *every.Run, p *pool.Pool, c *tally) {
		parked(p, 2)
		submitters(x, p, []func(){c.task(nil)}, []func(){c.task(nil)})
		x.Go("setter", func() { p.SetLimit(1) })
	}},
	{"two submitters, one task calls Goexit", 2, nil, func(x *every.Run, p *pool.Pool, c *tally) {
		parked(p, 1)
		submitters(x, p, []func(){c.task(runtime.Goexit)}, []func(){c.task(nil)})
	}},
	{"three tasks that need each other", 2, nil, func(x *every.Run, p *pool.Pool, c *tally) {
		parked(p, 1)
		tasks := c.meeting(3)
		submitters(x, p, tasks[:2], tasks[2:])
	}},
}

// TestLargerPools: each task runs once, and with nobody stranded: in every order with a few
// preemptions, and in random ones by PCT, which finds a bug of depth 2 with the probability
// that it prints.
func TestLargerPools(t *testing.T) {
	for _, c := range larger {
		play := func(x *every.Run, p *pool.Pool) {
			tasks := new(tally)
			c.play(x, p, tasks)
			x.Check(func() error { return tasks.once(p) })
		}
		runs := 8000
		if c.bound >= 0 {
			runs = 2000
			t.Run(c.name+"/bounded", func(t *testing.T) {
				completely(t, c.opts, play, every.Bound(bounded(c.bound)))
			})
		}
		t.Run(c.name+"/random", func(t *testing.T) {
			completely(t, c.opts, play, every.PCT(2, runs, 1))
		})
	}
}
