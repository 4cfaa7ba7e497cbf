package lfpool_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/lfpool/lfpool"
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
