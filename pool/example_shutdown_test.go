package pool_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/lfpool/lfpool/pool"
)

// A service does the jobs of each user one after the other, and those of
// different users at the same time. When it is told to stop it refuses further
// jobs, and ends when all that it has acknowledged are done.
type service struct {
	pool *pool.Pool

	mu      sync.Mutex
	stopped bool                // one-way: no job is accepted any more
	jobs    map[string][]func() // by user; a user who has some has one task in the pool
}

var errStopped = errors.New("the service does not accept jobs any more")

// accept acknowledges a job by returning nil.
func (s *service) accept(user string, job func()) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return errStopped
	}
	s.jobs[user] = append(s.jobs[user], job)
	if len(s.jobs[user]) == 1 {
		s.pool.Go(func() { s.next(user) })
	}
	return nil
}

// next is a task: it does the first job of user and submits its successor, so
// that in a pool with a limit other users have their turn in between.
func (s *service) next(user string) {
	s.mu.Lock()
	job := s.jobs[user][0]
	s.mu.Unlock()
	job()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobs[user] = s.jobs[user][1:]
	if len(s.jobs[user]) == 0 {
		delete(s.jobs, user)
		return
	}
	s.pool.Go(func() { s.next(user) })
}

// shutDown returns when all acknowledged jobs are done, or with an error when ctx
// is done. Drain waits for what tasks submit, so for the whole of each chain.
func (s *service) shutDown(ctx context.Context) error {
	s.mu.Lock()
	s.stopped = true // whoever submits from outside has stopped now
	s.mu.Unlock()
	return s.pool.Drain(ctx)
}

// A graceful shutdown on SIGTERM, with tasks that submit their successors. Every
// job that was acknowledged is done.
func Example_gracefulShutdown() {
	told, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()

	s := &service{pool: pool.New(pool.WithLimit(4)), jobs: map[string][]func(){}}
	var acknowledged, done atomic.Int64
	var clients sync.WaitGroup
	for c := range 10 {
		clients.Go(func() {
			user := fmt.Sprint("user ", c)
			for s.accept(user, func() { time.Sleep(100 * time.Microsecond); done.Add(1) }) == nil {
				if acknowledged.Add(1) == 300 && sendSIGTERM() != nil {
					stop() // where there are no signals
				}
				time.Sleep(10 * time.Microsecond)
			}
		})
	}

	<-told.Done()
	patience, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err := s.shutDown(patience)
	clients.Wait() // they have been refused
	fmt.Println(err, acknowledged.Load() >= 300, done.Load() == acknowledged.Load())
	// Output: <nil> true true
}

// sendSIGTERM has this process told to stop, as an orchestrator does.
func sendSIGTERM() error {
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		return err
	}
	return self.Signal(syscall.SIGTERM)
}
