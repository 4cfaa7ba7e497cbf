package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/lfpool/lfpool/pool"
)

// habits are what actors do, one after the other, at random.
var habits = []func(r *round, rng *rand.Rand){
	burst, burst, wait, wait, trickle, nested, meeting, chain, sleepers, stalled, deep, ends, async, patience, retune, drain, handDown, rest,
}

func (r *round) any(rng *rand.Rand) *subject { return r.pools[rng.IntN(len(r.pools))] }

// free returns a pool without a limit, for tasks that need each other.
func (r *round) free(rng *rand.Rand) *subject {
	for {
		if s := r.any(rng); !s.limited {
			return s
		}
	}
}

// fromTask submits f from a task, which must not wait for room that only its
// own end would make.
func (s *subject) fromTask(f func()) {
	if !s.TryGo(f) {
		s.refused.Add(1)
		s.tasks.Add(-1) // no task of the pool
		s.inline.Add(1)
		defer s.inline.Add(-1)
		s.running.Add(-1)
		defer s.running.Add(1)
		f()
	}
}

// burst submits many tasks that take next to no time, some of them a little, one
// by one or all at once.
func burst(r *round, rng *rand.Rand) {
	s, batch := r.any(rng), []func(){}
	submit := s.Go
	if rng.IntN(2) == 0 {
		submit = func(f func()) { batch = append(batch, f) }
		defer func() { s.GoAll(batch...) }()
	}
	for range 1 << rng.IntN(11) {
		spin := 0
		if rng.IntN(16) == 0 {
			spin = rng.IntN(20_000)
		}
		submit(r.task(s, "burst", func() {
			for range spin {
				runtime.KeepAlive(spin)
			}
		}))
	}
}

// wait submits a task and waits for it, over and over.
func wait(r *round, rng *rand.Rand) {
	s := r.any(rng)
	done := make(chan int)
	for i := range 1 << rng.IntN(8) {
		plain := i // written before Go, read by the task
		s.Go(r.task(s, "wait", func() {
			select {
			case done <- plain:
			case <-r.over:
			}
		}))
		select {
		case v := <-done:
			if v != i {
				r.fail("a task read %d where %d was written before it was submitted, in %s", v, i, s)
			}
		case <-r.over:
			return
		}
	}
}

// trickle submits single tasks with pauses about as long as idle timeouts.
func trickle(r *round, rng *rand.Rand) {
	s := r.any(rng)
	for range 1 + rng.IntN(8) {
		s.Go(r.task(s, "trickle", func() {}))
		time.Sleep(time.Duration(rng.IntN(6000)) * time.Microsecond)
	}
}

// nested submits tasks that submit tasks, to any of the pools.
func nested(r *round, rng *rand.Rand) {
	var split func(s *subject, seed uint64, depth int) func()
	split = func(s *subject, seed uint64, depth int) func() {
		return r.task(s, "nested", func() {
			if depth == 0 {
				return
			}
			rng := rand.New(rand.NewPCG(seed, uint64(depth)))
			for range rng.IntN(4) {
				to := r.any(rng)
				to.fromTask(split(to, rng.Uint64(), depth-1))
			}
		})
	}
	s := r.any(rng)
	s.Go(split(s, rng.Uint64(), 1+rng.IntN(6)))
}

// meeting submits tasks none of which ends before all have started.
func meeting(r *round, rng *rand.Rand) {
	s := r.free(rng)
	n := 1 + rng.IntN(1<<rng.IntN(8))
	var in atomic.Int64
	all := make(chan struct{})
	for range n {
		s.Go(r.task(s, "meeting", func() {
			if in.Add(1) == int64(n) {
				close(all)
			}
			select {
			case <-all:
			case <-r.over:
			}
		}))
	}
}

// chain submits tasks each of which ends after the next one.
func chain(r *round, rng *rand.Rand) {
	s := r.free(rng)
	var ended chan struct{}
	for range 1 + rng.IntN(100) {
		before, mine := ended, make(chan struct{})
		ended = mine
		s.Go(r.task(s, "chain", func() {
			select {
			case <-mine:
			case <-r.over:
			}
			if before != nil {
				close(before)
			}
		}))
	}
	close(ended)
}

// sleepers submits tasks that sleep.
func sleepers(r *round, rng *rand.Rand) {
	s := r.any(rng)
	for range 1 + rng.IntN(200) {
		d := time.Duration(rng.IntN(3000)) * time.Microsecond
		s.Go(r.task(s, "sleeper", func() { time.Sleep(d) }))
	}
}

// stalled submits tasks whose threads are stalled.
func stalled(r *round, rng *rand.Rand) {
	s := r.any(rng)
	for range 1 + rng.IntN(10) {
		s.Go(r.task(s, "stalled", r.soak.stall))
	}
}

// deep submits tasks that use much stack.
func deep(r *round, rng *rand.Rand) {
	s := r.any(rng)
	for range 1 + rng.IntN(50) {
		n := rng.IntN(600)
		s.Go(r.task(s, "deep", func() {
			if got := frames(n); got != n {
				r.fail("a stack of %d frames counted %d, in %s", n, got, s)
			}
		}))
	}
}

