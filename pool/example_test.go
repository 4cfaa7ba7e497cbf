package pool_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/lfqueue"
	"github.com/lfpool/lfpool/pool"
)

func Example() {
	p := pool.New()
	var wg sync.WaitGroup
	squares := make([]int, 4)
	for i := range squares {
		wg.Add(1)
		p.Go(func() {
			defer wg.Done()
			squares[i] = i * i
		})
	}
	wg.Wait()
	fmt.Println(squares)
	// There is nothing to close.
	// Output: [0 1 4 9]
}

func ExampleNew() {
	p := pool.New(pool.WithIdleTimeout(time.Minute))
	fmt.Println(p.Stats().Workers)
	// Output: 0
}

// Tasks may wait for tasks that were submitted later: every task starts.
func ExamplePool_Go() {
	p := pool.New()
	request, reply := make(chan string), make(chan string)
	p.Go(func() { reply <- strings.ToUpper(<-request) })
	p.Go(func() { request <- "hello" })
	fmt.Println(<-reply)
	// Output: HELLO
}

func ExamplePool_Stats() {
	p := pool.New()
	started, release := make(chan struct{}), make(chan struct{})
	p.Go(func() { close(started); <-release })
	<-started
	s := p.Stats()
	fmt.Println("workers:", s.Workers, "idle:", s.Idle, "spawned:", s.Spawned)
	close(release)
	// Output: workers: 1 idle: 0 spawned: 1
}

func ExampleStats() {
	s := pool.Stats{Ended: 1000, Reused: 900, Spawned: 100}
	fmt.Println(s.ReuseRate())
	// Output: 0.9
}

func ExampleWithIdleTimeout() {
	p := pool.New(pool.WithIdleTimeout(time.Millisecond))
	p.Go(func() {})
	for p.Stats().Workers > 0 { // for the example only: nobody needs to wait
		time.Sleep(time.Millisecond)
	}
	fmt.Println("reaped:", p.Stats().Reaped)
	// Output: reaped: 1
}

func ExampleWithPanicHandler() {
	handled := make(chan string)
	p := pool.New(pool.WithPanicHandler(func(v any, stack []byte) {
		handled <- fmt.Sprint(v, ", with a stack: ", len(stack) > 0)
	}))
	p.Go(func() { panic("out of cheese") })
	fmt.Println(<-handled)
	// Output: out of cheese, with a stack: true
}

// stack is an idle "queue" that gives the worker parked last, under a lock.
type stack struct {
	mu      sync.Mutex
	workers []*pool.Worker
}

func (s *stack) Enqueue(w *pool.Worker) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.workers = append(s.workers, w)
}

func (s *stack) Dequeue() (*pool.Worker, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.workers) == 0 {
		return nil, false
	}
	last := len(s.workers) - 1
	w := s.workers[last]
	s.workers[last] = nil
	s.workers = s.workers[:last]
	return w, true
}

func ExampleWithIdleQueue() {
	p := pool.New(pool.WithIdleQueue(func() pool.IdleQueue { return new(stack) }))
	done := make(chan struct{})
	p.Go(func() { close(done) })
	<-done
	fmt.Println("ran over a stack of workers")
	// Output: ran over a stack of workers
}

func ExampleWithTaskQueue() {
	p := pool.New(pool.WithTaskQueue(func() pool.TaskQueue { return lfqueue.NewMS[func()]() }))
	done := make(chan struct{})
	p.Go(func() { close(done) })
	<-done
	fmt.Println("ran from a Michael-Scott queue")
	// Output: ran from a Michael-Scott queue
}

func ExampleWithHandOff() {
	p := pool.New(pool.WithHandOff())
	done := make(chan struct{})
	p.Go(func() { close(done) })
	<-done
	fmt.Println("handed to a worker")
	// Output: handed to a worker
}

func ExampleWithLinger() {
	p := pool.New(pool.WithLinger(false))
	done := make(chan struct{})
	p.Go(func() { close(done) })
	<-done
	fmt.Println("its worker parks at once when there is nothing to do")
	// Output: its worker parks at once when there is nothing to do
}

