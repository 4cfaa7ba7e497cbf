package lfpool_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"time"

	"github.com/lfpool/lfpool"
)

// handler answers at once when the pool sheds load, and says when to come again.
func handler(jobs *lfpool.Pool, work func()) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx := context.WithoutCancel(r.Context()) // the work outlives the request
		err := jobs.GoContext(ctx, func(context.Context) { work() })
		var o *lfpool.OverloadError
		if errors.As(err, &o) {
			w.Header().Set("Retry-After", strconv.Itoa(1+int(o.Delay.Seconds())))
			http.Error(w, o.Error(), http.StatusServiceUnavailable)
		}
	}
}

// A server that lets callers wait as long as waiting helps, and then refuses them.
func Example_overload() {
	jobs := lfpool.New(lfpool.WithLimit(8), lfpool.WithBacklog(0), lfpool.WithShedding(lfpool.Shedding{Target: 20 * time.Millisecond}))
	serve := handler(jobs, func() { time.Sleep(10 * time.Millisecond) })
	codes := make(chan int)
	for range 1000 { // at once: 1.25 s of work for eight workers
		go func() {
			answer := httptest.NewRecorder()
			serve(answer, httptest.NewRequest(http.MethodPost, "/jobs", nil))
			codes <- answer.Code
		}()
	}
	got := map[int]int{}
	for range 1000 {
		got[<-codes]++
	}
	fmt.Println(got[http.StatusOK] > 8, got[http.StatusServiceUnavailable] > 500)
	// Output: true true
}