//go:noinline
func frames(n int) int {
	if n == 0 {
		return 0
	}
	var room [128]byte
	room[n%len(room)] = 1
	return frames(n-1) + int(room[n%len(room)])
}

// exitInHandler is the panic on which the handler calls Goexit.
const exitInHandler = "exit in the handler"

// ends submits tasks that end in odd ways, among others.
func ends(r *round, rng *rand.Rand) {
	s := r.any(rng)
	for range 1 + rng.IntN(30) {
		switch way := rng.IntN(5); {
		case way == 0:
			s.exits.Add(1)
			s.Go(r.task(s, "Goexit", runtime.Goexit))
		case way == 1 && s.handles:
			s.panics.Add(1)
			s.Go(r.task(s, "panic", func() { panic("handled") }))
		case way == 2 && s.handles:
			s.panics.Add(1)
			s.exits.Add(1)
			s.Go(r.task(s, "panic, Goexit in the handler", func() { panic(exitInHandler) }))
		case way == 3:
			s.exits.Add(1)
			s.Go(r.task(s, "Goexit, submits deferred", func() {
				defer s.fromTask(r.task(s, "submitted by a Goexit", func() {}))
				runtime.Goexit()
			}))
		default:
			s.Go(r.task(s, "beside ends", func() {}))
		}
	}
}

// async waits for results to come.
func async(r *round, rng *rand.Rand) {
	s := r.any(rng)
	for range 1 + rng.IntN(20) {
		want := rng.Int()
		exits := rng.IntN(8) == 0
		if exits {
			s.exits.Add(1)
		}
		got := 0
		f := r.task(s, "async", func() {
			if exits {
				runtime.Goexit()
			}
			got = want
		})
		future := pool.Async(s.Pool, func() (int, error) { f(); return got, nil })
		select {
		case <-future.Done():
		case <-r.over:
			return
		}
		v, err := future.Wait(context.Background())
		if exits != errors.Is(err, pool.ErrNoResult) || !exits && v != want {
			r.fail("Async: %d, %v, want %d, in %s", v, err, want, s)
		}
	}
}

// patience submits tasks that are not to start after a while.
func patience(r *round, rng *rand.Rand) {
	s := r.any(rng)
	for range 1 + rng.IntN(20) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(rng.IntN(2000))*time.Microsecond)
		f := r.optional(s, "patience", func() {
			s.skipped.Add(-1)
		})
		if err := s.GoContext(ctx, func(context.Context) { f() }); err == nil {
			s.tasks.Add(1)
			s.skipped.Add(1) // taken back if it runs
		} else if errors.As(err, new(*pool.OverloadError)) {
			s.shed.Add(1)
		} else if ctx.Err() == nil {
			r.fail("GoContext: %v, although the context is not done, in %s", err, s)
		}
		if rng.IntN(2) == 0 {
			cancel()
		} else {
			context.AfterFunc(ctx, cancel)
		}
	}
}

// retune changes a pool's limit.
func retune(r *round, rng *rand.Rand) {
	if s := r.any(rng); s.limited {
		limit := 1 + rng.IntN(8)
		if rng.IntN(4) == 0 {
			limit = pool.NoLimit
		}
		s.retune(limit)
	}
}

// drain submits tasks and waits for them to end by Drain.
func drain(r *round, rng *rand.Rand) {
	s := r.any(rng)
	var ended atomic.Int32
	n := rng.IntN(50)
	for range n {
		s.Go(r.task(s, "drained", func() { ended.Add(1) }))
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(rng.IntN(50))*time.Millisecond)
	defer cancel()
	if s.Drain(ctx) == nil && int(ended.Load()) != n {
		r.fail("Drain has returned when %d of %d tasks had ended, in %s", ended.Load(), n, s)
	}
}

// handDown submits a task that submits the next one to another pool, and so on,
// and waits for all of them to end by a Drain of both.
func handDown(r *round, rng *rand.Rand) {
	pools := [2]*subject{r.any(rng), r.any(rng)}
	var ended atomic.Int32
	n := int32(1 + rng.IntN(5))
	var hand func(i int32) func()
	hand = func(i int32) func() {
		return r.task(pools[i%2], "handed down", func() {
			if i+1 < n {
				pools[(i+1)%2].fromTask(hand(i + 1))
			}
			ended.Add(1)
		})
	}
	pools[0].Go(hand(0))
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(rng.IntN(50))*time.Millisecond)
	defer cancel()
	if pool.DrainAll(ctx, pools[0].Pool, pools[1].Pool) == nil && ended.Load() != n {
		r.fail("DrainAll has returned when %d of %d tasks that submit the next had ended, in %s and %s", ended.Load(), n, pools[0], pools[1])
	}
}

// rest lets workers go.
func rest(_ *round, rng *rand.Rand) { time.Sleep(time.Duration(rng.IntN(20_000)) * time.Microsecond) }