func ExampleWithStackReserve() {
	p := pool.New(pool.WithStackReserve(64 << 10)) // handlers use up to 48 KiB
	done := make(chan struct{})
	p.Go(func() { close(done) })
	<-done
	fmt.Println("its workers keep stacks of 64 KiB once they have grown")
	// Output: its workers keep stacks of 64 KiB once they have grown
}

func ExampleWithLimit() {
	p := pool.New(pool.WithLimit(2))
	release := make(chan struct{})
	for range 5 {
		p.Go(func() { <-release }) // never blocks
	}
	s := p.Stats()
	fmt.Println(s.Limit, s.Workers <= 2)
	close(release)
	// Output: 2 true
}

func ExamplePool_SetLimit() {
	p := pool.New(pool.WithLimit(1))
	var both sync.WaitGroup
	both.Add(2)
	meet := func() { both.Done(); both.Wait() }
	p.Go(meet)
	p.Go(meet)    // queued: it needs a worker of its own
	p.SetLimit(2) // now it has one
	both.Wait()
	fmt.Println("met")
	// Output: met
}

func ExampleWithBacklog() {
	p := pool.New(pool.WithLimit(1), pool.WithBacklog(1))
	release := make(chan struct{})
	p.Go(func() { <-release })      // runs
	p.Go(func() { <-release })      // waits in the backlog
	fmt.Println(p.TryGo(func() {})) // no room; Go would block
	close(release)
	// Output: false
}

// A task that submits to its own full pool must not wait for room: it runs the
// function itself.
func ExamplePool_TryGo() {
	p := pool.New(pool.WithLimit(2), pool.WithBacklog(0))
	var leaves sync.WaitGroup
	var split func(depth int)
	split = func(depth int) {
		if depth == 0 {
			leaves.Done()
			return
		}
		for range 2 {
			half := func() { split(depth - 1) }
			if !p.TryGo(half) {
				half()
			}
		}
	}
	leaves.Add(8)
	p.Go(func() { split(3) })
	leaves.Wait()
	fmt.Println("done")
	// Output: done
}

func ExamplePool_GoContext() {
	p := pool.New(pool.WithLimit(1), pool.WithBacklog(0))
	release := make(chan struct{})
	p.Go(func() { <-release })
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	err := p.GoContext(ctx, func(context.Context) { fmt.Println("not reached") })
	fmt.Println(err)
	close(release)
	// Output: context deadline exceeded
}

func ExamplePool_Drain() {
	p := pool.New()
	done := 0
	p.Go(func() { done++ })
	p.Drain(context.Background()) // the task has ended, and its worker has gone
	fmt.Println(done, p.Stats().Workers)
	p.Go(func() { done++ }) // the pool is as good as new
	p.Drain(context.Background())
	fmt.Println(done)
	// Output:
	// 1 0
	// 2
}

// Release, ReleaseTimeout and Reboot of other pools, in terms of Drain. There is
// no closed state, so there is nothing to reboot from.
func ExamplePool_Drain_insteadOfRelease() {
	p := pool.New()

	// Release: let go of what is idle; nobody needs to call it.
	// ReleaseTimeout: wait for tasks, at most so long.
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	fmt.Println(p.Drain(ctx))

	// Reboot: submit.
	done := make(chan struct{})
	p.Go(func() { close(done) })
	<-done
	// Output: <nil>
}

func ExampleWithMaxTasksPerWorker() {
	p := pool.New(pool.WithMaxTasksPerWorker(10), pool.WithLimit(1))
	for range 100 {
		p.Go(func() {})
	}
	p.Drain(context.Background())
	fmt.Println(p.Stats().Replaced >= 9)
	// Output: true
}

// Tasks that come in waves an hour apart: keep the workers in between.
func ExampleWithRetention() {
	p := pool.New(pool.WithRetention(idle.Never))
	p.Go(func() {})
	p.Drain(context.Background()) // and then it must be drained
	fmt.Println(p.Stats().Workers)
	// Output: 0
}
