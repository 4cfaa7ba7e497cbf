package lfpool_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/pool"
)

// logPanic is net/http's rule for pools: a panic of a task is logged, and the program
// goes on.
func logPanic(v any, stack []byte) { log.Printf("panic: %v\n%s", v, stack) }

// newServer answers a request at once, and does its work in the pool.
func newServer(jobs *lfpool.Pool, work func()) *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /jobs", func(w http.ResponseWriter, r *http.Request) {
		if !jobs.TryGo(work) { // never waits
			http.Error(w, "busy, try again", http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	})
	return &http.Server{Handler: mux}
}

// serve serves until ctx is done. It returns when every accepted job has ended, or 30 s
// later with an error.
func serve(ctx context.Context, server *http.Server, l net.Listener, jobs *lfpool.Pool) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return errors.Join(server.Shutdown(patience), jobs.Drain(patience))
}

// A server that accepts jobs, refuses them with 503 when it has too many, survives
// their panics, and does all that it has accepted before it ends. In a program, ctx
// comes from signal.NotifyContext, with SIGTERM.
func Example_server() {
	jobs := lfpool.New(lfpool.WithLimit(1), lfpool.WithBacklog(1), lfpool.WithPanicHandler(logPanic))
	release, done := make(chan struct{}), new(atomic.Int64)
	server := newServer(jobs, func() { <-release; done.Add(1) })
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ended := make(chan error)
	go func() { ended <- serve(ctx, server, l, jobs) }()

	for range 3 { // one runs, one waits, one is refused
		answer, err := http.Post("http://"+l.Addr().String()+"/jobs", "", strings.NewReader(""))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(answer.Status)
		_ = answer.Body.Close()
	}
	stop() // SIGTERM
	close(release)
	fmt.Println(<-ended, done.Load())
	// Output:
	// 202 Accepted
	// 202 Accepted
	// 503 Service Unavailable
	// <nil> 2
}

// The limit, the refusal and the shutdown of README.md.
func Example_limit() {
	work := func() {}
	mux, server, ctx := http.NewServeMux(), new(http.Server), context.Background()
	jobs := lfpool.New(lfpool.WithLimit(8), lfpool.WithBacklog(100), lfpool.WithPanicHandler(logPanic))
	mux.HandleFunc("/jobs", func(w http.ResponseWriter, r *http.Request) {
		if !jobs.TryGo(work) {
			http.Error(w, "busy, try again", http.StatusServiceUnavailable)
		}
	})
	err := errors.Join(server.Shutdown(ctx), jobs.Drain(ctx))
	fmt.Println(err)
	// Output: <nil>
}

// Several things at once; the first error ends the others.
func Example_fanOut() {
	fetch := func(ctx context.Context, url string) error {
		if url == "bad" {
			return errors.New("no such host")
		}
		return nil
	}
	group, ctx := lfpool.WithContext(context.Background())
	for _, url := range []string{"a", "b", "bad"} {
		group.Go(func() error { return fetch(ctx, url) })
	}
	err := group.Wait()
	fmt.Println(err, ctx.Err())
	// Output: no such host context canceled
}

// A limit for each tenant in a pool that all share: one tenant's jobs cannot take
// every worker.
func Example_perTenant() {
	shared := pool.New(pool.WithLimit(8))
	tenants := map[string]*lfpool.Group{}
	for _, name := range []string{"red", "blue"} {
		tenants[name] = lfpool.NewGroup(shared)
		tenants[name].SetLimit(2)
	}
	release := make(chan struct{})
	job := func() error { <-release; return nil }
	for range 3 {
		fmt.Print(tenants["red"].TryGo(job), " ") // the third is refused
	}
	fmt.Println(tenants["blue"].TryGo(job))
	close(release)
	for _, tenant := range tenants {
		_ = tenant.Wait() // no job returns an error
	}
	// Output: true true false true
}

// A goroutine per item, at most ten at a time, and then wait for all.
func Example_wait() {
	items := []int{1, 2, 3, 4}
	limited := pool.New(pool.WithLimit(10))
	var all sync.WaitGroup
	var sum atomic.Int64
	for _, item := range items {
		all.Add(1)
		limited.Go(func() {
			defer all.Done()
			sum.Add(int64(item))
		})
	}
	all.Wait()
	fmt.Println(sum.Load())
	// Output: 10
}
