package pool_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

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
	before := runtime.NumGoroutine()
	p := pool.New(pool.WithIdleTimeout(time.Minute))
	fmt.Println(runtime.NumGoroutine()-before, p.Stats().Workers)
	// Output: 0 0
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
	s := pool.Stats{Tasks: 1000, Reused: 900, Spawned: 100}
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
