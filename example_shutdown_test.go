package lfpool_test

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/lfpool/lfpool"
)

// run takes jobs until told is done. It returns when each job that it has taken has
// ended, or with an error when patience is over.
func run(told context.Context, jobs <-chan func(), patience time.Duration) (taken int64, err error) {
	p := lfpool.New(lfpool.WithLimit(4), lfpool.WithBacklog(16))
	for told.Err() == nil {
		select {
		case job := <-jobs:
			p.Go(job)
			taken++
		case <-told.Done():
		}
	}
	// told is done, so Drain needs a context of its own.
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return taken, p.Drain(ctx)
}

// A graceful shutdown on SIGTERM: first no further job is taken, then the pool is
// drained. No job that was taken is lost.
func Example_gracefulShutdown() {
	told, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()

	jobs, offered := make(chan func()), make(chan struct{})
	var done atomic.Int64
	go func() { // the source of jobs
		defer close(offered)
		for n := 1; ; n++ {
			select {
			case jobs <- func() { time.Sleep(time.Millisecond); done.Add(1) }:
			case <-told.Done():
				return
			}
			if n == 50 && terminate() != nil {
				stop() // where a process cannot have a signal sent
			}
		}
	}()
	taken, err := run(told, jobs, 20*time.Second)
	<-offered
	fmt.Println(err, taken >= 50, done.Load() == taken)
	// Output: <nil> true true
}

// terminate sends SIGTERM to this process, as an orchestrator does.
func terminate() error {
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		return err
	}
	return self.Signal(syscall.SIGTERM)
}
