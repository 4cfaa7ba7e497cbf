package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// soak is one run of the program: rounds, one after the other, beside things
// that disturb them.
type soak struct {
	seed     uint64
	log      io.Writer
	patience time.Duration // how long something may take that should happen soon
	fault    fault         // for tests: what to break

	started     time.Time
	rounds      atomic.Int64
	tasks       atomic.Int64
	workers     atomic.Int64 // spawned
	collections atomic.Int64 // that were asked for
	procChanges atomic.Int64
	stalls      atomic.Int64
	inside      atomic.Int64 // stalls inside the library's operations
}

// roundLength is how long a round's actors act; settling comes on top.
const roundLength = 250 * time.Millisecond

// run does rounds until ctx is done or something is wrong.
func (s *soak) run(ctx context.Context) error {
	s.started = time.Now()
	disturbing, quiet := context.WithCancel(context.Background())
	var disturbers sync.WaitGroup
	defer disturbers.Wait()
	defer quiet()
	procs := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(procs)
	defer s.stallInside()()
	if s.fault == freeze {
		time.Sleep(time.Hour)
	}
	disturbers.Go(func() { s.collect(disturbing) })
	disturbers.Go(func() { s.changeProcs(disturbing) })
	disturbers.Go(func() { s.report(disturbing) })
	for n := uint64(0); ctx.Err() == nil; n++ {
		r := newRound(s, rand.New(rand.NewPCG(s.seed, n)))
		if err := r.run(ctx); err != nil {
			return fmt.Errorf("round %d: %w", n, err)
		}
		s.rounds.Add(1)
	}
	return nil
}

// collect makes garbage, and collections at odd times.
func (s *soak) collect(ctx context.Context) {
	rng := rand.New(rand.NewPCG(s.seed, 1<<40))
	var keep [64][]byte
	for ctx.Err() == nil {
		for range 100 {
			keep[rng.IntN(len(keep))] = make([]byte, 1<<rng.IntN(16))
		}
		if rng.IntN(8) == 0 {
			runtime.GC()
			s.collections.Add(1)
		}
		time.Sleep(time.Duration(rng.IntN(5000)) * time.Microsecond)
	}
	runtime.KeepAlive(keep)
}

// maxProcs is how many processors there are at most at a time.
func maxProcs() int { return 2*runtime.NumCPU() + 2 }

// changeProcs changes GOMAXPROCS under way.
func (s *soak) changeProcs(ctx context.Context) {
	rng := rand.New(rand.NewPCG(s.seed, 1<<41))
	for ctx.Err() == nil {
		runtime.GOMAXPROCS(1 + rng.IntN(maxProcs()))
		s.procChanges.Add(1)
		time.Sleep(time.Duration(1+rng.IntN(100)) * time.Millisecond)
	}
}

// report prints a line each second.
func (s *soak) report(ctx context.Context) {
	each := time.NewTicker(time.Second)
	defer each.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-each.C:
			fmt.Fprintf(s.log, "soak: %s, %d goroutines now\n", s.summary(), runtime.NumGoroutine())
		}
	}
}

func (s *soak) summary() string {
	return fmt.Sprintf("%v, %d rounds, %d tasks, %d workers started, %d collections, %d changes of GOMAXPROCS, %d stalls, %d of them inside",
		time.Since(s.started).Round(time.Second), s.rounds.Load(), s.tasks.Load(), s.workers.Load(), s.collections.Load(), s.procChanges.Load(), s.stalls.Load(), s.inside.Load())
}
